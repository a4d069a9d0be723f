//! Sounds as they are written: clips and what chooses between them.
//!
//! May be named here: `decode`, the syntax tree, `serde`. Runs on any thread.

use super::choices::{bare_words, choice};
use super::{ANY, FADE, FILE_TIME, GAIN, NEEDED, PITCH, VALUE};
use crate::bank::decode::{Between, Field, Fields, Keyed, Read, Reader, Rule, Text, fields};
use crate::bank::syntax::{Kind, Node, Slot};
use crate::effects::{FadeShape, Interpolation};
use serde::Deserialize;

/// How long what loops takes to go over to another case.
const CROSSFADE: Rule = Rule::range(0.0, 60.0, "s");

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
        /// Whether it is read from the disk while it plays: its first half second is in memory, so it starts at once, and then about two seconds ahead. Otherwise all of it is decoded into memory when it is loaded. It sounds the same.
        stream: Option<bool> = None, ANY.says("by its length: what lasts longer than a minute does");
    }

    /// A choice between sounds, drawn anew for each playback.
    Random verified by verify_random {
        /// What there is to choose from: names of sounds or paths of sound files.
        of: Vec<Weighted> = Vec::new(), NEEDED;
        /// How many of the last choices are not chosen again, whatever their weights.
        avoid: Option<u32> = None, ANY.says("1");
        /// Whether each is chosen once before any is chosen again. What is heavy comes earlier in each round, and `avoid` holds from one round to the next.
        shuffle: bool = false, ANY;
        /// Whose past choices count: those of all emitters together, or each one's own.
        scope: Scope = Scope::Global, ANY;
        /// The range of gains.
        gain: Between = Between(0.0, 0.0), GAIN.says("(0, 0)");
        /// The range of pitches.
        pitch: Between = Between(0.0, 0.0), PITCH.says("(0, 0)");
    }

    /// One of several sounds: `"name"`, `("name", weight)` or `(play: "name", weight: …)`.
    Choice {
        /// The name of a sound or the path of a sound file.
        play: Text = Text::default(), NEEDED;
        /// How likely it is beside the others.
        weight: f32 = 1.0, Rule::range(1e-6, 1e6, "");
    }

    /// One sound after another: the next with each playback.
    Sequence verified by verify_sequence {
        /// The sounds in their order: names of sounds or paths of sound files.
        of: Vec<Text> = Vec::new(), NEEDED;
        /// What follows the last: the first, or the last but one and so on back.
        at_end: AtEnd = AtEnd::Restart, ANY;
        /// After how long without a playback it begins anew; 0 is never.
        reset: f32 = 0.0, FILE_TIME;
        /// Whose playbacks count: those of all emitters together, or each one's own.
        scope: Scope = Scope::Global, ANY;
        /// The range of gains.
        gain: Between = Between(0.0, 0.0), GAIN.says("(0, 0)");
        /// The range of pitches.
        pitch: Between = Between(0.0, 0.0), PITCH.says("(0, 0)");
    }

    /// The sound that a parameter's label asks for.
    Switch verified by verify_switch {
        /// The parameter; it must have labels.
        on: Text = Text::default(), NEEDED;
        /// The sounds by label: names of sounds or paths of sound files.
        cases: Keyed<Text> = Keyed::default(), NEEDED;
        /// The sound for labels without a case; without it nothing is played for them.
        default: Option<Text> = None, ANY;
        /// How long what loops takes to go over to another case when the label changes; without it, it plays on.
        crossfade: Option<f32> = None, CROSSFADE.says("plays on");
    }

    /// Several sounds at once.
    Layer verified by verify_layer {
        /// The sounds: `"name"` or `(play: "name", gain: -3, delay: 0.1)`.
        of: Vec<Layered> = Vec::new(), NEEDED;
        /// The range of gains, drawn once for all.
        gain: Between = Between(0.0, 0.0), GAIN.says("(0, 0)");
        /// The range of pitches, drawn once for all.
        pitch: Between = Between(0.0, 0.0), PITCH.says("(0, 0)");
    }

    /// One of several sounds at once.
    Part {
        /// The name of a sound or the path of a sound file.
        play: Text = Text::default(), NEEDED;
        /// Gain.
        gain: f32 = 0.0, GAIN;
        /// How long after the others it begins.
        delay: f32 = 0.0, FILE_TIME;
    }

    /// Several sounds at once, each heard in its own range of a parameter; where ranges meet, they crossfade.
    Blend verified by verify_blend {
        /// What it goes by: a parameter, or what curves of events know, such as `"distance"`.
        on: Text = Text::default(), NEEDED;
        /// The sounds and their ranges: `[(play: "idle", to: 1000, fade: 500), (play: "high", from: 1500, fade: 500)]`.
        of: Vec<Blended> = Vec::new(), NEEDED;
    }

    /// A sound and the range in which it is heard.
    Blended {
        /// The name of a sound or the path of a sound file.
        play: Text = Text::default(), NEEDED;
        /// Where it begins to be heard in full.
        from: f32 = -1e6, VALUE.says("the lowest");
        /// Where it ends to be heard in full.
        to: f32 = 1e6, VALUE.says("the highest");
        /// How far beyond either end it is still heard, falling by equal power.
        fade: f32 = 0.0, Rule::range(0.0, 1e6, "");
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

/// Whose past a choice goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Scope {
    /// All emitters' together.
    Global,
    /// Each emitter's own.
    Emitter,
}

/// What follows the last of a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum AtEnd {
    /// The first.
    Restart,
    /// The way back.
    PingPong,
}

bare_words!(Scope, AtEnd);

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
    /// One of several sounds, drawn.
    Random,
    /// One of several sounds, in their order.
    Sequence,
    /// One of several sounds, by a parameter.
    Switch,
    /// Several sounds at once.
    Layer,
    /// Several sounds at once, by a parameter.
    Blend,
    /// Nothing.
    Silence,
}

/// A layer in either of its forms.
#[derive(Debug, Clone, PartialEq)]
pub struct Layered(pub Part);

impl Read for Layered {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        if matches!(node.kind, Kind::Str(_)) {
            return Text::read(reader, node, field).map(|play| Self(Part { play, ..Part::default() }));
        }
        reader.group(node, field).map(Self)
    }
}

impl Sound {
    /// The sounds that it may come to: names of sounds or paths of sound files.
    pub fn plays(&self) -> Vec<&Text> {
        match self {
            Self::Clip(_) | Self::Silence(_) => Vec::new(),
            Self::Random(random) => random.of.iter().map(|Weighted(choice)| &choice.play).collect(),
            Self::Sequence(sequence) => sequence.of.iter().collect(),
            Self::Layer(layer) => layer.of.iter().map(|Layered(part)| &part.play).collect(),
            Self::Blend(blend) => blend.of.iter().map(|blended| &blended.play).collect(),
            Self::Switch(switch) => {
                switch.cases.0.iter().map(|(_, play)| play).chain(&switch.default).collect()
            }
        }
    }
}

/// A choice in any of its three forms.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighted(pub Choice);

impl Read for Weighted {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        let by_position = |slots: &[Slot]| slots.iter().all(|slot| slot.key.is_none());
        match &node.kind {
            Kind::Str(_) => Text::read(reader, node, field).map(|play| Self(Choice { play, weight: 1.0 })),
            Kind::Group { name: None, slots } if slots.len() == 2 && by_position(slots) => {
                let play = Text::read(reader, &slots[0].value, field);
                let weight = Choice::FIELDS.iter().find(|field| field.name == "weight")?;
                let weight = f32::read(reader, &slots[1].value, weight);
                Some(Self(Choice { play: play?, weight: weight? }))
            }
            Kind::Group { name: None, slots } if !slots.is_empty() && !by_position(slots) => {
                reader.group(node, field).map(Self)
            }
            _ => {
                reader.wrong_type(node, field, "made of `\"name\"` or `(\"name\", weight)`");
                None
            }
        }
    }
}

/// Checks what concerns more than one field.
fn verify_random(random: &Random, reader: &mut Reader<'_>, node: &Node) {
    let choices = node.field("of").map_or(0, |of| of.slots().len());
    if choices == 0 {
        if node.field("of").is_some_and(|of| matches!(of.kind, Kind::List(_))) {
            let help = Some("give it at least one sound, such as `of: [\"sfx/step.ogg\"]`".to_owned());
            reader.error("empty-random", node.head(), "there is nothing to choose from", help);
        }
    } else if let (Some(avoid), Some(field)) = (random.avoid, node.field("avoid"))
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
    if switch.cases.0.is_empty()
        && switch.default.is_none()
        && let Some(cases) = node.field("cases").filter(|cases| cases.slots().is_empty())
    {
        let help = Some("give it a case, such as `cases: {\"wood\": \"sfx/wood.ogg\"}`".to_owned());
        reader.error("empty-random", cases.span.clone(), "there is nothing to play", help);
    }
}
