//! The two sides of a comparison: from paths to texts, and what does not parse.

use super::is_nothing;
use crate::report::Failure;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use tonmeister::bank::syntax::{Kind, parse};
use tonmeister::bank::{Diagnostic, Diagnostics, MAX_FILE_BYTES, Sources};

/// Reads a project's folder, or one bank file if the other side is one, too.
pub fn read(path: &Path, other: &Path) -> Result<Sources, Failure> {
    for path in [path, other] {
        if !path.exists() {
            return Err(Failure::not_run(format!("there is no {}", path.display()))
                .help("give two projects' folders or two *.bank.ron files"));
        }
    }
    match (path.is_dir(), other.is_dir()) {
        (true, true) => Ok(Sources::read(path)?),
        (false, false) => Ok(Sources::from_texts([(path.display().to_string(), text(path)?)])),
        (is_folder, _) => {
            let (folder, file) = if is_folder { (path, other) } else { (other, path) };
            let message = format!("{} is a folder and {} a file", folder.display(), file.display());
            Err(Failure::not_run(message).help("give two projects' folders or two *.bank.ron files"))
        }
    }
}

/// A bank file's text; what is not there is an empty bank.
pub fn text(path: &Path) -> Result<String, Failure> {
    if is_nothing(path) {
        return Ok("Bank()".to_owned());
    }
    let refused = |error| Failure::not_run(format!("can't read {}: {error}", path.display()));
    let mut bytes = Vec::new();
    // The length of a pipe is not known beforehand.
    File::open(path).map_err(refused)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(refused)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(Failure::not_run(format!("{} is larger than {MAX_FILE_BYTES} bytes", path.display()))
            .help("no bank file may be that large: is it one?"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let byte = error.utf8_error().valid_up_to();
        Failure::not_run(format!("{} is not UTF-8 text: byte {byte}", path.display()))
            .help("save it as UTF-8 in your editor")
    })
}

/// Everything that keeps the files from being read as banks. What only means nothing, such as an unknown name, is
/// no damage: it can be compared.
pub fn damage(sources: &Sources) -> Diagnostics {
    let mut found = Diagnostics::default();
    for file in sources.files() {
        let tree = parse(file.text());
        let intact = tree.errors.is_empty();
        for error in tree.errors {
            let finding = Diagnostic::error(error.code, file.place(error.span), error.message);
            found.push(Diagnostic { help: error.help, ..finding });
        }
        let is_bank =
            |kind: &Kind| matches!(kind, Kind::Group { name: Some(name), .. } if name.text == "Bank");
        if let Some(root) = tree.root.filter(|root| intact && !is_bank(&root.kind)) {
            let finding = Diagnostic::error("not-a-bank", file.place(root.head()), "expected `Bank(…)`");
            found.push(finding.help("only banks can be compared"));
        }
    }
    found
}
