//! Compressor and limiter against theory.

use super::*;
use crate::dsp::measure::{noise, peak_db, sine};

#[test]
fn compressor_settles_on_its_static_curve() {
    let mut worst = 0.0_f32;
    for rate in RATES {
        for (threshold, ratio, knee) in [(-30.0, 4.0, 0.0), (-20.0, 2.0, 12.0), (-40.0, 100.0, 6.0)] {
            let params = CompressorParams {
                threshold: db(threshold),
                ratio,
                knee: db(knee),
                makeup: db(3.0),
                ..Default::default()
            };
            for level in [-60.0, -33.0, -22.0, -12.0, -3.0] {
                for freq in [100.0, 1000.0] {
                    let tone = sine(freq, db(level).amplitude(), rate, rate as usize);
                    let out = run(&mut Compressor::new(&params, rate), &tone);
                    let got = peak_db(&out[rate as usize * 4 / 5..]);
                    let expected = level + 3.0 - params.static_reduction_db(level);
                    worst = worst.max((got - expected).abs());
                    assert!(
                        (got - expected).abs() < 0.2,
                        "{rate} Hz, {params:?}, {level} dB at {freq} Hz: {got}, not {expected}"
                    );
                }
            }
        }
    }
    println!("compressor: worst deviation from the static curve {worst:.3} dB");
    // The curve itself: 10 dB above a hard threshold at 4:1 loses 7.5; the middle of a 12 dB knee at 2:1
    // loses 0.5 * 36 / 24.
    let hard = CompressorParams { threshold: db(-20.0), ratio: 4.0, knee: db(0.0), ..Default::default() };
    assert!((hard.static_reduction_db(-10.0) - 7.5).abs() < 1e-4);
    let soft = CompressorParams { threshold: db(-20.0), ratio: 2.0, knee: db(12.0), ..Default::default() };
    assert!((soft.static_reduction_db(-20.0) - 0.75).abs() < 1e-4);
    assert_eq!(soft.static_reduction_db(-26.1), 0.0);
}

/// The reduction after each millisecond, for tones of two levels, half a second each.
fn reductions(params: &CompressorParams, rate: u32, levels: [f32; 2]) -> Vec<f32> {
    let mut compressor = Compressor::new(params, rate);
    let mut out = Vec::new();
    let tone = sine(2000.0, 1.0, rate, rate as usize * 2);
    for (part, level) in tone.chunks(rate as usize).zip(levels) {
        let signal: Vec<f32> = part.iter().map(|x| x * db(level).amplitude()).collect();
        for x in signal.chunks(rate as usize / 2000) {
            let (mut l, mut r) = (x.to_vec(), x.to_vec());
            compressor.process(&mut StereoMut { left: &mut l, right: &mut r }, None);
            out.push(compressor.reduction_db());
        }
    }
    out
}

#[test]
fn compressor_times_are_the_declared_ones() {
    for rate in RATES {
        for (attack, release) in [(0.02, 0.2), (0.005, 0.05), (0.05, 0.1)] {
            let params = CompressorParams {
                threshold: db(-40.0),
                ratio: 4.0,
                knee: db(0.0),
                attack: s(attack),
                release: s(release),
                ..Default::default()
            };
            // Half-millisecond steps; the second level still above the threshold, then far below.
            for low in [-30.0, -80.0] {
                let curve = reductions(&params, rate, [-10.0, low]);
                let step = (rate / 2000) as f32 / rate as f32;
                let half = curve.len() / 2;
                let (top, bottom) = (params.static_reduction_db(-10.0), params.static_reduction_db(low));
                let up = curve.iter().position(|r| *r >= 0.632 * top).unwrap() as f32 * step;
                let goal = top - 0.632 * (top - bottom);
                let down = (curve[half..].iter().position(|r| *r <= goal).unwrap()) as f32 * step;
                println!(
                    "{rate} Hz: attack {attack} s: {up:.4} s; release {release} s to {low} dB: {down:.4} s"
                );
                // A block of measuring, 0.5 ms, is allowed beside the 5 %.
                assert!((up - attack).abs() < 0.05 * attack + 0.0006, "{rate} Hz, attack {attack}: {up}");
                assert!(
                    (down - release).abs() < 0.05 * release + 0.0006,
                    "{rate} Hz, release {release}: {down}"
                );
            }
        }
    }
}

#[test]
fn compressor_obeys_its_key_and_not_its_input() {
    let params = CompressorParams { threshold: db(-30.0), ratio: 4.0, knee: db(0.0), ..Default::default() };
    let mut keyed = Compressor::new(&params, 48_000);
    let (tone, key) = (sine(1000.0, 0.1, 48_000, 48_000), sine(300.0, 1.0, 48_000, 48_000));
    let (mut out, silence) = (tone.clone(), [0.0; BLOCK]);
    for (part, key) in out.chunks_mut(BLOCK).zip(key.chunks(BLOCK)) {
        let mut right = part.to_vec();
        keyed.process(
            &mut StereoMut { left: part, right: &mut right },
            Some(Stereo { left: key, right: key }),
        );
    }
    // 30 dB above the threshold at 4:1: 22.5 dB less.
    assert!((peak_db(&out[40_000..]) - (-20.0 - 22.5)).abs() < 0.2, "{}", peak_db(&out[40_000..]));
    let mut loud = [1.0; BLOCK];
    let mut right = [1.0; BLOCK];
    let mut quiet = Compressor::new(&params, 48_000);
    let key = Stereo { left: &silence, right: &silence };
    quiet.process(&mut StereoMut { left: &mut loud, right: &mut right }, Some(key));
    assert!(loud == [1.0; BLOCK] && quiet.reduction_db() == 0.0);
}

#[test]
fn limiter_never_passes_its_ceiling() {
    for rate in RATES {
        for ceiling in [-0.5, -6.0, -20.0] {
            let params = LimiterParams {
                ceiling: db(ceiling),
                lookahead: s(0.002),
                release: s(0.05),
                ..Default::default()
            };
            let mut signal = noise(5, 3.0, 40_000);
            signal.extend(sine(60.0, 2.0, rate, 40_000));
            signal[20_000] = 50.0;
            let mut limiter = Limiter::new(&params, rate);
            let out = run(&mut limiter, &signal);
            let top = out.iter().fold(0.0, |top: f32, x| top.max(x.abs()));
            assert!(top <= db(ceiling).amplitude(), "{rate} Hz: {top}");
            assert!(top > 0.95 * db(ceiling).amplitude(), "{rate} Hz: {top}");
        }
    }
}

#[test]
fn limiter_passes_what_is_below_bit_for_bit() {
    let params = LimiterParams { ceiling: db(-6.0), true_peak: false, ..Default::default() };
    let mut limiter = Limiter::new(&params, 48_000);
    assert_eq!(limiter.latency(), 240);
    let signal = noise(9, 0.5, 20_000);
    let out = run(&mut limiter, &signal);
    assert!(out[240..] == signal[..20_000 - 240] && out[..240].iter().all(|x| *x == 0.0));
    // And again once a loud moment is released.
    run(&mut limiter, &[1.0; 500]);
    run(&mut limiter, &[0.0; 48_000 * 3]);
    let out = run(&mut limiter, &signal);
    assert!(out[240..] == signal[..20_000 - 240] && limiter.reduction_db() == 0.0);
}

#[test]
fn limiter_gain_bends_without_steps_and_releases_in_time() {
    let params =
        LimiterParams { ceiling: db(-6.0206), lookahead: s(0.005), release: s(0.1), true_peak: false };
    // A steady value shows the gain itself: 6 dB over for a quarter of a second, then below.
    let mut signal = vec![0.25; 12_000];
    signal.extend([1.0; 12_000]);
    signal.extend([0.25; 48_000]);
    let out = run(&mut Limiter::new(&params, 48_000), &signal);
    let gain: Vec<f32> = (240..out.len()).map(|i| out[i] / signal[i - 240]).collect();
    let step = gain.windows(2).fold(0.0, |top: f32, w| top.max((w[1] - w[0]).abs()));
    // A triangle of 240 frames that covers a fall by one half is at most 2 / 240 of it steep.
    assert!(step < 1.05 * 0.5 * 2.0 / 240.0, "{step}");
    assert!((gain[20_000] - 0.5).abs() < 1e-4);
    let start = 24_000;
    let level = |x: f32| -20.0 * x.log10();
    let released = gain[start..].iter().position(|g| level(*g) <= 6.0206 * 0.368).unwrap();
    let ms = released as f32 / 48.0;
    println!("limiter: 63 % released after {ms:.1} ms");
    // The release begins as the loud part leaves the window; the averages delay it by half the look-ahead.
    assert!((ms - 100.0).abs() < 5.0, "{ms} ms");
}
