//! `tonmeister render`: a scene as a WAV file, and its buses as stems.

mod output;

use super::{build, load_scene};
use crate::Outcome;
use crate::args::{Bits, Render};
use crate::report::Failure;
use crate::terminal::Io;
use output::WavFile;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tonmeister::runtime::{Output, Stems};
use tonmeister::scene::{self, Player};
use tonmeister::units::Decibels;

/// Renders what `args` names.
///
/// # Errors
/// If the scene or its project has errors, or a file can't be written.
pub fn run(args: &Render, io: &mut Io<'_>) -> Result<Outcome, Failure> {
    output::check(&args.output)?;
    let mut scene = load_scene(&args.scene)?;
    if let Some(project) = &args.project {
        scene = scene.with_project(project);
    }
    output::check_length(f64::from(scene.duration()), args.rate, args.bits)?;
    let builder = scene.engine().output(Output::Offline).sample_rate(args.rate).stems(args.stems.is_some());
    let engine = build(builder, args.seed, io)?;
    let mut player = Player::new(scene, engine)?;
    if let Some(folder) = &args.stems {
        make_folder(folder)?;
    }

    let started = Instant::now();
    let bar = io.percent("rendering", player.frames());
    let mut wav = WavFile::create(&args.output, args.rate, args.bits)?;
    let (mut peak, mut samples) = (0.0_f32, 0);
    let rendered = scene::render(&mut player, |_, stretch| {
        peak = stretch.iter().fold(peak, |peak, sample| peak.max(sample.abs()));
        samples += stretch.len();
        bar.set_position(samples as u64 / 2);
        wav.write(stretch)
    });
    bar.finish_and_clear();
    rendered?;
    wav.finish()?;
    let took = started.elapsed().as_secs_f64();
    if let Some(folder) = &args.stems
        && let Some(stems) = player.engine().take_stems()
    {
        write_stems(folder, &stems, args)?;
    }
    let seconds = samples as f64 / 2.0 / f64::from(args.rate);
    writeln!(
        io.out,
        "rendered {seconds:.2} s in {took:.2} s ({:.0} times real time), peak {:.1} dBFS: {}",
        seconds / took.max(1e-6),
        Decibels::from_amplitude(peak).get(),
        args.output.display()
    )?;
    if let Some(folder) = &args.stems {
        writeln!(io.out, "stems: {}", folder.display())?;
    }
    Ok(Outcome::Fine)
}

/// Writes a file for each bus. None takes the place of the mix, should that be in the same folder.
fn write_stems(folder: &Path, stems: &Stems, args: &Render) -> Result<(), Failure> {
    let mut taken = BTreeSet::new();
    if let Ok(mix) = args.output.canonicalize() {
        taken.insert(key(&mix));
    }
    for (bus, direct, samples) in &stems.buses {
        let within = if *direct { make_folder(folder)? } else { make_folder(&folder.join("nested"))? };
        let path = free_name(&within, bus, &mut taken);
        output::check(&path)?;
        let mut wav = WavFile::create(&path, args.rate, Bits::Float32)?;
        wav.write(samples)?;
        wav.finish()?;
    }
    Ok(())
}

/// Makes a folder and all above it unless they are there; gives its one true path.
fn make_folder(folder: &Path) -> Result<PathBuf, Failure> {
    std::fs::create_dir_all(folder)
        .and_then(|()| folder.canonicalize())
        .map_err(|error| Failure::not_run(format!("can't make the folder {}: {error}", folder.display())))
}

/// A path as file systems compare it that do not tell upper from lower case.
fn key(path: &Path) -> String {
    path.to_string_lossy().to_lowercase()
}

/// A file's name for a bus: what a file system may not bear is `-`, and of two buses that would share a file the
/// second gets a number.
fn free_name(folder: &Path, bus: &str, taken: &mut BTreeSet<String>) -> PathBuf {
    let safe = |letter: char| {
        if letter.is_alphanumeric() || "_-. ".contains(letter) { letter } else { '-' }
    };
    let name: String = bus.chars().map(safe).collect();
    let mut path = folder.join(format!("{name}.wav"));
    let mut number = 2;
    while !taken.insert(key(&path)) {
        path = folder.join(format!("{name}-{number}.wav"));
        number += 1;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bus_gets_a_file_of_its_own_inside_the_folder() {
        let mut taken = BTreeSet::new();
        let mut name = |bus: &str| free_name(Path::new("d"), bus, &mut taken).to_string_lossy().into_owned();
        assert_eq!(name("music/pad"), "d/music-pad.wav");
        assert_eq!(name("music-pad"), "d/music-pad-2.wav");
        assert_eq!(name("Music/Pad"), "d/Music-Pad-3.wav");
        assert_eq!(name("../../etc"), "d/..-..-etc.wav");
    }
}
