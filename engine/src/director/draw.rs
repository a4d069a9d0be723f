//! From an event to what is played: every choice on the way is made here.

use super::EmitterKey;
use super::parameters::Parameters;
use super::rng::Rng;
use crate::bank::{Bank, Clip, EventId, Random, Scope, Sequence, SoundId, SoundKind, Spread};
use std::collections::{BTreeMap, VecDeque};

/// One drawn take: what is played and what was drawn for it. The clip's and event's own gain and pitch are
/// not in here, so that a reload changes them under a running voice.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Take {
    pub(super) sound: SoundId,
    pub(super) looping: bool,
    /// The sum of what was drawn, in dB.
    pub(super) gain: f32,
    /// The sum of what was drawn, in semitones.
    pub(super) pitch: f32,
    /// How long after the playback's start it begins, in seconds.
    pub(super) delay: f32,
    /// The layers and blends on the way, each with the place in it; their gains are not in the sum.
    pub(super) layers: Vec<(SoundId, usize)>,
    /// The switches on the way, each with the case that it gave.
    pub(super) switches: Vec<(SoundId, Option<SoundId>)>,
}

/// What a choice did last.
#[derive(Debug, Clone, Default)]
struct Memory {
    /// The last choices, the latest at the end.
    history: VecDeque<SoundId>,
    /// What is left of a shuffle's round, as places in its list.
    bag: Vec<usize>,
    /// How many steps a sequence has made, there and back again counted as one round.
    step: usize,
    /// The frame of the last playback.
    last: u64,
}

/// Remembers what each choice chose last.
#[derive(Debug, Clone, Default)]
pub(super) struct Drawer {
    shared: Vec<Memory>,
    own: BTreeMap<(EmitterKey, SoundId), Memory>,
}

/// What a draw goes by.
pub(super) struct Circumstances<'a> {
    pub(super) bank: &'a Bank,
    pub(super) parameters: &'a Parameters,
    pub(super) on: Option<EmitterKey>,
    /// The frame from which on it sounds.
    pub(super) at: u64,
    pub(super) sample_rate: u32,
}

impl Drawer {
    pub(super) fn new(bank: &Bank) -> Self {
        Self { shared: vec![Memory::default(); bank.sounds.len()], own: BTreeMap::new() }
    }

    /// Carries the memory over to a new bank, by names.
    pub(super) fn follow(&mut self, old: &Bank, new: &Bank) {
        let named = |id: &SoundId| old.sounds.get(id.index()).and_then(|sound| new.sound(&sound.name));
        let carry = |id: SoundId, memory: Memory| {
            let now = named(&id)?;
            // A round goes on only in a list that is as it was.
            let list = |bank: &Bank, id: SoundId| -> Vec<String> {
                let plays = bank.sounds[id.index()].kind.plays();
                plays.iter().map(|sound| bank.sounds[sound.index()].name.clone()).collect()
            };
            let same = list(old, id) == list(new, now);
            let history = memory.history.iter().filter_map(named).collect();
            let bag = if same { memory.bag } else { Vec::new() };
            Some((now, Memory { history, bag, ..memory }))
        };
        let shared = std::mem::replace(&mut self.shared, vec![Memory::default(); new.sounds.len()]);
        for (index, memory) in shared.into_iter().enumerate() {
            if let Some((now, memory)) = carry(SoundId(index as u32), memory) {
                self.shared[now.index()] = memory;
            }
        }
        let own = std::mem::take(&mut self.own).into_iter();
        self.own = own
            .filter_map(|((emitter, id), memory)| {
                let (now, memory) = carry(id, memory)?;
                Some(((emitter, now), memory))
            })
            .collect();
    }

    /// Forgets what an emitter has of its own.
    pub(super) fn forget(&mut self, emitter: EmitterKey) {
        self.own.retain(|(own, _), _| *own != emitter);
    }

    /// What the event comes to now: one take for each sound at once, or none.
    pub(super) fn draw(&mut self, at: &Circumstances<'_>, event: EventId, rng: &mut Rng) -> Vec<Take> {
        let Some(sound) = at.bank.events[event.index()].play else { return Vec::new() };
        let take = Take {
            sound,
            looping: false,
            gain: 0.0,
            pitch: 0.0,
            delay: 0.0,
            layers: Vec::new(),
            switches: Vec::new(),
        };
        let mut takes = Vec::new();
        self.walk(at, take, rng, &mut takes);
        takes
    }

    /// Goes on from where a take has come to; sounds never play each other in a circle.
    fn walk(&mut self, at: &Circumstances<'_>, mut take: Take, rng: &mut Rng, takes: &mut Vec<Take>) {
        let own = take.sound;
        match &at.bank.sounds[own.index()].kind {
            SoundKind::Clip(clip) => {
                take.looping = clip.cut.looping;
                return takes.push(take);
            }
            SoundKind::Random(random) => {
                take.spread(&random.spread, rng);
                take.sound = self.memory(own, random.scope, at.on).choose(random, rng);
            }
            SoundKind::Sequence(sequence) => {
                take.spread(&sequence.spread, rng);
                take.sound = self.memory(own, sequence.scope, at.on).next(sequence, at);
            }
            SoundKind::Switch(switch) => {
                let label = at.parameters.value(at.on, switch.on) as usize;
                let case = switch.cases.get(label).copied().flatten();
                take.switches.push((own, case));
                let Some(case) = case else { return };
                take.sound = case;
            }
            SoundKind::Layer(layer) => {
                take.spread(&layer.spread, rng);
                for (place, part) in layer.of.iter().enumerate() {
                    let mut take = take.layer(own, place, part.sound);
                    take.delay += part.delay.get();
                    self.walk(at, take, rng, takes);
                }
                return;
            }
            SoundKind::Blend(blend) => {
                for (place, blended) in blend.of.iter().enumerate() {
                    self.walk(at, take.layer(own, place, blended.sound), rng, takes);
                }
                return;
            }
            SoundKind::Silence => return,
        }
        self.walk(at, take, rng, takes);
    }

    fn memory(&mut self, of: SoundId, scope: Scope, on: Option<EmitterKey>) -> &mut Memory {
        match on.filter(|_| scope == Scope::Emitter) {
            Some(emitter) => self.own.entry((emitter, of)).or_default(),
            None => &mut self.shared[of.index()],
        }
    }
}

impl Memory {
    /// A weighted choice among what was not chosen lately.
    fn choose(&mut self, random: &Random, rng: &mut Rng) -> SoundId {
        let avoid = (random.avoid as usize).min(random.of.len().saturating_sub(1));
        while self.history.len() > avoid {
            self.history.pop_front();
        }
        if !random.shuffle {
            self.bag.clear();
        }
        if self.bag.is_empty() {
            self.bag.extend(0..random.of.len());
        }
        // At a round's end all that is left may be what must not come again; then the round ends early.
        let lately = |history: &VecDeque<SoundId>, place: usize| {
            random.of.get(place).is_none_or(|(sound, _)| history.contains(sound))
        };
        if self.bag.iter().all(|&place| lately(&self.history, place)) {
            self.bag.extend(0..random.of.len());
            self.bag.sort_unstable();
            self.bag.dedup();
        }
        let open = || self.bag.iter().enumerate().filter(|(_, place)| !lately(&self.history, **place));
        let total: f32 = open().map(|(_, &place)| random.of[place].1).sum();
        let mut point = rng.unit() * total;
        let mut chosen = (0, 0);
        for (at, &place) in open() {
            chosen = (at, place);
            point -= random.of[place].1;
            if point < 0.0 {
                break;
            }
        }
        self.bag.remove(chosen.0);
        let sound = random.of[chosen.1].0;
        self.history.push_back(sound);
        sound
    }

    /// The next of a sequence.
    fn next(&mut self, sequence: &Sequence, at: &Circumstances<'_>) -> SoundId {
        let idle = at.at.saturating_sub(self.last);
        if sequence.reset.is_some_and(|reset| idle > u64::from(reset.frames(at.sample_rate))) {
            self.step = 0;
        }
        self.last = at.at;
        let count = sequence.of.len();
        let round = if sequence.ping_pong && count > 1 { 2 * count - 2 } else { count };
        let step = self.step % round.max(1);
        self.step = step + 1;
        sequence.of[if step < count { step } else { round - step }]
    }
}

impl Take {
    fn spread(&mut self, spread: &Spread, rng: &mut Rng) {
        self.gain += rng.between(spread.gain.low.get(), spread.gain.high.get());
        self.pitch += rng.between(spread.pitch.low.get(), spread.pitch.high.get());
    }

    /// The same on its way into one of several at once.
    fn layer(&self, of: SoundId, place: usize, sound: SoundId) -> Self {
        let mut take = Self { sound, ..self.clone() };
        take.layers.push((of, place));
        take
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
