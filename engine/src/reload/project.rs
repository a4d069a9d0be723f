//! A project as it is loaded: text checked, sounds decoded, or a list of everything that is wrong.

use super::Wanted;
use super::requests::{self, clip, edit, impulse, of_a_file};
use crate::bank::{
    self, Bank, Checked, Diagnostics, MediaId, MediaUse, Part, ReadError, SoundId, SoundKind, Sources,
};
use crate::effects::Synth;
use crate::media::{Edit, Files, MediaError, Pack, PackError, Problem, Request, Sample, Store};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use thiserror::Error;

/// Called while sounds load: how many are done, of how many. It may be called from any thread.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// Why a project did not load.
#[derive(Debug, Error)]
pub enum LoadError {
    /// Its files could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It is a pack that can't be used.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// It has errors; all of them are listed.
    #[error("{0}")]
    Invalid(Diagnostics),
}

/// How a project is to be loaded.
#[derive(Clone, Copy)]
pub struct Loading<'a> {
    /// The engine's rate in hertz.
    pub sample_rate: u32,
    /// Threads for decoding; 0 is one for each core.
    pub threads: usize,
    /// What is loaded already: its sounds are taken over if their files are as they were.
    pub previous: &'a Store,
    /// Whose sounds are loaded. The text is always read and checked as a whole, files of sounds that are not loaded must be
    /// there, and what is computed is always made.
    pub wanted: &'a Wanted,
    /// Told how many sounds are done.
    pub progress: Progress<'a>,
}

/// A checked bank and its decoded sounds.
#[derive(Debug, Clone)]
pub struct Project {
    /// The text it came from.
    pub sources: Sources,
    /// The compiled bank.
    pub bank: Arc<Bank>,
    /// What is worth knowing and no error.
    pub warnings: Diagnostics,
    /// Where its sound files are.
    pub files: Files,
    /// Its bank files, and what each needs.
    pub parts: Vec<Part>,
    /// One for each sound of the bank, by id; those that are no clips have none, nor have those that are not loaded.
    pub samples: Vec<Option<Arc<Sample>>>,
    /// What is loaded, for the next load to take from.
    pub store: Store,
}

impl Project {
    /// Loads the project in folder `path`, or the pack of that name, with all of its sounds, for an engine at `sample_rate`, on `threads` threads
    /// (0 is one for each core). Sounds that `previous` has already are not decoded again.
    ///
    /// # Errors
    /// If the folder can't be read, the pack can't be used, or the project has errors: all are listed.
    pub fn load(
        path: &Path,
        sample_rate: u32,
        threads: usize,
        previous: &Store,
        progress: Progress<'_>,
    ) -> Result<Self, LoadError> {
        let wanted = &Wanted::all();
        Self::load_parts(path, &Loading { sample_rate, threads, previous, wanted, progress })
    }

    /// Loads the project in folder `path`, or the pack of that name, with the sounds of those files that are wanted.
    ///
    /// # Errors
    /// As [`Project::load`].
    pub fn load_parts(path: &Path, loading: &Loading<'_>) -> Result<Self, LoadError> {
        if path.is_file() {
            return Self::load_pack(&Pack::open(path)?, loading);
        }
        Self::parts_from_sources(Sources::read(path)?, loading)
    }

    /// As [`Project::load`], for text that was read already.
    ///
    /// # Errors
    /// As [`Project::load`].
    pub fn from_sources(
        sources: Sources,
        sample_rate: u32,
        threads: usize,
        previous: &Store,
        progress: Progress<'_>,
    ) -> Result<Self, LoadError> {
        let wanted = &Wanted::all();
        Self::parts_from_sources(sources, &Loading { sample_rate, threads, previous, wanted, progress })
    }

    /// As [`Project::load_parts`], out of an open pack.
    ///
    /// # Errors
    /// As [`Project::load`], also [`PackError::Rate`] if its sounds are made for another rate.
    pub fn load_pack(pack: &Arc<Pack>, loading: &Loading<'_>) -> Result<Self, LoadError> {
        pack.check_rate(loading.sample_rate)?;
        Self::build(pack_sources(pack)?, Files::Pack(pack.clone()), loading)
    }

    /// As [`Project::load_parts`], for text that was read already.
    ///
    /// # Errors
    /// As [`Project::load`].
    pub fn parts_from_sources(sources: Sources, loading: &Loading<'_>) -> Result<Self, LoadError> {
        Self::build(sources, Files::Disk, loading)
    }

    fn build(sources: Sources, files: Files, loading: &Loading<'_>) -> Result<Self, LoadError> {
        let Checked { mut bank, mut diagnostics, media, mut parts } = bank::compile(&sources);
        let (outside, inside): (Vec<&MediaUse>, Vec<&MediaUse>) =
            media.iter().partition(|used| sources.leads_out(&used.file));
        for used in outside {
            let message = format!("\"{}\" is a link that leads out of the project's folder", used.path);
            diagnostics.push_media_error(used, "path-escapes", message);
        }
        // Files are tried even when the text has errors, so that one run shows everything.
        let mut requests = match &bank {
            Some(bank) => requests::wanted(bank, &parts, loading.wanted),
            None => {
                media.iter().map(|used| Request { file: used.file.clone(), edit: Edit::default() }).collect()
            }
        };
        requests.retain(|request| inside.iter().any(|used| used.file == request.file));
        let mut absent = Vec::new();
        let Loading { sample_rate, threads, previous, progress, .. } = *loading;
        let outcome = files.load(&requests, sample_rate, threads, previous, progress);
        for used in inside.iter().copied().filter(|used| !files.holds(&used.file)) {
            // What is not loaded now must not be missing later.
            if requests.iter().any(|request| request.file == used.file) {
                continue;
            }
            if used.language.is_some() {
                absent.push(used);
                continue;
            }
            let (code, message) = explain(&Problem::NotFound, &used.path);
            diagnostics.push_media_error(used, code, message);
        }
        for used in &media {
            let failed = requests.iter().zip(&outcome.samples);
            let failed = failed.filter(|(request, _)| request.file == used.file);
            let failed = failed.filter_map(|(request, result)| Some((request, result.as_ref().err()?)));
            // A file that can't be played is told once; of clips that cut it wrongly each is named.
            let (cuts, broken): (Vec<_>, Vec<_>) = failed.partition(|(_, error)| {
                matches!(error.problem, Problem::Beyond { .. } | Problem::Nothing { .. })
            });
            if let Some((_, error)) = broken.first() {
                if used.language.is_some() && matches!(error.problem, Problem::NotFound) {
                    absent.push(used);
                    continue;
                }
                let (code, message) = explain(&error.problem, &used.path);
                diagnostics.push_media_error(used, code, message);
            } else if let Some(bank) = bank.as_ref().filter(|_| !cuts.is_empty()) {
                let told = |(request, error): &(&Request, &MediaError)| {
                    format!("{}: {}", cut_by(bank, request), error.problem)
                };
                let told: Vec<_> = cuts.iter().map(told).collect();
                diagnostics.push_media_error(used, "bad-cut", told.join("; "));
            }
        }
        speak_without(&absent, bank.as_mut(), &mut diagnostics);
        if let Some(bank) = &bank {
            let gone = |sound: SoundId| {
                clip(bank, sound).is_some_and(|request| absent.iter().any(|used| used.file == request.file))
            };
            parts.iter_mut().for_each(|part| part.clips.retain(|&sound| !gone(sound)));
        }
        for (used, message) in bank.iter().flat_map(|bank| beyond(bank, &outcome.store, &media)) {
            diagnostics.push_media_error(used, "bad-cut", message);
        }
        let Some(bank) = bank.filter(|_| !diagnostics.has_errors()) else {
            return Err(LoadError::Invalid(diagnostics));
        };
        let mut project = Self {
            sources,
            bank: Arc::new(bank),
            warnings: diagnostics,
            files,
            parts,
            samples: Vec::new(),
            store: Store::default(),
        };
        for synth in project.bank.sounds.iter().filter_map(computed) {
            // Only a rate that can't be has no such sound, and that has no engine either.
            let _ = project.store.compute(synth, sample_rate, previous);
        }
        project.take_up(outcome.store);
        Ok(project)
    }

    /// Adds what was loaded later.
    pub fn take_up(&mut self, store: Store) {
        self.store.extend(store);
        self.find_samples();
    }

    /// Lets go of all sounds that no wanted file needs; gives them.
    pub fn keep(&mut self, wanted: &Wanted) -> Store {
        let kept: BTreeSet<Request> = requests::wanted(&self.bank, &self.parts, wanted).into_iter().collect();
        let dropped = self.store.split_off(|request| !kept.contains(request));
        if !dropped.is_empty() {
            self.find_samples();
        }
        dropped
    }

    /// What a file needs in memory, its effects' responses included.
    pub fn needs(&self, part: &Part) -> BTreeSet<Request> {
        let clips = part.clips.iter().filter_map(|&sound| clip(&self.bank, sound));
        clips.chain(part.impulses.iter().map(|&file| impulse(&self.bank, file))).collect()
    }

    /// What the sounds of each of these files take in memory: bytes that only it needs, and bytes that others of them need
    /// as well.
    pub fn memory<'a>(&self, parts: impl IntoIterator<Item = &'a Part>) -> BTreeMap<&'a str, (usize, usize)> {
        let needs: Vec<_> = parts.into_iter().map(|part| (part.file.as_str(), self.needs(part))).collect();
        let mut users: BTreeMap<&Request, u32> = BTreeMap::new();
        needs.iter().flat_map(|(_, needs)| needs).for_each(|request| *users.entry(request).or_default() += 1);
        let memory = |needs: &BTreeSet<Request>| {
            let (mut own, mut shared) = (0, 0);
            for request in needs {
                let users = users.get(request).copied().unwrap_or(0);
                *(if users > 1 { &mut shared } else { &mut own }) += self.store.bytes_of(request);
            }
            (own, shared)
        };
        needs.iter().map(|(file, needs)| (*file, memory(needs))).collect()
    }

    /// The part that is the file of that path.
    pub fn part(&self, file: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.file == file)
    }

    fn find_samples(&mut self) {
        let sample = |(index, sound): (usize, &bank::Sound)| {
            if let Some(synth) = computed(sound) {
                return self.store.computed(synth).cloned();
            }
            let Request { file, edit } = clip(&self.bank, SoundId(index as u32))?;
            self.store.get(&file, edit).cloned()
        };
        self.samples = self.bank.sounds.iter().enumerate().map(sample).collect();
    }
}

/// The bank texts of a project's folder or of a pack, without its sounds.
///
/// # Errors
/// If the folder can't be read, or the pack can't be used.
pub fn sources(path: &Path) -> Result<Sources, LoadError> {
    if path.is_file() { pack_sources(&*Pack::open(path)?) } else { Ok(Sources::read(path)?) }
}

fn pack_sources(pack: &Pack) -> Result<Sources, LoadError> {
    if let Some((path, _)) = pack.texts().find(|(_, text)| text.len() as u64 > bank::MAX_FILE_BYTES) {
        return Err(ReadError::FileTooLarge { path: pack.path().join(path) }.into());
    }
    let mut sources = Sources::from_texts(pack.texts());
    sources.root = pack.path().to_owned();
    Ok(sources)
}

/// Lets other languages be heard where files are missing that are only heard in one, and says so.
fn speak_without(absent: &[&MediaUse], bank: Option<&mut Bank>, diagnostics: &mut Diagnostics) {
    let mut heard = BTreeMap::new();
    if let Some(bank) = bank {
        let media = bank.media.iter().enumerate();
        let media = media.filter(|(_, media)| absent.iter().any(|used| used.file == media.file));
        let ids: BTreeMap<_, _> = media.map(|(id, media)| (MediaId(id as u32), media.path.clone())).collect();
        let instead = bank.speak_without(&ids.keys().copied().collect());
        heard
            .extend(instead.into_iter().filter_map(|(id, language)| Some((ids.get(&id)?.clone(), language))));
    }
    for used in absent {
        let instead = heard.get(&used.path).map(|language| format!("\"{language}\""));
        let message = format!(
            "there is no file \"{}\" in the project's folder: in \"{}\", {} is heard instead",
            used.path,
            used.language.as_deref().unwrap_or_default(),
            instead.as_deref().unwrap_or("another language"),
        );
        diagnostics.push_media_warning(used, "missing-file", message);
    }
}

/// What a sound computes, if it does.
fn computed(sound: &bank::Sound) -> Option<&Synth> {
    match &sound.kind {
        SoundKind::Clip(clip) => clip.synth.as_ref(),
        _ => None,
    }
}

/// The sounds that may begin where nothing is left of them, and what is to be said of that.
fn beyond<'a>(bank: &Bank, store: &Store, media: &'a [MediaUse]) -> Vec<(&'a MediaUse, String)> {
    let told = |sound: &bank::Sound| {
        let clip = of_a_file(sound)?;
        let file = &bank.media[clip.media.index()].file;
        let sample = store.get(file, edit(clip)).filter(|_| !clip.cut.looping)?;
        let (latest, rate) = (f64::from(clip.offset.high.get()), f64::from(sample.sample_rate()));
        let seconds = sample.frames() as f64 / rate;
        let used = media.iter().find(|used| used.file == *file).filter(|_| latest >= seconds)?;
        let name = &sound.name;
        Some((
            used,
            format!("sound {name:?}: `offset` is up to {latest} s, but only {seconds:.3} s are played"),
        ))
    };
    bank.sounds.iter().filter_map(told).collect()
}

/// The sounds that cut a file this way.
fn cut_by(bank: &Bank, request: &Request) -> String {
    let names = bank.sounds.iter().filter(|sound| {
        of_a_file(sound).is_some_and(|clip| {
            bank.media[clip.media.index()].file == request.file && edit(clip) == request.edit
        })
    });
    let names: Vec<_> = names.map(|sound| format!("\"{}\"", sound.name)).collect();
    format!("sound {}", names.join(", "))
}

fn explain(problem: &Problem, path: &str) -> (&'static str, String) {
    match problem {
        Problem::NotFound => ("missing-file", format!("there is no file \"{path}\" in the project's folder")),
        problem => ("bad-file", format!("\"{path}\" can't be played: {problem}")),
    }
}
