//! A sound file's bytes into planar sound. The format is known by content, never by the file's name.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use super::{MediaError, Problem, error, vorbis, wav};

/// How a file was coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// Ogg Vorbis.
    Vorbis,
    /// Not at all: samples as they are played, in a pack.
    Packed,
    /// WAV, uncompressed.
    Wav {
        /// Bits of one sample: 8, 16, 24 or 32.
        bits: u16,
        /// Whether the samples are floats rather than integers.
        float: bool,
    },
}

/// A decoded file, at its own sample rate.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// One buffer per channel, all of the same length; full scale is ±1. At least one, never empty.
    pub channels: Vec<Vec<f32>>,
    /// Frames per second.
    pub sample_rate: u32,
    /// How the file was coded.
    pub codec: Codec,
    /// The file's texts as `(name, value)`, in file order.
    pub tags: Vec<(String, String)>,
}

impl Decoded {
    /// The length in frames.
    pub fn frames(&self) -> usize {
        self.channels.first().map_or(0, Vec::len)
    }
}

/// Reads and decodes a file on the calling thread.
///
/// # Errors
/// Whatever is wrong with the file: see [`Problem`].
pub fn decode(path: &Path) -> Result<Decoded, MediaError> {
    let name = path.display().to_string();
    match error::read(path) {
        Ok(bytes) => decode_bytes(&name, &bytes),
        Err(problem) => Err(problem.of(name)),
    }
}

/// Decodes a file's bytes on the calling thread; `name` stands in errors.
///
/// # Errors
/// Whatever is wrong with the bytes: see [`Problem`].
pub fn decode_bytes(name: &str, bytes: &[u8]) -> Result<Decoded, MediaError> {
    let decode = || {
        let plan = Plan::new(bytes)?;
        let parts = (0..plan.parts()).map(|part| plan.decode(part)).collect::<Result<Vec<_>, _>>()?;
        plan.assemble(parts)
    };
    decode().map_err(|problem: Problem| problem.of(name))
}

/// A file whose headers are read, ready to be decoded in parts on any threads.
pub(super) enum Plan<'a> {
    Vorbis(vorbis::Plan<'a>),
    /// Decoded in one piece: it is copying, and the disk is slower.
    Wav(&'a [u8]),
}

/// What one part gave.
pub(super) enum Piece {
    Vorbis(Vec<Vec<f32>>),
    Wav(Decoded),
}

impl<'a> Plan<'a> {
    /// Knows the format and reads the headers.
    pub fn new(bytes: &'a [u8]) -> Result<Self, Problem> {
        match bytes {
            [] => Err(Problem::Empty),
            _ if bytes.starts_with(b"OggS") => guarded(|| Ok(Self::Vorbis(vorbis::plan(bytes)?))),
            _ if bytes.starts_with(b"RIFF") && bytes.get(8..12).is_none_or(|kind| kind == b"WAVE") => {
                Ok(Self::Wav(bytes))
            }
            _ => Err(Problem::UnknownFormat(looks_like(bytes).to_owned())),
        }
    }

    /// How many parts there are, at least one.
    pub fn parts(&self) -> usize {
        match self {
            Self::Vorbis(plan) => plan.parts(),
            Self::Wav(_) => 1,
        }
    }

    /// How many frames there are, and their rate, from what the headers say.
    pub fn length(&self) -> Result<(u64, u32), Problem> {
        match self {
            Self::Vorbis(plan) => Ok((plan.frames, plan.sample_rate)),
            Self::Wav(bytes) => wav::length(bytes),
        }
    }

    /// Decodes one part.
    pub fn decode(&self, part: usize) -> Result<Piece, Problem> {
        guarded(|| match self {
            Self::Vorbis(plan) => Ok(Piece::Vorbis(plan.decode(part)?)),
            Self::Wav(bytes) => Ok(Piece::Wav(wav::decode(bytes)?)),
        })
    }

    /// Joins all parts, in order.
    pub fn assemble(&self, parts: Vec<Piece>) -> Result<Decoded, Problem> {
        let mut whole: Option<Decoded> = None;
        for piece in parts {
            match (piece, &mut whole, self) {
                (Piece::Wav(decoded), ..) => whole = Some(decoded),
                (Piece::Vorbis(channels), None, Self::Vorbis(plan)) => {
                    let (sample_rate, tags) = (plan.sample_rate, plan.tags.clone());
                    let mut decoded = Decoded { channels, sample_rate, codec: Codec::Vorbis, tags };
                    let missing = usize::try_from(plan.frames).unwrap_or(0).saturating_sub(decoded.frames());
                    decoded.channels.iter_mut().for_each(|channel| channel.reserve_exact(missing));
                    whole = Some(decoded);
                }
                (Piece::Vorbis(channels), Some(whole), _) => {
                    for (all, new) in whole.channels.iter_mut().zip(channels) {
                        all.extend_from_slice(&new);
                    }
                }
                (Piece::Vorbis(_), None, Self::Wav(_)) => {}
            }
        }
        let whole = whole.ok_or(Problem::Empty)?;
        check_finite(&whole.channels)?;
        Ok(whole)
    }
}

/// Refuses NaN and infinities: they would spread through every filter behind.
pub(super) fn check_finite(channels: &[Vec<f32>]) -> Result<(), Problem> {
    for (channel, samples) in channels.iter().enumerate() {
        if let Some(frame) = samples.iter().position(|sample| !sample.is_finite()) {
            return Err(Problem::NotFinite { channel, frame });
        }
    }
    Ok(())
}

/// The last line against a decoder that panics on a malicious file.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(Problem::Corrupt("the decoder could not make sense of it".to_owned())))
}

fn looks_like(bytes: &[u8]) -> &'static str {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    match bytes {
        _ if starts(b"ID3") || starts(b"\xff\xfb") || starts(b"\xff\xf3") => "an MP3 file",
        _ if starts(b"fLaC") => "a FLAC file",
        _ if starts(b"FORM") => "an AIFF file",
        _ if starts(b"RF64") || starts(b"BW64") => "a 64-bit WAV file",
        _ if starts(b"RIFF") => "a RIFF file, but not a WAV file",
        _ if bytes.get(4..8) == Some(b"ftyp") => "an MP4 file",
        _ if starts(b"version https://git-lfs") => {
            "a Git LFS pointer, not the sound itself (run `git lfs pull`)"
        }
        _ => "no known sound format",
    }
}
