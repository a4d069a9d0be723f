//! A text cut into the parts that are laid out, each comment with the part it belongs to.
//!
//! Lives here: the parts, how wide they are in one line, and which of them can't be in one. May be named here: the syntax
//! tree.
//!
//! A comment on the line of an item's end, before or behind its comma, belongs to that item; one on the line of an
//! opening bracket to the bracket; every other to what follows it.

use super::super::syntax::{Kind, Node};
use super::trivia::{Comment, Cursor, Gap};

/// A whole text.
pub(super) struct Shape<'a> {
    /// What stands before the value.
    pub before: Vec<Comment>,
    /// Whether an empty line stands between those and the value.
    pub blank: bool,
    pub value: Value<'a>,
    /// What stands on the line of the value's end.
    pub behind: Vec<Comment>,
    /// What stands below the value.
    pub end: Vec<Comment>,
}

pub(super) enum Value<'a> {
    /// What can't be broken, as it is written.
    Atom(&'a str),
    Bracket(Box<Bracket<'a>>),
}

pub(super) struct Bracket<'a> {
    pub name: Option<&'a str>,
    /// What stands between the name and the opening mark.
    pub after_name: Vec<Comment>,
    pub marks: [char; 2],
    /// What stands on the line of the opening mark, before the first item.
    pub beside_open: Vec<Comment>,
    pub entries: Vec<Entry<'a>>,
    /// What stands behind the last item on lines of its own.
    pub end: Vec<Comment>,
    /// Whether the author has put a comma behind the last item.
    pub comma: bool,
    /// Whether it can't be in one line, however short it is.
    pub open: bool,
    /// How many characters it has in one line.
    pub width: usize,
}

pub(super) struct Entry<'a> {
    /// Whether an empty line stands before it.
    pub blank: bool,
    /// What stands between the item before and this one.
    pub before: Vec<Comment>,
    pub key: Option<Key<'a>>,
    pub value: Value<'a>,
    /// What stands behind it on its line.
    pub behind: Vec<Comment>,
}

pub(super) struct Key<'a> {
    pub value: Value<'a>,
    pub before_colon: Vec<Comment>,
    pub after_colon: Vec<Comment>,
}

/// Cuts a text, given its tree. There must be no mistake in it.
pub(super) fn shape<'a>(text: &'a str, root: &Node) -> Shape<'a> {
    let mut cursor = Cursor::new(text);
    let Gap { comments: before, breaks } = cursor.gap();
    let value = value(&mut cursor, root);
    let (behind, end) = cursor.gap().split();
    Shape { before, blank: breaks > 1, value, behind, end }
}

fn value<'a>(cursor: &mut Cursor<'a>, node: &Node) -> Value<'a> {
    match &node.kind {
        Kind::List(_) => bracket(cursor, node, None, ['[', ']']),
        Kind::Map(_) => bracket(cursor, node, None, ['{', '}']),
        Kind::Group { name, .. } => {
            let name = name.as_ref().map(|name| cursor.take(name.span.clone()));
            bracket(cursor, node, name, ['(', ')'])
        }
        _ => Value::Atom(cursor.take(node.span.clone())),
    }
}

fn bracket<'a>(cursor: &mut Cursor<'a>, node: &Node, name: Option<&'a str>, marks: [char; 2]) -> Value<'a> {
    let after_name = cursor.gap().comments;
    cursor.eat(marks[0]);
    let gap = cursor.gap();
    // Without a line break they belong to the first item, or fill the empty brackets.
    let (ends_line, breaks) = (gap.has_break(), gap.breaks);
    let (mut beside_open, mut waiting) = gap.split();
    if !ends_line {
        waiting = std::mem::take(&mut beside_open);
    }
    // The first thing in brackets has no empty line before it.
    let mut blank = breaks > 1 && !waiting.is_empty();
    let (mut entries, mut comma) = (Vec::new(), false);
    for (place, slot) in node.slots().iter().enumerate() {
        let key = slot.key.as_ref().map(|key| {
            let value = value(cursor, key);
            let before_colon = cursor.gap().comments;
            cursor.eat(':');
            Key { value, before_colon, after_colon: cursor.gap().comments }
        });
        let value = value(cursor, &slot.value);
        let gap = cursor.gap();
        let before_comma = gap.breaks;
        let (mut behind, mut others) = gap.split();
        comma = cursor.eat(',');
        let mut next = if comma { cursor.gap() } else { Gap { breaks: before_comma, ..Gap::default() } };
        // Behind a line comment nothing can follow on the line.
        let is_last = place + 1 == node.slots().len();
        let goes_on = others.is_empty() && behind.last().is_none_or(|comment| !comment.line);
        let breaks = next.breaks;
        if goes_on && (is_last || next.has_break()) {
            let (beside, below) = std::mem::take(&mut next).split();
            behind.extend(beside);
            others.extend(below);
        } else {
            others.append(&mut next.comments);
        }
        let before = std::mem::replace(&mut waiting, others);
        entries.push(Entry { blank, before, key, value, behind });
        blank = breaks > 1;
    }
    cursor.eat(marks[1]);
    let mut whole =
        Bracket { name, after_name, marks, beside_open, entries, end: waiting, comma, open: false, width: 0 };
    whole.open = whole.is_open();
    whole.width = whole.width_in_one_line();
    Value::Bracket(Box::new(whole))
}

impl Value<'_> {
    fn is_open(&self) -> bool {
        match self {
            Self::Atom(text) => text.contains('\n'),
            Self::Bracket(bracket) => bracket.open,
        }
    }

    /// How many characters it has in one line.
    pub fn width(&self) -> usize {
        match self {
            Self::Atom(text) => text.chars().count(),
            Self::Bracket(bracket) => bracket.width,
        }
    }
}

impl Bracket<'_> {
    fn is_open(&self) -> bool {
        let own = [&self.after_name, &self.beside_open, &self.end];
        let blank = self.entries.iter().skip(1).any(|entry| entry.blank);
        self.comma
            || blank
            || own.into_iter().any(|comments| !comments.is_empty())
            || self.entries.iter().any(|entry| {
                let key = entry.key.as_ref();
                entry.has_comments() || entry.value.is_open() || key.is_some_and(|key| key.value.is_open())
            })
    }

    fn width_in_one_line(&self) -> usize {
        let entry = |entry: &Entry<'_>| {
            entry.key.as_ref().map_or(0, |key| key.value.width() + ": ".len()) + entry.value.width()
        };
        let commas = ", ".len() * self.entries.len().saturating_sub(1);
        self.name.map_or(0, |name| name.chars().count())
            + self.marks.len()
            + self.entries.iter().map(entry).sum::<usize>()
            + commas
    }

    /// Whether nothing stands in it, not even a comment.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.beside_open.is_empty() && self.end.is_empty()
    }

    /// The only item, if it is itself in brackets and the two may open together.
    pub fn only(&self) -> Option<&Entry<'_>> {
        let [entry] = self.entries.as_slice() else { return None };
        let own_line = self.comma || !self.beside_open.is_empty() || !self.end.is_empty();
        let plain_key = entry.key.as_ref().is_none_or(|key| matches!(key.value, Value::Atom(_)));
        let inner =
            matches!(&entry.value, Value::Bracket(inner) if !inner.is_empty() && inner.after_name.is_empty());
        (!own_line && plain_key && inner && !entry.has_comments()).then_some(entry)
    }
}

impl Entry<'_> {
    /// Whether comments stand beside its parts; those inside of them don't count.
    fn has_comments(&self) -> bool {
        let key = self.key.as_ref();
        !self.before.is_empty()
            || !self.behind.is_empty()
            || key.is_some_and(|key| !key.before_colon.is_empty() || !key.after_colon.is_empty())
    }
}
