//! What a value looks like, as far as a type knows it: what the description of the language for other tools is made from.
//!
//! Lives here: [`Shape`], which every type that can be read gives of itself. May be named here: a field's rule. Runs on any
//! thread.

use super::{Field, Rule};

/// What may be written for a value. Numbers keep to their field's rule, in lists and pairs, too.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// Nobody said.
    Any,
    /// A number; by a rule of its own, or else by its field's.
    Number(Option<Rule>),
    /// A whole number; by a rule of its own, or else by its field's.
    Whole(Option<Rule>),
    /// `true` or `false`.
    Switch,
    /// A string.
    Text,
    /// One of these bare words.
    Words(&'static [&'static str]),
    /// Values by position: `(-2, 0)`.
    Tuple(Vec<Self>),
    /// Values of one kind: `[…]`.
    List(Box<Self>),
    /// Values of one kind by name: `{"name": …}`.
    Map(Box<Self>),
    /// The group of that name, without it: `(gain: -6)`.
    Group(&'static str),
    /// What may stand in a field of a group: where something may hold its own kind.
    Field(&'static str, &'static str),
    /// That group with further fields.
    Extended(&'static str, &'static [Field]),
    /// A name that says which of several it is, and what stands in its brackets: `Level(-40)`.
    Named(&'static str, Box<Self>),
    /// Either of these.
    OneOf(Vec<Self>),
}

impl Shape {
    /// That of a parameter of an effect, which follows from its rule.
    pub fn by_rule(rule: &Rule) -> Self {
        match rule {
            Rule { range: Some(_), .. } => Self::Number(None),
            Rule { choices: [], .. } => Self::Switch,
            Rule { choices, .. } => Self::Words(choices),
        }
    }

    /// `Name(…)` with that group's fields, where the name chooses.
    pub fn choice(name: &'static str) -> Self {
        Self::Named(name, Box::new(Self::Group(name)))
    }
}
