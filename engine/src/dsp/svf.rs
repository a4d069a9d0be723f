//! The state-variable filter behind the equaliser.
//!
//! Lives here: the filter's design, its coefficients and the loop that runs up to four in a row. May be named
//! here: nothing. Designs are made where parameters change; the loops run on the audio thread.
//!
//! Source: Andrew Simper (Cytomic), "Solving the continuous SVF equations using trapezoidal integration and
//! equivalent currents", 2013, algorithm SvfLinearTrapOptimised2. Its state is the charge of two capacitors,
//! so coefficients may change at any sample without the burst a direct-form biquad gives.
//!
//! State and arithmetic are double: at 20 Hz and 96 kHz the integrator gain is 6.5e-4, and single precision
//! would lose the last three digits of the signal.

use std::f64::consts::PI;

/// One frame of both channels.
pub(crate) type Pair = [f64; 2];

/// A filter as a point in a space where straight lines are sensible glides: frequency and damping on a
/// logarithmic scale, and the shares of input, band-pass and low-pass in the output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Design {
    log_g: f64,
    log_k: f64,
    mix: [f64; 3],
}

impl Design {
    /// The filter with integrator gain `g`, damping `k` = 1/Q and output shares `mix`.
    pub(crate) fn new(g: f64, k: f64, mix: [f64; 3]) -> Self {
        Self { log_g: libm::log2(g), log_k: libm::log2(k), mix }
    }

    /// The same filter, but with the input passing unchanged.
    pub(crate) fn bypassed(self) -> Self {
        Self { mix: [1.0, 0.0, 0.0], ..self }
    }

    /// The point `t` of the way from `self` to `other`.
    pub(crate) fn towards(&self, other: &Self, t: f64) -> Self {
        let lerp = |a: f64, b: f64| a + (b - a) * t;
        Self {
            log_g: lerp(self.log_g, other.log_g),
            log_k: lerp(self.log_k, other.log_k),
            mix: std::array::from_fn(|i| lerp(self.mix[i], other.mix[i])),
        }
    }

    /// The coefficients of the loop.
    pub(crate) fn coefficients(&self) -> Coefficients {
        let (g, k) = (libm::exp2(self.log_g), libm::exp2(self.log_k));
        let a1 = 1.0 / (1.0 + g * (g + k));
        let a2 = g * a1;
        Coefficients([a1, a2, g * a2, self.mix[0], self.mix[1], self.mix[2]])
    }

    /// The exact response at `freq` hertz, in decibels: the bilinear transform at that frequency.
    pub(crate) fn response_db(&self, freq: f64, sample_rate: f64) -> f64 {
        let (g, k) = (libm::exp2(self.log_g), libm::exp2(self.log_k));
        // s = j tan(ω/2) / g on the unit circle; H = m0 + (m1 s + m2) / (s² + k s + 1).
        let s = libm::tan(PI * freq / sample_rate) / g;
        let (re, im) = (1.0 - s * s, k * s);
        let size = re * re + im * im;
        let [m0, m1, m2] = self.mix;
        let (up_re, up_im) = (m0 * re + m2, m0 * im + m1 * s);
        10.0 * libm::log10((up_re * up_re + up_im * up_im) / size)
    }

    /// Frames in which the filter's own ringing falls by 100 dB.
    pub(crate) fn tail(&self) -> f64 {
        let (g, k) = (libm::exp2(self.log_g), libm::exp2(self.log_k));
        // The slower pole's decay per sample, in nepers, for poles s² + k s + 1 at cut-off 2 atan(g).
        let slow = if k < 2.0 { k / 2.0 } else { (k - libm::sqrt(k * k - 4.0)) / 2.0 };
        // ln(10^5) = 11.52.
        11.52 / (2.0 * libm::atan(g) * slow).max(1e-9)
    }
}

/// The loop's numbers: a1, a2, a3 of the paper, then the output shares m0, m1, m2.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Coefficients(pub(crate) [f64; 6]);

/// The two capacitors' charges, each for both channels.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct State(pub(crate) [Pair; 2]);

impl State {
    /// Drops charges too small to be heard before they become subnormal.
    pub(crate) fn flush(&mut self) {
        for charge in self.0.iter_mut().flatten() {
            if charge.abs() < 1e-20 {
                *charge = 0.0;
            }
        }
    }
}

/// One frame through one filter.
#[inline(always)]
pub(crate) fn step(c: &[f64; 6], state: &mut State, input: Pair) -> Pair {
    let [a1, a2, a3, m0, m1, m2] = *c;
    let [ic1, ic2] = &mut state.0;
    let mut out = [0.0; 2];
    for ch in 0..2 {
        let v0 = input[ch];
        let v3 = v0 - ic2[ch];
        let v1 = a1 * ic1[ch] + a2 * v3;
        let v2 = ic2[ch] + (a2 * ic1[ch] + a3 * v3);
        ic1[ch] = 2.0 * v1 - ic1[ch];
        ic2[ch] = 2.0 * v2 - ic2[ch];
        out[ch] = m0 * v0 + (m1 * v1 + m2 * v2);
    }
    out
}

/// Runs `N` filters one after another over `frames`. Frame by frame, so that the filters' feedback loops
/// overlap in the processor's pipeline instead of waiting for one another.
pub(crate) fn run<const N: usize>(filters: &[Coefficients; N], states: &mut [State; N], frames: &mut [Pair]) {
    let mut local = *states;
    for frame in frames {
        let mut value = *frame;
        for (filter, state) in filters.iter().zip(&mut local) {
            value = step(&filter.0, state, value);
        }
        *frame = value;
    }
    *states = local;
}
