//! What plays one after another, by chance or computed: heard to the sample.

use crate::common::{RATE, Studio, level, near, run, stem, tone};
use tonmeister::dsp::measure::find_clicks;
use tonmeister::prelude::*;

/// Two files told apart by what every frame of them is.
fn studio(play: &str) -> Studio {
    let bank = format!(r#"Bank(events: {{"e": (play: {play}, gain: 3.0103)}})"#);
    Studio::new(&bank).sound("a.wav", &[&[0.25; 4801]]).sound("b.wav", &[&[-0.5; 3333]])
}

/// What is heard on the master, before anything is done to it, as the number of the file at each frame.
fn files(play: &str, seconds: f64) -> Vec<u8> {
    let studio = studio(play);
    let mut engine = studio.builder().stems(true).build().unwrap();
    engine.post("e", None);
    run(&mut engine, seconds);
    let file = |x: f32| u8::from(x > 0.1) + 2 * u8::from(x < -0.1);
    stem(&engine.take_stems().unwrap(), "master").into_iter().map(file).collect()
}

/// The frames at which what is heard changes, and to what.
fn changes(files: &[u8]) -> Vec<(usize, u8)> {
    let mut last = 0;
    let mut changes = Vec::new();
    for (frame, &file) in files.iter().enumerate() {
        if file != last {
            changes.push((frame, file));
            last = file;
        }
    }
    changes
}

#[test]
fn the_next_is_heard_on_the_frame_after_the_last_of_the_one_before() {
    let played = files(r#"Sequence(of: ["a.wav", "b.wav"], mode: Continuous, loops: 2)"#, 0.5);
    let (a, b) = (4801, 3333);
    assert_eq!(changes(&played), [(0, 1), (a, 2), (a + b, 1), (2 * a + b, 2), (2 * (a + b), 0)]);
    // With a gap of 12.5 ms between them.
    let played =
        files(r#"Sequence(of: ["a.wav", "b.wav"], mode: Continuous, transition: (time: 0.0125))"#, 0.5);
    assert_eq!(changes(&played), [(0, 1), (a, 0), (a + 600, 2), (a + 600 + b, 0)]);
    // An octave up each lasts half as long, rounded up to a frame.
    let played = files(r#"Sequence(of: ["a.wav", "b.wav"], mode: Continuous, pitch: 12)"#, 0.2);
    let octave: Vec<_> = changes(&played).into_iter().map(|change| change.1).collect();
    assert_eq!(octave, [1, 2, 0]);
    near(changes(&played)[1].0 as f64, 2401.0, 1.0, "by the interpolator's reach");
}

#[test]
fn a_crossfade_keeps_its_power_and_does_not_click() {
    let bank = r#"Bank(
        sounds: {"both": Sequence(of: ["low.wav", "high.wav"], mode: Continuous, loops: 2, transition: (kind: Crossfade, time: 0.2))},
        events: {"e": (play: "both", fade_in: 0.02)},
    )"#;
    let faded = |hertz| {
        let mut tone = tone(hertz, 0.25, 24_000);
        // The files' own edges, so that only what crosses is looked at.
        for n in 0..480 {
            tone[n] *= n as f32 / 480.0;
            tone[23_999 - n] *= n as f32 / 480.0;
        }
        tone
    };
    let studio = Studio::new(bank).sound("low.wav", &[&faded(700.0)]).sound("high.wav", &[&faded(1100.0)]);
    let mut engine = studio.builder().stems(true).build().unwrap();
    let id = engine.post("e", None).unwrap();
    run(&mut engine, 2.0);
    assert_eq!(engine.state(id), None, "it ends with the last");
    let out = stem(&engine.take_stems().unwrap(), "master");
    let alone = level(&out, 4800..12_000);
    // The first ends at 24 000; the second begins 9600 before that.
    near(level(&out, 16_800..21_600), alone, 0.3, "in the middle of the crossfade");
    near(level(&out, 31_200..36_000), alone, 0.3, "in the next one");
    let end = 4 * 24_000 - 3 * 9600;
    assert!(out[end..].iter().all(|&x| x == 0.0) && out[end - 600] != 0.0);
    assert_eq!(find_clicks(&out, RATE), []);
}

#[test]
fn what_is_held_and_stopped_in_the_middle_does_not_click() {
    let bank = r#"Bank(events: {"e": (play: Sequence(of: ["tone.wav", "tone.wav"], mode: Continuous, loops: 0), fade_out: 0.05)})"#;
    // Whole periods, so that they go over into each other as one tone.
    let studio = Studio::new(bank).tone("tone.wav", 1000.0, 0.25, 0.25);
    let mut engine = studio.engine();
    let id = engine.post("e", None).unwrap();
    let mut out = run(&mut engine, 0.6)[0].clone();
    assert_eq!(find_clicks(&out[4800..], RATE), [], "one endless tone");
    engine.pause(id);
    out.extend(&run(&mut engine, 0.5)[0]);
    engine.resume(id);
    out.extend(&run(&mut engine, 0.4)[0]);
    assert!(level(&out, 40_000..52_000) < -100.0, "held");
    near(level(&out, 56_000..66_000), level(&out, 4800..24_000), 0.1, "it goes on");
    engine.stop(id, None);
    out.extend(&run(&mut engine, 0.5)[0]);
    assert_eq!(engine.state(id), None);
    assert!(level(&out, 80_000..94_000) < -100.0, "and nothing comes after the stop");
}

#[test]
fn a_game_without_a_single_file_makes_sounds() {
    let bank = r#"Bank(events: {
        "ping": (play: Tone(freq: 880, length: 0.2)),
        "hum": (play: Tone(freq: FREQ)),
        "rain": (play: Noise(color: Pink, fade_in: 0.1), fade_out: 0.1),
    })"#;
    let studio = Studio::new(&bank.replace("FREQ", "441.3"));
    let mut engine = studio.engine();
    let ping = engine.post("ping", None).unwrap();
    let out = run(&mut engine, 0.5)[0].clone();
    // A sine at -12 dB, 3.01 less as an RMS and 3.01 by the pan's law.
    near(level(&out, 2400..7200), -18.06, 0.05, "the level of a ping");
    assert!(level(&out, 10_000..24_000) < -100.0 && engine.state(ping).is_none());
    assert_eq!(find_clicks(&out, RATE), []);
    // One that goes on has no seam, and another frequency after a reload crosses over.
    let hum = engine.post("hum", None).unwrap();
    let mut out = run(&mut engine, 2.5)[0].clone();
    studio.save(&bank.replace("FREQ", "300"));
    let project = studio.load(&engine.project().store.clone());
    engine.reload(project);
    out.extend(&run(&mut engine, 1.0)[0]);
    near(level(&out, 24_000..96_000), -18.06, 0.05, "the level of a hum");
    near(level(&out, 144_000..168_000), -18.06, 0.05, "after the reload");
    assert_eq!(find_clicks(&out, RATE), []);
    let crossings = |part: &[f32]| part.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
    near(crossings(&out[48_000..96_000]) as f64, 441.3, 1.0, "periods in a second");
    near(crossings(&out[132_000..156_000]) as f64, 150.0, 1.0, "periods in half a second");
    engine.stop(hum, None);
    run(&mut engine, 0.5);
    // Two noises of one kind are not in step: together they are 3 dB louder, not 6.
    engine.post("rain", None);
    let one = run(&mut engine, 3.0)[0].clone();
    engine.post("rain", None);
    let two = run(&mut engine, 3.0)[0].clone();
    near(level(&two, 48_000..144_000) - level(&one, 48_000..144_000), 3.0, 0.8, "two together");
}

#[test]
fn a_scatter_is_heard_around_its_emitter_until_it_is_stopped() {
    let bank = r#"Bank(events: {"birds": (
        play: Scatter(of: [Tone(freq: 2000, length: 0.05)], every: (0.1, 0.3), around: (min: 5, max: 10), pitch: (-3, 3)),
        space: (min: 5, max: 40),
    )})"#;
    let mut engine = Studio::new(bank).engine();
    engine.set_listener(Some(tonmeister::space::Pose::ORIGIN));
    let emitter = engine.add_emitter(glam::Vec3::ZERO, Decibels::UNITY);
    let id = engine.post("birds", Some(emitter)).unwrap();
    let [left, right] = run(&mut engine, 10.0);
    let pieces: Vec<(f64, f64)> = (0..200)
        .map(|n| n * 2400..(n + 1) * 2400)
        .map(|range| (level(&left, range.clone()), level(&right, range)))
        .filter(|(left, right)| left.max(*right) > -60.0)
        .collect();
    let (more_left, more_right) =
        (pieces.iter().filter(|(l, r)| l > r).count(), pieces.iter().filter(|(l, r)| r > l).count());
    assert!(more_left > 15 && more_right > 15, "{more_left} to the left, {more_right} to the right");
    assert!(level(&left, 0..480_000) < -20.0 && pieces.len() < 160, "and silence between them");
    assert_eq!(engine.on_emitter(emitter), [id], "all of it is one playback");
    engine.stop(id, None);
    let after = run(&mut engine, 2.0);
    assert!(level(&after[0], 9600..96_000) < -100.0);
    assert!(engine.state(id).is_none() && engine.on_emitter(emitter).is_empty());
}

#[test]
fn ten_torches_do_not_burn_in_step() {
    let bank = r#"Bank(events: {"torch": (play: Clip(file: "torch.wav", looping: true, offset: OFFSET))})"#;
    let loud = |offset: &str| {
        // A click each half second: where all are in step they are heard as one.
        let mut torch = vec![0.0_f32; 24_000];
        torch[..240].fill(0.02);
        let mut engine = Studio::new(&bank.replace("OFFSET", offset)).sound("torch.wav", &[&torch]).engine();
        for _ in 0..10 {
            engine.post("torch", None);
        }
        run(&mut engine, 2.0)[0].iter().fold(0.0_f32, |most, x| most.max(x.abs()))
    };
    assert!(loud("(0, 0.5)") < 0.5 * loud("0"));
}

#[test]
fn an_offset_beyond_what_is_played_is_told_with_the_file() {
    let bank = r#"Bank(sounds: {"it": Clip(file: "a.wav", offset: (0, 3))}, events: {"e": (play: "it")})"#;
    let studio = Studio::new(bank).sound("a.wav", &[&[0.25; 4801]]);
    let Err(error) = studio.builder().build() else { panic!("it was built") };
    let told = error.to_string();
    assert!(
        told.contains("error[bad-cut]: sound \"it\": `offset` is up to 3 s, but only 0.100 s are played"),
        "{told}"
    );
}

#[test]
fn a_switch_at_the_end_of_a_lap_is_heard_on_the_very_frame() {
    let bank = r#"Bank(
        parameters: {"mood": (labels: ["calm", "tense"])},
        events: {"e": (gain: 3.0103, play: Switch(on: "mood", change: AtEnd, cases: {
            "calm": Clip(file: "a.wav", looping: true), "tense": Clip(file: "b.wav", looping: true),
        }))},
    )"#;
    let studio = Studio::new(bank).sound("a.wav", &[&[0.25; 4801]]).sound("b.wav", &[&[-0.5; 3333]]);
    let mut engine = studio.builder().stems(true).build().unwrap();
    engine.post("e", None);
    run(&mut engine, 0.15);
    engine.set_parameter("mood", "tense").unwrap();
    run(&mut engine, 0.5);
    let out = stem(&engine.take_stems().unwrap(), "master");
    // Frame 7200 is in the second lap.
    assert!(out[..9602].iter().all(|x| (x - 0.25).abs() < 1e-3), "to the end of the lap");
    assert!(out[9602..].iter().all(|x| (x + 0.5).abs() < 1e-3), "and from there on");
}
