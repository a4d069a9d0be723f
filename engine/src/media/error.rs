//! What can be wrong with a sound file, in words a sound designer can act on.

use std::path::Path;

use thiserror::Error;

use super::{MAX_FILE_BYTES, MAX_SECONDS, Micros};

/// A sound file that could not be used: which one, and why.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{file}: {problem}")]
pub struct MediaError {
    /// The file's path, or the name under which its bytes came.
    pub file: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a sound file. The text says what it is and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Problem {
    /// There is no such file.
    #[error("no such file; check the path and its upper and lower case")]
    NotFound,
    /// The file is there but cannot be read. The system's reason is inside.
    #[error("cannot be read ({0}); check the file's permissions")]
    Unreadable(String),
    /// The content is no format that plays. What it looks like is inside.
    #[error("is {0}; only Ogg Vorbis and WAV (8, 16, 24, 32 bit or 32 bit float) play: convert it")]
    UnknownFormat(String),
    /// The file ends before the sound does. Where it broke off is inside.
    #[error("is cut short: {0}; copy or export it again")]
    Truncated(String),
    /// The content contradicts itself. What was found is inside.
    #[error("is corrupt: {0}; export it again")]
    Corrupt(String),
    /// The sound is longer than the limit.
    #[error("lasts {seconds} s, the limit is {MAX_SECONDS} s; split it")]
    TooLong {
        /// How long it lasts.
        seconds: u64,
    },
    /// The file is larger than the limit.
    #[error("is {bytes} bytes long, the limit is {MAX_FILE_BYTES}; split it")]
    TooLarge {
        /// Its size.
        bytes: u64,
    },
    /// A float file holds NaN or an infinity.
    #[error("holds NaN or an infinite sample at frame {frame} of channel {channel}; export it again")]
    NotFinite {
        /// The channel of the first such sample, from 0.
        channel: usize,
        /// The frame of the first such sample, from 0.
        frame: usize,
    },
    /// Too many channels, or none.
    #[error("has {channels} channels; {}", advice(*.most))]
    Channels {
        /// How many the file has.
        channels: usize,
        /// How many were admitted.
        most: usize,
    },
    /// A clip cuts it where there is nothing.
    #[error("`{what}` is {} s, but the file is {} s long", .at.seconds(), .ends.seconds())]
    Beyond {
        /// Which of the clip's times.
        what: &'static str,
        /// What it says.
        at: Micros,
        /// Where the file ends.
        ends: Micros,
    },
    /// A clip leaves nothing of it.
    #[error("between `{from}` and `{to}` there is not a single frame")]
    Nothing {
        /// The clip's earlier time.
        from: &'static str,
        /// The later one.
        to: &'static str,
    },
    /// It is in a pack, and not as it was packed.
    #[error("is damaged in its pack; copy the pack again, or pack it again")]
    Damaged,
    /// The pack does not have it in the form that is wanted.
    #[error("is not in the pack as it is wanted; pack it again with this version")]
    NotPacked,
    /// It is read while it plays, and is not what it was when it was loaded.
    #[error("was written over since it was loaded; load the project again")]
    Changed,
    /// There is no sound in it.
    #[error("holds no sound: 0 frames; export it again or remove it")]
    Empty,
}

fn advice(most: usize) -> String {
    if most == 2 {
        "only mono and stereo play: mix it down".to_owned()
    } else {
        format!("at most {most} can be read: mix it down")
    }
}

impl Problem {
    /// Names the file that has this problem.
    pub fn of(self, file: impl Into<String>) -> MediaError {
        MediaError { file: file.into(), problem: self }
    }
}

/// Reads a whole file, or says why not. Pipes and devices, which need not end, are not read.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    let refused = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => Problem::NotFound,
        _ => Problem::Unreadable(error.to_string()),
    };
    let about = std::fs::metadata(path).map_err(refused)?;
    if !about.is_file() {
        return Err(Problem::Unreadable("it is not a file".to_owned()));
    }
    if about.len() > MAX_FILE_BYTES {
        return Err(Problem::TooLarge { bytes: about.len() });
    }
    std::fs::read(path).map_err(refused)
}
