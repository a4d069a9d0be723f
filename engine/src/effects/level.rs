//! Plain levels.

use super::table::{choices, params};
use crate::units::{Amount, Decibels, Hertz};

choices! {
    /// How a level swings.
    TremoloShape {
        /// Smoothly.
        Sine,
        /// In straight lines.
        Triangle,
        /// Between its two ends, with edges of five milliseconds.
        Square,
    }
}

params! {
    /// Multiplies by one gain. At unity the signal passes bit for bit.
    GainParams as "Gain" {
        /// The gain.
        gain: Decibels = 0.0, [-120.0 to 24.0 "dB"];
    }

    /// Takes away a constant offset, and what is nearly one.
    DcBlockParams as "DcBlock" {
        /// The corner, where 3 dB are lost; below it 6 dB per octave.
        freq: Hertz = 5.0, [1.0 to 40.0 "Hz"];
    }

    /// Swings the level up and down, or from side to side.
    TremoloParams as "Tremolo" {
        /// How often a second.
        rate: f32 = 5.0, [0.01 to 30.0 "Hz"];
        /// How far down it goes: at 1 to silence.
        depth: Amount = 0.5, [0.0 to 1.0 ""];
        /// The way it swings.
        shape: TremoloShape = TremoloShape::Sine, [choice];
        /// By how much the right side swings later; at 180 the sound goes from side to side.
        phase: f32 = 0.0, [0.0 to 360.0 "°"];
    }

    /// The width of a stereo signal, by its middle and its sides.
    WidthParams as "Width" {
        /// How much of the sides there is: 0 is mono, 1 leaves them, 2 doubles them.
        width: f32 = 1.0, [0.0 to 2.0 ""];
        /// Gain of the middle.
        mid: Decibels = 0.0, [-120.0 to 12.0 "dB"];
        /// Gain of the sides.
        side: Decibels = 0.0, [-120.0 to 12.0 "dB"];
        /// Below this all is mono, 12 dB per octave; not at the lower end.
        bass_mono: Hertz = 1.0, [1.0 to 500.0 "Hz"];
        /// Turns down the right side, if negative, or the left; at -1 and 1 to silence.
        balance: f32 = 0.0, [-1.0 to 1.0 ""];
    }
}
