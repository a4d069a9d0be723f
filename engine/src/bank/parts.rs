//! What each file of a project stands for at run time: whose sounds and events are whose.
//!
//! The text of a project is one whole. Its sounds in memory are not: a game may load what one file needs and leave the
//! rest. What a file needs is every clip that its sounds and events come to, wherever these are defined.
//! May be named here: the merged project, the compiled bank. Runs on any thread.

use super::compiled::{Bank, EventId, MediaId, SoundId};
use super::load::Source;
use super::project::{File, Project, Table};
use std::collections::BTreeSet;

/// One bank file, and what it needs in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The file's path relative to the project, with `/` between its parts.
    pub file: String,
    /// The events it defines.
    pub events: Vec<EventId>,
    /// The clips that its sounds and events can come to, also through sounds and events of other files.
    pub clips: BTreeSet<SoundId>,
    /// The sound files that effects of its buses work with. Buses are always there, and so are these.
    pub impulses: BTreeSet<MediaId>,
}

/// The parts of a project, in the order of its files.
pub(super) fn parts(project: &Project<'_>, files: &[File<'_>], bank: &Bank) -> Vec<Part> {
    let part = |(index, (source, _)): (usize, &(&Source, _))| {
        let events = names(&project.events, index).filter_map(|name| bank.event(name));
        let events: Vec<EventId> = events.collect();
        let played = events.iter().flat_map(|&event| bank.clips_of(event));
        let sounds = names(&project.sounds, index).filter_map(|name| bank.sound(name));
        let buses = names(&project.buses, index).filter_map(|name| bank.bus(name));
        let effects = buses.flat_map(|bus| &bank.buses[bus.index()].effects);
        Part {
            file: source.path().to_owned(),
            clips: played.chain(sounds.flat_map(|sound| bank.clips(sound))).collect(),
            impulses: effects.filter_map(|effect| effect.file).collect(),
            events,
        }
    };
    files.iter().enumerate().map(part).collect()
}

/// The names of a table that a file defines.
fn names<'a, T>(table: &Table<'a, T>, file: usize) -> impl Iterator<Item = &'a str> {
    table.iter().filter(move |(_, item)| item.file == file).map(|(name, _)| *name)
}
