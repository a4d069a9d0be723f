//! Where sound files come from: a folder, or a pack.

use super::pack::{self, Blob, Pack};
use super::store::{LoadOutcome, Request, Store, load_all};
use super::{Problem, error};
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

/// Where sound files come from.
#[derive(Debug, Clone, Default)]
pub enum Files {
    /// The file system.
    #[default]
    Disk,
    /// A pack. Its sound files are named by its own path and theirs within it.
    Pack(Arc<Pack>),
}

impl Files {
    /// Loads what is asked for, as [`load_all`] does. Of a pack, sounds that lie ready are only copied; its rate must fit,
    /// see [`Pack::check_rate`].
    pub fn load(
        &self,
        requests: &[Request],
        sample_rate: u32,
        threads: usize,
        previous: &Store,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> LoadOutcome {
        match self {
            Self::Disk => load_all(requests, sample_rate, threads, previous, progress),
            Self::Pack(pack) => pack::load(pack, requests, (sample_rate, threads), previous, progress),
        }
    }

    /// Whether there is such a sound file.
    pub fn holds(&self, file: &Path) -> bool {
        match self {
            Self::Disk => file.is_file(),
            Self::Pack(pack) => pack.holds(file),
        }
    }

    /// How long a file is, in bytes; 0 if that can't be told.
    pub(super) fn size(&self, file: &Path) -> u64 {
        match self {
            Self::Disk => std::fs::metadata(file).map_or(0, |about| about.len()),
            Self::Pack(pack) => pack.size(file),
        }
    }

    /// A whole file. What a pack has in another form only is not packed; what it does not have at all is not there, as in
    /// a folder.
    pub(super) fn read(&self, file: &Path) -> Result<Bytes, Problem> {
        match self {
            Self::Disk => error::read(file).map(Bytes::Read),
            Self::Pack(pack) if !pack.holds(file) => Err(Problem::NotFound),
            Self::Pack(pack) => pack.source(file).map(Bytes::Packed),
        }
    }
}

/// A file's bytes, of their own or where they lie.
pub(super) enum Bytes {
    Read(Vec<u8>),
    Packed(Blob),
}

impl Bytes {
    /// Where they lie, if that is in a pack.
    pub(super) fn packed(&self) -> Option<&Blob> {
        match self {
            Self::Read(_) => None,
            Self::Packed(blob) => Some(blob),
        }
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Read(bytes) => bytes,
            Self::Packed(blob) => blob,
        }
    }
}
