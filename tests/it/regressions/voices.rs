//! Fades, stops, schedules and ceilings.

use super::{bank, peak, reload, seconds, studio};
use crate::common::{Studio, run};
use glam::Vec3;
use tonmeister::director::State;
use tonmeister::prelude::*;
use tonmeister::space::Pose;

#[test]
fn a_loop_shorter_than_one_step_of_its_pitch_plays_on() {
    let bank = bank("", "looping: true, pitch: 24", "");
    let studio = Studio::new(&bank).sound("tone.wav", &[&[0.1, 0.2, 0.1]]);
    let mut engine = studio.engine();
    engine.post("e", None);
    assert!(peak(&run(&mut engine, 0.1)[0]) > 0.05);
}

#[test]
fn fades_longer_than_the_clip_still_let_it_be_heard() {
    let studio = studio(&bank("", "fade_in: 0.1, fade_out: 1", ""));
    let mut engine = studio.engine();
    engine.post("e", None);
    assert!(peak(&run(&mut engine, 1.1)[0]) > 0.2);
}

#[test]
fn the_quicker_of_two_stops_counts() {
    let studio = studio(&bank("", "looping: true", ""));
    let mut engine = studio.engine();
    let playback = engine.post("e", None).unwrap();
    run(&mut engine, 0.2);
    engine.stop(playback, seconds(10.0));
    run(&mut engine, 0.2);
    engine.stop(playback, seconds(0.05));
    run(&mut engine, 0.2);
    assert_eq!(engine.state(playback), None);
}

#[test]
fn a_stop_is_heard_inside_the_clips_own_fade() {
    let studio = studio(&bank("", "fade_out: 0.9", ""));
    let mut engine = studio.engine();
    let playback = engine.post("e", None).unwrap();
    run(&mut engine, 0.2);
    engine.stop(playback, seconds(0.05));
    run(&mut engine, 0.2);
    assert_eq!(engine.state(playback), None);
}

#[test]
fn what_is_stopped_before_its_start_is_never_heard() {
    let studio = studio(&bank("", "", "fade_out: 0.5"));
    for start in [4800, 48_000] {
        let mut engine = studio.engine();
        let playback = engine.post_at("e", None, start).unwrap();
        run(&mut engine, 0.02);
        engine.stop(playback, None);
        assert_eq!(peak(&run(&mut engine, 1.5)[0]), 0.0, "scheduled for frame {start}");
    }
}

#[test]
fn a_fade_follows_a_pitch_that_rises_on_its_way() {
    let banks = ["0", "12"].map(|pitch| bank("", "fade_out: 0.6", &format!("pitch: {pitch}")));
    let studio = studio(&banks[0]);
    let mut engine = studio.engine();
    engine.post("e", None);
    let mut left = run(&mut engine, 0.6)[0].clone();
    reload(&studio, &mut engine, &banks[1]);
    left.extend(&run(&mut engine, 0.6)[0]);
    let last = left.iter().rposition(|sample| sample.abs() > 1e-6).unwrap();
    assert!(peak(&left[last - 96..]) < 0.02, "it ends at {}", peak(&left[last - 96..]));
}

#[test]
fn what_is_scheduled_needs_no_voice_until_its_time() {
    let studio = studio(&bank("", "", ""));
    let mut engine = studio.builder().voices(4).build().unwrap();
    for _ in 0..4 {
        engine.post_at("e", None, 48_000 * 60);
    }
    run(&mut engine, 0.1);
    engine.post("e", None);
    assert!(peak(&run(&mut engine, 0.1)[0]) > 0.1);
}

#[test]
fn a_scheduled_loop_out_of_earshot_does_not_begin_early() {
    let studio = studio(&bank("", "looping: true", "space: (min: 1, max: 10)"));
    let mut engine = studio.engine();
    engine.set_listener(Some(Pose::ORIGIN));
    let emitter = engine.add_emitter(Vec3::X * 15.0, Decibels::UNITY);
    engine.post_at("e", Some(emitter), 480_000);
    run(&mut engine, 0.1);
    engine.move_emitter(emitter, Vec3::X);
    assert_eq!(peak(&run(&mut engine, 0.2)[0]), 0.0);
}

#[test]
fn stops_in_the_future_leave_the_ceiling_in_force() {
    let studio = studio(&bank("", "looping: true", ""));
    let mut engine = studio.builder().voices(4).build().unwrap();
    for _ in 0..20 {
        let playback = engine.post("e", None).unwrap();
        run(&mut engine, 0.02);
        engine.stop_at(playback, None, 48_000 * 60);
    }
    run(&mut engine, 0.1);
    assert!(engine.voices() <= 4, "{} voices of 4", engine.voices());
}

#[test]
fn a_long_fade_of_many_leaves_voices_for_what_comes() {
    let studio = studio(&bank("", "looping: true, gain: -60", ""));
    let mut engine = studio.builder().voices(100).build().unwrap();
    for _ in 0..100 {
        engine.post("e", None);
    }
    run(&mut engine, 0.1);
    engine.stop_all(seconds(5.0));
    run(&mut engine, 0.1);
    let new: Vec<_> = (0..60).filter_map(|_| engine.post("e", None)).collect();
    run(&mut engine, 0.2);
    assert_eq!(new.iter().filter(|&&id| matches!(engine.state(id), Some(State::Real(_)))).count(), 60);
}

#[test]
fn near_equal_loops_do_not_take_turns() {
    let studio = studio(&bank("", "looping: true, gain: -20", "space: (min: 1, max: 100)"));
    let mut engine = studio.builder().voices(4).build().unwrap();
    let place = |angle: f32, radius: f32| Vec3::new(angle.cos(), 0.0, angle.sin()) * radius;
    let playbacks: Vec<_> = (0..40)
        .filter_map(|i| {
            let emitter = engine.add_emitter(place(i as f32, 10.0), Decibels::UNITY);
            engine.post("e", Some(emitter))
        })
        .collect();
    let mut heard = Vec::new();
    for step in 0..200 {
        engine.set_listener(Some(Pose { position: place(step as f32 * 0.05, 0.2), ..Pose::ORIGIN }));
        run(&mut engine, 0.01);
        heard.push(
            playbacks.iter().map(|&id| matches!(engine.state(id), Some(State::Real(_)))).collect::<Vec<_>>(),
        );
    }
    assert!(heard[10..].windows(2).all(|pair| pair[0] == pair[1]), "voices change hands");
}

#[test]
fn a_loop_in_space_without_a_listener_stays_virtual() {
    let studio = studio(&bank("", "looping: true", "space: (min: 1, max: 10)"));
    let mut engine = studio.engine();
    let playback = engine.post("e", None).unwrap();
    for _ in 0..6 {
        run(&mut engine, 0.01);
        assert_eq!(engine.state(playback), Some(State::Virtual));
    }
}

#[test]
fn a_mixer_that_stands_still_does_not_hoard_orders() {
    let studio = studio(&bank("", "looping: true", "space: (min: 1, max: 1000)"));
    let mut engine = studio.engine();
    engine.set_listener(Some(Pose::ORIGIN));
    let emitters: Vec<_> =
        (0..100).map(|i| engine.add_emitter(Vec3::X * i as f32, Decibels::UNITY)).collect();
    for &emitter in &emitters {
        engine.post("e", Some(emitter));
    }
    run(&mut engine, 0.1);
    for step in 0..600 {
        for (index, &emitter) in emitters.iter().enumerate() {
            engine.move_emitter(emitter, Vec3::X * (index as f32 + step as f32 * 0.01));
        }
        engine.update();
    }
    // What waits is carried out within two updates, not within as many as were missed.
    engine.set_listener(None);
    run(&mut engine, 0.06);
    assert!(peak(&run(&mut engine, 0.02)[0]) < 1e-3);
}
