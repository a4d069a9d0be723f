//! A small studio: a project in a temporary folder with generated sounds, and an engine that plays it.

use std::f64::consts::TAU;
use std::fs;
use std::path::Path;
use tempfile::TempDir;
use tonmeister::media::Store;
use tonmeister::reload::Project;
use tonmeister::runtime::{Builder, Engine, Output, Stems};

/// The rate of all test sounds and engines unless said otherwise.
pub const RATE: u32 = 48_000;
/// The latency of the limiter that stands in every master by default, in frames.
pub const LIMITER_LATENCY: usize = 240;

/// A project in a temporary folder.
pub struct Studio {
    folder: TempDir,
}

impl Studio {
    /// A project with this bank.
    pub fn new(bank: &str) -> Self {
        let studio = Self { folder: tempfile::tempdir().unwrap() };
        studio.save(bank);
        studio
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Overwrites the bank.
    pub fn save(&self, bank: &str) {
        fs::write(self.path().join("test.bank.ron"), bank).unwrap();
    }

    /// Adds a sound file of 32-bit floats.
    pub fn sound(self, name: &str, channels: &[&[f32]]) -> Self {
        write_wav(&self.path().join(name), channels);
        self
    }

    /// Adds a sine of `amplitude` and `seconds`.
    pub fn tone(self, name: &str, hertz: f64, amplitude: f64, seconds: f64) -> Self {
        let tone = tone(hertz, amplitude, (seconds * f64::from(RATE)) as usize);
        self.sound(name, &[&tone])
    }

    pub fn builder(&self) -> Builder {
        Engine::builder(self.path()).output(Output::Offline)
    }

    pub fn engine(&self) -> Engine {
        self.builder().build().unwrap_or_else(|error| panic!("{error}"))
    }

    /// The project as it lies in the folder now, loaded for a running engine.
    pub fn load(&self, store: &Store) -> Project {
        Project::load(self.path(), RATE, 0, store, &|_, _| {}).unwrap_or_else(|error| panic!("{error}"))
    }
}

pub fn write_wav(path: &Path, channels: &[&[f32]]) {
    let spec = hound::WavSpec {
        channels: channels.len() as u16,
        sample_rate: RATE,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for frame in 0..channels[0].len() {
        for channel in channels {
            writer.write_sample(channel[frame]).unwrap();
        }
    }
    writer.finalize().unwrap();
}

pub fn tone(hertz: f64, amplitude: f64, frames: usize) -> Vec<f32> {
    (0..frames).map(|n| (amplitude * (TAU * hertz * n as f64 / f64::from(RATE)).sin()) as f32).collect()
}

/// Renders `seconds`, with an update every 10 ms as a game would. Gives the left and right channel.
pub fn run(engine: &mut Engine, seconds: f64) -> [Vec<f32>; 2] {
    let mut out = [Vec::new(), Vec::new()];
    let mut left = (seconds * f64::from(engine.sample_rate())) as usize;
    while left > 0 {
        let count = left.min(480);
        engine.update();
        let mut stretch = vec![0.0; count * 2];
        assert!(engine.render(&mut stretch));
        for frame in stretch.chunks(2) {
            out[0].push(frame[0]);
            out[1].push(frame[1]);
        }
        left -= count;
    }
    out
}

/// A bus's stem, left channel.
pub fn stem(stems: &Stems, bus: &str) -> Vec<f32> {
    let (_, _, samples) = stems.buses.iter().find(|(name, _, _)| name == bus).expect("a stem of that name");
    samples.iter().copied().step_by(2).collect()
}

/// The level over `range` of frames as the RMS in dB.
pub fn level(signal: &[f32], range: std::ops::Range<usize>) -> f64 {
    let part = &signal[range];
    let square = part.iter().map(|&s| f64::from(s).powi(2)).sum::<f64>() / part.len() as f64;
    10.0 * square.max(1e-20).log10()
}

/// The envelope of a 1 kHz tone in dB: one value a millisecond, over whole periods.
pub fn envelope_1k(signal: &[f32]) -> Vec<f64> {
    signal.chunks_exact(48).map(|period| level(period, 0..48)).collect()
}

#[track_caller]
pub fn near(got: f64, want: f64, within: f64, what: &str) {
    assert!((got - want).abs() <= within, "{what}: {got:.3}, not {want:.3} ± {within}");
}
