//! The multiband compressor against theory.

use super::*;
use crate::dsp::measure::{amplitude_at, decibels, goertzel, peak_db, sine};

/// Never reduces anything.
fn still() -> MultibandParams {
    MultibandParams { low_ratio: 1.0, mid_ratio: 1.0, high_ratio: 1.0, ..Default::default() }
}

fn hard() -> MultibandParams {
    let down = db(-30.0);
    MultibandParams {
        low_freq: hz(250.0),
        high_freq: hz(4000.0),
        low_threshold: down,
        mid_threshold: down,
        high_threshold: down,
        low_ratio: 4.0,
        mid_ratio: 2.0,
        high_ratio: 10.0,
        knee: db(0.0),
        ..Default::default()
    }
}

/// The share of each band at a frequency: of a Linkwitz-Riley crossover `w⁴ / (1 + w⁴)` goes up, the rest stays
/// below, in phase.
fn shares(params: &MultibandParams, freq: f32, rate: u32) -> [f32; 3] {
    let above = |cut: f32| {
        let warped = |freq: f32| libm::tanf(std::f32::consts::PI * freq / rate as f32);
        let w = libm::powf(warped(freq) / warped(cut), 4.0);
        w / (1.0 + w)
    };
    let [low, high] = [params.low_freq, params.high_freq].map(|cut| above(cut.get()));
    [1.0 - low, low * (1.0 - high), low * high]
}

/// The gain in decibels of a tone at `freq`, while one at `key` of `level` decibels is measured.
fn gain_db(params: &MultibandParams, freq: f32, key: f32, level: f32, rate: u32) -> f32 {
    let (heard, measured) = (shares(params, freq, rate), shares(params, key, rate));
    let gains = [params.low_gain, params.mid_gain, params.high_gain];
    let bands = (0..3).map(|band| {
        let reduction = params.static_reduction_db(band, level + decibels(measured[band]));
        heard[band] * db(gains[band].get() - reduction).amplitude()
    });
    decibels(bands.sum())
}

#[test]
fn the_bands_add_up_to_a_flat_spectrum() {
    let mut worst = 0.0_f32;
    for rate in RATES {
        for (low, high) in
            [(200.0, 3000.0), (20.0, 20_000.0), (90.0, 110.0), (5000.0, 300.0), (1000.0, 1000.0)]
        {
            // A mix of nothing must be as flat as no reduction.
            let crossed = MultibandParams { low_freq: hz(low), high_freq: hz(high), ..still() };
            let loud =
                MultibandParams { mid_ratio: 100.0, mid_threshold: db(-80.0), mix: part(0.0), ..crossed };
            let mut freqs = vec![low, high];
            freqs.extend((0..16).map(|i| 20.0 * libm::powf(900.0, i as f32 / 15.0)));
            for params in [crossed, loud] {
                for freq in freqs.iter().filter(|freq| **freq <= 18_000.0) {
                    let tone = sine(*freq, 0.1, rate, rate as usize);
                    let out = run(&mut Multiband::new(&params, rate), &tone);
                    let error = decibels(amplitude_at(&out[rate as usize / 2..], *freq, rate) / 0.1);
                    worst = worst.max(error.abs());
                    assert!(error.abs() < 0.1, "{rate} Hz, {low} and {high} Hz: {error:+.3} dB at {freq} Hz");
                }
            }
        }
    }
    println!("multiband: the sum is flat to {worst:.4} dB");
}

#[test]
fn a_band_falls_by_24_decibels_per_octave_outside() {
    // All but one band are turned far down; what is heard is that one, and what leaks by.
    let quiet = |params: MultibandParams| MultibandParams { knee: db(0.0), ..params };
    let down = db(-80.0);
    let low = quiet(MultibandParams {
        mid_threshold: down,
        mid_ratio: 100.0,
        high_threshold: down,
        high_ratio: 100.0,
        low_freq: hz(500.0),
        high_freq: hz(8000.0),
        ..still()
    });
    for (freq, expected) in [(100.0, 0.0), (500.0, -6.02), (1000.0, -24.6), (2000.0, -48.2)] {
        let tone = sine(freq, 1.0, 48_000, 48_000);
        let out = run(&mut Multiband::new(&low, 48_000), &tone);
        let level = decibels(goertzel(&out[24_000..], freq, 48_000));
        assert!((level - expected).abs() < 0.6, "{freq} Hz: {level} dB, not {expected}");
    }
}

#[test]
fn each_band_settles_on_its_own_curve() {
    let mut worst = 0.0_f32;
    for rate in RATES {
        let params = MultibandParams { low_gain: db(2.0), high_gain: db(-3.0), ..hard() };
        for freq in [50.0, 150.0, 250.0, 1000.0, 3000.0, 15_000.0] {
            for level in [-40.0, -20.0, -6.0] {
                let tone = sine(freq, db(level).amplitude(), rate, rate as usize * 2);
                let mut multiband = Multiband::new(&params, rate);
                let out = run(&mut multiband, &tone);
                let got = decibels(amplitude_at(&out[rate as usize..], freq, rate));
                let error = got - level - gain_db(&params, freq, freq, level, rate);
                worst = worst.max(error.abs());
                assert!(error.abs() < 0.2, "{rate} Hz, {freq} Hz at {level} dB: {error:+.3} dB");
                let highest = (0..3).map(|band| {
                    let share = shares(&params, freq, rate)[band];
                    params.static_reduction_db(band, level + decibels(share))
                });
                let highest = highest.fold(0.0, f32::max);
                assert!((multiband.reduction_db() - highest).abs() < 0.2, "{rate} Hz, {freq} Hz");
            }
        }
    }
    println!("multiband: worst deviation from the static curves {worst:.3} dB");
}

#[test]
fn a_loud_band_leaves_the_others_alone() {
    let rate = 48_000;
    let bass = sine(60.0, 1.0, rate, 96_000);
    let voice = sine(1000.0, 0.02, rate, 96_000);
    let both: Vec<f32> = bass.iter().zip(&voice).map(|(a, b)| a + b).collect();
    let out = run(&mut Multiband::new(&hard(), rate), &both);
    let level = |freq| decibels(amplitude_at(&out[48_000..], freq, rate));
    // 22.5 dB of the low band are taken; a little of the tone is in the middle one.
    let expected = gain_db(&hard(), 60.0, 60.0, 0.0, rate);
    assert!((level(60.0) - expected).abs() < 0.2 && expected < -22.0, "{} dB", level(60.0));
    assert!((level(1000.0) - decibels(0.02)).abs() < 0.2, "{} dB", level(1000.0));
}

#[test]
fn a_key_presses_down_the_band_it_is_in() {
    for rate in RATES {
        let frames = rate as usize * 2;
        let tones = [60.0, 1000.0, 12_000.0];
        let mut signal = vec![0.0; frames];
        for freq in tones {
            signal.iter_mut().zip(sine(freq, 0.01, rate, frames)).for_each(|(x, y)| *x += y);
        }
        let key = sine(900.0, 1.0, rate, frames);
        let out = run_keyed(&mut Multiband::new(&hard(), rate), &signal, &key);
        // The middle band's curve takes 15 of the 30 dB above the threshold; the key itself is not heard.
        for (freq, about) in tones.into_iter().zip([0.0, -15.0, 0.0]) {
            let expected = gain_db(&hard(), freq, 900.0, 0.0, rate);
            assert!((expected - about).abs() < 0.5, "{rate} Hz: {expected} dB at {freq} Hz");
            let level = decibels(amplitude_at(&out[rate as usize..], freq, rate) / 0.01);
            assert!((level - expected).abs() < 0.2, "{rate} Hz: {level} dB at {freq} Hz");
        }
        assert!(amplitude_at(&out[rate as usize..], 900.0, rate) < 1e-4);
    }
}

#[test]
fn the_dry_share_adds_up_in_phase() {
    let rate = 48_000;
    // Half of a signal 15 dB down and half of the untouched one: in phase they add up like numbers.
    for freq in [200.0, 1000.0, 4000.0] {
        let params = MultibandParams {
            low_freq: hz(200.0),
            high_freq: hz(4000.0),
            low_ratio: 2.0,
            high_ratio: 2.0,
            low_gain: db(-6.0),
            mid_gain: db(-6.0),
            high_gain: db(-6.0),
            low_threshold: db(0.0),
            mid_threshold: db(0.0),
            high_threshold: db(0.0),
            mix: part(0.5),
            ..hard()
        };
        let out = run(&mut Multiband::new(&params, rate), &sine(freq, 0.1, rate, 48_000));
        let level = decibels(goertzel(&out[24_000..], freq, rate) / 0.1);
        let expected = decibels(0.5 + 0.5 * db(-6.0).amplitude());
        assert!((level - expected).abs() < 0.02, "{freq} Hz: {level} dB, not {expected}");
    }
}

#[test]
fn it_falls_silent_within_its_tail() {
    for rate in RATES {
        let mut multiband = Multiband::new(&MultibandParams { low_freq: hz(40.0), ..still() }, rate);
        run(&mut multiband, &sine(40.0, 1.0, rate, rate as usize));
        let out = run(&mut multiband, &vec![0.0; rate as usize * 4]);
        let tail = multiband.tail();
        assert!(peak_db(&out[tail..]) < -100.0 && tail < rate as usize / 2, "{rate} Hz: {tail} frames");
        assert!(out[rate as usize * 3..].iter().all(|x| *x == 0.0));
    }
}
