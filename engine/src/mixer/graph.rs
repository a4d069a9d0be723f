//! The compiled graph: a flat schedule of buses, with the rules for taking over from the graph before it.

use super::buffer::Buffer;
use super::buffers::Buffers;
use super::bus::Bus;
use super::duck::{Ducked, Ducker, RuleSpec, TargetSpec};
use super::effect::{EffectParams, Slot};
use super::hold::{Hold, Member};
use super::level::{Level, LevelSpec};
use super::path::{Path, PathSpec, Tap, Wait};
use super::programme::ProgrammeMeter;
use super::steer::{Property, Steer, SteerSpec};
use super::{BLOCK, GLIDE_SECONDS, frames};
use crate::media::Sample;
use kira::effect::Effect as KiraEffect;
use std::sync::Arc;

/// Where an effect comes from when a graph replaces another. Indices are into the old bus's chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// New, in a bus that is new as well: there at once.
    Fresh,
    /// New in a running chain: fades in.
    Entering,
    /// The same effect, perhaps with other settings: keeps its state and glides.
    Kept(u16),
    /// No longer wanted: fades out.
    Leaving(u16),
}

/// The signal of a bus that keys an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeySpec {
    /// The bus.
    pub bus: u16,
    /// Where its signal is taken.
    pub tap: Tap,
}

/// One place in a bus's chain.
pub struct SlotSpec {
    /// Kind and settings.
    pub params: EffectParams,
    /// What keys the effect instead of its own signal.
    pub key: Option<KeySpec>,
    /// Where it comes from.
    pub origin: Origin,
    /// The plug-in itself, for a new [`EffectParams::Plugin`].
    pub plugin: Option<Box<dyn KiraEffect>>,
    /// The sound file it works with.
    pub impulse: Option<Arc<Sample>>,
    /// Whether the signal goes past it.
    pub bypass: bool,
    /// Its latency in frames, if it is no new one.
    pub latency: usize,
}

/// What of a bus is let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gates {
    /// The bus's own signal: everything, sends and keys included.
    pub open: bool,
    /// Its way to its parent.
    pub parent: bool,
    /// The voices on it, into it.
    pub voices: bool,
    /// The voices on it, into their sends.
    pub voice_sends: bool,
}

impl Gates {
    /// All of it.
    pub const OPEN: Self = Self { open: true, parent: true, voices: true, voice_sends: true };
}

/// One bus.
pub struct BusSpec {
    /// Where the output goes; `None` for the master.
    pub parent: Option<u16>,
    /// The fader, linear.
    pub gain: f32,
    /// What is let through; `None` for a bus that ends with this graph: what was.
    pub gates: Option<Gates>,
    /// The chain.
    pub slots: Vec<SlotSpec>,
    /// The ways out: the parent, sends, and ways that end with this graph, at a gain of zero.
    pub paths: Vec<PathSpec>,
    /// What rules of the graph before held down and none of this one's does: kept while it glides back.
    pub released: Vec<Ducked>,
    /// The old graph's bus that this one continues.
    pub inherits: Option<u16>,
}

/// All a graph is built from. Indices are into `buses`; bus 0 is the master.
pub struct GraphSpec {
    /// The buses.
    pub buses: Vec<BusSpec>,
    /// The order of rendering: every bus after all that it listens to, the master last.
    pub order: Vec<u16>,
    /// The ducking rules.
    pub rules: Vec<RuleSpec>,
    /// The levels that curves go by.
    pub levels: Vec<LevelSpec>,
    /// The properties that curves move.
    pub steers: Vec<SteerSpec>,
    /// For each bus of the old graph, its place in this one.
    pub moved: Vec<Option<u16>>,
    /// The samples that voices can start, by the index in their orders.
    pub samples: Vec<Option<Arc<Sample>>>,
    /// Buses whose contribution is tapped, in the order of the tap's tracks (offline only).
    pub stems: Vec<u16>,
}

/// Where a key is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// A bus that is rendered before.
    Bus(u16),
    /// A tap.
    Tap(u16),
}

/// A signal kept aside: a bus's before its fader, or its last block.
pub(super) struct TapBuffer {
    pub(super) bus: u16,
    pub(super) tap: Tap,
    pub(super) buffer: Buffer,
}

/// What comes back into a bus a block late.
pub(super) struct Return {
    pub(super) bus: u16,
    pub(super) buffer: Buffer,
}

/// A graph ready to run. Built on the game thread with all the memory it needs.
pub struct Graph {
    pub(super) buses: Vec<Bus>,
    pub(super) buffers: Buffers,
    pub(super) taps: Vec<TapBuffer>,
    pub(super) returns: Vec<Return>,
    pub(super) order: Vec<u16>,
    pub(super) rules: Vec<Ducker>,
    pub(super) levels: Vec<Level>,
    pub(super) steers: Vec<Steer>,
    pub(super) samples: Vec<Option<Arc<Sample>>>,
    pub(super) stems: Vec<u16>,
    moved: Vec<Option<u16>>,
    /// Whether buses measure what they cost.
    pub(super) profile: bool,
    pub(super) block_seconds: f32,
}

impl Graph {
    /// Builds the graph for `sample_rate`.
    pub fn build(spec: GraphSpec, sample_rate: u32) -> Box<Self> {
        let glide = frames(GLIDE_SECONDS, sample_rate);
        let mut taps = Vec::new();
        let mut tap = |bus: u16, tap: Tap| -> u16 {
            let same = |other: &TapBuffer| other.bus == bus && other.tap == tap;
            taps.iter().position(same).unwrap_or_else(|| {
                taps.push(TapBuffer { bus, tap, buffer: Buffer::SILENT });
                taps.len() - 1
            }) as u16
        };
        let mut returns: Vec<Return> = Vec::new();
        let mut buses = Vec::with_capacity(spec.buses.len());
        for (index, bus) in spec.buses.into_iter().enumerate() {
            let keys: Vec<_> = bus.slots.iter().map(|slot| slot.key).collect();
            let released = bus.released.clone();
            for path in &bus.paths {
                if path.tap == Tap::Pre {
                    tap(index as u16, Tap::Pre);
                }
                if path.tap == Tap::Delayed && !returns.iter().any(|back| back.bus == path.to) {
                    returns.push(Return { bus: path.to, buffer: Buffer::SILENT });
                }
            }
            let mut bus = Bus::new(bus, glide, sample_rate);
            for (slot, key) in bus.slots.iter_mut().zip(keys) {
                slot.set_key(key.map(|key| match key.tap {
                    Tap::Post => Source::Bus(key.bus),
                    other => Source::Tap(tap(key.bus, other)),
                }));
            }
            bus.holds.extend(released.into_iter().map(|what| Hold::new(what, sample_rate)));
            buses.push(bus);
        }
        for (index, tap) in taps.iter().enumerate().filter(|(_, tap)| tap.tap == Tap::Pre) {
            if let Some(bus) = buses.get_mut(usize::from(tap.bus)) {
                bus.pre = Some(index as u16);
            }
        }
        for (index, rule) in spec.rules.iter().enumerate() {
            if let Some(bus) = buses.get_mut(usize::from(rule.trigger)) {
                bus.triggers.push(index as u16);
            }
            for (target, TargetSpec { bus, what, .. }) in rule.targets.iter().enumerate() {
                let member = Member { rule: index as u16, target: target as u16, combine: rule.combine };
                if let Some(bus) = buses.get_mut(usize::from(*bus)) {
                    bus.hold(*what, sample_rate).members.push(member);
                }
            }
        }
        align(&mut buses, &spec.order, glide);
        let mut targets = 0;
        let mut ducker = |rule: RuleSpec| {
            let first = targets;
            targets += rule.targets.len();
            Ducker::new(rule, first)
        };
        for steer in &spec.steers {
            if let Property::Parameter { effect, place } = steer.property
                && let Some(bus) = buses.get_mut(usize::from(steer.bus))
                && let Some(slot) = bus.slots.get_mut(usize::from(effect))
            {
                slot.expect_steering(place);
            }
        }
        let mut graph = Box::new(Self {
            buffers: Buffers::new(&spec.order, buses.len()),
            buses,
            taps,
            returns,
            order: spec.order,
            rules: spec.rules.into_iter().map(&mut ducker).collect(),
            levels: spec.levels.into_iter().map(|level| Level::new(level, sample_rate)).collect(),
            steers: spec.steers.into_iter().map(Steer::new).collect(),
            samples: spec.samples,
            stems: spec.stems,
            moved: spec.moved,
            profile: false,
            block_seconds: BLOCK as f32 / sample_rate as f32,
        });
        graph.steer(true);
        graph.buses.iter_mut().for_each(Bus::settle_steering);
        graph
    }

    /// A graph of one bus and nothing else, for before the first bank.
    pub fn empty(sample_rate: u32) -> Box<Self> {
        let master = BusSpec {
            parent: None,
            gain: 1.0,
            gates: Some(Gates::OPEN),
            slots: Vec::new(),
            paths: Vec::new(),
            released: Vec::new(),
            inherits: None,
        };
        let spec = GraphSpec {
            buses: vec![master],
            order: vec![0],
            rules: Vec::new(),
            levels: Vec::new(),
            steers: Vec::new(),
            moved: Vec::new(),
            samples: Vec::new(),
            stems: Vec::new(),
        };
        Self::build(spec, sample_rate)
    }

    /// The latency of every effect of every bus's chain, in frames.
    pub fn latencies(&self) -> Vec<Vec<usize>> {
        self.buses.iter().map(|bus| bus.slots.iter().map(Slot::latency).collect()).collect()
    }

    /// Moves what goes on sounding out of the graph that ran until now. Nothing is allocated or freed: what
    /// is not taken stays in `old` and dies with it on the game thread.
    pub(super) fn take_over(&mut self, old: &mut Self) {
        self.profile = old.profile;
        let moved = |old: u16| self.moved.get(usize::from(old)).copied().flatten();
        for bus in &mut self.buses {
            if let Some(old_bus) = bus.inherits.and_then(|index| old.buses.get_mut(usize::from(index))) {
                bus.take_over(old_bus, &moved);
            }
        }
        for rule in &mut self.rules {
            if let Some(old_rule) = rule.spec().inherits.and_then(|index| old.rules.get(usize::from(index))) {
                rule.take_over(old_rule, &moved);
            }
        }
        for bus in &mut self.buses {
            if let Some(old_bus) = bus.inherits.and_then(|index| old.buses.get_mut(usize::from(index))) {
                bus.take_over_holds(old_bus, &old.rules, &self.rules);
            }
        }
        for tap in &mut self.taps {
            let same = |old: &&TapBuffer| moved(old.bus) == Some(tap.bus) && old.tap == tap.tap;
            if let Some(old) = old.taps.iter().find(same) {
                tap.buffer.copy_from(&old.buffer);
            }
        }
        for back in &mut self.returns {
            if let Some(old) = old.returns.iter().find(|old| moved(old.bus) == Some(back.bus)) {
                back.buffer.copy_from(&old.buffer);
            }
        }
        for level in &mut self.levels {
            let from = level.spec().inherits.and_then(|index| old.levels.get_mut(usize::from(index)));
            if let Some(old) = from {
                level.take_over(old);
            }
        }
        self.steer(true);
    }

    /// Gives a bus another measurement, and takes the one before.
    pub(super) fn exchange_meter(&mut self, index: u16, meter: &mut Option<Box<ProgrammeMeter>>) {
        if let Some(bus) = self.buses.get_mut(usize::from(index)) {
            std::mem::swap(&mut bus.programme, meter);
            self.buffers.wake(index);
        }
    }

    /// Where a bus of the graph before this one has gone.
    pub(super) fn successor(&self, old: u16) -> Option<u16> {
        self.moved.get(usize::from(old)).copied().flatten()
    }
}

/// Makes parallel ways equally long: whatever enters a bus waits for the slowest way into it. Ways that are
/// closed, or come a block late anyway, wait for nothing.
fn align(buses: &mut [Bus], order: &[u16], glide: u32) {
    let mut arrival = vec![0_usize; buses.len()];
    let mut leaving = vec![0_usize; buses.len()];
    let waits = |path: &Path| path.spec.tap != Tap::Delayed && path.spec.gain > 0.0;
    for &index in order {
        let from = usize::from(index);
        let chain: usize = buses[from].slots.iter().filter(|slot| slot.stays()).map(Slot::latency).sum();
        leaving[from] = arrival[from] + chain;
        for path in buses[from].paths.iter().filter(|path| waits(path)) {
            if let Some(arrival) = arrival.get_mut(usize::from(path.spec.to)) {
                *arrival = leaving[from].max(*arrival);
            }
        }
    }
    for (index, bus) in buses.iter_mut().enumerate() {
        let wait = |frames: usize| (frames > 0).then(|| Box::new(Wait::new(frames, glide)));
        bus.direct = wait(arrival[index]);
        for path in bus.paths.iter_mut().filter(|path| waits(path)) {
            let target = arrival.get(usize::from(path.spec.to)).copied().unwrap_or(0);
            path.wait = wait(target.saturating_sub(leaving[index]));
        }
    }
}
