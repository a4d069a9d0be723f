//! Reads a RON text into its tree.
//!
//! Lives here: the scanner and the descent, in one. Each bracket costs one level of recursion, bounded by
//! [`MAX_DEPTH`]; every loop moves forward or ends.

use super::{Kind, MAX_DEPTH, MAX_ERRORS, Node, Slot, SyntaxError, Tree, Word};
use std::ops::Range;

/// Reads a text. Never fails: what could not be read is missing from the tree and told in its errors.
pub fn parse(text: &str) -> Tree {
    let mut parser = Parser { text, at: 0, errors: Vec::new(), stopped: false };
    if text.starts_with('\u{feff}') {
        parser.at = '\u{feff}'.len_utf8();
    }
    parser.blank();
    if parser.rest().starts_with("#!") {
        let start = parser.at;
        parser.stop(start..start + 2, "attributes are not part of the bank language");
        parser.help("leave the `#![…]` line out; what it enables is always on");
        return Tree { root: None, errors: parser.errors, complete: false };
    }
    let root = parser.value(0);
    parser.blank();
    if !parser.stopped && parser.at < text.len() {
        let span = parser.here();
        parser.stop(span, "nothing may follow the end of the value");
    }
    Tree { root, errors: parser.errors, complete: !parser.stopped }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    errors: Vec<SyntaxError>,
    /// Set by a mistake that cannot be read past; everything returns what it has.
    stopped: bool,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    /// The place of the next character, or the end of the text.
    fn here(&self) -> Range<usize> {
        self.at..self.at + self.peek().map_or(0, char::len_utf8)
    }

    fn error(&mut self, span: Range<usize>, message: impl Into<String>) {
        let (message, help, related) = (message.into(), None, None);
        self.errors.push(SyntaxError { code: "syntax", span, message, help, related });
        self.stopped |= self.errors.len() >= MAX_ERRORS;
    }

    fn stop(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.error(span, message);
        self.stopped = true;
    }

    fn help(&mut self, help: &str) {
        if let Some(error) = self.errors.last_mut() {
            error.help = Some(help.to_owned());
        }
    }

    /// Skips white space and comments.
    fn blank(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if trimmed.starts_with("//") {
                self.at += trimmed.find('\n').unwrap_or(trimmed.len());
            } else if trimmed.starts_with("/*") {
                self.block_comment();
            } else {
                return;
            }
        }
    }

    /// Skips a block comment; they nest.
    fn block_comment(&mut self) {
        let start = self.at;
        let mut depth = 0_usize;
        while let Some(next) = self.peek() {
            let rest = self.rest();
            if rest.starts_with("/*") {
                (depth, self.at) = (depth + 1, self.at + 2);
            } else if rest.starts_with("*/") {
                (depth, self.at) = (depth - 1, self.at + 2);
                if depth == 0 {
                    return;
                }
            } else {
                self.at += next.len_utf8();
            }
        }
        self.stop(start..start + 2, "this comment is never closed");
    }

    fn take_while(&mut self, test: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = &rest[..rest.find(|c| !test(c)).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }

    fn word(&mut self) -> Option<Word> {
        let start = self.at;
        if !self.peek().is_some_and(|c| c.is_alphabetic() || c == '_') {
            return None;
        }
        let text = self.take_while(|c| c.is_alphanumeric() || c == '_').to_owned();
        Some(Word { text, span: start..self.at })
    }

    fn value(&mut self, depth: usize) -> Option<Node> {
        self.blank();
        if self.stopped {
            return None;
        }
        let start = self.at;
        let kind = match self.peek() {
            Some('"') => self.string(),
            Some('r') if self.rest().starts_with("r\"") || self.rest().starts_with("r#") => self.raw_string(),
            Some('\'') => self.character(),
            Some('(' | '[' | '{') => self.bracket(None, depth),
            Some(c) if c.is_ascii_digit() || matches!(c, '+' | '-' | '.') => self.number(),
            Some(c) if c.is_alphabetic() || c == '_' => {
                let word = self.word()?;
                let after = self.at;
                self.blank();
                if self.peek() == Some('(') {
                    self.bracket(Some(word), depth)
                } else {
                    self.at = after;
                    Some(Kind::Word(word.text))
                }
            }
            Some(',' | ')' | ']' | '}') => {
                self.error(self.here(), "a value is missing here");
                Some(Kind::Missing)
            }
            Some(c) => {
                self.stop(self.here(), format!("{c:?} can't begin a value"));
                None
            }
            None => {
                self.stop(self.here(), "the text ends where a value is expected");
                None
            }
        }?;
        Some(Node { span: start..self.at, kind })
    }

    fn number(&mut self) -> Option<Kind> {
        let mut last = ' ';
        while let Some(c) = self.peek() {
            let sign = matches!(c, '+' | '-') && matches!(last, ' ' | 'e' | 'E');
            if !(sign || c.is_ascii_alphanumeric() || c == '.' || c == '_') {
                break;
            }
            (last, self.at) = (c, self.at + 1);
        }
        Some(Kind::Number)
    }

    fn bracket(&mut self, name: Option<Word>, depth: usize) -> Option<Kind> {
        let open = self.here();
        if depth >= MAX_DEPTH {
            self.stop(open, format!("more than {MAX_DEPTH} brackets inside one another"));
            if let Some(error) = self.errors.last_mut() {
                error.code = "too-deep";
            }
            return None;
        }
        let (close, map) = match self.peek() {
            Some('[') => (']', false),
            Some('{') => ('}', true),
            _ => (')', false),
        };
        self.at += 1;
        let slots = self.slots(open, close, map, depth);
        Some(match close {
            ']' => Kind::List(slots),
            '}' => Kind::Map(slots),
            _ => Kind::Group { name, slots },
        })
    }

    fn slots(&mut self, open: Range<usize>, close: char, map: bool, depth: usize) -> Vec<Slot> {
        let mut slots = Vec::new();
        loop {
            self.blank();
            if self.stopped || self.eat(close) {
                return slots;
            }
            match self.peek() {
                None => {
                    self.stop(open.clone(), format!("this `{}` is never closed", &self.text[open]));
                    self.help(&format!("a `{close}` is missing"));
                    return slots;
                }
                Some(found @ (')' | ']' | '}')) => {
                    self.stop(self.here(), format!("expected `{close}` here, not `{found}`"));
                    if let Some(error) = self.errors.last_mut() {
                        error.related = Some(("what it has to close is opened", open.start));
                    }
                    return slots;
                }
                Some(_) => {}
            }
            let key = if map { self.map_key(depth) } else { self.field_name(close) };
            if self.stopped {
                return slots;
            }
            if let Some(value) = self.value(depth + 1) {
                slots.push(Slot { key, value });
            }
            let end = self.at;
            self.blank();
            let closes = matches!(self.peek(), Some(')' | ']' | '}') | None);
            if !self.stopped && !self.eat(',') && !closes {
                if self.peek() == Some(';') {
                    self.error(self.here(), "expected `,`, not `;`");
                    self.at += 1;
                } else {
                    self.error(end..end, "a comma is missing here");
                }
            }
        }
    }

    fn map_key(&mut self, depth: usize) -> Option<Node> {
        let key = self.value(depth + 1)?;
        let end = self.at;
        self.colon(end);
        Some(key)
    }

    /// The name of a group's field, if one stands here.
    fn field_name(&mut self, close: char) -> Option<Node> {
        if close != ')' {
            return None;
        }
        let start = self.at;
        if let Some(word) = self.word() {
            self.blank();
            if matches!(self.peek(), Some(':' | '=')) {
                self.colon(word.span.end);
                return Some(Node { span: word.span, kind: Kind::Word(word.text) });
            }
        }
        self.at = start;
        None
    }

    fn colon(&mut self, end: usize) {
        self.blank();
        if self.stopped || self.eat(':') {
            return;
        }
        if self.peek() == Some('=') {
            self.error(self.here(), "expected `:`, not `=`");
            self.at += 1;
        } else {
            self.error(end..end, "a colon is missing here");
        }
    }

    fn string(&mut self) -> Option<Kind> {
        let open = self.here();
        self.at += 1;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            match c {
                '"' => {
                    self.at += 1;
                    return Some(Kind::Str(text));
                }
                '\\' => text.push(self.escape()?),
                _ => {
                    text.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
        self.stop(open, "this string is never closed");
        None
    }

    fn raw_string(&mut self) -> Option<Kind> {
        let start = self.at;
        self.at += 1;
        let hashes = self.take_while(|c| c == '#').len();
        if !self.eat('"') {
            self.stop(start..self.at, "expected a raw string");
            return None;
        }
        let end = format!("\"{}", "#".repeat(hashes));
        let Some(length) = self.rest().find(&end) else {
            self.stop(start..self.at, "this string is never closed");
            return None;
        };
        let text = self.rest()[..length].to_owned();
        self.at += length + end.len();
        Some(Kind::Str(text))
    }

    fn character(&mut self) -> Option<Kind> {
        let open = self.here();
        self.at += 1;
        let found = match self.peek() {
            Some('\\') => self.escape()?,
            Some(c) => {
                self.at += c.len_utf8();
                c
            }
            None => ' ',
        };
        if self.eat('\'') {
            return Some(Kind::Char(found));
        }
        self.stop(open, "this character is never closed");
        self.help("text stands between double quotes: \"…\"");
        None
    }

    /// Reads an escape such as `\n`, `\x41` or `\u{e9}`.
    fn escape(&mut self) -> Option<char> {
        let start = self.at;
        self.at += 1;
        let letter = self.peek();
        self.at += letter.map_or(0, char::len_utf8);
        let found = match letter {
            Some('n') => Some('\n'),
            Some('t') => Some('\t'),
            Some('r') => Some('\r'),
            Some('0') => Some('\0'),
            Some(same @ ('\\' | '"' | '\'')) => Some(same),
            Some('x') => {
                let digits = self.rest().get(..2).unwrap_or("");
                self.at += digits.len();
                hexadecimal(digits)
            }
            Some('u') if self.eat('{') => {
                let digits = self.take_while(|c| c.is_ascii_hexdigit());
                hexadecimal(digits).filter(|_| self.eat('}'))
            }
            _ => None,
        };
        if found.is_none() {
            self.stop(start..self.at, "no such escape");
            self.help("a backslash itself is written `\\\\`; paths use `/`");
        }
        found
    }
}

fn hexadecimal(digits: &str) -> Option<char> {
    char::from_u32(u32::from_str_radix(digits, 16).ok()?)
}
