//! How strands go on: when the next begins, what is given out for it, and what becomes of them when a playback is stopped,
//! held, leaps or is not heard.
//!
//! When an item ends is told by where its sounds are and how fast they run, looked at anew with each update until the
//! next one is given out, a tenth of a second ahead. While a sound that is not heard waits (`virtual: Resume`, `Restart`), its
//! strand waits with it. A scatter whose places are all out of earshot draws nothing.

use super::draw::{Circumstances, round};
use super::playback::Playback;
use super::strand::{Item, Part, Strand, StrandId, What};
use super::take::Take;
use super::{Director, EmitterKey, Ended, Order, PlaybackId};
use crate::bank::{EventId, Run, Scatter, SoundKind, Transition, Virtual};
use crate::effects::FadeShape;
use crate::link::Command;
use std::collections::VecDeque;

/// How many items a strand gives out at most in one update, so that what lasts no time can't hold up the rest.
const MOST_AT_ONCE: usize = 16;

impl Director {
    /// Begins what plays one after another at frame `at`.
    pub(super) fn begin_strand(
        &mut self,
        (owner, event, on, posted): (PlaybackId, EventId, Option<EmitterKey>, u64),
        take: Take,
        at: u64,
    ) -> StrandId {
        let begins = at + self.frames(take.delay);
        let next = match self.scatter(&take) {
            Some(scatter) => {
                let (low, high) = (scatter.every.low.get(), scatter.every.high.get());
                Some(begins + self.first(low, high))
            }
            None => Some(begins),
        };
        let strand = Strand {
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
        self.strands.add(owner, strand)
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

    /// Whether what is given out by a strand comes by chance, and is not missed if it is not heard.
    pub(super) fn is_scatter(&self, id: StrandId) -> bool {
        self.strands.get(id).is_some_and(|strand| self.scatter(&strand.take).is_some())
    }

    /// Gives out whatever begins soon.
    pub(super) fn run_strands(&mut self) {
        if !self.strands.is_empty() {
            let ids = self.strands.ids();
            self.advance(ids, self.horizon());
        }
    }

    /// Gives out whatever these strands begin before frame `until`, and takes leave of those that are over.
    fn advance(&mut self, ids: Vec<StrandId>, until: u64) {
        let mut open: VecDeque<StrandId> = ids.into();
        while let Some(id) = open.pop_front() {
            for _ in 0..MOST_AT_ONCE {
                self.look_after(id);
                let Some((at, takes)) = self.next_item(id, until) else { break };
                open.extend(self.give_out(id, at, takes));
            }
            self.look_after(id);
            self.end_strand_if_over(id);
        }
    }

    /// Brings what a strand knows of its items up to date.
    fn look_after(&mut self, id: StrandId) {
        if self.strands.get(id).is_none_or(|strand| strand.items.is_empty()) {
            return;
        }
        let Some(mut strand) = self.strands.remove(id) else { return };
        for part in strand.items.iter_mut().flat_map(|item| &mut item.parts).filter(|part| !part.over) {
            let end = match part.what {
                What::Sound(id) => self.playbacks.get(id).map(|playback| self.end_of(playback)),
                What::Strand(id) => self.strands.get(id).map(|inner| self.end_of_all(inner)),
            };
            match end {
                Some(end) => part.end = end,
                None => (part.over, part.end) = (true, Some(part.end.unwrap_or(self.now))),
            }
        }
        strand.prune();
        self.strands.put(id, strand);
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

    /// The frame at which an inner strand has ended; `None` while more is to come of it.
    pub(super) fn end_of_all(&self, strand: &Strand) -> Option<u64> {
        if !self.is_complete(strand) {
            return None;
        }
        strand.items.iter().try_fold(0, |end: u64, item| Some(end.max(item.end()?)))
    }

    /// Whether nothing more is to come of it.
    fn is_complete(&self, strand: &Strand) -> bool {
        let most = match self.scatter(&strand.take) {
            Some(scatter) => scatter.count.map(u64::from),
            None => self.run(&strand.take).map_or(Some(0), |(_, most)| most),
        };
        most.is_some_and(|most| strand.count >= most)
    }

    /// Whether a sound of it waits until it is heard.
    fn waits(&self, strand: &Strand) -> bool {
        let Some(last) = strand.items.back() else { return false };
        last.parts.iter().filter(|part| !part.over).any(|part| match part.what {
            What::Sound(id) => self.playbacks.get(id).is_some_and(|playback| {
                let asleep = playback.voice.is_none() && !playback.is_fresh();
                playback.waits || (asleep && self.policy(playback) == Virtual::Restart)
            }),
            What::Strand(_) => false,
        })
    }

    /// What begins before frame `until`: when, and what it is.
    fn next_item(&mut self, id: StrandId, until: u64) -> Option<(u64, Vec<Take>)> {
        let strand = self.strands.get(id)?;
        if strand.held.is_some() || strand.event.is_none() || self.is_complete(strand) {
            return None;
        }
        if self.scatter(&strand.take).is_some() {
            return self.next_by_chance(id, until);
        }
        if self.waits(strand) {
            return None;
        }
        let at = match strand.items.back() {
            None => strand.next?,
            Some(last) => match self.run(&strand.take)?.0.transition {
                Transition::Gap(time) => last.end()? + self.frames(time.get()),
                Transition::Crossfade(_) => last.end()?.saturating_sub(last.overlap),
                Transition::Trigger(time) => last.start + self.frames(time.get()).max(1),
            },
        };
        // What is late by now begins now.
        (at < until).then(|| (at.max(self.now), self.draw_item(id)))
    }

    /// What a scatter begins before frame `until`, if it is in earshot and has room.
    fn next_by_chance(&mut self, id: StrandId, until: u64) -> Option<(u64, Vec<Take>)> {
        let strand = self.strands.get(id)?;
        let scatter = self.scatter(&strand.take)?;
        let (low, high) = (scatter.every.low.get(), scatter.every.high.get());
        let (near, max) = (self.is_near(strand, scatter), scatter.max as usize);
        let (next, sounding) = (strand.next, strand.parts().count());
        let Some(at) = next.filter(|_| near) else {
            let next = if near { Some(self.now + self.first(low, high)) } else { None };
            self.strands.get_mut(id)?.next = next;
            return None;
        };
        if at >= until {
            return None;
        }
        let time = self.rng.between(low, high);
        let after = at.max(self.now) + self.frames(time).max(1);
        self.strands.get_mut(id)?.next = Some(after);
        // One too many is left out, and what comes after it is looked at with the next update.
        if sounding >= max { None } else { Some((at.max(self.now), self.draw_item(id))) }
    }

    /// Whether any place of a scatter may be in earshot.
    fn is_near(&self, strand: &Strand, scatter: &Scatter) -> bool {
        let Some(space) = strand.event.and_then(|event| self.bank.events[event.index()].space) else {
            return true;
        };
        let Some(listener) = self.world.listener else { return false };
        let Some(emitter) = strand.on else { return true };
        let Some(place) = self.world.position(emitter) else { return false };
        let around = scatter.around.map_or(0.0, |around| {
            let height = around.height.low.abs().max(around.height.high.abs());
            around.distance.high + height
        });
        strand.take.place(place).distance(listener.position) <= space.max.get() + around
    }

    fn draw_item(&mut self, id: StrandId) -> Vec<Take> {
        let Some(strand) = self.strands.get_mut(id) else { return Vec::new() };
        if let Some(takes) = strand.again.pop_front() {
            return takes;
        }
        let (take, on, step, at) = (strand.take.clone(), strand.on, strand.count, self.now);
        let Self { drawer, bank, parameters, rng, config, .. } = self;
        let sample_rate = config.sample_rate;
        drawer.item(&Circumstances { bank, parameters, on, at, sample_rate }, &take, step, rng)
    }

    /// Gives out an item; gives the strands among its sounds.
    fn give_out(&mut self, id: StrandId, at: u64, takes: Vec<Take>) -> Vec<StrandId> {
        let (owner, mut inner) = (id.0, Vec::new());
        let own = self.own_time(owner, at);
        let Some(mut strand) = self.strands.remove(id) else { return inner };
        let Some(event) = strand.event else { return inner };
        let shape = self.run(&strand.take).map(|(run, _)| run.transition);
        let first = strand.count == 0;
        let overlap = strand.items.back().map_or(0, |last| last.overlap);
        let crossed = u32::try_from(overlap).unwrap_or(u32::MAX);
        strand.count += 1;
        let mut item = Item { start: at, overlap: 0, parts: Vec::new(), takes: takes.clone() };
        for take in takes {
            if self.bank.sounds[take.sound.index()].kind.runs() {
                let begun = self.begin_strand((owner, event, strand.on, strand.posted), take, at);
                if let Some(begun) = self.strands.get_mut(begun) {
                    begun.parent = Some(id);
                    begun.rise = if first { strand.rise } else { Some(crossed) };
                }
                inner.push(begun);
                item.parts.push(Part::of(What::Strand(begun)));
                continue;
            }
            let clip_fade =
                take.clip(&self.bank).map_or(0, |clip| clip.fade_in.frames(self.config.sample_rate));
            let rise = if first { strand.rise } else { Some(crossed) };
            let rise = rise.map(|rise| if rise > 0 { rise } else { clip_fade });
            let member = self.playbacks.next_id();
            self.add_one(member, owner, event, strand.on, at, take, rise);
            if let Some(playback) = self.playbacks.get_mut(member) {
                playback.strand = Some(id);
                playback.posted = strand.posted;
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
        strand.next = if self.scatter(&strand.take).is_some() { strand.next } else { None };
        strand.items.push_back(item);
        self.strands.put(id, strand);
        self.look_after(id);
        if let Some(Transition::Crossfade(time)) = shape {
            self.cross(id, self.frames(time.get()));
        }
        inner
    }

    /// Lets the last item fade out where the next one fades in.
    fn cross(&mut self, id: StrandId, time: u64) {
        let Some(strand) = self.strands.get(id).filter(|strand| !self.is_complete(strand)) else { return };
        let Some((last, end)) = strand.items.back().and_then(|last| Some((last, last.end()?))) else {
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
        if let Some(last) = self.strands.get_mut(id).and_then(|strand| strand.items.back_mut()) {
            last.overlap = overlap;
        }
    }

    /// Takes leave of a strand of which nothing sounds and nothing is to come.
    fn end_strand_if_over(&mut self, id: StrandId) {
        let Some(strand) = self.strands.get(id) else { return };
        if !self.is_complete(strand) || strand.parts().next().is_some() || strand.held.is_some() {
            return;
        }
        let (on, parent) = (strand.on, strand.parent);
        self.strands.remove(id);
        match parent {
            Some(parent) => self.look_after(parent),
            None => self.end_if_over(id.0, on, Ended::Finished),
        }
    }

    /// Ends a playback that has no sound and no strand left.
    pub(super) fn end_if_over(&mut self, owner: PlaybackId, on: Option<EmitterKey>, why: Ended) {
        let sounds = self.groups.get(&owner).is_none_or(|members| !members.is_empty());
        if sounds || self.strands.any_of(owner) || self.players.contains_key(&owner) {
            return;
        }
        self.groups.remove(&owner);
        self.take_leave(owner, on, why);
    }

    /// Lets nothing begin from frame `at` on in a playback that is stopped. What it was posted on, if it had strands.
    pub(super) fn end_strands(&mut self, owner: PlaybackId, at: u64) -> Option<Option<EmitterKey>> {
        if at > self.now {
            self.advance(self.strands.of(owner), at);
        }
        let ended = self.strands.of(owner).into_iter().filter_map(|id| self.strands.remove(id));
        ended.last().map(|strand| strand.on)
    }

    /// A sound of a strand was not let in, or gave way for good: the playback ends with it. Of a scatter only that one does.
    pub(super) fn give_up(&mut self, id: StrandId, why: Ended) {
        let whole = matches!(why, Ended::Cooldown | Ended::Stopped | Ended::Removed);
        if self.is_scatter(id) && !whole {
            return;
        }
        for sound in self.remove_whole_strand(id) {
            let voiced = self.playbacks.get(sound).is_some_and(|playback| playback.voice.is_some());
            match self.playbacks.get_mut(sound) {
                // What came before something that is not loaded plays out.
                Some(playback) if voiced && why == Ended::NotLoaded => playback.strand = None,
                _ if voiced => self.stop_one(sound, Some(self.yield_fade()), 0),
                _ => self.end(sound, why),
            }
        }
    }

    /// Removes a strand with those that it is within and those within it; gives the sounds of them that are not over.
    pub(super) fn remove_whole_strand(&mut self, id: StrandId) -> Vec<PlaybackId> {
        let mut root = id;
        while let Some(parent) = self.strands.get(root).and_then(|strand| strand.parent) {
            root = parent;
        }
        self.remove_strand(root)
    }

    /// Removes a strand and those within it; gives the sounds of them that are not over.
    pub(super) fn remove_strand(&mut self, id: StrandId) -> Vec<PlaybackId> {
        let Some(strand) = self.strands.remove(id) else { return Vec::new() };
        let parts: Vec<Part> = strand.parts().copied().collect();
        let sounds = parts.into_iter().flat_map(|part| match part.what {
            What::Sound(id) => vec![id],
            What::Strand(id) => self.remove_strand(id),
        });
        sounds.collect()
    }

    /// Takes back what was given out and has not begun. It comes again as it was drawn.
    pub(super) fn take_back(&mut self, owner: PlaybackId) {
        for id in self.strands.of(owner) {
            let now = self.now;
            while let Some(strand) = self.strands.get_mut(id) {
                let Some(item) = strand.items.pop_back_if(|item| item.start > now) else { break };
                strand.count -= 1;
                if strand.items.is_empty() {
                    strand.next = Some(item.start);
                }
                strand.again.push_front(item.takes);
                for part in item.parts {
                    let sounds = match part.what {
                        What::Sound(id) => vec![id],
                        What::Strand(id) => self.remove_strand(id),
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
    pub(super) fn hold_strands(&mut self, owner: PlaybackId, on: bool) {
        if on {
            self.take_back(owner);
        }
        let now = self.now;
        for id in self.strands.of(owner) {
            if let Some(strand) = self.strands.get_mut(id) {
                strand.hold(on, now);
            }
        }
    }
}
