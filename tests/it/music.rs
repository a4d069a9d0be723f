//! Music on its grid: every onset at its exact frame.

use crate::common::{LIMITER_LATENCY, RATE, Studio, level, near, run};
use proptest::prelude::*;
use tonmeister::director::Happened;
use tonmeister::dsp::measure::find_clicks;

/// Segments of two seconds, four bars at 480 beats a minute: a beat is 6000 frames, a bar 24 000. Each begins with one sample
/// of its own height at its entry, so that what comes through tells who began when.
const BANK: &str = r#"Bank(
    states: {"mood": (of: {"calm": (), "fight": (), "calm too": (), "silence": ()})},
    buses: {"music": ()},
    sounds: {
        "score": Music(
            segments: {
                "a": (play: "a.wav", tempo: 480, markers: {"m": 1.3}),
                "b": (play: "b.wav", tempo: 480, entry: 0.25, exit: 2.25),
                "f": (play: "f.wav", tempo: 480, markers: {"m": 0.7, "n": 1.1}),
                "fill": (play: "fill.wav", tempo: 480, exit: 0.5),
            },
            parts: {"calm": ["a", ("b", 2)], "fight": "f", "calm too": "a"},
            on: "mood",
            transitions: [WAYS],
            stingers: {"kill": (play: "kill.wav", at: Beat, cooldown: 1)},
        ),
    },
    events: {"score": (play: "score", bus: "music", fade_out: 0)},
)"#;

/// A signal that is nothing but one sample of that height at `at`.
fn mark(height: f32, at: usize, frames: usize) -> Vec<f32> {
    let mut signal = vec![0.0; frames];
    signal[at] = height;
    signal
}

fn studio(ways: &str) -> Studio {
    let pick_up = 12_000;
    Studio::new(&BANK.replace("WAYS", ways))
        .sound("a.wav", &[&mark(0.1, 0, 96_000)])
        // A quarter of a second before its entry, and as much after its exit.
        .sound("b.wav", &[&mark(0.2, pick_up, 96_000 + 2 * pick_up)])
        .sound("f.wav", &[&mark(0.3, 0, 96_000)])
        .sound("fill.wav", &[&mark(0.4, 0, 48_000)])
        .sound("kill.wav", &[&mark(0.05, 0, 4800)])
}

/// When each segment began: the frame and its height, in tenths.
fn onsets(out: &[f32]) -> Vec<(usize, f32)> {
    let tall = |(at, &sample): (usize, &f32)| {
        let height = sample.abs() * std::f32::consts::SQRT_2 * 10.0;
        (height > 0.2).then(|| (at - LIMITER_LATENCY, (height * 2.0).round() / 2.0))
    };
    out.iter().enumerate().filter_map(tall).collect()
}

/// Plays the score and sets the mood at these times; gives the onsets in so many seconds.
fn heard(ways: &str, moods: &[(f64, &str)], seconds: f64) -> Vec<(usize, f32)> {
    let mut engine = studio(ways).engine();
    engine.post("score", None);
    let mut out = Vec::new();
    let mut at = 0.0;
    for &(time, mood) in moods {
        out.extend(&run(&mut engine, time - at)[0]);
        engine.set_parameter("mood", mood).unwrap();
        at = time;
    }
    out.extend(&run(&mut engine, seconds - at + 0.02)[0]);
    onsets(&out)
}

const A: f32 = 1.0;
const B: f32 = 2.0;
const F: f32 = 3.0;
const FILL: f32 = 4.0;

#[test]
fn segments_follow_each_other_at_the_frame_and_their_ends_overlap() {
    // a, b twice, and again; b's entry is where the one before has its exit.
    let want = [(0, A), (96_000, B), (192_000, B), (288_000, A), (384_000, B)];
    assert_eq!(heard("", &[], 9.0), want);
}

#[test]
fn a_change_waits_for_its_beat_bar_marker_or_exit() {
    // Asked for at 1.01 s, when the mixer has come to frame 48 512; 20 ms later it can be had.
    for (way, at) in [
        ("", 72_000),
        ("(at: Bar)", 72_000),
        ("(at: Beat)", 54_000),
        ("(at: Marker)", 62_400),
        ("(at: Exit)", 96_000),
        ("(at: Immediate)", 49_472),
    ] {
        let got = heard(way, &[(1.01, "fight")], 2.9);
        assert_eq!(got[..2], [(0, A), (at, F)], "{way}");
    }
}

#[test]
fn the_most_exact_way_counts_whatever_their_order() {
    let ways = r#"(at: Immediate), (from: "calm", at: Exit), (to: "fight", at: Bar), (from: "calm", to: "fight", at: Beat),
        (segment: "a", at: Marker("m"))"#;
    let at = |ways: &str| heard(ways, &[(1.01, "fight")], 2.9)[1].0;
    assert_eq!(at(ways), 62_400, "the one that names the segment");
    let ways = ways.replace(r#"(segment: "a", at: Marker("m"))"#, "");
    assert_eq!(at(&ways), 54_000, "both parts");
    let ways = ways.replace(r#"(from: "calm", to: "fight", at: Beat),"#, "");
    assert_eq!(at(&ways), 72_000, "`to` before `from`");
    let ways = ways.replace(r#"(to: "fight", at: Bar),"#, "");
    assert_eq!(at(&ways), 96_000, "`from`");
    let ways = ways.replace(r#"(from: "calm", at: Exit),"#, "");
    assert_eq!(at(&ways), 49_472, "any");
}

#[test]
fn what_follows_is_entered_where_the_way_says() {
    // At the bar at 72 000, f is entered at its marker n at 1.1 s, so its own end, and with it the next, is 0.9 s later.
    assert_eq!(heard(r#"(into: Marker("n"))"#, &[(1.01, "fight")], 3.0), [(0, A), (72_000 + 43_200, F)]);
    // At the same time: f is at 1.5 s, too, and ends when a would have.
    assert_eq!(heard("(into: SameTime)", &[(1.01, "fight")], 3.0), [(0, A), (96_000, F)]);
    // The pick-up of b is heard before the bar.
    let got = heard(r#"(to: "calm", into: Entry)"#, &[(0.3, "fight"), (0.9, "calm")], 4.9);
    assert_eq!(got, [(0, A), (24_000, F), (48_000, A), (144_000, B)]);
}

#[test]
fn a_segment_leads_over_from_one_part_to_another() {
    let got = heard(r#"(via: "fill")"#, &[(1.01, "fight")], 4.4);
    assert_eq!(got, [(0, A), (72_000, FILL), (96_000, F), (192_000, F)]);
}

#[test]
fn a_part_that_is_no_more_wanted_before_its_time_never_comes() {
    assert_eq!(heard("(at: Exit)", &[(1.01, "fight"), (1.5, "calm")], 2.5), [(0, A), (96_000, B)]);
    // Silence, and music again at once.
    let got = heard("(at: Bar)", &[(0.2, "silence"), (1.5, "fight")], 2.0);
    assert_eq!(got, [(0, A), (72_064 + 960, F)]);
    let got = heard("(at: Immediate)", &[(0.31, "calm too")], 1.0);
    assert_eq!(got, [(0, A), (14_976 + 960, A)], "another part is entered anew, though it plays the same");
}

#[test]
fn stingers_come_on_the_beat_and_not_too_often() {
    let mut engine = studio("").engine();
    let score = engine.post("score", None).unwrap();
    let mut out = run(&mut engine, 0.31)[0].clone();
    for _ in 0..8 {
        engine.trigger("kill");
        out.extend(&run(&mut engine, 0.2)[0]);
    }
    let kills: Vec<_> =
        onsets(&out).into_iter().filter(|&(_, height)| height == 0.5).map(|(at, _)| at).collect();
    // Asked for at 0.31 s, then after a second of rest at 1.51 s.
    assert_eq!(kills, [18_000, 78_000]);
    let position = engine.music(score).unwrap();
    assert_eq!((position.segment.as_str(), position.part.as_str()), ("a", "calm"));
    assert_eq!((position.bar, position.beat), (4, 4), "at 1.91 s");
}

#[test]
fn a_game_is_told_of_segments_beats_and_markers_and_events_ask_for_stingers_and_snapshots() {
    let studio = studio("");
    studio.save(&BANK.replace("WAYS", "").replace(
        "events: {",
        r#"snapshots: {"quiet": (set: {"music": {"gain": -20}}, fade_in: 0)},
        events: {"hit": (actions: [TriggerStinger("kill"), SetSnapshot("quiet", delay: 0.5)]),"#,
    ));
    let mut engine = studio.engine();
    let score = engine.post("score", None).unwrap();
    let mut told = Vec::new();
    let mut out = Vec::new();
    for _ in 0..220 {
        if out.len() == 4800 {
            engine.post("hit", None);
        }
        out.extend(&run(&mut engine, 0.01)[0]);
        told.extend(engine.take_notices().into_iter().filter(|told| told.playback == score));
    }
    let segments: Vec<_> = told.iter().filter(|told| matches!(told.what, Happened::Segment(_))).collect();
    assert_eq!(segments.iter().map(|told| told.at).collect::<Vec<_>>(), [0, 96_000]);
    assert_eq!(segments[1].what, Happened::Segment("b".into()));
    let beats: Vec<_> = told.iter().filter(|told| matches!(told.what, Happened::Beat { .. })).collect();
    assert!(beats.iter().zip(0..).all(|(told, number)| told.at == 6000 * number), "{beats:?}");
    assert_eq!(beats[7].what, Happened::Beat { bar: 2, beat: 4 });
    assert_eq!(beats[16].what, Happened::Beat { bar: 1, beat: 1 });
    let markers: Vec<_> = told.iter().filter(|told| told.what == Happened::Marker("m".into())).collect();
    assert_eq!(markers.iter().map(|told| told.at).collect::<Vec<_>>(), [62_400]);
    let heard = onsets(&out);
    assert_eq!(heard[..2], [(0, A), (6000, 0.5)], "the stinger on its beat");
    assert_eq!(engine.snapshot("quiet"), Some(1.0));
}

#[test]
fn held_music_goes_on_where_it_was_and_a_stop_ends_all_of_it() {
    let mut engine = studio("").engine();
    let score = engine.post("score", None).unwrap();
    let mut out = run(&mut engine, 1.0)[0].clone();
    engine.pause(score);
    out.extend(&run(&mut engine, 2.0)[0]);
    engine.resume(score);
    out.extend(&run(&mut engine, 2.0)[0]);
    // It runs on while it fades, for 10 ms of the two seconds.
    assert_eq!(onsets(&out), [(0, A), (96_000 + 96_000 - 480, B)]);
    engine.stop(score, None);
    assert_eq!(onsets(&run(&mut engine, 4.0)[0]), []);
    assert_eq!(engine.state(score), None);
}

#[test]
fn layers_follow_a_parameter_in_step_and_cross_without_a_click() {
    let bank = r#"Bank(
        parameters: {"tension": (attack: 0.5, release: 0.5)},
        sounds: {"score": Music(segments: {"a": (
            play: Blend(on: "tension", of: [(play: "low.wav", to: 0.2, fade: 0.6), (play: "high.wav", from: 0.8, fade: 0.6)]),
        )})},
        events: {"score": (play: "score")},
    )"#;
    let studio = Studio::new(bank).tone("low.wav", 1000.0, 0.25, 1.0).tone("high.wav", 1000.0, 0.125, 1.0);
    let mut engine = studio.engine();
    engine.post("score", None);
    let mut out = run(&mut engine, 1.5)[0].clone();
    engine.set_parameter("tension", 1.0).unwrap();
    out.extend(&run(&mut engine, 2.0)[0]);
    near(level(&out, 24_000..72_000), -18.06, 0.02, "the one layer, over the seam of two segments");
    near(level(&out, 108_000..156_000), -24.08, 0.02, "the other, in phase");
    assert_eq!(find_clicks(&out[4800..], RATE), []);
}

#[test]
fn a_reload_keeps_the_grid_and_takes_up_what_is_new() {
    let studio = studio("");
    let mut engine = studio.engine();
    engine.post("score", None);
    let mut out = run(&mut engine, 0.5)[0].clone();
    studio.save(
        &BANK.replace("WAYS", "(at: Beat)").replace(r#""a": (play"#, r#""0": (play: "f.wav"), "a": (play"#),
    );
    let project = studio.load(&engine.project().store.clone());
    engine.reload(project);
    out.extend(&run(&mut engine, 0.51)[0]);
    engine.set_parameter("mood", "fight").unwrap();
    out.extend(&run(&mut engine, 1.0)[0]);
    assert_eq!(onsets(&out), [(0, A), (54_000, F)]);
    studio.save(r#"Bank(events: {"other": (play: "f.wav")})"#);
    let project = studio.load(&engine.project().store.clone());
    engine.reload(project);
    assert_eq!(onsets(&run(&mut engine, 3.0)[0]), [], "it has gone with its event");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn onsets_are_at_the_frame_whatever_the_tempo_and_the_updates(
        tempo in 40.0_f32..300.0, asked in 0.05_f64..1.4, step in 100..2000_usize, bar in any::<bool>()
    ) {
        let at = if bar { "Bar" } else { "Beat" };
        let bank = BANK.replace("WAYS", &format!("(at: {at})")).replace("tempo: 480", &format!("tempo: {tempo}"));
        let studio = studio("");
        studio.save(&bank);
        let mut engine = studio.engine();
        engine.post("score", None);
        let (mut out, mut done) = (Vec::new(), 0);
        let asked = (asked * f64::from(RATE)) as usize;
        let mut changed = None;
        while done < 150_000 {
            if done >= asked && changed.is_none() {
                changed = Some(engine.mixer_frame());
                engine.set_parameter("mood", "fight").unwrap();
            }
            engine.update();
            let mut stretch = vec![0.0; step * 2];
            engine.render(&mut stretch);
            out.extend(stretch.chunks(2).map(|frame| frame[0]));
            done += step;
        }
        // The first beat or bar from 20 ms after the update on.
        let beat = 60.0 * f64::from(RATE) / f64::from(tempo) * if bar { 4.0 } else { 1.0 };
        let soon = changed.unwrap() + 960;
        let want = (0..).map(|n| (beat * f64::from(n)).round() as u64).find(|&at| at >= soon).unwrap();
        let got = onsets(&out);
        // Its exit is a bar, too.
        prop_assert_eq!(got[1], (want.min(96_000) as usize, F));
    }
}
