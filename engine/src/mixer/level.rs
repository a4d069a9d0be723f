//! How loud a bus is, as a number that curves go by.

use super::BLOCK;
use super::buffer::Buffer;
use crate::dsp::Stereo;
use crate::dsp::loudness::{FLOOR_LUFS, Loudness};
use crate::dsp::meter::Meter;
use crate::dsp::ramp::Ramp;

/// The time constant of the mean of a root mean square, in seconds.
const MEAN_SECONDS: f32 = 0.02;

/// How a level is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gauge {
    /// The highest sample, in dB.
    Peak,
    /// The root mean square of both channels over some 20 ms, in dB.
    Rms,
    /// The momentary loudness, in LUFS.
    Loudness,
    /// Nothing of a bus: a number that the game gives.
    Given,
}

/// A level of a bus.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LevelSpec {
    /// The bus, after its fader. Without meaning for a given number.
    pub bus: u16,
    /// What is measured.
    pub by: Gauge,
    /// The time constant of rising, in seconds.
    pub attack: f32,
    /// The time constant of falling, in seconds.
    pub release: f32,
    /// What a given number is at first.
    pub initial: f32,
    /// The old graph's level that this one continues.
    pub inherits: Option<u16>,
}

/// Follows a level block by block: amplitude for a peak, power for the others, with one pole up and another down.
pub(super) struct Level {
    spec: LevelSpec,
    /// How much of the way to a higher and to a lower value one block goes.
    up: f32,
    down: f32,
    value: f32,
    /// The mean of the squares over some 20 ms, so that the waves of a low tone don't count as rising and falling.
    mean: f32,
    mean_share: f32,
    loudness: Option<Box<Loudness>>,
    given: Ramp,
}

impl Level {
    pub(super) fn new(spec: LevelSpec, sample_rate: u32) -> Self {
        let share = |seconds: f32| {
            let blocks = seconds * sample_rate as f32 / BLOCK as f32;
            if blocks > 0.0 { 1.0 - libm::expf(-1.0 / blocks) } else { 1.0 }
        };
        let loudness = (spec.by == Gauge::Loudness).then(|| Box::new(Loudness::new(sample_rate)));
        Self {
            spec,
            up: share(spec.attack),
            down: share(spec.release),
            value: 0.0,
            mean: 0.0,
            mean_share: share(MEAN_SECONDS),
            loudness,
            given: Ramp::new(spec.initial),
        }
    }

    /// Glides a given number to another.
    pub(super) fn give(&mut self, value: f32, glide: u32) {
        self.given.set(value, glide);
    }

    pub(super) fn spec(&self) -> &LevelSpec {
        &self.spec
    }

    /// Goes on from where another version of the same level was.
    pub(super) fn take_over(&mut self, old: &mut Self) {
        if self.spec.by == old.spec.by {
            (self.value, self.mean, self.given) = (old.value, old.mean, old.given);
            std::mem::swap(&mut self.loudness, &mut old.loudness);
        }
    }

    /// Follows one block of the bus; `None` is silence.
    pub(super) fn follow(&mut self, buffer: Option<&Buffer>) {
        const SILENT: Stereo<'_> = Stereo { left: &[0.0; BLOCK], right: &[0.0; BLOCK] };
        if self.spec.by == Gauge::Given {
            return self.given.skip(BLOCK as u32);
        }
        if buffer.is_none() && self.value == 0.0 {
            return;
        }
        let block = buffer.map_or(SILENT, Buffer::as_ref);
        let now = match (&mut self.loudness, self.spec.by) {
            (Some(loudness), _) => {
                loudness.process(block);
                let lufs = loudness.momentary();
                if lufs > FLOOR_LUFS { libm::exp10f(lufs / 10.0) } else { 0.0 }
            }
            (None, gauge) => {
                let mut meter = Meter::new();
                meter.accumulate(block);
                let levels = meter.take();
                match gauge {
                    Gauge::Peak => levels.peak[0].max(levels.peak[1]),
                    _ => {
                        let square = 0.5 * (levels.mean_square[0] + levels.mean_square[1]);
                        self.mean += (square - self.mean) * self.mean_share;
                        self.mean
                    }
                }
            }
        };
        self.value += (now - self.value) * if now > self.value { self.up } else { self.down };
        // Far below what the lowest reading tells.
        if self.value < 1e-14 || !self.value.is_finite() {
            (self.value, self.mean) = (0.0, 0.0);
        }
    }

    /// The level in dB or LUFS, where silence is -120; or the given number.
    pub(super) fn db(&self) -> f32 {
        if self.spec.by == Gauge::Given {
            return self.given.current();
        }
        let per_decade = if self.spec.by == Gauge::Peak { 20.0 } else { 10.0 };
        (per_decade * libm::log10f(self.value)).max(-120.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::measure::sine;

    fn block(samples: &[f32]) -> Buffer {
        let mut buffer = Buffer::SILENT;
        buffer.left.copy_from_slice(samples);
        buffer.right.copy_from_slice(samples);
        buffer
    }

    #[test]
    fn a_tone_reads_its_peak_its_rms_and_its_loudness() {
        let tone = sine(1000.0, 0.1, 48_000, 48_000);
        // A sine at 1 kHz of -20 dB on both channels: RMS 3.01 dB below its peak, and -20 LUFS within BS.1770's 0.1.
        for (by, expected) in [(Gauge::Peak, -20.0), (Gauge::Rms, -23.01), (Gauge::Loudness, -20.0)] {
            let spec = LevelSpec { bus: 0, by, attack: 0.01, release: 0.3, initial: 0.0, inherits: None };
            let mut level = Level::new(spec, 48_000);
            assert_eq!(level.db(), -120.0);
            for part in tone.as_chunks::<BLOCK>().0 {
                level.follow(Some(&block(part)));
            }
            assert!((level.db() - expected).abs() < 0.1, "{by:?}: {} dB", level.db());
        }
    }

    #[test]
    fn attack_and_release_are_time_constants() {
        let spec =
            LevelSpec { bus: 0, by: Gauge::Peak, attack: 0.1, release: 0.4, initial: 0.0, inherits: None };
        let mut level = Level::new(spec, 48_000);
        let full = block(&[1.0; BLOCK]);
        let blocks = |seconds: f32| (seconds * 48_000.0 / BLOCK as f32).round() as usize;
        (0..blocks(0.1)).for_each(|_| level.follow(Some(&full)));
        assert!((level.value - 0.632).abs() < 0.01, "after one time constant: {}", level.value);
        (0..blocks(2.0)).for_each(|_| level.follow(Some(&full)));
        (0..blocks(0.4)).for_each(|_| level.follow(None));
        assert!((level.value - 0.368).abs() < 0.01, "{}", level.value);
        (0..blocks(20.0)).for_each(|_| level.follow(None));
        assert_eq!((level.value, level.db()), (0.0, -120.0), "and comes to rest");
    }
}
