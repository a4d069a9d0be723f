//! The commands, a file for each. Each takes its arguments and the terminal, and says how it went.

pub mod check;
pub mod diff;
mod files;
pub mod fmt;
pub mod graph;
pub mod inspect;
pub mod new;
pub mod pack;
pub mod play;
pub mod reference;
pub mod render;

use crate::report::{self, Failure};
use crate::terminal::Io;
use serde::Serialize;
use std::path::Path;
use tonmeister::media::{Pack, Store};
use tonmeister::reload::{LoadError, Loading, Project, Wanted};
use tonmeister::runtime::{Builder, Engine};
use tonmeister::scene::Scene;

/// Reads a scene, telling the usual mix-up apart: a project's folder.
fn load_scene(path: &Path) -> Result<Scene, Failure> {
    if path.is_dir() {
        return Err(Failure::not_run(format!("{} is a folder", path.display()))
            .help("give the path of a *.scene.ron file; it names its project"));
    }
    Ok(Scene::load(path)?)
}

/// A count with its word: `1 bus`, `2 buses`.
fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Builds a scene's engine with progress on the terminal, and shows the project's warnings.
fn build(builder: Builder, seed: Option<u64>, io: &mut Io<'_>) -> Result<Engine, Failure> {
    let builder = match seed {
        Some(seed) => builder.seed(seed),
        None => builder,
    };
    let bar = io.bar("loading sounds", 0);
    let engine = builder.build_with_progress(&|done, of| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    let engine = engine?;
    report::findings(io, &engine.project().warnings)?;
    Ok(engine)
}

/// Loads a project's folder or a pack with progress on the terminal. A pack is loaded at its own rate.
fn load_project(path: &Path, rate: u32, io: &Io<'_>) -> Result<Project, Failure> {
    let bar = io.bar("loading sounds", 0);
    let progress = |done: usize, of: usize| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
    };
    let project = match Pack::is_pack(path) {
        false => Project::load(path, rate, 0, &Store::default(), &progress),
        true => Pack::open(path).map_err(LoadError::from).and_then(|pack| {
            let (previous, wanted) = (&Store::default(), &Wanted::all());
            let sample_rate = pack.sample_rate();
            let loading = Loading { sample_rate, threads: 0, previous, wanted, progress: &progress };
            Project::load_pack(&pack, &loading)
        }),
    };
    bar.finish_and_clear();
    Ok(project?)
}

/// Writes a value for machines.
fn json(io: &mut Io<'_>, value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(std::io::Error::from)?;
    Ok(writeln!(io.out, "{text}")?)
}
