//! The multiband compressor.
//!
//! Lives here: [`Multiband`]. May be named here: `units`, [`Ramp`], the parts in `crossover`, `curve` and
//! `detector`. Runs on the audio thread. How the bands are split is told in `crossover`, what their curves and
//! times are after in `curve`.

use super::crossover::{self, Crossover};
use super::curve::{Curve, MovingCurve, Shape, Smoother, gains, hold_frames, reduce, smooth};
use super::detector::{PeakHold, amplitudes_to_db, louder};
use super::simd::dispatched;
use super::{BLOCK, Processor, Ramp, Stereo, StereoMut, glide_frames};
pub use crate::effects::MultibandParams;
use crate::units::Hertz;

/// What is set for one band, in decibels and seconds.
#[derive(Debug, Clone, Copy)]
struct Settings {
    curve: Curve,
    gain: f32,
    attack: f32,
    release: f32,
}

impl MultibandParams {
    /// The bands from low to high.
    fn bands(&self) -> [Settings; 3] {
        [
            (self.low_threshold, self.low_ratio, self.low_gain, self.low_attack, self.low_release),
            (self.mid_threshold, self.mid_ratio, self.mid_gain, self.mid_attack, self.mid_release),
            (self.high_threshold, self.high_ratio, self.high_gain, self.high_attack, self.high_release),
        ]
        .map(|(threshold, ratio, gain, attack, release)| Settings {
            curve: Curve::new(threshold.get(), ratio, self.knee.get()),
            gain: gain.get(),
            attack: attack.get(),
            release: release.get(),
        })
    }

    fn crossovers(&self) -> [Hertz; 2] {
        [self.low_freq, self.high_freq]
    }

    /// The reduction, in decibels, that a steady peak level within a band settles at; the lowest band is 0.
    pub fn static_reduction_db(&self, band: usize, level_db: f32) -> f32 {
        self.bands().get(band).map_or(0.0, |band| band.curve.reduction(level_db))
    }
}

/// The compressor of one band.
#[derive(Debug)]
struct Band {
    curve: MovingCurve,
    gain: Ramp,
    hold: PeakHold,
}

impl Band {
    fn new(settings: Settings, sample_rate: u32) -> Self {
        Self {
            curve: MovingCurve::new(settings.curve),
            gain: Ramp::new(settings.gain),
            hold: PeakHold::new(hold_frames(settings.release, sample_rate)),
        }
    }

    fn set(&mut self, settings: Settings, glide: u32, sample_rate: u32) {
        self.curve.set(settings.curve, glide);
        self.gain.set(settings.gain, glide);
        self.hold.set_window(hold_frames(settings.release, sample_rate));
    }

    /// Writes the reductions that the band's level asks for.
    fn measure(&mut self, heard: Stereo<'_>, shape: &mut Shape, out: &mut [f32]) {
        louder(heard, out);
        self.hold.process(out);
        amplitudes_to_db(out);
        self.curve.next(out.len(), shape);
        reduce(out, shape);
    }

    /// From smoothed reductions to gains, in place.
    fn gains(&mut self, mix: &[f32], out: &mut [f32]) {
        let mut gain = [0.0; BLOCK];
        self.gain.fill(&mut gain[..out.len()]);
        gains(out, &gain, mix);
    }
}

/// A compressor of three bands with side chain and dry mix, without latency.
///
/// The louder channel decides for both. With a key given, each band of the key is measured instead. Without any
/// reduction the spectrum is flat, but its phase turns around both crossovers; the dry signal is turned alike.
#[derive(Debug)]
pub struct Multiband {
    params: MultibandParams,
    sample_rate: u32,
    glide: u32,
    crossover: Crossover,
    bands: [Band; 3],
    smoothers: [Smoother; 3],
    mix: Ramp,
    reported: f32,
}

dispatched! {
    /// The sum of the bands, each by its gains.
    fn sum(out: &mut [f32], side: usize, bands: &crossover::Bands, gains: &[[f32; BLOCK]; 3]) {
        let [low, mid, high] = [&bands[0][side], &bands[1][side], &bands[2][side]];
        let n = out.len().min(BLOCK);
        for (i, out) in out[..n].iter_mut().enumerate() {
            *out = low[i] * gains[0][i] + mid[i] * gains[1][i] + high[i] * gains[2][i];
        }
    }
}

impl Processor for Multiband {
    type Params = MultibandParams;

    fn new(params: &MultibandParams, sample_rate: u32) -> Self {
        Self {
            params: *params,
            sample_rate,
            glide: glide_frames(sample_rate),
            crossover: Crossover::new(params.crossovers(), sample_rate),
            bands: params.bands().map(|settings| Band::new(settings, sample_rate)),
            smoothers: params.bands().map(|band| Smoother::new(band.attack, band.release, sample_rate)),
            mix: Ramp::new(params.mix.get()),
            reported: 0.0,
        }
    }

    fn set(&mut self, params: &MultibandParams) {
        if *params == self.params {
            return;
        }
        self.params = *params;
        self.crossover.set(params.crossovers());
        for ((band, smoother), settings) in self.bands.iter_mut().zip(&mut self.smoothers).zip(params.bands())
        {
            band.set(settings, self.glide, self.sample_rate);
            smoother.set_times(settings.attack, settings.release, self.sample_rate);
        }
        self.mix.set(params.mix.get(), self.glide);
    }

    fn process(&mut self, block: &mut StereoMut<'_>, key: Option<Stereo<'_>>) {
        let n = block.len();
        let mut split = [[[[0.0; BLOCK]; 2]; 3]; 2];
        self.crossover.process(block.as_ref(), key, &mut split);
        let [heard, keyed] = &split;
        let measured = if key.is_some() { keyed } else { heard };
        let mut mix = [0.0; BLOCK];
        self.mix.fill(&mut mix[..n]);
        let (mut gains, mut shape) = ([[0.0; BLOCK]; 3], Shape::new());
        for ((band, [left, right]), out) in self.bands.iter_mut().zip(measured).zip(&mut gains) {
            band.measure(Stereo { left: &left[..n], right: &right[..n] }, &mut shape, &mut out[..n]);
        }
        self.reported = smooth(&mut self.smoothers, gains.each_mut().map(|lane| &mut lane[..n]));
        for (band, out) in self.bands.iter_mut().zip(&mut gains) {
            band.gains(&mix[..n], &mut out[..n]);
        }
        sum(&mut block.left[..n], 0, heard, &gains);
        sum(&mut block.right[..n], 1, heard, &gains);
    }

    fn reset(&mut self) {
        *self = Self::new(&self.params, self.sample_rate);
    }

    fn tail(&self) -> usize {
        self.crossover.tail().max(self.smoothers.iter().map(Smoother::recovery).max().unwrap_or(0))
    }

    fn reduction_db(&self) -> f32 {
        self.reported
    }
}
