//! The reference can't lie: every example goes through the real compiler.

use super::*;
use crate::bank::compile;

#[test]
fn every_example_compiles_without_a_finding() {
    let mut wrong = Vec::new();
    let mut tried = 0;
    for topic in topics() {
        for entry in &topic.entries {
            tried += 1;
            let checked = compile(&topic.project(entry));
            // Names of sounds and the like that nothing uses are no concern of an example.
            if checked.diagnostics.has_errors() {
                wrong.push(format!(
                    "{}.{}: {}\n{}",
                    topic.name, entry.name, entry.example, checked.diagnostics
                ));
            }
        }
    }
    assert!(tried > 200, "only {tried} examples");
    assert!(
        wrong.is_empty(),
        "give these a line in `examples::LINES`, or their group a form:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn everything_is_described_and_every_example_says_more_than_the_default() {
    for topic in topics() {
        assert!(topic.doc.ends_with('.'), "{} has no sentence", topic.name);
        assert_eq!(topic.form.matches('…').count(), 1, "{}", topic.form);
        for entry in &topic.entries {
            let what = format!("{}.{}", topic.name, entry.name);
            assert!(entry.doc.ends_with(['.', ')', '`']), "{what}: {:?} is no sentence", entry.doc);
            assert!(entry.example.starts_with(&format!("{}: ", entry.name)), "{what}: {}", entry.example);
            let default = entry.default.as_ref().map(|default| format!("{}: {default}", entry.name));
            assert!(
                what == "Bank.version" || default.as_ref() != Some(&entry.example),
                "{what}: {}",
                entry.example
            );
            assert!(
                !entry.example.contains("::") && !entry.example.contains("()"),
                "{what}: {}",
                entry.example
            );
            let default = entry.default.as_deref().unwrap_or("");
            assert!(!default.contains("()"), "{what}: {default} means nothing to a designer");
        }
    }
}

#[test]
fn defaults_are_written_as_in_a_bank() {
    let topics = topics();
    let default = |topic: &str, entry: &str| {
        let topic = topics.iter().find(|other| other.name == topic).unwrap();
        topic.entries.iter().find(|other| other.name == entry).unwrap().default.clone()
    };
    let cases = [
        ("Space", "air", Some("20000")),
        ("Space", "occluded", Some("as `Occluded` says")),
        ("Bus", "sends", Some("none")),
        ("Bus", "parent", Some("\"master\"")),
        ("Duck", "curve", Some("Linear")),
        ("Event", "play", Some("nothing")),
        ("Stop", "event", None),
        ("Stop", "fade", Some("the event's fade_out")),
    ];
    for (topic, entry, words) in cases {
        assert_eq!(default(topic, entry).as_deref(), words, "{topic}.{entry}");
    }
}

#[test]
fn choices_are_those_of_the_parser() {
    let topics = topics();
    let choices = |topic: &str, entry: &str| {
        let topic = topics.iter().find(|other| other.name == topic).unwrap();
        topic.entries.iter().find(|other| other.name == entry).unwrap().choices
    };
    assert_eq!(choices("Space", "curve"), ["Inverse", "Linear", "Exponential"]);
    assert_eq!(choices("Target", "curve"), ["Linear", "Smooth", "Fast", "Slow"]);
    assert_eq!(choices("Compressor", "detector"), ["Peak", "Rms"]);
    assert!(choices("Event", "gain").is_empty());
}
