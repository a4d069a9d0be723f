//! What the benches share: projects of generated sounds, and the loops that set the measure.

use glam::{Quat, Vec3};
use std::path::Path;
use std::time::{Duration, Instant};
use tonmeister::dsp::gains::{Line, add_mono};
use tonmeister::dsp::interp::{Interpolation, Interpolator};
use tonmeister::dsp::one_pole::low_pass;
use tonmeister::prelude::*;
use tonmeister::space::{Pose, ZoneField};

/// The rate of everything here.
pub const RATE: u32 = 48_000;
/// Frames rendered at a time.
pub const BLOCK: usize = 128;
/// How many different sounds the voices share.
const SOUNDS: usize = 16;

/// A project in a folder of its own, which goes when this is dropped.
pub struct Folder(std::path::PathBuf);

impl Folder {
    /// Makes the folder with sixteen mono noises of a second, `0.wav` and so on.
    ///
    /// # Errors
    /// What the file system gives.
    pub fn new(name: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let path = std::env::temp_dir().join(format!("tonmeister-bench-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: RATE,
            bits_per_sample: 32,
            sample_format: hound::SampleFormat::Float,
        };
        for index in 0..SOUNDS {
            let mut writer = hound::WavWriter::create(path.join(format!("{index}.wav")), spec)?;
            for sample in tonmeister::dsp::measure::noise(index as u64 + 1, 0.1, RATE as usize) {
                writer.write_sample(sample)?;
            }
            writer.finalize()?;
        }
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes the bank.
    ///
    /// # Errors
    /// What the file system gives.
    pub fn bank(&self, text: &str) -> std::io::Result<()> {
        std::fs::write(self.0.join("bench.bank.ron"), text)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What can't be removed is left to the system's own cleaning.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A bank with an event for each sound; `clip` and `event` are more fields of both.
pub fn voices_bank(clip: &str, event: &str) -> String {
    let sounds = (0..SOUNDS).map(|i| format!("\"{i}\": Clip(file: \"{i}.wav\", looping: true, {clip}), "));
    let events = (0..SOUNDS).map(|i| format!("\"{i}\": (play: \"{i}\", gain: -30, {event}), "));
    format!(
        "Bank(reverbs: {{\"hall\": (rt60: 1.5)}}, sounds: {{{}}}, events: {{{}}})",
        sounds.collect::<String>(),
        events.collect::<String>()
    )
}

/// A bank with that many buses, `b0` and so on, each with that chain of effects; no sounds.
pub fn buses_bank(buses: usize, effects: &str) -> String {
    let buses = (0..buses).map(|bus| format!("\"b{bus}\": (effects: [{effects}]), "));
    format!("Bank(buses: {{{}}})", buses.collect::<String>())
}

/// A bus's chain as a designer might write it: an equaliser of four bands and a compressor.
pub const CHAIN: &str = "Eq([HighPass(freq: 60), LowShelf(freq: 200, gain: -2), Peak(freq: 2500, gain: 2), \
     HighShelf(freq: 8000, gain: 1.5)]), Compressor(threshold: -40, ratio: 3)";

/// The place of voice `index`: all around the listener, from 3 m on outwards.
pub fn place_of(index: usize) -> Vec3 {
    let angle = index as f32 * 0.37;
    Vec3::new(angle.sin(), 0.0, angle.cos()) * (3.0 + index as f32 * 0.02)
}

/// A zone with that reverb, a ball of 500 m around the origin.
pub fn zone(reverb: &str) -> ZoneField<&str> {
    ZoneField {
        zone: reverb,
        shape: Shape::Sphere { radius: 500.0 },
        position: Vec3::ZERO,
        rotation: Quat::IDENTITY,
        fade: 1.0,
        priority: 0,
    }
}

/// Puts the listener into that reverb.
///
/// # Panics
/// If it is not heard.
pub fn enter(engine: &mut Engine, reverb: &str) {
    engine.set_listener(Some(Pose::ORIGIN));
    engine.receive();
    engine.set_zones([zone(reverb)]);
    assert_eq!(engine.reverbs().len(), 1, "the reverb is heard");
}

/// Posts so many voices, in space or not, and renders until all of them sound.
///
/// # Panics
/// If they never do.
pub fn start(engine: &mut Engine, voices: usize, spatial: bool) {
    engine.set_listener(Some(Pose::ORIGIN));
    for index in 0..voices {
        let emitter = spatial.then(|| engine.add_emitter(place_of(index), Decibels::UNITY));
        engine.post(&event_of(index), emitter);
    }
    settle(engine);
    assert_eq!(engine.voices() as usize, voices, "every voice sounds");
}

/// Renders until what was ordered is there and has glided to its place.
pub fn settle(engine: &mut Engine) {
    let mut block = [0.0; BLOCK * 2];
    for _ in 0..60 {
        engine.decide();
        engine.flush();
        engine.render(&mut block);
    }
}

/// Renders one block and says how long it took.
pub fn timed(engine: &mut Engine) -> Duration {
    let mut block = [0.0; BLOCK * 2];
    let begin = Instant::now();
    engine.render(&mut block);
    let took = begin.elapsed();
    std::hint::black_box(&block);
    took
}

/// The value that so great a share of them does not exceed.
pub fn quantile(durations: &mut [Duration], share: f64) -> Duration {
    durations.sort_unstable();
    let last = durations.len().saturating_sub(1);
    durations.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
}

/// The name of the event that voice `index` plays.
pub fn event_of(index: usize) -> String {
    (index % SOUNDS).to_string()
}

/// An offline engine of that project with room for `voices`.
///
/// # Errors
/// If the project does not load.
pub fn engine(folder: &Folder, voices: usize) -> Result<Engine, tonmeister::runtime::BuildError> {
    Engine::builder(folder.path()).output(Output::Offline).voices(voices.max(1) as u16).build()
}

/// Voices as they would be with nothing around them: each a ramped multiply-add from a buffer of its own into a
/// left and a right channel, block after block.
pub struct TightLoop {
    sources: Vec<Vec<f32>>,
    place: usize,
    left: [f32; BLOCK],
    right: [f32; BLOCK],
}

impl TightLoop {
    /// For that many voices.
    pub fn new(voices: usize) -> Self {
        let sources: Vec<_> = (0..SOUNDS.min(voices))
            .map(|i| tonmeister::dsp::measure::noise(i as u64 + 1, 0.1, RATE as usize))
            .collect();
        Self { sources, place: 0, left: [0.0; BLOCK], right: [0.0; BLOCK] }
    }

    /// Renders a block of `voices`; gives a sample, so that nothing is optimised away.
    pub fn block(&mut self, voices: usize) -> f32 {
        self.left.fill(0.0);
        self.right.fill(0.0);
        self.place = (self.place + BLOCK) % (RATE as usize - 2 * BLOCK);
        for voice in 0..voices {
            let source = &self.sources[voice % self.sources.len()][self.place..self.place + BLOCK];
            let (gain, step) = (0.02, 1e-7 * voice as f32);
            // An `i32`, which becomes a float in one instruction on any machine.
            for (frame, ((left, right), sample)) in
                (0_i32..).zip(self.left.iter_mut().zip(&mut self.right).zip(source))
            {
                let ramp = gain + step * frame as f32;
                *left += sample * ramp;
                *right += sample * ramp;
            }
        }
        self.left[7] + self.right[BLOCK - 1]
    }
}

/// Voices in space as they would be with nothing around them: the engine's own loops for an 8-point sinc, a low-pass, the
/// two sides and a mono send, from a buffer of its own for each, block after block.
pub struct TightSpatial {
    sources: Vec<Vec<f32>>,
    position: f64,
    states: Vec<f32>,
    mix: [[f32; BLOCK]; 3],
}

impl TightSpatial {
    /// For that many voices.
    pub fn new(voices: usize) -> Self {
        let TightLoop { sources, .. } = TightLoop::new(voices);
        Self { sources, position: 64.0, states: vec![0.0; voices], mix: [[0.0; BLOCK]; 3] }
    }

    /// Renders a block of all voices; gives a sample, so that nothing is optimised away.
    pub fn block(&mut self) -> f32 {
        const STEP: f64 = 1.078;
        let table = Interpolator::shared(Interpolation::Sinc);
        let [left, right, send] = &mut self.mix;
        [&mut *left, right, send].into_iter().for_each(|side| side.fill(0.0));
        let mut signal = [0.0; BLOCK];
        for (state, source) in self.states.iter_mut().zip(self.sources.iter().cycle()) {
            table.render(source, self.position, STEP, &mut signal);
            low_pass(&mut signal, 0.6, state);
            let lines = [0.02, 0.01].map(Line::level);
            add_mono([left, send], lines, Some((right, Line::level(0.03))), &signal);
        }
        self.position += STEP * BLOCK as f64;
        if self.position > (RATE as usize - 4 * BLOCK) as f64 {
            self.position = 64.0;
        }
        left[7] + right[BLOCK - 1] + send[9]
    }
}
