//! Dynamics: what turns a signal down, or up, by how loud it or another one is.

use super::table::params;
use crate::units::{Amount, Decibels, Seconds};

params! {
    /// A stereo-linked compressor with soft knee, side chain and dry mix.
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
    }

    /// A look-ahead peak limiter.
    LimiterParams as "Limiter" {
        /// The level that no sample exceeds.
        ceiling: Decibels = -1.0, [-40.0 to 0.0 "dB"];
        /// How far it looks ahead; its latency.
        lookahead: Seconds = 0.005, [0.0005 to 0.02 "s" fixed];
        /// The time constant of recovering gain.
        release: Seconds = 0.08, [0.001 to 2.0 "s"];
    }
}
