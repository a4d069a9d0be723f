//! Sounds that are computed: tones and noise.
//!
//! Lives here: what a [`Synth`] comes to, in frames. A tone is the sum of its harmonics below half the rate, so nothing folds
//! back; a loop of one is a whole number of periods. May be named here: `libm`, `fade`. Allocates; for workers.

use super::fade::{FadeShape, bend};
pub use crate::effects::{NoiseColor, Synth, ToneShape, Wave};
use std::f64::consts::{PI, TAU};

/// How long a loop of noise is crossfaded from its end into its beginning, in seconds.
const SEAM: f64 = 0.05;
/// The longest loop of a tone, in seconds.
const LONGEST: f64 = 1.0;
/// How far a tone that is a repeated loop may be off at its end, in periods: -150 dB of it.
const DRIFT: f64 = 5e-9;
/// The corners of the low-passes that pink noise is the sum of: the lowest, in hertz, and how many octaves up from there.
const PINK: (f64, usize) = (8.0, 12);

/// What is computed, at `sample_rate` frames per second: its length, or a loop. At least one frame.
pub fn render(synth: &Synth, sample_rate: u32) -> Vec<f32> {
    let rate = f64::from(sample_rate.max(1));
    let frames = |seconds: f64| (libm::round(seconds * rate) as usize).max(1);
    let length = synth.length.map(|length| frames(f64::from(length.get())));
    match (synth.wave, length) {
        (Wave::Tone(shape, freq), Some(length)) => {
            let frequency = f64::from(freq.get()) / rate;
            let (periods, lap) = lap(frequency, frames(LONGEST));
            let exact = periods as f64 / lap as f64;
            // Most frequencies that people write are whole periods in less than a second: the rest is the same again.
            if lap < length && (exact - frequency).abs() * length as f64 <= DRIFT {
                tone(shape, exact, lap).into_iter().cycle().take(length).collect()
            } else {
                tone(shape, frequency, length)
            }
        }
        (Wave::Tone(shape, freq), None) => {
            let (periods, frames) = lap(f64::from(freq.get()) / rate, frames(LONGEST));
            tone(shape, periods as f64 / frames as f64, frames)
        }
        (Wave::Noise(color, seed), Some(frames)) => noise(color, seed, frames, rate),
        (Wave::Noise(color, seed), None) => {
            let (lap, seam) = (frames(f64::from(Synth::NOISE_LOOP)), frames(SEAM));
            let mut noise = noise(color, seed, lap + seam, rate);
            for i in 0..seam {
                let way = (i as f32 + 0.5) / seam as f32;
                let mut gains = [1.0 - way, way];
                bend(FadeShape::EqualPower, &mut gains);
                noise[lap + i] = gains[0] * noise[lap + i] + gains[1] * noise[i];
            }
            noise.drain(..seam);
            noise
        }
    }
}

/// The loop nearest to a frequency, in periods per frame: how many periods in how many frames. The shortest of equals.
fn lap(frequency: f64, most: usize) -> (usize, usize) {
    let mut best = (1, libm::round(1.0 / frequency).max(1.0) as usize);
    let mut least = f64::INFINITY;
    for periods in 1..=((frequency * most as f64) as usize).max(1) {
        let exact = periods as f64 / frequency;
        let frames = libm::round(exact).max(1.0);
        let error = (exact - frames).abs() / frames;
        if error < least * 0.999 {
            (best, least) = ((periods, frames as usize), error);
        }
        if error < 1e-12 {
            break;
        }
    }
    best
}

/// A tone of so many periods per frame.
fn tone(shape: ToneShape, frequency: f64, frames: usize) -> Vec<f32> {
    let most = ((0.5 / frequency) as usize).max(1);
    // The last one that is wholly below half the rate.
    let most = if most as f64 * frequency >= 0.5 { (most - 1).max(1) } else { most };
    let mut harmonics: Vec<f64> = (1..=most).map(|number| harmonic(shape, number)).collect();
    // A sine has one.
    harmonics.truncate(harmonics.iter().rposition(|&harmonic| harmonic != 0.0).map_or(1, |last| last + 1));
    let frame = |frame: usize| {
        let periods = frame as f64 * frequency;
        sum(&harmonics, TAU * (periods - libm::floor(periods))) as f32
    };
    (0..frames).map(frame).collect()
}

/// How much of a harmonic there is, the first being 1: Fourier's series of the shapes from -1 to 1.
fn harmonic(shape: ToneShape, number: usize) -> f64 {
    let (n, odd) = (number as f64, number % 2 == 1);
    match shape {
        ToneShape::Sine => f64::from(u8::from(number == 1)),
        ToneShape::Triangle if odd => {
            let turn = if number % 4 == 1 { 1.0 } else { -1.0 };
            turn * 8.0 / (PI * PI * n * n)
        }
        ToneShape::Square if odd => 4.0 / (PI * n),
        ToneShape::Triangle | ToneShape::Square => 0.0,
        ToneShape::Saw => {
            let turn = if odd { 1.0 } else { -1.0 };
            turn * 2.0 / (PI * n)
        }
    }
}

/// The sum of `a[n] sin((n + 1) x)`, by Clenshaw's recursion.
fn sum(harmonics: &[f64], x: f64) -> f64 {
    let twice = 2.0 * libm::cos(x);
    let (mut last, mut before) = (0.0, 0.0);
    for harmonic in harmonics.iter().rev() {
        (last, before) = (harmonic + twice * last - before, last);
    }
    last * libm::sin(x)
}

/// Even noise from -1 to 1.
struct Noise(u64);

impl Noise {
    fn new(seed: u32) -> Self {
        Self((u64::from(seed) << 1 | 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// The next number of an xorshift generator (G. Marsaglia, 2003) with a multiplied output.
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let bits = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11;
        bits as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

/// Noise, both colours of the same power: that of even numbers from -1 to 1, -4.8 dB.
fn noise(color: NoiseColor, seed: u32, frames: usize, rate: f64) -> Vec<f32> {
    let mut white = Noise::new(seed);
    if color == NoiseColor::White {
        return (0..frames).map(|_| white.next() as f32).collect();
    }
    // Noise through low-passes an octave apart, each giving the same power, falls by 3 dB per octave.
    let (lowest, octaves) = PINK;
    let mut passes = Vec::with_capacity(octaves);
    let mut corner = lowest;
    for _ in 0..octaves {
        let share = 1.0 - libm::exp(-TAU * corner / rate);
        passes.push((share, libm::sqrt((2.0 - share) / (share * octaves as f64)), 0.0));
        corner *= 2.0;
    }
    let mut next = || {
        let mut sum = 0.0;
        for (share, gain, held) in &mut passes {
            *held += *share * (white.next() - *held);
            sum += *gain * *held;
        }
        sum
    };
    // Until the lowest has forgotten that it began with nothing.
    for _ in 0..(rate * 0.1) as usize {
        next();
    }
    (0..frames).map(|_| next() as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Hertz, Seconds};

    const RATE: f64 = 48_000.0;

    fn synth(wave: Wave, length: Option<f32>) -> Vec<f32> {
        render(&Synth { wave, length: length.map(Seconds::clamped) }, RATE as u32)
    }

    /// How much of a frequency there is, as the amplitude of its sine.
    fn amplitude(signal: &[f32], hertz: f64) -> f64 {
        let (mut re, mut im) = (0.0, 0.0);
        for (n, x) in signal.iter().enumerate() {
            let x = f64::from(*x);
            re += x * libm::cos(TAU * hertz * n as f64 / RATE);
            im += x * libm::sin(TAU * hertz * n as f64 / RATE);
        }
        2.0 * libm::sqrt(re * re + im * im) / signal.len() as f64
    }

    #[test]
    fn shapes_have_their_harmonics_and_nothing_folds_back() {
        // A fifth of a second holds whole periods of 1 and of 7.3 kHz.
        for (shape, expected) in [
            (ToneShape::Sine, [1.0, 0.0, 0.0]),
            (ToneShape::Triangle, [0.8106, 0.0, 0.0901]),
            (ToneShape::Square, [4.0 / PI, 0.0, 4.0 / (3.0 * PI)]),
            (ToneShape::Saw, [2.0 / PI, 1.0 / PI, 2.0 / (3.0 * PI)]),
        ] {
            let tone = synth(Wave::Tone(shape, Hertz::clamped(1000.0)), Some(0.2));
            assert_eq!(tone.len(), 9600);
            for (number, expected) in (1..).zip(expected) {
                let got = amplitude(&tone, 1000.0 * f64::from(number));
                assert!((got - expected).abs() < 1e-3, "{shape:?} {number}: {got}, not {expected}");
            }
            // The fourth harmonic of 7.3 kHz would fold back to 18.8 kHz, the fifth to 11.5 kHz.
            let high = synth(Wave::Tone(shape, Hertz::clamped(7300.0)), Some(0.2));
            for alias in [18_800.0, 11_500.0, 4200.0] {
                assert!(amplitude(&high, alias) < 1e-5, "{shape:?}: {} at {alias}", amplitude(&high, alias));
            }
        }
    }

    #[test]
    fn a_loop_is_whole_periods_of_the_pitch_that_was_asked_for() {
        for hertz in [20.0_f32, 55.0, 440.0, 441.3, 999.9, 12_345.6] {
            let (periods, frames) = lap(f64::from(hertz) / RATE, 48_000);
            let cents = 1200.0 * libm::log2(periods as f64 / frames as f64 * RATE / f64::from(hertz));
            assert!(cents.abs() < 0.01 && frames <= 48_000, "{hertz}: {cents} cents in {frames} frames");
            let tone = synth(Wave::Tone(ToneShape::Sine, Hertz::clamped(hertz)), None);
            // Its end goes on in its beginning as everywhere else.
            let next = 2.0 * libm::cos(TAU * periods as f64 / frames as f64) * f64::from(tone[frames - 1])
                - f64::from(tone[frames - 2]);
            assert!((next - f64::from(tone[0])).abs() < 1e-4, "{hertz}: {next} and {}", tone[0]);
        }
        assert_eq!(lap(440.0 / RATE, 48_000), (11, 1200));
    }

    #[test]
    fn a_long_tone_is_the_one_that_would_be_summed_frame_by_frame() {
        for (shape, hertz) in
            [(ToneShape::Sine, 100.0_f32), (ToneShape::Saw, 440.0), (ToneShape::Square, 441.3)]
        {
            let made = synth(Wave::Tone(shape, Hertz::clamped(hertz)), Some(3.0));
            let summed = tone(shape, f64::from(hertz) / RATE, 144_000);
            let off = made.iter().zip(&summed).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(made.len() == summed.len() && off < 1e-5, "{shape:?} at {hertz} Hz: off by {off}");
        }
    }

    #[test]
    fn noise_is_as_loud_as_it_says_and_of_its_colour() {
        let power = |signal: &[f32], from: usize, to: usize| {
            // The power of a band, from single frequencies of it.
            let lines: Vec<f64> =
                (0..160).map(|n| from as f64 + (to - from) as f64 * f64::from(n) / 160.0).collect();
            let mean =
                lines.iter().map(|hertz| amplitude(&signal[..24_000], *hertz).powi(2)).sum::<f64>() / 160.0;
            10.0 * libm::log10(mean * (to - from) as f64)
        };
        for (color, per_octave) in [(NoiseColor::White, 3.01), (NoiseColor::Pink, 0.0)] {
            let noise = synth(Wave::Noise(color, 0), None);
            let square = noise.iter().map(|x| f64::from(x * x)).sum::<f64>() / noise.len() as f64;
            assert!((10.0 * libm::log10(square) + 4.77).abs() < 0.6, "{color:?}: {square}");
            let (low, high) = (power(&noise, 250, 500), power(&noise, 4000, 8000));
            assert!((high - low - 4.0 * per_octave).abs() < 2.0, "{color:?}: {low} and {high} dB");
            assert_ne!(noise, synth(Wave::Noise(color, 1), None));
            assert_eq!(noise, synth(Wave::Noise(color, 0), None));
            assert_eq!(noise.len(), 192_000);
        }
        // No step where a loop of pink noise goes over into its beginning.
        let pink = synth(Wave::Noise(NoiseColor::Pink, 0), None);
        let steps: Vec<f32> = pink.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
        let most = steps.iter().copied().fold(0.0, f32::max);
        assert!((pink[0] - pink[pink.len() - 1]).abs() <= most);
    }
}
