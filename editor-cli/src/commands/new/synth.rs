//! The sounds of a new project, computed: so they are everybody's, and the binary needs no files beside it.

use std::f64::consts::TAU;
use std::path::Path;

/// Frames per second.
const RATE: u32 = 48_000;

/// All sounds by their file's name; one channel, full scale at 1.
pub fn all() -> Vec<(&'static str, Vec<f64>)> {
    vec![
        ("pad.wav", pad()),
        ("step_1.wav", step(1, 620.0)),
        ("step_2.wav", step(2, 480.0)),
        ("blip.wav", blip()),
    ]
}

/// Writes a sound as a WAV file of 16 bits.
pub fn write(path: &Path, samples: &[f64]) -> Result<(), hound::Error> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(path, spec)?;
    for sample in samples {
        wav.write_sample((sample.clamp(-1.0, 1.0) * f64::from(i16::MAX)).round() as i16)?;
    }
    wav.finalize()
}

/// So many seconds of a function of time.
fn render(seconds: f64, mut of: impl FnMut(f64) -> f64) -> Vec<f64> {
    let frames = (seconds * f64::from(RATE)) as u32;
    (0..frames).map(|frame| of(f64::from(frame) / f64::from(RATE))).collect()
}

/// A soft chord of four seconds. Every frequency and every swing fits whole times into it, so it loops without a seam.
fn pad() -> Vec<f64> {
    const SECONDS: f64 = 4.0;
    let whole = |frequency: f64| (frequency * SECONDS).round() / SECONDS;
    // A minor ninth: A, E, C, G, B, each with a second voice a quarter of a hertz beside it.
    let notes = [110.0, 164.81, 261.63, 392.0, 493.88].map(whole);
    render(SECONDS, |time| {
        let note = |(index, frequency): (usize, &f64)| {
            let swing = 0.75 + 0.25 * (TAU * time * 0.25 + index as f64 * 1.3).sin();
            let voice = |hertz: f64| (TAU * hertz * time).sin() + 0.3 * (TAU * 2.0 * hertz * time).sin();
            swing * (voice(*frequency) + voice(frequency + 0.25)) / (1.0 + index as f64)
        };
        notes.iter().enumerate().map(note).sum::<f64>() * 0.1
    })
}

/// Noise through a resonance, with the heel a little before the toe.
fn step(seed: u32, resonance: f64) -> Vec<f64> {
    let mut state = seed;
    // A linear congruential generator (Numerical Recipes): the same noise on every machine.
    let mut noise = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 23) - 1.0
    };
    // A state-variable band-pass in trapezoidal form (Zavalishin), quality 1.5.
    let g = (TAU / 2.0 * resonance / f64::from(RATE)).tan();
    let k = 1.0 / 1.5;
    let scale = 1.0 / (1.0 + g * (g + k));
    let (mut band, mut low) = (0.0, 0.0);
    let samples = render(0.22, |time| {
        let burst = |from: f64, decay: f64| if time < from { 0.0 } else { (-(time - from) / decay).exp() };
        let rise = (time / 0.002).min(1.0);
        let fall = ((0.22 - time) / 0.03).min(1.0);
        let input = noise() * rise * fall * (burst(0.0, 0.018) + 0.6 * burst(0.07, 0.03));
        let passed = scale * (band + g * (input - low));
        let lows = low + g * passed;
        band = 2.0 * passed - band;
        low = 2.0 * lows - low;
        passed
    });
    normalised(samples, 0.7)
}

/// Three tones of a robot in good spirits, with vibrato and a few harmonics.
fn blip() -> Vec<f64> {
    const TONES: [(f64, f64, f64); 3] = [(0.0, 0.35, 440.0), (0.4, 0.3, 587.33), (0.75, 0.75, 523.25)];
    let samples = render(1.6, |time| {
        let tone = |(from, length, frequency): &(f64, f64, f64)| {
            let own = time - from;
            if !(0.0..*length).contains(&own) {
                return 0.0;
            }
            let shape = (own / 0.01).min(1.0) * ((length - own) / 0.08).min(1.0);
            let phase = TAU * frequency * own + 0.8 * (TAU * 6.0 * own).sin();
            shape
                * (1..=4)
                    .map(|harmonic| (phase * f64::from(harmonic)).sin() / f64::from(harmonic))
                    .sum::<f64>()
        };
        TONES.iter().map(tone).sum()
    });
    normalised(samples, 0.6)
}

/// The same with its highest sample at `peak`.
fn normalised(samples: Vec<f64>, peak: f64) -> Vec<f64> {
    let highest = samples.iter().fold(1e-9_f64, |highest, sample| highest.max(sample.abs()));
    samples.into_iter().map(|sample| sample * peak / highest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sounds_are_loud_enough_never_clip_and_begin_and_end_without_a_click() {
        for (name, samples) in all() {
            let peak = samples.iter().fold(0.0_f64, |peak, sample| peak.max(sample.abs()));
            assert!((0.2..=0.9).contains(&peak), "{name}: {peak}");
            let ends =
                [samples.first(), samples.last()].map(|sample| sample.map_or(1.0, |sample| sample.abs()));
            assert!(name == "pad.wav" || ends.iter().all(|end| *end < 0.01), "{name}: {ends:?}");
        }
    }

    #[test]
    fn the_pad_loops_without_a_seam() {
        let samples = pad();
        let steps = samples.windows(2).map(|pair| (pair[1] - pair[0]).abs());
        let steepest = steps.fold(0.0, f64::max);
        let seam = (samples[0] - samples[samples.len() - 1]).abs();
        assert!(seam <= steepest, "{seam} is more than {steepest}");
    }
}
