//! Modulators of playbacks: each playback's own time for them, and what a reload does to it.
//!
//! What a modulator is follows from how long the playback has had it, so one that is not heard costs nothing and is where
//! it should be when it wakes. Held playbacks hold theirs. The sounds of one playback share one time and one seed.

use super::playback::Playback;
use super::take::Take;
use super::{Director, Order, PlaybackId};
use crate::bank::{Bank, Driver, EventId, Modulator, ModulatorId, ModulatorKind, SoundKind};
use crate::link::Command;
use crate::modulators::{Envelope, Fall, seed_of};

/// A playback's own time for its modulators.
#[derive(Debug, Clone)]
pub(super) struct OwnTime {
    /// How many seconds had gone by at a frame.
    anchor: (u64, f64),
    pub(super) held: bool,
    /// Whether it has yet to be seen by an update: its time begins no sooner.
    unseen: bool,
    /// When its envelopes were let go, in its own seconds.
    pub(super) released: Option<f64>,
    /// What reloads changed while it played.
    carried: Vec<Carried>,
}

/// How a modulator goes on that a reload changed.
#[derive(Debug, Clone, Copy)]
struct Carried {
    of: ModulatorId,
    /// How much farther it is than its present settings would have brought it: turns, steps, or seconds of an envelope.
    ahead: f64,
    /// From where it falls, if it was let go before the reload.
    fall: Option<Fall>,
}

impl OwnTime {
    pub(super) fn new(start: u64) -> Self {
        Self { anchor: (start, 0.0), held: false, unseen: true, released: None, carried: Vec::new() }
    }

    /// Begins it with the first update that sees it, or at its start if that is still to come.
    pub(super) fn see(&mut self, now: u64) {
        if std::mem::take(&mut self.unseen) {
            self.anchor.0 = self.anchor.0.max(now);
        }
    }

    /// Its seconds at a frame.
    pub(super) fn at(&self, frame: u64, sample_rate: u32) -> f64 {
        let (since, before) = self.anchor;
        let gone = if self.held { 0 } else { frame.saturating_sub(since) };
        before + gone as f64 / f64::from(sample_rate.max(1))
    }

    /// The frame at which it is so many seconds, if it goes on.
    pub(super) fn frame_of(&self, seconds: f64, sample_rate: u32) -> u64 {
        let (since, before) = self.anchor;
        since + (((seconds - before) * f64::from(sample_rate)).max(0.0) + 0.5) as u64
    }

    pub(super) fn hold(&mut self, on: bool, now: u64, sample_rate: u32) {
        if on != self.held {
            // Time that is still to come begins no sooner for that.
            let frame = now.max(self.anchor.0);
            self.anchor = (frame, self.at(frame, sample_rate));
            self.held = on;
        }
    }

    /// Goes on after it was held since a frame; one that was still to come comes as much later.
    pub(super) fn go_on(&mut self, since: u64, now: u64, sample_rate: u32) {
        if self.anchor.0 > since {
            self.postpone(now.saturating_sub(since));
        }
        self.hold(false, now, sample_rate);
    }

    /// Comes so many frames later.
    pub(super) fn postpone(&mut self, frames: u64) {
        self.anchor.0 += frames;
    }

    fn carried(&self, of: ModulatorId) -> Option<&Carried> {
        self.carried.iter().find(|carried| carried.of == of)
    }

    fn ahead(&self, of: ModulatorId) -> f64 {
        self.carried(of).map_or(0.0, |carried| carried.ahead)
    }

    /// From where an envelope falls at `seconds`, if it was let go by then.
    pub(super) fn fall(&self, of: ModulatorId, envelope: &Envelope, seconds: f64) -> Option<Fall> {
        let since = self.released.filter(|since| *since <= seconds)?;
        let from = || Fall { since, from: envelope.rising(since + self.ahead(of)) };
        Some(self.carried(of).and_then(|carried| carried.fall).unwrap_or_else(from))
    }
}

/// What a modulator of a playback is at a frame; of what follows a bus, nothing.
pub(super) fn value(
    modulator: &Modulator,
    of: ModulatorId,
    playback: &Playback,
    frame: u64,
    (sample_rate, seed): (u32, u64),
) -> f32 {
    let own = &playback.own;
    let seconds = own.at(frame, sample_rate);
    let seed = || seed_of(seed, &modulator.name, playback.owner.number());
    match &modulator.kind {
        ModulatorKind::Lfo(lfo) => lfo.at(progress(&modulator.kind, own, of, seconds), seconds, seed()),
        ModulatorKind::Walk(walk) => walk.at(progress(&modulator.kind, own, of, seconds), seed()),
        ModulatorKind::Envelope(envelope) => match own.fall(of, envelope, seconds) {
            Some(fall) => envelope.falling(seconds, fall),
            None => envelope.rising(progress(&modulator.kind, own, of, seconds)),
        },
        ModulatorKind::Follow(_) => 0.0,
    }
}

/// How far a modulator has gone: turns, steps, or seconds of an envelope.
fn progress(kind: &ModulatorKind, own: &OwnTime, of: ModulatorId, seconds: f64) -> f64 {
    let rate = match kind {
        ModulatorKind::Lfo(lfo) => f64::from(lfo.rate),
        ModulatorKind::Walk(walk) => f64::from(walk.rate),
        ModulatorKind::Envelope(_) | ModulatorKind::Follow(_) => 1.0,
    };
    seconds * rate + own.ahead(of)
}

/// Whether what it does to a gain passes by itself, so that it is no reason to sleep or to give way: what swings and
/// wanders, and an envelope that was not let go.
pub(super) fn passes(modulator: &Modulator, playback: &Playback) -> bool {
    match modulator.kind {
        ModulatorKind::Lfo(_) | ModulatorKind::Walk(_) => true,
        ModulatorKind::Envelope(_) => playback.own.released.is_none(),
        ModulatorKind::Follow(_) => false,
    }
}

/// What of a bank's events must be looked at from update to update.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Needs {
    /// Levels of buses.
    pub(super) levels: bool,
    /// How fast things move.
    pub(super) motion: bool,
}

impl Needs {
    pub(super) fn of(bank: &Bank) -> Self {
        let curves = bank.events.iter().flat_map(|event| &event.curves).map(|curve| curve.from);
        let blends = bank.sounds.iter().filter_map(|sound| match &sound.kind {
            SoundKind::Blend(blend) => Some(blend.on),
            _ => None,
        });
        curves.chain(blends).fold(Self::default(), |needs, driver| match driver {
            Driver::Level(_) => Self { levels: true, ..needs },
            Driver::Modulator(id) => {
                let follows = |modulator: &Modulator| matches!(modulator.kind, ModulatorKind::Follow(_));
                let levels = needs.levels || bank.modulators.get(id.index()).is_some_and(follows);
                Self { levels, ..needs }
            }
            Driver::Speed | Driver::Approach => Self { motion: true, ..needs },
            _ => needs,
        })
    }
}

/// What a bank's levels and followers are before anything was heard of them.
pub(super) fn silent(bank: &Bank) -> Vec<f32> {
    let levels = bank.levels.iter().map(|_| -120.0);
    levels.chain(bank.modulators.iter().map(|_| 0.0)).collect()
}

/// The modulators that what an event plays goes by.
fn modulators(bank: &Bank, event: Option<EventId>, take: &Take) -> Vec<ModulatorId> {
    let event = event.and_then(|event| bank.events.get(event.index()));
    let curves = event.iter().flat_map(|event| &event.curves).map(|curve| curve.from);
    let blends = take.layers.iter().filter_map(|(sound, _)| match &bank.sounds.get(sound.index())?.kind {
        SoundKind::Blend(blend) => Some(blend.on),
        _ => None,
    });
    let mut found: Vec<_> = curves
        .chain(blends)
        .filter_map(|driver| if let Driver::Modulator(id) = driver { Some(id) } else { None })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

impl Director {
    /// The seed of all draws.
    pub fn seed(&self) -> u64 {
        self.config.seed
    }

    /// Whether anything goes by levels of buses, and [`Director::hear`] is of use.
    pub fn listens(&self) -> bool {
        self.needs.levels
    }

    /// Takes what the mixer has heard, before an update: the level at each place, the bank's levels first and then its
    /// modulators. What goes by them does so from the next update on.
    pub fn hear(&mut self, level: impl Fn(usize) -> f32) {
        for (place, heard) in self.levels.iter_mut().enumerate() {
            let level = level(place);
            if level.is_finite() {
                *heard = level;
            }
        }
    }

    /// Gives what playbacks have of modulators that changed to the new bank's, so that nothing leaps. To be called before
    /// playbacks get the new bank's ids.
    pub(super) fn carry_modulators(&mut self, old: &Bank) {
        let new = self.bank.clone();
        let heard = std::mem::replace(&mut self.levels, silent(&new));
        let names = old.levels.iter().map(|level| new.level(&level.name).map(|id| id.index()));
        let followers = old
            .modulators
            .iter()
            .map(|modulator| new.modulator(&modulator.name).map(|id| new.levels.len() + id.index()));
        for (place, level) in names.chain(followers).zip(heard) {
            if let Some(slot) = place.and_then(|place| self.levels.get_mut(place)) {
                *slot = level;
            }
        }
        self.needs = Needs::of(&new);
        if !self.needs.motion {
            self.world.forget_motion();
        }
        let passage: Vec<Option<ModulatorId>> =
            old.modulators.iter().map(|modulator| new.modulator(&modulator.name)).collect();
        if old.modulators == new.modulators || passage.is_empty() {
            return;
        }
        // Voices are on their way to where modulators were to be with the next update: they go on from there.
        let (now, rate) = (self.now + u64::from(self.glide), self.config.sample_rate);
        let sounds = self.playbacks.all_mut().map(|one| (one.event, &one.take, &mut one.own));
        let strands = self.strands.values_mut().map(|one| (one.event, &one.take, &mut one.own));
        let music = self.players.values_mut().map(|one| (one.event, &one.take, &mut one.own));
        for (event, take, own) in sounds.chain(strands).chain(music) {
            let mut carried = Vec::new();
            for of in modulators(old, event, take) {
                let Some((before, to)) =
                    old.modulators.get(of.index()).zip(passage.get(of.index()).copied().flatten())
                else {
                    continue;
                };
                let seconds = own.at(now, rate);
                let after = &new.modulators[to.index()].kind;
                let kept = carry((&before.kind, of), (after, to), own, seconds);
                if kept.ahead != 0.0 || kept.fall.is_some() {
                    carried.push(kept);
                }
            }
            own.carried = carried;
        }
    }

    /// Heads for where modulators will be at the next update, from where a voice has just begun.
    pub(super) fn move_on(&mut self, id: PlaybackId) {
        let moves = |one: &&Playback| !modulators(&self.bank, one.event, &one.take).is_empty();
        let Some(playback) = self.playbacks.get(id).filter(moves) else { return };
        let (Some(heard), Some(voice)) = (self.heard(playback), playback.voice) else { return };
        if playback.sent != Some(heard.mix) && playback.start <= self.now {
            let command = Command::Mix { voice, mix: heard.mix, glide: self.glide };
            self.orders.push(Order { at: self.stamp, command });
            if let Some(playback) = self.playbacks.get_mut(id) {
                playback.sent = Some(heard.mix);
            }
        }
    }
}

/// How a modulator goes on in another version after so many seconds.
fn carry(
    (before, of): (&ModulatorKind, ModulatorId),
    (after, to): (&ModulatorKind, ModulatorId),
    own: &OwnTime,
    seconds: f64,
) -> Carried {
    if before == after {
        let fall = own.carried(of).and_then(|carried| carried.fall);
        return Carried { of: to, ahead: own.ahead(of), fall };
    }
    let gone = progress(before, own, of, seconds);
    match (before, after) {
        (ModulatorKind::Envelope(old), ModulatorKind::Envelope(new)) => {
            // Let go, it falls on from where it is, in the new version's time.
            let fall = own.fall(of, old, seconds);
            let fall = fall.map(|fall| Fall { since: seconds, from: old.falling(seconds, fall) });
            Carried { of: to, ahead: old.same_place(new, gone) - seconds, fall }
        }
        (ModulatorKind::Lfo(_) | ModulatorKind::Walk(_), ModulatorKind::Lfo(_) | ModulatorKind::Walk(_)) => {
            let plain = OwnTime { carried: Vec::new(), ..own.clone() };
            Carried { of: to, ahead: gone - progress(after, &plain, to, seconds), fall: None }
        }
        _ => Carried { of: to, ahead: 0.0, fall: None },
    }
}
