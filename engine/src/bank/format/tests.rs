//! The layout: what a messy text becomes, what stays, and that it is stable.

mod random;

use super::*;
use crate::bank::syntax::{Kind, Node, Slot};
use std::path::{Path, PathBuf};

#[track_caller]
fn formatted(text: &str) -> String {
    let source = Source::new("test.bank.ron", text);
    format(&source).unwrap_or_else(|findings| panic!("{findings}\n{text}"))
}

/// What a text says: its tree, with the text of every value instead of its place.
fn meaning(text: &str) -> String {
    fn write(text: &str, node: &Node, into: &mut String) {
        let slots = |slots: &[Slot], into: &mut String| {
            for slot in slots {
                if let Some(key) = &slot.key {
                    write(text, key, into);
                    into.push(':');
                }
                write(text, &slot.value, into);
                into.push('|');
            }
        };
        match &node.kind {
            Kind::List(items) => {
                into.push_str("list<");
                slots(items, into);
                into.push('>');
            }
            Kind::Map(items) => {
                into.push_str("map<");
                slots(items, into);
                into.push('>');
            }
            Kind::Group { name, slots: items } => {
                into.push_str(name.as_ref().map_or("", |name| &name.text));
                into.push('<');
                slots(items, into);
                into.push('>');
            }
            _ => into.push_str(&text[node.span.clone()]),
        }
    }
    let tree = parse(text);
    assert!(tree.complete && tree.errors.is_empty(), "{:?}\n{text}", tree.errors);
    let mut words = String::new();
    write(text, &tree.root.unwrap(), &mut words);
    words
}

/// Checks the result, and that it stays as it is and says what the text said.
#[track_caller]
fn check(text: &str, expected: &str) {
    let found = formatted(text);
    assert_eq!(found, expected);
    assert_eq!(formatted(&found), found, "formatting it again changes it");
    assert_eq!(meaning(&found), meaning(text));
}

#[test]
fn a_messy_bank_is_laid_out_and_keeps_every_word() {
    let messy = concat!(
        "\u{feff}// The desk.   \r\n\r\n\r\n\r\n//  Second thoughts.\r\nBank (\r\n\tversion:1 ,buses:{   // all of them\r\n",
        "\r\n   \"music\" : (gain:-6.0,effects:[Eq([Peak(freq:2500,gain:-2.0,q:0.8),LowShelf(freq:100,gain:2)])]),\n",
        "\n\n\n\"ambience\":( ) , /* nothing /* yet */ */\n\"sfx\":(effects:[Compressor(threshold:-18,ratio:3,attack:0.005,\n",
        "release:0.12 // quick\n,key:\"dialogue\"),HighPass(freq:30)],sends:{\"echo\":-12}),\n",
        "\"echo\":(parent:\"ambience\",effects:[Delay(time:0.25),Reverb(rt60:1),Gain(-1),Custom(name:\"crush\",params:{\"bits\":8})]),\n",
        "\"master\":(effects:[Limiter(ceiling:-1),]) // the last\n// and nothing below\n\n},sounds:{\"word\":Clip(file:r#\"vo\\word.ogg\"#),",
        "\"late\":/* why */Clip(file:\"a\\u{e4}.ogg\"),/* before */\"step\":Random(of:[\"s1.ogg\",(\"s2.wav\",0.5)],pitch:(-1,1))})\n\n\n",
        "// The end.",
    );
    let text = formatted(messy);
    insta::assert_snapshot!(text);
    check(messy, &text);
}

#[test]
fn brackets_stay_in_one_line_as_long_as_they_fit() {
    check("Bank( buses :{} )", "Bank(buses: {})\n");
    let inside = "x".repeat(MAX_WIDTH - "Bank(\"\")".len());
    check(&format!("Bank(\"{inside}\")"), &format!("Bank(\"{inside}\")\n"));
    check(&format!("Bank(\"{inside}y\")"), &format!("Bank(\n    \"{inside}y\",\n)\n"));
}

#[test]
fn a_comma_behind_the_last_item_keeps_brackets_open() {
    check("(a: 1, b: 2,)", "(\n    a: 1,\n    b: 2,\n)\n");
    check("(a: [1, 2,], b: 2)", "(\n    a: [\n        1,\n        2,\n    ],\n    b: 2,\n)\n");
}

#[test]
fn a_single_item_in_brackets_opens_with_what_is_around_it() {
    check(
        "Eq([HighPass(freq: 35), Peak(freq: 80),])",
        "Eq([\n    HighPass(freq: 35),\n    Peak(freq: 80),\n])\n",
    );
    check("(effects: [Eq([1,])])", "(effects: [Eq([\n    1,\n])])\n");
    check("Eq([1],)", "Eq(\n    [1],\n)\n");
}

#[test]
fn empty_lines_between_items_stay_and_become_one() {
    check("(\n\n\na: 1,\n\n\n\nb: 2,\nc: 3\n\n)", "(\n    a: 1,\n\n    b: 2,\n    c: 3,\n)\n");
}

#[test]
fn comments_stay_where_they_stand() {
    check(
        "( // open\n// first\na: 1, // one\nb: 2 // two\n, // of b\nc: 3 /* three */)",
        "( // open\n    // first\n    a: 1, // one\n    b: 2, // two\n    // of b\n    c: 3, /* three */\n)\n",
    );
    check("(a: 1, /* b's */ b: 2)", "(\n    a: 1,\n    /* b's */ b: 2,\n)\n");
    check("(a /* 1 */ : // 2\n 1)", "(\n    a /* 1 */: // 2\n        1,\n)\n");
    check("Bank /* 1 */ (a: 1)", "Bank /* 1 */ (\n    a: 1,\n)\n");
    check("[/* nothing */]", "[\n    /* nothing */\n]\n");
    check("/* 1 */ () /* 2 */ // 3\n\n// 4", "/* 1 */ () /* 2 */ // 3\n\n// 4\n");
    check("(a: 1,\n// end (\n\n// more\n)", "(\n    a: 1,\n    // end (\n\n    // more\n)\n");
}

#[test]
fn what_is_inside_of_a_string_stays() {
    check("[\"a\r\n  b\" ,1]", "[\n    \"a\r\n  b\",\n    1,\n]\n");
    check(
        "[r#\"// \"no\" comment\"#,1e-3,+.5,0xFF_u8,'\\'']",
        "[r#\"// \"no\" comment\"#, 1e-3, +.5, 0xFF_u8, '\\'']\n",
    );
    check("// a\r\n/* b\r\n  c */\r\n()\r\n", "// a\n/* b\n  c */\n()\n");
}

#[test]
fn a_text_with_mistakes_is_refused_with_all_of_them() {
    let source =
        Source::new("mix.bank.ron", "Bank(\n    buses: {\"music\" (gain: -6)}\n    events: {},\n)\n");
    let findings = format(&source).expect_err("mistakes").to_string();
    assert!(findings.contains("a colon is missing here\n --> mix.bank.ron:2:20"), "{findings}");
    assert!(findings.contains("a comma is missing here\n --> mix.bank.ron:2:32"), "{findings}");
    assert!(findings.ends_with("2 errors"), "{findings}");
}

#[test]
fn what_the_project_brings_along_is_formatted() {
    fn find(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                find(&entry, found);
            } else if entry.extension().is_some_and(|ending| ending == "ron") {
                found.push(entry);
            }
        }
    }
    let mut paths = Vec::new();
    find(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets"), &mut paths);
    assert!(paths.len() >= 5, "only {} files found", paths.len());
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        check(&text, &text);
    }
}
