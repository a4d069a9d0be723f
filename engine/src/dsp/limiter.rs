//! The look-ahead limiter.
//!
//! Lives here: [`Limiter`]. May be named here: `units`, `math`, [`Ramp`], the parts in `detector`,
//! `intersample`, `sliding` and `line`. Runs on the audio thread.
//!
//! The gain path: how far each frame stands above the ceiling (in octaves of amplitude) → the largest of the
//! look-ahead window → an exponential release → gain → two moving averages that together span the look-ahead.
//! Every gain that enters the averages for a frame is at most what this frame needs, so their mean is too; the
//! gain bends, but never steps. The averages count in whole numbers: no drift, and unity stays exactly unity.
//!
//! True peaks are found by the filter that the meter measures with (ITU-R BS.1770-4, Annex 2: see
//! `intersample`), and by the one that most other meters have, whichever reads higher. They know of a crest only
//! `TAPS` / 2 frames later, and a crest depends on the frames around, so the gain is held down for `AROUND` frames
//! on either side; the averages are shorter by both.

use super::detector::{louder, recovery};
use super::intersample::{Kernel, Past, TAPS, raise_to_crests};
use super::line::Lag;
use super::math::{DB_PER_OCTAVE, fast_exp2, fast_log2};
use super::simd::dispatched;
use super::sliding::{MovingSum, SlidingMax};
use super::{BLOCK, Processor, Ramp, Stereo, StereoMut, glide_frames};
pub use crate::effects::LimiterParams;
use crate::units::Seconds;

/// Unity in the whole numbers of the moving averages.
const ONE: f32 = (1 << 24) as f32;
/// A reduction below this, in octaves, is none: 0.000 000 6 dB.
const NOTHING: f32 = 1e-7;
/// Frames on either side of a crest that have no more than the crest's gain.
const AROUND: usize = 2;

/// What finds the crests between the samples.
#[derive(Debug)]
struct Crests {
    kernels: [Kernel; 2],
    /// How many times the highest sample a crest may be.
    reach: f32,
    past: [Past; 2],
}

/// A stereo-linked brick-wall limiter on true peaks, or on samples alone. The key is ignored.
///
/// Below the ceiling the signal passes bit for bit, delayed by [`Processor::latency`]. No sample exceeds the
/// ceiling, nor, by more than 0.1 dB, does the true peak.
#[derive(Debug)]
pub struct Limiter {
    params: LimiterParams,
    sample_rate: u32,
    glide: u32,
    ceiling: Ramp,
    /// What the output is cut at; the higher of two ceilings until all that entered under the old one is out.
    cut: f32,
    cut_left: usize,
    release_keep: f32,
    crests: Option<Crests>,
    lag: Lag,
    peaks: SlidingMax,
    reduction: f32,
    first: MovingSum,
    second: MovingSum,
    scale: f64,
    /// Frames since the gain path last held anything but rest.
    rest: usize,
    reported: f32,
}

impl Limiter {
    fn latency_frames(params: &LimiterParams, sample_rate: u32) -> usize {
        let least = if params.true_peak { TAPS / 2 + AROUND + 2 } else { 2 };
        (Seconds::clamped(params.lookahead.get().clamp(0.0005, 0.02)).frames(sample_rate) as usize).max(least)
    }

    fn release_keep(params: &LimiterParams, sample_rate: u32) -> f32 {
        let frames = f64::from(params.release.get()) * f64::from(sample_rate);
        libm::exp(-1.0 / frames.max(1e-9)) as f32
    }

    /// From overshoots in octaves to gains, in place.
    fn gains(&mut self, values: &mut [f32]) {
        let mut largest = 0.0_f32;
        for value in values.iter_mut() {
            let over = self.peaks.next(*value);
            let fallen = over + self.release_keep * (self.reduction - over);
            let reduction = if fallen > over { fallen } else { over };
            self.reduction = if reduction < NOTHING { 0.0 } else { reduction };
            largest = if self.reduction > largest { self.reduction } else { largest };
            *value = self.reduction;
        }
        to_gains(values);
        for value in values.iter_mut() {
            // Rounded down, so that no average comes out above what is needed.
            let sum = self.second.next(self.first.next(*value as u64));
            *value = (sum as f64 * self.scale) as f32;
        }
        self.reported = largest * DB_PER_OCTAVE;
        self.rest = if largest > 0.0 { 0 } else { self.rest + values.len() };
    }

    /// Finds the peak at each frame, and says the highest of them. Where no crest can be higher than `ceiling`,
    /// the peaks are those of the samples.
    fn measure(&mut self, block: &StereoMut<'_>, peaks: &mut [f32], ceiling: f32) -> f32 {
        louder(block.as_ref(), peaks);
        let top = peaks.iter().fold(0.0, |top: f32, x| top.max(*x));
        let Some(Crests { kernels, reach, past }) = &mut self.crests else { return top };
        let least = ceiling / *reach;
        if past.iter().fold(top, |top, past| top.max(past.peak())) <= least {
            for (past, samples) in past.iter_mut().zip([&*block.left, &*block.right]) {
                past.push(&samples[..peaks.len()]);
            }
            return top;
        }
        peaks.fill(0.0);
        for (past, samples) in past.iter_mut().zip([&*block.left, &*block.right]) {
            let before = *past;
            for kernel in &*kernels {
                *past = before;
                raise_to_crests(peaks, &samples[..peaks.len()], past, kernel, ceiling, least);
            }
        }
        peaks.iter().fold(0.0, |top, x| top.max(*x))
    }
}

dispatched! {
    /// From amplitudes to octaves above the ceiling, in place.
    fn to_overshoots(values: &mut [f32], ceilings: &[f32]) {
        for (value, ceiling) in values.iter_mut().zip(ceilings) {
            let over = (*value / ceiling.max(1e-6)).max(1.0);
            *value = fast_log2(over.min(1e12));
        }
    }

    /// From octaves of reduction to gains in whole numbers, in place.
    fn to_gains(values: &mut [f32]) {
        for value in values {
            *value = fast_exp2(-*value) * ONE;
        }
    }

    fn apply(samples: &mut [f32], gains: &[f32], cut: f32) {
        for (x, gain) in samples.iter_mut().zip(gains) {
            *x = (*x * gain).max(-cut).min(cut);
        }
    }
}

impl Processor for Limiter {
    type Params = LimiterParams;

    fn new(params: &LimiterParams, sample_rate: u32) -> Self {
        let latency = Self::latency_frames(params, sample_rate);
        // Without crests between samples what a frame needs is known at once, and for it alone.
        let (late, around) = if params.true_peak { (TAPS / 2, AROUND) } else { (0, 0) };
        // Two averages of a and b frames reach a + b - 1 frames back; that is to be the way from when a need is
        // known to when the first frame comes out that has it.
        let span = latency + 1 - late - around;
        let a = span.div_ceil(2);
        let b = span + 1 - a;
        let one = ONE as u64;
        let ceiling = params.ceiling.amplitude();
        Self {
            params: *params,
            sample_rate,
            glide: glide_frames(sample_rate),
            ceiling: Ramp::new(ceiling),
            cut: ceiling,
            cut_left: 0,
            release_keep: Self::release_keep(params, sample_rate),
            crests: params.true_peak.then(|| {
                let kernels = [Kernel::hann(), Kernel::new()];
                let reach = kernels[0].reach().max(kernels[1].reach());
                Crests { kernels, reach, past: Default::default() }
            }),
            lag: Lag::new(latency),
            // To the last frame that has the need: one more than the crest's own.
            peaks: SlidingMax::new(latency + 1 - late + around + usize::from(params.true_peak)),
            reduction: 0.0,
            first: MovingSum::new(a, one),
            second: MovingSum::new(b, one * a as u64),
            scale: 1.0 / (f64::from(ONE) * a as f64 * b as f64),
            rest: 2 * latency + 2,
            reported: 0.0,
        }
    }

    fn set(&mut self, params: &LimiterParams) {
        let ceiling = params.ceiling.amplitude();
        if ceiling != self.ceiling.target() {
            self.cut = self.cut.max(self.ceiling.current()).max(ceiling);
            self.cut_left = self.glide as usize + self.lag.frames() + 1;
            self.ceiling.set(ceiling, self.glide);
        }
        self.release_keep = Self::release_keep(params, self.sample_rate);
        let (lookahead, true_peak) = (self.params.lookahead, self.params.true_peak);
        self.params = LimiterParams { lookahead, true_peak, ..*params };
    }

    fn process(&mut self, block: &mut StereoMut<'_>, _key: Option<Stereo<'_>>) {
        let n = block.len();
        let (mut gains, mut ceilings) = ([0.0; BLOCK], [0.0; BLOCK]);
        let (gains, ceilings) = (&mut gains[..n], &mut ceilings[..n]);
        let lowest = self.ceiling.current().min(self.ceiling.target());
        let highest = self.measure(block, gains, lowest);
        // At rest all the path holds is zeros and ones, so nothing needs to move.
        let idle = self.rest > 2 * self.lag.frames() + 1
            && self.ceiling.is_steady()
            && self.cut_left == 0
            && highest <= lowest;
        self.reported = 0.0;
        if !idle {
            self.ceiling.fill(ceilings);
            to_overshoots(gains, ceilings);
            self.gains(gains);
        }
        self.lag.process(block);
        if !idle {
            apply(block.left, gains, self.cut);
            apply(block.right, gains, self.cut);
        }
        if self.cut_left > 0 {
            self.cut_left = self.cut_left.saturating_sub(n);
            if self.cut_left == 0 {
                self.cut = self.ceiling.target();
            }
        }
    }

    fn reset(&mut self) {
        // Built anew in place: nothing may be allocated or freed here.
        let ceiling = self.ceiling.target();
        self.ceiling.jump(ceiling);
        (self.cut, self.cut_left) = (ceiling, 0);
        self.crests.iter_mut().for_each(|crests| crests.past = Default::default());
        self.lag.clear();
        self.peaks.clear();
        let one = ONE as u64;
        self.first.fill(one);
        self.second.fill(one * self.first.window() as u64);
        (self.reduction, self.reported) = (0.0, 0.0);
        self.rest = 2 * self.lag.frames() + 2;
    }

    fn latency(&self) -> usize {
        self.lag.frames()
    }

    fn tail(&self) -> usize {
        self.latency() + recovery(self.reduction * DB_PER_OCTAVE, self.release_keep)
    }

    fn reduction_db(&self) -> f32 {
        self.reported
    }
}
