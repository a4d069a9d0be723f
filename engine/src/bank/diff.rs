//! What changed between two versions of a project, in a designer's words.
//!
//! Lives here: the comparison of two sets of sources by meaning. Comments, layout, the order of entries and
//! fields, the file an entry stands in, and defaults written out are no changes. May be named here: the syntax
//! tree, the schema's description of groups, sources. Runs on any thread.

use super::decode::Field;
use super::load::Sources;
use super::schema::groups;
use super::syntax::{Kind, Node, Slot, parse};
use std::collections::{BTreeMap, BTreeSet};

/// The sections in the order in which their changes are told, the word for an entry, and its group.
const SECTIONS: [(&str, &str, &str); 6] = [
    ("buses", "bus", "Bus"),
    ("vcas", "vca", "Vca"),
    ("levels", "level", "Level"),
    ("reverbs", "reverb", "Preset"),
    ("sounds", "sound", ""),
    ("events", "event", "Event"),
];

/// The changes from one version to another, one line each, such as `bus music: gain -6.0 → -9.0 dB` or
/// `event camp/fire added`. What can't be read is left out; nothing changed gives nothing.
pub fn diff(old: &Sources, new: &Sources) -> Vec<String> {
    if old.files() == new.files() {
        return Vec::new();
    }
    let (old_trees, new_trees) = (trees(old), trees(new));
    let mut changes = Changes(Vec::new());
    for (section, word, group) in SECTIONS.into_iter().take(1) {
        changes.section(&entries(&old_trees, section), &entries(&new_trees, section), word, group);
    }
    let ducking = |trees| rules(trees, "ducking", |rule| word(rule, "trigger").to_owned());
    changes.section(&ducking(&old_trees), &ducking(&new_trees), "ducking by", "Duck");
    let curves = |trees| {
        let name = |curve: &Node| {
            format!("{} → {} {}", word(curve, "from"), word(curve, "to"), word(curve, "property"))
        };
        rules(trees, "curves", name)
    };
    changes.section(&curves(&old_trees), &curves(&new_trees), "curve", "PropertyCurve");
    for (section, word, group) in SECTIONS.into_iter().skip(1) {
        changes.section(&entries(&old_trees, section), &entries(&new_trees, section), word, group);
    }
    changes.0
}

/// A value and the text that it is from.
#[derive(Debug, Clone, Copy)]
struct Value<'a> {
    node: &'a Node,
    text: &'a str,
}

type Tree<'a> = (&'a str, Option<Node>);

fn trees(sources: &Sources) -> Vec<Tree<'_>> {
    sources.files().iter().map(|file| (file.text(), parse(file.text()).root)).collect()
}

/// The entries of a section of all files.
fn entries<'a>(trees: &'a [Tree<'a>], section: &str) -> BTreeMap<String, Value<'a>> {
    let mut found = BTreeMap::new();
    for (text, root) in trees {
        let section = root.as_ref().and_then(|root| root.field(section));
        for slot in section.map_or(&[][..], Node::slots) {
            if let Some(name) = slot.text() {
                found.entry(name.to_owned()).or_insert(Value { node: &slot.value, text });
            }
        }
    }
    found
}

/// The items of a section's list of all files by a name made of their fields; the second of the same name is
/// `name (2)`.
fn rules<'a>(
    trees: &'a [Tree<'a>],
    section: &str,
    name_of: impl Fn(&Node) -> String,
) -> BTreeMap<String, Value<'a>> {
    let mut found = BTreeMap::new();
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for (text, root) in trees {
        for node in root.iter().filter_map(|root| root.field(section)).flat_map(Node::items) {
            let name = name_of(node);
            let number = count.entry(name.clone()).or_default();
            *number += 1;
            let name = if *number == 1 { name } else { format!("{name} ({number})") };
            found.insert(name, Value { node, text });
        }
    }
    found
}

/// A field's string, to name an item by.
fn word<'a>(node: &'a Node, field: &str) -> &'a str {
    node.field(field).and_then(Node::text).unwrap_or("?")
}

/// Every key of two maps, sorted.
fn keys<'a, V>(one: &'a BTreeMap<String, V>, other: &'a BTreeMap<String, V>) -> BTreeSet<&'a str> {
    one.keys().chain(other.keys()).map(String::as_str).collect()
}

fn fields_of(group: &str) -> Vec<Field> {
    groups().into_iter().find(|(name, _)| *name == group).map_or_else(Vec::new, |(_, fields)| fields)
}

impl<'a> Value<'a> {
    fn of(self, node: &'a Node) -> Self {
        Self { node, ..self }
    }

    fn first(self) -> Option<Self> {
        self.node.items().next().map(|node| self.of(node))
    }

    /// The bands of an equaliser in either form.
    fn bands(self) -> Option<Self> {
        if self.is_group_of_fields() { self.field("bands") } else { self.first() }
    }

    fn source(self) -> &'a str {
        self.text.get(self.node.span.clone()).unwrap_or("")
    }

    /// A field's value; `None` is none, and `Some(value)` is the value.
    fn field(self, name: &str) -> Option<Self> {
        let value = self.of(self.node.field(name)?);
        match (&value.node.kind, value.node.name()) {
            (Kind::Word(_), Some("None")) => None,
            (Kind::Group { .. }, Some("Some")) => value.first(),
            _ => Some(value),
        }
    }

    /// One spelling for all that mean the same.
    fn canonical(self) -> String {
        let parts = |sorted: bool| {
            let mut parts: Vec<_> = self
                .node
                .slots()
                .iter()
                .map(|slot| {
                    let key =
                        slot.key.as_ref().map(|key| self.of(key).canonical() + ": ").unwrap_or_default();
                    key + &self.of(&slot.value).canonical()
                })
                .collect();
            if sorted {
                parts.sort();
            }
            parts.join(", ")
        };
        match &self.node.kind {
            Kind::Number => number(self.source()),
            Kind::Word(word) => word.clone(),
            Kind::Str(text) => format!("{text:?}"),
            Kind::Char(letter) => format!("{letter:?}"),
            Kind::List(_) => format!("[{}]", parts(false)),
            Kind::Map(_) => format!("{{{}}}", parts(true)),
            Kind::Group { slots, .. } => {
                let named = slots.iter().all(|slot| slot.key.is_some());
                format!("{}({})", self.node.name().unwrap_or(""), parts(named))
            }
            Kind::Missing => String::new(),
        }
    }

    /// How the value is shown: a number as it was written, the rest in one line.
    fn shown(self) -> String {
        if self.node.kind == Kind::Number { self.source().to_owned() } else { self.canonical() }
    }

    fn is_group_of_fields(self) -> bool {
        match &self.node.kind {
            Kind::Group { slots, .. } => slots.iter().all(|slot| slot.key.is_some()),
            _ => false,
        }
    }
}

/// A number's shortest spelling, so that `-6`, `-6.0` and `-6.00` are one.
fn number(text: &str) -> String {
    match ron::from_str::<f32>(text) {
        Ok(value) => format!("{value}"),
        Err(_) => text.to_owned(),
    }
}

struct Changes(Vec<String>);

impl Changes {
    fn section(
        &mut self,
        old: &BTreeMap<String, Value<'_>>,
        new: &BTreeMap<String, Value<'_>>,
        word: &str,
        group: &str,
    ) {
        for name in keys(old, new) {
            match (old.get(name), new.get(name)) {
                (Some(old), Some(new)) => self.value(&format!("{word} {name}:"), *old, *new, group),
                (Some(_), None) => self.0.push(format!("{word} {name} removed")),
                (None, _) => self.0.push(format!("{word} {name} added")),
            }
        }
    }

    /// Compares two values at the same place; `path` is what has been said of the place so far.
    fn value(&mut self, path: &str, old: Value<'_>, new: Value<'_>, group: &str) {
        if old.canonical() == new.canonical() {
            return;
        }
        let names = (old.node.name(), new.node.name());
        if !(old.is_group_of_fields() && new.is_group_of_fields()) {
            self.0.push(format!("{path} {} → {}", old.shown(), new.shown()));
        } else if names.0.is_some() && names.1.is_some() && names.0 != names.1 {
            self.0.push(format!("{path} {} → {}", names.0.unwrap_or(""), names.1.unwrap_or("")));
        } else {
            let known = fields_of(new.node.name().unwrap_or(group));
            let fields = |value: Value<'_>| -> Vec<String> {
                value.node.slots().iter().filter_map(|slot| slot.word().map(str::to_owned)).collect()
            };
            let mut names: Vec<_> = known.iter().map(|field| field.name.to_owned()).collect();
            for name in fields(old).into_iter().chain(fields(new)) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            for name in names {
                let field = known.iter().find(|field| field.name == name);
                self.field(path, &name, field, old.field(&name), new.field(&name));
            }
        }
    }

    fn field(
        &mut self,
        path: &str,
        name: &str,
        field: Option<&Field>,
        old: Option<Value<'_>>,
        new: Option<Value<'_>>,
    ) {
        match (name, old, new) {
            ("effects", old, new) => self.list(&format!("{path} effect"), old, new),
            ("sends", old, new) => self.map(&format!("{path} send"), old, new, " dB", ""),
            ("targets", old, new) => self.map(path, old, new, "", "Target"),
            ("params", old, new) => self.map(path, old, new, "", ""),
            ("space", Some(old), Some(new)) => self.value(&format!("{path} space"), old, new, "Space"),
            ("space", Some(_), None) => self.0.push(format!("{path} space removed")),
            ("space", None, Some(_)) => self.0.push(format!("{path} space added")),
            ("of", Some(old), Some(new)) => self.choices(path, old, new),
            (_, old, new) => {
                let default = field.map_or("", |field| field.rule.says.unwrap_or(field.default));
                let meaning = |value: Option<Value<'_>>| {
                    value.map_or_else(|| plain(default), |value| plain(&value.canonical()))
                };
                if meaning(old) != meaning(new) {
                    let shown = |value: Option<Value<'_>>| {
                        value.map_or_else(|| bare_name(default).to_owned(), Value::shown)
                    };
                    let bare = new.is_some_and(|new| new.node.kind != Kind::Number);
                    let unit = field.filter(|_| !bare).map_or("", |field| field.rule.unit);
                    let space = if unit.is_empty() || unit.starts_with(':') { "" } else { " " };
                    self.0.push(format!("{path} {name} {} → {}{space}{unit}", shown(old), shown(new)));
                }
            }
        }
    }

    fn map(&mut self, path: &str, old: Option<Value<'_>>, new: Option<Value<'_>>, unit: &str, group: &str) {
        fn entries(value: Option<Value<'_>>) -> BTreeMap<String, Value<'_>> {
            let Some(value) = value else {
                return BTreeMap::new();
            };
            let entry = |slot: &'_ Slot| slot.text().map(str::to_owned);
            value.node.slots().iter().filter_map(|slot| Some((entry(slot)?, value.of(&slot.value)))).collect()
        }
        let (old, new) = (entries(old), entries(new));
        for key in keys(&old, &new) {
            match (old.get(key), new.get(key)) {
                (Some(old), Some(new)) if !group.is_empty() => {
                    self.value(&format!("{path} {key}"), *old, *new, group);
                }
                (Some(old), Some(new)) if old.canonical() != new.canonical() => {
                    self.0.push(format!("{path} {key} {} → {}{unit}", old.shown(), new.shown()));
                }
                (Some(_), Some(_)) => {}
                (Some(_), None) => self.0.push(format!("{path} {key} removed")),
                (None, _) => self.0.push(format!("{path} {key} added")),
            }
        }
    }

    /// Compares what a random sound chooses from; an item is known by what it says.
    fn choices(&mut self, path: &str, old: Value<'_>, new: Value<'_>) {
        let items =
            |value: Value<'_>| value.node.items().map(|node| value.of(node).canonical()).collect::<Vec<_>>();
        let (before, after) = (items(old), items(new));
        let told = self.0.len();
        for gone in before.iter().filter(|item| !after.contains(item)) {
            self.0.push(format!("{path} {gone} removed"));
        }
        for fresh in after.iter().filter(|item| !before.contains(item)) {
            self.0.push(format!("{path} {fresh} added"));
        }
        if before != after && self.0.len() == told {
            self.0.push(format!("{path} choices in another order or number"));
        }
    }

    /// Compares two lists of choices (effects, bands). Items are matched from both ends; what stays in the middle
    /// is compared in pairs, and the rest was added or removed.
    fn list(&mut self, path: &str, old: Option<Value<'_>>, new: Option<Value<'_>>) {
        fn items(value: Option<Value<'_>>) -> Vec<Value<'_>> {
            value.into_iter().flat_map(|value| value.node.items().map(move |node| value.of(node))).collect()
        }
        let (old, new) = (items(old), items(new));
        let same = |(one, other): &(&Value<'_>, &Value<'_>)| one.canonical() == other.canonical();
        let start = old.iter().zip(&new).take_while(same).count();
        let (old_rest, new_rest) = (&old[start..], &new[start..]);
        let end = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(same).count();
        let (old_rest, new_rest) = (&old_rest[..old_rest.len() - end], &new_rest[..new_rest.len() - end]);
        let name = |value: &Value<'_>| value.node.name().unwrap_or("").to_owned();
        for (index, (old, new)) in old_rest.iter().zip(new_rest).enumerate() {
            let number = start + index + 1;
            let (old_name, new_name) = (name(old), name(new));
            if old_name != new_name {
                self.0.push(format!("{path} {number} {old_name} → {new_name}"));
            } else if old_name == "Eq" {
                self.list(&format!("{path} {number} Eq band"), old.bands(), new.bands());
                for field in fields_of("Eq").iter().filter(|field| field.name != "bands") {
                    let (old, new) = (old.field(field.name), new.field(field.name));
                    self.field(&format!("{path} {number} Eq"), field.name, Some(field), old, new);
                }
            } else if old_name == "Gain"
                && let (Some(old), Some(new)) = (old.first(), new.first())
            {
                self.0.push(format!("{path} {number} Gain {} → {} dB", old.shown(), new.shown()));
            } else {
                self.value(&format!("{path} {number} {new_name}"), *old, *new, "");
            }
        }
        let pairs = old_rest.len().min(new_rest.len());
        for (index, value) in old_rest.iter().enumerate().skip(pairs) {
            self.0.push(format!("{path} {} {} removed", start + index + 1, name(value)));
        }
        for (index, value) in new_rest.iter().enumerate().skip(pairs) {
            self.0.push(format!("{path} {} {} added", start + index + 1, name(value)));
        }
    }
}

/// A default without the path that it has in the program and not in a bank.
fn bare_name(text: &str) -> &str {
    text.rsplit("::").next().unwrap_or(text)
}

/// The one spelling of a scalar.
fn plain(text: &str) -> String {
    number(bare_name(text))
}
