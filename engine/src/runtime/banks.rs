//! Banks in parts: whose sounds are in memory.
//!
//! The text of a project is always there as a whole. The sounds of each bank file are counted: a file that is asked for
//! once or more is loaded, on a worker, one file after another; a file that nobody asks for any more gives its sounds
//! back. What is computed, tones and noise, has no file: it is made with the project and stays. What comes and goes reaches
//! the mixer as another table of samples, as small a parcel as can be, and nothing that plays is touched by it.

mod loader;
mod memory;
mod status;

pub use memory::SampleMemory;
pub use status::{BankChange, BankError, BankState, BankStatus};

use super::engine::{Engine, facts};
use crate::bank::{EventId, Part};
use crate::media::{LoadOutcome, MediaError, Request, Store};
use crate::mixer::Parcel;
use crate::reload::{Project, Wanted};
use loader::Loader;
use memory::Leaving;
use std::collections::{BTreeMap, BTreeSet};

/// How many changes are kept for whoever asks for them.
const MOST_CHANGES: usize = 1024;

/// Who asked for which file, and what came of it.
pub(super) struct Parts {
    /// How often a file counts that nobody named: once if all are loaded at the start, else not at all.
    unnamed: u32,
    counts: BTreeMap<String, u32>,
    failed: BTreeMap<String, MediaError>,
    loader: Option<Loader>,
    leaving: Leaving,
    /// Those that were all there when it was last looked.
    loaded: BTreeSet<String>,
    changes: Vec<BankChange>,
    /// Events that may come to a sound that is not there, each with whether that was told.
    silent: BTreeMap<EventId, bool>,
}

impl Parts {
    /// Counts what is wanted at the start once.
    pub(super) fn new(wanted: &Wanted) -> Self {
        let (unnamed, named) = match wanted {
            Wanted::AllBut(files) => (1, files.iter().map(|file| (file.clone(), 0)).collect()),
            Wanted::Only(files) => (0, files.iter().map(|file| (file.clone(), 1)).collect()),
        };
        Self {
            unnamed,
            counts: named,
            failed: BTreeMap::new(),
            loader: None,
            leaving: Leaving::default(),
            loaded: BTreeSet::new(),
            changes: Vec::new(),
            silent: BTreeMap::new(),
        }
    }

    /// Notes what has become of a file. What nobody takes goes, the oldest first.
    fn note(&mut self, file: String, state: BankState) {
        self.changes.push(BankChange { file, state });
        if self.changes.len() > MOST_CHANGES {
            // Half of them at a time, so that what nobody takes costs next to nothing.
            self.changes.drain(..self.changes.len() - MOST_CHANGES / 2);
        }
    }

    fn count(&self, file: &str) -> u32 {
        self.counts.get(file).copied().unwrap_or(self.unnamed)
    }

    /// Whose sounds are to be in memory.
    pub(super) fn wanted(&self) -> Wanted {
        let named = |loaded: bool| {
            let named = self.counts.iter().filter(move |(_, count)| (**count > 0) == loaded);
            named.map(|(file, _)| file.clone()).collect()
        };
        if self.unnamed > 0 { Wanted::AllBut(named(false)) } else { Wanted::Only(named(true)) }
    }
}

/// What of a part is not there.
fn missing(project: &Project, part: &Part) -> Vec<Request> {
    project.needs(part).into_iter().filter(|request| !project.store.has(request)).collect()
}

impl Engine {
    /// Loads the sounds of a bank file, such as `"levels/forest.bank.ron"`: all that its sounds, events and effects come
    /// to. The work is done by a worker; [`Engine::banks`] says how far it is, and [`Engine::take_bank_changes`] when it
    /// is done. Loads are counted: a file that is loaded twice must be unloaded twice.
    ///
    /// # Errors
    /// [`BankError::Unknown`].
    pub fn load_bank(&mut self, file: &str) -> Result<(), BankError> {
        self.has_bank(file)?;
        let count = self.parts.count(file);
        self.parts.counts.insert(file.to_owned(), count.saturating_add(1));
        if count == 0 {
            self.parts.failed.remove(file);
            self.tell_watcher();
            self.look_over();
        }
        Ok(())
    }

    /// Takes back one load of a bank file. With the last one its sounds go, as far as no other loaded file needs them:
    /// what plays them fades out over its event's fade and ends as [`Ended::Unloaded`](crate::director::Ended), what is
    /// posted from then on ends as [`Ended::NotLoaded`](crate::director::Ended). The memory is freed by
    /// [`Engine::receive`], when nothing plays it any more. Tones and noise are computed with the project and stay: they can
    /// always be played.
    ///
    /// # Errors
    /// [`BankError::Unknown`], and [`BankError::NotLoaded`] if nobody has loaded it.
    pub fn unload_bank(&mut self, file: &str) -> Result<(), BankError> {
        self.has_bank(file)?;
        let count = self.parts.count(file);
        if count == 0 {
            return Err(BankError::NotLoaded(file.to_owned()));
        }
        self.parts.counts.insert(file.to_owned(), count - 1);
        if count > 1 {
            return Ok(());
        }
        self.parts.failed.remove(file);
        // What was ordered before is of the sounds that are there now.
        self.pass_on_orders();
        let dropped = self.project.keep(&self.parts.wanted());
        if !dropped.is_empty() {
            self.hand_over_samples();
        }
        self.parts.leaving.add(&dropped);
        self.tell_watcher();
        self.look_over();
        Ok(())
    }

    /// All bank files of the project with their states, sorted by path. It looks at every sound of the project; who waits
    /// for one file asks [`Engine::bank_state`].
    pub fn banks(&self) -> Vec<BankStatus> {
        let count = |part: &Part| self.parts.count(&part.file);
        let memory = self.project.memory(self.project.parts.iter().filter(|part| count(part) > 0));
        let status = |part: &Part| {
            let (file, references) = (part.file.clone(), count(part));
            let state = self.state_of(&file, &self.project.needs(part));
            let (own_bytes, shared_bytes) = memory.get(file.as_str()).copied().unwrap_or_default();
            BankStatus { file, state, references, own_bytes, shared_bytes }
        };
        self.project.parts.iter().map(status).collect()
    }

    /// How far the sounds of one bank file are in memory; `None` if the project has no such file.
    pub fn bank_state(&self, file: &str) -> Option<BankState> {
        let part = self.project.part(file)?;
        Some(self.state_of(file, &self.project.needs(part)))
    }

    fn state_of(&self, file: &str, needs: &BTreeSet<Request>) -> BankState {
        let missing = needs.iter().filter(|request| !self.project.store.has(request)).count();
        match self.parts.failed.get(file) {
            _ if self.parts.count(file) == 0 => BankState::Unloaded,
            Some(error) => BankState::Failed(error.clone()),
            None if missing == 0 => BankState::Loaded,
            None => {
                let done = self.parts.loader.as_ref().map_or(0, |loader| loader.done(file));
                BankState::Loading { done: needs.len() - missing + done.min(missing), of: needs.len() }
            }
        }
    }

    /// What samples take in memory, each counted once.
    pub fn sample_memory(&self) -> SampleMemory {
        SampleMemory { loaded: self.project.store.bytes(), leaving: self.parts.leaving.bytes() }
    }

    /// Bank files that were loaded or unloaded, or could not be loaded, since the last call. If nobody calls, the last few
    /// hundred are kept.
    pub fn take_bank_changes(&mut self) -> Vec<BankChange> {
        std::mem::take(&mut self.parts.changes)
    }

    /// Waits until nothing is loading any more: for loading screens that have nothing else to do, for renders and for
    /// tools. A game that goes on meanwhile has no need of it.
    pub fn finish_loading(&mut self) {
        self.look_over();
        while let Some(loader) = self.parts.loader.take() {
            let outcome = loader.wait();
            self.loaded(loader, outcome);
            self.look_over();
        }
    }

    fn has_bank(&self, file: &str) -> Result<(), BankError> {
        if self.project.part(file).is_some() {
            return Ok(());
        }
        Err(BankError::unknown(file, self.project.parts.iter().map(|part| part.file.as_str())))
    }

    /// Takes what the worker has done, and gives it more to do.
    pub(super) fn tend_banks(&mut self) {
        let outcome = self.parts.loader.as_ref().and_then(Loader::poll);
        if let Some(outcome) = outcome
            && let Some(loader) = self.parts.loader.take()
        {
            self.loaded(loader, outcome);
            self.look_over();
        }
        self.parts.leaving.tidy();
    }

    /// Takes a loaded file's sounds in, unless things have changed meanwhile: then it is looked at anew.
    fn loaded(&mut self, loader: Loader, outcome: LoadOutcome) {
        if loader.version != self.bank_version || self.parts.count(&loader.file) == 0 {
            return;
        }
        let mut errors = outcome.samples.into_iter().filter_map(Result::err);
        if let Some(error) = errors.next() {
            tracing::warn!("\"{}\" could not be loaded: {error}", loader.file);
            self.parts.failed.insert(loader.file.clone(), error.clone());
            self.parts.note(loader.file, BankState::Failed(error));
            return;
        }
        if !outcome.store.is_empty() {
            self.project.take_up(outcome.store);
            self.hand_over_samples();
            self.tell_watcher();
        }
    }

    /// Notes which files are all there, and has the first of those that are not loaded.
    pub(super) fn look_over(&mut self) {
        let Self { parts, project, .. } = self;
        let mut open = None;
        for part in &project.parts {
            let wanted = parts.count(&part.file) > 0;
            let lacks = if wanted { missing(project, part) } else { Vec::new() };
            let all_there = wanted && lacks.is_empty();
            if all_there && parts.loaded.insert(part.file.clone()) {
                parts.note(part.file.clone(), BankState::Loaded);
            }
            if !all_there && parts.loaded.remove(&part.file) && !wanted {
                parts.note(part.file.clone(), BankState::Unloaded);
            }
            if !lacks.is_empty() && open.is_none() && !parts.failed.contains_key(&part.file) {
                open = Some((part.file.clone(), lacks));
            }
        }
        parts.loaded.retain(|file| project.part(file).is_some());
        if let Some((file, lacks)) = open
            && parts.loader.is_none()
        {
            match Loader::start(
                (file.clone(), project.files.clone()),
                lacks,
                self.rate,
                self.threads,
                self.bank_version,
            ) {
                Ok(loader) => parts.loader = Some(loader),
                Err(error) => {
                    tracing::warn!("{error}");
                    parts.failed.insert(file.clone(), error.clone());
                    parts.note(file, BankState::Failed(error));
                }
            }
        }
        self.find_silent_events();
    }

    /// What the start loaded is no news.
    pub(super) fn note_start(&mut self) {
        self.look_over();
        self.parts.changes.clear();
    }

    /// Lets go of what a project has beyond what is wanted now, and tries anew what failed.
    pub(super) fn fit(&mut self, project: &mut Project) {
        project.keep(&self.parts.wanted());
        self.parts.failed.clear();
        // Events have other ids in another bank.
        self.parts.silent.clear();
    }

    /// Keeps an eye on the samples that a reload replaces.
    pub(super) fn leave(&mut self, old: &Store) {
        self.parts.leaving.replace(old, &self.project.store);
    }

    /// After a change that nobody hears: should samples have been made anew all the same, the mixer gets the new ones, so
    /// that nothing is in memory twice.
    pub(super) fn take_same_samples(&mut self, old: &Store) {
        if self.parts.leaving.replace(old, &self.project.store) {
            self.hand_over_samples();
        }
    }

    /// Whether a project has all that the files need that are loaded now.
    pub(super) fn is_whole(&self, project: &Project) -> bool {
        let loaded = project.parts.iter().filter(|part| self.parts.loaded.contains(&part.file));
        loaded.into_iter().all(|part| missing(project, part).is_empty())
    }

    /// The sounds that are there now go to the director and, as a table, to the mixer.
    fn hand_over_samples(&mut self) {
        let stamp = self.stamp();
        // What was ordered before goes by the table before; what stops now stops before its sample may go.
        self.director.load(facts(&self.project), stamp);
        self.pass_on_orders();
        self.control.send(stamp, Box::new(Parcel::Samples(self.project.samples.clone())));
    }

    pub(super) fn tell_watcher(&self) {
        if let Some(watcher) = &self.watcher {
            watcher.tell(self.parts.wanted(), self.project.store.clone());
        }
    }

    fn find_silent_events(&mut self) {
        let absent = |part: &Part| -> bool {
            part.clips.iter().any(|clip| self.project.samples.get(clip.index()).is_none_or(Option::is_none))
        };
        let events = self.project.parts.iter().filter(|part| absent(part)).flat_map(|part| &part.events);
        let silent = events.filter(|&&event| self.lacks(event));
        let told = |event: &EventId| self.parts.silent.get(event).copied().unwrap_or(false);
        self.parts.silent = silent.map(|event| (*event, told(event))).collect();
    }

    /// Whether an event may come to a sound that is not there.
    fn lacks(&self, event: EventId) -> bool {
        let clips = self.project.bank.clips_of(event);
        clips.iter().any(|clip| self.project.samples.get(clip.index()).is_none_or(Option::is_none))
    }

    /// Says, once until they are, that an event's sounds may not be there.
    pub(super) fn warn_if_silent(&mut self, event: EventId) {
        match self.parts.silent.get_mut(&event) {
            Some(told) if !*told => *told = true,
            _ => return,
        }
        let name = &self.project.bank.events[event.index()].name;
        let part = self.project.parts.iter().find(|part| part.events.contains(&event));
        let Some(Part { file, .. }) = part else { return };
        if self.parts.count(file) > 0 {
            tracing::warn!("\"{name}\" was posted, but not all of \"{file}\" is loaded yet");
        } else {
            tracing::warn!(
                "\"{name}\" was posted, but \"{file}\" is not loaded; load it with Engine::load_bank"
            );
        }
    }
}
