//! Snapshots and states: how much of each there is at the moment.
//!
//! What they set is the mixer's to carry out; here it is only said by how much, from 0 to 1. What is over is exactly 0
//! again.

use super::parameters::Parameters;
use super::{Director, PlaybackId};
use crate::bank::{Bank, Snapshot, SnapshotId, StateGroup};
use crate::units::{Amount, Seconds};
use std::collections::{BTreeMap, BTreeSet};

/// Who holds a snapshot. Of several holders the one who wants most of it has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holder {
    /// The game.
    Game,
    /// An entity or another thing of the game's, by a number of its own.
    Entity(u64),
    /// An event, as long as it plays.
    Playback(PlaybackId),
}

/// Something of which there is more or less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weighed {
    /// A snapshot.
    Snapshot(SnapshotId),
    /// A state: the group's place among the groups, the state's place in the group.
    State(usize, usize),
}

#[derive(Debug, Clone, Default)]
struct Held {
    holders: BTreeMap<Holder, f32>,
    /// How far it has come on an even way.
    way: f32,
    /// Another time for the way that is under way.
    fade: Option<f32>,
}

#[derive(Debug, Clone)]
struct Group {
    weights: Vec<f32>,
    /// The weights when the way to the state began.
    before: Vec<f32>,
    state: usize,
    /// How far it has come on an even way; 1 is there.
    way: f32,
    time: f32,
}

#[derive(Debug, Default)]
pub(super) struct States {
    snapshots: Vec<Held>,
    groups: Vec<Group>,
    /// Those that have changed since they were last taken.
    moved: BTreeSet<Weighed>,
    /// Events that hold a snapshot, from their beginning on.
    coming: Vec<(u64, PlaybackId, SnapshotId)>,
}

impl Group {
    fn at(group: &StateGroup, state: usize) -> Self {
        let mut weights = vec![0.0; group.states.len()];
        if let Some(weight) = weights.get_mut(state) {
            *weight = 1.0;
        }
        Self { before: weights.clone(), weights, state, way: 1.0, time: 0.0 }
    }

    /// Sets out to another state. On the way from one to another a third takes its share of both.
    fn turn(&mut self, group: &StateGroup, state: usize) {
        self.time = group.time(self.state, state).get();
        self.before.clone_from(&self.weights);
        (self.state, self.way) = (state, 0.0);
    }

    /// Goes on; says whether anything changed.
    fn advance(&mut self, group: &StateGroup, seconds: f32) -> bool {
        if self.way >= 1.0 {
            return false;
        }
        self.way = if self.time > 0.0 { (self.way + seconds / self.time).min(1.0) } else { 1.0 };
        let share = group.curve.bend(self.way);
        for (place, (weight, before)) in self.weights.iter_mut().zip(&self.before).enumerate() {
            let goal = f32::from(u8::from(place == self.state));
            *weight = if self.way >= 1.0 { goal } else { before + (goal - before) * share };
        }
        true
    }
}

impl Held {
    fn goal(&self) -> f32 {
        self.holders.values().fold(0.0, |most, &amount| most.max(amount))
    }

    /// Goes on; says whether anything changed.
    fn advance(&mut self, snapshot: &Snapshot, seconds: f32) -> bool {
        let goal = self.goal();
        if self.way == goal {
            self.fade = None;
            return false;
        }
        let own = if goal > self.way { snapshot.fade_in } else { snapshot.fade_out };
        let time = self.fade.unwrap_or(own.get());
        let step = if time > 0.0 { seconds / time } else { 1.0 };
        self.way = if goal > self.way { (self.way + step).min(goal) } else { (self.way - step).max(goal) };
        true
    }
}

impl States {
    pub(super) fn new(bank: &Bank, parameters: &Parameters) -> Self {
        let group = |group: &StateGroup| Group::at(group, parameters.value(None, group.parameter) as usize);
        Self {
            snapshots: vec![Held::default(); bank.snapshots.len()],
            groups: bank.states.iter().map(group).collect(),
            ..Self::default()
        }
    }

    /// How much there is of a snapshot.
    fn snapshot(&self, bank: &Bank, id: SnapshotId) -> Option<f32> {
        Some(bank.snapshots.get(id.index())?.curve.bend(self.snapshots.get(id.index())?.way))
    }

    fn weight(&self, bank: &Bank, of: Weighed) -> Option<f32> {
        match of {
            Weighed::Snapshot(id) => self.snapshot(bank, id),
            Weighed::State(group, state) => self.groups.get(group)?.weights.get(state).copied(),
        }
    }

    fn hold(&mut self, holder: Holder, id: SnapshotId, amount: Amount, fade: Option<Seconds>) {
        let Some(held) = self.snapshots.get_mut(id.index()) else { return };
        let before = held.goal();
        if amount.get() > 0.0 {
            held.holders.insert(holder, amount.get());
        } else {
            held.holders.remove(&holder);
        }
        if held.goal() != before {
            held.fade = fade.map(Seconds::get);
        }
    }

    /// Lets an event hold a snapshot from frame `at` on.
    pub(super) fn expect(&mut self, at: u64, playback: PlaybackId, id: SnapshotId) {
        self.coming.push((at, playback, id));
    }

    /// An event has come to its end, and with it what it held.
    pub(super) fn release(&mut self, playback: PlaybackId) {
        self.coming.retain(|&(_, of, _)| of != playback);
        for held in &mut self.snapshots {
            held.holders.remove(&Holder::Playback(playback));
        }
    }

    /// Goes on by `seconds`, which end at frame `now`.
    pub(super) fn advance(&mut self, bank: &Bank, parameters: &Parameters, seconds: f32, now: u64) {
        let begun = self.coming.extract_if(.., |&mut (at, ..)| at <= now).collect::<Vec<_>>();
        for (_, playback, id) in begun {
            self.hold(Holder::Playback(playback), id, Amount::MAX, None);
        }
        for (place, (held, snapshot)) in self.snapshots.iter_mut().zip(&bank.snapshots).enumerate() {
            if held.advance(snapshot, seconds) {
                self.moved.insert(Weighed::Snapshot(SnapshotId(place as u32)));
            }
        }
        for (place, (group, written)) in self.groups.iter_mut().zip(&bank.states).enumerate() {
            let state = parameters.value(None, written.parameter) as usize;
            if state != group.state {
                group.turn(written, state);
            }
            if group.advance(written, seconds) {
                self.moved.extend((0..group.weights.len()).map(|state| Weighed::State(place, state)));
            }
        }
    }

    /// Carries everything over to another bank, by names.
    pub(super) fn follow(&mut self, old: &Bank, new: &Bank, parameters: &Parameters) {
        let before = std::mem::replace(self, Self::new(new, parameters));
        let now = |id: SnapshotId| new.snapshot(&old.snapshots.get(id.index())?.name);
        for (place, held) in before.snapshots.into_iter().enumerate() {
            if let Some(id) = now(SnapshotId(place as u32)) {
                self.snapshots[id.index()] = held;
            }
        }
        let coming = before.coming.into_iter();
        self.coming = coming.filter_map(|(at, playback, id)| Some((at, playback, now(id)?))).collect();
        for (old_group, group) in old.states.iter().zip(before.groups) {
            let Some(place) = new.states.iter().position(|now| now.name == old_group.name) else { continue };
            let labels = |bank: &Bank, of: &StateGroup| bank.parameters[of.parameter.index()].labels.clone();
            // A way goes on only between states that are as they were.
            if labels(old, old_group) == labels(new, &new.states[place]) {
                self.groups[place] = group;
            }
        }
        let all = (0..self.snapshots.len()).map(|id| Weighed::Snapshot(SnapshotId(id as u32)));
        self.moved.extend(all);
        for (place, group) in self.groups.iter().enumerate() {
            self.moved.extend((0..group.weights.len()).map(|state| Weighed::State(place, state)));
        }
    }
}

impl Director {
    /// Lets somebody hold so much of a snapshot; nothing lets it go. What there is of it goes there in the snapshot's own
    /// time, or in `fade` from nothing to all.
    pub fn hold_snapshot(&mut self, holder: Holder, id: SnapshotId, amount: Amount, fade: Option<Seconds>) {
        self.states.hold(holder, id, amount, fade);
    }

    /// How much there is of a snapshot, from 0 to 1.
    pub fn snapshot(&self, id: SnapshotId) -> Option<f32> {
        self.states.snapshot(&self.bank, id)
    }

    /// How much there is of each state of a group, in the order of its parameter's labels; together they are 1.
    pub fn states(&self, group: usize) -> &[f32] {
        self.states.groups.get(group).map_or(&[], |group| &group.weights)
    }

    /// Snapshots and states of which there is more or less than at the last call.
    pub fn take_moved_states(&mut self) -> Vec<(Weighed, f32)> {
        let moved = std::mem::take(&mut self.states.moved).into_iter();
        moved.filter_map(|of| Some((of, self.states.weight(&self.bank, of)?))).collect()
    }
}
