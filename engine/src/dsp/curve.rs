//! From levels to gains: the static curve and the smoothing of what it asks for.
//!
//! Lives here: what the compressor and each band of the multiband compressor share. May be named here: `simd`,
//! `math`, [`Ramp`]. Runs on the audio thread.
//!
//! Source of the curve and of the smoothing's kind: Giannoulis, Massberg, Reiss, "Digital Dynamic Range
//! Compressor Design - A Tutorial and Analysis", JAES 60 (6), 2012: feed-forward, gain computer before a
//! smooth decoupled peak detector, both in decibels. Two things differ from the paper. The attack stage
//! smooths only while the reduction rises, so that the release time is exact instead of lengthened by the
//! attack. And peaks are held for a few milliseconds before the curve, so that the reduction does not sag
//! between the crests of a low tone; the release is shortened by the hold, so that the declared time holds.

use super::detector::{keep, recovery};
use super::math::{DB_PER_OCTAVE, fast_exp2};
use super::simd::dispatched;
use super::{BLOCK, Ramp, StereoMut};

/// The longest hold of peaks: half a period of 100 Hz.
const HOLD_SECONDS: f32 = 0.005;

/// The hold of peaks in frames: never more than a quarter of the release.
pub(super) fn hold_frames(release: f32, sample_rate: u32) -> u32 {
    (HOLD_SECONDS.min(0.25 * release) * sample_rate as f32) as u32
}

/// Where a static curve bends and how steep it is above.
#[derive(Debug, Clone, Copy)]
pub(super) struct Curve {
    /// Decibels.
    pub(super) threshold: f32,
    /// The share of the overshoot that is taken away.
    pub(super) slope: f32,
    /// The knee's width in decibels.
    pub(super) knee: f32,
}

impl Curve {
    /// `1 - 1/ratio` of what is above the threshold is taken away.
    pub(super) fn new(threshold: f32, ratio: f32, knee: f32) -> Self {
        let slope = if ratio > 1.0 { 1.0 - 1.0 / ratio.min(100.0) } else { 0.0 };
        Self { threshold, slope, knee: knee.max(0.0) }
    }

    /// The reduction at a level; both in decibels. Equation 4 of the paper, as one expression without branches.
    #[inline(always)]
    pub(super) fn reduction(&self, level: f32) -> f32 {
        let knee = self.knee.max(1e-6);
        let over = level - self.threshold + 0.5 * knee;
        let bend = over.max(0.0).min(knee);
        self.slope * (bend * bend / (2.0 * knee) + (over - knee).max(0.0))
    }
}

/// A curve that glides to another.
#[derive(Debug)]
pub(super) struct MovingCurve([Ramp; 3]);

/// A curve at each frame of a block.
pub(super) struct Shape([[f32; BLOCK]; 3]);

impl Shape {
    pub(super) fn new() -> Self {
        Self([[0.0; BLOCK]; 3])
    }
}

impl MovingCurve {
    pub(super) fn new(curve: Curve) -> Self {
        Self([curve.threshold, curve.slope, curve.knee].map(Ramp::new))
    }

    pub(super) fn set(&mut self, curve: Curve, glide: u32) {
        for (ramp, target) in self.0.iter_mut().zip([curve.threshold, curve.slope, curve.knee]) {
            ramp.set(target, glide);
        }
    }

    /// Moves on by `frames` frames, at most [`BLOCK`], and gives the curve at each.
    #[inline]
    pub(super) fn next(&mut self, frames: usize, shape: &mut Shape) {
        for (ramp, values) in self.0.iter_mut().zip(&mut shape.0) {
            ramp.fill(&mut values[..frames]);
        }
    }
}

/// Reductions in decibels on their way: rises by the attack, falls by the release.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Smoother {
    rise: f32,
    fall: f32,
    /// The first stage: falls by the release, rises at once.
    crest: f32,
    /// The second stage: rises by the attack, falls with the first.
    smooth: f32,
}

impl Smoother {
    pub(super) fn new(attack: f32, release: f32, sample_rate: u32) -> Self {
        let mut made = Self { rise: 0.0, fall: 0.0, crest: 0.0, smooth: 0.0 };
        made.set_times(attack, release, sample_rate);
        made
    }

    /// Time constants in seconds; peaks are held before for [`hold_frames`].
    pub(super) fn set_times(&mut self, attack: f32, release: f32, sample_rate: u32) {
        let held = hold_frames(release, sample_rate) as f32 / sample_rate.max(1) as f32;
        self.rise = keep(attack, sample_rate);
        self.fall = keep(release - held, sample_rate);
    }

    /// Frames until it is at rest, if nothing more is asked for.
    pub(super) fn recovery(&self) -> usize {
        recovery(self.crest.max(self.smooth), self.fall)
    }

    /// Smooths reductions in place; the largest.
    pub(super) fn process(&mut self, reductions: &mut [f32]) -> f32 {
        let mut alone = [*self];
        let top = smooth(&mut alone, [reductions]);
        [*self] = alone;
        top
    }
}

/// Smooths the reductions of as many smoothers at once; the largest of all. Frame by frame, so that their
/// feedback loops overlap in the processor's pipeline instead of waiting for one another.
pub(super) fn smooth<const N: usize>(smoothers: &mut [Smoother; N], mut reductions: [&mut [f32]; N]) -> f32 {
    let frames = reductions.iter().map(|values| values.len()).min().unwrap_or(0);
    let mut states = smoothers.map(|smoother| [smoother.crest, smoother.smooth, 0.0]);
    for frame in 0..frames {
        for ((values, smoother), state) in reductions.iter_mut().zip(&*smoothers).zip(&mut states) {
            let [crest, smooth, top] = state;
            let Some(value) = values.get_mut(frame) else { continue };
            let target = *value;
            let fallen = target + smoother.fall * (*crest - target);
            *crest = if fallen > target { fallen } else { target };
            // At or above the crest there is nothing to rise to, and the smaller of the two is the crest.
            let risen = *crest + smoother.rise * (*smooth - *crest);
            *smooth = if risen < *crest { risen } else { *crest };
            *top = if *smooth > *top { *smooth } else { *top };
            *value = *smooth;
        }
    }
    let mut largest = 0.0_f32;
    for (smoother, [crest, smooth, top]) in smoothers.iter_mut().zip(states) {
        // A reduction of a billionth of a decibel is none.
        smoother.crest = if crest < 1e-9 { 0.0 } else { crest };
        smoother.smooth = if smooth < 1e-9 { 0.0 } else { smooth };
        largest = largest.max(top);
    }
    largest
}

dispatched! {
    /// From levels to the curve's reductions, in place; both in decibels.
    pub(super) fn reduce(levels: &mut [f32], shape: &Shape) {
        let [thresholds, slopes, knees] = &shape.0;
        for (((level, threshold), slope), knee) in levels.iter_mut().zip(thresholds).zip(slopes).zip(knees) {
            *level = Curve { threshold: *threshold, slope: *slope, knee: *knee }.reduction(*level);
        }
    }

    /// From reductions to gains, in place: `makeup` decibels are added, and of that `mix` is heard beside the
    /// untouched signal.
    pub(super) fn gains(reductions: &mut [f32], makeup: &[f32], mix: &[f32]) {
        for ((value, makeup), mix) in reductions.iter_mut().zip(makeup).zip(mix) {
            let wet = fast_exp2((makeup - *value) * (1.0 / DB_PER_OCTAVE));
            *value = 1.0 + mix * (wet - 1.0);
        }
    }

    /// Multiplies each channel by its gains.
    pub(super) fn apply(block: &mut StereoMut<'_>, left: &[f32], right: &[f32]) {
        for (channel, gains) in [(&mut *block.left, left), (&mut *block.right, right)] {
            channel.iter_mut().zip(gains).for_each(|(x, gain)| *x *= gain);
        }
    }
}
