//! The low-pass of a voice, for both channels, and how its cut-off glides.

use super::BLOCK;
use crate::dsp::one_pole::low_pass;
use crate::dsp::ramp::Ramp;

/// The frames after which a gliding filter is looked at again.
const FILTER_STEP: usize = 32;

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
        let [left, right] = room;
        *left = *signals[0];
        if std::ptr::eq(signals[0], signals[1]) {
            self.run(left, None);
            return [left, left];
        }
        *right = *signals[1];
        self.run(left, Some(right));
        [left, right]
    }

    pub(super) fn run(&mut self, left: &mut [f32], right: Option<&mut [f32]>) {
        let [state_left, state_right] = &mut self.state;
        let step = if self.share.is_steady() { BLOCK } else { FILTER_STEP };
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
