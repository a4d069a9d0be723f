//! What swings, against theory.

use super::*;
use crate::dsp::measure::{amplitude_at, decibels, goertzel, noise, rms_db, sine};

/// The levels of a signal in parts of that many frames, as amplitudes.
fn envelope(signal: &[f32], part: usize) -> Vec<f32> {
    signal.chunks_exact(part).map(|part| part.iter().fold(0.0, |top: f32, x| top.max(x.abs()))).collect()
}

#[test]
fn tremolo_swings_as_often_and_as_deep_as_declared() {
    for rate in RATES {
        for (hertz, depth) in [(0.5, 1.0), (5.0, 0.5), (12.0, 0.9)] {
            for shape in [TremoloShape::Sine, TremoloShape::Triangle] {
                let params = TremoloParams { rate: hertz, depth: part(depth), shape, ..Default::default() };
                let out = run(&mut Tremolo::new(&params, rate), &vec![1.0; rate as usize * 4]);
                // The swing itself: its mean, its first harmonic, and none where it should not be.
                let mean = out.iter().sum::<f32>() / out.len() as f32;
                assert!((mean - (1.0 - depth / 2.0)).abs() < 2e-3, "{rate} Hz, {params:?}: {mean}");
                let first =
                    if shape == TremoloShape::Sine { 1.0 } else { 8.0 / std::f32::consts::PI.powi(2) };
                let got = goertzel(&out, hertz, rate);
                assert!((got - first * depth / 2.0).abs() < 2e-3, "{rate} Hz, {params:?}: {got}");
                let top = out.iter().fold(0.0, |top: f32, x| top.max(*x));
                let low = out.iter().fold(9.0, |low: f32, x| low.min(*x));
                assert!((top - 1.0).abs() < 1e-3 && (low - (1.0 - depth)).abs() < 5e-3, "{low} to {top}");
            }
        }
    }
}

#[test]
fn tremolo_square_stands_at_its_ends() {
    let params =
        TremoloParams { rate: 4.0, depth: part(1.0), shape: TremoloShape::Square, ..Default::default() };
    let out = run(&mut Tremolo::new(&params, 48_000), &vec![1.0; 48_000]);
    let ends = out.iter().filter(|x| **x > 0.99 || **x < 0.01).count();
    // Eight edges of 5 ms a second.
    assert!((95.0..98.0).contains(&(100.0 * ends as f32 / 48_000.0)), "{ends}");
    let step = out.windows(2).fold(0.0, |top: f32, w| top.max((w[1] - w[0]).abs()));
    assert!(step < 1.6 / 240.0, "{step}");
}

#[test]
fn tremolo_goes_from_side_to_side() {
    let params = TremoloParams { rate: 2.0, depth: part(1.0), phase: 180.0, ..Default::default() };
    let still = vec![1.0; 48_000];
    let (l, r) = run_cut(&mut Tremolo::new(&params, 48_000), &still, &still, &[128]);
    assert!(l.iter().zip(&r).all(|(l, r)| (l + r - 1.0).abs() < 1e-3));
    assert!(l[0] > 0.99 && r[12_000] > 0.99);
}

/// How much the two outputs differ, against how much there is, in decibels.
fn spread_db<P: Processor>(params: &P::Params) -> f32 {
    let signal = noise(4, 0.5, 96_000);
    let (l, r) = run_cut(&mut P::new(params, 48_000), &signal, &signal, &[128]);
    let side: Vec<f32> = l.iter().zip(&r).map(|(l, r)| l - r).collect();
    rms_db(&side) - rms_db(&l)
}

#[test]
fn the_phase_between_the_sides_opens_a_mono_signal() {
    let chorus = |phase| ChorusParams { phase, voices: 1.0, ..Default::default() };
    let flanger = |phase| FlangerParams { phase, ..Default::default() };
    let phaser = |phase| PhaserParams { phase, ..Default::default() };
    let spread = |phase| {
        [
            spread_db::<Chorus>(&chorus(phase)),
            spread_db::<Flanger>(&flanger(phase)),
            spread_db::<Phaser>(&phaser(phase)),
        ]
    };
    assert_eq!(spread(0.0), [f32::NEG_INFINITY; 3]);
    let open = spread(180.0);
    println!("spread at 180 degrees: {open:?} dB");
    assert!(open.iter().all(|spread| *spread > -6.0), "{open:?}");
}

/// How often a second the pitch of a tone swings: the frequency of its own frequency.
fn swings<P: Processor>(params: &P::Params, rate: u32) -> f32 {
    let tone = sine(2000.0, 0.5, rate, rate as usize * 4);
    let out = run(&mut P::new(params, rate), &tone);
    // Beats of copy and signal: the envelope in parts of a millisecond, over whole seconds.
    let envelope = envelope(&out[rate as usize..], rate as usize / 1000 + 1);
    let mean = envelope.iter().sum::<f32>() / envelope.len() as f32;
    let still: Vec<f32> = envelope.iter().map(|x| x - mean).collect();
    let parts = rate as f32 / (rate as usize / 1000 + 1) as f32;
    let strength = |tenths: i32| amplitude_at(&still, tenths as f32 / 10.0, parts as u32);
    (5..60).max_by(|a, b| strength(*a).total_cmp(&strength(*b))).unwrap() as f32 / 10.0
}

#[test]
fn copies_swing_as_often_as_declared() {
    for rate in RATES {
        // So little depth that the comb's level follows the swing.
        for hertz in [1.0, 2.0, 4.0] {
            let chorus = ChorusParams {
                rate: hertz,
                depth: s(0.000_03),
                delay: s(0.010_125),
                voices: 1.0,
                ..Default::default()
            };
            assert!(
                (swings::<Chorus>(&chorus, rate) - hertz).abs() < 0.11,
                "{rate} Hz: chorus at {hertz} Hz"
            );
            let flanger = FlangerParams {
                rate: hertz,
                depth: part(0.02),
                delay: s(0.002_125),
                feedback: 0.0,
                ..Default::default()
            };
            assert!(
                (swings::<Flanger>(&flanger, rate) - hertz).abs() < 0.11,
                "{rate} Hz: flanger at {hertz} Hz"
            );
            let phaser = PhaserParams {
                rate: hertz,
                low: hz(1500.0),
                high: hz(1700.0),
                stages: 2.0,
                feedback: 0.0,
                ..Default::default()
            };
            assert!(
                (swings::<Phaser>(&phaser, rate) - hertz).abs() < 0.11,
                "{rate} Hz: phaser at {hertz} Hz"
            );
        }
    }
}

/// The level of a tone behind a processor at rest, in decibels.
fn level_db<P: Processor>(params: &P::Params, freq: f32, rate: u32) -> f32 {
    let out = run(&mut P::new(params, rate), &sine(freq, 0.25, rate, rate as usize));
    decibels(goertzel(&out[rate as usize / 2..], freq, rate) / 0.25)
}

#[test]
fn flanger_combs_where_theory_says() {
    for rate in RATES {
        // Copies 2 ms late: notches at odd multiples of 250 Hz, peaks at even ones. With feedback f the copy is
        // 1 / (1 - f) strong at the peaks, 1 / (1 + f) at the notches.
        for (feedback, peak, notch) in
            [(0.0, 1.0, 0.0), (0.5, 1.5, 1.0 / 6.0), (-0.5, 0.5 + 0.5 / 1.5, 0.5 - 0.5 / 0.5)]
        {
            let params = FlangerParams { depth: part(0.0), delay: s(0.002), feedback, ..Default::default() };
            for (freq, expected) in [(500.0, peak), (2500.0, peak), (250.0, notch), (1750.0, notch)] {
                let got = level_db::<Flanger>(&params, freq, rate);
                let expected = decibels(expected).max(-45.0);
                assert!(
                    (got.max(-45.0) - expected).abs() < 0.5,
                    "{rate} Hz, feedback {feedback}, {freq} Hz: {got} dB, not {expected}"
                );
            }
        }
    }
}

#[test]
fn phaser_has_its_notches_where_theory_says() {
    for rate in RATES {
        for stages in [2, 4, 6, 8, 10, 12] {
            let params = PhaserParams {
                low: hz(1000.0),
                high: hz(1000.0),
                stages: stages as f32,
                feedback: 0.0,
                ..Default::default()
            };
            let warp = |x: f32| libm::tanf(std::f32::consts::PI * x / rate as f32);
            for k in 0..stages / 2 {
                let place = warp(1000.0)
                    * libm::tanf(std::f32::consts::PI * (2 * k + 1) as f32 / (2 * stages) as f32);
                let notch = libm::atanf(place) * rate as f32 / std::f32::consts::PI;
                // Whole hertz, so that the measurement is exact; low notches are narrow.
                let got = level_db::<Phaser>(&params, libm::roundf(notch), rate);
                assert!(got < -35.0, "{rate} Hz, {stages} stages, notch at {notch} Hz: {got} dB");
            }
            assert!(level_db::<Phaser>(&params, 20.0, rate).abs() < 0.3);
        }
    }
}

#[test]
fn chorus_copies_are_late_and_keep_the_treble() {
    for rate in RATES {
        let params = ChorusParams {
            delay: s(0.0101),
            depth: s(0.0),
            voices: 1.0,
            mix: part(1.0),
            ..Default::default()
        };
        for (freq, bound) in [(1000.0, 0.02), (5000.0, 0.15), (8000.0, 0.6)] {
            let got = level_db::<Chorus>(&params, freq, rate);
            assert!(got.abs() < bound, "{rate} Hz, {freq} Hz: {got} dB");
        }
        let mut click = vec![0.0; rate as usize / 10];
        click[0] = 1.0;
        let out = run(&mut Chorus::new(&params, rate), &click);
        let at = out.iter().map(|x| x * x).enumerate().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap().0;
        assert!((at as f32 - 0.0101 * rate as f32).abs() <= 1.0, "{rate} Hz: {at}");
        // Two copies against one another are as loud as one, for noise.
        let signal = noise(8, 0.5, rate as usize);
        for voices in 1..=4 {
            let params = ChorusParams { voices: voices as f32, mix: part(1.0), ..Default::default() };
            let out = run(&mut Chorus::new(&params, rate), &signal);
            let gain = rms_db(&out[rate as usize / 10..]) - rms_db(&signal);
            assert!((-3.0..0.5).contains(&gain), "{rate} Hz, {voices} voices: {gain} dB");
        }
    }
}

#[test]
fn extremes_stay_bounded_and_are_forgotten() {
    #[track_caller]
    fn check<P: Processor>(params: &P::Params, bound: f32) {
        for rate in [8000, 44_100, 192_000] {
            let mut unit = P::new(params, rate);
            let out = run(&mut unit, &noise(6, 1.0, 20_000));
            let top = out.iter().fold(0.0, |top: f32, x| top.max(x.abs()));
            assert!(top.is_finite() && top < bound, "{rate} Hz: {top}");
            run(&mut unit, &noise(6, 1e6, 2000));
            unit.reset();
            assert!(run(&mut unit, &[0.0; 1000]).iter().all(|x| *x == 0.0), "{rate} Hz: after reset");
            let fresh = run(&mut P::new(params, rate), &noise(7, 0.5, 2000));
            unit.reset();
            assert!(run(&mut unit, &noise(7, 0.5, 2000)) == fresh, "{rate} Hz: like new");
            // What is left after the tail is silence.
            let (tail, late) = (unit.tail(), unit.latency());
            let rest = run(&mut unit, &vec![0.0; tail + late + 1000]);
            assert!(rest[tail + late..].iter().all(|x| x.abs() < 1e-5 * 0.5 * bound), "{rate} Hz: the tail");
        }
    }
    check::<Chorus>(
        &ChorusParams {
            rate: 10.0,
            depth: s(0.01),
            delay: s(0.05),
            voices: 4.0,
            mix: part(1.0),
            phase: 360.0,
        },
        4.0,
    );
    let flanger =
        FlangerParams { rate: 10.0, depth: part(1.0), delay: s(0.01), feedback: 0.95, ..Default::default() };
    check::<Flanger>(&flanger, 25.0);
    check::<Flanger>(&FlangerParams { delay: s(0.0005), feedback: -0.95, ..flanger }, 25.0);
    let phaser = PhaserParams {
        rate: 10.0,
        low: hz(20.0),
        high: hz(20_000.0),
        stages: 12.0,
        feedback: 0.95,
        ..Default::default()
    };
    check::<Phaser>(&phaser, 25.0);
    check::<Phaser>(&PhaserParams { low: hz(20_000.0), high: hz(20.0), feedback: -0.95, ..phaser }, 25.0);
    check::<Tremolo>(&TremoloParams { rate: 30.0, depth: part(1.0), ..Default::default() }, 1.01);
    check::<Crusher>(&CrusherParams { bits: 1.0, rate: hz(100.0), mix: part(1.0) }, 1.01);
    check::<DcBlock>(&DcBlockParams { freq: hz(40.0) }, 2.0);
    check::<Width>(
        &WidthParams { width: 2.0, side: db(12.0), mid: db(12.0), bass_mono: hz(500.0), balance: 0.3 },
        20.0,
    );
    for (pitch, window) in [(24.0, 0.03), (-24.0, 0.2), (11.0, 0.06)] {
        let pitch = Semitones::new(pitch).unwrap();
        check::<PitchShift>(&PitchShiftParams { pitch, window: s(window), mix: part(1.0) }, 4.0);
    }
    for curve in DistortionCurve::ALL {
        let params =
            DistortionParams { curve: *curve, drive: db(48.0), output: db(0.0), ..Default::default() };
        check::<Distortion>(&params, 4.0);
    }
}
