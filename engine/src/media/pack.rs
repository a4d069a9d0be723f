//! A project in one file, for shipping: every bank's text, and every sound as it is loaded.
//!
//! Short sounds lie in it as the very samples that a voice reads, made at the pack's rate: they are copied into memory,
//! and nothing is decoded. Long ones keep the bytes of their file, which is decoded when it is loaded, or read in the
//! mapped pack while it plays. The layout is in `layout`.
//!
//! A pack is not trusted either: its header, its index and each part of it carry a sum that is looked at before use,
//! and no size in it is believed that goes beyond the file.

mod error;
mod layout;
mod load;
mod map;
mod writer;

#[cfg(test)]
mod tests;

pub use error::PackError;
pub use layout::VERSION;
pub use map::Blob;
pub use writer::PackWriter;

pub(super) use layout::Shape;
pub(super) use load::load;

use super::sample::{Hasher, Sample};
use super::{Problem, Request};
use layout::{Content, Flaw, Header, Part};
use map::Map;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How a thing lies in a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// A bank's text.
    Text,
    /// Samples as they are played.
    Pcm {
        /// How many channels.
        channels: usize,
        /// How many frames, at the pack's rate.
        frames: usize,
    },
    /// A sound file's own bytes, Ogg Vorbis or WAV.
    Source,
}

/// One thing in a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The path relative to the project, with `/` between its parts. A sound that is cut in several ways stands there more
    /// than once.
    pub path: &'a str,
    /// How it lies there.
    pub stored: Stored,
    /// How many bytes it takes.
    pub bytes: u64,
}

/// An open pack.
#[derive(Debug)]
pub struct Pack {
    path: PathBuf,
    map: Arc<Map>,
    sample_rate: u32,
    parts: Vec<Part>,
    /// Where sources are among the parts, by path.
    sources: BTreeMap<String, usize>,
    /// Where the samples of each request are.
    samples: BTreeMap<(String, super::Edit), usize>,
}

impl Pack {
    /// Opens a pack: maps it, or reads it where that can't be done, and checks its header, index and texts.
    ///
    /// # Errors
    /// All of [`PackError`] that reading can come to, but [`PackError::Rate`].
    pub fn open(path: &Path) -> Result<Arc<Self>, PackError> {
        let unreadable = |error| PackError::Unreadable { path: path.to_owned(), error };
        Self::of(path, Map::open(path).map_err(unreadable)?)
    }

    fn of(path: &Path, map: Map) -> Result<Arc<Self>, PackError> {
        let map = Arc::new(map);
        let flawed = |flaw: Flaw| flaw.of(path);
        let header = Header::read(map.bytes()).map_err(flawed)?;
        let parts = layout::read_index(map.bytes(), &header).map_err(flawed)?;
        let (mut sources, mut samples) = (BTreeMap::new(), BTreeMap::new());
        for (at, part) in parts.iter().enumerate() {
            match &part.content {
                Content::Text => {
                    let text = map.bytes().get(part.range.clone()).unwrap_or_default();
                    if Hasher::of(text) != part.sum {
                        return Err(flawed(Flaw::Damaged("a bank's text is not as it was")));
                    }
                    if std::str::from_utf8(text).is_err() {
                        return Err(flawed(Flaw::Damaged("a bank is no text")));
                    }
                }
                Content::Source => {
                    sources.insert(part.path.clone(), at);
                }
                Content::Pcm(shape) => {
                    samples.insert((part.path.clone(), shape.edit), at);
                }
            }
        }
        let sample_rate = header.sample_rate;
        Ok(Arc::new(Self { path: path.to_owned(), map, sample_rate, parts, sources, samples }))
    }

    /// Whether a file begins as a pack does, of whatever version.
    pub fn is_pack(path: &Path) -> bool {
        let mut magic = [0; layout::MAGIC.len()];
        let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut magic));
        read.is_ok() && magic == layout::MAGIC
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The rate of its samples, in hertz.
    pub fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    /// Whether an engine at this rate can play it. One without ready samples is decoded for any rate.
    ///
    /// # Errors
    /// [`PackError::Rate`].
    pub fn check_rate(&self, engine: u32) -> Result<(), PackError> {
        if engine == self.sample_rate || self.samples.is_empty() {
            return Ok(());
        }
        Err(PackError::Rate { path: self.path.clone(), pack: self.sample_rate, engine })
    }

    /// All that is in it, in the order of the file.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.parts.iter().map(Part::entry)
    }

    /// For each entry that lies ready, how it is cut.
    pub(super) fn edits(&self) -> impl Iterator<Item = Option<super::Edit>> {
        self.parts.iter().map(|part| match &part.content {
            Content::Pcm(shape) => Some(shape.edit),
            _ => None,
        })
    }

    /// The banks' paths and texts, in the order of the file.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        let texts = self.parts.iter().filter(|part| matches!(part.content, Content::Text));
        texts.map(|part| {
            let bytes = self.map.bytes().get(part.range.clone()).unwrap_or_default();
            (part.path.as_str(), std::str::from_utf8(bytes).unwrap_or_default())
        })
    }

    /// The path within the pack of what a request names by the pack's own path and that.
    fn within<'a>(&self, file: &'a Path) -> Option<&'a str> {
        file.strip_prefix(&self.path).ok()?.to_str()
    }

    /// Whether a sound file is in it, in any form.
    pub(super) fn holds(&self, file: &Path) -> bool {
        let Some(path) = self.within(file) else { return false };
        // The plain cut comes before all others.
        let first = (path.to_owned(), super::Edit::default());
        let packed = self.samples.range(first..).next().is_some_and(|((found, _), _)| found == path);
        packed || self.sources.contains_key(path)
    }

    /// How long a sound file is, in bytes, if its own bytes are there.
    pub(super) fn size(&self, file: &Path) -> u64 {
        let part = self.within(file).and_then(|path| self.sources.get(path));
        part.and_then(|&part| self.parts.get(part)).map_or(0, |part| part.range.len() as u64)
    }

    /// A sound file's own bytes where they lie, checked: whole, and of these any range may be read while the blob lives.
    ///
    /// # Errors
    /// [`Problem::NotPacked`] if they are not there, [`Problem::Damaged`] if they are not as they were.
    pub fn source(&self, file: &Path) -> Result<Blob, Problem> {
        let part = self.within(file).and_then(|path| self.sources.get(path));
        let part = part.and_then(|&part| self.parts.get(part)).ok_or(Problem::NotPacked)?;
        self.blob(part)
    }

    fn blob(&self, part: &Part) -> Result<Blob, Problem> {
        let blob = Blob::new(&self.map, part.range.clone());
        if Hasher::of(&blob) == part.sum { Ok(blob) } else { Err(Problem::Damaged) }
    }

    /// The shape of a request's samples, if they lie ready.
    fn shape(&self, request: &Request) -> Option<(&Part, &Shape)> {
        let path = self.within(&request.file)?;
        let part = self.parts.get(*self.samples.get(&(path.to_owned(), request.edit))?)?;
        match &part.content {
            Content::Pcm(shape) => Some((part, shape)),
            _ => None,
        }
    }

    /// A request's samples, if they lie ready.
    fn sample(&self, part: &Part, shape: &Shape) -> Result<Arc<Sample>, Problem> {
        Sample::packed(shape, self.sample_rate, &self.blob(part)?).map(Arc::new)
    }
}
