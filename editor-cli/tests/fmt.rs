//! `tonmeister fmt` from outside: which files change, which stay, and what is said.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const MESSY: &str = "Bank( // the desk\r\n\tbuses:{\"music\":(gain:-6)})";
const TIDY: &str = "Bank( // the desk\n    buses: {\"music\": (gain: -6)},\n)\n";
const BROKEN: &str = "Bank(\n    buses: {\"music\" (gain: -6)},\n  events:{},\n)\n";

fn fmt(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tonmeister"));
    command.arg("fmt").args(args).current_dir(folder).output().expect("the binary runs")
}

/// What formatting a text from stdin gives.
fn filter(text: &[u8], args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tonmeister"));
    command.args(["fmt", "-"]).args(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = command.spawn().expect("the binary runs");
    running.stdin.take().expect("a pipe").write_all(text).expect("written");
    running.wait_with_output().expect("it ends")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    folder
}

fn read(folder: &TempDir, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).expect("a file")
}

#[test]
fn banks_and_scenes_in_and_below_a_folder_are_formatted_and_nothing_else() {
    let all = folder(&[
        ("game/mix.bank.ron", MESSY),
        ("game/deep/er/tidy.bank.ron", TIDY),
        ("game/walk.scene.ron", "Scene(duration:1)"),
        ("game/notes.ron", "( a:1 )"),
        ("game/.hidden/mix.bank.ron", MESSY),
    ]);
    let before =
        fs::metadata(all.path().join("game/deep/er/tidy.bank.ron")).and_then(|facts| facts.modified());
    let output = fmt(all.path(), &["game"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(
        out(&output),
        "formatted game/mix.bank.ron\nformatted game/walk.scene.ron\nok: 2 formatted, 1 as before\n"
    );
    assert_eq!(read(&all, "game/mix.bank.ron"), TIDY);
    assert_eq!(read(&all, "game/walk.scene.ron"), "Scene(duration: 1)\n");
    assert_eq!(read(&all, "game/notes.ron"), "( a:1 )");
    assert_eq!(read(&all, "game/.hidden/mix.bank.ron"), MESSY);
    let after =
        fs::metadata(all.path().join("game/deep/er/tidy.bank.ron")).and_then(|facts| facts.modified());
    assert_eq!(before.expect("a time"), after.expect("a time"), "what is tidy is not written");
    assert_eq!(fs::read_dir(all.path().join("game")).expect("a folder").count(), 5, "nothing is left behind");
    assert_eq!(out(&fmt(all.path(), &["game"])), "ok: 0 formatted, 3 as before\n");
}

#[test]
fn check_lists_what_would_change_and_writes_nothing() {
    let all = folder(&[("a.bank.ron", MESSY), ("b.bank.ron", TIDY)]);
    let output = fmt(all.path(), &[".", "--check"]);
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(1), "./a.bank.ron\n"));
    assert_eq!(
        err(&output),
        "error: 1 of 2 files is not formatted\n = help: run the command without --check to format\n"
    );
    assert_eq!(read(&all, "a.bank.ron"), MESSY);
    let output = fmt(all.path(), &["b.bank.ron", "--check"]);
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(0), "ok: 1 file is formatted\n"));
}

#[test]
fn a_file_with_mistakes_is_left_alone_and_the_others_are_formatted() {
    let all = folder(&[("a.bank.ron", BROKEN), ("b.bank.ron", MESSY)]);
    fs::write(all.path().join("c.bank.ron"), b"Bank(\n\xff)").expect("a file");
    let output = fmt(all.path(), &["."]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(out(&output), "formatted ./b.bank.ron\n");
    assert!(err(&output).contains("a colon is missing here\n --> ./a.bank.ron:2:20"), "{}", err(&output));
    assert!(err(&output).contains("c.bank.ron is not UTF-8 text: byte 6 on line 2"), "{}", err(&output));
    assert_eq!((read(&all, "a.bank.ron").as_str(), read(&all, "b.bank.ron").as_str()), (BROKEN, TIDY));
}

#[test]
fn stdin_goes_to_stdout() {
    let output = filter(MESSY.as_bytes(), &[]);
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(0), TIDY));
    assert_eq!(filter(TIDY.as_bytes(), &["--check"]).status.code(), Some(0));
    let output = filter(MESSY.as_bytes(), &["--check"]);
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(1), "<stdin>\n"));
    let output = filter(BROKEN.as_bytes(), &[]);
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(1), ""));
    assert!(err(&output).contains("<stdin>:2:20"), "{}", err(&output));
}

#[test]
fn what_can_not_be_formatted_is_told_before_anything_is_written() {
    let all = folder(&[("a.bank.ron", MESSY), ("notes.ron", "()"), ("empty/notes.txt", "")]);
    let cases: [(&[&str], &str); 5] = [
        (&["a.bank.ron", "b.bank.ron"], "there is no b.bank.ron"),
        (&["a.bank.ron", "notes.ron"], "their names end in .bank.ron and .scene.ron"),
        (&["a.bank.ron", "empty"], "no *.bank.ron or *.scene.ron file in empty"),
        (&["a.bank.ron", "-"], "`-` stands for stdin"),
        (&[], "<PATH>"),
    ];
    for (args, why) in cases {
        let output = fmt(all.path(), args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", err(&output));
        assert!(err(&output).contains(why), "{args:?}: {}", err(&output));
    }
    assert_eq!(read(&all, "a.bank.ron"), MESSY);
}

#[test]
fn a_file_that_is_named_twice_is_formatted_once() {
    let all = folder(&[("a.bank.ron", MESSY)]);
    let output = fmt(all.path(), &["a.bank.ron", ".", "./a.bank.ron"]);
    assert_eq!(out(&output), "formatted a.bank.ron\nok: 1 formatted, 0 as before\n");
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_a_file_keeps_its_mode() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let all = folder(&[("shared/desk.bank.ron", MESSY), ("game/notes.txt", "")]);
    let real = all.path().join("shared/desk.bank.ron");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o664)).expect("a mode");
    symlink("../shared/desk.bank.ron", all.path().join("game/desk.bank.ron")).expect("a link");
    let output = fmt(all.path(), &["game"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(all.path().join("game/desk.bank.ron").is_symlink());
    assert_eq!(read(&all, "shared/desk.bank.ron"), TIDY);
    assert_eq!(fs::metadata(real).expect("a file").permissions().mode() & 0o777, 0o664);
}

#[test]
fn help_shows_how_it_is_called() {
    let output = fmt(Path::new("."), &["--help"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(out(&output).contains("Examples:\n  tonmeister fmt assets\n"), "{}", out(&output));
}
