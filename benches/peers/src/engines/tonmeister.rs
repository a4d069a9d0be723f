//! Tonmeister, through its public API: a bank in a folder, events posted on emitters.

use super::Render;
use crate::BLOCK;
use crate::scene::{BUSES, LOW_PASS_HZ, RATE, SEND_DB, SOUND_RATE, Scene, Sound, Voice};
use glam::Vec3;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use tonmeister::prelude::*;
use tonmeister::space::Pose;

struct Tonmeister(Engine);

impl Render for Tonmeister {
    fn block(&mut self, out: &mut [f32]) {
        self.0.render(out);
    }
}

pub(super) fn build(scene: Scene, voices: usize, sounds: &[Sound]) -> Result<Box<dyn Render>, String> {
    let folder = Folder::new(sounds).map_err(|error| error.to_string())?;
    std::fs::write(folder.0.join("peers.bank.ron"), bank(scene, voices))
        .map_err(|error| error.to_string())?;
    let mut engine = Engine::builder(&folder.0)
        .output(Output::Offline)
        .sample_rate(RATE)
        .voices(voices as u16)
        .build()
        .map_err(|error| error.to_string())?;
    engine.set_listener(Some(Pose::ORIGIN));
    for (index, voice) in Voice::all(voices).enumerate() {
        let emitter = (scene != Scene::Flat)
            .then(|| engine.add_emitter(Vec3::from_array(voice.place), Decibels::UNITY));
        engine.post(&index.to_string(), emitter);
    }
    // Orders reach the mixer over several blocks if there are thousands; all that start together sound together.
    let mut block = [0.0; BLOCK * 2];
    let mut blocks = 0;
    while (engine.voices() as usize) < voices {
        engine.update();
        engine.render(&mut block);
        blocks += 1;
        if blocks > 100 {
            return Err(format!("only {} of {voices} voices sound", engine.voices()));
        }
    }
    Ok(Box::new(Tonmeister(engine)))
}

fn bank(scene: Scene, voices: usize) -> String {
    let space = if scene == Scene::Flat { "" } else { "space: (min: 1, max: 200), " };
    let mut events = String::new();
    for (index, Voice { sound, rate, gain_db, bus, .. }) in Voice::all(voices).enumerate() {
        let pitch = 12.0 * rate.log2();
        let bus = if scene == Scene::Buses { format!("bus: \"{bus}\", ") } else { String::new() };
        // Writing to a string can't fail.
        let _ = write!(
            events,
            "\"{index}\": (play: \"{sound}\", gain: {gain_db}, pitch: {pitch:.9}, {bus}{space}), "
        );
    }
    let sounds =
        (0..16).map(|i| format!("\"{i}\": Clip(file: \"{i}.wav\", looping: true), ")).collect::<String>();
    let buses = if scene == Scene::Buses {
        let bus = |bus| {
            format!("\"{bus}\": (effects: [LowPass(freq: {LOW_PASS_HZ})], sends: {{\"hall\": {SEND_DB}}}), ")
        };
        format!(
            "{}\"hall\": (effects: [Reverb(rt60: 1.5, mix: 1)]), \"master\": (effects: [Limiter()]), ",
            (0..BUSES).map(bus).collect::<String>()
        )
    } else {
        String::new()
    };
    format!("Bank(buses: {{{buses}}}, sounds: {{{sounds}}}, events: {{{events}}})")
}

/// A folder with the sounds, which goes when this is dropped; the engine has them in memory by then.
struct Folder(PathBuf);

impl Folder {
    fn new(sounds: &[Sound]) -> Result<Self, Box<dyn std::error::Error>> {
        let path = std::env::temp_dir().join(format!("tonmeister-peers-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        let folder = Self(path);
        for (index, sound) in sounds.iter().enumerate() {
            write(&folder.0.join(format!("{index}.wav")), sound)?;
        }
        Ok(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What can't be removed is left to the system's own cleaning.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn write(path: &Path, sound: &[f32]) -> Result<(), hound::Error> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: SOUND_RATE,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(path, spec)?;
    for &sample in sound {
        writer.write_sample(sample)?;
    }
    writer.finalize()
}
