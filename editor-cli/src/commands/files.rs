//! Finding and reading files, for every command that is given some.

use crate::report::Failure;
use crate::terminal::printable;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use tonmeister::bank::MAX_FILE_BYTES;

/// Every file that is `wanted` in a folder and the folders below it. What begins with a dot is skipped, and links to
/// folders are not followed.
pub(super) fn walk(
    folder: &Path,
    wanted: &dyn Fn(&Path) -> bool,
    found: &mut Vec<PathBuf>,
) -> Result<(), Failure> {
    let refused = |error| Failure::not_run(format!("can't read {}: {error}", folder.display()));
    for entry in std::fs::read_dir(folder).map_err(refused)? {
        let entry = entry.map_err(refused)?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type().map_err(refused)?.is_dir() {
            walk(&path, wanted, found)?;
        } else if path.is_file() && wanted(&path) {
            found.push(path);
        }
    }
    Ok(())
}

/// Says which paths are not there.
pub(super) fn missing(paths: &[String]) -> Failure {
    Failure::not_run(format!("there is no {}", printable(&paths.join(", no "))))
        .help("check the path and its upper and lower case")
}

/// Reads a bank or a scene; one that is too large or no text is unfit.
pub(super) fn read(path: &Path) -> Result<String, Failure> {
    let refused = |error| Failure::not_run(format!("can't read {}: {error}", path.display()));
    let mut bytes = Vec::new();
    // The length of a pipe is not known beforehand.
    let file = File::open(path).map_err(refused)?;
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(refused)?;
    text(bytes, &printable(&path.display().to_string()))
}

/// The text that some bytes are.
pub(super) fn text(bytes: Vec<u8>, name: &str) -> Result<String, Failure> {
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(Failure::unfit(format!("{name} is larger than {MAX_FILE_BYTES} bytes"))
            .help("no engine would read it: divide it into several files"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let byte = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes().iter().take(byte).filter(|byte| **byte == b'\n').count();
        Failure::unfit(format!("{name} is not UTF-8 text: byte {byte} on line {line}"))
            .help("save it as UTF-8 in your editor")
    })
}
