//! `tonmeister new`: a small project that plays at once, with comments that teach.

mod synth;

use crate::Outcome;
use crate::args::New;
use crate::report::Failure;
use crate::terminal::Io;
use std::path::Path;

/// The texts of a new project, by their paths in it.
const TEXTS: [(&str, &str); 3] = [
    ("mix.bank.ron", include_str!("new/mix.bank.ron")),
    ("game.bank.ron", include_str!("new/game.bank.ron")),
    ("first.scene.ron", include_str!("new/first.scene.ron")),
];

/// Writes a project into the folder that `args` names.
///
/// # Errors
/// If there is something in it already, or it can't be written.
pub fn run(args: &New, io: &mut Io<'_>) -> Result<Outcome, Failure> {
    let folder = &args.folder;
    refuse_what_is_there(folder)?;
    let refused = |path: &Path, error: &dyn std::fmt::Display| {
        Failure::not_run(format!("can't write {}: {error}", path.display()))
            .help("choose a folder that you may write to")
    };
    let sounds = folder.join("sounds");
    std::fs::create_dir_all(&sounds).map_err(|error| refused(&sounds, &error))?;
    for (name, samples) in synth::all() {
        let path = sounds.join(name);
        synth::write(&path, &samples).map_err(|error| refused(&path, &error))?;
    }
    for (name, text) in TEXTS {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|error| refused(&path, &error))?;
    }
    let scene = quoted(&folder.join("first.scene.ron"));
    writeln!(
        io.out,
        "a new project: {}\n\n  tonmeister play {scene} --watch\n\nplays it; change mix.bank.ron meanwhile, save, and hear it. \
         Without a sound device:\n\n  tonmeister render {scene} -o first.wav",
        folder.display()
    )?;
    Ok(Outcome::Fine)
}

/// A path as it can be pasted into a shell.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |letter: char| letter.is_alphanumeric() || "/\\._-:".contains(letter);
    if text.chars().all(plain) { text } else { format!("\"{text}\"") }
}

/// Nothing of anybody's is ever written over.
fn refuse_what_is_there(folder: &Path) -> Result<(), Failure> {
    let name = folder.display();
    // A link to nothing is something, too.
    if folder.symlink_metadata().is_err() {
        return Ok(());
    }
    if !folder.is_dir() {
        return Err(Failure::not_run(format!("{name} is not a folder"))
            .help("give the name of a folder that is not there yet"));
    }
    let mut entries =
        std::fs::read_dir(folder).map_err(|error| Failure::not_run(format!("can't read {name}: {error}")))?;
    if entries.next().is_some() {
        return Err(Failure::not_run(format!("{name} is not empty"))
            .help("give the name of a folder that is not there yet, or is empty"));
    }
    Ok(())
}
