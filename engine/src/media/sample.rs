//! A sound in memory as the mixer plays it.

use super::edit::Round;
use super::pack::Shape;
use super::{Cursor, Edit, MediaError, Problem, Source, check_shape, decode::check_finite};
use crate::dsp::interp::{AFTER, BEFORE};
use crate::dsp::wave::{Synth, render};
use std::ops::Range;
use std::sync::Arc;

/// Frames of padding before and after each channel, so that an interpolator may reach past the ends.
pub const GUARD: usize = 8;

/// Where a loop's end goes over into its beginning: what [`Lap::seam`] holds lies this many frames to each side.
pub const SEAM: usize = 16;

/// What repeats of a sound.
#[derive(Debug, PartialEq)]
pub struct Lap {
    frames: Range<usize>,
    /// One per channel: the frames around the loop's end, where it goes over into its beginning.
    seams: Box<[[f32; 2 * SEAM]]>,
    /// The frames of the crossfade before the loop's end.
    fade: usize,
    /// One per channel, if there is a crossfade: the frames around it and the loop's end as they are heard by whoever
    /// leaves the loop there.
    exits: Box<[Box<[f32]>]>,
}

impl Lap {
    fn new(channels: &[Vec<f32>], Round { frames, uncrossed }: Round) -> Self {
        let fade = uncrossed.first().map_or(0, Vec::len);
        let at = |channel: usize, place: usize| channels[channel].get(place).copied().unwrap_or(0.0);
        let exit = |(channel, uncrossed): (&Vec<f32>, &Vec<f32>)| -> Box<[f32]> {
            let begin = frames.end as i64 - fade as i64;
            let places = begin - SEAM as i64..frames.end as i64 + SEAM as i64;
            let heard = |place: i64| match usize::try_from(place - begin) {
                Ok(within) if within < fade => uncrossed.get(within),
                _ => usize::try_from(place).ok().and_then(|place| channel.get(place)),
            };
            places.map(|place| heard(place).copied().unwrap_or(0.0)).collect()
        };
        let exits =
            if fade > 0 { channels.iter().zip(&uncrossed).map(exit).collect() } else { Box::default() };
        Self::with_exits(channels.len(), frames, at, (fade, exits))
    }

    /// A loop of a sound that is streamed.
    fn streamed(cursor: &mut Cursor, frames: Range<usize>) -> Result<Self, Problem> {
        let near = SEAM.min(frames.len());
        let (tail, mouth) = (frames.end - near, frames.start);
        let (ends, begins) = (cursor.read(tail, near)?, cursor.read(mouth, near)?);
        let at = |channel: usize, place: usize| {
            let near =
                |sound: &[Vec<f32>], from: usize| sound[channel].get(place.checked_sub(from)?).copied();
            near(&ends, tail).or_else(|| near(&begins, mouth)).unwrap_or(0.0)
        };
        let fade = cursor.crossfade();
        let mut exits = Vec::new();
        if fade > 0 {
            // The loop begins no earlier than its crossfade is long, so little can be missing before it.
            let begin = frames.end - fade;
            let (first, before) = (begin.saturating_sub(SEAM), SEAM.saturating_sub(begin));
            for channel in cursor.uncrossed(first, frames.end + SEAM - first)? {
                let mut exit = vec![0.0; before];
                exit.extend(channel);
                exit.resize(fade + 2 * SEAM, 0.0);
                exits.push(exit.into_boxed_slice());
            }
        }
        Ok(Self::with_exits(ends.len(), frames, at, (fade, exits.into_boxed_slice())))
    }

    /// A loop of a sound of which `at` gives a channel's frames.
    fn with_exits(
        channels: usize,
        frames: Range<usize>,
        at: impl Fn(usize, usize) -> f32,
        (fade, exits): (usize, Box<[Box<[f32]>]>),
    ) -> Self {
        let seam = |channel: usize| -> [f32; 2 * SEAM] {
            std::array::from_fn(|i| {
                let after = i as i64 - SEAM as i64 + frames.len() as i64;
                let place = frames.start + after.rem_euclid(frames.len().max(1) as i64) as usize;
                at(channel, place)
            })
        };
        Self { seams: (0..channels).map(seam).collect(), fade, exits, frames }
    }

    /// The frames of the crossfade before the loop's end.
    pub fn crossfade(&self) -> usize {
        self.fade
    }

    /// Channel `i` around the loop's end as it is heard by whoever leaves the loop there, without the crossfade: from
    /// [`SEAM`] frames before that to as many after the end. Nothing if there is no crossfade.
    pub fn exit(&self, i: usize) -> &[f32] {
        self.exits.get(i).or(self.exits.first()).map_or(&[], |exit| exit)
    }

    /// The place from which on it is heard otherwise than by who leaves it at its end: its crossfade and its seam. May be
    /// before the sound's beginning.
    pub fn parts_at(&self) -> i64 {
        self.frames.end as i64 - (self.fade + AFTER) as i64
    }

    /// The place from which on it is too late to leave it at its end, so that it is left one lap later; `None` for a tiny
    /// one, which is left at once wherever it is.
    pub fn last_exit(&self) -> Option<usize> {
        let tiny = self.frames.len() <= self.fade + BEFORE + AFTER;
        usize::try_from(self.parts_at()).ok().filter(|_| !tiny)
    }

    /// The frames that repeat: the last is followed by the first. Never empty.
    pub fn frames(&self) -> &Range<usize> {
        &self.frames
    }

    /// Channel `i` around the loop's end, as it is heard: the last [`SEAM`] frames before it and as many from the
    /// beginning. A mono sample gives its one channel for every `i`.
    pub fn seam(&self, i: usize) -> &[f32] {
        self.seams.get(i).or(self.seams.first()).map_or(&[], |seam| seam)
    }

    /// Where the sound is at a place that counts on beyond the loop's end.
    pub fn fold(&self, position: f64) -> f64 {
        let (start, end) = (self.frames.start as f64, self.frames.end as f64);
        if position < end { position.max(0.0) } else { start + (position - start).rem_euclid(end - start) }
    }
}

/// A sound ready to play: planar, one or two channels, immutable. Shared as `Arc<Sample>` by every voice.
///
/// Each channel stands between [`GUARD`] frames of padding: silence, or, if all of it repeats, the sound itself
/// wrapped round, so that reading a few frames past either end needs no special case.
///
/// Of one that is [streamed](super::stream) only the head is here, between the same guards; the rest is read while it plays.
#[derive(Debug, PartialEq)]
pub struct Sample {
    /// Each channel: guard, sound, guard.
    padded: Box<[Box<[f32]>]>,
    frames: usize,
    sample_rate: u32,
    content: u64,
    edit: Edit,
    lap: Option<Lap>,
    /// Where what is not in memory comes from.
    rest: Option<Arc<Source>>,
}

impl Sample {
    /// Takes sound made in memory: one or two channels of equal length, finite, at least one frame and at most
    /// half an hour. Its [`content`](Self::content) is a hash of the samples.
    ///
    /// # Errors
    /// [`Problem::Channels`], [`Problem::Empty`], [`Problem::TooLong`], [`Problem::NotFinite`], and
    /// [`Problem::Corrupt`] for unequal lengths or a sample rate outside 1 kHz to 384 kHz. The error's file is
    /// `"a sample in memory"`.
    pub fn from_channels(
        channels: Vec<Vec<f32>>,
        sample_rate: u32,
        looping: bool,
    ) -> Result<Self, MediaError> {
        let mut hash = Hasher::new();
        for sample in channels.iter().flatten() {
            hash.word(u64::from(sample.to_bits()));
        }
        Self::new(channels, sample_rate, Edit::whole(looping), hash.finish())
            .map_err(|problem| problem.of("a sample in memory"))
    }

    /// Computes a sound at `sample_rate` frames per second.
    ///
    /// # Errors
    /// As [`Sample::from_channels`], for a rate that can't be.
    pub fn computed(synth: &Synth, sample_rate: u32) -> Result<Self, MediaError> {
        Self::from_channels(vec![render(synth, sample_rate)], sample_rate, synth.length.is_none())
    }

    /// Builds a sample whose content is already hashed.
    pub(super) fn new(
        mut channels: Vec<Vec<f32>>,
        sample_rate: u32,
        edit: Edit,
        content: u64,
    ) -> Result<Self, Problem> {
        if !channels.is_empty() {
            edit.admits(channels.len())?;
        }
        let frames = channels.first().map_or(0, Vec::len);
        check_shape(channels.len(), sample_rate, frames as u64)?;
        if channels.iter().any(|channel| channel.len() != frames) {
            return Err(Problem::Corrupt("its channels differ in length".to_owned()));
        }
        check_finite(&channels)?;
        let lap = edit.apply(&mut channels, sample_rate)?;
        let frames = channels.first().map_or(0, Vec::len);
        let round = lap.as_ref().is_some_and(|lap| lap.frames == (0..frames));
        let padded = channels.iter().map(|channel| pad(channel, round)).collect();
        let lap = lap.map(|round| Lap::new(&channels, round));
        Ok(Self { padded, frames, sample_rate, content, edit, lap, rest: None })
    }

    /// Builds a sample that is streamed: its head, its guards and its loop's seam are decoded now.
    pub(super) fn streamed(source: Source, edit: Edit, content: u64) -> Result<Self, Problem> {
        let source = Arc::new(source);
        let (frames, sample_rate) = (source.frames(), source.sample_rate());
        let mut cursor = source.open()?;
        let head = cursor.read(0, source.head())?;
        let lap = source.lap();
        let silence = || vec![vec![0.0; GUARD]; head.len()];
        let (before, after) = match lap {
            Some(lap) if *lap == (0..frames) => (cursor.read(frames - GUARD, GUARD)?, cursor.read(0, GUARD)?),
            _ => (silence(), silence()),
        };
        let padded = before
            .iter()
            .zip(&head)
            .zip(after)
            .map(|((before, head), after)| [before.as_slice(), head, &after].concat().into_boxed_slice());
        let padded = padded.collect();
        let lap = lap.map(|lap| Lap::streamed(&mut cursor, lap.clone())).transpose()?;
        Ok(Self { padded, frames, sample_rate, content, edit, lap, rest: Some(source) })
    }

    /// Where what is not in memory is read from, if it is streamed.
    pub fn source(&self) -> Option<&Arc<Source>> {
        self.rest.as_ref()
    }

    /// How many of its frames, from the first on, are in memory.
    pub fn resident(&self) -> usize {
        self.padded(0).len().saturating_sub(2 * GUARD)
    }

    /// Takes samples as they lie in a pack. They are copied: of a mapped file the system may let go at any time, and the
    /// audio thread would wait for the disk until they are back.
    pub(super) fn packed(shape: &Shape, sample_rate: u32, bytes: &[u8]) -> Result<Self, Problem> {
        let Shape { edit, channels, frames, content, .. } = *shape;
        edit.admits(channels)?;
        check_shape(channels, sample_rate, frames as u64)?;
        let samples = shape.samples().filter(|_| shape.bytes() == Some(bytes.len()));
        let split = samples.and_then(|samples| bytes.split_at_checked(samples));
        let ((samples, exits), exit) = split.zip(shape.exit()).ok_or(Problem::Damaged)?;
        let padded = floats(samples, frames + 2 * GUARD);
        let exits = if exit > 0 { floats(exits, exit) } else { Box::default() };
        let mut sample = Self { padded, frames, sample_rate, content, edit, lap: None, rest: None };
        for channel in 0..channels {
            // The guards are read as well.
            let own = sample.padded(channel).iter();
            let mut all = own.chain(exits.get(channel).into_iter().flatten());
            if let Some(frame) = all.position(|sample| !sample.is_finite()) {
                return Err(Problem::NotFinite { channel, frame: frame.saturating_sub(GUARD) });
            }
        }
        let at = |channel: usize, place: usize| sample.channel(channel).get(place).copied().unwrap_or(0.0);
        let lap = |frames| Lap::with_exits(channels, frames, at, (shape.fade, exits));
        sample.lap = shape.lap.clone().map(lap);
        Ok(sample)
    }

    /// The length in frames, without the guards. Never 0.
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// How many channels there are: one or two, or four of a response.
    pub fn channels(&self) -> usize {
        self.padded.len()
    }

    /// Whether there are two channels.
    pub fn is_stereo(&self) -> bool {
        self.padded.len() == 2
    }

    /// The sound of channel `i`, as far as it is [in memory](Self::resident). A mono sample gives its one channel for
    /// every `i`.
    pub fn channel(&self, i: usize) -> &[f32] {
        self.padded(i).get(GUARD..GUARD + self.resident()).unwrap_or_default()
    }

    /// Channel `i` with its guards: frame 0 stands at index [`GUARD`]. A mono sample gives its one channel for
    /// every `i`.
    pub fn padded(&self, i: usize) -> &[f32] {
        self.padded.get(i).or(self.padded.first()).map_or(&[], |channel| channel)
    }

    /// Frames per second.
    pub fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    /// A hash of what the sample was made of: the file's bytes, or the samples given. Equal content, equal hash;
    /// it guards against change, not against forgery.
    pub fn content(&self) -> u64 {
        self.content
    }

    /// A number that changes with what is heard: with the content and with how it is cut.
    pub fn edition(&self) -> u64 {
        self.content ^ self.edit.hash()
    }

    /// How it was cut.
    pub(super) fn edit(&self) -> Edit {
        self.edit
    }

    /// What repeats of it, if it loops.
    pub fn lap(&self) -> Option<&Lap> {
        self.lap.as_ref()
    }

    /// Memory taken by the samples, guards included; and, if it is streamed, by the list of where its parts lie in the
    /// file.
    pub fn bytes(&self) -> usize {
        let exits = self.lap.iter().flat_map(|lap| &lap.exits);
        let samples: usize =
            self.padded.iter().chain(exits).map(|channel| size_of_val::<[f32]>(channel)).sum();
        samples + self.rest.as_ref().map_or(0, |source| source.bytes())
    }
}

/// Samples from their bytes, in rows of `length` each.
fn floats(bytes: &[u8], length: usize) -> Box<[Box<[f32]>]> {
    let (words, _) = bytes.as_chunks::<4>();
    let row = |words: &[[u8; 4]]| words.iter().map(|word| f32::from_le_bytes(*word)).collect();
    words.chunks(length).map(row).collect()
}

/// Puts the guards round a channel that is not empty.
fn pad(channel: &[f32], round: bool) -> Box<[f32]> {
    let mut padded = Vec::with_capacity(channel.len() + 2 * GUARD);
    let silence = [0.0; GUARD];
    if round {
        // The sound repeats for ever in both directions; it may be shorter than a guard.
        let before = channel.iter().rev().cycle().take(GUARD).copied();
        padded.extend(before);
        padded.reverse();
        padded.extend_from_slice(channel);
        padded.extend(channel.iter().cycle().take(GUARD).copied());
    } else {
        padded.extend_from_slice(&silence);
        padded.extend_from_slice(channel);
        padded.extend_from_slice(&silence);
    }
    padded.into_boxed_slice()
}

/// A hash in the manner of FNV-1a, a word at a time: the same on every machine, and fast enough that a reload may
/// hash every file.
pub(super) struct Hasher(u64);

impl Hasher {
    pub fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    pub fn word(&mut self, word: u64) {
        self.0 = (self.0 ^ word).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(29);
    }

    pub fn finish(mut self) -> u64 {
        // The upper half of the last words has to reach the lower half.
        self.word(self.0 >> 32);
        self.word(self.0 >> 15);
        self.0
    }

    /// The hash of a file's bytes.
    pub fn of(bytes: &[u8]) -> u64 {
        let mut hash = Self::new();
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| hash.word(u64::from_le_bytes(*word)));
        let mut last = [0; 8];
        last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        hash.word(u64::from_le_bytes(last));
        hash.word(bytes.len() as u64);
        hash.finish()
    }
}
