//! What holds a bus down: the ducking rules on one thing of it, put together.

use super::duck::{Combine, Ducked, Ducker};
use crate::dsp::BLOCK;
use crate::dsp::band_gain::BandGain;
use crate::dsp::ramp::Ramp;

/// One rule's part: which of the rule's targets, and how it goes with others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) rule: u16,
    pub(super) target: u16,
    pub(super) combine: Combine,
}

/// All rules on one thing of a bus.
pub(super) struct Hold {
    pub(super) what: Ducked,
    pub(super) members: Vec<Member>,
    /// What a reload's other rules would change at once, in dB, on its way to nothing.
    offset: Ramp,
    filter: Option<BandGain>,
    /// The depth over the last block, where it moved.
    curve: [f32; BLOCK],
}

/// A hold's depth over one block, in dB.
pub(super) enum Depth<'a> {
    Flat(f32),
    Curve(&'a [f32; BLOCK]),
}

impl Hold {
    pub(super) fn new(what: Ducked, sample_rate: u32) -> Self {
        let filter = match what {
            Ducked::Band(low, high) => Some(BandGain::new(low, high, sample_rate)),
            Ducked::Gain | Ducked::Voices => None,
        };
        Self { what, members: Vec::new(), offset: Ramp::new(0.0), filter, curve: [0.0; BLOCK] }
    }

    /// Goes on from where the hold on the same thing was: what the new rules would change at once, they change
    /// in a glide.
    pub(super) fn take_over(&mut self, old: &mut Self, old_rules: &[Ducker], rules: &[Ducker], glide: u32) {
        let was = old.db(old_rules);
        self.offset = Ramp::new(0.0);
        self.offset = Ramp::new(was - self.db(rules));
        self.offset.set(0.0, glide);
        if let Some(filter) = old.filter.take() {
            self.filter = Some(filter);
        }
    }

    /// Begins in the middle of a sound, from nothing.
    pub(super) fn enter(&mut self, rules: &[Ducker], glide: u32) {
        self.offset = Ramp::new(0.0);
        self.offset = Ramp::new(-self.db(rules));
        self.offset.set(0.0, glide);
    }

    /// Moves on by a block of which only the end was asked for.
    pub(super) fn skip_block(&mut self) {
        self.offset.skip(BLOCK as u32);
    }

    /// Rests where it is, in silence.
    pub(super) fn settle(&mut self) {
        self.offset.jump(0.0);
        if let Some(filter) = &mut self.filter {
            filter.reset();
        }
    }

    /// The depth at the block's end.
    pub(super) fn db(&self, rules: &[Ducker]) -> f32 {
        let (mut deepest, mut sum, mut most) = (0.0_f32, 0.0_f32, 0.0_f32);
        for member in &self.members {
            let Some(follower) = rules[usize::from(member.rule)].follower(member.target) else { continue };
            match member.combine {
                Combine::Deepest => deepest = deepest.max(follower.reduction_db()),
                Combine::Sum(floor) => {
                    sum += follower.reduction_db();
                    most = most.max(floor);
                }
            }
        }
        deepest.max(sum.min(most)) + self.offset.current()
    }

    /// The depth over the block. Of the rules that ask for the deepest the deepest counts at each frame; those
    /// that add up do so down to the lowest of their floors; and of the two the deeper.
    pub(super) fn depth(&mut self, rules: &[Ducker]) -> Depth<'_> {
        let followers = |member: &Member| rules[usize::from(member.rule)].follower(member.target);
        let flat = self.members.iter().filter_map(followers).all(|follower| follower.is_flat());
        if flat && self.offset.is_steady() {
            return Depth::Flat(self.db(rules));
        }
        let deepest = &mut self.curve;
        deepest.fill(0.0);
        let mut sum = [0.0_f32; BLOCK];
        let mut most = 0.0_f32;
        for member in &self.members {
            let Some(follower) = followers(member) else { continue };
            match member.combine {
                Combine::Deepest => follower.add_to(deepest, f32::max),
                Combine::Sum(floor) => {
                    follower.add_to(&mut sum, |old, new| old + new);
                    most = most.max(floor);
                }
            }
        }
        let mut offset = [0.0; BLOCK];
        self.offset.fill(&mut offset);
        for ((depth, sum), offset) in deepest.iter_mut().zip(&sum).zip(&offset) {
            *depth = depth.max(sum.min(most)) + offset;
        }
        Depth::Curve(&self.curve)
    }

    /// Lowers the hold's band of a block.
    pub(super) fn lower_band(&mut self, block: &mut crate::dsp::StereoMut<'_>, rules: &[Ducker]) {
        let Some(mut filter) = self.filter.take() else { return };
        match self.depth(rules) {
            Depth::Flat(db) => filter.process(block, &[db; BLOCK]),
            Depth::Curve(curve) => filter.process(block, curve),
        }
        self.filter = Some(filter);
    }
}
