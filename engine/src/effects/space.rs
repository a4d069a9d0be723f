//! Echoes and rooms.

use super::table::params;
use crate::units::{Amount, Seconds};

params! {
    /// An echo.
    DelayParams as "Delay" {
        /// The time between repeats.
        time: Seconds = 0.35, [0.001 to 4.0 "s" required];
        /// How much of each repeat feeds the next.
        feedback: Amount = 0.35, [0.0 to 0.98 ""];
        /// How much of the echo is heard beside the untouched signal.
        mix: Amount = 0.3, [0.0 to 1.0 ""];
    }

    /// A reverb.
    ReverbParams as "Reverb" {
        /// The time in which the tail falls by 60 dB.
        rt60: Seconds = 1.0, [0.1 to 20.0 "s" required];
        /// How much faster high frequencies die.
        damping: Amount = 0.4, [0.0 to 1.0 ""];
        /// The time before the tail begins.
        predelay: Seconds = 0.02, [0.0 to 0.5 "s"];
        /// How much of the tail is heard beside the untouched signal.
        mix: Amount = 0.25, [0.0 to 1.0 ""];
    }
}
