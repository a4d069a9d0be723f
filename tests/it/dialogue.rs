//! Automatic dialogue ducking and the sidechain, measured on stems.

use crate::common::{Studio, envelope_1k, level, near, run, stem};

const BANK: &str = r#"Bank(
    buses: {"music": (), "ambience": (), "dialogue": ()},
    ducking: [(trigger: "dialogue", by: BY, targets: {"music": (depth: 9), "ambience": (depth: 6)},
               attack: 0.06, hold: 0.25, release: 0.7)],
    sounds: {"tone": Clip(file: "tone.wav", looping: true)},
    events: {
        "music": (play: "tone", bus: "music"),
        "ambience": (play: "tone", bus: "ambience"),
        "line": (play: "line.wav", bus: "dialogue"),
    },
)"#;

/// Music and ambience from the start, a line of 0.8 s at exactly 1 s; gives both envelopes, a value a
/// millisecond, relative to what they were.
fn ducked(by: &str, line_amplitude: f64) -> [Vec<f64>; 2] {
    let studio = Studio::new(&BANK.replace("BY", by)).tone("tone.wav", 1000.0, 0.5, 1.0).tone(
        "line.wav",
        300.0,
        line_amplitude,
        0.8,
    );
    let mut engine = studio.builder().stems(true).build().unwrap();
    engine.post("music", None);
    engine.post("ambience", None);
    engine.post_at("line", None, 48_000);
    run(&mut engine, 4.0);
    let stems = engine.take_stems().unwrap();
    ["music", "ambience"].map(|bus| {
        let envelope = envelope_1k(&stem(&stems, bus));
        let before = envelope[900];
        envelope.iter().map(|value| value - before).collect()
    })
}

fn check_curve(envelope: &[f64], depth: f64) {
    near(envelope[998], 0.0, 0.01, "before the line");
    near(envelope[1030], -depth / 2.0, 0.25, "half way through the attack");
    near(envelope[1061], -depth, 0.05, "after the attack of 60 ms");
    near(envelope[1500], -depth, 0.01, "under the line");
    near(envelope[1800 + 245], -depth, 0.05, "held for 250 ms after the line's end");
    near(envelope[1800 + 250 + 350], -depth / 2.0, 0.1, "half way through the release");
    near(envelope[1800 + 250 + 703], 0.0, 0.05, "after the release of 700 ms");
    let fall = &envelope[1000..1060];
    assert!(fall.windows(2).all(|pair| pair[1] <= pair[0] + 1e-3), "the attack never turns back");
}

#[test]
fn a_line_ducks_music_and_ambience_by_depth_attack_hold_and_release() {
    for by in ["Level(-40)", "Activity"] {
        let [music, ambience] = ducked(by, 0.3);
        check_curve(&music, 9.0);
        check_curve(&ambience, 6.0);
    }
}

#[test]
fn a_whisper_below_the_level_ducks_by_activity_only() {
    let quiet = 0.005;
    let [music, _] = ducked("Level(-40)", quiet);
    near(music[1500], 0.0, 0.01, "by level");
    let [music, _] = ducked("Activity", quiet);
    near(music[1500], -9.0, 0.01, "by activity");
}

#[test]
fn the_engine_tells_how_far_a_rule_has_come() {
    let studio = Studio::new(&BANK.replace("BY", "Activity"))
        .tone("tone.wav", 1000.0, 0.5, 1.0)
        .tone("line.wav", 300.0, 0.3, 0.8);
    let mut engine = studio.engine();
    engine.post("music", None);
    run(&mut engine, 0.5);
    assert_eq!(engine.ducking()[0].amount, 0.0);
    engine.post("line", None);
    run(&mut engine, 0.2);
    assert_eq!((engine.ducking()[0].amount, engine.ducking()[0].trigger.as_str()), (1.0, "dialogue"));
    near(f64::from(engine.bus("music").unwrap().duck_db), 9.0, 1e-3, "music's reading");
}

#[test]
fn a_keyed_compressor_answers_the_other_bus_in_the_same_block() {
    let studio = Studio::new(
        r#"Bank(
            buses: {
                "pad": (effects: [Compressor(threshold: -30, ratio: 4, knee: 0, attack: 0.001, release: 0.05, key: "drum")]),
                "drum": (),
            },
            sounds: {"tone": Clip(file: "tone.wav", looping: true)},
            events: {"pad": (play: "tone", bus: "pad"), "drum": (play: "drum.wav", bus: "drum")},
        )"#,
    )
    .tone("tone.wav", 1000.0, 0.5, 1.0)
    .tone("drum.wav", 500.0, 0.316_227_77 * std::f64::consts::SQRT_2, 0.5);
    let mut engine = studio.builder().stems(true).build().unwrap();
    engine.post("pad", None);
    engine.post_at("drum", None, 48_000);
    run(&mut engine, 2.5);
    let stems = engine.take_stems().unwrap();
    let pad = envelope_1k(&stem(&stems, "pad"));
    // The drum is a mono file in the middle: -3 dB on either side leaves its peaks at -10 dBFS.
    let (key, threshold, ratio) = (-10.0, -30.0, 4.0);
    let reduction = (key - threshold) * (1.0 - 1.0 / ratio);
    near(pad[1400] - pad[900], -reduction, 0.2, "gain reduction under the key");
    near(pad[2400] - pad[900], 0.0, 0.05, "and none after it");
    assert!(
        pad[1001] < pad[900] - 3.0,
        "the first millisecond of the key is answered already: {}",
        pad[1001]
    );
}

#[test]
fn the_keyed_bus_is_answered_whatever_the_names_order() {
    // The key's bus sorts after the compressed one; the graph's order is by who listens to whom, not by name.
    for (pad, drum) in [("a", "z"), ("z", "a")] {
        let bank = r#"Bank(
            buses: {"PAD": (effects: [Compressor(threshold: -40, ratio: 20, attack: 0, key: "DRUM")]), "DRUM": ()},
            sounds: {"tone": Clip(file: "tone.wav", looping: true)},
            events: {"pad": (play: "tone", bus: "PAD"), "drum": (play: "tone", bus: "DRUM")},
        )"#;
        let studio =
            Studio::new(&bank.replace("PAD", pad).replace("DRUM", drum)).tone("tone.wav", 1000.0, 0.5, 1.0);
        let mut engine = studio.builder().stems(true).build().unwrap();
        engine.post("pad", None);
        engine.post("drum", None);
        run(&mut engine, 0.5);
        let stems = engine.take_stems().unwrap();
        let (quiet, loud) = (stem(&stems, pad), stem(&stems, drum));
        let gap = level(&loud, 12_000..24_000) - level(&quiet, 12_000..24_000);
        assert!(gap > 20.0, "{pad} keyed by {drum} is held down by {gap:.1} dB");
    }
}
