//! How a table of parameters is written down, and what can be asked of it.
//!
//! Lives here: [`Field`] and [`Rule`], the description of anything that can be written in a bank; [`Params`], a
//! struct with such a table; and the macros `params!` and `choices!`, which declare both at once. May be named
//! here: `units`.

use crate::units::{Amount, Decibels, Hertz, Seconds, Semitones};

/// What may stand in a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// Whether the field may not be left out.
    pub required: bool,
    /// The lowest and highest number, if the field holds numbers.
    pub range: Option<(f32, f32)>,
    /// The unit's symbol, or nothing.
    pub unit: &'static str,
    /// What the default is called, where it is no plain value.
    pub says: Option<&'static str>,
    /// The names to choose from, where the field is a choice.
    pub choices: &'static [&'static str],
    /// Whether a running effect keeps its value: another one needs a new effect, which fades in.
    pub fixed: bool,
}

impl Rule {
    /// Anything of the field's type.
    pub const fn free() -> Self {
        Self { required: false, range: None, unit: "", says: None, choices: &[], fixed: false }
    }

    /// A number from `low` to `high`, both included.
    pub const fn range(low: f32, high: f32, unit: &'static str) -> Self {
        Self { range: Some((low, high)), unit, ..Self::free() }
    }

    /// One of these names.
    pub const fn choice(choices: &'static [&'static str]) -> Self {
        Self { choices, ..Self::free() }
    }

    /// The same, but the field may not be left out.
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// The same, but kept by a running effect.
    pub const fn fixed(self) -> Self {
        Self { fixed: true, ..self }
    }

    /// The same, with words for the default.
    pub const fn says(self, words: &'static str) -> Self {
        Self { says: Some(words), ..self }
    }
}

/// The description of one field: what the parser, the help and the comparison of banks go by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field {
    /// The name as written.
    pub name: &'static str,
    /// What it is for.
    pub doc: &'static str,
    /// The default as it would be written; without meaning for a required field.
    pub default: &'static str,
    /// What may stand in it.
    pub rule: Rule,
}

/// A value that a parameter can have, and the number that stands for it.
pub trait Value: Copy + PartialEq {
    /// How it is written in a table.
    type Plain;
    /// From a table.
    fn of(plain: Self::Plain) -> Self;
    /// The number: in the parameter's unit; 0 or 1 for a switch; a choice's place in its list.
    fn number(self) -> f32;
    /// From such a number, the nearest value that there is.
    fn from_number(number: f32) -> Self;
}

macro_rules! unit_values {
    ($($unit:ty),*) => {$(
        impl Value for $unit {
            type Plain = f32;
            fn of(plain: f32) -> Self {
                Self::clamped(plain)
            }
            fn number(self) -> f32 {
                self.get()
            }
            fn from_number(number: f32) -> Self {
                Self::clamped(number)
            }
        }
    )*};
}
unit_values!(Amount, Decibels, Hertz, Seconds, Semitones);

impl Value for f32 {
    type Plain = Self;
    fn of(plain: Self) -> Self {
        plain
    }
    fn number(self) -> Self {
        self
    }
    fn from_number(number: Self) -> Self {
        number
    }
}

impl Value for bool {
    type Plain = Self;
    fn of(plain: Self) -> Self {
        plain
    }
    fn number(self) -> f32 {
        f32::from(u8::from(self))
    }
    fn from_number(number: f32) -> Self {
        number >= 0.5
    }
}

/// What an effect takes beside its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// Another bus as its key, if one is given.
    Key,
    /// A sound file as its impulse response.
    Impulse,
}

/// Parameters with a table that describes them.
pub trait Params: Clone + PartialEq + Default {
    /// The effect's name in a bank.
    const NAME: &'static str;
    /// What the effect does.
    const DOC: &'static str;
    /// The parameters in their order.
    const FIELDS: &'static [Field];
    /// What the effect takes beside its parameters.
    const TAKES: Takes;

    /// The place of the parameter of that name.
    fn place_of(name: &str) -> Option<usize> {
        Self::FIELDS.iter().position(|field| field.name == name)
    }

    /// The description of the parameter at that place of the table.
    fn field_at(&self, place: usize) -> Option<&'static Field> {
        Self::FIELDS.get(place)
    }

    /// The number of the parameter at that place of the table.
    fn get(&self, place: usize) -> Option<f32>;

    /// Gives the parameter at that place a number as it is; see [`Params::set`].
    fn put(&mut self, place: usize, number: f32);

    /// Gives the parameter at that place a number, or the nearest in its range. Whether it was in range and is
    /// now in use; what is no number changes nothing.
    fn set(&mut self, place: usize, number: f32) -> bool {
        let Some(field) = Self::FIELDS.get(place) else { return false };
        let (low, high) = match field.rule.range {
            Some(range) => range,
            None => (0.0, field.rule.choices.len().saturating_sub(1).max(1) as f32),
        };
        if number.is_nan() {
            return false;
        }
        let nearest = number.clamp(low, high);
        self.put(place, nearest);
        nearest == number
    }
}

/// Declares tables of parameters: `Name as "Effect" { field: Type = default, [low to high "unit"]; … }`, with
/// `keyed` behind the name where another bus can be the key, `filed` where there is a sound file; `[choice]` and `[switch]` for what is no number,
/// then `required` for what may not be left out in a bank, `fixed` for what a running effect can't change.
macro_rules! params {
    ($($(#[doc = $doc:literal])* $params:ident as $name:literal $($takes:ident)? {
        $($(#[doc = $text:literal])* $field:ident: $type:ty = $default:expr, [$($rule:tt)*];)*
    })*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct $params {
            $(
                $(#[doc = $text])*
                #[doc = concat!("\n\n", params!(@range $($rule)*), "by default `", stringify!($default), "`.")]
                pub $field: $type,
            )*
        }

        impl Default for $params {
            fn default() -> Self {
                Self { $($field: <$type as $crate::effects::table::Value>::of($default),)* }
            }
        }

        impl $crate::effects::table::Params for $params {
            const NAME: &'static str = $name;
            const DOC: &'static str = concat!($($doc, "\n"),*);
            const FIELDS: &'static [$crate::effects::table::Field] = &[$($crate::effects::table::Field {
                name: stringify!($field),
                doc: concat!($($text),*),
                default: stringify!($default),
                rule: params!(@rule $type, $($rule)*),
            }),*];
            const TAKES: $crate::effects::table::Takes = params!(@takes $($takes)?);

            fn get(&self, place: usize) -> Option<f32> {
                [$($crate::effects::table::Value::number(self.$field)),*].get(place).copied()
            }

            fn put(&mut self, place: usize, number: f32) {
                let mut left = place;
                $(
                    if left == 0 {
                        self.$field = $crate::effects::table::Value::from_number(number);
                        return;
                    }
                    left -= 1;
                )*
                let _ = left;
            }
        }
    )*};
    (@range $low:literal to $high:literal $unit:literal $($more:ident)*) => {
        concat!("From ", $low, " to ", $high, " ", $unit, "; ")
    };
    (@range $($other:tt)*) => { "" };
    (@rule $type:ty, $low:literal to $high:literal $unit:literal $($more:ident)*) => {
        $crate::effects::table::Rule::range($low, $high, $unit)$(.$more())*
    };
    (@rule $type:ty, choice $($more:ident)*) => {
        $crate::effects::table::Rule::choice(<$type>::NAMES)$(.$more())*
    };
    (@rule $type:ty, switch $($more:ident)*) => { $crate::effects::table::Rule::free()$(.$more())* };
    (@takes keyed) => { $crate::effects::table::Takes::Key };
    (@takes filed) => { $crate::effects::table::Takes::Impulse };
    (@takes) => { $crate::effects::table::Takes::Nothing };
}
pub(crate) use params;

/// Declares choices: an enum whose variants are written in a bank by their bare names.
macro_rules! choices {
    ($($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $text:literal])* $variant:ident),* $(,)? })*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[doc = $text])* $variant,)* }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// Their names, in order.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($variant)),*];
        }

        impl $crate::effects::table::Value for $name {
            type Plain = Self;
            fn of(plain: Self) -> Self {
                plain
            }
            fn number(self) -> f32 {
                f32::from(self as u8)
            }
            fn from_number(number: f32) -> Self {
                let last = Self::ALL.len() - 1;
                Self::ALL[(number.max(0.0) + 0.5).min(last as f32) as usize]
            }
        }
    )*};
}
#[allow(unused_imports, reason = "the tables that need it come one by one")]
pub(crate) use choices;
