//! How fast the network's lines die, by frequency.
//!
//! Lives here: [`Decay`], what is wanted; [`Rates`], the filters of all lines for it; [`Damping`], the filters
//! at work. May be named here: `math`. Runs on the audio thread.
//!
//! A line's filter is two shelves of the first order in a row. Their gains are those of the lines themselves,
//! so each is steeper for a longer line, in decibels nearly in proportion: the reverberation time is almost
//! the same function of frequency for all of them.

use super::{BEFORE, CHUNK, LINES, Rows};
use crate::dsp::math::flush;

/// The pole of the upper shelf in hertz: low enough to be heard, high enough to leave 1 kHz alone.
pub(crate) const SHELF_HERTZ: f64 = 7000.0;
/// The least gain of a line, -120 dB: what is less is not heard.
const LEAST: f64 = 1e-6;

/// Reverberation times in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Decay {
    /// At the bottom of the spectrum.
    pub(crate) low: f32,
    /// Halfway between bottom and middle, in decibels of a line's gain, is here, in hertz.
    pub(crate) low_hertz: f32,
    /// In the middle.
    pub(crate) middle: f32,
    /// At the top.
    pub(crate) high: f32,
    /// Whether nothing dies at all.
    pub(crate) frozen: bool,
}

impl Decay {
    /// The gains of a line of so many seconds: at the bottom, in the middle, at the top.
    fn gains(&self, seconds: f64) -> [f64; 3] {
        if self.frozen {
            return [1.0; 3];
        }
        [self.low, self.middle, self.high]
            .map(|rt60| libm::exp10(-3.0 * seconds / f64::from(rt60)).max(LEAST))
    }

    /// The time in which a line of so many seconds falls by 60 dB at a frequency, after the analogue shelves.
    pub(crate) fn rt60_at(&self, hertz: f32, seconds: f64) -> f32 {
        let [low, middle, high] = self.gains(seconds);
        let square = |x: f64| x * x;
        let hertz = f64::from(hertz);
        let upper = square(hertz / SHELF_HERTZ);
        let upper = (1.0 + square(high / middle) * upper) / (1.0 + upper);
        let lower = square(hertz / f64::from(self.low_hertz));
        let lower = (lower + low / middle) / (lower + middle / low);
        let decibels = 20.0 * libm::log10(middle) + 10.0 * libm::log10(upper * lower);
        (-60.0 * seconds / decibels) as f32
    }
}

/// The filters of all lines: `y = a x + s`, `s' = b x + p s`, twice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rates {
    /// The upper shelf, with the line's gain and a quarter for the matrix.
    high: [[f32; LINES]; 2],
    /// The lower shelf: `a`, `b` and its pole.
    low: [[f32; LINES]; 3],
    pole: f32,
}

impl Rates {
    /// The filters by the bilinear transform.
    ///
    /// The upper shelf has its pole at [`SHELF_HERTZ`], the middle's gain at 0 Hz and the top's at half the
    /// rate. The lower one has the quotient of bottom and middle at 0 Hz, its root at its frequency and 1 at
    /// half the rate.
    pub(crate) fn design(decay: &Decay, lengths: &[usize; LINES], sample_rate: u32) -> Self {
        let rate = f64::from(sample_rate);
        let tan = |hertz: f64| libm::tan(std::f64::consts::PI * hertz.min(0.4 * rate) / rate);
        let pole = (1.0 - tan(SHELF_HERTZ)) / (1.0 + tan(SHELF_HERTZ));
        let corner = tan(f64::from(decay.low_hertz));
        let mut rates = Self { high: [[0.0; LINES]; 2], low: [[0.0; LINES]; 3], pole: pole as f32 };
        for (i, length) in lengths.iter().enumerate() {
            let [low, middle, high] = decay.gains(*length as f64 / rate);
            // (a + b') / (1 - pole) = middle at 0 Hz; (a - b') / (1 + pole) = high at half the rate.
            let sum = 0.25 * middle * (1.0 - pole);
            let difference = 0.25 * high * (1.0 + pole);
            let a = 0.5 * (sum + difference);
            rates.high[0][i] = a as f32;
            rates.high[1][i] = (0.5 * (sum - difference) + pole * a) as f32;
            let root = libm::sqrt(low / middle);
            let (zero, own) = (corner * root, corner / root);
            let (a, pole) = ((1.0 + zero) / (1.0 + own), (1.0 - own) / (1.0 + own));
            rates.low[0][i] = a as f32;
            rates.low[1][i] = ((zero - 1.0) / (1.0 + own) + pole * a) as f32;
            rates.low[2][i] = pole as f32;
        }
        if decay.frozen {
            // To the last bit, or rounding would tell in the course of hours.
            rates.high = [[0.25; LINES], [0.0; LINES]];
            rates.low[0] = [1.0; LINES];
            rates.low[1] = [0.0; LINES];
        }
        rates
    }

    /// Whether the lower shelf leaves everything as it is.
    fn is_flat(&self) -> bool {
        self.low[0] == [1.0; LINES] && self.low[1] == [0.0; LINES]
    }

    fn rows_mut(&mut self) -> impl Iterator<Item = &mut [f32; LINES]> {
        self.high.iter_mut().chain(&mut self.low)
    }

    fn rows(&self) -> impl Iterator<Item = &[f32; LINES]> {
        self.high.iter().chain(&self.low)
    }
}

/// The filters at work.
#[derive(Debug)]
pub(super) struct Damping {
    now: Rates,
    target: Rates,
    /// What is added at every frame of a glide.
    slope: Rates,
    left: u32,
    high: [f32; LINES],
    low: [f32; LINES],
}

impl Damping {
    pub(super) fn new(rates: Rates) -> Self {
        Self { now: rates, target: rates, slope: rates, left: 0, high: [0.0; LINES], low: [0.0; LINES] }
    }

    /// Glides to other filters in `glide` frames, from the next chunk on.
    pub(super) fn set(&mut self, target: Rates, glide: u32) {
        if target == self.target {
            return;
        }
        self.target = target;
        self.left = glide.max(1);
        for ((slope, now), target) in self.slope.rows_mut().zip(self.now.rows()).zip(target.rows()) {
            for ((slope, now), target) in slope.iter_mut().zip(now).zip(target) {
                *slope = (target - now) / self.left as f32;
            }
        }
    }

    pub(super) fn reset(&mut self) {
        *self = Self::new(self.target);
    }

    /// Filters a chunk of all lines.
    #[inline(always)]
    pub(super) fn process(&mut self, rows: &mut Rows) {
        if self.left > 0 {
            self.glide(rows);
        } else {
            let [a, b] = &self.now.high;
            run(rows, a, b, &[self.now.pole; LINES], &mut self.high);
            if !self.now.is_flat() || self.low != [0.0; LINES] {
                let [a, b, poles] = &self.now.low;
                run(rows, a, b, poles, &mut self.low);
            }
        }
        self.high = self.high.map(flush);
        self.low = self.low.map(flush);
    }

    /// The same frame by frame, with filters that move.
    fn glide(&mut self, rows: &mut Rows) {
        for i in 0..CHUNK {
            if self.left > 0 {
                self.left -= 1;
                for (now, slope) in self.now.rows_mut().zip(self.slope.rows()) {
                    for (now, slope) in now.iter_mut().zip(slope) {
                        *now += slope;
                    }
                }
                if self.left == 0 {
                    self.now = self.target;
                }
            }
            let Rates { high, low, pole } = &self.now;
            for (j, row) in rows.iter_mut().enumerate() {
                let x = row[BEFORE + i];
                let y = high[0][j] * x + self.high[j];
                self.high[j] = high[1][j] * x + pole * self.high[j];
                row[BEFORE + i] = low[0][j] * y + self.low[j];
                self.low[j] = low[1][j] * y + low[2][j] * self.low[j];
            }
        }
    }
}

/// Frames that a filter takes in one step.
const STEP: usize = 4;

/// One filter of every line over a chunk: `y = a x + s`, `s' = b x + p s`.
///
/// To go four frames a step, the recursion is written out over four:
/// `y₄ = p⁴ y₀ + a x₄ + b (x₃ + p x₂ + p² x₁) + (b p³ - a p⁴) x₀`. The sums are plain loops over time; the steps of
/// four lines at a time overlap in the processor's pipeline.
#[inline(always)]
fn run(rows: &mut Rows, a: &[f32; LINES], b: &[f32; LINES], poles: &[f32; LINES], states: &mut [f32; LINES]) {
    if *b == [0.0; LINES] && *states == [0.0; LINES] {
        for (row, a) in rows.iter_mut().zip(a) {
            row.iter_mut().for_each(|x| *x *= a);
        }
        return;
    }
    for first in (0..LINES).step_by(STEP) {
        let mut sums = [[0.0; CHUNK]; STEP];
        let mut last = [[0.0; STEP]; STEP];
        let mut four = [0.0; STEP];
        for k in 0..STEP {
            let (row, a, b, p) = (&rows[first + k], a[first + k], b[first + k], poles[first + k]);
            let (p2, p3) = (p * p, p * p * p);
            let (c0, c1, c2, c3, c4) = (a, b, b * p, b * p2, (b - a * p) * p3);
            for i in 0..CHUNK {
                // Silence comes before the chunk; the state has what was there.
                let x = |back: usize| row[BEFORE + i - back];
                sums[k][i] = ((c0 * x(0) + c1 * x(1)) + (c2 * x(2) + c3 * x(3))) + c4 * x(4);
            }
            let state = states[first + k];
            for (sum, power) in sums[k].iter_mut().zip([1.0, p, p2, p3]) {
                *sum += power * state;
            }
            four[k] = p2 * p2;
        }
        for start in (0..CHUNK).step_by(STEP) {
            for k in 0..STEP {
                for i in 0..STEP {
                    last[k][i] = sums[k][start + i] + four[k] * last[k][i];
                }
                sums[k][start..start + STEP].copy_from_slice(&last[k]);
            }
        }
        for (k, sums) in sums.iter().enumerate() {
            let j = first + k;
            // What the state was in the last frame, and is after it.
            let x = rows[j][BEFORE + CHUNK - 1];
            states[j] = b[j] * x + poles[j] * (sums[CHUNK - 1] - a[j] * x);
            if let Some(row) = rows[j].last_chunk_mut() {
                *row = *sums;
            }
        }
    }
}
