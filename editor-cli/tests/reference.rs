//! `tonmeister reference` from outside.

mod common;

use clap::Parser;
use common::{err, out, tonmeister};
use std::path::Path;
use tempfile::TempDir;

fn reference(args: &[&str]) -> String {
    let output = tonmeister(Path::new("."), &[&["reference"], args].concat());
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", err(&output));
    out(&output)
}

#[test]
fn without_a_topic_all_are_listed_with_a_sentence() {
    let text = reference(&[]);
    for line in [
        "  Bus              A mixing point.\n",
        "  Compressor       A compressor with soft knee, side chain and dry mix.\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 96), "{text}");
}

#[test]
fn a_topic_tells_every_field() {
    insta::assert_snapshot!("reference_space", reference(&["space"]));
    let limiter = reference(&["Limiter"]);
    for words in ["-40 to 0 dB, default -1 dB", "default true", "{\"sfx\": (effects: [Limiter(…)])}"] {
        assert!(limiter.contains(words), "{words}: {limiter}");
    }
}

#[test]
fn a_section_is_a_topic() {
    let text = reference(&["sounds"]);
    assert!(
        text.contains("Clip: One sound file") && text.contains("Random: A choice between sounds"),
        "{text}"
    );
}

#[test]
fn the_guide_is_a_topic_and_fits_a_terminal() {
    let text = reference(&["guide"]);
    for words in ["# 1. A first clip\n", "# 10. Music\n", "play camp/score.scene.ron --watch"] {
        assert!(text.contains(words), "{words}");
    }
    let wide = |line: &&str| line.chars().count() > 100 && !line.starts_with('|');
    assert_eq!(text.lines().filter(wide).collect::<Vec<_>>(), [""; 0]);
    assert_eq!(text, reference(&["Guide", "--format", "markdown"]));
    let json = tonmeister(Path::new("."), &["reference", "guide", "--format", "json"]);
    assert_eq!((json.status.code(), out(&json).as_str()), (Some(2), ""));
    assert!(err(&json).contains("leave `--format json` out"), "{}", err(&json));
}

/// Every command in the guide is one that the command line takes, flags included.
#[test]
fn the_guides_commands_are_taken() {
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let guide = reference(&["guide"]);
    let quoted = guide.split('`').filter(|text| text.starts_with("tonmeister ") && !text.contains('\n'));
    let shown = guide.lines().filter(|line| line.starts_with("tonmeister "));
    let mut seen = 0;
    for line in quoted.chain(shown) {
        let parsed = tonmeister_cli::args::Args::try_parse_from(words(line));
        let help = |error: &clap::Error| error.kind() == clap::error::ErrorKind::DisplayHelp;
        assert!(parsed.as_ref().err().is_none_or(help), "{line}: {}", parsed.unwrap_err());
        seen += 1;
    }
    assert!(seen >= 20, "only {seen} commands found");
}

#[test]
fn an_unknown_topic_is_answered_with_the_nearest() {
    let cases = [
        ("Compresor", "did you mean \"Compressor\"?"),
        ("soundz", "did you mean \"sounds\"?"),
        ("guid", "did you mean \"guide\"?"),
        ("rt60", "that is a field of Preset, Reverb"),
        ("xylophone", "`tonmeister reference` lists all topics"),
    ];
    for (topic, help) in cases {
        let output = tonmeister(Path::new("."), &["reference", topic]);
        assert_eq!((output.status.code(), out(&output).as_str()), (Some(2), ""));
        assert!(err(&output).contains(help), "{topic}: {}", err(&output));
    }
}

#[test]
fn markdown_holds_all_of_it_in_whole_tables() {
    let text = reference(&["--format", "markdown"]);
    for title in ["# The bank language\n", "\n## Effects\n", "\n### Convolution\n"] {
        assert!(text.contains(title), "{title}");
    }
    for row in text.lines().filter(|line| line.starts_with('|')) {
        assert_eq!(row.replace("\\|", "").matches('|').count(), 5, "{row}");
    }
}

/// What a machine reads is what a project may hold: every example, pasted into its form, is taken by `check`.
#[test]
fn examples_of_effects_can_be_pasted_into_a_project() {
    let list: serde_json::Value = serde_json::from_str(&reference(&["--format", "json"])).expect("JSON");
    let text = |value: &serde_json::Value| value.as_str().expect("a string").to_owned();
    let mut buses = String::new();
    for topic in list.as_array().expect("an array").iter().filter(|topic| topic["part"] == "Effects") {
        let fields = topic["fields"].as_array().expect("an array");
        let needed: Vec<_> = fields.iter().filter(|field| field["required"] == true).collect();
        // Sound files and the effects of a game are not here.
        for field in fields.iter().filter(|field| field["name"] != "file" && topic["name"] != "Custom") {
            if needed.iter().any(|needed| needed["name"] == "file") {
                continue;
            }
            let mut lines = vec![text(&field["example"])];
            lines.extend(
                needed
                    .iter()
                    .filter(|other| other["name"] != field["name"])
                    .map(|other| text(&other["example"])),
            );
            let bus = format!("{}.{}", text(&topic["name"]), text(&field["name"]));
            let effect = format!("{}({})", text(&topic["name"]), lines.join(", "));
            buses += &format!("        \"{bus}\": (effects: [{effect}]),\n");
        }
    }
    assert!(buses.lines().count() > 100, "{buses}");
    let folder = TempDir::new().expect("a folder");
    let bank = format!("Bank(\n    buses: {{\n        \"dialogue\": (),\n{buses}    }},\n)\n");
    std::fs::write(folder.path().join("all.bank.ron"), bank).expect("a bank");
    let output = tonmeister(folder.path(), &["check", "."]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
}
