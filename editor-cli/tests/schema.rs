//! `tonmeister reference --json-schema`: what it says is what the parser takes.

mod common;

use common::{err, out, tonmeister};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use tonmeister::bank::reference::topics;
use tonmeister::bank::schema::name_first;
use tonmeister::bank::syntax::{Kind, Node, parse};

fn schema() -> Value {
    let output = tonmeister(Path::new("."), &["reference", "--json-schema"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    serde_json::from_str(&out(&output)).expect("JSON")
}

fn root(relative: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(relative)
}

/// A bank's text as JSON, by the mapping that the schema states.
fn as_json(text: &str) -> Value {
    let tree = parse(text);
    assert!(tree.complete && tree.errors.is_empty(), "{text}");
    let root = tree.root.expect("a value");
    assert_eq!(root.name(), Some("Bank"));
    inside(text, &root)
}

fn value(text: &str, node: &Node) -> Value {
    match &node.kind {
        Kind::Group { name: Some(name), .. } if name.text == "Some" => inside(text, node)[0].clone(),
        Kind::Group { name: Some(name), slots } => {
            let mut named = node.clone();
            if slots.len() > 1 {
                name_first(&mut named);
            }
            let mut inside = inside(text, &named);
            // One value by position stands for itself.
            if let Value::Array(values) = &inside
                && let [only] = values.as_slice()
            {
                inside = only.clone();
            }
            Value::Object(Map::from_iter([(name.text.clone(), inside)]))
        }
        Kind::Group { .. } => inside(text, node),
        Kind::List(_) => node.items().map(|item| value(text, item)).collect(),
        Kind::Map(slots) => {
            let entry = |slot: &tonmeister::bank::syntax::Slot| {
                let key: String = ron_string(text, slot.key.as_ref().expect("a key"));
                (key, value(text, &slot.value))
            };
            Value::Object(slots.iter().map(entry).collect())
        }
        Kind::Word(word) if word == "true" || word == "false" => Value::Bool(word == "true"),
        Kind::Word(word) => Value::String(word.clone()),
        // What is no number of JSON's, such as `inf`, stays a word.
        Kind::Number => {
            let text = text[node.span.clone()].trim_start_matches('+');
            text.parse::<f64>().map_or_else(|_| text.into(), Value::from)
        }
        _ => Value::String(ron_string(text, node)),
    }
}

fn ron_string(text: &str, node: &Node) -> String {
    text[node.span.clone()].trim_matches('"').to_owned()
}

/// The fields of a group, or its values by position.
fn inside(text: &str, node: &Node) -> Value {
    let slots = node.slots();
    if slots.iter().any(|slot| slot.key.is_none()) {
        return slots.iter().map(|slot| value(text, &slot.value)).collect();
    }
    let given = slots.iter().filter(|slot| slot.value.name() != Some("None"));
    Value::Object(
        given.map(|slot| (slot.word().expect("a name").to_owned(), value(text, &slot.value))).collect(),
    )
}

/// Why a value is not what a schema says, if it is not: the words of draft 2020-12 that ours uses.
fn wrong(all: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    let object = schema.as_object().expect("a schema is an object");
    object.iter().find_map(|(word, says)| {
        let fail = |good: bool| (!good).then(|| format!("{at}: {value} against {word} {says}"));
        let number = || value.as_f64().filter(|_| says.is_number());
        match word.as_str() {
            "$schema" | "$defs" | "title" | "description" | "default" => None,
            "$ref" => {
                wrong(all, all.pointer(says.as_str()?.trim_start_matches('#')).expect("a target"), value, at)
            }
            "type" => fail(match says.as_str()? {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "boolean" => value.is_boolean(),
                "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
                "number" => value.is_number(),
                other => panic!("no type {other}"),
            }),
            "enum" => fail(says.as_array()?.contains(value)),
            "minimum" => number().and_then(|number| fail(number >= says.as_f64()?)),
            "maximum" => number().and_then(|number| fail(number <= says.as_f64()?)),
            "minItems" => fail(value.as_array()?.len() as u64 >= says.as_u64()?),
            "maxItems" => fail(value.as_array()?.len() as u64 <= says.as_u64()?),
            "items" => value.as_array()?.iter().find_map(|item| wrong(all, says, item, &format!("{at}[]"))),
            "prefixItems" => {
                let pairs = says.as_array()?.iter().zip(value.as_array()?);
                pairs.enumerate().find_map(|(n, (says, item))| wrong(all, says, item, &format!("{at}[{n}]")))
            }
            "required" => {
                fail(says.as_array()?.iter().all(|name| value.get(name.as_str().expect("a name")).is_some()))
            }
            "properties" => says
                .as_object()?
                .iter()
                .find_map(|(name, says)| wrong(all, says, value.get(name)?, &format!("{at}.{name}"))),
            "additionalProperties" => {
                let known = |name: &str| schema["properties"].get(name).is_some();
                value.as_object()?.iter().filter(|(name, _)| !known(name)).find_map(|(name, value)| {
                    if says == false {
                        return Some(format!("{at}: there is no {name}"));
                    }
                    wrong(all, says, value, &format!("{at}.{name}"))
                })
            }
            "anyOf" => {
                let ways: Vec<_> = says.as_array()?.iter().map(|says| wrong(all, says, value, at)).collect();
                ways.iter()
                    .all(Option::is_some)
                    .then(|| format!("{:?}", ways.into_iter().flatten().collect::<Vec<_>>()))
            }
            other => panic!("nobody knows the word {other}"),
        }
    })
}

fn fault(schema: &Value, bank: &str) -> Option<String> {
    wrong(schema, schema, &as_json(bank), "Bank")
}

/// Every schema within a schema.
fn walk(value: &Value, each: &mut impl FnMut(&Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            each(object);
            object.values().for_each(|value| walk(value, each));
        }
        Value::Array(values) => values.iter().for_each(|value| walk(value, each)),
        _ => {}
    }
}

#[test]
fn every_group_and_field_is_there_with_its_rule_and_its_words() {
    let schema = schema();
    let groups = schema["$defs"].as_object().expect("groups");
    let topics = topics();
    assert_eq!(groups.len(), topics.len());
    for topic in &topics {
        let group = &groups[topic.name];
        assert_eq!(group["description"].as_str(), Some(topic.doc.as_str()));
        let fields = group["properties"].as_object().expect("fields");
        assert_eq!(fields.len(), topic.entries.len(), "{}", topic.name);
        for entry in &topic.entries {
            let (what, field) = (format!("{}.{}", topic.name, entry.name), &fields[entry.name]);
            let words = field["description"].as_str().expect("words");
            assert!(words.starts_with(entry.doc), "{what}: {words}");
            let needed = group["required"]
                .as_array()
                .is_some_and(|needed| needed.iter().any(|name| name == entry.name));
            assert_eq!(needed, entry.default.is_none(), "{what}");
            // Somewhere in it, whatever the form, stand the rule's own ends.
            if let Some((low, high)) = entry.range {
                let mut ranges = Vec::new();
                walk(field, &mut |object| {
                    if let (Some(low), Some(high)) = (object.get("minimum"), object.get("maximum")) {
                        ranges.push((
                            low.as_f64().expect("a number") as f32,
                            high.as_f64().expect("a number") as f32,
                        ));
                    }
                });
                assert_eq!(ranges.first(), Some(&(low, high)), "{what}: {field}");
            }
            if !entry.choices.is_empty() {
                assert_eq!(field["enum"], serde_json::json!(entry.choices), "{what}");
            }
            // A field of which nobody says what stands in it has nothing but words.
            let says = field
                .as_object()
                .expect("a schema")
                .keys()
                .any(|word| word != "description" && word != "default");
            assert!(says, "{what} has no shape: give its type a `Read::shape`");
        }
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_default_is_valid() {
    let schema = schema();
    let mut references = 0;
    walk(&schema, &mut |object| {
        if let Some(target) = object.get("$ref").and_then(Value::as_str) {
            references += 1;
            assert!(schema.pointer(target.trim_start_matches('#')).is_some(), "{target} leads nowhere");
        }
        if let Some(default) = object.get("default").filter(|default| !default.is_object()) {
            assert_eq!(wrong(&schema, &Value::Object(object.clone()), default, "default"), None);
        }
    });
    assert!(references > 60, "{references}");
}

#[test]
fn banks_that_are_good_are_valid_and_so_is_every_example() {
    let schema = schema();
    let mut banks = 0;
    for folder in ["assets/demo", "editor-cli/src/commands/new"] {
        for path in
            std::fs::read_dir(root(folder)).expect("a folder").map(|entry| entry.expect("an entry").path())
        {
            if path.to_string_lossy().ends_with(".bank.ron") {
                let text = std::fs::read_to_string(&path).expect("a text");
                assert_eq!(fault(&schema, &text), None, "{}", path.display());
                banks += 1;
            }
        }
    }
    assert_eq!(banks, 6);
    for topic in topics() {
        for entry in &topic.entries {
            for source in topic.project(entry).files() {
                assert_eq!(
                    fault(&schema, source.text()),
                    None,
                    "{}.{}\n{}",
                    topic.name,
                    entry.name,
                    source.text()
                );
            }
        }
    }
}

#[test]
fn what_the_parser_refuses_by_its_rules_is_not_valid() {
    let schema = schema();
    for name in ["out_of_range", "unknown_field", "unknown_variant", "missing_field", "wrong_type"] {
        let text =
            std::fs::read_to_string(root(&format!("tests/bad_banks/{name}.bank.ron"))).expect("a text");
        assert!(fault(&schema, &text).is_some(), "{name} is valid");
    }
    let all_forms = r#"Bank(
        buses: {"a": (effects: [Gain(-3), Gain(gain: -3), Eq([Notch(freq: 50)]), HighPass(freq: 80, bypass: true), Compressor(key: Pre("b"))], sends: {"b": -6, "c": (pre: true)})},
        sounds: {"s": Random(of: ["a.ogg", ("b.ogg", 2), (play: "c.ogg", weight: 3)], gain: (-3, 0))},
        ducking: [(trigger: "b", by: Activity, targets: {"a": (depth: 3)}), (trigger: "b", by: Level(-30), targets: {})],
        snapshots: {"quiet": (mode: Blend, set: {"a": {"gain": -12}}, vcas: {"all": -6})},
        events: {
            "e": (play: "s", bus: Some("a"), space: None, limit: (max: 2)),
            "score": (play: Music(
                segments: {"x": (play: "x.ogg", markers: {"solo": 8}), "y": (play: Layer(of: ["y.ogg", Tone(freq: 220)]))},
                parts: {"one": "x", "two": ["x", ("y", 2), ["y"], (of: ["x"], repeat: 3)], "three": (of: ["x"], order: Shuffle)},
                transitions: [(at: Marker("solo"), into: SameTime), (at: Beat)],
            )),
            "end": (actions: [Stop("score"), Stop("e", fade: 1), Set("rpm", to: 3), StopAll()]),
        },
    )"#;
    assert_eq!(fault(&schema, all_forms), None);
    for (good, bad) in [
        ("Gain(-3)", "Gain(-300)"),
        ("Gain(-3)", "Gian(-3)"),
        ("(\"b.ogg\", 2)", "(\"b.ogg\", 2, 3)"),
        ("(\"b.ogg\", 2)", "(\"b.ogg\", 0)"),
        ("bypass: true", "bypass: 1"),
        ("Pre(\"b\")", "Past(\"b\")"),
        ("gain: (-3, 0)", "gain: (-3, 0, 3)"),
        ("gain: (-3, 0)", "gain: -300"),
        ("mode: Blend", "mode: Blended"),
        ("\"gain\": -12", "\"gain\": \"low\""),
        ("Tone(freq: 220)", "Tone(freq: 220, file: \"a.ogg\")"),
        ("(\"y\", 2)", "(\"y\", 0)"),
        ("[\"y\"]", "[3]"),
        ("repeat: 3", "repeat: 3.5"),
        ("Marker(\"solo\")", "Marker(8)"),
        ("SameTime", "SomeTime"),
        ("Stop(\"score\")", "Stop()"),
        ("fade: 1", "fades: 1"),
        ("Set(\"rpm\", to: 3)", "Set(\"rpm\")"),
        ("max: 2", "max: 2.5"),
        ("max: 2", "steal: Oldest"),
        ("Level(-30)", "Level(3)"),
        ("by: Activity", "by: Level"),
    ] {
        assert!(fault(&schema, &all_forms.replacen(good, bad, 1)).is_some(), "{bad} is valid");
    }
}
