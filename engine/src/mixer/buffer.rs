//! A bus's signal over one block.

use super::BLOCK;
use super::fader::Fader;
use crate::dsp::simd::dispatched;
use crate::dsp::{Stereo, StereoMut};
use std::ops::Range;

/// A bus's signal over one block: what was summed in, then what came out.
pub(super) struct Buffer {
    pub(super) left: [f32; BLOCK],
    pub(super) right: [f32; BLOCK],
    /// What voices give to both sides alike, until it is [spread](Self::spread): half the work for each of them.
    pub(super) centre: [f32; BLOCK],
    /// Whether there is anything in the centre.
    pub(super) centred: bool,
    /// Whether anything was summed in.
    pub(super) fed: bool,
    /// Whether it holds something without having been fed: a tail.
    pub(super) ringing: bool,
    /// The frames in which a voice sounds on the bus or below it.
    pub(super) active: Range<usize>,
    /// How many voices sound on the bus itself.
    pub(super) voices: u16,
    /// Whether the bus leaves its voices as they are over this block.
    pub(super) plain: bool,
}

impl Buffer {
    pub(super) const SILENT: Self = Self {
        left: [0.0; BLOCK],
        right: [0.0; BLOCK],
        centre: [0.0; BLOCK],
        centred: false,
        fed: false,
        ringing: false,
        active: 0..0,
        voices: 0,
        plain: true,
    };

    /// Makes ready for the next block.
    pub(super) fn clear(&mut self) {
        if self.fed || self.ringing {
            self.left.fill(0.0);
            self.right.fill(0.0);
            (self.fed, self.ringing) = (false, false);
        }
        (self.active, self.voices) = (0..0, 0);
    }

    /// Gives to both sides what voices gave to the centre.
    pub(super) fn spread(&mut self) {
        if std::mem::take(&mut self.centred) {
            add(&mut self.left, &self.centre);
            add(&mut self.right, &self.centre);
            self.centre.fill(0.0);
        }
    }

    /// Notes that a voice sounds in these frames.
    #[inline]
    pub(super) fn mark_active(&mut self, frames: &Range<usize>) {
        if frames.is_empty() {
            return;
        }
        self.active = if self.active.is_empty() {
            frames.clone()
        } else {
            self.active.start.min(frames.start)..self.active.end.max(frames.end)
        };
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.fed = true;
        add(&mut self.left, &other.left);
        add(&mut self.right, &other.right);
    }

    /// Holds what another holds.
    pub(super) fn copy_from(&mut self, other: &Self) {
        (self.left, self.right, self.fed) = (other.left, other.right, true);
    }

    pub(super) fn as_ref(&self) -> Stereo<'_> {
        Stereo { left: &self.left, right: &self.right }
    }
}

dispatched! {
    pub(super) fn multiply(out: &mut [f32; BLOCK], by: &[f32; BLOCK]) {
        for (out, by) in out.iter_mut().zip(by) {
            *out *= by;
        }
    }

    fn add_product(out: &mut [f32; BLOCK], from: &[f32; BLOCK], by: &[f32; BLOCK]) {
        for ((out, from), by) in out.iter_mut().zip(from).zip(by) {
            *out += from * by;
        }
    }

    fn add(out: &mut [f32; BLOCK], from: &[f32; BLOCK]) {
        for (out, from) in out.iter_mut().zip(from) {
            *out += from;
        }
    }
}

impl Buffer {
    pub(super) fn stereo_mut(&mut self) -> StereoMut<'_> {
        StereoMut { left: &mut self.left, right: &mut self.right }
    }

    /// Adds `other` times a gliding gain.
    pub(super) fn add_scaled(&mut self, other: &Self, gain: &mut Fader) {
        match gain.steady() {
            Some(1.0) => return self.add(other),
            Some(0.0) => return,
            _ => {}
        }
        let mut gains = [0.0; BLOCK];
        gain.fill(&mut gains);
        self.fed = true;
        add_product(&mut self.left, &other.left, &gains);
        add_product(&mut self.right, &other.right, &gains);
    }
}
