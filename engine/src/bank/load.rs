//! From a folder to a checked bank.
//!
//! Lives here: [`Sources`], which is what the file system said, and [`compile`], which is pure: the same sources
//! give the same bank and the same diagnostics, and nothing else is read. May be named here: all of the room.
//! Reading runs on a worker or a tool's thread, never on the audio thread.

use super::compiled::Bank;
use super::decode::read_file;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::parts::Part;
use super::place::{Lines, Place};
use super::{check, compile as finish, parts, project, schema};
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// How many bytes a bank file may have.
pub const MAX_FILE_BYTES: u64 = 4 << 20;
/// How many bytes all bank files of a project may have.
pub const MAX_PROJECT_BYTES: u64 = 64 << 20;
/// How many bank files a project may have.
pub const MAX_FILES: usize = 1000;
/// How the names of bank files end.
const ENDING: &str = ".bank.ron";

/// Why a project could not be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The path is no folder.
    #[error("{0} is not a folder")]
    NotAFolder(PathBuf),
    /// There is no bank file in it.
    #[error("no *.bank.ron file in {0} or in a folder below it")]
    NoBanks(PathBuf),
    /// A file or folder could not be read.
    #[error("can't read {path}: {error}")]
    Io {
        /// What was to be read.
        path: PathBuf,
        /// Why it could not.
        #[source]
        error: std::io::Error,
    },
    /// A file holds something else than text.
    #[error("{path} is not UTF-8 text: byte {byte} on line {line}")]
    NotText {
        /// The file.
        path: PathBuf,
        /// The position of the first bad byte, from 0.
        byte: usize,
        /// Its line, from 1.
        line: usize,
    },
    /// A file is larger than a bank may be.
    #[error("{path} is larger than {MAX_FILE_BYTES} bytes")]
    FileTooLarge {
        /// The file.
        path: PathBuf,
    },
    /// All bank files together are larger than a project may be.
    #[error("the bank files of {0} are larger than {MAX_PROJECT_BYTES} bytes together")]
    ProjectTooLarge(PathBuf),
    /// There are more bank files than a project may have.
    #[error("more than {MAX_FILES} bank files in {0}")]
    TooManyFiles(PathBuf),
    /// A symbolic link leads out of the project.
    #[error("{path} is a link that leads out of the project, to {target}")]
    LeadsOut {
        /// The link.
        path: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
}

/// One bank file as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    path: String,
    text: String,
    lines: Lines,
}

impl Source {
    /// A file's path relative to the project and its text.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let (path, text) = (path.into(), text.into());
        let lines = Lines::new(&text);
        Self { path, text, lines }
    }

    /// The path relative to the project, with `/` between its parts.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A span of the text as a place.
    pub fn place(&self, span: Range<usize>) -> Place {
        self.lines.place(&self.path, &self.text, span)
    }
}

/// All bank files of a project. Equal sources give equal banks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    /// The project's folder; paths of sound files start here.
    pub root: PathBuf,
    files: Vec<Source>,
}

impl Sources {
    /// Reads every `*.bank.ron` in a folder and the folders below it. What begins with a dot is skipped.
    ///
    /// # Errors
    /// [`ReadError`] if there is no bank file, a file can't be read or is no text, a limit is passed, or a link
    /// leads out of the project.
    pub fn read(project: &Path) -> Result<Self, ReadError> {
        if !project.is_dir() {
            return Err(ReadError::NotAFolder(project.to_owned()));
        }
        let mut files = Vec::new();
        let mut total = 0;
        for (path, relative) in find(project)? {
            let length = std::fs::metadata(&path).map_err(|error| io(&path, error))?.len();
            total += length;
            if length > MAX_FILE_BYTES {
                return Err(ReadError::FileTooLarge { path });
            }
            if total > MAX_PROJECT_BYTES {
                return Err(ReadError::ProjectTooLarge(project.to_owned()));
            }
            let bytes = std::fs::read(&path).map_err(|error| io(&path, error))?;
            let text = String::from_utf8(bytes).map_err(|error| {
                let byte = error.utf8_error().valid_up_to();
                let line = 1 + error.as_bytes().iter().take(byte).filter(|byte| **byte == b'\n').count();
                ReadError::NotText { path: path.clone(), byte, line }
            })?;
            files.push(Source::new(relative, text));
        }
        if files.is_empty() {
            return Err(ReadError::NoBanks(project.to_owned()));
        }
        Ok(Self::of(project.to_owned(), files))
    }

    /// Sources from texts, each with its path relative to the project: for tests and tools.
    pub fn from_texts<N: Into<String>, T: Into<String>>(texts: impl IntoIterator<Item = (N, T)>) -> Self {
        let files = texts.into_iter().map(|(path, text)| Source::new(path, text)).collect();
        Self::of(PathBuf::new(), files)
    }

    fn of(root: PathBuf, mut files: Vec<Source>) -> Self {
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Self { root, files }
    }

    /// Whether a file of the project is really outside of its folder, behind a link. A file that is not there is not.
    pub fn leads_out(&self, file: &Path) -> bool {
        match (self.root.canonicalize(), file.canonicalize()) {
            (Ok(root), Ok(file)) => !file.starts_with(root),
            _ => false,
        }
    }

    /// The files, sorted by path.
    pub fn files(&self) -> &[Source] {
        &self.files
    }

    /// The text of the file of that path relative to the project.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|file| file.path == path).map(Source::text)
    }
}

fn io(path: &Path, error: std::io::Error) -> ReadError {
    ReadError::Io { path: path.to_owned(), error }
}

/// The bank files of a project: where they are, and their paths relative to it. Each real file counts once,
/// however many links lead to it.
fn find(project: &Path) -> Result<Vec<(PathBuf, String)>, ReadError> {
    let canonical = |path: &Path| path.canonicalize().map_err(|error| io(path, error));
    let root = canonical(project)?;
    let mut seen = BTreeSet::from([root.clone()]);
    let mut found = Vec::new();
    let mut folders = vec![(project.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|error| io(&folder, error))?;
        let mut entries = entries.collect::<Result<Vec<_>, _>>().map_err(|error| io(&folder, error))?;
        // Real files come before links, so that a file is known by its own name.
        entries.sort_by_cached_key(|entry| {
            (entry.file_type().is_ok_and(|kind| kind.is_symlink()), entry.file_name())
        });
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = entry.path();
            let kind = entry.file_type().map_err(|error| io(&path, error))?;
            if name.starts_with('.') || !(kind.is_symlink() || kind.is_dir() || name.ends_with(ENDING)) {
                continue;
            }
            let Ok(target) = path.canonicalize() else {
                // A link to nothing matters only where a bank is expected.
                if name.ends_with(ENDING) {
                    canonical(&path)?;
                }
                continue;
            };
            let is_folder = target.is_dir();
            if !is_folder && !name.ends_with(ENDING) {
                continue;
            }
            if !target.starts_with(&root) {
                return Err(ReadError::LeadsOut { path, target });
            }
            if !seen.insert(target) {
                continue;
            }
            let relative = format!("{prefix}{name}");
            if is_folder {
                folders.push((path, format!("{relative}/")));
            } else {
                found.push((path, relative));
            }
            if found.len() > MAX_FILES {
                return Err(ReadError::TooManyFiles(project.to_owned()));
            }
        }
    }
    Ok(found)
}

/// A sound file that the banks name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaUse {
    /// The path as written, relative to the project's folder.
    pub path: String,
    /// Where the file is.
    pub file: PathBuf,
    /// Where it is named, at least once.
    pub places: Vec<Place>,
    /// The language that it is in, if another is heard where it is missing.
    pub language: Option<String>,
}

/// What came of a project's sources.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The bank, if there is no error.
    pub bank: Option<Bank>,
    /// All findings.
    pub diagnostics: Diagnostics,
    /// Every well-formed path of a sound file that is named, sorted, even where other things are wrong.
    pub media: Vec<MediaUse>,
    /// What each file needs in memory, in the order of the files; empty if there are errors.
    pub parts: Vec<Part>,
}

/// Reads, checks and compiles the sources. Pure: whether sound files exist is for whoever loads them to say,
/// through [`Diagnostics::push_media_error`].
pub fn compile(sources: &Sources) -> Checked {
    let mut diagnostics = Diagnostics::default();
    let mut whole = true;
    let files = sources.files.iter();
    let mut files: Vec<_> =
        files.map(|source| (source, read(source, &mut diagnostics, &mut whole))).collect();
    project::speak(&mut files, &mut diagnostics);
    let project = project::merge(&files, &mut diagnostics);
    let facts = check::check(&project, &files, whole, &mut diagnostics);
    let media = facts.media.iter().map(|(path, places)| MediaUse {
        path: path.clone(),
        file: sources.root.join(path),
        places: places.clone(),
        language: facts.spare.get(path).cloned(),
    });
    let media: Vec<_> = media.collect();
    let bank = (!diagnostics.has_errors()).then(|| finish::bank(&project, &facts, &media));
    if let Some(bank) = &bank {
        check::doubts(&project, &files, bank, &mut diagnostics);
    }
    let parts = bank.as_ref().map_or_else(Vec::new, |bank| parts::parts(&project, &files, bank));
    Checked { bank, diagnostics, media, parts }
}

/// Reads one file as far as it goes; `whole` falls if something of it could not be read at all.
fn read(source: &Source, diagnostics: &mut Diagnostics, whole: &mut bool) -> schema::Bank {
    let mut root = read_file::<schema::Bank>(source, diagnostics, "not-a-bank");
    root.value.lift_sounds();
    *whole &= root.complete;
    if let Some(node) = root.node.filter(|_| root.value.version != schema::VERSION) {
        let place = source.place(node.field("version").map_or(node.head(), |version| version.span.clone()));
        let message = format!("version {} of the bank language is not known", root.value.version);
        let error = Diagnostic::error("unsupported-version", place, message);
        diagnostics.push(error.help(format!("this engine reads version {}", schema::VERSION)));
    }
    let mut bank = root.value;
    // A group of states is a parameter, too.
    let groups = bank.states.0.iter().map(|entry| schema::Entry {
        name: entry.name.clone(),
        span: entry.span.clone(),
        owner: None,
        value: entry.value.as_ref().map(schema::States::parameter),
    });
    let groups: Vec<_> = groups.collect();
    bank.parameters.0.extend(groups);
    bank
}

impl Diagnostics {
    /// Adds an error for a sound file that is not there (`missing-file`) or can't be played (`bad-file`), at the
    /// first place that names it; the other places are listed with it.
    pub fn push_media_error(&mut self, media: &MediaUse, code: &'static str, message: impl Into<String>) {
        self.push_media(media, |place| Diagnostic::error(code, place, message));
    }

    /// Adds a warning for a sound file that is not there, and can be done without.
    pub fn push_media_warning(&mut self, media: &MediaUse, code: &'static str, message: impl Into<String>) {
        self.push_media(media, |place| Diagnostic::warning(code, place, message));
    }

    fn push_media(&mut self, media: &MediaUse, finding: impl FnOnce(Place) -> Diagnostic) {
        let Some((first, others)) = media.places.split_first() else {
            return;
        };
        let finding = finding(first.clone());
        let others = others.iter().take(8);
        self.push(others.fold(finding, |finding, place| finding.related("also named here", place)));
    }
}
