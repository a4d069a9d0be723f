//! Bands that a level moves, against theory.

use super::*;
use crate::dsp::measure::{decibels, find_clicks, goertzel, noise, sine};
use EqShape::*;

fn dynamic(shape: EqShape, freq: f32, q: f32, range: f32) -> EqBand {
    EqBand { range: db(range), threshold: db(-40.0), ratio: 4.0, ..band(shape, freq, 0.0, q) }
}

/// Runs `signal` through a band with `key` as its key, and gives the move of the band, always downwards, after
/// each `step` frames, beside what came out.
fn run_keyed(eq: &mut Eq, signal: &[f32], key: Option<&[f32]>, step: usize) -> (Vec<f32>, Vec<f32>) {
    let (mut out, mut moves) = (signal.to_vec(), Vec::new());
    for (i, left) in out.chunks_mut(step).enumerate() {
        let key = key.map(|key| &key[i * step..i * step + left.len()]);
        let mut right = left.to_vec();
        let block = &mut StereoMut { left, right: &mut right };
        eq.process(block, key.map(|key| Stereo { left: key, right: key }));
        moves.push(eq.reduction_db());
    }
    (out, moves)
}

#[test]
fn a_dynamic_band_settles_on_its_curve() {
    let mut worst = 0.0_f32;
    for rate in RATES {
        for (shape, freq, q, range, ratio) in [
            (Peak, 2500.0, 1.2, -6.0, 4.0),
            (Peak, 100.0, 4.0, -18.0, 2.0),
            (Peak, 700.0, 0.5, 12.0, 100.0),
            (LowShelf, 200.0, 0.7, -12.0, 3.0),
            (HighShelf, 4000.0, 0.7, 9.0, 3.0),
        ] {
            let band = EqBand { gain: db(3.0), ratio, ..dynamic(shape, freq, q, range) };
            for level in [-60.0, -41.0, -37.0, -30.0, -20.0, -3.0] {
                for place in [0.5, 1.0, 1.1, 2.0] {
                    // Not quite the frequency itself, so that samples fall on every phase.
                    let freq = (freq * place).round() + 3.0;
                    let tone = sine(freq, db(level).amplitude(), rate, rate as usize * 3 / 2);
                    let out = run(&mut Eq::new(&bands(&[band]), rate), &tone);
                    let tail = &out[out.len() - rate as usize..];
                    let got = decibels(goertzel(tail, freq, rate)) - level;
                    let moved = band.move_db(level + band.heard_db(freq, rate));
                    let expected = band.moved_response_db(moved, freq, rate);
                    worst = worst.max((got - expected).abs());
                    assert!(
                        (got - expected).abs() < 0.2,
                        "{rate} Hz, {band:?}, {level} dB at {freq} Hz: {got} dB, not {expected}"
                    );
                }
            }
        }
    }
    println!("dynamic eq: worst deviation from the curve {worst:.3} dB");
}

#[test]
fn the_declared_curve_is_the_textbook_one() {
    let band = dynamic(Peak, 1000.0, 1.0, -12.0);
    // 10 dB above a threshold at 4:1 it is 7.5 dB, at the threshold itself 0.75 * 3² / 12, never more than the range.
    assert!((band.move_db(-30.0) + 7.5).abs() < 1e-4, "{}", band.move_db(-30.0));
    assert!((band.move_db(-40.0) + 0.75 * 0.75).abs() < 1e-4, "{}", band.move_db(-40.0));
    assert_eq!((band.move_db(-60.0), band.move_db(0.0)), (0.0, -12.0));
    let up = EqBand { range: db(5.0), ..band };
    assert!((up.move_db(-36.0) - 3.0).abs() < 1e-4 && up.move_db(0.0) == 5.0);
    assert_eq!(EqBand { shape: LowPass, ..band }.move_db(0.0), 0.0, "a pass has no gain to move");
    // What it hears: itself wholly, an octave further as much as a band-pass of that quality lets through.
    assert!(band.heard_db(1000.0, 48_000).abs() < 1e-3);
    assert!((band.heard_db(2000.0, 192_000) + 5.13).abs() < 0.05, "{}", band.heard_db(2000.0, 192_000));
    let low = EqBand { shape: LowShelf, ..band };
    assert!(low.heard_db(500.0, 48_000).abs() < 1e-3 && low.heard_db(8000.0, 48_000) < -17.0);
}

#[test]
fn a_dynamic_band_keeps_its_times() {
    for rate in RATES {
        for (attack, release) in [(0.02, 0.2), (0.01, 0.05), (0.1, 0.6)] {
            for freq in [400.0, 3000.0] {
                let band =
                    EqBand { attack: s(attack), release: s(release), ..dynamic(Peak, freq, 1.0, -30.0) };
                let mut eq = Eq::new(&bands(&[band]), rate);
                let long = rate as usize * 2;
                let mut signal = sine(freq, db(-20.0).amplitude(), rate, long);
                signal.extend(sine(freq, db(-80.0).amplitude(), rate, long));
                let (_, moves) = run_keyed(&mut eq, &signal, None, 16);
                let (up, down) = moves.split_at(moves.len() / 2);
                let top = -band.move_db(-20.0);
                let seconds = |ticks: usize| ticks as f32 * 16.0 / rate as f32;
                let up = seconds(up.iter().position(|x| *x >= 0.632 * top).unwrap());
                let down = seconds(down.iter().position(|x| *x <= 0.368 * top).unwrap());
                println!(
                    "{rate} Hz, {freq} Hz: attack {attack} s: {up:.4} s; release {release} s: {down:.4} s"
                );
                // A tick of measuring and half a period of the tone are allowed beside the 5 %.
                let slack = 16.0 / rate as f32 + 0.5 / freq;
                assert!((up - attack).abs() < 0.05 * attack + slack, "{rate} Hz, attack {attack}: {up}");
                assert!(
                    (down - release).abs() < 0.05 * release + slack,
                    "{rate} Hz, release {release}: {down}"
                );
            }
        }
    }
}

#[test]
fn a_band_obeys_its_key_and_hears_only_its_region() {
    let band = dynamic(Peak, 1000.0, 2.0, -9.0);
    let (tone, loud) = (sine(1003.0, 0.01, 48_000, 48_000), sine(997.0, 0.5, 48_000, 48_000));
    let level = |out: &[f32]| decibels(goertzel(&out[24_000..], 1003.0, 48_000)) + 40.0;
    // A quiet tone under a loud key goes down, a loud one under a silent key does not.
    let mut eq = Eq::new(&bands(&[band]), 48_000);
    let (out, moves) = run_keyed(&mut eq, &tone, Some(&loud), BLOCK);
    assert!((level(&out) + 9.0).abs() < 0.1 && (moves[300] - 9.0).abs() < 1e-3, "{}", level(&out));
    let mut eq = Eq::new(&bands(&[band]), 48_000);
    let (out, moves) = run_keyed(&mut eq, &loud, Some(&[0.0; 48_000]), BLOCK);
    assert!(out == run(&mut Eq::new(&bands(&[EqBand { range: db(0.0), ..band }]), 48_000), &loud));
    assert!(moves.iter().all(|x| *x == 0.0));
    // Far away is not heard: a loud bass moves a band of the middle by nothing.
    let bass = sine(60.0, 0.25, 48_000, 48_000);
    let (_, moves) = run_keyed(&mut Eq::new(&bands(&[band]), 48_000), &tone, Some(&bass), BLOCK);
    assert!(moves[100..].iter().all(|x| *x < 0.7), "{}", moves[300]);
    // What moves up is no reduction; of several the largest is told.
    let up = dynamic(HighShelf, 500.0, 0.7, 6.0);
    let (_, moves) = run_keyed(&mut Eq::new(&bands(&[up]), 48_000), &loud, None, BLOCK);
    assert!(moves.iter().all(|x| *x == 0.0));
    let both = bands(&[
        up,
        dynamic(Peak, 1000.0, 1.0, -3.0),
        dynamic(Peak, 900.0, 1.0, -5.0),
        dynamic(LowShelf, 2500.0, 1.0, -4.0),
        dynamic(Peak, 1100.0, 1.0, -2.0),
    ]);
    let (_, moves) = run_keyed(&mut Eq::new(&both, 48_000), &loud, None, BLOCK);
    assert!((moves[300] - 5.0).abs() < 1e-3, "{}", moves[300]);
}

#[test]
fn a_band_that_has_moved_comes_back_to_the_bit() {
    let band = EqBand { gain: db(4.0), release: s(0.02), ..dynamic(Peak, 1000.0, 1.0, -9.0) };
    let still = EqBand { range: db(0.0), ..band };
    let mut eq = Eq::new(&bands(&[band]), 48_000);
    let (_, moves) = run_keyed(&mut eq, &noise(1, 0.9, 12_800), None, BLOCK);
    assert!(moves[50] > 5.0, "{}", moves[50]);
    run(&mut eq, &[0.0; 48_000]);
    assert_eq!(eq.reduction_db(), 0.0);
    let quiet = noise(2, 0.001, 4800);
    assert!(run(&mut eq, &quiet) == run(&mut Eq::new(&bands(&[still]), 48_000), &quiet));
}

#[test]
fn neither_cut_nor_reset_changes_a_bit_of_a_moving_band() {
    let settings = [
        bands(&[
            dynamic(Peak, 1000.0, 1.0, -9.0),
            dynamic(LowShelf, 200.0, 0.7, 6.0),
            band(LowPass, 9000.0, 0.0, 0.7),
        ]),
        bands(&[dynamic(Peak, 3000.0, 1.0, -20.0), dynamic(HighShelf, 200.0, 0.7, -6.0)]),
        bands(&[band(Peak, 3000.0, 3.0, 1.0), dynamic(Peak, 200.0, 0.7, 20.0)]),
        EqParams::default(),
    ];
    let (left, right) = (noise(1, 0.9, 777), noise(2, 0.5, 777));
    let mut eq = Eq::new(&settings[0], 48_000);
    let mut whole = Vec::new();
    for cut in [128, 1, 7, 16, 100, 128] {
        let mut bits = Vec::new();
        for settings in settings.iter().cycle().take(11) {
            eq.set(settings);
            let (l, r) = run_cut(&mut eq, &left, &right, &[cut]);
            bits.extend(l.into_iter().chain(r).map(f32::to_bits));
        }
        assert!(whole.is_empty() || whole == bits, "cut by {cut}");
        whole = bits;
        eq.set(&settings[0]);
        eq.reset();
    }
}

#[test]
fn moving_bands_and_their_settings_do_not_click() {
    let quick = EqBand { attack: s(0.001), release: s(0.01), ..dynamic(Peak, 997.0, 1.0, -30.0) };
    let settings = [
        bands(&[quick]),
        bands(&[EqBand { range: db(30.0), threshold: db(-10.0), ..quick }]),
        bands(&[EqBand { shape: LowShelf, freq: hz(3000.0), ..quick }]),
        bands(&[EqBand { freq: hz(100.0), q: 20.0, ratio: 100.0, ..quick }]),
        bands(&[EqBand { range: db(0.0), ..quick }, EqBand { shape: HighShelf, ..quick }]),
        EqParams::default(),
        bands(&[EqBand { shape: HighPass, slope: EqSlope::Db48, ..quick }]),
        bands(&[EqBand { threshold: db(-80.0), gain: db(20.0), ..quick }]),
    ];
    for rate in RATES {
        for freq in [110.0, 997.0] {
            // A tone whose level goes up and down by 20 dB, without clicks of its own.
            let mut tone = sine(freq, 0.25, rate, rate as usize * 2);
            for (i, x) in tone.iter_mut().enumerate() {
                let t = i as f32 / rate as f32;
                *x *= (50.0 * t).min(1.0) * (0.55 + 0.45 * libm::sinf(9.0 * t));
            }
            let mut eq = Eq::new(&settings[0], rate);
            let mut out = Vec::new();
            for (part, settings) in tone.chunks(rate as usize / 9).zip(settings.iter().cycle()) {
                eq.set(settings);
                out.extend(run(&mut eq, part));
            }
            let clicks = find_clicks(&out, rate);
            assert!(clicks.is_empty(), "{rate} Hz, tone of {freq} Hz: {clicks:?}");
        }
    }
}

#[test]
fn wild_keys_pass() {
    for rate in [8000, 48_000, 192_000] {
        for freq in [10.0, 20_000.0] {
            let band = EqBand { attack: s(0.001), release: s(0.01), ..dynamic(Peak, freq, 20.0, -30.0) };
            let mut eq = Eq::new(&bands(&[band, EqBand { shape: HighShelf, range: db(30.0), ..band }]), rate);
            let signal = noise(1, 1.0, 20_000);
            for key in [f32::MAX, f32::INFINITY, f32::NAN, 1e-40] {
                let (out, _) = run_keyed(&mut eq, &signal, Some(&[key; 20_000]), BLOCK);
                assert!(out.iter().all(|x| x.abs() < 200.0), "{rate} Hz, {freq} Hz, a key of {key}");
            }
            run_keyed(&mut eq, &signal, Some(&[0.0; 20_000]), BLOCK);
            run_keyed(&mut eq, &[0.0; 192_000], Some(&[0.0; 192_000]), BLOCK);
            assert_eq!(eq.reduction_db(), 0.0, "it recovers");
        }
    }
}
