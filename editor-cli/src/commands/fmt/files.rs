//! Which files are formatted, and how they are replaced.

use crate::commands::files::{missing as not_there, walk};
use crate::report::Failure;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use tonmeister::media::Pack;

/// How the names of the files end that are looked for in folders.
const ENDINGS: [&str; 2] = [".bank.ron", ".scene.ron"];

fn is_ours(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// All banks and scenes that `paths` name: files, and folders with all that is in and below them. Each real file comes
/// once, whatever leads to it.
pub(super) fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for path in paths {
        let name = path.display();
        if path.is_dir() {
            let before = found.len();
            walk(path, &is_ours, &mut found)?;
            found.get_mut(before..).unwrap_or_default().sort();
            if found.len() == before {
                let message = format!("no *.bank.ron or *.scene.ron file in {name} or in a folder below it");
                return Err(Failure::not_run(message).help("give a project's folder, a bank or a scene"));
            }
        } else if !path.exists() {
            missing.push(name.to_string());
        } else if is_ours(path) {
            found.push(path.clone());
        } else if Pack::is_pack(path) {
            return Err(Failure::not_run(format!("{name} is a pack, whose banks can't be edited"))
                .help("format the project's folder, and pack it again"));
        } else {
            let message = format!("{name} is neither a bank nor a scene");
            return Err(Failure::not_run(message).help("their names end in .bank.ron and .scene.ron"));
        }
    }
    if !missing.is_empty() {
        return Err(not_there(&missing));
    }
    let mut seen = BTreeSet::new();
    found.retain(|path| seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())));
    Ok(found)
}

/// Puts a text in a file's place: whoever reads the file sees the old text or the new one, never a part. A link to a
/// file stays a link.
pub(super) fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    write(path, text).map_err(|error| {
        Failure::not_run(format!("can't write {}: {error}", path.display()))
            .help("the file is as it was; see whether it and its folder can be written")
    })
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let path = path.canonicalize()?;
    let permissions = path.metadata()?.permissions();
    if permissions.readonly() {
        return Err(std::io::ErrorKind::PermissionDenied.into());
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let part = path.with_file_name(format!(".{name}.{}.part", std::process::id()));
    let mut file = File::create_new(&part)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.set_permissions(permissions))
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::rename(&part, &path));
    if written.is_err() {
        // What went wrong is told; a part that can't be removed on top of that helps nobody.
        let _ = std::fs::remove_file(&part);
    }
    written
}
