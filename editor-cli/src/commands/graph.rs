//! `tonmeister graph`: how a project's buses hang together, as DOT, as a picture or for machines.

mod dot;
mod layout;
mod model;
mod svg;

use crate::Outcome;
use crate::args::{Graph, GraphFormat};
use crate::report::{self, Failure};
use crate::terminal::Io;
use model::Model;
use std::path::{Path, PathBuf};
use tonmeister::bank::{Bank, compile};
use tonmeister::reload::sources;
use tonmeister::scene::Scene;

/// Draws what `args` names.
///
/// # Errors
/// If the project has errors, there is none, or the output can't be written.
pub fn run(args: &Graph, io: &mut Io<'_>) -> Result<Outcome, Failure> {
    let format = match (args.format, &args.output) {
        (Some(format), _) => format,
        (None, None) => GraphFormat::Dot,
        (None, Some(file)) => format_of(file)?,
    };
    let bank = load(&args.project, io)?;
    let model = Model::of(&bank);
    let text = match format {
        GraphFormat::Dot => dot::write(&model),
        GraphFormat::Svg => svg::write(&model),
        GraphFormat::Json => {
            serde_json::to_string_pretty(&model.for_machines()).map_err(std::io::Error::from)? + "\n"
        }
    };
    match &args.output {
        None => write!(io.out, "{text}")?,
        Some(file) => {
            std::fs::write(file, text).map_err(|error| {
                Failure::not_run(format!("can't write {}: {error}", file.display()))
                    .help("give the path of a file in a folder that is there")
            })?;
            let what = super::count(model.buses.len(), "bus", "buses");
            writeln!(io.out, "{what}: {}", file.display())?;
        }
    }
    Ok(Outcome::Fine)
}

/// What a file's ending asks for.
fn format_of(file: &Path) -> Result<GraphFormat, Failure> {
    let ending = file.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("svg") => Ok(GraphFormat::Svg),
        Some("dot" | "gv") => Ok(GraphFormat::Dot),
        Some("json") => Ok(GraphFormat::Json),
        _ => Err(Failure::not_run(format!("the ending of {} does not say what to write", file.display()))
            .help("name it *.svg, *.dot or *.json, or say --format svg, dot or json")),
    }
}

/// The compiled bank of a project or of a scene's project. No sound file is opened: the graph needs none.
fn load(path: &Path, io: &mut Io<'_>) -> Result<Bank, Failure> {
    let project: PathBuf = if path.is_file() && path.to_string_lossy().ends_with(".scene.ron") {
        Scene::load(path)?.project()
    } else {
        path.to_owned()
    };
    let checked = compile(&sources(&project)?);
    match checked.bank {
        Some(bank) => {
            report::findings(io, &checked.diagnostics)?;
            Ok(bank)
        }
        None => Err(Failure::Findings(checked.diagnostics)),
    }
}
