//! What events do beside playing: their actions, at once or in their time.
//!
//! An event with actions that is posted becomes a *family*: one playback for who posted it, with its own sound, what its
//! `Post` actions posted, and the actions that wait. It ends with the last of them. Stopping it stops all of them, pausing
//! it holds all of them; what an emitter's actions wait for is forgotten with the emitter.
//!
//! Actions are carried out in their order and before the event plays. What starts or stops sound is carried out up to a
//! tenth of a second ahead, with its exact frame; the rest by the first update that is not before its time. An event that
//! posts itself by an action with a `delay` goes on until it is stopped.

mod loops;
mod reload;

use super::group::Playing;
use super::{Director, EmitterKey, Ended, Happened, Holder, PlaybackId};
use crate::bank::{Action, BusId, Deed, EventId, Scope};
use std::collections::{BTreeMap, BTreeSet};

/// How many actions may wait at once; what comes beyond is dropped.
const MOST_WAITING: usize = 4096;

/// How deep events may post each other at once; what is deeper comes with the next update.
const DEEPEST: u32 = 32;

/// Something that an action asks of whoever runs the director.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Request {
    /// Mute a bus, or let it be heard.
    Mute {
        /// The bus.
        bus: BusId,
        /// Whether it is silent from now on.
        on: bool,
    },
}

/// A playback of an event with actions.
#[derive(Debug)]
pub(super) struct Family {
    /// `None` once a reload removed it.
    event: Option<EventId>,
    emitter: Option<EmitterKey>,
    /// What its actions posted and is still there.
    children: BTreeSet<PlaybackId>,
    /// How many of its actions wait, or are being carried out.
    waiting: usize,
    /// Since when it is held.
    held: Option<u64>,
}

/// Something that waits for its time.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    root: PlaybackId,
    on: Option<EmitterKey>,
    task: Task,
}

#[derive(Debug, Clone, Copy)]
enum Task {
    /// A whole event, posted ahead of time.
    Event(EventId),
    /// One of an event's actions, by its place.
    Action(EventId, usize),
}

/// All actions that are on their way.
#[derive(Debug, Default)]
pub(super) struct Deeds {
    pub(super) families: BTreeMap<PlaybackId, Family>,
    /// Whose actions posted what.
    roots: BTreeMap<PlaybackId, PlaybackId>,
    /// By the frame at which they are due, in the order in which they came.
    waiting: BTreeMap<(u64, u64), Waiting>,
    /// Those that count from the next update on: by how many frames.
    fresh: Vec<(u64, Waiting)>,
    count: u64,
    requests: Vec<Request>,
    /// Whether an update carries them out, so that they have an exact time.
    on_time: bool,
}

impl Deeds {
    fn put(&mut self, due: u64, waiting: Waiting) {
        self.count += 1;
        self.waiting.insert((due, self.count), waiting);
    }

    /// Whether another playback's actions posted it.
    pub(super) fn is_child(&self, id: PlaybackId) -> bool {
        self.roots.contains_key(&id)
    }

    /// What the actions of a playback's event posted.
    pub(super) fn children(&self, root: PlaybackId) -> impl Iterator<Item = PlaybackId> {
        self.families.get(&root).into_iter().flat_map(|family| family.children.iter().copied())
    }

    /// Forgets what waits and `gone` picks; whose it was.
    fn forget(&mut self, mut gone: impl FnMut(&Waiting) -> bool) -> Vec<PlaybackId> {
        let Self { waiting, fresh, families, .. } = self;
        let mut roots = Vec::new();
        let mut drop = |one: &Waiting| {
            let gone = gone(one);
            if gone {
                if let Some(family) = families.get_mut(&one.root) {
                    family.waiting = family.waiting.saturating_sub(1);
                }
                roots.push(one.root);
            }
            !gone
        };
        waiting.retain(|_, one| drop(one));
        fresh.retain(|(_, one)| drop(one));
        roots
    }
}

impl Director {
    /// What actions asked for since the last call.
    pub fn take_requests(&mut self) -> Vec<Request> {
        std::mem::take(&mut self.deeds.requests)
    }

    /// The playback that was posted: another one, or the one whose actions posted this one.
    pub(super) fn root_of(&self, owner: PlaybackId) -> PlaybackId {
        if self.deeds.roots.is_empty() {
            owner
        } else {
            self.deeds.roots.get(&owner).copied().unwrap_or(owner)
        }
    }

    /// Whether it is a playback of an event with actions.
    pub(super) fn is_family(&self, root: PlaybackId) -> bool {
        self.deeds.families.contains_key(&root)
    }

    /// A playback and what its actions posted: each may have sounds of its own.
    pub(super) fn owners(&self, root: PlaybackId) -> Vec<PlaybackId> {
        std::iter::once(root).chain(self.deeds.children(root)).collect()
    }

    /// All sounds of a playback, those that its actions posted included.
    pub(super) fn family(&self, root: PlaybackId) -> Vec<PlaybackId> {
        let mut sounds = self.members(root);
        if let Some(family) = self.deeds.families.get(&root) {
            sounds.extend(family.children.iter().flat_map(|&child| self.members(child)));
        }
        sounds
    }

    /// Posts an event with actions.
    pub(super) fn post_family(&mut self, root: PlaybackId, event: EventId, on: Option<EmitterKey>, at: u64) {
        let family =
            Family { event: Some(event), emitter: on, children: BTreeSet::new(), waiting: 1, held: None };
        self.deeds.families.insert(root, family);
        self.stages.insert(root, Default::default());
        if let Some(emitter) = on {
            self.world.attach(emitter, root);
            self.touched.insert(emitter);
        }
        let whole = Waiting { root, on, task: Task::Event(event) };
        if at >= self.horizon() {
            return self.deeds.put(at, whole);
        }
        self.carry_out(whole, at);
        self.done(root);
    }

    /// One of the things that waited has been carried out.
    fn done(&mut self, root: PlaybackId) {
        if let Some(family) = self.deeds.families.get_mut(&root) {
            family.waiting = family.waiting.saturating_sub(1);
        }
        self.close(root, Ended::Finished);
    }

    fn carry_out(&mut self, Waiting { root, on, task }: Waiting, at: u64) {
        match task {
            Task::Event(event) => self.enact(root, root, event, on, at, 0),
            Task::Action(event, place) => {
                if let Some(action) = self.bank.events[event.index()].actions.get(place).copied() {
                    self.act(root, action, on, at, 0);
                }
            }
        }
    }

    /// Carries out an event's actions, and then plays it as `own`.
    fn enact(
        &mut self,
        root: PlaybackId,
        own: PlaybackId,
        event: EventId,
        on: Option<EmitterKey>,
        at: u64,
        depth: u32,
    ) {
        let bank = self.bank.clone();
        for (place, action) in bank.events[event.index()].actions.iter().enumerate() {
            let chance = action.probability.get();
            if chance < 1.0 && self.rng.unit() >= chance {
                continue;
            }
            let delay = u64::from(action.delay.frames(self.config.sample_rate));
            let delay = if action.delay.get() > 0.0 { delay.max(1) } else { 0 };
            let ahead = is_ahead(&action.deed) || matches!(action.deed, Deed::Set { .. });
            let too_deep = depth >= DEEPEST && matches!(action.deed, Deed::Post(_));
            if delay == 0 && (at <= self.now || ahead) && !too_deep {
                self.act(root, *action, on, at, depth);
            } else {
                self.wait(at, delay, Waiting { root, on, task: Task::Action(event, place) });
            }
        }
        if self.sound(own, event, on, at.max(self.now)) && own != root {
            self.adopt_child(root, own);
        }
    }

    fn adopt_child(&mut self, root: PlaybackId, own: PlaybackId) {
        if let Some(family) = self.deeds.families.get_mut(&root) {
            family.children.insert(own);
            self.deeds.roots.insert(own, root);
        }
    }

    /// Posts an event that has waited for its turn.
    pub(super) fn post_in_turn(&mut self, id: PlaybackId, event: EventId, on: Option<EmitterKey>, at: u64) {
        let was = std::mem::replace(&mut self.deeds.on_time, true);
        match self.deeds.roots.get(&id).copied() {
            Some(root) => {
                self.enact(root, id, event, on, at, 0);
                if self.playbacks.get(id).is_none() && !self.groups.contains_key(&id) {
                    self.take_leave(id, on, Ended::Finished);
                }
            }
            None => self.post_at_once(id, event, on, at),
        }
        self.deeds.on_time = was;
    }

    fn wait(&mut self, at: u64, delay: u64, waiting: Waiting) {
        if self.deeds.waiting.len() + self.deeds.fresh.len() >= MOST_WAITING {
            return;
        }
        if let Some(family) = self.deeds.families.get_mut(&waiting.root) {
            family.waiting += 1;
        }
        if at <= self.now && !self.deeds.on_time {
            // What is posted for now is heard with the next update: so does its time begin.
            self.deeds.fresh.push((delay, waiting));
        } else {
            self.deeds.put(at + delay, waiting);
        }
    }

    fn act(&mut self, root: PlaybackId, action: Action, on: Option<EmitterKey>, at: u64, depth: u32) {
        let only = on.filter(|_| action.scope == Scope::Emitter);
        let rate = self.config.sample_rate;
        match action.deed {
            Deed::Post(event) => {
                let own = self.playbacks.next_id();
                if self.bank.events[event.index()].line.is_none() {
                    return self.enact(root, own, event, on, at, depth + 1);
                }
                self.adopt_child(root, own);
                self.post_line(own, event, on, at);
            }
            Deed::Stop { event, fade } => {
                let fade = fade.map(|fade| fade.frames(rate));
                self.stop_those(only, fade, at, |_, one| one == event);
            }
            Deed::Release(event) => {
                for owner in self.owners_of(event, only) {
                    self.members(owner).into_iter().for_each(|sound| self.let_go_at(sound, at));
                    self.let_go_lasting(owner, at);
                }
            }
            Deed::StopAll { bus, fade } => {
                let fade = fade.map(|fade| fade.frames(rate));
                self.stop_those(only, fade, at, |director, one| {
                    director.is_below(director.bank.events[one.index()].bus, bus)
                });
            }
            Deed::Pause { event, on: hold } => {
                self.hold_lines_of(event, only, hold);
                for owner in self.owners_of(event, only) {
                    self.hold_owner(owner, hold);
                }
                let families = self.deeds.families.iter();
                let roots: Vec<_> = families
                    .filter(|(_, family)| {
                        family.event == Some(event) && (only.is_none() || family.emitter == only)
                    })
                    .map(|(&root, _)| root)
                    .collect();
                roots.into_iter().for_each(|root| self.hold(root, hold));
            }
            Deed::Seek { event, to } => {
                let to = libm::round(f64::from(to.get()) * f64::from(rate));
                for owner in self.owners_of(event, only) {
                    self.seek_owner(owner, to);
                }
            }
            Deed::Break(event) => {
                for owner in self.owners_of(event, only) {
                    self.members(owner).into_iter().for_each(|sound| self.break_one(sound));
                }
            }
            Deed::Set { parameter, to } => self.set_parameter(only, parameter, to),
            Deed::SetSnapshot { snapshot, to, fade } => {
                self.hold_snapshot(Holder::Game, snapshot, to, fade);
            }
            Deed::TriggerStinger(place) => {
                if let Some(name) = self.bank.triggers.get(place).cloned() {
                    self.trigger(&name);
                }
            }
            Deed::Mute { bus, on } => self.deeds.requests.push(Request::Mute { bus, on }),
        }
    }

    /// Those of whom an event plays, on one emitter or on any.
    fn owners_of(
        &self,
        event: EventId,
        only: Option<EmitterKey>,
    ) -> impl Iterator<Item = PlaybackId> + use<> {
        self.concerned(only, |one| one == event).into_keys()
    }

    /// What plays of the events that are picked, on one emitter or on any: whose it is, and from which frame on it was to
    /// sound.
    fn concerned(
        &self,
        only: Option<EmitterKey>,
        pick: impl Fn(EventId) -> bool,
    ) -> BTreeMap<PlaybackId, u64> {
        let mut found = BTreeMap::new();
        let mut note = |one: Playing<'_>| {
            if one.event.is_some_and(&pick) {
                found.insert(one.owner, one.posted);
            }
        };
        match only {
            Some(emitter) => {
                let owners = self.world.playbacks(emitter).iter().flat_map(|&root| self.owners(root));
                owners.for_each(|owner| self.playing_of(owner).for_each(&mut note));
            }
            None => self.playing().for_each(note),
        }
        found
    }

    /// Stops what plays of the events that are picked, and takes back what waits to post them.
    fn stop_those(
        &mut self,
        only: Option<EmitterKey>,
        fade: Option<u32>,
        at: u64,
        pick: impl Fn(&Self, EventId) -> bool,
    ) {
        let posts: BTreeSet<EventId> =
            (0..self.bank.events.len() as u32).map(EventId).filter(|&event| pick(self, event)).collect();
        let bank = self.bank.clone();
        let waits = |one: &Waiting| match one.task {
            Task::Action(event, place) => {
                let deed = bank.events[event.index()].actions.get(place).map(|action| action.deed);
                matches!(deed, Some(Deed::Post(event)) if posts.contains(&event))
                    && (only.is_none() || one.on == only)
            }
            Task::Event(_) => false,
        };
        let lost = self.deeds.forget(waits);
        let at_least = at.max(self.now);
        // What a game posted for later is no concern of what is stopped now.
        for (owner, begins) in self.concerned(only, |event| posts.contains(&event)) {
            if begins <= at_least || self.deeds.roots.contains_key(&owner) {
                self.stop_owner(owner, |_, _| fade, at);
            }
        }
        self.drop_lines_of(&posts, only);
        lost.into_iter().for_each(|root| self.close(root, Ended::Stopped));
    }

    /// Forgets what a playback waits to do.
    pub(super) fn forget_waiting(&mut self, root: PlaybackId) {
        if self.is_family(root) {
            self.deeds.forget(|one| one.root == root);
        }
    }

    /// Holds what a playback waits to do, or lets its time go on.
    pub(super) fn hold(&mut self, root: PlaybackId, on: bool) {
        let now = self.now;
        let Some(family) = self.deeds.families.get_mut(&root) else { return };
        if on {
            family.held.get_or_insert(now);
            return;
        }
        let Some(since) = family.held.take() else { return };
        let held: Vec<_> = self.deeds.waiting.extract_if(.., |_, one| one.root == root).collect();
        for ((due, _), one) in held {
            self.deeds.put(due + (now - since), one);
        }
    }

    /// Ends a playback of an event with actions, if nothing of it is left.
    pub(super) fn close(&mut self, root: PlaybackId, why: Ended) {
        let over = |family: &Family| family.waiting == 0 && family.children.is_empty();
        let sounds = self.groups.contains_key(&root) || self.playbacks.get(root).is_some();
        if sounds || !self.deeds.families.get(&root).is_some_and(over) {
            return;
        }
        if self.queues.waits(root) {
            return;
        }
        let Some(family) = self.deeds.families.remove(&root) else { return };
        let why = self.queues.why(root, why);
        self.stages.remove(&root);
        if let Some(emitter) = family.emitter {
            self.world.detach(emitter, root);
            self.touched.insert(emitter);
        }
        self.tell(root, family.emitter, self.now, Happened::Ended(why));
    }

    /// A sound of a family has ended, with all of its own; `false` if it is of none.
    pub(super) fn end_in_family(&mut self, owner: PlaybackId, why: Ended) -> bool {
        if self.deeds.families.is_empty() {
            return false;
        }
        let root = self.deeds.roots.remove(&owner).unwrap_or(owner);
        let Some(family) = self.deeds.families.get_mut(&root) else { return false };
        family.children.remove(&owner);
        self.close(root, why);
        if let Some(&left) = self.family(root).iter().find(|&&id| self.playbacks.get(id).is_some()) {
            self.retell(left, self.now, Ended::OutOfEarshot);
        }
        true
    }

    /// Stops what families wait for.
    pub(super) fn families(&self) -> Vec<PlaybackId> {
        self.deeds.families.keys().copied().collect()
    }

    /// Carries out what has come due.
    pub(super) fn act_on_time(&mut self) {
        if self.deeds.waiting.is_empty() && self.deeds.fresh.is_empty() {
            return;
        }
        let (now, horizon) = (self.now, self.horizon());
        for (delay, one) in std::mem::take(&mut self.deeds.fresh) {
            self.deeds.put(now + delay, one);
        }
        self.deeds.on_time = true;
        loop {
            let due = self.deeds.waiting.range(..(horizon, 0)).find(|&(&(due, _), one)| {
                let held = self.deeds.families.get(&one.root).is_some_and(|family| family.held.is_some());
                let ahead = match one.task {
                    Task::Event(_) => true,
                    Task::Action(event, place) => {
                        let action = self.bank.events[event.index()].actions.get(place);
                        action.is_none_or(|action| is_ahead(&action.deed))
                    }
                };
                !held && (ahead || due <= now)
            });
            let Some(key) = due.map(|(&key, _)| key) else { break };
            let Some(one) = self.deeds.waiting.remove(&key) else { break };
            self.carry_out(one, key.0);
            self.done(one.root);
        }
        self.deeds.on_time = false;
    }
}

/// Whether a deed is carried out ahead of its time, with its exact frame.
fn is_ahead(deed: &Deed) -> bool {
    matches!(deed, Deed::Post(_) | Deed::Stop { .. } | Deed::StopAll { .. } | Deed::Release(_))
}
