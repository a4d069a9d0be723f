//! The limiter on true peaks, measured by the meter.

use super::*;
use crate::dsp::measure::{decibels, noise, sine};
use crate::dsp::truepeak_meter::TruePeakMeter;

fn true_peak_db(signal: &[f32]) -> f32 {
    let mut meter = TruePeakMeter::new();
    let padded: Vec<f32> = signal.iter().copied().chain([0.0; TruePeakMeter::LATENCY]).collect();
    let top = padded.chunks(BLOCK).map(|part| meter.process(Stereo { left: part, right: part })[0]);
    decibels(top.fold(0.0, f32::max))
}

/// The same by a meter that others use (`ebur128`: the standard's length, a sinc in Hann's window).
fn their_true_peak_db(signal: &[f32], rate: u32) -> f32 {
    let mut meter = ebur128::EbuR128::new(1, rate, ebur128::Mode::TRUE_PEAK).unwrap();
    meter.add_frames_f32(signal).unwrap();
    meter.add_frames_f32(&[0.0; 64]).unwrap();
    decibels(meter.true_peak(0).unwrap() as f32)
}

/// Signals whose crests lie between the samples, or that come and go; all far above the ceilings.
fn material(rate: u32) -> Vec<(&'static str, Vec<f32>)> {
    let frames = rate as usize;
    let at = |part: f64, degrees: f64| -> Vec<f32> {
        let angle = |i: usize| std::f64::consts::TAU * (i as f64 / part + degrees / 360.0);
        (0..frames).map(|i| (1.4 * libm::sin(angle(i))) as f32).collect()
    };
    let mut square = sine(997.0, 8.0, rate, frames);
    square.iter_mut().for_each(|x| *x = x.clamp(-1.5, 1.5));
    // Two samples up, two down, then turned round again and again: far over between the samples.
    let over: Vec<f32> = (0..frames).map(|i| [1.0, 1.0, -1.0, -1.0][(i + i / 37 * 2) % 4] * 0.9).collect();
    let hiss = noise(21, 1.0, frames);
    let bursts: Vec<f32> = sine(61.0, 0.7, rate, frames)
        .iter()
        .zip(sine(3170.0, 1.0, rate, frames))
        .zip(&hiss)
        .enumerate()
        .map(|(i, ((low, high), hiss))| {
            // A drum five times a second, a decaying hat in between, a bass beneath.
            let since = |every: usize| (i % every) as f32 / rate as f32;
            let (drum, hat) = (libm::expf(-since(frames / 5) * 30.0), libm::expf(-since(frames / 13) * 80.0));
            low + 2.0 * high * drum + 1.5 * hiss * hat
        })
        .collect();
    let mut clicks = noise(22, 0.5, frames);
    (0..frames).step_by(4999).for_each(|i| clicks[i] = if i % 2 == 0 { 30.0 } else { -6.0 });
    vec![
        ("noise", noise(20, 3.0, frames)),
        ("a quarter of the rate at 45 degrees", at(4.0, 45.0)),
        ("a sixth of the rate at 60 degrees", at(6.0, 60.0)),
        ("four ninths of the rate", at(2.25, 10.0)),
        ("a square of 997 Hz", square),
        ("two up, two down", over),
        ("bursts", bursts),
        ("clicks", clicks),
    ]
}

#[test]
fn limiter_never_passes_its_ceiling_between_the_samples() {
    let mut worst = [f32::MIN; 2];
    for rate in RATES {
        for (name, mut signal) in material(rate) {
            // An end is an edge too: it is to come out.
            signal.extend(vec![0.0; rate as usize / 10]);
            for (ceiling, lookahead, release) in
                [(-1.0, 0.005, 0.08), (-3.0, 0.002, 0.02), (-12.0, 0.0015, 0.001), (-1.0, 0.02, 2.0)]
            {
                let params = LimiterParams {
                    ceiling: db(ceiling),
                    lookahead: s(lookahead),
                    release: s(release),
                    true_peak: true,
                };
                let out = run(&mut Limiter::new(&params, rate), &signal);
                let over = [true_peak_db(&out), their_true_peak_db(&out, rate)].map(|peak| peak - ceiling);
                worst = [worst[0].max(over[0]), worst[1].max(over[1])];
                let [ours, theirs] = over;
                let case =
                    format!("{rate} Hz, {name}, {ceiling} dB, ahead {lookahead} s, release {release} s");
                println!("{case}: {ours:+.3} dB, by ebur128 {theirs:+.3} dB");
                assert!(ours.max(theirs) <= 0.1, "{case}: {ours:+.3} dB, by ebur128 {theirs:+.3} dB");
                assert!(ours.max(theirs) > -1.0, "{case}: {ours:+.3} dB, too low");
                let top = out.iter().fold(0.0, |top: f32, x| top.max(x.abs()));
                assert!(top <= db(ceiling).amplitude(), "{rate} Hz, {name}: a sample of {top}");
            }
        }
    }
    println!(
        "limiter: highest true peak over the ceiling {:+.3} dB, by ebur128 {:+.3} dB",
        worst[0], worst[1]
    );
}

#[test]
fn what_has_no_crest_above_the_ceiling_passes_bit_for_bit() {
    for rate in RATES {
        let params = LimiterParams { ceiling: db(-6.0), ..Default::default() };
        // Tones and noise whose crests, and those of their edges, are below the ceiling.
        for signal in [
            sine(rate as f32 / 4.0, 0.35, rate, 20_000),
            sine(1000.0, 0.45, rate, 20_000),
            noise(9, 0.2, 20_000),
        ] {
            assert!(true_peak_db(&signal) < -6.0);
            let mut limiter = Limiter::new(&params, rate);
            let late = limiter.latency();
            assert_eq!(late, s(0.005).frames(rate) as usize);
            let out = run(&mut limiter, &signal);
            assert!(out[late..] == signal[..20_000 - late] && limiter.reduction_db() == 0.0);
            // And again once a loud moment is released.
            run(&mut limiter, &[1.0; 500]);
            run(&mut limiter, &vec![0.0; rate as usize * 3]);
            let out = run(&mut limiter, &signal);
            assert!(out[late..] == signal[..20_000 - late] && limiter.reduction_db() == 0.0);
        }
    }
}

#[test]
fn a_sine_between_the_samples_is_turned_down_by_what_it_is_over() {
    // At 45 degrees a quarter of the rate has samples 3 dB below its crests.
    let signal: Vec<f32> = (0..48_000).map(|i| [1.0, 1.0, -1.0, -1.0][i % 4] * 0.999_f32).collect();
    for (true_peak, expected) in [(true, 3.0), (false, 0.0)] {
        let params = LimiterParams { ceiling: db(0.0), true_peak, ..Default::default() };
        let mut limiter = Limiter::new(&params, 48_000);
        run(&mut limiter, &signal);
        assert!((limiter.reduction_db() - expected).abs() < 0.1, "{} dB", limiter.reduction_db());
    }
}
