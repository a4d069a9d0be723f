//! Sounds written where they are played.

use super::*;

/// The bank that everybody writes first: what is stepped on, and one of several files for each.
const STEPS: &str = r#"Bank(
    parameters: {"surface": (labels: ["gravel", "wood"])},
    sounds: {
        "fire": Clip(file: "sfx/fire.ogg", looping: true),
        "step": Switch(on: "surface", cases: {
            "gravel": Random(of: ["sfx/gravel_1.ogg", "sfx/gravel_2.ogg", "sfx/gravel_3.ogg"], avoid: 2, pitch: (-1, 1), gain: (-2, 0)),
            "wood":   Random(of: ["sfx/wood_1.ogg", "sfx/wood_2.ogg"], avoid: 1),
        }),
    },
    events: {
        "camp/fire":     (play: "fire", space: (min: 1, max: 25, curve: Inverse), virtual: Elapsed),
        "player/step":   (play: "step", limit: (max: 4, steal: Oldest), cooldown: (time: 0.08, radius: 5)),
    },
)"#;

fn names(bank: &Bank) -> Vec<&str> {
    bank.sounds.iter().map(|sound| sound.name.as_str()).filter(|name| !name.ends_with(".ogg")).collect()
}

#[test]
fn a_sound_may_be_written_wherever_one_is_named() {
    let bank = bank(STEPS);
    assert_eq!(names(&bank), ["fire", "step", "step/gravel", "step/wood"]);
    let SoundKind::Switch(step) = &bank.sounds[bank.sound("step").unwrap().index()].kind else { panic!() };
    assert_eq!(step.cases, [bank.sound("step/gravel"), bank.sound("step/wood")]);
    let SoundKind::Random(gravel) = &bank.sounds[bank.sound("step/gravel").unwrap().index()].kind else {
        panic!()
    };
    assert_eq!((gravel.of.len(), gravel.avoid, gravel.spread.pitch.low.get()), (3, 2, -1.0));
}

#[test]
fn every_form_of_a_choice_takes_one_and_each_is_named_by_its_place() {
    let bank = bank(
        r#"Bank(
            parameters: {"rpm": (max: 8000), "surface": (labels: ["a.ogg", "wood", "mud"])},
            sounds: {
                "all": Random(of: [
                    "s.ogg", ("s.ogg", 2), (Clip(file: "c.ogg", gain: -3), 2), Layer(of: ["l.ogg", Silence(), (play: Clip(file: "d.ogg"), delay: 1)]),
                    (play: Sequence(of: [Random(of: ["r.ogg"]), "q.ogg"]), weight: 3),
                ]),
                "hull": Blend(on: "rpm", of: [(play: Clip(file: "low.ogg", looping: true), to: 2000)]),
                "step": Switch(on: "surface", cases: {"a.ogg": Silence(), "wood": Silence()}, default: Clip(file: "any.ogg")),
            },
            events: {"all": (play: Random(of: ["all", "hull", "step"]))},
        )"#,
    );
    let expected = [
        "all",
        "all/(play)",
        "all/3",
        "all/4",
        "all/4/2",
        "all/4/3",
        "all/5",
        "all/5/1",
        "hull",
        "hull/1",
        "step",
        "step/(1)",
        "step/(default)",
        "step/wood",
    ];
    assert_eq!(names(&bank), expected);
    let SoundKind::Random(all) = &bank.sounds[bank.sound("all").unwrap().index()].kind else { panic!() };
    assert_eq!(all.of.iter().map(|choice| choice.weight).collect::<Vec<_>>(), [1.0, 2.0, 2.0, 1.0, 3.0]);
}

#[test]
fn a_name_stays_when_something_else_is_edited() {
    let edited = STEPS
        .replace("sounds: {", "sounds: {\"aaa\": Random(of: [Silence(), \"fire\"]),")
        .replace("\"wood\":   Random", "\"mud\": Silence(), \"wood\": Random")
        .replace("\"gravel\", \"wood\"]", "\"gravel\", \"mud\", \"wood\"]")
        .replace("play: \"fire\"", "play: \"aaa\"");
    let bank = bank(&edited);
    assert_eq!(names(&bank), ["aaa", "aaa/1", "fire", "step", "step/gravel", "step/mud", "step/wood"]);
}

#[test]
fn what_is_wrong_inside_is_told_at_its_own_place() {
    let checked = check(&STEPS.replace("avoid: 2, pitch: (-1, 1)", "avoid: 2, pitch: (-1, 100)"));
    let told = checked.diagnostics.to_string();
    assert!(
        told.contains("test.bank.ron:6:") && told.contains("`pitch` of 100 st is out of range"),
        "{told}"
    );
    let checked = check(&STEPS.replace("\"sfx/wood_2.ogg\"", "\"fira\""));
    let told = checked.diagnostics.to_string();
    assert!(told.contains("test.bank.ron:7:") && told.contains("did you mean \"fire\"?"), "{told}");
    // What is written in place has no name to play it by.
    let told = check(&STEPS.replace("play: \"fire\"", "play: \"step/wood\"")).diagnostics.to_string();
    assert!(
        told.contains("\"step/wood\" is written inside \"step\"") && told.contains("under `sounds`"),
        "{told}"
    );
    let told =
        check(&STEPS.replace("\"fire\":", "\"step/wood\": Silence(), \"fire\":")).diagnostics.to_string();
    assert!(told.contains("\"step/wood\" is what the sound written inside \"step\" is called"), "{told}");
    // The owner is told to be unused, once, and not what is in it.
    let told = codes(&STEPS.replace("play: \"step\"", "play: \"fire\""));
    assert_eq!(told, ["unused-sound"]);
}

#[test]
fn sounds_nest_as_deep_as_brackets_may() {
    let nested = |depth: usize| {
        let (open, close) = ("Random(of: [".repeat(depth), "])".repeat(depth));
        format!("Bank(events: {{\"e\": (play: {open}\"a.ogg\"{close})}})")
    };
    // The bank, its events and the event itself are brackets, too.
    let most = (syntax::MAX_DEPTH - 3) / 2;
    assert_eq!(bank(&nested(most)).sounds.len(), most + 1);
    assert_eq!(codes(&nested(most + 1)), ["too-deep"]);
}

#[test]
fn changes_inside_are_told_by_their_place() {
    let bank = |gravel: &str, second: &str| {
        format!(
            r#"Bank(
                parameters: {{"surface": (labels: ["gravel", "wood"])}},
                sounds: {{
                    "step": Switch(on: "surface", cases: {{"gravel": Random(of: ["a.ogg"], {gravel}), "wood": "b.ogg"}}),
                    "shot": Layer(of: ["a.ogg", {second}]),
                }},
                events: {{"step": (play: "step"), "shot": (play: Clip(file: "c.ogg", {gravel}))}},
            )"#
        )
    };
    let told =
        diff_of(&bank("gain: -2", "Clip(file: \"x.ogg\")"), &bank("gain: -3", "Clip(file: \"y.ogg\")"));
    let expected = [
        "sound shot: 2 Clip file \"x.ogg\" → \"y.ogg\"",
        "sound step: case gravel gain -2 → -3 dB",
        "event shot: play gain -2 → -3 dB",
    ];
    assert_eq!(told, expected);
    // A range of one number is that number.
    let even = diff_of(&bank("gain: -2", "Silence()"), &bank("gain: (-2, -2)", "Silence()"));
    assert_eq!(even, [] as [&str; 0]);
}

#[test]
fn a_formatted_bank_keeps_what_is_written_in_place() {
    let text = format(&Source::new("a.bank.ron", STEPS)).unwrap();
    assert_eq!(names(&bank(&text)), ["fire", "step", "step/gravel", "step/wood"]);
    assert_eq!(format(&Source::new("a.bank.ron", text.as_str())).unwrap(), text);
    assert_eq!(diff_of(STEPS, &text), [] as [&str; 0]);
}
