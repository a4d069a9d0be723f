//! The convolution against the sum that defines it.

use super::*;
use crate::dsp::measure::{find_clicks, noise, rms_db, sine};

/// A response like a room's.
fn room(seed: u64, frames: usize) -> Vec<f32> {
    let mut response = noise(seed, 0.5, frames);
    for (i, x) in response.iter_mut().enumerate() {
        *x *= libm::exp10f(-2.5 * i as f32 / frames as f32);
    }
    response
}

fn convolution(params: &ConvolutionParams, rate: u32, impulse: &[&[f32]]) -> Convolution {
    let mut made = Convolution::new(params, rate);
    made.load(impulse);
    made
}

/// The definition, at one frame.
fn sum_at(signal: &[f32], response: &[f32], frame: usize) -> f64 {
    let terms = response.iter().take(frame + 1).enumerate();
    terms.map(|(back, c)| f64::from(*c) * f64::from(signal[frame - back])).sum()
}

/// Compares frames spread over the whole with the definition; the error in decibels below the result.
fn error_db(out: &[f32], expected: impl Fn(usize) -> f64) -> f64 {
    let (mut error, mut power) = (0.0, 0.0);
    for i in 0..600 {
        let frame = (i * 7919 + i * i * 131) % out.len();
        let wanted = expected(frame);
        error += (f64::from(out[frame]) - wanted).powi(2);
        power += wanted.powi(2);
    }
    10.0 * (error / power).log10()
}

#[test]
fn it_is_the_sum_that_defines_it() {
    for frames in [1, 64, 1000, 2049, 48_000, 200_000] {
        let (left, right) = (noise(1, 0.5, frames + 40_000), noise(2, 0.5, frames + 40_000));
        let responses: Vec<Vec<f32>> = (10..14).map(|seed| room(seed, frames)).collect();
        for channels in [1, 2, 4] {
            let impulse: Vec<&[f32]> = responses[..channels].iter().map(|r| &**r).collect();
            let mut convolution = convolution(&ConvolutionParams::default(), 48_000, &impulse);
            assert_eq!(convolution.latency(), 0);
            assert_eq!(convolution.tail(), frames);
            let (l, r) = run_cut(&mut convolution, &left, &right, &[128]);
            let sum = |signal: &[f32], channel: usize, frame| sum_at(signal, &responses[channel], frame);
            let errors = match channels {
                1 => [error_db(&l, |i| sum(&left, 0, i)), error_db(&r, |i| sum(&right, 0, i))],
                2 => [error_db(&l, |i| sum(&left, 0, i)), error_db(&r, |i| sum(&right, 1, i))],
                _ => [
                    error_db(&l, |i| sum(&left, 0, i) + sum(&right, 2, i)),
                    error_db(&r, |i| sum(&left, 1, i) + sum(&right, 3, i)),
                ],
            };
            println!("convolution, {frames} frames, {channels} channels: error {errors:.1?} dB");
            assert!(errors.iter().all(|error| *error < -110.0), "{frames}, {channels}: {errors:?}");
        }
    }
}

#[test]
fn it_comes_at_once_and_ends_with_the_response() {
    for (frames, predelay) in [(1, 0.0), (5000, 0.0), (48_000, 0.1)] {
        let mut response = vec![0.0; frames];
        response[0] = 1.0;
        response[frames - 1] = 0.25;
        let params = ConvolutionParams { predelay: s(predelay), gain: db(6.0206), ..Default::default() };
        let mut convolution = convolution(&params, 48_000, &[&response]);
        let tail = convolution.tail();
        let mut signal = vec![0.0; tail + 30_000];
        signal[0] = 0.5;
        let out = run(&mut convolution, &signal);
        let first = (predelay * 48_000.0) as usize;
        assert_eq!(tail, first + frames);
        if frames == 1 {
            assert!((out[first] - 0.25).abs() < 1e-5);
        } else {
            assert!((out[first] - 1.0).abs() < 1e-5 && (out[first + frames - 1] - 0.25).abs() < 1e-5);
        }
        assert!(out[tail..].iter().all(|x| x.abs() < 1e-5), "{frames}: silent after the tail");
        assert!(out[tail + 25_000..].iter().all(|x| *x == 0.0), "{frames}: exactly, in the end");
    }
}

#[test]
fn a_decay_shortens_the_response() {
    for rate in RATES {
        let response = noise(1, 0.5, 2 * rate as usize);
        let params = ConvolutionParams { decay: s(0.5), ..Default::default() };
        let mut convolution = convolution(&params, rate, &[&response]);
        // 110 dB down it is cut.
        let seconds = convolution.tail() as f32 / rate as f32;
        assert!((seconds / (0.5 * 110.5 / 60.0) - 1.0).abs() < 0.03, "{rate} Hz: {seconds} s");
        let mut signal = vec![0.0; rate as usize];
        signal[0] = 1.0;
        let out = run(&mut convolution, &signal);
        let measured = measure::rt60(&out, rate, None).unwrap();
        assert!((measured / 0.5 - 1.0).abs() < 0.05, "{rate} Hz: {measured} s");
    }
}

#[test]
fn the_cut_into_blocks_and_a_reset_change_no_bit() {
    let responses: Vec<Vec<f32>> = (10..14).map(|seed| room(seed, 20_000)).collect();
    let impulse: Vec<&[f32]> = responses.iter().map(|r| &**r).collect();
    let (left, right) = (noise(1, 0.9, 50_000), noise(2, 0.5, 50_000));
    let settings =
        [0.0, 0.01, 0.003].map(|predelay| ConvolutionParams { predelay: s(predelay), ..Default::default() });
    let render = |convolution: &mut Convolution, cuts: &[usize]| {
        let mut all = (Vec::new(), Vec::new());
        for (i, (left, right)) in left.chunks(7000).zip(right.chunks(7000)).enumerate() {
            convolution.set(&settings[i % 3]);
            let (l, r) = run_cut(convolution, left, right, cuts);
            all.0.extend(l);
            all.1.extend(r);
        }
        convolution.set(&settings[0]);
        all
    };
    let whole = render(&mut convolution(&settings[0], 48_000, &impulse), &[128]);
    for cuts in [&[1][..], &[64], &[37, 128, 5, 99, 1, 64]] {
        let mut other = convolution(&settings[0], 48_000, &impulse);
        assert!(whole == render(&mut other, cuts), "cut as {cuts:?}");
        run(&mut other, &[1e6; 3000]);
        other.reset();
        assert!(whole == render(&mut other, cuts), "after a reset, {cuts:?}");
    }
    for level in simd::Level::ALL {
        simd::limit(level);
        assert!(whole == render(&mut convolution(&settings[0], 48_000, &impulse), &[128]), "{level:?}");
    }
    simd::limit(simd::Level::Avx512);
}

#[test]
fn its_settings_do_not_click_and_without_a_response_it_is_silent() {
    let response = room(1, 10_000);
    let mut tone = sine(500.0, 0.25, 48_000, 72_000);
    tone.iter_mut().enumerate().for_each(|(i, x)| *x *= (i as f32 / 960.0).min(1.0));
    let base = ConvolutionParams { gain: db(-20.0), ..Default::default() };
    let settings = [
        base,
        ConvolutionParams { predelay: s(0.5), ..base },
        ConvolutionParams { gain: db(10.0), mix: part(0.3), ..base },
        ConvolutionParams { mix: part(0.0), gain: db(-60.0), ..base },
    ];
    let mut convolution = convolution(&base, 48_000, &[&response]);
    let mut out = Vec::new();
    for (i, part) in tone.chunks(6000).enumerate() {
        convolution.set(&settings[i % 4]);
        out.extend(run(&mut convolution, part));
    }
    assert!(find_clicks(&out, 48_000).is_empty());
    let mut empty = Convolution::new(&ConvolutionParams { mix: part(0.5), ..base }, 48_000);
    let level = rms_db(&run(&mut empty, &tone)) - rms_db(&tone);
    assert!((level + 6.02).abs() < 0.01, "only half of the dry signal: {level} dB");
    empty.load(&[]);
    assert_eq!(empty.tail(), 0);
}
