//! What a clip makes of its file: trimmed, turned round, looped in part, faded by shape; and voices held, moved on,
//! filtered by distance and by what stands in the way.

use crate::common::{LIMITER_LATENCY, RATE, Studio, level, near, run, stem, tone};
use glam::Vec3;
use tonmeister::dsp::measure;
use tonmeister::prelude::*;
use tonmeister::space::Pose;

/// What a bank with this clip of `sound.wav` gives on the master, before anything is done to it.
fn heard(clip: &str, sound: &[f32], seconds: f64) -> Vec<f32> {
    let bank = format!(
        r#"Bank(sounds: {{"it": Clip(file: "sound.wav", {clip})}}, events: {{"it": (play: "it", gain: 3.0103)}})"#
    );
    let studio = Studio::new(&bank).sound("sound.wav", &[sound]);
    let mut engine = studio.builder().stems(true).build().unwrap();
    engine.post("it", None);
    run(&mut engine, seconds);
    stem(&engine.take_stems().unwrap(), "master")
}

/// A file whose every frame tells its place: a ramp.
fn ramp(frames: usize) -> Vec<f32> {
    (0..frames).map(|n| n as f32 / frames as f32 * 0.5).collect()
}

/// The frame of the ramp that was heard.
fn places(out: &[f32], frames: usize) -> Vec<i64> {
    out.iter().map(|x| (x / 0.5 * frames as f32).round() as i64).collect()
}

#[test]
fn a_trimmed_clip_begins_and_ends_where_it_says() {
    let sound = ramp(24_000);
    let got = places(&heard("start: 0.1, end: 0.3", &sound, 0.4), 24_000);
    assert!((0..9600).all(|n| got[n] == 4800 + n as i64), "{:?}", &got[..4]);
    assert!(got[9600..].iter().all(|&place| place == 0), "and then nothing");
}

#[test]
fn a_reversed_clip_runs_backwards() {
    let got = places(&heard("start: 0.1, end: 0.3, reverse: true", &ramp(24_000), 0.4), 24_000);
    assert!((0..9600).all(|n| got[n] == 14_399 - n as i64), "{:?}", &got[..4]);
}

#[test]
fn a_loop_region_repeats_to_the_sample_after_what_comes_before_it() {
    let sound = ramp(24_000);
    let got = places(&heard("looping: true, loop_start: 0.2, loop_end: 0.25", &sound, 0.6), 24_000);
    // What comes before is heard once; the loop is 2400 frames from frame 9600 on.
    let expected = |n: usize| if n < 12_000 { n as i64 } else { 9600 + ((n - 9600) % 2400) as i64 };
    for (n, &place) in got.iter().enumerate() {
        assert_eq!(place, expected(n), "frame {n}");
    }
    // Turned round, the loop keeps its frames: those from 12 000 down to 9600.
    let got =
        places(&heard("looping: true, reverse: true, loop_start: 0.2, loop_end: 0.25", &sound, 0.6), 24_000);
    let expected = |n: usize| {
        if n < 14_400 { 23_999 - n as i64 } else { 11_999 - ((n - 12_000) % 2400) as i64 }
    };
    for (n, &place) in got.iter().enumerate() {
        assert_eq!(place, expected(n), "frame {n}");
    }
}

#[test]
fn loops_of_a_few_frames_repeat_too() {
    for (frames, text) in [(1, "0.000021"), (3, "0.0000625"), (7, "0.000146"), (20, "0.000417")] {
        let sound = ramp(2400);
        let clip = format!("looping: true, loop_start: 0, loop_end: {text}");
        let got = places(&heard(&clip, &sound, 0.05), 2400);
        for (n, &place) in got.iter().enumerate() {
            assert_eq!(place, (n % frames) as i64, "a loop of {frames}, frame {n}");
        }
    }
}

#[test]
fn a_pitched_loop_region_of_whole_periods_is_one_endless_tone() {
    for pitch in ["3", "-5.5", "12"] {
        let sound = tone(1000.0, 0.25, 24_000);
        let clip = format!("looping: true, pitch: {pitch}, loop_start: 0.1, loop_end: 0.35");
        let out = heard(&clip, &sound, 2.0);
        let hertz = 1000.0 * 2_f32.powf(pitch.parse::<f32>().unwrap() / 12.0);
        assert_eq!(measure::find_clicks(&out[480..], RATE), [], "pitch {pitch}");
        let residue = measure::residual_db(&out[4800..], hertz, RATE);
        assert!(residue < -60.0, "all but {hertz} Hz is at {residue} dB");
    }
}

#[test]
fn a_crossfade_takes_the_click_out_of_a_loop_that_does_not_fit() {
    // 333 Hz does not fit a quarter of a second.
    let sound = tone(333.0, 0.25, 24_000);
    let hard = heard("looping: true, loop_start: 0.1, loop_end: 0.3507", &sound, 2.0);
    assert!(!measure::find_clicks(&hard[480..], RATE).is_empty(), "without one it clicks");
    let soft = heard("looping: true, loop_start: 0.1, loop_end: 0.3507, crossfade: 0.05", &sound, 2.0);
    assert_eq!(measure::find_clicks(&soft[480..], RATE), []);
    // Of noise, the crossfade of equal power keeps the level.
    let noise = measure::noise(3, 0.2, 24_000);
    let out = heard("looping: true, loop_start: 0.1, loop_end: 0.35, crossfade: 0.1", &noise, 2.0);
    let levels: Vec<f64> = (1..18).map(|n| level(&out, n * 4800..(n + 1) * 4800)).collect();
    let middle = levels.iter().sum::<f64>() / levels.len() as f64;
    assert!(levels.iter().all(|level| (level - middle).abs() < 0.6), "{levels:?}");
}

#[test]
fn a_cut_beyond_the_files_end_is_refused_and_says_where_it_ends() {
    let studio = Studio::new(
        r#"Bank(sounds: {"it": Clip(file: "sound.wav", start: 0.7)}, events: {"it": (play: "it")})"#,
    )
    .sound("sound.wav", &[&ramp(24_000)]);
    let error = studio.builder().build().err().expect("refused").to_string();
    assert!(error.contains("`start` is 0.7 s, but the file is 0.5 s long"), "{error}");
}

#[test]
fn fades_have_their_shapes() {
    let steady = vec![0.25; 48_000];
    for (shape, half) in [
        ("Linear", -6.02),
        ("Smooth", -6.02),
        ("EqualPower", -3.01),
        ("Fast", -2.5),
        ("Slow", -12.04),
        ("Exponential", -30.2),
    ] {
        let clip = format!("fade_in: 0.2, fade_out: 0.2, fade_shape: {shape}");
        let out = heard(&clip, &steady, 1.0);
        let db = |frame: usize| 20.0 * f64::from(out[frame] / 0.25).log10();
        near(db(4800 - 1), half, 0.1, &format!("{shape}, half way in"));
        near(db(48_000 - 4800 - 1), half, 0.1, &format!("{shape}, half way out"));
        near(db(24_000), 0.0, 0.01, shape);
    }
}

#[test]
fn a_held_voice_is_silent_and_goes_on_where_it_was() {
    let studio = Studio::new(
        r#"Bank(sounds: {"it": Clip(file: "sound.wav", looping: true)}, events: {"it": (play: "it", gain: 3.0103)})"#,
    )
    .tone("sound.wav", 400.0, 0.25, 1.0);
    let mut engine = studio.builder().stems(true).build().unwrap();
    let playback = engine.post("it", None).unwrap();
    run(&mut engine, 0.5);
    engine.pause(playback);
    run(&mut engine, 0.5);
    engine.resume(playback);
    run(&mut engine, 0.5);
    let out = stem(&engine.take_stems().unwrap(), "master");
    assert_eq!(measure::find_clicks(&out[480..], RATE), []);
    assert!(out[26_000..47_000].iter().all(|&x| x == 0.0), "nothing is heard of it");
    let back = (0..out.len()).find(|&n| n > 47_000 && out[n] != 0.0).unwrap();
    let quiet = (0..back).rfind(|&n| out[n] != 0.0).unwrap();
    // A tone's phase tells the place: after the fade in it runs on as if the pause had not been.
    let phase = |from: usize| {
        let part: Vec<f32> = out[from..from + 4800].to_vec();
        let (s, c) = part.iter().enumerate().fold((0.0, 0.0), |(s, c), (n, x)| {
            let angle = std::f64::consts::TAU * 400.0 * n as f64 / f64::from(RATE);
            (s + f64::from(*x) * angle.sin(), c + f64::from(*x) * angle.cos())
        });
        c.atan2(s)
    };
    let gap = back - quiet - 1;
    let expected = phase(10_000) + std::f64::consts::TAU * 400.0 * (60_000 - 10_000 - gap) as f64 / 48_000.0;
    let off = (phase(60_000) - expected).rem_euclid(std::f64::consts::TAU);
    assert!(off.min(std::f64::consts::TAU - off) < 0.06, "it goes on within a frame: {off}");
}

#[test]
fn a_leap_lands_on_its_place_without_a_click() {
    let sound = ramp(48_000);
    let studio = Studio::new(
        r#"Bank(sounds: {"it": Clip(file: "sound.wav")}, events: {"it": (play: "it", gain: 3.0103)})"#,
    )
    .sound("sound.wav", &[&sound]);
    let mut engine = studio.builder().stems(true).build().unwrap();
    let playback = engine.post("it", None).unwrap();
    run(&mut engine, 0.1);
    engine.seek(playback, Seconds::clamped(0.75));
    run(&mut engine, 0.5);
    let out = stem(&engine.take_stems().unwrap(), "master");
    assert_eq!(measure::find_clicks(&out[..16_000], RATE), []);
    // 5 ms down and 5 ms up around the leap, which begins with a block.
    let got = places(&out, 48_000);
    let after = got[6000];
    assert_eq!(got[4799], 4799);
    let dip = (4800..6000).min_by_key(|&n| got[n].abs()).unwrap();
    assert!((4800 + 230..4800 + 128 + 250).contains(&dip), "{dip}");
    assert_eq!(after, 36_000 + (6000 - (dip as i64 + 1)), "from the leap on it counts from 0.75 s");
    assert!(out[17_500..].iter().all(|&x| x == 0.0), "and ends as much earlier");
    assert_eq!(engine.state(playback), None);
}

/// The level of a tone of `hertz` at a distance, behind something or not, against the same at full level.
fn at_distance(space: &str, metres: f32, occlusion: f32, hertz: f64) -> f64 {
    let bank = format!(
        r#"Bank(sounds: {{"it": Clip(file: "sound.wav", looping: true)}}, events: {{"it": (play: "it", space: ({space}))}})"#
    );
    let studio = Studio::new(&bank).tone("sound.wav", hertz, 0.25, 1.0);
    let mut engine = studio.engine();
    engine.set_listener(Some(Pose::ORIGIN));
    let emitter = engine.add_emitter(Vec3::new(0.0, 0.0, -metres), Decibels::UNITY);
    engine.set_emitter_occlusion(emitter, Amount::clamped(occlusion));
    engine.post("it", Some(emitter));
    let [left, _] = run(&mut engine, 1.0);
    let part = &left[24_000 + LIMITER_LATENCY..];
    f64::from(measure::decibels(measure::amplitude_at(part, hertz as f32, RATE) / 0.25)) + 3.0103
}

#[test]
fn the_air_takes_the_top_away_with_distance() {
    let space = "min: 1, max: 100, curve: Linear, air: 500";
    near(at_distance(space, 1.0, 0.0, 8000.0), 0.0, 0.05, "near, nothing is missing");
    // Half way the cut-off is the geometric mean of 20 kHz and 500 Hz: 3162 Hz.
    let (low, high) = (at_distance(space, 50.5, 0.0, 100.0), at_distance(space, 50.5, 0.0, 8000.0));
    near(low, -6.02, 0.1, "the bottom falls by distance alone");
    assert!(high < low - 7.0 && high > low - 10.0, "the top by the air too: {low} and {high} dB");
}

#[test]
fn what_stands_in_the_way_dulls_and_lowers() {
    let space = "min: 10, max: 100, occluded: (gain: -12, cutoff: 500)";
    near(at_distance(space, 5.0, 0.0, 4000.0), 0.0, 0.05, "nothing in the way");
    near(at_distance(space, 5.0, 1.0, 100.0), -12.2, 0.3, "all of it in the way");
    near(at_distance(space, 5.0, 0.5, 50.0), -6.0, 0.2, "half of it");
    // 4 kHz is three octaves above the cut-off: some 18 dB.
    let high = at_distance(space, 5.0, 1.0, 4000.0);
    assert!((-32.0..-28.0).contains(&high), "{high} dB");
}

#[test]
fn a_clip_chooses_how_it_is_read() {
    let sound = tone(5000.0, 0.25, 48_000);
    let residue = |kind: &str| {
        let out = heard(&format!("looping: true, pitch: -2, interpolation: {kind}"), &sound, 1.0);
        // Short enough that the last digit of the frequency does not count.
        measure::residual_db(&out[4800..8800], 5000.0 * 2_f32.powf(-2.0 / 12.0), RATE)
    };
    let [linear, cubic, sinc, fine] = ["Linear", "Cubic", "Sinc", "Fine"].map(residue);
    assert!(
        linear > -40.0 && cubic < linear - 10.0 && sinc < cubic - 15.0 && fine < sinc - 20.0,
        "{linear} {cubic} {sinc} {fine} dB"
    );
}

#[test]
fn voices_that_are_ducked_take_their_sends_along() {
    let bank = |voices: bool| {
        format!(
            r#"Bank(
                buses: {{"crowd": (), "voice": ()}},
                ducking: [(trigger: "voice", by: Activity, attack: 0.02, hold: 0, release: 0.02, targets: {{"crowd": (depth: 12, voices: {voices})}})],
                reverbs: {{"hall": (rt60: 0.1)}},
                sounds: {{"noise": Clip(file: "noise.wav", looping: true), "word": Clip(file: "silence.wav", looping: true)}},
                events: {{"crowd": (play: "noise", bus: "crowd", space: (min: 10, max: 100)), "word": (play: "word", bus: "voice")}},
            )"#
        )
    };
    let dips = |voices: bool| {
        let studio = Studio::new(&bank(voices))
            .sound("noise.wav", &[&measure::noise(1, 0.2, 48_000)])
            .sound("silence.wav", &[&[0.0; 4800]]);
        let mut engine = studio.builder().stems(true).build().unwrap();
        engine.set_listener(Some(Pose::ORIGIN));
        let emitter = engine.add_emitter(Vec3::new(0.0, 0.0, -1.0), Decibels::UNITY);
        engine.post("crowd", Some(emitter));
        let zones = || {
            [tonmeister::space::ZoneField {
                zone: "hall",
                shape: Shape::Sphere { radius: 50.0 },
                position: Vec3::ZERO,
                rotation: glam::Quat::IDENTITY,
                fade: 1.0,
                priority: 0,
            }]
        };
        let half = |engine: &mut Engine| {
            for _ in 0..50 {
                engine.receive();
                engine.set_zones(zones());
                engine.decide();
                engine.flush();
                engine.render(&mut [0.0; 960]);
            }
        };
        half(&mut engine);
        engine.post("word", None);
        half(&mut engine);
        let stems = engine.take_stems().unwrap();
        ["crowd", "reverb/hall"].map(|bus| {
            let out = stem(&stems, bus);
            level(&out, 36_000..47_000) - level(&out, 12_000..23_000)
        })
    };
    let [direct, hall] = dips(true);
    near(direct, -12.0, 0.5, "the voices");
    near(hall, -12.0, 1.0, "and what they send");
    let [direct, hall] = dips(false);
    near(direct, -12.0, 0.5, "the bus alone");
    near(hall, 0.0, 1.0, "leaves the sends as they are");
}

#[test]
fn a_voice_that_nobody_hears_counts_on_exactly() {
    let run_with = |mute: bool| {
        let studio = Studio::new(
            r#"Bank(buses: {"b": ()}, sounds: {"it": Clip(file: "sound.wav", looping: true, pitch: 3.3)}, events: {"it": (play: "it", bus: "b")})"#,
        )
        .sound("sound.wav", &[&measure::noise(9, 0.2, 30_011)]);
        let mut engine = studio.engine();
        engine.post("it", None);
        run(&mut engine, 0.3);
        if mute {
            engine.set_mute("b", true).unwrap();
            run(&mut engine, 1.0);
            engine.set_mute("b", false).unwrap();
        } else {
            run(&mut engine, 1.0);
        }
        run(&mut engine, 0.2);
        run(&mut engine, 0.5)
    };
    assert!(run_with(true) == run_with(false), "as one that was never muted, to the bit");
}
