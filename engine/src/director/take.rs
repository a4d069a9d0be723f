//! One drawn take: what is played, and what was drawn for it on its way.

use super::rng::Rng;
use crate::bank::{Bank, Clip, EventId, Range, SoundId, SoundKind, Spread};
use crate::units::Hertz;
use glam::Vec3;

/// One drawn take. The clip's and the event's own gain and pitch are not in here, so that a reload changes them under a
/// running voice.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Take {
    pub(super) sound: SoundId,
    pub(super) looping: bool,
    /// The sum of what was drawn, in dB.
    pub(super) gain: f32,
    /// The sum of what was drawn, in semitones.
    pub(super) pitch: f32,
    /// The lowest cut-off that was drawn, in Hz; infinite if none was.
    pub(super) cutoff: f32,
    /// How long after the playback's start it begins, in seconds.
    pub(super) delay: f32,
    /// How far into what is played it begins, in seconds.
    pub(super) offset: f32,
    /// How far from its emitter it is.
    pub(super) away: Vec3,
    /// What was drawn on the way, in its order.
    drawn: Vec<Drawn>,
    /// The layers and blends on the way, each with the place in it; their gains are not in the sum.
    pub(super) layers: Vec<(SoundId, usize)>,
    /// The switches on the way, each with the case that it gave.
    pub(super) switches: Vec<(SoundId, Option<SoundId>)>,
}

/// What was drawn at one step of the way.
#[derive(Debug, Clone, PartialEq)]
struct Drawn {
    /// The container.
    of: SoundId,
    /// The place in it, if it was drawn for that.
    place: Option<usize>,
    /// Where in the ranges of gain, pitch and cut-off, from 0 to 1.
    at: [f32; 3],
    /// What that came to, should the container be no more.
    gain: f32,
    pitch: f32,
    cutoff: f32,
}

impl Take {
    /// The beginning of a way.
    pub(super) fn of(sound: SoundId) -> Self {
        Self {
            sound,
            looping: false,
            gain: 0.0,
            pitch: 0.0,
            cutoff: f32::INFINITY,
            delay: 0.0,
            offset: 0.0,
            away: Vec3::ZERO,
            drawn: Vec::new(),
            layers: Vec::new(),
            switches: Vec::new(),
        }
    }

    /// Draws what a container says, for all of it or for a place in it.
    pub(super) fn spread(&mut self, of: SoundId, place: Option<usize>, spread: &Spread, rng: &mut Rng) {
        let Spread { gain, pitch, delay, cutoff } = spread;
        let mut within = |low: f32, high: f32| if low == high { 0.5 } else { rng.unit() };
        let mut at =
            [within(gain.low.get(), gain.high.get()), within(pitch.low.get(), pitch.high.get()), 0.5];
        self.delay += between(delay.low.get(), delay.high.get(), within(delay.low.get(), delay.high.get()));
        if let Some(cutoff) = cutoff {
            at[2] = within(cutoff.low.get(), cutoff.high.get());
        }
        let mut drawn = Drawn { of, place, at, gain: 0.0, pitch: 0.0, cutoff: f32::INFINITY };
        drawn.work_out(spread);
        self.add(&drawn);
        self.drawn.push(drawn);
    }

    fn add(&mut self, drawn: &Drawn) {
        self.gain += drawn.gain;
        self.pitch += drawn.pitch;
        self.cutoff = self.cutoff.min(drawn.cutoff);
    }

    /// The place that it has, beside its emitter's.
    pub(super) fn place(&self, emitter: Vec3) -> Vec3 {
        if self.away == Vec3::ZERO { emitter } else { emitter + self.away }
    }

    /// The same on its way into one of several at once.
    pub(super) fn layer(&self, of: SoundId, place: usize, sound: SoundId) -> Self {
        let mut take = Self { sound, ..self.clone() };
        take.layers.push((of, place));
        take
    }

    /// Takes the ids of another bank. What was drawn stays where it was in its range, so a range that is written
    /// otherwise is heard in what plays.
    pub(super) fn follow(&mut self, now: impl Fn(SoundId) -> SoundId, bank: &Bank) {
        self.sound = now(self.sound);
        for (of, _) in &mut self.layers {
            *of = now(*of);
        }
        for (switch, case) in &mut self.switches {
            *switch = now(*switch);
            *case = case.map(&now);
        }
        let mut all = std::mem::take(&mut self.drawn);
        (self.gain, self.pitch, self.cutoff) = (0.0, 0.0, f32::INFINITY);
        for drawn in &mut all {
            drawn.of = now(drawn.of);
            if let Some(spread) = spread_of(bank, drawn.of, drawn.place) {
                drawn.work_out(spread);
            }
            self.add(drawn);
        }
        self.drawn = all;
    }

    /// The take's gain in dB with the clip's and the event's own.
    pub(super) fn gain_db(&self, bank: &Bank, event: EventId) -> f32 {
        let clip = self.clip(bank).map_or(0.0, |clip| clip.gain.get());
        bank.events[event.index()].gain.get() + clip + self.gain
    }

    /// The take's pitch with the clip's and the event's own.
    pub(super) fn semitones(&self, bank: &Bank, event: EventId) -> f32 {
        let clip = self.clip(bank).map_or(0.0, |clip| clip.pitch.get());
        bank.events[event.index()].pitch.get() + clip + self.pitch
    }

    pub(super) fn clip<'a>(&self, bank: &'a Bank) -> Option<&'a Clip> {
        match &bank.sounds.get(self.sound.index())?.kind {
            SoundKind::Clip(clip) => Some(clip),
            _ => None,
        }
    }
}

impl Drawn {
    fn work_out(&mut self, spread: &Spread) {
        let Spread { gain, pitch, cutoff, .. } = spread;
        self.gain = between(gain.low.get(), gain.high.get(), self.at[0]);
        self.pitch = between(pitch.low.get(), pitch.high.get(), self.at[1]);
        self.cutoff = cutoff.map_or(f32::INFINITY, |cutoff| octaves(cutoff, self.at[2]));
    }
}

/// Where a share of a range is.
pub(super) fn between(low: f32, high: f32, at: f32) -> f32 {
    if low == high { low } else { low + (high - low) * at }
}

/// Where a share of a range is, evenly in octaves.
fn octaves(range: Range<Hertz>, at: f32) -> f32 {
    let (low, high) = (range.low.get(), range.high.get());
    if low == high { low } else { low * libm::powf(high / low, at) }
}

/// What a container says of what is drawn, for all of it or for a place in it.
fn spread_of(bank: &Bank, of: SoundId, place: Option<usize>) -> Option<&Spread> {
    match (&bank.sounds.get(of.index())?.kind, place) {
        (SoundKind::Random(random), None) => Some(&random.spread),
        (SoundKind::Random(random), Some(place)) => Some(&random.of.get(place)?.spread),
        (SoundKind::Scatter(scatter), None) => Some(&scatter.choice.spread),
        (SoundKind::Scatter(scatter), Some(place)) => Some(&scatter.choice.of.get(place)?.spread),
        (SoundKind::Sequence(sequence), None) => Some(&sequence.spread),
        (SoundKind::Switch(switch), None) => Some(&switch.spread),
        (SoundKind::Layer(layer), None) => Some(&layer.spread),
        (SoundKind::Layer(layer), Some(place)) => Some(&layer.of.get(place)?.spread),
        (SoundKind::Blend(blend), None) => Some(&blend.spread),
        (SoundKind::Blend(blend), Some(place)) => Some(&blend.of.get(place)?.spread),
        _ => None,
    }
}
