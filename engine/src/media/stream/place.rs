//! Where the bytes of a stream lie, ready to be read.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::super::Problem;
use super::super::files::Bytes;
use super::super::pack::Blob;

/// How many files are kept open though nothing of them plays, all streams together. Some systems give a program no more
/// than 256, and the game wants some of them for itself.
const MOST_KEPT: usize = 128;

/// How many are.
static KEPT: AtomicUsize = AtomicUsize::new(0);

/// A file's bytes.
pub(super) enum Place {
    File(Opened),
    Packed(Blob),
}

/// An open file.
pub(super) struct Opened {
    file: Mutex<File>,
    /// Whether it is one of those that are kept open.
    kept: bool,
}

impl Drop for Opened {
    fn drop(&mut self) {
        if self.kept {
            KEPT.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Place {
    /// What a stream holds as long as it can be played, so that a file over which another is renamed is still there. `None`
    /// if too many are held; then it is opened when it plays.
    pub(super) fn keep(path: &Path, bytes: &Bytes) -> Option<Arc<Self>> {
        if let Some(blob) = bytes.packed() {
            return Some(Arc::new(Self::Packed(blob.clone())));
        }
        let more = |kept| (kept < MOST_KEPT).then_some(kept + 1);
        KEPT.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        match File::open(path) {
            Ok(file) => Some(Arc::new(Self::File(Opened { file: Mutex::new(file), kept: true }))),
            Err(_) => {
                KEPT.fetch_sub(1, Ordering::Relaxed);
                None
            }
        }
    }

    /// Opens a file for as long as it plays.
    pub(super) fn open(path: &Path) -> Result<Arc<Self>, Problem> {
        let file = File::open(path).map_err(|error| Problem::Unreadable(error.to_string()))?;
        Ok(Arc::new(Self::File(Opened { file: Mutex::new(file), kept: false })))
    }

    /// Reads a range.
    pub(super) fn read(&self, range: Range<u32>) -> Result<Vec<u8>, Problem> {
        let file = match self {
            Self::File(opened) => &opened.file,
            Self::Packed(blob) => {
                let bytes = blob.get(range.start as usize..range.end as usize);
                return bytes.map(<[u8]>::to_vec).ok_or(Problem::Damaged);
            }
        };
        let mut bytes = vec![0; range.len()];
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        let refused = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Problem::Changed,
            _ => Problem::Unreadable(error.to_string()),
        };
        file.seek(SeekFrom::Start(u64::from(range.start))).map_err(refused)?;
        file.read_exact(&mut bytes).map_err(refused)?;
        Ok(bytes)
    }
}
