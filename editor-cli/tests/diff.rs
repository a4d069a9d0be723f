//! `tonmeister diff` from outside, and inside of git.

mod common;

use common::{err, out, tonmeister};
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const OLD: &str = r#"// The desk.
Bank(
    buses: {"music": (gain: -6, effects: [Compressor(threshold: -18)]), "sfx": ()},
    events: {"sfx/gun": (play: "gun.wav", bus: "sfx"), "sfx/door": (play: "door.wav")},
)
"#;
const NEW: &str = r#"Bank(
    events: {"sfx/gun": (play: "gun.wav", bus: "sfx", gain: -3), "sfx/bell": (play: "bell.wav")},
    buses: {"sfx": (), "music": (gain: -6.0, effects: [Compressor(threshold: -20)])},
)
"#;
const TOLD: &str = "bus music: effect 1 Compressor threshold -18 → -20 dB
event sfx/bell added
event sfx/door removed
event sfx/gun: gain 0.0 → -3 dB
";

fn files(texts: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    for (name, text) in texts {
        write(folder.path(), name, text);
    }
    folder
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

#[test]
fn two_banks_or_two_projects_are_compared_by_meaning() {
    let folder = files(&[
        ("old.bank.ron", OLD),
        ("new.bank.ron", NEW),
        ("one/all.bank.ron", OLD),
        ("two/all.bank.ron", NEW),
    ]);
    for pair in [["old.bank.ron", "new.bank.ron"], ["one", "two"]] {
        let output = tonmeister(folder.path(), &[&["diff"], pair.as_slice()].concat());
        assert_eq!((output.status.code(), out(&output).as_str()), (Some(1), TOLD), "{}", err(&output));
    }
    let output = tonmeister(folder.path(), &["diff", "one", "two", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let list: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let gun = serde_json::json!({"what": "event", "name": "sfx/gun", "change": "gain 0.0 → -3 dB"});
    assert_eq!((list.as_array().map(Vec::len), &list[3]), (Some(4), &gun));
}

#[test]
fn the_same_in_other_words_is_no_change() {
    let folder = files(&[
        ("old.bank.ron", "Bank(buses: {\"a\": (gain: -6), \"b\": ()})"),
        ("new.bank.ron", "// Tidied.\nBank(buses: {\"b\": (gain: 0), \"a\": (gain: -6.0)})"),
    ]);
    let output = tonmeister(folder.path(), &["diff", "old.bank.ron", "old.bank.ron"]);
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(0), "no change\n"));
    let output = tonmeister(folder.path(), &["diff", "old.bank.ron", "new.bank.ron"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(out(&output), "no change in meaning: only comments, layout or order\n");
    let output = tonmeister(folder.path(), &["diff", "old.bank.ron", "new.bank.ron", "--format", "json"]);
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(0), "[]\n"));
}

#[test]
fn what_can_not_be_compared_exits_2_with_a_reason() {
    let folder = files(&[
        ("good.bank.ron", OLD),
        ("bad.bank.ron", "Bank(buses: {\"music\": (gain: -6}"),
        ("a.scene.ron", "Scene(project: \"game\", duration: 1)"),
        ("game/main.bank.ron", OLD),
    ]);
    std::fs::write(folder.path().join("latin.bank.ron"), b"Bank(buses: {\"dr\xf6hnen\": ()})")
        .expect("a file");
    let cases: [(&[&str], &str); 7] = [
        (&["good.bank.ron", "bad.bank.ron"], "bad.bank.ron:1:32"),
        (&["bad.bank.ron", "good.bank.ron"], "error: bad.bank.ron does not parse"),
        (&["good.bank.ron", "a.scene.ron"], "expected `Bank(…)`"),
        (&["good.bank.ron", "latin.bank.ron"], "latin.bank.ron is not UTF-8 text: byte 16"),
        (&["good.bank.ron", "nowhere.bank.ron"], "there is no nowhere.bank.ron"),
        (&["good.bank.ron", "game"], "game is a project and good.bank.ron a file"),
        (&["good.bank.ron"], "two things, not 1"),
    ];
    for (paths, why) in cases {
        let output = tonmeister(folder.path(), &[&["diff"], paths].concat());
        assert_eq!(
            (output.status.code(), out(&output).as_str()),
            (Some(2), ""),
            "{paths:?}: {}",
            err(&output)
        );
        assert!(err(&output).contains(why), "{paths:?}: {}", err(&output));
    }
}

/// Git in a folder, with nobody's settings but these.
fn git_in(folder: &Path, args: &[&str]) -> Output {
    let mut git = Command::new("git");
    // A hook of another repository may be what runs the tests.
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_EXTERNAL_DIFF"] {
        git.env_remove(variable);
    }
    git.args(["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"])
        .args(args)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_PAGER", "cat")
        .output()
        .expect("git runs")
}

fn git(folder: &Path, args: &[&str]) -> Output {
    let output = git_in(folder, args);
    assert!(output.status.success(), "git {args:?}: {}", err(&output));
    output
}

/// A repository as the help says to set it up, with a commit in it.
fn repository(texts: &[(&str, &str)]) -> TempDir {
    let folder = files(texts);
    write(folder.path(), ".gitattributes", "*.bank.ron diff=tonmeister\n");
    git(folder.path(), &["init", "-q", "-b", "main"]);
    let command = format!("'{}' diff", env!("CARGO_BIN_EXE_tonmeister"));
    git(folder.path(), &["config", "diff.tonmeister.command", &command]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "Begin"]);
    folder
}

fn has_git() -> bool {
    Command::new("git").arg("--version").output().is_ok_and(|output| output.status.success())
}

#[test]
fn git_tells_changes_in_a_designers_words() {
    if !has_git() {
        return;
    }
    let repository = repository(&[
        ("game/mix.bank.ron", OLD),
        ("game/old bank.bank.ron", "Bank(buses: {\"gone\": ()})"),
        ("game/tidy.bank.ron", "Bank(buses: {\"tidy\": ()})"),
        ("notes.txt", "one\n"),
    ]);
    let folder = repository.path();
    write(folder, "game/mix.bank.ron", NEW);
    write(folder, "game/new.bank.ron", "Bank(buses: {\"fresh\": ()})");
    write(folder, "game/tidy.bank.ron", "Bank(\n    buses: {\"tidy\": ()},\n)\n");
    write(folder, "notes.txt", "two\n");
    std::fs::remove_file(folder.join("game/old bank.bank.ron")).expect("removed");
    git(folder, &["add", "-N", "game/new.bank.ron"]);
    let indented: String = TOLD.lines().map(|line| format!("  {line}\n")).collect();
    let told = format!(
        "game/mix.bank.ron\n{indented}\
         game/new.bank.ron (new)\n  bus fresh added\n\
         game/old bank.bank.ron (deleted)\n  bus gone removed\n\
         game/tidy.bank.ron\n  no change in meaning: only comments, layout or order\n\
         diff --git a/notes.txt b/notes.txt\n"
    );
    let shown = out(&git(folder, &["diff"]));
    assert!(shown.starts_with(&told), "{shown}");
    // From a folder below, and between commits.
    assert!(out(&git(&folder.join("game"), &["diff"])).starts_with(&told));
    git(folder, &["add", "."]);
    git(folder, &["commit", "-q", "-m", "Change"]);
    assert!(out(&git(folder, &["show", "--ext-diff", "--format="])).starts_with(&told));
}

#[test]
fn git_shows_a_rename_a_broken_bank_and_an_unmerged_one_and_goes_on() {
    if !has_git() {
        return;
    }
    let repository = repository(&[
        ("a.bank.ron", OLD),
        ("b.bank.ron", "Bank()"),
        ("z.bank.ron", "Bank(buses: {\"z\": ()})"),
    ]);
    let folder = repository.path();
    git(folder, &["mv", "a.bank.ron", "moved.bank.ron"]);
    write(folder, "moved.bank.ron", &OLD.replace("-6", "-9"));
    write(folder, "b.bank.ron", "Bank(buses: {");
    write(folder, "z.bank.ron", "Bank(buses: {\"z\": (gain: -1)})");
    let shown = out(&git(folder, &["diff", "-M", "HEAD"]));
    assert!(shown.contains("a.bank.ron → moved.bank.ron\n  bus music: gain -6 → -9 dB\n"), "{shown}");
    assert!(shown.contains("b.bank.ron\n  error[syntax]"), "{shown}");
    assert!(shown.contains("--> b.bank.ron:1:"), "{shown}");
    assert!(shown.contains("can't be compared; for the text: git diff --no-ext-diff"), "{shown}");
    assert!(shown.ends_with("z.bank.ron\n  bus z: gain 0.0 → -1 dB\n"), "{shown}");

    git(folder, &["reset", "-q", "--hard"]);
    git(folder, &["checkout", "-q", "-b", "other"]);
    write(folder, "z.bank.ron", "Bank(buses: {\"z\": (gain: -2)})");
    git(folder, &["commit", "-q", "-a", "-m", "Two"]);
    git(folder, &["checkout", "-q", "main"]);
    write(folder, "z.bank.ron", "Bank(buses: {\"z\": (gain: -3)})");
    git(folder, &["commit", "-q", "-a", "-m", "Three"]);
    let merge = git_in(folder, &["merge", "-q", "other"]);
    assert!(!merge.status.success(), "both changed the same line");
    let shown = out(&git(folder, &["diff", "--cached"]));
    assert!(shown.contains("z.bank.ron (unmerged)\n"), "{shown}");
}
