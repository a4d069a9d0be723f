//! From a bank to the mixer's graph, and from one graph to the next.
//!
//! A bus keeps its index in the bank. What a reload removed comes after the bank's own buses, with its fader
//! going down, and is left out of the graph after that.

use super::builder::Plugins;
use crate::bank::{self, Bank, DuckTrigger, EqShape};
use crate::dsp::compressor::CompressorParams;
use crate::dsp::delay::DelayParams;
use crate::dsp::eq::{self, EqParams, MAX_BANDS};
use crate::dsp::gain::GainParams;
use crate::dsp::limiter::LimiterParams;
use crate::dsp::reverb::ReverbParams;
use crate::media::Sample;
use crate::mixer::{BusSpec, EffectParams, GraphSpec, Origin, RuleSpec, SlotSpec, Trigger};
use std::sync::Arc;

/// What of a running graph the next one must know.
#[derive(Default)]
pub(super) struct Layout {
    buses: Vec<BusLayout>,
    rules: Vec<String>,
}

struct BusLayout {
    name: String,
    parent: Option<String>,
    /// The chain; `None` marks an effect that is fading out.
    chain: Vec<Option<bank::Effect>>,
    leaving: bool,
}

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
    let mut layout = Layout::default();
    let mut buses = Vec::with_capacity(bank.buses.len());
    for bus in &bank.buses {
        let inherits = old.live(&bus.name);
        let (slots, chain) = match inherits {
            Some(index) => merge_chain(&old.buses[usize::from(index)].chain, settled, &bus.effects, plugins),
            None => fresh_chain(&bus.effects, plugins),
        };
        buses.push(BusSpec {
            parent: bus.parent.map(|parent| parent.0 as u16),
            gain: bus.gain.amplitude(),
            slots,
            sends: bus.sends.iter().map(|&(target, gain)| (target.0 as u16, gain.amplitude())).collect(),
            inherits,
        });
        let parent = bus.parent.map(|parent| bank.buses[parent.index()].name.clone());
        layout.buses.push(BusLayout { name: bus.name.clone(), parent, chain, leaving: false });
    }

    // The master inherits whatever was the master, so something is always carried on.
    let mut order = Vec::new();
    for (index, gone) in old.buses.iter().enumerate() {
        let stays = !gone.leaving && bank.bus(&gone.name).is_some();
        if stays || (gone.leaving && settled) {
            continue;
        }
        let parent = gone.parent.as_deref().and_then(|name| bank.bus(name)).map_or(0, |id| id.0 as u16);
        let kept = |(place, effect): (usize, &Option<bank::Effect>)| SlotSpec {
            params: effect.as_ref().map_or(EffectParams::Plugin, params),
            key: None,
            origin: if effect.is_some() { Origin::Kept(place as u16) } else { Origin::Leaving(place as u16) },
            plugin: None,
        };
        order.push(buses.len() as u16);
        buses.push(BusSpec {
            parent: Some(parent),
            gain: 0.0,
            slots: gone.chain.iter().enumerate().map(kept).collect(),
            sends: Vec::new(),
            inherits: Some(index as u16),
        });
        layout.buses.push(BusLayout {
            name: gone.name.clone(),
            parent: None,
            chain: gone.chain.clone(),
            leaving: true,
        });
    }
    order.extend(bank.order.iter().map(|bus| bus.0 as u16));

    let mut moved = vec![None; old.buses.len()];
    for (index, bus) in buses.iter().enumerate() {
        if let Some(from) = bus.inherits {
            moved[usize::from(from)] = Some(index as u16);
        }
    }
    let (rules, names) = rules(bank, old, sample_rate);
    layout.rules = names;
    let stems = (0..bank.buses.len() as u16).collect();
    (GraphSpec { buses, order, rules, moved, samples: samples.to_vec(), stems }, layout)
}

fn rules(bank: &Bank, old: &Layout, sample_rate: u32) -> (Vec<RuleSpec>, Vec<String>) {
    let mut names: Vec<String> = Vec::new();
    let mut rules = Vec::new();
    for rule in &bank.ducking {
        // A rule is known by its trigger, and by its turn among those with the same one.
        let trigger = &bank.buses[rule.trigger.index()].name;
        let turn = names.iter().filter(|name| name.split('#').next() == Some(trigger)).count();
        let name = format!("{trigger}#{turn}");
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

type Chain = (Vec<SlotSpec>, Vec<Option<bank::Effect>>);

fn fresh_chain(effects: &[bank::Effect], plugins: &Plugins) -> Chain {
    let slots = effects.iter().map(|effect| new_slot(effect, Origin::Fresh, plugins)).collect();
    (slots, effects.iter().cloned().map(Some).collect())
}

/// Lines up the new chain with the running one: the longest common run of effects stays, others leave or enter.
fn merge_chain(
    old: &[Option<bank::Effect>],
    settled: bool,
    new: &[bank::Effect],
    plugins: &Plugins,
) -> Chain {
    // common[i][j]: how many effects old[i..] and new[j..] can share.
    let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for (i, old) in old.iter().enumerate().rev() {
        for (j, new) in new.iter().enumerate().rev() {
            common[i][j] = if same(old.as_ref(), new) {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut slots, mut chain) = (Vec::new(), Vec::new());
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && same(old[i].as_ref(), &new[j]) {
            slots.push(SlotSpec {
                params: params(&new[j]),
                key: key(&new[j]),
                origin: Origin::Kept(i as u16),
                plugin: None,
            });
            chain.push(Some(new[j].clone()));
            (i, j) = (i + 1, j + 1);
        } else if i < old.len() && (j == new.len() || common[i + 1][j] >= common[i][j + 1]) {
            // One that was leaving already goes on doing so until it had its time.
            if old[i].is_some() || !settled {
                let params = old[i].as_ref().map_or(EffectParams::Plugin, params);
                slots.push(SlotSpec { params, key: None, origin: Origin::Leaving(i as u16), plugin: None });
                chain.push(None);
            }
            i += 1;
        } else {
            slots.push(new_slot(&new[j], Origin::Entering, plugins));
            chain.push(Some(new[j].clone()));
            j += 1;
        }
    }
    (slots, chain)
}

/// Whether a running effect can take on the new one's settings. What it can't change while it runs (a
/// limiter's latency, a plug-in's settings) makes it another effect.
fn same(old: Option<&bank::Effect>, new: &bank::Effect) -> bool {
    use bank::Effect;
    match (old, new) {
        (Some(Effect::Limiter(old)), Effect::Limiter(new)) => old.lookahead == new.lookahead,
        (Some(Effect::Custom(old)), Effect::Custom(new)) => old == new,
        (Some(old), new) => std::mem::discriminant(old) == std::mem::discriminant(new),
        (None, _) => false,
    }
}

fn new_slot(effect: &bank::Effect, origin: Origin, plugins: &Plugins) -> SlotSpec {
    let plugin = match effect {
        bank::Effect::Custom(custom) => plugins.build(custom),
        _ => None,
    };
    SlotSpec { params: params(effect), key: key(effect), origin, plugin }
}

fn key(effect: &bank::Effect) -> Option<u16> {
    match effect {
        bank::Effect::Compressor(compressor) => compressor.key.map(|bus| bus.0 as u16),
        _ => None,
    }
}

fn params(effect: &bank::Effect) -> EffectParams {
    match effect {
        bank::Effect::Gain(gain) => EffectParams::Gain(GainParams { gain: *gain }),
        bank::Effect::Eq(bands) => EffectParams::Eq(Box::new(eq_params(bands))),
        bank::Effect::Compressor(c) => EffectParams::Compressor(CompressorParams {
            threshold: c.threshold,
            ratio: c.ratio,
            knee: c.knee,
            attack: c.attack,
            release: c.release,
            makeup: c.makeup,
            mix: c.mix,
        }),
        bank::Effect::Limiter(l) => EffectParams::Limiter(LimiterParams {
            ceiling: l.ceiling,
            lookahead: l.lookahead,
            release: l.release,
        }),
        bank::Effect::Delay(d) => {
            EffectParams::Delay(DelayParams { time: d.time, feedback: d.feedback, mix: d.mix })
        }
        bank::Effect::Reverb(r) => EffectParams::Reverb(ReverbParams {
            rt60: r.rt60,
            damping: r.damping,
            predelay: r.predelay,
            mix: r.mix,
        }),
        bank::Effect::Custom(_) => EffectParams::Plugin,
    }
}

fn eq_params(bands: &[bank::EqBand]) -> EqParams {
    let mut slots = [None; MAX_BANDS];
    for (slot, band) in slots.iter_mut().zip(bands) {
        let shape = match band.shape {
            EqShape::Peak => eq::EqShape::Peak,
            EqShape::LowShelf => eq::EqShape::LowShelf,
            EqShape::HighShelf => eq::EqShape::HighShelf,
            EqShape::HighPass => eq::EqShape::HighPass,
            EqShape::LowPass => eq::EqShape::LowPass,
        };
        *slot = Some(eq::EqBand { shape, freq: band.freq, gain: band.gain, q: band.q });
    }
    EqParams { bands: slots }
}
