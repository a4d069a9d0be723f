//! The one layout of a bank's or scene's text, whoever wrote it.
//!
//! Lives here: [`format()`], which lays a text out anew and keeps all that it says: every value as it is written, every
//! comment beside what it stands beside, the order of all. May be named here: the syntax tree, diagnostics, sources.
//! Runs on any thread.
//!
//! The rules:
//! - Four spaces for each bracket that something stands in; one space after `:` and `,`, none inside brackets.
//! - Brackets stay in one line if they fit into [`MAX_WIDTH`] and the author has not opened them. A comma behind the
//!   last item opens them, and so does a comment, an empty line or a string of several lines inside.
//! - Otherwise every item has a line of its own, and a comma. Only around a single item that is itself in brackets the
//!   two open together, as in `Eq([`; a comma behind that item keeps them apart.
//! - An empty line between two items stays, several become one.
//! - Numbers and strings stay as they are written, line breaks in strings included; elsewhere CRLF becomes LF, and a
//!   byte order mark goes.
//!
//! A text is first cut into its parts ([`shape`]), with the comments ([`trivia`]) sorted to the parts they belong to, and
//! the parts are then printed ([`print`]). Formatting what was formatted changes nothing.

mod print;
mod shape;
#[cfg(test)]
mod tests;
mod trivia;

use super::decode::syntax_error;
use super::diagnostic::Diagnostics;
use super::load::Source;
use super::syntax::parse;

/// How many characters a line has at most, if it can be broken at all.
pub const MAX_WIDTH: usize = 100;

/// Lays a text out by the rules.
///
/// # Errors
/// All mistakes of the syntax, if there are any: what could not be read can't be laid out. Whether the text means
/// anything as a bank is no matter.
///
/// ```
/// use tonmeister::bank::{Source, format};
///
/// let source = Source::new("mix.bank.ron", "Bank ( buses:{ \"music\":(gain:-6.0) /* softer */ , } )");
/// let text = format(&source).unwrap();
/// assert_eq!(text, "Bank(buses: {\n    \"music\": (gain: -6.0), /* softer */\n})\n");
/// ```
pub fn format(source: &Source) -> Result<String, Diagnostics> {
    let tree = parse(source.text());
    match tree.root.filter(|_| tree.complete && tree.errors.is_empty()) {
        Some(root) => Ok(print::print(&shape::shape(source.text(), &root))),
        None => {
            let mut findings = Diagnostics::default();
            tree.errors.into_iter().for_each(|error| findings.push(syntax_error(source, error)));
            Err(findings)
        }
    }
}
