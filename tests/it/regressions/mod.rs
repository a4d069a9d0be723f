//! Faults that were found once. Each of these failed before it was mended.

mod held;
mod reloads;
mod voices;
mod worlds;

use crate::common::Studio;
use tonmeister::prelude::*;
use tonmeister::runtime::Engine as Running;

/// A bank with one sound, a second of 1 kHz, and one event, with more fields of each.
fn bank(buses: &str, clip: &str, event: &str) -> String {
    format!(
        r#"Bank(buses: {{{buses}}}, sounds: {{"s": Clip(file: "tone.wav", {clip})}}, events: {{"e": (play: "s", {event})}})"#
    )
}

fn studio(bank: &str) -> Studio {
    Studio::new(bank).tone("tone.wav", 1000.0, 0.5, 1.0)
}

/// Saves a bank and takes it live.
fn reload(studio: &Studio, engine: &mut Running, bank: &str) {
    studio.save(bank);
    let project = studio.load(&engine.project().store);
    engine.reload(project);
}

fn peak(signal: &[f32]) -> f32 {
    signal.iter().fold(0.0, |peak: f32, sample| peak.max(sample.abs()))
}

fn seconds(seconds: f32) -> Option<Seconds> {
    Seconds::new(seconds).ok()
}
