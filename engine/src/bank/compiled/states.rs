//! Snapshots and states as they are run: numbers of the mix that are set for a while.

use super::{ParameterId, Property};
use crate::bank::compiled::BusId;
use crate::effects::Course;
use crate::units::Seconds;

/// A setting of the mix that comes in for a while.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The name in the bank.
    pub name: String,
    /// Who has the last word on one number: the highest.
    pub priority: u8,
    /// The time from nothing of it to all of it.
    pub fade_in: Seconds,
    /// The time from all of it to nothing.
    pub fade_out: Seconds,
    /// The way there and back.
    pub curve: Course,
    /// What it sets.
    pub settings: Vec<Setting>,
}

/// States of which one always is.
#[derive(Debug, Clone, PartialEq)]
pub struct StateGroup {
    /// The name in the bank.
    pub name: String,
    /// The parameter that says which state is: its labels are the states, in their order.
    pub parameter: ParameterId,
    /// Who has the last word on one number: the highest.
    pub priority: u8,
    /// The time from one state to another.
    pub time: Seconds,
    /// The way there.
    pub curve: Course,
    /// What each state sets.
    pub states: Vec<Vec<Setting>>,
    /// Other times: from which state, to which, `None` being any.
    pub transitions: Vec<(Option<usize>, Option<usize>, Seconds)>,
}

impl StateGroup {
    /// How long it takes from one state to another, by the most exact of the transitions: both states named, then the
    /// second alone, then the first alone.
    pub fn time(&self, from: usize, to: usize) -> Seconds {
        let fits = |&&(first, second, _): &&(Option<usize>, Option<usize>, Seconds)| {
            first.is_none_or(|first| first == from) && second.is_none_or(|second| second == to)
        };
        let exact = |&&(first, second, _): &&(Option<usize>, Option<usize>, Seconds)| {
            2 * u8::from(second.is_some()) + u8::from(first.is_some())
        };
        self.transitions.iter().filter(fits).max_by_key(exact).map_or(self.time, |&(.., time)| time)
    }
}

/// A number that a snapshot or a state sets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setting {
    /// Which number.
    pub what: Settable,
    /// The value, in the number's own unit.
    pub value: f32,
    /// What becomes of the number.
    pub how: SettingHow,
}

/// A number that can be set for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settable {
    /// A number of a bus.
    Bus(BusId, Property),
    /// The gain of the VCA at that place, in dB.
    Vca(usize),
}

/// What a setting does to a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingHow {
    /// The value is added to it.
    Add,
    /// It goes to the value, evenly.
    Set,
    /// It goes to the value, evenly in octaves: a frequency.
    Sweep,
}
