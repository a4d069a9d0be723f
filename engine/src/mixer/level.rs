//! Numbers that curves go by: how loud a bus is, what the game gives, what swings and wanders by itself.

use super::BLOCK;
use super::buffer::Buffer;
use crate::dsp::Stereo;
use crate::dsp::loudness::{FLOOR_LUFS, Loudness};
use crate::dsp::meter::Meter;
use crate::dsp::ramp::Ramp;
use crate::modulators::{Lfo, Walk};

/// The time constant of the mean of a root mean square, in seconds.
const MEAN_SECONDS: f32 = 0.02;

/// How a level is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Gauge {
    /// The highest sample, in dB.
    Peak,
    /// The root mean square of both channels over some 20 ms, in dB.
    Rms,
    /// The momentary loudness, in LUFS.
    Loudness,
    /// Nothing of a bus: a number that the game gives.
    Given,
    /// Nothing of a bus: what swings.
    Lfo(Lfo),
    /// Nothing of a bus: what wanders.
    Walk(Walk),
}

/// A level of a bus.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LevelSpec {
    /// The bus, after its fader. Without meaning for what is nothing of a bus.
    pub bus: u16,
    /// What is measured.
    pub by: Gauge,
    /// The time constant of rising, in seconds.
    pub attack: f32,
    /// How long it stays before it falls, in seconds.
    pub hold: f32,
    /// The time constant of falling, in seconds.
    pub release: f32,
    /// The levels that are read as 0 and as 1, the lower first; `None` for one read in dB.
    pub span: Option<(f32, f32)>,
    /// The seed of what is drawn.
    pub seed: u64,
    /// What a given number is at first.
    pub initial: f32,
    /// The old graph's level that this one continues.
    pub inherits: Option<u16>,
}

impl LevelSpec {
    /// A number that the game gives.
    pub const GIVEN: Self = Self {
        bus: 0,
        by: Gauge::Given,
        attack: 0.0,
        hold: 0.0,
        release: 0.0,
        span: None,
        seed: 0,
        initial: 0.0,
        inherits: None,
    };
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
    /// How many blocks it stays before it falls, and how many of them are left.
    hold: u32,
    held: u32,
    /// How far what moves by itself has gone: in turns or steps, and in seconds.
    turns: f64,
    seconds: f64,
    block_seconds: f64,
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
            hold: (spec.hold * sample_rate as f32 / BLOCK as f32 + 0.5) as u32,
            held: 0,
            turns: 0.0,
            seconds: 0.0,
            block_seconds: BLOCK as f64 / f64::from(sample_rate.max(1)),
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
        // What moves by itself goes on from its place, at another speed or in another shape.
        (self.turns, self.seconds) = (old.turns, old.seconds);
        if std::mem::discriminant(&self.spec.by) == std::mem::discriminant(&old.spec.by) {
            (self.value, self.mean, self.given) = (old.value, old.mean, old.given);
            self.held = old.held.min(self.hold);
            std::mem::swap(&mut self.loudness, &mut old.loudness);
        }
    }

    /// Follows one block of the bus; `None` is silence.
    pub(super) fn follow(&mut self, buffer: Option<&Buffer>) {
        const SILENT: Stereo<'_> = Stereo { left: &[0.0; BLOCK], right: &[0.0; BLOCK] };
        match self.spec.by {
            Gauge::Given => return self.given.skip(BLOCK as u32),
            Gauge::Lfo(Lfo { rate, .. }) | Gauge::Walk(Walk { rate }) => return self.go_on(rate),
            Gauge::Peak | Gauge::Rms | Gauge::Loudness => {}
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
        if now > self.value {
            self.held = self.hold;
            self.value += (now - self.value) * self.up;
        } else if self.held > 0 {
            self.held -= 1;
        } else {
            self.value += (now - self.value) * self.down;
        }
        // Far below what the lowest reading tells.
        if self.value < 1e-14 || !self.value.is_finite() {
            (self.value, self.mean) = (0.0, 0.0);
        }
    }

    fn go_on(&mut self, rate: f32) {
        self.turns += f64::from(rate) * self.block_seconds;
        self.seconds += self.block_seconds;
    }

    /// What curves go by: the level in dB or LUFS, where silence is -120, or as a share of its span; or the number.
    pub(super) fn reading(&self) -> f32 {
        let per_decade = match self.spec.by {
            Gauge::Given => return self.given.current(),
            Gauge::Lfo(lfo) => return lfo.at(self.turns, self.seconds, self.spec.seed),
            Gauge::Walk(walk) => return walk.at(self.turns, self.spec.seed),
            Gauge::Peak => 20.0,
            Gauge::Rms | Gauge::Loudness => 10.0,
        };
        let db = (per_decade * libm::log10f(self.value)).max(-120.0);
        self.spec.span.map_or(db, |(low, high)| ((db - low) / (high - low)).clamp(0.0, 1.0))
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
            let spec = LevelSpec { by, attack: 0.01, release: 0.3, ..LevelSpec::GIVEN };
            let mut level = Level::new(spec, 48_000);
            assert_eq!(level.reading(), -120.0);
            for part in tone.as_chunks::<BLOCK>().0 {
                level.follow(Some(&block(part)));
            }
            assert!((level.reading() - expected).abs() < 0.1, "{by:?}: {} dB", level.reading());
        }
    }

    #[test]
    fn attack_and_release_are_time_constants() {
        let spec = LevelSpec { by: Gauge::Peak, attack: 0.1, release: 0.4, ..LevelSpec::GIVEN };
        let mut level = Level::new(spec, 48_000);
        let full = block(&[1.0; BLOCK]);
        let blocks = |seconds: f32| (seconds * 48_000.0 / BLOCK as f32).round() as usize;
        (0..blocks(0.1)).for_each(|_| level.follow(Some(&full)));
        assert!((level.value - 0.632).abs() < 0.01, "after one time constant: {}", level.value);
        (0..blocks(2.0)).for_each(|_| level.follow(Some(&full)));
        (0..blocks(0.4)).for_each(|_| level.follow(None));
        assert!((level.value - 0.368).abs() < 0.01, "{}", level.value);
        (0..blocks(20.0)).for_each(|_| level.follow(None));
        assert_eq!((level.value, level.reading()), (0.0, -120.0), "and comes to rest");
    }

    #[test]
    fn a_share_of_its_span_stays_for_its_hold_before_it_falls() {
        let span = Some((-40.0, 0.0));
        let spec =
            LevelSpec { by: Gauge::Peak, attack: 0.0, hold: 0.2, release: 0.0, span, ..LevelSpec::GIVEN };
        let mut level = Level::new(spec, 48_000);
        let blocks = |seconds: f32| (seconds * 48_000.0 / BLOCK as f32).round() as usize;
        level.follow(Some(&block(&[0.1; BLOCK])));
        assert!((level.reading() - 0.5).abs() < 1e-6, "-20 dB is half of it: {}", level.reading());
        (0..blocks(0.2)).for_each(|_| level.follow(None));
        assert!((level.reading() - 0.5).abs() < 1e-6, "held for 0.2 s: {}", level.reading());
        level.follow(None);
        assert_eq!(level.reading(), 0.0);
        level.follow(Some(&block(&[10.0; BLOCK])));
        assert_eq!(level.reading(), 1.0, "no more than all of it");
    }

    #[test]
    fn what_swings_goes_on_at_another_speed_from_where_it_was() {
        let lfo = |rate| {
            let shape = crate::modulators::LfoShape::Saw;
            let by = Gauge::Lfo(Lfo { shape, rate, phase: 0.0, spread: 0.0, fade_in: 0.0 });
            Level::new(LevelSpec { by, ..LevelSpec::GIVEN }, 48_000)
        };
        // 375 blocks are a second.
        let mut slow = lfo(0.25);
        (0..375).for_each(|_| slow.follow(None));
        assert!((slow.reading() + 0.5).abs() < 1e-6, "a quarter of its turn: {}", slow.reading());
        let mut fast = lfo(2.0);
        fast.take_over(&mut slow);
        assert!((fast.reading() + 0.5).abs() < 1e-6, "and on from there: {}", fast.reading());
        (0..75).for_each(|_| fast.follow(None));
        assert!((fast.reading() - 0.3).abs() < 1e-5, "0.4 turns farther: {}", fast.reading());
    }
}
