//! A project as it is loaded: text checked, sounds decoded, or a list of everything that is wrong.

use crate::bank::{self, Bank, Checked, Clip, Diagnostics, ReadError, SoundKind, Sources};
use crate::media::{Edit, MediaError, Micros, Problem, Request, Sample, Store, load_all};
use crate::units::Seconds;
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
        let Checked { bank, mut diagnostics, media } = bank::compile(&sources);
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
        let Some(bank) = bank.filter(|_| !diagnostics.has_errors()) else {
            return Err(LoadError::Invalid(diagnostics));
        };
        let sample = |sound: &bank::Sound| match &sound.kind {
            SoundKind::Clip(clip) => {
                outcome.store.get(&bank.media[clip.media.index()].file, edit(clip)).cloned()
            }
            _ => None,
        };
        let samples = bank.sounds.iter().map(sample).collect();
        Ok(Self { sources, samples, bank: Arc::new(bank), warnings: diagnostics, store: outcome.store })
    }
}

/// The files that the bank's clips play and its effects work with, each way once, sorted.
fn clips(bank: &Bank) -> Vec<Request> {
    let mut requests: Vec<Request> = Vec::new();
    for sound in &bank.sounds {
        if let SoundKind::Clip(clip) = &sound.kind {
            let file = bank.media[clip.media.index()].file.clone();
            requests.push(Request { file, edit: edit(clip) });
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

/// What a clip makes of its file, in the media's own words.
fn edit(clip: &Clip) -> Edit {
    let cut = &clip.cut;
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
        stream: clip.stream,
    }
}

/// The sounds that cut a file this way.
fn cut_by(bank: &Bank, request: &Request) -> String {
    let names = bank.sounds.iter().filter(|sound| match &sound.kind {
        SoundKind::Clip(clip) => {
            bank.media[clip.media.index()].file == request.file && edit(clip) == request.edit
        }
        _ => false,
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
