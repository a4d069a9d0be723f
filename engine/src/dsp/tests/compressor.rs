//! What of the compressor goes beyond its curve: detectors, link, look-ahead, make-up, the filter on its key.

use super::*;
use crate::dsp::measure::{noise, peak_db, rms_db, sine};

const HARD: CompressorParams = CompressorParams {
    threshold: Decibels::clamped(-30.0),
    ratio: 4.0,
    knee: Decibels::UNITY,
    attack: Seconds::clamped(0.01),
    release: Seconds::clamped(0.15),
    makeup: Decibels::UNITY,
    mix: Amount::MAX,
    detector: LevelKind::Peak,
    link: Amount::MAX,
    lookahead: Seconds::ZERO,
    auto_makeup: false,
    key_low: Hertz::clamped(10.0),
    key_high: Hertz::clamped(20_000.0),
};

#[test]
fn the_curve_holds_for_the_mean_square_too() {
    let mut worst = 0.0_f32;
    for rate in RATES {
        for knee in [0.0, 12.0] {
            let params = CompressorParams { detector: LevelKind::Rms, knee: db(knee), ..HARD };
            for (freq, level) in
                [(50.0, -6.0), (110.0, -20.0), (1000.0, -28.0), (1000.0, 0.0), (8000.0, -12.0)]
            {
                let tone = sine(freq, db(level).amplitude(), rate, rate as usize);
                let out = run(&mut Compressor::new(&params, rate), &tone);
                let expected = rms_db(&tone) - params.static_reduction_db(rms_db(&tone));
                let error = rms_db(&out[rate as usize / 2..]) - expected;
                worst = worst.max(error.abs());
                assert!(error.abs() < 0.2, "{rate} Hz, {freq} Hz at {level} dB, knee {knee}: {error:+.3} dB");
            }
            // Noise has the level of its mean square, not of its peaks.
            let hiss = noise(4, 0.5, rate as usize * 2);
            let out = run(&mut Compressor::new(&params, rate), &hiss);
            let expected = rms_db(&hiss) - params.static_reduction_db(rms_db(&hiss));
            let error = rms_db(&out[rate as usize..]) - expected;
            assert!(error.abs() < 0.6, "{rate} Hz: noise {error:+.3} dB");
        }
    }
    println!("compressor: worst deviation from the curve by mean squares {worst:.3} dB");
}

#[test]
fn the_link_says_how_much_of_the_louder_channels_reduction_the_other_gets() {
    for detector in [LevelKind::Peak, LevelKind::Rms] {
        for link in [0.0, 0.25, 0.5, 1.0] {
            let params = CompressorParams { link: part(link), detector, ..HARD };
            let (loud, soft) = (sine(1000.0, 1.0, 48_000, 48_000), sine(1000.0, 0.1, 48_000, 48_000));
            let (left, right) = run_cut(&mut Compressor::new(&params, 48_000), &loud, &soft, &[BLOCK]);
            let of = |signal: &[f32]| match detector {
                LevelKind::Peak => params.static_reduction_db(peak_db(signal)),
                LevelKind::Rms => params.static_reduction_db(rms_db(signal)),
            };
            let both = of(&loud);
            let lost = |signal: &[f32], out: &[f32]| rms_db(signal) - rms_db(&out[24_000..]);
            let (left, right) = (lost(&loud, &left), lost(&soft, &right));
            let expected = of(&soft) + link * (both - of(&soft));
            assert!((left - both).abs() < 0.2, "link {link}, {detector:?}: loud side {left}, not {both}");
            assert!((right - expected).abs() < 0.2, "link {link}: soft side {right}, not {expected}");
        }
    }
}

#[test]
fn channels_that_part_and_join_again_end_as_if_never_parted() {
    let (left, right) = (noise(1, 0.5, 48_000), noise(2, 0.9, 48_000));
    let mut compressor = Compressor::new(&HARD, 48_000);
    compressor.set(&CompressorParams { link: part(0.0), ..HARD });
    run_cut(&mut compressor, &left, &right, &[BLOCK]);
    compressor.set(&HARD);
    run(&mut compressor, &[0.0; 192_000]);
    let after = run_cut(&mut compressor, &left, &right, &[BLOCK]);
    assert!(after == run_cut(&mut Compressor::new(&HARD, 48_000), &left, &right, &[BLOCK]));
}

#[test]
fn looking_ahead_delays_the_sound_and_not_the_gain() {
    for rate in RATES {
        let params = CompressorParams { lookahead: s(0.01), attack: s(0.002), ..HARD };
        let mut ahead = Compressor::new(&params, rate);
        let late = rate as usize / 100;
        assert_eq!((ahead.latency(), ahead.tail()), (late, late));
        // A steady value shows the gain: when the loud part comes out, five time constants have passed.
        let mut signal = vec![0.01; late * 20];
        signal.extend(vec![1.0; late * 20]);
        let out = run(&mut ahead, &signal);
        let start = late * 21;
        assert!(out[..late].iter().all(|x| *x == 0.0) && (out[start - late - 1] - 0.01).abs() < 1e-6);
        assert!(out[start - 1] < 0.01);
        let settled = HARD.static_reduction_db(0.0);
        let first = -peak_db(&out[start..=start]);
        assert!((first - settled * (1.0 - 0.0067)).abs() < 0.2, "{rate} Hz: {first} of {settled} dB");
        // Without it the first sample passes as it was.
        let now = run(&mut Compressor::new(&CompressorParams { lookahead: s(0.0), ..params }, rate), &signal);
        assert!(-peak_db(&now[late * 20..=late * 20]) < 1.0);
    }
}

#[test]
fn the_automatic_makeup_leaves_full_scale_where_it_is() {
    for (threshold, ratio, knee) in [(-30.0, 4.0, 0.0), (-12.0, 2.0, 24.0), (-60.0, 100.0, 6.0)] {
        let params = CompressorParams {
            threshold: db(threshold),
            ratio,
            knee: db(knee),
            auto_makeup: true,
            makeup: db(1.0),
            ..HARD
        };
        let out = run(&mut Compressor::new(&params, 48_000), &sine(1000.0, 1.0, 48_000, 48_000));
        let top = peak_db(&out[24_000..]);
        assert!((top - 1.0).abs() < 0.2, "{threshold} dB, {ratio}:1: {top} dB");
    }
}

#[test]
fn the_filter_on_the_key_keeps_lows_and_highs_from_being_measured() {
    for rate in RATES {
        // Twelve decibels per octave: two octaves below 200 Hz, 24 dB less reach the detector.
        for (low, high, freq, less) in [
            (200.0, 20_000.0, 50.0, 24.08),
            (200.0, 20_000.0, 200.0, 3.01),
            (200.0, 20_000.0, 2000.0, 0.0),
            (10.0, 1000.0, 2000.0, 12.3),
            (10.0, 1000.0, 60.0, 0.0),
            (300.0, 3000.0, 950.0, 0.06),
        ] {
            let params = CompressorParams { key_low: hz(low), key_high: hz(high), ..HARD };
            let mut filtered = Compressor::new(&params, rate);
            let signal = sine(1000.0, 0.5, rate, rate as usize);
            let out = run_keyed(&mut filtered, &signal, &sine(freq, 1.0, rate, rate as usize));
            let lost = peak_db(&signal) - peak_db(&out[rate as usize / 2..]);
            let expected = HARD.static_reduction_db(-less);
            assert!(
                (lost - expected).abs() < 0.25,
                "{rate} Hz, {low} to {high} Hz, key of {freq} Hz: {lost}, not {expected}"
            );
        }
    }
    // What is heard is not filtered: below the threshold every bit stays.
    let params = CompressorParams { key_low: hz(100.0), threshold: db(0.0), ..HARD };
    let signal = noise(8, 0.5, 10_000);
    assert!(run(&mut Compressor::new(&params, 48_000), &signal) == signal);
}
