//! `tonmeister check`: everything that is wrong with a project or a scene.

use super::{count, json, load_project};
use crate::Outcome;
use crate::args::{Check, Deny, Format};
use crate::report::{self, Failure};
use crate::terminal::Io;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;
use tonmeister::bank::{Diagnostic, Diagnostics, Severity};
use tonmeister::media::Pack;
use tonmeister::reload::Project;
use tonmeister::scene::Scene;

/// The rate at which a project is loaded, the engine's own.
const RATE: u32 = 48_000;

/// A finding for machines.
#[derive(Serialize)]
struct Finding<'a> {
    severity: String,
    code: &'a str,
    message: &'a str,
    file: &'a str,
    line: usize,
    column: usize,
    help: Option<&'a str>,
    related: Vec<Related<'a>>,
}

#[derive(Serialize)]
struct Related<'a> {
    label: &'a str,
    file: &'a str,
    line: usize,
}

impl<'a> From<&'a Diagnostic> for Finding<'a> {
    fn from(finding: &'a Diagnostic) -> Self {
        let related =
            finding.related.iter().map(|at| Related { label: &at.label, file: &at.file, line: at.line });
        Self {
            severity: finding.severity.to_string(),
            code: finding.code,
            message: &finding.message,
            file: &finding.place.file,
            line: finding.place.line,
            column: finding.place.column,
            help: finding.help.as_deref(),
            related: related.collect(),
        }
    }
}

/// Checks what `args` names.
///
/// # Errors
/// If there is nothing to check, or the output can't be written.
pub fn run(args: &Check, io: &mut Io<'_>) -> Result<Outcome, Failure> {
    let started = Instant::now();
    let (findings, summary) = match look(&args.project, io) {
        Ok((project, scene_findings, scene)) => {
            let mut findings = project.warnings.clone();
            scene_findings.iter().for_each(|finding| findings.push(finding.clone()));
            (findings, Some(summary(&project, scene.as_ref())))
        }
        Err(Failure::Findings(findings)) => (findings, None),
        Err(failure) => return Err(failure),
    };
    let findings = without(&findings, &args.allow);
    match args.format {
        Format::Text => report::findings(io, &findings)?,
        Format::Json => {
            let list: Vec<Finding<'_>> = findings.iter().map(Finding::from).collect();
            json(io, &list)?;
        }
    }
    let denied = args.deny_warnings || args.deny.contains(&Deny::Warnings);
    let warned = findings.iter().any(|finding| finding.severity == Severity::Warning);
    if summary.is_none() || findings.has_errors() || (denied && warned) {
        return Ok(Outcome::Findings);
    }
    if let (Format::Text, Some(summary)) = (args.format, summary) {
        writeln!(io.out, "ok: {summary}, {} ms", started.elapsed().as_millis())?;
    }
    Ok(Outcome::Fine)
}

/// The findings without the warnings of these kinds.
fn without(findings: &Diagnostics, kinds: &[String]) -> Diagnostics {
    let mut left = Diagnostics::default();
    let allowed = |finding: &&Diagnostic| {
        finding.severity == Severity::Warning && kinds.iter().any(|kind| kind == finding.code)
    };
    findings.iter().filter(|finding| !allowed(finding)).for_each(|finding| left.push(finding.clone()));
    left
}

/// Loads a project, or a scene and its project; gives what is wrong with the scene, too.
fn look(path: &Path, io: &Io<'_>) -> Result<(Project, Diagnostics, Option<Scene>), Failure> {
    if path.is_dir() || Pack::is_pack(path) {
        return Ok((load_project(path, RATE, io)?, Diagnostics::default(), None));
    }
    if !path.exists() {
        return Err(Failure::not_run(format!("there is no {}", path.display()))
            .help("give a project's folder, a pack or a *.scene.ron file"));
    }
    if path.to_string_lossy().ends_with(".bank.ron") {
        return Err(Failure::not_run(format!("{} is one bank of a project", path.display()))
            .help("banks refer to one another: give the project's folder"));
    }
    let scene = Scene::load(path)?;
    let project = load_project(&scene.project(), RATE, io)?;
    let findings = scene.check(&project.bank);
    Ok((project, findings, Some(scene)))
}

/// What was loaded, in one line.
fn summary(project: &Project, scene: Option<&Scene>) -> String {
    let bank = &project.bank;
    // A file that is loaded both as a loop and not counts once.
    let seconds: BTreeMap<_, _> = project
        .store
        .iter()
        .map(|(request, sample)| {
            let seconds = sample.frames() as f64 / f64::from(sample.sample_rate());
            (&request.file, seconds)
        })
        .collect();
    let from_disk: BTreeSet<_> = project
        .store
        .iter()
        .filter(|(_, sample)| sample.source().is_some())
        .map(|(request, _)| &request.file)
        .collect();
    let from_disk = match from_disk.len() {
        0 => String::new(),
        count => format!("; {count} from the disk"),
    };
    let scene = scene.map_or_else(String::new, |scene| format!("a scene of {} s, ", scene.duration()));
    format!(
        "{scene}{}, {}, {}, {} ({}, {:.1} s, {:.1} MB in memory{from_disk})",
        count(project.sources.files().len(), "bank file", "bank files"),
        count(bank.sounds.len(), "sound", "sounds"),
        count(bank.events.len(), "event", "events"),
        count(bank.buses.len(), "bus", "buses"),
        count(seconds.len(), "sound file", "sound files"),
        seconds.values().sum::<f64>(),
        project.store.bytes() as f64 / 1e6,
    )
}
