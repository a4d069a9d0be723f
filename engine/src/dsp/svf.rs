//! The state-variable filter behind the equaliser.
//!
//! Lives here: the filter's design and the coefficients of its recursion. May be named here: nothing. Designs are
//! made where parameters change; the loops that run them live with the equaliser, in `eq::cascade`.
//!
//! Source: Andrew Simper (Cytomic), "Solving the continuous SVF equations using trapezoidal integration and
//! equivalent currents", 2013, algorithm SvfLinearTrapOptimised2. Its state is the charge of two capacitors,
//! so coefficients may change at any sample without the burst a direct-form biquad gives. Here the paper's two
//! inner voltages are eliminated, which leaves the same charges and the same output by a shorter way.
//!
//! State and arithmetic are double: at 20 Hz and 96 kHz the integrator gain is 6.5e-4, and single precision
//! would lose the last three digits of the signal.

use std::f64::consts::PI;

/// A filter as a point in a space where straight lines are sensible glides: frequency and damping on a
/// logarithmic scale, and the shares of input, band-pass and low-pass in the output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Design {
    log_g: f64,
    log_k: f64,
    mix: [f64; 3],
}

impl Design {
    /// No filter at all.
    pub(crate) const OPEN: Self = Self { log_g: 0.0, log_k: 0.0, mix: [1.0, 0.0, 0.0] };

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
        Coefficients::new(libm::exp2(self.log_g), libm::exp2(self.log_k), self.mix)
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
        // The slower pole's decay per frame in nepers: what the bilinear transform makes of the poles of s² + k s + 1.
        let slow = if k < 2.0 {
            0.5 * libm::log((1.0 + g * k + g * g) / (1.0 - g * k + g * g))
        } else {
            let root = libm::sqrt(k * k - 4.0);
            let decay = |pole: f64| libm::log((1.0 + g * pole) / (1.0 - g * pole).abs().max(1e-300));
            decay(0.5 * (k - root)).abs().min(decay(0.5 * (k + root)).abs())
        };
        // ln(10^5) = 11.52.
        11.52 / slow.max(1e-9)
    }
}

/// The numbers of the recursion, for charges `s1`, `s2`, input `x` and output `y`:
///
/// ```text
/// w   = x - s2                      p  = 2 a1 - 1        c1 = m1 a1 + m2 a2
/// s1' = p s1 + q w                  q  = 2 a2            c2 = m2 - (m1 a2 + m2 a3)
/// s2' = s2 + (q s1 + r w)           r  = 2 a3            d  = m0 + (m1 a2 + m2 a3)
/// y   = d x + (c1 s1 + c2 s2)       in the order p, q, r, c1, c2, d
/// ```
///
/// where `a1`, `a2`, `a3` are the paper's and `m0`, `m1`, `m2` the output shares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Coefficients(pub(crate) [f64; 6]);

impl Coefficients {
    /// No filter at all: what goes in comes out.
    pub(crate) const OPEN: Self = Self([0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);

    /// The filter with integrator gain `g`, damping `k` and output shares `mix`.
    pub(crate) fn new(g: f64, k: f64, [m0, m1, m2]: [f64; 3]) -> Self {
        let a1 = 1.0 / (1.0 + g * (g + k));
        let a2 = g * a1;
        let a3 = g * a2;
        let inner = m1 * a2 + m2 * a3;
        Self([2.0 * a1 - 1.0, 2.0 * a2, 2.0 * a3, m1 * a1 + m2 * a2, m2 - inner, m0 + inner])
    }
}
