//! What the examples share: their sound goes to the device, or into the WAV file named as their argument.

use hound::{SampleFormat, WavSpec, WavWriter};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tonmeister::prelude::*;

/// The demo project's folder.
pub fn demo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo")
}

/// Where an example's sound goes.
pub struct Speaker {
    file: Option<(String, Vec<f32>)>,
    due: Instant,
}

impl Speaker {
    /// The file named as the program's argument, else the device.
    pub fn from_args() -> Self {
        Self { file: std::env::args().nth(1).map(|path| (path, Vec::new())), due: Instant::now() }
    }

    /// What the engine is to be built with.
    pub fn output(&self) -> Output {
        match self.file {
            Some(_) => Output::Offline,
            None => Output::Device,
        }
    }

    /// Lets this much time pass: a file's sound is rendered at once, a device's plays meanwhile.
    pub fn play(&mut self, engine: &mut Engine, seconds: f32) {
        match &mut self.file {
            Some((_, sound)) => {
                // An offline engine is silent until somebody pulls its sound.
                let frames = (seconds * engine.sample_rate() as f32).round() as usize;
                let start = sound.len();
                sound.resize(start + frames * 2, 0.0);
                engine.render(&mut sound[start..]);
            }
            None => {
                self.due += Duration::from_secs_f32(seconds);
                std::thread::sleep(self.due.saturating_duration_since(Instant::now()));
            }
        }
    }

    /// Writes the file, or says why nothing was heard.
    pub fn finish(self, engine: &mut Engine) -> Result<(), Box<dyn Error>> {
        let Some((path, sound)) = self.file else {
            let device = engine.device();
            println!("played to {}", device.description);
            if let Some(problem) = device.problem {
                println!("{problem}");
            }
            return Ok(());
        };
        let spec = WavSpec {
            channels: 2,
            sample_rate: engine.sample_rate(),
            bits_per_sample: 32,
            sample_format: SampleFormat::Float,
        };
        let mut file = WavWriter::create(&path, spec)?;
        sound.iter().try_for_each(|&sample| file.write_sample(sample))?;
        file.finalize()?;
        println!("wrote {path}: {:.1} s", sound.len() as f32 / 2.0 / engine.sample_rate() as f32);
        Ok(())
    }
}
