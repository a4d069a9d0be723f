//! From a bank's levels and curves to the mixer's.

use super::{Layout, tap};
use crate::bank::{self, Bank, ParameterId};
use crate::mixer::{CurveSpec, Gauge, LevelSpec, Property, SteerSpec};

/// What the levels are called in a layout: the bank's own, then its parameters.
pub(super) fn names(bank: &Bank) -> Vec<String> {
    let parameters = bank.parameters.iter().map(|parameter| format!("parameter/{}", parameter.name));
    bank.levels.iter().map(|level| format!("level/{}", level.name)).chain(parameters).collect()
}

/// A parameter's place among the levels.
pub(in crate::runtime) fn place_of(bank: &Bank, parameter: ParameterId) -> u16 {
    (bank.levels.len() + parameter.index()) as u16
}

/// The levels and parameters, each going on from the one of its name.
pub(super) fn levels(bank: &Bank, old: &Layout) -> Vec<LevelSpec> {
    let level = |level: &bank::Level| LevelSpec {
        bus: level.bus.0 as u16,
        by: match level.by {
            bank::Gauge::Peak => Gauge::Peak,
            bank::Gauge::Rms => Gauge::Rms,
            bank::Gauge::Loudness => Gauge::Loudness,
        },
        attack: level.attack.get(),
        release: level.release.get(),
        initial: 0.0,
        inherits: None,
    };
    let given = |parameter: &bank::Parameter| LevelSpec {
        bus: 0,
        by: Gauge::Given,
        attack: 0.0,
        release: 0.0,
        initial: parameter.default,
        inherits: None,
    };
    let inherits = |name: &String| old.levels.iter().position(|old| old == name).map(|index| index as u16);
    let levels = bank.levels.iter().map(level).chain(bank.parameters.iter().map(given));
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
