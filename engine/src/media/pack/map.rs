//! A file's bytes in memory: mapped, so that the system brings in what is read and may let go of it again; read as a
//! whole where mapping can't be had.
//!
//! This is the one place of the room with a door to `unsafe`.

use std::fs::File;
use std::ops::{Deref, Range};
use std::path::Path;
use std::sync::Arc;

/// A whole file.
#[derive(Debug)]
pub(super) enum Map {
    Mapped(memmap2::Mmap),
    Read(Vec<u8>),
}

impl Map {
    /// Opens a file.
    pub(super) fn open(path: &Path) -> std::io::Result<Self> {
        let file = File::open(path)?;
        if !file.metadata()?.is_file() {
            return Err(std::io::Error::other("it is not a file"));
        }
        match map(&file) {
            Ok(map) => Ok(Self::Mapped(map)),
            Err(_) => std::fs::read(path).map(Self::Read),
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Read(bytes) => bytes,
        }
    }
}

/// The door. Mapped bytes stay what they are only as long as nobody changes the file; Rust can't know that.
#[expect(unsafe_code, reason = "the system maps files, and only a promise keeps others from writing to them")]
fn map(file: &File) -> std::io::Result<memmap2::Mmap> {
    // SAFETY: a pack is written once, under another name, and gets its own by renaming (`writer`): no pack is ever
    // changed in place by us, and a new one leaves the old one's bytes alone. The map is private and read-only. A
    // program that writes into a shipped file while it is played breaks the promise, as it would with any mapped library.
    unsafe { memmap2::MmapOptions::new().map(file) }
}

/// Some of a file's bytes where they lie. Cloning shares the file, which is open as long as any blob of it is.
#[derive(Clone)]
pub struct Blob {
    map: Arc<Map>,
    range: Range<usize>,
}

impl Blob {
    pub(super) fn new(map: &Arc<Map>, range: Range<usize>) -> Self {
        Self { map: map.clone(), range }
    }
}

impl Deref for Blob {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.map.bytes().get(self.range.clone()).unwrap_or_default()
    }
}

impl std::fmt::Debug for Blob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Blob({:?})", self.range)
    }
}
