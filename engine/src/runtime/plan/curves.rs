//! From a bank's levels and curves to the mixer's.

use super::{Layout, tap};
use crate::bank::{self, Bank};
use crate::mixer::{CurveSpec, Gauge, LevelSpec, Property, SteerSpec};

/// The levels, each going on from the one of its name.
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
        inherits: old.levels.iter().position(|name| *name == level.name).map(|index| index as u16),
    };
    bank.levels.iter().map(level).collect()
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
        let curve = CurveSpec { level: written.from.0 as u16, points: written.points.clone() };
        let bus = bus as u16;
        match steers.iter_mut().find(|steer| steer.bus == bus && steer.property == property) {
            Some(steer) => steer.curves.push(curve),
            None => steers.push(SteerSpec { bus, property, curves: vec![curve] }),
        }
    }
    steers
}
