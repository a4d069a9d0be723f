//! Lowering a band by a gain that moves sample by sample.
//!
//! Lives here: [`BandGain`], which ducking uses on part of the spectrum. May be named here: `math`. Runs on the
//! audio thread.
//!
//! Two high shelves in a row: the one at the band's lower end goes down, the one at its upper end back up, so
//! that only what lies between is lowered. Each is a state-variable filter after Andrew Simper (Cytomic),
//! "Solving the continuous SVF equations using trapezoidal integration and equivalent currents", 2013, whose
//! coefficients may move while it runs. At no reduction the signal passes bit for bit.

use super::math::fast_exp2;
use super::{BLOCK, StereoMut};

/// Frames between two exact designs; the coefficients run straight in between.
const TICK: usize = 16;
/// The shelves' quality: the steepest without a bump.
const Q: f32 = std::f32::consts::FRAC_1_SQRT_2;
/// `log2(10) / 40`: decibels to the exponent of the square root of an amplitude.
const EXPONENT: f32 = 0.083_048_2;

/// A shelf's coefficients: those of the filter, then the shares of input, band and low pass in the output.
type Coefficients = [f64; 6];

#[derive(Debug, Clone)]
struct Shelf {
    /// `tan(π freq / rate)`.
    tan: f32,
    /// 1 raises with the reduction, -1 lowers.
    sign: f32,
    now: Coefficients,
    state: [[f64; 2]; 2],
}

impl Shelf {
    fn new(freq: f32, sign: f32, sample_rate: u32) -> Self {
        let rate = f64::from(sample_rate.max(1));
        let freq = f64::from(freq).clamp(1.0, 0.49 * rate);
        let tan = libm::tan(std::f64::consts::PI * freq / rate) as f32;
        let mut made = Self { tan, sign, now: [0.0; 6], state: [[0.0; 2]; 2] };
        made.now = made.design(0.0);
        made
    }

    fn design(&self, reduction_db: f32) -> Coefficients {
        let db = self.sign * reduction_db;
        if db == 0.0 {
            let mut open = self.filter(1.0);
            (open[3], open[4], open[5]) = (1.0, 0.0, 0.0);
            return open;
        }
        let a = fast_exp2(db * EXPONENT);
        let mut c = self.filter(fast_exp2(0.5 * db * EXPONENT));
        let (a, k) = (f64::from(a), f64::from(1.0 / Q));
        (c[3], c[4], c[5]) = (a * a, k * (1.0 - a) * a, 1.0 - a * a);
        c
    }

    fn filter(&self, scale: f32) -> Coefficients {
        let (g, k) = (f64::from(self.tan * scale), f64::from(1.0 / Q));
        let a1 = 1.0 / (1.0 + g * (g + k));
        [a1, g * a1, g * g * a1, 0.0, 0.0, 0.0]
    }
}

/// Lowers a band between two frequencies; outside the signal stays as it is.
#[derive(Debug, Clone)]
pub struct BandGain {
    shelves: [Shelf; 2],
}

impl BandGain {
    /// For the band from `low` to `high`, in Hz. At both ends half of the reduction (in dB) is reached.
    pub fn new(low: f32, high: f32, sample_rate: u32) -> Self {
        Self { shelves: [Shelf::new(low, -1.0, sample_rate), Shelf::new(high, 1.0, sample_rate)] }
    }

    /// Lowers a block by so many dB at each frame; as long as the block.
    pub fn process(&mut self, block: &mut StereoMut<'_>, reduction_db: &[f32]) {
        let count = block.len().min(reduction_db.len());
        let mut frames = [[0.0_f64; 2]; BLOCK];
        let frames = &mut frames[..count];
        for ((frame, left), right) in frames.iter_mut().zip(&*block.left).zip(&*block.right) {
            *frame = [f64::from(*left), f64::from(*right)];
        }
        for shelf in &mut self.shelves {
            for (frames, reduction) in frames.chunks_mut(TICK).zip(reduction_db.chunks(TICK)) {
                run(shelf, frames, reduction[frames.len() - 1]);
            }
            for state in shelf.state.iter_mut().flatten() {
                if !(state.abs() > 1e-30 && state.is_finite()) {
                    *state = 0.0;
                }
            }
        }
        for ((frame, left), right) in frames.iter().zip(&mut *block.left).zip(&mut *block.right) {
            (*left, *right) = (frame[0] as f32, frame[1] as f32);
        }
    }

    /// Forgets all sound.
    pub fn reset(&mut self) {
        for shelf in &mut self.shelves {
            (shelf.state, shelf.now) = ([[0.0; 2]; 2], shelf.design(0.0));
        }
    }
}

/// Runs a shelf over a tick on its way to a reduction.
fn run(shelf: &mut Shelf, frames: &mut [[f64; 2]], reduction_db: f32) {
    let target = shelf.design(reduction_db);
    let share = 1.0 / frames.len() as f64;
    let slope: Coefficients = std::array::from_fn(|i| (target[i] - shelf.now[i]) * share);
    let moving = slope.iter().any(|slope| *slope != 0.0);
    let (mut c, mut state) = (shelf.now, shelf.state);
    for frame in frames {
        if moving {
            c.iter_mut().zip(&slope).for_each(|(c, slope)| *c += slope);
        }
        for (x, state) in frame.iter_mut().zip(&mut state) {
            let v3 = *x - state[1];
            let v1 = c[0] * state[0] + c[1] * v3;
            let v2 = state[1] + c[1] * state[0] + c[2] * v3;
            *state = [2.0 * v1 - state[0], 2.0 * v2 - state[1]];
            *x = c[3] * *x + c[4] * v1 + c[5] * v2;
        }
    }
    (shelf.now, shelf.state) = (target, state);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::measure::{amplitude_at, decibels, largest_step, noise, sine};

    fn through(input: &[f32], rate: u32, reduction: impl Fn(usize) -> f32) -> Vec<f32> {
        let mut band = BandGain::new(300.0, 4000.0, rate);
        let mut out = input.to_vec();
        for (index, left) in out.chunks_mut(BLOCK).enumerate() {
            let mut right = left.to_vec();
            let curve: Vec<f32> = (0..left.len()).map(|i| reduction(index * BLOCK + i)).collect();
            band.process(&mut StereoMut { left, right: &mut right }, &curve);
            assert_eq!(left, right);
        }
        out
    }

    #[test]
    fn the_band_steps_back_and_bass_and_air_stay() {
        for rate in [44_100, 48_000, 96_000] {
            for (freq, expected, within) in [
                (40.0, 0.0, 0.1),
                (80.0, 0.0, 0.5),
                (300.0, -6.0, 0.7),
                (1100.0, -12.0, 0.7),
                (4000.0, -6.0, 0.7),
                (16_000.0, 0.0, 0.6),
            ] {
                let input = sine(freq, 0.5, rate, rate as usize);
                let out = through(&input, rate, |_| 12.0);
                let db = decibels(amplitude_at(&out[rate as usize / 2..], freq, rate) / 0.5);
                assert!((db - expected).abs() < within, "{freq} Hz at {rate}: {db} dB");
            }
        }
    }

    #[test]
    fn without_reduction_it_is_not_there() {
        let input = noise(3, 0.5, 5000);
        assert_eq!(through(&input, 48_000, |_| 0.0), input);
    }

    #[test]
    fn a_reduction_that_comes_and_goes_does_not_click() {
        let input = sine(1000.0, 0.5, 48_000, 48_000);
        let there = |frame: usize| if (10_000..20_000).contains(&frame) { 12.0 } else { 0.0 };
        let ramped = |frame: usize| {
            let into = (frame as f32 - 10_000.0).clamp(0.0, 480.0) / 480.0;
            let out = (frame as f32 - 20_000.0).clamp(0.0, 480.0) / 480.0;
            12.0 * (into - out)
        };
        let (programme, out) = (largest_step(&input), through(&input, 48_000, ramped));
        assert!(largest_step(&out) <= programme * 1.01);
        assert!(
            largest_step(&through(&input, 48_000, there)) < programme * 1.5,
            "even at once it stays tame"
        );
    }
}
