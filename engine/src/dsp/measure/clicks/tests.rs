//! Known clicks are found, one each and in their place; known clean signals have none.

use super::find_clicks;
use crate::dsp::measure::{noise, sine};

const RATES: [u32; 3] = [44_100, 48_000, 96_000];

/// Three notes of ten harmonics each, as a bright organ plays them.
fn chord(rate: u32, frames: usize) -> Vec<f32> {
    let mut sum = vec![0.0; frames];
    for note in [220.0, 277.18, 329.63] {
        for harmonic in 1..=10 {
            let k = harmonic as f32;
            for (x, y) in sum.iter_mut().zip(sine(note * k, 0.15 / k, rate, frames)) {
                *x += y;
            }
        }
    }
    sum
}

/// Noise whose distribution is nearly Gaussian, of standard deviation 0.1.
fn gaussian(frames: usize) -> Vec<f32> {
    let parts = [1, 2, 3, 4, 5, 6, 7, 8].map(|seed| noise(seed, 0.061_24, frames));
    (0..frames).map(|i| parts.iter().map(|part| part[i]).sum()).collect()
}

/// Pink noise, -3 dB per octave within half a decibel: poles and zeros by turns, two an octave and a half.
fn pink(rate: u32, frames: usize) -> Vec<f32> {
    let mut signal = gaussian(frames);
    for octave in 0..5 {
        let pole = libm::exp(-0.001 * 48_000.0 / f64::from(rate) * libm::exp2(2.0 * f64::from(octave)));
        let zero = libm::exp(-0.002 * 48_000.0 / f64::from(rate) * libm::exp2(2.0 * f64::from(octave)));
        let (mut last, mut out) = (0.0, 0.0);
        for x in &mut signal {
            let input = f64::from(*x);
            out = input - zero * last + pole * out;
            (last, *x) = (input, out as f32);
        }
    }
    signal
}

/// Syllables: a voice at 120 Hz with two formants and breath, and hisses, by turns; attacks of 2 ms, straight.
fn speech(rate: u32, frames: usize) -> Vec<f32> {
    let mut voice = noise(3, 0.002, frames);
    for harmonic in 1..=40 {
        let freq = 120.0 * harmonic as f32;
        let formant =
            |centre: f32, width: f32| 1.0 / (1.0 + (freq - centre) * (freq - centre) / width / width);
        let weight = 0.15 * (formant(600.0, 100.0) + 0.5 * formant(1700.0, 150.0) + 0.05);
        voice.iter_mut().zip(sine(freq, weight, rate, frames)).for_each(|(x, y)| *x += y);
    }
    let hiss = noise(4, 0.15, frames);
    let ms = rate as f32 / 1000.0;
    (0..frames)
        .map(|i| {
            let at = i as f32 / ms;
            let (syllable, within) = ((at / 90.0) as u32, at % 90.0);
            let envelope = (within / 2.0).min((60.0 - within) / 20.0).clamp(0.0, 1.0);
            envelope * if syllable.is_multiple_of(2) { voice[i] } else { hiss[i] }
        })
        .collect()
}

fn peak(signal: &[f32]) -> f32 {
    signal.iter().fold(0.0, |top, x| f32::max(top, x.abs()))
}

/// What is tonal, so that small clicks can be heard in it.
fn tonal(rate: u32) -> Vec<(String, Vec<f32>)> {
    let frames = rate as usize / 2;
    let mut all = vec![("chord".into(), chord(rate, frames))];
    for freq in [60.0, 100.0, 440.0, 1000.0, 5000.0, 12_000.0] {
        all.push((format!("{freq} Hz"), sine(freq, 0.5, rate, frames)));
    }
    all
}

fn noises(rate: u32) -> Vec<(String, Vec<f32>)> {
    let frames = rate as usize * 5;
    vec![
        ("even noise".into(), noise(1, 0.5, frames)),
        ("Gaussian noise".into(), gaussian(frames)),
        ("pink noise".into(), pink(rate, frames)),
    ]
}

/// Frames all over the middle of a signal, at no regular phase of anything.
fn places(frames: usize) -> impl Iterator<Item = usize> {
    (0..9).map(move |i| frames / 4 + i * frames / 19 + i * i)
}

#[track_caller]
fn clean(signal: &[f32], rate: u32, what: &str) {
    let found = find_clicks(signal, rate);
    assert!(found.is_empty(), "{what} at {rate} Hz: {found:?}");
}

#[track_caller]
fn one(signal: &[f32], at: usize, rate: u32, what: &str) {
    let found = find_clicks(signal, rate);
    assert!(found.len() == 1 && found[0].abs_diff(at) <= 2, "{what} at {rate} Hz: {found:?}, not {at}");
}

#[test]
fn clean_programme_does_not_click() {
    for rate in RATES {
        for (name, signal) in tonal(rate).into_iter().chain(noises(rate)) {
            clean(&signal, rate, &name);
            clean(&signal[100..], rate, &name);
            clean(&signal[777..7000], rate, &name);
        }
        clean(&speech(rate, rate as usize * 2), rate, "speech");
        clean(&vec![0.0; 5000], rate, "silence");
        for frames in (0..200).step_by(7) {
            clean(&sine(440.0, 0.5, rate, frames + 100)[100..], rate, &format!("{frames} frames"));
        }
    }
}

#[test]
fn fades_do_not_click() {
    for rate in RATES {
        for (name, signal) in tonal(rate).into_iter().chain(noises(rate)) {
            let treble = name.starts_with("5000") || name.starts_with("12000");
            let lengths = [2.0, 5.0, 20.0].into_iter().filter(|ms| !treble || *ms >= 5.0);
            for (ms, smooth) in lengths.flat_map(|ms| [(ms, false), (ms, true)]) {
                for at in [5000, 5061, 5183, 5366] {
                    let length = ms * rate as f32 / 1000.0;
                    let mut faded = signal[..20_000].to_vec();
                    for (i, x) in faded.iter_mut().enumerate() {
                        let rise = ((i as f32 - at as f32) / length).clamp(0.0, 1.0);
                        let fall = ((15_000.0 - i as f32) / length).clamp(0.0, 1.0);
                        let gain = rise * fall;
                        *x *= if smooth { gain * gain * (3.0 - 2.0 * gain) } else { gain };
                    }
                    clean(&faded, rate, &format!("{name}, {ms} ms, smooth: {smooth}, at {at}"));
                }
            }
        }
    }
}

#[test]
fn steps_of_36_db_below_the_peak_are_found_in_tones() {
    for rate in RATES {
        for (name, signal) in tonal(rate) {
            // At 12 kHz and 44.1 kHz a sample differs from the next by nearly as much as it can.
            let share = if name.starts_with("12000") { 0.03 } else { 0.015 };
            let height = share * peak(&signal);
            for at in places(signal.len()) {
                for height in [height, -height, 10.0 * height] {
                    let mut broken = signal.clone();
                    broken[at..].iter_mut().for_each(|x| *x += height);
                    one(&broken, at, rate, &format!("{name}, step of {height}"));
                }
                let mut broken = signal.clone();
                broken[at] += height;
                one(&broken, at, rate, &format!("{name}, glitch"));
            }
        }
    }
}

#[test]
fn cuts_drops_and_repeats_are_found() {
    let tone = sine(440.0, 0.5, 48_000, 24_000);
    let mut cut = tone.clone();
    cut[12_020..].fill(0.0);
    one(&cut, 12_020, 48_000, "a tone cut off");
    let mut late = tone.clone();
    late[..12_020].fill(0.0);
    one(&late, 12_020, 48_000, "a tone that starts without a fade");
    let dropped = [&tone[..12_000], &tone[12_016..]].concat();
    one(&dropped, 12_000, 48_000, "16 samples lost");
    let repeated = [&tone[..12_000], &tone[11_872..]].concat();
    one(&repeated, 12_000, 48_000, "a block played twice");
    let mut gap = tone.clone();
    gap[12_000..12_064].fill(0.0);
    assert!(!find_clicks(&gap, 48_000).is_empty(), "a gap");
    let mut louder = tone;
    louder[12_020..].iter_mut().for_each(|x| *x *= 1.1);
    one(&louder, 12_020, 48_000, "a gain that jumps by 0.8 dB");
}
