//! Measuring tools for tests and command-line tools.
//!
//! Lives here: signals to measure with, levels, spectrum at a frequency, reverberation time, clicks. May be
//! named here: the filter of `eq`. Runs anywhere but on the audio thread: it allocates.

use super::eq::{Eq, EqBand, EqParams, EqShape};
use super::{BLOCK, Processor, StereoMut};
use crate::units::{Decibels, Hertz};
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
            *slot = Some(EqBand { shape, freq: Hertz::clamped(freq), gain: Decibels::UNITY, q });
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

/// An outlier is this many times the local median.
const CLICK_RATIO: f32 = 12.0;
/// A click is at least this part of the local peak, -40 dB, so that the bend where a fade begins is none.
const CLICK_SHARE: f32 = 0.01;
/// Nothing below this is heard, -100 dB.
const CLICK_FLOOR: f32 = 1e-5;

/// Where the signal clicks: the first sample of each, at least 2 ms apart.
///
/// The third difference of what an ear hears as continuous is small and even: a tone's largest is 1.4 times
/// its median, noise's about five. A sample is a click if the difference there is 12 times the median of the
/// 15 ms around and at least 1 % of their peak; a step gives twice its height. So steps of 0.5 % of the peak
/// are found in low tones, and the slope of a straight fade down to 2 ms is passed. A tone that starts or ends
/// without a fade is a click.
pub fn find_clicks(signal: &[f32], sample_rate: u32) -> Vec<usize> {
    if signal.len() < 4 {
        return Vec::new();
    }
    let mut third = vec![0.0; 3];
    third.extend(signal.windows(4).map(|w| (w[3] - 3.0 * w[2] + 3.0 * w[1] - w[0]).abs()));
    let hop = (sample_rate as usize / 200).max(8);
    let apart = (sample_rate as usize / 500).max(4);
    let mut found: Vec<usize> = Vec::new();
    for start in (0..signal.len()).step_by(hop) {
        // A whole window at the ends too, so that a step near an end still has its surroundings.
        let end = (start + 2 * hop).min(signal.len());
        let around = end.saturating_sub(3 * hop)..end;
        let mut sorted = third[around.clone()].to_vec();
        let middle = sorted.len() / 2;
        let (_, median, _) = sorted.select_nth_unstable_by(middle, f32::total_cmp);
        let peak = signal[around].iter().fold(0.0, |top, x| f32::max(top, x.abs()));
        let limit = (CLICK_RATIO * *median).max(CLICK_SHARE * peak).max(CLICK_FLOOR);
        for (i, difference) in third.iter().enumerate().take((start + hop).min(signal.len())).skip(start) {
            if *difference > limit && found.last().is_none_or(|last| i >= last + apart) {
                found.push(i);
            }
        }
    }
    found
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

    #[test]
    fn a_click_in_a_tone_is_found_and_nothing_else() {
        for freq in [60.0, 100.0, 440.0, 1000.0, 5000.0] {
            let mut tone = sine(freq, 0.5, 48_000, 24_000);
            // The tone itself starts without a fade at phase zero: only what comes later counts here.
            assert!(find_clicks(&tone[100..], 48_000).is_empty(), "clean {freq} Hz");
            let step = if freq > 2000.0 { 0.7 } else { 0.05 };
            tone[12_000..].iter_mut().for_each(|x| *x += step);
            let found = find_clicks(&tone[100..], 48_000);
            assert!(found.len() == 1 && found[0].abs_diff(11_900) < 3, "{freq} Hz: {found:?}");
        }
    }

    #[test]
    fn noise_fades_and_silence_do_not_click() {
        assert!(find_clicks(&noise(1, 0.5, 48_000), 48_000).is_empty());
        assert!(find_clicks(&[0.0; 5000], 48_000).is_empty());
        for freq in [100.0, 440.0] {
            let mut tone = sine(freq, 0.5, 48_000, 48_000);
            for (i, x) in tone.iter_mut().enumerate() {
                *x *= ((i as f32 - 10_000.0) / 960.0).clamp(0.0, 1.0);
                *x *= ((30_000.0 - i as f32) / 240.0).clamp(0.0, 1.0);
            }
            assert!(find_clicks(&tone, 48_000).is_empty(), "{freq} Hz: {:?}", find_clicks(&tone, 48_000));
        }
        let mut cut = sine(440.0, 0.5, 48_000, 10_000);
        cut[5020..].fill(0.0);
        assert_eq!(find_clicks(&cut[100..], 48_000).len(), 1);
    }
}
