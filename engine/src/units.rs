//! The units every number of a bank or a game carries: decibels, hertz, seconds, semitones, metres.
//!
//! Lives here: one checked type per kind of quantity, the only conversions between them, and how curves from one to
//! another are read.
//! May be named here: nothing else of the crate. Runs on any thread.
//!
//! A value of these types is finite and inside the type's range, so nothing behind them checks again.
//! Conversions use `libm`, not the platform's mathematics, so that they give the same bits everywhere.

mod curve;

pub use curve::{CurvePoint, Segment, curve_at};
use thiserror::Error;

/// A number that a unit does not admit.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("{value} {unit} is out of range: {min} to {max} {unit}")]
pub struct OutOfRange {
    /// The number as it came.
    pub value: f32,
    /// The unit's symbol, such as `dB`.
    pub unit: &'static str,
    /// The lowest value admitted.
    pub min: f32,
    /// The highest value admitted.
    pub max: f32,
}

macro_rules! unit {
    ($(#[$doc:meta])* $name:ident, $symbol:literal, $min:literal ..= $max:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
        pub struct $name(f32);

        impl $name {
            /// The unit's symbol.
            pub const SYMBOL: &'static str = $symbol;
            /// The lowest value the type holds.
            pub const MIN: Self = Self($min);
            /// The highest value the type holds.
            pub const MAX: Self = Self($max);

            /// Checks `value` and takes it. NaN and infinities are out of range.
            pub fn new(value: f32) -> Result<Self, OutOfRange> {
                if ($min..=$max).contains(&value) {
                    Ok(Self(value))
                } else {
                    Err(OutOfRange { value, unit: $symbol, min: $min, max: $max })
                }
            }

            /// Takes the nearest value that the type holds; NaN becomes the lowest.
            pub const fn clamped(value: f32) -> Self {
                if value >= $min {
                    if value <= $max { Self(value) } else { Self($max) }
                } else {
                    Self($min)
                }
            }

            /// The bare number.
            pub const fn get(self) -> f32 {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{} {}", self.0, $symbol)
            }
        }
    };
}

unit! {
    /// A gain or a level in decibels, -120 to +48. At -120 the amplitude is exactly zero.
    ///
    /// ```
    /// use tonmeister::units::Decibels;
    /// assert!((Decibels::new(-6.0206).unwrap().amplitude() - 0.5).abs() < 1e-5);
    /// assert_eq!(Decibels::SILENCE.amplitude(), 0.0);
    /// assert!(Decibels::new(f32::NAN).is_err());
    /// ```
    Decibels, "dB", -120.0 ..= 48.0
}

impl Default for Amount {
    fn default() -> Self {
        Self::MIN
    }
}

impl Default for Seconds {
    fn default() -> Self {
        Self::ZERO
    }
}

impl Default for Decibels {
    /// No change: [`Decibels::UNITY`].
    fn default() -> Self {
        Self::UNITY
    }
}

impl Decibels {
    /// No change: amplitude 1.
    pub const UNITY: Self = Self(0.0);
    /// The lower end of the range, whose amplitude is exactly zero.
    pub const SILENCE: Self = Self::MIN;

    /// The linear amplitude, `10^(dB / 20)`; zero at [`Decibels::SILENCE`].
    pub fn amplitude(self) -> f32 {
        if self.0 <= Self::SILENCE.0 { 0.0 } else { libm::powf(10.0, self.0 / 20.0) }
    }

    /// The level of a linear amplitude, its sign ignored; silence for zero and NaN.
    pub fn from_amplitude(amplitude: f32) -> Self {
        Self::clamped(20.0 * libm::log10f(amplitude.abs()))
    }

    /// The sum of two gains, kept inside the range.
    pub fn plus(self, other: Self) -> Self {
        Self::clamped(self.0 + other.0)
    }
}

unit! {
    /// A frequency in hertz, 1 to 96 000.
    Hertz, "Hz", 1.0 ..= 96_000.0
}

unit! {
    /// A length of time in seconds, 0 to 3600.
    Seconds, "s", 0.0 ..= 3600.0
}

impl Seconds {
    /// No time at all.
    pub const ZERO: Self = Self(0.0);

    /// The nearest whole number of frames at `sample_rate` frames per second.
    pub fn frames(self, sample_rate: u32) -> u32 {
        libm::round(f64::from(self.0) * f64::from(sample_rate)) as u32
    }
}

unit! {
    /// A musical interval in semitones, -48 to +48; twelve to the octave.
    Semitones, "st", -48.0 ..= 48.0
}

impl Semitones {
    /// No change of pitch.
    pub const UNISON: Self = Self(0.0);

    /// The ratio of playback rates, `2^(st / 12)`; exactly 1 for unison.
    pub fn ratio(self) -> f32 {
        if self.0 == 0.0 { 1.0 } else { libm::exp2f(self.0 / 12.0) }
    }
}

unit! {
    /// A distance in metres, 0 to 100 000.
    Metres, "m", 0.0 ..= 100_000.0
}

unit! {
    /// An amount from nothing (0) to all (1).
    Amount, "", 0.0 ..= 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decibels_follow_the_definition() {
        for (db, amplitude) in [(0.0, 1.0), (20.0, 10.0), (-20.0, 0.1), (6.0206, 2.0), (-119.0, 1.122e-6)] {
            let got = Decibels::new(db).unwrap().amplitude();
            assert!((got / amplitude - 1.0).abs() < 1e-4, "{db} dB gave {got}, not {amplitude}");
        }
        assert_eq!(Decibels::from_amplitude(0.0), Decibels::SILENCE);
        assert!((Decibels::from_amplitude(-0.5).get() + 6.0206).abs() < 1e-3);
    }

    #[test]
    fn what_is_not_a_number_is_refused_or_clamped() {
        assert!(Hertz::new(f32::INFINITY).is_err());
        assert!(Seconds::new(-0.1).is_err());
        assert_eq!(Hertz::clamped(f32::NAN), Hertz::MIN);
        let error = Semitones::new(60.0).unwrap_err();
        assert_eq!(error.to_string(), "60 st is out of range: -48 to 48 st");
    }

    #[test]
    fn seconds_round_to_the_nearest_frame() {
        assert_eq!(Seconds::new(0.01).unwrap().frames(44_100), 441);
        assert_eq!(Seconds::new(0.06).unwrap().frames(48_000), 2880);
    }
}
