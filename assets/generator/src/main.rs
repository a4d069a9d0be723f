//! Makes the demo project's sounds from nothing but arithmetic; the same bytes on every run.
//!
//! ```text
//! tonmeister-assets OUT_DIR              every synthetic sound, as 48 kHz 24-bit WAV
//! tonmeister-assets --voice IN OUT       one line of raw speech into a finished one
//! tonmeister-assets --measure FILE...    length, peak, RMS and loop seam of WAV files
//! ```
//!
//! `make.sh` beside it runs all of this and encodes the result into `assets/demo`.
//! An authoring tool: it runs on one thread, allocates freely and ships in no game.

mod air;
mod birds;
mod fire;
mod measure;
mod music;
mod reverb;
mod rng;
mod sound;
mod steps;
mod synth;
mod voice;
mod water;

use sound::Sound;
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

/// Every synthetic sound of the demo project.
fn every_sound() -> Vec<Sound> {
    let mut all = vec![fire::fire(), water::stream(), fire::log(), birds::owl(), air::forest(), air::cave()];
    all.extend(steps::gravel());
    all.extend(steps::stone());
    all.extend(water::drips());
    all.extend(birds::birds());
    all.extend(music::layers());
    all
}

fn run(args: &[String]) -> Result<(), Box<dyn Error>> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["--voice", input, output] => {
            let (rate, channels) = sound::read(Path::new(input))?;
            let raw = channels.first().ok_or("the speech file has no channel")?;
            sound::write(Path::new(output), &[voice::produce(raw, rate)])?;
        }
        ["--measure", files @ ..] => {
            println!("{}", measure::HEADING);
            for file in files {
                let (rate, channels) = sound::read(Path::new(file))?;
                println!("{}", measure::row(file, rate, &channels));
            }
        }
        [folder] if !folder.starts_with('-') => {
            for sound in every_sound() {
                sound.write(Path::new(folder))?;
            }
        }
        _ => return Err("usage: tonmeister-assets OUT_DIR | --voice IN OUT | --measure FILE...".into()),
    }
    Ok(())
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tonmeister-assets: {error}");
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::{decibels, peak};

    /// A one-shot's levels and ends, a loop's seam: on the quick sounds, so that a debug build stays short.
    #[test]
    fn sounds_keep_headroom_and_close_without_a_click() {
        let mut sounds = vec![(fire::fire(), true), (water::stream(), true)];
        sounds.extend(steps::gravel().into_iter().chain(steps::stone()).map(|s| (s, false)));
        sounds.extend(water::drips().into_iter().chain(birds::birds()).map(|s| (s, false)));
        for (sound, looping) in sounds {
            let line = &sound.channels[0];
            let top = decibels(peak(line));
            assert!((-12.0..-3.0).contains(&top), "{}: peak {top} dBFS", sound.name);
            assert!(line.iter().all(|x| x.is_finite()), "{}", sound.name);
            let ends = line[0].abs().max(line[line.len() - 1].abs());
            if looping {
                let seam = measure::seam(line, 960);
                assert!(seam <= 1.0, "{}: {seam} of its own largest step", sound.name);
            } else {
                assert!(decibels(ends) < -60.0, "{}: ends at {} dBFS", sound.name, decibels(ends));
            }
        }
    }
}
