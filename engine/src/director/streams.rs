//! How streams go on: when the next begins, what is given out for it, and what becomes of them when a playback is stopped,
//! held, leaps or is not heard.
//!
//! When an item ends is told by where its sounds are and how fast they run, looked at anew with each update until the
//! next one is given out, a tenth of a second ahead. While a sound that is not heard waits (`virtual: Resume`, `Restart`), its
//! stream waits with it. A scatter whose places are all out of earshot draws nothing.

use super::draw::{Circumstances, round};
use super::playback::Playback;
use super::stream::{Item, Part, Stream, StreamId, What};
use super::take::Take;
use super::{Director, EmitterKey, Ended, Order, PlaybackId};
use crate::bank::{EventId, Run, Scatter, SoundKind, Transition, Virtual};
use crate::effects::FadeShape;
use crate::link::Command;
use std::collections::VecDeque;

/// How many items a stream gives out at most in one update, so that what lasts no time can't hold up the rest.
const MOST_AT_ONCE: usize = 16;

impl Director {
    /// Begins what plays one after another at frame `at`.
    pub(super) fn begin_stream(
        &mut self,
        (owner, event, on, posted): (PlaybackId, EventId, Option<EmitterKey>, u64),
        take: Take,
        at: u64,
    ) -> StreamId {
        let begins = at + self.frames(take.delay);
        let next = match self.scatter(&take) {
            Some(scatter) => {
                let (low, high) = (scatter.every.low.get(), scatter.every.high.get());
                Some(begins + self.first(low, high))
            }
            None => Some(begins),
        };
        let stream = Stream {
            parent: None,
            event: Some(event),
            on,
            posted,
            take,
            rise: None,
            count: 0,
            next,
            items: VecDeque::new(),
            again: VecDeque::new(),
            held: None,
            own: self.own_time(owner, posted),
        };
        self.streams.add(owner, stream)
    }

    pub(super) fn frames(&self, seconds: f32) -> u64 {
        (f64::from(seconds) * f64::from(self.config.sample_rate)) as u64
    }

    /// The time until the first of a scatter: anywhere within one time from one to the next.
    fn first(&mut self, low: f32, high: f32) -> u64 {
        let time = self.rng.between(low, high);
        let share = self.rng.unit();
        self.frames(time * share)
    }

    fn scatter(&self, take: &Take) -> Option<&Scatter> {
        match &self.bank.sounds.get(take.sound.index())?.kind {
            SoundKind::Scatter(scatter) => Some(scatter),
            _ => None,
        }
    }

    /// How it goes through its list, and after how many items it has been through.
    fn run(&self, take: &Take) -> Option<(Run, Option<u64>)> {
        let (run, round) = match &self.bank.sounds.get(take.sound.index())?.kind {
            SoundKind::Random(random) => (random.run?, random.of.len()),
            SoundKind::Sequence(sequence) => (sequence.run?, round(sequence)),
            _ => return None,
        };
        Some((run, run.loops.map(|loops| u64::from(loops) * round as u64)))
    }

    /// Whether what is given out by a stream comes by chance, and is not missed if it is not heard.
    pub(super) fn is_scatter(&self, id: StreamId) -> bool {
        self.streams.get(id).is_some_and(|stream| self.scatter(&stream.take).is_some())
    }

    /// Gives out whatever begins soon.
    pub(super) fn run_streams(&mut self) {
        if !self.streams.is_empty() {
            let ids = self.streams.ids();
            self.advance(ids, self.horizon());
        }
    }

    /// Gives out whatever these streams begin before frame `until`, and takes leave of those that are over.
    fn advance(&mut self, ids: Vec<StreamId>, until: u64) {
        let mut open: VecDeque<StreamId> = ids.into();
        while let Some(id) = open.pop_front() {
            for _ in 0..MOST_AT_ONCE {
                self.look_after(id);
                let Some((at, takes)) = self.next_item(id, until) else { break };
                open.extend(self.give_out(id, at, takes));
            }
            self.look_after(id);
            self.end_stream_if_over(id);
        }
    }

    /// Brings what a stream knows of its items up to date.
    fn look_after(&mut self, id: StreamId) {
        if self.streams.get(id).is_none_or(|stream| stream.items.is_empty()) {
            return;
        }
        let Some(mut stream) = self.streams.remove(id) else { return };
        for part in stream.items.iter_mut().flat_map(|item| &mut item.parts).filter(|part| !part.over) {
            let end = match part.what {
                What::Sound(id) => self.playbacks.get(id).map(|playback| self.end_of(playback)),
                What::Stream(id) => self.streams.get(id).map(|inner| self.end_of_all(inner)),
            };
            match end {
                Some(end) => part.end = end,
                None => (part.over, part.end) = (true, Some(part.end.unwrap_or(self.now))),
            }
        }
        stream.prune();
        self.streams.put(id, stream);
    }

    /// The frame at which a sound comes to its end, as it runs now.
    pub(super) fn end_of(&self, playback: &Playback) -> Option<u64> {
        if playback.take.looping {
            return None;
        }
        let Some(facts) = self.facts(playback) else { return Some(playback.start) };
        let heard = || self.heard(playback).map(|heard| heard.mix.rate);
        let rate = playback.sent.map(|mix| mix.rate).or_else(heard).unwrap_or(playback.rate);
        let (since, place) = playback.anchor;
        let left = (f64::from(facts.frames) - place).max(0.0) / f64::from(rate.max(1e-3));
        Some(since.max(playback.start) + libm::ceil(left) as u64)
    }

    /// The frame at which an inner stream has ended; `None` while more is to come of it.
    pub(super) fn end_of_all(&self, stream: &Stream) -> Option<u64> {
        if !self.is_complete(stream) {
            return None;
        }
        stream.items.iter().try_fold(0, |end: u64, item| Some(end.max(item.end()?)))
    }

    /// Whether nothing more is to come of it.
    fn is_complete(&self, stream: &Stream) -> bool {
        let most = match self.scatter(&stream.take) {
            Some(scatter) => scatter.count.map(u64::from),
            None => self.run(&stream.take).map_or(Some(0), |(_, most)| most),
        };
        most.is_some_and(|most| stream.count >= most)
    }

    /// Whether a sound of it waits until it is heard.
    fn waits(&self, stream: &Stream) -> bool {
        let Some(last) = stream.items.back() else { return false };
        last.parts.iter().filter(|part| !part.over).any(|part| match part.what {
            What::Sound(id) => self.playbacks.get(id).is_some_and(|playback| {
                let asleep = playback.voice.is_none() && !playback.is_fresh();
                playback.waits || (asleep && self.policy(playback) == Virtual::Restart)
            }),
            What::Stream(_) => false,
        })
    }

    /// What begins before frame `until`: when, and what it is.
    fn next_item(&mut self, id: StreamId, until: u64) -> Option<(u64, Vec<Take>)> {
        let stream = self.streams.get(id)?;
        if stream.held.is_some() || stream.event.is_none() || self.is_complete(stream) {
            return None;
        }
        if self.scatter(&stream.take).is_some() {
            return self.next_by_chance(id, until);
        }
        if self.waits(stream) {
            return None;
        }
        let at = match stream.items.back() {
            None => stream.next?,
            Some(last) => match self.run(&stream.take)?.0.transition {
                Transition::Gap(time) => last.end()? + self.frames(time.get()),
                Transition::Crossfade(_) => last.end()?.saturating_sub(last.overlap),
                Transition::Trigger(time) => last.start + self.frames(time.get()).max(1),
            },
        };
        // What is late by now begins now.
        (at < until).then(|| (at.max(self.now), self.draw_item(id)))
    }

    /// What a scatter begins before frame `until`, if it is in earshot and has room.
    fn next_by_chance(&mut self, id: StreamId, until: u64) -> Option<(u64, Vec<Take>)> {
        let stream = self.streams.get(id)?;
        let scatter = self.scatter(&stream.take)?;
        let (low, high) = (scatter.every.low.get(), scatter.every.high.get());
        let (near, max) = (self.is_near(stream, scatter), scatter.max as usize);
        let (next, sounding) = (stream.next, stream.parts().count());
        let Some(at) = next.filter(|_| near) else {
            let next = if near { Some(self.now + self.first(low, high)) } else { None };
            self.streams.get_mut(id)?.next = next;
            return None;
        };
        if at >= until {
            return None;
        }
        let time = self.rng.between(low, high);
        let after = at.max(self.now) + self.frames(time).max(1);
        self.streams.get_mut(id)?.next = Some(after);
        // One too many is left out, and what comes after it is looked at with the next update.
        if sounding >= max { None } else { Some((at.max(self.now), self.draw_item(id))) }
    }

    /// Whether any place of a scatter may be in earshot.
    fn is_near(&self, stream: &Stream, scatter: &Scatter) -> bool {
        let Some(space) = stream.event.and_then(|event| self.bank.events[event.index()].space) else {
            return true;
        };
        let Some(listener) = self.world.listener else { return false };
        let Some(emitter) = stream.on else { return true };
        let Some(place) = self.world.position(emitter) else { return false };
        let around = scatter.around.map_or(0.0, |around| {
            let height = around.height.low.abs().max(around.height.high.abs());
            around.distance.high + height
        });
        stream.take.place(place).distance(listener.position) <= space.max.get() + around
    }

    fn draw_item(&mut self, id: StreamId) -> Vec<Take> {
        let Some(stream) = self.streams.get_mut(id) else { return Vec::new() };
        if let Some(takes) = stream.again.pop_front() {
            return takes;
        }
        let (take, on, step, at) = (stream.take.clone(), stream.on, stream.count, self.now);
        let Self { drawer, bank, parameters, rng, config, .. } = self;
        let sample_rate = config.sample_rate;
        drawer.item(&Circumstances { bank, parameters, on, at, sample_rate }, &take, step, rng)
    }

    /// Gives out an item; gives the streams among its sounds.
    fn give_out(&mut self, id: StreamId, at: u64, takes: Vec<Take>) -> Vec<StreamId> {
        let (owner, mut inner) = (id.0, Vec::new());
        let own = self.own_time(owner, at);
        let Some(mut stream) = self.streams.remove(id) else { return inner };
        let Some(event) = stream.event else { return inner };
        let shape = self.run(&stream.take).map(|(run, _)| run.transition);
        let first = stream.count == 0;
        let overlap = stream.items.back().map_or(0, |last| last.overlap);
        let crossed = u32::try_from(overlap).unwrap_or(u32::MAX);
        stream.count += 1;
        let mut item = Item { start: at, overlap: 0, parts: Vec::new(), takes: takes.clone() };
        for take in takes {
            if self.bank.sounds[take.sound.index()].kind.runs() {
                let begun = self.begin_stream((owner, event, stream.on, stream.posted), take, at);
                if let Some(begun) = self.streams.get_mut(begun) {
                    begun.parent = Some(id);
                    begun.rise = if first { stream.rise } else { Some(crossed) };
                }
                inner.push(begun);
                item.parts.push(Part::of(What::Stream(begun)));
                continue;
            }
            let clip_fade =
                take.clip(&self.bank).map_or(0, |clip| clip.fade_in.frames(self.config.sample_rate));
            let rise = if first { stream.rise } else { Some(crossed) };
            let rise = rise.map(|rise| if rise > 0 { rise } else { clip_fade });
            let member = self.playbacks.next_id();
            self.add_one(member, owner, event, stream.on, at, take, rise);
            if let Some(playback) = self.playbacks.get_mut(member) {
                playback.stream = Some(id);
                playback.posted = stream.posted;
                playback.own = own.clone();
                playback.crosses =
                    matches!(shape, Some(Transition::Crossfade(_))).then_some(FadeShape::EqualPower);
            }
            if own.released.is_some() {
                self.falling.insert(member);
            }
            self.groups.entry(owner).or_default().push(member);
            item.parts.push(Part::of(What::Sound(member)));
        }
        stream.next = if self.scatter(&stream.take).is_some() { stream.next } else { None };
        stream.items.push_back(item);
        self.streams.put(id, stream);
        self.look_after(id);
        if let Some(Transition::Crossfade(time)) = shape {
            self.cross(id, self.frames(time.get()));
        }
        inner
    }

    /// Lets the last item fade out where the next one fades in.
    fn cross(&mut self, id: StreamId, time: u64) {
        let Some(stream) = self.streams.get(id).filter(|stream| !self.is_complete(stream)) else { return };
        let Some((last, end)) = stream.items.back().and_then(|last| Some((last, last.end()?))) else {
            return;
        };
        let overlap = time.min((end - last.start) / 2);
        let parts = last.parts.clone();
        for part in parts {
            let falls = part.end.unwrap_or(0).saturating_sub(end - overlap);
            if let What::Sound(sound) = part.what
                && let Some(playback) = self.playbacks.get_mut(sound)
            {
                playback.fall = u32::try_from(falls).unwrap_or(u32::MAX);
            }
        }
        if let Some(last) = self.streams.get_mut(id).and_then(|stream| stream.items.back_mut()) {
            last.overlap = overlap;
        }
    }

    /// Takes leave of a stream of which nothing sounds and nothing is to come.
    fn end_stream_if_over(&mut self, id: StreamId) {
        let Some(stream) = self.streams.get(id) else { return };
        if !self.is_complete(stream) || stream.parts().next().is_some() || stream.held.is_some() {
            return;
        }
        let (on, parent) = (stream.on, stream.parent);
        self.streams.remove(id);
        match parent {
            Some(parent) => self.look_after(parent),
            None => self.end_if_over(id.0, on, Ended::Finished),
        }
    }

    /// Ends a playback that has no sound and no stream left.
    pub(super) fn end_if_over(&mut self, owner: PlaybackId, on: Option<EmitterKey>, why: Ended) {
        let sounds = self.groups.get(&owner).is_none_or(|members| !members.is_empty());
        if sounds || self.streams.any_of(owner) || self.players.contains_key(&owner) {
            return;
        }
        self.groups.remove(&owner);
        self.take_leave(owner, on, why);
    }

    /// Lets nothing begin from frame `at` on in a playback that is stopped. What it was posted on, if it had streams.
    pub(super) fn end_streams(&mut self, owner: PlaybackId, at: u64) -> Option<Option<EmitterKey>> {
        if at > self.now {
            self.advance(self.streams.of(owner), at);
        }
        let ended = self.streams.of(owner).into_iter().filter_map(|id| self.streams.remove(id));
        ended.last().map(|stream| stream.on)
    }

    /// A sound of a stream was not let in, or gave way for good: the playback ends with it. Of a scatter only that one does.
    pub(super) fn give_up(&mut self, id: StreamId, why: Ended) {
        let whole = matches!(why, Ended::Cooldown | Ended::Stopped | Ended::Removed);
        if self.is_scatter(id) && !whole {
            return;
        }
        for sound in self.remove_whole_stream(id) {
            let voiced = self.playbacks.get(sound).is_some_and(|playback| playback.voice.is_some());
            match self.playbacks.get_mut(sound) {
                // What came before something that is not loaded plays out.
                Some(playback) if voiced && why == Ended::NotLoaded => playback.stream = None,
                _ if voiced => self.stop_one(sound, Some(self.yield_fade()), 0),
                _ => self.end(sound, why),
            }
        }
    }

    /// Removes a stream with those that it is within and those within it; gives the sounds of them that are not over.
    pub(super) fn remove_whole_stream(&mut self, id: StreamId) -> Vec<PlaybackId> {
        let mut root = id;
        while let Some(parent) = self.streams.get(root).and_then(|stream| stream.parent) {
            root = parent;
        }
        self.remove_stream(root)
    }

    /// Removes a stream and those within it; gives the sounds of them that are not over.
    pub(super) fn remove_stream(&mut self, id: StreamId) -> Vec<PlaybackId> {
        let Some(stream) = self.streams.remove(id) else { return Vec::new() };
        let parts: Vec<Part> = stream.parts().copied().collect();
        let sounds = parts.into_iter().flat_map(|part| match part.what {
            What::Sound(id) => vec![id],
            What::Stream(id) => self.remove_stream(id),
        });
        sounds.collect()
    }

    /// Takes back what was given out and has not begun. It comes again as it was drawn.
    pub(super) fn take_back(&mut self, owner: PlaybackId) {
        for id in self.streams.of(owner) {
            let now = self.now;
            while let Some(stream) = self.streams.get_mut(id) {
                let Some(item) = stream.items.pop_back_if(|item| item.start > now) else { break };
                stream.count -= 1;
                if stream.items.is_empty() {
                    stream.next = Some(item.start);
                }
                stream.again.push_front(item.takes);
                for part in item.parts {
                    let sounds = match part.what {
                        What::Sound(id) => vec![id],
                        What::Stream(id) => self.remove_stream(id),
                    };
                    sounds.into_iter().for_each(|sound| self.unmake(sound));
                }
            }
        }
    }

    /// Removes a sound that has not begun, as if it had never been.
    pub(super) fn unmake(&mut self, sound: PlaybackId) {
        if let Some(voice) = self.playbacks.unvoice(sound) {
            self.orders.push(Order { at: self.stamp, command: Command::Stop { voice, at: 0, fade: 0 } });
        }
        if let Some(playback) = self.playbacks.remove(sound)
            && let Some(members) = self.groups.get_mut(&playback.owner)
        {
            members.retain(|&member| member != sound);
        }
        self.ways.remove(&sound);
    }

    /// Holds what is still to come of a playback, or lets it come.
    pub(super) fn hold_streams(&mut self, owner: PlaybackId, on: bool) {
        if on {
            self.take_back(owner);
        }
        let now = self.now;
        for id in self.streams.of(owner) {
            if let Some(stream) = self.streams.get_mut(id) {
                stream.hold(on, now);
            }
        }
    }
}
