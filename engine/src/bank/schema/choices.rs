//! What may stand in a bank beside plain groups: the sections' entries, the choices (triggers, the
//! effects, the bands), and the checks that concern more than one field.
//!
//! May be named here: `decode`, the syntax tree, `serde`. Runs on any thread.

use super::{Duck, Parameter, PropertyCurve, Send, Target};
use crate::bank::decode::{Field, Fields, Read, Reader, Rule, Shape, Text, entries_of};
use crate::bank::diagnostic::suggest;
use crate::bank::syntax::{Kind, Node};
use crate::effects::{Course, FadeShape, Interpolation, NoiseColor, ToneShape};
use crate::modulators::LfoShape;
use crate::units::Segment;
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
    /// The entry in which it is written in place, if it is.
    pub owner: Option<String>,
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
            "modulators" => "modulator",
            "parameters" => "parameter",
            "snapshots" => "snapshot",
            "states" => "group of states",
            "reverbs" => "reverb",
            "sounds" => "sound",
            "queues" => "queue",
            _ => "event",
        };
        let one = Field { name: one, ..*field };
        entries_of(reader, node, field, |reader, name, node| {
            let value = T::read(reader, node, &one);
            entries.push(Entry { name, span: node.head(), value, owner: None });
        })?;
        Some(Self(entries))
    }

    fn shape() -> Shape {
        Shape::Map(Box::new(T::shape()))
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

/// A point of a curve: `(x, y)`, or `(x, y, Smooth)` with the shape of the segment that begins there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point(pub f32, pub f32, pub Segment);

/// What a parameter is before a game sets it.
#[derive(Debug, Clone, PartialEq)]
pub enum Initial {
    /// A number, and its bytes in the file.
    Number(f32, std::ops::Range<usize>),
    /// A label.
    Label(Text),
}

/// A send in either form: its gain, or a group.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sent(pub Send);

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

    fn shape() -> Shape {
        Shape::OneOf(vec![Shape::Words(&["Activity"]), Shape::Named("Level", Box::new(Shape::Number(None)))])
    }
}

/// Reads choices of bare words.
macro_rules! bare_words {
    ($($choice:ty),*) => {$(
        impl Read for $choice {
            fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
                reader.choice(node, field)
            }

            fn shape() -> $crate::bank::decode::Shape {
                $crate::bank::decode::Shape::Words($crate::bank::reference::names::<Self>())
            }
        }
    )*};
}
pub(super) use bare_words;

bare_words!(Combine, Gauge);

macro_rules! named_choices {
    ($($choice:ty),*) => {$(
        impl Read for $choice {
            fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
                place_of_choice(reader, node, field).and_then(|place| Self::ALL.get(place).copied())
            }

            fn shape() -> Shape {
                Shape::Words(Self::NAMES)
            }
        }
    )*};
}
named_choices!(FadeShape, Interpolation, Course, ToneShape, NoiseColor, LfoShape, Segment);

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

/// What stands behind a point's numbers.
const SEGMENT: Field = Field {
    name: "shape",
    doc: "The way to the next point.",
    default: "Linear",
    rule: Rule::choice(Segment::NAMES),
};

impl Read for Point {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        let slots = node.slots();
        let pair = matches!(&node.kind, Kind::Group { name: None, .. });
        let (true, [x, y, shape @ ..]) = (pair && slots.iter().all(|slot| slot.key.is_none()), slots) else {
            reader.wrong_type(node, field, "made of points such as `(-60, 0)` or `(-60, 0, Smooth)`");
            return None;
        };
        let (x, y) = (f32::read(reader, &x.value, field), f32::read(reader, &y.value, field));
        let shape = match shape {
            [] => Some(Segment::Linear),
            [shape] => Segment::read(reader, &shape.value, &SEGMENT),
            _ => {
                reader.wrong_type(node, field, "made of points such as `(-60, 0)` or `(-60, 0, Smooth)`");
                None
            }
        };
        Some(Self(x?, y?, shape?))
    }

    fn shape() -> Shape {
        let pair = vec![Shape::Number(None), Shape::Number(None)];
        let bent = [pair.clone(), vec![Shape::Words(Segment::NAMES)]].concat();
        Shape::OneOf(vec![Shape::Tuple(pair), Shape::Tuple(bent)])
    }
}

impl Read for Initial {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        if node.text().is_some() {
            return Text::read(reader, node, field).map(Self::Label);
        }
        f32::read(reader, node, field).map(|number| Self::Number(number, node.span.clone()))
    }

    fn shape() -> Shape {
        Shape::OneOf(vec![Shape::Number(None), Shape::Text])
    }
}

impl Read for Sent {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        if matches!(node.kind, Kind::Group { .. }) {
            return reader.group(node, field).map(Self);
        }
        f32::read(reader, node, field).map(|gain| Self(Send { gain, ..Send::default() }))
    }

    fn shape() -> Shape {
        Shape::OneOf(vec![Shape::Number(None), Shape::Group(Send::NAME)])
    }
}

/// Checks what concerns more than one field.
pub(super) fn verify_curve(curve: &PropertyCurve, reader: &mut Reader<'_>, node: &Node) {
    verify_points(&curve.points, reader, node);
}

/// Points of a curve: at least one, and in their order.
pub(super) fn verify_points(points: &[Point], reader: &mut Reader<'_>, node: &Node) {
    let Some(written) = node.field("points").filter(|points| matches!(points.kind, Kind::List(_))) else {
        return;
    };
    if written.slots().is_empty() {
        let help = Some("give it at least one, such as `points: [(-60, 0), (-20, -6)]`".to_owned());
        reader.error("bad-range", written.span.clone(), "a curve needs points", help);
    }
    if points.windows(2).any(|pair| pair[1].0 <= pair[0].0) {
        let help = Some("write the lowest first, and none twice".to_owned());
        reader.error("bad-range", written.span.clone(), "the points are not in their order", help);
    }
}

/// Checks what concerns more than one field.
pub(super) fn verify_parameter(parameter: &Parameter, reader: &mut Reader<'_>, node: &Node) {
    let Parameter { min, max, step, labels, default, .. } = parameter;
    if !labels.is_empty() {
        for (place, label) in labels.iter().enumerate() {
            if labels[..place].iter().any(|other| other.value == label.value) {
                let message = format!("the label {:?} is given twice", label.value);
                reader.error("duplicate-key", label.span.clone(), message, None);
            }
        }
        let of_numbers = ["min", "max", "step", "attack", "release"];
        if let Some((name, field)) = of_numbers.iter().find_map(|name| Some((name, node.field(name)?))) {
            let help = Some("leave it out: labels change at once".to_owned());
            reader.error(
                "bad-range",
                field.span.clone(),
                format!("`{name}` is for a parameter without `labels`"),
                help,
            );
        }
    } else if max <= min {
        let span = node.field("max").or(node.field("min")).map_or(node.head(), |field| field.span.clone());
        let help = Some("nothing would be left to set".to_owned());
        reader.error("bad-range", span, format!("`max` ({max}) is not above `min` ({min})"), help);
    }
    if labels.is_empty() && max > min && *step > max - min {
        let span = node.field("step").map_or(node.head(), |field| field.span.clone());
        let help = Some("a step is a part of the range; leave it out for any value".to_owned());
        reader.error("bad-range", span, format!("`step` ({step}) is more than from `min` to `max`"), help);
    }
    match default {
        Some(Initial::Label(label)) if !labels.iter().any(|known| known.value == label.value) => {
            let help = suggest(&label.value, labels.iter().map(|label| label.value.as_str()), '"');
            let help = help
                .or_else(|| labels.is_empty().then(|| "a parameter without `labels` is a number".to_owned()));
            let message = format!("{:?} is none of its labels", label.value);
            reader.error("unknown-label", label.span.clone(), message, help);
        }
        Some(Initial::Number(_, span)) if !labels.is_empty() => {
            let help = Some("write one of its labels".to_owned());
            reader.error(
                "wrong-type",
                span.clone(),
                "the `default` of a parameter with labels is one of them",
                help,
            );
        }
        Some(Initial::Number(number, span)) if !(*min..=*max).contains(number) => {
            let help = Some(format!("it goes from {min} to {max}"));
            reader.error(
                "out-of-range",
                span.clone(),
                format!("`default` of {number} is out of range"),
                help,
            );
        }
        _ => {}
    }
}

/// Checks what concerns more than one field.
pub(super) fn verify_target(target: &Target, reader: &mut Reader<'_>, node: &Node) {
    if let Some(band) = node.field("band").filter(|band| band.kind == Kind::Number) {
        let help = Some("write its two ends, such as `band: (300, 4000)`".to_owned());
        reader.error("wrong-type", band.span.clone(), "a `band` is a range of frequencies", help);
    }
    if target.voices
        && target.band.is_some()
        && let Some(band) = node.field("band")
    {
        let help = Some("leave one of them out, or write two rules".to_owned());
        reader.error("bad-range", band.span.clone(), "`voices` step back as a whole, not in a `band`", help);
    }
}
