//! How a sound is played, and how one is computed: the choices that are made in a bank and carried out by a voice.

use super::table::choices;
use crate::units::{Hertz, Seconds};

choices! {
    /// How a sound is read between its samples, when it is pitched.
    Interpolation {
        /// Straight lines: 2 samples. Dull and full of images, as old hardware was.
        Linear,
        /// A cubic through 4 samples (Catmull-Rom).
        Cubic,
        /// A windowed sinc of 8 samples.
        Sinc,
        /// A windowed sinc of 16 samples, for what is exposed: costs about three times as much.
        Fine,
    }

    /// The course of a fade: how the gain goes from nothing to all. A fade out is the same turned round.
    FadeShape {
        /// Evenly in amplitude.
        Linear,
        /// Slowly at both ends: `a² (3 - 2 a)`.
        Smooth,
        /// As a quarter of a sine: two such fades across each other keep their power.
        EqualPower,
        /// Most of it at first: `1 - (1 - a)²`.
        Fast,
        /// Most of it at last: `a²`.
        Slow,
        /// Evenly in decibels over the last 60, and then to nothing.
        Exponential,
    }

    /// The way from one setting of the mix to another.
    Course {
        /// Evenly, in decibels where it is a gain.
        Linear,
        /// Slowly at both ends: `a² (3 - 2 a)`.
        Smooth,
        /// Most of it at first: `1 - (1 - a)²`.
        Fast,
        /// Most of it at last: `a²`.
        Slow,
    }

    /// What a tone is made of.
    ToneShape {
        /// One frequency alone.
        Sine,
        /// Odd harmonics that fall quickly.
        Triangle,
        /// Odd harmonics: hollow.
        Square,
        /// All harmonics: bright.
        Saw,
    }

    /// How the power of a noise lies in its spectrum.
    NoiseColor {
        /// The same for each hertz: hiss.
        White,
        /// The same for each octave: like rain or a waterfall.
        Pink,
    }
}

impl Course {
    /// How far it has come where an even way is at `amount`, both from 0 to 1; the ends stay what they are.
    pub fn bend(self, amount: f32) -> f32 {
        match self {
            Self::Linear => amount,
            Self::Smooth => amount * amount * (3.0 - 2.0 * amount),
            Self::Fast => 1.0 - (1.0 - amount) * (1.0 - amount),
            Self::Slow => amount * amount,
        }
    }
}

/// A sound that is computed instead of read from a file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Synth {
    /// What it is.
    pub wave: Wave,
    /// How long; `None` is a loop.
    pub length: Option<Seconds>,
}

impl Synth {
    /// How long a loop of noise is, in seconds.
    pub const NOISE_LOOP: f32 = 4.0;
}

/// What is computed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Wave {
    /// A tone of that frequency.
    Tone(ToneShape, Hertz),
    /// A noise; another seed is another noise of the kind.
    Noise(NoiseColor, u32),
}

#[expect(clippy::derivable_impls, reason = "the macro that declares choices has no place for a default")]
impl Default for Interpolation {
    fn default() -> Self {
        Self::Sinc
    }
}

#[expect(clippy::derivable_impls, reason = "the macro that declares choices has no place for a default")]
impl Default for FadeShape {
    fn default() -> Self {
        Self::Linear
    }
}

#[expect(clippy::derivable_impls, reason = "the macro that declares choices has no place for a default")]
impl Default for Course {
    fn default() -> Self {
        Self::Linear
    }
}
