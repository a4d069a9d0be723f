//! The courses of fades.
//!
//! Lives here: how a [`FadeShape`] bends an even amount. May be named here: `math`. Runs on the audio thread.

use super::math::fast_exp2;
use super::simd::dispatched;
pub use crate::effects::FadeShape;

/// `log2(1000)`: what 60 dB are in powers of two.
const SIXTY_DB: f32 = 9.965_784;

/// A quarter of a sine: `sin(π a / 2)` for 0 to 1, to 2e-6; exactly 0 and 1 at the ends.
#[inline(always)]
fn quarter_sine(a: f32) -> f32 {
    // The odd series of the sine up to the ninth power, its last term bent so that 1 gives 1.
    let s = a * a;
    a * (std::f32::consts::FRAC_PI_2
        + s * (-0.645_964_1 + s * (0.079_692_626 + s * (-0.004_681_754 + s * 0.000_156_930))))
}

/// Bends one amount of 0 to 1.
#[inline(always)]
fn bend_one(shape: FadeShape, a: f32) -> f32 {
    match shape {
        FadeShape::Linear => a,
        FadeShape::Smooth => a * a * (3.0 - 2.0 * a),
        FadeShape::EqualPower => quarter_sine(a).min(1.0),
        FadeShape::Fast => 1.0 - (1.0 - a) * (1.0 - a),
        FadeShape::Slow => a * a,
        // What would be left at the bottom is taken away evenly.
        FadeShape::Exponential => fast_exp2(SIXTY_DB * (a - 1.0)) - 0.001 * (1.0 - a),
    }
}

dispatched! {
    /// Bends amounts of 0 to 1 in place; 0 stays 0 and 1 stays 1.
    pub fn bend(shape: FadeShape, amounts: &mut [f32]) {
        match shape {
            FadeShape::Linear => {}
            FadeShape::Smooth => amounts.iter_mut().for_each(|a| *a = bend_one(FadeShape::Smooth, *a)),
            FadeShape::EqualPower => amounts.iter_mut().for_each(|a| *a = bend_one(FadeShape::EqualPower, *a)),
            FadeShape::Fast => amounts.iter_mut().for_each(|a| *a = bend_one(FadeShape::Fast, *a)),
            FadeShape::Slow => amounts.iter_mut().for_each(|a| *a = bend_one(FadeShape::Slow, *a)),
            FadeShape::Exponential => {
                amounts.iter_mut().for_each(|a| *a = bend_one(FadeShape::Exponential, *a));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_rises_from_nothing_to_all() {
        for &shape in FadeShape::ALL {
            let mut amounts: Vec<f32> = (0..=1000).map(|i| i as f32 / 1000.0).collect();
            bend(shape, &mut amounts);
            assert!(amounts[0].abs() < 1e-6 && (amounts[1000] - 1.0).abs() < 1e-6, "{shape:?}: {amounts:?}");
            assert!(amounts.windows(2).all(|pair| pair[1] >= pair[0]), "{shape:?} never falls");
        }
    }

    #[test]
    fn two_of_equal_power_across_each_other_keep_it_and_the_exponential_is_even_in_decibels() {
        for i in 0..=100 {
            let a = i as f32 / 100.0;
            let mut pair = [a, 1.0 - a];
            bend(FadeShape::EqualPower, &mut pair);
            assert!((pair[0] * pair[0] + pair[1] * pair[1] - 1.0).abs() < 1e-5, "{a}: {pair:?}");
        }
        let mut steps = [0.5, 0.75, 1.0];
        bend(FadeShape::Exponential, &mut steps);
        let db = steps.map(|x| 20.0 * x.log10());
        assert!((db[0] + 30.0).abs() < 0.2 && (db[1] + 15.0).abs() < 0.1 && db[2].abs() < 1e-4, "{db:?}");
    }
}
