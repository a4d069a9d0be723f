//! What a syntax tree leaves out: comments and line breaks.
//!
//! Lives here: [`Cursor`], which walks a text that is known to be sound, tree in hand. May be named here: nothing else
//! of the crate.

use std::ops::Range;

/// A comment and how it stands among its neighbours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Comment {
    /// All of it, with its marks, without white space at the end of a line comment.
    pub text: String,
    /// Whether it goes to the end of its line: `//`.
    pub line: bool,
    /// How many line breaks stand before it.
    pub breaks_before: usize,
    /// Whether a line break stands behind it.
    pub ends_line: bool,
}

/// What stands between two parts of a text.
#[derive(Debug, Default)]
pub(super) struct Gap {
    pub comments: Vec<Comment>,
    /// How many line breaks stand before the next part, from the last comment on.
    pub breaks: usize,
}

impl Gap {
    /// Cuts the comments in two: those on the line of what stands before, and the others.
    pub fn split(mut self) -> (Vec<Comment>, Vec<Comment>) {
        let beside = self.comments.iter().take_while(|comment| comment.breaks_before == 0).count();
        let others = self.comments.split_off(beside);
        (self.comments, others)
    }

    /// Whether the line of what stands before ends before the next part does begin.
    pub fn has_break(&self) -> bool {
        self.breaks > 0 || self.comments.iter().any(|comment| comment.breaks_before > 0)
    }
}

/// A place in a text that moves forwards only.
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(text: &'a str) -> Self {
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self { text, at }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// Takes what stands there, and goes behind it.
    pub fn take(&mut self, span: Range<usize>) -> &'a str {
        self.at = span.end;
        self.text.get(span).unwrap_or("")
    }

    /// Takes that mark, if it is the next.
    pub fn eat(&mut self, mark: char) -> bool {
        let found = self.rest().starts_with(mark);
        if found {
            self.at += mark.len_utf8();
        }
        found
    }

    /// Takes white space and comments.
    pub fn gap(&mut self) -> Gap {
        let mut gap = Gap { comments: Vec::new(), breaks: self.white_space() };
        loop {
            let rest = self.rest();
            let (length, line) = if rest.starts_with("//") {
                (rest.find('\n').unwrap_or(rest.len()), true)
            } else if rest.starts_with("/*") {
                (block(rest), false)
            } else {
                return gap;
            };
            let text = tidy(rest.get(..length).unwrap_or(rest), line);
            self.at += length;
            let breaks_before = std::mem::replace(&mut gap.breaks, self.white_space());
            gap.comments.push(Comment { text, line, breaks_before, ends_line: gap.breaks > 0 });
        }
    }

    /// Takes white space and counts its line breaks.
    fn white_space(&mut self) -> usize {
        let rest = self.rest();
        let length = rest.len() - rest.trim_start().len();
        self.at += length;
        rest.bytes().take(length).filter(|byte| *byte == b'\n').count()
    }
}

/// The length of the block comment that begins a text; they nest.
fn block(text: &str) -> usize {
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(next) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or("");
        if rest.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with("*/") {
            (depth, at) = (depth.saturating_sub(1), at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += next.len_utf8();
        }
    }
    text.len()
}

fn tidy(text: &str, line: bool) -> String {
    if line {
        return text.trim_end().to_owned();
    }
    let lines: Vec<_> = text.split('\n').map(|line| line.trim_end_matches('\r')).collect();
    lines.join("\n")
}
