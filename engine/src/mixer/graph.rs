//! The compiled graph: a flat schedule of buses, with the rules for taking over from the graph before it.

use super::bus::{Ballistics, Buffer, Bus};
use super::duck::{Ducker, Trigger};
use super::effect::{EffectParams, Slot};
use super::{GLIDE_SECONDS, frames};
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

/// One place in a bus's chain.
pub struct SlotSpec {
    /// Kind and settings.
    pub params: EffectParams,
    /// The bus whose output keys the effect.
    pub key: Option<u16>,
    /// Where it comes from.
    pub origin: Origin,
    /// The plug-in itself, for a new [`EffectParams::Plugin`].
    pub plugin: Option<Box<dyn KiraEffect>>,
}

/// One bus.
pub struct BusSpec {
    /// Where the output goes; `None` for the master.
    pub parent: Option<u16>,
    /// Where the output went before a reload, if that was elsewhere: the two crossfade.
    pub old_parent: Option<u16>,
    /// The fader, linear.
    pub gain: f32,
    /// The chain.
    pub slots: Vec<SlotSpec>,
    /// Post-fader sends, linear.
    pub sends: Vec<(u16, f32)>,
    /// The old graph's bus that this one continues.
    pub inherits: Option<u16>,
}

/// One ducking rule.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleSpec {
    /// The bus listened to.
    pub trigger: u16,
    /// What sets the rule off.
    pub trigger_by: Trigger,
    /// Buses that step back, each by its depth in dB.
    pub targets: Vec<(u16, f32)>,
    /// Frames from no reduction to the full depth.
    pub attack_frames: u32,
    /// Frames the reduction stays after the last trigger.
    pub hold_frames: u32,
    /// Frames from the full depth back to none.
    pub release_frames: u32,
    /// The old graph's rule that this one continues.
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
    /// For each bus of the old graph, its place in this one.
    pub moved: Vec<Option<u16>>,
    /// The samples that voices can start, by the index in their orders.
    pub samples: Vec<Option<Arc<Sample>>>,
    /// Buses whose contribution is tapped, in the order of the tap's tracks (offline only).
    pub stems: Vec<u16>,
}

/// A graph ready to run. Built on the game thread with all the memory it needs.
pub struct Graph {
    pub(super) buses: Vec<Bus>,
    pub(super) buffers: Vec<Buffer>,
    pub(super) order: Vec<u16>,
    pub(super) rules: Vec<Ducker>,
    pub(super) samples: Vec<Option<Arc<Sample>>>,
    pub(super) stems: Vec<u16>,
    moved: Vec<Option<u16>>,
}

impl Graph {
    /// Builds the graph for `sample_rate`.
    pub fn build(spec: GraphSpec, sample_rate: u32) -> Box<Self> {
        let mut buses: Vec<Bus> = spec.buses.into_iter().map(|bus| build_bus(bus, sample_rate)).collect();
        for (index, rule) in spec.rules.iter().enumerate() {
            if let Some(bus) = buses.get_mut(usize::from(rule.trigger)) {
                bus.triggers.push(index as u16);
            }
            for &(target, depth) in &rule.targets {
                if let Some(bus) = buses.get_mut(usize::from(target)) {
                    bus.ducks.push((index as u16, depth));
                }
            }
        }
        Box::new(Self {
            buffers: buses.iter().map(|_| Buffer::SILENT).collect(),
            buses,
            order: spec.order,
            rules: spec.rules.into_iter().map(Ducker::new).collect(),
            samples: spec.samples,
            stems: spec.stems,
            moved: spec.moved,
        })
    }

    /// A graph of one bus and nothing else, for before the first bank.
    pub fn empty(sample_rate: u32) -> Box<Self> {
        let master = BusSpec {
            parent: None,
            old_parent: None,
            gain: 1.0,
            slots: Vec::new(),
            sends: Vec::new(),
            inherits: None,
        };
        let spec = GraphSpec {
            buses: vec![master],
            order: vec![0],
            rules: Vec::new(),
            moved: Vec::new(),
            samples: Vec::new(),
            stems: Vec::new(),
        };
        Self::build(spec, sample_rate)
    }

    /// Moves what goes on sounding out of the graph that ran until now. Nothing is allocated or freed: what
    /// is not taken stays in `old` and dies with it on the game thread.
    pub(super) fn take_over(&mut self, old: &mut Self) {
        let moved = |old: u16| self.moved.get(usize::from(old)).copied().flatten();
        for bus in &mut self.buses {
            if let Some(old_bus) = bus.inherits.and_then(|index| old.buses.get_mut(usize::from(index))) {
                bus.take_over(old_bus, &moved);
            }
        }
        for rule in &mut self.rules {
            if let Some(old_rule) = rule.spec().inherits.and_then(|index| old.rules.get(usize::from(index))) {
                rule.take_over(old_rule);
            }
        }
        for bus in &mut self.buses {
            if let Some(old_bus) = bus.inherits.and_then(|index| old.buses.get(usize::from(index))) {
                bus.glide_ducking(old_bus.duck_db(&old.rules), &self.rules);
            }
        }
    }

    /// Where a bus of the graph before this one has gone.
    pub(super) fn successor(&self, old: u16) -> Option<u16> {
        self.moved.get(usize::from(old)).copied().flatten()
    }
}

fn build_bus(mut spec: BusSpec, sample_rate: u32) -> Bus {
    let slots =
        std::mem::take(&mut spec.slots).into_iter().map(|slot| Slot::new(slot, sample_rate)).collect();
    Bus::new(&spec, slots, frames(GLIDE_SECONDS, sample_rate), Ballistics::new(sample_rate))
}
