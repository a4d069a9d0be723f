//! What a game is told of what it plays, with the frames at which it is heard.

use crate::common::{LIMITER_LATENCY, RATE, Studio, run, stem};
use glam::Vec3;
use tonmeister::director::{Ended, Happened, Notice, PlaybackId};
use tonmeister::prelude::*;
use tonmeister::runtime::Engine;
use tonmeister::space::Pose;

/// Clicks at 0.1 s, 0.25 s and 0.4 s of half a second, each with a marker, in a clip with these fields.
fn studio(fields: &str) -> Studio {
    let mut clicks = vec![0.0; 24_000];
    for frame in [4800, 12_000, 19_200] {
        clicks[frame] = 0.5;
    }
    let bank = format!(
        r#"Bank(
            buses: {{"sfx": ()}},
            sounds: {{"hits": Clip(file: "hits.wav", markers: {{"a": 0.1, "b": 0.25, "c": 0.4}}, {fields})}},
            events: {{
                "hits": (play: "hits", bus: "sfx", fade_out: 0),
                "far": (play: "hits", bus: "sfx", space: (max: 20), virtual: Elapsed),
                "vain": (play: "hits", bus: "sfx", priority: 10),
            }},
        )"#
    );
    Studio::new(&bank).sound("hits.wav", &[&clicks])
}

/// Runs on, taking notices after each update: what was told, and by which update.
fn listen(engine: &mut Engine, seconds: f64, told: &mut Vec<(u64, Notice)>) {
    let mut frames = (seconds * f64::from(RATE)) as usize;
    while frames > 0 {
        let count = frames.min(480);
        engine.update();
        let now = engine.now();
        told.extend(engine.take_notices().into_iter().map(|notice| (now, notice)));
        assert!(engine.render(&mut vec![0.0; count * 2]));
        frames -= count;
    }
}

fn markers(told: &[(u64, Notice)]) -> Vec<(String, u64)> {
    let marker = |(_, notice): &(u64, Notice)| match &notice.what {
        Happened::Marker(name) => Some((name.to_string(), notice.at)),
        _ => None,
    };
    told.iter().filter_map(marker).collect()
}

/// The frames of the clicks in what was rendered.
fn clicks(engine: &mut Engine) -> Vec<u64> {
    let out = stem(&engine.take_stems().unwrap(), "sfx");
    // A pitched click has a few frames; its peak tells where it is.
    let peak = |n: &usize| {
        let around = &out[n.saturating_sub(20)..(n + 20).min(out.len())];
        out[*n].abs() > 0.1 && around.iter().all(|other| other.abs() <= out[*n].abs())
    };
    (0..out.len()).filter(peak).map(|n| n as u64).collect()
}

fn engine(studio: &Studio) -> Engine {
    studio.builder().stems(true).build().unwrap()
}

fn names(told: &[(String, u64)]) -> String {
    told.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn markers_have_the_frame_in_which_they_are_heard() {
    for fields in [
        "",
        "reverse: true",
        "start: 0.05",
        "start: 0.05, end: 0.45, reverse: true",
        "looping: true",
        "looping: true, loop_start: 0.2, loop_end: 0.3",
        "looping: true, loop_start: 0.2, reverse: true",
        "pitch: 12",
        "pitch: -5, looping: true",
    ] {
        let studio = studio(fields);
        for at in [0, 5001] {
            let mut engine = engine(&studio);
            let mut told = Vec::new();
            listen(&mut engine, 0.033, &mut told);
            engine.post_at("hits", None, at);
            listen(&mut engine, 1.3, &mut told);
            let (heard, mut told_frames) = (clicks(&mut engine), markers(&told));
            // The last update may have told what is not rendered any more.
            told_frames.retain(|(_, at)| *at < 1584 + 62_400);
            let frames: Vec<u64> = told_frames.iter().map(|(_, at)| *at).collect();
            assert!(heard.len() >= 3, "{fields}: {heard:?}");
            assert_eq!(frames.len(), heard.len(), "{fields}: {told_frames:?} for {heard:?}");
            let pitched = u64::from(fields.contains("pitch"));
            for (told, heard) in frames.iter().zip(&heard) {
                assert!(told.abs_diff(*heard) <= pitched, "{fields}, posted for {at}: {told} for {heard}");
            }
            // By the update whose span covers it, hardly more than the frame of a game ahead of it.
            for (now, notice) in told.iter().filter(|(_, notice)| matches!(notice.what, Happened::Marker(_)))
            {
                assert!(*now <= notice.at && notice.at < now + 640, "{fields}: {} by {now}", notice.at);
            }
        }
    }
}

#[test]
fn markers_respect_pause_and_seek_and_stop() {
    let studio = studio("looping: true");
    let mut engine = engine(&studio);
    let mut told = Vec::new();
    let playback = engine.post("hits", None).unwrap();
    listen(&mut engine, 0.15, &mut told);
    engine.pause(playback);
    listen(&mut engine, 0.2, &mut told);
    assert_eq!(names(&markers(&told)), "a", "held before the second");
    engine.resume(playback);
    listen(&mut engine, 0.15, &mut told);
    assert_eq!(names(&markers(&told)), "ab");
    engine.seek(playback, Seconds::clamped(0.05));
    listen(&mut engine, 0.1, &mut told);
    assert_eq!(names(&markers(&told)), "aba", "back before the first");
    engine.pause(playback);
    listen(&mut engine, 0.05, &mut told);
    engine.seek(playback, Seconds::clamped(0.35));
    listen(&mut engine, 0.05, &mut told);
    engine.resume(playback);
    listen(&mut engine, 0.1, &mut told);
    assert_eq!(names(&markers(&told)), "abac");
    engine.stop(playback, None);
    listen(&mut engine, 1.0, &mut told);
    assert_eq!(names(&markers(&told)), "abac");
    let told: Vec<u64> = markers(&told).iter().map(|(_, at)| *at).collect();
    assert_eq!(told, clicks(&mut engine), "all of them where they are heard");
}

#[test]
fn a_loop_that_is_left_tells_the_markers_of_its_way_out() {
    let studio = studio("looping: true, loop_start: 0.05, loop_end: 0.3");
    let mut engine = engine(&studio);
    let mut told = Vec::new();
    let playback = engine.post("hits", None).unwrap();
    listen(&mut engine, 0.5, &mut told);
    engine.break_loop(playback);
    listen(&mut engine, 0.6, &mut told);
    let markers = markers(&told);
    assert_eq!(names(&markers), "ababc");
    let frames: Vec<u64> = markers.iter().map(|(_, at)| *at).collect();
    assert_eq!(frames, clicks(&mut engine));
    assert_eq!(told.last().unwrap().1.what, Happened::Ended(Ended::Finished));
}

#[test]
fn a_loop_that_is_left_within_its_crossfade_tells_the_lap_that_is_heard() {
    // The crossfade begins at 0.3 s: what comes before the loop is as long, so that the lap is shorter than the clip.
    let studio = studio("looping: true, crossfade: 0.2");
    let mut engine = engine(&studio);
    let mut told = Vec::new();
    let playback = engine.post("hits", None).unwrap();
    listen(&mut engine, 0.31, &mut told);
    engine.break_loop(playback);
    listen(&mut engine, 0.7, &mut told);
    let markers = markers(&told);
    assert_eq!(names(&markers), "abcbc", "it is too late for this lap");
    let frames: Vec<u64> = markers.iter().map(|(_, at)| *at).collect();
    assert_eq!(frames, clicks(&mut engine));
}

#[test]
fn what_sleeps_is_told_with_its_reason_and_passes_no_markers() {
    let studio = studio("looping: true");
    let mut engine = studio.builder().voices(1).build().unwrap();
    engine.set_listener(Some(Pose::ORIGIN));
    let emitter = engine.add_emitter(Vec3::X * 500.0, Decibels::UNITY);
    let of = |told: &[(u64, Notice)], id: PlaybackId| -> Vec<Happened> {
        let own = told.iter().filter(|(_, notice)| notice.playback == id);
        own.map(|(_, notice)| notice.what.clone())
            .filter(|what| !matches!(what, Happened::Marker(_)))
            .collect()
    };
    let mut told = Vec::new();
    let far = engine.post("far", Some(emitter)).unwrap();
    listen(&mut engine, 1.0, &mut told);
    let away = Happened::Virtual { why: Ended::OutOfEarshot };
    assert_eq!((of(&told, far), markers(&told).len()), (vec![away.clone()], 0));
    assert_eq!(told[0].1.emitter, Some(emitter));
    engine.move_emitter(emitter, Vec3::X);
    listen(&mut engine, 0.5, &mut told);
    engine.move_emitter(emitter, Vec3::X * 500.0);
    listen(&mut engine, 0.1, &mut told);
    engine.move_emitter(emitter, Vec3::X);
    listen(&mut engine, 0.1, &mut told);
    let so_far = [away.clone(), Happened::Started, away, Happened::Real];
    assert_eq!(of(&told, far), so_far);
    assert!(markers(&told).len() >= 3);
    // One voice for two: the more important one takes it.
    let vain = engine.post("vain", None).unwrap();
    listen(&mut engine, 0.1, &mut told);
    assert_eq!(of(&told, vain), [Happened::Virtual { why: Ended::NoVoice }]);
    engine.stop(far, None);
    listen(&mut engine, 0.3, &mut told);
    assert_eq!(of(&told, vain), [Happened::Virtual { why: Ended::NoVoice }, Happened::Started]);
    assert_eq!(of(&told, far)[4..], [Happened::Ended(Ended::Stopped)]);
}

#[test]
fn a_start_is_told_with_its_frame_when_it_is_due() {
    let studio = studio("");
    let mut engine = studio.engine();
    let playback = engine.post_at("hits", None, 12_345).unwrap();
    let never = engine.post_at("hits", None, 12_400).unwrap();
    engine.stop_at(never, None, 12_300);
    let mut told = Vec::new();
    listen(&mut engine, 1.0, &mut told);
    let starts: Vec<_> = told.iter().filter(|(_, notice)| notice.what == Happened::Started).collect();
    assert_eq!(starts.len(), 1, "{starts:?}");
    let (now, start) = starts[0];
    assert_eq!((start.playback, start.at), (playback, 12_345));
    assert!(*now <= 12_345 && 12_345 < now + 640, "told at {now}");
    assert_eq!(markers(&told)[0], ("a".to_owned(), 12_345 + 4800));
}

#[test]
fn notices_that_nobody_takes_are_bounded_and_counted() {
    let studio = studio("");
    let mut engine = studio.engine();
    for _ in 0..300 {
        for _ in 0..100 {
            // Out of earshot without a listener: told and gone.
            engine.post("far", None);
        }
        engine.update();
        engine.stop_all(Some(Seconds::ZERO));
    }
    engine.update();
    let (lost, kept) = (engine.lost_notices(), engine.take_notices().len());
    assert!((8000..=16_384).contains(&kept), "{kept} kept");
    assert_eq!(lost + kept as u64, 60_000, "asleep, and stopped");
    run(&mut engine, 0.05);
    assert_eq!(engine.take_notices(), []);
}

#[test]
fn latency_is_not_in_the_frames() {
    let studio = studio("");
    let mut engine = studio.engine();
    engine.post_at("hits", None, 1000);
    let [left, _] = run(&mut engine, 0.3);
    let marker =
        engine.take_notices().into_iter().find(|told| matches!(told.what, Happened::Marker(_))).unwrap();
    let heard = left.iter().position(|sample| sample.abs() > 0.2).unwrap();
    assert_eq!(marker.at as usize + LIMITER_LATENCY, heard, "the master's limiter looks ahead");
}

#[test]
fn what_is_posted_for_later_and_comes_to_nothing_is_told_to_have_ended() {
    let bank = r#"Bank(
        parameters: {"floor": (labels: ["wood", "snow"])},
        queues: {"story": ()},
        sounds: {"step": Switch(on: "floor", cases: {"snow": "a.wav"}, default: Silence())},
        events: {
            "step": (play: "step"),
            "word": (play: "step", line: (queue: "story")),
            "both": (play: "step", actions: [Post("step")]),
            "drops": (play: Scatter(of: ["a.wav"], every: 0.2), space: (max: 20)),
            "score": (play: Music(segments: {"a": (play: "a.wav", tempo: 480, exit: 0.5)})),
        },
    )"#;
    let studio = Studio::new(bank).tone("a.wav", 440.0, 0.5, 0.5);
    let mut engine = studio.engine();
    engine.set_listener(Some(Pose::ORIGIN));
    let gone = engine.add_emitter(Vec3::X, Decibels::UNITY);
    engine.remove_emitter(gone);
    let mut posted = Vec::new();
    for event in ["step", "word", "both"] {
        posted.push((event, engine.post_at(event, None, 24_000).unwrap(), Ended::Finished));
    }
    for event in ["step", "word", "both", "drops", "score"] {
        posted.push((event, engine.post_at(event, Some(gone), 24_000).unwrap(), Ended::Stopped));
    }
    let mut told = Vec::new();
    listen(&mut engine, 1.0, &mut told);
    for (event, id, why) in posted {
        let of: Vec<_> = told.iter().filter(|(_, notice)| notice.playback == id).collect();
        let [(now, notice)] = of.as_slice() else { panic!("{event}: {of:?}") };
        assert_eq!(notice.what, Happened::Ended(why), "{event}");
        assert!(notice.at <= now + 480, "{event} is told for {} by the update of {now}", notice.at);
        assert_eq!(engine.state(id), None, "{event}");
    }
}
