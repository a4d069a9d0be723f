//! The bank language as a whole: every bad bank's text, compiling, comparing, reading folders, hostile input.

mod doubts;
mod effects;
mod inline;
mod languages;
mod modulators;

use super::*;
use crate::effects::{Effect as Own, EqShape, EqSlope, LimiterParams};
use crate::units::{Amount, Decibels};
use std::path::PathBuf;

/// A project that uses every part of the language.
const GOOD: &str = r#"
// A camp at night.
Bank(
    version: 1,
    buses: {
        "music": (gain: -6.0, effects: [Eq([Peak(freq: 2500, gain: -2.0, q: 0.8), LowShelf(freq: 100, gain: 2)])]),
        "ambience": (), /* nothing /* yet */ */
        "sfx": (effects: [Compressor(threshold: -18, ratio: 3, key: "dialogue"), HighPass(freq: 30)], sends: {"echo": -12}),
        "echo": (parent: "ambience", effects: [Delay(time: 0.25), Reverb(rt60: 1), Gain(-1), Custom(name: "crush", params: {"bits": 8})]),
        "dialogue": (effects: [HighPass(freq: 90), Limiter(ceiling: -3)]),
        "master": (effects: [Compressor(threshold: -10, ratio: 2, mix: 0.8)]),
    },
    ducking: [
        (trigger: "dialogue", by: Level(-42), targets: {"music": (depth: 9), "ambience": (depth: 6)}, attack: 0.05),
        (trigger: "dialogue", by: Activity, targets: {"sfx": (depth: 3)}),
    ],
    reverbs: {"cave": (rt60: 3.2, predelay: 0.03, gain: -3, bus: "ambience")},
    sounds: {
        "fire": Clip(file: "sfx/fire.ogg", looping: true, gain: -3, fade_in: 0.5),
        "step": Random(of: ["sfx/s1.ogg", ("sfx/s2.wav", 0.5), (play: "fire", weight: 2)], gain: (-2, 0), pitch: (-1, 1)),
        "word": Clip(file: r"vo/word.ogg"),
    },
    events: {
        "camp/fire": (play: "fire", bus: "sfx", space: (min: 1, max: 25, curve: Linear, reverb: -6), priority: 60),
        "player/step": (play: "step", bus: Some("sfx")),
        "rain": (play: "amb/r\u{e4}in.ogg", bus: "ambience", fade_out: 2),
        "word": (play: "word", bus: "dialogue"),
    },
)
"#;

fn check(text: &str) -> Checked {
    compile(&Sources::from_texts([("test.bank.ron", text)]))
}

#[track_caller]
fn bank(text: &str) -> Bank {
    let checked = check(text);
    assert!(!checked.diagnostics.has_errors(), "{}", checked.diagnostics);
    checked.bank.unwrap()
}

#[track_caller]
fn codes(text: &str) -> Vec<&'static str> {
    check(text).diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

fn bad_banks() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/bad_banks")
}

#[test]
fn every_bad_bank_is_told_in_words() {
    let mut paths: Vec<_> =
        std::fs::read_dir(bad_banks()).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 25, "only {} bad banks found", paths.len());
    for path in paths {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let mut checked = compile(&Sources::from_texts([(name.as_str(), text.as_str())]));
        if name == "missing_file.bank.ron" {
            assert!(!checked.diagnostics.has_errors());
            for media in &checked.media {
                let message = format!("there is no file {:?}", media.path);
                checked.diagnostics.push_media_error(media, "missing-file", message);
            }
        }
        assert!(!checked.diagnostics.is_empty(), "nothing was found in {name}");
        let stem = name.trim_end_matches(".bank.ron");
        let settings = insta::Settings::clone_current();
        settings.bind(|| insta::assert_snapshot!(stem, checked.diagnostics.to_string()));
        let code = stem.replace('_', "-");
        let named = ["syntax", "too-many-bands"].iter().any(|other| code.starts_with(other));
        assert!(
            named || checked.diagnostics.iter().any(|diagnostic| diagnostic.code == code),
            "no {code} in {name}:\n{}",
            checked.diagnostics
        );
    }
}

#[test]
fn names_become_ids_and_defaults_are_filled_in() {
    let bank = bank(GOOD);
    let names: Vec<_> = bank.buses.iter().map(|bus| bus.name.as_str()).collect();
    assert_eq!(names, ["master", "ambience", "dialogue", "echo", "music", "sfx", "reverb/cave"]);
    let sounds: Vec<_> = bank.sounds.iter().map(|sound| sound.name.as_str()).collect();
    assert_eq!(sounds, ["amb/räin.ogg", "fire", "sfx/s1.ogg", "sfx/s2.wav", "step", "word"]);
    let media: Vec<_> = bank.media.iter().map(|media| media.path.as_str()).collect();
    assert_eq!(media, ["amb/räin.ogg", "sfx/fire.ogg", "sfx/s1.ogg", "sfx/s2.wav", "vo/word.ogg"]);

    let sfx = &bank.buses[bank.bus("sfx").unwrap().index()];
    assert_eq!((sfx.parent, sfx.gain), (Some(BusId::MASTER), Decibels::UNITY));
    let gain = Decibels::new(-12.0).unwrap();
    assert_eq!(sfx.sends, [Send { to: bank.bus("echo").unwrap(), gain, pre: false, delayed: false }]);
    let EffectKind::Own(Own::Compressor(compressor)) = &sfx.effects[0].kind else {
        panic!("{:?}", sfx.effects)
    };
    let key = Key { bus: bank.bus("dialogue").unwrap(), pre: false, delayed: false };
    assert_eq!(sfx.effects[0].key, Some(key));
    assert_eq!((compressor.knee.get(), compressor.attack.get(), compressor.mix), (6.0, 0.01, Amount::MAX));
    let EffectKind::Own(Own::Eq(eq)) = &sfx.effects[1].kind else { panic!("{:?}", sfx.effects) };
    let band = eq.bands[0].unwrap();
    assert_eq!((band.shape, band.freq.get(), band.q), (EqShape::HighPass, 30.0, 0.707));

    let cave = &bank.buses[bank.reverbs[0].bus.index()];
    assert_eq!(
        (cave.name.as_str(), cave.parent, cave.gain.get()),
        ("reverb/cave", bank.bus("ambience"), -3.0)
    );
    let [Effect { kind: EffectKind::Own(Own::Reverb(reverb)), .. }] = cave.effects.as_slice() else {
        panic!("{:?}", cave.effects)
    };
    assert_eq!((reverb.rt60.get(), reverb.damping.get(), reverb.predelay.get()), (3.2, 0.4, 0.03));
    assert_eq!(reverb.mix, Amount::MAX);

    assert_eq!(bank.ducking[0].by, DuckTrigger::Level(Decibels::clamped(-42.0), Decibels::clamped(-45.0)));
    let target = bank.ducking[0].targets[0];
    assert_eq!((target.attack.get(), target.hold.get()), (0.05, 0.25));
    assert_eq!(bank.ducking[1].by, DuckTrigger::Activity);

    let fire = bank.events[bank.event("camp/fire").unwrap().index()].clone();
    assert_eq!((fire.play, fire.priority, fire.fade_out.get()), (bank.sound("fire"), 60, 0.05));
    let space = fire.space.unwrap();
    assert_eq!((space.max.get(), space.curve, space.reverb.get()), (25.0, Rolloff::Linear, -6.0));
    let SoundKind::Random(step) = &bank.sounds[bank.sound("step").unwrap().index()].kind else { panic!() };
    assert_eq!((step.avoid, step.spread.gain.low.get(), step.spread.pitch.high.get()), (1, -2.0, 1.0));
    let weights: Vec<_> = step
        .of
        .iter()
        .map(|choice| (bank.sounds[choice.sound.index()].name.as_str(), choice.weight))
        .collect();
    assert_eq!(weights, [("sfx/s1.ogg", 1.0), ("sfx/s2.wav", 0.5), ("fire", 2.0)]);
}

#[test]
fn an_equaliser_has_a_short_and_a_long_form() {
    let eq = |written: &str| {
        let bank = bank(&format!("Bank(buses: {{\"a\": (effects: [{written}]), \"b\": ()}})"));
        let a = &bank.buses[bank.bus("a").unwrap().index()];
        a.effects.clone()
    };
    let bands = "[Peak(freq: 2500, q: 1.2, range: -6, threshold: -35, attack: 0.02, release: 0.3), HighPass(freq: 80, slope: 24)]";
    let short = eq(&format!("Eq({bands})"));
    let long = eq(&format!("Eq(bands: {bands}, key: Pre(\"b\"), bypass: true)"));
    assert_eq!(short[0].kind, long[0].kind);
    assert_eq!((short[0].key, short[0].bypass), (None, false));
    assert!(long[0].key.is_some_and(|key| key.pre) && long[0].bypass);
    let EffectKind::Own(Own::Eq(params)) = &long[0].kind else { panic!("{long:?}") };
    let [Some(peak), Some(pass), None, ..] = params.bands else { panic!("{params:?}") };
    assert_eq!((peak.range.get(), peak.threshold.get(), peak.ratio), (-6.0, -35.0, 3.0));
    assert_eq!((peak.attack.get(), peak.release.get(), pass.slope), (0.02, 0.3, EqSlope::Db24));
    // More bands than one can hold become several, all with the key.
    let many = eq(&format!("Eq(bands: [{}], key: \"b\")", "Notch(freq: 50), ".repeat(17)));
    assert!(many.len() == 2 && many.iter().all(|effect| effect.key.is_some()), "{many:?}");
}

#[test]
fn the_order_puts_every_bus_after_what_it_listens_to() {
    let bank = bank(GOOD);
    let at = |name: &str| bank.order.iter().position(|id| *id == bank.bus(name).unwrap()).unwrap();
    assert_eq!(bank.order.len(), bank.buses.len());
    assert_eq!(bank.order.last(), Some(&BusId::MASTER));
    for (first, then) in [
        ("dialogue", "sfx"), // sidechain key
        ("sfx", "echo"),     // send
        ("echo", "ambience"),
        ("reverb/cave", "ambience"),
        ("dialogue", "music"), // duck
    ] {
        assert!(at(first) < at(then), "{first} comes after {then} in {:?}", bank.order);
    }
    // Where nothing decides, the lower id goes first.
    let ids = |text: &str| self::bank(text).order.iter().map(|id| id.0).collect::<Vec<_>>();
    assert_eq!(ids(r#"Bank(buses: {"c": (), "a": (), "b": (parent: "a")})"#), [2, 1, 3, 0]);
}

#[test]
fn the_master_always_ends_in_a_limiter() {
    let default = LimiterParams::default();
    let limiter = |params: LimiterParams| EffectKind::Own(params.into());
    assert_eq!(default.ceiling, Decibels::clamped(-1.0));
    assert_eq!(bank("Bank()").buses[0].effects.len(), 1);
    assert_eq!(bank("Bank()").buses[0].effects[0].kind, limiter(default));
    assert_eq!(bank(GOOD).buses[0].effects.len(), 2);
    let own = bank(r#"Bank(buses: {"master": (effects: [Limiter(ceiling: -2), Gain(-1)])})"#);
    let ceiling = Decibels::new(-2.0).unwrap();
    assert_eq!(own.buses[0].effects[0].kind, limiter(LimiterParams { ceiling, ..default }));
    assert_eq!(own.buses[0].effects.len(), 2);
    let past = bank(r#"Bank(buses: {"master": (effects: [Limiter(ceiling: -2, bypass: true)])})"#);
    assert_eq!(past.buses[0].effects.len(), 2, "a limiter that is bypassed limits nothing");
}

#[test]
fn files_share_their_names_and_their_order_does_not_matter() {
    let one = ("b.bank.ron", r#"Bank(events: {"rain": (play: "rain", bus: "sfx")})"#);
    let other = ("a.bank.ron", r#"Bank(buses: {"sfx": ()}, sounds: {"rain": Clip(file: "rain.ogg")})"#);
    let (forth, back) = (Sources::from_texts([one, other]), Sources::from_texts([other, one]));
    assert_eq!(forth, back);
    assert!(compile(&forth).bank.is_some(), "{}", compile(&forth).diagnostics);

    let twice = Sources::from_texts([
        ("a.bank.ron", r#"Bank(buses: {"sfx": ()})"#),
        ("b.bank.ron", r#"Bank(buses: {"sfx": ()})"#),
    ]);
    let checked = compile(&twice);
    insta::assert_snapshot!(checked.diagnostics.to_string(), @r#"
    error[duplicate-name]: the bus "sfx" is already defined
     --> b.bank.ron:1:14
      |
    1 | Bank(buses: {"sfx": ()})
      |              ^^^^^
      = first defined here: a.bank.ron:1

    1 error
    "#);
}

#[test]
fn a_file_that_cannot_be_read_makes_no_names_unknown_elsewhere() {
    let broken = ("a.bank.ron", "Bank(buses: {\"sfx\": (), ");
    let sound = ("b.bank.ron", r#"Bank(events: {"rain": (play: "rain", bus: "sfx", gain: 99)})"#);
    let checked = compile(&Sources::from_texts([broken, sound]));
    let codes: Vec<_> = checked.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(codes, ["syntax", "out-of-range"]);
}

#[test]
fn media_are_listed_even_where_other_things_are_wrong() {
    let checked = check(
        r#"Bank(events: {"a": (play: "x/a.ogg", gain: 99), "b": (play: "x/a.ogg", bus: "no"), "c": (play: "../c.ogg")})"#,
    );
    assert!(checked.bank.is_none());
    let media: Vec<_> = checked.media.iter().map(|media| (media.path.as_str(), media.places.len())).collect();
    assert_eq!(media, [("x/a.ogg", 2)]);
}

#[test]
fn columns_count_characters_and_long_lines_are_cut() {
    let checked = check("Bank(buses: {\"müsik\": (gaim: 1)})");
    let place = &checked.diagnostics.iter().next().unwrap().place;
    assert_eq!((place.line, place.column, place.caret, place.width), (1, 24, 23, 4));
    let long = format!("Bank({}buses: {{\"a\": (gaim: 1)}})", " ".repeat(10_000));
    let checked = check(&long);
    let place = &checked.diagnostics.iter().next().unwrap().place;
    assert_eq!(place.column, 10_020);
    let shown: String = place.source_line.chars().skip(place.caret).take(place.width).collect();
    assert_eq!(shown, "gaim");
    assert!(place.source_line.chars().count() <= 160);
}

#[test]
fn two_hundred_events_compile() {
    let events: String =
        (0..200).map(|n| format!("\"e{n:03}\": (play: \"sfx/{n}.ogg\", bus: \"b{}\"),\n", n % 10)).collect();
    let buses: String = (0..10).map(|n| format!("\"b{n}\": (gain: -{n}),")).collect();
    let bank = bank(&format!("Bank(buses: {{{buses}}}, events: {{{events}}})"));
    assert_eq!(
        (bank.events.len(), bank.sounds.len(), bank.media.len(), bank.buses.len()),
        (200, 200, 200, 11)
    );
    for n in 0..200 {
        let event = &bank.events[bank.event(&format!("e{n:03}")).unwrap().index()];
        assert_eq!(bank.sounds[event.play.unwrap().index()].name, format!("sfx/{n}.ogg"));
        assert_eq!(bank.buses[event.bus.index()].name, format!("b{}", n % 10));
    }
}

#[test]
fn no_cut_and_no_change_of_a_byte_panics() {
    for cut in 0..GOOD.trim_end().len() {
        if let Some(text) = GOOD.get(..cut) {
            let checked = check(text);
            assert!(checked.bank.is_none() && checked.diagnostics.has_errors(), "{cut} bytes were a bank");
        }
    }
    let good = Sources::from_texts([("a.bank.ron", GOOD)]);
    for at in (0..GOOD.len()).step_by(2) {
        for new in ["", "(", ")", "]", "{", "\"", ",", "9", "-", "ü", "\\", "\n", "/*"] {
            let (Some(before), Some(after)) = (GOOD.get(..at), GOOD.get(at + 1..)) else {
                continue;
            };
            let sources = Sources::from_texts([("a.bank.ron", [before, new, after].concat())]);
            let checked = compile(&sources);
            assert_eq!(checked.bank.is_some(), !checked.diagnostics.has_errors());
            if at % 9 == 0 {
                let _ = diff(&good, &sources);
                let _ = checked.diagnostics.to_string();
            }
        }
    }
}

#[test]
fn hostile_texts_are_refused_in_bounded_time() {
    assert_eq!(codes(&"(".repeat(1_000_000)), ["too-deep"]);
    assert_eq!(codes(&"/*".repeat(1_000_000)), ["syntax"]);
    assert_eq!(codes(""), ["syntax"]);
    assert_eq!(codes("\u{feff}Bank()"), [] as [&str; 0]);
    assert_eq!(codes("Bank() Bank()"), ["syntax"]);
    assert_eq!(codes("#![enable(implicit_some)]\nBank()"), ["syntax"]);
    let many =
        format!("Bank(buses: {{{}}})", (0..5000).map(|n| format!("\"b{n}\": (x: 1),")).collect::<String>());
    assert_eq!(codes(&many).len(), 1000);
    let chain: String =
        (0..20_000).map(|n| format!("\"b{n}\": (parent: \"b{}\"),", (n + 1) % 20_000)).collect();
    assert_eq!(codes(&format!("Bank(buses: {{{chain}}})")), ["too-many", "bus-cycle"]);
    // Sounds that would come to more than a game could play, or than a stack could hold.
    let chain = |count: usize, sound: &dyn Fn(usize) -> String| {
        let sounds: String = (0..count).map(|n| format!("\"s{n}\": {},", sound(n + 1))).collect();
        codes(&format!(
            "Bank(sounds: {{{sounds}\"s{count}\": Clip(file: \"a.ogg\")}}, events: {{\"e\": (play: \"s0\")}})"
        ))
    };
    let twice = |next: usize| format!("Layer(of: [\"s{next}\", \"s{next}\"])");
    let once = |next: usize| format!("Random(of: [\"s{next}\"])");
    assert_eq!((chain(8, &twice), chain(9, &twice)), (vec![], vec!["too-many"]));
    assert_eq!((chain(63, &once), chain(64, &once)), (vec![], vec!["too-deep"]));
    assert_eq!(chain(60, &twice), ["too-many"]);
    assert_eq!(chain(50_000, &once), ["too-deep"]);
}

#[test]
fn a_project_has_no_more_buses_and_rules_than_have_readings() {
    let buses = |count: usize| (0..count).map(|n| format!("\"b{n}\": (),")).collect::<String>();
    // The master is one of them.
    assert_eq!(codes(&format!("Bank(buses: {{{}}})", buses(511))), [] as [&str; 0]);
    assert_eq!(codes(&format!("Bank(buses: {{{}}})", buses(512))), ["too-many"]);
    let rules = |count: usize| {
        let rule = "(trigger: \"b0\", targets: {\"b1\": (depth: 1)}),";
        codes(&format!("Bank(buses: {{{}}}, ducking: [{}])", buses(2), rule.repeat(count)))
    };
    assert_eq!(rules(256), [] as [&str; 0]);
    assert_eq!(rules(257), ["too-many"]);
}

#[test]
fn nothing_changed_is_nothing_told() {
    let one = r#"Bank(buses: {"a": (gain: -6.0), "b": ()}, sounds: {"s": Clip(file: "s.ogg")}, events: {"e": (play: "s", bus: "a")})"#;
    let other = r#"
        Bank( /* moved about */
            events: {"e": (bus: Some("a"), play: "s", fade_out: 0.05, priority: 50, space: None)},
            sounds: {"s": Clip(file: r"s.ogg", looping: false)},
            buses: {"b": (parent: "master", effects: [], sends: {}), "a": (gain: -6)},
        )"#;
    assert_eq!(diff_of(one, other), [] as [&str; 0]);
    assert_eq!(diff_of(GOOD, GOOD), [] as [&str; 0]);
    let parts = [("a.bank.ron", r#"Bank(buses: {"a": (), "b": ()})"#)];
    let split = [("a.bank.ron", r#"Bank(buses: {"b": ()})"#), ("b.bank.ron", r#"Bank(buses: {"a": ()})"#)];
    assert_eq!(diff(&Sources::from_texts(parts), &Sources::from_texts(split)), [] as [&str; 0]);
}

fn diff_of(old: &str, new: &str) -> Vec<String> {
    diff(&Sources::from_texts([("a.bank.ron", old)]), &Sources::from_texts([("a.bank.ron", new)]))
}

#[test]
fn changes_are_told_in_a_designers_words() {
    let changed = GOOD
        .replace("gain: -6.0, effects: [Eq([Peak(freq: 2500", "gain: -9.0, effects: [Eq([Peak(freq: 3000")
        .replace("threshold: -18", "threshold: -20")
        .replace("Gain(-1), ", "Gain(-2.5), ")
        .replace("{\"bits\": 8}", "{\"bits\": 6}")
        .replace("{\"echo\": -12}", "{\"echo\": -10, \"music\": -20}")
        .replace("[HighPass(freq: 90), Limiter", "[Limiter")
        .replace("\"ambience\": (depth: 6)", "\"ambience\": (depth: 7)")
        .replace("by: Level(-42)", "by: Activity")
        .replace("rt60: 3.2", "rt60: 2.8")
        .replace("looping: true, ", "")
        .replace("sfx/s1.ogg", "sfx/s0.ogg")
        .replace("max: 25, curve: Linear", "max: 30, curve: Inverse")
        .replace("\"rain\":", "\"storm\":")
        .replace("\"word\": Clip(file: r\"vo/word.ogg\")", "\"word\": Random(of: [\"vo/word.ogg\"])");
    let told = [
        "bus dialogue: effect 1 HighPass removed",
        "bus echo: effect 3 Gain -1 → -2.5 dB",
        "bus echo: effect 4 Custom bits 8 → 6",
        "bus music: gain -6.0 → -9.0 dB",
        "bus music: effect 1 Eq band 1 Peak freq 2500 → 3000 Hz",
        "bus sfx: effect 1 Compressor threshold -18 → -20 dB",
        "bus sfx: send echo -12 → -10 dB",
        "bus sfx: send music added",
        "ducking by dialogue: by Level(-42) → Activity",
        "ducking by dialogue: ambience depth 6 → 7 dB",
        "reverb cave: rt60 3.2 → 2.8 s",
        "sound fire: looping true → false",
        "sound step: \"sfx/s1.ogg\" removed",
        "sound step: \"sfx/s0.ogg\" added",
        "sound word: Clip → Random",
        "event camp/fire: space max 25 → 30 m",
        "event camp/fire: space curve Linear → Inverse",
        "event rain removed",
        "event storm added",
    ];
    assert_eq!(diff_of(GOOD, &changed), told);
}

#[test]
fn changes_of_actions_and_markers_are_told_one_by_one() {
    let bank = |clip: &str, actions: &str| {
        format!(
            r#"Bank(sounds: {{"hit": Clip(file: "hit.ogg", markers: {{{clip}}})}}, events: {{"hit": (play: "hit"), "go": (actions: [{actions}])}})"#
        )
    };
    let one = bank(r#""a": 0.5, "b": 1"#, r#"Stop("hit"), Post("hit", delay: 1), Break("hit")"#);
    let same = bank(
        r#""b": 1.0, "a": 0.5"#,
        r#"Stop(event: "hit"), Post(delay: 1.0, event: "hit"), Break(event: "hit")"#,
    );
    let other = bank(r#""a": 0.6, "c": 1"#, r#"Stop("hit", fade: 2), Post("hit", delay: 1.5)"#);
    assert_eq!(diff_of(&one, &same), [] as [&str; 0]);
    let told = [
        "sound hit: marker a 0.5 → 0.6 s",
        "sound hit: marker b removed",
        "sound hit: marker c added",
        "event go: action 1 Stop fade the event's fade_out → 2 s",
        "event go: action 2 Post delay 1 → 1.5 s",
        "event go: action 3 Break removed",
    ];
    assert_eq!(diff_of(&one, &other), told);
}

#[test]
fn folders_are_read_sorted_and_hidden_ones_skipped() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let error = Sources::read(folder.path()).unwrap_err().to_string();
    assert_eq!(error, format!("no *.bank.ron file in {} or in a folder below it", folder.path().display()));
    assert!(matches!(Sources::read(&folder.path().join("none")), Err(ReadError::NotAFolder(_))));

    write("z.bank.ron", b"Bank()");
    write("deep/er/a.bank.ron", b"Bank()");
    write(".git/b.bank.ron", b"Bank(");
    write("scene.ron", b"Scene()");
    let sources = Sources::read(folder.path()).unwrap();
    let paths: Vec<_> = sources.files().iter().map(Source::path).collect();
    assert_eq!(paths, ["deep/er/a.bank.ron", "z.bank.ron"]);
    assert_eq!(sources, Sources::read(folder.path()).unwrap());
    let text = r#"Bank(events: {"e": (play: "sfx/e.ogg")})"#;
    write("z.bank.ron", text.as_bytes());
    let changed = Sources::read(folder.path()).unwrap();
    assert_ne!(sources, changed);
    assert_eq!(changed.text("z.bank.ron"), Some(text));
    assert_eq!(compile(&changed).bank.unwrap().media[0].file, folder.path().join("sfx/e.ogg"));

    write("bad.bank.ron", b"Bank(\n\xff)");
    assert!(matches!(Sources::read(folder.path()), Err(ReadError::NotText { byte: 6, line: 2, .. })));
    write("bad.bank.ron", &vec![b' '; (4 << 20) + 1]);
    assert!(matches!(Sources::read(folder.path()), Err(ReadError::FileTooLarge { .. })));
}

#[cfg(unix)]
#[test]
fn links_may_not_lead_out_of_the_project() {
    use std::os::unix::fs::symlink;
    let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(folder.path().join("a.bank.ron"), "Bank()").unwrap();
    std::fs::write(outside.path().join("b.bank.ron"), "Bank()").unwrap();
    // A link round to the project itself, and a second name for a file, add nothing.
    symlink(folder.path(), folder.path().join("round")).unwrap();
    symlink(folder.path().join("a.bank.ron"), folder.path().join("again.bank.ron")).unwrap();
    assert_eq!(Sources::read(folder.path()).unwrap().files().len(), 1);
    symlink(outside.path().join("b.bank.ron"), folder.path().join("a.ogg")).unwrap();
    let sources = Sources::read(folder.path()).unwrap();
    assert!(sources.leads_out(&folder.path().join("a.ogg")));
    assert!(!sources.leads_out(&folder.path().join("a.bank.ron")));
    symlink(outside.path(), folder.path().join("out")).unwrap();
    assert!(matches!(Sources::read(folder.path()), Err(ReadError::LeadsOut { .. })));
    std::fs::remove_file(folder.path().join("out")).unwrap();
    symlink(outside.path().join("b.bank.ron"), folder.path().join("b.bank.ron")).unwrap();
    assert!(matches!(Sources::read(folder.path()), Err(ReadError::LeadsOut { .. })));
}

#[test]
fn every_default_is_inside_its_range_and_every_field_is_described() {
    for schema::Group { name: group, fields, .. } in schema::groups() {
        for field in fields {
            assert!(field.doc.trim().ends_with('.'), "{group}.{}: {:?}", field.name, field.doc);
            if let (Some((low, high)), Ok(value)) = (field.rule.range, field.default.parse::<f32>())
                && !field.rule.required
            {
                assert!((low..=high).contains(&value), "{group}.{} defaults to {value}", field.name);
            }
        }
    }
}

#[test]
fn numbers_and_strings_are_those_of_ron() {
    for (written, gain) in
        [("-6", -6.0), ("+3", 3.0), (".5", 0.5), ("1.", 1.0), ("1e1", 10.0), ("-1.2E1", -12.0)]
    {
        let bank = bank(&format!("Bank(buses: {{\"a\": (gain: {written})}})"));
        assert_eq!(bank.buses[1].gain.get(), gain, "{written}");
    }
    for written in [
        r#""a\tb\x41\u{e4}\\\"'""#,
        r##"r#"a"b\n"#"##,
        r#""two
lines""#,
    ] {
        let root = syntax::parse(written).root.unwrap();
        assert_eq!(root.text().unwrap(), ron::from_str::<String>(written).unwrap(), "{written}");
    }
}

#[test]
fn a_default_that_is_changed_is_told_with_its_value() {
    let old = r#"Bank(buses: {"a": ()}, events: {"e": (play: "e.ogg", space: ())})"#;
    let new = r#"Bank(buses: {"a": (gain: -9, parent: "b"), "b": (effects: [Eq([])])},
        events: {"e": (play: "f.ogg", bus: "a", space: (curve: Linear))})"#;
    let told = [
        "bus a: parent \"master\" → \"b\"",
        "bus a: gain 0.0 → -9 dB",
        "bus b added",
        "event e: play \"e.ogg\" → \"f.ogg\"",
        "event e: bus \"master\" → \"a\"",
        "event e: space curve Inverse → Linear",
    ];
    assert_eq!(diff_of(old, new), told);
    let eqs = (
        r#"Bank(buses: {"b": (effects: [Eq([])])})"#,
        r#"Bank(buses: {"b": (effects: [Eq([Peak(freq: 100, gain: 1)]), Gain(1)])})"#,
    );
    assert_eq!(diff_of(eqs.0, eqs.1), ["bus b: effect 1 Eq band 1 Peak added", "bus b: effect 2 Gain added"]);
    // The short form and the long one with nothing more are the same.
    let (short, long, keyed) = (
        r#"Bank(buses: {"b": (effects: [Eq([Peak(freq: 100, gain: 1, range: 0)])]), "k": ()})"#,
        r#"Bank(buses: {"b": (effects: [Eq(bands: [Peak(freq: 100, gain: 1)])]), "k": ()})"#,
        r#"Bank(buses: {"b": (effects: [Eq(bands: [Peak(freq: 90, gain: 1, range: -6)], key: "k")]), "k": ()})"#,
    );
    assert_eq!(diff_of(short, long), [] as [&str; 0]);
    let told = [
        "bus b: effect 1 Eq band 1 Peak freq 100 → 90 Hz",
        "bus b: effect 1 Eq band 1 Peak range 0 → -6 dB",
        "bus b: effect 1 Eq key none → \"k\"",
    ];
    assert_eq!(diff_of(short, keyed), told);
}

#[test]
fn a_reverb_preset_takes_all_that_a_reverb_does_but_a_mix() {
    let compiled = |fields: &str| {
        let text = format!("Bank(reverbs: {{\"cave\": (rt60: 2, {fields})}})");
        compile(&Sources::from_texts([("a.bank.ron", text.as_str())]))
    };
    let checked = compiled("size: 1.5, early: 0.8, low_ratio: 1.2, modulation: 0, gain: -3");
    let bank = checked.bank.unwrap_or_else(|| panic!("{}", checked.diagnostics));
    let bus = &bank.buses[bank.reverbs[0].bus.index()];
    let EffectKind::Own(reverb) = &bus.effects[0].kind else { panic!("a reverb") };
    let value = |name: &str| reverb.place_of(name).and_then(|place| reverb.get(place));
    let values = ["size", "early", "low_ratio", "modulation", "rt60", "mix"].map(value);
    assert_eq!(values, [1.5, 0.8, 1.2, 0.0, 2.0, 1.0].map(Some));
    assert_eq!(bus.gain.get(), -3.0);
    assert!(compiled("mix: 0.5").diagnostics.to_string().contains("`mix`"), "all of a return is wet");
}
