//! Sounds as they are run: clips and what chooses between them.

use super::{Driver, MediaId, ParameterId, Scope, SoundId};
use crate::effects::{FadeShape, Interpolation};
use crate::units::{Decibels, Seconds, Semitones};

/// A range from which a value is drawn, evenly, for each playback.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range<U> {
    /// The lower end.
    pub low: U,
    /// The upper end, not below the lower.
    pub high: U,
}

/// Something that can be played.
#[derive(Debug, Clone, PartialEq)]
pub struct Sound {
    /// The name in the bank, or the path of a file played without one.
    pub name: String,
    /// What it does.
    pub kind: SoundKind,
}

/// The kinds of sound.
#[derive(Debug, Clone, PartialEq)]
pub enum SoundKind {
    /// One sound file.
    Clip(Clip),
    /// One of several, drawn anew each time.
    Random(Random),
    /// One of several, the next each time.
    Sequence(Sequence),
    /// One of several, by a parameter.
    Switch(Switch),
    /// Several at once.
    Layer(Layer),
    /// Several at once, by a parameter.
    Blend(Blend),
    /// Nothing.
    Silence,
}

impl SoundKind {
    /// The sounds that it may come to.
    pub fn plays(&self) -> Vec<SoundId> {
        match self {
            Self::Clip(_) | Self::Silence => Vec::new(),
            Self::Random(random) => random.of.iter().map(|&(sound, _)| sound).collect(),
            Self::Sequence(sequence) => sequence.of.clone(),
            Self::Layer(layer) => layer.of.iter().map(|part| part.sound).collect(),
            Self::Blend(blend) => blend.of.iter().map(|blended| blended.sound).collect(),
            Self::Switch(switch) => switch.cases.iter().flatten().copied().collect(),
        }
    }
}

/// One sound file and how it is played.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clip {
    /// The file.
    pub media: MediaId,
    /// Gain.
    pub gain: Decibels,
    /// Pitch.
    pub pitch: Semitones,
    /// What is cut out of the file, and how.
    pub cut: Cut,
    /// Whether it is read from the disk while it plays; `None` is by its length.
    pub stream: Option<bool>,
    /// The fade at the start.
    pub fade_in: Seconds,
    /// The fade before the end; loops have none.
    pub fade_out: Seconds,
    /// The course of both.
    pub fade_shape: FadeShape,
    /// How it is read between its samples when it is pitched.
    pub interpolation: Interpolation,
}

/// What of a file is played. Times are places in the file, before it is turned round.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Cut {
    /// Whether the end is followed by the start.
    pub looping: bool,
    /// Where it begins.
    pub start: Seconds,
    /// Where it ends, if not with the file.
    pub end: Option<Seconds>,
    /// Whether it runs backwards.
    pub reverse: bool,
    /// Where what repeats begins, if not with the sound.
    pub loop_start: Option<Seconds>,
    /// Where what repeats ends, if not with the sound.
    pub loop_end: Option<Seconds>,
    /// The crossfade across the loop's seam.
    pub crossfade: Seconds,
}

/// A gain and a pitch, drawn for each playback.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The gain.
    pub gain: Range<Decibels>,
    /// The pitch.
    pub pitch: Range<Semitones>,
}

/// A draw between sounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Random {
    /// What there is to choose from, each with its weight (above zero).
    pub of: Vec<(SoundId, f32)>,
    /// How many of the last choices are not chosen again; less than the number of choices.
    pub avoid: u32,
    /// Whether each is chosen once before any is chosen again.
    pub shuffle: bool,
    /// Whose past choices count.
    pub scope: Scope,
    /// What else is drawn.
    pub spread: Spread,
}

/// Sounds one after another.
#[derive(Debug, Clone, PartialEq)]
pub struct Sequence {
    /// The sounds; at least one.
    pub of: Vec<SoundId>,
    /// Whether it goes back from the last instead of beginning anew.
    pub ping_pong: bool,
    /// After how long without a playback it begins anew, if ever.
    pub reset: Option<Seconds>,
    /// Whose playbacks count.
    pub scope: Scope,
    /// What is drawn for each playback.
    pub spread: Spread,
}

/// A choice by a parameter's label.
#[derive(Debug, Clone, PartialEq)]
pub struct Switch {
    /// The parameter.
    pub on: ParameterId,
    /// A sound, or nothing, for each of the parameter's labels.
    pub cases: Vec<Option<SoundId>>,
    /// How long what loops takes to go over to another case; `None` plays on.
    pub crossfade: Option<Seconds>,
}

/// Sounds that play together.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// The sounds; at least one.
    pub of: Vec<Part>,
    /// What is drawn for all of them together.
    pub spread: Spread,
}

/// One of several sounds that play together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// The sound.
    pub sound: SoundId,
    /// Gain.
    pub gain: Decibels,
    /// How long after the others it begins.
    pub delay: Seconds,
}

/// Sounds that play together, each heard in its own range.
#[derive(Debug, Clone, PartialEq)]
pub struct Blend {
    /// What it goes by.
    pub on: Driver,
    /// The sounds; at least one.
    pub of: Vec<Blended>,
}

/// A sound and the range in which it is heard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Blended {
    /// The sound.
    pub sound: SoundId,
    /// Where it begins to be heard in full.
    pub from: f32,
    /// Where it ends to be heard in full.
    pub to: f32,
    /// How far beyond either end it is still heard.
    pub fade: f32,
}

impl Blended {
    /// The linear gain at `x`: 1 within the range, and a quarter of a cosine beyond, so that two sounds whose fades
    /// share a stretch keep their power there.
    pub fn gain(&self, x: f32) -> f32 {
        let beyond = (self.from - x).max(x - self.to);
        if beyond <= 0.0 {
            1.0
        } else if beyond >= self.fade {
            0.0
        } else {
            libm::cosf(beyond / self.fade * std::f32::consts::FRAC_PI_2)
        }
    }
}
