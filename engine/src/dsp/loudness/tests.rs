//! The meter against the test signals of EBU Tech 3341 and 3342, the standard's coefficients and `ebur128`.

use super::*;
use crate::dsp::measure::{noise, sine};

const RATES: [u32; 3] = [44_100, 48_000, 96_000];

/// Stretches of a 1 kHz sine in both channels, in phase: level of the peak in dBFS and seconds.
fn stretches(parts: &[(f64, f64)], rate: u32) -> Vec<f32> {
    let mut ends = Vec::new();
    let mut at = 0.0;
    for (level, seconds) in parts {
        at += seconds;
        ends.push((libm::round(at * f64::from(rate)) as usize, libm::exp10(level / 20.0) as f32));
    }
    let mut tone = sine(1000.0, 1.0, rate, ends.last().unwrap().0);
    let mut begin = 0;
    for (end, gain) in ends {
        tone[begin..end].iter_mut().for_each(|x| *x *= gain);
        begin = end;
    }
    tone
}

const SILENCE: f64 = -400.0;

fn measure(signal: &[f32], rate: u32) -> Loudness {
    let mut meter = Loudness::new(rate);
    signal.chunks(128).for_each(|block| meter.process(Stereo { left: block, right: block }));
    meter
}

#[track_caller]
fn near(value: f32, wanted: f32, within: f32) {
    assert!((value - wanted).abs() <= within, "{value}, not {wanted} ± {within}");
}

#[test]
fn at_48_khz_the_weighting_is_the_standards_table() {
    let Weighting { zeros, poles } = Weighting::new(48_000.0);
    let table =
        [[-1.690_659_293_182_41, 0.732_480_774_215_85], [-1.990_047_454_833_98, 0.990_072_250_366_21]];
    for (ours, theirs) in poles.iter().flatten().zip(table.iter().flatten()) {
        assert!((ours - theirs).abs() < 1e-11, "{ours} {theirs}");
    }
    let b = [1.535_124_859_586_97, -2.691_696_189_406_38, 1.198_392_810_852_85];
    let product = [b[0], b[1] - 2.0 * b[0], b[2] - 2.0 * b[1] + b[0], b[1] - 2.0 * b[2], b[2]];
    for (ours, theirs) in zeros.iter().zip(product) {
        assert!((ours - theirs).abs() < 1e-11, "{ours} {theirs}");
    }
}

#[test]
fn tech_3341_cases_1_to_5_integrated() {
    for rate in RATES {
        for level in [-23.0, -33.0] {
            let meter = measure(&stretches(&[(level, 20.0)], rate), rate);
            for value in [meter.momentary(), meter.short_term(), meter.integrated().unwrap()] {
                near(value, level as f32, 0.1);
            }
        }
        let cases: [&[(f64, f64)]; 3] = [
            &[(-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0)],
            &[(-72.0, 10.0), (-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0), (-72.0, 10.0)],
            &[(-26.0, 20.0), (-20.0, 20.1), (-26.0, 20.0)],
        ];
        for case in cases {
            near(measure(&stretches(case, rate), rate).integrated().unwrap(), -23.0, 0.1);
        }
    }
}

/// Case 6 is five-channel; its stereo counterpart is that channels add as powers.
#[test]
fn one_channel_alone_is_three_units_below_both() {
    let tone = stretches(&[(-20.0, 5.0)], 48_000);
    let quiet = vec![0.0; tone.len()];
    let mut meters = [Loudness::new(48_000), Loudness::new(48_000)];
    meters[0].process(Stereo { left: &tone, right: &quiet });
    meters[1].process(Stereo { left: &quiet, right: &tone });
    for meter in meters {
        near(meter.integrated().unwrap(), -23.01, 0.1);
    }
}

#[test]
fn tech_3341_cases_9_and_12_stand_still() {
    for rate in RATES {
        let short = stretches(&[(-20.0, 1.34), (-30.0, 1.66)].repeat(5), rate);
        let momentary = stretches(&[(-20.0, 0.18), (-30.0, 0.22)].repeat(25), rate);
        let mut meter = Loudness::new(rate);
        for (i, part) in short.chunks(rate as usize / 100).enumerate() {
            meter.process(Stereo { left: part, right: part });
            if i >= 300 {
                near(meter.short_term(), -23.0, 0.1);
            }
        }
        meter.reset();
        for (i, part) in momentary.chunks(rate as usize / 100).enumerate() {
            meter.process(Stereo { left: part, right: part });
            if i >= 100 {
                near(meter.momentary(), -23.0, 0.1);
            }
        }
    }
}

#[test]
fn tech_3341_cases_10_and_13_find_the_maximum_wherever_it_begins() {
    for rate in RATES {
        for i in 0..20 {
            let late = f64::from(i);
            let short = stretches(&[(SILENCE, 0.15 * late), (-23.0, 3.0), (SILENCE, 1.0)], rate);
            near(measure(&short, rate).max_short_term(), -23.0, 0.1);
            let momentary = stretches(&[(SILENCE, 0.02 * late), (-23.0, 0.4), (SILENCE, 1.0)], rate);
            near(measure(&momentary, rate).max_momentary(), -23.0, 0.1);
        }
    }
}

#[test]
fn tech_3341_cases_11_and_14_follow_twenty_levels() {
    for rate in RATES {
        let (mut short, mut momentary) = (Loudness::new(rate), Loudness::new(rate));
        for i in 0..20 {
            let (late, level) = (f64::from(i), -38.0 + f64::from(i));
            let part = stretches(&[(SILENCE, 0.15 * late), (level, 3.0), (SILENCE, 3.0 - 0.15 * late)], rate);
            short.process(Stereo { left: &part, right: &part });
            near(short.max_short_term(), level as f32, 0.1);
            let part = stretches(&[(SILENCE, 0.02 * late), (level, 0.4), (SILENCE, 0.4 - 0.02 * late)], rate);
            momentary.process(Stereo { left: &part, right: &part });
            near(momentary.max_momentary(), level as f32, 0.1);
        }
    }
}

#[test]
fn tech_3342_cases_1_to_4_range() {
    for rate in RATES {
        let cases: [(&[f64], f32); 4] = [
            (&[-20.0, -30.0], 10.0),
            (&[-20.0, -15.0], 5.0),
            (&[-40.0, -20.0], 20.0),
            (&[-50.0, -35.0, -20.0, -35.0, -50.0], 15.0),
        ];
        for (levels, wanted) in cases {
            let parts: Vec<_> = levels.iter().map(|level| (*level, 20.0)).collect();
            // The standard allows 1 LU; nothing here is random, so we are closer.
            near(measure(&stretches(&parts, rate), rate).range().unwrap(), wanted, 0.1);
        }
    }
}

/// Noise in both channels, whose level wanders by 30 dB and that pauses now and then.
fn wandering(rate: u32) -> [Vec<f32>; 2] {
    let frames = rate as usize * 40;
    let steps = noise(9, 1.0, 200);
    [1, 2].map(|seed| {
        let mut signal = noise(seed, 0.5, frames);
        for (i, x) in signal.iter_mut().enumerate() {
            let step = steps[i * 5 / rate as usize];
            let gain = if step > 0.9 { 0.0 } else { libm::exp10f(0.75 * (step - 1.0)) };
            *x *= gain;
        }
        signal
    })
}

/// The loudness range of short-term values, by sorting them.
fn range_of(mut values: Vec<f64>) -> f32 {
    values.retain(|value| *value > -70.0);
    let power = values.iter().map(|value| libm::exp10(value / 10.0)).sum::<f64>() / values.len() as f64;
    values.retain(|value| *value > 10.0 * libm::log10(power) - 20.0);
    values.sort_by(f64::total_cmp);
    let [low, high] = [0.1, 0.95].map(|part| values[libm::round((values.len() - 1) as f64 * part) as usize]);
    (high - low) as f32
}

#[test]
fn noise_of_changing_level_reads_as_with_ebur128() {
    for rate in RATES {
        let [left, right] = wandering(rate);
        let mut ours = Loudness::new(rate);
        let mode = ebur128::Mode::I | ebur128::Mode::LRA;
        let mut theirs = ebur128::EbuR128::new(2, rate, mode).unwrap();
        let mut exact = Vec::new();
        let hop = rate as usize / 10;
        for (i, (l, r)) in left.chunks(hop).zip(right.chunks(hop)).enumerate() {
            ours.process(Stereo { left: l, right: r });
            theirs.add_frames_planar_f32(&[l, r]).unwrap();
            if i >= 30 {
                let momentary = theirs.loudness_momentary().unwrap() as f32;
                if momentary > -100.0 {
                    near(ours.momentary(), momentary, 0.05);
                }
                near(ours.short_term(), theirs.loudness_shortterm().unwrap() as f32, 0.05);
            }
            if i >= 29 {
                exact.push(f64::from(ours.short_term()));
            }
        }
        near(ours.integrated().unwrap(), theirs.loudness_global().unwrap() as f32, 0.05);
        // It takes a short-term value each second, we ten.
        near(ours.range().unwrap(), theirs.loudness_range().unwrap() as f32, 1.0);
        near(ours.range().unwrap(), range_of(exact), 0.1);
    }
}

#[test]
fn the_cut_into_blocks_changes_no_bit() {
    // At 44 123 Hz a tick is no whole number of frames.
    for rate in [44_100, 44_123, 96_000] {
        let [left, right] = wandering(rate);
        let (left, right) = (&left[..rate as usize * 7], &right[..rate as usize * 7]);
        let results = [128, 1, 37, left.len()].map(|size| {
            let mut meter = Loudness::new(rate);
            for (l, r) in left.chunks(size).zip(right.chunks(size)) {
                meter.process(Stereo { left: l, right: r });
            }
            [
                meter.momentary(),
                meter.short_term(),
                meter.max_momentary(),
                meter.max_short_term(),
                meter.integrated().unwrap(),
                meter.range().unwrap(),
            ]
            .map(f32::to_bits)
        });
        assert!(results.iter().all(|result| *result == results[0]), "{results:?}");
    }
}

#[test]
fn silence_reads_the_floor_and_nothing_poisons_the_meter() {
    let mut meter = measure(&vec![0.0; 48_000 * 4], 48_000);
    assert_eq!((meter.momentary(), meter.short_term()), (FLOOR_LUFS, FLOOR_LUFS));
    assert_eq!((meter.integrated(), meter.range()), (None, None));
    for bad in [f32::NAN, f32::INFINITY] {
        meter.process(Stereo { left: &[bad; 5], right: &[0.0; 5] });
        let tone = stretches(&[(-23.0, 4.0)], 48_000);
        meter.process(Stereo { left: &tone, right: &tone });
        near(meter.short_term(), -23.0, 0.1);
        // The blocks at the edges, partly silent, count too: a little less.
        near(meter.integrated().unwrap(), -23.1, 0.2);
    }
    meter.reset();
    assert_eq!((meter.max_momentary(), meter.integrated()), (FLOOR_LUFS, None));
}

#[test]
fn the_filters_memory_dies_away_in_silence() {
    let mut meter = measure(&stretches(&[(0.0, 0.5), (SILENCE, 3.0)], 48_000), 48_000);
    meter.process(Stereo { left: &[0.0; 48_000], right: &[0.0; 48_000] });
    assert!(meter.state.cut.iter().chain(&meter.state.shelf).flatten().all(|value| *value == 0.0));
}
