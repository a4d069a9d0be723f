//! What runs, but hardly as it is meant: warnings about a project in which all is well otherwise.
//!
//! Lives here: what the searches for doubtful things share. They go by the compiled bank, which knows what a name means, and
//! by the project, which knows where it is written. May be named here: the project, the schema, the compiled bank,
//! diagnostics. Runs on any thread.
//!
//! What the bank says counts, as it says it: a curve or a parameter that could make something heard is an excuse, a fader
//! that a game might move is none.

mod desk;
mod gains;
mod heard;
mod loops;
mod reach;
mod unused;

use crate::bank::compiled::{Bank, CurveSource, Driver, ModulatorId, ModulatorKind, ParameterId};
use crate::bank::decode::Text;
use crate::bank::diagnostic::{Diagnostic, Diagnostics};
use crate::bank::project::{File, Project};
use crate::bank::schema::Play;
use crate::units::{CurvePoint, curve_at};

/// Adds a warning for everything that is doubtful.
pub fn doubts(project: &Project<'_>, files: &[File<'_>], bank: &Bank, diagnostics: &mut Diagnostics) {
    let mut doubts = Doubts { project, files, bank, diagnostics };
    doubts.unused();
    doubts.out_of_reach();
    doubts.without_loop();
    let (desk, loudest) = (desk::Desk::new(bank), gains::loudest(bank));
    doubts.too_loud(&desk, &loudest);
    doubts.never_heard(&desk, &loudest);
}

struct Doubts<'a> {
    project: &'a Project<'a>,
    files: &'a [File<'a>],
    bank: &'a Bank,
    diagnostics: &'a mut Diagnostics,
}

impl Doubts<'_> {
    fn warn(&mut self, code: &'static str, (file, text): (usize, &Text), message: String, help: &str) {
        let warning = self.warning(code, (file, text), message, help);
        self.diagnostics.push(warning);
    }

    fn warning(
        &self,
        code: &'static str,
        (file, text): (usize, &Text),
        message: String,
        help: &str,
    ) -> Diagnostic {
        let place = self.files[file].0.place(text.span.clone());
        Diagnostic::warning(code, place, message).help(help)
    }
}

/// From where to where something goes that curves go by; `None` if nothing is known of it.
fn range(bank: &Bank, driver: Driver) -> Option<(f32, f32)> {
    match driver {
        Driver::Parameter(id) => parameter_range(bank, id),
        Driver::Distance | Driver::Time | Driver::Speed => Some((0.0, f32::MAX)),
        Driver::Angle => Some((0.0, 180.0)),
        Driver::Modulator(id) => modulator_range(bank, id),
        Driver::Approach | Driver::Level(_) => None,
        Driver::Azimuth => Some((-180.0, 180.0)),
        Driver::Elevation => Some((-90.0, 90.0)),
        Driver::Occlusion => Some((0.0, 1.0)),
    }
}

fn parameter_range(bank: &Bank, id: ParameterId) -> Option<(f32, f32)> {
    bank.parameters.get(id.index()).map(|parameter| (parameter.min, parameter.max))
}

fn modulator_range(bank: &Bank, id: ModulatorId) -> Option<(f32, f32)> {
    bank.modulators.get(id.index()).map(|modulator| match modulator.kind {
        ModulatorKind::Lfo(_) => (-1.0, 1.0),
        _ => (0.0, 1.0),
    })
}

/// As [`range`], for a bus's curve. A level may be anything.
fn source_range(bank: &Bank, from: CurveSource) -> Option<(f32, f32)> {
    match from {
        CurveSource::Parameter(id) => parameter_range(bank, id),
        CurveSource::Modulator(id) => modulator_range(bank, id),
        CurveSource::Level(_) => None,
    }
}

/// The lowest and highest that a curve comes to while what it goes by stays in its range.
fn reaches(points: &[CurvePoint], range: Option<(f32, f32)>) -> (f32, f32) {
    let (low, high) = range.unwrap_or((f32::MIN, f32::MAX));
    let inside = points.iter().filter(|point| (low..=high).contains(&point.x)).map(|point| point.y);
    let ends = [curve_at(points, low), curve_at(points, high)];
    ends.into_iter().chain(inside).fold((f32::MAX, f32::MIN), |(least, most), y| (least.min(y), most.max(y)))
}

/// A sound that is played, in a sentence: its name, or `this` where it is written.
fn played(play: &Play) -> String {
    if play.in_place { "this".to_owned() } else { format!("{:?}", play.name.value) }
}

/// A number of decibels with its sign, to a tenth.
fn signed(db: f32) -> String {
    format!("{:+}", (db * 10.0).round() / 10.0)
}
