//! The pitch shifter, measured.

use super::*;
use crate::dsp::measure::{amplitude_at, decibels, find_clicks, noise, residual_db, rms_db, sine};
use crate::units::Semitones;

fn shifted(pitch: f32) -> PitchShiftParams {
    PitchShiftParams { pitch: Semitones::new(pitch).unwrap(), ..Default::default() }
}

/// The frequency of a tone, by the time from its first to its last rise through zero.
fn frequency(tone: &[f32], rate: u32) -> f64 {
    let rise = |(i, w): (usize, &[f32])| {
        let (a, b) = (f64::from(w[0]), f64::from(w[1]));
        (a < 0.0 && b >= 0.0).then(|| i as f64 + a / (a - b))
    };
    let rises: Vec<f64> = tone.windows(2).enumerate().filter_map(rise).collect();
    (rises.len() - 1) as f64 * f64::from(rate) / (rises[rises.len() - 1] - rises[0])
}

#[test]
fn a_tone_comes_out_at_its_new_pitch_as_loud_and_clean() {
    let (mut cents, mut level, mut dirt) = (0.0_f32, 0.0_f32, -200.0_f32);
    for rate in RATES {
        for pitch in [-24.0, -12.0, -5.0, -0.3, 0.7, 4.0, 7.0, 12.0, 24.0] {
            for freq in [60.0, 220.0, 997.0, 3000.0] {
                let tone = sine(freq, 0.5, rate, rate as usize);
                let out = run(&mut PitchShift::new(&shifted(pitch), rate), &tone);
                let settled = &out[rate as usize / 3..];
                let wanted = freq * libm::exp2f(pitch / 12.0);
                let off = 1200.0 * libm::log2(frequency(settled, rate) / f64::from(wanted)) as f32;
                let gain = decibels(amplitude_at(settled, wanted, rate) / 0.5);
                let rest = residual_db(settled, wanted, rate);
                let what = format!("{rate} Hz, {pitch} semitones, {freq} Hz");
                assert!(off.abs() < 1.0, "{what}: {off} cents");
                assert!(gain.abs() < 1.0, "{what}: {gain} dB");
                assert!(rest < -55.0, "{what}: {rest} dB");
                let clicks = find_clicks(&out, rate);
                assert!(clicks.iter().all(|at| *at < rate as usize / 4), "{what}: clicks at {clicks:?}");
                (cents, level, dirt) = (cents.max(off.abs()), level.max(gain.abs()), dirt.max(rest));
            }
        }
    }
    println!("pitch shift: at most {cents:.3} cents, {level:.2} dB, rest {dirt:.1} dB");
}

#[test]
fn the_natural_pitch_is_only_late() {
    for rate in RATES {
        let mut unit = PitchShift::new(&shifted(0.0), rate);
        let signal = noise(3, 0.9, rate as usize / 4);
        let (out, late) = (run(&mut unit, &signal), unit.latency());
        assert!(out[late..] == signal[..signal.len() - late], "{rate} Hz");
        // And again, once it is back from elsewhere.
        unit.set(&shifted(5.0));
        run(&mut unit, &signal);
        unit.set(&shifted(0.0));
        run(&mut unit, &vec![0.0; rate as usize]);
        let out = run(&mut unit, &signal);
        assert!(out[late..] == signal[..signal.len() - late], "{rate} Hz, back again");
    }
}

#[test]
fn noise_keeps_its_level_and_silence_is_silence() {
    let signal = noise(4, 0.5, 96_000);
    for pitch in [-12.0, -3.0, 3.0, 12.0] {
        let mut unit = PitchShift::new(&shifted(pitch), 48_000);
        let gain = rms_db(&run(&mut unit, &signal)[10_000..]) - rms_db(&signal);
        // Upwards, what would pass half the rate is gone before; it is half of noise for an octave.
        let lost = if pitch > 0.0 { 10.0 * libm::log10f(0.86 / libm::exp2f(pitch / 12.0)) } else { 0.0 };
        assert!((gain - lost).abs() < 1.0, "{pitch} semitones: {gain} dB, not {lost}");
        let rest = unit.tail() + unit.latency();
        run(&mut unit, &vec![0.0; rest]);
        assert!(run(&mut unit, &[0.0; 48_000]).iter().all(|x| x.abs() < 1e-9));
        unit.reset();
        assert!(run(&mut unit, &[0.0; 48_000]).iter().all(|x| *x == 0.0));
    }
}

#[test]
fn both_sides_stay_together() {
    let signal = noise(5, 0.5, 48_000);
    let (l, r) = run_cut(&mut PitchShift::new(&shifted(-4.0), 48_000), &signal, &signal, &[128]);
    assert!(l == r);
}
