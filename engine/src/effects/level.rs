//! Plain levels.

use super::table::params;
use crate::units::Decibels;

params! {
    /// Multiplies by one gain. At unity the signal passes bit for bit.
    GainParams as "Gain" {
        /// The gain.
        gain: Decibels = 0.0, [-120.0 to 24.0 "dB"];
    }
}
