//! What memory the sounds of each bank file take.

use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use tonmeister::reload::Project;

/// A bank file, also for machines.
#[derive(Debug, Serialize)]
pub struct Bank {
    /// The project or pack, as it was given.
    project: String,
    /// The file's path in it.
    file: String,
    /// How many sounds it needs in memory; a file that is cut in two ways is two.
    sounds: usize,
    /// Bytes that only it needs.
    own_bytes: usize,
    /// Bytes that other bank files need as well.
    shared_bytes: usize,
}

/// Which bank files need a sound file, and what it takes in memory, all ways of cutting it together.
#[derive(Debug, Default, Clone)]
pub struct Use {
    pub banks: Vec<String>,
    pub memory_bytes: usize,
}

/// All bank files of a project, sorted by path.
pub fn banks(project: &Project, name: &str) -> Vec<Bank> {
    let memory = project.memory(&project.parts);
    let bank = |part: &tonmeister::bank::Part| {
        let (own_bytes, shared_bytes) = memory.get(part.file.as_str()).copied().unwrap_or_default();
        let sounds = project.needs(part).len();
        Bank { project: name.to_owned(), file: part.file.clone(), sounds, own_bytes, shared_bytes }
    };
    project.parts.iter().map(bank).collect()
}

/// Who uses each sound file of a project.
pub fn uses(project: &Project) -> BTreeMap<PathBuf, Use> {
    let mut uses: BTreeMap<PathBuf, Use> = BTreeMap::new();
    for (request, sample) in project.store.iter() {
        uses.entry(request.file.clone()).or_default().memory_bytes += sample.bytes();
    }
    for part in &project.parts {
        for request in project.needs(part) {
            let banks = &mut uses.entry(request.file).or_default().banks;
            if banks.last() != Some(&part.file) {
                banks.push(part.file.clone());
            }
        }
    }
    uses
}

/// The columns of a table of bank files: the titles first.
pub fn rows(banks: &[Bank]) -> Vec<[String; 4]> {
    let titles = ["bank file", "sounds", "own", "shared"].map(str::to_owned);
    let mb = |bytes: usize| format!("{:.2} MB", bytes as f64 / 1e6);
    let row =
        |bank: &Bank| [bank.file.clone(), bank.sounds.to_string(), mb(bank.own_bytes), mb(bank.shared_bytes)];
    std::iter::once(titles).chain(banks.iter().map(row)).collect()
}
