//! Who is let in: the one place where that is decided, in one order.
//!
//! | | asked | if not |
//! | --- | --- | --- |
//! | 0 | is its sound loaded? | dropped: [`Ended::NotLoaded`] |
//! | 1 | has the event's `cooldown` passed? | dropped: [`Ended::Cooldown`] |
//! | 2 | is it heard where the listener is, above -80 dB? A one-shot without a `virtual` need only be near enough, for it may rise | by its `virtual`: asleep, or [`Ended::OutOfEarshot`] |
//! | 3 | is there room in the event's `limit`? | by the rule of `steal`: another gives way ([`Ended::Stolen`], or asleep), or the new one is asleep or [`Ended::Limited`] |
//! | 4 | in the `limit` of its bus, and of each bus above? | the same |
//! | 5 | is there a voice; and if it plays from the disk, do fewer than [`MOST_STREAMS`] others? | the least important of these gives way: lower priority first, then lower gain; if that is the new one, it is asleep or [`Ended::NoVoice`] |
//!
//! Nobody gives way unless all limits let the new one in. What wakes is asked 2 to 5 again, and takes nobody's place by age.
//! Only what has a voice counts, so what is asleep fills no limit.

use super::playback::Playback;
use super::{Director, EmitterKey, Ended, Order, PlaybackId};
use crate::bank::{BusId, EventId, Limit, Scope, Steal, Virtual};
use crate::link::{Command, MOST_STREAMS, StartFrom};
use glam::Vec3;

/// How much a playback matters: priority, then linear gain.
pub(super) type Worth = (u8, f32);

fn less(a: Worth, b: Worth) -> bool {
    a.0 < b.0 || (a.0 == b.0 && a.1 < b.1)
}

/// A playback that a cooldown goes by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recent {
    of: PlaybackId,
    at: u64,
    on: Option<EmitterKey>,
    place: Option<Vec3>,
}

/// A playback under a limit.
struct Member<'a> {
    owner: PlaybackId,
    start: u64,
    gain: f32,
    /// One of its sounds; all are in one place.
    one: &'a Playback,
}

impl Director {
    /// What becomes of a playback while it is not heard.
    pub(super) fn policy(&self, playback: &Playback) -> Virtual {
        let written = playback.event.and_then(|event| self.bank.events[event.index()].virtually);
        written.unwrap_or(if self.lasts(playback) { Virtual::Elapsed } else { Virtual::Kill })
    }

    /// Whether it gives its voice back when it is no longer heard. A one-shot of which nothing is said plays out.
    pub(super) fn gives_way_unheard(&self, playback: &Playback) -> bool {
        let said = playback.event.is_some_and(|event| self.bank.events[event.index()].virtually.is_some());
        said || self.lasts(playback)
    }

    /// Whether a playback goes on by itself, and so may sleep without being gone.
    fn lasts(&self, playback: &Playback) -> bool {
        playback.began_as_loop()
            || playback.keeps_time
            || playback.strand.is_some_and(|strand| !self.is_scatter(strand))
    }

    /// Where a playback sounds from; `None` if there is no such place.
    fn place(&self, playback: &Playback) -> Option<Vec3> {
        let place = match playback.emitter {
            Some(emitter) => self.world.position(emitter),
            None => self.world.listener.map(|listener| listener.position),
        };
        place.map(|place| playback.take.place(place))
    }

    /// How far it is from the listener; what has no place is at the listener's own.
    fn distance(&self, playback: &Playback) -> f32 {
        let ears = self.world.listener.map(|listener| listener.position);
        self.place(playback).zip(ears).map_or(0.0, |(place, ears)| place.distance(ears))
    }

    fn priority(&self, playback: &Playback) -> u8 {
        let Some(event) = playback.event.map(|event| &self.bank.events[event.index()]) else { return 0 };
        let Some(space) = event.space.filter(|_| event.far_priority != event.priority) else {
            return event.priority;
        };
        let (min, max) = (space.min.get(), space.max.get());
        let way = ((self.distance(playback) - min) / (max - min)).clamp(0.0, 1.0);
        let (near, far) = (f32::from(event.priority), f32::from(event.far_priority));
        (near + way * (far - near)).round() as u8
    }

    /// What a playback is worth; `None` if it can't be heard where the listener is.
    pub(super) fn worth(&self, id: PlaybackId) -> Option<Worth> {
        let playback = self.playbacks.get(id)?;
        playback.event?;
        let heard = self.heard(playback).filter(|heard| !heard.out_of_earshot)?;
        Some((self.priority(playback), heard.gain))
    }

    /// Lets in what was posted, or ends it or lays it to sleep.
    pub(super) fn admit_fresh(&mut self, id: PlaybackId) {
        let Some(playback) = self.playbacks.get(id) else { return };
        if self.absent.contains(&playback.take.sound) {
            return self.end(id, Ended::NotLoaded);
        }
        let Some(heard) = self.heard(playback) else { return self.end(id, Ended::Stopped) };
        // What takes another's place within its playback is no new one.
        let new = playback.rise.is_none();
        if new && self.comes_too_soon(playback) {
            let members = self.members(playback.owner);
            self.players.remove(&playback.owner);
            return members.into_iter().for_each(|member| self.end(member, Ended::Cooldown));
        }
        // What would be gone for good may yet grow louder, but hardly come nearer.
        let gone = self.policy(playback) == Virtual::Kill && !self.gives_way_unheard(playback);
        let unheard = if gone { heard.far } else { heard.out_of_earshot };
        if unheard {
            return self.lay_down(id, Ended::OutOfEarshot);
        }
        let fade_in = self.fade_in(playback);
        let (start, from) = (playback.start, playback.from());
        let worth = (self.priority(playback), heard.gain);
        match self.give_voice(id, worth, from, start, fade_in, false) {
            Ok(()) if new => self.note_cooldown(id),
            Ok(()) => {}
            Err(why) => self.lay_down(id, why),
        }
    }

    /// Wakes what sleeps; `false` when no voice can be had by anyone who matters less.
    pub(super) fn come_back(&mut self, id: PlaybackId, worth: Worth) -> bool {
        let Some(playback) = self.playbacks.get(id) else { return true };
        let (policy, facts) = (self.policy(playback), self.facts(playback));
        let streams = self.streams(playback);
        let at = self.now.max(playback.start);
        let place = if policy == Virtual::Restart { playback.begins } else { playback.position(at, facts) };
        if !playback.take.looping && facts.is_some_and(|facts| place >= f64::from(facts.frames)) {
            self.end(id, Ended::Finished);
            return true;
        }
        let from = StartFrom::Running(place);
        match self.give_voice(id, worth, from, at, self.yield_fade(), true) {
            Ok(()) => {
                if let Some(playback) = self.playbacks.get_mut(id)
                    && (playback.waits || policy != Virtual::Elapsed)
                {
                    (playback.anchor, playback.waits) = ((at, place), false);
                }
                true
            }
            // What plays from memory may still find a voice.
            Err(why) => why == Ended::Limited || streams,
        }
    }

    /// Where a playback that goes to sleep stops, and when it has come to its end.
    pub(super) fn rest(&mut self, id: PlaybackId) {
        let Some(playback) = self.playbacks.get(id) else { return };
        let (policy, facts) = (self.policy(playback), self.facts(playback));
        let place = playback.position(self.now, facts);
        let left = facts.map_or(0.0, |facts| f64::from(facts.frames) - place);
        let (looping, rate) = (playback.take.looping, f64::from(playback.rate).max(1e-3));
        match policy {
            Virtual::Resume => {
                if let Some(playback) = self.playbacks.get_mut(id) {
                    (playback.anchor, playback.waits) = ((self.now, place), true);
                }
            }
            Virtual::Elapsed if !looping => {
                self.expiries.push((self.now + (left / rate).max(1.0) as u64, id));
            }
            _ => {}
        }
    }

    /// Ends what came to its end while it slept.
    pub(super) fn expire(&mut self) {
        let now = self.now;
        for (_, id) in self.expiries.extract_if(.., |&mut (at, _)| at <= now).collect::<Vec<_>>() {
            let Some(playback) = self.playbacks.get(id).filter(|playback| playback.voice.is_none()) else {
                continue;
            };
            let over = |frames: u32| playback.position(now, self.facts(playback)) >= f64::from(frames);
            if self.facts(playback).is_none_or(|facts| over(facts.frames)) {
                self.end(id, Ended::Finished);
            } else {
                // It was held for a while.
                self.rest(id);
            }
        }
    }

    /// Lays a playback to sleep, or ends it, as its event says.
    pub(super) fn lay_down(&mut self, id: PlaybackId, why: Ended) {
        match self.playbacks.get(id).map(|playback| self.policy(playback)) {
            Some(Virtual::Kill) => self.end(id, why),
            Some(_) => {
                self.sleep(id);
                self.retell(id, self.now, why);
            }
            None => {}
        }
    }

    /// Takes a playback's voice from it, in a short fade.
    pub(super) fn take_voice(&mut self, id: PlaybackId, why: Ended) {
        let Some(voice) = self.playbacks.unvoice(id) else { return };
        self.ways.remove(&id);
        let command = Command::Stop { voice, at: 0, fade: self.yield_fade() };
        self.orders.push(Order { at: self.stamp, command });
        self.lay_down(id, why);
    }

    fn comes_too_soon(&self, playback: &Playback) -> bool {
        let Some(event) = playback.event else { return false };
        let Some(cooldown) = self.bank.events[event.index()].cooldown else { return false };
        let time = u64::from(cooldown.time.frames(self.config.sample_rate));
        let counts = |recent: &&Recent| {
            // Its own other sounds are no others.
            recent.of != playback.owner
                && playback.posted.abs_diff(recent.at) < time
                && (cooldown.scope == Scope::Global || recent.on == playback.emitter)
                && cooldown
                    .radius
                    .is_none_or(|radius| within(radius.get(), recent.place, self.place(playback)))
        };
        self.recent.get(&event).is_some_and(|recent| recent.iter().any(|recent| counts(&recent)))
    }

    fn note_cooldown(&mut self, id: PlaybackId) {
        let Some(playback) = self.playbacks.get(id) else { return };
        let Some(event) = playback.event else { return };
        let Some(cooldown) = self.bank.events[event.index()].cooldown else { return };
        let time = u64::from(cooldown.time.frames(self.config.sample_rate));
        let recent = Recent {
            of: playback.owner,
            at: playback.posted,
            on: playback.emitter,
            place: self.place(playback),
        };
        let list = self.recent.entry(event).or_default();
        list.retain(|before| before.at + time > self.now);
        list.push(recent);
    }

    /// Starts a voice for the playback, if all limits let it in.
    fn give_voice(
        &mut self,
        id: PlaybackId,
        worth: Worth,
        from: StartFrom,
        at: u64,
        fade_in: u32,
        waking: bool,
    ) -> Result<(), Ended> {
        // Looked up once for all that is asked of them.
        let sounding: Vec<_> = self.playbacks.voiced().filter(|(_, playback)| !playback.stopping).collect();
        let mut gone = self.limits(id, worth, waking, &sounding)?;
        let streams = self.playbacks.get(id).is_some_and(|playback| self.streams(playback));
        if !self.voices.any_free(streams) {
            self.hasten();
            return Err(Ended::NoVoice);
        }
        if streams {
            let on_disk = |(id, playback): &&(PlaybackId, &Playback)| {
                !gone.contains(id) && playback.voice.is_some_and(|voice| self.voices.streams(voice))
            };
            let others: Vec<_> = sounding.iter().filter(on_disk).copied().collect();
            if others.len() >= MOST_STREAMS {
                gone.push(self.least(worth, &gone, &others).ok_or(Ended::NoVoice)?);
            }
        }
        if sounding.len() - gone.len() >= usize::from(self.config.voices) {
            gone.push(self.least(worth, &gone, &sounding).ok_or(Ended::NoVoice)?);
        }
        for victim in gone {
            // What is still to come of it must not steal in its turn.
            let owner = self.playbacks.get(victim).map_or(victim, |playback| playback.owner);
            self.take_voice(victim, Ended::Stolen);
            for member in self.members(owner) {
                if self.playbacks.take_waiting(member) {
                    self.lay_down(member, Ended::Stolen);
                }
            }
        }
        if self.start_voice(id, from, at, fade_in) { Ok(()) } else { Err(Ended::NoVoice) }
    }

    /// Those that give way so that the playback keeps within all limits.
    fn limits(
        &self,
        id: PlaybackId,
        worth: Worth,
        waking: bool,
        sounding: &[(PlaybackId, &Playback)],
    ) -> Result<Vec<PlaybackId>, Ended> {
        let mut gone = Vec::new();
        let Some(new) = self.playbacks.get(id) else { return Ok(gone) };
        if let Some((event, limit)) = new.event.and_then(|event| Some((event, self.event_limit(event)?))) {
            let counts = |other: &Playback| other.event == Some(event);
            gone.extend(self.gives_way((new, worth, waking), &limit, (sounding, &gone), counts)?);
        }
        let mut above = Some(new.bus);
        while let Some(bus) = above {
            let entry = &self.bank.buses[bus.index()];
            if let Some(limit) = entry.limit {
                let counts = |other: &Playback| self.is_below(other.bus, bus);
                gone.extend(self.gives_way((new, worth, waking), &limit, (sounding, &gone), counts)?);
            }
            above = entry.parent;
        }
        Ok(gone)
    }

    fn event_limit(&self, event: EventId) -> Option<Limit> {
        self.bank.events[event.index()].limit
    }

    /// Whether a bus is another or leads to it.
    pub(super) fn is_below(&self, bus: BusId, above: BusId) -> bool {
        let mut next = Some(bus);
        while let Some(bus) = next {
            if bus == above {
                return true;
            }
            next = self.bank.buses[bus.index()].parent;
        }
        false
    }

    /// Who gives way for a new one under a limit on those that `counts` picks; nobody if there is room.
    fn gives_way(
        &self,
        (new, worth, waking): (&Playback, Worth, bool),
        limit: &Limit,
        (sounding, gone): (&[(PlaybackId, &Playback)], &[PlaybackId]),
        counts: impl Fn(&Playback) -> bool,
    ) -> Result<Vec<PlaybackId>, Ended> {
        let place = self.place(new);
        // Several sounds of one playback count as one, as loud and as old as the most so of them.
        let mut members: Vec<Member<'_>> = Vec::new();
        for &(other_id, other) in sounding {
            let same = limit.scope == Scope::Global || other.emitter == new.emitter;
            if other.owner == new.owner
                || !same
                || !counts(other)
                || gone.contains(&other_id)
                || !limit.radius.is_none_or(|radius| within(radius.get(), self.place(other), place))
            {
                continue;
            }
            let Playback { owner, start, gain, .. } = *other;
            // Most are alone, and then nobody need look for the others.
            let known = (owner != other_id)
                .then(|| members.iter_mut().find(|member| member.owner == owner))
                .flatten();
            match known {
                Some(member) => {
                    member.start = member.start.min(start);
                    member.gain = member.gain.max(gain);
                }
                None => members.push(Member { owner, start, gain, one: other }),
            }
        }
        if members.len() < limit.max as usize {
            return Ok(Vec::new());
        }
        let age = |member: &Member<'_>| (member.start, member.owner);
        let members = members.into_iter();
        let victim = match limit.steal {
            Steal::Refuse => None,
            Steal::Oldest => members.min_by_key(age).filter(|_| !waking),
            Steal::Quietest => {
                members.min_by(|a, b| a.gain.total_cmp(&b.gain)).filter(|member| member.gain < worth.1)
            }
            Steal::Farthest => {
                let far = |member: &Member<'_>| self.distance(member.one);
                // As for gains: what wakes must be clearly nearer.
                let own = self.distance(new) * if waking { 1.1 } else { 1.0 };
                members.max_by(|a, b| far(a).total_cmp(&far(b))).filter(|member| far(member) > own)
            }
            Steal::Lowest => {
                let priority = |member: &Member<'_>| self.priority(member.one);
                let lowest = members.min_by_key(|member| (priority(member), age(member)));
                lowest.filter(|member| priority(member) < worth.0)
            }
        };
        let victim = victim.ok_or(Ended::Limited)?.owner;
        Ok(sounding.iter().filter(|(_, other)| other.owner == victim).map(|(id, _)| *id).collect())
    }

    /// The least important playback beside those that give way anyhow, if it matters less than `worth`.
    fn least(
        &self,
        worth: Worth,
        gone: &[PlaybackId],
        sounding: &[(PlaybackId, &Playback)],
    ) -> Option<PlaybackId> {
        let mut least: Option<(Worth, PlaybackId)> = None;
        for &(id, playback) in sounding {
            let candidate = (self.priority(playback), playback.gain);
            if !gone.contains(&id) && least.is_none_or(|(least, _)| less(candidate, least)) {
                least = Some((candidate, id));
            }
        }
        least.filter(|&(least, _)| less(least, worth)).map(|(_, id)| id)
    }
}

/// Whether two places are within a radius; what has no place is everywhere.
fn within(radius: f32, one: Option<Vec3>, other: Option<Vec3>) -> bool {
    one.zip(other).is_none_or(|(one, other)| one.distance(other) <= radius)
}
