//! Measuring tools for tests and command-line tools.
//!
//! Lives here: signals to measure with, levels, spectrum at a frequency, reverberation time, clicks. May be
//! named here: the filter of `eq`. Runs anywhere but on the audio thread: it allocates.

mod clicks;

pub use clicks::find_clicks;

use super::eq::{Eq, EqBand, EqParams, EqShape};
use super::{BLOCK, Processor, StereoMut};
use crate::units::Hertz;
use std::f64::consts::TAU;

/// A sine of `freq` hertz, from phase zero.
pub fn sine(freq: f32, amplitude: f32, sample_rate: u32, frames: usize) -> Vec<f32> {
    let step = TAU * f64::from(freq) / f64::from(sample_rate);
    (0..frames).map(|i| (f64::from(amplitude) * libm::sin(step * i as f64)) as f32).collect()
}

/// Evenly distributed noise within ±`amplitude`; the same for the same seed, everywhere.
pub fn noise(seed: u64, amplitude: f32, frames: usize) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        // SplitMix64 (Steele, Lea, Flood 2014).
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f32 / 8_388_608.0 - 1.0
    };
    (0..frames).map(|_| amplitude * next()).collect()
}

/// An amplitude in decibels; minus infinity for zero.
pub fn decibels(amplitude: f32) -> f32 {
    super::math::amplitude_to_db(amplitude)
}

/// The root mean square in decibels; -3.01 for a full-scale sine, minus infinity for silence.
pub fn rms_db(signal: &[f32]) -> f32 {
    let sum: f64 = signal.iter().map(|x| f64::from(*x) * f64::from(*x)).sum();
    (10.0 * libm::log10(sum / signal.len().max(1) as f64)) as f32
}

/// The largest absolute sample in decibels.
pub fn peak_db(signal: &[f32]) -> f32 {
    decibels(signal.iter().fold(0.0, |top, x| f32::max(top, x.abs())))
}

/// The correlation with cosine and sine of `freq`, with Hann's window if asked, normalised to amplitude.
fn correlate(signal: &[f32], freq: f32, sample_rate: u32, hann: bool) -> (f64, f64) {
    let step = TAU * f64::from(freq) / f64::from(sample_rate);
    let (mut cos, mut sin, mut weight) = (0.0, 0.0, 0.0);
    for (i, x) in signal.iter().enumerate() {
        let window =
            if hann { 0.5 - 0.5 * libm::cos(TAU * (i as f64 + 0.5) / signal.len() as f64) } else { 1.0 };
        let (s, c) = libm::sincos(step * i as f64);
        cos += window * c * f64::from(*x);
        sin += window * s * f64::from(*x);
        weight += window;
    }
    (2.0 * cos / f64::max(weight, 1.0), 2.0 * sin / f64::max(weight, 1.0))
}

/// The amplitude of the component at `freq`: one bin of a Fourier transform, exact for whole periods.
pub fn goertzel(signal: &[f32], freq: f32, sample_rate: u32) -> f32 {
    let (cos, sin) = correlate(signal, freq, sample_rate, false);
    libm::hypot(cos, sin) as f32
}

/// The amplitude of a tone at `freq` through Hann's window: for any length, if other tones are at least
/// `4 * sample_rate / len` hertz away.
pub fn amplitude_at(signal: &[f32], freq: f32, sample_rate: u32) -> f32 {
    let (cos, sin) = correlate(signal, freq, sample_rate, true);
    libm::hypot(cos, sin) as f32
}

/// What remains without the tone at `freq`, relative to that tone, in decibels: THD+N over the whole band.
///
/// The tone is fitted by least squares and subtracted.
pub fn residual_db(signal: &[f32], freq: f32, sample_rate: u32) -> f32 {
    let step = TAU * f64::from(freq) / f64::from(sample_rate);
    let (mut cc, mut ss, mut cs, mut xc, mut xs) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (i, x) in signal.iter().enumerate() {
        let (s, c) = libm::sincos(step * i as f64);
        let x = f64::from(*x);
        (cc, ss, cs, xc, xs) = (cc + c * c, ss + s * s, cs + c * s, xc + x * c, xs + x * s);
    }
    let det = cc * ss - cs * cs;
    let (a, b) = ((xc * ss - xs * cs) / det, (xs * cc - xc * cs) / det);
    let (mut rest, mut tone) = (0.0, 0.0);
    for (i, x) in signal.iter().enumerate() {
        let (s, c) = libm::sincos(step * i as f64);
        let fit = a * c + b * s;
        tone += fit * fit;
        rest += (f64::from(*x) - fit) * (f64::from(*x) - fit);
    }
    (10.0 * libm::log10(rest / tone)) as f32
}

/// The largest difference between two samples in a row.
pub fn largest_step(signal: &[f32]) -> f32 {
    signal.windows(2).fold(0.0, |top, pair| f32::max(top, (pair[1] - pair[0]).abs()))
}

/// The octave around `centre`: corners at `centre / √2` and `centre √2`, 24 dB per octave each.
pub fn octave_band(signal: &[f32], centre: f32, sample_rate: u32) -> Vec<f32> {
    let root = std::f32::consts::SQRT_2;
    let mut params = EqParams::default();
    // Two filters of the second order with these qualities make a Butterworth filter of the fourth.
    let bands = [(EqShape::HighPass, centre / root), (EqShape::LowPass, centre * root)];
    for (pair, (shape, freq)) in params.bands.chunks_mut(2).zip(bands) {
        for (slot, q) in pair.iter_mut().zip([0.541_2, 1.306_6]) {
            *slot = Some(EqBand { shape, freq: Hertz::clamped(freq), q, ..EqBand::default() });
        }
    }
    let mut eq = Eq::new(&params, sample_rate);
    let (mut out, mut other) = (signal.to_vec(), [0.0; BLOCK]);
    for part in out.chunks_mut(BLOCK) {
        let right = &mut other[..part.len()];
        eq.process(&mut StereoMut { left: part, right }, None);
    }
    out
}

/// The reverberation time of an impulse response in seconds, of the octave around `octave` if given.
///
/// Schroeder's backward integration ("New Method of Measuring Reverberation Time", JASA 37, 1965), and a
/// straight line fitted between -5 and -35 dB (T30 of ISO 3382). None if it does not decay that far.
pub fn rt60(impulse: &[f32], sample_rate: u32, octave: Option<f32>) -> Option<f32> {
    let band = octave.map(|centre| octave_band(impulse, centre, sample_rate));
    let signal = band.as_deref().unwrap_or(impulse);
    let mut curve: Vec<f64> = signal.iter().map(|x| f64::from(*x) * f64::from(*x)).collect();
    let mut sum = 0.0;
    for x in curve.iter_mut().rev() {
        sum += *x;
        *x = sum;
    }
    if sum <= 0.0 {
        return None;
    }
    let level = |x: f64| 10.0 * libm::log10(x / sum);
    let start = curve.iter().position(|x| level(*x) < -5.0)?;
    let end = curve.iter().position(|x| level(*x) < -35.0)?;
    let (mut n, mut st, mut sl, mut stt, mut stl) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (i, x) in curve.iter().enumerate().take(end).skip(start) {
        let (t, l) = ((i - start) as f64 / f64::from(sample_rate), level(*x));
        (n, st, sl, stt, stl) = (n + 1.0, st + t, sl + l, stt + t * t, stl + t * l);
    }
    let slope = (n * stl - st * sl) / (n * stt - st * st);
    (slope < 0.0).then_some((-60.0 / slope) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_of_a_sine_are_known() {
        let tone = sine(1000.0, 0.5, 48_000, 48_000);
        assert!((rms_db(&tone) + 9.031).abs() < 1e-3 && (peak_db(&tone) + 6.0206).abs() < 1e-3);
        assert!((goertzel(&tone, 1000.0, 48_000) - 0.5).abs() < 1e-6);
        assert!(goertzel(&tone, 2000.0, 48_000) < 1e-6);
        assert!((amplitude_at(&tone[..9999], 1000.0, 48_000) - 0.5).abs() < 1e-4);
        assert!((largest_step(&tone) - 0.5 * 0.130_53).abs() < 1e-5);
        assert!(residual_db(&tone, 1000.0, 48_000) < -140.0);
    }

    #[test]
    fn the_reverberation_time_of_an_exponential_is_its_own() {
        for seconds in [0.3, 1.0, 2.5] {
            let mut decay = noise(7, 1.0, 48_000 * 4);
            for (i, x) in decay.iter_mut().enumerate() {
                *x *= libm::exp10f(-3.0 * i as f32 / (48_000.0 * seconds));
            }
            for octave in [None, Some(1000.0)] {
                let measured = rt60(&decay, 48_000, octave).unwrap();
                assert!((measured / seconds - 1.0).abs() < 0.05, "{seconds} s, {octave:?}: {measured} s");
            }
        }
        assert_eq!(rt60(&[0.0; 100], 48_000, None), None);
    }
}
