//! The kinds of sound and the choices in them, and what a sound plays.
//!
//! May be named here: the groups of sounds, the syntax tree, `serde`. Runs on any thread.

use super::super::choices::{bare_words, choice, only};
use super::super::play::{Play, is_sound, place_of_case};
use super::super::{Localized, Music};
use super::{Blend, Choice, Clip, Layer, Noise, Part, Random, Scatter, Sequence, Switch, Tone};
use crate::bank::decode::{Field, Fields, Read, Reader, Shape};
use crate::bank::syntax::{Kind, Node, Slot};
use serde::Deserialize;

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

    fn shape() -> Shape {
        let crossfade = Shape::Named("Crossfade", Box::new(Shape::Number(None)));
        Shape::OneOf(vec![Shape::Words(&["Continue", "AtEnd"]), crossfade])
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

            fn shape() -> Shape {
                Shape::OneOf(Self::KINDS.iter().map(|kind| Shape::choice(kind)).collect())
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
    /// One sound in several languages.
    Localized,
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

    fn shape() -> Shape {
        Shape::OneOf(vec![Play::shape(), Shape::Group(Part::NAME)])
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
            Self::Localized(localized) => localized.of.0.iter().map(|(_, play)| play).collect(),
            Self::Switch(switch) => {
                switch.cases.0.iter().map(|(_, play)| play).chain(&switch.default).collect()
            }
        }
    }

    /// Where other sounds may be written in it, with what the place is called: a case's label, else a number from 1.
    pub(in super::super) fn places(&mut self) -> Vec<(String, &mut Play)> {
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
            Self::Localized(localized) => {
                let of = localized.of.0.iter_mut().enumerate();
                of.map(|(number, (label, play))| (place_of_case(number, &label.value), play)).collect()
            }
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

    fn shape() -> Shape {
        let weight = Choice::FIELDS.iter().find(|field| field.name == "weight").map(|field| field.rule);
        let pair = Shape::Tuple(vec![Play::shape(), Shape::Number(weight)]);
        Shape::OneOf(vec![Play::shape(), pair, Shape::Group(Choice::NAME)])
    }
}
