//! Ways between buses: sends before and after the fader, ways back, keys, and latencies that are made equal.

use crate::common::{LIMITER_LATENCY, Studio, level, near, run, stem, tone};

/// Renders one event of a bank for a second and gives the named stems.
fn stems_of(bank: &str, hertz: f64, names: &[&str]) -> Vec<Vec<f32>> {
    let studio = Studio::new(bank).tone("tone.wav", hertz, 0.25, 1.0);
    let mut engine = studio.builder().stems(true).build().unwrap();
    engine.post("e", None);
    run(&mut engine, 1.0);
    let stems = engine.take_stems().unwrap();
    names.iter().map(|name| stem(&stems, name)).collect()
}

#[test]
fn a_send_before_the_fader_does_not_follow_it_and_one_after_does() {
    for (pre, expected) in [(false, -20.0 - 6.0), (true, -6.0)] {
        let bank = format!(
            r#"Bank(
            buses: {{"dry": (gain: -20, sends: {{"wet": (gain: -6, pre: {pre})}}), "wet": ()}},
            sounds: {{"s": Clip(file: "tone.wav", looping: true)}}, events: {{"e": (play: "s", bus: "dry")}})"#
        );
        let stems = stems_of(&bank, 1000.0, &["dry", "wet"]);
        let full = level(&tone(1000.0, 0.25, 48_000), 0..48_000) - 3.01;
        near(level(&stems[0], 9600..48_000) - full, -20.0, 0.02, "the dry way");
        near(level(&stems[1], 9600..48_000) - full, expected, 0.02, "the send");
    }
}

#[test]
fn a_way_back_comes_a_block_late_and_each_time_quieter() {
    let mut click = vec![0.0; 64];
    click[0] = 0.5;
    let studio = Studio::new(
        r#"Bank(buses: {"loop": (parent: "through"), "through": (sends: {"loop": (gain: -6.0206, delayed: true)})},
            events: {"e": (play: "click.wav", bus: "loop")})"#,
    )
    .sound("click.wav", &[&click]);
    let mut engine = studio.builder().stems(true).build().unwrap();
    engine.post("e", None);
    run(&mut engine, 0.5);
    let out = stem(&engine.take_stems().unwrap(), "through");
    let peaks: Vec<usize> = (0..out.len()).filter(|&n| out[n].abs() > 0.01).take(4).collect();
    assert_eq!(peaks, [0, 128, 256, 384], "a block each time round");
    near(f64::from(out[256] / out[128]), 0.5, 1e-4, "the gain of the way back");
    assert!(out[20_000..].iter().all(|&sample| sample == 0.0), "and at last it is silent");
}

/// A keyed compressor on a bus of its own, pressed down by a key of 0.5 on a bus at -20 dB.
fn pressed(key: &str) -> f64 {
    let bank = format!(
        r#"Bank(
        buses: {{"music": (effects: [Compressor(threshold: -20, ratio: 100, knee: 0, attack: 0, key: {key})]),
                 "key": (gain: -20)}},
        sounds: {{"s": Clip(file: "tone.wav", looping: true)}},
        events: {{"e": (play: "s", bus: "music"), "k": (play: "s", bus: "key")}})"#
    );
    let studio = Studio::new(&bank).tone("tone.wav", 1000.0, 0.25, 1.0);
    let mut engine = studio.builder().stems(true).build().unwrap();
    engine.post("e", None);
    engine.post("k", None);
    run(&mut engine, 1.0);
    level(&stem(&engine.take_stems().unwrap(), "music"), 24_000..48_000)
}

#[test]
fn a_key_is_taken_before_or_after_the_fader() {
    let plain = level(&tone(1000.0, 0.25, 48_000), 0..48_000) - 3.01;
    // The key's peak is at -15.05 dB (it plays at -3.01 dB from the middle) before its fader.
    near(pressed("Pre(\"key\")") - plain, -(20.0 - 15.05) * 0.99, 0.1, "before the fader");
    near(pressed("\"key\"") - plain, 0.0, 0.02, "after it, the key is below the threshold");
}

#[test]
fn a_delayed_key_may_come_from_anywhere() {
    let bank = r#"Bank(
        buses: {"a": (effects: [Compressor(key: Delayed("b"))]), "b": (effects: [Compressor(key: "a")])},
        events: {"e": (play: "tone.wav", bus: "a")})"#;
    let stems = stems_of(bank, 1000.0, &["a"]);
    assert!(level(&stems[0], 4800..20_000) > -30.0);
}

#[test]
fn ways_with_and_without_latency_arrive_together() {
    // The same click on three buses, one of them behind a limiter of 5 ms: all three meet in one frame.
    let bank = r#"Bank(
        buses: {"late": (effects: [Limiter(ceiling: -1, lookahead: 0.005)]), "plain": (),
                "deep": (parent: "group"), "group": (), "wet": (), "sender": (sends: {"wet": 0})},
        events: {"late": (play: "click.wav", bus: "late"), "plain": (play: "click.wav", bus: "plain"),
                 "deep": (play: "click.wav", bus: "deep"), "master": (play: "click.wav"),
                 "sender": (play: "click.wav", bus: "sender")})"#;
    let mut click = vec![0.0; 64];
    click[0] = 0.1;
    let studio = Studio::new(bank).sound("click.wav", &[&click]);
    for event in ["late", "plain", "deep", "master", "sender"] {
        let mut engine = studio.engine();
        engine.post(event, None);
        let [left, _] = run(&mut engine, 0.1);
        let heard: Vec<usize> = (0..left.len()).filter(|&n| left[n].abs() > 0.01).collect();
        assert_eq!(heard, [2 * LIMITER_LATENCY], "{event}");
    }
}
