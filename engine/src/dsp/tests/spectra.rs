//! Equaliser, delay and reverb against theory.

use super::*;
use crate::dsp::measure::{decibels, goertzel, noise, rms_db, rt60, sine};

fn impulse(frames: usize) -> Vec<f32> {
    let mut signal = vec![0.0; frames];
    signal[0] = 1.0;
    signal
}

#[test]
fn eq_has_the_analytical_response() {
    use EqShape::*;
    let mut worst = 0.0_f32;
    for rate in RATES {
        for shape in [Peak, LowShelf, HighShelf, HighPass, LowPass] {
            for (freq, gain, q) in
                [(20.0, 12.0, 0.7), (120.0, -15.0, 2.0), (3000.0, 9.0, 1.0), (17_000.0, -6.0, 0.7)]
            {
                let band = band(shape, freq, gain, q);
                for probe in [20.0, 100.0, 1000.0, 8000.0, 18_000.0] {
                    let expected = band.response_db(probe, rate);
                    if expected < -60.0 {
                        continue;
                    }
                    // Half a second to settle, half a second, whole periods, to measure.
                    let tone = sine(probe, 0.1, rate, rate as usize);
                    let out = run(&mut Eq::new(&bands(&[band]), rate), &tone);
                    let got = decibels(goertzel(&out[rate as usize / 2..], probe, rate) / 0.1);
                    worst = worst.max((got - expected).abs());
                    assert!(
                        (got - expected).abs() < 0.1,
                        "{rate} Hz, {band:?} at {probe} Hz: {got} dB, not {expected}"
                    );
                }
            }
        }
    }
    println!("eq: worst deviation {worst:.5} dB");
}

#[test]
fn eq_responses_are_the_textbook_ones() {
    // The gain at a peak's centre, half of it at a shelf's corner, q at a pass's corner, 12 dB per octave.
    let at = |band: EqBand, freq| band.response_db(freq, 48_000);
    assert!((at(band(EqShape::Peak, 1000.0, 9.0, 2.0), 1000.0) - 9.0).abs() < 1e-3);
    assert!((at(band(EqShape::LowShelf, 200.0, 8.0, 0.7), 200.0) - 4.0).abs() < 1e-2);
    assert!((at(band(EqShape::LowShelf, 200.0, 8.0, 0.7), 2.0) - 8.0).abs() < 1e-2);
    assert!((at(band(EqShape::HighShelf, 2000.0, -8.0, 0.7), 2000.0) + 4.0).abs() < 0.1);
    assert!((at(band(EqShape::LowPass, 500.0, 0.0, 0.5), 500.0) + 6.0206).abs() < 1e-3);
    let slope = at(band(EqShape::HighPass, 1000.0, 0.0, 0.7), 50.0)
        - at(band(EqShape::HighPass, 1000.0, 0.0, 0.7), 25.0);
    assert!((slope - 12.04).abs() < 0.05, "{slope}");
    // A corner beyond Nyquist is brought below it: still a filter, still finite.
    let high = band(EqShape::LowPass, 96_000.0, 0.0, 0.7);
    assert!(high.response_db(1000.0, 44_100).abs() < 0.1);
    assert!(run(&mut Eq::new(&bands(&[high]), 44_100), &noise(1, 1.0, 5000)).iter().all(|x| x.abs() < 4.0));
}

#[test]
fn eq_arrives_where_a_new_one_would_stand() {
    let target = bands(&[band(EqShape::Peak, 4000.0, 12.0, 3.0)]);
    let mut eq = Eq::new(&bands(&[band(EqShape::LowPass, 100.0, 0.0, 0.7)]), 48_000);
    eq.set(&target);
    run(&mut eq, &[0.0; 48_000]);
    let signal = noise(3, 0.5, 4800);
    assert_eq!(run(&mut eq, &signal), run(&mut Eq::new(&target, 48_000), &signal));
    eq.set(&EqParams::default());
    run(&mut eq, &[0.0; 48_000]);
    assert_eq!(run(&mut eq, &signal), signal);
}

#[test]
fn delay_repeats_at_its_time_and_feedback() {
    for rate in RATES {
        let params = DelayParams { time: s(0.25), feedback: part(0.5), mix: part(0.25) };
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
            let params =
                ReverbParams { rt60: s(seconds), damping: part(damping), predelay: s(0.0), mix: part(1.0) };
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
        let params = ReverbParams { rt60: s(seconds), damping: part(0.0), predelay: s(0.0), mix: part(1.0) };
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
    let params = ReverbParams { rt60: s(2.0), damping: part(0.0), predelay: s(0.0), mix: part(1.0) };
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
