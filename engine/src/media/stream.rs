//! What plays from the disk: a sample whose head is in memory, and whose rest is decoded while it plays.
//!
//! Lives here: [`Source`], which knows where in its file each part of a sound lies, and [`Cursor`], which reads any
//! stretch of it as it is heard: decoded, resampled, cut, turned round, crossfaded, with the bits that the same stretch has
//! in a sample that is wholly in memory. May be named here: `dsp`. Sources are made by the loader's workers, which read the
//! whole file once to check it; cursors belong to the thread that decodes. What both need is small: the list of
//! parts, about half a kilobyte for each second of Vorbis.
//!
//! A file in a pack is read where it lies in the mapped pack, and the system brings in what is needed of it.
//!
//! The file is kept open as long as it may be played, so one that is replaced by renaming another over it sounds as it was
//! until the project is loaded again. One that is written over in place is noticed by its parts' hashes: what no longer is
//! what was loaded is not played.

mod cursor;
mod index;
mod place;

pub use cursor::Cursor;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::decode::{self, Plan};
use super::edit::Layout;
use super::files::Bytes;
use super::vorbis::Headers;
use super::{Edit, Problem};
use crate::dsp::resample::Resampler;
use index::Index;
use place::Place;

/// Clips longer than this, in seconds of what is left of the file, are streamed unless they say otherwise. A minute of
/// stereo takes 23 MB in memory, and nothing of it is heard sooner than from the disk; what is shorter is mostly
/// many sounds at once, and cheaper to keep than to decode again and again.
pub const STREAM_SECONDS: u32 = 60;
/// How much of a streamed sound is always in memory, in seconds: it starts with that, at once.
pub const HEAD_SECONDS: f32 = 0.5;
/// What is no longer than so many heads is in memory anyway.
const SHORTEST: usize = 2;

/// What a decoder needs while it runs, shared by all cursors of a source and freed with the last.
struct Tables {
    place: Arc<Place>,
    headers: Vec<Headers>,
    resampler: Option<Resampler>,
}

/// A sound in a file, ready to be read in any order.
pub struct Source {
    path: PathBuf,
    /// Where its bytes are, unless too many files are open already.
    place: Option<Arc<Place>>,
    index: Index,
    sample_rate: u32,
    layout: Layout,
    /// Whether the file repeats as it is, so that its end continues in its beginning.
    round: bool,
    tables: Mutex<Weak<Tables>>,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source")
            .field("path", &self.path)
            .field("layout", &self.layout)
            .finish_non_exhaustive()
    }
}

impl PartialEq for Source {
    /// Whether both read the same file in the same way; what is in it, the samples tell.
    fn eq(&self, other: &Self) -> bool {
        (&self.path, self.sample_rate, &self.layout) == (&other.path, other.sample_rate, &other.layout)
    }
}

/// Whether a clip is streamed, of a file of that many frames at its own rate. A clip that cuts wrongly is not: loading it
/// says what is wrong.
pub(super) fn is_streamed(edit: &Edit, frames: u64, rate: u32, sample_rate: u32) -> bool {
    if edit.impulse || edit.stream == Some(false) {
        return false;
    }
    let whole = converted(edit, frames, rate, sample_rate);
    let Ok(layout) = edit.layout(whole, sample_rate) else { return false };
    let long = layout.kept.len() > SHORTEST * head(sample_rate);
    long && edit
        .stream
        .unwrap_or(layout.kept.len() as u64 > u64::from(STREAM_SECONDS) * u64::from(sample_rate))
}

/// Whether a clip that plays all of a file and says nothing else is streamed, and the memory that it keeps at 48 kHz, in bytes.
pub(super) fn by_itself(frames: u64, rate: u32, channels: usize) -> (bool, usize) {
    const RATE: u32 = 48_000;
    let streamed = is_streamed(&Edit::default(), frames, rate, RATE);
    let kept = if streamed { head(RATE) } else { converted(&Edit::default(), frames, rate, RATE) };
    (streamed, kept * channels * size_of::<f32>())
}

/// How long the head is, in frames.
fn head(sample_rate: u32) -> usize {
    (HEAD_SECONDS * sample_rate as f32) as usize
}

/// How many frames a file has at the engine's rate.
fn converted(edit: &Edit, frames: u64, rate: u32, sample_rate: u32) -> usize {
    let (frames, rate, to) = (u128::from(frames), u128::from(rate.max(1)), u128::from(sample_rate));
    let converted = match (rate == to, edit.repeats_whole()) {
        (true, _) => frames,
        (false, true) => ((frames * to * 2 + rate) / (rate * 2)).max(1),
        (false, false) => (frames * to).div_ceil(rate),
    };
    converted as usize
}

impl Source {
    /// Makes the source for a file whose `bytes` were read and planned.
    pub(super) fn new(
        path: &Path,
        bytes: &Bytes,
        plan: &Plan<'_>,
        edit: &Edit,
        sample_rate: u32,
    ) -> Result<Self, Problem> {
        let index = decode::guarded(|| Index::new(plan, bytes))?;
        edit.admits(index.channels)?;
        super::check_shape(index.channels, index.sample_rate, index.frames)?;
        let whole = converted(edit, index.frames, index.sample_rate, sample_rate);
        let layout = edit.layout(whole, sample_rate)?;
        Ok(Self {
            path: path.to_owned(),
            place: Place::keep(path, bytes),
            index,
            sample_rate,
            layout,
            round: edit.repeats_whole(),
            tables: Mutex::new(Weak::new()),
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The length as it is heard, in frames of the engine's rate.
    pub fn frames(&self) -> usize {
        self.layout.kept.len()
    }

    /// The engine's rate, in frames per second.
    pub fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    /// How many channels there are: one or two.
    pub fn channels(&self) -> usize {
        self.index.channels
    }

    /// What repeats of it, in frames.
    pub fn lap(&self) -> Option<&Range<usize>> {
        self.layout.lap.as_ref()
    }

    /// How many frames from the first on are always in memory.
    pub fn head(&self) -> usize {
        head(self.sample_rate).min(self.frames())
    }

    /// Memory taken by the list of parts.
    pub fn bytes(&self) -> usize {
        self.index.bytes()
    }

    /// Makes ready to read: the decoder's tables are read from the file, unless another cursor has them.
    ///
    /// # Errors
    /// If the file can't be read, or is no longer what was loaded.
    pub fn open(self: &Arc<Self>) -> Result<Cursor, Problem> {
        let mut shared = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let tables = match shared.upgrade() {
            Some(tables) => tables,
            None => {
                let place = self.place.clone().map_or_else(|| Place::open(&self.path), Ok)?;
                let headers = decode::guarded(|| self.index.headers(|range| place.read(range)));
                // They were read once before.
                let headers = headers.map_err(|problem| match problem {
                    Problem::Unreadable(_) => problem,
                    _ => Problem::Changed,
                })?;
                let (frames, from, to) = (self.index.frames, self.index.sample_rate, self.sample_rate);
                let resampler = (from != to).then(|| {
                    if self.round {
                        Resampler::of_loop(frames, from, to)
                    } else {
                        Resampler::new(frames, from, to)
                    }
                });
                Arc::new(Tables { place, headers, resampler })
            }
        };
        *shared = Arc::downgrade(&tables);
        drop(shared);
        Ok(Cursor::new(Arc::clone(self), tables))
    }
}

#[cfg(test)]
mod tests;
