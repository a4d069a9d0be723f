//! The bank language described: every group with its fields, what they mean, what may stand in them, and an example.
//!
//! Lives here: the reading of [`groups`], the description that the parser itself goes by, as [`Topic`]s for people.
//! What that description can't know is in `examples`: where a group is written, and values that are no plain
//! number, switch or choice. A test compiles every example. May be named here: the schema, `effects`, `ron`,
//! `serde`. Runs on any thread.

mod examples;
#[cfg(test)]
mod tests;

use super::decode::{Field, Fields, Rule, Shape};
use super::load::Sources;
use super::schema::{self, Group, groups};
use examples::Form;
use serde::de::DeserializeOwned;

/// What belongs together, in the order in which it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The file and the mixing desk: buses, ducking, curves, reverbs.
    Mixing,
    /// Sounds and events.
    Sounds,
    /// Effects of buses.
    Effects,
    /// Bands of an equaliser.
    Bands,
}

impl Part {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Mixing, Self::Sounds, Self::Effects, Self::Bands];

    /// A title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Mixing => "The file and the mixing desk",
            Self::Sounds => "Sounds and events",
            Self::Effects => "Effects",
            Self::Bands => "Bands of an equaliser",
        }
    }
}

/// A group of fields that may be written in a bank.
#[derive(Debug, Clone, PartialEq)]
pub struct Topic {
    /// The group's name.
    pub name: &'static str,
    /// The field of the bank that holds such groups, if one does: `buses` for `Bus`.
    pub section: Option<&'static str>,
    /// With what it belongs together.
    pub part: Part,
    /// What it is, in a sentence or two.
    pub doc: String,
    /// How and where it is written, `…` standing for its fields: `buses: {"sfx": (…)}`.
    pub form: String,
    /// Its fields.
    pub entries: Vec<Entry>,
    /// A field that is given beside any other, because one of several is needed.
    also: &'static str,
}

/// A field of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The name.
    pub name: &'static str,
    /// What it is for.
    pub doc: &'static str,
    /// The unit's symbol, or nothing.
    pub unit: &'static str,
    /// The lowest and highest number, if it holds numbers.
    pub range: Option<(f32, f32)>,
    /// The names to choose from, if it is a choice.
    pub choices: &'static [&'static str],
    /// The default as a designer would write it, or in words; `None` if the field may not be left out.
    pub default: Option<String>,
    /// What may stand in it.
    pub shape: Shape,
    /// Its rule.
    pub rule: Rule,
    /// The field as it may be written, with what it needs beside it: `loop_start: 0.5, looping: true`.
    pub example: String,
}

/// Everything that may be written in a bank, what belongs together side by side.
pub fn topics() -> Vec<Topic> {
    let mut topics: Vec<_> = groups().into_iter().map(topic).collect();
    topics.sort_by_key(|topic| topic.part);
    topics
}

fn topic(group: Group) -> Topic {
    let Group { name, doc, fields, shapes } = group;
    let form = Form::of(name);
    let entries = fields.iter().zip(shapes).map(|(field, shape)| entry(name, field, shape)).collect();
    let doc = sentence(doc);
    Topic { name, section: form.section, part: form.part, doc, form: form.text, entries, also: form.also }
}

fn entry(group: &'static str, field: &Field, shape: Shape) -> Entry {
    let choices = if field.rule.choices.is_empty() { choices(group, field) } else { field.rule.choices };
    let default = field.rule.says.map_or_else(|| examples::default(field), str::to_owned);
    Entry {
        name: field.name,
        doc: field.doc.trim(),
        unit: field.rule.unit,
        range: field.rule.range,
        choices,
        default: (!field.rule.required).then_some(default),
        shape,
        rule: field.rule,
        example: examples::line(group, field, choices),
    }
}

/// A documentation's lines as one.
fn sentence(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Topic {
    /// A project in which such a group stands with these fields, those that it can't do without added: what an
    /// example is tried on.
    pub fn project(&self, entry: &Entry) -> Sources {
        let mut fields = vec![entry.example.as_str()];
        let missing = |fields: &[&str], line: &str| {
            let name = line.split(':').next().unwrap_or(line);
            !line.is_empty() && !fields.iter().any(|field| field.starts_with(&format!("{name}:")))
        };
        let needed = self.entries.iter().filter(|other| other.default.is_none());
        for line in needed.map(|other| other.example.as_str()).chain([self.also]) {
            if missing(&fields, line) {
                fields.push(line);
            }
        }
        let group = self.form.replace('…', &fields.join(", "));
        let bank = if self.name == schema::Bank::NAME { group } else { format!("Bank({group})") };
        Sources::from_texts([("example.bank.ron", bank), ("around.bank.ron", examples::AROUND.to_owned())])
    }
}

/// The names that a choice of bare words has; nothing for any other field.
fn choices(group: &str, field: &Field) -> &'static [&'static str] {
    match (group, field.name, field.default.split("::").next()) {
        (.., Some("Curve")) => names::<schema::Curve>(),
        (.., Some("Combine")) => names::<schema::Combine>(),
        (.., Some("Gauge")) => names::<schema::Gauge>(),
        (.., Some("Scope")) => names::<schema::Scope>(),
        (.., Some("AtEnd")) => names::<schema::AtEnd>(),
        (.., Some("PlayOrder")) => names::<schema::PlayOrder>(),
        (.., Some("Mode")) => names::<schema::Mode>(),
        (.., Some("SnapshotMode")) => names::<schema::SnapshotMode>(),
        (.., Some("TransitionKind")) => names::<schema::TransitionKind>(),
        (.., Some("Steal")) => names::<schema::Steal>(),
        (.., Some("WhenBusy")) => names::<schema::WhenBusy>(),
        ("Event", "virtual", _) => names::<schema::Virtual>(),
        _ => &[],
    }
}

/// What the parser would have accepted instead of a name that there is not.
pub(super) fn names<T: DeserializeOwned>() -> &'static [&'static str] {
    match ron::from_str::<T>("NoSuchName").map_err(|error| error.code) {
        Err(ron::Error::NoSuchEnumVariant { expected, .. }) => expected,
        _ => &[],
    }
}
