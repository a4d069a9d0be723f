//! Distortion, crusher and what takes away offsets, against theory.

use super::*;
use crate::dsp::measure::{decibels, goertzel, noise, peak_db, rms_db, sine};
use crate::effects::{DistortionCurve, Oversampling};

fn distortion(curve: DistortionCurve, oversampling: Oversampling, drive: f32) -> DistortionParams {
    DistortionParams { curve, oversampling, drive: db(drive), output: db(0.0), ..Default::default() }
}

type Wave = fn(f64) -> f64;

/// The amplitude of a harmonic of a sine of amplitude `a` behind a curve: the Fourier integral.
fn harmonic(curve: Wave, a: f64, number: u32) -> f64 {
    let steps = 200_000;
    let angle = |i: i32| (f64::from(i) + 0.5) / f64::from(steps) * std::f64::consts::TAU;
    let sum = |wave: Wave| -> f64 {
        (0..steps).map(|i| curve(a * libm::sin(angle(i))) * wave(f64::from(number) * angle(i))).sum::<f64>()
    };
    2.0 / f64::from(steps) * libm::hypot(sum(libm::sin), sum(libm::cos))
}

#[test]
fn distortion_makes_the_harmonics_of_its_curve() {
    use DistortionCurve::*;
    let tape = |x: f64| x / libm::sqrt(1.0 + x * x);
    let curves: [(DistortionCurve, Wave); 5] = [
        (Soft, libm::tanh),
        (Hard, |x| x.clamp(-1.0, 1.0)),
        (Tape, tape),
        (Tube, |x| 1.189_3 * ((x + 0.35) / libm::sqrt(1.0 + (x + 0.35) * (x + 0.35)))),
        (Fold, |x| libm::sin(0.5 * std::f64::consts::PI * x)),
    ];
    let mut worst = 0.0_f32;
    for rate in RATES {
        for (curve, theory) in curves {
            for (oversampling, drive) in
                [(Oversampling::X1, 0.0), (Oversampling::X4, 0.0), (Oversampling::X4, 12.0)]
            {
                let tone = sine(200.0, 0.7, rate, rate as usize);
                let out = run(&mut Distortion::new(&distortion(curve, oversampling, drive), rate), &tone);
                for number in 1..=7 {
                    let expected =
                        decibels(harmonic(theory, f64::from(0.7 * db(drive).amplitude()), number) as f32);
                    let got = decibels(goertzel(&out[rate as usize / 2..], 200.0 * number as f32, rate));
                    if expected < -60.0 {
                        assert!(got < -55.0, "{rate} Hz, {curve:?}, harmonic {number}: {got} dB");
                        continue;
                    }
                    worst = worst.max((got - expected).abs());
                    assert!(
                        (got - expected).abs() < 0.1,
                        "{rate} Hz, {curve:?} {oversampling:?}, harmonic {number}: {got} dB, not {expected}"
                    );
                }
                let mean = out[rate as usize / 2..].iter().sum::<f32>() / (rate / 2) as f32;
                assert!(mean.abs() < 1e-3, "{rate} Hz, {curve:?}: an offset of {mean}");
            }
        }
    }
    println!("distortion: worst deviation of a harmonic {worst:.4} dB");
}

/// The strongest component below 20 kHz that is no harmonic, in decibels.
fn alias_db(curve: DistortionCurve, oversampling: Oversampling, freq: u32, rate: u32) -> f32 {
    let tone = sine(freq as f32, 1.0, rate, rate as usize);
    let out = run(&mut Distortion::new(&distortion(curve, oversampling, 24.0), rate), &tone);
    // Whatever folds back is a multiple of what frequency and rate share.
    let (mut raster, mut rest) = (freq, rate);
    while rest > 0 {
        (raster, rest) = (rest, raster % rest);
    }
    let settled = &out[out.len() * 9 / 10..];
    let level = |at: u32| decibels(goertzel(settled, at as f32, rate));
    let places = (1..).map(|i| i * raster).take_while(|at| *at < 20_000 && 2 * at < rate);
    places.filter(|at| !at.is_multiple_of(freq)).map(level).fold(-200.0, f32::max)
}

#[test]
fn oversampling_holds_aliases_down() {
    use DistortionCurve::*;
    // At 5 and 9 kHz; the folder makes more and higher harmonics than the others.
    for (oversampling, bounds, folds) in [
        (Oversampling::X1, [-10.0, -6.0], [-5.0, -3.0]),
        (Oversampling::X2, [-56.0, -43.0], [-38.0, -5.0]),
        (Oversampling::X4, [-72.0, -64.0], [-85.0, -47.0]),
        (Oversampling::X8, [-95.0, -80.0], [-85.0, -80.0]),
    ] {
        for curve in [Soft, Hard, Tape, Tube, Fold] {
            let bounds = if curve == Fold { folds } else { bounds };
            for (freq, bound) in [5000, 9000].into_iter().zip(bounds) {
                let worst = RATES
                    .iter()
                    .map(|rate| alias_db(curve, oversampling, freq, *rate))
                    .fold(-200.0, f32::max);
                println!("{oversampling:?} {curve:?}, {freq} Hz: aliases {worst:.1} dB");
                assert!(worst < bound, "{curve:?} {oversampling:?}, {freq} Hz: {worst} dB");
            }
        }
    }
}

#[test]
fn distortion_without_mix_is_only_late() {
    for oversampling in Oversampling::ALL {
        let params =
            DistortionParams { mix: part(0.0), ..distortion(DistortionCurve::Hard, *oversampling, 30.0) };
        let mut unit = Distortion::new(&params, 48_000);
        let signal = noise(3, 0.9, 5000);
        let (out, late) = (run(&mut unit, &signal), unit.latency());
        assert!(out[late..] == signal[..5000 - late], "{oversampling:?}");
    }
}

#[test]
fn distortion_mixes_in_phase() {
    // Far below the curve's bend, dry and wet are the same: whatever the mix, nothing changes.
    for oversampling in Oversampling::ALL {
        for freq in [100.0, 3000.0, 10_000.0, 18_000.0] {
            let params =
                DistortionParams { mix: part(0.5), ..distortion(DistortionCurve::Hard, *oversampling, 0.0) };
            let out = run(&mut Distortion::new(&params, 48_000), &sine(freq, 0.5, 48_000, 9600));
            let got = decibels(goertzel(&out[4800..], freq, 48_000) / 0.5);
            assert!(got.abs() < 0.1, "{oversampling:?}, {freq} Hz: {got} dB");
        }
    }
}

#[test]
fn distortion_tone_is_a_second_order_low_pass() {
    let params =
        DistortionParams { tone: hz(2000.0), ..distortion(DistortionCurve::Hard, Oversampling::X2, 0.0) };
    for (freq, expected) in [(200.0, 0.0), (2000.0, -3.01), (8000.0, -25.7)] {
        let out = run(&mut Distortion::new(&params, 48_000), &sine(freq, 0.5, 48_000, 9600));
        let got = decibels(goertzel(&out[4800..], freq, 48_000) / 0.5);
        assert!((got - expected).abs() < 0.2, "{freq} Hz: {got} dB");
    }
}

#[test]
fn dc_block_takes_away_the_constant_and_three_decibels_at_its_corner() {
    for rate in RATES {
        for freq in [1.0, 5.0, 40.0] {
            let params = DcBlockParams { freq: hz(freq) };
            let tone = sine(freq, 0.5, rate, rate as usize * 4);
            let out = run(&mut DcBlock::new(&params, rate), &tone);
            let got = decibels(goertzel(&out[rate as usize * 2..], freq, rate) / 0.5);
            assert!((got + 3.0103).abs() < 0.05, "{rate} Hz, corner {freq} Hz: {got} dB");
            let high = run(&mut DcBlock::new(&params, rate), &sine(1000.0, 0.5, rate, rate as usize));
            assert!((decibels(goertzel(&high[rate as usize / 2..], 1000.0, rate) / 0.5)).abs() < 0.01);
            let still = run(&mut DcBlock::new(&params, rate), &vec![0.5; rate as usize * 4]);
            let tail = DcBlock::new(&params, rate).tail();
            assert!(still[0] > 0.49 && peak_db(&still[tail..]) < -105.0, "{rate} Hz, {freq} Hz");
        }
    }
}

#[test]
fn crusher_has_the_noise_of_its_bits() {
    for rate in RATES {
        for bits in [4.0, 8.0, 10.5, 16.0] {
            let params = CrusherParams { bits, ..Default::default() };
            // Ends of the steps are met evenly: an odd frequency, and noise.
            let signal = noise(2, 0.9, 50_000);
            let out = run(&mut Crusher::new(&params, rate), &signal);
            let error: Vec<f32> = out.iter().zip(&signal).map(|(out, x)| out - x).collect();
            // A step of 2^(1 - bits), evenly distributed: its 1 / √12.
            let expected = -6.0206 * (bits - 1.0) - 10.79;
            let got = rms_db(&error);
            assert!((got - expected).abs() < 0.2, "{rate} Hz, {bits} bits: {got} dB, not {expected}");
        }
        let signal = noise(2, 0.9, 5000);
        let out = run(&mut Crusher::new(&CrusherParams { bits: 24.0, ..Default::default() }, rate), &signal);
        assert!(out.iter().zip(&signal).all(|(out, x)| (out - x).abs() < 1.3e-7));
        let params = CrusherParams { bits: 1.0, mix: part(0.0), ..Default::default() };
        assert_eq!(run(&mut Crusher::new(&params, rate), &signal), signal);
    }
}

#[test]
fn crusher_holds_for_exact_times() {
    for rate in RATES {
        for hertz in [1000.0, 7350.0, 11_234.5] {
            let params = CrusherParams { bits: 24.0, rate: hz(hertz), ..Default::default() };
            let tone = sine(100.0, 0.5, rate, rate as usize);
            let out = run(&mut Crusher::new(&params, rate), &tone);
            // Held samples leave images on both sides of their rate.
            let held = |x: f32| libm::sinf(std::f32::consts::PI * x) / (std::f32::consts::PI * x);
            let expected = decibels(held((hertz - 100.0) / hertz));
            let got = decibels(goertzel(&out, hertz - 100.0, rate) / 0.5);
            assert!((got - expected).abs() < 1.0, "{rate} Hz, {hertz} Hz: {got} dB, not {expected}");
            // Where the image next to the engine's rate folds to; were times rounded, it would be at -50 dB.
            let near = (rate as f32 - libm::roundf(rate as f32 / hertz) * hertz).abs();
            if near > 200.0 {
                let folded = decibels(goertzel(&out, near - 100.0, rate) / 0.5);
                println!("{rate} Hz, {hertz} Hz: folded at {} Hz {folded:.1} dB", near - 100.0);
                assert!(folded < -70.0, "{rate} Hz, {hertz} Hz: {folded} dB");
            }
        }
    }
}

#[test]
fn width_at_rest_is_the_signal_itself() {
    let (left, right) = (noise(1, 0.9, 2000), noise(2, 0.9, 2000));
    let out = run_cut(&mut Width::new(&WidthParams::default(), 48_000), &left, &right, &[128]);
    assert_eq!(out, (left, right));
}

#[test]
fn width_weighs_middle_and_sides() {
    let (left, right) = (noise(1, 0.9, 9600), noise(2, 0.9, 9600));
    let widened = |params: WidthParams| run_cut(&mut Width::new(&params, 48_000), &left, &right, &[128]);
    let (l, r) = widened(WidthParams { width: 0.0, ..Default::default() });
    assert!(
        l == r && l.iter().zip(left.iter().zip(&right)).all(|(m, (l, r))| (m - 0.5 * (l + r)).abs() < 1e-6)
    );
    let (l, r) =
        widened(WidthParams { width: 2.0, mid: db(-6.0206), side: db(-120.0), ..Default::default() });
    assert!(l == r && (rms_db(&l) - rms_db(&left) + 6.02 + 3.01).abs() < 0.2);
    let (l, r) = widened(WidthParams { width: 2.0, ..Default::default() });
    let side = |l: &[f32], r: &[f32]| rms_db(&l.iter().zip(r).map(|(l, r)| l - r).collect::<Vec<_>>());
    assert!((side(&l, &r) - side(&left, &right) - 6.02).abs() < 0.01);
    let (l, r) = widened(WidthParams { balance: -1.0, ..Default::default() });
    assert!(l == left && r.iter().all(|x| *x == 0.0));
}

#[test]
fn width_makes_the_bass_mono() {
    for rate in RATES {
        let params = WidthParams { bass_mono: hz(150.0), ..Default::default() };
        // Tones on one side only: the half that is side goes below the corner, and stays above.
        for (freq, expected) in [(30.0, -28.0), (150.0, -3.01), (2000.0, 0.0)] {
            let tone = sine(freq, 0.5, rate, rate as usize);
            let none = vec![0.0; tone.len()];
            let (l, r) = run_cut(&mut Width::new(&params, rate), &tone, &none, &[128]);
            let side: Vec<f32> = l.iter().zip(&r).map(|(l, r)| l - r).collect();
            let got = decibels(goertzel(&side[rate as usize / 2..], freq, rate) / 0.5);
            assert!((got - expected).abs() < 0.1, "{rate} Hz, side at {freq} Hz: {got} dB");
            let mid: Vec<f32> = l.iter().zip(&r).map(|(l, r)| l + r).collect();
            assert!(decibels(goertzel(&mid[rate as usize / 2..], freq, rate) / 0.5).abs() < 0.01);
        }
    }
}
