//! All files of a project put together.
//!
//! May be named here: the schema, diagnostics, sources. Runs on any thread.

use super::decode::Text;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::load::Source;
use super::schema::{self, Entries, Languages, Sound};
use std::collections::{BTreeMap, BTreeSet};

/// A file and what was read from it.
pub type File<'a> = (&'a Source, schema::Bank);

/// One named thing of the project and the file that it is from.
#[derive(Debug)]
pub struct Item<'a, T> {
    /// The file's index.
    pub file: usize,
    /// The name.
    pub name: &'a Text,
    /// What it is; `None` if it could not be read.
    pub value: Option<&'a T>,
    /// The entry in which it is written in place, if it is.
    pub owner: Option<&'a str>,
}

/// A section of all files, by name.
pub type Table<'a, T> = BTreeMap<&'a str, Item<'a, T>>;

/// All files together.
#[derive(Debug, Default)]
pub struct Project<'a> {
    /// The declared buses, `master` among them if it is declared.
    pub buses: Table<'a, schema::Bus>,
    /// The faders for groups.
    pub vcas: Table<'a, schema::Vca>,
    /// The ducking rules in the order of files and text, each with its file.
    pub ducking: Vec<(usize, &'a schema::Duck)>,
    /// The levels.
    pub levels: Table<'a, schema::Level>,
    /// The curves in the order of files and text, each with its file.
    pub curves: Vec<(usize, &'a schema::PropertyCurve)>,
    /// The modulators.
    pub modulators: Table<'a, schema::Modulator>,
    /// The parameters.
    pub parameters: Table<'a, schema::Parameter>,
    /// The languages.
    pub languages: Option<&'a Languages>,
    /// The snapshots.
    pub snapshots: Table<'a, schema::Snapshot>,
    /// The groups of states.
    pub states: Table<'a, schema::States>,
    /// The reverb presets.
    pub reverbs: Table<'a, schema::Preset>,
    /// The sounds.
    pub sounds: Table<'a, Sound>,
    /// The queues of dialogue.
    pub queues: Table<'a, schema::Queue>,
    /// The events.
    pub events: Table<'a, schema::Event>,
    /// All buses in the order of their ids: the master, the declared ones, the reverbs' returns.
    pub bus_names: Vec<String>,
    /// The ids of buses by name.
    pub bus_ids: BTreeMap<String, usize>,
}

impl<'a> Project<'a> {
    /// The names of all stingers of all music, sorted, each once.
    pub fn stingers(&self) -> BTreeSet<&'a str> {
        let music = self.sounds.values().filter_map(|item| match item.value? {
            Sound::Music(music) => Some(music),
            _ => None,
        });
        music.flat_map(|music| &music.stingers.0).map(|(name, _)| name.value.as_str()).collect()
    }
}

/// Makes the languages a parameter, and a sound in each language of what is written once for all of them. One of the files
/// declares the languages; what others declare is left out.
pub fn speak(files: &mut [File<'_>], diagnostics: &mut Diagnostics) {
    let declared =
        files.iter().enumerate().filter_map(|(index, (_, bank))| Some((index, bank.languages.as_ref()?)));
    let declared: Vec<_> = declared.map(|(index, spoken)| (index, spoken.span.clone())).collect();
    let Some(((index, span), others)) = declared.split_first() else { return };
    for (other, place) in others {
        let error = Diagnostic::error(
            "duplicate-name",
            files[*other].0.place(place.clone()),
            "the languages are already declared",
        );
        let error = error.help("declare them in one file, for all of the project");
        diagnostics.push(error.related("first declared here", &files[*index].0.place(span.clone())));
    }
    let Some(languages) = files[*index].1.languages.clone().map(|spoken| spoken.languages) else { return };
    files[*index].1.parameters.0.push(languages.parameter(span.clone()));
    if languages.of.len() > schema::MAX_LANGUAGES {
        return;
    }
    let mut known = BTreeSet::new();
    for (_, bank) in files {
        for (path, text) in bank.speak(&languages) {
            if known.insert(path) {
                bank.sounds.0.push(schema::spoken_path(&text, &languages));
            }
        }
    }
}

/// Puts all files together; a name that two of them define stays with the first.
pub fn merge<'a>(files: &'a [File<'a>], diagnostics: &mut Diagnostics) -> Project<'a> {
    let mut project = Project::default();
    for (index, (_, bank)) in files.iter().enumerate() {
        add(&mut project.buses, "bus", index, &bank.buses, files, diagnostics);
        add(&mut project.vcas, "vca", index, &bank.vcas, files, diagnostics);
        add(&mut project.levels, "level", index, &bank.levels, files, diagnostics);
        add(&mut project.modulators, "modulator", index, &bank.modulators, files, diagnostics);
        add(&mut project.parameters, "parameter", index, &bank.parameters, files, diagnostics);
        add(&mut project.snapshots, "snapshot", index, &bank.snapshots, files, diagnostics);
        add(&mut project.states, "group of states", index, &bank.states, files, diagnostics);
        add(&mut project.reverbs, "reverb", index, &bank.reverbs, files, diagnostics);
        add(&mut project.sounds, "sound", index, &bank.sounds, files, diagnostics);
        add(&mut project.queues, "queue", index, &bank.queues, files, diagnostics);
        add(&mut project.events, "event", index, &bank.events, files, diagnostics);
        project.languages = project.languages.or(bank.languages.as_ref().map(|spoken| &spoken.languages));
        project.ducking.extend(bank.ducking.iter().map(|rule| (index, rule)));
        project.curves.extend(bank.curves.iter().map(|curve| (index, curve)));
    }
    let declared = project.buses.keys().filter(|name| **name != "master").map(|name| (*name).to_owned());
    let names = std::iter::once("master".to_owned()).chain(declared);
    let names: Vec<_> = names.chain(project.reverbs.keys().map(|name| format!("reverb/{name}"))).collect();
    for (id, name) in names.iter().enumerate() {
        if project.bus_ids.insert(name.clone(), id).is_some()
            && let (Some(bus), Some(reverb)) =
                (project.buses.get(name.as_str()), project.reverbs.get(name.trim_start_matches("reverb/")))
        {
            let message = format!("{name:?} is already the name of a reverb's return bus");
            let place = |file: usize, text: &Text| files[file].0.place(text.span.clone());
            let error = Diagnostic::error("duplicate-name", place(bus.file, bus.name), message);
            diagnostics.push(error.related("the reverb is here", &place(reverb.file, reverb.name)));
        }
    }
    project.bus_names = names;
    project
}

fn add<'a, T>(
    table: &mut Table<'a, T>,
    what: &str,
    file: usize,
    entries: &'a Entries<T>,
    files: &[File<'_>],
    diagnostics: &mut Diagnostics,
) {
    // What is written inside of one that is left out goes with it.
    let mut left_out: Vec<&str> = Vec::new();
    for entry in &entries.0 {
        let owner = entry.owner.as_deref();
        let item = Item { file, name: &entry.name, value: entry.value.as_ref(), owner };
        if owner.is_some_and(|owner| left_out.contains(&owner)) {
            left_out.push(&entry.name.value);
        } else if let Some(first) = table.get(entry.name.value.as_str()) {
            let place = files[file].0.place(entry.name.span.clone());
            let before = files[first.file].0.place(first.name.span.clone());
            let name = &entry.name.value;
            let error = match owner.or(first.owner) {
                None => Diagnostic::error(
                    "duplicate-name",
                    place,
                    format!("the {what} {name:?} is already defined"),
                )
                .related("first defined here", &before),
                Some(owner) => {
                    let message = format!("{name:?} is what the {what} written inside {owner:?} is called");
                    Diagnostic::error("duplicate-name", place, message)
                        .help("give the other one another name")
                        .related("and there is another of that name", &before)
                }
            };
            diagnostics.push(error);
            left_out.push(name);
        } else {
            table.insert(&entry.name.value, item);
        }
    }
}
