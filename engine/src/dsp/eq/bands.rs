//! What a band of the equaliser is as filters, and its exact response.
//!
//! Lives here: the designs of every shape and slope. May be named here: `units` and the filter of `svf`. Runs
//! where parameters change; [`EqBand::response_db`] anywhere.
//!
//! Peaks and shelves are the analogue prototypes of R. Bristow-Johnson's "Audio EQ Cookbook" in the form of
//! Simper's paper (see `svf`). The passes are Butterworth's: a pass of order n has its poles evenly on the
//! half circle, which is a section of quality `1 / (2 cos θ)` for each pair at the angles `θ` from the real
//! axis, and one of the first order if n is odd (L. R. Rabiner, B. Gold, "Theory and Application of Digital
//! Signal Processing", 1975, section 4.3).

use crate::dsp::math::fast_exp2;
use crate::dsp::svf::{Coefficients, Design};
use crate::effects::{EqBand, EqShape};
use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// The most second-order sections of a band.
pub(super) const SECTIONS: usize = 4;

/// The pole pairs' qualities for orders 1 to 8, the most resonant first.
fn butterworth(order: usize) -> impl Iterator<Item = f64> {
    // The angles from the real axis are odd multiples of π / 2n, without the axis itself.
    (0..order / 2).map(move |i| 0.5 / libm::cos(PI * (order - 1 - 2 * i) as f64 / (2 * order) as f64))
}

impl EqBand {
    /// The band's sections at `sample_rate`, the most resonant first, its gain changed by `moved` dB.
    pub(super) fn designs(&self, sample_rate: u32, moved: f32) -> [Option<Design>; SECTIONS] {
        let g = self.integrator_gain(sample_rate);
        let k = self.damping();
        let a = libm::exp10(f64::from(self.gain.get() + moved) / 40.0);
        let one = |design| [Some(design), None, None, None];
        match self.shape {
            EqShape::Peak => {
                let k = k / a;
                one(Design::new(g, k, [1.0, k * (a * a - 1.0), 0.0]))
            }
            EqShape::LowShelf => one(Design::new(g / libm::sqrt(a), k, [1.0, k * (a - 1.0), a * a - 1.0])),
            EqShape::HighShelf => {
                one(Design::new(g * libm::sqrt(a), k, [a * a, k * (1.0 - a) * a, 1.0 - a * a]))
            }
            EqShape::HighPass => self.pass(g, |k| [1.0, -k, -1.0], [1.0, -1.0, -1.0]),
            EqShape::LowPass => self.pass(g, |_| [0.0, 0.0, 1.0], [0.0, 1.0, 1.0]),
            EqShape::Notch => one(Design::new(g, k, [1.0, -k, 0.0])),
            EqShape::BandPass => one(Design::new(g, k, [0.0, k, 0.0])),
            EqShape::AllPass => one(Design::new(g, k, [1.0, -2.0 * k, 0.0])),
        }
    }

    /// A peak or a shelf, to be designed often.
    pub(super) fn bell(&self, sample_rate: u32) -> Option<Bell> {
        let of = matches!(self.shape, EqShape::Peak | EqShape::LowShelf | EqShape::HighShelf);
        let (g, k) = (self.integrator_gain(sample_rate), self.damping());
        of.then_some(Bell { shape: self.shape, g, k, gain: self.gain.get() })
    }

    /// A pass of the band's slope: output shares by damping for the second order, and those of the first.
    fn pass(&self, g: f64, second: impl Fn(f64) -> [f64; 3], first: [f64; 3]) -> [Option<Design>; SECTIONS] {
        let mut designs = [None; SECTIONS];
        let order = self.slope.order();
        // The most resonant pair takes on the band's quality, which is 1/√2 where nothing is to be added.
        let resonances = [1.0 / (self.damping() * FRAC_1_SQRT_2)].into_iter().chain([1.0; SECTIONS]);
        let pairs = butterworth(order).zip(resonances).map(|(q, resonance)| {
            let k = 1.0 / (q * resonance);
            Design::new(g, k, second(k))
        });
        // One of the first order is one of the second with two equal poles, one of them taken back by a zero.
        let single = (order % 2 == 1).then(|| Design::new(g, 2.0, first));
        for (place, design) in designs.iter_mut().zip(pairs.chain(single)) {
            *place = Some(design);
        }
        designs
    }

    /// The integrator gain at the band's frequency, kept below half of the sample rate.
    pub(super) fn integrator_gain(&self, sample_rate: u32) -> f64 {
        integrator_gain(f64::from(self.freq.get()), sample_rate)
    }

    /// The damping, 1/q.
    pub(super) fn damping(&self) -> f64 {
        let q = if self.q.is_nan() { std::f32::consts::FRAC_1_SQRT_2 } else { self.q.clamp(0.05, 50.0) };
        1.0 / f64::from(q)
    }

    /// The band's exact response at `freq_hz`, in decibels, as the filters have it at `sample_rate`; of a dynamic
    /// band while it does not move.
    pub fn response_db(&self, freq_hz: f32, sample_rate: u32) -> f32 {
        self.moved_response_db(0.0, freq_hz, sample_rate)
    }

    /// The same while the band's gain is moved by `moved` dB.
    pub fn moved_response_db(&self, moved: f32, freq_hz: f32, sample_rate: u32) -> f32 {
        let (freq, rate) = (f64::from(freq_hz), f64::from(sample_rate));
        let designs = self.designs(sample_rate, moved);
        designs.iter().flatten().map(|design| design.response_db(freq, rate)).sum::<f64>() as f32
    }
}

/// A peak or a shelf whose gain moves: what is left to do when all but the gain is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bell {
    shape: EqShape,
    g: f64,
    k: f64,
    gain: f32,
}

impl Bell {
    /// The filter while the gain is moved by so many dB, to 0.0001 dB.
    pub(super) fn moved(&self, moved: f32) -> Coefficients {
        /// `log2(10) / 40`: decibels to the exponent of the square root of an amplitude.
        const EXPONENT: f32 = 0.083_048_2;
        let exponent = (self.gain + moved) * EXPONENT;
        let (a, root) = (f64::from(fast_exp2(exponent)), f64::from(fast_exp2(0.5 * exponent)));
        let (g, k) = (self.g, self.k);
        match self.shape {
            EqShape::LowShelf => Coefficients::new(g / root, k, [1.0, k * (a - 1.0), a * a - 1.0]),
            EqShape::HighShelf => Coefficients::new(g * root, k, [a * a, k * (1.0 - a) * a, 1.0 - a * a]),
            _ => Coefficients::new(g, k / a, [1.0, k / a * (a * a - 1.0), 0.0]),
        }
    }
}

/// The integrator gain at `freq` hertz, kept below half of the sample rate.
pub(super) fn integrator_gain(freq: f64, sample_rate: u32) -> f64 {
    let rate = f64::from(sample_rate.max(1));
    libm::tan(PI * freq.max(1.0).min(0.49 * rate) / rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn butterworths_qualities_are_those_of_the_tables() {
        let close = |order, table: &[f64]| {
            let found: Vec<f64> = butterworth(order).collect();
            assert!(found.len() == table.len(), "{found:?}");
            assert!(found.iter().zip(table).all(|(a, b)| (a - b).abs() < 1e-4), "{order}: {found:?}");
        };
        close(1, &[]);
        close(2, &[FRAC_1_SQRT_2]);
        close(3, &[1.0]);
        close(4, &[1.3066, 0.5412]);
        close(6, &[1.9319, FRAC_1_SQRT_2, 0.5176]);
        close(8, &[2.5629, 0.9000, 0.6013, 0.5098]);
    }
}
