//! The concrete syntax tree of a RON text: every value with its place, whatever it means.
//!
//! Lives here: [`Node`], and [`parse`], which goes on after the usual slips (a missing comma, colon or value) and
//! keeps what it has read when it must stop. May be named here: nothing else of the crate. Runs on any thread.
//!
//! The tree knows brackets, names and places; what a number is worth is left to `ron`.

mod parser;

use std::ops::Range;

pub use parser::parse;

/// How many brackets may stand inside one another.
pub const MAX_DEPTH: usize = 64;
/// After how many mistakes reading stops.
pub const MAX_ERRORS: usize = 20;

/// A value and its place in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The bytes of the text that hold the value, a group's name included.
    pub span: Range<usize>,
    /// What stands there.
    pub kind: Kind,
}

/// What can stand in a RON text.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A bare name: `true`, `Inverse`, `None`, `inf`.
    Word(String),
    /// A number; its text is at the node's span.
    Number,
    /// A string, its escapes resolved.
    Str(String),
    /// A character.
    Char(char),
    /// `[a, b]`.
    List(Vec<Slot>),
    /// `{key: value}`.
    Map(Vec<Slot>),
    /// `(a, b)`, `(name: value)`, `Name(…)` and `()`.
    Group {
        /// The name before the bracket.
        name: Option<Word>,
        /// What stands between the brackets.
        slots: Vec<Slot>,
    },
    /// A value was expected and there was none; the parser has said so.
    Missing,
}

/// A bare name and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The name.
    pub text: String,
    /// Its place.
    pub span: Range<usize>,
}

/// One item between brackets: a list's item, a map's entry, a group's field.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    /// A map's key (any value) or a field's name (a word); `None` for what stands by position.
    pub key: Option<Node>,
    /// The value.
    pub value: Node,
}

/// A mistake in the syntax.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// `syntax` or `too-deep`.
    pub code: &'static str,
    /// Where.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Another place that matters, such as the bracket that was opened, and why.
    pub related: Option<(&'static str, usize)>,
}

/// A text as far as it could be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// The value of the text; `None` if not even its beginning could be read.
    pub root: Option<Node>,
    /// All mistakes, in the order of the text.
    pub errors: Vec<SyntaxError>,
    /// Whether the text was read to its end, mistakes or not.
    pub complete: bool,
}

impl Node {
    /// What stands between the brackets; nothing for a value without any.
    pub fn slots(&self) -> &[Slot] {
        match &self.kind {
            Kind::List(slots) | Kind::Map(slots) | Kind::Group { slots, .. } => slots,
            _ => &[],
        }
    }

    /// The values between the brackets, in the order of the text.
    pub fn items(&self) -> impl Iterator<Item = &Self> {
        self.slots().iter().map(|slot| &slot.value)
    }

    /// The value of a group's field.
    pub fn field(&self, name: &str) -> Option<&Self> {
        let Kind::Group { slots, .. } = &self.kind else {
            return None;
        };
        slots.iter().find(|slot| slot.word() == Some(name)).map(|slot| &slot.value)
    }

    /// The values between the brackets, to be changed.
    pub fn items_mut(&mut self) -> impl Iterator<Item = &mut Self> {
        let slots = match &mut self.kind {
            Kind::List(slots) | Kind::Map(slots) | Kind::Group { slots, .. } => slots.as_mut_slice(),
            _ => &mut [],
        };
        slots.iter_mut().map(|slot| &mut slot.value)
    }

    /// The value of a group's field, to be changed.
    pub fn field_mut(&mut self, name: &str) -> Option<&mut Self> {
        let Kind::Group { slots, .. } = &mut self.kind else {
            return None;
        };
        slots.iter_mut().find(|slot| slot.word() == Some(name)).map(|slot| &mut slot.value)
    }

    /// The value of a map's entry with a string as its key.
    pub fn entry(&self, key: &str) -> Option<&Self> {
        let Kind::Map(slots) = &self.kind else { return None };
        slots.iter().find(|slot| slot.text() == Some(key)).map(|slot| &slot.value)
    }

    /// Follows a path of field names, map keys and list positions (from 0).
    ///
    /// ```
    /// use tonmeister::bank::syntax::parse;
    /// let text = r#"Bank(buses: {"music": (effects: [Gain(-3), Limiter(ceiling: -1)])})"#;
    /// let root = parse(text).root.unwrap();
    /// let ceiling = root.at(&["buses", "music", "effects", "1", "ceiling"]).unwrap();
    /// assert_eq!(&text[ceiling.span.clone()], "-1");
    /// ```
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, step| {
            node.field(step)
                .or_else(|| node.entry(step))
                .or_else(|| node.slots().get(step.parse::<usize>().ok()?).map(|slot| &slot.value))
        })
    }

    /// The name of a group or the text of a word.
    pub fn name(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(text) => Some(text),
            Kind::Group { name, .. } => name.as_ref().map(|name| name.text.as_str()),
            _ => None,
        }
    }

    /// The text of a string.
    pub fn text(&self) -> Option<&str> {
        if let Kind::Str(text) = &self.kind { Some(text) } else { None }
    }

    /// What stands here, in words: `a string`.
    pub fn what(&self) -> &'static str {
        match &self.kind {
            Kind::Word(word) if word == "true" || word == "false" => "true or false",
            Kind::Word(_) => "a bare word",
            Kind::Number => "a number",
            Kind::Str(_) => "a string",
            Kind::Char(_) => "a character",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
            Kind::Group { slots, .. } if slots.iter().any(|slot| slot.key.is_some()) => "a group of fields",
            Kind::Group { .. } => "a group",
            Kind::Missing => "nothing",
        }
    }

    /// The place of what names this value: a group's name, else its opening bracket, else the whole value.
    pub fn head(&self) -> Range<usize> {
        match &self.kind {
            Kind::Group { name: Some(name), .. } => name.span.clone(),
            Kind::Group { .. } | Kind::List(_) | Kind::Map(_) => self.span.start..self.span.start + 1,
            _ => self.span.clone(),
        }
    }
}

impl Slot {
    /// The name of a field.
    pub fn word(&self) -> Option<&str> {
        match &self.key.as_ref()?.kind {
            Kind::Word(text) => Some(text),
            _ => None,
        }
    }

    /// The key of an entry, if it is a string.
    pub fn text(&self) -> Option<&str> {
        self.key.as_ref()?.text()
    }
}
