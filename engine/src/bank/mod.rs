//! The bank language: what a sound designer writes in `*.bank.ron`, and what the engine makes of it.
//!
//! Lives here: the syntax tree with its spans ([`syntax`]), what may be written ([`schema`]), the checks that
//! need the whole project, the diagnostics in a designer's words, the compiled [`Bank`], the comparison of
//! two versions of a project ([`diff()`]), the one layout of its text ([`format()`]), and the [`mod@reference`] of
//! all of it.
//! May be named here: `units`, and the crates `ron`, `serde`, `strsim` and `thiserror`. Runs on any thread;
//! only [`Sources::read`] touches the file system.
//!
//! The way of the data is one direction: text, tree, schema, check, compiled bank. Every step reports all that
//! it finds and goes on with what is sound, so that one run shows all mistakes of a project.
//!
//! ```
//! use tonmeister::bank::{Sources, compile};
//!
//! let sources = Sources::from_texts([("camp.bank.ron", r#"
//!     Bank(
//!         buses: {"sfx": (gain: -6)},
//!         events: {"camp/fire": (play: "sfx/fire.ogg", bus: "sxf")},
//!     )
//! "#)]);
//! let checked = compile(&sources);
//! assert!(checked.bank.is_none());
//! assert!(checked.diagnostics.to_string().contains(r#"help: did you mean "sfx"?"#));
//! ```

mod check;
mod compile;
mod compiled;
pub mod decode;
mod diagnostic;
mod diff;
mod format;
mod graph;
mod load;
mod parts;
mod place;
mod project;
mod property;
pub mod reference;
pub mod schema;
pub mod syntax;
#[cfg(test)]
mod tests;

use check::is_path;

pub use compiled::*;
pub use diagnostic::{Diagnostic, Diagnostics, Related, Severity, nearest};
pub use diff::{Change, changes, diff};
pub use format::format;
pub use load::{Checked, MAX_FILE_BYTES, MediaUse, ReadError, Source, Sources, compile};
pub use parts::Part;
pub use place::Place;
