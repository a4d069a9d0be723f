//! A sound to work with.

use std::path::Path;

/// Writes a sine at 440 Hz with an amplitude of a half, 16 bit mono at 48 kHz, of that many frames.
pub fn write_tone(path: &Path, frames: u32) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 48_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(path, spec).expect("a file");
    for frame in 0..frames {
        let phase = f64::from(frame) * 440.0 / 48_000.0 * std::f64::consts::TAU;
        wav.write_sample((phase.sin() * 16_384.0).round() as i16).expect("a sample");
    }
    wav.finalize().expect("a file");
}
