//! Snapshots and states as they are written: settings of the mix that come and go.
//!
//! May be named here: `decode`, the syntax tree, `serde`. Runs on any thread.

use super::choices::bare_words;
use super::{ANY, COURSE, FADE, GAIN, Initial, NEEDED, Parameter};
use crate::bank::decode::{Field, Keyed, Read, Reader, Rule, Text, fields};
use crate::bank::diagnostic::suggest;
use crate::bank::syntax::{Kind, Node};
use crate::effects::Course;
use serde::Deserialize;

const NUMBER: Rule = Rule::range(-20_000.0, 20_000.0, "");
const PRIORITY: Rule = Rule::range(0.0, 100.0, "");

/// Numbers of buses: the bus, the number as curves name it, and its value.
pub type Settings = Keyed<Keyed<f32>>;

fields! {
    /// A setting of the mix that comes in for a while. When it has gone, everything is exactly where it was.
    Snapshot {
        /// What it does to a number: `Override` sets it; `Blend` adds to it where it is in dB, and sets the rest.
        mode: SnapshotMode = SnapshotMode::Override, ANY;
        /// Who has the last word where several set one number: the highest. Of equal ones a snapshot comes after a state, and then the one whose name comes later.
        priority: u32 = 50, PRIORITY;
        /// The time from nothing of it to all of it.
        fade_in: f32 = 0.2, FADE;
        /// The time from all of it to nothing.
        fade_out: f32 = 0.5, FADE;
        /// The way there and back.
        curve: Course = Course::Linear, COURSE;
        /// The numbers of buses that it sets, named as curves name them: `{"music": {"gain": -12, "LowPass.freq": 800, "send.room": -6}}`.
        set: Settings = Settings::default(), NUMBER;
        /// The gains of VCAs that it sets: `{"all music": -6}`.
        vcas: Keyed<f32> = Keyed::default(), GAIN;
    }

    /// States of which one always is, and what each makes of the mix. The group is a parameter, too: a game sets it by the state's name, switches go by it.
    States verified by verify_states {
        /// The states by name.
        of: Keyed<State> = Keyed::default(), NEEDED;
        /// The state before a game sets one.
        default: Option<Text> = None, ANY.says("the first");
        /// The time from one state to another.
        time: f32 = 1.0, FADE;
        /// The way there.
        curve: Course = Course::Linear, COURSE;
        /// Other times between certain states: `[(from: "calm", to: "fight", time: 0.1)]`. The most exact one counts: both named, then `to` alone, then `from` alone.
        transitions: Vec<StateTransition> = Vec::new(), ANY;
        /// Who has the last word where several set one number: the highest. Of equal ones a snapshot comes after a state, and then the one whose name comes later.
        priority: u32 = 20, PRIORITY;
    }

    /// What a state makes of the mix.
    State {
        /// What it does to a number: `Override` sets it; `Blend` adds to it where it is in dB, and sets the rest.
        mode: SnapshotMode = SnapshotMode::Override, ANY;
        /// The numbers of buses that it sets, named as curves name them: `{"music": {"gain": -12}}`.
        set: Settings = Settings::default(), NUMBER;
        /// The gains of VCAs that it sets: `{"all music": -6}`.
        vcas: Keyed<f32> = Keyed::default(), GAIN;
    }

    /// How long it takes from one state to another.
    StateTransition verified by verify_transition {
        /// The state before.
        from: Option<Text> = None, ANY.says("any");
        /// The state after.
        to: Option<Text> = None, ANY.says("any");
        /// The time.
        time: f32 = 1.0, FADE.required();
    }
}

/// What a snapshot or state does to a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum SnapshotMode {
    /// It is set.
    Override,
    /// What is in dB is added to; the rest is set.
    Blend,
}

bare_words!(SnapshotMode);

impl States {
    /// The parameter that the group is.
    pub fn parameter(&self) -> Parameter {
        Parameter {
            labels: self.of.0.iter().map(|(name, _)| name.clone()).collect(),
            default: self.default.clone().map(Initial::Label),
            ..Parameter::default()
        }
    }
}

/// Checks what concerns more than one field.
fn verify_states(group: &States, reader: &mut Reader<'_>, node: &Node) {
    let names = || group.of.0.iter().map(|(name, _)| name.value.as_str());
    if group.of.0.is_empty() {
        if let Some(of) =
            node.field("of").filter(|of| matches!(of.kind, Kind::Map(_)) && of.slots().is_empty())
        {
            let help = Some("give it at least two, such as `of: {\"calm\": (), \"fight\": ()}`".to_owned());
            reader.error("bad-range", of.span.clone(), "there is no state", help);
        }
        return;
    }
    let transitions = group.transitions.iter().flat_map(|transition| [&transition.from, &transition.to]);
    for name in [&group.default].into_iter().chain(transitions).flatten() {
        if name.is_given() && !names().any(|known| known == name.value) {
            let message = format!("{:?} is none of the states", name.value);
            reader.error("unknown-label", name.span.clone(), message, suggest(&name.value, names(), '"'));
        }
    }
    let written = node.field("transitions").map_or(&[][..], Node::slots);
    let pair = |place: usize| {
        let name = |text: &Option<Text>| text.as_ref().map(|text| text.value.clone());
        group.transitions.get(place).map(|transition| (name(&transition.from), name(&transition.to)))
    };
    for place in 1..group.transitions.len() {
        if (0..place).any(|before| pair(before) == pair(place))
            && let Some(slot) = written.get(place)
        {
            let help = Some("leave one of them out".to_owned());
            reader.error("duplicate-key", slot.value.head(), "this way has a time already", help);
        }
    }
}

/// Checks what concerns more than one field.
fn verify_transition(transition: &StateTransition, reader: &mut Reader<'_>, node: &Node) {
    if transition.from.is_none() && transition.to.is_none() {
        let help = Some("name `from`, `to` or both; for all ways give the group its `time`".to_owned());
        reader.error("missing-field", node.head(), "a transition leads from one state or to one", help);
    }
}
