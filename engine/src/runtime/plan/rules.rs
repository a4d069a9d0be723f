//! From a bank's ducking rules to the mixer's.

use super::Layout;
use crate::bank::{self, Bank, DuckTrigger};
use crate::mixer::{Combine, Ducked, RuleSpec, TargetSpec, Trigger};

/// A rule is known by its trigger, and by its turn among those with the same one.
pub(super) type RuleName = (String, usize);

pub(super) fn rules(bank: &Bank, old: &Layout, sample_rate: u32) -> (Vec<RuleSpec>, Vec<RuleName>) {
    let mut names: Vec<RuleName> = Vec::new();
    let mut rules = Vec::new();
    for rule in &bank.ducking {
        let trigger = &bank.buses[rule.trigger.index()].name;
        let turn = names.iter().filter(|(other, _)| other == trigger).count();
        let name = (trigger.clone(), turn);
        rules.push(RuleSpec {
            trigger: rule.trigger.0 as u16,
            trigger_by: match rule.by {
                DuckTrigger::Level(on, off) => Trigger::Level { on: on.amplitude(), off: off.amplitude() },
                DuckTrigger::Activity => Trigger::Activity,
            },
            targets: rule.targets.iter().map(|written| target(written, sample_rate)).collect(),
            combine: match rule.combine {
                bank::Combine::Deepest => Combine::Deepest,
                bank::Combine::Sum(floor) => Combine::Sum(floor.get()),
            },
            inherits: old.rules.iter().position(|other| *other == name).map(|index| index as u16),
        });
        names.push(name);
    }
    (rules, names)
}

fn target(written: &bank::DuckTarget, sample_rate: u32) -> TargetSpec {
    TargetSpec {
        bus: written.bus.0 as u16,
        what: what(written.what),
        depth: written.depth.get(),
        attack_frames: written.attack.frames(sample_rate),
        hold_frames: written.hold.frames(sample_rate),
        release_frames: written.release.frames(sample_rate),
        curve: written.curve,
    }
}

fn what(ducked: bank::Ducked) -> Ducked {
    match ducked {
        bank::Ducked::Gain => Ducked::Gain,
        bank::Ducked::Voices => Ducked::Voices,
        bank::Ducked::Band(low, high) => Ducked::Band(low.get(), high.get()),
    }
}
