use super::*;
use crate::dsp::measure::{decibels, residual_db, sine};
use crate::dsp::simd;

const KINDS: [Interpolation; 4] =
    [Interpolation::Linear, Interpolation::Cubic, Interpolation::Sinc, Interpolation::Fine];

/// Renders a whole signal in blocks, from place 10.25 on.
fn pitched(table: &Interpolator, source: &[f32], step: f64, frames: usize) -> Vec<f32> {
    let mut out = vec![0.0; frames];
    for (i, part) in out.chunks_mut(128).enumerate() {
        table.render(source, 10.25 + (i * 128) as f64 * step, step, part);
    }
    out
}

#[test]
fn whole_positions_are_exact() {
    let source = sine(3000.0, 0.7, 48_000, 400);
    for table in KINDS.map(Interpolator::new) {
        let mut out = [0.0; 128];
        table.render(&source, 10.0, 1.0, &mut out);
        assert_eq!(out, source[10..138]);
        table.render(&source, 10.0, 2.0, &mut out);
        assert!(out.iter().enumerate().all(|(i, x)| *x == source[10 + 2 * i]));
    }
}

#[test]
fn what_lies_outside_is_silent_and_no_more() {
    let source = vec![1.0; 100];
    for table in KINDS.map(Interpolator::new) {
        for (pos, step) in [(80.5, 0.25), (90.0, 1.0), (91.9, 0.1), (60.0, 3.7), (7.0, 0.0)] {
            let mut out = [9.0; 128];
            table.render(&source, pos, step, &mut out);
            for (i, x) in out.iter().enumerate() {
                let inside = pos + i as f64 * step < (100 - AFTER) as f64;
                let expected = if inside { 1.0 } else { 0.0 };
                assert!((x - expected).abs() < 1e-6, "{pos} + {i} * {step}: {x}");
            }
        }
        let mut out = [9.0; 20];
        for pos in [0.0, 6.9, 92.0, 1e9] {
            table.render(&source, pos, 1.5, &mut out);
            assert_eq!(out, [0.0; 20]);
        }
        table.render(&[], 0.0, 1.0, &mut out);
        assert_eq!(out, [0.0; 20]);
    }
}

#[test]
fn every_level_gives_the_same_bits() {
    let source = crate::dsp::measure::noise(5, 0.9, 2000);
    for table in KINDS.map(Interpolator::new) {
        let results = Level::ALL.map(|level| {
            simd::limit(level);
            let mut out = Vec::new();
            for (pos, step, count) in [(50.37, 1.0, 128), (9.1, 0.731, 127), (300.0, 1.77, 61), (7.5, 3.1, 5)]
            {
                let mut part = vec![0.0; count];
                table.render(&source, pos, step, &mut part);
                out.extend(part.iter().map(|x| x.to_bits()));
            }
            out
        });
        simd::limit(Level::Avx512);
        assert!(results[0] == results[1] && results[1] == results[2]);
    }
}

/// THD+N at pitch ratio 0.9271 by kind, in dB. The table that the documentation of the kinds speaks of.
#[test]
fn pitched_tones_have_low_residue() {
    // The tone in Hz at 48 kHz, and what may remain beside it by kind, in dB of its level.
    for (freq, bounds) in [
        (200.0, [-91.0, -102.0, -93.0, -109.0]),
        (1000.0, [-63.0, -86.0, -79.0, -93.0]),
        (5000.0, [-35.0, -48.0, -66.0, -101.0]),
        (10_000.0, [-22.0, -28.0, -67.0, -96.0]),
        (14_000.0, [-14.0, -18.0, -34.5, -72.0]),
    ] {
        let source = sine(freq, 0.5, 48_000, 20_000);
        for (kind, bound) in KINDS.into_iter().zip(bounds) {
            let out = pitched(&Interpolator::new(kind), &source, 0.9271, 16_384);
            let residue = residual_db(&out, freq * 0.9271, 48_000);
            println!("{kind:?} {freq} Hz: residue {residue:.1} dB");
            assert!(residue < bound, "{kind:?} {freq} Hz: {residue} dB");
        }
    }
}

#[test]
fn a_fraction_at_natural_pitch_keeps_the_level() {
    let source = sine(1000.0, 0.7, 48_000, 4000);
    for (kind, within) in [(Interpolation::Sinc, 0.01), (Interpolation::Fine, 0.005)] {
        let out = pitched(&Interpolator::new(kind), &source, 1.0, 2048);
        let level = decibels(crate::dsp::measure::amplitude_at(&out, 1000.0, 48_000) / 0.7);
        assert!(level.abs() < within, "{kind:?}: {level} dB");
    }
}

/// What a tone becomes at a pitch ratio: how far everything else in the output lies below it, in dB.
fn purity(kind: Interpolation, hertz: f32, ratio: f64, rate: u32) -> f32 {
    let source = sine(hertz, 0.5, rate, 40_000);
    let out = pitched(&Interpolator::new(kind), &source, ratio, 8192);
    residual_db(&out, (f64::from(hertz) * ratio) as f32, rate)
}

/// THD+N of every kind at the ratios that games use, at a low, a middle and a high tone, in parts of the sample rate, so
/// that one table holds for all rates. What is above half the rate after pitching is left out: it aliases whatever the
/// kernel. The table is printed with `cargo test … -- --nocapture`.
#[test]
fn the_sinc_is_purer_than_lines_and_cubics_at_every_pitch() {
    for rate in [44_100, 48_000, 96_000] {
        for ratio in [0.5, 0.94, 1.06, 2.0] {
            for part in [1.0 / 240.0, 1.0 / 24.0, 1.0 / 6.0] {
                let hertz = part * rate as f32;
                let all = KINDS.map(|kind| purity(kind, hertz, ratio, rate));
                println!(
                    "{rate} Hz, ratio {ratio}, {hertz:.0} Hz: line {:.0}, cubic {:.0}, sinc {:.0}, fine {:.0} dB",
                    all[0], all[1], all[2], all[3]
                );
                let [line, cubic, sinc, fine] = all;
                // At two to one every other sample is read as it is.
                if ratio == 2.0 && part < 0.2 {
                    assert!(all.iter().all(|x| *x < -100.0), "whole steps are exact");
                } else if part > 0.1 {
                    assert!(sinc < line.min(cubic) - 20.0 && sinc < -55.0, "{rate} {ratio} {hertz}: {all:?}");
                    assert!(fine < -85.0, "{rate} {ratio} {hertz}: {all:?}");
                } else {
                    // Low tones are pure with any of them.
                    assert!(sinc < -72.0 && fine < -88.0, "{rate} {ratio} {hertz}: {all:?}");
                }
            }
        }
    }
}

/// Images: what a bright sound read slowly leaves above its own top. Noise up to half of the rate, read at half speed,
/// must leave little in the upper quarter of the spectrum.
#[test]
fn images_of_bright_sounds_are_held_down() {
    use crate::dsp::measure::amplitude_at;
    // Tones near the top, where images come out just above half of the new top.
    let images = KINDS.map(|kind| {
        let mut worst = f32::NEG_INFINITY;
        for part in [0.2, 0.25, 0.3] {
            let hertz = part * 48_000.0;
            let source = sine(hertz, 0.5, 48_000, 20_000);
            let out = pitched(&Interpolator::new(kind), &source, 0.5, 8192);
            // The image of f at half speed lies at half of (rate - f).
            let image = 0.5 * (48_000.0 - hertz);
            worst = worst.max(decibels(amplitude_at(&out, image, 48_000) / 0.5));
        }
        worst
    });
    println!(
        "images: line {:.0}, cubic {:.0}, sinc {:.0}, fine {:.0} dB",
        images[0], images[1], images[2], images[3]
    );
    assert!(images[2] < images[0].min(images[1]) - 10.0, "{images:?}");
    assert!(images[2] < -30.0 && images[3] < -65.0, "{images:?}");
}
