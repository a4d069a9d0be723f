//! Music plays; its bank is saved with 12 dB less, and the music sinks without a break; a bad save changes nothing.
//!
//! ```sh
//! cargo run --example 05_hot_reload              # to the sound device, about six seconds
//! ```
//!
//! Here the program itself saves, in a copy of the demo project. Your editor does the same to a running game.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use tonmeister::prelude::*;
use tonmeister::reload::Reload;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo"), folder.path())?;
    let mut engine = Engine::builder(folder.path()).watch(true).build()?;
    let device = engine.device();
    println!("{}", device.problem.unwrap_or(device.description));

    engine.post("music/pad", None);
    level(&mut engine, 2.2);
    let before = level(&mut engine, 1.0);
    println!("the music stands at {before:.1} dB");

    let bank = folder.path().join("mix.bank.ron");
    let text = fs::read_to_string(&bank)?;
    println!("\nsaving music with gain -16 instead of -4 ...");
    fs::write(&bank, text.replacen("gain: -4.0", "gain: -16.0", 1))?;
    tell(next_reload(&mut engine)?);
    level(&mut engine, 0.2);
    let after = level(&mut engine, 1.0);
    println!("the music stands at {after:.1} dB, {:+.1} dB", after - before);

    println!("\nsaving with a mistake ...");
    fs::write(&bank, text.replace("parent: \"music\"", "parent: \"musik\""))?;
    tell(next_reload(&mut engine)?);
    println!("the music plays on at {:.1} dB", level(&mut engine, 1.0));
    Ok(())
}

/// A game's loop: `update` is all that it takes. Gives the music's mean level in dB.
fn level(engine: &mut Engine, seconds: f32) -> f32 {
    let (mut sum, mut count) = (0.0, 0.0_f32);
    let end = Instant::now() + Duration::from_secs_f32(seconds);
    while Instant::now() < end {
        engine.update();
        std::thread::sleep(Duration::from_millis(5));
        sum += engine.bus("music").unwrap_or_default().mean_square;
        count += 1.0;
    }
    Decibels::from_amplitude((sum / count.max(1.0)).sqrt()).get()
}

fn next_reload(engine: &mut Engine) -> Result<Reload, &'static str> {
    let end = Instant::now() + Duration::from_secs(5);
    while Instant::now() < end {
        engine.update();
        if let Some(reload) = engine.take_reloads().pop() {
            return Ok(reload);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Err("the save was not noticed within five seconds")
}

fn tell(reload: Reload) {
    match reload {
        Reload::Live(changes) => {
            let lines = changes.lines.join("\n  ");
            println!("live after {:.0} ms:\n  {lines}", changes.took.as_secs_f32() * 1000.0);
        }
        Reload::Refused(why) => println!("refused, the old bank stays:\n{why}"),
    }
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to)?;
        } else {
            fs::copy(from, to)?;
        }
    }
    Ok(())
}
