//! `tonmeister fmt`: banks and scenes in the one layout.

mod files;

use super::count;
use super::files::{read, text};
use crate::Outcome;
use crate::args::Fmt;
use crate::report::{self, Failure};
use crate::terminal::{Io, printable};
use files::{find, replace};
use std::io::Read;
use std::path::Path;
use tonmeister::bank::{Diagnostics, MAX_FILE_BYTES, Source, format};

/// How the text from stdin is called.
const STDIN: &str = "<stdin>";

/// What a run came to.
#[derive(Default)]
struct Tally {
    changed: usize,
    as_it_was: usize,
    /// Whether a file could not be formatted; it has been said why, or it is among the findings.
    refused: bool,
    findings: Diagnostics,
}

/// Formats what `args` names. A file with mistakes is left as it is, and the others are formatted all the same.
///
/// # Errors
/// If a path is missing or is no bank and no scene (before anything is written), or a file can't be written.
pub fn run(args: &Fmt, io: &mut Io<'_>) -> Result<Outcome, Failure> {
    if args.paths.iter().any(|path| path == Path::new("-")) {
        return match args.paths.as_slice() {
            [_] => filter(args.check, io),
            _ => Err(Failure::not_run("`-` stands for stdin and can't be mixed with files")
                .help("format the files in a run of their own")),
        };
    }
    let mut tally = Tally::default();
    for path in find(&args.paths)? {
        one(&path, args.check, &mut tally, io)?;
    }
    report::findings(io, &tally.findings)?;
    let of = tally.changed + tally.as_it_was;
    if args.check && tally.changed > 0 {
        let is = if tally.changed == 1 { "is" } else { "are" };
        return Err(Failure::unfit(format!(
            "{} of {} {is} not formatted",
            tally.changed,
            count(of, "file", "files")
        ))
        .help("run the command without --check to format"));
    }
    if tally.refused {
        return Ok(Outcome::Findings);
    }
    if args.check {
        writeln!(io.out, "ok: {} formatted", count(of, "file is", "files are"))?;
    } else {
        writeln!(io.out, "ok: {} formatted, {} as before", tally.changed, tally.as_it_was)?;
    }
    Ok(Outcome::Fine)
}

/// Formats one file, or says that it would be.
fn one(path: &Path, check: bool, tally: &mut Tally, io: &mut Io<'_>) -> Result<(), Failure> {
    let name = printable(&path.display().to_string());
    let text = match read(path) {
        Ok(text) => text,
        Err(failure @ Failure::Unfit { .. }) => {
            tally.refused = true;
            report::failure(io, &failure);
            return Ok(());
        }
        Err(failure) => return Err(failure),
    };
    let source = Source::new(name.clone(), text);
    match format(&source) {
        Ok(text) if text == source.text() => tally.as_it_was += 1,
        Ok(text) => {
            if !check {
                replace(path, &text)?;
            }
            tally.changed += 1;
            writeln!(io.out, "{}{name}", if check { "" } else { "formatted " })?;
        }
        Err(findings) => {
            tally.refused = true;
            findings.iter().for_each(|finding| tally.findings.push(finding.clone()));
        }
    }
    Ok(())
}

/// Formats stdin to stdout. Nothing is written for a text with mistakes, so that an editor keeps what it has.
fn filter(check: bool, io: &mut Io<'_>) -> Result<Outcome, Failure> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| Failure::not_run(format!("can't read stdin: {error}")))?;
    let source = Source::new(STDIN, text(bytes, STDIN)?);
    let formatted = format(&source).map_err(Failure::Findings)?;
    if !check {
        io.out.write_all(formatted.as_bytes())?;
    } else if formatted != source.text() {
        writeln!(io.out, "{STDIN}")?;
        return Ok(Outcome::Findings);
    }
    Ok(Outcome::Fine)
}
