//! Where something stands in a file.
//!
//! Lives here: the index of a text's lines, and the places shown to people. May be named here: nothing else of the
//! crate. Runs on any thread.

use std::ops::Range;

/// Lines longer than this, in characters, are shown in part.
const MAX_LINE: usize = 160;
/// Every so many bytes the characters are counted beforehand, so that a column in a very long line costs no walk.
const STRIDE: usize = 1024;

/// A place in a file, with its line for showing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's path relative to the project, with `/` between its parts.
    pub file: String,
    /// The bytes of the file.
    pub span: Range<usize>,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The line's text, control characters as spaces; only the part around the column if it is long.
    pub source_line: String,
    /// Where in `source_line` the place begins, in characters from 0.
    pub caret: usize,
    /// How many characters of `source_line` the place covers, at least 1.
    pub width: usize,
}

/// The lines of a text and the number of characters up to any byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lines {
    /// Where each line begins, in bytes.
    starts: Vec<usize>,
    /// How many characters begin before each multiple of [`STRIDE`] bytes.
    characters: Vec<usize>,
}

/// How many characters begin in these bytes.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| !matches!(byte, 0x80..=0xbf)).count()
}

impl Lines {
    /// Walks a text once.
    pub fn new(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let starts = std::iter::once(0).chain(breaks).collect();
        let mut before = 0;
        let counted = text.as_bytes().chunks(STRIDE).map(|chunk| {
            let here = before;
            before += characters(chunk);
            here
        });
        Self { starts, characters: counted.collect() }
    }

    fn characters_before(&self, text: &str, byte: usize) -> usize {
        let Some(known) = self.characters.get(byte / STRIDE) else {
            return characters(text.as_bytes());
        };
        known + characters(text.as_bytes().get(byte / STRIDE * STRIDE..byte).unwrap_or(&[]))
    }

    /// The place of a span of the text.
    pub fn place(&self, file: &str, text: &str, span: Range<usize>) -> Place {
        let index = self.starts.partition_point(|&start| start <= span.start).saturating_sub(1);
        let start = self.starts.get(index).copied().unwrap_or(0);
        let end = self.starts.get(index + 1).copied().unwrap_or(text.len());
        let part = |range: Range<usize>| text.get(range).unwrap_or("");
        let before = part(start..span.start);
        let column = self.characters_before(text, span.start) - self.characters_before(text, start);
        let from = if column > MAX_LINE * 3 / 4 {
            let cut = before.char_indices().rev().nth(MAX_LINE / 2 - 1);
            cut.map_or(start, |(at, _)| start + at)
        } else {
            start
        };
        let caret = part(from..span.start).chars().count();
        let shown =
            part(from..end).chars().take_while(|letter| !matches!(letter, '\n' | '\r')).take(MAX_LINE);
        let source_line: String =
            shown.map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        let covered = part(span.start..span.end.min(end).max(span.start)).chars();
        let width =
            covered.take(MAX_LINE - caret).take_while(|letter| !matches!(letter, '\n' | '\r')).count();
        let file = file.to_owned();
        Place { file, span, line: index + 1, column: column + 1, source_line, caret, width: width.max(1) }
    }
}
