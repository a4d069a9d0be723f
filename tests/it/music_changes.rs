//! Music under other banks, other labels and switches: what goes on, what begins, and at which frame.

use crate::common::{LIMITER_LATENCY, RATE, Studio, run};
use glam::Vec3;
use tonmeister::director::Happened;
use tonmeister::prelude::*;
use tonmeister::space::Pose;

/// A signal that is nothing but one sample of that height at its beginning.
fn mark(height: f32, frames: usize) -> Vec<f32> {
    let mut signal = vec![0.0; frames];
    signal[0] = height;
    signal
}

/// Sounds of two seconds, and a short one, each told by its height.
fn studio(bank: &str) -> Studio {
    Studio::new(bank)
        .sound("a.wav", &[&mark(0.1, 96_000)])
        .sound("b.wav", &[&mark(0.2, 96_000)])
        .sound("f.wav", &[&mark(0.3, 96_000)])
        .sound("fill.wav", &[&mark(0.4, 48_000)])
        .sound("short.wav", &[&mark(0.1, 4800)])
}

fn reload(engine: &mut Engine, studio: &Studio, bank: &str) {
    studio.save(bank);
    let project = studio.load(&engine.project().store.clone());
    engine.reload(project);
}

/// When each sound began: the frame and its height, in tenths.
fn onsets(out: &[f32]) -> Vec<(usize, u32)> {
    let tall = |(at, &sample): (usize, &f32)| {
        let height = (sample.abs() * std::f32::consts::SQRT_2 * 10.0).round() as u32;
        (height > 0).then(|| (at - LIMITER_LATENCY, height))
    };
    out.iter().enumerate().filter_map(tall).collect()
}

const VIA: &str = r#"Bank(
    states: {"mood": (of: {"calm": (), "fight": (), "silence": ()})},
    sounds: {"score": Music(
        segments: {
            "a": (play: "a.wav", tempo: 480),
            "b": (play: "b.wav", tempo: 480),
            "fill": (play: "fill.wav", tempo: 480, exit: 0.5),
            "z": (play: "f.wav", tempo: 480),
        },
        parts: {"calm": ["a", "b"], "fight": [("z", 4)]},
        on: "mood",
        transitions: [(via: "fill", at: Bar)],
    )},
    events: {"score": (play: "score")},
)"#;

#[test]
fn segments_and_parts_may_go_while_one_leads_over() {
    let without_b =
        VIA.replace(r#""b": (play: "b.wav", tempo: 480),"#, "").replace(r#"["a", "b"]"#, r#""a""#);
    let without_fight = VIA.replace(r#", "fight": [("z", 4)]"#, "");
    for (bank, later) in [
        (&without_b, vec![(96_000, 3), (192_000, 3), (288_000, 3)]),
        // Without its part it is left at its exit, and another mood is heard again.
        (&without_fight, vec![]),
    ] {
        let studio = studio(VIA);
        let mut engine = studio.engine();
        let score = engine.post("score", None).unwrap();
        let mut out = run(&mut engine, 1.01)[0].clone();
        engine.set_parameter("mood", "fight").unwrap();
        out.extend(&run(&mut engine, 0.69)[0]);
        reload(&mut engine, &studio, bank);
        out.extend(&run(&mut engine, 5.0)[0]);
        let mut want = vec![(0, 1), (72_000, 4)];
        want.extend(later);
        if bank == &without_fight {
            let soon = engine.mixer_frame() as usize + 960;
            engine.set_parameter("mood", "calm").unwrap();
            out.extend(&run(&mut engine, 0.5)[0]);
            want.push((soon, 1));
        }
        assert_eq!(onsets(&out), want);
        assert!(engine.state(score).is_some());
    }
}

#[test]
fn an_event_that_plays_music_from_now_on_does_so_whatever_was_added_to_the_bank() {
    let before = r#"Bank(sounds: {"bed": SOUND}, events: {"e": (play: "bed")})"#;
    let after = r#"Bank(
        sounds: {
            "aaa": Clip(file: "b.wav"), "aab": Clip(file: "b.wav"), "aac": Clip(file: "b.wav"),
            "tune": Music(segments: {"f": (play: "f.wav")}),
        },
        events: {"aaa": (play: "aaa"), "e": (play: "tune")},
    )"#;
    for sound in [
        r#"Clip(file: "a.wav", looping: true)"#,
        r#"Sequence(of: ["a.wav", "a.wav"], mode: Continuous, loops: 0)"#,
    ] {
        let studio = studio(&before.replace("SOUND", sound));
        let mut engine = studio.engine();
        let id = engine.post("e", None).unwrap();
        let mut out = run(&mut engine, 1.0)[0].clone();
        reload(&mut engine, &studio, after);
        out.extend(&run(&mut engine, 2.6)[0]);
        // The first time it rises over what it takes the place of.
        assert_eq!(onsets(&out), [(0, 1), (48_000 + 96_000, 3)], "{sound}");
        assert_eq!(engine.music(id).unwrap().segment, "f");
    }
}

#[test]
fn music_keeps_its_place_when_a_clip_of_it_gets_another_name() {
    let bank = r#"Bank(
        sounds: {
            "hum": Clip(file: "a.wav", looping: true),
            "score": Music(segments: {"a": (play: "hum", exit: 3), "b": (play: "b.wav")}, parts: {"all": ["a", "b"]}),
        },
        events: {"e": (play: "score")},
    )"#;
    let studio = studio(bank);
    let mut engine = studio.engine();
    engine.post("e", None);
    let mut out = run(&mut engine, 1.0)[0].clone();
    let renamed = bank
        .replace(r#""hum""#, r#""drone""#)
        .replace("sounds: {", r#"sounds: {"aaa": Clip(file: "f.wav"),"#);
    reload(&mut engine, &studio, &renamed);
    out.extend(&run(&mut engine, 4.5)[0]);
    assert_eq!(onsets(&out), [(0, 1), (96_000, 1), (144_000, 2), (240_000, 1)]);
}

#[test]
fn music_without_a_part_begins_at_its_beginning_when_it_gets_one() {
    let studio = studio(VIA);
    let mut engine = studio.engine();
    engine.set_parameter("mood", "silence").unwrap();
    let score = engine.post("score", None).unwrap();
    let mut out = run(&mut engine, 3.0)[0].clone();
    let soon = engine.mixer_frame() + 960;
    engine.set_parameter("mood", "calm").unwrap();
    let mut told = Vec::new();
    for _ in 0..20 {
        out.extend(&run(&mut engine, 0.01)[0]);
        told.extend(engine.take_notices().into_iter().filter(|told| told.playback == score));
    }
    assert_eq!(onsets(&out), [(soon as usize, 1)]);
    let segments: Vec<_> = told.iter().filter(|told| matches!(told.what, Happened::Segment(_))).collect();
    assert_eq!(segments.iter().map(|told| told.at).collect::<Vec<_>>(), [soon]);
}

#[test]
fn music_that_falls_silent_out_of_earshot_is_there_when_it_is_heard_again() {
    let bank = VIA.replace(r#"(play: "score")"#, r#"(play: "score", space: (min: 1, max: 10))"#);
    let bank = bank.replace(r#"via: "fill", at: Bar"#, "at: Bar, fade_out: 0.1");
    let studio = studio(&bank);
    let mut engine = studio.engine();
    engine.set_listener(Some(Pose::ORIGIN));
    let place = engine.add_emitter(Vec3::X * 50.0, Decibels::UNITY);
    let score = engine.post("score", Some(place)).unwrap();
    run(&mut engine, 1.0);
    engine.set_parameter("mood", "silence").unwrap();
    run(&mut engine, 1.0);
    assert!(engine.state(score).is_some());
    engine.move_emitter(place, Vec3::X * 0.1);
    engine.set_parameter("mood", "calm").unwrap();
    let out = run(&mut engine, 0.5)[0].clone();
    assert_eq!(onsets(&out).len(), 1, "it is heard");
    engine.stop(score, None);
    run(&mut engine, 0.5);
    let ends = engine.take_notices().into_iter().filter(|told| matches!(told.what, Happened::Ended(_)));
    assert_eq!(ends.count(), 1);
}

#[test]
fn music_posted_while_a_game_runs_begins_with_its_first_frame() {
    let studio = studio(VIA);
    let mut engine = studio.engine();
    let mut out = run(&mut engine, 1.0)[0].clone();
    let now = engine.mixer_frame() as usize;
    engine.post("score", None);
    out.extend(&run(&mut engine, 0.5)[0]);
    assert_eq!(onsets(&out), [(now, 1)]);
}

#[test]
fn switches_go_over_from_and_to_music() {
    let bank = |a: &str, b: &str| {
        format!(
            r#"Bank(
                parameters: {{"where": (labels: ["a", "b"])}},
                sounds: {{
                    "hum": Clip(file: "b.wav", looping: true),
                    "hum 2": Clip(file: "fill.wav", looping: true),
                    "one": Music(segments: {{"a": (play: "a.wav")}}),
                    "two": Music(segments: {{"f": (play: "f.wav")}}),
                    "which": Switch(on: "where", change: Crossfade(0.1), cases: {{"a": {a}, "b": {b}}}),
                }},
                events: {{"e": (play: "which")}},
            )"#
        )
    };
    for (a, b, want) in [
        (r#""one""#, r#""two""#, vec![(0, 1), (96_000, 1), (144_000, 3), (240_000, 3)]),
        (r#""one""#, r#""hum 2""#, vec![(0, 1), (96_000, 1), (144_000, 4), (192_000, 4), (240_000, 4)]),
        (r#""hum""#, r#""two""#, vec![(0, 2), (96_000, 2), (144_000, 3), (240_000, 3)]),
        (
            r#"Layer(of: ["hum", "one"])"#,
            r#""hum 2""#,
            vec![(0, 3), (96_000, 3), (144_000, 4), (192_000, 4), (240_000, 4)],
        ),
    ] {
        let studio = studio(&bank(a, b));
        let mut engine = studio.engine();
        let id = engine.post("e", None).unwrap();
        let mut out = run(&mut engine, 3.0)[0].clone();
        engine.set_parameter("where", "b").unwrap();
        out.extend(&run(&mut engine, 2.5)[0]);
        // What crosses over rises over its first tenth of a second, so its first mark is not heard.
        let heard = want.into_iter().filter(|&(at, _)| at != 144_000).collect::<Vec<_>>();
        assert_eq!(onsets(&out), heard, "{a} to {b}");
        assert!(engine.state(id).is_some());
        engine.set_parameter("where", "a").unwrap();
        let begun = engine.mixer_frame();
        let back = run(&mut engine, 4.5)[0].clone();
        assert!(onsets(&back).iter().all(|&(at, height)| at < 4800 || height != 4), "{a} again: {begun}");
        engine.stop(id, None);
        run(&mut engine, 0.1);
        assert_eq!((engine.state(id), engine.voices()), (None, 0), "{a} to {b}");
    }
}

#[test]
fn a_segment_has_its_turn_to_its_exit_however_short_its_sound() {
    let bank = r#"Bank(
        sounds: {"score": Music(segments: {"a": (play: "short.wav", tempo: 960, exit: 1)})},
        events: {"score": (play: "score")},
    )"#;
    let studio = studio(bank);
    let mut engine = studio.engine();
    let score = engine.post("score", None).unwrap();
    let mut beats = Vec::new();
    for _ in 0..250 {
        run(&mut engine, 0.01);
        assert!(engine.music(score).is_some(), "at {}", engine.mixer_frame());
        let told = engine.take_notices().into_iter();
        beats.extend(told.filter(|told| matches!(told.what, Happened::Beat { .. })).map(|told| told.at));
    }
    // Sixteen a second.
    let want = (0..beats.len() as u64).map(|beat| beat * u64::from(RATE) / 16);
    assert!(beats.len() >= 40 && beats.iter().copied().eq(want), "{beats:?}");
}

#[test]
fn music_that_is_played_so_many_times_tells_its_last_beats_and_ends_at_its_last_exit() {
    let bank = r#"Bank(
        sounds: {"score": Music(segments: {"a": (play: "short.wav", tempo: 960, exit: 1)}, parts: {"all": (of: ["a"], repeat: 2)})},
        events: {"score": (play: "score")},
    )"#;
    let studio = studio(bank);
    let mut engine = studio.engine();
    engine.post("score", None);
    run(&mut engine, 2.5);
    let told = engine.take_notices();
    let beats = told.iter().filter(|told| matches!(told.what, Happened::Beat { .. }));
    assert!(beats.map(|told| told.at).eq((0..32).map(|beat| beat * u64::from(RATE) / 16)), "{told:?}");
    let end = told.last().unwrap();
    assert!(end.what == Happened::Ended(Ended::Finished) && (96_000..96_512).contains(&end.at), "{end:?}");
}
