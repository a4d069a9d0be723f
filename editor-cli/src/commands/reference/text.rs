//! The reference as text for a terminal and as Markdown.

use tonmeister::bank::reference::{Entry, Part, Topic};

/// How wide a page is, in characters.
const WIDTH: usize = 96;

/// What holds for every field, told once.
const RULES: &str = "A project is a folder of *.bank.ron files; each holds one Bank(…), and all of them refer to one \
    another's names. A field's name fixes its unit everywhere: gain in dB, time in seconds, frequency in Hz, distance \
    in metres, pitch in semitones, amounts from 0 to 1. Every field without \"needed\" may be left out.";

/// All topics, a sentence each.
pub fn contents(topics: &[&Topic]) -> String {
    let width = topics.iter().map(|topic| topic.name.len()).max().unwrap_or(0) + 2;
    let mut text = wrapped(RULES, 0);
    for part in Part::ALL {
        text += &format!("\n{}:\n", part.title());
        for topic in topics.iter().filter(|topic| topic.part == part) {
            let (first, rest) = hanging(first_sentence(&topic.doc), width + 2);
            text += &format!("  {:<width$}{first}\n{rest}", topic.name);
        }
    }
    text + "\ntonmeister reference TOPIC shows its fields; a section such as `sounds` is a topic, too.\n\
        tonmeister reference guide shows how to begin: ten short steps from a first clip to music.\n"
}

/// One topic with all its fields.
pub fn page(topic: &Topic) -> String {
    let mut text = wrapped(&format!("{}: {}", topic.name, topic.doc), 0);
    text += &format!("\n  {}\n\n", topic.form);
    let width = topic.entries.iter().map(|entry| entry.name.len()).max().unwrap_or(0) + 2;
    let margin = " ".repeat(width + 2);
    for entry in &topic.entries {
        let (first, rest) = hanging(entry.doc, width + 2);
        text += &format!("  {:<width$}{first}\n{rest}", entry.name);
        text += &format!("{margin}{}\n{margin}example: {}\n", values(entry), entry.example);
    }
    text
}

/// The topics as Markdown; `whole` with what holds for all.
pub fn markdown(topics: &[&Topic], whole: bool) -> String {
    let mut text =
        if whole { format!("# The bank language\n\n{}\n", wrapped(RULES, 0)) } else { String::new() };
    for part in Part::ALL {
        let mut of_part = topics.iter().filter(|topic| topic.part == part).peekable();
        if whole && of_part.peek().is_some() {
            text += &format!("## {}\n\n", part.title());
        }
        for topic in of_part {
            text += &format!("### {}\n\n{}\n\n```ron\n{}\n```\n\n", topic.name, topic.doc, topic.form);
            text += "| field | meaning | values | example |\n| --- | --- | --- | --- |\n";
            for entry in &topic.entries {
                let cell = |text: &str| text.replace('|', "\\|");
                let (doc, values) = (cell(entry.doc), cell(&values(entry)));
                text += &format!("| `{}` | {doc} | {values} | `{}` |\n", entry.name, cell(&entry.example));
            }
            text.push('\n');
        }
    }
    text
}

/// What may stand in a field, in words: `-120 to 24 dB, default 0 dB`.
fn values(entry: &Entry) -> String {
    let space = if entry.unit.is_empty() || entry.unit.starts_with(':') { "" } else { " " };
    let unit = format!("{space}{}", entry.unit);
    let mut words = Vec::new();
    if let Some((low, high)) = entry.range {
        words.push(format!("{low} to {high}{unit}"));
    }
    if !entry.choices.is_empty() {
        words.push(entry.choices.join(" | "));
    }
    match &entry.default {
        None => words.push("needed".to_owned()),
        Some(default) if default.parse::<f32>().is_ok() => words.push(format!("default {default}{unit}")),
        Some(default) => words.push(format!("default {default}")),
    }
    words.join(", ")
}

/// The first sentence; a stop inside of a bracket or a number ends none.
fn first_sentence(text: &str) -> &str {
    let mut depth = 0_usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '.' if depth == 0 && text[at..].starts_with(". ") => return &text[..=at],
            _ => {}
        }
    }
    text
}

/// Lines of at most [`WIDTH`] characters with a margin before each.
fn lines(text: &str, margin: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let full = |line: &String| line.chars().count() + 1 + word.chars().count() + margin > WIDTH;
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if !full(line) => *line += &format!(" {word}"),
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn wrapped(text: &str, margin: usize) -> String {
    lines(text, margin).iter().map(|line| format!("{}{line}\n", " ".repeat(margin))).collect()
}

/// The first line as it is, and the lines after it behind a margin.
fn hanging(text: &str, margin: usize) -> (String, String) {
    let mut lines = lines(text, margin).into_iter();
    let first = lines.next().unwrap_or_default();
    (first, lines.map(|line| format!("{}{line}\n", " ".repeat(margin))).collect())
}
