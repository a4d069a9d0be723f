//! Random texts: every value, comment and line break anywhere it may stand.

use super::{MAX_WIDTH, Source, format, formatted, meaning};
use proptest::prelude::*;

/// A value of a random text.
#[derive(Debug, Clone)]
enum Value {
    Atom(&'static str),
    /// The name, the opening and closing mark, the items with their keys, whether a comma ends them.
    Bracket(&'static str, [char; 2], Vec<(Option<Value>, Value)>, bool),
}

const ATOMS: [&str; 12] = [
    "1",
    "-6.0",
    "+1e-3",
    "true",
    "Inverse",
    "\"music\"",
    "\"// no /* comment\"",
    "\"a \\\" (b\\n\"",
    "r#\"raw \"text\" , \"#",
    "'\\''",
    "\"two\n  lines\"",
    "\"as long as a line that tells what is to be heard at this place of the walk\"",
];
const NAMES: [&str; 4] = ["", "", "Peak", "Compressor"];
const FIELDS: [&str; 3] = ["a", "gain", "threshold"];
/// What may stand between two parts; `N` becomes a number of its own in each comment.
const GAPS: [&str; 16] = [
    "",
    " ",
    "",
    " ",
    "",
    "\n",
    "\n\n",
    "\r\n\r\n\r\n",
    "\t",
    "// N\n",
    " // N (\r\n",
    "/* N */",
    " /* N /* in */ */ ",
    "/* N\r\n   goes on */",
    "\n\n/* N */\n\n",
    " // N  \n\n\n  // N\n",
];

fn value() -> impl Strategy<Value = Value> {
    let atom = prop::sample::select(ATOMS.as_slice()).prop_map(Value::Atom);
    atom.prop_recursive(5, 48, 5, |inner| {
        let items = || prop::collection::vec((inner.clone(), inner.clone()), 0..5);
        let name = || prop::sample::select(NAMES.as_slice());
        let field = || prop::sample::select(FIELDS.as_slice());
        let plain = |items: Vec<(Value, Value)>| items.into_iter().map(|(_, item)| (None, item)).collect();
        let keyed =
            |items: Vec<(Value, Value)>| items.into_iter().map(|(key, item)| (Some(key), item)).collect();
        prop_oneof![
            (items(), any::<bool>())
                .prop_map(move |(items, comma)| { Value::Bracket("", ['[', ']'], plain(items), comma) }),
            (items(), any::<bool>())
                .prop_map(move |(items, comma)| { Value::Bracket("", ['{', '}'], keyed(items), comma) }),
            (name(), items(), any::<bool>()).prop_map(move |(name, items, comma)| {
                Value::Bracket(name, ['(', ')'], plain(items), comma)
            }),
            (name(), prop::collection::vec((field(), inner.clone()), 0..5), any::<bool>()).prop_map(
                |(name, items, comma)| {
                    let items = items.into_iter().map(|(key, item)| (Some(Value::Atom(key)), item));
                    Value::Bracket(name, ['(', ')'], items.collect(), comma)
                }
            ),
        ]
    })
}

/// Writes a value with gaps between all its parts.
struct Writer<'a> {
    text: String,
    gaps: std::slice::Iter<'a, &'static str>,
    /// The comments as they are to be found again, in their order.
    comments: Vec<String>,
}

impl Writer<'_> {
    fn gap(&mut self) {
        for part in self.gaps.next().unwrap_or(&"").split_inclusive('N') {
            let Some(before) = part.strip_suffix('N') else {
                self.text.push_str(part);
                continue;
            };
            let number = format!("<{}>", self.comments.len());
            self.text += &format!("{before}{number}");
            self.comments.push(number);
        }
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Atom(text) => self.text.push_str(text),
            Value::Bracket(name, [open, close], items, comma) => {
                if !name.is_empty() {
                    self.text.push_str(name);
                    self.gap();
                }
                self.text.push(*open);
                self.gap();
                for (place, (key, item)) in items.iter().enumerate() {
                    if let Some(key) = key {
                        self.value(key);
                        self.gap();
                        self.text.push(':');
                        self.gap();
                    }
                    self.value(item);
                    self.gap();
                    if *comma || place + 1 < items.len() {
                        self.text.push(',');
                        self.gap();
                    }
                }
                self.text.push(*close);
            }
        }
    }
}

/// A text and its comments.
fn text() -> impl Strategy<Value = (String, Vec<String>)> {
    let gaps = prop::collection::vec(prop::sample::select(GAPS.as_slice()), 0..60);
    (value(), gaps).prop_map(|(value, gaps)| {
        let mut writer = Writer { text: String::new(), gaps: gaps.iter(), comments: Vec::new() };
        writer.gap();
        writer.value(&value);
        writer.gap();
        (writer.text, writer.comments)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn formatting_twice_is_formatting_once((text, _) in text()) {
        let once = formatted(&text);
        prop_assert_eq!(formatted(&once), once);
    }

    #[test]
    fn a_text_says_the_same_before_and_after((text, _) in text()) {
        prop_assert_eq!(meaning(&formatted(&text)), meaning(&text));
    }

    #[test]
    fn every_comment_is_there_once_and_in_its_order((text, comments) in text()) {
        let text = formatted(&text);
        let found: Vec<_> = text.match_indices('<').filter_map(|(at, _)| {
            let end = at + text[at..].find('>')?;
            Some(text[at..=end].to_owned())
        }).collect();
        prop_assert_eq!(found, comments, "{}", text);
    }

    #[test]
    fn lines_end_cleanly_and_are_short_where_they_can_be_broken((text, _) in text()) {
        let text = formatted(&text);
        prop_assert!(text.ends_with('\n') && !text.ends_with("\n\n"));
        prop_assert!(!text.contains("\n\n\n"), "{}", text);
        for line in text.lines() {
            prop_assert!(line == line.trim_end(), "white space ends {:?}", line);
            let nested = line.matches(['(', '[', '{']).count() > 0 && line.matches(", ").count() > 0;
            let plain = !line.contains(['"', '<']);
            prop_assert!(!(nested && plain) || line.chars().count() <= MAX_WIDTH, "{}", line);
        }
    }

    #[test]
    fn nothing_makes_it_panic(text in "[()\\[\\]{},: \n\"'/*r#a1.\\-\u{e9}]{0,40}") {
        let source = Source::new("test.bank.ron", text);
        if let Ok(text) = format(&source) {
            prop_assert_eq!(formatted(&text), text);
        }
    }
}
