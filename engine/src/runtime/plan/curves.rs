//! From a bank's levels, modulators and curves to the mixer's.

use super::{Layout, tap};
use crate::bank::{self, Bank, ModulatorId, ModulatorKind, ParameterId};
use crate::mixer::{CurveSpec, Gauge, LevelSpec, Property, SteerSpec};
use crate::modulators::seed_of;

/// What the levels are called in a layout: the bank's own, then its modulators, then its parameters.
pub(super) fn names(bank: &Bank) -> Vec<String> {
    let levels = bank.levels.iter().map(|level| format!("level/{}", level.name));
    let modulators = bank.modulators.iter().map(|modulator| format!("modulator/{}", modulator.name));
    let parameters = bank.parameters.iter().map(|parameter| format!("parameter/{}", parameter.name));
    levels.chain(modulators).chain(parameters).collect()
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

/// The levels, modulators and parameters, each going on from the one of its name.
pub(super) fn levels(bank: &Bank, old: &Layout, seed: u64) -> Vec<LevelSpec> {
    let level = |level: &bank::Level| LevelSpec {
        bus: level.bus.0 as u16,
        by: gauge(level.by),
        attack: level.attack.get(),
        release: level.release.get(),
        ..LevelSpec::GIVEN
    };
    let given = |parameter: &bank::Parameter| LevelSpec { initial: parameter.default, ..LevelSpec::GIVEN };
    let modulators = bank.modulators.iter().map(|written| modulator(written, seed));
    let inherits = |name: &String| old.levels.iter().position(|old| old == name).map(|index| index as u16);
    let levels = bank.levels.iter().map(level).chain(modulators).chain(bank.parameters.iter().map(given));
    levels.zip(&names(bank)).map(|(spec, name)| LevelSpec { inherits: inherits(name), ..spec }).collect()
}

/// The properties that curves move, each with its curves in the bank's order.
pub(super) fn steers(bank: &Bank, layout: &Layout) -> Vec<SteerSpec> {
    let mut steers: Vec<SteerSpec> = Vec::new();
    for written in &bank.curves {
        let bus = written.to.index();
        let property = match written.property {
            bank::Property::Gain => Property::Gain,
            bank::Property::Send(place) => {
                let Some(send) = bank.buses[bus].sends.get(place) else { continue };
                Property::Send(send.to.0 as u16, tap(send))
            }
            bank::Property::Parameter { effect, place } => {
                let Some(effect) = layout.place_of(bus, effect) else { continue };
                Property::Parameter { effect, place: place as u16 }
            }
        };
        let level = match written.from {
            bank::CurveSource::Level(level) => level.0 as u16,
            bank::CurveSource::Modulator(modulator) => place_of_modulator(bank, modulator) as u16,
            bank::CurveSource::Parameter(parameter) => place_of(bank, parameter),
        };
        let curve = CurveSpec { level, points: written.points.clone() };
        let bus = bus as u16;
        match steers.iter_mut().find(|steer| steer.bus == bus && steer.property == property) {
            Some(steer) => steer.curves.push(curve),
            None => steers.push(SteerSpec { bus, property, curves: vec![curve] }),
        }
    }
    steers
}
