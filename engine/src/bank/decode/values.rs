//! The kinds of value that a field can hold: numbers, strings, ranges, lists, maps, and what may be left out.
//!
//! May be named here: the rest of `decode`, the syntax tree. Runs on any thread.

use super::{Field, Read, Reader, Rule, Shape};
use crate::bank::diagnostic::Diagnostic;
use crate::bank::syntax::{Kind, Node};
use std::collections::BTreeMap;
use std::ops::Range;

/// A string and its place in the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Text {
    /// The string.
    pub value: String,
    /// Its bytes in the file, quotes included.
    pub span: Range<usize>,
}

impl Text {
    /// Whether it was read from the file, and is no stand-in for something missing.
    pub fn is_given(&self) -> bool {
        !self.span.is_empty()
    }
}

/// The entries of a map in the order of the text, no key twice.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Keyed<T>(pub Vec<(Text, T)>);

/// An even choice between two numbers, the lower first; one number alone is both ends.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Between(pub f32, pub f32);

impl Read for f32 {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        let number = match &node.kind {
            Kind::Number => true,
            Kind::Word(word) => word == "inf" || word == "NaN",
            _ => false,
        };
        if !number {
            reader.wrong_type(node, field, "a number");
            return None;
        }
        let value: Self = reader.scalar(node, field, "a number")?;
        let (low, high) = field.rule.range.unwrap_or((Self::MIN, Self::MAX));
        if !(value >= low && value <= high) {
            reader.out_of_range(node, field, value);
            return None;
        }
        Some(value)
    }

    fn shape() -> Shape {
        Shape::Number(None)
    }
}

/// A whole number.
impl Read for u32 {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        let value = f32::read(reader, node, field)?;
        if value < 0.0 || value != value.trunc() || value > 16_777_216.0 {
            reader.wrong_type(node, field, "a whole number");
            return None;
        }
        Some(value as Self)
    }

    fn shape() -> Shape {
        Shape::Whole(None)
    }
}

impl Read for bool {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        match node.name() {
            Some("true" | "false") => reader.scalar(node, field, "true or false"),
            _ => {
                reader.wrong_type(node, field, "true or false");
                None
            }
        }
    }

    fn shape() -> Shape {
        Shape::Switch
    }
}

impl Read for Text {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        if node.text().is_none() {
            reader.wrong_type(node, field, "a string");
            return None;
        }
        let value = reader.scalar(node, field, "a string")?;
        Some(Self { value, span: node.span.clone() })
    }

    fn shape() -> Shape {
        Shape::Text
    }
}

impl Read for Between {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        if matches!(node.kind, Kind::Number) {
            return f32::read(reader, node, field).map(|both| Self(both, both));
        }
        let slots = node.slots();
        let pair = matches!(&node.kind, Kind::Group { name: None, .. });
        let (true, [low, high]) = (pair && slots.iter().all(|slot| slot.key.is_none()), slots) else {
            reader.wrong_type(node, field, "a number or a range such as `(-1, 1)`");
            return None;
        };
        let (low, high) = (f32::read(reader, &low.value, field), f32::read(reader, &high.value, field));
        let (low, high) = (low?, high?);
        if low > high {
            let message = format!("the range of `{}` ends below its beginning", field.name);
            reader.error("bad-range", node.span.clone(), message, Some(format!("write `({high}, {low})`")));
            return None;
        }
        Some(Self(low, high))
    }

    fn shape() -> Shape {
        let number = || Shape::Number(None);
        Shape::OneOf(vec![number(), Shape::Tuple(vec![number(), number()])])
    }
}

/// A field that may be left out; `None` and `Some(…)` may be written, but need not be.
impl<T: Read> Read for Option<T> {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        match (&node.kind, node.name()) {
            (Kind::Word(_), Some("None")) => Some(None),
            (Kind::Group { slots, .. }, Some("Some")) => match slots.as_slice() {
                [only] if only.key.is_none() => T::read(reader, &only.value, field).map(Some),
                _ => {
                    reader.wrong_type(node, field, "`None` or `Some(…)` with one value");
                    None
                }
            },
            _ => T::read(reader, node, field).map(Some),
        }
    }

    fn shape() -> Shape {
        T::shape()
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        if !matches!(node.kind, Kind::List(_)) {
            reader.wrong_type(node, field, "a list in `[` `]`");
            return None;
        }
        Some(node.items().filter_map(|item| T::read(reader, item, field)).collect())
    }

    fn shape() -> Shape {
        Shape::List(Box::new(T::shape()))
    }
}

impl<T: Read> Read for Keyed<T> {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        let mut entries: Vec<(Text, T)> = Vec::new();
        entries_of(reader, node, field, |reader, key, value| {
            if let Some(value) = T::read(reader, value, field) {
                entries.push((key, value));
            }
        })?;
        Some(Self(entries))
    }

    fn shape() -> Shape {
        Shape::Map(Box::new(T::shape()))
    }
}

/// Walks the entries of a map with strings as keys, no key twice.
pub fn entries_of(
    reader: &mut Reader<'_>,
    node: &Node,
    field: &Field,
    mut each: impl FnMut(&mut Reader<'_>, Text, &Node),
) -> Option<()> {
    let Kind::Map(slots) = &node.kind else {
        let empty = matches!(&node.kind, Kind::Group { name: None, slots } if slots.is_empty());
        if !empty {
            reader.wrong_type(node, field, "a map in `{` `}`");
        }
        return empty.then_some(());
    };
    let mut seen = BTreeMap::new();
    for slot in slots {
        let Some(key) = slot.key.as_ref().and_then(|key| Text::read(reader, key, &KEY)) else {
            continue;
        };
        if let Some(first) = seen.insert(key.value.clone(), key.span.clone()) {
            let message = format!("{:?} stands twice in `{}`", key.value, field.name);
            let error = Diagnostic::error("duplicate-key", reader.place(key.span.clone()), message);
            let error = error.related("given first here", &reader.place(first));
            reader.push(error);
            continue;
        }
        each(reader, key, &slot.value);
    }
    Some(())
}

/// The description of a map's key.
const KEY: Field = Field { name: "key", doc: "A name.", default: "", rule: Rule::free() };
