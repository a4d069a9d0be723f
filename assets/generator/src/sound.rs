//! A finished sound, its level, and the WAV file it is written to.

use crate::synth::{Svf, fade, gain, peak, rms};
use hound::{SampleFormat, WavSpec, WavWriter};
use std::path::Path;

/// A sound ready to be written.
pub struct Sound {
    /// Path under the output folder, without its ending: `sfx/fire`.
    pub name: String,
    /// One line of samples per channel, all of one length.
    pub channels: Vec<Vec<f64>>,
}

impl Sound {
    /// A loop: removes the mean of each channel and scales all of them alike to a peak of `peak_db` (dBFS).
    pub fn looped(name: impl Into<String>, mut channels: Vec<Vec<f64>>, peak_db: f64) -> Self {
        for line in &mut channels {
            let mean = line.iter().sum::<f64>() / line.len().max(1) as f64;
            line.iter_mut().for_each(|x| *x -= mean);
        }
        let level = gain(peak_db) / channels.iter().fold(1e-12, |a: f64, c| a.max(peak(c)));
        channels.iter_mut().flatten().for_each(|x| *x *= level);
        Self { name: name.into(), channels }
    }

    /// A mono one-shot: cut below 25 Hz, its end faded over `tail` seconds so that it stops at nothing,
    /// its peak at `peak_db` (dBFS).
    pub fn shot(name: impl Into<String>, mut line: Vec<f64>, tail: f64, peak_db: f64) -> Self {
        let mut cut = Svf::new(25.0, 0.707);
        line.iter_mut().for_each(|x| *x = cut.tick(*x).high);
        fade(&mut line, 0.000_5, tail);
        let level = gain(peak_db) / peak(&line).max(1e-12);
        line.iter_mut().for_each(|x| *x *= level);
        Self { name: name.into(), channels: vec![line] }
    }

    /// A loop whose level is set by its RMS (`rms_db`, dBFS), not by its peak: what would then stand above
    /// `peak_db` is rounded off.
    pub fn levelled(name: impl Into<String>, mut channels: Vec<Vec<f64>>, rms_db: f64, peak_db: f64) -> Self {
        let power = channels.iter().map(|c| rms(c) * rms(c)).sum::<f64>() / channels.len().max(1) as f64;
        let level = gain(rms_db) / libm::sqrt(power).max(1e-12);
        let ceiling = gain(peak_db);
        for x in channels.iter_mut().flatten() {
            *x = ceiling * libm::tanh(*x * level / ceiling);
        }
        Self { name: name.into(), channels }
    }

    /// Writes `folder/name.wav`, 48 kHz, 24 bit, making the folders it needs.
    pub fn write(&self, folder: &Path) -> Result<(), hound::Error> {
        let path = folder.join(format!("{}.wav", self.name));
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        write(&path, &self.channels)
    }
}

/// Writes 48 kHz, 24-bit WAV.
pub fn write(path: &Path, channels: &[Vec<f64>]) -> Result<(), hound::Error> {
    let spec = WavSpec {
        channels: channels.len() as u16,
        sample_rate: crate::synth::RATE as u32,
        bits_per_sample: 24,
        sample_format: SampleFormat::Int,
    };
    let mut file = WavWriter::create(path, spec)?;
    let len = channels.iter().map(Vec::len).min().unwrap_or(0);
    for i in 0..len {
        for line in channels {
            // `as` saturates, so a value beyond full scale would clip, never wrap.
            file.write_sample(libm::rint((line[i] * 8_388_608.0).clamp(-8_388_608.0, 8_388_607.0)) as i32)?;
        }
    }
    file.finalize()
}

/// Reads an integer WAV of any width: its rate and its channels in -1..1.
pub fn read(path: &Path) -> Result<(f64, Vec<Vec<f64>>), hound::Error> {
    let mut file = hound::WavReader::open(path)?;
    let spec = file.spec();
    let width = usize::from(spec.channels).max(1);
    let full = libm::exp2(f64::from(spec.bits_per_sample) - 1.0);
    let mut channels = vec![Vec::new(); width];
    for (i, x) in file.samples::<i32>().enumerate() {
        channels[i % width].push(f64::from(x?) / full);
    }
    Ok((f64::from(spec.sample_rate), channels))
}
