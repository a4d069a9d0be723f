//! What only the whole project shows of actions: what they name is there, and no circle of posts takes no time.

use super::{Checker, Edge};
use crate::bank::decode::Text;
use crate::bank::diagnostic::{Diagnostic, suggest};
use crate::bank::graph::order_and_circles;
use crate::bank::schema::{self, Action, Event, Initial, Modulator, Sound};
use std::collections::BTreeSet;

/// A circle of events that post each other must take at least this long in one of its steps, in seconds.
const CIRCLE_TAKES: f32 = 0.01;

/// How many posts one post may come to at once.
const MAX_POSTS: u64 = 256;

impl<'a> Checker<'a> {
    pub(super) fn actions(&mut self) {
        let project = self.project;
        let names: Vec<&str> = project.events.keys().copied().collect();
        let stingers = project.stingers();
        let mut posts = Vec::new();
        for (own, item) in project.events.values().enumerate() {
            for action in item.value.iter().flat_map(|event| &event.actions) {
                let file = item.file;
                if let Some(bus) = action.bus() {
                    self.bus(file, bus, "unknown-bus");
                }
                if let Action::Set(set) = action {
                    self.setting(file, set);
                }
                match action {
                    Action::SetSnapshot(set) => self.snapshot(file, &set.snapshot),
                    Action::TriggerStinger(trigger) => self.stinger(file, &trigger.stinger, &stingers),
                    _ => {}
                }
                let Some(text) = action.event() else { continue };
                match names.binary_search(&text.value.as_str()).ok() {
                    None => self.unknown_event(file, text, &names),
                    Some(to) if matches!(action, Action::Post(_)) && action.delay() < CIRCLE_TAKES => {
                        posts.push(Edge { from: own, to, why: "posts", file, text });
                    }
                    Some(to) => self.on_what_plays(file, action, text, project.events[names[to]].value),
                }
            }
        }
        let ends: Vec<_> = posts.iter().map(|edge| (edge.from, edge.to)).collect();
        let (order, circles) = order_and_circles(names.len(), &ends);
        let found: Vec<_> = circles
            .iter()
            .map(|circle| {
                let circle: Vec<_> = circle.iter().map(|&edge| &posts[edge]).collect();
                self.circle("event-cycle", "events post each other", &circle, |id| names[id])
            })
            .collect();
        if found.is_empty() {
            self.too_many_posts(&order, &posts);
        }
        found.into_iter().for_each(|error| self.diagnostics.push(error));
    }

    fn stinger(&mut self, file: usize, text: &Text, known: &BTreeSet<&str>) {
        if self.whole && text.is_given() && !known.contains(text.value.as_str()) {
            let help = suggest(&text.value, known.iter().copied(), '"');
            let help = help.or_else(|| Some("give a `Music` such a stinger".to_owned()));
            let message = format!("no music has a stinger called {:?}", text.value);
            self.error("unknown-stinger", file, text, message, help);
        }
    }

    fn unknown_event(&mut self, file: usize, text: &Text, names: &[&str]) {
        if self.whole && text.is_given() {
            let help = suggest(&text.value, names.iter().copied(), '"');
            self.error("unknown-event", file, text, format!("no event is called {:?}", text.value), help);
        }
    }

    /// Most actions are for what plays: an event that only acts has nothing for them.
    fn on_what_plays(&mut self, file: usize, action: &Action, text: &Text, event: Option<&Event>) {
        let silent = event.is_some_and(|event| event.play.is_none());
        let holds =
            matches!(action, Action::Post(_) | Action::Stop(_) | Action::Pause(_) | Action::Resume(_));
        if silent && !holds {
            let message = format!("{:?} plays nothing itself, so this does nothing", text.value);
            self.warn("idle-action", file, text, message, "name the event that plays what is meant");
        }
        if matches!(action, Action::Release(_))
            && event.is_some_and(|event| event.play.is_some() && !self.has_envelopes(event))
        {
            let message = format!("{:?} has no envelope, so there is nothing to let go", text.value);
            let help = "let its `curves` go by an `Envelope`, or write `Stop`";
            self.warn("idle-action", file, text, message, help);
        }
    }

    /// Whether anything of an event goes by an envelope: its curves, or blends among what it plays.
    fn has_envelopes(&self, event: &Event) -> bool {
        let project = self.project;
        let envelope = |name: &Text| {
            let modulator = project.modulators.get(name.value.as_str());
            matches!(modulator.and_then(|item| item.value), Some(Modulator::Envelope(_)))
        };
        let mut open: Vec<&str> = event.play.iter().map(|play| play.name.value.as_str()).collect();
        let mut seen = BTreeSet::new();
        while let Some(name) = open.pop() {
            let Some(sound) = project.sounds.get(name).and_then(|item| item.value) else { continue };
            if seen.insert(name) {
                if matches!(sound, Sound::Blend(blend) if envelope(&blend.on)) {
                    return true;
                }
                open.extend(sound.plays().into_iter().map(|play| play.name.value.as_str()));
            }
        }
        event.curves.iter().any(|curve| envelope(&curve.from))
    }

    /// A parameter and what it is set to.
    fn setting(&mut self, file: usize, set: &schema::Set) {
        let project = self.project;
        if !set.parameter.is_given() {
            return;
        }
        let Some(item) = project.parameters.get(set.parameter.value.as_str()) else {
            if self.whole {
                let help = suggest(&set.parameter.value, project.parameters.keys().copied(), '"');
                let help = help.or_else(|| Some("declare it under `parameters`".to_owned()));
                let message = format!("no parameter is called {:?}", set.parameter.value);
                self.error("unknown-parameter", file, &set.parameter, message, help);
            }
            return;
        };
        let (Some(parameter), Some(to)) = (item.value, &set.to) else { return };
        let labels = || parameter.labels.iter().map(|label| label.value.as_str());
        match to {
            Initial::Label(label) if !labels().any(|known| known == label.value) => {
                let help = suggest(&label.value, labels(), '"').or_else(|| {
                    parameter.labels.is_empty().then(|| "a parameter without `labels` is a number".to_owned())
                });
                let message = format!("{:?} is no label of {:?}", label.value, set.parameter.value);
                self.error("unknown-label", file, label, message, help);
            }
            Initial::Number(number, span) if !parameter.labels.is_empty() => {
                let message =
                    format!("{:?} has labels and is no number such as {number}", set.parameter.value);
                let names: Vec<_> = labels().map(|label| format!("{label:?}")).collect();
                let help = format!("write one of {}", names.join(", "));
                let place = self.files[file].0.place(span.clone());
                self.diagnostics.push(Diagnostic::error("wrong-type", place, message).help(help));
            }
            Initial::Number(number, span) if !(parameter.min..=parameter.max).contains(number) => {
                let message = format!("{number} is out of the range of {:?}", set.parameter.value);
                let help = format!("it goes from {} to {}", parameter.min, parameter.max);
                let place = self.files[file].0.place(span.clone());
                self.diagnostics.push(Diagnostic::error("out-of-range", place, message).help(help));
            }
            _ => {}
        }
    }

    /// What one post comes to at once must stay within bounds, however events post each other. `posts` are sorted by who
    /// posts.
    fn too_many_posts(&mut self, order: &[usize], posts: &[Edge<'a>]) {
        let mut comes_to = vec![1_u64; order.len()];
        for &event in order.iter().rev() {
            let own = &posts[posts.partition_point(|edge| edge.from < event)..];
            let own = &own[..own.partition_point(|edge| edge.from == event)];
            comes_to[event] = own.iter().fold(1_u64, |sum, edge| sum.saturating_add(comes_to[edge.to]));
            if comes_to[event] > MAX_POSTS
                && let Some(first) = own.first()
            {
                let message = format!("posting it comes to {} posts at once", comes_to[event]);
                let help = Some(format!("it may come to {MAX_POSTS}; give some of them a `delay`"));
                return self.error("too-many", first.file, first.text, message, help);
            }
        }
    }
}
