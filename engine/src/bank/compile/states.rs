//! Snapshots and states: from what is written to what is run.

use super::{Names, chain, seconds};
use crate::bank::check::range;
use crate::bank::compiled::{Settable, Setting, SettingHow, Snapshot, SnapshotId, StateGroup};
use crate::bank::decode::{Keyed, Text};
use crate::bank::property::resolve;
use crate::bank::schema::{self, Settings, SnapshotMode};

impl Names<'_> {
    /// The snapshots by name.
    pub(super) fn snapshots(&self) -> Vec<Snapshot> {
        let written = self.project.snapshots.iter().filter_map(|(name, item)| Some((*name, item.value?)));
        let snapshot = |(name, written): (&str, &schema::Snapshot)| Snapshot {
            name: name.to_owned(),
            priority: written.priority.min(100) as u8,
            fade_in: seconds(written.fade_in),
            fade_out: seconds(written.fade_out),
            curve: written.curve,
            settings: self.settings(written.mode, &written.set, &written.vcas),
        };
        written.map(snapshot).collect()
    }

    /// The id of a snapshot.
    pub(super) fn snapshot(&self, name: &str) -> Option<SnapshotId> {
        let mut known = self.project.snapshots.iter().filter(|(_, item)| item.value.is_some());
        known.position(|(known, _)| *known == name).map(|place| SnapshotId(place as u32))
    }

    /// The groups of states by name.
    pub(super) fn states(&self) -> Vec<StateGroup> {
        let written = self.project.states.iter().filter_map(|(name, item)| Some((*name, item.value?)));
        written.map(|(name, written)| self.state_group(name, written)).collect()
    }

    fn state_group(&self, name: &str, written: &schema::States) -> StateGroup {
        let place = |text: &Option<Text>| {
            let text = text.as_ref()?;
            written.of.0.iter().position(|(name, _)| name.value == text.value)
        };
        let transition = |transition: &schema::StateTransition| {
            (place(&transition.from), place(&transition.to), seconds(transition.time))
        };
        StateGroup {
            name: name.to_owned(),
            parameter: self.parameter(name),
            priority: written.priority.min(100) as u8,
            time: seconds(written.time),
            curve: written.curve,
            states: written
                .of
                .0
                .iter()
                .map(|(_, state)| self.settings(state.mode, &state.set, &state.vcas))
                .collect(),
            transitions: written.transitions.iter().map(transition).collect(),
        }
    }

    fn settings(&self, mode: SnapshotMode, set: &Settings, vcas: &Keyed<f32>) -> Vec<Setting> {
        let mut settings = Vec::new();
        let how = |unit: &str| match (mode, unit) {
            (SnapshotMode::Blend, "dB") => SettingHow::Add,
            (_, "Hz") => SettingHow::Sweep,
            _ => SettingHow::Set,
        };
        for (bus, numbers) in &set.0 {
            let name = bus.value.as_str();
            let written = self.project.buses.get(name).and_then(|item| item.value);
            let sends: Vec<_> =
                written.iter().flat_map(|bus| &bus.sends.0).map(|(to, _)| to.value.as_str()).collect();
            let chain = chain(self.project, name);
            for (number, value) in &numbers.0 {
                let Ok(property) = resolve(&number.value, &chain, &sends) else { continue };
                let what = Settable::Bus(self.bus(Some(bus)), property);
                settings.push(Setting { what, value: *value, how: how(range(property, &chain).1) });
            }
        }
        for (vca, value) in &vcas.0 {
            let place = self.project.vcas.keys().position(|known| *known == vca.value);
            let setting = |place| Setting { what: Settable::Vca(place), value: *value, how: how("dB") };
            settings.extend(place.map(setting));
        }
        settings
    }
}
