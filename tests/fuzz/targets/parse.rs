//! Any text through the parser and the formatter: nothing panics, every place lies in the text, and what was laid out
//! once stays as it is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::ops::Range;
use tonmeister::bank::syntax::{Kind, Node, parse};
use tonmeister::bank::{Source, format};

fuzz_target!(|text: &str| {
    let tree = parse(text);
    for error in &tree.errors {
        in_the_text(text, &error.span);
    }
    if let Some(root) = &tree.root {
        in_order(text, root);
    }
    match format(&Source::new("fuzz.bank.ron", text)) {
        Ok(once) => {
            assert!(tree.complete && tree.errors.is_empty(), "laid out in spite of mistakes");
            match format(&Source::new("fuzz.bank.ron", once.as_str())) {
                Ok(again) => assert_eq!(once, again, "formatting it again changes it"),
                Err(findings) => panic!("what was laid out can't be read:\n{findings}\n{once}"),
            }
        }
        Err(findings) => {
            assert!(findings.has_errors(), "not laid out, and not told why");
            let _ = findings.to_string();
        }
    }
});

fn in_the_text(text: &str, span: &Range<usize>) {
    assert!(text.get(span.clone()).is_some(), "{span:?} is no part of the text");
}

/// Every node lies in the text, and within the node that it is part of.
fn in_order(text: &str, node: &Node) {
    in_the_text(text, &node.span);
    in_the_text(text, &node.head());
    if !matches!(node.kind, Kind::Missing) {
        for slot in node.slots() {
            for part in slot.key.iter().chain([&slot.value]) {
                assert!(node.span.start <= part.span.start && part.span.end <= node.span.end);
                in_order(text, part);
            }
        }
    }
}
