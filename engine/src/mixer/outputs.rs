//! Where a voice's signal goes: its bus, pan and sends, each by its own gliding gain.

use super::bus::Buffer;
use crate::dsp::BLOCK;
use crate::dsp::ramp::Ramp;
use crate::link::{MAX_SENDS, SendGain, VoiceMix};
use std::ops::Range;

/// Sends in use at once: those wanted, and as many that are gliding out.
const SEND_SLOTS: usize = 2 * MAX_SENDS;

pub(super) struct Outputs {
    bus: u16,
    /// The bus to move to over the next block.
    next: Option<u16>,
    left: Ramp,
    right: Ramp,
    sends: [(u16, Ramp); SEND_SLOTS],
}

impl Outputs {
    pub(super) fn new() -> Self {
        let silent = Ramp::new(0.0);
        Self { bus: 0, next: None, left: silent, right: silent, sends: [(0, silent); SEND_SLOTS] }
    }

    /// Begins anew on a bus, with nothing sent anywhere.
    pub(super) fn start(&mut self, bus: u16) {
        *self = Self { bus, ..Self::new() };
    }

    /// Glides to other gains. A send keeps its slot while it is heard; one that is no longer wanted glides out.
    pub(super) fn set(&mut self, mix: &VoiceMix, glide: u32) {
        self.left.set(mix.left, glide);
        self.right.set(mix.right, glide);
        for (bus, ramp) in &mut self.sends {
            let wanted = mix.sends.iter().find(|send| send.gain > 0.0 && send.bus == *bus);
            ramp.set(wanted.map_or(0.0, |send| send.gain), glide);
        }
        for send in mix.sends.iter().filter(|send| send.gain > 0.0) {
            self.open(send, glide);
        }
    }

    fn open(&mut self, send: &SendGain, glide: u32) {
        let sends = &mut self.sends;
        if sends.iter().any(|(bus, ramp)| *bus == send.bus && ramp.target() > 0.0) {
            return;
        }
        if let Some((bus, ramp)) =
            sends.iter_mut().find(|(_, ramp)| ramp.is_steady() && ramp.current() == 0.0)
        {
            *bus = send.bus;
            ramp.set(send.gain, glide);
        }
    }

    /// Moves to another bus over the next block that sounds.
    pub(super) fn route(&mut self, bus: u16) {
        self.next = (bus != self.bus).then_some(bus);
    }

    /// Follows its buses into a new graph; says whether its own has a successor.
    pub(super) fn follow(&mut self, successor: impl Fn(u16) -> Option<u16>) -> bool {
        let bus = successor(self.bus);
        self.bus = bus.unwrap_or(0);
        self.next = self.next.and_then(&successor);
        for (bus, ramp) in &mut self.sends {
            match successor(*bus) {
                Some(new) => *bus = new,
                None => ramp.jump(0.0),
            }
        }
        bus.is_some()
    }

    /// Ends a block in which the voice sounded in these frames.
    pub(super) fn end_block(&mut self, frames: Range<usize>, buffers: &mut [Buffer]) {
        if frames.is_empty() {
            return;
        }
        if let Some(next) = self.next.take() {
            self.bus = next;
        }
        if let Some(buffer) = buffers.get_mut(usize::from(self.bus)) {
            buffer.mark_active(&frames);
            buffer.voices = buffer.voices.saturating_add(1);
        }
    }

    /// Adds a stretch of signal to the bus and the sends.
    pub(super) fn emit(
        &mut self,
        range: &Range<usize>,
        left: &[f32],
        right: Option<&[f32]>,
        buffers: &mut [Buffer],
        gains: &mut [f32; BLOCK],
    ) {
        let right = right.unwrap_or(left);
        for (bus, send) in &mut self.sends {
            if send.is_steady() && send.current() == 0.0 {
                continue;
            }
            let gains = &mut gains[..range.len()];
            send.fill(gains);
            if let Some(buffer) = buffers.get_mut(usize::from(*bus)) {
                buffer.fed = true;
                add_ramped(&mut buffer.left[range.clone()], left, gains);
                add_ramped(&mut buffer.right[range.clone()], right, gains);
            }
        }
        let moving = self.next.is_some();
        for (side, source, ramp) in [(0, left, &mut self.left), (1, right, &mut self.right)] {
            if !moving && ramp.is_steady() {
                let gain = ramp.current();
                if gain != 0.0
                    && let Some(out) = side_of(buffers, self.bus, side)
                {
                    add_scaled(&mut out[range.clone()], source, gain);
                }
                continue;
            }
            let gains = &mut gains[..range.len()];
            ramp.fill(gains);
            if let Some(next) = self.next {
                // Over one block the voice leaves one bus and enters the other; together they stay whole.
                let mut entering = [0.0; BLOCK];
                for ((frame, gain), entering) in range.clone().zip(gains.iter_mut()).zip(&mut entering) {
                    *entering = *gain * (frame + 1) as f32 / BLOCK as f32;
                    *gain -= *entering;
                }
                if let Some(out) = side_of(buffers, next, side) {
                    add_ramped(&mut out[range.clone()], source, &entering[..range.len()]);
                }
            }
            if let Some(out) = side_of(buffers, self.bus, side) {
                add_ramped(&mut out[range.clone()], source, gains);
            }
        }
    }
}

/// One channel of a bus, marked as fed.
fn side_of(buffers: &mut [Buffer], bus: u16, side: usize) -> Option<&mut [f32; BLOCK]> {
    let buffer = buffers.get_mut(usize::from(bus))?;
    buffer.fed = true;
    Some(if side == 0 { &mut buffer.left } else { &mut buffer.right })
}

pub(super) fn scale(signal: &mut [f32], gains: &[f32]) {
    for (sample, gain) in signal.iter_mut().zip(gains) {
        *sample *= gain;
    }
}

fn add_scaled(out: &mut [f32], source: &[f32], gain: f32) {
    for (out, source) in out.iter_mut().zip(source) {
        *out += source * gain;
    }
}

fn add_ramped(out: &mut [f32], source: &[f32], gains: &[f32]) {
    for ((out, source), gain) in out.iter_mut().zip(source).zip(gains) {
        *out += source * gain;
    }
}
