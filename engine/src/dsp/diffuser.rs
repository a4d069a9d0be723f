//! The reverb's input diffusion: a row of Schroeder all-passes.
//!
//! Lives here: [`Diffuser`]. May be named here: [`Ramp`], `math`. Runs on the audio thread. Source: Schroeder,
//! "Natural Sounding Artificial Reverberation", JAES 10 (3), 1962.

use super::math::flush;
use super::{BLOCK, Ramp};

/// All-passes in a row.
const STAGES: usize = 4;
/// Their delays in milliseconds, left and right.
const MILLISECONDS: [[f64; STAGES]; 2] = [[2.37, 4.13, 7.69, 11.31], [2.71, 4.79, 6.97, 12.67]];
/// Their coefficient, unless the decay asks for less.
const COEFFICIENT: f64 = 0.7;

/// The smallest prime not below `from`.
pub(crate) fn next_prime(from: usize) -> usize {
    let is_prime = |n: usize| n >= 2 && (2..).take_while(|d| d * d <= n).all(|d| !n.is_multiple_of(d));
    (from..).find(|n| is_prime(*n)).unwrap_or(from)
}

/// Makes one impulse into many, each channel with delays of its own.
#[derive(Debug)]
pub(crate) struct Diffuser {
    lines: [Box<[f32]>; STAGES],
    at: [usize; STAGES],
    coefficient: Ramp,
}

impl Diffuser {
    /// The diffuser of `side` 0 or 1 for chunks of at most `chunk` frames.
    pub(crate) fn new(side: usize, rt60: f32, chunk: usize, sample_rate: u32) -> Self {
        let lines = MILLISECONDS[side % 2].map(|ms| {
            let frames = (ms * 0.001 * f64::from(sample_rate)) as usize;
            vec![0.0; next_prime(frames.max(chunk + 1))].into()
        });
        Self { lines, at: [0; STAGES], coefficient: Ramp::new(Self::coefficient(rt60)) }
    }

    /// The all-passes' own decay stays within half the reverb's.
    fn coefficient(rt60: f32) -> f32 {
        let longest = MILLISECONDS[1][STAGES - 1] * 0.001;
        libm::exp10(-3.0 * longest / (0.5 * f64::from(rt60))).min(COEFFICIENT) as f32
    }

    pub(crate) fn set(&mut self, rt60: f32, glide: u32) {
        self.coefficient.set(Self::coefficient(rt60), glide);
    }

    pub(crate) fn reset(&mut self) {
        self.lines.iter_mut().for_each(|line| line.fill(0.0));
        self.coefficient.jump(self.coefficient.target());
    }

    /// Diffuses a chunk in place.
    pub(crate) fn process(&mut self, samples: &mut [f32]) {
        let mut coefficients = [0.0; BLOCK];
        let coefficients = &mut coefficients[..samples.len().min(BLOCK)];
        self.coefficient.fill(coefficients);
        for (line, at) in self.lines.iter_mut().zip(&mut self.at) {
            // In two parts where the line's end comes between.
            let first = samples.len().min(line.len() - *at);
            let (a, b) = samples.split_at_mut(first);
            let (ca, cb) = coefficients.split_at(first);
            all_pass(&mut line[*at..*at + first], a, ca);
            all_pass(line, b, cb);
            *at = (*at + samples.len()) % line.len();
        }
    }
}

fn all_pass(line: &mut [f32], samples: &mut [f32], coefficients: &[f32]) {
    for ((held, x), g) in line.iter_mut().zip(samples).zip(coefficients) {
        let kept = flush(*x + g * *held);
        *x = *held - g * kept;
        *held = kept;
    }
}
