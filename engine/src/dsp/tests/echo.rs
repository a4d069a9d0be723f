//! The echo against theory.

use super::*;
use crate::dsp::measure::{decibels, find_clicks, goertzel, noise, peak_db, sine};

/// An impulse on both sides through a delay that is all wet.
fn impulses(params: &DelayParams, rate: u32, seconds: f32) -> (Vec<f32>, Vec<f32>) {
    let mut signal = vec![0.0; (seconds * rate as f32) as usize];
    signal[0] = 1.0;
    let params = DelayParams { mix: part(1.0), ..*params };
    run_cut(&mut Delay::new(&params, rate), &signal, &signal, &[128])
}

/// Frames that are not silent.
fn heard(signal: &[f32]) -> Vec<usize> {
    (0..signal.len()).filter(|i| signal[*i].abs() > 1e-4).collect()
}

#[test]
fn delay_follows_the_beat_and_spreads_its_sides() {
    for rate in RATES {
        let params = DelayParams {
            beats: 0.75,
            tempo: 90.0,
            spread: s(0.02),
            feedback: part(0.5),
            ..Default::default()
        };
        let (left, right) = impulses(&params, rate, 1.1);
        // A dotted eighth at 90 beats per minute: half a second.
        let (half, later) = (rate as usize / 2, rate as usize / 50);
        assert_eq!(heard(&left), [half, 2 * half]);
        assert_eq!(heard(&right), [half + later, 2 * (half + later)]);
    }
    assert_eq!(DelayParams { beats: 16.0, tempo: 20.0, ..Default::default() }.seconds(), 4.0);
}

#[test]
fn delay_plays_ping_pong() {
    let base = DelayParams { time: s(0.1), feedback: part(0.5), ..Default::default() };
    let (left, right) = impulses(&DelayParams { ping_pong: part(1.0), ..base }, 48_000, 0.45);
    assert_eq!(heard(&left), [4800, 14_400]);
    assert_eq!(heard(&right), [9600, 19_200]);
    assert_eq!([left[4800], right[9600], left[14_400], right[19_200]], [1.0, 0.5, 0.25, 0.125]);
    // Halfway half of the right input is left out, and nothing is lost on the way from repeat to repeat.
    let (left, right) = impulses(&DelayParams { ping_pong: part(0.5), ..base }, 48_000, 0.45);
    for (i, both) in [(4800, 1.5), (9600, 0.75), (14_400, 0.375)] {
        assert!((left[i] + right[i] - both).abs() < 1e-6, "{} and {} at {i}", left[i], right[i]);
    }
}

#[test]
fn delay_filters_each_repeat_once_more() {
    for rate in RATES {
        for (low, high) in [(200.0, 20_000.0), (10.0, 3000.0), (400.0, 2500.0)] {
            let params = DelayParams {
                time: s(0.1),
                feedback: part(0.8),
                low_cut: hz(low),
                high_cut: hz(high),
                ..Default::default()
            };
            let (left, _) = impulses(&params, rate, 0.4);
            let period = rate as usize / 10;
            for freq in [100.0_f32, 400.0, 1000.0, 3000.0, 8000.0] {
                // The analogue filters at the frequency that the bilinear transform takes it to.
                let warp = |f: f32| (std::f32::consts::PI * f / rate as f32).tan();
                let (l, h) = (warp(low) / warp(freq), warp(freq) / warp(high));
                let mut expected = 20.0 * 0.8_f32.log10();
                if low > 10.0 {
                    expected -= 10.0 * (1.0 + l * l).log10();
                }
                if high < 20_000.0 {
                    expected -= 10.0 * (1.0 + h * h).log10();
                }
                for repeat in 1..3 {
                    let level =
                        |n: usize| decibels(goertzel(&left[n * period..(n + 1) * period], freq, rate));
                    let got = level(repeat + 1) - level(repeat);
                    assert!(
                        (got - expected).abs() < 0.1,
                        "{rate} Hz, {low} to {high} Hz, repeat {repeat} at {freq} Hz: {got} dB, not {expected}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_tape_bends_the_pitch_and_arrives_at_its_time() {
    for rate in RATES {
        for (from, to) in [(0.05, 0.35), (0.35, 0.05), (0.2, 0.21), (0.3, 0.001)] {
            let start = DelayParams {
                time: s(from),
                feedback: part(0.0),
                glide: DelayGlide::Tape,
                mix: part(1.0),
                ..Default::default()
            };
            let mut delay = Delay::new(&start, rate);
            let second = rate as usize;
            let mut out = run(&mut delay, &sine(500.0, 0.5, rate, second));
            delay.set(&DelayParams { time: s(to), ..start });
            out.extend(run(&mut delay, &sine(500.0, 0.5, rate, 4 * second)));
            assert!(find_clicks(&out[second / 2..], rate).is_empty(), "{rate} Hz, {from} to {to} s");
            // Half periods, between upward and downward crossings, from half a second on: 1 ms at rest.
            let crossings: Vec<f64> = (second / 2..out.len() - 1)
                .filter(|i| (out[*i] < 0.0) != (out[*i + 1] < 0.0))
                .map(|i| i as f64 + f64::from(out[i] / (out[i] - out[i + 1])))
                .collect();
            let pitches = crossings.windows(2).map(|w| f64::from(rate) / (w[1] - w[0]) / 1000.0);
            let (low, high) =
                pitches.fold((9.0, 0.0), |(low, high), p| (f64::min(low, p), f64::max(high, p)));
            println!("{rate} Hz, {from} to {to} s: pitch from {low:.3} to {high:.3}");
            assert!(low > 0.49 && high < 1.51, "{rate} Hz, {from} to {to} s: pitch {low} to {high}");
            if (from - to).abs() > 0.1 {
                let extreme = if to > from { low } else { high };
                assert!((extreme - 1.0).abs() > 0.4, "{rate} Hz, {from} to {to} s: it bends to {extreme}");
            }
            // Then it stands exactly where a new one would.
            let signal = noise(4, 0.5, second / 2);
            let quiet = vec![0.0; second / 2];
            run(&mut delay, &quiet);
            let new = &mut Delay::new(&DelayParams { time: s(to), ..start }, rate);
            assert!(run(&mut delay, &signal) == run(new, &signal), "{rate} Hz, {from} to {to} s");
        }
    }
}

#[test]
fn delay_stays_within_bounds_and_falls_silent() {
    for rate in [8000, 48_000, 192_000] {
        for (time, spread) in [(0.001, 0.0), (0.05, 0.1)] {
            for (low_cut, high_cut) in [(10.0, 20_000.0), (11.0, 100.0), (5000.0, 19_000.0)] {
                let params = DelayParams {
                    time: s(time),
                    spread: s(spread),
                    feedback: part(0.98),
                    ping_pong: part(0.9),
                    low_cut: hz(low_cut),
                    high_cut: hz(high_cut),
                    mix: part(1.0),
                    ..Default::default()
                };
                let mut delay = Delay::new(&params, rate);
                let (l, r) = (noise(1, 1.0, rate as usize), noise(2, 1.0, rate as usize));
                let out = run_cut(&mut delay, &l, &r, &[128]).0;
                // 1 / (1 - 0.98) is the most that the loop can gather.
                let what = format!("{rate} Hz, {time} s, {low_cut} to {high_cut} Hz");
                assert!(peak_db(&out) < 34.0, "{what}: {} dB", peak_db(&out));
                let tail = delay.tail();
                let rest = run(&mut delay, &vec![0.0; tail + BLOCK]);
                assert!(peak_db(&rest[tail..]) < peak_db(&out) - 95.0, "{what}: a tail of {tail} frames");
                // What is no sound at all is forgotten.
                run(&mut delay, &[1e6; 5000]);
                delay.reset();
                assert!(run(&mut delay, &[0.0; 5000]).iter().all(|x| *x == 0.0), "{what}");
            }
        }
    }
}
