//! What only the whole project shows of snapshots and states: the numbers they set are there, and within their range.

use super::Checker;
use crate::bank::compile::chain;
use crate::bank::compiled::{EffectKind, Property};
use crate::bank::decode::{Keyed, Text};
use crate::bank::diagnostic::suggest;
use crate::bank::property::resolve;
use crate::bank::schema::{Settings, SnapshotMode};

/// The range of gains, in dB.
const GAINS: (f32, f32) = (-120.0, 24.0);

impl Checker<'_> {
    pub(super) fn states(&mut self) {
        let project = self.project;
        for item in project.snapshots.values() {
            if let Some(snapshot) = item.value {
                self.settings(item.file, snapshot.mode, &snapshot.set, &snapshot.vcas);
            }
        }
        for item in project.states.values() {
            for (_, state) in item.value.iter().flat_map(|group| &group.of.0) {
                self.settings(item.file, state.mode, &state.set, &state.vcas);
            }
        }
    }

    /// A string that names a snapshot.
    pub(super) fn snapshot(&mut self, file: usize, text: &Text) {
        let names = || self.project.snapshots.keys().copied();
        if self.whole && text.is_given() && !names().any(|name| name == text.value) {
            let help = suggest(&text.value, names(), '"');
            let help = help.or_else(|| Some("declare it under `snapshots`".to_owned()));
            let message = format!("no snapshot is called {:?}", text.value);
            self.error("unknown-snapshot", file, text, message, help);
        }
    }

    fn settings(&mut self, file: usize, mode: SnapshotMode, set: &Settings, vcas: &Keyed<f32>) {
        let project = self.project;
        for (bus, numbers) in &set.0 {
            if self.bus(file, bus, "unknown-bus").is_none() {
                continue;
            }
            let name = bus.value.as_str();
            let written = project.buses.get(name).and_then(|item| item.value);
            let sends: Vec<_> =
                written.iter().flat_map(|bus| &bus.sends.0).map(|(to, _)| to.value.as_str()).collect();
            let chain = chain(project, name);
            for (number, value) in numbers.0.iter().filter(|(number, _)| number.is_given()) {
                match resolve(&number.value, &chain, &sends) {
                    Err(unknown) => {
                        self.error("unknown-property", file, number, unknown.message, unknown.help);
                    }
                    Ok(property) => self.value(file, mode, number, *value, range(property, &chain)),
                }
            }
        }
        for (vca, _) in &vcas.0 {
            if self.whole && !project.vcas.contains_key(vca.value.as_str()) {
                let help = suggest(&vca.value, project.vcas.keys().copied(), '"');
                self.error("unknown-vca", file, vca, format!("no VCA is called {:?}", vca.value), help);
            }
        }
    }

    /// A number's value within its range; what is added may be as much as the range is wide.
    fn value(
        &mut self,
        file: usize,
        mode: SnapshotMode,
        number: &Text,
        value: f32,
        range: ((f32, f32), &str),
    ) {
        let ((low, high), unit) = range;
        let adds = mode == SnapshotMode::Blend && unit == "dB";
        let (low, high) = if adds { (low - high, high - low) } else { (low, high) };
        if !(low..=high).contains(&value) {
            let space = if unit.is_empty() || unit.starts_with(':') { "" } else { " " };
            let message = format!("{:?} of {value}{space}{unit} is out of range", number.value);
            let help = format!("it goes from {low}{space}{unit} to {high}{space}{unit}");
            self.error("out-of-range", file, number, message, Some(help));
        }
    }
}

/// The range and unit of a number of a bus with that chain of effects.
pub(in crate::bank) fn range(property: Property, chain: &[EffectKind]) -> ((f32, f32), &'static str) {
    match property {
        Property::Gain | Property::Send(_) => (GAINS, "dB"),
        Property::Parameter { effect, place } => {
            let field = match chain.get(effect) {
                Some(EffectKind::Own(effect)) => effect.field_at(place),
                _ => None,
            };
            field.map_or(((f32::MIN, f32::MAX), ""), |field| {
                (field.rule.range.unwrap_or((f32::MIN, f32::MAX)), field.rule.unit)
            })
        }
    }
}
