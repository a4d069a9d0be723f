//! Voices to the sample: starts, loops, fades, pitch, ceilings, and no clicks anywhere.

use crate::common::{LIMITER_LATENCY, RATE, Studio, level, near, run, stem, tone};
use glam::Vec3;
use tonmeister::director::{Ended, Happened, State};
use tonmeister::dsp::measure;
use tonmeister::prelude::*;
use tonmeister::space::Pose;

#[test]
fn a_start_is_exact_to_the_sample_inside_the_block() {
    let mut click = vec![0.0; 64];
    click[0] = 0.5;
    let studio = Studio::new(r#"Bank(events: {"click": (play: "click.wav")})"#).sound("click.wav", &[&click]);
    let mut engine = studio.engine();
    let starts = [0_u64, 1, 127, 128, 1000, 12_345, 47_999];
    for at in starts {
        engine.post_at("click", None, at);
    }
    let [left, _] = run(&mut engine, 1.1);
    let heard: Vec<usize> = (0..left.len()).filter(|&n| left[n].abs() > 0.1).collect();
    assert_eq!(heard, starts.map(|at| at as usize + LIMITER_LATENCY));
}

#[test]
fn a_loop_has_no_seam_at_any_pitch() {
    for pitch in ["0", "3", "-5.5"] {
        // 1 kHz fits the second exactly: the loop is one endless tone.
        let bank = format!(
            r#"Bank(sounds: {{"tone": Clip(file: "tone.wav", looping: true, pitch: {pitch})}}, events: {{"tone": (play: "tone")}})"#
        );
        let studio = Studio::new(&bank).tone("tone.wav", 1000.0, 0.25, 0.25);
        let mut engine = studio.engine();
        engine.post("tone", None);
        let [left, _] = run(&mut engine, 2.0);
        let part = &left[4800..];
        assert_eq!(measure::find_clicks(part, RATE), [], "pitch {pitch}");
        let hertz = 1000.0 * 2_f32.powf(pitch.parse::<f32>().unwrap() / 12.0);
        let residue = measure::residual_db(part, hertz, RATE);
        assert!(residue < -60.0, "all but {hertz} Hz is at {residue} dB");
    }
}

#[test]
fn starting_and_stopping_fades_never_click() {
    let bank = r#"Bank(
        sounds: {"tone": Clip(file: "tone.wav", looping: true)},
        events: {"tone": (play: "tone", fade_in: 0.02, fade_out: 0.02)},
    )"#;
    let studio = Studio::new(bank).tone("tone.wav", 317.0, 0.5, 1.0);
    let mut engine = studio.engine();
    let playback = engine.post_at("tone", None, 4801).unwrap();
    engine.update();
    engine.stop_at(playback, None, 24_007);
    let [left, _] = run(&mut engine, 1.0);
    assert_eq!(measure::find_clicks(&left, RATE), []);
    let end = 24_007 + 960 + LIMITER_LATENCY;
    assert!(left[end - 100..end - 10].iter().any(|&s| s != 0.0) && left[end..].iter().all(|&s| s == 0.0));
    assert_eq!(engine.state(playback), None);
}

#[test]
fn a_clips_own_fade_out_ends_with_the_clip() {
    let bank = r#"Bank(
        sounds: {"tone": Clip(file: "tone.wav", fade_out: 0.1)}, events: {"tone": (play: "tone")},
    )"#;
    let studio = Studio::new(bank).tone("tone.wav", 1000.0, 0.5, 0.5);
    let mut engine = studio.builder().stems(true).build().unwrap();
    engine.post("tone", None);
    run(&mut engine, 1.0);
    let out = stem(&engine.take_stems().unwrap(), "master");
    let full = level(&out, 9600..14_400);
    near(level(&out, 19_200 + 2352..19_200 + 2448) - full, -6.02, 0.2, "half the amplitude half way through");
    assert_eq!(measure::find_clicks(&out[480..], RATE), []);
    assert!(out[24_000..].iter().all(|&s| s == 0.0));
}

#[test]
fn a_loop_out_of_earshot_gives_its_voice_back_and_returns_in_phase() {
    let bank = r#"Bank(
        sounds: {"tone": Clip(file: "sweep.wav", looping: true)},
        events: {"tone": (play: "tone", space: (min: 1000, max: 2000))},
    )"#;
    // Every moment of this sound is different, so a wrong place in it would show.
    let sweep: Vec<f32> = (0..48_000)
        .map(|n| {
            (0.25 * (std::f64::consts::TAU * (50.0 + n as f64 / 960.0) * n as f64 / 48_000.0).sin()) as f32
        })
        .collect();
    let studio = Studio::new(bank).sound("sweep.wav", &[&sweep]);
    let render = |leave: bool| {
        let mut engine = studio.engine();
        engine.set_listener(Some(Pose::ORIGIN));
        let emitter = engine.add_emitter(Vec3::ZERO, Decibels::UNITY);
        let playback = engine.post("tone", Some(emitter)).unwrap();
        run(&mut engine, 0.5);
        if leave {
            engine.move_emitter(emitter, Vec3::new(5000.0, 0.0, 0.0));
        }
        let away = run(&mut engine, 0.7);
        if leave {
            assert_eq!((engine.state(playback), engine.voices()), (Some(State::Virtual), 0));
            assert!(away[0][12_000..].iter().all(|&s| s == 0.0));
        }
        engine.move_emitter(emitter, Vec3::ZERO);
        run(&mut engine, 0.1);
        run(&mut engine, 0.5)
    };
    assert!(render(true) == render(false), "the loop that left sounds as one that stayed, to the bit");
}

#[test]
fn one_shots_out_of_earshot_are_told_so() {
    let bank = r#"Bank(events: {"tone": (play: "tone.wav", space: (max: 10))})"#;
    let studio = Studio::new(bank).tone("tone.wav", 1000.0, 0.5, 0.5);
    let mut engine = studio.engine();
    engine.set_listener(Some(Pose::ORIGIN));
    let emitter = engine.add_emitter(Vec3::X * 50.0, Decibels::UNITY);
    let playback = engine.post("tone", Some(emitter)).unwrap();
    engine.update();
    let notices = engine.take_notices();
    assert_eq!(notices.len(), 1);
    assert_eq!((notices[0].playback, &notices[0].what), (playback, &Happened::Ended(Ended::OutOfEarshot)));
}

#[test]
fn beyond_the_ceiling_the_least_important_gives_way_without_a_click() {
    let bank = r#"Bank(
        sounds: {"tone": Clip(file: "tone.wav", looping: true)},
        events: {
            "low": (play: "tone", gain: -12, priority: 10),
            "high": (play: "tone", gain: -12, priority: 90, fade_in: 0.01),
            "shot": (play: "tone.wav", gain: -12, priority: 5),
        },
    )"#;
    let studio = Studio::new(bank).tone("tone.wav", 331.0, 0.5, 1.0);
    let mut engine = studio.builder().voices(2).build().unwrap();
    let [first, second] = [(); 2].map(|()| engine.post("low", None).unwrap());
    let mut out = run(&mut engine, 0.25)[0].clone();
    let shot = engine.post("shot", None).unwrap();
    let high = engine.post("high", None).unwrap();
    out.extend(&run(&mut engine, 0.25)[0]);
    let [high_real, first_real, second_real] =
        [high, first, second].map(|id| matches!(engine.state(id), Some(State::Real(_))));
    assert!(high_real && first_real != second_real, "one of the low ones gave way");
    assert!(engine.state(shot).is_none(), "the one-shot found no voice");
    let told: Vec<_> =
        engine.take_notices().into_iter().map(|notice| (notice.playback, notice.what)).collect();
    let started = |id| (id, Happened::Started);
    let stolen = (if first_real { second } else { first }, Happened::Virtual { why: Ended::Stolen });
    let none = (shot, Happened::Ended(Ended::NoVoice));
    assert_eq!(told, [started(first), started(second), none, stolen, started(high)]);
    assert_eq!(measure::find_clicks(&out[480..], RATE), []);
    assert_eq!(engine.voices(), 2);
}

#[test]
fn a_thousand_voices_sound_as_loud_as_the_sum() {
    let bank = r#"Bank(
        buses: {"crowd": (gain: -60)},
        sounds: {"tone": Clip(file: "tone.wav", looping: true)}, events: {"tone": (play: "tone", bus: "crowd")},
    )"#;
    let studio = Studio::new(bank).sound("tone.wav", &[&tone(1000.0, 0.5, 48_000)]);
    let mut engine = studio.builder().voices(1000).stems(true).build().unwrap();
    for _ in 0..1000 {
        engine.post_at("tone", None, 4800);
    }
    run(&mut engine, 1.0);
    assert_eq!(engine.voices(), 1000);
    let crowd = stem(&engine.take_stems().unwrap(), "crowd");
    near(level(&crowd, 24_000..48_000), -9.03 - 3.01, 0.01, "1000 times a 0.5 sine at -60 dB, in the middle");
}

#[test]
fn a_source_that_rushes_past_never_clicks() {
    let bank = r#"Bank(
        reverbs: {"hall": (rt60: 0.8)},
        sounds: {"tone": Clip(file: "tone.wav", looping: true)},
        events: {"tone": (play: "tone", fade_in: 0.01, space: (min: 1, max: 60))},
    )"#;
    let studio = Studio::new(bank).tone("tone.wav", 220.0, 0.5, 1.0);
    let mut engine = studio.engine();
    engine.set_listener(Some(Pose::ORIGIN));
    let emitter = engine.add_emitter(Vec3::X * -50.0, Decibels::UNITY);
    engine.post("tone", Some(emitter));
    let mut left = Vec::new();
    // From the far left to the far right at 100 m/s, through the listener's head.
    for step in -50..50 {
        engine.move_emitter(emitter, Vec3::new(step as f32, 0.0, 0.05));
        left.extend(&run(&mut engine, 0.01)[0]);
    }
    assert_eq!(measure::find_clicks(&left, RATE), []);
    assert!(level(&left, 20_000..28_000) > -20.0, "it was heard");
}
