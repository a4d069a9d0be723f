//! Reading a signal at single places between its samples, for what moves slowly: delays that slide and swing.
//!
//! Lives here: [`Points`], the windowed sinc of 8 samples one place at a time. May be named here: `interp`'s tables. Built
//! once, on any thread but the audio thread, which then only reads it.

use super::interp::{PHASES, sinc_rows};
use std::sync::LazyLock;

/// Samples that one value is made of.
pub(crate) const TAPS: usize = 8;
/// Samples needed before the place's whole number; after it are `TAPS - 1 - BEFORE`.
pub(crate) const BEFORE: usize = 3;

/// Coefficients for any place, straight lines between the phases of a table.
#[derive(Debug)]
pub(crate) struct Points {
    rows: Box<[[f32; TAPS]]>,
}

impl Points {
    /// The one table of the program, built at the first call. Keep the reference: then reading is free.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: LazyLock<Points> = LazyLock::new(|| Points { rows: sinc_rows() });
        &SHARED
    }

    /// The coefficients for a fraction given as a whole number of 2^-32.
    #[inline(always)]
    pub(crate) fn taps(&self, frac: u32) -> [f32; TAPS] {
        const REST: u32 = u32::MAX / PHASES as u32;
        let phase = (frac / (REST + 1)) as usize;
        let between = (frac & REST) as f32 * (1.0 / (REST as f32 + 1.0));
        let (Some(a), Some(b)) = (self.rows.get(phase), self.rows.get(phase + 1)) else {
            return [0.0; TAPS];
        };
        std::array::from_fn(|i| a[i] + between * (b[i] - a[i]))
    }

    /// The value `frac` (0 to 1, clamped) of the way from `samples[3]` to `samples[4]`.
    #[inline]
    pub(crate) fn sample(&self, samples: &[f32; TAPS], frac: f32) -> f32 {
        let fixed = (f64::from(frac.clamp(0.0, 1.0)) * 4_294_967_296.0) as u64;
        if fixed > u64::from(u32::MAX) {
            return samples[BEFORE + 1];
        }
        let c = self.taps(fixed as u32);
        let four: [f32; 4] = std::array::from_fn(|i| c[i] * samples[i] + c[i + 4] * samples[i + 4]);
        (four[0] + four[2]) + (four[1] + four[3])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::measure::sine;

    #[test]
    fn whole_places_are_exact_and_others_lie_on_the_tone() {
        let (points, source) = (Points::shared(), sine(3000.0, 0.7, 48_000, 400));
        let samples = source[97..105].first_chunk().unwrap();
        assert_eq!(points.sample(samples, 0.0), source[100]);
        assert_eq!(points.sample(samples, 1.0), source[101]);
        for step in 1..100 {
            let frac = step as f32 / 100.0;
            let ideal = 0.7 * libm::sin(std::f64::consts::TAU * (100.0 + f64::from(frac)) / 16.0);
            assert!((f64::from(points.sample(samples, frac)) - ideal).abs() < 5e-4);
        }
    }
}
