//! Sounds as they are written: clips and what chooses between them.
//!
//! May be named here: `decode`, the syntax tree, `serde`. Runs on any thread.

use super::Music;
use super::choices::{bare_words, choice, only};
use super::play::{Play, is_sound, place_of_case};
use super::{ANY, FADE, FILE_TIME, FREQ, GAIN, NEEDED, PITCH, VALUE};
use crate::bank::decode::{Between, Field, Fields, Keyed, Read, Reader, Rule, Text, fields};
use crate::bank::syntax::{Kind, Node, Slot};
use crate::effects::{FadeShape, Interpolation, NoiseColor, ToneShape};
use serde::Deserialize;

/// How long what loops takes to go over to another case.
const CROSSFADE: Rule = Rule::range(0.0, 60.0, "s");

/// How long a computed sound may be.
const LENGTH: Rule = Rule::range(0.001, 600.0, "s");
/// The shortest time from one trigger to the next, in seconds.
const SOONEST: f32 = 0.02;

fields! {
    /// One sound file and how it is played.
    Clip verified by verify_clip {
        /// The path of an .ogg or .wav file, relative to the project's folder.
        file: Text = Text::default(), NEEDED;
        /// Gain.
        gain: f32 = 0.0, GAIN;
        /// Pitch.
        pitch: f32 = 0.0, PITCH;
        /// Whether the end is followed by the start.
        looping: bool = false, ANY;
        /// Where in the file it begins.
        start: f32 = 0.0, FILE_TIME;
        /// Where in the file it ends.
        end: Option<f32> = None, FILE_TIME.says("the file's end");
        /// How far into what is played it begins: a number, or a range from which it is drawn for each playback, so that ten torches don't burn in step. Beyond a loop's end it counts on from the loop's start.
        offset: Between = Between(0.0, 0.0), FILE_TIME.says("0");
        /// Whether it runs backwards.
        reverse: bool = false, ANY;
        /// Where in the file what repeats begins; what comes before is heard once.
        loop_start: Option<f32> = None, FILE_TIME.says("start");
        /// Where in the file what repeats ends.
        loop_end: Option<f32> = None, FILE_TIME.says("end");
        /// The crossfade across the loop's seam, at most half of the loop: its end fades into what comes before its start, so it starts no earlier than this.
        crossfade: f32 = 0.0, FADE;
        /// The fade at the start.
        fade_in: f32 = 0.0, FADE;
        /// The fade before the end; loops have none.
        fade_out: f32 = 0.0, FADE;
        /// The course of both fades.
        fade_shape: FadeShape = FadeShape::Linear, Rule::choice(FadeShape::NAMES);
        /// How it is read between its samples when it is pitched.
        interpolation: Interpolation = Interpolation::Sinc, Rule::choice(Interpolation::NAMES);
        /// Places in the file by name, such as `{"hit": 0.52}`: a game is told when a voice comes to one, in each lap of a loop.
        markers: Keyed<f32> = Keyed::default(), FILE_TIME;
    }

    /// A tone that is computed: for trying things out before there are sounds.
    Tone {
        /// What it is made of. Nothing of it is above half the engine's rate.
        shape: ToneShape = ToneShape::Sine, Rule::choice(ToneShape::NAMES);
        /// The frequency.
        freq: f32 = 440.0, FREQ;
        /// How long it is; without it, it goes on until it is stopped.
        length: Option<f32> = None, LENGTH.says("goes on");
        /// Gain below full scale.
        gain: f32 = -12.0, GAIN;
        /// The fade at the start.
        fade_in: f32 = 0.005, FADE;
        /// The fade before the end, if it has one.
        fade_out: f32 = 0.005, FADE;
        /// The course of both fades.
        fade_shape: FadeShape = FadeShape::Linear, Rule::choice(FadeShape::NAMES);
    }

    /// A noise that is computed: for trying things out before there are sounds. One that goes on begins at another place each time.
    Noise {
        /// How its power lies in the spectrum.
        color: NoiseColor = NoiseColor::White, Rule::choice(NoiseColor::NAMES);
        /// How long it is; without it, it goes on until it is stopped.
        length: Option<f32> = None, LENGTH.says("goes on");
        /// Gain below full scale, which is -4.8 dB as an RMS.
        gain: f32 = -12.0, GAIN;
        /// The fade at the start.
        fade_in: f32 = 0.005, FADE;
        /// The fade before the end, if it has one.
        fade_out: f32 = 0.005, FADE;
        /// The course of both fades.
        fade_shape: FadeShape = FadeShape::Linear, Rule::choice(FadeShape::NAMES);
        /// Another number is another noise of the same kind.
        seed: u32 = 0, Rule::range(0.0, 16_777_216.0, "");
    }

    /// A choice between sounds, drawn anew for each playback.
    Random verified by verify_random {
        /// What there is to choose from: names of sounds, paths of sound files, or sounds written in place.
        of: Vec<Weighted> = Vec::new(), NEEDED;
        /// How many of the last choices are not chosen again, whatever their weights.
        avoid: Option<u32> = None, ANY.says("1");
        /// Whether each is chosen once before any is chosen again. What is heavy comes earlier in each round, and `avoid` holds from one round to the next.
        shuffle: bool = false, ANY;
        /// Whose past choices count: those of all emitters together, or each one's own.
        scope: Scope = Scope::Global, ANY;
        /// Whether each playback plays the next one, or (`Continuous`) one after another: then each of them draws what is drawn anew.
        mode: Mode = Mode::Step, ANY;
        /// How many times a continuous playback goes through all of them; 0 is until it is stopped.
        loops: u32 = 1, Rule::range(0.0, 1e6, "");
        /// How a continuous playback goes over to the next: `(kind: Crossfade, time: 0.5)`.
        transition: Transition = Transition::default(), ANY;
        /// Gain: a number, or a range from which it is drawn for each playback.
        gain: Between = Between(0.0, 0.0), GAIN.says("0");
        /// Pitch: a number, or a range from which it is drawn for each playback.
        pitch: Between = Between(0.0, 0.0), PITCH.says("0");
        /// How much later than without it what it plays begins; a range is drawn from.
        delay: Between = Between(0.0, 0.0), FILE_TIME.says("0");
        /// The cut-off of a low-pass; a range is drawn from, evenly in octaves. Of several on the way the lowest counts.
        cutoff: Option<Between> = None, FREQ.says("none");
    }

    /// One of several sounds: `"name"`, `Clip(…)`, `("name", weight)` or `(play: "name", weight: …)`.
    Choice {
        /// The name of a sound, the path of a sound file, or a sound written in place.
        play: Play = Play::default(), NEEDED;
        /// How likely it is beside the others.
        weight: f32 = 1.0, Rule::range(1e-6, 1e6, "");
        /// Gain: a number, or a range from which it is drawn for each playback.
        gain: Between = Between(0.0, 0.0), GAIN.says("0");
        /// Pitch: a number, or a range from which it is drawn for each playback.
        pitch: Between = Between(0.0, 0.0), PITCH.says("0");
        /// How much later than without it what it plays begins; a range is drawn from.
        delay: Between = Between(0.0, 0.0), FILE_TIME.says("0");
        /// The cut-off of a low-pass; a range is drawn from, evenly in octaves. Of several on the way the lowest counts.
        cutoff: Option<Between> = None, FREQ.says("none");
    }

    /// One sound after another: the next with each playback.
    Sequence verified by verify_sequence {
        /// The sounds in their order: names of sounds, paths of sound files, or sounds written in place.
        of: Vec<Play> = Vec::new(), NEEDED;
        /// What follows the last: the first, or the last but one and so on back.
        at_end: AtEnd = AtEnd::Restart, ANY;
        /// After how long without a playback it begins anew; 0 is never.
        reset: f32 = 0.0, FILE_TIME;
        /// Whose playbacks count: those of all emitters together, or each one's own.
        scope: Scope = Scope::Global, ANY;
        /// Whether each playback plays the next one, or (`Continuous`) one after another: then each of them draws what is drawn anew.
        mode: Mode = Mode::Step, ANY;
        /// How many times a continuous playback goes through all of them; 0 is until it is stopped.
        loops: u32 = 1, Rule::range(0.0, 1e6, "");
        /// How a continuous playback goes over to the next: `(kind: Crossfade, time: 0.5)`.
        transition: Transition = Transition::default(), ANY;
        /// Gain: a number, or a range from which it is drawn for each playback.
        gain: Between = Between(0.0, 0.0), GAIN.says("0");
        /// Pitch: a number, or a range from which it is drawn for each playback.
        pitch: Between = Between(0.0, 0.0), PITCH.says("0");
        /// How much later than without it what it plays begins; a range is drawn from.
        delay: Between = Between(0.0, 0.0), FILE_TIME.says("0");
        /// The cut-off of a low-pass; a range is drawn from, evenly in octaves. Of several on the way the lowest counts.
        cutoff: Option<Between> = None, FREQ.says("none");
    }

    /// How one sound goes over to the next.
    Transition verified by verify_transition {
        /// Whether the next begins where the one before ends (`Gap`), while that fades out and it fades in, by equal power (`Crossfade`), or a time after that one began, whether it has ended or not (`Trigger`).
        kind: TransitionKind = TransitionKind::Gap, ANY;
        /// How long the silence between them, how long they overlap (at most half of either), or how much later the next begins.
        time: f32 = 0.0, Rule::range(0.0, 3600.0, "s");
    }

    /// Sounds that begin by chance, in time and around the emitter, until the playback is stopped. Where none of them could be heard it rests, and costs next to nothing.
    Scatter verified by verify_scatter {
        /// What there is to choose from: names of sounds, paths of sound files, or sounds written in place.
        of: Vec<Weighted> = Vec::new(), NEEDED;
        /// The time from one to the next: a range from which it is drawn each time. The first comes within one such time.
        every: Between = Between(1.0, 1.0), Rule::range(0.02, 3600.0, "s").required();
        /// After how many it ends.
        count: Option<u32> = None, Rule::range(1.0, 1e6, "").says("never");
        /// How far around the emitter they are; without it, they are where it is.
        around: Option<Around> = None, ANY;
        /// How many may sound at once; one that would be more is left out.
        max: u32 = 8, Rule::range(1.0, 64.0, "");
        /// How many of the last choices are not chosen again, whatever their weights.
        avoid: Option<u32> = None, ANY.says("1");
        /// Whether each is chosen once before any is chosen again.
        shuffle: bool = false, ANY;
        /// Whose past choices count: those of all emitters together, or each one's own.
        scope: Scope = Scope::Global, ANY;
        /// Gain: a number, or a range from which it is drawn for each of them.
        gain: Between = Between(0.0, 0.0), GAIN.says("0");
        /// Pitch: a number, or a range from which it is drawn for each of them.
        pitch: Between = Between(0.0, 0.0), PITCH.says("0");
        /// How much later than drawn each begins; a range is drawn from.
        delay: Between = Between(0.0, 0.0), FILE_TIME.says("0");
        /// The cut-off of a low-pass; a range is drawn from, evenly in octaves. Of several on the way the lowest counts.
        cutoff: Option<Between> = None, FREQ.says("none");
    }

    /// A ring around an emitter, in which places are drawn evenly.
    Around verified by verify_around {
        /// The least distance on the ground.
        min: f32 = 0.0, Rule::range(0.0, 10_000.0, "m");
        /// The greatest distance on the ground.
        max: f32 = 10.0, Rule::range(0.0, 10_000.0, "m").required();
        /// How high above the emitter; a range is drawn from.
        height: Between = Between(0.0, 0.0), Rule::range(-10_000.0, 10_000.0, "m").says("0");
    }

    /// The sound that a parameter's label asks for.
    Switch verified by verify_switch {
        /// The parameter; it must have labels.
        on: Text = Text::default(), NEEDED;
        /// The sounds by label: names of sounds, paths of sound files, or sounds written in place: `{"wood": Random(of: […])}`.
        cases: Keyed<Play> = Keyed::default(), NEEDED;
        /// The sound for labels without a case; without it nothing is played for them.
        default: Option<Play> = None, ANY;
        /// What becomes of what loops when the label changes: it plays on (`Continue`), goes over to the other case within a time (`Crossfade(0.3)`), or comes to the end of its lap, where the other case begins (`AtEnd`).
        change: Option<Change> = None, Rule::range(0.0, 60.0, "s").says("Continue");
        /// The short form of `change: Crossfade(…)`: how long what loops takes to go over to another case.
        crossfade: Option<f32> = None, CROSSFADE.says("plays on");
        /// Gain: a number, or a range from which it is drawn for each playback.
        gain: Between = Between(0.0, 0.0), GAIN.says("0");
        /// Pitch: a number, or a range from which it is drawn for each playback.
        pitch: Between = Between(0.0, 0.0), PITCH.says("0");
        /// How much later than without it what it plays begins; a range is drawn from.
        delay: Between = Between(0.0, 0.0), FILE_TIME.says("0");
        /// The cut-off of a low-pass; a range is drawn from, evenly in octaves. Of several on the way the lowest counts.
        cutoff: Option<Between> = None, FREQ.says("none");
    }

    /// Several sounds at once.
    Layer verified by verify_layer {
        /// The sounds: `"name"`, `Clip(…)` or `(play: "name", gain: -3, delay: 0.1)`.
        of: Vec<Layered> = Vec::new(), NEEDED;
        /// Gain: a number, or a range from which it is drawn once for all.
        gain: Between = Between(0.0, 0.0), GAIN.says("0");
        /// Pitch: a number, or a range from which it is drawn once for all.
        pitch: Between = Between(0.0, 0.0), PITCH.says("0");
        /// How much later than without it what it plays begins; a range is drawn from.
        delay: Between = Between(0.0, 0.0), FILE_TIME.says("0");
        /// The cut-off of a low-pass; a range is drawn from, evenly in octaves. Of several on the way the lowest counts.
        cutoff: Option<Between> = None, FREQ.says("none");
    }

    /// One of several sounds at once.
    Part {
        /// The name of a sound, the path of a sound file, or a sound written in place.
        play: Play = Play::default(), NEEDED;
        /// Gain: a number, or a range from which it is drawn for each playback.
        gain: Between = Between(0.0, 0.0), GAIN.says("0");
        /// Pitch: a number, or a range from which it is drawn for each playback.
        pitch: Between = Between(0.0, 0.0), PITCH.says("0");
        /// How long after the others it begins; a range is drawn from.
        delay: Between = Between(0.0, 0.0), FILE_TIME.says("0");
        /// The cut-off of a low-pass; a range is drawn from, evenly in octaves. Of several on the way the lowest counts.
        cutoff: Option<Between> = None, FREQ.says("none");
    }

    /// Several sounds at once, each heard in its own range of a parameter; where ranges meet, they crossfade.
    Blend verified by verify_blend {
        /// What it goes by: a parameter, or what curves of events know, such as `"distance"`.
        on: Text = Text::default(), NEEDED;
        /// The sounds and their ranges: `[(play: "idle", to: 1000, fade: 500), (play: "high", from: 1500, fade: 500)]`.
        of: Vec<Blended> = Vec::new(), NEEDED;
        /// Gain: a number, or a range from which it is drawn once for all.
        gain: Between = Between(0.0, 0.0), GAIN.says("0");
        /// Pitch: a number, or a range from which it is drawn once for all.
        pitch: Between = Between(0.0, 0.0), PITCH.says("0");
        /// How much later than without it what it plays begins; a range is drawn from.
        delay: Between = Between(0.0, 0.0), FILE_TIME.says("0");
        /// The cut-off of a low-pass; a range is drawn from, evenly in octaves. Of several on the way the lowest counts.
        cutoff: Option<Between> = None, FREQ.says("none");
    }

    /// A sound and the range in which it is heard.
    Blended {
        /// The name of a sound, the path of a sound file, or a sound written in place.
        play: Play = Play::default(), NEEDED;
        /// Where it begins to be heard in full.
        from: f32 = -1e6, VALUE.says("the lowest");
        /// Where it ends to be heard in full.
        to: f32 = 1e6, VALUE.says("the highest");
        /// How far beyond either end it is still heard, falling by equal power.
        fade: f32 = 0.0, Rule::range(0.0, 1e6, "");
        /// Gain: a number, or a range from which it is drawn for each playback.
        gain: Between = Between(0.0, 0.0), GAIN.says("0");
        /// Pitch: a number, or a range from which it is drawn for each playback.
        pitch: Between = Between(0.0, 0.0), PITCH.says("0");
        /// The cut-off of a low-pass; a range is drawn from, evenly in octaves. Of several on the way the lowest counts.
        cutoff: Option<Between> = None, FREQ.says("none");
    }
}

/// Nothing: a choice that plays no sound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Silence;

impl Fields for Silence {
    const NAME: &'static str = "Silence";
    const DOC: &'static str = " Nothing: a choice that plays no sound.";
    const FIELDS: &'static [Field] = &[];

    fn set(&mut self, _name: &str, _reader: &mut Reader<'_>, _value: &Node) -> bool {
        false
    }
}

/// What becomes of what loops when another case is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// It plays on.
    Continue,
    /// It goes over within so many seconds.
    Crossfade(f32),
    /// It comes to the end of its lap.
    AtEnd,
}

impl Read for Change {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        const KNOWN: [&str; 3] = ["Continue", "Crossfade", "AtEnd"];
        match (&node.kind, node.name()) {
            (Kind::Word(_), Some("Continue")) => Some(Self::Continue),
            (Kind::Word(_), Some("AtEnd")) => Some(Self::AtEnd),
            (Kind::Group { .. }, Some("Crossfade")) => {
                let time = Field { name: "Crossfade", default: "0.3", ..*field };
                let value = only(reader, node, &time)?;
                f32::read(reader, value, &time).map(Self::Crossfade)
            }
            (Kind::Word(_) | Kind::Group { .. }, Some(name)) if !KNOWN.contains(&name) => {
                reader.unknown_variant(name, node.head(), field.name, KNOWN.into_iter());
                None
            }
            _ => {
                reader.wrong_type(node, field, "`Continue`, `Crossfade(…)` or `AtEnd`");
                None
            }
        }
    }
}

/// Whose past a choice goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Scope {
    /// All emitters' together.
    Global,
    /// Each emitter's own.
    Emitter,
}

/// How much of it a playback plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Mode {
    /// One, and the next playback the next.
    Step,
    /// All of them, one after another.
    Continuous,
}

/// How one sound goes over to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum TransitionKind {
    /// The one after the other, with silence between them.
    Gap,
    /// The one fades into the other.
    Crossfade,
    /// The one a time after the other began.
    Trigger,
}

/// What follows the last of a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum AtEnd {
    /// The first.
    Restart,
    /// The way back.
    PingPong,
}

bare_words!(Scope, AtEnd, Mode, TransitionKind);

/// Declares the kinds of sound: the choice, its reading, its names.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])* $kind:ident,)*) => {
        /// A sound, such as `Clip(…)` or `Random(…)`.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Sound {
            $($(#[doc = $doc])* $kind($kind),)*
        }

        impl Sound {
            /// The names of the kinds.
            pub const KINDS: &'static [&'static str] = &[$(stringify!($kind)),*];
        }

        impl Read for Sound {
            fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
                match choice(reader, node, field, Self::KINDS)? {
                    $(stringify!($kind) => reader.group(node, field).map(Self::$kind),)*
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    /// One sound file.
    Clip,
    /// A computed tone.
    Tone,
    /// A computed noise.
    Noise,
    /// One of several sounds, drawn.
    Random,
    /// One of several sounds, in their order.
    Sequence,
    /// One of several sounds, by a parameter.
    Switch,
    /// Sounds by chance, in time and place.
    Scatter,
    /// Several sounds at once.
    Layer,
    /// Several sounds at once, by a parameter.
    Blend,
    /// Segments on a grid of bars.
    Music,
    /// Nothing.
    Silence,
}

/// A layer in either of its forms.
#[derive(Debug, Clone, PartialEq)]
pub struct Layered(pub Part);

impl Read for Layered {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        if matches!(node.kind, Kind::Str(_)) || is_sound(node) {
            return Play::read(reader, node, field).map(|play| Self(Part { play, ..Part::default() }));
        }
        reader.group(node, field).map(Self)
    }
}

impl Sound {
    /// The sounds that it may come to: names of sounds or paths of sound files.
    pub fn plays(&self) -> Vec<&Play> {
        match self {
            Self::Clip(_) | Self::Tone(_) | Self::Noise(_) | Self::Silence(_) => Vec::new(),
            Self::Random(Random { of, .. }) | Self::Scatter(Scatter { of, .. }) => {
                of.iter().map(|Weighted(choice)| &choice.play).collect()
            }
            Self::Sequence(sequence) => sequence.of.iter().collect(),
            Self::Music(music) => {
                let stingers = music.stingers.0.iter().map(|(_, stinger)| &stinger.play);
                music.segments.0.iter().map(|(_, segment)| &segment.play).chain(stingers).collect()
            }
            Self::Layer(layer) => layer.of.iter().map(|Layered(part)| &part.play).collect(),
            Self::Blend(blend) => blend.of.iter().map(|blended| &blended.play).collect(),
            Self::Switch(switch) => {
                switch.cases.0.iter().map(|(_, play)| play).chain(&switch.default).collect()
            }
        }
    }

    /// Where other sounds may be written in it, with what the place is called: a case's label, else a number from 1.
    pub(super) fn places(&mut self) -> Vec<(String, &mut Play)> {
        fn numbered<'a>(plays: impl Iterator<Item = &'a mut Play>) -> Vec<(String, &'a mut Play)> {
            plays.enumerate().map(|(index, play)| ((index + 1).to_string(), play)).collect()
        }
        match self {
            Self::Clip(_) | Self::Tone(_) | Self::Noise(_) | Self::Silence(_) => Vec::new(),
            Self::Random(Random { of, .. }) | Self::Scatter(Scatter { of, .. }) => {
                numbered(of.iter_mut().map(|Weighted(choice)| &mut choice.play))
            }
            Self::Sequence(sequence) => numbered(sequence.of.iter_mut()),
            Self::Music(music) => {
                let segments = music.segments.0.iter_mut().enumerate();
                let segments = segments
                    .map(|(number, (name, segment))| (place_of_case(number, &name.value), &mut segment.play));
                let stingers = music.stingers.0.iter_mut();
                let stingers =
                    stingers.map(|(name, stinger)| (format!("(stinger {})", name.value), &mut stinger.play));
                segments.chain(stingers).collect()
            }
            Self::Layer(layer) => numbered(layer.of.iter_mut().map(|Layered(part)| &mut part.play)),
            Self::Blend(blend) => numbered(blend.of.iter_mut().map(|blended| &mut blended.play)),
            Self::Switch(switch) => {
                let cases = switch.cases.0.iter_mut().enumerate();
                let cases = cases.map(|(number, (label, play))| (place_of_case(number, &label.value), play));
                cases.chain(switch.default.iter_mut().map(|play| ("(default)".to_owned(), play))).collect()
            }
        }
    }
}

/// A choice in any of its forms.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighted(pub Choice);

impl Read for Weighted {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        let by_position = |slots: &[Slot]| slots.iter().all(|slot| slot.key.is_none());
        match &node.kind {
            _ if matches!(node.kind, Kind::Str(_)) || is_sound(node) => {
                Play::read(reader, node, field).map(|play| Self(Choice { play, ..Choice::default() }))
            }
            Kind::Group { name: None, slots } if slots.len() == 2 && by_position(slots) => {
                let play = Play::read(reader, &slots[0].value, field);
                let weight = Choice::FIELDS.iter().find(|field| field.name == "weight")?;
                let weight = f32::read(reader, &slots[1].value, weight);
                Some(Self(Choice { play: play?, weight: weight?, ..Choice::default() }))
            }
            Kind::Group { name: None, slots } if !slots.is_empty() && !by_position(slots) => {
                reader.group(node, field).map(Self)
            }
            _ => {
                reader.wrong_type(
                    node,
                    field,
                    "made of `\"name\"`, `(\"name\", weight)` or sounds such as `Clip(…)`",
                );
                None
            }
        }
    }
}

/// Checks what concerns more than one field.
fn verify_random(random: &Random, reader: &mut Reader<'_>, node: &Node) {
    verify_choices(random.avoid, reader, node);
    verify_mode(random.mode, reader, node, &[]);
}

/// Checks what concerns more than one field.
fn verify_scatter(scatter: &Scatter, reader: &mut Reader<'_>, node: &Node) {
    verify_choices(scatter.avoid, reader, node);
}

fn verify_choices(avoid: Option<u32>, reader: &mut Reader<'_>, node: &Node) {
    let choices = node.field("of").map_or(0, |of| of.slots().len());
    if choices == 0 {
        if node.field("of").is_some_and(|of| matches!(of.kind, Kind::List(_))) {
            let help = Some("give it at least one sound, such as `of: [\"sfx/step.ogg\"]`".to_owned());
            reader.error("empty-random", node.head(), "there is nothing to choose from", help);
        }
    } else if let (Some(avoid), Some(field)) = (avoid, node.field("avoid"))
        && avoid as usize >= choices
    {
        let message = format!("`avoid` of {avoid} is out of range: there are only {choices} choices");
        reader.error(
            "out-of-range",
            field.span.clone(),
            message,
            Some(format!("it goes from 0 to {}", choices - 1)),
        );
    }
}

/// What is only for one of the modes.
fn verify_mode(mode: Mode, reader: &mut Reader<'_>, node: &Node, of_step: &[&str]) {
    let (others, help) = match mode {
        Mode::Step => (&["loops", "transition"][..], "add `mode: Continuous`, or leave it out"),
        Mode::Continuous => (of_step, "leave it out: a continuous playback always begins with the first"),
    };
    for name in others {
        if let Some(field) = node.field(name) {
            let other = if mode == Mode::Step { "`mode: Continuous`" } else { "`mode: Step`" };
            let message = format!("`{name}` is for {other}");
            reader.error("bad-range", field.span.clone(), message, Some(help.to_owned()));
        }
    }
}

/// Checks what concerns more than one field.
fn verify_transition(transition: &Transition, reader: &mut Reader<'_>, node: &Node) {
    if transition.kind == TransitionKind::Trigger && transition.time < SOONEST {
        let span = node.field("time").map_or(node.head(), |time| time.span.clone());
        let message = format!("`Trigger` needs a `time` of at least {SOONEST} s");
        let help = Some("write how long after each the next begins, such as `time: 0.5`".to_owned());
        reader.error("out-of-range", span, message, help);
    }
}

/// Checks what concerns more than one field.
fn verify_around(around: &Around, reader: &mut Reader<'_>, node: &Node) {
    if around.max < around.min {
        let span = node.field("max").map_or(node.head(), |field| field.span.clone());
        let message = format!("`max` ({} m) is below `min` ({} m)", around.max, around.min);
        reader.error("bad-range", span, message, Some("there would be no place between them".to_owned()));
    }
}

/// Checks what concerns more than one field.
fn verify_clip(clip: &Clip, reader: &mut Reader<'_>, node: &Node) {
    let mut order = |low: (&str, Option<f32>), high: (&str, Option<f32>)| {
        if let (Some(from), Some(to)) = (low.1, high.1)
            && to <= from
            && let Some(field) = node.field(high.0).or(node.field(low.0))
        {
            let message = format!("`{}` ({to} s) is not after `{}` ({from} s)", high.0, low.0);
            reader.error("bad-range", field.span.clone(), message, Some("nothing would be left".to_owned()));
        }
    };
    order(("start", Some(clip.start)), ("end", clip.end));
    order(("loop_start", clip.loop_start), ("loop_end", clip.loop_end));
    order(("start", Some(clip.start)), ("loop_end", clip.loop_end));
    order(("loop_start", clip.loop_start), ("end", clip.end));
    if let (Some(end), false, Some(field)) = (clip.end, clip.looping, node.field("offset"))
        && clip.offset.1 >= end - clip.start
    {
        let message = format!(
            "`offset` of up to {} s goes beyond the {} s that are played",
            clip.offset.1,
            end - clip.start
        );
        reader.error("bad-range", field.span.clone(), message, Some("nothing would be left".to_owned()));
    }
    let from = clip.start;
    for (name, at) in &clip.markers.0 {
        if *at < from || clip.end.is_some_and(|end| *at >= end) {
            let message = format!("the marker {:?} ({at} s) lies outside of what is played", name.value);
            let to = clip.end.map_or_else(|| "the file's end".to_owned(), |end| format!("{end} s"));
            let help = Some(format!("it plays from {from} s to {to}"));
            reader.error("out-of-range", name.span.clone(), message, help);
        }
    }
    let of_loops = ["loop_start", "loop_end", "crossfade"];
    if !clip.looping
        && let Some((name, field)) = of_loops.iter().find_map(|name| Some((name, node.field(name)?)))
    {
        let message = format!("`{name}` is for what loops");
        let help = Some("add `looping: true`, or leave it out".to_owned());
        reader.error("bad-range", field.span.clone(), message, help);
    }
}

/// Checks what concerns more than one field.
fn verify_sequence(sequence: &Sequence, reader: &mut Reader<'_>, node: &Node) {
    nothing_to_play(sequence.of.is_empty(), reader, node);
    verify_mode(sequence.mode, reader, node, &["reset", "scope"]);
}

/// Checks what concerns more than one field.
fn verify_layer(layer: &Layer, reader: &mut Reader<'_>, node: &Node) {
    nothing_to_play(layer.of.is_empty(), reader, node);
}

/// Checks what concerns more than one field.
fn verify_blend(blend: &Blend, reader: &mut Reader<'_>, node: &Node) {
    nothing_to_play(blend.of.is_empty(), reader, node);
    let written = node.field("of").map_or(&[] as &[Slot], Node::slots);
    for (blended, slot) in blend.of.iter().zip(written) {
        if blended.to < blended.from {
            let message = format!("`to` ({}) is below `from` ({})", blended.to, blended.from);
            reader.error(
                "bad-range",
                slot.value.head(),
                message,
                Some("it would never be heard in full".to_owned()),
            );
        }
    }
}

fn nothing_to_play(empty: bool, reader: &mut Reader<'_>, node: &Node) {
    let of = node.field("of").filter(|of| matches!(of.kind, Kind::List(_)) && of.slots().is_empty());
    if let Some(of) = of.filter(|_| empty) {
        let help = Some("give it at least one sound, such as `of: [\"sfx/step.ogg\"]`".to_owned());
        reader.error("empty-random", of.span.clone(), "there is nothing to play", help);
    }
}

/// Checks what concerns more than one field.
fn verify_switch(switch: &Switch, reader: &mut Reader<'_>, node: &Node) {
    if switch.change.is_some()
        && let Some(crossfade) = node.field("crossfade").filter(|_| switch.crossfade.is_some())
    {
        let help = Some("leave one of them out".to_owned());
        reader.error("bad-range", crossfade.span.clone(), "`change` says already what becomes of it", help);
    }
    if switch.cases.0.is_empty()
        && switch.default.is_none()
        && let Some(cases) = node.field("cases").filter(|cases| cases.slots().is_empty())
    {
        let help = Some("give it a case, such as `cases: {\"wood\": \"sfx/wood.ogg\"}`".to_owned());
        reader.error("empty-random", cases.span.clone(), "there is nothing to play", help);
    }
}
