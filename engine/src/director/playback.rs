//! One posted event and all of them.

use super::modulation::OwnTime;
use super::notices::Stage;
use super::sleepers::Sleepers;
use super::strand::StrandId;
use super::take::Take;
use super::{ClipFacts, EmitterKey};
use crate::bank::{Bank, BusId, EventId};
use crate::effects::FadeShape;
use crate::link::{StartFrom, VoiceId, VoiceMix};
use crate::units::Semitones;
use std::collections::{BTreeMap, BTreeSet};

/// The fade of a playback whose event is no longer in the bank.
pub(super) const REMOVED_FADE_FRAMES: u32 = 4800;

/// One posted event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlaybackId(u64);

impl PlaybackId {
    /// Which one it is, counted from the engine's start.
    pub(super) fn number(self) -> u64 {
        self.0
    }
}

/// Why a playback ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// It came to its end.
    Finished,
    /// It was stopped.
    Stopped,
    /// A reload took its event out of the bank.
    Removed,
    /// Its voice went to something that matters more.
    Stolen,
    /// There was no voice for it, and all that played mattered more; or it plays from the disk, as did as many as may that
    /// mattered more.
    NoVoice,
    /// A one-shot posted where it could not be heard, or one that ends when it is not.
    OutOfEarshot,
    /// It came too soon after another one.
    Cooldown,
    /// As many as may sound at once did, and none of them gave way.
    Limited,
    /// Another line was spoken, and it does not wait.
    Busy,
    /// A line that matters as much or more took its place in the queue.
    Interrupted,
    /// More lines waited in its queue than may, and it mattered least.
    QueueFull,
    /// It waited longer for its turn than its patience lasts.
    TooLate,
    /// It was posted on an entity that has no emitter, or not any more.
    NoEmitter,
    /// The bank has no such event.
    NoEvent,
    /// Its sound is of a bank file that is not loaded.
    NotLoaded,
    /// The bank file that its sound is of was unloaded.
    Unloaded,
}

/// What a playback is doing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum State {
    /// Posted; decided by the next update, or shortly before its time. A line that waits for its turn does so, too.
    Waiting,
    /// A voice plays it, at this linear gain before pan and buses, without what modulators do to it that passes.
    Real(f32),
    /// Its time goes on without a voice.
    Virtual,
}

#[derive(Debug, Clone)]
pub(super) struct Playback {
    /// The playback that was posted: itself, or the one of whose sounds at once it is one.
    pub(super) owner: PlaybackId,
    /// `None` once a reload removed the event.
    pub(super) event: Option<EventId>,
    pub(super) emitter: Option<EmitterKey>,
    pub(super) take: Take,
    pub(super) bus: BusId,
    /// The frame from which on the playback was to sound; of its sounds some begin later.
    pub(super) posted: u64,
    /// The frame at which it starts or started.
    pub(super) start: u64,
    /// Since when it is held before its start.
    pub(super) held: Option<u64>,
    /// Where in its sample a running loop was, and when; see [`Playback::position`].
    pub(super) anchor: (u64, f64),
    /// The place in its sample at which it begins.
    pub(super) begins: f64,
    pub(super) rate: f32,
    pub(super) voice: Option<VoiceId>,
    pub(super) stopping: bool,
    /// The frame at which it has faded out, once it is stopped.
    pub(super) silent: Option<u64>,
    /// Whether it ends because its sound was unloaded.
    pub(super) unloaded: bool,
    pub(super) paused: bool,
    /// Whether its time stands still while it has no voice.
    pub(super) waits: bool,
    pub(super) sent: Option<VoiceMix>,
    pub(super) gain: f32,
    /// The fade at its start instead of its own, for one that takes another's place.
    pub(super) rise: Option<u32>,
    /// The fade before its end, where another follows.
    pub(super) fall: u32,
    /// The course of both, where they are a crossfade.
    pub(super) crosses: Option<FadeShape>,
    /// Whether it keeps to a grid of bars.
    pub(super) keeps_time: bool,
    /// The frame at which it ends, where another then takes its place.
    pub(super) leaves: Option<u64>,
    /// What it is the next one of, if it is.
    pub(super) strand: Option<StrandId>,
    /// Whether it left its loop; its `take` no longer loops then.
    pub(super) broken: bool,
    /// What was told of it, unless others belong to the same playback.
    pub(super) stage: Stage,
    /// Its time for modulators.
    pub(super) own: OwnTime,
    fresh: bool,
}

impl Playback {
    pub(super) fn new(
        bank: &Bank,
        owner: PlaybackId,
        event: EventId,
        emitter: Option<EmitterKey>,
        take: Take,
        start: u64,
    ) -> Self {
        let rate = Semitones::clamped(take.semitones(bank, event)).ratio();
        Self {
            owner,
            event: Some(event),
            emitter,
            take,
            bus: bank.events[event.index()].bus,
            posted: start,
            start,
            held: None,
            anchor: (start, 0.0),
            begins: 0.0,
            rate,
            voice: None,
            stopping: false,
            silent: None,
            unloaded: false,
            paused: false,
            waits: false,
            sent: None,
            gain: 0.0,
            rise: None,
            fall: 0,
            crosses: None,
            keeps_time: false,
            leaves: None,
            strand: None,
            broken: false,
            stage: Stage::default(),
            own: OwnTime::new(start),
            fresh: true,
        }
    }

    /// Makes it begin at a place in its sample.
    /// Makes it one that keeps to a grid: it begins `place` frames later in its sample, at its own pitch, and skips what it is
    /// late for.
    pub(super) fn keep_time(&mut self, place: f64) {
        (self.keeps_time, self.rate) = (true, 1.0);
        self.anchor.1 += place;
    }

    pub(super) fn begin_at(&mut self, place: f64) {
        (self.begins, self.anchor.1) = (place, place);
    }

    /// Where in its sample it begins.
    pub(super) fn from(&self) -> StartFrom {
        if self.keeps_time { StartFrom::Running(self.anchor.1) } else { StartFrom::Frame(self.anchor.1) }
    }

    pub(super) fn is_fresh(&self) -> bool {
        self.fresh
    }

    pub(super) fn state(&self) -> State {
        match self.voice {
            Some(_) => State::Real(self.gain),
            None if self.fresh => State::Waiting,
            None => State::Virtual,
        }
    }

    /// Whether it loops, or did until it was told to leave its loop.
    pub(super) fn began_as_loop(&self) -> bool {
        self.take.looping || self.broken
    }

    /// Why it has ended if it was stopped.
    pub(super) fn stopped(&self) -> Ended {
        match self.event {
            _ if self.unloaded => Ended::Unloaded,
            Some(_) => Ended::Stopped,
            None => Ended::Removed,
        }
    }

    /// Where in its sample it is at `now`; on a loop, after so many laps.
    pub(super) fn position(&self, now: u64, facts: Option<ClipFacts>) -> f64 {
        let (since, position) = self.anchor;
        if self.paused || self.waits {
            return position;
        }
        let place = position + now.saturating_sub(since) as f64 * f64::from(self.rate);
        match facts.and_then(|facts| facts.lap).filter(|_| self.take.looping) {
            Some((start, end)) if place >= f64::from(end) => {
                f64::from(start) + (place - f64::from(start)).rem_euclid(f64::from((end - start).max(1)))
            }
            _ => place,
        }
    }

    /// Changes the rate without moving the place.
    pub(super) fn set_rate(&mut self, rate: f32, now: u64, facts: Option<ClipFacts>) {
        if rate != self.rate {
            let now = now.max(self.start);
            self.anchor = (now, self.position(now, facts));
            self.rate = rate;
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Playbacks {
    next: u64,
    all: BTreeMap<PlaybackId, Playback>,
    /// Those with a voice.
    real: BTreeSet<PlaybackId>,
    /// Those posted since the last update.
    fresh: Vec<PlaybackId>,
    /// Those in space without a voice.
    pub(super) sleepers: Sleepers,
    /// Those without a place of their own that wait for a voice.
    pub(super) unheard: BTreeSet<PlaybackId>,
}

impl Playbacks {
    pub(super) fn next_id(&mut self) -> PlaybackId {
        self.next += 1;
        PlaybackId(self.next)
    }

    pub(super) fn add(&mut self, id: PlaybackId, playback: Playback) {
        self.all.insert(id, playback);
        self.fresh.push(id);
    }

    pub(super) fn get(&self, id: PlaybackId) -> Option<&Playback> {
        self.all.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: PlaybackId) -> Option<&mut Playback> {
        self.all.get_mut(&id)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Playback> {
        self.all.values()
    }

    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut Playback> {
        self.all.values_mut()
    }

    pub(super) fn ids(&self) -> Vec<PlaybackId> {
        self.all.keys().copied().collect()
    }

    pub(super) fn real(&self) -> Vec<PlaybackId> {
        self.real.iter().copied().collect()
    }

    /// Those with a voice, the oldest first.
    pub(super) fn voiced(&self) -> impl Iterator<Item = (PlaybackId, &Playback)> {
        self.real.iter().filter_map(|&id| Some((id, self.all.get(&id)?)))
    }

    /// Begins the time of those posted since the last update.
    pub(super) fn see_fresh(&mut self, now: u64) {
        for id in &self.fresh {
            if let Some(playback) = self.all.get_mut(id) {
                playback.own.see(now);
            }
        }
    }

    /// Takes those that start before `horizon`; the others go on waiting.
    pub(super) fn take_fresh(&mut self, horizon: u64) -> Vec<PlaybackId> {
        let waits = |id: &PlaybackId| {
            self.all.get(id).is_some_and(|playback| playback.start >= horizon || playback.held.is_some())
        };
        let (waiting, fresh) = std::mem::take(&mut self.fresh).into_iter().partition(waits);
        self.fresh = waiting;
        let fresh: Vec<PlaybackId> = fresh;
        for id in &fresh {
            if let Some(playback) = self.all.get_mut(id) {
                playback.fresh = false;
            }
        }
        fresh
    }

    /// Lets one that has no voice any more wait for its time again.
    pub(super) fn defer(&mut self, id: PlaybackId) {
        self.sleepers.remove(id);
        self.unheard.remove(&id);
        if let Some(playback) = self.all.get_mut(&id).filter(|playback| !playback.fresh) {
            playback.fresh = true;
            self.fresh.push(id);
        }
    }

    /// Takes one that waits for its time out of those that do.
    pub(super) fn take_waiting(&mut self, id: PlaybackId) -> bool {
        let Some(playback) = self.all.get_mut(&id).filter(|playback| playback.fresh) else { return false };
        playback.fresh = false;
        self.fresh.retain(|other| *other != id);
        true
    }

    /// Gives a playback its voice.
    pub(super) fn realise(&mut self, id: PlaybackId, voice: VoiceId, mix: VoiceMix, gain: f32) {
        self.sleepers.remove(id);
        self.unheard.remove(&id);
        if let Some(playback) = self.all.get_mut(&id) {
            playback.voice = Some(voice);
            playback.sent = Some(mix);
            playback.gain = gain;
            self.real.insert(id);
        }
    }

    /// Takes a playback's voice from it; the caller lays it to sleep or ends it.
    pub(super) fn unvoice(&mut self, id: PlaybackId) -> Option<VoiceId> {
        self.real.remove(&id);
        let playback = self.all.get_mut(&id)?;
        playback.sent = None;
        playback.voice.take()
    }

    pub(super) fn remove(&mut self, id: PlaybackId) -> Option<Playback> {
        self.real.remove(&id);
        self.sleepers.remove(id);
        self.unheard.remove(&id);
        self.all.remove(&id)
    }
}
