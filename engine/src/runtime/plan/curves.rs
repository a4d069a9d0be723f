//! From a bank's levels, modulators, curves, snapshots and states to the mixer's.

use super::{Layout, tap};
use crate::bank::{self, Bank, ModulatorId, ModulatorKind, ParameterId, Settable};
use crate::director::Weighed;
use crate::mixer::{
    Base, CurveSpec, Gauge, HandSpec, LevelSpec, Property, SettingHow, SettingSpec, SteerSpec,
};
use crate::modulators::seed_of;

/// What the levels are called in a layout: the bank's own, then its modulators, its parameters, its snapshots, its states.
pub(super) fn names(bank: &Bank) -> Vec<String> {
    let levels = bank.levels.iter().map(|level| format!("level/{}", level.name));
    let modulators = bank.modulators.iter().map(|modulator| format!("modulator/{}", modulator.name));
    let parameters = bank.parameters.iter().map(|parameter| format!("parameter/{}", parameter.name));
    let snapshots = bank.snapshots.iter().map(|snapshot| format!("snapshot/{}", snapshot.name));
    let states = bank.states.iter().flat_map(|group| {
        let labels = &bank.parameters[group.parameter.index()].labels;
        labels.iter().map(move |label| format!("state/{}/{label}", group.name))
    });
    levels.chain(modulators).chain(parameters).chain(snapshots).chain(states).collect()
}

/// A modulator's place among the levels.
pub(in crate::runtime) fn place_of_modulator(bank: &Bank, modulator: ModulatorId) -> usize {
    bank.levels.len() + modulator.index()
}

/// A parameter's place among the levels.
pub(in crate::runtime) fn place_of(bank: &Bank, parameter: ParameterId) -> u16 {
    (bank.levels.len() + bank.modulators.len() + parameter.index()) as u16
}

fn gauge(by: bank::Gauge) -> Gauge {
    match by {
        bank::Gauge::Peak => Gauge::Peak,
        bank::Gauge::Rms => Gauge::Rms,
        bank::Gauge::Loudness => Gauge::Loudness,
    }
}

/// A snapshot's or state's place among the levels.
pub(in crate::runtime) fn place_of_share(bank: &Bank, of: Weighed) -> u16 {
    let first = bank.levels.len() + bank.modulators.len() + bank.parameters.len();
    let place = match of {
        Weighed::Snapshot(id) => id.index(),
        Weighed::State(group, state) => {
            let before: usize = bank.states.iter().take(group).map(|group| group.states.len()).sum();
            bank.snapshots.len() + before + state
        }
    };
    (first + place) as u16
}

/// What all buses have together of a modulator; of an envelope, which only playbacks have, nothing.
fn modulator(modulator: &bank::Modulator, seed: u64) -> LevelSpec {
    let seed = seed_of(seed, &modulator.name, 0);
    match modulator.kind {
        ModulatorKind::Lfo(lfo) => LevelSpec { by: Gauge::Lfo(lfo), seed, ..LevelSpec::GIVEN },
        ModulatorKind::Walk(walk) => LevelSpec { by: Gauge::Walk(walk), seed, ..LevelSpec::GIVEN },
        ModulatorKind::Envelope(_) => LevelSpec::GIVEN,
        ModulatorKind::Follow(follow) => LevelSpec {
            bus: follow.bus.0 as u16,
            by: gauge(follow.by),
            attack: follow.attack.get(),
            hold: follow.hold.get(),
            release: follow.release.get(),
            span: Some((follow.threshold.get(), follow.full.get())),
            ..LevelSpec::GIVEN
        },
    }
}

/// The levels, modulators, parameters, snapshots and states, each going on from the one of its name.
pub(super) fn levels(bank: &Bank, old: &Layout, seed: u64) -> Vec<LevelSpec> {
    let level = |level: &bank::Level| LevelSpec {
        bus: level.bus.0 as u16,
        by: gauge(level.by),
        attack: level.attack.get(),
        release: level.release.get(),
        ..LevelSpec::GIVEN
    };
    let modulators = bank.modulators.iter().map(|written| modulator(written, seed));
    let given = |initial: f32| LevelSpec { initial, ..LevelSpec::GIVEN };
    let parameters = bank.parameters.iter().map(|parameter| parameter.default);
    let snapshots = bank.snapshots.iter().map(|_| 0.0);
    let states = bank.states.iter().flat_map(|group| {
        let default = bank.parameters[group.parameter.index()].default as usize;
        (0..group.states.len()).map(move |state| f32::from(u8::from(state == default)))
    });
    let givens = parameters.chain(snapshots).chain(states).map(given);
    let inherits = |name: &String| old.levels.iter().position(|old| old == name).map(|index| index as u16);
    let levels = bank.levels.iter().map(level).chain(modulators).chain(givens);
    levels.zip(&names(bank)).map(|(spec, name)| LevelSpec { inherits: inherits(name), ..spec }).collect()
}

/// The properties that curves, snapshots and states move, each with what moves it in order.
pub(super) fn steers(bank: &Bank, layout: &Layout) -> Vec<SteerSpec> {
    let mut steers = Vec::new();
    for written in &bank.curves {
        let level = match written.from {
            bank::CurveSource::Level(level) => level.0 as u16,
            bank::CurveSource::Modulator(modulator) => place_of_modulator(bank, modulator) as u16,
            bank::CurveSource::Parameter(parameter) => place_of(bank, parameter),
        };
        let what = Settable::Bus(written.to, written.property);
        for hand in hands(bank, layout, &mut steers, what) {
            hand.curves.push(CurveSpec { level, points: written.points.clone() });
        }
    }
    for shares in settings(bank) {
        // A number that several states of one group set is one setting's.
        let mut begun: Vec<Settable> = Vec::new();
        for (of, setting) in shares {
            let share = (place_of_share(bank, of), setting.value, how(setting.how));
            let goes_on = begun.contains(&setting.what);
            for hand in hands(bank, layout, &mut steers, setting.what) {
                match hand.settings.last_mut().filter(|_| goes_on) {
                    Some(last) => last.shares.push(share),
                    None => hand.settings.push(SettingSpec { shares: vec![share] }),
                }
            }
            begun.push(setting.what);
        }
    }
    steers
}

/// All that snapshots and groups of states set, the last word last.
fn settings(bank: &Bank) -> Vec<Vec<(Weighed, bank::Setting)>> {
    let state = |(place, group): (usize, &bank::StateGroup)| {
        let settings = group.states.iter().enumerate().flat_map(|(state, settings)| {
            settings.iter().map(move |setting| (Weighed::State(place, state), *setting))
        });
        ((group.priority, false, group.name.clone()), settings.collect())
    };
    let snapshot = |(place, snapshot): (usize, &bank::Snapshot)| {
        let id = bank::SnapshotId(place as u32);
        let settings = snapshot.settings.iter().map(|setting| (Weighed::Snapshot(id), *setting));
        ((snapshot.priority, true, snapshot.name.clone()), settings.collect())
    };
    let states = bank.states.iter().enumerate().map(state);
    let mut all: Vec<_> = states.chain(bank.snapshots.iter().enumerate().map(snapshot)).collect();
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    all.into_iter().map(|(_, settings)| settings).collect()
}

fn how(how: bank::SettingHow) -> SettingHow {
    match how {
        bank::SettingHow::Add => SettingHow::Add,
        bank::SettingHow::Set => SettingHow::Set,
        bank::SettingHow::Sweep => SettingHow::Sweep,
    }
}

/// The hands by which a number is moved, made if there are none yet: one, or for a VCA one on each of its buses.
fn hands<'s>(
    bank: &Bank,
    layout: &Layout,
    steers: &'s mut Vec<SteerSpec>,
    what: Settable,
) -> Vec<&'s mut HandSpec> {
    let (buses, hand) = match what {
        Settable::Bus(bus, _) => (vec![bus], 0),
        Settable::Vca(vca) => (bank.vcas[vca].buses.clone(), 1 + vca),
    };
    let mut found: Vec<usize> = Vec::new();
    for bus in buses {
        let Some((property, base)) = property(bank, layout, bus.index(), what) else { continue };
        let bus = bus.0 as u16;
        let known = steers.iter().position(|steer| steer.bus == bus && steer.property == property);
        let place = known.unwrap_or_else(|| {
            steers.push(SteerSpec { bus, property, hands: Vec::new() });
            steers.len() - 1
        });
        // The bus's own hand first, then one for each VCA by its place.
        let hands = &mut steers[place].hands;
        while hands.len() <= hand {
            let base = if hands.len() == hand { base } else { Base::Fixed(0.0) };
            hands.push(HandSpec::at(base));
        }
        hands[hand].base = base;
        found.push(place);
    }
    let hands = steers.iter_mut().enumerate().filter(|(place, _)| found.contains(place));
    hands.filter_map(|(_, steer)| steer.hands.get_mut(hand)).collect()
}

/// What of a bus a number is in the mixer, and what it is without all that moves it.
fn property(bank: &Bank, layout: &Layout, bus: usize, what: Settable) -> Option<(Property, Base)> {
    match what {
        Settable::Vca(vca) => Some((Property::Gain, Base::Fixed(bank.vcas[vca].gain.get()))),
        Settable::Bus(_, bank::Property::Gain) => {
            Some((Property::Gain, Base::Fixed(bank.buses[bus].gain.get())))
        }
        Settable::Bus(_, bank::Property::Send(place)) => {
            let send = bank.buses[bus].sends.get(place)?;
            Some((Property::Send(send.to.0 as u16, tap(send)), Base::Fixed(send.gain.get())))
        }
        Settable::Bus(_, bank::Property::Parameter { effect, place }) => {
            let effect = layout.place_of(bus, effect)?;
            Some((Property::Parameter { effect, place: place as u16 }, Base::Own))
        }
    }
}
