//! The gate and downward expander.
//!
//! Lives here: [`Gate`] and its state. May be named here: `units`, `math`, [`Ramp`], the parts in `detector`
//! and `line`. Runs on the audio thread.
//!
//! Source of the curve and the times: Giannoulis, Massberg, Reiss, "Digital Dynamic Range Compressor Design - A
//! Tutorial and Analysis", JAES 60 (6), 2012, turned round: what is below the threshold is turned down, and the
//! time constants act on decibels. Open is open: above the threshold nothing is touched. Open or closed is
//! decided by single samples, so that the hold is exact to one. A gate that closes looks at the highest of the
//! last milliseconds to know how far; where the hold is shorter than these, they lengthen it, and the release is
//! shortened by as much.

use super::curve::{apply, gains};
use super::detector::{KeyFilter, PeakHold, amplitudes_to_db, keep, louder, recovery};
use super::line::Lag;
use super::simd::dispatched;
use super::{BLOCK, Processor, Ramp, Stereo, StereoMut, glide_frames};
pub use crate::effects::GateParams;
use crate::units::Decibels;

/// The shortest hold where the release allows for it: half a period of 100 Hz.
const HOLD_SECONDS: f32 = 0.005;
/// A reduction below this, in decibels, is none.
const NOTHING: f32 = 1e-6;

impl GateParams {
    /// Decibels taken for each that is missing at the threshold.
    fn slope(&self) -> f32 {
        self.ratio.clamp(1.0, 100.0) - 1.0
    }

    fn deepest(&self) -> f32 {
        self.range.clamp(0.0, 100.0)
    }

    /// The reduction, in decibels, that a steady peak level settles at once the gate is closed.
    pub fn static_reduction_db(&self, level_db: f32) -> f32 {
        reduction(level_db, self.threshold.get(), self.slope(), self.deepest())
    }

    /// The amplitudes at which the gate opens, and below which it closes.
    fn edges(&self) -> [f32; 2] {
        let close = self.threshold.get() - self.hysteresis.get().max(0.0);
        [self.threshold.amplitude(), Decibels::clamped(close).amplitude()]
    }
}

#[inline(always)]
fn reduction(level: f32, threshold: f32, slope: f32, range: f32) -> f32 {
    ((threshold - level).max(0.0) * slope).min(range)
}

/// A stereo-linked gate and downward expander with hysteresis, hold and side chain; its latency is its
/// look-ahead.
///
/// The louder channel decides for both. With a key given, the key is measured instead. It starts closed.
#[derive(Debug)]
pub struct Gate {
    params: GateParams,
    sample_rate: u32,
    glide: u32,
    filter: KeyFilter,
    lag: Lag,
    /// Threshold in decibels, slope, range in decibels.
    curve: [Ramp; 3],
    /// Where it opens and where it closes.
    edges: [Ramp; 2],
    attack_keep: f32,
    release_keep: f32,
    hold: u32,
    peaks: PeakHold,
    /// Frames until it closes; closed at zero.
    open: u32,
    /// Decibels.
    reduction: f32,
    reported: f32,
}

impl Gate {
    /// Allocates nothing.
    fn with(params: &GateParams, sample_rate: u32, lag: Lag) -> Self {
        let mut made = Self {
            params: *params,
            sample_rate,
            glide: glide_frames(sample_rate),
            filter: KeyFilter::new(params.key_low, params.key_high, sample_rate),
            lag,
            curve: [params.threshold.get(), params.slope(), params.deepest()].map(Ramp::new),
            edges: params.edges().map(Ramp::new),
            attack_keep: 0.0,
            release_keep: 0.0,
            hold: 1,
            peaks: PeakHold::new(1),
            open: 0,
            reduction: params.static_reduction_db(-200.0),
            reported: 0.0,
        };
        made.set_times();
        made
    }

    fn set_times(&mut self) {
        let (hold, release) = (self.params.hold.get(), self.params.release.get());
        let rate = self.sample_rate.max(1);
        let held = hold.max(HOLD_SECONDS.min(hold + 0.25 * release));
        self.hold = ((held * rate as f32 + 0.5) as u32).max(1);
        self.attack_keep = keep(self.params.attack.get(), rate);
        self.release_keep = keep(release - (held - hold), rate);
        // Nine parts of it at most are held: by the end of the hold nothing from before is left.
        self.peaks.set_window(((HOLD_SECONDS * rate as f32) as u32).min(self.hold) * 8 / 9);
    }

    /// From what the curve asks for to smoothed reductions, in place.
    fn smooth(&mut self, peaks: &[f32], reductions: &mut [f32]) {
        let [mut opens, mut closes] = [[0.0; BLOCK]; 2];
        for (ramp, values) in self.edges.iter_mut().zip([&mut opens, &mut closes]) {
            ramp.fill(&mut values[..reductions.len()]);
        }
        let (mut open, mut smooth, mut top) = (self.open, self.reduction, 0.0_f32);
        for (((value, peak), opens), closes) in reductions.iter_mut().zip(peaks).zip(&opens).zip(&closes) {
            let edge = if open > 0 { *closes } else { *opens };
            open = if *peak >= edge && *peak > 0.0 { self.hold } else { open.saturating_sub(1) };
            let target = if open > 0 { 0.0 } else { *value };
            let keep = if target < smooth { self.attack_keep } else { self.release_keep };
            smooth = target + keep * (smooth - target);
            smooth = if smooth < NOTHING { 0.0 } else { smooth };
            top = if smooth > top { smooth } else { top };
            *value = smooth;
        }
        (self.open, self.reduction, self.reported) = (open, smooth, top);
    }
}

dispatched! {
    /// From levels to reductions, in place; both in decibels.
    fn reduce(levels: &mut [f32], thresholds: &[f32], slopes: &[f32], ranges: &[f32]) {
        for (((level, threshold), slope), range) in levels.iter_mut().zip(thresholds).zip(slopes).zip(ranges) {
            *level = reduction(*level, *threshold, *slope, *range);
        }
    }
}

impl Processor for Gate {
    type Params = GateParams;

    fn new(params: &GateParams, sample_rate: u32) -> Self {
        Self::with(params, sample_rate, Lag::new(params.lookahead.frames(sample_rate) as usize))
    }

    fn set(&mut self, params: &GateParams) {
        if *params == self.params {
            return;
        }
        self.params = *params;
        self.filter.set(params.key_low, params.key_high);
        for (ramp, target) in
            self.curve.iter_mut().zip([params.threshold.get(), params.slope(), params.deepest()])
        {
            ramp.set(target, self.glide);
        }
        for (ramp, target) in self.edges.iter_mut().zip(params.edges()) {
            ramp.set(target, self.glide);
        }
        self.set_times();
    }

    fn process(&mut self, block: &mut StereoMut<'_>, key: Option<Stereo<'_>>) {
        let n = block.len();
        let mut room = [[0.0; BLOCK]; 2];
        let heard = self.filter.process(key.unwrap_or(block.as_ref()), &mut room);
        let mut peaks = [0.0; BLOCK];
        louder(heard, &mut peaks[..n]);
        let mut levels = peaks;
        let levels = &mut levels[..n];
        self.peaks.process(levels);
        amplitudes_to_db(levels);
        let mut curve = [[0.0; BLOCK]; 3];
        for (ramp, values) in self.curve.iter_mut().zip(&mut curve) {
            ramp.fill(&mut values[..n]);
        }
        reduce(levels, &curve[0], &curve[1], &curve[2]);
        self.smooth(&peaks[..n], levels);
        gains(levels, &[0.0; BLOCK], &[1.0; BLOCK]);
        self.lag.process(block);
        apply(block, levels, levels);
    }

    fn reset(&mut self) {
        // Piece by piece: built anew as a whole it would take much of an audio thread's stack.
        self.filter.reset();
        self.lag.clear();
        let params = self.params;
        self.curve = [params.threshold.get(), params.slope(), params.deepest()].map(Ramp::new);
        self.edges = params.edges().map(Ramp::new);
        self.peaks = PeakHold::new(1);
        (self.open, self.reduction, self.reported) = (0, params.static_reduction_db(-200.0), 0.0);
        self.set_times();
    }

    fn latency(&self) -> usize {
        self.lag.frames()
    }

    fn tail(&self) -> usize {
        // Until it has closed as far as it will.
        let closed = self.params.static_reduction_db(-200.0);
        self.latency() + self.open as usize + recovery(closed - self.reduction, self.release_keep)
    }

    fn reduction_db(&self) -> f32 {
        self.reported
    }
}
