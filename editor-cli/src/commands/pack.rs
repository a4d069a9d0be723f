//! `tonmeister pack`: a project in one file, for shipping.

use super::{count, json, load_project};
use crate::Outcome;
use crate::args::{Format, Pack as Args};
use crate::report::{self, Failure};
use crate::terminal::Io;
use serde::Serialize;
use std::path::Path;
use tonmeister::media::Pack;
use tonmeister::reload::{PackSettings, PackSummary, pack};

/// A pack for machines.
#[derive(Serialize)]
struct Made {
    path: String,
    bytes: u64,
    sample_rate: u32,
    banks: usize,
    pcm: usize,
    pcm_bytes: u64,
    vorbis: usize,
    wav: usize,
    source_bytes: u64,
}

/// Packs what `args` names.
///
/// # Errors
/// If the project has errors, is a pack already, or the file can't be written.
pub fn run(args: &Args, io: &mut Io<'_>) -> Result<Outcome, Failure> {
    check_output(&args.output)?;
    if Pack::is_pack(&args.project) {
        let message = format!("{} is a pack already", args.project.display());
        return Err(Failure::not_run(message).help("give the project's folder"));
    }
    let project = load_project(&args.project, args.rate, io)?;
    report::findings(io, &project.warnings)?;
    let bar = io.percent("packing", 0);
    let settings = PackSettings { pcm_below: args.pcm_below };
    let packed = pack(&project, args.rate, &args.output, settings, &mut |done, of| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    let made = packed?;
    match args.format {
        Format::Text => writeln!(io.out, "{}", summary(&made, args))?,
        Format::Json => {
            let PackSummary { banks, pcm, pcm_bytes, vorbis, wav, source_bytes, bytes } = made;
            let (path, sample_rate) = (args.output.display().to_string(), args.rate);
            json(io, &Made { path, bytes, sample_rate, banks, pcm, pcm_bytes, vorbis, wav, source_bytes })?;
        }
    }
    Ok(Outcome::Fine)
}

/// Says why a file can't be written there, before any work is done.
fn check_output(path: &Path) -> Result<(), Failure> {
    let name = path.display();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if path.is_dir() {
        return Err(Failure::not_run(format!("{name} is a folder")).help("give the name of a file in it"));
    }
    match folder {
        Some(folder) if !folder.is_dir() => {
            let message = format!("there is no folder {} to write {name} in", folder.display());
            Err(Failure::not_run(message).help("make it first"))
        }
        _ => Ok(()),
    }
}

fn summary(made: &PackSummary, args: &Args) -> String {
    let mb = |bytes: u64| bytes as f64 / 1e6;
    let kept = match (made.vorbis, made.wav) {
        (vorbis, 0) => format!("{vorbis} as Vorbis"),
        (0, wav) => format!("{wav} as WAV"),
        (vorbis, wav) => format!("{vorbis} as Vorbis and {wav} as WAV"),
    };
    format!(
        "packed {}, {} as PCM at {} Hz ({:.1} MB) and {kept} ({:.1} MB): {}, {:.1} MB",
        count(made.banks, "bank file", "bank files"),
        count(made.pcm, "sound", "sounds"),
        args.rate,
        mb(made.pcm_bytes),
        mb(made.source_bytes),
        args.output.display(),
        mb(made.bytes),
    )
}
