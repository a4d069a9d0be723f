//! The comparison as a diff driver of git: seven arguments and more in, exit code 0 whatever comes out.
//!
//! Git takes any other exit code for a crash and stops showing the files that follow, so that here even what can't be
//! compared is told on stdout, where the diff is read.

use super::{is_nothing, nothing, show_json, source};
use crate::Outcome;
use crate::args::Format;
use crate::report::Failure;
use crate::terminal::{Io, printable};
use std::path::{Path, PathBuf};
use tonmeister::bank::{Sources, changes};

/// Set by git for every diff driver that it calls.
const CALLED_BY_GIT: &str = "GIT_DIFF_PATH_COUNTER";

/// Answers git: `path old-file old-hex old-mode new-file new-hex new-mode`, then a rename's new path and a note; or
/// the path alone where a merge left it open.
pub fn run(paths: &[PathBuf], format: Format, io: &mut Io<'_>) -> Result<Outcome, Failure> {
    match paths {
        [path, old, _, _, new, _, _] => compare(path, None, old, new, format, io),
        [path, old, _, _, new, _, _, to, _] => compare(path, Some(to), old, new, format, io),
        [path] if std::env::var_os(CALLED_BY_GIT).is_some() => {
            writeln!(io.out, "{} (unmerged)", name(path))?;
            Ok(Outcome::Fine)
        }
        _ => Err(Failure::not_run(format!("diff compares two things, not {}", paths.len())).help(
            "give two projects' folders or two *.bank.ron files; git gives 7 arguments, or 9 for a rename",
        )),
    }
}

fn compare(
    path: &Path,
    renamed: Option<&PathBuf>,
    old: &Path,
    new: &Path,
    format: Format,
    io: &mut Io<'_>,
) -> Result<Outcome, Failure> {
    let sides =
        side(path, old).and_then(|before| Ok((before, side(renamed.map_or(path, PathBuf::as_path), new)?)));
    if format == Format::Json {
        match sides {
            Ok((before, after)) => show_json(&changes(&before, &after), io)?,
            Err(why) => writeln!(io.err, "error: {} can't be compared\n{why}", name(path))?,
        }
        return Ok(Outcome::Fine);
    }
    let note = match (renamed, is_nothing(old), is_nothing(new)) {
        (Some(to), ..) => format!(" → {}", name(to)),
        (None, true, false) => " (new)".to_owned(),
        (None, false, true) => " (deleted)".to_owned(),
        _ => String::new(),
    };
    writeln!(io.out, "{}{note}", name(path))?;
    match sides {
        Err(why) => {
            for line in why.lines() {
                writeln!(io.out, "  {line}")?;
            }
            writeln!(io.out, "  so it can't be compared; for the text: git diff --no-ext-diff")?;
        }
        Ok((before, after)) => {
            let found = changes(&before, &after);
            if found.is_empty() {
                writeln!(io.out, "  {}", nothing(&before, &after))?;
            }
            for change in found {
                writeln!(io.out, "  {}", printable(&change.to_string()))?;
            }
        }
    }
    Ok(Outcome::Fine)
}

/// One side under the name that the repository knows, or why it can't be read.
fn side(path: &Path, file: &Path) -> Result<Sources, String> {
    let text = source::text(file).map_err(|failure| printable(&failure.to_string()))?;
    let sources = Sources::from_texts([(name(path), text)]);
    let damage = source::damage(&sources);
    let told: Vec<_> = damage.iter().map(ToString::to_string).collect();
    if told.is_empty() { Ok(sources) } else { Err(told.join("\n")) }
}

fn name(path: &Path) -> String {
    printable(&path.to_string_lossy())
}
