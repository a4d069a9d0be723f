//! What nobody needs: buses, faders, levels, parameters and modulators.

use super::Doubts;
use crate::bank::compiled::{
    Bank, Bus, BusId, CurveSource, Deed, Driver, EffectKind, ModulatorId, ParameterId, Settable, SoundKind,
};
use crate::bank::schema;
use std::collections::BTreeSet;

impl Doubts<'_> {
    /// A project without events is a desk in the making: nothing of it is unused yet.
    pub(super) fn unused(&mut self) {
        if self.bank.events.is_empty() {
            return;
        }
        self.unused_buses();
        let project = self.project;
        let empty = |vca: &schema::Vca| vca.buses.is_empty();
        for (name, item) in project.vcas.iter().filter(|(_, item)| item.value.is_some_and(empty)) {
            let message = format!("the fader {name:?} moves no bus");
            self.warn("unused-vca", (item.file, item.name), message, "name its `buses`, or take it out");
        }
        let (levels, parameters, modulators) = Self::gone_by(self.bank);
        self.unused_modulators(&modulators);
        for (name, item) in project.levels.iter().filter(|(name, _)| !levels.contains(**name)) {
            let message = format!("no curve goes by the level {name:?}");
            let help = "take it out, unless the game reads it";
            self.warn("unused-level", (item.file, item.name), message, help);
        }
        for (name, item) in project.parameters.iter().filter(|(name, _)| !parameters.contains(**name)) {
            let message = format!("nothing goes by the parameter {name:?}");
            let help = "let a curve, a `Switch` or a `Blend` go by it, or take it out";
            self.warn("unused-parameter", (item.file, item.name), message, help);
        }
    }

    fn unused_modulators(&mut self, used: &BTreeSet<ModulatorId>) {
        let project = self.project;
        let unused = |name: &str| self.bank.modulator(name).is_some_and(|id| !used.contains(&id));
        let unused: Vec<_> = project.modulators.iter().filter(|(name, _)| unused(name)).collect();
        for (name, item) in unused {
            let message = format!("nothing goes by the modulator {name:?}");
            let help = "let a curve or a `Blend` go by it, or take it out";
            self.warn("unused-modulator", (item.file, item.name), message, help);
        }
    }

    /// Buses that no sound comes to: no event plays on them, none that has something leads or sends to them.
    fn unused_buses(&mut self) {
        let bank = self.bank;
        let makes_sound =
            |bus: &Bus| bus.effects.iter().any(|effect| matches!(effect.kind, EffectKind::Custom(_)));
        let playing = bank.events.iter().filter(|event| event.play.is_some());
        let mut open: Vec<BusId> = playing.map(|event| event.bus).collect();
        // Who is named by a snapshot, a state or an action is meant to be there.
        open.extend(settings(bank));
        open.extend(deeds(bank).filter_map(|deed| match deed {
            Deed::StopAll { bus, .. } | Deed::Mute { bus, .. } => Some(bus),
            _ => None,
        }));
        // Zones bring reverbs in, and an effect of the game may well make a sound of its own.
        open.extend(bank.reverbs.iter().map(|reverb| reverb.bus));
        let ids = (0..bank.buses.len() as u32).map(BusId);
        open.extend(ids.filter(|id| makes_sound(&bank.buses[id.index()])));
        let mut reached = vec![false; bank.buses.len()];
        while let Some(id) = open.pop() {
            if !std::mem::replace(&mut reached[id.index()], true) {
                let bus = &bank.buses[id.index()];
                open.extend(bus.parent.into_iter().chain(bus.sends.iter().map(|send| send.to)));
            }
        }
        for (bus, _) in
            bank.buses.iter().zip(reached).filter(|(bus, reached)| !reached && bus.parent.is_some())
        {
            if let Some(item) = self.project.buses.get(bus.name.as_str()) {
                let message = format!("nothing plays on the bus {:?}, or on one that leads to it", bus.name);
                let help = "let an event play on it, or take it out";
                self.warn("unused-bus", (item.file, item.name), message, help);
            }
        }
    }

    /// The names of the levels and parameters that anything goes by, and the modulators.
    fn gone_by(bank: &Bank) -> (BTreeSet<&str>, BTreeSet<&str>, BTreeSet<ModulatorId>) {
        let (mut levels, mut parameters, mut modulators) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for curve in &bank.curves {
            match curve.from {
                CurveSource::Level(id) => {
                    levels.extend(bank.levels.get(id.index()).map(|level| level.name.as_str()))
                }
                CurveSource::Parameter(id) => {
                    parameters.insert(id);
                }
                CurveSource::Modulator(id) => _ = modulators.insert(id),
            }
        }
        let mut by_driver = |driver: Driver| match driver {
            Driver::Parameter(id) => _ = parameters.insert(id),
            Driver::Modulator(id) => _ = modulators.insert(id),
            Driver::Level(id) => levels.extend(bank.levels.get(id.index()).map(|level| level.name.as_str())),
            _ => {}
        };
        bank.events.iter().flat_map(|event| &event.curves).for_each(|curve| by_driver(curve.from));
        for sound in &bank.sounds {
            match &sound.kind {
                SoundKind::Switch(switch) => by_driver(Driver::Parameter(switch.on)),
                SoundKind::Blend(blend) => by_driver(blend.on),
                SoundKind::Music(music) => {
                    music.on.into_iter().map(Driver::Parameter).for_each(&mut by_driver)
                }
                _ => {}
            }
        }
        // States are there for the mix, too, and what an event sets the game may read.
        bank.states.iter().for_each(|group| by_driver(Driver::Parameter(group.parameter)));
        for deed in deeds(bank) {
            if let Deed::Set { parameter, .. } = deed {
                by_driver(Driver::Parameter(parameter));
            }
        }
        let named = |id: ParameterId| bank.parameters.get(id.index());
        let parameters = parameters.into_iter().filter_map(named).map(|parameter| parameter.name.as_str());
        (levels, parameters.collect(), modulators)
    }
}

/// What events do.
fn deeds(bank: &Bank) -> impl Iterator<Item = Deed> {
    bank.events.iter().flat_map(|event| &event.actions).map(|action| action.deed)
}

/// The buses that snapshots and states set something of, by themselves or by their groups.
fn settings(bank: &Bank) -> impl Iterator<Item = BusId> {
    let states = bank.states.iter().flat_map(|group| &group.states);
    let settings = bank.snapshots.iter().map(|snapshot| &snapshot.settings).chain(states).flatten();
    settings.flat_map(|setting| match setting.what {
        Settable::Bus(bus, _) => vec![bus],
        Settable::Vca(place) => bank.vcas[place].buses.clone(),
    })
}
