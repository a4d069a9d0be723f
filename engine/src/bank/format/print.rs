//! The parts of a text, laid out.
//!
//! Lives here: the choice between one line and many, and every space and line break of the result. May be named here:
//! the parts.

use super::MAX_WIDTH;
use super::shape::{Bracket, Entry, Key, Shape, Value};
use super::trivia::Comment;

/// How far a level is indented.
const INDENT: &str = "    ";

/// Lays a text out.
pub(super) fn print(shape: &Shape<'_>) -> String {
    let mut printer = Printer { out: String::new(), column: 0 };
    let beside = printer.comments(&shape.before, 0, Start::Text);
    if !shape.before.is_empty() {
        printer.place(beside, shape.blank, 0);
    }
    printer.value(&shape.value, 0, Room { suffix: 0, broken: false });
    printer.behind(&shape.behind);
    printer.comments(&shape.end, 0, Start::Below);
    printer.out.push('\n');
    printer.out
}

struct Printer {
    out: String,
    /// How many characters the last line has.
    column: usize,
}

/// What a value must know of what is around it.
#[derive(Clone, Copy)]
struct Room {
    /// How many characters must follow it on its last line.
    suffix: usize,
    /// Whether it has been found that it can't be in one line.
    broken: bool,
}

/// What the first of some comments stands below.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    /// Nothing: the text begins with it, without a line break.
    Text,
    /// An opening bracket, without an empty line.
    Bracket,
    /// Something of its own kind.
    Below,
}

impl Printer {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        self.column = match text.rsplit_once('\n') {
            Some((_, last)) => last.chars().count(),
            None => self.column + text.chars().count(),
        };
    }

    fn new_line(&mut self, level: usize) {
        self.out.push('\n');
        self.column = 0;
        self.push(&INDENT.repeat(level));
    }

    fn mark(&mut self, mark: char) {
        self.out.push(mark);
        self.column += 1;
    }

    /// Goes to where the next thing begins: on a line of its own, an empty one before it if wanted, or on the line of
    /// the block comment that stands beside it.
    fn place(&mut self, beside: bool, blank: bool, level: usize) {
        if beside {
            return self.mark(' ');
        }
        if blank {
            self.out.push('\n');
        }
        self.new_line(level);
    }

    /// Comments on lines of their own. Whether the next thing stands beside the last of them.
    fn comments(&mut self, comments: &[Comment], level: usize, start: Start) -> bool {
        let mut beside = false;
        for (place, comment) in comments.iter().enumerate() {
            if place > 0 || start == Start::Below {
                self.place(beside, comment.breaks_before > 1, level);
            } else if start == Start::Bracket {
                self.place(beside, false, level);
            }
            self.push(&comment.text);
            beside = !comment.line && !comment.ends_line;
        }
        beside
    }

    /// Comments at the end of a line.
    fn behind(&mut self, comments: &[Comment]) {
        for comment in comments {
            self.push(" ");
            self.push(&comment.text);
        }
    }

    /// Comments in the midst of an item. Gives the level on which it goes on, and whether that is on a new line.
    fn amid(&mut self, comments: &[Comment], level: usize) -> (usize, bool) {
        let (mut inner, mut fresh) = (level, false);
        for comment in comments {
            if !fresh {
                self.push(" ");
            }
            self.push(&comment.text);
            fresh = comment.line;
            if fresh {
                inner = level + 1;
                self.new_line(inner);
            }
        }
        (inner, fresh)
    }

    fn value(&mut self, value: &Value<'_>, level: usize, room: Room) {
        match value {
            Value::Atom(text) => self.push(text),
            Value::Bracket(bracket) => self.bracket(bracket, level, room),
        }
    }

    fn bracket(&mut self, bracket: &Bracket<'_>, level: usize, room: Room) {
        let fits = self.column + bracket.width + room.suffix <= MAX_WIDTH;
        if fits && !bracket.open && !room.broken {
            return self.one_line(bracket);
        }
        self.push(bracket.name.unwrap_or(""));
        let (level, fresh) = self.amid(&bracket.after_name, level);
        if !bracket.after_name.is_empty() && !fresh {
            self.push(" ");
        }
        let [open, close] = bracket.marks;
        self.mark(open);
        if let Some(entry) = bracket.only() {
            self.entry(entry, level, Room { suffix: 0, broken: true });
        } else if !bracket.is_empty() {
            self.behind(&bracket.beside_open);
            for (place, entry) in bracket.entries.iter().enumerate() {
                let start = if place == 0 { Start::Bracket } else { Start::Below };
                let beside = self.comments(&entry.before, level + 1, start);
                self.place(beside, entry.blank, level + 1);
                self.entry(entry, level + 1, Room { suffix: ",".len(), broken: false });
                self.push(",");
                self.behind(&entry.behind);
            }
            let start = if bracket.entries.is_empty() { Start::Bracket } else { Start::Below };
            self.comments(&bracket.end, level + 1, start);
            self.new_line(level);
        }
        self.mark(close);
    }

    fn entry(&mut self, entry: &Entry<'_>, level: usize, room: Room) {
        let mut level = level;
        if let Some(Key { value, before_colon, after_colon }) = &entry.key {
            self.value(value, level, Room { suffix: ":".len(), broken: false });
            (level, _) = self.amid(before_colon, level);
            self.push(":");
            let fresh;
            (level, fresh) = self.amid(after_colon, level);
            if !fresh {
                self.push(" ");
            }
        }
        self.value(&entry.value, level, room);
    }

    fn one_line(&mut self, bracket: &Bracket<'_>) {
        let [open, close] = bracket.marks;
        self.push(bracket.name.unwrap_or(""));
        self.mark(open);
        for (place, entry) in bracket.entries.iter().enumerate() {
            if place > 0 {
                self.push(", ");
            }
            if let Some(key) = &entry.key {
                self.flat(&key.value);
                self.push(": ");
            }
            self.flat(&entry.value);
        }
        self.mark(close);
    }

    fn flat(&mut self, value: &Value<'_>) {
        match value {
            Value::Atom(text) => self.push(text),
            Value::Bracket(bracket) => self.one_line(bracket),
        }
    }
}
