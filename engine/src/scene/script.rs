//! A scene as it is read from its file and checked against a bank.

use super::schema;
use crate::bank::decode::{Text, read_file};
use crate::bank::schema::Initial;
use crate::bank::{Bank, Diagnostic, Diagnostics, MAX_FILE_BYTES, Source, nearest};
use crate::runtime::{Builder, Engine};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why a scene can't be played.
#[derive(Debug, Error)]
pub enum SceneError {
    /// Its file can't be read.
    #[error("can't read {}: {why}; give the path of a *.scene.ron file", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// It has errors; all are listed.
    #[error("{0}")]
    Invalid(Diagnostics),
}

/// A scene as it was written and read without errors.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    pub(super) text: schema::Scene,
    source: Source,
    folder: PathBuf,
    other_project: Option<PathBuf>,
}

impl Scene {
    /// Reads a scene's file.
    ///
    /// # Errors
    /// If the file can't be read, or has errors: all are listed with their places.
    pub fn load(path: &Path) -> Result<Self, SceneError> {
        let unreadable = |why: String| SceneError::Unreadable { path: path.to_owned(), why };
        let length = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?.len();
        if length > MAX_FILE_BYTES {
            return Err(unreadable(format!("it has {length} bytes, the limit is {MAX_FILE_BYTES}")));
        }
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        Self::parse(&name, &text, path.parent().unwrap_or(Path::new(".")))
    }

    /// Reads a scene from text. `name` is what errors call it; the project is found from `folder`.
    ///
    /// # Errors
    /// If the text has errors: all are listed with their places.
    pub fn parse(name: &str, text: &str, folder: &Path) -> Result<Self, SceneError> {
        let source = Source::new(name, text);
        let mut diagnostics = Diagnostics::default();
        let root = read_file::<schema::Scene>(&source, &mut diagnostics, "not-a-scene");
        if diagnostics.has_errors() {
            return Err(SceneError::Invalid(diagnostics));
        }
        let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() };
        Ok(Self { text: root.value, source, folder, other_project: None })
    }

    /// The project's folder, or its pack.
    pub fn project(&self) -> PathBuf {
        self.other_project.clone().unwrap_or_else(|| self.folder.join(&self.text.project.value))
    }

    /// The same scene with another project, a folder or a pack, than the one that it names.
    pub fn with_project(mut self, project: impl Into<PathBuf>) -> Self {
        self.other_project = Some(project.into());
        self
    }

    /// An engine's builder with the scene's project and seed.
    pub fn engine(&self) -> Builder {
        Engine::builder(self.project()).seed(u64::from(self.text.seed))
    }

    /// How long the scene lasts, in seconds.
    pub fn duration(&self) -> f32 {
        self.text.duration
    }

    /// What happens when: seconds and words, in the order of time.
    pub fn marks(&self) -> Vec<(f32, &str)> {
        let mut marks: Vec<_> =
            self.text.marks.iter().map(|mark| (mark.at, mark.text.value.as_str())).collect();
        marks.sort_by(|a, b| a.0.total_cmp(&b.0));
        marks
    }

    /// What the scene names that is neither in the bank nor in itself.
    pub fn check(&self, bank: &Bank) -> Diagnostics {
        let mut diagnostics = Diagnostics::default();
        let mut unknown = |code, what: &str, name: &Text, known: Vec<&str>| {
            if known.contains(&name.value.as_str()) {
                return;
            }
            let place = self.source.place(name.span.clone());
            let error = Diagnostic::error(code, place, format!("no {what} is called {:?}", name.value));
            diagnostics.push(match nearest(&name.value, known) {
                Some(near) => error.help(format!("did you mean {near:?}?")),
                None => error,
            });
        };
        let events = || bank.events.iter().map(|event| event.name.as_str()).collect();
        let emitters = || self.text.emitters.0.iter().map(|(name, _)| name.value.as_str()).collect();
        for (_, body) in &self.text.emitters.0 {
            if let Some(event) = &body.event {
                unknown("unknown-event", "event", event, events());
            }
        }
        for (_, zone) in &self.text.zones.0 {
            let reverbs = bank.reverbs.iter().map(|reverb| reverb.name.as_str()).collect();
            unknown("unknown-reverb", "reverb", &zone.reverb, reverbs);
        }
        for post in &self.text.post {
            unknown("unknown-event", "event", &post.event, events());
            if let Some(on) = &post.on {
                unknown("unknown-emitter", "emitter", on, emitters());
            }
        }
        for set in &self.text.snapshots {
            let names = bank.snapshots.iter().map(|snapshot| snapshot.name.as_str()).collect();
            unknown("unknown-snapshot", "snapshot", &set.snapshot, names);
        }
        for set in &self.text.set {
            let names = bank.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
            unknown("unknown-parameter", "parameter", &set.parameter, names);
            if let Some(on) = &set.on {
                unknown("unknown-emitter", "emitter", on, emitters());
            }
            let known = bank.parameter(&set.parameter.value).map(|id| &bank.parameters[id.index()]);
            if let (Some(parameter), Initial::Label(label)) = (known, &set.to) {
                unknown(
                    "unknown-label",
                    "label",
                    label,
                    parameter.labels.iter().map(String::as_str).collect(),
                );
            }
        }
        diagnostics
    }
}
