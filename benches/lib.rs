//! What the benches share: projects of generated sounds, and the loops that set the measure.

use std::path::Path;
use tonmeister::prelude::*;

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
            for (frame, ((left, right), sample)) in
                self.left.iter_mut().zip(&mut self.right).zip(source).enumerate()
            {
                let ramp = gain + step * frame as f32;
                *left += sample * ramp;
                *right += sample * ramp;
            }
        }
        self.left[7] + self.right[BLOCK - 1]
    }
}
