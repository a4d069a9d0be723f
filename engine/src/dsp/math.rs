//! Mathematics that gives the same bits everywhere: exact wrappers of `libm`, and fast polynomials.
//!
//! Lives here: level conversions, base-2 logarithm and exponential for inner loops. May be named here: `libm`.
//! Runs on any thread. The fast functions have no branch, so that loops over them vectorise.

/// Decibels in a factor of two of amplitude: `20 log10(2)`.
pub const DB_PER_OCTAVE: f32 = 6.020_6;
const OCTAVES_PER_DB: f32 = 1.0 / DB_PER_OCTAVE;

/// The amplitude of a level: `10^(dB / 20)`, exact to the last bits of `f32`.
pub fn db_to_amplitude(db: f32) -> f32 {
    libm::powf(10.0, db / 20.0)
}

/// The level of an amplitude, its sign ignored: `20 log10(|a|)`; minus infinity for zero.
pub fn amplitude_to_db(amplitude: f32) -> f32 {
    20.0 * libm::log10f(amplitude.abs())
}

/// The sine of an angle in radians.
pub fn sin(angle: f64) -> f64 {
    libm::sin(angle)
}

/// The cosine of an angle in radians.
pub fn cos(angle: f64) -> f64 {
    libm::cos(angle)
}

/// The tangent of an angle in radians.
pub fn tan(angle: f64) -> f64 {
    libm::tan(angle)
}

/// The base-2 logarithm of a positive normal number, to ±4e-6 (0.00003 dB); exactly 0 for 1.
///
/// The mantissa is brought to [√½, √2), where `ln m = 2 artanh((m - 1) / (m + 1))` is a short odd series.
/// Zero, negative and subnormal input gives a meaningless finite number: raise it to a floor first.
#[inline(always)]
pub fn fast_log2(x: f32) -> f32 {
    const ROOT_HALF: i32 = 0x3f35_04f3;
    let bits = x.to_bits() as i32;
    let exponent = bits.wrapping_sub(ROOT_HALF) >> 23;
    let mantissa = f32::from_bits(bits.wrapping_sub(exponent << 23) as u32);
    let t = (mantissa - 1.0) / (mantissa + 1.0);
    let t2 = t * t;
    // 2 / ln 2 times 1, 1/3, 1/5.
    let series = t * (2.885_39 + t2 * (0.961_796_7 + t2 * 0.577_078));
    exponent as f32 + series
}

/// Two to the power `x`, to one part in 10^6 (0.00001 dB); exactly 1 for 0. Outside ±126 it stays at the ends.
///
/// Splits off the nearest whole number and takes the rest, within ±½, by the exponential series.
#[inline(always)]
pub fn fast_exp2(x: f32) -> f32 {
    // Adding 1.5 * 2^23 leaves the nearest whole number in the low bits of the mantissa.
    const MAGIC: f32 = 12_582_912.0;
    let x = x.clamp(-126.0, 126.0);
    let shifted = x + MAGIC;
    let whole = (shifted.to_bits() as i32).wrapping_sub(MAGIC.to_bits() as i32);
    let rest = x - (shifted - MAGIC);
    // ln(2)^n / n!.
    let p = 1.540_353e-4_f32;
    let p = p * rest + 1.333_355_8e-3;
    let p = p * rest + 9.618_129e-3;
    let p = p * rest + 5.550_411e-2;
    let p = p * rest + 2.402_265e-1;
    let p = p * rest + 6.931_472e-1;
    let p = p * rest + 1.0;
    p * f32::from_bits(((whole + 127) << 23) as u32)
}

/// [`amplitude_to_db`] of a positive amplitude, to ±0.0001 dB, for inner loops.
#[inline(always)]
pub fn fast_amplitude_to_db(amplitude: f32) -> f32 {
    fast_log2(amplitude) * DB_PER_OCTAVE
}

/// [`db_to_amplitude`], to ±0.0001 dB within ±200 dB, for inner loops; exactly 1 for 0 dB.
#[inline(always)]
pub fn fast_db_to_amplitude(db: f32) -> f32 {
    fast_exp2(db * OCTAVES_PER_DB)
}

/// The sine of an angle given in turns, to ±2e-7; exactly 0 for 0. Beyond ±4 million turns it means nothing.
///
/// The angle is brought to within a quarter turn of zero, where the odd series is short.
#[inline(always)]
pub fn fast_sin_turns(turns: f32) -> f32 {
    // As in `fast_exp2`: adding this leaves the nearest whole number.
    const MAGIC: f32 = 12_582_912.0;
    let rest = turns - ((turns + MAGIC) - MAGIC);
    let quarter = 0.25 - (rest.abs() - 0.25).abs();
    let x = (std::f32::consts::TAU * quarter).copysign(rest);
    let x2 = x * x;
    // 1, -1/3!, 1/5!, ...
    let p = -2.505_210_8e-8_f32;
    let p = p * x2 + 2.755_731_9e-6;
    let p = p * x2 - 1.984_127e-4;
    let p = p * x2 + 8.333_333e-3;
    let p = p * x2 - 1.666_666_7e-1;
    x + x * (x2 * p)
}

/// The hyperbolic tangent, to ±2e-7; exactly 0 for 0.
#[inline(always)]
pub fn fast_tanh(x: f32) -> f32 {
    // 2 / ln 2: e^2x as a power of two.
    1.0 - 2.0 / (fast_exp2(x * 2.885_39) + 1.0)
}

/// The largest whole number not above `x`, for sizes below 2^62; the platform's own instruction, not a library's.
#[inline(always)]
pub(crate) fn floor(x: f64) -> f64 {
    let whole = x as i64 as f64;
    if whole > x { whole - 1.0 } else { whole }
}

/// The smallest whole number not below `x`, for sizes below 2^62.
#[inline(always)]
pub(crate) fn ceil(x: f64) -> f64 {
    -floor(-x)
}

/// Takes a value whose size is below 1e-25 to zero, and leaves every audible value as it is.
///
/// Adding and subtracting a small constant rounds what is far below it away. Keeps subnormal numbers, which
/// some processors handle slowly, out of feedback paths.
#[inline(always)]
pub(crate) fn flush(x: f32) -> f32 {
    const SMALL: f32 = 1e-18;
    (x + SMALL) - SMALL
}

/// The zeroth-order modified Bessel function of the first kind, by its power series; for Kaiser windows.
pub(crate) fn bessel_i0(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let (mut term, mut sum) = (1.0, 1.0);
    for n in 1..500 {
        let n = f64::from(n);
        term *= quarter / (n * n);
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    sum
}

/// The normalised sinc, `sin(πx) / (πx)`.
pub(crate) fn sinc(x: f64) -> f64 {
    if x == 0.0 {
        1.0
    } else {
        let angle = std::f64::consts::PI * x;
        libm::sin(angle) / angle
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fast_functions_are_within_a_thousandth_of_a_decibel() {
        let mut worst = (0.0_f32, 0.0_f32);
        for step in -200_000..=200_000 {
            let db = step as f32 * 0.001;
            let exact = db_to_amplitude(db);
            worst.0 = worst.0.max((amplitude_to_db(fast_db_to_amplitude(db)) - amplitude_to_db(exact)).abs());
            worst.1 = worst.1.max((fast_amplitude_to_db(exact) - amplitude_to_db(exact)).abs());
        }
        assert!(worst.0 < 1e-3 && worst.1 < 1e-3, "{worst:?}");
    }

    #[test]
    fn the_fast_curves_are_exact_to_the_last_bits() {
        let mut worst = (0.0_f64, 0.0_f64);
        for step in -200_000..=200_000 {
            let x = step as f32 * 1e-4;
            let sine = libm::sin(std::f64::consts::TAU * f64::from(x));
            worst.0 = worst.0.max((f64::from(fast_sin_turns(x)) - sine).abs());
            worst.1 = worst.1.max((f64::from(fast_tanh(x)) - libm::tanh(f64::from(x))).abs());
        }
        assert!(worst.0 < 1.2e-6 && worst.1 < 1.2e-6, "{worst:?}");
        assert!(fast_sin_turns(0.0) == 0.0 && fast_tanh(0.0) == 0.0 && fast_tanh(1e9) == 1.0);
    }

    #[test]
    fn the_neutral_values_are_exact() {
        assert_eq!(fast_db_to_amplitude(0.0), 1.0);
        assert_eq!(fast_amplitude_to_db(1.0), 0.0);
        assert_eq!(flush(1e-26), 0.0);
        assert_eq!(flush(1e-9), 1e-9);
    }
}
