//! The low-pass of a voice, for both channels, and how its cut-off glides.

use super::BLOCK;
use crate::dsp::one_pole::{low_pass, low_pass_into};
use crate::dsp::ramp::Ramp;

/// The frames after which a gliding filter is looked at again.
const FILTER_STEP: usize = 32;

const _: () = assert!(BLOCK.is_multiple_of(FILTER_STEP));

/// The low-pass of a voice.
pub(super) struct Filter {
    pub(super) share: Ramp,
    state: [f32; 2],
}

impl Filter {
    pub(super) fn new() -> Self {
        Self { share: Ramp::new(1.0), state: [0.0; 2] }
    }

    pub(super) fn is_open(&self) -> bool {
        self.share.is_steady() && self.share.current() == 1.0
    }

    /// Notes what passed an open filter, where it would go on from.
    pub(super) fn pass(&mut self, signals: [&[f32]; 2]) {
        self.state = signals.map(|signal| signal.last().copied().unwrap_or(0.0));
    }

    /// A whole block, filtered into `room`; a mono one stays one.
    pub(super) fn block<'a>(
        &mut self,
        signals: [&[f32; BLOCK]; 2],
        room: &'a mut [[f32; BLOCK]; 2],
    ) -> [&'a [f32; BLOCK]; 2] {
        let mono = std::ptr::eq(signals[0], signals[1]);
        let step = self.step();
        for at in (0..BLOCK).step_by(step) {
            self.share.skip(step as u32);
            let share = self.share.current();
            for ((out, signal), state) in
                room.iter_mut().zip(signals).zip(&mut self.state).take(if mono { 1 } else { 2 })
            {
                low_pass_into(&mut out[at..at + step], &signal[at..at + step], share, state);
            }
        }
        let [left, right] = room;
        [left, if mono { left } else { right }]
    }

    /// The frames over which the cut-off stays as it is.
    fn step(&self) -> usize {
        if self.share.is_steady() { BLOCK } else { FILTER_STEP }
    }

    pub(super) fn run(&mut self, left: &mut [f32], right: Option<&mut [f32]>) {
        let step = self.step();
        let [state_left, state_right] = &mut self.state;
        let mut rights = right.map(|right| right.chunks_mut(step));
        for left in left.chunks_mut(step) {
            self.share.skip(left.len() as u32);
            let share = self.share.current();
            low_pass(left, share, state_left);
            if let Some(right) = rights.as_mut().and_then(Iterator::next) {
                low_pass(right, share, state_right);
            }
        }
    }
}
