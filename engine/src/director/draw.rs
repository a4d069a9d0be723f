//! From an event to what is played: every choice on the way is made here.

use super::EmitterKey;
use super::parameters::Parameters;
use super::rng::Rng;
use super::take::Take;
use crate::bank::{Around, Bank, EventId, Random, Scope, Sequence, SoundId, SoundKind};
use glam::Vec3;
use std::collections::{BTreeMap, VecDeque};

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
        let own = (emitter, SoundId(0))..=(emitter, SoundId(u32::MAX));
        self.own.extract_if(own, |_, _| true).for_each(drop);
    }

    /// What the event comes to now: one take for each sound at once, or none.
    pub(super) fn draw(&mut self, at: &Circumstances<'_>, event: EventId, rng: &mut Rng) -> Vec<Take> {
        let Some(sound) = at.bank.events[event.index()].play else { return Vec::new() };
        self.draw_from(at, Take::of(sound), rng)
    }

    /// What a way comes to now, from where it has come to.
    pub(super) fn draw_from(&mut self, at: &Circumstances<'_>, take: Take, rng: &mut Rng) -> Vec<Take> {
        let mut takes = Vec::new();
        self.walk(at, take, rng, &mut takes);
        takes
    }

    /// Goes on from where a take has come to; sounds never play each other in a circle.
    fn walk(&mut self, at: &Circumstances<'_>, mut take: Take, rng: &mut Rng, takes: &mut Vec<Take>) {
        let own = take.sound;
        match &at.bank.sounds[own.index()].kind {
            // What it plays is drawn when its time comes.
            kind if kind.runs() => return takes.push(take),
            SoundKind::Clip(clip) => {
                take.looping = clip.cut.looping;
                take.offset = rng.between(clip.offset.low.get(), clip.offset.high.get());
                return takes.push(take);
            }
            SoundKind::Random(random) => {
                self.pick(at, random, &mut take, rng);
            }
            SoundKind::Sequence(sequence) => {
                take.spread(own, None, &sequence.spread, rng);
                take.sound = self.memory(own, sequence.scope, at.on).next(sequence, at);
            }
            SoundKind::Switch(switch) => {
                let label = at.parameters.value(at.on, switch.on) as usize;
                let case = switch.cases.get(label).copied().flatten();
                take.switches.push((own, case));
                let Some(case) = case else { return };
                take.spread(own, None, &switch.spread, rng);
                take.sound = case;
            }
            SoundKind::Layer(layer) => {
                take.spread(own, None, &layer.spread, rng);
                for (place, part) in layer.of.iter().enumerate() {
                    let mut take = take.layer(own, place, part.sound);
                    take.spread(own, Some(place), &part.spread, rng);
                    self.walk(at, take, rng, takes);
                }
                return;
            }
            SoundKind::Blend(blend) => {
                take.spread(own, None, &blend.spread, rng);
                for (place, blended) in blend.of.iter().enumerate() {
                    let mut take = take.layer(own, place, blended.sound);
                    take.spread(own, Some(place), &blended.spread, rng);
                    self.walk(at, take, rng, takes);
                }
                return;
            }
            SoundKind::Music(_) | SoundKind::Silence | SoundKind::Scatter(_) => return,
        }
        self.walk(at, take, rng, takes);
    }

    /// What comes next of something that plays one after another: one take for each sound at once, or none. `step` counts
    /// from 0.
    pub(super) fn item(&mut self, at: &Circumstances<'_>, run: &Take, step: u64, rng: &mut Rng) -> Vec<Take> {
        let own = run.sound;
        let mut take = run.clone();
        take.delay = 0.0;
        match at.bank.sounds.get(own.index()).map(|sound| &sound.kind) {
            Some(SoundKind::Random(random)) => self.pick(at, random, &mut take, rng),
            Some(SoundKind::Scatter(scatter)) => {
                if let Some(around) = &scatter.around {
                    take.away += somewhere(around, rng);
                }
                self.pick(at, &scatter.choice, &mut take, rng);
            }
            Some(SoundKind::Sequence(sequence)) => {
                take.spread(own, None, &sequence.spread, rng);
                take.sound = sequence.of[place_in(sequence, step as usize)];
            }
            _ => return Vec::new(),
        }
        let mut takes = Vec::new();
        self.walk(at, take, rng, &mut takes);
        takes
    }

    /// One of several.
    fn pick(&mut self, at: &Circumstances<'_>, random: &Random, take: &mut Take, rng: &mut Rng) {
        let own = take.sound;
        take.spread(own, None, &random.spread, rng);
        let place = self.memory(own, random.scope, at.on).choose(random, rng);
        take.spread(own, Some(place), &random.of[place].spread, rng);
        take.sound = random.of[place].sound;
    }

    fn memory(&mut self, of: SoundId, scope: Scope, on: Option<EmitterKey>) -> &mut Memory {
        match on.filter(|_| scope == Scope::Emitter) {
            Some(emitter) => self.own.entry((emitter, of)).or_default(),
            None => &mut self.shared[of.index()],
        }
    }
}

impl Memory {
    /// A weighted choice among what was not chosen lately: its place.
    fn choose(&mut self, random: &Random, rng: &mut Rng) -> usize {
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
            random.of.get(place).is_none_or(|choice| history.contains(&choice.sound))
        };
        if self.bag.iter().all(|&place| lately(&self.history, place)) {
            self.bag.extend(0..random.of.len());
            self.bag.sort_unstable();
            self.bag.dedup();
        }
        let open = || self.bag.iter().enumerate().filter(|(_, place)| !lately(&self.history, **place));
        let total: f32 = open().map(|(_, &place)| random.of[place].weight).sum();
        let mut point = rng.unit() * total;
        let mut chosen = (0, 0);
        for (at, &place) in open() {
            chosen = (at, place);
            point -= random.of[place].weight;
            if point < 0.0 {
                break;
            }
        }
        self.bag.remove(chosen.0);
        self.history.push_back(random.of[chosen.1].sound);
        chosen.1
    }

    /// The next of a sequence.
    fn next(&mut self, sequence: &Sequence, at: &Circumstances<'_>) -> SoundId {
        let idle = at.at.saturating_sub(self.last);
        if sequence.reset.is_some_and(|reset| idle > u64::from(reset.frames(at.sample_rate))) {
            self.step = 0;
        }
        self.last = at.at;
        let step = self.step % round(sequence);
        self.step = step + 1;
        sequence.of[place_in(sequence, step)]
    }
}

/// How many steps a sequence makes until it is where it began.
pub(super) fn round(sequence: &Sequence) -> usize {
    let count = sequence.of.len();
    if sequence.ping_pong && count > 1 { 2 * count - 2 } else { count.max(1) }
}

/// Where in its list a sequence is at a step.
fn place_in(sequence: &Sequence, step: usize) -> usize {
    let round = round(sequence);
    let step = step % round;
    if step < sequence.of.len() { step } else { round - step }
}

/// A place on a ring, evenly in its area, as seen from its middle.
fn somewhere(around: &Around, rng: &mut Rng) -> Vec3 {
    let (near, far) = (around.distance.low, around.distance.high);
    let distance = (near * near + (far * far - near * near) * rng.unit()).sqrt();
    let angle = std::f32::consts::TAU * rng.unit();
    let height = rng.between(around.height.low, around.height.high);
    Vec3::new(distance * libm::cosf(angle), height, distance * libm::sinf(angle))
}
