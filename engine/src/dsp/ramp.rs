//! A straight line from one value to another, sample by sample.
//!
//! Lives here: [`Ramp`]. May be named here: nothing. Runs on the audio thread.

/// A value that moves to its target in equal steps and lands on it exactly.
///
/// The value is a function of the frames left, so single steps and whole blocks give the same bits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ramp {
    target: f32,
    step: f32,
    left: u32,
}

impl Ramp {
    /// A ramp that rests at `value`.
    pub fn new(value: f32) -> Self {
        Self { target: value, step: 0.0, left: 0 }
    }

    /// Starts towards `target`, there after `frames` more frames; zero frames jump. The target it already
    /// heads for changes nothing.
    pub fn set(&mut self, target: f32, frames: u32) {
        if frames == 0 {
            self.jump(target);
        } else if target != self.target {
            self.step = (target - self.current()) / frames as f32;
            self.target = target;
            self.left = frames;
        }
    }

    /// Rests at `value` from now on.
    pub fn jump(&mut self, value: f32) {
        *self = Self::new(value);
    }

    /// Moves on by one frame and gives the value there.
    #[expect(clippy::should_implement_trait, reason = "a ramp never ends, so it is no iterator")]
    pub fn next(&mut self) -> f32 {
        self.left = self.left.saturating_sub(1);
        self.current()
    }

    /// The value of the last frame given.
    pub fn current(&self) -> f32 {
        self.target - self.step * self.left as f32
    }

    /// Where it heads.
    pub fn target(&self) -> f32 {
        self.target
    }

    /// Whether it rests at its target.
    pub fn is_steady(&self) -> bool {
        self.left == 0
    }

    /// Frames until it rests.
    pub fn remaining(&self) -> u32 {
        self.left
    }

    /// Moves on by `frames` frames at once.
    pub fn skip(&mut self, frames: u32) {
        self.left = self.left.saturating_sub(frames);
    }

    /// Writes the next `out.len()` values, the same as that many calls of [`Ramp::next`].
    pub fn fill(&mut self, out: &mut [f32]) {
        let moving = (self.left as usize).min(out.len());
        let (slope, rest) = out.split_at_mut(moving);
        for (i, value) in slope.iter_mut().enumerate() {
            *value = self.target - self.step * (self.left - 1 - i as u32) as f32;
        }
        rest.fill(self.target);
        self.left -= moving as u32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_lands_exactly_and_stays() {
        let mut ramp = Ramp::new(0.1);
        ramp.set(0.7, 480);
        let values: Vec<f32> = (0..600).map(|_| ramp.next()).collect();
        assert!(values[478] < 0.7);
        assert!(values[479..].iter().all(|v| *v == 0.7));
        assert!((values[239] - 0.4).abs() < 1e-5);
        assert!(ramp.is_steady());
    }

    #[test]
    fn blocks_and_single_steps_agree_bit_for_bit() {
        let (mut one, mut many) = (Ramp::new(-1.0), Ramp::new(-1.0));
        one.set(3.3, 777);
        many.set(3.3, 777);
        let mut block = [0.0; 100];
        for _ in 0..10 {
            many.fill(&mut block);
            assert!(block.iter().all(|v| v.to_bits() == one.next().to_bits()));
        }
    }

    #[test]
    fn a_new_target_starts_where_it_stands() {
        let mut ramp = Ramp::new(0.0);
        ramp.set(1.0, 100);
        (0..50).for_each(|_| _ = ramp.next());
        ramp.set(0.0, 50);
        assert!((ramp.next() - 0.49).abs() < 1e-6);
        ramp.set(5.0, 0);
        assert_eq!(ramp.current(), 5.0);
    }
}
