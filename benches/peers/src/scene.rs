//! What every engine plays: the sounds, and each voice's sound, rate, gain, place and bus.
//!
//! All by formulas, so that a voice is the same in every engine and in every run.

use crate::BLOCK;
use std::sync::Arc;
use tonmeister::dsp::measure;

/// The rate of the output.
pub const RATE: u32 = 48_000;
/// The rate of the sounds; every engine has to resample them.
pub const SOUND_RATE: u32 = 44_100;
/// How many buses the third scene has.
pub const BUSES: usize = 8;
/// The corner of their low-passes.
pub const LOW_PASS_HZ: f32 = 6000.0;
/// The level of their sends into the reverb.
pub const SEND_DB: f32 = -12.0;
const SOUNDS: usize = 16;

/// What is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// Looping voices, each at its own rate and gain.
    Flat,
    /// The same, each at its own place around the listener.
    Spatial,
    /// The same through eight buses with a low-pass each, a reverb that all send to, and a limiter.
    Buses,
}

impl Scene {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Flat, Self::Spatial, Self::Buses];

    /// Its name in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flat => "flat",
            Self::Spatial => "spatial",
            Self::Buses => "spatial, 8 buses with low-pass, reverb send, limiter",
        }
    }
}

/// A second of band-limited noise, mono, at [`SOUND_RATE`].
pub type Sound = Arc<[f32]>;

/// The sounds that the voices share. Their top is low enough for linear interpolation to do them justice, so that
/// every engine's output can be compared with the reference.
pub fn sounds() -> Vec<Sound> {
    let sound = |seed: usize| {
        let (mut first, mut second) = (0.0, 0.0);
        let smooth = |sample: f32| {
            first += 0.2 * (sample - first);
            second += 0.2 * (first - second);
            second * 2.0
        };
        measure::noise(seed as u64 + 1, 0.5, SOUND_RATE as usize).into_iter().map(smooth).collect()
    };
    (0..SOUNDS).map(sound).collect()
}

/// One voice.
#[derive(Debug, Clone, Copy)]
pub struct Voice {
    /// Which of the sounds it loops.
    pub sound: usize,
    /// How much faster than recorded: 0.9 to 1.1, never 1.
    pub rate: f64,
    /// Its gain: never 0 dB, which some engines take a short way for.
    pub gain_db: f32,
    /// Where it is, in metres; the listener is at the origin and looks along -z.
    pub place: [f32; 3],
    /// Its bus in [`Scene::Buses`].
    pub bus: usize,
}

impl Voice {
    /// The first `count` voices.
    pub fn all(count: usize) -> impl Iterator<Item = Self> {
        (0..count).map(|index| {
            let golden = (index as f64 * 0.618_033_988 + 0.31).fract();
            let angle = index as f32 * 2.4;
            let distance = 3.0 + index as f32 * 0.02;
            Self {
                sound: index % SOUNDS,
                rate: 0.9 + 0.2 * golden,
                gain_db: -30.0 - (index % 7) as f32,
                place: [angle.sin() * distance, 0.0, -angle.cos() * distance],
                bus: index % BUSES,
            }
        })
    }
}

/// The flat scene as plainly as it can be written, in mono: what every engine should sound like.
pub fn reference(sounds: &[Sound], voices: usize, frames: usize) -> Vec<f32> {
    let mut out = vec![0.0; frames];
    for voice in Voice::all(voices) {
        let sound = &sounds[voice.sound];
        let gain = f64::from(10_f32.powf(voice.gain_db / 20.0));
        let step = voice.rate * f64::from(SOUND_RATE) / f64::from(RATE);
        for (frame, out) in out.iter_mut().enumerate() {
            let at = frame as f64 * step;
            let (whole, part) = (at as usize, at.fract());
            let [a, b] = [0, 1].map(|next| f64::from(sound[(whole + next) % sound.len()]));
            *out += ((a + part * (b - a)) * gain) as f32;
        }
    }
    out
}

/// How an output compares with the reference.
pub struct Likeness {
    /// The output's level.
    pub rms_db: f32,
    /// The correlation at the lag where it is strongest.
    pub correlation: f64,
}

/// Compares an output with the reference over half a second that holds a loop's seam. Engines start a little later
/// than they are told, and some let the sound travel; up to a thousand frames are allowed for.
pub fn compare(out: &[f32], reference: &[f32]) -> Likeness {
    const MOST: usize = 1024;
    let (from, count) = (RATE as usize * 3 / 4, RATE as usize / 2);
    let reference = &reference[from - BLOCK..][..count];
    let energy = |signal: &[f32]| signal.iter().map(|x| f64::from(x * x)).sum::<f64>();
    let mut correlation: f64 = 0.0;
    for lag in 0..MOST {
        let out = &out[from - BLOCK + lag..][..count];
        let product: f64 = out.iter().zip(reference).map(|(a, b)| f64::from(a * b)).sum();
        let found = product / (energy(out) * energy(reference)).sqrt().max(1e-30);
        if found.abs() > correlation.abs() {
            correlation = found;
        }
    }
    Likeness { rms_db: measure::rms_db(&out[from..from + count]), correlation }
}

/// The frames that [`compare`] needs.
pub const COMPARED: usize = RATE as usize * 3 / 2;
