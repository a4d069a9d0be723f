//! A project as it is loaded: text checked, sounds decoded, or a list of everything that is wrong.

use crate::bank::{
    self, Bank, Checked, Clip, Cut, Diagnostics, MediaId, MediaUse, ReadError, SoundKind, Sources,
};
use crate::media::{Edit, MediaError, Micros, Problem, Request, Sample, Store, load_all};
use crate::units::Seconds;
use std::collections::BTreeMap;
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
    /// It has errors; all of them are listed.
    #[error("{0}")]
    Invalid(Diagnostics),
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
    /// One for each sound of the bank, by id; those that are no clips have none.
    pub samples: Vec<Option<Arc<Sample>>>,
    /// What is loaded, for the next load to take from.
    pub store: Store,
}

impl Project {
    /// Whether every sound is made of the same file contents as the other project's.
    pub fn has_same_sounds(&self, other: &Self) -> bool {
        let contents = |project: &Self| -> Vec<Option<u64>> {
            project.samples.iter().map(|sample| sample.as_ref().map(|sample| sample.edition())).collect()
        };
        contents(self) == contents(other)
    }

    /// Loads the project in folder `path` for an engine at `sample_rate`, on `threads` threads (0 is one for
    /// each core). Sounds that `previous` has already are not decoded again.
    pub fn load(
        path: &Path,
        sample_rate: u32,
        threads: usize,
        previous: &Store,
        progress: Progress<'_>,
    ) -> Result<Self, LoadError> {
        Self::from_sources(Sources::read(path)?, sample_rate, threads, previous, progress)
    }

    /// As [`Project::load`], for text that was read already.
    pub fn from_sources(
        sources: Sources,
        sample_rate: u32,
        threads: usize,
        previous: &Store,
        progress: Progress<'_>,
    ) -> Result<Self, LoadError> {
        let Checked { mut bank, mut diagnostics, media } = bank::compile(&sources);
        let (outside, inside): (Vec<_>, Vec<_>) =
            media.iter().partition(|used| sources.leads_out(&used.file));
        for used in outside {
            let message = format!("\"{}\" is a link that leads out of the project's folder", used.path);
            diagnostics.push_media_error(used, "path-escapes", message);
        }
        // Files are tried even when the text has errors, so that one run shows everything.
        let mut requests = match &bank {
            Some(bank) => clips(bank),
            None => {
                media.iter().map(|used| Request { file: used.file.clone(), edit: Edit::default() }).collect()
            }
        };
        requests.retain(|request| inside.iter().any(|used| used.file == request.file));
        let mut absent = Vec::new();
        let outcome = load_all(&requests, sample_rate, threads, previous, progress);
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
                let (code, message) = explain(error, &used.path);
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
        for (used, message) in bank.iter().flat_map(|bank| beyond(bank, &outcome.store, &media)) {
            diagnostics.push_media_error(used, "bad-cut", message);
        }
        let Some(bank) = bank.filter(|_| !diagnostics.has_errors()) else {
            return Err(LoadError::Invalid(diagnostics));
        };
        let mut store = outcome.store;
        let mut sample = |sound: &bank::Sound| match &sound.kind {
            SoundKind::Clip(Clip { synth: Some(synth), .. }) => {
                // Only a rate that can't be has no such sound, and that has no engine either.
                store.compute(synth, sample_rate, previous).ok()
            }
            SoundKind::Clip(clip) => {
                store.get(&bank.media[clip.media.index()].file, edit(&clip.cut)).cloned()
            }
            _ => None,
        };
        let samples = bank.sounds.iter().map(&mut sample).collect();
        Ok(Self { sources, samples, bank: Arc::new(bank), warnings: diagnostics, store })
    }
}

/// The files that the bank's clips play and its effects work with, each way once, sorted.
fn clips(bank: &Bank) -> Vec<Request> {
    let mut requests: Vec<Request> = Vec::new();
    for sound in &bank.sounds {
        if let Some(clip) = of_a_file(sound) {
            let file = bank.media[clip.media.index()].file.clone();
            requests.push(Request { file, edit: edit(&clip.cut) });
        }
    }
    let files = bank.buses.iter().flat_map(|bus| &bus.effects).filter_map(|effect| effect.file);
    requests.extend(
        files.map(|file| Request { file: bank.media[file.index()].file.clone(), edit: Edit::impulse() }),
    );
    requests.sort();
    requests.dedup();
    requests
}

/// The clip, if it plays a file.
fn of_a_file(sound: &bank::Sound) -> Option<&Clip> {
    match &sound.kind {
        SoundKind::Clip(clip) if clip.synth.is_none() => Some(clip),
        _ => None,
    }
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

/// The cut in the media's own words.
fn edit(cut: &Cut) -> Edit {
    let time = |seconds: Seconds| Micros::from_seconds(seconds.get());
    Edit {
        impulse: false,
        looping: cut.looping,
        start: time(cut.start),
        end: cut.end.map(time),
        reverse: cut.reverse,
        loop_start: cut.loop_start.map(time),
        loop_end: cut.loop_end.map(time),
        crossfade: time(cut.crossfade),
    }
}

/// The sounds that may begin where nothing is left of them, and what is to be said of that.
fn beyond<'a>(bank: &Bank, store: &Store, media: &'a [MediaUse]) -> Vec<(&'a MediaUse, String)> {
    let told = |sound: &bank::Sound| {
        let clip = of_a_file(sound)?;
        let file = &bank.media[clip.media.index()].file;
        let sample = store.get(file, edit(&clip.cut)).filter(|_| !clip.cut.looping)?;
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
            bank.media[clip.media.index()].file == request.file && edit(&clip.cut) == request.edit
        })
    });
    let names: Vec<_> = names.map(|sound| format!("\"{}\"", sound.name)).collect();
    format!("sound {}", names.join(", "))
}

fn explain(error: &MediaError, path: &str) -> (&'static str, String) {
    match &error.problem {
        Problem::NotFound => ("missing-file", format!("there is no file \"{path}\" in the project's folder")),
        problem => ("bad-file", format!("\"{path}\" can't be played: {problem}")),
    }
}
