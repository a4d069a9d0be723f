//! The reverb's input diffusion: a row of Schroeder all-passes.
//!
//! Lives here: [`Diffuser`]. May be named here: [`Ramp`], `math`. Runs on the audio thread. Source: Schroeder,
//! "Natural Sounding Artificial Reverberation", JAES 10 (3), 1962.

use super::fdn::next_prime;
use super::math::flush;
use super::simd::dispatched;
use super::{BLOCK, Ramp};

/// All-passes in a row.
const STAGES: usize = 4;
/// Their delays in milliseconds, left and right.
const MILLISECONDS: [[f64; STAGES]; 2] = [[2.37, 4.13, 7.69, 11.31], [2.71, 4.79, 6.97, 12.67]];
/// Their coefficient at full diffusion, unless the decay asks for less.
const COEFFICIENT: f64 = 0.7;

/// Makes one impulse into many, each channel with delays of its own.
#[derive(Debug)]
pub(crate) struct Diffuser {
    lines: [Box<[f32]>; STAGES],
    at: [usize; STAGES],
    coefficient: Ramp,
    coefficients: [f32; BLOCK],
}

impl Diffuser {
    /// The diffuser of `side` 0 or 1 for chunks of at most `chunk` frames.
    pub(crate) fn new(side: usize, rt60: f32, diffusion: f32, chunk: usize, sample_rate: u32) -> Self {
        let lines = MILLISECONDS[side % 2].map(|ms| {
            let frames = (ms * 0.001 * f64::from(sample_rate)) as usize;
            vec![0.0; next_prime(frames.max(chunk + 1))].into()
        });
        Self {
            lines,
            at: [0; STAGES],
            coefficient: Ramp::new(Self::coefficient(rt60, diffusion)),
            coefficients: [0.0; BLOCK],
        }
    }

    /// The all-passes' own decay stays within half the reverb's.
    fn coefficient(rt60: f32, diffusion: f32) -> f32 {
        let longest = MILLISECONDS[1][STAGES - 1] * 0.001;
        let most = libm::exp10(-3.0 * longest / (0.5 * f64::from(rt60))).min(COEFFICIENT);
        most as f32 * diffusion
    }

    pub(crate) fn set(&mut self, rt60: f32, diffusion: f32, glide: u32) {
        self.coefficient.set(Self::coefficient(rt60, diffusion), glide);
    }

    pub(crate) fn reset(&mut self) {
        self.lines.iter_mut().for_each(|line| line.fill(0.0));
        self.coefficient.jump(self.coefficient.target());
    }

    /// Diffuses a chunk in place.
    pub(crate) fn process(&mut self, samples: &mut [f32]) {
        let steady = self.coefficient.is_steady().then(|| self.coefficient.current());
        let coefficients = &mut self.coefficients[..samples.len().min(BLOCK)];
        if steady.is_none() {
            self.coefficient.fill(coefficients);
        }
        for (line, at) in self.lines.iter_mut().zip(&mut self.at) {
            // In two parts where the line's end comes between.
            let first = samples.len().min(line.len() - *at);
            let (a, b) = samples.split_at_mut(first);
            let (ca, cb) = coefficients.split_at(first);
            for (place, part, coefficients) in [(*at, a, ca), (0, b, cb)] {
                match steady {
                    _ if part.is_empty() => {}
                    Some(g) => all_pass_steady(&mut line[place..], part, g),
                    None => all_pass(&mut line[place..], part, coefficients),
                }
            }
            *at += samples.len();
            if *at >= line.len() {
                *at -= line.len();
            }
        }
    }
}

dispatched! {
    fn all_pass(line: &mut [f32], samples: &mut [f32], coefficients: &[f32]) {
        for ((held, x), g) in line.iter_mut().zip(samples).zip(coefficients) {
            let kept = flush(*x + g * *held);
            *x = *held - g * kept;
            *held = kept;
        }
    }

    fn all_pass_steady(line: &mut [f32], samples: &mut [f32], g: f32) {
        for (held, x) in line.iter_mut().zip(samples) {
            let kept = flush(*x + g * *held);
            *x = *held - g * kept;
            *held = kept;
        }
    }
}
