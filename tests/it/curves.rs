//! Levels of buses that move properties of others: a side chain to anything.

use crate::common::{Studio, envelope_1k, level, near, run, stem};
use tonmeister::dsp::measure::find_clicks;

fn bank(curves: &str) -> String {
    format!(
        r#"Bank(
        buses: {{"voice": (), "music": (sends: {{"echo": 0}}, effects: [Gain(0), Eq([Peak(freq: 1000, gain: 0)])]),
                 "echo": ()}},
        levels: {{"speech": (bus: "voice", by: Rms, attack: 0.01, release: 0.2),
                  "loud": (bus: "voice", by: Loudness), "top": (bus: "voice", by: Peak)}},
        curves: [{curves}],
        sounds: {{"s": Clip(file: "tone.wav", looping: true), "v": Clip(file: "voice.wav", gain: -14, fade_in: 0.02)}},
        events: {{"music": (play: "s", bus: "music"), "voice": (play: "v", bus: "voice")}})"#
    )
}

fn studio(curves: &str) -> Studio {
    let studio = Studio::new(&bank(curves));
    studio.tone("tone.wav", 1000.0, 0.25, 1.0).tone("voice.wav", 1000.0, 0.5, 2.0)
}

/// By how much two buses change when the voice begins: its RMS is -26 dB, 3 of them by the pan's law.
fn change(curves: &str, buses: [&str; 2]) -> [f64; 2] {
    let mut engine = studio(curves).builder().stems(true).build().unwrap();
    engine.post("music", None);
    run(&mut engine, 1.0);
    engine.post("voice", None);
    run(&mut engine, 1.5);
    let stems = engine.take_stems().unwrap();
    buses.map(|bus| {
        let stem = stem(&stems, bus);
        level(&stem, 96_000..110_400) - level(&stem, 24_000..38_400)
    })
}

#[test]
fn a_level_moves_gains_sends_and_effects_by_its_curve() {
    // At -26.03 dB the straight line from (-60, 0) to (-20, -8) is at -6.79.
    let points = "points: [(-60, 0), (-20, -8)]";
    let one = |property: &str| format!(r#"(from: "speech", to: "music", property: "{property}", {points})"#);
    for (curves, music, echo) in [
        (one("gain"), -6.794, -6.794),
        (one("Gain.gain"), -6.794, -6.794),
        (one("Eq.1.gain"), -6.794, -6.794),
        (one("send.echo"), 0.0, -6.794),
        (format!("{}, {}", one("gain"), one("gain")), -13.588, -13.588),
        (format!("{}, {}", one("gain"), one("send.echo")), -6.794, -13.588),
    ] {
        let [got_music, got_echo] = change(&curves, ["music", "echo"]);
        near(got_music, music, 0.05, &format!("music by {curves}"));
        near(got_echo, echo, 0.05, &format!("echo by {curves}"));
    }
}

#[test]
fn what_a_curve_adds_is_clamped_to_the_parameters_range() {
    let curves = r#"(from: "top", to: "music", property: "Eq.1.gain", points: [(-60, 0), (-40, -300)])"#;
    near(change(curves, ["music", "music"])[0], -30.0, 0.1, "the lowest gain of a band");
}

#[test]
fn levels_can_be_read_in_decibels_and_lufs() {
    let mut engine = studio("").engine();
    assert_eq!(engine.level("speech"), Some(-120.0));
    engine.post("voice", None);
    run(&mut engine, 1.5);
    for (name, expected) in [("speech", -26.03), ("loud", -23.03), ("top", -23.03)] {
        let got = engine.level(name).unwrap();
        near(f64::from(got), expected, 0.15, name);
    }
    assert_eq!(engine.level("speach"), None);
    run(&mut engine, 30.0);
    assert_eq!(engine.level("speech"), Some(-120.0), "and it falls to silence");
}

#[test]
fn curves_move_without_clicks_and_glide_through_reloads() {
    let studio = studio(r#"(from: "speech", to: "music", property: "gain", points: [(-60, 0), (-20, -12)])"#);
    let mut engine = studio.engine();
    engine.post("music", None);
    let mut out = run(&mut engine, 0.5)[0].clone();
    engine.post("voice", None);
    out.extend(&run(&mut engine, 0.5)[0]);
    let before = out.len();
    studio.save(&bank(r#"(from: "speech", to: "music", property: "gain", points: [(-60, 0), (-20, -3)])"#));
    let project = studio.load(&engine.project().store.clone());
    engine.reload(project);
    out.extend(&run(&mut engine, 1.0)[0]);
    assert_eq!(find_clicks(&out[4800..], 48_000), []);
    let steps = envelope_1k(&out[before..]);
    let steepest = steps.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f64::max);
    assert!(steepest < 0.6, "{steepest} dB in a millisecond");
}
