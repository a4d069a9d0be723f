//! What a clip cuts out of its file: trimmed, turned round, looped.
//!
//! All of it is done once, when the file is loaded, so that a voice only ever reads forwards through memory.

use std::ops::Range;

use super::Problem;
use super::sample::Hasher;
use crate::dsp::fade::{FadeShape, bend};

/// A time in a sound file, in microseconds: whole numbers, so that equal edits are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Micros(pub u64);

impl Micros {
    /// From seconds; what is negative or no number is 0.
    pub fn from_seconds(seconds: f32) -> Self {
        Self(libm::round(f64::from(seconds.max(0.0)) * 1e6) as u64)
    }

    /// In seconds.
    pub fn seconds(self) -> f64 {
        self.0 as f64 * 1e-6
    }

    /// The nearest frame.
    pub fn frame(self, sample_rate: u32) -> usize {
        ((u128::from(self.0) * u128::from(sample_rate) + 500_000) / 1_000_000) as usize
    }
}

/// How a file is cut. Times are places in the file, before it is turned round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Edit {
    /// Whether it is no sound to play but a response for a convolution: it may have four channels then.
    pub impulse: bool,
    /// Whether it repeats for ever.
    pub looping: bool,
    /// Where it begins.
    pub start: Micros,
    /// Where it ends, if not with the file.
    pub end: Option<Micros>,
    /// Whether it runs backwards.
    pub reverse: bool,
    /// Where what is repeated begins, if not with the sound.
    pub loop_start: Option<Micros>,
    /// Where what is repeated ends, if not with the sound.
    pub loop_end: Option<Micros>,
    /// The crossfade across the loop's seam, of equal power. The loop begins no earlier than its length.
    pub crossfade: Micros,
    /// Whether it is read from the disk while it plays, or all of it is decoded when it is loaded; by default as
    /// [`STREAM_SECONDS`](super::STREAM_SECONDS) says. What is heard is the same.
    pub stream: Option<bool>,
}

/// Where a cut lies, in frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    /// What of the file is left.
    pub kept: Range<usize>,
    /// Whether it is turned round.
    pub reverse: bool,
    /// What repeats, in the frames of what is left.
    pub lap: Option<Range<usize>>,
    /// How long the crossfade at the end of what repeats is.
    pub fade: usize,
}

impl Edit {
    /// The whole file, once or for ever.
    pub fn whole(looping: bool) -> Self {
        Self { looping, ..Self::default() }
    }

    /// A response for a convolution.
    pub fn impulse() -> Self {
        Self { impulse: true, ..Self::default() }
    }

    /// Whether that many channels will do: one or two to play; as a response also four, which are left to left, left to
    /// right, right to left and right to right.
    pub(super) fn admits(&self, channels: usize) -> Result<(), Problem> {
        match channels {
            1 | 2 => Ok(()),
            4 if self.impulse => Ok(()),
            _ => Err(Problem::Channels { channels, most: if self.impulse { 4 } else { 2 } }),
        }
    }

    /// Whether all of the file repeats as it is, so that its end continues in its beginning.
    pub(super) fn repeats_whole(&self) -> bool {
        Self { stream: None, ..*self } == Self::whole(true)
    }

    /// A number that differs for edits that sound different.
    pub(super) fn hash(&self) -> u64 {
        let mut hash = Hasher::new();
        let bits = u64::from(self.looping) + 2 * u64::from(self.reverse);
        for word in [bits, self.start.0, self.crossfade.0] {
            hash.word(word);
        }
        for time in [self.end, self.loop_start, self.loop_end] {
            hash.word(time.map_or(u64::MAX, |time| time.0));
        }
        hash.finish()
    }

    /// Where the cut lies in a file of that many frames at the engine's rate.
    pub(super) fn layout(&self, frames: usize, sample_rate: u32) -> Result<Layout, Problem> {
        let seconds = frames as f64 / f64::from(sample_rate);
        let beyond = |what: &'static str, at: Micros| Problem::Beyond {
            what,
            at,
            ends: Micros((seconds * 1e6) as u64),
        };
        let place = |what: &'static str, at: Micros| {
            // A frame more is a rounding.
            let frame = at.frame(sample_rate);
            if frame > frames + 1 { Err(beyond(what, at)) } else { Ok(frame.min(frames)) }
        };
        let start = place("start", self.start)?;
        let end = self.end.map_or(Ok(frames), |end| place("end", end))?;
        if start >= end {
            let beyond_end = self.start.frame(sample_rate) >= frames;
            let nothing = Problem::Nothing { from: "start", to: "end" };
            return Err(if beyond_end { beyond("start", self.start) } else { nothing });
        }
        let from = self.loop_start.map_or(Ok(start), |at| place("loop_start", at))?.clamp(start, end);
        let to = self.loop_end.map_or(Ok(end), |at| place("loop_end", at))?.clamp(start, end);
        if from >= to {
            return Err(Problem::Nothing { from: "loop_start", to: "loop_end" });
        }
        let mut layout = Layout { kept: start..end, reverse: self.reverse, lap: None, fade: 0 };
        if !self.looping {
            return Ok(layout);
        }
        let length = end - start;
        let mut lap = from - start..to - start;
        if self.reverse {
            lap = length - lap.end..length - lap.start;
        }
        layout.fade = self.crossfade.frame(sample_rate).min(lap.len() / 2);
        // What comes before the loop is faded into its end.
        lap.start = lap.start.max(layout.fade);
        layout.lap = Some(lap);
        Ok(layout)
    }

    /// Cuts decoded channels of one length at the engine's rate. Gives what repeats, in the frames of the cut sound.
    pub(super) fn apply(
        &self,
        channels: &mut [Vec<f32>],
        sample_rate: u32,
    ) -> Result<Option<Round>, Problem> {
        let layout = self.layout(channels.first().map_or(0, Vec::len), sample_rate)?;
        let mut uncrossed = Vec::with_capacity(channels.len());
        for channel in channels.iter_mut() {
            channel.truncate(layout.kept.end);
            channel.drain(..layout.kept.start);
            if self.reverse {
                channel.reverse();
            }
            if let Some(lap) = &layout.lap {
                uncrossed.push(channel.get(lap.end - layout.fade..lap.end).unwrap_or_default().to_vec());
                cross(channel, lap, layout.fade);
            }
        }
        Ok(layout.lap.map(|frames| Round { frames, uncrossed }))
    }
}

/// What repeats of a cut sound.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Round {
    /// The frames that do.
    pub frames: Range<usize>,
    /// One per channel: the last of them as they were before the crossfade.
    pub uncrossed: Vec<Vec<f32>>,
}

/// Fades the last `fade` frames of the loop into those before its beginning.
fn cross(channel: &mut [f32], lap: &Range<usize>, fade: usize) {
    for i in 0..fade {
        let before = channel[lap.start - fade + i];
        let at = lap.end - fade + i;
        channel[at] = crossed(channel[at], before, i, fade);
    }
}

/// Frame `i` of a crossfade of `fade` frames from one value to another.
pub(super) fn crossed(from: f32, to: f32, i: usize, fade: usize) -> f32 {
    let way = (i as f32 + 0.5) / fade as f32;
    let mut gains = [1.0 - way, way];
    bend(FadeShape::EqualPower, &mut gains);
    gains[0] * from + gains[1] * to
}
