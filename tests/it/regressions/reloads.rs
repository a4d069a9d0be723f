//! Reloads under what plays.

use super::{bank, peak, reload, seconds, studio};
use crate::common::{Studio, envelope_1k, run, stem, tone, write_wav};
use glam::Vec3;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};
use tonmeister::prelude::*;
use tonmeister::space::Pose;

/// Plays `events`, reloads, and gives the steepest change of level within a millisecond around that, in dB.
#[track_caller]
fn steepest(before: &str, after: &str, events: &[&str]) -> f64 {
    let studio = studio(before);
    let mut engine = studio.engine();
    for event in events {
        engine.post(event, None).unwrap();
    }
    let mut left = run(&mut engine, 1.0)[0].clone();
    reload(&studio, &mut engine, after);
    left.extend(&run(&mut engine, 1.0)[0]);
    let envelope = envelope_1k(&left);
    envelope[995..1060].windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f64::max)
}

#[test]
fn no_change_of_the_graph_steps() {
    let duck = |rules: &str| {
        format!(
            r#"Bank(buses: {{"m": (), "d": (gain: -60)}}, ducking: [{rules}],
            sounds: {{"s": Clip(file: "tone.wav", looping: true)}},
            events: {{"e": (play: "s", bus: "m"), "v": (play: "s", bus: "d")}})"#
        )
    };
    let rule =
        |depth: u32| duck(&format!(r#"(trigger: "d", by: Activity, targets: {{"m": (depth: {depth})}})"#));
    let on = |buses: &str, bus: &str| bank(buses, "looping: true", &format!("bus: \"{bus}\""));
    let cases = [
        ("another depth while ducked", rule(6), rule(20)),
        ("a rule removed while ducked", rule(20), duck("")),
        (
            "another parent",
            on(r#""q": (gain: -20), "m": (parent: "q")"#, "m"),
            on(r#""q": (gain: -20), "m": ()"#, "m"),
        ),
        (
            "a send removed",
            on(r#""q": (), "m": (gain: -20, sends: {"q": 12})"#, "m"),
            on(r#""q": (), "m": (gain: -20)"#, "m"),
        ),
        (
            "a group and its child removed",
            on(r#""q": (gain: -40), "m": (parent: "q")"#, "m"),
            on(r#""k": (gain: -40)"#, "k"),
        ),
        (
            "parent and child swapped",
            on(r#""a": (gain: -6), "m": (parent: "a")"#, "m"),
            on(r#""m": (), "a": (gain: -6, parent: "m")"#, "m"),
        ),
    ];
    for (what, before, after) in cases {
        let events: &[&str] = if before.contains("\"v\"") { &["e", "v"] } else { &["e"] };
        let step = steepest(&before, &after, events);
        // Parents that change places lead against each other; that one way ends at once is all that can be.
        let most = if what.contains("swapped") { 7.0 } else { 2.0 };
        assert!(step < most, "{what}: a step of {step:.1} dB");
    }
}

#[test]
fn a_ringing_tail_rings_on_and_does_not_come_back_later() {
    let bank = |gain: u32| {
        bank(&format!(r#""m": (effects: [Reverb(rt60: 2, mix: 1)]), "x": (gain: -{gain})"#), "", "bus: \"m\"")
    };
    let render = |again: bool| {
        let studio = Studio::new(&bank(0)).tone("tone.wav", 1000.0, 0.5, 0.2);
        let mut engine = studio.engine();
        engine.post("e", None);
        let mut left = run(&mut engine, 0.45)[0].clone();
        if again {
            reload(&studio, &mut engine, &bank(3));
        }
        left.extend(&run(&mut engine, 8.0)[0]);
        left
    };
    let (without, with) = (render(false), render(true));
    assert!(without == with, "a reload elsewhere changes nothing here");
    assert!(peak(&with[8 * 48_000..]) < 1e-4, "and it dies away");
}

#[test]
fn what_was_removed_while_it_faded_stays_away() {
    let with = |buses: &str, more: &str| {
        format!(
            r#"Bank(buses: {{{buses}}}, sounds: {{"s": Clip(file: "tone.wav", looping: true)}},
            events: {{{more} "f": (play: "s", bus: "k")}})"#
        )
    };
    let studio = studio(&with(r#""m": (), "k": ()"#, r#""e": (play: "s", bus: "m"),"#));
    let mut engine = studio.engine();
    let playback = engine.post("e", None).unwrap();
    run(&mut engine, 0.2);
    engine.stop(playback, seconds(10.0));
    run(&mut engine, 0.2);
    for gain in [0, 1] {
        reload(&studio, &mut engine, &with(&format!("\"k\": (gain: -{gain})"), ""));
        run(&mut engine, 0.4);
        assert!(peak(&run(&mut engine, 0.1)[0]) < 0.01);
    }
}

#[test]
fn running_loops_play_what_their_event_plays_now() {
    let plays = |sound: &str| {
        format!(
            r#"Bank(sounds: {{"a": Clip(file: "tone.wav", looping: true), "b": Clip(file: "quiet.wav", looping: true)}},
            events: {{"e": (play: "{sound}")}})"#
        )
    };
    let studio = studio(&plays("a")).tone("quiet.wav", 1000.0, 0.001, 1.0);
    let mut engine = studio.engine();
    engine.post("e", None);
    run(&mut engine, 0.3);
    reload(&studio, &mut engine, &plays("b"));
    run(&mut engine, 0.2);
    let now = peak(&run(&mut engine, 0.2)[0]);
    assert!(now > 1e-4 && now < 0.01, "{now}");
}

#[test]
fn a_sleeping_loop_wakes_when_it_reaches_farther() {
    let reach = |max: u32| bank("", "looping: true", &format!("space: (min: 1, max: {max})"));
    let studio = studio(&reach(10));
    let mut engine = studio.engine();
    engine.set_listener(Some(Pose::ORIGIN));
    let emitter = engine.add_emitter(Vec3::X * 20.0, Decibels::UNITY);
    engine.post("e", Some(emitter));
    run(&mut engine, 0.2);
    reload(&studio, &mut engine, &reach(100));
    assert!(peak(&run(&mut engine, 0.5)[1]) > 0.01);
}

#[test]
fn a_changed_file_does_not_start_a_scheduled_loop_early() {
    let studio = studio(&bank("", "looping: true", ""));
    let mut engine = studio.engine();
    engine.post_at("e", None, 48_000 * 60);
    run(&mut engine, 0.1);
    write_wav(&studio.path().join("tone.wav"), &[&tone(500.0, 0.5, 48_000)]);
    let project = studio.load(&engine.project().store);
    engine.reload(project);
    assert_eq!(peak(&run(&mut engine, 0.5)[0]), 0.0);
}

#[test]
fn stems_keep_their_names_when_buses_come() {
    let with = |more: &str| bank(&format!("{more} \"m\": ()"), "looping: true", "bus: \"m\"");
    let studio = studio(&with(""));
    let mut engine = studio.builder().stems(true).build().unwrap();
    engine.post("e", None);
    run(&mut engine, 0.5);
    reload(&studio, &mut engine, &with("\"a\": (),"));
    run(&mut engine, 0.5);
    assert!(peak(&stem(&engine.take_stems().unwrap(), "m")[40_000..]) > 0.1);
}

/// Updates until the bus "m" has that gain, for at most five seconds.
fn becomes(engine: &mut Engine, gain: f32) -> bool {
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(5) {
        engine.update();
        let bank = engine.bank();
        if bank.bus("m").is_some_and(|bus| bank.buses[bus.index()].gain.get() == gain) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    false
}

fn gain(gain: i32) -> String {
    bank(&format!("\"m\": (gain: {gain})"), "", "bus: \"m\"")
}

#[test]
fn a_save_during_the_first_load_is_not_missed() {
    let studio = studio(&gain(0));
    let saved = AtomicBool::new(false);
    let save = |_, _| {
        if !saved.swap(true, SeqCst) {
            studio.save(&gain(-6));
        }
    };
    let mut engine = studio.builder().watch(true).build_with_progress(&save).unwrap();
    assert!(becomes(&mut engine, -6.0));
}

#[cfg(unix)]
#[test]
fn a_folder_that_was_replaced_is_watched_again() {
    let studio = studio(&gain(0));
    let mut engine = studio.builder().watch(true).build().unwrap();
    let away = studio.path().with_extension("away");
    std::fs::rename(studio.path(), &away).unwrap();
    std::fs::create_dir(studio.path()).unwrap();
    std::fs::copy(away.join("tone.wav"), studio.path().join("tone.wav")).unwrap();
    studio.save(&gain(-3));
    assert!(becomes(&mut engine, -3.0), "the new folder is read");
    studio.save(&gain(-6));
    assert!(becomes(&mut engine, -6.0), "and watched");
    std::fs::remove_dir_all(&away).unwrap();
}
