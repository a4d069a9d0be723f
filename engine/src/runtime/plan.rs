//! From a bank to the mixer's graph, and from one graph to the next.
//!
//! A bus keeps its index in the bank. What a reload removed comes after the bank's own buses, with its fader
//! going down, and is left out of the graph after that.

use super::builder::Plugins;
use crate::bank::{self, Bank, DuckTrigger, EffectKind};
use crate::media::Sample;
use crate::mixer::{BusSpec, EffectParams, GraphSpec, Origin, RuleSpec, SlotSpec, Trigger};
use std::sync::Arc;

/// What of a running graph the next one must know.
#[derive(Default)]
pub(super) struct Layout {
    buses: Vec<BusLayout>,
    rules: Vec<RuleName>,
    /// The buses whose stems are recorded, by the names they had at the start.
    stems: Vec<String>,
}

struct BusLayout {
    name: String,
    parent: Option<u16>,
    sends: Vec<u16>,
    chain: Vec<Link>,
    leaving: bool,
}

/// One place in a running chain.
#[derive(Clone)]
struct Link {
    /// The effect; `None` marks one that is fading out.
    effect: Option<bank::Effect>,
    key: Option<u16>,
}

/// A rule is known by its trigger, and by its turn among those with the same one.
type RuleName = (String, usize);

impl Layout {
    fn live(&self, name: &str) -> Option<u16> {
        self.buses.iter().position(|bus| bus.name == name && !bus.leaving).map(|index| index as u16)
    }
}

/// Plans the graph for `bank`, to follow on the one that `old` describes. `settled` tells that the fades of the
/// reload before this one have had their time, so that what was leaving is gone.
pub(super) fn plan(
    bank: &Bank,
    samples: &[Option<Arc<Sample>>],
    (old, settled): (&Layout, bool),
    plugins: &Plugins,
    sample_rate: u32,
) -> (GraphSpec, Layout) {
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

    let mut buses: Vec<BusSpec> = Vec::with_capacity(bank.buses.len() + gone.len());
    let mut layout = Layout::default();
    // Ways that end with this reload; the order of rendering honours them where it can.
    let mut ending: Vec<(u16, u16)> = Vec::new();
    for (index, bus) in bank.buses.iter().enumerate() {
        let index = index as u16;
        let inherits = old.live(&bus.name);
        let before = inherits.map(|index| &old.buses[usize::from(index)]);
        let (slots, chain) = match before {
            Some(before) => merge_chain(&before.chain, settled, &bus.effects, plugins, &follow),
            None => fresh_chain(&bus.effects, plugins),
        };
        ending.extend(leaving_keys(&slots).map(|key| (key, index)));
        let parent = bus.parent.map(|parent| parent.0 as u16);
        let old_parent =
            before.and_then(|before| before.parent).and_then(follow).filter(|old| Some(*old) != parent);
        ending.extend(old_parent.map(|old| (index, old)));
        let mut sends: Vec<_> =
            bus.sends.iter().map(|&(target, gain)| (target.0 as u16, gain.amplitude())).collect();
        layout.buses.push(BusLayout {
            name: bus.name.clone(),
            parent,
            sends: sends.iter().map(|&(target, _)| target).collect(),
            chain,
            leaving: false,
        });
        for target in before.iter().flat_map(|before| &before.sends).copied().filter_map(follow) {
            if !sends.iter().any(|&(other, _)| other == target) {
                ending.push((index, target));
                sends.push((target, 0.0));
            }
        }
        buses.push(BusSpec { parent, old_parent, gain: bus.gain.amplitude(), slots, sends, inherits });
    }
    for index in gone {
        let before = &old.buses[index];
        let slots: Vec<_> =
            before.chain.iter().enumerate().map(|(place, link)| fading(link, place, &follow)).collect();
        let own = buses.len() as u16;
        let parent = before.parent.and_then(follow).unwrap_or(0);
        let sends: Vec<u16> = before.sends.iter().copied().filter_map(follow).collect();
        ending.push((own, parent));
        ending.extend(sends.iter().map(|&target| (own, target)));
        ending.extend(slots.iter().filter_map(|slot| slot.key).map(|key| (key, own)));
        buses.push(BusSpec {
            parent: Some(parent),
            old_parent: None,
            gain: 0.0,
            slots,
            sends: sends.iter().map(|&target| (target, 0.0)).collect(),
            inherits: Some(index as u16),
        });
        let chain =
            before.chain.iter().map(|link| Link { key: link.key.and_then(follow), ..link.clone() }).collect();
        layout.buses.push(BusLayout {
            name: before.name.clone(),
            parent: Some(parent),
            sends,
            chain,
            leaving: true,
        });
    }

    let (rules, names) = rules(bank, old, sample_rate);
    layout.rules = names;
    layout.stems = if old.stems.is_empty() {
        bank.buses.iter().map(|bus| bus.name.clone()).collect()
    } else {
        old.stems.clone()
    };
    let stem = |name: &String| bank.bus(name).map_or(u16::MAX, |bus| bus.0 as u16);
    let stems = layout.stems.iter().map(stem).collect();
    let (order, blocked) = order(bank, buses.len(), &ending);
    for (from, to) in blocked {
        let bus = &mut buses[usize::from(from)];
        bus.old_parent = bus.old_parent.filter(|&old| old != to);
        bus.sends.retain(|&(target, gain)| target != to || gain > 0.0);
    }
    (GraphSpec { buses, order, rules, moved, samples: samples.to_vec(), stems }, layout)
}

/// The keys of effects that are fading out.
fn leaving_keys(slots: &[SlotSpec]) -> impl Iterator<Item = u16> {
    slots.iter().filter(|slot| matches!(slot.origin, Origin::Leaving(_))).filter_map(|slot| slot.key)
}

/// The order of rendering: the bank's own with the leaving buses among them, so that ways that end still lead
/// forward. Those that can't, because the new bank leads the other way, are given back: they end at once.
fn order(bank: &Bank, count: usize, ending: &[(u16, u16)]) -> (Vec<u16>, Vec<(u16, u16)>) {
    let place: Vec<usize> = {
        let mut place = vec![0; bank.buses.len()];
        bank.order.iter().enumerate().for_each(|(at, bus)| place[bus.index()] = at);
        place
    };
    // What each bus must wait for, of the bank's own ways: everything before it that it may listen to.
    let own = |bus: usize| place.get(bus).copied();
    let mut wait: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (index, bus) in bank.buses.iter().enumerate() {
        let targets = bus.parent.iter().copied().chain(bus.sends.iter().map(|&(target, _)| target));
        targets.for_each(|target| wait[target.index()].push(index));
        for effect in &bus.effects {
            if let Some(key) = key(effect) {
                wait[index].push(usize::from(key));
            }
        }
    }
    for rule in &bank.ducking {
        rule.targets.iter().for_each(|(target, _)| wait[target.index()].push(rule.trigger.index()));
    }
    let mut blocked = Vec::new();
    for &(from, to) in ending {
        let (source, target) = (usize::from(from), usize::from(to));
        if leads(&wait, target, source) {
            blocked.push((from, to));
        } else {
            wait[target].push(source);
        }
    }
    // Of those that wait for nothing more: leaving ones first, then as the bank has them; the master is last by
    // its own ways.
    let mut left: Vec<usize> = (0..count).collect();
    left.sort_by_key(|&bus| own(bus).map_or((0, bus), |at| (1, at)));
    let mut done = vec![false; count];
    let mut order = Vec::with_capacity(count);
    while let Some(at) = left.iter().position(|&bus| wait[bus].iter().all(|&other| done[other])) {
        let bus = left.remove(at);
        done[bus] = true;
        order.push(bus as u16);
    }
    (order, blocked)
}

/// Whether the signal of `from` reaches `to` already; `wait[x]` lists what comes before `x`.
fn leads(wait: &[Vec<usize>], from: usize, to: usize) -> bool {
    let mut seen = vec![false; wait.len()];
    let mut open = vec![to];
    while let Some(bus) = open.pop() {
        if bus == from {
            return true;
        }
        if !std::mem::replace(&mut seen[bus], true) {
            open.extend(&wait[bus]);
        }
    }
    false
}

fn rules(bank: &Bank, old: &Layout, sample_rate: u32) -> (Vec<RuleSpec>, Vec<RuleName>) {
    let mut names: Vec<RuleName> = Vec::new();
    let mut rules = Vec::new();
    for rule in &bank.ducking {
        let trigger = &bank.buses[rule.trigger.index()].name;
        let turn = names.iter().filter(|(other, _)| other == trigger).count();
        let name = (trigger.clone(), turn);
        rules.push(RuleSpec {
            trigger: rule.trigger.0 as u16,
            trigger_by: match rule.by {
                DuckTrigger::Level(level) => Trigger::Level(level.amplitude()),
                DuckTrigger::Activity => Trigger::Activity,
            },
            targets: rule.targets.iter().map(|&(bus, depth)| (bus.0 as u16, depth.get())).collect(),
            attack_frames: rule.attack.frames(sample_rate),
            hold_frames: rule.hold.frames(sample_rate),
            release_frames: rule.release.frames(sample_rate),
            inherits: old.rules.iter().position(|other| *other == name).map(|index| index as u16),
        });
        names.push(name);
    }
    (rules, names)
}

type Chain = (Vec<SlotSpec>, Vec<Link>);

fn fresh_chain(effects: &[bank::Effect], plugins: &Plugins) -> Chain {
    let slots = effects.iter().map(|effect| new_slot(effect, Origin::Fresh, plugins)).collect();
    (slots, effects.iter().map(link).collect())
}

/// Lines up the new chain with the running one: the longest common run of effects stays, others leave or enter.
fn merge_chain(
    old: &[Link],
    settled: bool,
    new: &[bank::Effect],
    plugins: &Plugins,
    follow: &impl Fn(u16) -> Option<u16>,
) -> Chain {
    // common[i][j]: how many effects old[i..] and new[j..] can share.
    let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for (i, old) in old.iter().enumerate().rev() {
        for (j, new) in new.iter().enumerate().rev() {
            common[i][j] = if same(old.effect.as_ref(), new) {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut slots, mut chain) = (Vec::new(), Vec::new());
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && same(old[i].effect.as_ref(), &new[j]) {
            slots.push(SlotSpec {
                params: params(&new[j]),
                key: key(&new[j]),
                origin: Origin::Kept(i as u16),
                plugin: None,
            });
            chain.push(link(&new[j]));
            (i, j) = (i + 1, j + 1);
        } else if i < old.len() && (j == new.len() || common[i + 1][j] >= common[i][j + 1]) {
            // One that was leaving already goes on doing so until it had its time.
            if old[i].effect.is_some() || !settled {
                let slot = SlotSpec { origin: Origin::Leaving(i as u16), ..fading(&old[i], i, follow) };
                chain.push(Link { effect: None, key: slot.key });
                slots.push(slot);
            }
            i += 1;
        } else {
            slots.push(new_slot(&new[j], Origin::Entering, plugins));
            chain.push(link(&new[j]));
            j += 1;
        }
    }
    (slots, chain)
}

fn link(effect: &bank::Effect) -> Link {
    Link { effect: Some(effect.clone()), key: key(effect) }
}

/// A running effect carried on as it is, or on its way out.
fn fading(link: &Link, place: usize, follow: &impl Fn(u16) -> Option<u16>) -> SlotSpec {
    let place = place as u16;
    SlotSpec {
        params: link.effect.as_ref().map_or(EffectParams::Plugin, params),
        key: link.key.and_then(follow),
        origin: if link.effect.is_some() { Origin::Kept(place) } else { Origin::Leaving(place) },
        plugin: None,
    }
}

/// Whether a running effect can take on the new one's settings. What it can't change while it runs (a
/// limiter's latency, a plug-in's settings, an impulse response) makes it another effect.
fn same(old: Option<&bank::Effect>, new: &bank::Effect) -> bool {
    let Some(old) = old else { return false };
    let kind = match (&old.kind, &new.kind) {
        (EffectKind::Own(old), EffectKind::Own(new)) => old.can_become(new),
        (EffectKind::Custom(old), EffectKind::Custom(new)) => old == new,
        _ => false,
    };
    kind && old.file == new.file
}

fn new_slot(effect: &bank::Effect, origin: Origin, plugins: &Plugins) -> SlotSpec {
    let plugin = match &effect.kind {
        EffectKind::Custom(custom) => plugins.build(custom),
        EffectKind::Own(_) => None,
    };
    SlotSpec { params: params(effect), key: key(effect), origin, plugin }
}

fn key(effect: &bank::Effect) -> Option<u16> {
    effect.key.map(|key| key.bus.0 as u16)
}

fn params(effect: &bank::Effect) -> EffectParams {
    match &effect.kind {
        EffectKind::Own(effect) => EffectParams::Own(effect.clone()),
        EffectKind::Custom(_) => EffectParams::Plugin,
    }
}
