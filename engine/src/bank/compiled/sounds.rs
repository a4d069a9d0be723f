//! Sounds as they are run: clips and what chooses between them.

use super::{Driver, MediaId, Music, ParameterId, Scope, SoundId};
use crate::effects::{FadeShape, Interpolation, Synth};
use crate::units::{Decibels, Hertz, Seconds, Semitones};
use std::sync::Arc;

/// A range from which a value is drawn, evenly, for each playback.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range<U> {
    /// The lower end.
    pub low: U,
    /// The upper end, not below the lower.
    pub high: U,
}

impl<U: Copy> Range<U> {
    /// A range of one value.
    pub fn only(value: U) -> Self {
        Self { low: value, high: value }
    }
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
    /// By chance, in time and place.
    Scatter(Scatter),
    /// Several at once.
    Layer(Layer),
    /// Several at once, by a parameter.
    Blend(Blend),
    /// Segments on a grid of bars.
    Music(Box<Music>),
    /// Nothing.
    Silence,
}

impl SoundKind {
    /// Whether one playback of it plays one sound after another.
    pub fn runs(&self) -> bool {
        match self {
            Self::Random(random) => random.run.is_some(),
            Self::Sequence(sequence) => sequence.run.is_some(),
            Self::Scatter(_) | Self::Music(_) => true,
            _ => false,
        }
    }

    /// The sounds that it may come to.
    pub fn plays(&self) -> Vec<SoundId> {
        match self {
            Self::Clip(_) | Self::Silence => Vec::new(),
            Self::Random(random) => random.of.iter().map(|choice| choice.sound).collect(),
            Self::Scatter(scatter) => scatter.choice.of.iter().map(|choice| choice.sound).collect(),
            Self::Sequence(sequence) => sequence.of.clone(),
            Self::Music(music) => {
                let stingers = music.stingers.iter().map(|stinger| stinger.play);
                music.segments.iter().map(|segment| segment.play).chain(stingers).collect()
            }
            Self::Layer(layer) => layer.of.iter().map(|part| part.sound).collect(),
            Self::Blend(blend) => blend.of.iter().map(|blended| blended.sound).collect(),
            Self::Switch(switch) => switch.cases.iter().flatten().copied().collect(),
        }
    }
}

/// One sound file, or one computed sound, and how it is played.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    /// The file; without meaning if it is computed.
    pub media: MediaId,
    /// What is computed instead of read from a file.
    pub synth: Option<Synth>,
    /// Gain.
    pub gain: Decibels,
    /// Pitch.
    pub pitch: Semitones,
    /// What is cut out of the file, and how.
    pub cut: Cut,
    /// Whether it is read from the disk while it plays; `None` is by its length.
    pub stream: Option<bool>,
    /// How far into what is played it begins.
    pub offset: Range<Seconds>,
    /// The fade at the start.
    pub fade_in: Seconds,
    /// The fade before the end; loops have none.
    pub fade_out: Seconds,
    /// The course of both.
    pub fade_shape: FadeShape,
    /// How it is read between its samples when it is pitched.
    pub interpolation: Interpolation,
    /// Places of which the game is told.
    pub markers: Vec<Marker>,
}

/// A place in a file that has a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Marker {
    /// The name.
    pub name: Arc<str>,
    /// Where in the file, before it is turned round.
    pub at: Seconds,
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

/// What is drawn for each playback on its way through a container.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The gain: all on the way add up.
    pub gain: Range<Decibels>,
    /// The pitch: all on the way add up.
    pub pitch: Range<Semitones>,
    /// The delay: all on the way add up.
    pub delay: Range<Seconds>,
    /// The cut-off of a low-pass, drawn evenly in octaves: the lowest on the way counts.
    pub cutoff: Option<Range<Hertz>>,
}

/// One of several to draw from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// The sound.
    pub sound: SoundId,
    /// How likely it is beside the others; above zero.
    pub weight: f32,
    /// What else is drawn for it.
    pub spread: Spread,
}

/// A draw between sounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Random {
    /// What there is to choose from.
    pub of: Vec<Choice>,
    /// How many of the last choices are not chosen again; less than the number of choices.
    pub avoid: u32,
    /// Whether each is chosen once before any is chosen again.
    pub shuffle: bool,
    /// Whose past choices count.
    pub scope: Scope,
    /// What else is drawn.
    pub spread: Spread,
    /// How one playback plays one after another; `None` plays one.
    pub run: Option<Run>,
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
    /// How one playback plays one after another; `None` plays one.
    pub run: Option<Run>,
}

/// One after another, in one playback.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Run {
    /// How many times it goes through all of them; `None` until it is stopped.
    pub loops: Option<u32>,
    /// How one goes over to the next.
    pub transition: Transition,
}

/// How one sound goes over to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Transition {
    /// With so much silence between them.
    Gap(Seconds),
    /// They overlap by so much, and fade.
    Crossfade(Seconds),
    /// So much after the one before began.
    Trigger(Seconds),
}

/// Sounds by chance, in time and place.
#[derive(Debug, Clone, PartialEq)]
pub struct Scatter {
    /// What there is to choose from.
    pub choice: Random,
    /// The time from one to the next.
    pub every: Range<Seconds>,
    /// After how many it ends, if ever.
    pub count: Option<u32>,
    /// How far around the emitter they are.
    pub around: Option<Around>,
    /// How many may sound at once; at least one.
    pub max: u32,
}

/// A ring around an emitter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Around {
    /// The distance on the ground, in metres.
    pub distance: Range<f32>,
    /// How high above the emitter, in metres.
    pub height: Range<f32>,
}

/// A choice by a parameter's label.
#[derive(Debug, Clone, PartialEq)]
pub struct Switch {
    /// The parameter.
    pub on: ParameterId,
    /// A sound, or nothing, for each of the parameter's labels.
    pub cases: Vec<Option<SoundId>>,
    /// What becomes of what loops when another case is asked for; `None` plays on.
    pub change: Option<SwitchChange>,
    /// What is drawn for each playback.
    pub spread: Spread,
}

/// How what loops makes place for another case.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SwitchChange {
    /// The one fades into the other.
    Crossfade(Seconds),
    /// The one comes to the end of its lap, and there the other begins.
    AtEnd,
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
    /// Gain, where it is no range.
    pub gain: Decibels,
    /// What is drawn for it, the gain among it where it is a range.
    pub spread: Spread,
}

/// Sounds that play together, each heard in its own range.
#[derive(Debug, Clone, PartialEq)]
pub struct Blend {
    /// What it goes by.
    pub on: Driver,
    /// The sounds; at least one.
    pub of: Vec<Blended>,
    /// What is drawn for all of them together.
    pub spread: Spread,
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
    /// What is drawn for it.
    pub spread: Spread,
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
