//! What only the whole project shows: names that exist, names given twice, circles, paths that lead out.
//!
//! Lives here: the checks of a whole project. May be named here: the project, the schema, diagnostics. Runs on any thread.

mod actions;
mod doubts;
mod languages;
mod lasts;
mod modulators;
mod music;
mod sounds;
mod states;

pub(super) use states::range;

pub use doubts::doubts;

use super::compile::chain;
use super::decode::Text;
use super::diagnostic::{Diagnostic, Diagnostics, suggest};
use super::graph::order_and_circles;
use super::place::Place;
use super::project::{File, Project};
use super::property::resolve;
use super::schema;
use std::collections::{BTreeMap, BTreeSet};

/// What the checks found out on the way.
#[derive(Debug, Default)]
pub struct Facts {
    /// The order in which buses are rendered; without meaning if there are errors.
    pub order: Vec<usize>,
    /// The well-formed paths of sound files and where they are named.
    pub media: BTreeMap<String, Vec<Place>>,
    /// The files that are only heard in a language for which another stands in, and that language.
    pub spare: BTreeMap<String, String>,
}

/// Whether a string means a sound file rather than a sound.
pub fn is_path(text: &str) -> bool {
    let ending = text.rsplit_once('.').map_or("", |(_, ending)| ending);
    ending.eq_ignore_ascii_case("ogg") || ending.eq_ignore_ascii_case("wav")
}

/// Checks the project. Names are only called unknown if every file is `whole`.
pub fn check(project: &Project<'_>, files: &[File<'_>], whole: bool, diagnostics: &mut Diagnostics) -> Facts {
    let mut checker = Checker {
        project,
        files,
        whole,
        diagnostics,
        edges: Vec::new(),
        sound_ids: project.sounds.keys().enumerate().map(|(id, name)| (*name, id)).collect(),
        sound_edges: Vec::new(),
        used: BTreeSet::new(),
        facts: Facts::default(),
    };
    checker.buses();
    checker.ducking();
    checker.modulators();
    checker.curves();
    checker.parameters();
    checker.states();
    checker.sounds();
    checker.events();
    checker.actions();
    checker.spare();
    checker.circles();
    checker.unused();
    checker.facts
}

/// A step of a circle in a sentence.
fn words(why: &str) -> &'static str {
    match why {
        "parent" => "this parent",
        "send" => "this send",
        "sidechain key" => "this key",
        _ => "this ducking target",
    }
}

/// One reason why something comes before something else.
struct Edge<'a> {
    from: usize,
    to: usize,
    why: &'static str,
    file: usize,
    text: &'a Text,
}

struct Checker<'a> {
    project: &'a Project<'a>,
    files: &'a [File<'a>],
    whole: bool,
    diagnostics: &'a mut Diagnostics,
    edges: Vec<Edge<'a>>,
    sound_ids: BTreeMap<&'a str, usize>,
    sound_edges: Vec<Edge<'a>>,
    used: BTreeSet<&'a str>,
    facts: Facts,
}

impl<'a> Checker<'a> {
    fn place(&self, file: usize, text: &Text) -> Place {
        self.files[file].0.place(text.span.clone())
    }

    fn error(&mut self, code: &'static str, file: usize, text: &Text, message: String, help: Option<String>) {
        let error = Diagnostic { help, ..Diagnostic::error(code, self.place(file, text), message) };
        self.diagnostics.push(error);
    }

    fn warn(&mut self, code: &'static str, file: usize, text: &Text, message: String, help: &str) {
        let warning = Diagnostic::warning(code, self.place(file, text), message).help(help);
        self.diagnostics.push(warning);
    }

    /// The id of a bus that is named; says so if there is none.
    fn bus(&mut self, file: usize, text: &Text, code: &'static str) -> Option<usize> {
        let project = self.project;
        let found = project.bus_ids.get(&text.value).copied();
        if found.is_none() && self.whole && text.is_given() {
            let help = suggest(&text.value, project.bus_names.iter().map(String::as_str), '"');
            self.error(code, file, text, format!("no bus is called {:?}", text.value), help);
        }
        found
    }

    fn edge(&mut self, from: usize, to: usize, why: &'static str, file: usize, text: &'a Text) {
        self.edges.push(Edge { from, to, why, file, text });
    }

    fn buses(&mut self) {
        let project = self.project;
        if project.bus_ids.len() > schema::MAX_BUSES
            && let Some((_, item)) = project.buses.iter().next_back()
        {
            let message = format!("{} buses and reverb returns are too many", project.bus_ids.len());
            let help = Some(format!("a project may have {}", schema::MAX_BUSES));
            self.error("too-many", item.file, item.name, message, help);
        }
        for (name, item) in &project.buses {
            let (Some(bus), Some(&own)) = (item.value, project.bus_ids.get(*name)) else {
                continue;
            };
            let file = item.file;
            match &bus.parent {
                Some(parent) if *name == "master" => {
                    let help = Some("everything ends in it; leave `parent` out".to_owned());
                    self.error("master-parent", file, parent, "the master has no parent".to_owned(), help);
                }
                Some(parent) => {
                    if let Some(parent_id) = self.bus(file, parent, "unknown-bus") {
                        self.edge(own, parent_id, "parent", file, parent);
                    }
                }
                None if *name != "master" => self.edge(own, 0, "parent", file, item.name),
                None => {}
            }
            for (send, schema::Sent(sent)) in &bus.sends.0 {
                if let Some(target) = self.bus(file, send, "unknown-bus")
                    && !sent.delayed
                {
                    self.edge(own, target, "send", file, send);
                }
            }
            for effect in &bus.effects {
                if let Some(key) = &effect.common.key
                    && let Some(key_id) = self.bus(file, &key.bus, "unknown-key")
                    && !key.delayed
                {
                    self.edge(key_id, own, "sidechain key", file, &key.bus);
                }
                if let Some(path) = &effect.common.file {
                    self.media(file, path);
                }
            }
        }
        for item in project.vcas.values() {
            for bus in item.value.iter().flat_map(|vca| &vca.buses) {
                self.bus(item.file, bus, "unknown-bus");
            }
        }
        for (name, item) in &project.reverbs {
            let (Some(preset), Some(&own)) = (item.value, project.bus_ids.get(&format!("reverb/{name}")))
            else {
                continue;
            };
            let parent = preset.bus.as_ref();
            let parent_id = parent.map_or(Some(0), |parent| self.bus(item.file, parent, "unknown-bus"));
            if let Some(parent_id) = parent_id {
                self.edge(own, parent_id, "parent", item.file, parent.unwrap_or(item.name));
            }
        }
    }

    fn ducking(&mut self) {
        if let Some(&(file, rule)) = self.project.ducking.get(schema::MAX_RULES) {
            let message = format!("{} ducking rules are too many", self.project.ducking.len());
            let help = Some(format!("a project may have {}", schema::MAX_RULES));
            self.error("too-many", file, &rule.trigger, message, help);
        }
        for &(file, rule) in &self.project.ducking {
            let trigger = self.bus(file, &rule.trigger, "unknown-bus");
            for (target, _) in &rule.targets.0 {
                if *target.value == *rule.trigger.value && rule.trigger.is_given() {
                    let message = format!("the rule would duck its own trigger {:?}", target.value);
                    let help = "give `targets` the buses that step back for it".to_owned();
                    self.error("duck-self", file, target, message, Some(help));
                } else if let (Some(target_id), Some(trigger)) =
                    (self.bus(file, target, "unknown-bus"), trigger)
                {
                    self.edge(trigger, target_id, "duck", file, target);
                }
            }
        }
    }

    fn curves(&mut self) {
        let project = self.project;
        if let Some((_, item)) = project.levels.iter().nth(schema::MAX_LEVELS) {
            let message = format!("{} levels are too many", project.levels.len());
            let help = Some(format!("a project may have {}", schema::MAX_LEVELS));
            self.error("too-many", item.file, item.name, message, help);
        }
        for item in project.levels.values() {
            if let Some(level) = item.value {
                self.bus(item.file, &level.bus, "unknown-bus");
            }
        }
        for &(file, curve) in &project.curves {
            self.bus_source(file, &curve.from);
            if self.bus(file, &curve.to, "unknown-bus").is_none() || !curve.property.is_given() {
                continue;
            }
            let name = curve.to.value.as_str();
            let bus = project.buses.get(name).and_then(|item| item.value);
            let sends: Vec<_> =
                bus.iter().flat_map(|bus| &bus.sends.0).map(|(to, _)| to.value.as_str()).collect();
            if let Err(unknown) = resolve(&curve.property.value, &chain(project, name), &sends) {
                self.error("unknown-property", file, &curve.property, unknown.message, unknown.help);
            }
        }
    }

    fn circles(&mut self) {
        let buses = self.project.bus_names.len();
        let ends =
            |edges: &[&Edge<'_>]| -> Vec<_> { edges.iter().map(|edge| (edge.from, edge.to)).collect() };
        let name = |id: usize| self.project.bus_names[id].as_str();
        let mut found = Vec::new();

        // Circles of parents come first; what else goes in a circle is only told apart from them.
        let parents: Vec<_> = self.edges.iter().filter(|edge| edge.why == "parent").collect();
        let (_, circles) = order_and_circles(buses, &ends(&parents));
        let mut open: Vec<_> = self.edges.iter().collect();
        for circle in circles {
            let circle: Vec<_> = circle.into_iter().map(|edge| parents[edge]).collect();
            open.retain(|edge| !circle.last().is_some_and(|last| std::ptr::eq(*edge, *last)));
            found.push(self.circle("bus-cycle", "buses are each other's parents", &circle, name));
        }
        let (order, circles) = order_and_circles(buses, &ends(&open));
        for circle in circles {
            let circle: Vec<_> = circle.into_iter().map(|edge| open[edge]).collect();
            found.push(self.circle("routing-cycle", "buses wait for each other", &circle, name));
        }
        self.facts.order = order;

        let edges: Vec<_> = self.sound_edges.iter().collect();
        let sounds: Vec<_> = self.project.sounds.keys().collect();
        let (order, circles) = order_and_circles(sounds.len(), &ends(&edges));
        let no_circle = circles.is_empty();
        for circle in circles {
            let circle: Vec<_> = circle.into_iter().map(|edge| edges[edge]).collect();
            found.push(self.circle("sound-cycle", "sounds play each other", &circle, |id| sounds[id]));
        }
        found.into_iter().for_each(|error| self.diagnostics.push(error));
        if no_circle {
            self.sizes(&order);
            self.lasting();
        }
    }

    fn circle<'n>(
        &self,
        code: &'static str,
        what: &str,
        circle: &[&Edge<'_>],
        name: impl Fn(usize) -> &'n str,
    ) -> Diagnostic {
        let mut path = circle.first().map(|edge| format!("{:?}", name(edge.from))).unwrap_or_default();
        const SHOWN: usize = 12;
        if circle.len() > SHOWN {
            path.push_str(&format!(" -> … {} more", circle.len() - SHOWN));
        }
        for edge in circle.iter().skip(circle.len().saturating_sub(SHOWN)) {
            path.push_str(&format!(" -> {:?} ({})", name(edge.to), edge.why));
        }
        // The last step that is written down is where to cut; a parent that goes without saying is not.
        let cut = circle.iter().rev().find(|edge| edge.why != "parent").or(circle.last());
        let (place, help) = match cut {
            Some(edge) => (
                self.place(edge.file, edge.text),
                match edge.why {
                    "send" => format!(
                        "take away {} or another step of the circle, or let it come a block late: `(gain: …, delayed: true)`",
                        words(edge.why)
                    ),
                    "sidechain key" => format!(
                        "take away {} or another step of the circle, or let it come a block late: `Delayed(\"…\")`",
                        words(edge.why)
                    ),
                    why => format!("take away {} or another step of the circle", words(why)),
                },
            ),
            None => return Diagnostic::error(code, self.files[0].0.place(0..0), what),
        };
        let help = match code {
            "sound-cycle" => "take one of them out of the other".to_owned(),
            "event-cycle" => "take one of them out, or give one a `delay` of at least 0.01 s".to_owned(),
            _ => help,
        };
        let mut error = Diagnostic::error(code, place, format!("{what} in a circle: {path}")).help(help);
        let others = circle.iter().filter(|edge| !cut.is_some_and(|cut| std::ptr::eq(*cut, **edge)));
        for edge in others.take(SHOWN) {
            let (from, to) = (name(edge.from), name(edge.to));
            let label = match edge.why {
                "parent" => format!("{to:?} is the parent of {from:?}"),
                "send" => format!("{from:?} sends to {to:?}"),
                "sidechain key" => format!("{from:?} is the key of {to:?}"),
                "duck" => format!("{from:?} ducks {to:?}"),
                "posts" => format!("{from:?} posts {to:?}"),
                _ => format!("{from:?} plays {to:?}"),
            };
            error = error.related(label, &self.place(edge.file, edge.text));
        }
        error
    }

    fn unused(&mut self) {
        // While there are errors, what is meant to play a sound may be among them.
        if !self.whole || self.diagnostics.has_errors() {
            return;
        }
        for (name, item) in self.project.sounds.iter().filter(|(name, _)| !self.used.contains(**name)) {
            let place = self.files[item.file].0.place(item.name.span.clone());
            let message = format!("no event and no other sound plays {name:?}");
            self.diagnostics.push(Diagnostic::warning("unused-sound", place, message));
        }
    }
}
