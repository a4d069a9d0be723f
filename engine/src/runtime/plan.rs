//! From a bank to the mixer's graph, and from one graph to the next.
//!
//! A bus keeps its index in the bank. What a reload removed comes after the bank's own buses, with its fader
//! going down, and is left out of the graph after that.

mod chain;
pub(super) mod curves;
mod order;
mod rules;

use super::builder::Plugins;
use super::desk::Desk;
use crate::bank;
use crate::mixer::{BusSpec, Ducked, Graph, GraphSpec, Origin, PathSpec, RuleSpec, SlotSpec, Tap};
use crate::reload::Project;
use crate::units::Decibels;
use chain::{Builder, Link, fading, fresh_chain, merge_chain};
use order::order;
use rules::{RuleName, rules};

/// What of a running graph the next one must know.
#[derive(Default)]
pub(super) struct Layout {
    buses: Vec<BusLayout>,
    rules: Vec<RuleName>,
    levels: Vec<String>,
    /// The buses whose stems are recorded, by the names they had at the start.
    stems: Vec<String>,
}

struct BusLayout {
    name: String,
    parent: Option<u16>,
    sends: Vec<(u16, Tap)>,
    chain: Vec<Link>,
    /// What rules hold down of it.
    held: Vec<Ducked>,
    leaving: bool,
}

impl Layout {
    fn live(&self, name: &str) -> Option<u16> {
        self.buses.iter().position(|bus| bus.name == name && !bus.leaving).map(|index| index as u16)
    }

    /// Where in the running chain the effect is that has that place in the bank.
    pub(super) fn place_of(&self, bus: usize, effect: usize) -> Option<u16> {
        let chain = &self.buses.get(bus)?.chain;
        let mut present = chain.iter().enumerate().filter(|(_, link)| link.effect.is_some());
        present.nth(effect).map(|(place, _)| place as u16)
    }

    /// Which of the bank's effects of a bus stands at that place of its running chain.
    pub(super) fn effect_at(&self, bus: usize, place: u16) -> Option<usize> {
        let chain = &self.buses.get(bus)?.chain;
        chain.get(usize::from(place))?.effect.as_ref()?;
        Some(chain[..usize::from(place)].iter().filter(|link| link.effect.is_some()).count())
    }

    fn note_latencies(&mut self, graph: &Graph) {
        for (bus, latencies) in self.buses.iter_mut().zip(graph.latencies()) {
            for (link, latency) in bus.chain.iter_mut().zip(latencies) {
                link.latency = latency;
            }
        }
    }
}

/// Plans and builds the graph for a project, to follow on the one that `old` describes. `settled` tells that the
/// fades of the reload before this one have had their time, so that what was leaving is gone. `seed` is the engine's.
pub(super) fn plan(
    project: &Project,
    desk: &Desk,
    (old, settled): (&Layout, bool),
    plugins: &Plugins,
    (sample_rate, seed): (u32, u64),
) -> (Box<Graph>, Layout) {
    let (spec, mut layout) = spec(project, desk, (old, settled), plugins, (sample_rate, seed));
    let graph = Graph::build(spec, sample_rate);
    layout.note_latencies(&graph);
    (graph, layout)
}

fn spec(
    project: &Project,
    desk: &Desk,
    (old, settled): (&Layout, bool),
    plugins: &Plugins,
    (sample_rate, seed): (u32, u64),
) -> (GraphSpec, Layout) {
    let bank = &*project.bank;
    let builder = Builder { plugins, project };
    let (faders, gates) = (desk.faders(bank), desk.gates(bank));
    // Where each bus of the old graph goes: to the bus of its name, or behind the bank's own while it fades.
    let mut moved = vec![None; old.buses.len()];
    let mut gone = Vec::new();
    for (index, bus) in old.buses.iter().enumerate() {
        let stays = if bus.leaving { None } else { bank.bus(&bus.name) };
        if let Some(id) = stays {
            moved[index] = Some(id.0 as u16);
        } else if !(bus.leaving && settled) {
            moved[index] = Some((bank.buses.len() + gone.len()) as u16);
            gone.push(index);
        }
    }
    let follow = |bus: u16| moved.get(usize::from(bus)).copied().flatten();
    let (rules, names) = rules(bank, old, sample_rate);

    let mut buses: Vec<BusSpec> = Vec::with_capacity(bank.buses.len() + gone.len());
    let mut layout = Layout { rules: names, ..Layout::default() };
    // Ways that end with this reload; the order of rendering honours them where it can.
    let mut ending: Vec<(u16, u16)> = Vec::new();
    for (index, bus) in bank.buses.iter().enumerate() {
        let own = index as u16;
        let inherits = old.live(&bus.name);
        let before = inherits.map(|index| &old.buses[usize::from(index)]);
        let effects = desk.effects(bus);
        let (slots, chain) = match before {
            Some(before) => merge_chain(&before.chain, settled, &effects, &builder, &follow),
            None => fresh_chain(&effects, &builder),
        };
        ending.extend(leaving_keys(&slots).map(|key| (key, own)));
        let mut paths = ways(bank, bank::BusId(index as u32));
        let kept = paths.clone();
        let old_ways = before.iter().flat_map(|before| old_ways(before)).filter_map(|path| {
            let path = PathSpec { to: follow(path.to)?, gain: 0.0, ..path };
            let same =
                |kept: &PathSpec| kept.to == path.to && kept.parent == path.parent && kept.tap == path.tap;
            (!kept.iter().any(same)).then_some(path)
        });
        for path in old_ways {
            if path.tap != Tap::Delayed {
                ending.push((own, path.to));
            }
            paths.push(path);
        }
        let held = held(&rules, own);
        let released = before.iter().flat_map(|before| &before.held).filter(|what| !held.contains(what));
        let released = released.copied().collect();
        layout.buses.push(BusLayout {
            name: bus.name.clone(),
            parent: bus.parent.map(|parent| parent.0 as u16),
            sends: bus.sends.iter().map(|send| (send.to.0 as u16, tap(send))).collect(),
            chain,
            held,
            leaving: false,
        });
        buses.push(BusSpec {
            parent: bus.parent.map(|parent| parent.0 as u16),
            gain: faders[index],
            gates: Some(gates[index]),
            slots,
            paths,
            released,
            inherits,
        });
    }
    for index in gone {
        let (spec, left) = leaving_bus(&old.buses[index], index, buses.len(), &follow, &mut ending);
        buses.push(spec);
        layout.buses.push(left);
    }

    layout.stems = if old.stems.is_empty() {
        bank.buses.iter().map(|bus| bus.name.clone()).collect()
    } else {
        old.stems.clone()
    };
    let stem = |name: &String| bank.bus(name).map_or(u16::MAX, |bus| bus.0 as u16);
    let stems = layout.stems.iter().map(stem).collect();
    let (order, blocked) = order(bank, buses.len(), &ending);
    for (from, to) in blocked {
        buses[usize::from(from)].paths.retain(|path| path.to != to || path.gain > 0.0);
    }
    let samples = project.samples.clone();
    layout.levels = curves::names(bank);
    let (levels, steers) = (curves::levels(bank, old, seed), curves::steers(bank, &layout));
    (GraphSpec { buses, order, rules, levels, steers, moved, samples, stems }, layout)
}

fn tap(send: &bank::Send) -> Tap {
    match send {
        bank::Send { delayed: true, .. } => Tap::Delayed,
        bank::Send { pre: true, .. } => Tap::Pre,
        _ => Tap::Post,
    }
}

/// The ways out of a bus of the bank.
fn ways(bank: &bank::Bank, id: bank::BusId) -> Vec<PathSpec> {
    // What may be raised from nothing stands at -120 dB instead.
    const LEAST: f32 = 1e-6;
    let bus = &bank.buses[id.index()];
    let parent =
        bus.parent.map(|parent| PathSpec { to: parent.0 as u16, gain: 1.0, tap: Tap::Post, parent: true });
    let send = |(place, send): (usize, &bank::Send)| {
        let what = bank::Settable::Bus(id, bank::Property::Send(place));
        let least = if send.gain == Decibels::SILENCE && bank.moves(what) { LEAST } else { 0.0 };
        let gain = send.gain.amplitude().max(least);
        PathSpec { to: send.to.0 as u16, gain, tap: tap(send), parent: false }
    };
    parent.into_iter().chain(bus.sends.iter().enumerate().map(send)).collect()
}

/// The ways out of a bus of the running graph, by its indices.
fn old_ways(bus: &BusLayout) -> Vec<PathSpec> {
    let way = |to, tap, parent| PathSpec { to, gain: 0.0, tap, parent };
    let parent = bus.parent.map(|to| way(to, Tap::Post, true));
    parent.into_iter().chain(bus.sends.iter().map(|&(to, tap)| way(to, tap, false))).collect()
}

/// What rules hold down of a bus.
fn held(rules: &[RuleSpec], bus: u16) -> Vec<Ducked> {
    let targets = rules.iter().flat_map(|rule| &rule.targets).filter(|target| target.bus == bus);
    targets.map(|target| target.what).collect()
}

/// A bus that no bank names any more, on its way out with all on it.
fn leaving_bus(
    before: &BusLayout,
    index: usize,
    own: usize,
    follow: &impl Fn(u16) -> Option<u16>,
    ending: &mut Vec<(u16, u16)>,
) -> (BusSpec, BusLayout) {
    let own = own as u16;
    let slots: Vec<_> =
        before.chain.iter().enumerate().map(|(place, link)| fading(link, place, follow)).collect();
    let parent = before.parent.and_then(follow).unwrap_or(0);
    let sends: Vec<(u16, Tap)> =
        before.sends.iter().filter_map(|&(to, tap)| Some((follow(to)?, tap))).collect();
    ending.push((own, parent));
    ending.extend(sends.iter().filter(|(_, tap)| *tap != Tap::Delayed).map(|&(to, _)| (own, to)));
    ending.extend(
        slots
            .iter()
            .filter_map(|slot| slot.key)
            .filter(|key| key.tap != Tap::Delayed)
            .map(|key| (key.bus, own)),
    );
    let way = |to, tap, parent| PathSpec { to, gain: if parent { 1.0 } else { 0.0 }, tap, parent };
    let paths = std::iter::once(way(parent, Tap::Post, true));
    let paths = paths.chain(sends.iter().map(|&(to, tap)| way(to, tap, false))).collect();
    let spec = BusSpec {
        parent: Some(parent),
        gain: 0.0,
        gates: None,
        slots,
        paths,
        released: before.held.clone(),
        inherits: Some(index as u16),
    };
    let layout = BusLayout {
        name: before.name.clone(),
        parent: Some(parent),
        sends,
        chain: before.chain.iter().map(|link| link.followed(follow)).collect(),
        held: Vec::new(),
        leaving: true,
    };
    (spec, layout)
}

/// The keys of effects that are fading out.
fn leaving_keys(slots: &[SlotSpec]) -> impl Iterator<Item = u16> {
    let leaving = slots.iter().filter(|slot| matches!(slot.origin, Origin::Leaving(_)));
    leaving.filter_map(|slot| slot.key).filter(|key| key.tap != Tap::Delayed).map(|key| key.bus)
}
