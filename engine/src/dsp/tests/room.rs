//! The reverb against what it declares.

use super::*;
use crate::dsp::measure::{noise, peak_db, rms_db, rt60};
use crate::dsp::simd::{self, Level};

fn wet() -> ReverbParams {
    ReverbParams { predelay: s(0.0), mix: part(1.0), early: part(0.0), ..Default::default() }
}

/// The response to an impulse on both sides.
fn response(params: &ReverbParams, rate: u32, seconds: f32) -> (Vec<f32>, Vec<f32>) {
    let mut signal = vec![0.0; (seconds * rate as f32) as usize];
    signal[0] = 1.0;
    run_cut(&mut Reverb::new(params, rate), &signal, &signal, &[128])
}

/// The reverberation time that a measurement of an octave reads: each frequency dies in its declared time, the
/// octave filter weighs them, and the sum's backward integral is taken from -5 to -35 dB.
fn declared(params: &ReverbParams, octave: f32) -> f32 {
    let root = std::f32::consts::SQRT_2;
    let parts: Vec<(f64, f64)> = (1..=400)
        .map(|i| {
            let freq = octave * 4.0 * i as f32 / 400.0;
            let (low, high) = (octave / root / freq, freq / (octave * root));
            let weight = 1.0 / ((1.0 + low.powi(8)) * (1.0 + high.powi(8)));
            (f64::from(weight), f64::from(params.rt60_at(freq)))
        })
        .collect();
    let level = |t: f64| parts.iter().map(|(w, rt60)| w * rt60 * 10.0_f64.powf(-6.0 * t / rt60)).sum::<f64>();
    let falls = |db: f64| {
        let (mut early, mut late) = (0.0, 20.0);
        for _ in 0..40 {
            let t = 0.5 * (early + late);
            if 10.0 * (level(t) / level(0.0)).log10() > db { early = t } else { late = t }
        }
        early
    };
    (2.0 * (falls(-35.0) - falls(-5.0))) as f32
}

#[test]
fn every_octave_dies_in_the_declared_time() {
    let settings = [
        (1.2, 0.4, 1.0, 250.0, 1.0),
        (0.8, 0.6, 1.5, 300.0, 0.5),
        (2.5, 0.2, 0.5, 200.0, 2.0),
        (4.0, 0.6, 2.0, 500.0, 1.0),
        (1.0, 0.0, 0.4, 150.0, 0.25),
    ];
    let mut worst = 0.0_f32;
    for rate in RATES {
        for (seconds, damping, low_ratio, low_freq, size) in settings {
            let params = ReverbParams {
                rt60: s(seconds),
                damping: part(damping),
                low_ratio,
                low_freq: hz(low_freq),
                size,
                ..wet()
            };
            let out = response(&params, rate, seconds * low_ratio.max(1.0) * 0.8 + 0.3).0;
            for octave in [125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0] {
                let declared = declared(&params, octave);
                let measured = rt60(&out, rate, Some(octave)).unwrap();
                let error = 100.0 * (measured / declared - 1.0);
                println!(
                    "{rate} Hz, {params:?}, {octave} Hz: {measured:.3} s, not {declared:.3} ({error:+.1} %)"
                );
                worst = worst.max(error.abs());
            }
        }
    }
    println!("reverb: worst error of an octave {worst:.1} %");
    assert!(worst < 10.0, "{worst} %");
}

#[test]
fn the_tail_is_coloured_like_noise() {
    // The decay undone and Hann's window over 2.7 s: a network that stands still has a line spectrum there. Of
    // the power in a Fourier transform's bins, each relative to its third of an octave, the geometric mean over
    // the arithmetic one: -2.51 dB for Gaussian noise, whose bins are exponentially distributed.
    let flatness = |signal: &[f32], rt60: f32| {
        let count = 1 << 17;
        let mut bins: Vec<[f64; 2]> = (0..count)
            .map(|i| {
                let window = 0.5 - 0.5 * (std::f64::consts::TAU * i as f64 / count as f64).cos();
                let grown = 10.0_f64.powf(3.0 * i as f64 / (48_000.0 * f64::from(rt60)));
                [f64::from(signal[i]) * window * grown, 0.0]
            })
            .collect();
        transform(&mut bins);
        let mut sums = vec![0.0];
        for [re, im] in &bins[..count / 2] {
            sums.push(sums[sums.len() - 1] + re * re + im * im);
        }
        let bin = |hertz: f64| (hertz * count as f64 / 48_000.0) as usize;
        let relative = (bin(300.0)..bin(6000.0)).map(|k| {
            let (a, b) = ((k as f64 * 0.891) as usize, (k as f64 * 1.122) as usize);
            (sums[k + 1] - sums[k]) * (b - a) as f64 / (sums[b] - sums[a])
        });
        let all: Vec<f64> = relative.collect();
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        let geometric = (all.iter().map(|x| x.ln()).sum::<f64>() / all.len() as f64).exp();
        10.0 * (geometric / mean).log10()
    };
    let white = flatness(&noise(5, 1.0, 1 << 17), 1e9);
    assert!((white + 2.51).abs() < 0.1, "noise: {white} dB");
    let of = |modulation: f32, size: f32| {
        let params =
            ReverbParams { rt60: s(4.0), damping: part(0.0), modulation: part(modulation), size, ..wet() };
        let out = response(&params, 48_000, 3.2).0;
        let flat = flatness(&out[14_400..], 4.0);
        println!("reverb of size {size}, modulation {modulation}: flatness {flat:.2} dB");
        flat
    };
    assert!(of(0.25, 1.0) > -5.5 && of(0.25, 2.0) > -5.0 && of(1.0, 1.0) > -4.5);
    assert!(of(0.0, 1.0) < -10.0, "the measure tells a network that stands still");
}

/// A Fourier transform in place, by the textbook: for measuring only.
fn transform(bins: &mut [[f64; 2]]) {
    let count = bins.len();
    if count == 1 {
        return;
    }
    let mut even: Vec<_> = bins.iter().copied().step_by(2).collect();
    let mut odd: Vec<_> = bins.iter().copied().skip(1).step_by(2).collect();
    transform(&mut even);
    transform(&mut odd);
    for (k, (a, b)) in even.iter().zip(&odd).enumerate() {
        let (sin, cos) = (-std::f64::consts::TAU * k as f64 / count as f64).sin_cos();
        let turned = [b[0] * cos - b[1] * sin, b[0] * sin + b[1] * cos];
        bins[k] = [a[0] + turned[0], a[1] + turned[1]];
        bins[k + count / 2] = [a[0] - turned[0], a[1] - turned[1]];
    }
}

#[test]
fn a_frozen_tail_stands_and_then_dies_as_declared() {
    for rate in RATES {
        let second = rate as usize;
        let melted = ReverbParams { rt60: s(1.0), damping: part(0.5), low_ratio: 1.5, size: 1.3, ..wet() };
        let frozen = ReverbParams { freeze: true, ..melted };
        let mut reverb = Reverb::new(&melted, rate);
        run_cut(&mut reverb, &noise(1, 0.5, second), &noise(2, 0.5, second), &[128]);
        reverb.set(&frozen);
        assert_eq!(reverb.tail(), usize::MAX);
        run(&mut reverb, &vec![0.0; second / 2]);
        let held = run(&mut reverb, &vec![0.0; 10 * second]);
        let levels: Vec<f32> = held.chunks(second).map(rms_db).collect();
        println!("{rate} Hz, frozen: {levels:?}");
        assert!(levels.iter().all(|level| (level - levels[0]).abs() < 0.5), "{rate} Hz: {levels:?}");
        // Nothing new comes in.
        let mut other = Reverb::new(&frozen, rate);
        assert!(run(&mut other, &noise(3, 1.0, second)).iter().all(|x| *x == 0.0));
        // And on it goes.
        reverb.set(&melted);
        let tail = run(&mut reverb, &vec![0.0; 2 * second]);
        let measured = rt60(&tail[second / 10..], rate, Some(1000.0)).unwrap();
        let declared = melted.rt60_at(1000.0);
        assert!((measured / declared - 1.0).abs() < 0.1, "{rate} Hz: {measured} s, not {declared}");
    }
}

#[test]
fn first_reflections_scale_with_the_room() {
    for (size, first) in [(0.5, 0.001_955), (1.0, 0.003_91), (2.0, 0.007_82)] {
        for rate in RATES {
            let params = ReverbParams { early: part(1.0), size, predelay: s(0.01), ..wet() };
            let (left, right) = response(&params, rate, 0.1);
            let heard = |side: &[f32]| side.iter().position(|x| x.abs() > 0.01).unwrap();
            let (left, right) = (heard(&left) as f32 / rate as f32, heard(&right) as f32 / rate as f32);
            assert!((left - 0.01 - first).abs() < 1e-4, "{rate} Hz, size {size}: {left} s");
            assert!(right > left, "{rate} Hz, size {size}: the right comes after");
        }
    }
    // Without the tail, noise comes back as loud as it went in.
    let early = ReverbParams { early: part(1.0), freeze: true, ..wet() };
    let (l, r) = (noise(1, 0.5, 96_000), noise(2, 0.5, 96_000));
    let (out_l, out_r) = run_cut(&mut Reverb::new(&early, 48_000), &l, &r, &[128]);
    for out in [out_l, out_r] {
        let gain = rms_db(&out[9600..]) - rms_db(&l);
        assert!(gain.abs() < 0.5, "{gain} dB");
    }
}

#[test]
fn a_narrow_reverb_is_the_same_on_both_sides() {
    let (left, right) = response(&ReverbParams { width: part(0.0), early: part(0.5), ..wet() }, 48_000, 1.0);
    assert!(left == right && peak_db(&left) > -60.0);
}

#[test]
fn reverb_stays_within_bounds_at_its_extremes() {
    let base = ReverbParams { rt60: s(20.0), damping: part(0.0), low_ratio: 2.0, mix: part(1.0), ..wet() };
    let extremes = [
        ReverbParams { size: 0.25, modulation: part(1.0), modulation_rate: 5.0, early: part(1.0), ..base },
        ReverbParams { size: 2.0, low_freq: hz(1000.0), ..base },
        ReverbParams {
            rt60: s(0.1),
            damping: part(1.0),
            low_ratio: 0.1,
            low_freq: hz(50.0),
            size: 2.0,
            ..base
        },
        ReverbParams { freeze: true, modulation: part(1.0), diffusion: part(0.0), ..base },
    ];
    for rate in [8000, 48_000, 192_000] {
        let (l, r) = (noise(1, 1.0, rate as usize), noise(2, 1.0, rate as usize));
        for params in extremes {
            let mut reverb = Reverb::new(&extremes[0], rate);
            run_cut(&mut reverb, &l, &r, &[128]);
            reverb.set(&params);
            let (out, _) = run_cut(&mut reverb, &l, &r, &[128]);
            assert!(peak_db(&out) < 18.0, "{rate} Hz, {params:?}: {} dB", peak_db(&out));
            run(&mut reverb, &[1e6; 5000]);
            reverb.reset();
            assert!(run(&mut reverb, &[0.0; 5000]).iter().all(|x| *x == 0.0), "{rate} Hz, {params:?}");
        }
    }
}

#[test]
fn reverb_is_silent_after_its_tail() {
    for (seconds, low_ratio, size) in [(0.3, 1.0, 1.0), (1.0, 2.0, 2.0), (0.1, 0.1, 0.25)] {
        let params = ReverbParams { rt60: s(seconds), low_ratio, size, early: part(1.0), ..wet() };
        let mut reverb = Reverb::new(&params, 48_000);
        let before = run(&mut reverb, &noise(1, 1.0, 24_000));
        let tail = reverb.tail();
        // 500 dB down nothing is left.
        let end = (48_000.0 * seconds * low_ratio.max(1.0) * 510.0 / 60.0) as usize;
        let rest = run(&mut reverb, &vec![0.0; end + 48_000]);
        let left = peak_db(&rest[tail..]) - peak_db(&before);
        assert!(left < -90.0, "{params:?}: {left} dB after {tail} frames");
        assert!(rest[end + 40_000..].iter().all(|x| *x == 0.0), "{params:?}: never quite silent");
    }
}

#[test]
fn reverb_has_the_same_bits_at_every_level_of_vectors() {
    let params = ReverbParams { low_ratio: 1.7, modulation: part(0.8), early: part(0.5), size: 0.7, ..wet() };
    let results = Level::ALL.map(|level| {
        simd::limit(level);
        let mut reverb = Reverb::new(&params, 44_100);
        run_cut(&mut reverb, &noise(1, 0.5, 20_000), &noise(2, 0.5, 20_000), &[128, 77])
    });
    simd::limit(Level::Avx512);
    assert!(results.iter().all(|result| *result == results[0]));
}

#[test]
fn another_size_is_as_loud_as_a_new_room_of_that_size() {
    for (from, to, seconds) in [(0.25, 2.0, 1.0), (2.0, 0.25, 1.0), (2.0, 0.25, 0.3)] {
        let at = |size: f32| ReverbParams { size, rt60: s(seconds), modulation: part(0.0), ..wet() };
        let signal = noise(5, 0.3, 48_000 * 6);
        let late = 48_000 * 4;
        let fresh = run(&mut Reverb::new(&at(to), 48_000), &signal);
        let mut reverb = Reverb::new(&at(from), 48_000);
        run(&mut reverb, &signal[..48_000]);
        reverb.set(&at(to));
        let moved = run(&mut reverb, &signal);
        let off = rms_db(&moved[late..]) - rms_db(&fresh[late..]);
        assert!(off.abs() < 0.5, "from {from} to {to} at {seconds} s: {off} dB");
    }
}
