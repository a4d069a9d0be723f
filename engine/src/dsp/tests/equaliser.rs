//! The equaliser against theory.

use super::*;
use crate::dsp::measure::{decibels, goertzel, noise, sine};
use crate::dsp::simd::{Level, limit};
use EqShape::*;
use std::f32::consts::FRAC_1_SQRT_2;

const SHAPES: [EqShape; 6] = [Peak, LowShelf, HighShelf, Notch, BandPass, AllPass];

fn pass(shape: EqShape, freq: f32, q: f32, slope: EqSlope) -> EqBand {
    EqBand { slope, ..band(shape, freq, 0.0, q) }
}

/// Every shape, and the passes with every slope.
fn every_band(freq: f32, gain: f32, q: f32) -> Vec<EqBand> {
    let passes = [HighPass, LowPass].into_iter();
    let passes = passes.flat_map(|shape| EqSlope::ALL.map(|slope| pass(shape, freq, q, slope)));
    SHAPES.map(|shape| band(shape, freq, gain, q)).into_iter().chain(passes).collect()
}

/// What goes through at `freq` once it has settled, in decibels.
fn through(band: EqBand, freq: f32, rate: u32) -> f32 {
    let tone = sine(freq, 0.5, rate, rate as usize);
    let out = run(&mut Eq::new(&bands(&[band]), rate), &tone);
    // Half a second to settle, half a second, whole periods, to measure.
    decibels(goertzel(&out[rate as usize / 2..], freq, rate) / 0.5)
}

#[test]
fn eq_has_the_analytical_response() {
    let mut worst = 0.0_f32;
    for rate in RATES {
        for (freq, gain, q) in
            [(20.0, 12.0, 0.7), (120.0, -15.0, 2.0), (3000.0, 9.0, 1.0), (17_000.0, -6.0, 0.7)]
        {
            for band in every_band(freq, gain, q) {
                // All frequencies at once, from the impulse response: half a second of it.
                let mut impulse = vec![0.0; rate as usize / 2];
                impulse[0] = 1.0;
                let out = run(&mut Eq::new(&bands(&[band]), rate), &impulse);
                for probe in [20.0, 60.0, 250.0, 1000.0, 2800.0, 8000.0, 14_000.0, 18_000.0] {
                    let expected = band.response_db(probe, rate);
                    if expected < -60.0 {
                        continue;
                    }
                    let got = decibels(goertzel(&out, probe, rate) * out.len() as f32 / 2.0);
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
fn passes_are_butterworths_at_every_slope() {
    for rate in RATES {
        for freq in [40.0_f32, 1000.0, 9000.0] {
            for slope in EqSlope::ALL {
                let order = slope.order() as f64;
                let warped = |hz: f32| libm::tan(std::f64::consts::PI * f64::from(hz) / f64::from(rate));
                for probe in [0.25, 0.5, 0.9, 1.0, 1.2, 2.0].map(|octaves| octaves * freq) {
                    let part = warped(probe) / warped(freq);
                    for (shape, part) in [(LowPass, part), (HighPass, 1.0 / part)] {
                        let expected = -10.0 * libm::log10(1.0 + libm::pow(part, 2.0 * order)) as f32;
                        let got = pass(shape, freq, FRAC_1_SQRT_2, slope).response_db(probe, rate);
                        let what = format!("{rate} Hz: {shape:?} {freq} Hz, order {order}, at {probe} Hz");
                        assert!((got - expected).abs() < 2e-3, "{what}: {got} dB, not {expected}");
                    }
                }
            }
        }
    }
}

#[test]
fn an_octave_further_a_pass_takes_its_slope_more() {
    for rate in RATES {
        for slope in EqSlope::ALL {
            let high = pass(HighPass, 1600.0, FRAC_1_SQRT_2, slope);
            let low = pass(LowPass, 160.0, FRAC_1_SQRT_2, slope);
            // Two octaves away from the corner, or three for the gentle ones; each is 6.02 dB per order.
            let far = if slope.order() < 3 { 8.0 } else { 4.0 };
            let down = through(high, 1600.0 / far, rate) - through(high, 800.0 / far, rate);
            let up = through(low, 160.0 * far, rate) - through(low, 320.0 * far, rate);
            let textbook = 6.0206 * slope.order() as f32;
            println!("{rate} Hz, {slope:?}: {down:.2} and {up:.2} dB per octave");
            assert!((down - textbook).abs() < 0.1, "{rate} Hz, {slope:?} high: {down}");
            assert!((up - textbook).abs() < 0.25, "{rate} Hz, {slope:?} low: {up}");
        }
    }
}

#[test]
fn q_is_the_level_at_a_passes_frequency_and_the_width_of_the_others() {
    for slope in &EqSlope::ALL[1..] {
        for q in [0.3, FRAC_1_SQRT_2, 2.0, 8.0] {
            for shape in [LowPass, HighPass] {
                let got = pass(shape, 500.0, q, *slope).response_db(500.0, 48_000);
                assert!((got - decibels(q)).abs() < 1e-3, "{shape:?} {slope:?} of q {q}: {got} dB");
            }
        }
    }
    // The band-pass: 0 dB at its centre, -3 dB at both edges, which are centre / q apart. The notch there too.
    for (q, low, high) in [(2.0, 780.776, 1280.776), (10.0, 951.249, 1051.249)] {
        let at = |shape, freq| band(shape, 1000.0, 12.0, q).response_db(freq, 192_000);
        assert!(at(BandPass, 1000.0).abs() < 1e-3 && at(Notch, 1000.0) < -100.0);
        for edge in [low, high] {
            assert!((at(BandPass, edge) + 3.01).abs() < 0.01, "q {q} at {edge}: {}", at(BandPass, edge));
            assert!((at(Notch, edge) + 3.01).abs() < 0.01, "q {q} at {edge}: {}", at(Notch, edge));
        }
    }
}

#[test]
fn an_all_pass_turns_the_phase_alone() {
    for rate in RATES {
        for freq in [50.0, 1000.0, 9000.0] {
            let tone = sine(freq, 0.5, rate, rate as usize);
            let out = run(&mut Eq::new(&bands(&[band(AllPass, freq, 12.0, 0.7)]), rate), &tone);
            let off = out.iter().zip(&tone).skip(rate as usize / 2).map(|(out, x)| (out + x).abs());
            assert!(off.fold(0.0, f32::max) < 1e-5, "half a turn at {freq} Hz, {rate} Hz");
        }
    }
}

/// Runs noise through settings, one after the other every `every` frames, cut into pieces of `cut` frames.
fn run_through(settings: &[EqParams], every: usize, cut: usize) -> Vec<u32> {
    let mut eq = Eq::new(&settings[0], 48_000);
    let (left, right) = (noise(1, 0.9, every * settings.len()), noise(2, 0.5, every * settings.len()));
    let mut bits = Vec::new();
    for ((settings, left), right) in settings.iter().zip(left.chunks(every)).zip(right.chunks(every)) {
        eq.set(settings);
        let (l, r) = run_cut(&mut eq, left, right, &[cut]);
        bits.extend(l.into_iter().chain(r).map(f32::to_bits));
    }
    bits
}

#[test]
fn neither_cut_nor_instructions_change_a_bit_of_a_glide() {
    let settings = [
        bands(&every_band(300.0, 9.0, 2.0)[..9]),
        bands(&every_band(5000.0, -9.0, 0.7)[8..]),
        EqParams::default(),
        bands(&[pass(LowPass, 900.0, 4.0, EqSlope::Db48), band(Peak, 100.0, 3.0, 1.0)]),
        bands(&[pass(LowPass, 9000.0, 1.0, EqSlope::Db18), band(HighShelf, 100.0, 3.0, 1.0)]),
    ];
    // Changes come at any frame of a tick, and while the last one is under way.
    for every in [2000, 777, 333] {
        let whole = run_through(&settings, every, 128);
        for cut in [1, 7, 16, 64, 100] {
            assert!(run_through(&settings, every, cut) == whole, "{every} frames each, cut by {cut}");
        }
        for level in Level::ALL {
            limit(level);
            assert!(run_through(&settings, every, 128) == whole, "{every} frames each, {level:?}");
        }
        limit(Level::Avx512);
    }
}

#[test]
fn the_wildest_settings_stay_finite_and_huge_sounds_are_forgotten() {
    for rate in [8000, 48_000, 192_000] {
        for freq in [10.0, 700.0, 20_000.0] {
            for q in [0.1, 20.0] {
                let all = every_band(freq, 30.0, q);
                for one in &all {
                    let mut eq = Eq::new(&bands(&[*one]), rate);
                    let out = run(&mut eq, &noise(3, 1.0, 20_000));
                    // A filter of quality 20 in its resonance, and 30 dB on top of that.
                    let top = out.iter().fold(0.0_f32, |top, x| top.max(x.abs()));
                    assert!(top < 2000.0 && top.is_finite(), "{rate} Hz, {one:?}: {top}");
                    run(&mut eq, &noise(4, 1e6, 1000));
                    eq.reset();
                    assert!(run(&mut eq, &[0.0; 500]).iter().all(|x| *x == 0.0));
                }
            }
        }
    }
}

#[test]
fn eq_responses_are_the_textbook_ones() {
    // The gain at a peak's centre, half of it at a shelf's corner, q at a pass's corner, 12 dB per octave.
    let at = |band: EqBand, freq| band.response_db(freq, 48_000);
    assert!((at(band(Peak, 1000.0, 9.0, 2.0), 1000.0) - 9.0).abs() < 1e-3);
    assert!((at(band(LowShelf, 200.0, 8.0, 0.7), 200.0) - 4.0).abs() < 1e-2);
    assert!((at(band(LowShelf, 200.0, 8.0, 0.7), 2.0) - 8.0).abs() < 1e-2);
    assert!((at(band(HighShelf, 2000.0, -8.0, 0.7), 2000.0) + 4.0).abs() < 0.1);
    assert!((at(band(LowPass, 500.0, 0.0, 0.5), 500.0) + 6.0206).abs() < 1e-3);
    let slope = at(band(HighPass, 1000.0, 0.0, 0.7), 50.0) - at(band(HighPass, 1000.0, 0.0, 0.7), 25.0);
    assert!((slope - 12.04).abs() < 0.05, "{slope}");
    // A corner beyond Nyquist is brought below it: still a filter, still finite.
    let high = band(LowPass, 96_000.0, 0.0, 0.7);
    assert!(high.response_db(1000.0, 44_100).abs() < 0.1);
    assert!(run(&mut Eq::new(&bands(&[high]), 44_100), &noise(1, 1.0, 5000)).iter().all(|x| x.abs() < 4.0));
}

#[test]
fn eq_arrives_where_a_new_one_would_stand() {
    let target = bands(&[band(Peak, 4000.0, 12.0, 3.0)]);
    let mut eq = Eq::new(&bands(&[band(LowPass, 100.0, 0.0, 0.7)]), 48_000);
    eq.set(&target);
    run(&mut eq, &[0.0; 48_000]);
    let signal = noise(3, 0.5, 4800);
    assert_eq!(run(&mut eq, &signal), run(&mut Eq::new(&target, 48_000), &signal));
    eq.set(&EqParams::default());
    run(&mut eq, &[0.0; 48_000]);
    assert_eq!(run(&mut eq, &signal), signal);
}
