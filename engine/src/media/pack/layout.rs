//! How a pack is laid out, byte by byte. All numbers are little-endian.
//!
//! | where | what |
//! | --- | --- |
//! | 0 | the header: 64 bytes, see [`Header`] |
//! | 64 … | the parts, one after another, each at a multiple of 16 |
//! | at its end | the index: what and where each part is, see [`Part`] |
//!
//! A sum is the 64-bit hash by which sound files are told apart everywhere: a single changed byte always changes it, and
//! it is no protection against forgery. Anything that changes how a sample is made or laid out (its guards, what a cut
//! does) is another [`VERSION`].

use super::super::sample::{GUARD, Hasher, SEAM};
use super::super::{ENGINE_RATES, Edit, Micros};
use super::PackError;
use super::{Entry, Stored};
use std::ops::Range;
use std::path::Path;

/// The version of the layout that this engine writes and reads.
pub const VERSION: u32 = 1;
/// How a pack begins.
pub(super) const MAGIC: [u8; 8] = *b"TONPACK\0";
/// The length of the header.
pub(super) const HEADER: usize = 64;
/// Parts begin at multiples of this.
pub(super) const ALIGN: usize = 16;
/// Where in the header its own sum is.
const HEADER_SUM: usize = 56;

/// What is wrong with a pack, before its name is known.
pub(super) enum Flaw {
    NotAPack,
    Version(u32),
    Truncated { is: u64, should: u64 },
    Damaged(&'static str),
}

impl Flaw {
    pub(super) fn of(self, path: &Path) -> PackError {
        let path = path.to_owned();
        match self {
            Self::NotAPack => PackError::NotAPack(path),
            Self::Version(found) => PackError::Version { path, found },
            Self::Truncated { is, should } => PackError::Truncated { path, is, should },
            Self::Damaged(what) => PackError::Damaged { path, what },
        }
    }
}

/// The first bytes: magic (8), version (4), sample rate (4), the file's length (8), the index's offset (8), its length
/// (8), its sum (8), nothing (8), the sum of all that (8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) sample_rate: u32,
    pub(super) index: Range<usize>,
    pub(super) index_sum: u64,
}

impl Header {
    /// The header's bytes, for an index that ends the file.
    pub(super) fn write(&self) -> [u8; HEADER] {
        let mut bytes = Vec::with_capacity(HEADER);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&self.sample_rate.to_le_bytes());
        for number in [self.index.end, self.index.start, self.index.len()] {
            bytes.extend_from_slice(&(number as u64).to_le_bytes());
        }
        bytes.extend_from_slice(&self.index_sum.to_le_bytes());
        bytes.resize(HEADER_SUM, 0);
        let sum = Hasher::of(&bytes);
        bytes.extend_from_slice(&sum.to_le_bytes());
        let mut header = [0; HEADER];
        header.copy_from_slice(&bytes);
        header
    }

    /// Reads and checks the header of a whole pack.
    pub(super) fn read(pack: &[u8]) -> Result<Self, Flaw> {
        if pack.get(..MAGIC.len()) != Some(&MAGIC[..]) {
            return Err(Flaw::NotAPack);
        }
        let is = pack.len() as u64;
        let short = Flaw::Truncated { is, should: HEADER as u64 };
        let mut from = Reader(pack.get(MAGIC.len()..).unwrap_or_default());
        // Another version may look otherwise from here on.
        let Some(version) = from.u32() else { return Err(short) };
        if version != VERSION {
            return Err(Flaw::Version(version));
        }
        let Some(header) = pack.get(..HEADER) else { return Err(short) };
        let broken = Flaw::Damaged("its header is not as it was written");
        let read = || {
            let sample_rate = from.u32()?;
            let [length, offset, index_length, index_sum] =
                [from.u64()?, from.u64()?, from.u64()?, from.u64()?];
            Some((sample_rate, length, offset, index_length, index_sum))
        };
        let mut read = read;
        let Some((sample_rate, length, offset, index_length, index_sum)) = read() else { return Err(short) };
        let sum = header.get(HEADER_SUM..).and_then(|sum| Reader(sum).u64());
        if sum != header.get(..HEADER_SUM).map(Hasher::of) {
            return Err(broken);
        }
        if !ENGINE_RATES.contains(&sample_rate) {
            return Err(Flaw::Damaged("no engine has its rate"));
        }
        if is < length {
            return Err(Flaw::Truncated { is, should: length });
        }
        let index = usize::try_from(offset).ok().zip(usize::try_from(index_length).ok());
        let index = index.and_then(|(start, length)| Some(start..start.checked_add(length)?));
        match index {
            Some(index) if index.end as u64 == length && is == length && index.start >= HEADER => {
                Ok(Self { sample_rate, index, index_sum })
            }
            _ => Err(broken),
        }
    }
}

/// Samples that lie ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::media) struct Shape {
    pub(in crate::media) edit: Edit,
    pub(in crate::media) channels: usize,
    /// Without the guards.
    pub(in crate::media) frames: usize,
    /// The hash of the file that they were made of.
    pub(in crate::media) content: u64,
    /// What repeats.
    pub(in crate::media) lap: Option<Range<usize>>,
    /// The frames of the crossfade before its end.
    pub(in crate::media) fade: usize,
}

impl Shape {
    /// How many bytes its channels take with their guards, one after the other.
    pub(in crate::media) fn samples(&self) -> Option<usize> {
        self.frames.checked_add(2 * GUARD)?.checked_mul(self.channels)?.checked_mul(size_of::<f32>())
    }

    /// The frames of what is heard of each channel by whoever leaves the loop; 0 without a crossfade.
    pub(in crate::media) fn exit(&self) -> Option<usize> {
        if self.fade > 0 { self.fade.checked_add(2 * SEAM) } else { Some(0) }
    }

    /// How many bytes it takes: the channels and, one after the other, their exits.
    pub(in crate::media) fn bytes(&self) -> Option<usize> {
        let exits = self.exit()?.checked_mul(self.channels)?.checked_mul(size_of::<f32>())?;
        self.samples()?.checked_add(exits)
    }
}

/// What a part is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    Text,
    Source,
    Pcm(Shape),
}

/// One part, as the index has it: what it is (1), path (its length in 2 and UTF-8), offset (8), length (8), sum (8); of
/// samples also channels (1), frames (8), content (8), lap (8, 8; the second is 0 if nothing repeats), the frames of its
/// crossfade (8), and the cut: flags (1), start, end, loop's start and end, crossfade (8 each, in microseconds).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) path: String,
    pub(super) content: Content,
    pub(super) range: Range<usize>,
    pub(super) sum: u64,
}

const TEXT: u8 = 0;
const SOURCE: u8 = 1;
const PCM: u8 = 2;

impl Part {
    /// The same for whoever looks at a pack.
    pub(super) fn entry(&self) -> Entry<'_> {
        Entry {
            path: &self.path,
            stored: match &self.content {
                Content::Text => Stored::Text,
                Content::Source => Stored::Source,
                Content::Pcm(shape) => Stored::Pcm { channels: shape.channels, frames: shape.frames },
            },
            bytes: self.range.len() as u64,
        }
    }

    /// Adds itself to an index. The path is at most 65535 bytes long.
    pub(super) fn write(&self, index: &mut Vec<u8>) {
        let kind = match self.content {
            Content::Text => TEXT,
            Content::Source => SOURCE,
            Content::Pcm(_) => PCM,
        };
        index.push(kind);
        index.extend_from_slice(&(self.path.len() as u16).to_le_bytes());
        index.extend_from_slice(self.path.as_bytes());
        let mut number = |number: u64| index.extend_from_slice(&number.to_le_bytes());
        for value in [self.range.start as u64, self.range.len() as u64, self.sum] {
            number(value);
        }
        let Content::Pcm(Shape { edit, channels, frames, content, lap, fade }) = &self.content else {
            return;
        };
        let lap = lap.clone().unwrap_or(0..0);
        let times = [edit.end, edit.loop_start, edit.loop_end].map(|time| time.map_or(0, |time| time.0));
        for value in [*frames as u64, *content, lap.start as u64, lap.end as u64, *fade as u64] {
            number(value);
        }
        for value in [edit.start.0, times[0], times[1], times[2], edit.crossfade.0] {
            number(value);
        }
        let flags = [
            edit.impulse,
            edit.looping,
            edit.reverse,
            edit.end.is_some(),
            edit.loop_start.is_some(),
            edit.loop_end.is_some(),
            edit.stream.is_some(),
            edit.stream == Some(true),
        ];
        index.push(*channels as u8);
        index.push(flags.iter().enumerate().map(|(bit, &flag)| u8::from(flag) << bit).sum());
    }

    fn read(from: &mut Reader<'_>, within: usize) -> Option<Self> {
        let kind = from.u8()?;
        let length = usize::from(from.u16()?);
        let path = std::str::from_utf8(from.take(length)?).ok()?.to_owned();
        let [offset, length, sum] = [from.u64()?, from.u64()?, from.u64()?];
        let start = usize::try_from(offset).ok()?;
        let range = start..start.checked_add(usize::try_from(length).ok()?)?;
        if range.start < HEADER || range.end > within {
            return None;
        }
        let content = match kind {
            TEXT => Content::Text,
            SOURCE => Content::Source,
            PCM => Content::Pcm(read_shape(from)?),
            _ => return None,
        };
        let fits = match &content {
            Content::Pcm(shape) => shape.bytes() == Some(range.len()),
            _ => true,
        };
        fits.then_some(Self { path, content, range, sum })
    }
}

fn read_shape(from: &mut Reader<'_>) -> Option<Shape> {
    let [frames, content, from_frame, to_frame, fade] =
        [from.u64()?, from.u64()?, from.u64()?, from.u64()?, from.u64()?];
    let mut time = || from.u64().map(Micros);
    let [start, end, loop_start, loop_end, crossfade] = [time()?, time()?, time()?, time()?, time()?];
    let (channels, flags) = (from.u8()?, from.u8()?);
    let flag = |bit: u8| flags & (1 << bit) != 0;
    let edit = Edit {
        impulse: flag(0),
        looping: flag(1),
        start,
        end: flag(3).then_some(end),
        reverse: flag(2),
        loop_start: flag(4).then_some(loop_start),
        loop_end: flag(5).then_some(loop_end),
        crossfade,
        stream: flag(6).then_some(flag(7)),
    };
    let frames = usize::try_from(frames).ok()?;
    let lap = usize::try_from(from_frame).ok()?..usize::try_from(to_frame).ok()?;
    let lap = (lap.end > 0).then_some(lap);
    let fade = usize::try_from(fade).ok()?;
    let longest = lap.as_ref().map_or(0, Range::len);
    let sound = frames > 0
        && fade <= longest
        && lap.as_ref().is_none_or(|lap| lap.start < lap.end && lap.end <= frames);
    sound.then_some(Shape { edit, channels: usize::from(channels), frames, content, lap, fade })
}

/// Reads and checks the index.
pub(super) fn read_index(pack: &[u8], header: &Header) -> Result<Vec<Part>, Flaw> {
    let index = pack.get(header.index.clone()).unwrap_or_default();
    if Hasher::of(index) != header.index_sum {
        return Err(Flaw::Damaged("its index is not as it was written"));
    }
    let mut from = Reader(index);
    let mut parts = Vec::new();
    while !from.0.is_empty() {
        let part = Part::read(&mut from, header.index.start);
        parts.push(part.ok_or(Flaw::Damaged("its index makes no sense"))?);
    }
    Ok(parts)
}

/// Numbers from bytes, as long as there are any.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.first_chunk().copied()
    }

    fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }
}
