//! What is doubted and what is not. Each warning's text is a bad bank's; here are the edges.

use super::*;

/// The codes of a bank's warnings; it has no errors.
#[track_caller]
fn doubts(text: &str) -> Vec<&'static str> {
    let checked = check(text);
    assert!(!checked.diagnostics.has_errors(), "{}", checked.diagnostics);
    checked.diagnostics.iter().map(|finding| finding.code).collect()
}

const NONE: [&str; 0] = [];

#[test]
fn the_demo_is_beyond_doubt() {
    let demo = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../assets/demo");
    let checked = compile(&Sources::read(&demo).unwrap());
    assert!(checked.bank.is_some() && checked.diagnostics.is_empty(), "{}", checked.diagnostics);
}

#[test]
fn a_bus_is_used_by_what_comes_to_it_on_any_way() {
    let events = |buses: &str| {
        doubts(&format!(r#"Bank(buses: {{{buses}}}, events: {{"step": (play: "step.ogg", bus: "a")}})"#))
    };
    assert_eq!(events(r#""a": (), "b": ()"#), ["unused-bus"]);
    assert_eq!(events(r#""a": (parent: "b"), "b": ()"#), NONE);
    assert_eq!(events(r#""a": (sends: {"b": -6}), "b": (parent: "c"), "c": ()"#), NONE);
    assert_eq!(
        events(r#""a": (), "b": (effects: [Custom(name: "synth")])"#),
        NONE,
        "it may sound on its own"
    );
    // Who is listened to is not played on by that.
    assert_eq!(events(r#""a": (effects: [Compressor(key: "b")]), "b": ()"#), ["unused-bus"]);
    // A desk without events is in the making.
    assert_eq!(doubts(r#"Bank(buses: {"b": ()}, parameters: {"rpm": ()}, levels: {"l": (bus: "b")})"#), NONE);
    let reverb = r#"Bank(buses: {"b": ()}, reverbs: {"cave": (rt60: 1, bus: "b")}, events: {"step": (play: "step.ogg")})"#;
    assert_eq!(doubts(reverb), NONE, "zones bring it in");
}

#[test]
fn a_layer_is_out_of_reach_only_where_it_is_silent_everywhere() {
    let layer = |range: &str| {
        doubts(&format!(
            r#"Bank(
                parameters: {{"rpm": (min: 10, max: 20)}},
                sounds: {{"engine": Blend(on: "rpm", of: [(play: "low.ogg"), (play: "high.ogg", {range})])}},
                events: {{"engine": (play: "engine")}},
            )"#
        ))
    };
    for range in ["from: 20", "to: 10", "from: 25, fade: 5.1", "to: 5, fade: 5.1", "from: 12, to: 13", ""] {
        assert_eq!(layer(range), NONE, "{range}");
    }
    for range in ["from: 20.1", "to: 9.9", "from: 25, fade: 5", "to: 5, fade: 5"] {
        assert_eq!(layer(range), ["unreachable-layer"], "{range}");
    }
}

#[test]
fn a_curve_is_flat_only_if_it_was_meant_to_move_and_cannot() {
    let curve = |points: &str| {
        doubts(&format!(
            r#"Bank(
                parameters: {{"rpm": (min: 10, max: 20)}},
                events: {{"engine": (play: "a.ogg", curves: [(from: "rpm", property: "pitch", points: {points})])}},
            )"#
        ))
    };
    for points in
        ["[(20, 0), (30, 5)]", "[(0, 0), (10, 5)]", "[(0, 0), (5, 1)]", "[(9, 1), (10, 0), (20, 0), (21, 1)]"]
    {
        assert_eq!(curve(points), ["flat-curve"], "{points}");
    }
    for points in [
        "[(19.9, 0), (30, 5)]",
        "[(0, 0), (10.1, 5)]",
        "[(100, 3)]",
        "[(0, 3), (5, 3)]",
        "[(9, 0), (15, 1), (21, 0)]",
    ] {
        assert_eq!(curve(points), NONE, "{points}");
    }
}

#[test]
fn gains_are_too_loud_above_twelve_decibels_at_the_master() {
    let gain = |event: f32, more: &str| {
        doubts(&format!(
            r#"Bank(
                buses: {{"a": (gain: 6{more}), "b": (gain: 1)}},
                reverbs: {{"cave": (rt60: 1)}},
                events: {{"e": (play: "e.ogg", bus: "a", gain: {event}), "f": (play: "f.ogg", bus: "b")}},
            )"#
        ))
    };
    assert_eq!((gain(6.0, ""), gain(6.1, "")), (vec![], vec!["too-loud"]));
    assert_eq!(gain(6.1, ", parent: \"b\", effects: [Gain(-2)]"), NONE, "the way down counts, too");
    assert_eq!(gain(6.1, ", effects: [Gain(gain: -2, bypass: true)]").len(), 1, "but not if it is bypassed");
    assert_eq!(gain(24.0, ", effects: [Limiter(ceiling: -1)]"), NONE, "a limiter holds it, the fader adds 6");
    assert_eq!(gain(24.0, ", effects: [Limiter(ceiling: 0), Gain(7)]"), ["too-loud"], "13 dB after it");
    assert!(!gain(24.0, ", mute: true").contains(&"too-loud"), "what is muted is not loud");
}

#[test]
fn never_heard_is_only_what_nothing_in_the_bank_can_raise() {
    let event = |event: &str, bus: &str| {
        doubts(&format!(
            r#"Bank(
                parameters: {{"rain": ()}},
                curves: [(from: "rain", to: "b", property: "gain", points: [(0, -100), (1, 0)])],
                buses: {{"a": (gain: -90{bus}), "b": (), "c": ()}},
                vcas: {{"v": (gain: -30, buses: ["c"])}},
                reverbs: {{"cave": (rt60: 1)}},
                sounds: {{"l": Clip(file: "l.ogg", looping: true)}},
                events: {{
                    "e": (play: "e.ogg", {event}),
                    "loop": (play: "l", bus: "b"), "more": (play: "e.ogg", bus: "c"), "yet": (play: "e.ogg", bus: "a", gain: 15),
                }},
            )"#
        ))
    };
    let dead = ["never-heard"];
    assert_eq!(event("bus: \"a\"", ""), dead);
    assert_eq!(event("bus: \"a\"", ", sends: {\"b\": (gain: -6, pre: true)}"), NONE, "before the fader");
    assert_eq!(event("bus: \"a\"", ", sends: {\"b\": -6}"), dead, "after it");
    assert_eq!(event("bus: \"a\"", ", effects: [Compressor(makeup: 12)]"), NONE);
    assert_eq!(event("bus: \"a\"", ", effects: [Compressor(makeup: 12, bypass: true)]"), dead);
    assert_eq!(event("bus: \"a\"", ", effects: [Distortion()]"), NONE, "who knows");
    assert_eq!(event("bus: \"a\", space: ()", ""), NONE, "by a zone's reverb");
    assert_eq!(event("bus: \"a\", space: (reverb: -120)", ""), dead);
    assert_eq!(
        event("bus: \"a\"", ", sends: {\"b\": (gain: -120, pre: true)}, effects: [Distortion()]"),
        NONE
    );
    assert_eq!(event("bus: \"b\", gain: -79", ""), NONE, "a curve opens it");
    assert_eq!(event("bus: \"c\", gain: -49", ""), NONE);
    assert_eq!(event("bus: \"c\", gain: -51", ""), dead, "the game's hand on a fader is no excuse");
    assert_eq!(
        event(
            "bus: \"b\", gain: -85, curves: [(from: \"rain\", property: \"gain\", points: [(0, 0), (1, 6)])]",
            ""
        ),
        NONE
    );
}

#[test]
fn what_sleeps_is_not_saved_by_its_bus() {
    let play = |play: &str| {
        doubts(&format!(
            r#"Bank(
                buses: {{"a": (gain: 20)}},
                sounds: {{"l": Clip(file: "l.ogg", looping: true)}},
                events: {{"e": (play: {play}, bus: "a", gain: -85), "near": (play: "l")}},
            )"#
        ))
    };
    assert_eq!(play("\"once.ogg\""), NONE, "65 dB down, but a one-shot plays out");
    assert_eq!(play("\"l\""), ["never-heard"]);
}

#[test]
fn mute_and_solo_are_told_only_where_something_plays() {
    let bank = |a: &str, b: &str| {
        doubts(&format!(
            r#"Bank(
                buses: {{"a": ({a}), "b": ({b}), "c": (parent: "b")}},
                events: {{"one": (play: "one.ogg", bus: "a"), "two": (play: "two.ogg", bus: "c")}},
            )"#
        ))
    };
    assert_eq!(bank("mute: true", ""), ["never-heard"]);
    assert_eq!(bank("", "mute: true"), ["never-heard"], "what is below is muted, too");
    assert_eq!(bank("solo: true", ""), ["never-heard"]);
    assert_eq!(bank("solo: true", "solo: true"), NONE);
    assert_eq!(bank("solo: true", "sends: {\"a\": -6}"), NONE, "it is heard where it sends to");
}

#[test]
fn of_snapshots_that_override_one_counts_and_what_adds_comes_on_top() {
    let loud = |snapshots: &str| {
        doubts(&format!(
            r#"Bank(
                buses: {{"sfx": (gain: -6)}},
                snapshots: {{{snapshots}}},
                events: {{"tone": (play: Tone(freq: 1000, gain: 0), bus: "sfx")}},
            )"#
        ))
    };
    let bright = r#""one": (mode: Override, set: {"sfx": {"gain": 6}})"#;
    let brighter = r#""two": (mode: Override, set: {"sfx": {"gain": 8}})"#;
    let push = r#""push": (mode: Blend, set: {"sfx": {"gain": 6}})"#;
    assert_eq!(loud(&format!("{bright}, {brighter}")), NONE, "8 dB at the most, not 20 dB");
    assert_eq!(loud(push), NONE);
    assert_eq!(loud(&format!("{brighter}, {push}")), ["too-loud"]);
}

#[test]
fn music_that_comes_to_its_end_can_be_followed() {
    let lines = |parts: &str| {
        doubts(&format!(
            r#"Bank(
                queues: {{"radio": ()}},
                parameters: {{"mood": (labels: ["calm", "fight"])}},
                curves: [(from: "mood", to: "master", property: "gain", points: [(0, 0), (1, -1)])],
                sounds: {{"jingle": Music(segments: {{"a": (play: "a.ogg")}}, {parts})}},
                events: {{"jingle": (play: "jingle", line: (queue: "radio"))}},
            )"#
        ))
    };
    assert_eq!(lines(r#"parts: {"all": (of: ["a"], repeat: 2)}"#), NONE);
    assert_eq!(lines(r#"parts: {"all": (of: ["a"], repeat: 0)}"#), ["never-ends"]);
    assert_eq!(lines(""), ["never-ends"]);
    assert_eq!(lines(r#"parts: {"calm": (of: ["a"], repeat: 2)}, on: "mood""#), ["never-ends"]);
}

#[test]
fn however_deep_sounds_stand_in_one_another_it_is_said_and_nothing_overflows() {
    let mut text = String::from(r#"Bank(sounds: {"0": Sequence(of: ["a.ogg", "1"], mode: Continuous), "#);
    for n in 1..20_000 {
        text.push_str(&format!(r#""{n}": Layer(of: ["{}"]), "#, n + 1));
    }
    text.push_str(r#""20000": Music(segments: {"a": (play: "1")})}, events: {"deep": (play: "0")})"#);
    let circle = check(&text);
    assert!(circle.diagnostics.iter().any(|finding| finding.code == "sound-cycle"));
    let checked = check(&text.replace(r#"Music(segments: {"a": (play: "1")})"#, r#"Clip(file: "a.ogg")"#));
    let codes: Vec<_> = checked.diagnostics.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["too-deep"]);
}
