//! The binary from outside: exit codes, messages and files.

mod common;
#[path = "common/tone.rs"]
mod tone;

use common::{err, out, tonmeister};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tone::write_tone;

/// A project that plays a looped tone of half a second, and a scene of a quarter of a second around it.
const BANK: &str = r#"Bank(
    buses: {"music": (gain: -6), "music/pad": (parent: "music")},
    sounds: {"tone": Clip(file: "tone.wav", looping: true)},
    events: {"tone": (play: "tone", bus: "music/pad")},
)
"#;
const SCENE: &str = r#"Scene(
    project: "game",
    duration: 0.25,
    emitters: {"here": (event: "tone")},
    marks: [(at: 0, text: "it begins")],
)
"#;

/// What a command prints and how it ends, with times taken out.
fn told(output: &Output) -> String {
    let text = format!(
        "code: {}\n--- stdout\n{}--- stderr\n{}",
        output.status.code().map_or("none".to_owned(), |code| code.to_string()),
        out(output),
        err(output)
    );
    let lines =
        text.lines().map(|line| match line.strip_suffix(" ms").and_then(|rest| rest.rsplit_once(' ')) {
            Some((rest, _)) => format!("{rest} N ms\n"),
            None => format!("{line}\n"),
        });
    lines.collect()
}

fn project_with(bank: &str, scene: &str) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    std::fs::create_dir(folder.path().join("game")).expect("a folder");
    std::fs::write(folder.path().join("game/main.bank.ron"), bank).expect("a bank");
    std::fs::write(folder.path().join("walk.scene.ron"), scene).expect("a scene");
    write_tone(&folder.path().join("game/tone.wav"), 24_000);
    folder
}

fn project() -> TempDir {
    project_with(BANK, SCENE)
}

/// Everything in a folder and below it, sorted, with `/` between the parts.
fn listing(folder: &Path) -> Vec<String> {
    fn walk(root: &Path, folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                let relative = path.strip_prefix(root).expect("below");
                found.push(relative.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, folder, &mut found);
    found.sort();
    found
}

#[test]
fn check_says_what_it_loaded() {
    let folder = project();
    insta::assert_snapshot!("check_ok", told(&tonmeister(folder.path(), &["check", "game"])));
    insta::assert_snapshot!("check_scene_ok", told(&tonmeister(folder.path(), &["check", "walk.scene.ron"])));
}

#[test]
fn check_shows_every_error_with_its_place() {
    let bank = r#"Bank(
    buses: {"music": (gain: -6, parnt: "master")},
    events: {"tone": (play: "missing.wav", bus: "musik")},
)
"#;
    let folder = project_with(bank, SCENE);
    let text = tonmeister(folder.path(), &["check", "game"]);
    assert!(err(&text).contains("main.bank.ron:2:33"), "{}", err(&text));
    insta::assert_snapshot!("check_errors", told(&text));

    let json = tonmeister(folder.path(), &["check", "game", "--format", "json"]);
    assert_eq!(json.status.code(), Some(1));
    let list: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
    let codes: Vec<_> = list.as_array().expect("an array").iter().map(|finding| &finding["code"]).collect();
    assert_eq!(codes, ["unknown-field", "missing-file", "unknown-bus"]);
    assert_eq!((list[0]["line"].as_u64(), list[0]["column"].as_u64()), (Some(2), Some(33)));
}

#[test]
fn check_finds_what_a_scene_gets_wrong_about_its_project() {
    let folder = project_with(BANK, &SCENE.replace("\"tone\"", "\"tune\""));
    insta::assert_snapshot!("check_scene", told(&tonmeister(folder.path(), &["check", "walk.scene.ron"])));
}

#[test]
fn warnings_are_shown_and_count_only_if_they_are_denied() {
    let unused = BANK.replace("sounds: {", "sounds: {\"spare\": Clip(file: \"tone.wav\"), ");
    let folder = project_with(&unused, SCENE);
    let shown = tonmeister(folder.path(), &["check", "game"]);
    assert!(err(&shown).contains("warning[unused-sound]"), "{}", err(&shown));
    assert_eq!(shown.status.code(), Some(0));
    let denied = tonmeister(folder.path(), &["check", "game", "--deny-warnings"]);
    assert_eq!((denied.status.code(), out(&denied).as_str()), (Some(1), ""));
}

#[test]
fn denied_warnings_exit_with_1_in_either_format_unless_their_kind_is_allowed() {
    let muted = BANK.replace("(gain: -6)", "(gain: -6, mute: true)");
    let muted = muted.replace("sounds: {", "levels: {\"pads\": (bus: \"music\")}, sounds: {");
    let folder = project_with(&muted, SCENE);
    let check = |more: &[&str]| {
        let output = tonmeister(folder.path(), &[&["check", "game"], more].concat());
        (output.status.code(), out(&output), err(&output))
    };
    let deny = ["--deny", "warnings"];
    let (code, text, findings) = check(&deny);
    assert_eq!((code, text.as_str()), (Some(1), ""));
    assert!(
        findings.contains("warning[never-heard]") && findings.contains("warning[unused-level]"),
        "{findings}"
    );

    let (code, text, _) = check(&["--deny", "warnings", "--format", "json"]);
    let list: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let found: Vec<_> =
        list.as_array().expect("an array").iter().map(|one| (&one["severity"], &one["code"])).collect();
    assert_eq!(code, Some(1));
    assert!(found.iter().all(|(severity, _)| *severity == "warning") && found.len() == 2, "{found:?}");

    let one = [&deny[..], &["--allow", "never-heard"]].concat();
    let (code, _, findings) = check(&one);
    assert!(
        code == Some(1) && !findings.contains("never-heard") && findings.contains("unused-level"),
        "{findings}"
    );
    let (code, text, findings) = check(&[&one[..], &["--allow", "unused-level"]].concat());
    assert!(code == Some(0) && text.starts_with("ok: ") && !findings.contains("warning"), "{findings}");
    // Errors can't be allowed.
    let wrong = project_with(&BANK.replace("\"music/pad\")", "\"pad\")"), SCENE);
    let output = tonmeister(wrong.path(), &["check", "game", "--allow", "unknown-bus"]);
    assert_eq!(output.status.code(), Some(1));
    let (code, ..) = check(&["--deny", "errors"]);
    assert_eq!(code, Some(2), "there is nothing else to deny");
}

#[test]
fn what_can_not_run_exits_2_and_says_why() {
    let folder = project();
    std::fs::create_dir(folder.path().join("empty")).expect("a folder");
    let cases: [(&[&str], &str); 11] = [
        (&["check", "nowhere"], "there is no nowhere"),
        (&["check", "empty"], "no *.bank.ron file in empty"),
        (&["check", "game/main.bank.ron"], "give the project's folder"),
        (&["render", "nowhere.scene.ron", "-o", "a.wav"], "there is no nowhere.scene.ron"),
        (&["render", "game", "-o", "a.wav"], "game is a folder"),
        (&["render", "walk.scene.ron", "-o", "empty"], "empty is a folder"),
        (&["render", "walk.scene.ron", "-o", "nowhere/a.wav"], "there is no folder nowhere"),
        (&["render", "walk.scene.ron", "-o", "a.wav", "--rate", "7999"], "8000..=192000"),
        (&["play", "nowhere.scene.ron"], "there is no nowhere.scene.ron"),
        (&["inspect", "nowhere.ogg"], "there is no nowhere.ogg"),
        (&["sing"], "unrecognized subcommand 'sing'"),
    ];
    let before = listing(folder.path());
    for (args, why) in cases {
        let output = tonmeister(folder.path(), args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", err(&output));
        assert!(err(&output).contains(why), "{args:?}: {}", err(&output));
    }
    assert_eq!(listing(folder.path()), before, "nothing is left behind");
}

#[test]
fn help_and_version_are_results() {
    for command in ["check", "render", "play", "pack", "inspect", "diff", "graph", "reference", "new"] {
        let output = tonmeister(Path::new("."), &[command, "--help"]);
        assert_eq!(output.status.code(), Some(0));
        assert!(out(&output).contains(&format!("Examples:\n  tonmeister {command} ")), "{}", out(&output));
    }
    let version = tonmeister(Path::new("."), &["--version"]);
    assert_eq!(out(&version), format!("tonmeister {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn render_writes_the_scene_at_the_rate_that_was_asked() {
    let folder = project();
    for (args, rate, bits, frames) in [
        (vec![], 48_000, 32, 12_000),
        (vec!["--rate", "44100", "--bits", "16"], 44_100, 16, 11_025),
        (vec!["--rate", "96000", "--bits", "24"], 96_000, 24, 24_000),
    ] {
        let output = tonmeister(
            folder.path(),
            &[&["render", "walk.scene.ron", "-o", "a.wav"], args.as_slice()].concat(),
        );
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        // A mono tone of -6 dB in the middle, which is -3 dB to each side, through a fader of -6 dB.
        assert!(out(&output).starts_with("rendered 0.25 s in "), "{}", out(&output));
        assert!(out(&output).contains("peak -15.0 dBFS: a.wav\n"), "{}", out(&output));
        let wav = hound::WavReader::open(folder.path().join("a.wav")).expect("a WAV file");
        assert_eq!(
            (wav.spec().sample_rate, wav.spec().bits_per_sample, wav.spec().channels),
            (rate, bits, 2)
        );
        assert_eq!(wav.duration(), frames);
    }
    assert_eq!(
        listing(folder.path()),
        ["a.wav", "game/main.bank.ron", "game/tone.wav", "walk.scene.ron"],
        "nothing is left behind"
    );
}

#[test]
fn render_gives_the_same_bytes_again_and_a_seed_can_be_set() {
    let folder = project();
    for name in ["a.wav", "b.wav"] {
        let output =
            tonmeister(folder.path(), &["render", "walk.scene.ron", "--seed", "9", "--output", name]);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    }
    let read = |name| std::fs::read(folder.path().join(name)).expect("a WAV file");
    assert!(read("a.wav") == read("b.wav"));
}

#[test]
fn stems_are_a_file_for_each_bus_as_long_as_the_mix() {
    let folder = project();
    let output =
        tonmeister(folder.path(), &["render", "walk.scene.ron", "-o", "mix.wav", "--stems", "out/stems"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let stems = folder.path().join("out/stems");
    assert_eq!(listing(&stems), ["master.wav", "music.wav", "nested/music-pad.wav"]);
    for name in listing(&stems) {
        let wav = hound::WavReader::open(stems.join(&name)).expect("a WAV file");
        assert_eq!((wav.duration(), wav.spec().sample_rate), (12_000, 48_000), "{name}");
    }
}

#[test]
fn a_stem_never_takes_the_place_of_the_mix() {
    let folder = project();
    let output = tonmeister(folder.path(), &["render", "walk.scene.ron", "-o", "out.wav", "--stems", "."]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let output = tonmeister(folder.path(), &["render", "walk.scene.ron", "-o", "music.wav", "--stems", "."]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let read = |name| std::fs::read(folder.path().join(name)).expect("a WAV file");
    assert!(read("out.wav") == read("music.wav"));
    assert!(folder.path().join("music-2.wav").is_file());
}

#[test]
fn a_project_with_errors_renders_nothing_and_keeps_the_last_rendering() {
    let folder = project_with("Bank(buses: {\"music\": (gain: \"loud\")})", SCENE);
    std::fs::write(folder.path().join("a.wav"), "the last one").expect("a file");
    let output = tonmeister(folder.path(), &["render", "walk.scene.ron", "-o", "a.wav"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("main.bank.ron:1:30"), "{}", err(&output));
    assert_eq!(std::fs::read(folder.path().join("a.wav")).expect("a file"), b"the last one");
}

#[test]
fn inspect_tells_the_facts_of_a_file() {
    let folder = project();
    let output = tonmeister(folder.path(), &["inspect", "game/tone.wav", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let list: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let peak = list[0]["peak_db"].as_f64().expect("a number");
    assert!((peak + 6.02).abs() < 0.01, "a half is -6.02 dB, not {peak}");
    assert_eq!(list[0]["frames"], 24_000);
    let expected = serde_json::json!([{
        "path": "game/tone.wav", "codec": "wav 16-bit", "channels": 1, "sample_rate": 48_000, "frames": 24_000,
        "seconds": 0.5, "peak_db": list[0]["peak_db"], "streamed": false, "memory_bytes": 96_000, "tags": {},
    }]);
    assert_eq!(list, expected);
}

#[test]
fn inspect_lists_folders_and_goes_on_past_a_bad_file() {
    let folder = project();
    std::fs::write(folder.path().join("game/broken.ogg"), "OggS and no more").expect("a file");
    std::fs::create_dir(folder.path().join("game/sfx")).expect("a folder");
    write_tone(&folder.path().join("game/sfx/ping.WAV"), 4_800);
    insta::assert_snapshot!("inspect", told(&tonmeister(folder.path(), &["inspect", "game"])));
}

#[test]
fn play_without_a_device_says_how_to_get_one_and_keeps_time() {
    let folder = project();
    let started = Instant::now();
    let output = tonmeister(folder.path(), &["play", "walk.scene.ron"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(started.elapsed() >= Duration::from_millis(250), "it lasts as long as the scene");
    assert!(out(&output).contains("0.0 s  it begins"), "{}", out(&output));
    // A machine with a device that cpal finds has no problem to tell of.
    if !cfg!(any(feature = "cpal", not(target_os = "linux"))) {
        for words in ["no sound device", "PulseAudio or PipeWire", "--features cpal"] {
            assert!(err(&output).contains(words), "{words}: {}", err(&output));
        }
        assert_eq!(err(&output).lines().count(), 1, "it says so once");
    }
}

/// Reads lines until one holds `words`; gives all of them.
fn read_until(from: &mut impl BufRead, words: &str) -> String {
    let mut all = String::new();
    while !all.contains(words) {
        let read = from.read_line(&mut all).expect("text");
        assert_ne!(read, 0, "it ended without {words:?}: {all}");
    }
    all
}

#[cfg(unix)]
#[test]
fn play_takes_a_save_live_refuses_one_with_errors_and_ends_cleanly_with_ctrl_c() {
    let folder = project_with(BANK, &SCENE.replace("0.25", "60"));
    let mut playing = Command::new(env!("CARGO_BIN_EXE_tonmeister"))
        .args(["play", "walk.scene.ron", "--watch", "--for", "30"])
        .current_dir(folder.path())
        .env("PULSE_SERVER", "unix:/nonexistent")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut out = BufReader::new(playing.stdout.take().expect("a pipe"));
    let mut err = BufReader::new(playing.stderr.take().expect("a pipe"));
    let save = |text: String| std::fs::write(folder.path().join("game/main.bank.ron"), text).expect("a bank");

    read_until(&mut out, "it begins");
    save(BANK.replace("gain: -6", "gain: -12"));
    let live = read_until(&mut out, "reloaded in ");
    assert!(live.ends_with(" ms: bus music: gain -6 → -12 dB\n"), "{live}");

    save(BANK.replace("gain: -6", "gian: -12"));
    let refused = read_until(&mut err, "kept what was playing");
    assert!(refused.contains("main.bank.ron:2:23"), "{refused}");
    assert!(refused.contains("did you mean `gain`?"), "{refused}");

    let signal = Command::new("kill").args(["-INT", &playing.id().to_string()]).status().expect("kill runs");
    assert!(signal.success());
    assert_eq!(playing.wait().expect("it ends").code(), Some(0));
}

#[test]
fn play_can_begin_again() {
    let folder = project();
    let output = tonmeister(folder.path(), &["play", "walk.scene.ron", "--loop", "--for", "0.9"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(out(&output).matches("it begins").count() >= 2, "{}", out(&output));
}
