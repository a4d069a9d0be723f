//! Colour: what adds to a sound what was not in it.

use super::table::{choices, params};
use crate::units::{Amount, Decibels, Hertz};

choices! {
    /// How a distortion bends the wave. All leave quiet signals as they are, at a drive of 0 dB.
    DistortionCurve {
        /// Rounds gently towards full scale: the hyperbolic tangent.
        Soft,
        /// Cuts off at full scale.
        Hard,
        /// Rounds early and slowly: `x / √(1 + x²)`.
        Tape,
        /// As tape, but one side before the other: even harmonics too. What it adds at 0 Hz is taken away.
        Tube,
        /// Folds back what passes full scale, over and over: a sine of the wave.
        Fold,
    }

    /// At how many times the sample rate an effect works.
    Oversampling {
        /// At the sample rate: the cheapest, without latency, and with audible aliasing of high tones.
        X1,
        /// Twice.
        X2,
        /// Four times.
        X4,
        /// Eight times.
        X8,
    }
}

params! {
    /// Bends the wave, and so adds harmonics.
    DistortionParams as "Distortion" {
        /// The shape it bends to.
        curve: DistortionCurve = DistortionCurve::Soft, [choice];
        /// Gain before the curve.
        drive: Decibels = 12.0, [0.0 to 48.0 "dB"];
        /// Above this the distorted signal loses 12 dB per octave; at the upper end it loses nothing.
        tone: Hertz = 20000.0, [200.0 to 20000.0 "Hz"];
        /// Gain of the distorted signal after the curve.
        output: Decibels = -6.0, [-60.0 to 12.0 "dB"];
        /// How much of the distorted signal is heard beside the untouched one, which comes as late.
        mix: Amount = 1.0, [0.0 to 1.0 ""];
        /// At how many times the sample rate it works: the more, the less aliasing. Decides its latency.
        oversampling: Oversampling = Oversampling::X4, [choice fixed];
    }

    /// Makes a sound coarse: fewer bits, a lower rate.
    CrusherParams as "Crusher" {
        /// The bits of a sample; parts of a bit count too.
        bits: f32 = 8.0, [1.0 to 24.0 "bit"];
        /// How often the sound is sampled anew; from the engine's rate on at every frame.
        rate: Hertz = 96000.0, [100.0 to 96000.0 "Hz"];
        /// How much of the coarse signal is heard beside the untouched one.
        mix: Amount = 1.0, [0.0 to 1.0 ""];
    }
}
