//! The bank language as a JSON Schema, draft 2020-12.
//!
//! Lives here: the one mapping from RON's forms to JSON's, and the translation of the engine's description by it.

use serde_json::{Map, Value, json};
use tonmeister::bank::decode::{Field, Rule, Shape};
use tonmeister::bank::reference::{Entry, Topic};
use tonmeister::bank::schema::VERSION;

/// How a bank is written as JSON.
const MAPPING: &str = "What may be written in a *.bank.ron file of Tonmeister. A bank as JSON: \
    the file Bank(…) is the object of its fields. \
    A group (gain: -6) is an object; so is one that may bear its own name, which is left out. \
    A map {\"sfx\": …} is an object and a list […] is an array. \
    A name that chooses is an object with that name as its only key: Clip(file: \"a.ogg\") is \
    {\"Clip\": {\"file\": \"a.ogg\"}}, Level(-40) is {\"Level\": -40}, Eq([…]) is {\"Eq\": […]}. \
    A bare word such as Linear is a string. Values by position, (-2, 0) or (\"step\", 0.5), are an array. \
    What an action concerns may stand first, Stop(\"music\") being {\"Stop\": \"music\"}, and has its name where there is more: \
    Stop(\"music\", fade: 1) is {\"Stop\": {\"event\": \"music\", \"fade\": 1}}. \
    Some(x) is x, and what is None is left out. \
    What the schema can't say, such as names that must exist, `tonmeister check` does.";

/// The schema of everything in `topics`, which is all that there is.
pub fn schema(topics: &[Topic]) -> Value {
    let groups = topics.iter().map(|topic| (topic.name.to_owned(), group(topics, topic, &[])));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("Tonmeister bank, version {VERSION}"),
        "description": MAPPING,
        "$ref": "#/$defs/Bank",
        "$defs": groups.collect::<Map<_, _>>(),
    })
}

/// A group's object, with fields beside its own.
fn group(topics: &[Topic], topic: &Topic, more: &[Field]) -> Value {
    let own = topic.entries.iter().map(|entry| (entry.name.to_owned(), field(topics, entry)));
    let more = more.iter().map(|field| {
        let value = described(value(topics, &Shape::by_rule(&field.rule), &field.rule), field.doc);
        (field.name.to_owned(), value)
    });
    let properties: Map<_, _> = own.chain(more).collect();
    let required: Vec<_> =
        topic.entries.iter().filter(|entry| entry.default.is_none()).map(|entry| entry.name).collect();
    let mut object = json!({
        "type": "object",
        "description": topic.doc,
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    object
}

/// A field with its meaning, unit and default.
fn field(topics: &[Topic], entry: &Entry) -> Value {
    let mut words = entry.doc.to_owned();
    if !entry.unit.is_empty() {
        words += &format!(" In {}.", entry.unit);
    }
    let mut default = None;
    if let Some(text) = &entry.default {
        default = plain(text, &entry.shape);
        if default.is_none() {
            words += &format!(" By default: {text}.");
        }
    }
    let mut value = described(value(topics, &entry.shape, &entry.rule), &words);
    if let Some(default) = default {
        value["default"] = default;
    }
    value
}

/// A default as JSON, where it is a plain value.
fn plain(text: &str, shape: &Shape) -> Option<Value> {
    let number = || text.parse::<f64>().ok().map(Value::from);
    match shape {
        Shape::Number(_) => number(),
        Shape::Whole(_) => text.parse::<u32>().ok().map(Value::from),
        Shape::Switch => text.parse::<bool>().ok().map(Value::from),
        Shape::Words(words) => words.contains(&text).then(|| text.into()),
        _ => None,
    }
}

fn described(mut value: Value, words: &str) -> Value {
    value["description"] = words.trim().into();
    value
}

/// What may stand for a value of that shape.
fn value(topics: &[Topic], shape: &Shape, rule: &Rule) -> Value {
    let inner = |shape: &Shape| value(topics, shape, rule);
    match shape {
        Shape::Any => json!({}),
        Shape::Number(own) => number("number", own.as_ref().unwrap_or(rule)),
        Shape::Whole(own) => {
            let rule = own.as_ref().unwrap_or(rule);
            number("integer", &Rule { range: rule.range.or(Some((0.0, 16_777_216.0))), ..*rule })
        }
        Shape::Switch => json!({"type": "boolean"}),
        Shape::Text => json!({"type": "string"}),
        Shape::Words(words) => json!({"enum": words}),
        Shape::Tuple(parts) => json!({
            "type": "array",
            "prefixItems": parts.iter().map(inner).collect::<Vec<_>>(),
            "minItems": parts.len(),
            "maxItems": parts.len(),
        }),
        Shape::List(item) => json!({"type": "array", "items": inner(item)}),
        Shape::Map(item) => json!({"type": "object", "additionalProperties": inner(item)}),
        Shape::Group(name) => json!({"$ref": format!("#/$defs/{name}")}),
        Shape::Field(group, field) => json!({"$ref": format!("#/$defs/{group}/properties/{field}")}),
        Shape::Extended(name, more) => match topics.iter().find(|topic| topic.name == *name) {
            Some(topic) => group(topics, topic, more),
            None => json!({}),
        },
        Shape::Named(name, inside) => json!({
            "type": "object",
            "properties": {*name: inner(inside)},
            "required": [name],
            "additionalProperties": false,
        }),
        Shape::OneOf(shapes) => json!({"anyOf": shapes.iter().map(inner).collect::<Vec<_>>()}),
    }
}

fn number(kind: &str, rule: &Rule) -> Value {
    match rule.range {
        Some((low, high)) => json!({"type": kind, "minimum": exact(low), "maximum": exact(high)}),
        None => json!({"type": kind}),
    }
}

/// The number as it is written: 0.1, not 0.10000000149.
fn exact(number: f32) -> Value {
    number.to_string().parse::<f64>().map_or(Value::Null, |number| {
        if number.fract() == 0.0 { Value::from(number as i64) } else { Value::from(number) }
    })
}
