//! A value of a bank as it is compared: what is one in meaning has one spelling.
//!
//! May be named here: the syntax tree. Runs on any thread.

use crate::bank::syntax::{Kind, Node};

/// A value and the text that it is from.
#[derive(Debug, Clone, Copy)]
pub struct Value<'a> {
    /// The value's place in the tree.
    pub node: &'a Node,
    /// The whole text.
    pub text: &'a str,
}

impl<'a> Value<'a> {
    /// Another value of the same text.
    pub fn of(self, node: &'a Node) -> Self {
        Self { node, ..self }
    }

    /// The first of what it holds.
    pub fn first(self) -> Option<Self> {
        self.node.items().next().map(|node| self.of(node))
    }

    /// The bands of an equaliser in either form.
    pub fn bands(self) -> Option<Self> {
        if self.is_group_of_fields() { self.field("bands") } else { self.first() }
    }

    fn source(self) -> &'a str {
        self.text.get(self.node.span.clone()).unwrap_or("")
    }

    /// A field's value; `None` is none, and `Some(value)` is the value.
    pub fn field(self, name: &str) -> Option<Self> {
        let value = self.of(self.node.field(name)?);
        match (&value.node.kind, value.node.name()) {
            (Kind::Word(_), Some("None")) => None,
            (Kind::Group { .. }, Some("Some")) => value.first(),
            _ => Some(value),
        }
    }

    /// One spelling for all that mean the same.
    pub fn canonical(self) -> String {
        let parts = |sorted: bool| {
            let mut parts: Vec<_> = self
                .node
                .slots()
                .iter()
                .map(|slot| {
                    let key =
                        slot.key.as_ref().map(|key| self.of(key).canonical() + ": ").unwrap_or_default();
                    key + &self.of(&slot.value).canonical()
                })
                .collect();
            if sorted {
                parts.sort();
            }
            parts.join(", ")
        };
        match &self.node.kind {
            Kind::Number => number(self.source()),
            Kind::Word(word) => word.clone(),
            Kind::Str(text) => format!("{text:?}"),
            Kind::Char(letter) => format!("{letter:?}"),
            Kind::List(_) => format!("[{}]", parts(false)),
            Kind::Map(_) => format!("{{{}}}", parts(true)),
            Kind::Group { slots, .. } => {
                let named = slots.iter().all(|slot| slot.key.is_some());
                format!("{}({})", self.node.name().unwrap_or(""), parts(named))
            }
            Kind::Missing => String::new(),
        }
    }

    /// How the value is shown: a number as it was written, the rest in one line.
    pub fn shown(self) -> String {
        if self.node.kind == Kind::Number { self.source().to_owned() } else { self.canonical() }
    }

    /// Whether it is a sound written in place.
    pub fn is_written_sound(self) -> bool {
        self.node.name().is_some() && self.is_group_of_fields()
    }

    /// Whether it is a group in which every value has a name.
    pub fn is_group_of_fields(self) -> bool {
        match &self.node.kind {
            Kind::Group { slots, .. } => slots.iter().all(|slot| slot.key.is_some()),
            _ => false,
        }
    }
}

/// A number's shortest spelling, so that `-6`, `-6.0` and `-6.00` are one.
fn number(text: &str) -> String {
    match ron::from_str::<f32>(text) {
        Ok(value) => format!("{value}"),
        Err(_) => text.to_owned(),
    }
}

/// A range of one number as that number.
pub fn one_if_even(text: String) -> String {
    let ends =
        text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).and_then(|text| text.split_once(", "));
    match ends {
        Some((low, high)) if low == high => low.to_owned(),
        _ => text,
    }
}

/// A default without the path that it has in the program and not in a bank.
pub fn bare_name(text: &str) -> &str {
    text.rsplit("::").next().unwrap_or(text)
}

/// The one spelling of a scalar.
pub fn plain(text: &str) -> String {
    number(bare_name(text))
}
