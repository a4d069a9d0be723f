//! How far the voices on a bus are let through, into it and into their sends: mute, solo, and the ducking of voices.

use super::BLOCK;
use super::graph::Gates;
use crate::dsp::ramp::Ramp;

/// What the voices on a bus are multiplied with over a block, from its beginning to its end: straight lines.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct VoiceScale {
    /// Into the bus.
    pub(super) direct: [f32; 2],
    /// Into sends.
    pub(super) sends: [f32; 2],
}

impl VoiceScale {
    pub(super) const UNITY: Self = Self { direct: [1.0; 2], sends: [1.0; 2] };
}

/// How far the voices on a bus are let through.
#[derive(Debug, Clone, Copy)]
pub(super) struct VoiceGates {
    pub(super) direct: Ramp,
    pub(super) sends: Ramp,
    /// Ducking of voices, linear, at the end of the block before.
    ducked: f32,
    scale: VoiceScale,
}

impl VoiceGates {
    pub(super) fn new(gates: Gates) -> Self {
        let open = |open: bool| f32::from(u8::from(open));
        let (direct, sends) = (open(gates.voices), open(gates.voice_sends));
        Self {
            direct: Ramp::new(direct),
            sends: Ramp::new(sends),
            ducked: 1.0,
            scale: VoiceScale { direct: [direct; 2], sends: [sends; 2] },
        }
    }

    /// Whether voices are left as they are over the block that begins.
    pub(super) fn is_plain(&self) -> bool {
        self.scale == VoiceScale::UNITY
    }

    /// The scale over the block that begins.
    pub(super) fn scale(&self) -> VoiceScale {
        self.scale
    }

    /// Whether nothing moves: the next block is as this one.
    pub(super) fn rests(&self) -> bool {
        let flat = self.scale.direct[0] == self.scale.direct[1] && self.scale.sends[0] == self.scale.sends[1];
        flat && self.ducked == 1.0 && self.direct.is_steady() && self.sends.is_steady()
    }

    /// Moves on to the next block, in which voices are ducked to `ducked`.
    pub(super) fn advance(&mut self, ducked: f32) {
        let before = (self.direct.current() * self.ducked, self.sends.current() * self.ducked);
        self.direct.skip(BLOCK as u32);
        self.sends.skip(BLOCK as u32);
        self.ducked = ducked;
        let after = (self.direct.current() * ducked, self.sends.current() * ducked);
        self.scale = VoiceScale { direct: [before.0, after.0], sends: [before.1, after.1] };
    }

    pub(super) fn set(&mut self, gates: Gates, glide: u32) {
        self.direct.set(f32::from(u8::from(gates.voices)), glide);
        self.sends.set(f32::from(u8::from(gates.voice_sends)), glide);
    }
}
