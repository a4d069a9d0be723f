//! From an event to one clip: every choice on the way is drawn here.

use super::rng::Rng;
use crate::bank::{Bank, Clip, EventId, Random, SoundId, SoundKind};
use crate::units::{Decibels, Semitones};
use std::collections::{BTreeMap, VecDeque};

/// One drawn take: what is played and what was drawn for it. The clip's and event's own gain and pitch are
/// not in here, so that a reload changes them under a running voice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Take {
    pub(super) sound: SoundId,
    pub(super) looping: bool,
    /// The sum of what was drawn, in dB.
    pub(super) gain: f32,
    /// The sum of what was drawn, in semitones.
    pub(super) pitch: f32,
}

/// Remembers what each choice chose last.
#[derive(Debug, Clone, Default)]
pub(super) struct Drawer {
    history: Vec<VecDeque<SoundId>>,
}

impl Drawer {
    pub(super) fn new(bank: &Bank) -> Self {
        Self { history: vec![VecDeque::new(); bank.sounds.len()] }
    }

    /// Carries the memory over to a new bank, by names.
    pub(super) fn follow(&mut self, old: &Bank, new: &Bank) {
        let named = |id: &SoundId| old.sounds.get(id.index()).and_then(|sound| new.sound(&sound.name));
        let mut memory: BTreeMap<&str, VecDeque<SoundId>> = BTreeMap::new();
        for (sound, history) in old.sounds.iter().zip(&self.history) {
            memory.insert(&sound.name, history.iter().filter_map(named).collect());
        }
        self.history =
            new.sounds.iter().map(|sound| memory.remove(&*sound.name).unwrap_or_default()).collect();
    }

    pub(super) fn draw(&mut self, bank: &Bank, event: EventId, rng: &mut Rng) -> Take {
        let mut sound = bank.events[event.index()].play;
        let (mut gain, mut pitch) = (0.0, 0.0);
        loop {
            match &bank.sounds[sound.index()].kind {
                SoundKind::Clip(clip) => return Take { sound, looping: clip.cut.looping, gain, pitch },
                SoundKind::Random(random) => {
                    gain += rng.between(random.gain.low.get(), random.gain.high.get());
                    pitch += rng.between(random.pitch.low.get(), random.pitch.high.get());
                    sound = self.choose(sound, random, rng);
                }
            }
        }
    }

    /// A weighted choice among what was not chosen lately.
    fn choose(&mut self, from: SoundId, random: &Random, rng: &mut Rng) -> SoundId {
        let history = &mut self.history[from.index()];
        let avoid = (random.avoid as usize).min(random.of.len().saturating_sub(1));
        while history.len() > avoid {
            history.pop_front();
        }
        let open = || random.of.iter().filter(|(sound, _)| !history.contains(sound));
        let total: f32 = open().map(|&(_, weight)| weight).sum();
        let mut point = rng.unit() * total;
        let mut chosen = random.of[0].0;
        for &(sound, weight) in open() {
            chosen = sound;
            point -= weight;
            if point < 0.0 {
                break;
            }
        }
        history.push_back(chosen);
        chosen
    }
}

impl Take {
    /// The take's gain in dB with the clip's and the event's own.
    pub(super) fn gain_db(&self, bank: &Bank, event: EventId) -> Decibels {
        let clip = self.clip(bank).map_or(0.0, |clip| clip.gain.get());
        Decibels::clamped(bank.events[event.index()].gain.get() + clip + self.gain)
    }

    /// The take's rate with the clip's and the event's own pitch.
    pub(super) fn rate(&self, bank: &Bank, event: EventId) -> f32 {
        let clip = self.clip(bank).map_or(0.0, |clip| clip.pitch.get());
        Semitones::clamped(bank.events[event.index()].pitch.get() + clip + self.pitch).ratio()
    }

    pub(super) fn clip<'a>(&self, bank: &'a Bank) -> Option<&'a Clip> {
        match &bank.sounds.get(self.sound.index())?.kind {
            SoundKind::Clip(clip) => Some(clip),
            SoundKind::Random(_) => None,
        }
    }
}
