//! Music that is held: it goes on at the frame where it was, whatever was about to come or to go.

use crate::common::{LIMITER_LATENCY, RATE, Studio, run};
use proptest::prelude::*;
use tonmeister::director::Happened;
use tonmeister::runtime::Engine;

/// A segment with an end that is heard over the next, one with a pick-up, and one that goes on for ever unless it is left.
const BANK: &str = r#"Bank(
    states: {"mood": (of: {"calm": (), "fight": ()})},
    sounds: {
        "c": Clip(file: "c.wav", looping: true),
        "score": Music(
            segments: {
                "a": (play: "a.wav", tempo: 480, exit: 1),
                "b": (play: "b.wav", tempo: 480, entry: 0.1, exit: 1.1),
                "c": (play: "c", tempo: 480, exit: 1),
            },
            parts: {"calm": ["a", "b", "c"], "fight": ["c", "b"]},
            on: "mood",
            transitions: [(at: Beat, fade_in: 0.005, fade_out: 0.004)],
        ),
    },
    events: {"score": (play: "score")},
)"#;

/// The frames in which a voice fades out when it is held.
const FADE: u64 = 480;

/// Noise, quiet enough for the limiter to leave it as it is.
fn noise(seed: u32, frames: usize) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 8) as f32 / 8_388_608.0 - 1.0) * 0.1
    };
    (0..frames).map(|_| next()).collect()
}

fn studio() -> Studio {
    Studio::new(BANK)
        .sound("a.wav", &[&noise(1, 57_600)])
        .sound("b.wav", &[&noise(2, 57_600)])
        .sound("c.wav", &[&noise(3, 24_000)])
}

/// Renders so many frames with an update every 10 ms.
fn frames(engine: &mut Engine, count: u64, out: &mut Vec<f32>) {
    out.extend(&run(engine, (count as f64 + 0.5) / f64::from(RATE))[0]);
}

/// What is heard if the score is held for some frames from one on, or not at all, and in which frames of the mixer's it was.
fn held(at: u64, hold: u64, mood: Option<u64>, total: u64) -> (Vec<f32>, u64, u64) {
    let studio = studio();
    let mut engine = studio.engine();
    let score = engine.post("score", None).unwrap();
    let mut out = Vec::new();
    if let Some(mood) = mood {
        frames(&mut engine, mood, &mut out);
        engine.set_parameter("mood", "fight").unwrap();
    }
    let before = out.len() as u64;
    frames(&mut engine, at - before, &mut out);
    let from = engine.mixer_frame();
    if hold > 0 {
        engine.pause(score);
        frames(&mut engine, hold, &mut out);
    }
    let to = engine.mixer_frame();
    engine.resume(score);
    let done = out.len() as u64;
    frames(&mut engine, total - done, &mut out);
    (out, from, to)
}

/// Compares a render that was held with one that was not.
fn same_but_later(at: u64, hold: u64, mood: Option<u64>) -> Result<(), TestCaseError> {
    let (plain, ..) = held(at, 0, mood, 240_000);
    let (held, from, to) = held(at, hold, mood, 240_000);
    let by = (to - from).saturating_sub(FADE);
    let first = from as usize + LIMITER_LATENCY;
    prop_assert!(held[..first] == plain[..first], "before it is held");
    // Whatever goes on rises for as long as it fell.
    let back = (to + FADE) as usize + LIMITER_LATENCY;
    let far = (back..held.len()).find(|&n| (held[n] - plain[n - by as usize]).abs() > 1e-5);
    prop_assert_eq!(far, None, "held from {} to {}", from, to);
    Ok(())
}

#[test]
fn what_is_held_before_a_change_goes_on_before_it() {
    // 50 ms, 5 ms and 1 ms before a change, on it and just after; the second is a loop that is left.
    for change in [48_000_i64, 144_000] {
        for off in [-7000, -4000, -2400, -240, -48, 0, 128, 300] {
            same_but_later((change + off) as u64, 24_000, None).unwrap();
        }
    }
    // It comes to nothing if it is let go on before it was silent.
    same_but_later(48_000 - 1000, 256, None).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn held_music_goes_on_as_if_nothing_had_been(
        change in prop::sample::select(vec![48_000_u64, 96_000, 144_000]), off in 0_u64..8160, hold in 1_u64..30_000
    ) {
        same_but_later(change - 7200 + off, hold, None)?;
    }

    #[test]
    fn so_does_music_that_goes_over(mood in 10_000_u64..60_000, off in 1_u64..12_000, hold in 1_u64..30_000) {
        same_but_later(mood + off, hold, Some(mood))?;
    }
}

#[test]
fn each_beat_is_told_once_however_often_it_is_held() {
    let studio = studio();
    let mut engine = studio.engine();
    let score = engine.post("score", None).unwrap();
    let mut told = Vec::new();
    for step in 0..400 {
        match step % 7 {
            2 => engine.pause(score),
            5 => engine.resume(score),
            _ => {}
        }
        run(&mut engine, 0.01);
        told.extend(engine.take_notices());
    }
    let beats = told.iter().filter_map(|told| match told.what {
        Happened::Beat { bar, beat } => Some((bar, beat)),
        _ => None,
    });
    // Each segment has eight beats.
    let beats: Vec<_> = beats.collect();
    assert!(beats.len() > 16, "{beats:?}");
    for (number, &(bar, beat)) in beats.iter().enumerate() {
        let number = number as u32 % 8;
        assert_eq!((bar, beat), (number / 4 + 1, number % 4 + 1), "{beats:?}");
    }
}

#[test]
fn an_exit_that_is_moved_while_music_is_held_is_where_the_new_bank_says() {
    let studio = studio();
    let mut engine = studio.engine();
    let score = engine.post("score", None).unwrap();
    let mut out = Vec::new();
    frames(&mut engine, 24_000, &mut out);
    engine.take_notices();
    engine.pause(score);
    frames(&mut engine, 96_000, &mut out);
    studio.save(&BANK.replace(r#""a.wav", tempo: 480, exit: 1)"#, r#""a.wav", tempo: 480, exit: 1.1)"#));
    let project = studio.load(&engine.project().store.clone());
    engine.reload(project);
    engine.resume(score);
    frames(&mut engine, 48_000, &mut out);
    let told = engine.take_notices();
    let next = told.iter().find(|told| matches!(told.what, Happened::Segment(_))).unwrap();
    // As much later as it was held, but for the fade.
    assert_eq!(next.at, 52_800 + 96_000 - FADE);
}
