//! Gentle filters, 6 dB per octave, whose frequency and presence glide.
//!
//! Lives here: [`Cuts`], a high-pass and a low-pass in a row for both sides. May be named here: [`Ramp`], `math`.
//! Runs on the audio thread.
//!
//! Both are made of a first-order all-pass: half of the sum of it and its input is a low-pass, half of the
//! difference a high-pass, each the bilinear transform of the analogue one, with -3.01 dB at its frequency
//! (P. A. Regalia and S. K. Mitra, "Tunable Digital Frequency Response Equalization Filters", IEEE Transactions
//! on Acoustics, Speech and Signal Processing 35 (1), 1987). Of each a share is taken away, and for any share
//! the gain stays within 1: they are safe in a feedback loop.

use super::math::flush;
use super::{BLOCK, Ramp};

/// At or below this the high-pass is off.
pub(crate) const LOWEST: f32 = 10.0;
/// At or above this the low-pass is off.
pub(crate) const HIGHEST: f32 = 20_000.0;

/// One of the two filters: the all-pass's coefficient, and how much of the filter is there.
#[derive(Debug)]
struct Cut {
    coefficient: Ramp,
    share: Ramp,
    state: [f32; 2],
}

impl Cut {
    fn new(hertz: f32, on: bool, sample_rate: u32) -> Self {
        let share = Ramp::new(if on { 0.5 } else { 0.0 });
        Self { coefficient: Ramp::new(coefficient(hertz, sample_rate)), share, state: [0.0; 2] }
    }

    fn set(&mut self, hertz: f32, on: bool, sample_rate: u32, glide: u32) {
        if on {
            let coefficient = coefficient(hertz, sample_rate);
            // One that is not heard starts at its frequency.
            let glide = if self.share.current() == 0.0 { 0 } else { glide };
            self.coefficient.set(coefficient, glide);
        }
        self.share.set(if on { 0.5 } else { 0.0 }, glide);
    }

    fn is_off(&self) -> bool {
        self.share.is_steady() && self.share.current() == 0.0
    }

    fn reset(&mut self) {
        self.coefficient.jump(self.coefficient.target());
        self.share.jump(self.share.target());
        self.state = [0.0; 2];
    }

    /// Takes away what goes with the all-pass (`sign` 1: the low part) or against it (-1: the high part).
    fn process(&mut self, sign: f32, sides: [&mut [f32]; 2]) {
        let [left, right] = sides;
        let n = left.len().min(right.len()).min(BLOCK);
        let (mut c, mut share) = ([0.0; BLOCK], [0.0; BLOCK]);
        self.coefficient.fill(&mut c[..n]);
        self.share.fill(&mut share[..n]);
        let mut state = self.state;
        for ((l, r), (c, share)) in left.iter_mut().zip(right).zip(c[..n].iter().zip(&share)) {
            let k = 1.0 - c * c;
            for (x, state) in [l, r].into_iter().zip(&mut state) {
                let all_pass = c * *x + *state;
                *state = flush(k * *x - c * *state);
                *x -= share * (*x + sign * all_pass);
            }
        }
        self.state = if self.is_off() { [0.0; 2] } else { state };
    }
}

fn coefficient(hertz: f32, sample_rate: u32) -> f32 {
    let rate = f64::from(sample_rate);
    let tan = libm::tan(std::f64::consts::PI * f64::from(hertz).min(0.45 * rate) / rate);
    ((tan - 1.0) / (tan + 1.0)) as f32
}

/// A high-pass and a low-pass in a row.
#[derive(Debug)]
pub(crate) struct Cuts {
    low: Cut,
    high: Cut,
}

impl Cuts {
    /// What is below `low` and above `high` hertz is cut; at [`LOWEST`] and [`HIGHEST`] nothing.
    pub(crate) fn new(low: f32, high: f32, sample_rate: u32) -> Self {
        Self {
            low: Cut::new(low, low > LOWEST, sample_rate),
            high: Cut::new(high, high < HIGHEST, sample_rate),
        }
    }

    pub(crate) fn set(&mut self, low: f32, high: f32, sample_rate: u32, glide: u32) {
        self.low.set(low, low > LOWEST, sample_rate, glide);
        self.high.set(high, high < HIGHEST, sample_rate, glide);
    }

    pub(crate) fn reset(&mut self) {
        self.low.reset();
        self.high.reset();
    }

    /// Filters at most [`BLOCK`] frames in place. A filter that is off leaves every bit and costs nothing.
    pub(crate) fn process(&mut self, left: &mut [f32], right: &mut [f32]) {
        for (cut, sign) in [(&mut self.low, 1.0), (&mut self.high, -1.0)] {
            if !cut.is_off() {
                cut.process(sign, [&mut *left, &mut *right]);
            }
        }
    }
}
