//! What may stand in a bank beside plain groups: the sections' entries, the choices (`Clip` or `Random`, the
//! effects, the bands), and the checks that concern more than one field.
//!
//! May be named here: `decode`, the syntax tree, `serde`. Runs on any thread.

use super::{Choice, Clip, Duck, PropertyCurve, Random, Send, Space, Target};
use crate::bank::decode::{Field, Fields, Read, Reader, Text, entries_of};
use crate::bank::syntax::{Kind, Node, Slot};
use crate::effects::{FadeShape, Interpolation};
use serde::Deserialize;

/// One entry of a section: its name and what is left of it after reading; `None` where nothing sound is.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<T> {
    /// The name.
    pub name: Text,
    /// The place of the value.
    pub span: std::ops::Range<usize>,
    /// The value.
    pub value: Option<T>,
}

/// A section's entries in the order of the text. Bad ones keep their name, so that it is not unknown elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Entries<T>(pub Vec<Entry<T>>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Read> Read for Entries<T> {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        let mut entries = Vec::new();
        let one = match field.name {
            "buses" => "bus",
            "vcas" => "vca",
            "levels" => "level",
            "reverbs" => "reverb",
            "sounds" => "sound",
            _ => "event",
        };
        let one = Field { name: one, ..*field };
        entries_of(reader, node, field, |reader, name, node| {
            let value = T::read(reader, node, &one);
            entries.push(Entry { name, span: node.head(), value });
        })?;
        Some(Self(entries))
    }
}

/// The ducking rules of a file in the order of the text.
pub type Rules = Vec<Duck>;

/// What sets a ducking rule off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Trigger {
    /// The bus reaches this level in dB.
    Level(f32),
    /// A voice plays on the bus.
    Activity,
}

/// What happens between the distances of a space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Curve {
    /// As in free air.
    Inverse,
    /// Evenly in amplitude.
    Linear,
    /// Evenly in decibels.
    Exponential,
}

/// The way of a ducking rule to its depth and back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum DuckCurve {
    /// Evenly in decibels.
    Linear,
    /// Slowly at both ends.
    Smooth,
    /// Most of it at first.
    Fast,
    /// Most of it at last.
    Slow,
}

/// What becomes of several ducking rules on one target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Combine {
    /// The deepest of them counts.
    Deepest,
    /// They add up, to a floor.
    Sum,
}

/// How a level is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Gauge {
    /// The highest sample.
    Peak,
    /// The root mean square.
    Rms,
    /// The momentary loudness.
    Loudness,
}

/// A point of a curve: `(x, y)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point(pub f32, pub f32);

/// A send in either form: its gain, or a group.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sent(pub Send);

/// A sound: `Clip(…)` or `Random(…)`.
#[derive(Debug, Clone, PartialEq)]
pub enum Sound {
    /// One sound file.
    Clip(Clip),
    /// One of several sounds.
    Random(Random),
}

const SOUNDS: [&str; 2] = ["Clip", "Random"];

/// The name of a choice that has a bracket, or what is wrong.
pub(super) fn choice<'n>(
    reader: &mut Reader<'_>,
    node: &'n Node,
    field: &Field,
    known: &[&str],
) -> Option<&'n str> {
    let names = known.iter().copied();
    match (&node.kind, node.name()) {
        (Kind::Group { .. } | Kind::Word(_), Some(name)) if !known.contains(&name) => {
            reader.unknown_variant(name, node.head(), field.name, names);
        }
        (Kind::Group { .. }, Some(name)) => return Some(name),
        (Kind::Word(_), Some(name)) => {
            reader.wrong_type(node, field, &format!("written with brackets: `{name}(…)`"));
        }
        _ => {
            let names: Vec<_> = names.map(|name| format!("`{name}(…)`")).collect();
            reader.wrong_type(node, field, &format!("made of {}", names.join(", ")));
        }
    }
    None
}

/// The one value by position in `Name(value)`.
pub(super) fn only<'n>(reader: &mut Reader<'_>, node: &'n Node, field: &Field) -> Option<&'n Node> {
    match node.slots() {
        [only] if only.key.is_none() => Some(&only.value),
        _ => {
            let name = field.name;
            reader.error(
                "wrong-type",
                node.head(),
                format!("`{name}` takes one value without a name"),
                Some(format!("for example `{name}({})`", field.default)),
            );
            None
        }
    }
}

impl Read for Sound {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        match choice(reader, node, field, &SOUNDS)? {
            "Clip" => reader.group(node, field).map(Self::Clip),
            _ => reader.group(node, field).map(Self::Random),
        }
    }
}

impl Read for Trigger {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        match (&node.kind, node.name()) {
            (Kind::Word(_), Some("Activity")) => Some(Self::Activity),
            (Kind::Group { .. }, Some("Level")) => {
                let level = Field { name: "Level", default: "-40", ..*field };
                let value = only(reader, node, &level)?;
                f32::read(reader, value, &level).map(Self::Level)
            }
            (Kind::Word(_) | Kind::Group { .. }, Some(name)) if name != "Level" && name != "Activity" => {
                reader.unknown_variant(name, node.head(), field.name, ["Level", "Activity"].into_iter());
                None
            }
            _ => {
                reader.wrong_type(node, field, "`Level(…)` or `Activity`");
                None
            }
        }
    }
}

macro_rules! bare_words {
    ($($choice:ty),*) => {$(
        impl Read for $choice {
            fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
                reader.choice(node, field)
            }
        }
    )*};
}
bare_words!(Curve, DuckCurve, Combine, Gauge);

macro_rules! named_choices {
    ($($choice:ty),*) => {$(
        impl Read for $choice {
            fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
                place_of_choice(reader, node, field).and_then(|place| Self::ALL.get(place).copied())
            }
        }
    )*};
}
named_choices!(FadeShape, Interpolation);

/// The place of a bare word among the choices of a field.
pub(super) fn place_of_choice(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<usize> {
    let (Kind::Word(_), Some(word)) = (&node.kind, node.name()) else {
        reader.wrong_type(node, field, &format!("one of {}", field.rule.choices.join(", ")));
        return None;
    };
    let place = field.rule.choices.iter().position(|choice| *choice == word);
    if place.is_none() {
        reader.unknown_variant(word, node.head(), field.name, field.rule.choices.iter().copied());
    }
    place
}

impl Read for Point {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        let slots = node.slots();
        let pair = matches!(&node.kind, Kind::Group { name: None, .. });
        let (true, [x, y]) = (pair && slots.iter().all(|slot| slot.key.is_none()), slots) else {
            reader.wrong_type(node, field, "made of points such as `(-60, 0)`");
            return None;
        };
        let (x, y) = (f32::read(reader, &x.value, field), f32::read(reader, &y.value, field));
        Some(Self(x?, y?))
    }
}

impl Read for Sent {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        if matches!(node.kind, Kind::Group { .. }) {
            return reader.group(node, field).map(Self);
        }
        f32::read(reader, node, field).map(|gain| Self(Send { gain, ..Send::default() }))
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
pub(super) fn verify_random(random: &Random, reader: &mut Reader<'_>, node: &Node) {
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
pub(super) fn verify_curve(curve: &PropertyCurve, reader: &mut Reader<'_>, node: &Node) {
    let Some(points) = node.field("points").filter(|points| matches!(points.kind, Kind::List(_))) else {
        return;
    };
    if points.slots().is_empty() {
        let help = Some("give it at least one, such as `points: [(-60, 0), (-20, -6)]`".to_owned());
        reader.error("bad-range", points.span.clone(), "a curve needs points", help);
    }
    let falls = |pair: &[Point]| pair[1].0 <= pair[0].0;
    if curve.points.windows(2).any(falls) {
        let help = Some("write the lowest level first, and none twice".to_owned());
        reader.error(
            "bad-range",
            points.span.clone(),
            "the points are not in the order of their levels",
            help,
        );
    }
}

/// Checks what concerns more than one field.
pub(super) fn verify_target(target: &Target, reader: &mut Reader<'_>, node: &Node) {
    if target.voices
        && target.band.is_some()
        && let Some(band) = node.field("band")
    {
        let help = Some("leave one of them out, or write two rules".to_owned());
        reader.error("bad-range", band.span.clone(), "`voices` step back as a whole, not in a `band`", help);
    }
}

/// Checks what concerns more than one field.
pub(super) fn verify_clip(clip: &Clip, reader: &mut Reader<'_>, node: &Node) {
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
pub(super) fn verify_space(space: &Space, reader: &mut Reader<'_>, node: &Node) {
    if space.max <= space.min {
        let span = node.field("max").or(node.field("min")).map_or(node.head(), |field| field.span.clone());
        let message = format!("`max` ({} m) is not above `min` ({} m)", space.max, space.min);
        reader.error("bad-range", span, message, Some("nothing would ever be heard".to_owned()));
    }
}
