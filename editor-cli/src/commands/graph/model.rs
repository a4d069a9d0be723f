//! The bus graph of a compiled bank: what is drawn, whatever draws it.

use serde::Serialize;
use tonmeister::bank::{Bank, Bus, BusId, CurveSource, Ducked, Effect, EffectKind, ModulatorKind, Property};

/// The buses in the order of their ids, the master first, and what leads from one to another.
pub struct Model {
    /// The buses.
    pub buses: Vec<Node>,
    /// What leads from one to another, the parents first.
    pub edges: Vec<Edge>,
    /// The faders for groups, each in words: `all music, -3 dB: music, drums`.
    pub vcas: Vec<String>,
}

/// What a bus is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The one that everything ends in.
    Master,
    /// A declared one.
    Bus,
    /// The return of a reverb.
    Return,
}

/// A bus.
pub struct Node {
    /// The name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Gain, mute and solo, as far as they say something: `-4 dB, muted`.
    pub state: String,
    /// The effects' names in their order; one that is bypassed in brackets.
    pub effects: Vec<String>,
    /// The bus that it goes to.
    pub parent: Option<usize>,
}

/// In which way one bus leads to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// The output goes there.
    Parent,
    /// A copy of it goes there.
    Send,
    /// An effect there listens to it.
    Key,
    /// It makes that one step back.
    Duck,
    /// Its level moves a property there.
    Curve,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Parent, Self::Send, Self::Key, Self::Duck, Self::Curve];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::Send => "send",
            Self::Key => "side chain",
            Self::Duck => "ducking",
            Self::Curve => "curve",
        }
    }
}

/// One bus leads to another.
pub struct Edge {
    /// In which way.
    pub way: Way,
    /// The bus whose sound it is.
    pub from: usize,
    /// The other bus.
    pub to: usize,
    /// What there is to say: `-12 dB pre`.
    pub label: String,
}

impl Model {
    /// The graph of a bank.
    pub fn of(bank: &Bank) -> Self {
        let returns: Vec<_> = bank.reverbs.iter().map(|reverb| reverb.bus).collect();
        let node = |(index, bus): (usize, &Bus)| Node {
            name: bus.name.clone(),
            kind: match BusId(index as u32) {
                BusId::MASTER => Kind::Master,
                id if returns.contains(&id) => Kind::Return,
                _ => Kind::Bus,
            },
            state: state(bus),
            effects: bus.effects.iter().map(name_of).collect(),
            parent: bus.parent.map(BusId::index),
        };
        let buses: Vec<_> = bank.buses.iter().enumerate().map(node).collect();
        let names = |ids: &[BusId]| {
            let names = ids.iter().filter_map(|id| Some(buses.get(id.index())?.name.as_str()));
            names.collect::<Vec<_>>().join(", ")
        };
        let vcas = bank.vcas.iter();
        let vcas = vcas.map(|vca| format!("{}, {} dB: {}", vca.name, vca.gain.get(), names(&vca.buses)));
        let vcas = vcas.collect();
        let mut edges = ways(bank);
        edges.sort_by_key(|edge| edge.way);
        Self { vcas, edges, buses }
    }

    /// The graph with names instead of numbers.
    pub fn for_machines(&self) -> serde_json::Value {
        let name = |index: usize| self.buses.get(index).map(|bus| bus.name.as_str());
        let bus = |bus: &Node| {
            let Node { name: own, kind, state, effects, parent } = bus;
            serde_json::json!({
                "name": own, "kind": kind, "state": state, "effects": effects, "parent": parent.and_then(name),
            })
        };
        let edge = |edge: &Edge| {
            let Edge { way, from, to, label } = edge;
            serde_json::json!({"kind": way, "from": name(*from), "to": name(*to), "label": label})
        };
        let buses: Vec<_> = self.buses.iter().map(bus).collect();
        let edges: Vec<_> = self.edges.iter().map(edge).collect();
        serde_json::json!({"buses": buses, "edges": edges, "vcas": self.vcas})
    }
}

fn state(bus: &Bus) -> String {
    let gain = bus.gain.get();
    let gain = (gain != 0.0).then(|| format!("{gain} dB"));
    let words = [gain, bus.mute.then(|| "muted".to_owned()), bus.solo.then(|| "solo".to_owned())];
    words.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn name_of(effect: &Effect) -> String {
    let name = match &effect.kind {
        EffectKind::Own(own) => own.name(),
        EffectKind::Custom(custom) => &custom.name,
    };
    if effect.bypass { format!("({name})") } else { name.to_owned() }
}

/// `label pre delayed`, as far as it is so.
fn taken(label: String, pre: bool, delayed: bool) -> String {
    format!("{label}{}{}", if pre { " pre" } else { "" }, if delayed { " delayed" } else { "" })
}

fn ways(bank: &Bank) -> Vec<Edge> {
    let mut edges = Vec::new();
    let mut add = |way, from: usize, to: usize, label: String| edges.push(Edge { way, from, to, label });
    for (index, bus) in bank.buses.iter().enumerate() {
        if let Some(parent) = bus.parent {
            add(Way::Parent, index, parent.index(), String::new());
        }
        for send in &bus.sends {
            let label = taken(format!("{} dB", send.gain.get()), send.pre, send.delayed);
            add(Way::Send, index, send.to.index(), label);
        }
        for effect in &bus.effects {
            if let Some(key) = effect.key {
                add(Way::Key, key.bus.index(), index, taken(name_of(effect), key.pre, key.delayed));
            }
        }
    }
    for rule in &bank.ducking {
        for target in &rule.targets {
            let what = match target.what {
                Ducked::Gain => String::new(),
                Ducked::Voices => " voices".to_owned(),
                Ducked::Band(low, high) => format!(" {} to {} Hz", low.get(), high.get()),
            };
            let label = format!("-{} dB{what}", target.depth.get());
            add(Way::Duck, rule.trigger.index(), target.bus.index(), label);
        }
    }
    for curve in &bank.curves {
        if let Some((from, name)) = heard_by(bank, curve.from) {
            let property = property(bank, curve.to, curve.property);
            add(Way::Curve, from.index(), curve.to.index(), format!("{name}: {property}"));
        }
    }
    edges
}

/// The bus that a curve listens to, and the name under which it does. A parameter comes from the game and not from a bus,
/// and what swings or wanders comes from nowhere.
fn heard_by(bank: &Bank, from: CurveSource) -> Option<(BusId, &str)> {
    match from {
        CurveSource::Level(id) => bank.levels.get(id.index()).map(|level| (level.bus, level.name.as_str())),
        CurveSource::Modulator(id) => {
            let modulator = bank.modulators.get(id.index())?;
            match &modulator.kind {
                ModulatorKind::Follow(follow) => Some((follow.bus, &modulator.name)),
                _ => None,
            }
        }
        CurveSource::Parameter(_) => None,
    }
}

/// A property's name as it is written in a bank.
fn property(bank: &Bank, bus: BusId, property: Property) -> String {
    let Some(bus) = bank.buses.get(bus.index()) else { return String::new() };
    match property {
        Property::Gain => "gain".to_owned(),
        Property::Send(place) => {
            let to = bus.sends.get(place).and_then(|send| bank.buses.get(send.to.index()));
            format!("send.{}", to.map_or("", |to| &to.name))
        }
        Property::Parameter { effect, place } => {
            let Some(effect) = bus.effects.get(effect) else { return String::new() };
            let field = match &effect.kind {
                EffectKind::Own(own) => own.field_at(place).map_or("", |field| field.name),
                EffectKind::Custom(_) => "",
            };
            format!("{}.{field}", name_of(effect))
        }
    }
}
