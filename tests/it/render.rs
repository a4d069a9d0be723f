//! Offline renders: the same bytes every time, and stems that sum to the mix.

use crate::common::Studio;
use std::path::Path;
use tonmeister::runtime::{Output, Stems};
use tonmeister::scene::{Player, Scene, render};

/// The first `seconds` of the demo's tour.
fn tour(seconds: f32, threads: usize, seed: Option<u64>, stems: bool) -> (Vec<f32>, Option<Stems>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/scenes/tour.scene.ron");
    let text =
        std::fs::read_to_string(&path).unwrap().replace("duration: 42", &format!("duration: {seconds}"));
    let scene =
        Scene::parse("tour.scene.ron", &text, path.parent().unwrap()).unwrap_or_else(|e| panic!("{e}"));
    let mut builder = scene.engine().output(Output::Offline).threads(threads).stems(stems);
    if let Some(seed) = seed {
        builder = builder.seed(seed);
    }
    let engine = builder.build().unwrap_or_else(|e| panic!("{e}"));
    let mut player = Player::new(scene, engine).unwrap_or_else(|e| panic!("{e}"));
    let mut mix = Vec::new();
    let sink = |_: &mut Player, stretch: &[f32]| {
        mix.extend_from_slice(stretch);
        Ok::<(), std::convert::Infallible>(())
    };
    let Ok(()) = render(&mut player, sink);
    let stems = player.engine().take_stems();
    (mix, stems)
}

#[test]
fn the_tour_is_the_same_to_the_byte_twice_over_and_with_any_number_of_threads() {
    let (once, _) = tour(42.0, 1, None, false);
    let (again, _) = tour(42.0, 1, None, false);
    let (threaded, _) = tour(42.0, 3, None, true);
    assert!(once == again, "twice over");
    assert!(once == threaded, "with another number of threads, and stems recorded beside");
    assert_eq!(once.len(), 42 * 48_000 * 2);
}

#[test]
fn another_seed_gives_another_walk() {
    let (seven, _) = tour(10.0, 0, Some(7), false);
    let (eight, _) = tour(10.0, 0, Some(8), false);
    assert!(seven != eight);
}

#[test]
fn the_tours_stems_sum_to_the_mix_as_it_enters_the_master() {
    let (_, stems) = tour(42.0, 0, None, true);
    let stems = stems.unwrap();
    let mut sum = vec![0.0_f64; stems.sum.len()];
    let mut heard = Vec::new();
    for (name, direct, samples) in stems.buses.iter().filter(|(_, direct, _)| *direct) {
        assert!(direct);
        assert_eq!(samples.len(), sum.len());
        sum.iter_mut().zip(samples).for_each(|(sum, &sample)| *sum += f64::from(sample));
        if samples.iter().any(|&s| s.abs() > 1e-3) {
            heard.push(name.as_str());
        }
    }
    let error =
        sum.iter().zip(&stems.sum).map(|(sum, &mix)| (sum - f64::from(mix)).abs()).fold(0.0, f64::max);
    assert!(20.0 * error.log10() < -100.0, "the largest difference is {:.1} dB", 20.0 * error.log10());
    for bus in ["music", "ambience", "sfx", "dialogue", "reverb/cave", "reverb/forest", "reverb/mouth"] {
        assert!(heard.contains(&bus), "{bus} is heard in the tour; heard: {heard:?}");
    }
}

#[test]
fn whatever_lengths_are_asked_for_the_samples_are_the_same() {
    let bank = r#"Bank(
        buses: {"hall": (effects: [Reverb(rt60: 1), Eq([Peak(freq: 500, gain: 3)])])},
        sounds: {"tone": Clip(file: "tone.wav", looping: true, pitch: 0.3)}, events: {"tone": (play: "tone", bus: "hall")},
    )"#;
    let studio = Studio::new(bank).tone("tone.wav", 440.0, 0.3, 0.5);
    let pull = |lengths: &[usize]| {
        let mut engine = studio.engine();
        engine.set_clock(0);
        engine.post("tone", None);
        engine.update();
        let mut out = Vec::new();
        for &length in lengths.iter().cycle() {
            let mut stretch = vec![0.0; length * 2];
            engine.render(&mut stretch);
            out.extend(stretch);
            if out.len() >= 40_000 {
                out.truncate(40_000);
                return out;
            }
        }
        out
    };
    let whole = pull(&[128]);
    for lengths in [&[1, 7, 300][..], &[441], &[4096], &[64, 65]] {
        assert!(pull(lengths) == whole, "pulled as {lengths:?}");
    }
}

#[test]
fn a_scene_renders_at_any_rate() {
    let studio =
        Studio::new(r#"Bank(events: {"tone": (play: "tone.wav")})"#).tone("tone.wav", 1000.0, 0.5, 1.0);
    let text = r#"Scene(project: ".", duration: 0.5, post: [(at: 0.1, event: "tone")])"#;
    let latency = tonmeister::units::Seconds::new(0.005).unwrap();
    for rate in [22_050, 44_100, 48_000, 96_000] {
        let scene = Scene::parse("t.scene.ron", text, studio.path()).unwrap();
        let engine = scene.engine().output(Output::Offline).sample_rate(rate).build().unwrap();
        let mut player = Player::new(scene, engine).unwrap();
        let mut left = Vec::new();
        let Ok(()) = render(&mut player, |_, stretch| {
            left.extend(stretch.iter().copied().step_by(2));
            Ok::<(), std::convert::Infallible>(())
        });
        assert_eq!(left.len(), rate as usize / 2);
        // The first sample of a sine is zero; the sound begins with the second, after the limiter's look-ahead.
        let onset = left.iter().position(|s| s.abs() > 1e-3).unwrap();
        let expected = (f64::from(rate) * 0.1).round() as usize + latency.frames(rate) as usize;
        assert!(
            (expected..expected + 3).contains(&onset),
            "at {rate} Hz the onset is at {onset}, not {expected}"
        );
        let peak = tonmeister::dsp::measure::amplitude_at(&left[left.len() / 2..], 1000.0, rate);
        assert!((peak - 0.3536).abs() < 0.01, "at {rate} Hz 1 kHz has an amplitude of {peak}");
    }
}

#[test]
fn a_device_that_changes_its_rate_loses_no_voice_and_makes_no_click() {
    let studio = Studio::new(
        r#"Bank(buses: {"music": (effects: [Reverb(rt60: 0.2, modulation: 0, mix: 0.2)])},
            sounds: {"tone": Clip(file: "tone.wav", looping: true)},
            events: {"tone": (play: "tone", bus: "music", fade_in: 0.02)})"#,
    )
    .tone("tone.wav", 1000.0, 0.25, 1.0);
    let mut engine = studio.engine();
    engine.post("tone", None);
    let mut out = vec![0.0; 96_000];
    for (rate, before) in [(48_000, 48_000), (44_100, 48_000), (96_000, 44_100), (48_000, 96_000)] {
        assert!(engine.set_output_rate(rate));
        let last = out.clone();
        engine.update();
        out = vec![0.0; rate as usize * 2];
        assert!(engine.render(&mut out));
        assert_eq!(engine.voices(), 1, "the voice plays on");
        let left: Vec<f32> = out.iter().copied().step_by(2).collect();
        let tail = &left[rate as usize / 2..];
        let pure = tonmeister::dsp::measure::residual_db(&tail[..rate as usize / 4], 1000.0, rate);
        assert!(pure < -60.0, "still 1 kHz at {rate} Hz: {pure} dB beside it");
        if rate != before {
            // Around the change, heard as what it is: one tone whose samples lie closer or wider.
            let seam = f64::from(left[0] - last[last.len() - 2]).abs();
            let steepest = 0.25 * std::f64::consts::TAU * 1000.0 / f64::from(rate.min(before));
            assert!(seam <= steepest * 1.2, "a step of {seam} at the change to {rate} Hz");
        }
    }
}

#[test]
fn the_tour_is_the_same_to_the_byte_with_instructions_of_any_width() {
    use tonmeister::dsp::simd::{Level, limit};
    let renders = Level::ALL.map(|level| {
        limit(level);
        tour(12.0, 1, None, false).0
    });
    limit(Level::Avx512);
    assert!(renders[0].iter().any(|sample| sample.abs() > 0.1));
    assert!(renders[0] == renders[1] && renders[1] == renders[2]);
}
