//! The compressor.
//!
//! Lives here: [`Compressor`], its static curve and its detector. May be named here: `units`, `math`, [`Ramp`].
//! Runs on the audio thread.
//!
//! Source of the curve and of the detector's kind: Giannoulis, Massberg, Reiss, "Digital Dynamic Range
//! Compressor Design - A Tutorial and Analysis", JAES 60 (6), 2012: feed-forward, gain computer before a
//! smooth decoupled peak detector, both in decibels. Two things differ from the paper. The attack stage
//! smooths only while the reduction rises, so that the release time is exact instead of lengthened by the
//! attack. And peaks are held for a few milliseconds before the curve, so that the reduction does not sag
//! between the crests of a low tone; the release is shortened by the hold, so that the declared time holds.

use super::math::{DB_PER_OCTAVE, fast_amplitude_to_db, fast_exp2};
use super::{BLOCK, Processor, Ramp, Stereo, StereoMut, glide_frames};
pub use crate::effects::CompressorParams;

/// The longest hold of peaks: half a period of 100 Hz.
const HOLD_SECONDS: f32 = 0.005;
/// Levels below this, -200 dB, are taken as this.
const FLOOR: f32 = 1e-10;

impl CompressorParams {
    /// The share of the overshoot that is taken away, `1 - 1/ratio`.
    fn slope(&self) -> f32 {
        if self.ratio > 1.0 { 1.0 - 1.0 / self.ratio.min(100.0) } else { 0.0 }
    }

    fn knee_width(&self) -> f32 {
        self.knee.get().max(0.0)
    }

    /// The reduction, in decibels, that a steady peak level settles at: the static curve.
    pub fn static_reduction_db(&self, level_db: f32) -> f32 {
        reduction(level_db, self.threshold.get(), self.slope(), self.knee_width())
    }
}

/// The gain computer of the paper (its equation 4), as one expression without branches.
#[inline(always)]
fn reduction(level: f32, threshold: f32, slope: f32, knee: f32) -> f32 {
    let knee = knee.max(1e-6);
    let over = level - threshold + 0.5 * knee;
    let bend = over.max(0.0).min(knee);
    slope * (bend * bend / (2.0 * knee) + (over - knee).max(0.0))
}

/// The share that one frame keeps of the distance, for a time constant in seconds; zero for no time.
fn keep(seconds: f32, sample_rate: u32) -> f32 {
    libm::exp(-1.0 / (f64::from(seconds) * f64::from(sample_rate)).max(1e-9)) as f32
}

/// The largest of the last values: eight parts of a window, and the one being filled.
#[derive(Debug)]
struct PeakHold {
    parts: [f32; 8],
    oldest: usize,
    of_parts: f32,
    filling: f32,
    part: u32,
    left: u32,
}

impl PeakHold {
    fn new(frames: u32) -> Self {
        let part = (frames / 8).max(1);
        Self { parts: [0.0; 8], oldest: 0, of_parts: 0.0, filling: 0.0, part, left: part }
    }

    /// Replaces each value by the largest of the window that ends with it.
    fn process(&mut self, mut values: &mut [f32]) {
        while !values.is_empty() {
            let (now, rest) = values.split_at_mut(values.len().min(self.left as usize));
            values = rest;
            self.left -= now.len() as u32;
            let mut top = self.filling;
            for value in now {
                top = top.max(*value);
                *value = top.max(self.of_parts);
            }
            self.filling = top;
            if self.left == 0 {
                self.parts[self.oldest] = self.filling;
                self.oldest = (self.oldest + 1) % self.parts.len();
                self.of_parts = self.parts.iter().fold(0.0, |a, b| f32::max(a, *b));
                self.filling = 0.0;
                self.left = self.part;
            }
        }
    }
}

/// A stereo-linked compressor with soft knee, side chain and dry mix, without latency.
///
/// The louder channel decides for both. With a key given, the key is measured instead.
#[derive(Debug)]
pub struct Compressor {
    params: CompressorParams,
    sample_rate: u32,
    glide: u32,
    threshold: Ramp,
    slope: Ramp,
    knee: Ramp,
    makeup: Ramp,
    mix: Ramp,
    attack_keep: f32,
    release_keep: f32,
    hold: PeakHold,
    /// The first stage: falls by the release, rises at once. Decibels.
    crest: f32,
    /// The second stage: rises by the attack, falls with the first. Decibels.
    reduction: f32,
    reported: f32,
}

impl Compressor {
    /// The hold in frames: never more than a quarter of the release.
    fn hold_frames(params: &CompressorParams, sample_rate: u32) -> u32 {
        (HOLD_SECONDS.min(0.25 * params.release.get()) * sample_rate as f32) as u32
    }

    fn set_times(&mut self) {
        let frames = Self::hold_frames(&self.params, self.sample_rate);
        let held = frames as f32 / self.sample_rate.max(1) as f32;
        self.attack_keep = keep(self.params.attack.get(), self.sample_rate);
        self.release_keep = keep(self.params.release.get() - held, self.sample_rate);
        self.hold.part = (frames / 8).max(1);
        self.hold.left = self.hold.left.min(self.hold.part);
    }

    /// From reductions of the static curve to smoothed ones, in place.
    fn smooth(&mut self, reductions: &mut [f32]) {
        let (fall, rise) = (self.release_keep, self.attack_keep);
        let (mut crest, mut smooth, mut top) = (self.crest, self.reduction, 0.0_f32);
        for value in reductions {
            let target = *value;
            crest = target.max(target + fall * (crest - target));
            // At or above the crest there is nothing to rise to, and the smaller of the two is the crest.
            smooth = crest.min(crest + rise * (smooth - crest));
            top = top.max(smooth);
            *value = smooth;
        }
        // A reduction of a billionth of a decibel is none.
        self.crest = if crest < 1e-9 { 0.0 } else { crest };
        self.reduction = if smooth < 1e-9 { 0.0 } else { smooth };
        self.reported = top;
    }
}

impl Processor for Compressor {
    type Params = CompressorParams;

    fn new(params: &CompressorParams, sample_rate: u32) -> Self {
        let mut made = Self {
            params: *params,
            sample_rate,
            glide: glide_frames(sample_rate),
            threshold: Ramp::new(params.threshold.get()),
            slope: Ramp::new(params.slope()),
            knee: Ramp::new(params.knee_width()),
            makeup: Ramp::new(params.makeup.get()),
            mix: Ramp::new(params.mix.get()),
            attack_keep: 0.0,
            release_keep: 0.0,
            hold: PeakHold::new(Self::hold_frames(params, sample_rate)),
            crest: 0.0,
            reduction: 0.0,
            reported: 0.0,
        };
        made.set_times();
        made
    }

    fn set(&mut self, params: &CompressorParams) {
        if *params == self.params {
            return;
        }
        self.params = *params;
        self.threshold.set(params.threshold.get(), self.glide);
        self.slope.set(params.slope(), self.glide);
        self.knee.set(params.knee_width(), self.glide);
        self.makeup.set(params.makeup.get(), self.glide);
        self.mix.set(params.mix.get(), self.glide);
        self.set_times();
    }

    fn process(&mut self, block: &mut StereoMut<'_>, key: Option<Stereo<'_>>) {
        let n = block.len();
        let (mut level, mut a, mut b, mut c) = ([0.0; BLOCK], [0.0; BLOCK], [0.0; BLOCK], [0.0; BLOCK]);
        let (level, a, b, c) = (&mut level[..n], &mut a[..n], &mut b[..n], &mut c[..n]);
        let heard = key.unwrap_or(block.as_ref());
        for ((level, l), r) in level.iter_mut().zip(heard.left).zip(heard.right) {
            *level = l.abs().max(r.abs());
        }
        self.hold.process(level);
        self.threshold.fill(a);
        self.slope.fill(b);
        self.knee.fill(c);
        for (((level, threshold), slope), knee) in level.iter_mut().zip(&*a).zip(&*b).zip(&*c) {
            *level = reduction(fast_amplitude_to_db(level.max(FLOOR)), *threshold, *slope, *knee);
        }
        self.smooth(level);
        self.makeup.fill(a);
        self.mix.fill(b);
        for (((gain, makeup), mix), (l, r)) in
            level.iter().zip(&*a).zip(&*b).zip(block.left.iter_mut().zip(block.right.iter_mut()))
        {
            let wet = fast_exp2((makeup - gain) * (1.0 / DB_PER_OCTAVE));
            let gain = 1.0 + mix * (wet - 1.0);
            *l *= gain;
            *r *= gain;
        }
    }

    fn reset(&mut self) {
        *self = Self::new(&self.params, self.sample_rate);
    }

    fn reduction_db(&self) -> f32 {
        self.reported
    }
}
