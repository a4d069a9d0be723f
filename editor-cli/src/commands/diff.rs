//! `tonmeister diff`: what changed between two versions of a project, in a designer's words.

mod git;
mod source;

use super::json;
use crate::Outcome;
use crate::args::{Diff, Format};
use crate::report::{self, Failure};
use crate::terminal::{Io, printable};
use serde::Serialize;
use std::path::Path;
use tonmeister::bank::{Change, Sources, changes};

/// A change for machines.
#[derive(Serialize)]
struct Entry<'a> {
    what: &'a str,
    name: &'a str,
    change: &'a str,
}

/// Compares what `args` names; called by git, it answers as git wants it.
///
/// # Errors
/// If there is nothing to compare, a file can't be read or does not parse, or the output can't be written.
pub fn run(args: &Diff, io: &mut Io<'_>) -> Result<Outcome, Failure> {
    let (old, new) = match args.paths.as_slice() {
        [old, new] => (old, new),
        paths => return git::run(paths, args.format, io),
    };
    let (before, after) = (source::read(old, new)?, source::read(new, old)?);
    for (path, sources) in [(old, &before), (new, &after)] {
        let damage = source::damage(sources);
        if !damage.is_empty() {
            report::findings(io, &damage)?;
            return Err(Failure::not_run(format!("{} does not parse", path.display()))
                .help("what can't be read can't be compared: mend it first"));
        }
    }
    let found = changes(&before, &after);
    match args.format {
        Format::Json => show_json(&found, io)?,
        Format::Text if found.is_empty() => writeln!(io.out, "{}", nothing(&before, &after))?,
        Format::Text => {
            for change in &found {
                writeln!(io.out, "{}", printable(&change.to_string()))?;
            }
        }
    }
    Ok(if found.is_empty() { Outcome::Fine } else { Outcome::Findings })
}

fn show_json(changes: &[Change], io: &mut Io<'_>) -> Result<(), Failure> {
    let entries = changes.iter().map(|Change { what, name, change }| Entry { what, name, change });
    json(io, &entries.collect::<Vec<_>>())
}

/// What is said of two versions without a change in meaning.
fn nothing(old: &Sources, new: &Sources) -> &'static str {
    let texts = |sources: &Sources| -> Vec<String> {
        sources.files().iter().map(|file| file.text().to_owned()).collect()
    };
    if texts(old) == texts(new) {
        "no change"
    } else {
        "no change in meaning: only comments, layout or order"
    }
}

/// Whether git means that there is no such file.
fn is_nothing(path: &Path) -> bool {
    path == Path::new("/dev/null") || path == Path::new("nul")
}
