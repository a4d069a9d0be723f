//! The effects of a bus as they are written.
//!
//! Lives here: the reading of any effect by its table of parameters, of the equaliser's bands, and of what an
//! effect takes beside its parameters: a key, a sound file, a bypass. May be named here: `decode`, the syntax
//! tree, `effects`. Runs on any thread.

mod equaliser;

use super::choices::{choice, only, place_of_choice};
use super::{
    ANY, AllPass, BandPass, Custom, GAIN, HighPass, HighShelf, LowPass, LowShelf, MASTER, Notch, Peak,
};
use crate::bank::decode::{Field, Fields, Read, Reader, Rule, Shape, Text};
use crate::bank::syntax::{Kind, Node};
use crate::effects::table::{Params, Takes};
use crate::effects::{Effect as Unit, EqSlope, ReverbParams, for_each_effect};

pub(super) use equaliser::EQ_BANDS;
use equaliser::{EQ_FIELD, LoneBand, LongEq};

/// An effect of a bus.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// What it does.
    pub kind: EffectKind,
    /// What it takes beside its parameters.
    pub common: Common,
}

/// What an effect does.
#[derive(Debug, Clone, PartialEq)]
pub enum EffectKind {
    /// One with a table of parameters.
    Unit(Unit),
    /// An equaliser.
    Eq(Vec<Band>),
    /// An effect of the game.
    Custom(Custom),
}

/// What any effect can be given beside its parameters.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Common {
    /// Whether the signal goes past it.
    pub bypass: bool,
    /// The bus that is measured instead of the own one.
    pub key: Option<Key>,
    /// The sound file it works with.
    pub file: Option<Text>,
}

/// A key: a bus's name, and where and when its signal is taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// The bus.
    pub bus: Text,
    /// Whether it is taken before the fader.
    pub pre: bool,
    /// Whether it comes a block late, so that it may come from anywhere.
    pub delayed: bool,
}

/// Declares the bands of an equaliser, all written `Name(…)`.
macro_rules! bands {
    ($($(#[doc = $doc:literal])* $name:ident,)*) => {
        /// A band of an equaliser.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Band {
            $($(#[doc = $doc])* $name($name),)*
        }

        const BANDS: &[&str] = &[$(stringify!($name)),*];

        impl Read for Band {
            fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
                match choice(reader, node, field, BANDS)? {
                    $(stringify!($name) => reader.group(node, field).map(Self::$name),)*
                    _ => None,
                }
            }

            fn shape() -> Shape {
                Shape::OneOf(BANDS.iter().map(|band| Shape::choice(band)).collect())
            }
        }
    };
}
bands! {
    /// A bell.
    Peak,
    /// A shelf below a frequency.
    LowShelf,
    /// A shelf above a frequency.
    HighShelf,
    /// Removes what is below a frequency.
    HighPass,
    /// Removes what is above a frequency.
    LowPass,
    /// Removes a frequency.
    Notch,
    /// Removes what is below and above a frequency.
    BandPass,
    /// Turns the phase around a frequency.
    AllPass,
}

/// Declares the checks of bands that have a gain, which may be moved by a level: without either they do nothing.
macro_rules! verify_gain {
    ($($check:ident of $band:ident),*) => {$(
        /// Checks what concerns more than one field.
        pub(super) fn $check(_: &$band, reader: &mut Reader<'_>, node: &Node) {
            if node.field("gain").is_none() && node.field("range").is_none() {
                let name = $band::NAME;
                let help = "`gain` is how much it raises or lowers, `range` how far a level may move that";
                let message = format!("`{name}` needs `gain` or `range`");
                reader.error("missing-field", node.head(), message, Some(help.to_owned()));
            }
        }
    )*};
}
verify_gain!(verify_peak of Peak, verify_low_shelf of LowShelf, verify_high_shelf of HighShelf);

/// Checks that there is such a slope.
fn verify_slope(slope: f32, reader: &mut Reader<'_>, node: &Node) {
    if let Some(written) = node.field("slope")
        && EqSlope::ALL.iter().all(|known| known.db_per_octave() != slope)
    {
        let help = Some("there are slopes of 6, 12, 18, 24, 36 and 48 dB/oct".to_owned());
        let message = format!("there is no `slope` of {slope} dB/oct");
        reader.error("out-of-range", written.span.clone(), message, help);
    }
}

/// Checks what the range alone does not say.
pub(super) fn verify_high_pass(pass: &HighPass, reader: &mut Reader<'_>, node: &Node) {
    verify_slope(pass.slope, reader, node);
}

/// Checks what the range alone does not say.
pub(super) fn verify_low_pass(pass: &LowPass, reader: &mut Reader<'_>, node: &Node) {
    verify_slope(pass.slope, reader, node);
}

const BYPASS: Field =
    Field { name: "bypass", doc: "Whether the signal goes past it.", default: "false", rule: ANY };
const KEY: Field = Field {
    name: "key",
    doc: "The bus that is measured instead of the own one: `\"bus\"`, `Pre(\"bus\")` before its fader, `Delayed(\"bus\")` a block late.",
    default: "none",
    rule: ANY.says("none"),
};
const FILE: Field = Field {
    name: "file",
    doc: "The path of an .ogg or .wav file, relative to the project's folder.",
    default: "",
    rule: Rule::free().required(),
};

impl Common {
    /// Reads one field, if it is one of `fields`.
    fn set(&mut self, fields: &[Field], name: &str, reader: &mut Reader<'_>, value: &Node) -> bool {
        let Some(field) = fields.iter().find(|field| field.name == name) else { return false };
        match name {
            "bypass" => self.bypass = bool::read(reader, value, field).unwrap_or_default(),
            "key" => self.key = Option::read(reader, value, field).flatten(),
            _ => self.file = Text::read(reader, value, field),
        }
        true
    }
}

/// What may be given to an effect beside its parameters.
pub fn common_fields(takes: Takes) -> &'static [Field] {
    match takes {
        Takes::Nothing => &[BYPASS],
        Takes::Key => &[BYPASS, KEY],
        Takes::Impulse => &[BYPASS, FILE],
    }
}

/// The parameters of an effect while they are read.
#[derive(Default)]
struct Written<P> {
    params: P,
    common: Common,
}

impl<P: Params> Fields for Written<P> {
    const NAME: &'static str = P::NAME;
    const FIELDS: &'static [Field] = P::FIELDS;

    fn more() -> &'static [Field] {
        common_fields(P::TAKES)
    }

    fn set(&mut self, name: &str, reader: &mut Reader<'_>, value: &Node) -> bool {
        if let Some(place) = P::FIELDS.iter().position(|field| field.name == name) {
            if let Some(number) = number(reader, value, &P::FIELDS[place]) {
                self.params.put(place, number);
            }
            return true;
        }
        self.common.set(Self::more(), name, reader, value)
    }
}

/// A reverb that zones bring in; its return is the bus `reverb/` and its name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Preset {
    /// What the reverb is like; all of it is heard.
    pub params: ReverbParams,
    /// The fader of the return.
    pub gain: f32,
    /// The bus that the return goes to.
    pub bus: Option<Text>,
}

const RETURN: [Field; 2] = [
    Field { name: "gain", doc: "The fader of the return.", default: "0.0", rule: GAIN },
    Field { name: "bus", doc: "The bus that the return goes to.", default: "None", rule: MASTER },
];

impl Read for Preset {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        reader.group(node, field)
    }

    fn shape() -> Shape {
        Shape::Group(Self::NAME)
    }
}

impl Fields for Preset {
    const NAME: &'static str = "Preset";
    const DOC: &'static str = "A reverb that zones bring in; its return is the bus `reverb/` and its name.";
    /// Those of the reverb but the last, the mix: a return has nothing beside its tail.
    const FIELDS: &'static [Field] = match ReverbParams::FIELDS.split_last() {
        Some((_, fields)) => fields,
        None => &[],
    };

    fn more() -> &'static [Field] {
        &RETURN
    }

    fn set(&mut self, name: &str, reader: &mut Reader<'_>, value: &Node) -> bool {
        if let Some(place) = Self::FIELDS.iter().position(|field| field.name == name) {
            if let Some(number) = number(reader, value, &Self::FIELDS[place]) {
                self.params.put(place, number);
            }
            return true;
        }
        match name {
            "gain" => self.gain = f32::read(reader, value, &RETURN[0]).unwrap_or_default(),
            "bus" => self.bus = Option::read(reader, value, &RETURN[1]).flatten(),
            _ => return false,
        }
        true
    }

    fn shape(name: &str) -> Shape {
        match Self::FIELDS.iter().chain(Self::more()).find(|field| field.name == name) {
            Some(field) if field.name != "bus" => Shape::by_rule(&field.rule),
            _ => Shape::Text,
        }
    }
}

/// A parameter's number, by its rule.
fn number(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<f32> {
    if field.rule.range.is_some() {
        return f32::read(reader, node, field);
    }
    if field.rule.choices.is_empty() {
        return bool::read(reader, node, field).map(|on| f32::from(u8::from(on)));
    }
    place_of_choice(reader, node, field).map(|place| place as f32)
}

impl Effect {
    fn plain(kind: EffectKind) -> Self {
        Self { kind, common: Common::default() }
    }

    /// Reads a pass that stands alone: an equaliser of one band.
    fn pass<B: Fields>(
        reader: &mut Reader<'_>,
        node: &Node,
        field: &Field,
        band: fn(B) -> Band,
    ) -> Option<Self> {
        let written: LoneBand<B> = reader.group(node, field)?;
        Some(Self { kind: EffectKind::Eq(vec![band(written.band)]), common: written.common })
    }

    /// Reads one with a table of parameters: its fields by name, or its first alone without one.
    fn unit<P: Params>(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self>
    where
        Unit: From<P>,
    {
        if P::FIELDS.len() == 1 && node.slots().iter().any(|slot| slot.key.is_none()) {
            let named = Field { name: P::NAME, ..P::FIELDS[0] };
            let value = only(reader, node, &named)?;
            let mut params = P::default();
            params.put(0, number(reader, value, &named)?);
            return Some(Self::plain(EffectKind::Unit(params.into())));
        }
        let written: Written<P> = reader.group(node, field)?;
        Some(Self { kind: EffectKind::Unit(written.params.into()), common: written.common })
    }
}

macro_rules! read_units {
    ($($name:ident($params:ident) in $module:ident,)*) => {
        /// The effects with a table of parameters, and the shorthands and choices beside them.
        const EFFECTS: &[&str] = &[$(stringify!($name),)* "HighPass", "LowPass", "Custom"];

        impl Read for Effect {
            fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
                match choice(reader, node, field, EFFECTS)? {
                    "Eq" if node.slots().iter().any(|slot| slot.key.is_some()) => {
                        let LongEq { bands, common } = reader.group(node, field)?;
                        Some(Self { kind: EffectKind::Eq(bands), common })
                    }
                    "Eq" => {
                        let list = only(reader, node, &EQ_FIELD)?;
                        Vec::read(reader, list, &EQ_FIELD).map(EffectKind::Eq).map(Self::plain)
                    }
                    "HighPass" => Self::pass(reader, node, field, Band::HighPass),
                    "LowPass" => Self::pass(reader, node, field, Band::LowPass),
                    $(stringify!($name) => Self::unit::<crate::effects::$params>(reader, node, field),)*
                    _ => reader.group(node, field).map(EffectKind::Custom).map(Self::plain),
                }
            }

            fn shape() -> Shape {
                Shape::OneOf(EFFECTS.iter().map(|name| Shape::Named(name, Box::new(inside(name)))).collect())
            }
        }
    };
}
for_each_effect!(read_units);

/// What stands in the brackets of an effect: its fields, or the short form that some have.
fn inside(name: &'static str) -> Shape {
    match name {
        "Eq" => Shape::OneOf(vec![Shape::List(Box::new(Band::shape())), Shape::Group(name)]),
        "HighPass" | "LowPass" => Shape::Extended(name, common_fields(Takes::Nothing)),
        _ => match Unit::all().iter().find(|unit| unit.name() == name).map(Unit::fields) {
            Some([only]) => {
                let short = match Shape::by_rule(&only.rule) {
                    Shape::Number(_) => Shape::Number(Some(only.rule)),
                    other => other,
                };
                Shape::OneOf(vec![short, Shape::Group(name)])
            }
            _ => Shape::Group(name),
        },
    }
}

/// What the value of a field of an effect looks like.
pub(super) fn shape_of(field: &Field) -> Shape {
    match field.name {
        "bands" => Shape::List(Box::new(Band::shape())),
        "key" => Key::shape(),
        "file" => Shape::Text,
        _ => Shape::by_rule(&field.rule),
    }
}

impl Read for Key {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        let (pre, delayed) = match (&node.kind, node.name()) {
            (Kind::Str(_), _) => (false, false),
            (Kind::Group { .. }, Some("Pre")) => (true, false),
            (Kind::Group { .. }, Some("Delayed")) => (false, true),
            (Kind::Group { .. } | Kind::Word(_), Some(name)) => {
                reader.unknown_variant(name, node.head(), field.name, ["Pre", "Delayed"].into_iter());
                return None;
            }
            _ => {
                reader.wrong_type(node, field, "a bus: `\"bus\"`, `Pre(\"bus\")` or `Delayed(\"bus\")`");
                return None;
            }
        };
        let text = if matches!(node.kind, Kind::Str(_)) { node } else { only(reader, node, field)? };
        Some(Self { bus: Text::read(reader, text, field)?, pre, delayed })
    }

    fn shape() -> Shape {
        let of = |name| Shape::Named(name, Box::new(Shape::Text));
        Shape::OneOf(vec![Shape::Text, of("Pre"), of("Delayed")])
    }
}
