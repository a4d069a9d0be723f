//! Loops that are left: heard to the frame.

use crate::common::{RATE, Studio, run, stem};
use glam::Vec3;
use tonmeister::director::{PlaybackId, State};
use tonmeister::dsp::measure;
use tonmeister::prelude::*;

/// A sample whose every frame says which it is, in a project that loops a part of it.
fn numbered(clip: &str) -> Studio {
    let bank = format!(
        r#"Bank(
            buses: {{"sfx": ()}},
            sounds: {{"loop": Clip(file: "n.wav", looping: true, {clip})}},
            events: {{"loop": (play: "loop", bus: "sfx"), "out": (actions: [Break("loop")])}},
        )"#
    );
    let numbers: Vec<f32> = (0..9000).map(|n| n as f32 / 16_384.0).collect();
    Studio::new(&bank).sound("n.wav", &[&numbers])
}

/// Which frames of the file are heard, with parts of them where it is pitched or crossfaded.
fn frames_heard(
    studio: &Studio,
    seconds: f64,
    leave: impl Fn(&mut Engine),
) -> (Vec<f64>, Engine, PlaybackId) {
    let mut engine = studio.builder().stems(true).build().unwrap();
    let playback = engine.post("loop", None).unwrap();
    run(&mut engine, seconds);
    leave(&mut engine);
    run(&mut engine, 0.5);
    let out = stem(&engine.take_stems().unwrap(), "sfx");
    let number = |sample: &f32| f64::from(*sample) * 16_384.0 * std::f64::consts::SQRT_2;
    (out.iter().map(number).collect(), engine, playback)
}

#[test]
fn a_loop_that_is_left_finishes_its_lap_and_plays_out_without_a_gap() {
    // The loop is 0.05 s to 0.125 s of 0.1875 s.
    let studio = numbered("loop_start: 0.05, loop_end: 0.125");
    let (heard, engine, playback) = frames_heard(&studio, 0.26, |engine| {
        engine.post("out", None);
    });
    let laps = (0..6000).chain(2400..6000).chain(2400..6000).chain(6000..9000);
    let want: Vec<f64> = laps.map(f64::from).collect();
    for (n, (heard, want)) in heard.iter().zip(&want).enumerate() {
        assert!((heard - want).abs() < 0.01, "frame {n} is {heard}, not {want}");
    }
    assert!(heard[want.len()..].iter().all(|&sample| sample == 0.0));
    assert_eq!(engine.state(playback), None, "it ended by itself");
}

#[test]
fn who_leaves_a_crossfaded_loop_hears_the_file_as_it_is() {
    let studio = numbered("loop_start: 0.05, loop_end: 0.125, crossfade: 0.02");
    // The lap's end at 0.125 s, then every 0.075 s; the order comes well before, then within the crossfade.
    for (seconds, laps) in [(0.24, 2), (0.27, 3)] {
        let (heard, engine, _) = frames_heard(&studio, seconds, |engine| {
            engine.post("out", None);
        });
        let end = 6000 + 3600 * laps;
        for n in 0..960 + 3000 {
            let want = (5040 + n) as f64;
            let heard = heard[end - 960 + n];
            assert!((heard - want).abs() < 0.01, "order at {seconds}: {n} is {heard}, not {want}");
        }
        assert!(heard[end + 3000..].iter().all(|&sample| sample == 0.0));
        assert_eq!(engine.voices(), 0);
    }
}

#[test]
fn a_pitched_loop_is_left_without_a_click_and_asleep_it_ends_in_its_time() {
    let bank = r#"Bank(
        sounds: {"loop": Clip(file: "sine.wav", looping: true, pitch: 3.3, loop_start: 0.1, loop_end: 0.3, crossfade: 0.05)},
        events: {"loop": (play: "loop", fade_in: 0.02, space: (max: 50))},
    )"#;
    let studio = Studio::new(bank).tone("sine.wav", 440.0, 0.5, 0.6);
    for leave in 0..12 {
        let mut engine = studio.engine();
        engine.set_listener(Some(tonmeister::space::Pose::ORIGIN));
        let emitter = engine.add_emitter(Vec3::ZERO, Decibels::UNITY);
        let playback = engine.post("loop", Some(emitter)).unwrap();
        let mut out = run(&mut engine, 0.3 + 0.013 * f64::from(leave))[0].clone();
        engine.break_loop(playback);
        let away = leave % 2 == 1;
        if away {
            out.extend(&run(&mut engine, 0.01)[0]);
            engine.move_emitter(emitter, Vec3::X * 5000.0);
        }
        out.extend(&run(&mut engine, 0.1)[0]);
        if away {
            assert_eq!(engine.state(playback), Some(State::Virtual));
        }
        out.extend(&run(&mut engine, 0.7)[0]);
        assert_eq!(engine.state(playback), None, "left after {leave}");
        if !away {
            let end = out.iter().rposition(|&sample| sample != 0.0).unwrap();
            assert_eq!(measure::find_clicks(&out[..end - 300], RATE), [], "left after {leave}");
        }
    }
}
