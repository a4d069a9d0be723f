//! Dynamics: what turns a signal down, or up, by how loud it or another one is.

use super::table::{choices, params};
use crate::units::{Amount, Decibels, Hertz, Seconds};

choices! {
    /// What a compressor takes for the level.
    LevelKind {
        /// The highest of the last milliseconds.
        Peak,
        /// The root of the mean square over about 20 ms; a full-scale sine has -3 dB.
        Rms,
    }
}

params! {
    /// A compressor with soft knee, side chain and dry mix.
    CompressorParams as "Compressor" keyed {
        /// The level above which gain is reduced.
        threshold: Decibels = -18.0, [-80.0 to 0.0 "dB"];
        /// Input change over output change above the threshold.
        ratio: f32 = 3.0, [1.0 to 100.0 ":1"];
        /// The width of the soft knee.
        knee: Decibels = 6.0, [0.0 to 24.0 "dB"];
        /// The time constant of falling gain.
        attack: Seconds = 0.01, [0.0 to 2.0 "s"];
        /// The time constant of recovering gain.
        release: Seconds = 0.15, [0.001 to 5.0 "s"];
        /// Gain after compression.
        makeup: Decibels = 0.0, [0.0 to 30.0 "dB"];
        /// How much of the compressed signal is heard beside the untouched one.
        mix: Amount = 1.0, [0.0 to 1.0 ""];
        /// What is taken for the level.
        detector: LevelKind = LevelKind::Peak, [choice];
        /// How much the channel that is to be reduced more decides for both; at 0 each is on its own.
        link: Amount = 1.0, [0.0 to 1.0 ""];
        /// How much earlier the level is measured than the gain is heard; its latency.
        lookahead: Seconds = 0.0, [0.0 to 0.02 "s" fixed];
        /// Whether a steady level of 0 dB stays at 0 dB: what the curve takes from it is given back to all, beside the make-up.
        auto_makeup: bool = false, [switch];
        /// Only what is above is measured, 12 dB per octave; at 10 Hz everything.
        key_low: Hertz = 10.0, [10.0 to 20000.0 "Hz"];
        /// Only what is below is measured, 12 dB per octave; at 20 kHz everything.
        key_high: Hertz = 20000.0, [10.0 to 20000.0 "Hz"];
    }

    /// A gate and downward expander: what is soft is turned down further. The louder channel decides for both.
    GateParams as "Gate" keyed {
        /// The level from which on it is open.
        threshold: Decibels = -40.0, [-80.0 to 0.0 "dB"];
        /// How far below the threshold an open gate closes.
        hysteresis: Decibels = 3.0, [0.0 to 24.0 "dB"];
        /// Output change over input change below the threshold; at 100 a gate, at 2 a gentle expander.
        ratio: f32 = 100.0, [1.0 to 100.0 ":1"];
        /// The deepest reduction.
        range: f32 = 60.0, [0.0 to 100.0 "dB"];
        /// The time constant of opening.
        attack: Seconds = 0.001, [0.0001 to 1.0 "s"];
        /// How long it stays open after the level was last high enough.
        hold: Seconds = 0.05, [0.0 to 5.0 "s"];
        /// The time constant of closing.
        release: Seconds = 0.1, [0.001 to 5.0 "s"];
        /// How much earlier the level is measured than the gain is heard; its latency.
        lookahead: Seconds = 0.0, [0.0 to 0.02 "s" fixed];
        /// Only what is above is measured, 12 dB per octave; at 10 Hz everything.
        key_low: Hertz = 10.0, [10.0 to 20000.0 "Hz"];
        /// Only what is below is measured, 12 dB per octave; at 20 kHz everything.
        key_high: Hertz = 20000.0, [10.0 to 20000.0 "Hz"];
    }

    /// A look-ahead peak limiter.
    LimiterParams as "Limiter" {
        /// The level that is never exceeded.
        ceiling: Decibels = -1.0, [-40.0 to 0.0 "dB"];
        /// How far it looks ahead; its latency. With true peaks at least 14 frames.
        lookahead: Seconds = 0.005, [0.0005 to 0.02 "s" fixed];
        /// The time constant of recovering gain.
        release: Seconds = 0.08, [0.001 to 2.0 "s"];
        /// Whether the ceiling holds for the wave between the samples too, not for the samples alone.
        true_peak: bool = true, [switch fixed];
    }

    /// A compressor of three bands, split at 24 dB per octave. Without reduction their sum is flat.
    MultibandParams as "Multiband" keyed {
        /// Where the low band ends and the middle one begins; kept at or below 0.49 of the sample rate.
        low_freq: Hertz = 200.0, [20.0 to 20000.0 "Hz"];
        /// Where the middle band ends and the high one begins; kept likewise.
        high_freq: Hertz = 3000.0, [20.0 to 20000.0 "Hz"];
        /// The level above which gain is reduced in the low band.
        low_threshold: Decibels = -24.0, [-80.0 to 0.0 "dB"];
        /// Input change over output change above that threshold.
        low_ratio: f32 = 2.0, [1.0 to 100.0 ":1"];
        /// Gain in the low band, after compression.
        low_gain: Decibels = 0.0, [-24.0 to 24.0 "dB"];
        /// The time constant of falling gain in the low band.
        low_attack: Seconds = 0.03, [0.0 to 2.0 "s"];
        /// The time constant of recovering gain in the low band.
        low_release: Seconds = 0.25, [0.001 to 5.0 "s"];
        /// The level above which gain is reduced in the middle band.
        mid_threshold: Decibels = -24.0, [-80.0 to 0.0 "dB"];
        /// Input change over output change above that threshold.
        mid_ratio: f32 = 2.0, [1.0 to 100.0 ":1"];
        /// Gain in the middle band, after compression.
        mid_gain: Decibels = 0.0, [-24.0 to 24.0 "dB"];
        /// The time constant of falling gain in the middle band.
        mid_attack: Seconds = 0.01, [0.0 to 2.0 "s"];
        /// The time constant of recovering gain in the middle band.
        mid_release: Seconds = 0.15, [0.001 to 5.0 "s"];
        /// The level above which gain is reduced in the high band.
        high_threshold: Decibels = -24.0, [-80.0 to 0.0 "dB"];
        /// Input change over output change above that threshold.
        high_ratio: f32 = 2.0, [1.0 to 100.0 ":1"];
        /// Gain in the high band, after compression.
        high_gain: Decibels = 0.0, [-24.0 to 24.0 "dB"];
        /// The time constant of falling gain in the high band.
        high_attack: Seconds = 0.005, [0.0 to 2.0 "s"];
        /// The time constant of recovering gain in the high band.
        high_release: Seconds = 0.1, [0.001 to 5.0 "s"];
        /// The width of the soft knee of all bands.
        knee: Decibels = 6.0, [0.0 to 24.0 "dB"];
        /// How much of the compressed signal is heard beside the untouched one, whose phase is the same.
        mix: Amount = 1.0, [0.0 to 1.0 ""];
    }
}
