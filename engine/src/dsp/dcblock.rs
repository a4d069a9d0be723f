//! Taking away what stands still.
//!
//! Lives here: [`DcBlock`], and the one-channel filter behind it. May be named here: `units`, [`Ramp`]. Runs on
//! the audio thread.
//!
//! A one-pole low-pass by the trapezoidal rule is taken from the signal (V. Zavalishin, "The Art of VA Filter
//! Design", 2018, chapter 3): at its corner exactly -3 dB, at any rate. Its state is double: at 1 Hz and
//! 192 kHz it moves by 1.6e-5 of the distance, which single precision would round away.

use super::{BLOCK, Processor, Ramp, Stereo, StereoMut, glide_frames};
pub use crate::effects::DcBlockParams;

/// How much of the way to the signal the low-pass goes in half a sample.
pub(crate) fn gain_of(freq: f32, sample_rate: u32) -> f64 {
    let rate = f64::from(sample_rate.max(1));
    let g = libm::tan(std::f64::consts::PI * f64::from(freq).min(0.49 * rate) / rate);
    g / (1.0 + g)
}

/// One channel's low-pass.
#[derive(Debug, Clone, Default)]
pub(crate) struct Remover {
    state: f64,
}

impl Remover {
    /// Whether it holds nothing.
    pub(crate) fn is_idle(&self) -> bool {
        self.state == 0.0
    }

    /// Takes away what is below the corner.
    #[inline(always)]
    pub(crate) fn next(&mut self, x: f32, gain: f64) -> f32 {
        let x = f64::from(x);
        let low = self.state * (1.0 - gain) + gain * x;
        self.state = self.state * (1.0 - 2.0 * gain) + 2.0 * gain * x;
        (x - low) as f32
    }

    /// Takes away what is left of what was there before; then nothing.
    pub(crate) fn fade(&mut self, samples: &mut [f32], gain: f64) {
        for x in samples {
            if self.state.abs() < 1e-9 {
                self.state = 0.0;
            }
            *x = (f64::from(*x) - self.state) as f32;
            self.state *= 1.0 - 2.0 * gain;
        }
    }

    /// Drops what is too small to change any bit of the output, long before it becomes subnormal.
    pub(crate) fn flush(&mut self) {
        if !(self.state.abs() > 1e-60 && self.state.abs() < 1e20) {
            self.state = 0.0;
        }
    }
}

/// Takes away a constant, and what is nearly one: 6 dB per octave below a corner.
#[derive(Debug)]
pub struct DcBlock {
    sample_rate: u32,
    gain: Ramp,
    sides: [Remover; 2],
}

impl Processor for DcBlock {
    type Params = DcBlockParams;

    fn new(params: &DcBlockParams, sample_rate: u32) -> Self {
        let gain = Ramp::new(gain_of(params.freq.get(), sample_rate) as f32);
        Self { sample_rate, gain, sides: Default::default() }
    }

    fn set(&mut self, params: &DcBlockParams) {
        let gain = gain_of(params.freq.get(), self.sample_rate) as f32;
        self.gain.set(gain, glide_frames(self.sample_rate));
    }

    fn process(&mut self, block: &mut StereoMut<'_>, _key: Option<Stereo<'_>>) {
        let n = block.len();
        let mut gains = [0.0; BLOCK];
        self.gain.fill(&mut gains[..n]);
        let [left, right] = &mut self.sides;
        for ((l, r), gain) in block.left.iter_mut().zip(block.right.iter_mut()).zip(&gains[..n]) {
            let gain = f64::from(*gain);
            (*l, *r) = (left.next(*l, gain), right.next(*r, gain));
        }
        self.sides.iter_mut().for_each(Remover::flush);
    }

    fn reset(&mut self) {
        self.gain.jump(self.gain.target());
        self.sides = Default::default();
    }

    fn tail(&self) -> usize {
        // Each frame keeps 1 - 2 gain: ln(10^5) = 11.52 of these.
        (5.76 / self.gain.target().max(1e-9)) as usize
    }
}
