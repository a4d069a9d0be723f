//! What the dynamics processors measure.
//!
//! Lives here: held peaks, mean squares, and the filter on what is measured. May be named here: `simd`, `math`
//! and the filter of `eq`. Runs on the audio thread.

use super::eq::{Eq, EqBand, EqParams, EqShape};
use super::math::{DB_PER_OCTAVE, fast_amplitude_to_db, fast_log2};
use super::simd::dispatched;
use super::{BLOCK, Processor, Stereo, StereoMut};
use crate::units::Hertz;

/// Amplitudes below this, -200 dB, are taken as this.
const FLOOR: f32 = 1e-10;
/// The time constant of each of the two stages of a mean square.
const MEAN_SECONDS: f32 = 0.01;
/// At or below this the filter takes no lows away, at or above the other no highs.
const OFF: (f32, f32) = (10.0, 20_000.0);

/// The share that one frame keeps of the distance, for a time constant in seconds; zero for no time.
pub(super) fn keep(seconds: f32, sample_rate: u32) -> f32 {
    libm::exp(-1.0 / (f64::from(seconds) * f64::from(sample_rate)).max(1e-9)) as f32
}

/// Frames until a reduction in decibels has come back to a hundredth, of which each frame keeps that share: so long a
/// processor that is not fed must still be run, or it would begin its next sound where it stopped.
pub(super) fn recovery(db: f32, keep: f32) -> usize {
    const NOTHING: f32 = 0.01;
    if db > NOTHING && keep > 0.0 && keep < 1.0 {
        (libm::logf(NOTHING / db) / libm::logf(keep)) as usize + 1
    } else {
        0
    }
}

/// The largest of the last values: eight parts of a window, and the one being filled.
#[derive(Debug, Clone, Copy)]
pub(super) struct PeakHold {
    parts: [f32; 8],
    oldest: usize,
    of_parts: f32,
    filling: f32,
    part: u32,
    left: u32,
}

impl PeakHold {
    pub(super) fn new(frames: u32) -> Self {
        let part = (frames / 8).max(1);
        Self { parts: [0.0; 8], oldest: 0, of_parts: 0.0, filling: 0.0, part, left: part }
    }

    /// Has another window from the part being filled on.
    pub(super) fn set_window(&mut self, frames: u32) {
        self.part = (frames / 8).max(1);
        self.left = self.left.min(self.part);
    }

    /// What it holds.
    pub(super) fn top(&self) -> f32 {
        self.of_parts.max(self.filling)
    }

    /// As if it had held that all the time.
    pub(super) fn seed(&mut self, value: f32) {
        *self = Self { parts: [value; 8], of_parts: value, ..Self::new(8 * self.part) };
    }

    /// Holds what the other held too; both have run beside one another.
    pub(super) fn join(&mut self, other: &Self) {
        self.parts.iter_mut().zip(&other.parts).for_each(|(part, other)| *part = part.max(*other));
        self.of_parts = self.of_parts.max(other.of_parts);
        self.filling = self.filling.max(other.filling);
    }

    /// Replaces each value by the largest of the window that ends with it.
    pub(super) fn process(&mut self, mut values: &mut [f32]) {
        while !values.is_empty() {
            let (now, rest) = values.split_at_mut(values.len().min(self.left as usize));
            values = rest;
            self.left -= now.len() as u32;
            let (mut top, before) = (self.filling, self.of_parts);
            for value in now {
                // Comparisons of this kind are one instruction; what is not a number is passed over.
                top = if *value > top { *value } else { top };
                *value = if before > top { before } else { top };
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

/// The mean of squares by two equal one-pole averages in a row, of 10 ms each. One alone would let the level
/// of a low tone waver; of two, a tone of 50 Hz wavers by ±0.1 dB.
#[derive(Debug, Clone, Copy)]
pub(super) struct MeanSquare {
    stages: [f32; 2],
    keep: f32,
}

impl MeanSquare {
    pub(super) fn new(sample_rate: u32) -> Self {
        Self { stages: [FLOOR * FLOOR; 2], keep: keep(MEAN_SECONDS, sample_rate) }
    }

    pub(super) fn mean(&self) -> f32 {
        self.stages[1]
    }

    /// As if that had been the mean for long.
    pub(super) fn seed(&mut self, mean: f32) {
        self.stages = [mean.clamp(FLOOR * FLOOR, 1e20); 2];
    }

    /// Replaces each sample by the mean of the squares up to it.
    pub(super) fn process(&mut self, samples: &mut [f32]) {
        let [mut a, mut b] = self.stages;
        for value in samples {
            // The floor keeps the averages normal numbers, the ceiling keeps them finite.
            let square = *value * *value;
            let square = if square.is_finite() { square.clamp(FLOOR * FLOOR, 1e20) } else { FLOOR * FLOOR };
            a = square + self.keep * (a - square);
            b = a + self.keep * (b - a);
            *value = b;
        }
        self.stages = [a, b];
    }
}

/// A high-pass and a low-pass of 12 dB per octave on what is measured; whichever is at its end of the range
/// is not there.
#[derive(Debug)]
pub(super) struct KeyFilter(Eq);

impl KeyFilter {
    pub(super) fn new(low: Hertz, high: Hertz, sample_rate: u32) -> Self {
        Self(Eq::new(&Self::params(low, high), sample_rate))
    }

    fn params(low: Hertz, high: Hertz) -> EqParams {
        let band = |shape, freq, there: bool| {
            let q = std::f32::consts::FRAC_1_SQRT_2;
            there.then_some(EqBand { shape, freq, q, ..Default::default() })
        };
        let mut params = EqParams::default();
        let [first, second, ..] = &mut params.bands;
        *first = band(EqShape::HighPass, low, low.get() > OFF.0);
        *second = band(EqShape::LowPass, high, high.get() < OFF.1);
        params
    }

    pub(super) fn set(&mut self, low: Hertz, high: Hertz) {
        self.0.set(&Self::params(low, high));
    }

    pub(super) fn reset(&mut self) {
        self.0.reset();
    }

    /// The filtered signal, in `room` if there is a filter at all.
    pub(super) fn process<'a>(&mut self, heard: Stereo<'a>, room: &'a mut [[f32; BLOCK]; 2]) -> Stereo<'a> {
        let n = heard.len().min(BLOCK);
        if self.0.pass_by(n) {
            return heard;
        }
        let [left, right] = room;
        let (left, right) = (&mut left[..n], &mut right[..n]);
        left.copy_from_slice(&heard.left[..n]);
        right.copy_from_slice(&heard.right[..n]);
        self.0.process(&mut StereoMut { left, right }, None);
        Stereo { left, right }
    }
}

dispatched! {
    /// The larger magnitude of both channels.
    pub(super) fn louder(heard: Stereo<'_>, out: &mut [f32]) {
        for ((out, l), r) in out.iter_mut().zip(heard.left).zip(heard.right) {
            *out = l.abs().max(r.abs());
        }
    }

    /// From amplitudes to decibels, in place.
    pub(super) fn amplitudes_to_db(values: &mut [f32]) {
        for value in values {
            *value = fast_amplitude_to_db(value.max(FLOOR));
        }
    }

    /// From mean squares to decibels, in place.
    pub(super) fn squares_to_db(values: &mut [f32]) {
        for value in values {
            *value = fast_log2(value.max(FLOOR * FLOOR)) * (0.5 * DB_PER_OCTAVE);
        }
    }
}
