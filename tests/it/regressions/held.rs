//! Voices that are held, moved on, sent to other buses or not heard at all.

use crate::common::{RATE, Studio, level, near, run, stem};
use glam::{Quat, Vec3};
use tonmeister::dsp::measure::{find_clicks, noise, sine};
use tonmeister::prelude::*;
use tonmeister::space::{Pose, ZoneField};

const LOOP: &str = r#"Bank(
    sounds: {"it": Clip(file: "it.wav", looping: true), "once": Clip(file: "it.wav")},
    events: {"it": (play: "it", gain: 3.0103), "once": (play: "once", gain: 3.0103), "far": (play: "it", space: (min: 1, max: 20))},
)"#;

fn studio(bank: &str) -> Studio {
    Studio::new(bank).sound("it.wav", &[&noise(3, 0.2, 48_000)])
}

#[test]
fn what_is_stopped_and_held_at_once_ends() {
    for stop_first in [true, false] {
        let mut engine = studio(LOOP).engine();
        let playback = engine.post("it", None).unwrap();
        run(&mut engine, 0.2);
        if stop_first {
            engine.stop(playback, None);
            run(&mut engine, 0.02);
            engine.pause(playback);
        } else {
            engine.pause(playback);
            engine.stop(playback, None);
        }
        run(&mut engine, 0.5);
        assert_eq!((engine.state(playback), engine.voices()), (None, 0), "stopped first: {stop_first}");
    }
}

#[test]
fn a_bus_that_begins_muted_sends_nothing_either() {
    let bank = r#"Bank(
        buses: {"b": (mute: true)}, reverbs: {"hall": (rt60: 1)},
        sounds: {"it": Clip(file: "it.wav", looping: true)},
        events: {"it": (play: "it", bus: "b", space: (min: 5, max: 50))},
    )"#;
    let studio = studio(bank);
    let mut engine = studio.builder().stems(true).build().unwrap();
    engine.set_listener(Some(Pose::ORIGIN));
    let emitter = engine.add_emitter(Vec3::X, Decibels::UNITY);
    engine.post("it", Some(emitter));
    for _ in 0..50 {
        engine.receive();
        engine.set_zones([ZoneField {
            zone: "hall",
            shape: Shape::Sphere { radius: 100.0 },
            position: Vec3::ZERO,
            rotation: Quat::IDENTITY,
            fade: 1.0,
            priority: 0,
        }]);
        engine.decide();
        engine.flush();
        engine.render(&mut [0.0; 960]);
    }
    assert!(stem(&engine.take_stems().unwrap(), "reverb/hall").iter().all(|x| *x == 0.0));
}

#[test]
fn a_voice_that_leaves_a_muted_bus_comes_in_without_a_click() {
    let bank = |bus: &str| {
        format!(
            r#"Bank(
                buses: {{"a": (mute: true), "b": ()}}, sounds: {{"it": Clip(file: "it.wav", looping: true)}},
                events: {{"it": (play: "it", bus: "{bus}")}},
            )"#
        )
    };
    let studio = Studio::new(&bank("a")).sound("it.wav", &[&sine(400.0, 0.3, RATE, 48_000)]);
    let mut engine = studio.builder().stems(true).build().unwrap();
    engine.post("it", None);
    run(&mut engine, 0.3);
    studio.save(&bank("b"));
    engine.reload(studio.load(&engine.project().store.clone()));
    run(&mut engine, 0.3);
    let out = stem(&engine.take_stems().unwrap(), "b");
    assert!(out[20_000..].iter().any(|x| x.abs() > 0.1), "it is heard on the other bus");
    assert_eq!(find_clicks(&out, RATE), []);
}

#[test]
fn a_held_voice_outlives_its_bus() {
    let bank = |buses: &str, bus: &str| {
        format!(
            r#"Bank(buses: {{{buses}}}, sounds: {{"it": Clip(file: "it.wav", looping: true)}}, events: {{"it": (play: "it", bus: "{bus}")}})"#
        )
    };
    let studio = studio(&bank("\"a\": (), \"b\": ()", "a"));
    let mut engine = studio.engine();
    let playback = engine.post("it", None).unwrap();
    run(&mut engine, 0.2);
    engine.pause(playback);
    run(&mut engine, 0.2);
    for gain in ["-1", "-2"] {
        studio.save(&bank(&format!("\"b\": (gain: {gain})"), "b"));
        engine.reload(studio.load(&engine.project().store.clone()));
        run(&mut engine, 2.0);
    }
    engine.resume(playback);
    let [left, _] = run(&mut engine, 0.3);
    assert!(level(&left, 5000..14_000) > -30.0, "it goes on where it was sent");
}

#[test]
fn a_leap_lands_on_a_whole_frame_and_in_the_last_moment_too() {
    let sound = noise(3, 0.2, 48_000);
    let studio = Studio::new(LOOP).sound("it.wav", &[&sound]);
    let mut engine = studio.builder().stems(true).build().unwrap();
    let playback = engine.post("once", None).unwrap();
    run(&mut engine, 0.1);
    engine.seek(playback, Seconds::clamped(0.3));
    run(&mut engine, 0.5);
    let out = stem(&engine.take_stems().unwrap(), "master");
    let place =
        sound.iter().position(|x| (x - out[10_000]).abs() < 1e-6 && *x != 0.0).expect("a frame of the file");
    assert!((0..100).all(|n| (out[10_000 + n] - sound[place + n]).abs() < 1e-6), "read as it lies");

    let mut engine = studio.engine();
    let playback = engine.post_at("once", None, 0).unwrap();
    run(&mut engine, 0.995);
    engine.seek(playback, Seconds::ZERO);
    run(&mut engine, 0.3);
    assert!(engine.state(playback).is_some(), "it has not ended");
}

#[test]
fn what_comes_before_a_tiny_loop_is_heard_as_it_is() {
    let ramp: Vec<f32> = (0..2400).map(|n| n as f32 / 2400.0 * 0.5).collect();
    let bank = r#"Bank(
        sounds: {"it": Clip(file: "it.wav", looping: true, loop_start: 0.01, loop_end: 0.010042)},
        events: {"it": (play: "it", gain: 3.0103)},
    )"#;
    let studio = Studio::new(bank).sound("it.wav", &[&ramp]);
    let mut engine = studio.builder().stems(true).build().unwrap();
    engine.post("it", None);
    run(&mut engine, 0.05);
    let out = stem(&engine.take_stems().unwrap(), "master");
    for (n, x) in out.iter().enumerate() {
        let place = (x / 0.5 * 2400.0).round() as usize;
        assert_eq!(place, if n < 480 { n } else { 480 + (n - 480) % 2 }, "frame {n}");
    }
}

#[test]
fn a_stop_soon_after_a_start_is_heard_between_them() {
    let mut engine = studio(LOOP).engine();
    let playback = engine.post("it", None).unwrap();
    engine.stop_at(playback, Some(Seconds::ZERO), 4000);
    let [left, _] = run(&mut engine, 0.3);
    let heard = left.iter().filter(|x| **x != 0.0).count();
    near(heard as f64, 4000.0, 10.0, "frames heard");
    assert_eq!(engine.state(playback), None);
}

#[test]
fn a_pause_before_the_start_moves_nothing() {
    let place = |pause: bool| {
        let mut engine = studio(LOOP).engine();
        engine.set_listener(Some(Pose::ORIGIN));
        let emitter = engine.add_emitter(Vec3::X, Decibels::UNITY);
        let playback = engine.post_at("far", Some(emitter), 24_000).unwrap();
        run(&mut engine, 0.1);
        if pause {
            engine.pause(playback);
            engine.resume(playback);
        }
        run(&mut engine, 0.7);
        // Out of earshot and back: from here on the game's clock tells the place.
        engine.move_emitter(emitter, Vec3::X * 500.0);
        run(&mut engine, 0.3);
        engine.move_emitter(emitter, Vec3::X);
        run(&mut engine, 0.1);
        run(&mut engine, 0.2)
    };
    assert!(place(true) == place(false));
}

#[test]
fn a_muted_bus_that_is_taken_away_stays_silent() {
    let bank = |bus: &str| {
        format!(
            r#"Bank(buses: {{{bus}}}, sounds: {{"it": Clip(file: "it.wav", looping: true)}}, events: {{"it": (play: "it"{})}})"#,
            if bus.is_empty() { "" } else { ", bus: \"a\"" }
        )
    };
    let studio = studio(&bank("\"a\": (mute: true)"));
    let mut engine = studio.engine();
    let playback = engine.post("it", None).unwrap();
    run(&mut engine, 0.3);
    engine.stop(playback, None);
    studio.save("Bank()");
    engine.reload(studio.load(&engine.project().store.clone()));
    let [left, _] = run(&mut engine, 0.3);
    assert!(left.iter().all(|x| *x == 0.0), "not even while it goes");
}

#[test]
fn every_clip_that_cuts_beyond_its_file_is_named() {
    let bank = r#"Bank(sounds: {
        "good": Clip(file: "it.wav"), "late": Clip(file: "it.wav", start: 7), "long": Clip(file: "it.wav", end: 9),
        "thin": Clip(file: "it.wav", start: 0.5, end: 0.500001),
    }, events: {"a": (play: "good"), "b": (play: "late"), "c": (play: "long"), "d": (play: "thin")})"#;
    let said = studio(bank).builder().build().err().expect("refused").to_string();
    for part in ["\"late\": `start` is 7 s", "\"long\": `end` is 9 s", "\"thin\": between `start` and `end`"]
    {
        assert!(said.contains(part), "{part} is not in:\n{said}");
    }
    assert!(!said.contains("sound \"good\""), "{said}");
}
