//! Modulation: what moves a copy of the sound against the sound.

use super::table::params;
use crate::units::{Amount, Hertz, Seconds, Semitones};

params! {
    /// A choir of late copies whose lateness swings.
    ChorusParams as "Chorus" {
        /// How often a second the copies swing.
        rate: f32 = 0.6, [0.01 to 10.0 "Hz"];
        /// How far their lateness swings to both sides; it stays above zero.
        depth: Seconds = 0.002, [0.0 to 0.01 "s"];
        /// How late they are in the middle.
        delay: Seconds = 0.015, [0.001 to 0.05 "s"];
        /// How many copies there are, on each side of the stereo signal.
        voices: f32 = 2.0, [1.0 to 4.0 ""];
        /// By how much the right side's copies swing later.
        phase: f32 = 90.0, [0.0 to 360.0 "°"];
        /// How much of the copies is heard beside the untouched signal.
        mix: Amount = 0.5, [0.0 to 1.0 ""];
    }

    /// One copy, so close behind that it combs the spectrum, and swings.
    FlangerParams as "Flanger" {
        /// How often a second the copy swings.
        rate: f32 = 0.25, [0.01 to 10.0 "Hz"];
        /// How far its lateness swings to both sides, as a part of it.
        depth: Amount = 0.7, [0.0 to 1.0 ""];
        /// How late it is in the middle; never less than three frames.
        delay: Seconds = 0.003, [0.0005 to 0.01 "s"];
        /// How much of the copy is fed back, turned over if negative.
        feedback: f32 = 0.4, [-0.95 to 0.95 ""];
        /// By how much the right side's copy swings later.
        phase: f32 = 90.0, [0.0 to 360.0 "°"];
        /// How much of the copy is heard beside the untouched signal; at 0.5 the notches are deepest.
        mix: Amount = 0.5, [0.0 to 1.0 ""];
    }

    /// Turns the phase in stages, so that beside the untouched signal notches appear, and move.
    PhaserParams as "Phaser" {
        /// How often a second the notches move.
        rate: f32 = 0.4, [0.01 to 10.0 "Hz"];
        /// The lowest frequency at which a stage turns by 90 degrees.
        low: Hertz = 300.0, [20.0 to 20000.0 "Hz"];
        /// The highest such frequency.
        high: Hertz = 3000.0, [20.0 to 20000.0 "Hz"];
        /// How many stages there are, taken as the nearest even number; two make a notch.
        stages: f32 = 4.0, [2.0 to 12.0 ""];
        /// How much of the last stage is fed back, turned over if negative.
        feedback: f32 = 0.3, [-0.95 to 0.95 ""];
        /// By how much the right side's notches move later.
        phase: f32 = 90.0, [0.0 to 360.0 "°"];
        /// How much of the turned signal is heard beside the untouched one; at 0.5 the notches are deepest.
        mix: Amount = 0.5, [0.0 to 1.0 ""];
    }

    /// Another pitch at the same speed.
    PitchShiftParams as "PitchShift" {
        /// By how much higher, or lower.
        pitch: Semitones = 0.0, [-24.0 to 24.0 "st"];
        /// How long the pieces are that it is made of: longer is smoother, shorter is closer in time. About half of it is its latency.
        window: Seconds = 0.06, [0.03 to 0.2 "s" fixed];
        /// How much of the shifted signal is heard beside the untouched one, which comes as late.
        mix: Amount = 1.0, [0.0 to 1.0 ""];
    }
}
