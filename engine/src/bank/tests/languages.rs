//! Languages and sounds that speak them.

use super::*;

const TABLE: &str = r#"Bank(
    languages: (of: ["en", "de", "fr"], fallback: {"fr": "de"}),
    sounds: {
        "halt": Clip(file: "voice/{language}/halt.ogg", gain: -3),
        "go": Localized(of: {"en": "voice/go.ogg", "de": Random(of: ["voice/los_1.ogg", "voice/los_2.ogg"])}),
        "shout": Random(of: ["halt", "voice/{language}/hey.ogg"]),
    },
    events: {
        "halt": (play: "halt"),
        "go": (play: "go"),
        "shout": (play: "shout"),
        "hey": (play: "voice/{language}/hey.ogg"),
    },
)"#;

fn cases(bank: &Bank, sound: &str) -> Vec<String> {
    let SoundKind::Switch(switch) = &bank.sounds[bank.sound(sound).unwrap().index()].kind else { panic!() };
    assert_eq!(bank.parameters[switch.on.index()].name, "language");
    switch.cases.iter().map(|case| bank.sounds[case.unwrap().index()].name.clone()).collect()
}

#[test]
fn a_path_with_a_language_is_a_sound_in_each() {
    let bank = bank(TABLE);
    assert_eq!(cases(&bank, "halt"), ["halt/en", "halt/de", "halt/fr"]);
    for (sound, path) in [("halt/en", "voice/en/halt.ogg"), ("halt/fr", "voice/fr/halt.ogg")] {
        let SoundKind::Clip(clip) = &bank.sounds[bank.sound(sound).unwrap().index()].kind else { panic!() };
        assert_eq!((bank.media[clip.media.index()].path.as_str(), clip.gain.get()), (path, -3.0));
    }
    let hey = ["voice/en/hey.ogg", "voice/de/hey.ogg", "voice/fr/hey.ogg"];
    assert_eq!(cases(&bank, "voice/{language}/hey.ogg"), hey);
    // Where a table has no entry, what stands in for it is played.
    assert_eq!(cases(&bank, "go"), ["voice/go.ogg", "go/de", "go/de"]);
    let language = &bank.parameters[bank.parameter("language").unwrap().index()];
    assert_eq!(language.labels, ["en", "de", "fr"]);
    assert_eq!(bank.languages.unwrap().chains, [vec![0], vec![1, 0], vec![2, 1, 0]]);
}

#[test]
fn a_file_that_another_language_can_stand_in_for_is_known() {
    let checked = check(TABLE);
    let spare: Vec<_> =
        checked.media.iter().map(|used| (used.path.as_str(), used.language.as_deref())).collect();
    assert_eq!(
        spare,
        [
            ("voice/de/halt.ogg", Some("de")),
            ("voice/de/hey.ogg", Some("de")),
            ("voice/en/halt.ogg", None),
            ("voice/en/hey.ogg", None),
            ("voice/fr/halt.ogg", Some("fr")),
            ("voice/fr/hey.ogg", Some("fr")),
            ("voice/go.ogg", None),
            // It is one of several that a language chooses from, and would leave a hole there.
            ("voice/los_1.ogg", None),
            ("voice/los_2.ogg", None),
        ]
    );
    // What is played in its own right is needed.
    let named = TABLE.replace(r#""go": (play"#, r#""fr": (play: "voice/fr/hey.ogg"), "go": (play"#);
    let needed =
        check(&named).media.iter().find(|used| used.path == "voice/fr/hey.ogg").unwrap().language.clone();
    assert_eq!(needed, None);
}

#[test]
fn what_is_missing_is_heard_in_the_next_language_that_has_it() {
    let without = |paths: &[&str]| {
        let mut bank = bank(TABLE);
        let media = bank.media.iter().enumerate().filter(|(_, media)| paths.contains(&media.path.as_str()));
        let absent = media.map(|(id, _)| MediaId(id as u32)).collect();
        let heard: Vec<_> = bank.speak_without(&absent).into_values().collect();
        (cases(&bank, "halt"), heard)
    };
    let (halt, heard) = without(&["voice/fr/halt.ogg"]);
    assert_eq!(
        (halt, heard),
        (vec!["halt/en".into(), "halt/de".into(), "halt/de".into()], vec!["de".into()])
    );
    let (halt, heard) = without(&["voice/fr/halt.ogg", "voice/de/halt.ogg"]);
    assert_eq!(halt, ["halt/en"; 3]);
    assert_eq!(heard, ["en", "en"]);
}

#[test]
fn one_file_declares_the_languages() {
    let languages = r#"Bank(languages: (of: ["en", "de"]))"#;
    let events = r#"Bank(events: {"halt": (play: "voice/{language}/halt.ogg")})"#;
    let both = compile(&Sources::from_texts([("a.bank.ron", events), ("b.bank.ron", languages)]));
    assert!(both.diagnostics.is_empty(), "{}", both.diagnostics);
    assert_eq!(
        cases(&both.bank.unwrap(), "voice/{language}/halt.ogg"),
        ["voice/en/halt.ogg", "voice/de/halt.ogg"]
    );
    let twice = compile(&Sources::from_texts([("a.bank.ron", languages), ("b.bank.ron", languages)]));
    insta::assert_snapshot!(twice.diagnostics.to_string());
    // The parameter is theirs.
    let taken = r#"Bank(languages: (of: ["en"]), parameters: {"language": (max: 2)})"#;
    assert_eq!(codes(taken), ["duplicate-name"]);
    // Without languages it is a parameter like any other.
    bank(r#"Bank(parameters: {"language": (labels: ["en", "de"])})"#);
}

#[test]
fn changes_of_languages_are_told() {
    let changed = TABLE
        .replace(
            r#"["en", "de", "fr"], fallback: {"fr": "de"}"#,
            r#"["en", "de", "fr", "it"], default: "de""#,
        )
        .replace("voice/go.ogg", "voice/en/go.ogg");
    let told = [
        "languages of the project: \"it\" added",
        "languages of the project: default the first → \"de\"",
        "languages of the project: fallback fr removed",
        "sound go: en \"voice/go.ogg\" → \"voice/en/go.ogg\"",
    ];
    assert_eq!(diff_of(TABLE, &changed), told);
}

#[test]
fn too_many_languages_are_refused_before_they_multiply() {
    let of: Vec<_> = (0..100_000).map(|n| format!("\"l{n}\"")).collect();
    let clips: Vec<_> =
        (0..1000).map(|n| format!(r#""{n}": Clip(file: "v/{{language}}/{n}.ogg")"#)).collect();
    let text = format!("Bank(languages: (of: [{}]), sounds: {{{}}})", of.join(", "), clips.join(", "));
    let checked = check(&text);
    let first = checked.diagnostics.iter().next().unwrap();
    assert_eq!((first.code, first.message.as_str()), ("too-many", "100000 languages are too many"));
}
