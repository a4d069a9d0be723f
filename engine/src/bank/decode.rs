//! From the syntax tree to the structs of a schema, finding every mistake on the way.
//!
//! Lives here: [`Reader`], the trait [`Read`] of what can stand in a text, and the macro that declares a group of
//! fields once, with each field's documentation, default, unit and range. A scalar is given to `ron` as the
//! slice of the text that it is; groups, lists and maps are walked here, so that one bad field hides no other.
//! May be named here: the syntax tree, diagnostics, `ron`, `serde`. Runs on any thread.

mod shape;
mod values;

use super::diagnostic::{Diagnostic, Diagnostics, suggest};
use super::load::Source;
use super::place::Place;
use super::syntax::{Kind, Node, SyntaxError, parse};
use ron::extensions::Extensions;
use serde::de::DeserializeOwned;
use std::ops::Range;

pub use crate::effects::table::{Field, Rule};
pub use shape::Shape;
pub use values::{Between, Keyed, Text, entries_of};

/// A group of named fields.
pub trait Fields: Default {
    /// The group's name in messages, and before its bracket where it has a choice of names.
    const NAME: &'static str;
    /// What it is.
    const DOC: &'static str = "";
    /// Its fields.
    const FIELDS: &'static [Field];

    /// Further fields, shared with other groups.
    fn more() -> &'static [Field] {
        &[]
    }

    /// Reads one field's value. `false` if there is no such field.
    fn set(&mut self, name: &str, reader: &mut Reader<'_>, value: &Node) -> bool;

    /// What a field's value looks like.
    fn shape(_name: &str) -> Shape {
        Shape::Any
    }

    /// Checks what concerns more than one field.
    fn verify(&self, _reader: &mut Reader<'_>, _node: &Node) {}
}

/// What can stand in a text.
pub trait Read: Sized {
    /// Reads it, or says what is wrong and gives nothing.
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self>;

    /// What it looks like.
    fn shape() -> Shape {
        Shape::Any
    }
}

/// Reads one file's values and gathers what is wrong.
#[derive(Debug)]
pub struct Reader<'a> {
    source: &'a Source,
    diagnostics: &'a mut Diagnostics,
    /// The syntax is damaged: what looks missing or of the wrong kind may only follow from that.
    damaged: bool,
}

/// What came of a file.
#[derive(Debug)]
pub struct Root<T> {
    /// What was read; defaults where nothing was.
    pub value: T,
    /// The tree, if the file is a `T` at all.
    pub node: Option<Node>,
    /// Whether the whole file was read, so that what it does not name does not exist.
    pub complete: bool,
}

/// Reads a file that must hold one `Name(…)`, where the name is `T`'s; `code` is for one that holds something else.
pub fn read_file<T: Fields>(source: &Source, diagnostics: &mut Diagnostics, code: &'static str) -> Root<T> {
    let tree = parse(source.text());
    let damaged = !tree.errors.is_empty();
    for error in tree.errors {
        diagnostics.push(syntax_error(source, error));
    }
    let Some(node) = tree.root else {
        return Root { value: T::default(), node: None, complete: false };
    };
    let mut reader = Reader { source, diagnostics, damaged };
    if !matches!(node.kind, Kind::Group { .. }) || node.name() != Some(T::NAME) {
        if tree.complete || !damaged {
            let found = node.name().map_or_else(|| node.what().to_owned(), |name| format!("`{name}`"));
            let message = format!("expected `{}(…)`, not {found}", T::NAME);
            let help = format!("a file of this name begins with `{}(`", T::NAME);
            reader.error(code, node.head(), message, Some(help));
        }
        return Root { value: T::default(), node: None, complete: false };
    }
    let field = Field { name: T::NAME, doc: "A file.", default: "", rule: Rule::free() };
    let value = reader.group(&node, &field).unwrap_or_default();
    Root { value, node: Some(node), complete: tree.complete }
}

/// A mistake in the syntax, in words.
pub(super) fn syntax_error(source: &Source, error: SyntaxError) -> Diagnostic {
    let SyntaxError { code, span, message, help, related } = error;
    let diagnostic = Diagnostic { help, ..Diagnostic::error(code, source.place(span), message) };
    match related {
        Some((label, at)) => diagnostic.related(label, &source.place(at..at)),
        None => diagnostic,
    }
}

impl<'a> Reader<'a> {
    /// A reader of one file that adds to these findings.
    pub fn new(source: &'a Source, diagnostics: &'a mut Diagnostics) -> Self {
        Self { source, diagnostics, damaged: false }
    }

    /// Adds an error.
    pub fn error(
        &mut self,
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        if self.damaged && matches!(code, "missing-field" | "wrong-type" | "empty-random") {
            return;
        }
        let error = Diagnostic { help, ..Diagnostic::error(code, self.place(span), message) };
        self.diagnostics.push(error);
    }

    /// A span of the file as a place.
    pub fn place(&self, span: Range<usize>) -> Place {
        self.source.place(span)
    }

    /// Adds a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Says that another kind of value is expected.
    pub fn wrong_type(&mut self, node: &Node, field: &Field, expected: &str) {
        if node.kind == Kind::Missing {
            return;
        }
        let Field { name, default, rule, .. } = field;
        let unit = if rule.unit.is_empty() { String::new() } else { format!(" ({})", rule.unit) };
        let plain = !rule.required && rule.says.is_none() && default.parse::<f32>().is_ok();
        let help = match name.starts_with(char::is_uppercase) {
            _ if !plain => None,
            true => Some(format!("for example `{name}({default})`{unit}")),
            false => Some(format!("for example `{name}: {default}`{unit}")),
        };
        let text = self.source.text().get(node.span.clone()).unwrap_or("");
        let what = match &node.kind {
            Kind::Word(_) | Kind::Number if text.len() <= 32 => format!("`{text}`"),
            _ => node.what().to_owned(),
        };
        self.error("wrong-type", node.span.clone(), format!("`{name}` must be {expected}, not {what}"), help);
    }

    /// Says that a number is outside its range.
    pub fn out_of_range(&mut self, node: &Node, field: &Field, found: f32) {
        let Some((low, high)) = field.rule.range else {
            return;
        };
        let (name, unit) = (field.name, field.rule.unit);
        let space = if unit.is_empty() || unit.starts_with(':') { "" } else { " " };
        let message = format!("`{name}` of {found}{space}{unit} is out of range");
        let help = format!("it goes from {low}{space}{unit} to {high}{space}{unit}");
        self.error("out-of-range", node.span.clone(), message, Some(help));
    }

    /// Gives a scalar's slice of the text to `ron`.
    fn scalar<T: DeserializeOwned>(&mut self, node: &Node, field: &Field, expected: &str) -> Option<T> {
        let text = self.source.text().get(node.span.clone()).unwrap_or("");
        let options = ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME);
        match options.from_str(text) {
            Ok(value) => Some(value),
            Err(error) => {
                if let ron::Error::NoSuchEnumVariant { expected, found, .. } = error.code {
                    self.unknown_variant(&found, node.span.clone(), field.name, expected.iter().copied());
                } else {
                    self.wrong_type(node, field, expected);
                }
                None
            }
        }
    }

    /// Reads a value that `serde` knows: a choice of bare words, for one.
    pub fn choice<T: DeserializeOwned>(&mut self, node: &Node, field: &Field) -> Option<T> {
        if matches!(node.kind, Kind::Word(_)) {
            return self.scalar(node, field, "one of its names");
        }
        self.wrong_type(node, field, "a bare name");
        None
    }

    /// Says that there is no such choice.
    pub fn unknown_variant<'n>(
        &mut self,
        found: &str,
        span: Range<usize>,
        of: &str,
        known: impl Iterator<Item = &'n str> + Clone,
    ) {
        let help = suggest(found, known, '`');
        self.error("unknown-variant", span, format!("`{of}` has no choice called `{found}`"), help);
    }

    /// Reads a group of named fields. What is wrong in one is left at its default; nothing comes of a value that
    /// is no such group at all.
    pub fn group<T: Fields>(&mut self, node: &Node, field: &Field) -> Option<T> {
        let Kind::Group { name, slots } = &node.kind else {
            self.wrong_type(node, field, &format!("a group such as {}", example::<T>()));
            return None;
        };
        if let Some(name) = name.as_ref().filter(|name| name.text != T::NAME) {
            let help = Some("leave the name out".to_owned());
            let message = format!("`{}` is not a `{}`", name.text, T::NAME);
            self.error("wrong-type", name.span.clone(), message, help);
            return None;
        }
        let mut value = T::default();
        let mut seen: Vec<(&str, Range<usize>)> = Vec::new();
        for slot in slots {
            let Some((word, key)) = slot.word().zip(slot.key.as_ref()) else {
                if slot.value.kind != Kind::Missing {
                    let message = format!("the fields of `{}` have names", T::NAME);
                    self.error(
                        "wrong-type",
                        slot.value.span.clone(),
                        message,
                        Some(format!("write {}", example::<T>())),
                    );
                }
                continue;
            };
            if let Some((_, first)) = seen.iter().find(|(name, _)| *name == word) {
                let error = Diagnostic::error(
                    "duplicate-key",
                    self.place(key.span.clone()),
                    format!("`{word}` is given twice"),
                );
                let error = error.related("given first here", &self.place(first.clone()));
                self.push(error);
                continue;
            }
            seen.push((word, key.span.clone()));
            if !value.set(word, self, &slot.value) {
                let known = T::FIELDS.iter().chain(T::more()).map(|field| field.name);
                let help = suggest(word, known, '`');
                let message = format!("`{}` has no field called `{word}`", T::NAME);
                self.error("unknown-field", key.span.clone(), message, help);
            }
        }
        let mut whole = true;
        for field in T::FIELDS.iter().chain(T::more()).filter(|field| field.rule.required) {
            if !seen.iter().any(|(name, _)| *name == field.name) {
                whole = false;
                let message = format!("`{}` needs `{}`", T::NAME, field.name);
                self.error(
                    "missing-field",
                    node.head(),
                    message,
                    Some(format!("`{}` is {}", field.name, doc(field))),
                );
            }
        }
        if whole {
            value.verify(self, node);
        }
        Some(value)
    }
}

/// The first sentence of a field's documentation, to stand inside a sentence.
fn doc(field: &Field) -> String {
    let text = field.doc.trim();
    let sentence = text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.');
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// `(gain: …)`, with a required field or else the first.
fn example<T: Fields>() -> String {
    let mut fields = T::FIELDS.iter().chain(T::more());
    let field = fields.find(|field| field.rule.required).or(T::FIELDS.first());
    format!("`({}: …)`", field.map_or("", |field| field.name))
}

/// A field's name in a bank: its own, unless Rust needs that word for itself.
macro_rules! name_of {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $called:literal) => {
        $called
    };
}
pub(crate) use name_of;

/// Declares groups of fields: the struct, its defaults, its [`Fields`] and its [`Read`].
macro_rules! fields {
    ($($(#[doc = $doc:literal])* $group:ident $(verified by $verify:path)? {
        $($(#[doc = $text:literal])* $field:ident $(called $called:literal)?: $type:ty = $default:expr, $rule:expr;)*
    })*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $group {
            $($(#[doc = $text])* pub $field: $type,)*
        }

        impl Default for $group {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }

        impl $crate::bank::decode::Fields for $group {
            const NAME: &'static str = stringify!($group);
            const DOC: &'static str = concat!($($doc, "\n"),*);
            const FIELDS: &'static [$crate::bank::decode::Field] = &[$($crate::bank::decode::Field {
                name: $crate::bank::decode::name_of!($field $($called)?),
                doc: concat!($($text),*),
                default: stringify!($default),
                rule: $rule,
            }),*];

            fn set(
                &mut self,
                name: &str,
                reader: &mut $crate::bank::decode::Reader<'_>,
                value: &$crate::bank::syntax::Node,
            ) -> bool {
                let mut fields = <Self as $crate::bank::decode::Fields>::FIELDS.iter();
                let Some(field) = fields.find(|field| field.name == name) else { return false };
                match name {
                    $($crate::bank::decode::name_of!($field $($called)?) => {
                        if let Some(value) = $crate::bank::decode::Read::read(reader, value, field) {
                            self.$field = value;
                        }
                    })*
                    _ => {}
                }
                true
            }

            fn shape(name: &str) -> $crate::bank::decode::Shape {
                match name {
                    $($crate::bank::decode::name_of!($field $($called)?) => {
                        <$type as $crate::bank::decode::Read>::shape()
                    })*
                    _ => $crate::bank::decode::Shape::Any,
                }
            }

            $(fn verify(
                &self,
                reader: &mut $crate::bank::decode::Reader<'_>,
                node: &$crate::bank::syntax::Node,
            ) {
                $verify(self, reader, node);
            })?
        }

        impl $crate::bank::decode::Read for $group {
            fn read(
                reader: &mut $crate::bank::decode::Reader<'_>,
                node: &$crate::bank::syntax::Node,
                field: &$crate::bank::decode::Field,
            ) -> Option<Self> {
                reader.group(node, field)
            }

            fn shape() -> $crate::bank::decode::Shape {
                $crate::bank::decode::Shape::Group(<Self as $crate::bank::decode::Fields>::NAME)
            }
        }
    )*};
}
pub(crate) use fields;
