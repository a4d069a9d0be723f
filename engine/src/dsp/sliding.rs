//! The largest and the sum of the last values.
//!
//! Lives here: [`SlidingMax`] and [`MovingSum`], of the limiter's gain path. May be named here: nothing. Runs on
//! the audio thread.

/// The largest value of a sliding window, by van Herk's method: running maxima of the part being filled, and
/// maxima from each place to the end of the part before.
#[derive(Debug)]
pub(super) struct SlidingMax {
    part: Box<[f32]>,
    at: usize,
    running: f32,
}

impl SlidingMax {
    pub(super) fn new(window: usize) -> Self {
        Self { part: vec![0.0; window].into(), at: 0, running: 0.0 }
    }

    pub(super) fn clear(&mut self) {
        self.part.fill(0.0);
        (self.at, self.running) = (0, 0.0);
    }

    #[inline(always)]
    pub(super) fn next(&mut self, value: f32) -> f32 {
        self.running = if value > self.running { value } else { self.running };
        let before = self.part.get(self.at + 1).copied().unwrap_or(0.0);
        let out = if before > self.running { before } else { self.running };
        if let Some(place) = self.part.get_mut(self.at) {
            *place = value;
        }
        self.at += 1;
        if self.at >= self.part.len() {
            let mut top = 0.0_f32;
            for place in self.part.iter_mut().rev() {
                top = if *place > top { *place } else { top };
                *place = top;
            }
            (self.at, self.running) = (0, 0.0);
        }
        out
    }
}

/// The sum of the last values, in whole numbers, so that it is exact for ever.
#[derive(Debug)]
pub(super) struct MovingSum {
    values: Box<[u64]>,
    at: usize,
    sum: u64,
}

impl MovingSum {
    pub(super) fn new(window: usize, value: u64) -> Self {
        Self { values: vec![value; window].into(), at: 0, sum: value * window as u64 }
    }

    /// As if it had been `value` for long.
    pub(super) fn fill(&mut self, value: u64) {
        self.values.fill(value);
        (self.at, self.sum) = (0, value * self.values.len() as u64);
    }

    /// How many values are summed.
    pub(super) fn window(&self) -> usize {
        self.values.len()
    }

    #[inline(always)]
    pub(super) fn next(&mut self, value: u64) -> u64 {
        if let Some(place) = self.values.get_mut(self.at) {
            self.sum = self.sum + value - *place;
            *place = value;
        }
        self.at += 1;
        if self.at >= self.values.len() {
            self.at = 0;
        }
        self.sum
    }
}
