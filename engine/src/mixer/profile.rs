//! What the mixer's parts cost, on request only.

use std::time::{Duration, Instant};

/// How much of a new block goes into an average: some 50 blocks.
const SHARE: f32 = 0.02;

/// Reads the clock between the mixer's parts. The reading is a number in memory shared with the system; nobody
/// waits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "what a part costs is told in time, and heard nowhere")]
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start or the last lap.
    #[expect(clippy::disallowed_methods, reason = "what a part costs is told in time, and heard nowhere")]
    pub(super) fn lap(&mut self) -> Duration {
        let now = Instant::now();
        now - std::mem::replace(&mut self.0, now)
    }
}

/// The share of a core that a part takes, averaged.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cost(f32);

impl Cost {
    /// Takes in that the part took this long in a block of `block` seconds; gives the average.
    pub(super) fn add(&mut self, time: Duration, block: f32) -> f32 {
        self.0 += (time.as_secs_f32() / block - self.0) * SHARE;
        self.0
    }
}
