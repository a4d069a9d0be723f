//! One ducking rule at work: from a trigger bus's signal to how far the rule has come, sample by sample.
//!
//! The rule's amount moves evenly between 0 and 1, and a target's reduction is its depth times the amount, so
//! the gain is a straight line in decibels: `attack` from nothing to the full depth, `hold` after the last
//! trigger, `release` back to nothing.

use super::graph::RuleSpec;
use crate::dsp::BLOCK;

/// What sets a rule off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Trigger {
    /// A sample of either channel reaches this linear level.
    Level(f32),
    /// A voice sounds on the trigger bus or below it.
    Activity,
}

/// The rule's amount over one block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Amount {
    /// The same for every frame.
    Flat(f32),
    /// As in [`Ducker::curve`].
    Curve,
}

pub(super) struct Ducker {
    spec: RuleSpec,
    amount: f32,
    hold_left: u32,
    curve: [f32; BLOCK],
    shape: Amount,
}

impl Ducker {
    pub(super) fn new(spec: RuleSpec) -> Self {
        Self { spec, amount: 0.0, hold_left: 0, curve: [0.0; BLOCK], shape: Amount::Flat(0.0) }
    }

    pub(super) fn spec(&self) -> &RuleSpec {
        &self.spec
    }

    /// Goes on from where another version of the same rule was.
    pub(super) fn take_over(&mut self, old: &Self) {
        self.amount = old.amount;
        self.hold_left = old.hold_left.min(self.spec.hold_frames);
    }

    /// How far the rule has come at the block's end.
    pub(super) fn amount(&self) -> f32 {
        self.amount
    }

    pub(super) fn shape(&self) -> Amount {
        self.shape
    }

    pub(super) fn curve(&self) -> &[f32; BLOCK] {
        &self.curve
    }

    /// Follows the trigger bus's output through one block. `active` is the range of frames in which a voice
    /// sounds there.
    pub(super) fn follow(
        &mut self,
        left: &[f32; BLOCK],
        right: &[f32; BLOCK],
        active: std::ops::Range<usize>,
    ) {
        match self.spec.trigger_by {
            Trigger::Activity => self.advance(|frame| active.contains(&frame), active.is_empty()),
            Trigger::Level(level) => {
                let loud = |frame: usize| left[frame].abs().max(right[frame].abs()) >= level;
                let quiet = !(0..BLOCK).any(loud);
                self.advance(loud, quiet);
            }
        }
    }

    fn advance(&mut self, triggered: impl Fn(usize) -> bool, never: bool) {
        if never && self.hold_left == 0 && self.amount == 0.0 {
            self.shape = Amount::Flat(0.0);
            return;
        }
        let start = self.amount;
        let up = 1.0 / self.spec.attack_frames.max(1) as f32;
        let down = 1.0 / self.spec.release_frames.max(1) as f32;
        for (frame, value) in self.curve.iter_mut().enumerate() {
            if triggered(frame) {
                self.hold_left = self.spec.hold_frames + 1;
            }
            self.amount = if self.hold_left > 0 {
                self.hold_left -= 1;
                (self.amount + up).min(1.0)
            } else {
                (self.amount - down).max(0.0)
            };
            *value = self.amount;
        }
        let flat = start == self.amount && self.curve.iter().all(|&value| value == start);
        self.shape = if flat { Amount::Flat(start) } else { Amount::Curve };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a rule against a trigger that is on from frame 100 to 1099; gives the amount of every frame.
    fn run(trigger_by: Trigger, hold_frames: u32) -> Vec<f32> {
        let spec = RuleSpec {
            trigger: 0,
            trigger_by,
            targets: Vec::new(),
            attack_frames: 480,
            hold_frames,
            release_frames: 960,
            inherits: None,
        };
        let mut ducker = Ducker::new(spec);
        let mut amounts = Vec::new();
        for block in 0..30 {
            let on = |frame: usize| (100..1100).contains(&(block * BLOCK + frame));
            let left = std::array::from_fn(|frame| if on(frame) { 0.5 } else { 0.0 });
            let first = (0..BLOCK).find(|&f| on(f)).unwrap_or(0);
            let last = (0..BLOCK).rfind(|&f| on(f)).map_or(0, |f| f + 1);
            ducker.follow(&left, &[0.0; BLOCK], first..last);
            match ducker.shape() {
                Amount::Flat(value) => amounts.extend([value; BLOCK]),
                Amount::Curve => amounts.extend(ducker.curve()),
            }
        }
        amounts
    }

    #[test]
    fn attack_hold_and_release_take_their_frames_exactly() {
        for trigger in [Trigger::Activity, Trigger::Level(0.4)] {
            let amounts = run(trigger, 240);
            assert_eq!(amounts[99], 0.0);
            assert!((amounts[100 + 239] - 0.5).abs() < 1e-4, "half way up after half the attack");
            assert!(amounts[100 + 478] < 1.0 && amounts[100 + 480] == 1.0);
            assert_eq!(amounts[1099 + 240], 1.0, "held to the last frame");
            assert!(amounts[1099 + 241] < 1.0, "and released on the next");
            assert!((amounts[1099 + 240 + 480] - 0.5).abs() < 1e-4, "half way down after half the release");
            assert!(amounts[1099 + 240 + 958] > 0.0 && amounts[1099 + 240 + 961] == 0.0);
        }
    }

    #[test]
    fn a_signal_below_the_level_does_nothing() {
        assert!(run(Trigger::Level(0.6), 240).iter().all(|&amount| amount == 0.0));
    }
}
