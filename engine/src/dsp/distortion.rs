//! The distortion.
//!
//! Lives here: [`Distortion`]. May be named here: `units`, the curves of `shaper`, [`Oversampler`], [`struct@Eq`],
//! `line`, [`Ramp`]. Runs on the audio thread.

use super::dcblock::{Remover, gain_of};
use super::eq::Eq;
use super::line::Line;
use super::oversample::{MAX_FACTOR, Oversampler};
use super::shaper::{Shaper, Treble};
use super::{BLOCK, EqBand, EqParams, EqShape, Processor, Ramp, Stereo, StereoMut, glide_frames};
pub use crate::effects::{DistortionCurve, DistortionParams, Oversampling};
use crate::units::{Decibels, Hertz};

/// From here on the tone filter is none.
const OPEN: f32 = 20_000.0;
/// The corner below which what the curve adds at 0 Hz is taken away.
const STILL_HERTZ: f32 = 5.0;

impl Oversampling {
    /// By how much the sample rate is multiplied.
    pub fn factor(self) -> usize {
        match self {
            Self::X1 => 1,
            Self::X2 => 2,
            Self::X4 => 4,
            Self::X8 => 8,
        }
    }
}

impl DistortionParams {
    fn tone(&self) -> EqParams {
        let mut params = EqParams::default();
        let freq = self.tone.get();
        if freq < OPEN {
            let (freq, gain) = (Hertz::clamped(freq), Decibels::UNITY);
            params.bands[0] = Some(EqBand {
                shape: EqShape::LowPass,
                freq,
                gain,
                q: std::f32::consts::FRAC_1_SQRT_2,
                ..Default::default()
            });
        }
        params
    }
}

/// What one channel needs.
#[derive(Debug, Clone)]
struct Side {
    oversampler: Oversampler,
    shaper: Shaper,
    treble: Treble,
    still: Remover,
}

impl Side {
    fn latency(&self) -> usize {
        let treble = if self.oversampler.factor() > 1 { Treble::LATENCY } else { 0 };
        self.oversampler.latency() + treble
    }
}

/// Bends the wave at a multiple of the sample rate. Another curve is faded to; the dry signal comes as late as
/// the wet one.
#[derive(Debug)]
pub struct Distortion {
    params: DistortionParams,
    glide: u32,
    curve: DistortionCurve,
    /// Faded to, where it differs.
    next: DistortionCurve,
    fade: Ramp,
    drive: Ramp,
    output: Ramp,
    mix: Ramp,
    sides: [Side; 2],
    high: Box<[f32]>,
    still_gain: f64,
    tone: Eq,
    dry: Line,
}

impl Distortion {
    /// Ends a fade that has arrived and begins one that waits; then how many of `frames` are of one kind.
    fn begin(&mut self, frames: usize) -> usize {
        if self.next != self.curve && self.fade.is_steady() {
            self.curve = self.next;
        }
        if self.next == self.curve && self.params.curve != self.curve {
            self.next = self.params.curve;
            self.fade.jump(0.0);
            self.fade.set(1.0, self.glide);
        }
        if self.next == self.curve { frames } else { frames.min(self.fade.remaining() as usize) }
    }

    /// Bends both sides, at the high rate.
    fn bend(&mut self, mut left: &mut [f32], mut right: &mut [f32]) {
        while !left.is_empty() {
            let n = self.begin(left.len());
            let (now_l, rest_l) = left.split_at_mut(n);
            let (now_r, rest_r) = right.split_at_mut(n);
            (left, right) = (rest_l, rest_r);
            let mut shares = [0.0; BLOCK];
            self.fade.fill(&mut shares[..n]);
            let next = (self.next != self.curve).then_some((self.next, &shares[..n]));
            let uneven = [self.curve, self.next].contains(&DistortionCurve::Tube);
            for (side, samples) in self.sides.iter_mut().zip([now_l, now_r]) {
                let factor = side.oversampler.factor();
                let high = &mut self.high[..n * factor];
                side.oversampler.up(samples, high);
                side.shaper.process(self.curve, next, factor, high);
                side.oversampler.down(high, samples);
                if factor > 1 {
                    side.treble.process(samples);
                }
                // Only an uneven curve moves the middle; of what was taken away for it, the rest fades.
                if uneven {
                    samples.iter_mut().for_each(|x| *x = side.still.next(*x, self.still_gain));
                } else if !side.still.is_idle() {
                    side.still.fade(samples, self.still_gain);
                }
            }
        }
        self.sides.iter_mut().for_each(|side| side.still.flush());
    }
}

impl Processor for Distortion {
    type Params = DistortionParams;

    fn new(params: &DistortionParams, sample_rate: u32) -> Self {
        let oversampler = Oversampler::new(params.oversampling.factor());
        let treble = Treble::new(params.oversampling.factor());
        let side = Side { oversampler, shaper: Shaper::default(), treble, still: Remover::default() };
        Self {
            params: *params,
            glide: glide_frames(sample_rate),
            curve: params.curve,
            next: params.curve,
            fade: Ramp::new(0.0),
            drive: Ramp::new(params.drive.amplitude()),
            output: Ramp::new(params.output.amplitude()),
            mix: Ramp::new(params.mix.get()),
            dry: Line::new(side.latency() + BLOCK),
            sides: [side.clone(), side],
            high: vec![0.0; BLOCK * MAX_FACTOR].into(),
            still_gain: gain_of(STILL_HERTZ, sample_rate),
            tone: Eq::new(&params.tone(), sample_rate),
        }
    }

    fn set(&mut self, params: &DistortionParams) {
        if *params == self.params {
            return;
        }
        self.params = DistortionParams { oversampling: self.params.oversampling, ..*params };
        self.drive.set(params.drive.amplitude(), self.glide);
        self.output.set(params.output.amplitude(), self.glide);
        self.mix.set(params.mix.get(), self.glide);
        self.tone.set(&params.tone());
    }

    fn process(&mut self, block: &mut StereoMut<'_>, _key: Option<Stereo<'_>>) {
        let n = block.len();
        let (mut wet, mut ramp) = ([[0.0; BLOCK]; 2], [0.0; BLOCK]);
        let [wet_l, wet_r] = &mut wet;
        let (wet_l, wet_r, ramp) = (&mut wet_l[..n], &mut wet_r[..n], &mut ramp[..n]);
        let (left, right) = (&mut block.left[..n], &mut block.right[..n]);
        self.drive.fill(ramp);
        for (wet, dry) in [(&mut *wet_l, &*left), (&mut *wet_r, &*right)] {
            for ((wet, dry), drive) in wet.iter_mut().zip(dry).zip(&*ramp) {
                *wet = dry * drive;
            }
        }
        self.bend(wet_l, wet_r);
        self.tone.process(&mut StereoMut { left: &mut *wet_l, right: &mut *wet_r }, None);
        let latency = self.latency();
        if latency > 0 {
            self.dry.write([&*left, &*right]);
            self.dry.read(latency + n, [&mut *left, &mut *right]);
        }
        self.output.fill(ramp);
        for wet in [&mut *wet_l, &mut *wet_r] {
            for (wet, output) in wet.iter_mut().zip(&*ramp) {
                *wet *= output;
            }
        }
        self.mix.fill(ramp);
        for (dry, wet) in [(left, &*wet_l), (right, &*wet_r)] {
            for ((dry, wet), mix) in dry.iter_mut().zip(wet).zip(&*ramp) {
                *dry += mix * (wet - *dry);
            }
        }
    }

    fn reset(&mut self) {
        for ramp in [&mut self.drive, &mut self.output, &mut self.mix] {
            ramp.jump(ramp.target());
        }
        for side in &mut self.sides {
            side.oversampler.reset();
            side.shaper.reset();
            side.treble.reset();
            side.still = Remover::default();
        }
        (self.curve, self.next) = (self.params.curve, self.params.curve);
        self.tone.reset();
        self.dry.clear();
    }

    fn latency(&self) -> usize {
        self.sides[0].latency()
    }

    fn tail(&self) -> usize {
        let still = if self.params.curve == DistortionCurve::Tube { 5.76 / self.still_gain } else { 0.0 };
        2 * self.latency() + self.tone.tail() + still as usize
    }
}
