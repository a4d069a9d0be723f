//! The two sides of a comparison: from paths to texts, and what does not parse.

use super::is_nothing;
use crate::commands::files;
use crate::report::Failure;
use std::path::Path;
use tonmeister::bank::syntax::{Kind, parse};
use tonmeister::bank::{Diagnostic, Diagnostics, Sources};
use tonmeister::media::Pack;
use tonmeister::reload::sources;

/// Reads a project's folder or a pack, or one bank file if the other side is one, too.
pub fn read(path: &Path, other: &Path) -> Result<Sources, Failure> {
    for path in [path, other] {
        if !path.exists() {
            return Err(Failure::not_run(format!("there is no {}", path.display()))
                .help("give two projects' folders or two *.bank.ron files"));
        }
    }
    let is_project = |path: &Path| path.is_dir() || Pack::is_pack(path);
    match (is_project(path), is_project(other)) {
        (true, true) => Ok(sources(path)?),
        (false, false) => Ok(Sources::from_texts([(path.display().to_string(), text(path)?)])),
        (is_folder, _) => {
            let (folder, file) = if is_folder { (path, other) } else { (other, path) };
            let message = format!("{} is a project and {} a file", folder.display(), file.display());
            Err(Failure::not_run(message).help("give two projects' folders or two *.bank.ron files"))
        }
    }
}

/// A bank file's text; what is not there is an empty bank.
pub fn text(path: &Path) -> Result<String, Failure> {
    if is_nothing(path) {
        return Ok("Bank()".to_owned());
    }
    // Whatever is wrong with it, it can't be compared.
    files::read(path).map_err(|failure| match failure {
        Failure::Unfit { message, help } => Failure::NotRun { message, help },
        other => other,
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
