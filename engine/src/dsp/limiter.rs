//! The look-ahead limiter.
//!
//! Lives here: [`Limiter`] and the parts of its gain path. May be named here: `units`, `math`, [`Ramp`]. Runs
//! on the audio thread.
//!
//! The gain path: how far each frame stands above the ceiling (in octaves of amplitude) → the largest of the
//! look-ahead window → an exponential release → gain → two moving averages that together span the look-ahead.
//! Every gain that enters the averages for a frame is at most what this frame needs, so their mean is too; the
//! gain bends, but never steps. The averages count in whole numbers: no drift, and unity stays exactly unity.

use super::math::{DB_PER_OCTAVE, fast_exp2, fast_log2};
use super::{BLOCK, Processor, Ramp, Stereo, StereoMut, glide_frames};
pub use crate::effects::LimiterParams;
use crate::units::Seconds;

/// Unity in the whole numbers of the moving averages.
const ONE: f32 = (1 << 24) as f32;
/// A reduction below this, in octaves, is none: 0.000 000 6 dB.
const NOTHING: f32 = 1e-7;

/// The largest value of a sliding window, by van Herk's method: running maxima of the part being filled, and
/// maxima from each place to the end of the part before.
#[derive(Debug)]
struct SlidingMax {
    part: Box<[f32]>,
    at: usize,
    running: f32,
}

impl SlidingMax {
    fn new(window: usize) -> Self {
        Self { part: vec![0.0; window].into(), at: 0, running: 0.0 }
    }

    #[inline(always)]
    fn next(&mut self, value: f32) -> f32 {
        self.running = self.running.max(value);
        let before = self.part.get(self.at + 1).copied().unwrap_or(0.0);
        let out = self.running.max(before);
        if let Some(place) = self.part.get_mut(self.at) {
            *place = value;
        }
        self.at += 1;
        if self.at >= self.part.len() {
            let mut top = 0.0_f32;
            for place in self.part.iter_mut().rev() {
                top = top.max(*place);
                *place = top;
            }
            (self.at, self.running) = (0, 0.0);
        }
        out
    }
}

/// The sum of the last values, in whole numbers, so that it is exact for ever.
#[derive(Debug)]
struct MovingSum {
    values: Box<[u64]>,
    at: usize,
    sum: u64,
}

impl MovingSum {
    fn new(window: usize, value: u64) -> Self {
        Self { values: vec![value; window].into(), at: 0, sum: value * window as u64 }
    }

    #[inline(always)]
    fn next(&mut self, value: u64) -> u64 {
        if let Some(place) = self.values.get_mut(self.at) {
            self.sum = self.sum + value - *place;
            *place = value;
        }
        self.at += 1;
        if self.at >= self.values.len() {
            self.at = 0;
        }
        self.sum
    }
}

/// A stereo-linked brick-wall limiter on sample peaks. The key is ignored.
///
/// Below the ceiling the signal passes bit for bit, delayed by [`Processor::latency`].
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
    delay: [Box<[f32]>; 2],
    at: usize,
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
    fn lookahead_frames(params: &LimiterParams, sample_rate: u32) -> usize {
        (Seconds::clamped(params.lookahead.get().clamp(0.0005, 0.02)).frames(sample_rate) as usize).max(2)
    }

    fn release_keep(params: &LimiterParams, sample_rate: u32) -> f32 {
        let frames = f64::from(params.release.get()) * f64::from(sample_rate);
        libm::exp(-1.0 / frames.max(1e-9)) as f32
    }

    /// Swaps `samples` for those of `latency` frames ago.
    fn exchange(delay: &mut [f32], mut at: usize, mut samples: &mut [f32]) {
        while !samples.is_empty() {
            if at >= delay.len() {
                at = 0;
            }
            let (now, rest) = samples.split_at_mut(samples.len().min(delay.len() - at));
            delay[at..at + now.len()].swap_with_slice(now);
            at += now.len();
            samples = rest;
        }
    }

    /// From overshoots in octaves to gains, in place.
    fn gains(&mut self, values: &mut [f32]) {
        let mut largest = 0.0_f32;
        for value in values.iter_mut() {
            let over = self.peaks.next(*value);
            self.reduction = over.max(over + self.release_keep * (self.reduction - over));
            if self.reduction < NOTHING {
                self.reduction = 0.0;
            }
            largest = largest.max(self.reduction);
            *value = self.reduction;
        }
        for value in values.iter_mut() {
            *value = fast_exp2(-*value) * ONE;
        }
        for value in values.iter_mut() {
            // Rounded down, so that no average comes out above what is needed.
            let sum = self.second.next(self.first.next(*value as u64));
            *value = (sum as f64 * self.scale) as f32;
        }
        self.reported = largest * DB_PER_OCTAVE;
        self.rest = if largest > 0.0 { 0 } else { self.rest + values.len() };
    }
}

impl Processor for Limiter {
    type Params = LimiterParams;

    fn new(params: &LimiterParams, sample_rate: u32) -> Self {
        let latency = Self::lookahead_frames(params, sample_rate);
        let one = ONE as u64;
        // Two averages of a and b frames reach a + b - 1 frames back; that is to be latency + 1.
        let a = (latency + 2) / 2;
        let b = latency + 2 - a;
        let ceiling = params.ceiling.amplitude();
        Self {
            params: *params,
            sample_rate,
            glide: glide_frames(sample_rate),
            ceiling: Ramp::new(ceiling),
            cut: ceiling,
            cut_left: 0,
            release_keep: Self::release_keep(params, sample_rate),
            delay: [vec![0.0; latency].into(), vec![0.0; latency].into()],
            at: 0,
            peaks: SlidingMax::new(latency + 1),
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
            self.cut_left = self.glide as usize + self.delay[0].len() + 1;
            self.ceiling.set(ceiling, self.glide);
        }
        self.release_keep = Self::release_keep(params, self.sample_rate);
        self.params = LimiterParams { lookahead: self.params.lookahead, ..*params };
    }

    fn process(&mut self, block: &mut StereoMut<'_>, _key: Option<Stereo<'_>>) {
        let n = block.len();
        let (mut gains, mut ceilings) = ([0.0; BLOCK], [0.0; BLOCK]);
        let (gains, ceilings) = (&mut gains[..n], &mut ceilings[..n]);
        let mut top = 0.0_f32;
        for ((peak, l), r) in gains.iter_mut().zip(&*block.left).zip(&*block.right) {
            *peak = l.abs().max(r.abs());
            top = top.max(*peak);
        }
        // At rest all the path holds is zeros and ones, so nothing needs to move.
        let idle = self.rest > 2 * self.delay[0].len() + 1
            && self.ceiling.is_steady()
            && self.cut_left == 0
            && top <= self.ceiling.current();
        self.reported = 0.0;
        if !idle {
            self.ceiling.fill(ceilings);
            for (value, ceiling) in gains.iter_mut().zip(&*ceilings) {
                let over = (*value / ceiling.max(1e-6)).max(1.0);
                *value = fast_log2(over.min(1e12));
            }
            self.gains(gains);
        }
        for (delay, samples) in self.delay.iter_mut().zip([&mut *block.left, &mut *block.right]) {
            Self::exchange(delay, self.at, samples);
            if !idle {
                for (x, gain) in samples.iter_mut().zip(&*gains) {
                    *x = (*x * gain).max(-self.cut).min(self.cut);
                }
            }
        }
        self.at = (self.at + n) % self.delay[0].len();
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
        self.delay.iter_mut().for_each(|side| side.fill(0.0));
        self.peaks.part.fill(0.0);
        (self.peaks.at, self.peaks.running) = (0, 0.0);
        let one = ONE as u64;
        let a = self.first.values.len() as u64;
        self.first.values.fill(one);
        self.first.sum = one * a;
        self.second.values.fill(one * a);
        self.second.sum = one * a * self.second.values.len() as u64;
        (self.reduction, self.reported, self.at) = (0.0, 0.0, 0);
        self.rest = 2 * self.delay[0].len() + 2;
    }

    fn latency(&self) -> usize {
        self.delay[0].len()
    }

    fn tail(&self) -> usize {
        self.latency()
    }

    fn reduction_db(&self) -> f32 {
        self.reported
    }
}
