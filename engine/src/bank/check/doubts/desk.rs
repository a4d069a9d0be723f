//! The mixing desk as far as its written gains go: what each bus adds, at the most, on the way to the master.

use super::{reaches, source_range};
use crate::bank::compiled::{Bank, BusId, Deed, EffectKind, Property, Settable, Setting, SettingHow};
use crate::effects;
use crate::units::Decibels;
use std::collections::BTreeMap;

/// A property of a bus as a key: the bus, what it is, its places.
type Key = (usize, u8, usize, usize);

const fn key(bus: usize, property: Property) -> Key {
    match property {
        Property::Gain => (bus, 0, 0, 0),
        Property::Send(place) => (bus, 1, place, 0),
        Property::Parameter { effect, place } => (bus, 2, effect, place),
    }
}

/// What comes of a signal on its way through buses: louder by so much, but no louder than that.
#[derive(Debug, Clone, Copy)]
pub struct Passage {
    /// What is added, in dB.
    add: f32,
    /// The most that comes out, in dB; `inf` without a limiter.
    cap: f32,
}

impl Passage {
    /// What comes out.
    pub fn of(self, level: f32) -> f32 {
        (level + self.add).min(self.cap)
    }

    fn plus(self, gain: f32) -> Self {
        Self { add: self.add + gain, cap: self.cap + gain }
    }

    fn then(self, next: Self) -> Self {
        Self { add: self.add + next.add, cap: next.of(self.cap) }
    }
}

/// The desk.
pub struct Desk<'a> {
    bank: &'a Bank,
    /// The most that curves, snapshots and states add to what they move.
    moved: BTreeMap<Key, f32>,
    /// Each bus's fader with the groups and curves that move it.
    pub faders: Vec<f32>,
    /// Whether each bus or one above it is muted for good.
    pub muted: Vec<bool>,
}

impl<'a> Desk<'a> {
    pub fn new(bank: &'a Bank) -> Self {
        let mut moved = BTreeMap::new();
        for curve in &bank.curves {
            let most = reaches(&curve.points, source_range(bank, curve.from)).1;
            *moved.entry(key(curve.to.index(), curve.property)).or_default() += most;
        }
        let mut groups = vec![0.0; bank.vcas.len()];
        for (what, most) in set(bank) {
            match what {
                Settable::Bus(bus, property) => {
                    *moved.entry(key(bus.index(), property)).or_default() += most;
                }
                Settable::Vca(place) => groups[place] += most,
            }
        }
        let with_curves = |(index, bus): (usize, &crate::bank::compiled::Bus)| {
            bus.gain.get() + moved.get(&key(index, Property::Gain)).copied().unwrap_or(0.0)
        };
        let mut faders: Vec<f32> = bank.buses.iter().enumerate().map(with_curves).collect();
        for (vca, most) in bank.vcas.iter().zip(groups) {
            vca.buses.iter().for_each(|bus| faders[bus.index()] += vca.gain.get() + most);
        }
        let muted = |index: usize| above(bank, BusId(index as u32)).any(|bus| is_muted(bank, bus));
        let muted = (0..bank.buses.len()).map(muted).collect();
        Self { bank, moved, faders, muted }
    }

    fn moved(&self, bus: usize, property: Property) -> f32 {
        self.moved.get(&key(bus, property)).copied().unwrap_or(0.0)
    }

    /// The gain of a plain `Gain`, with the curves that move it; `None` for any other effect.
    fn plain_gain(&self, bus: usize, effect: usize) -> Option<f32> {
        match &self.bank.buses[bus].effects[effect].kind {
            EffectKind::Own(effects::Effect::Gain(params)) => {
                Some(params.gain.get() + self.moved(bus, Property::Parameter { effect, place: 0 }))
            }
            _ => None,
        }
    }

    /// The places of the effects of a bus that are not bypassed.
    fn running(&self, bus: usize) -> impl Iterator<Item = usize> {
        let effects = self.bank.buses[bus].effects.iter().enumerate();
        effects.filter(|(_, effect)| !effect.bypass).map(|(place, _)| place)
    }

    /// From a bus's input to its output. What a limiter below the master holds back goes on from its ceiling; the master's
    /// own is no excuse, for one is always there.
    pub fn passage(&self, bus: usize) -> Passage {
        let mut passage = Passage { add: 0.0, cap: f32::INFINITY };
        for place in self.running(bus) {
            match &self.bank.buses[bus].effects[place].kind {
                EffectKind::Own(effects::Effect::Limiter(limiter))
                    if self.bank.buses[bus].parent.is_some() =>
                {
                    passage.cap = passage.cap.min(limiter.ceiling.get());
                }
                _ => passage = passage.plus(self.plain_gain(bus, place).unwrap_or(0.0)),
            }
        }
        passage.plus(self.faders[bus])
    }

    /// From each bus's input to the master's output, by its parents.
    pub fn passages(&self) -> Vec<Passage> {
        let mut all = vec![Passage { add: 0.0, cap: f32::INFINITY }; self.bank.buses.len()];
        for bus in self.bank.order.iter().rev() {
            let own = self.passage(bus.index());
            all[bus.index()] = match self.bank.buses[bus.index()].parent {
                Some(parent) => own.then(all[parent.index()]),
                None => own,
            };
        }
        all
    }

    /// The most in dB that what is quiet gains from each bus's input to the master's output, by parents or by sends; `-inf` where
    /// nothing comes through, `inf` where nothing can be said.
    pub fn lifts(&self) -> Vec<f32> {
        let bank = self.bank;
        let mut all: Vec<Option<f32>> = vec![None; bank.buses.len()];
        // From the master down: each after all that it leads to, but for sends that come late.
        for id in bank.order.iter().rev() {
            let index = id.index();
            let bus = &bank.buses[index];
            let fader = self.faders[index];
            let by_sends = bus.sends.iter().enumerate().map(|(place, send)| {
                let gain = send.gain.get() + self.moved(index, Property::Send(place));
                let before = if send.pre { 0.0 } else { fader };
                past(before, past(gain, all[send.to.index()].unwrap_or(f32::INFINITY)))
            });
            let up = bus.parent.map_or(0.0, |parent| all[parent.index()].unwrap_or(f32::INFINITY));
            let beyond = by_sends.fold(past(fader, up), f32::max);
            let closed = self.muted[index] || beyond == f32::NEG_INFINITY;
            let own: f32 = self.running(index).map(|effect| self.lift(index, effect)).sum();
            all[index] = Some(if closed { f32::NEG_INFINITY } else { own + beyond });
        }
        all.into_iter().map(|lift| lift.unwrap_or(f32::INFINITY)).collect()
    }

    /// The most by which an effect makes what is quiet louder, in dB; no end to it where that is hard to say.
    fn lift(&self, bus: usize, effect: usize) -> f32 {
        if let Some(gain) = self.plain_gain(bus, effect) {
            return gain;
        }
        if self.moved.range((bus, 2, effect, 0)..=(bus, 2, effect, usize::MAX)).next().is_some() {
            return f32::INFINITY;
        }
        let EffectKind::Own(effect) = &self.bank.buses[bus].effects[effect].kind else {
            return f32::INFINITY;
        };
        match effect {
            effects::Effect::Limiter(_) | effects::Effect::Gate(_) | effects::Effect::DcBlock(_) => 0.0,
            effects::Effect::Compressor(params) if !params.auto_makeup => params.makeup.get(),
            effects::Effect::Eq(params) => {
                // The highest quality raises by 26 dB around its corner.
                let band =
                    |band: &effects::EqBand| band.gain.get().max(0.0) + band.range.get().max(0.0) + 26.0;
                params.bands.iter().flatten().map(band).sum()
            }
            _ => f32::INFINITY,
        }
    }
}

/// Whether a bus is muted, and no event lets it be heard.
pub fn is_muted(bank: &Bank, bus: BusId) -> bool {
    let unmute = Deed::Mute { bus, on: false };
    bank.buses[bus.index()].mute
        && !bank.events.iter().flat_map(|event| &event.actions).any(|action| action.deed == unmute)
}

/// The most by which snapshots and states raise what they set. Snapshots may all be in at once, of a group of states one is;
/// of what overrides a property one counts, and what adds to it comes on top.
fn set(bank: &Bank) -> Vec<(Settable, f32)> {
    let snapshots = bank.snapshots.iter().map(|snapshot| std::slice::from_ref(&snapshot.settings));
    let states = bank.states.iter().map(|group| group.states.as_slice());
    let most = |all: &mut Vec<(Settable, f32)>, what: Settable, raise: f32| match all
        .iter_mut()
        .find(|(known, _)| *known == what)
    {
        Some((_, known)) => *known = known.max(raise),
        None => all.push((what, raise)),
    };
    let (mut overrides, mut all) = (Vec::new(), Vec::new());
    for alternatives in snapshots.chain(states) {
        let mut added = Vec::new();
        for setting in alternatives.iter().flatten() {
            let onto = if setting.how == SettingHow::Add { &mut added } else { &mut overrides };
            most(onto, setting.what, raise(bank, setting));
        }
        all.extend(added);
    }
    all.extend(overrides);
    all
}

/// By how much a setting makes louder what it sets, at the most.
fn raise(bank: &Bank, setting: &Setting) -> f32 {
    let written = match setting.what {
        Settable::Vca(place) => bank.vcas[place].gain.get(),
        Settable::Bus(bus, Property::Gain) => bank.buses[bus.index()].gain.get(),
        Settable::Bus(bus, Property::Send(place)) => bank.buses[bus.index()].sends[place].gain.get(),
        Settable::Bus(bus, Property::Parameter { effect, .. }) => {
            match &bank.buses[bus.index()].effects[effect].kind {
                EffectKind::Own(effects::Effect::Gain(params)) => params.gain.get(),
                _ => 0.0,
            }
        }
    };
    let raise = if setting.how == SettingHow::Add { setting.value } else { setting.value - written };
    raise.max(0.0)
}

/// The most beyond a fader at that gain: nothing at all where it is shut.
pub fn past(gain: f32, beyond: f32) -> f32 {
    if gain <= Decibels::SILENCE.get() || beyond == f32::NEG_INFINITY {
        f32::NEG_INFINITY
    } else {
        gain + beyond
    }
}

/// A bus and all above it.
pub fn above(bank: &Bank, bus: BusId) -> impl Iterator<Item = BusId> {
    std::iter::successors(Some(bus), |bus| bank.buses[bus.index()].parent)
}
