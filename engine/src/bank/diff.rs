//! What changed between two versions of a project, in a designer's words.
//!
//! Lives here: the comparison of two sets of sources by meaning. Comments, layout, the order of entries and
//! fields, the file an entry stands in, and defaults written out are no changes. May be named here: the syntax
//! tree, the schema's description of groups, sources. Runs on any thread.

mod value;

use super::decode::Field;
use super::load::Sources;
use super::schema::{groups, name_first};
use super::syntax::{Kind, Node, Slot, parse};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use value::{Value, bare_name, one_if_even, plain};

/// The sections in the order in which their changes are told, the word for an entry, and its group.
const SECTIONS: [(&str, &str, &str); 11] = [
    ("buses", "bus", "Bus"),
    ("vcas", "vca", "Vca"),
    ("levels", "level", "Level"),
    ("modulators", "modulator", ""),
    ("parameters", "parameter", "Parameter"),
    ("snapshots", "snapshot", "Snapshot"),
    ("states", "states", "States"),
    ("reverbs", "reverb", "Preset"),
    ("sounds", "sound", ""),
    ("queues", "queue", "Queue"),
    ("events", "event", "Event"),
];

/// One thing that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The word for what it is: `bus`, `event`, `ducking by`.
    pub what: &'static str,
    /// Its name.
    pub name: String,
    /// What became of it: `added`, `removed`, or the one value that is another: `gain -6.0 → -9.0 dB`.
    pub change: String,
}

/// One line, such as `bus music: gain -6.0 → -9.0 dB` or `event camp/fire added`.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, name, change } = self;
        let colon = if matches!(change.as_str(), ADDED | REMOVED) { "" } else { ":" };
        write!(f, "{what} {name}{colon} {change}")
    }
}

/// A sound, which says itself which it is.
const SOUND: &str = "Sound";

const ADDED: &str = "added";
const REMOVED: &str = "removed";

/// The changes from one version to another, a line each; see [`changes`].
pub fn diff(old: &Sources, new: &Sources) -> Vec<String> {
    changes(old, new).iter().map(Change::to_string).collect()
}

/// The changes from one version to another. What can't be read is left out; nothing changed gives nothing.
pub fn changes(old: &Sources, new: &Sources) -> Vec<Change> {
    if old.files() == new.files() {
        return Vec::new();
    }
    let (old_trees, new_trees) = (trees(old), trees(new));
    let mut changes = Changes::default();
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
    changes.section(
        &whole(&old_trees, "languages"),
        &whole(&new_trees, "languages"),
        "languages",
        "Languages",
    );
    for (section, word, group) in SECTIONS.into_iter().skip(1) {
        changes.section(&entries(&old_trees, section), &entries(&new_trees, section), word, group);
    }
    changes.found
}

type Tree<'a> = (&'a str, Option<Node>);

fn trees(sources: &Sources) -> Vec<Tree<'_>> {
    let tree = |text: &str| {
        let mut root = parse(text).root?;
        for event in root.field_mut("events").into_iter().flat_map(Node::items_mut) {
            event.field_mut("actions").into_iter().flat_map(Node::items_mut).for_each(name_first);
        }
        Some(root)
    };
    sources.files().iter().map(|file| (file.text(), tree(file.text()))).collect()
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

/// A section that is one group of the project's.
fn whole<'a>(trees: &'a [Tree<'a>], section: &str) -> BTreeMap<String, Value<'a>> {
    let found =
        trees.iter().find_map(|(text, root)| Some(Value { node: root.as_ref()?.field(section)?, text }));
    found.map(|value| ("of the project".to_owned(), value)).into_iter().collect()
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
    groups().into_iter().find(|known| known.name == group).map_or_else(Vec::new, |known| known.fields)
}

/// What was found so far, and what is said of the thing that is looked at.
#[derive(Default)]
struct Changes {
    found: Vec<Change>,
    lines: Vec<String>,
}

impl Changes {
    fn section(
        &mut self,
        old: &BTreeMap<String, Value<'_>>,
        new: &BTreeMap<String, Value<'_>>,
        what: &'static str,
        group: &str,
    ) {
        for name in keys(old, new) {
            match (old.get(name), new.get(name)) {
                (Some(old), Some(new)) => self.value("", *old, *new, group),
                (Some(_), None) => self.lines.push(REMOVED.to_owned()),
                (None, _) => self.lines.push(ADDED.to_owned()),
            }
            let change =
                |line: String| Change { what, name: name.to_owned(), change: line.trim_start().to_owned() };
            self.found.extend(self.lines.drain(..).map(change));
        }
    }

    /// Compares two values at the same place; `path` is what has been said of the place so far.
    fn value(&mut self, path: &str, old: Value<'_>, new: Value<'_>, group: &str) {
        if old.canonical() == new.canonical() {
            return;
        }
        let names = (old.node.name(), new.node.name());
        if !(old.is_group_of_fields() && new.is_group_of_fields()) {
            self.lines.push(format!("{path} {} → {}", old.shown(), new.shown()));
        } else if names.0.is_some() && names.1.is_some() && names.0 != names.1 {
            self.lines.push(format!("{path} {} → {}", names.0.unwrap_or(""), names.1.unwrap_or("")));
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
            ("actions", old, new) => self.list(&format!("{path} action"), old, new),
            ("sends", old, new) => self.map(&format!("{path} send"), old, new, " dB", ""),
            ("curves", old, new) => self.curves(path, old, new),
            ("targets", old, new) => self.map(path, old, new, "", "Target"),
            ("markers", old, new) => self.map(&format!("{path} marker"), old, new, " s", ""),
            ("fallback", old, new) => self.map(&format!("{path} fallback"), old, new, "", ""),
            ("params", old, new) => self.map(path, old, new, "", ""),
            ("line", Some(old), Some(new)) => self.value(&format!("{path} line"), old, new, "Line"),
            ("line", Some(_), None) => self.lines.push(format!("{path} line removed")),
            ("line", None, Some(_)) => self.lines.push(format!("{path} line added")),
            ("space", Some(old), Some(new)) => self.value(&format!("{path} space"), old, new, "Space"),
            ("space", Some(_), None) => self.lines.push(format!("{path} space removed")),
            ("space", None, Some(_)) => self.lines.push(format!("{path} space added")),
            ("of", Some(old), Some(new)) if matches!(new.node.kind, Kind::Map(_)) => {
                self.map(path, Some(old), Some(new), "", SOUND);
            }
            ("of", Some(old), Some(new)) => self.choices(path, old, new),
            ("cases", old, new) => self.map(&format!("{path} case"), old, new, "", SOUND),
            (_, Some(old), Some(new)) if old.is_written_sound() && new.is_written_sound() => {
                self.value(&format!("{path} {name}"), old, new, SOUND);
            }
            (_, old, new) => {
                let default = field.map_or("", |field| field.rule.says.unwrap_or(field.default));
                let meaning = |value: Option<Value<'_>>| {
                    value.map_or_else(|| plain(default), |value| one_if_even(plain(&value.canonical())))
                };
                if meaning(old) != meaning(new) {
                    let shown = |value: Option<Value<'_>>| {
                        value.map_or_else(|| bare_name(default).to_owned(), Value::shown)
                    };
                    let bare = new.is_some_and(|new| new.node.kind != Kind::Number);
                    let unit = field.filter(|_| !bare).map_or("", |field| field.rule.unit);
                    let space = if unit.is_empty() || unit.starts_with(':') { "" } else { " " };
                    self.lines.push(format!("{path} {name} {} → {}{space}{unit}", shown(old), shown(new)));
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
                    self.lines.push(format!("{path} {key} {} → {}{unit}", old.shown(), new.shown()));
                }
                (Some(_), Some(_)) => {}
                (Some(_), None) => self.lines.push(format!("{path} {key} removed")),
                (None, _) => self.lines.push(format!("{path} {key} added")),
            }
        }
    }

    /// Compares the curves of an event; one is known by what it goes by and what it moves.
    fn curves(&mut self, path: &str, old: Option<Value<'_>>, new: Option<Value<'_>>) {
        fn named(value: Option<Value<'_>>) -> BTreeMap<String, Value<'_>> {
            let mut found = BTreeMap::new();
            let Some(value) = value else { return found };
            for node in value.node.items() {
                let name = format!("{} → {}", word(node, "from"), word(node, "property"));
                let same =
                    (1..).map(|number| if number == 1 { name.clone() } else { format!("{name} ({number})") });
                if let Some(name) = same.into_iter().find(|name| !found.contains_key(name)) {
                    found.insert(name, value.of(node));
                }
            }
            found
        }
        let (old, new) = (named(old), named(new));
        for key in keys(&old, &new) {
            match (old.get(key), new.get(key)) {
                (Some(old), Some(new)) => {
                    self.value(&format!("{path} curve {key}"), *old, *new, "EventCurve")
                }
                (Some(_), None) => self.lines.push(format!("{path} curve {key} removed")),
                (None, _) => self.lines.push(format!("{path} curve {key} added")),
            }
        }
    }

    /// Compares what a random sound chooses from; an item is known by what it says.
    fn choices(&mut self, path: &str, old: Value<'_>, new: Value<'_>) {
        let items =
            |value: Value<'_>| value.node.items().map(|node| value.of(node).canonical()).collect::<Vec<_>>();
        let (before, after) = (items(old), items(new));
        let told = self.lines.len();
        // What is written in place and stays in its place, and what it is, is looked into.
        let inside = |place: usize, old: Value<'_>, new: Value<'_>| {
            let same = old.node.name().is_some() && old.node.name() == new.node.name();
            same && !after.contains(&before[place]) && !before.contains(&after[place])
        };
        let pairs = old.node.items().map(|node| old.of(node)).zip(new.node.items().map(|node| new.of(node)));
        let pairs = pairs.enumerate();
        let pairs: Vec<_> = pairs.filter(|(place, (old, new))| inside(*place, *old, *new)).collect();
        for (place, (old, new)) in &pairs {
            let name = new.node.name().unwrap_or("");
            self.value(&format!("{path} {} {name}", place + 1), *old, *new, SOUND);
        }
        let looked_into = |place: &usize| pairs.iter().any(|(other, _)| other == place);
        for (place, gone) in before.iter().enumerate().filter(|(_, item)| !after.contains(item)) {
            if !looked_into(&place) {
                self.lines.push(format!("{path} {gone} removed"));
            }
        }
        for (place, fresh) in after.iter().enumerate().filter(|(_, item)| !before.contains(item)) {
            if !looked_into(&place) {
                self.lines.push(format!("{path} {fresh} added"));
            }
        }
        if before != after && self.lines.len() == told {
            self.lines.push(format!("{path} choices in another order or number"));
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
                self.lines.push(format!("{path} {number} {old_name} → {new_name}"));
            } else if old_name == "Eq" {
                self.list(&format!("{path} {number} Eq band"), old.bands(), new.bands());
                for field in fields_of("Eq").iter().filter(|field| field.name != "bands") {
                    let (old, new) = (old.field(field.name), new.field(field.name));
                    self.field(&format!("{path} {number} Eq"), field.name, Some(field), old, new);
                }
            } else if old_name == "Gain"
                && let (Some(old), Some(new)) = (old.first(), new.first())
            {
                self.lines.push(format!("{path} {number} Gain {} → {} dB", old.shown(), new.shown()));
            } else {
                self.value(&format!("{path} {number} {new_name}"), *old, *new, "");
            }
        }
        let pairs = old_rest.len().min(new_rest.len());
        for (index, value) in old_rest.iter().enumerate().skip(pairs) {
            self.lines.push(format!("{path} {} {} removed", start + index + 1, name(value)));
        }
        for (index, value) in new_rest.iter().enumerate().skip(pairs) {
            self.lines.push(format!("{path} {} {} added", start + index + 1, name(value)));
        }
    }
}
