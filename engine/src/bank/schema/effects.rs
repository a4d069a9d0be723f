//! The effects of a bus as they are written.
//!
//! Lives here: the reading of any effect by its table of parameters, of the equaliser's bands, and of what an
//! effect takes beside its parameters: a key, a sound file, a bypass. May be named here: `decode`, the syntax
//! tree, `effects`. Runs on any thread.

use super::choices::{choice, only, place_of_choice};
use super::{ANY, Custom, HighPass, HighShelf, LowPass, LowShelf, Peak};
use crate::bank::decode::{Field, Fields, Read, Reader, Rule, Text};
use crate::bank::syntax::{Kind, Node};
use crate::effects::table::{Params, Takes};
use crate::effects::{Effect as Unit, for_each_effect};

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

/// A band of an equaliser.
#[derive(Debug, Clone, PartialEq)]
pub enum Band {
    /// A bell.
    Peak(Peak),
    /// A shelf below a frequency.
    LowShelf(LowShelf),
    /// A shelf above a frequency.
    HighShelf(HighShelf),
    /// Removes what is below a frequency.
    HighPass(HighPass),
    /// Removes what is above a frequency.
    LowPass(LowPass),
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
        let Some(field) = Self::more().iter().find(|field| field.name == name) else { return false };
        match name {
            "bypass" => self.common.bypass = bool::read(reader, value, field).unwrap_or_default(),
            "key" => self.common.key = Option::read(reader, value, field).flatten(),
            _ => self.common.file = Text::read(reader, value, field),
        }
        true
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

const BANDS: [&str; 5] = ["Peak", "LowShelf", "HighShelf", "HighPass", "LowPass"];
const EQ_FIELD: Field = Field { name: "Eq", doc: "The bands.", default: "[]", rule: ANY };

impl Read for Band {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        match choice(reader, node, field, &BANDS)? {
            "Peak" => reader.group(node, field).map(Self::Peak),
            "LowShelf" => reader.group(node, field).map(Self::LowShelf),
            "HighShelf" => reader.group(node, field).map(Self::HighShelf),
            "HighPass" => reader.group(node, field).map(Self::HighPass),
            _ => reader.group(node, field).map(Self::LowPass),
        }
    }
}

impl Effect {
    fn plain(kind: EffectKind) -> Self {
        Self { kind, common: Common::default() }
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
                    "Eq" => {
                        let list = only(reader, node, &EQ_FIELD)?;
                        Vec::read(reader, list, &EQ_FIELD).map(EffectKind::Eq).map(Self::plain)
                    }
                    "HighPass" | "LowPass" => {
                        Band::read(reader, node, field).map(|band| Self::plain(EffectKind::Eq(vec![band])))
                    }
                    $(stringify!($name) => Self::unit::<crate::effects::$params>(reader, node, field),)*
                    _ => reader.group(node, field).map(EffectKind::Custom).map(Self::plain),
                }
            }
        }
    };
}
for_each_effect!(read_units);

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
}
