//! Delay and reverb against theory.

use super::*;
use crate::dsp::measure::{noise, rms_db, rt60};

fn impulse(frames: usize) -> Vec<f32> {
    let mut signal = vec![0.0; frames];
    signal[0] = 1.0;
    signal
}

#[test]
fn delay_repeats_at_its_time_and_feedback() {
    for rate in RATES {
        let params =
            DelayParams { time: s(0.25), feedback: part(0.5), mix: part(0.25), ..Default::default() };
        let out = run(&mut Delay::new(&params, rate), &impulse(rate as usize + 1));
        let period = rate as usize / 4;
        for (i, expected) in [(0, 0.75), (period, 0.25), (2 * period, 0.125), (3 * period, 0.0625)] {
            assert!((out[i] - expected).abs() < 1e-6, "{rate} Hz at {i}: {}", out[i]);
        }
        assert_eq!(out.iter().filter(|x| **x != 0.0).count(), 5);
    }
}

#[test]
fn reverb_decays_as_declared() {
    for rate in RATES {
        for (seconds, damping) in [(0.5, 0.3), (1.2, 0.0), (1.2, 0.5), (3.2, 0.3), (1.2, 1.0)] {
            let params = ReverbParams {
                rt60: s(seconds),
                damping: part(damping),
                predelay: s(0.0),
                mix: part(1.0),
                ..Default::default()
            };
            let frames = (rate as f32 * (seconds * 1.3 + 0.2)) as usize;
            let out = run(&mut Reverb::new(&params, rate), &impulse(frames));
            for octave in [125.0, 500.0, 1000.0, 4000.0, 8000.0] {
                let measured = rt60(&out, rate, Some(octave)).unwrap();
                let error = 100.0 * (measured / seconds - 1.0);
                println!(
                    "{rate} Hz, rt60 {seconds} s, damping {damping}, {octave} Hz: {measured:.3} s ({error:+.1} %)"
                );
                if octave == 500.0 || octave == 1000.0 {
                    assert!(error.abs() < 10.0, "{rate} Hz, {seconds} s at {octave} Hz: {measured} s");
                }
            }
        }
    }
}

#[test]
fn reverb_is_as_loud_as_its_input_and_decorrelated() {
    for seconds in [0.2, 1.2, 6.0] {
        let params = ReverbParams {
            rt60: s(seconds),
            damping: part(0.0),
            predelay: s(0.0),
            mix: part(1.0),
            ..Default::default()
        };
        let frames = 48_000 * 16;
        let (l, r) = (noise(1, 0.5, frames), noise(2, 0.5, frames));
        let (out, _) = run_cut(&mut Reverb::new(&params, 48_000), &l, &r, &[128]);
        let gain = rms_db(&out[frames / 2..]) - rms_db(&l);
        println!("reverb {seconds} s: noise {gain:+.2} dB");
        assert!(gain.abs() < 2.0, "{seconds} s: {gain} dB");
        let (a, b) = run_cut(&mut Reverb::new(&params, 48_000), &impulse(48_000), &impulse(48_000), &[128]);
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>();
        let correlation = dot(&a, &b) / (dot(&a, &a) * dot(&b, &b)).sqrt();
        println!("reverb {seconds} s: correlation {correlation:.3}");
        assert!(correlation.abs() < 0.25, "{seconds} s: {correlation}");
    }
}

#[test]
fn reverb_is_dense_within_a_hundred_milliseconds() {
    let params = ReverbParams {
        rt60: s(2.0),
        damping: part(0.0),
        predelay: s(0.0),
        mix: part(1.0),
        ..Default::default()
    };
    let out = run(&mut Reverb::new(&params, 48_000), &impulse(48_000));
    // Echo density after Abel and Huang (AES 121, 2006): the share of samples beyond one standard deviation,
    // relative to the 0.3173 of Gaussian noise. Windows of 20 ms; five in a row are averaged, as one alone
    // scatters by 5 %.
    let density = |ms: usize| {
        let windows = (0..5).map(|i| {
            let start = 48 * (ms - 20) + 384 * i;
            let window = &out[start..start + 960];
            let deviation = (window.iter().map(|x| x * x).sum::<f32>() / 960.0).sqrt();
            window.iter().filter(|x| x.abs() > deviation).count() as f32 / 960.0 / 0.3173
        });
        windows.sum::<f32>() / 5.0
    };
    for ms in [50, 75, 100, 150, 200] {
        println!("reverb: echo density at {ms} ms {:.2}", density(ms));
    }
    assert!(density(100) > 0.9 && density(200) > 0.95);
}
