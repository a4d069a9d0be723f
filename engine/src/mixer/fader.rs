//! A gain with two hands on it: the bank's or the game's, and the curves'.

use crate::dsp::ramp::Ramp;

/// A linear gain: what it is set to, times what curves make of it. Both glide.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fader {
    set: Ramp,
    steered: Ramp,
}

impl Fader {
    pub(super) fn new(gain: f32) -> Self {
        Self { set: Ramp::new(gain), steered: Ramp::new(1.0) }
    }

    /// Glides to another gain.
    pub(super) fn set(&mut self, gain: f32, glide: u32) {
        self.set.set(gain, glide);
    }

    /// Glides to what curves make of it, not before a glide that is under way would end.
    pub(super) fn steer(&mut self, factor: f32, glide: u32) {
        self.steered.set(factor, glide.max(self.steered.remaining()));
    }

    /// Goes on from where another one is: to this one's gain, and to what its own curves will say.
    pub(super) fn take_over(&mut self, old: &Self, glide: u32) {
        let gain = self.set.target();
        *self = *old;
        self.set.set(gain, glide);
        self.steered.set(1.0, glide);
    }

    /// Stands at another gain at once.
    pub(super) fn jump(&mut self, gain: f32) {
        self.set.jump(gain);
    }

    /// Is where it heads.
    pub(super) fn settle(&mut self) {
        self.set.jump(self.set.target());
        self.steered.jump(self.steered.target());
    }

    /// Where it is set to go.
    pub(super) fn target(&self) -> f32 {
        self.set.target()
    }

    /// The gain, if nothing moves.
    pub(super) fn steady(&self) -> Option<f32> {
        let rests = self.set.is_steady() && self.steered.is_steady();
        rests.then(|| self.set.current() * self.steered.current())
    }

    /// Writes the gains of the next frames.
    pub(super) fn fill(&mut self, out: &mut [f32]) {
        self.set.fill(out);
        if self.steered.is_steady() {
            let factor = self.steered.current();
            if factor != 1.0 {
                out.iter_mut().for_each(|gain| *gain *= factor);
            }
            return;
        }
        out.iter_mut().for_each(|gain| *gain *= self.steered.next());
    }
}
