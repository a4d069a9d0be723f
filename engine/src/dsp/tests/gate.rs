//! The gate against theory.

use super::*;
use crate::dsp::measure::{noise, peak_db, sine};

fn base() -> GateParams {
    GateParams { threshold: db(-30.0), hysteresis: db(6.0), range: 40.0, ..Default::default() }
}

/// The gate's reduction in decibels at each frame, with that key.
fn reductions(params: &GateParams, rate: u32, key: &[f32]) -> Vec<f32> {
    let ones = vec![1.0; key.len()];
    run_keyed(&mut Gate::new(params, rate), &ones, key).iter().map(|gain| -peak_db(&[*gain])).collect()
}

#[test]
fn gate_settles_on_its_static_curve() {
    let mut worst = 0.0_f32;
    for rate in RATES {
        for (ratio, range) in [(1.0, 40.0), (1.5, 60.0), (2.0, 24.0), (4.0, 60.0), (100.0, 40.0)] {
            let params = GateParams { ratio, range, ..base() };
            for level in [-70.0, -45.0, -37.0, -33.0, -29.0, -10.0] {
                for freq in [100.0, 1000.0] {
                    let tone = sine(freq, db(level).amplitude(), rate, rate as usize);
                    let out = run(&mut Gate::new(&params, rate), &tone);
                    let lost = level - peak_db(&out[rate as usize * 4 / 5..]);
                    let expected = f32::min(f32::max(-30.0 - level, 0.0) * (ratio - 1.0), range);
                    assert!((params.static_reduction_db(level) - expected).abs() < 1e-3);
                    worst = worst.max((lost - expected).abs());
                    assert!(
                        (lost - expected).abs() < 0.2,
                        "{rate} Hz, {ratio}:1, {level} dB at {freq} Hz: {lost}, not {expected}"
                    );
                }
            }
        }
    }
    println!("gate: worst deviation from the static curve {worst:.3} dB");
}

#[test]
fn gate_times_are_the_declared_ones() {
    for rate in RATES {
        for (attack, hold, release) in
            [(0.001, 0.05, 0.1), (0.02, 0.3, 0.02), (0.1, 0.0, 0.5), (0.01, 0.002, 0.1)]
        {
            let params = GateParams { attack: s(attack), hold: s(hold), release: s(release), ..base() };
            let second = rate as usize;
            // Closed for a second, open for one, closed for three.
            let key: Vec<f32> = (0..5 * second).map(|i| if i / second == 1 { 0.5 } else { 0.0 }).collect();
            let curve = reductions(&params, rate, &key);
            assert!((curve[second - 1] - 40.0).abs() < 1e-2 && curve[2 * second - 1] < 0.01);
            let opened = curve[second..].iter().position(|r| *r <= 0.368 * 40.0).unwrap();
            let rest = &curve[2 * second..];
            let closed = rest.iter().position(|r| *r >= 0.632 * 40.0).unwrap();
            let [opened, closed] = [opened, closed].map(|frames| frames as f32 / rate as f32);
            println!(
                "{rate} Hz: attack {attack} s: {opened:.5} s; hold and release {}: {closed:.5} s",
                hold + release
            );
            let frame = 1.0 / rate as f32;
            assert!((opened - attack).abs() < 0.05 * attack + frame, "{rate} Hz, {attack}: {opened}");
            assert!((closed - hold - release).abs() < 0.05 * release + frame, "{rate} Hz: {closed}");
            // Where the hold is longer than what is needed for low tones, it is exact.
            if hold > 0.005 {
                let began = rest.iter().position(|r| *r > 0.01).unwrap() as f32 / rate as f32;
                assert!((began - hold).abs() < 0.001, "{rate} Hz, hold {hold}: {began}");
            }
        }
    }
}

#[test]
fn gate_closes_later_than_it_opens() {
    for rate in RATES {
        let params = GateParams { hold: s(0.02), attack: s(0.001), release: s(0.005), ..base() };
        // A tone that fades in by 40 dB a second from -60 dB and out again.
        let second = rate as usize;
        let mut key = sine(3000.0, 1.0, rate, 2 * second);
        for (i, x) in key.iter_mut().enumerate() {
            let away = (i as f32 / rate as f32 - 1.0).abs();
            *x *= db(-20.0 - 40.0 * away).amplitude();
        }
        let curve = reductions(&params, rate, &key);
        let opened = curve.iter().position(|r| *r < 20.0).unwrap() as f32 / rate as f32;
        let closed = curve.iter().rposition(|r| *r < 0.01).unwrap() as f32 / rate as f32;
        // It opens at -30 dB, three quarters of a second in, to 0.2 dB; it closes at -36 dB, 0.4 s after the top.
        assert!((opened - 0.75).abs() < 0.005, "{rate} Hz: opened at {opened} s");
        assert!((closed - 1.4 - 0.02).abs() < 0.002, "{rate} Hz: closed at {closed} s");
        let inside = &curve[(0.77 * rate as f32) as usize..(1.41 * rate as f32) as usize];
        assert!(inside.iter().all(|r| *r < 0.01), "{rate} Hz: it stays open");
    }
}

#[test]
fn gate_does_not_chatter_on_low_tones() {
    let params = GateParams { hold: s(0.0), ..base() };
    let tone = sine(100.0, 0.1, 48_000, 48_000);
    let out = run(&mut Gate::new(&params, 48_000), &tone);
    assert!(out[24_000..] == tone[24_000..], "open is bit for bit");
}

#[test]
fn gate_hears_its_key_ahead_and_filtered() {
    let rate = 48_000;
    let params = GateParams { key_low: hz(1000.0), lookahead: s(0.005), ..base() };
    let signal = noise(3, 0.5, 96_000);
    let mut gate = Gate::new(&params, rate);
    assert_eq!((gate.latency(), gate.tail()), (240, 240));
    // A low key of -12 dB is 48 dB less behind the filter: closed.
    let low = run_keyed(&mut gate, &signal, &sine(62.5, 0.25, rate, 96_000));
    assert!((peak_db(&low[48_000..]) - peak_db(&signal) + 40.0).abs() < 0.2);
    // A key that begins opens what comes out with it, a look-ahead of five time constants early.
    let mut key = vec![0.0; 48_000];
    key.extend(sine(5000.0, 0.5, rate, 48_000));
    let out = run_keyed(&mut Gate::new(&params, rate), &signal, &key);
    let kept = peak_db(&[out[48_240]]) - peak_db(&[signal[48_000]]);
    assert!(kept > -0.5 && kept < 0.0, "{kept} dB");
    assert!(out[72_240..] == signal[72_000..95_760]);
}
