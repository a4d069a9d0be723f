//! The commands, a file for each. Each takes its arguments and the terminal, and says how it went.

pub mod check;
pub mod inspect;
pub mod play;
pub mod render;

use crate::report::Failure;
use std::path::Path;
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
