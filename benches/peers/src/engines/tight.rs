//! The voices with no engine around them: what the arithmetic alone costs in plain Rust loops.
//!
//! `copy` is a ramped multiply-add from the sound into two channels, without resampling. `sinc` is a pitched voice:
//! an 8-tap windowed sinc, the nearest of a table's 512 phases, and ramped gains; in space also a one-pole low-pass and
//! a send, ramped as well. Neither has buses.

use super::Render;
use crate::BLOCK;
use crate::scene::{RATE, SOUND_RATE, Scene, Sound, Voice};

const TAPS: usize = 8;
const PHASES: usize = 512;
/// Voices that are filtered side by side.
const TOGETHER: usize = 4;

type Channel = [f32; BLOCK];

pub(super) fn copy(_: Scene, voices: usize, sounds: &[Sound]) -> Result<Box<dyn Render>, String> {
    Ok(Box::new(Copy {
        voices: Voice::all(voices).map(Gained::new).collect(),
        sounds: sounds.to_vec(),
        at: 0,
    }))
}

struct Gained {
    sound: usize,
    gains: [f32; 3],
    steps: [f32; 3],
}

impl Gained {
    fn new(voice: Voice) -> Self {
        let gain = 10_f32.powf(voice.gain_db / 20.0);
        // Small enough to stay small, and not known to be zero.
        let step = gain * 1e-9 * voice.rate as f32;
        Self { sound: voice.sound, gains: [gain, gain, gain * 0.25], steps: [step; 3] }
    }
}

struct Copy {
    voices: Vec<Gained>,
    sounds: Vec<Sound>,
    at: usize,
}

impl Render for Copy {
    fn block(&mut self, out: &mut [f32]) {
        let mut mix = [[0.0; BLOCK]; 2];
        self.at = (self.at + BLOCK) % (SOUND_RATE as usize - BLOCK);
        for voice in &mut self.voices {
            let source = &self.sounds[voice.sound][self.at..self.at + BLOCK];
            for (side, mix) in mix.iter_mut().enumerate() {
                add(mix, source, &mut voice.gains[side], voice.steps[side]);
            }
        }
        interleave(&mix, out);
    }
}

fn add(mix: &mut Channel, source: &[f32], gain: &mut f32, step: f32) {
    for (frame, (mix, sample)) in (0_i32..).zip(mix.iter_mut().zip(source)) {
        *mix += sample * (*gain + step * frame as f32);
    }
    *gain += step * BLOCK as f32;
}

fn interleave(mix: &[Channel; 2], out: &mut [f32]) {
    for (out, (left, right)) in out.chunks_exact_mut(2).zip(mix[0].iter().zip(&mix[1])) {
        (out[0], out[1]) = (*left, *right);
    }
}

pub(super) fn sinc(scene: Scene, voices: usize, sounds: &[Sound]) -> Result<Box<dyn Render>, String> {
    // Each sound begins with its last samples and ends with its first.
    let padded = |sound: &Sound| {
        let last = &sound[sound.len() - TAPS..];
        last.iter().chain(&**sound).chain(&sound[..TAPS]).copied().collect()
    };
    let pitched = |voice: Voice| Pitched {
        at: 0,
        step: (voice.rate * f64::from(SOUND_RATE) / f64::from(RATE) * 4_294_967_296.0) as u64,
        memory: 0.0,
        gained: Gained::new(voice),
    };
    Ok(Box::new(Sinc {
        voices: Voice::all(voices).map(pitched).collect(),
        sounds: sounds.iter().map(padded).collect(),
        table: table(),
        spatial: scene != Scene::Flat,
    }))
}

struct Pitched {
    /// The place in the sound, in steps of 2^-32 samples.
    at: u64,
    step: u64,
    memory: f32,
    gained: Gained,
}

struct Sinc {
    voices: Vec<Pitched>,
    sounds: Vec<Vec<f32>>,
    table: Box<[[f32; TAPS]; PHASES]>,
    spatial: bool,
}

impl Render for Sinc {
    fn block(&mut self, out: &mut [f32]) {
        let mut mix = [[0.0; BLOCK]; 2];
        let mut send = [0.0; BLOCK];
        let mut pitched = [[0.0; BLOCK]; TOGETHER];
        for voices in self.voices.chunks_mut(TOGETHER) {
            for (Pitched { at, step, gained, .. }, pitched) in voices.iter_mut().zip(&mut pitched) {
                resample(&self.sounds[gained.sound], &self.table, at, *step, pitched);
            }
            if self.spatial {
                low_pass(voices, &mut pitched);
            }
            for (Pitched { gained, .. }, pitched) in voices.iter_mut().zip(&pitched) {
                if self.spatial {
                    add(&mut send, pitched, &mut gained.gains[2], gained.steps[2]);
                }
                for (side, mix) in mix.iter_mut().enumerate() {
                    add(mix, pitched, &mut gained.gains[side], gained.steps[side]);
                }
            }
        }
        interleave(&mix, out);
        std::hint::black_box(&send);
    }
}

/// Several voices side by side, since each output waits for the one before it.
fn low_pass(voices: &mut [Pitched], pitched: &mut [Channel; TOGETHER]) {
    let mut memory = [0.0; TOGETHER];
    for (memory, voice) in memory.iter_mut().zip(&*voices) {
        *memory = voice.memory;
    }
    for frame in 0..BLOCK {
        for (memory, pitched) in memory.iter_mut().zip(&mut *pitched) {
            *memory = 0.7 * pitched[frame] + 0.3 * *memory;
            pitched[frame] = *memory;
        }
    }
    for (memory, voice) in memory.iter().zip(voices) {
        voice.memory = *memory;
    }
}

fn resample(sound: &[f32], table: &[[f32; TAPS]; PHASES], at: &mut u64, step: u64, out: &mut Channel) {
    let end = ((sound.len() - 2 * TAPS) as u64) << 32;
    let mut done = 0;
    // Once round the seam at most.
    while done < BLOCK {
        let count = ((end - *at).div_ceil(step) as usize).min(BLOCK - done);
        for out in &mut out[done..done + count] {
            // The sound's first sample is the padding's eighth; three are read before the place.
            let first = (*at >> 32) as usize + TAPS - 3;
            let taps: &[f32; TAPS] = sound[first..].first_chunk().expect("the sound is padded");
            let c = &table[(*at as u32 >> 23) as usize];
            // In two halves of four, as the registers are.
            let mut sums = [0.0; TAPS / 2];
            for (half, c) in taps.chunks_exact(TAPS / 2).zip(c.chunks_exact(TAPS / 2)) {
                for ((sum, tap), c) in sums.iter_mut().zip(half).zip(c) {
                    *sum += tap * c;
                }
            }
            *out = (sums[0] + sums[2]) + (sums[1] + sums[3]);
            *at += step;
        }
        done += count;
        if *at >= end {
            *at -= end;
        }
    }
}

/// A sinc in a window of cosines (Blackman's).
fn table() -> Box<[[f32; TAPS]; PHASES]> {
    use std::f64::consts::PI;
    let row = |phase: usize| {
        std::array::from_fn(|tap| {
            let x = tap as f64 - 3.0 - phase as f64 / PHASES as f64;
            let edge = PI * x / (TAPS as f64 / 2.0);
            let window = 0.42 + 0.5 * edge.cos() + 0.08 * (2.0 * edge).cos();
            let sinc = if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) };
            (sinc * window) as f32
        })
    };
    Box::new(std::array::from_fn(row))
}
