//! Ducking rules at work: from a trigger bus's signal to how far each target has come, sample by sample.
//!
//! A target's amount moves evenly between 0 and 1, and its reduction is its depth times the amount bent by its
//! curve; with the straight curve the gain is a straight line in decibels: `attack` from nothing to the full
//! depth, `hold` after the last trigger, `release` back to nothing.

use super::BLOCK;
use crate::effects::Course;
use std::ops::Range;

/// What sets a rule off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Trigger {
    /// A sample of either channel reaches `on`; the rule stays set off while samples reach `off`. Linear levels.
    Level {
        /// What opens the rule.
        on: f32,
        /// What keeps it open; not above `on`.
        off: f32,
    },
    /// A voice sounds on the trigger bus or below it.
    Activity,
}

/// What of a bus steps back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ducked {
    /// The bus's output.
    Gain,
    /// The voices on it, before their sends.
    Voices,
    /// What lies between two frequencies in Hz.
    Band(f32, f32),
}

/// One target of a rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TargetSpec {
    /// The bus.
    pub bus: u16,
    /// What of it steps back.
    pub what: Ducked,
    /// How far, in dB.
    pub depth: f32,
    /// Frames from no reduction to the full depth.
    pub attack_frames: u32,
    /// Frames the reduction stays after the last trigger.
    pub hold_frames: u32,
    /// Frames from the full depth back to none.
    pub release_frames: u32,
    /// The way there.
    pub curve: Course,
}

/// What becomes of several rules on one target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Combine {
    /// The deepest of these at each frame.
    Deepest,
    /// The sum of these, at most so many dB.
    Sum(f32),
}

/// One ducking rule.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleSpec {
    /// The bus listened to.
    pub trigger: u16,
    /// What sets the rule off.
    pub trigger_by: Trigger,
    /// Buses that step back.
    pub targets: Vec<TargetSpec>,
    /// Beside other rules on the same target.
    pub combine: Combine,
    /// The old graph's rule that this one continues.
    pub inherits: Option<u16>,
}

/// A value over one block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Over {
    /// The same for every frame.
    Flat(f32),
    /// As in a curve beside it.
    Curve,
}

/// The frames in which a trigger is on.
enum On {
    Never,
    Always,
    Some([bool; BLOCK]),
}

/// How far one target of a rule has come.
pub(super) struct Follower {
    spec: TargetSpec,
    amount: f32,
    hold_left: u32,
    /// The bent amounts of the last block, if they differ.
    curve: [f32; BLOCK],
    over: Over,
}

impl Follower {
    fn new(spec: TargetSpec) -> Self {
        Self { spec, amount: 0.0, hold_left: 0, curve: [0.0; BLOCK], over: Over::Flat(0.0) }
    }

    /// The reduction at the block's end, in dB.
    pub(super) fn reduction_db(&self) -> f32 {
        self.spec.depth * self.spec.curve.bend(self.amount)
    }

    /// The reduction over the block, in dB: `combine(old, new)` into each frame of `into`.
    pub(super) fn add_to(&self, into: &mut [f32; BLOCK], combine: impl Fn(f32, f32) -> f32) {
        let depth = self.spec.depth;
        match self.over {
            Over::Flat(bent) => into.iter_mut().for_each(|into| *into = combine(*into, depth * bent)),
            Over::Curve => {
                into.iter_mut()
                    .zip(&self.curve)
                    .for_each(|(into, bent)| *into = combine(*into, depth * bent));
            }
        }
    }

    pub(super) fn is_flat(&self) -> bool {
        self.over != Over::Curve
    }

    fn advance(&mut self, on: &On, asleep: bool) {
        let Self { spec, amount, hold_left, .. } = self;
        let hold = spec.hold_frames + 1;
        if asleep && !matches!(on, On::Never) {
            // Nobody hears the target: it is down before it begins, and its first note does not slip through.
            (*amount, *hold_left) = (1.0, hold);
        }
        match on {
            On::Never if *hold_left == 0 && *amount == 0.0 => return self.over = Over::Flat(0.0),
            On::Always if *amount == 1.0 => {
                *hold_left = hold - 1;
                return self.over = Over::Flat(1.0);
            }
            _ => {}
        }
        let start = spec.curve.bend(*amount);
        let up = 1.0 / spec.attack_frames.max(1) as f32;
        let down = 1.0 / spec.release_frames.max(1) as f32;
        for (frame, value) in self.curve.iter_mut().enumerate() {
            let triggered = match on {
                On::Never => false,
                On::Always => true,
                On::Some(frames) => frames[frame],
            };
            if triggered {
                *hold_left = hold;
            }
            *amount = if *hold_left > 0 {
                *hold_left -= 1;
                (*amount + up).min(1.0)
            } else {
                (*amount - down).max(0.0)
            };
            *value = spec.curve.bend(*amount);
        }
        let flat = self.curve.iter().all(|&value| value == start);
        self.over = if flat { Over::Flat(start) } else { Over::Curve };
    }
}

/// A rule at work.
pub(super) struct Ducker {
    spec: RuleSpec,
    /// The number of its first target, counted through all rules.
    first: usize,
    /// Whether a level trigger has been reached and not yet been lost for longer than a hold.
    open: bool,
    /// Frames since the level that keeps it open was last reached.
    quiet: u32,
    followers: Vec<Follower>,
}

impl Ducker {
    /// `first` is how many targets the rules before it have.
    pub(super) fn new(spec: RuleSpec, first: usize) -> Self {
        let followers = spec.targets.iter().copied().map(Follower::new).collect();
        Self { spec, first, open: false, quiet: 0, followers }
    }

    pub(super) fn spec(&self) -> &RuleSpec {
        &self.spec
    }

    /// One target's state.
    pub(super) fn follower(&self, target: u16) -> Option<&Follower> {
        self.followers.get(usize::from(target))
    }

    /// Every target's number, counted through all rules, and how far it steps back at the block's end, in dB.
    pub(super) fn reductions(&self) -> impl Iterator<Item = (usize, f32)> {
        let reduction = |(index, follower): (usize, &Follower)| (self.first + index, follower.reduction_db());
        self.followers.iter().enumerate().map(reduction)
    }

    /// Goes on from where another version of the same rule was.
    pub(super) fn take_over(&mut self, old: &Self, moved: &impl Fn(u16) -> Option<u16>) {
        (self.open, self.quiet) = (old.open, old.quiet);
        for follower in &mut self.followers {
            let same = |old: &&Follower| {
                moved(old.spec.bus) == Some(follower.spec.bus) && old.spec.what == follower.spec.what
            };
            if let Some(old) = old.followers.iter().find(same) {
                follower.amount = old.amount;
                follower.hold_left = old.hold_left.min(follower.spec.hold_frames);
            }
        }
    }

    /// How far the rule has come at the block's end, at the target that has come farthest.
    pub(super) fn amount(&self) -> f32 {
        self.followers.iter().map(|follower| follower.amount).fold(0.0, f32::max)
    }

    /// Follows the trigger bus's output through one block. `active` is the range of frames in which a voice
    /// sounds there; `asleep` tells of a target bus whether it has been silent.
    pub(super) fn follow(
        &mut self,
        left: &[f32; BLOCK],
        right: &[f32; BLOCK],
        active: Range<usize>,
        asleep: impl Fn(u16) -> bool,
    ) {
        let on = match self.spec.trigger_by {
            Trigger::Activity if active.is_empty() => On::Never,
            Trigger::Activity if active == (0..BLOCK) => On::Always,
            Trigger::Activity => On::Some(std::array::from_fn(|frame| active.contains(&frame))),
            Trigger::Level { on, off } => self.reached(left, right, on, off),
        };
        for follower in &mut self.followers {
            follower.advance(&on, asleep(follower.spec.bus));
        }
    }

    /// The frames that keep a level trigger on. It is lost when no sample has reached `off` for as long as the
    /// rule's longest hold.
    fn reached(&mut self, left: &[f32; BLOCK], right: &[f32; BLOCK], on: f32, off: f32) -> On {
        let level = |frame: usize| left[frame].abs().max(right[frame].abs());
        let peak = left.iter().chain(right).fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        let longest = self.followers.iter().map(|follower| follower.spec.hold_frames).max().unwrap_or(0);
        let patience = longest.max(1);
        if peak < off || (!self.open && peak < on) {
            self.quiet = self.quiet.saturating_add(BLOCK as u32);
            self.open &= self.quiet <= patience;
            return On::Never;
        }
        let mut frames = [false; BLOCK];
        for (frame, triggered) in frames.iter_mut().enumerate() {
            let level = level(frame);
            *triggered = level >= on || (self.open && level >= off);
            if *triggered {
                (self.open, self.quiet) = (true, 0);
            } else {
                self.quiet = self.quiet.saturating_add(1);
                self.open &= self.quiet <= patience;
            }
        }
        if frames.iter().all(|&on| on) { On::Always } else { On::Some(frames) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: TargetSpec = TargetSpec {
        bus: 0,
        what: Ducked::Gain,
        depth: 1.0,
        attack_frames: 480,
        hold_frames: 240,
        release_frames: 960,
        curve: Course::Linear,
    };

    /// Runs a rule against a trigger whose level each frame is given; gives the reduction of every frame.
    fn run(trigger_by: Trigger, target: TargetSpec, asleep: bool, level: impl Fn(usize) -> f32) -> Vec<f32> {
        let spec = RuleSpec {
            trigger: 0,
            trigger_by,
            targets: vec![target],
            combine: Combine::Deepest,
            inherits: None,
        };
        let mut ducker = Ducker::new(spec, 0);
        let mut amounts = Vec::new();
        for block in 0..30 {
            let left = std::array::from_fn(|frame| level(block * BLOCK + frame));
            let first = (0..BLOCK).find(|&f| left[f] > 0.0).unwrap_or(0);
            let last = (0..BLOCK).rfind(|&f| left[f] > 0.0).map_or(0, |f| f + 1);
            ducker.follow(&left, &[0.0; BLOCK], first..last, |_| asleep);
            let mut values = [0.0; BLOCK];
            ducker.followers[0].add_to(&mut values, f32::max);
            amounts.extend(values);
        }
        amounts
    }

    fn burst(frame: usize) -> f32 {
        if (100..1100).contains(&frame) { 0.5 } else { 0.0 }
    }

    #[test]
    fn attack_hold_and_release_take_their_frames_exactly() {
        for trigger in [Trigger::Activity, Trigger::Level { on: 0.4, off: 0.3 }] {
            let amounts = run(trigger, TARGET, false, burst);
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
        let amounts = run(Trigger::Level { on: 0.6, off: 0.4 }, TARGET, false, burst);
        assert!(amounts.iter().all(|&amount| amount == 0.0));
    }

    #[test]
    fn what_opened_the_rule_may_fall_as_far_as_the_hysteresis_before_it_lets_go() {
        let fading = |frame: usize| [0.0, 0.5, 0.35, 0.2][(frame / 1000).min(3)];
        let amounts = run(Trigger::Level { on: 0.4, off: 0.3 }, TARGET, false, fading);
        assert_eq!(amounts[2999], 1.0, "still above what keeps it open");
        assert!(amounts[2999 + 240] == 1.0 && amounts[2999 + 242] < 1.0, "and held from there");
        let strict = run(Trigger::Level { on: 0.4, off: 0.4 }, TARGET, false, fading);
        assert!(strict[1999 + 242] < 1.0, "without hysteresis it lets go at the level");
    }

    #[test]
    fn a_target_that_was_silent_is_down_before_it_begins() {
        let amounts = run(Trigger::Activity, TARGET, true, burst);
        assert!(amounts[..BLOCK].iter().all(|&amount| amount == 1.0));
    }

    #[test]
    fn curves_bend_the_way_and_not_its_ends() {
        for (curve, half) in [(Course::Smooth, 0.5), (Course::Fast, 0.75), (Course::Slow, 0.25)] {
            let amounts = run(Trigger::Activity, TargetSpec { curve, ..TARGET }, false, burst);
            assert!((amounts[100 + 239] - half).abs() < 1e-3, "{curve:?}: {}", amounts[100 + 239]);
            assert_eq!(amounts[100 + 480], 1.0);
        }
    }
}
