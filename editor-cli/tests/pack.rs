//! `tonmeister pack`, and packs where projects are asked for.

mod common;
#[path = "common/tone.rs"]
mod tone;

use common::{err, out, tonmeister};
use serde_json::Value;
use std::path::Path;
use tempfile::TempDir;
use tone::write_tone;

const CORE: &str = r#"Bank(
    buses: {"music": (gain: -6)},
    sounds: {"tone": Clip(file: "tone.wav", looping: true)},
    events: {"tone": (play: "tone", bus: "music"), "long": (play: "sfx/long.wav")},
)
"#;
const LEVEL: &str = r#"Bank(events: {"again": (play: "tone"), "level": (play: "level.wav")})"#;
const SCENE: &str = r#"Scene(project: "game", duration: 0.25, emitters: {"here": (event: "tone")})"#;

/// A project of two bank files and three sounds of a tenth, a fifth and one and a half seconds, with a scene.
fn project() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let game = folder.path().join("game");
    std::fs::create_dir_all(game.join("sfx")).expect("a folder");
    std::fs::write(game.join("core.bank.ron"), CORE).expect("a bank");
    std::fs::write(game.join("level.bank.ron"), LEVEL).expect("a bank");
    std::fs::write(folder.path().join("walk.scene.ron"), SCENE).expect("a scene");
    write_tone(&game.join("tone.wav"), 4_800);
    write_tone(&game.join("level.wav"), 9_600);
    write_tone(&game.join("sfx/long.wav"), 72_000);
    folder
}

#[track_caller]
fn fine(folder: &Path, args: &[&str]) -> String {
    let output = tonmeister(folder, args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", err(&output));
    out(&output)
}

fn json(folder: &Path, args: &[&str]) -> Value {
    serde_json::from_str(&fine(folder, args)).expect("JSON")
}

#[test]
fn a_pack_stands_for_its_project_and_renders_the_same_bytes() {
    let folder = project();
    let at = folder.path();
    let text = fine(at, &["pack", "game", "-o", "game.tmpack", "--pcm-below", "1"]);
    let bytes = std::fs::metadata(at.join("game.tmpack")).expect("a pack").len();
    let packed = "packed 2 bank files, 2 sounds as PCM at 48000 Hz (0.1 MB) and 1 as WAV (0.1 MB): game.tmpack, 0.2 MB\n";
    assert_eq!(text, packed);
    let made = json(at, &["pack", "game", "-o", "again.tmpack", "--pcm-below", "1", "--format", "json"]);
    let expected = serde_json::json!({
        "path": "again.tmpack", "bytes": bytes, "sample_rate": 48_000, "banks": 2, "pcm": 2,
        "pcm_bytes": (4_800 + 9_600 + 32) * 4, "vorbis": 0, "wav": 1, "source_bytes": 72_000 * 2 + 44,
    });
    assert_eq!(made, expected);
    let read = |name: &str| std::fs::read(at.join(name)).expect("a file");
    assert!(read("game.tmpack") == read("again.tmpack"));

    fine(at, &["render", "walk.scene.ron", "-o", "folder.wav"]);
    fine(at, &["render", "walk.scene.ron", "-o", "pack.wav", "--project", "game.tmpack"]);
    assert!(read("folder.wav") == read("pack.wav"));
    // A scene may name a pack itself, wherever the folder has gone.
    std::fs::remove_dir_all(at.join("game")).expect("removed");
    std::fs::write(at.join("walk.scene.ron"), SCENE.replace("game", "game.tmpack")).expect("a scene");
    fine(at, &["render", "walk.scene.ron", "-o", "pack.wav"]);
    assert!(read("folder.wav") == read("pack.wav"));
    let checked = fine(at, &["check", "game.tmpack"]);
    assert!(checked.starts_with("ok: 2 bank files, "), "{checked}");
    assert!(fine(at, &["check", "walk.scene.ron"]).starts_with("ok: a scene of 0.25 s, 2 bank files"));
    assert!(fine(at, &["graph", "game.tmpack"]).contains("music"));
    assert_eq!(fine(at, &["diff", "game.tmpack", "again.tmpack"]), "no change\n");
}

#[test]
fn inspect_tells_what_memory_each_bank_takes_of_a_folder_and_of_a_pack() {
    let folder = project();
    let at = folder.path();
    insta::assert_snapshot!("inspect_project", fine(at, &["inspect", "game"]));
    let banks = json(at, &["inspect", "game", "--banks", "--format", "json"]);
    let (tone, level, long) = (4_816 * 4, 9_616 * 4, 72_016 * 4);
    let expected = serde_json::json!([
        { "project": "game", "file": "core.bank.ron", "sounds": 2, "own_bytes": long, "shared_bytes": tone },
        { "project": "game", "file": "level.bank.ron", "sounds": 2, "own_bytes": level, "shared_bytes": tone },
    ]);
    assert_eq!(banks, expected);
    let files = json(at, &["inspect", "game", "--format", "json"]);
    let tone_of = files.as_array().expect("an array").iter().find(|file| file["path"] == "game/tone.wav");
    let tone_of = tone_of.expect("the tone");
    assert_eq!(tone_of["banks"], serde_json::json!(["core.bank.ron", "level.bank.ron"]));
    assert_eq!(tone_of["memory_bytes"], tone);

    fine(at, &["pack", "game", "-o", "game.tmpack", "--pcm-below", "1"]);
    insta::assert_snapshot!("inspect_pack", fine(at, &["inspect", "game.tmpack"]));
    let packed = json(at, &["inspect", "game.tmpack", "--banks", "--format", "json"]);
    assert_eq!(packed[0]["own_bytes"], expected[0]["own_bytes"]);
}

#[test]
fn what_can_not_be_done_with_a_pack_says_what_to_do() {
    let folder = project();
    let at = folder.path();
    fine(at, &["pack", "game", "-o", "game.tmpack", "--rate", "44100"]);
    let pack = std::fs::read(at.join("game.tmpack")).expect("a pack");
    let mut other = pack.clone();
    other[8] = 7;
    let mut damaged = pack.clone();
    damaged[30] ^= 1;
    std::fs::write(at.join("other.tmpack"), other).expect("a file");
    std::fs::write(at.join("damaged.tmpack"), damaged).expect("a file");
    std::fs::write(at.join("short.tmpack"), &pack[..200]).expect("a file");
    std::fs::write(at.join("watched.scene.ron"), SCENE.replace("game", "game.tmpack")).expect("a scene");
    let render = |pack| vec!["render", "walk.scene.ron", "-o", "a.wav", "--project", pack];
    let cases: [(Vec<&str>, i32, &str); 11] = [
        (vec!["pack", "game.tmpack", "-o", "b.tmpack"], 2, "give the project's folder"),
        (vec!["pack", "nowhere", "-o", "b.tmpack"], 2, "there is no nowhere"),
        (vec!["pack", "game", "-o", "no/b.tmpack"], 2, "there is no folder no"),
        (vec!["pack", "game", "-o", "b.tmpack", "--pcm-below", "-1"], 2, "0 or more seconds"),
        (vec!["fmt", "game.tmpack"], 2, "format the project's folder, and pack it again"),
        (vec!["play", "watched.scene.ron", "--watch"], 2, "leave --watch out"),
        (render("game.tmpack"), 2, "pack it again with --rate 48000"),
        (render("other.tmpack"), 1, "is a pack of version 7, this engine reads version 1; pack it again"),
        (render("damaged.tmpack"), 1, "is damaged: its header is not as it was written; copy it again"),
        (render("short.tmpack"), 1, "ends after 200 of "),
        (render("game/tone.wav"), 1, "is no pack; give a project's folder"),
    ];
    for (args, code, why) in cases {
        let output = tonmeister(at, &args);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", err(&output));
        assert!(err(&output).contains(why), "{args:?}: {}", err(&output));
    }
    assert!(!at.join("b.tmpack").exists() && !at.join("a.wav").exists());
    // A project with errors packs nothing and keeps the last pack.
    std::fs::write(at.join("game/level.bank.ron"), "Bank(events: {\"e\": (play: \"none.wav\")})")
        .expect("a bank");
    let output = tonmeister(at, &["pack", "game", "-o", "game.tmpack"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("there is no file \"none.wav\""), "{}", err(&output));
    assert!(std::fs::read(at.join("game.tmpack")).expect("a pack") == pack);
}
