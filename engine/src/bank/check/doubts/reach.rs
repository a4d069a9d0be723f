//! What can't come about: cases, layers and curves that no value leads to.

use super::{Doubts, played, range, reaches, source_range};
use crate::bank::compiled::{Bank, Driver, SoundId, SoundKind};
use crate::bank::decode::Text;
use crate::bank::schema::{self, Sound};
use crate::units::CurvePoint;
use std::collections::BTreeSet;

impl Doubts<'_> {
    pub(super) fn out_of_reach(&mut self) {
        let project = self.project;
        for (name, item) in &project.sounds {
            match item.value {
                Some(Sound::Switch(switch)) => self.needless_default(item.file, switch),
                Some(Sound::Blend(blend)) => self.layers(item.file, name, blend),
                _ => {}
            }
        }
        self.flat_curves();
    }

    fn needless_default(&mut self, file: usize, switch: &schema::Switch) {
        let parameter = self.project.parameters.get(switch.on.value.as_str()).and_then(|item| item.value);
        let (Some(default), Some(parameter)) = (&switch.default, parameter) else { return };
        let cases: BTreeSet<&str> = switch.cases.0.iter().map(|(case, _)| case.value.as_str()).collect();
        if parameter.labels.iter().all(|label| cases.contains(label.value.as_str())) {
            let message = format!(
                "every label of {:?} has a case, so {} is never played",
                switch.on.value,
                played(default)
            );
            self.warn("unreachable-case", (file, &default.name), message, "take the `default` out");
        }
    }

    /// Layers of a blend that no value brings in.
    fn layers(&mut self, file: usize, name: &str, written: &schema::Blend) {
        let bank = self.bank;
        let Some(SoundId(id)) = bank.sound(name) else { return };
        let SoundKind::Blend(blend) = &bank.sounds[id as usize].kind else { return };
        let Some((low, high)) = range(bank, blend.on) else { return };
        for (layer, written) in blend.of.iter().zip(&written.of) {
            // Its gain falls with the distance from its own range, so it is highest at one of the ends.
            let overlaps = layer.from <= high && layer.to >= low;
            if !overlaps && layer.gain(low).max(layer.gain(high)) <= 0.0 {
                let (from, to) = (layer.from - layer.fade, layer.to + layer.fade);
                let where_to =
                    if layer.from > high { format!("from {from} on") } else { format!("up to {to}") };
                let message = format!(
                    "{} is never heard: it is {where_to}, and {}",
                    played(&written.play),
                    goes(bank, blend.on)
                );
                let help = match blend.on {
                    Driver::Parameter(_) => "move its range, or give the parameter another one",
                    _ => "move its range",
                };
                self.warn("unreachable-layer", (file, &written.play.name), message, help);
            }
        }
    }

    /// Curves that would move, but not within the range of what they go by.
    fn flat_curves(&mut self) {
        let project = self.project;
        let bank = self.bank;
        for (curve, &(file, written)) in bank.curves.iter().zip(&project.curves) {
            let range = source_range(bank, curve.from);
            self.flat_curve(&curve.points, range, file, (&written.from, &written.property));
        }
        for event in &bank.events {
            let Some(item) = project.events.get(event.name.as_str()) else { continue };
            let written = item.value.map_or(&[] as &[_], |event| &event.curves);
            for (curve, written) in event.curves.iter().zip(written) {
                let range = range(bank, curve.from);
                self.flat_curve(&curve.points, range, item.file, (&written.from, &written.property));
            }
        }
    }

    fn flat_curve(
        &mut self,
        points: &[CurvePoint],
        range: Option<(f32, f32)>,
        file: usize,
        (from, property): (&Text, &Text),
    ) {
        let (Some((low, high)), [first, .., last]) = (range, points) else { return };
        let moves = points.iter().any(|point| point.y != first.y);
        let (least, most) = reaches(points, range);
        if moves && least == most {
            let message = format!(
                "the curve leaves {:?} where it is: {:?} goes from {low} to {}, the points from {} to {}",
                property.value,
                from.value,
                number(high),
                first.x,
                last.x
            );
            self.warn("flat-curve", (file, from), message, "move the points into that range");
        }
    }
}

/// From where to where something goes, in words.
fn goes(bank: &Bank, driver: Driver) -> String {
    let name = match driver {
        Driver::Parameter(id) => bank.parameters.get(id.index()).map_or("", |parameter| &parameter.name),
        Driver::Distance => "distance",
        Driver::Azimuth => "azimuth",
        Driver::Elevation => "elevation",
        Driver::Occlusion => "occlusion",
        Driver::Time => "time",
        Driver::Angle => "angle",
        Driver::Speed => "speed",
        Driver::Approach => "approach",
        Driver::Level(id) => bank.levels.get(id.index()).map_or("", |level| &level.name),
        Driver::Modulator(id) => bank.modulators.get(id.index()).map_or("", |modulator| &modulator.name),
    };
    let (low, high) = range(bank, driver).unwrap_or_default();
    format!("{name:?} goes from {low} to {}", number(high))
}

fn number(high: f32) -> String {
    if high == f32::MAX { "any length".to_owned() } else { high.to_string() }
}
