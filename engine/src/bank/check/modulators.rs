//! What only the whole project shows of modulators and of what curves go by: names that exist, and mean one thing.

use super::Checker;
use crate::bank::decode::Text;
use crate::bank::diagnostic::suggest;
use crate::bank::schema::{self, Modulator};

impl Checker<'_> {
    pub(super) fn modulators(&mut self) {
        let project = self.project;
        if let Some((_, item)) = project.modulators.iter().nth(schema::MAX_MODULATORS) {
            let message = format!("{} modulators are too many", project.modulators.len());
            let help = Some(format!("a project may have {}", schema::MAX_MODULATORS));
            self.error("too-many", item.file, item.name, message, help);
        }
        for (name, item) in &project.modulators {
            let taken = if schema::RESERVED.contains(name) || schema::BUILT_IN.contains(name) {
                Some((format!("{name:?} is what curves of events know already"), "call it something else"))
            } else {
                let other = [
                    ("level", project.levels.contains_key(name)),
                    ("parameter", project.parameters.contains_key(name)),
                ];
                other.into_iter().find(|(_, taken)| *taken).map(|(what, _)| {
                    let message = format!("{name:?} is already the name of a {what}");
                    (message, "curves go by either: call one of them something else")
                })
            };
            if let Some((message, help)) = taken {
                self.error("duplicate-name", item.file, item.name, message, Some(help.to_owned()));
            }
            if let Some(Modulator::Follow(follow)) = item.value {
                self.bus(item.file, &follow.bus, "unknown-bus");
            }
        }
    }

    /// What a curve of an event goes by: a parameter, a level, a modulator, or something that goes without saying.
    pub(super) fn source(&mut self, file: usize, text: &Text) {
        let project = self.project;
        let named = project.parameters.keys().chain(project.levels.keys()).chain(project.modulators.keys());
        let known = || named.clone().copied().chain(schema::RESERVED).chain(schema::BUILT_IN);
        if self.whole && text.is_given() && !known().any(|name| name == text.value) {
            let help = suggest(&text.value, known(), '"').or_else(|| Some(TO_DECLARE.to_owned()));
            let message = format!("no parameter, level or modulator is called {:?}", text.value);
            self.error("unknown-parameter", file, text, message, help);
        }
    }

    /// What a curve of a bus goes by: a level, a parameter or a modulator that does not need a playback.
    pub(super) fn bus_source(&mut self, file: usize, text: &Text) {
        let project = self.project;
        let named = project.levels.keys().chain(project.parameters.keys()).chain(project.modulators.keys());
        let known = || named.clone().copied();
        if !text.is_given() {
            return;
        }
        if self.whole && !known().any(|name| name == text.value) {
            let (message, help) = if schema::RESERVED.contains(&text.value.as_str())
                || schema::BUILT_IN.contains(&text.value.as_str())
            {
                let message = format!("{:?} is known of a playback, and a bus has none", text.value);
                (message, Some("go by a level, a parameter or a modulator".to_owned()))
            } else {
                let help = suggest(&text.value, known(), '"').or_else(|| Some(TO_DECLARE.to_owned()));
                (format!("no level, parameter or modulator is called {:?}", text.value), help)
            };
            self.error("unknown-level", file, text, message, help);
        }
        let modulator = project.modulators.get(text.value.as_str()).and_then(|item| item.value);
        if let Some(Modulator::Envelope(_)) = modulator {
            let message = format!("the envelope {:?} begins with a playback, and a bus has none", text.value);
            let help = "go by an `Lfo`, a `Walk` or a `Follow`, or let the curves of events go by it";
            self.error("bad-modulator", file, text, message, Some(help.to_owned()));
        }
    }
}

/// Where what is named may be declared.
const TO_DECLARE: &str = "declare it under `parameters`, `levels` or `modulators`";
