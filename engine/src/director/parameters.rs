//! What a game sets and sounds go by: values for everything, and an emitter's own.

use super::{Director, EmitterKey};
use crate::bank::{Bank, Parameter, ParameterId};
use std::collections::{BTreeMap, BTreeSet};

/// A parameter as a game sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ParameterReading {
    /// What it was set to.
    pub set: f32,
    /// What it is: on its way there, if the bank gives it time.
    pub now: f32,
}

#[derive(Debug, Default)]
pub(super) struct Parameters {
    /// The values that each can have.
    grids: Vec<Grid>,
    shared: Vec<ParameterReading>,
    own: BTreeMap<(EmitterKey, ParameterId), ParameterReading>,
    /// Those that are on their way, by whose they are.
    moving: Vec<(Option<EmitterKey>, ParameterId)>,
    /// Whether a label has changed since the last look: what switches go by.
    relabelled: bool,
    /// Those for everything that have changed since they were last taken.
    moved: BTreeSet<ParameterId>,
}

/// The values that a parameter can have: steps from its lowest to its highest, or any.
#[derive(Debug, Clone, Copy)]
struct Grid {
    min: f32,
    max: f32,
    step: f32,
}

impl Grid {
    /// The nearest value that it can have.
    fn nearest(self, value: f32) -> f32 {
        let Self { min, max, step } = self;
        if step <= 0.0 {
            return value;
        }
        // As many steps as fit, though their last may lie a rounding beyond the end.
        let most = libm::floorf((max - min) / step + 1e-3);
        (min + libm::roundf((value - min) / step).clamp(0.0, most) * step).min(max)
    }
}

fn fresh(parameter: &Parameter) -> ParameterReading {
    ParameterReading { set: parameter.default, now: parameter.default }
}

impl Parameters {
    pub(super) fn new(bank: &Bank) -> Self {
        let grid = |&Parameter { min, max, step, .. }: &Parameter| Grid { min, max, step };
        Self {
            grids: bank.parameters.iter().map(grid).collect(),
            shared: bank.parameters.iter().map(fresh).collect(),
            ..Self::default()
        }
    }

    /// The parameter as an emitter, or everything, has it: both at one of its steps.
    pub(super) fn reading(&self, on: Option<EmitterKey>, id: ParameterId) -> Option<ParameterReading> {
        let (grid, ParameterReading { set, now }) = (self.grids.get(id.index())?, self.between(on, id)?);
        Some(ParameterReading { set: grid.nearest(set), now: grid.nearest(now) })
    }

    /// Where a parameter is on its way, though it may be between its steps.
    fn between(&self, on: Option<EmitterKey>, id: ParameterId) -> Option<ParameterReading> {
        let own = on.and_then(|emitter| self.own.get(&(emitter, id)));
        own.or_else(|| self.shared.get(id.index())).copied()
    }

    pub(super) fn value(&self, on: Option<EmitterKey>, id: ParameterId) -> f32 {
        self.reading(on, id).map_or(0.0, |reading| reading.now)
    }

    /// Sets a parameter for everything or for one emitter. Values outside its range are brought to its ends.
    pub(super) fn set(&mut self, bank: &Bank, on: Option<EmitterKey>, id: ParameterId, value: f32) {
        let Some(parameter) = bank.parameters.get(id.index()).filter(|_| !value.is_nan()) else { return };
        let before = self.between(on, id).unwrap_or_else(|| fresh(parameter));
        let value = self.grids[id.index()].nearest(value.clamp(parameter.min, parameter.max));
        let time = if value > before.now { parameter.attack } else { parameter.release };
        let mut reading = ParameterReading { set: value, ..before };
        if time.get() > 0.0 && value != before.now {
            if !self.moving.contains(&(on, id)) {
                self.moving.push((on, id));
            }
        } else {
            self.relabelled |= reading.now != value && !parameter.labels.is_empty();
            reading.now = value;
        }
        self.put(on, id, reading);
    }

    fn put(&mut self, on: Option<EmitterKey>, id: ParameterId, reading: ParameterReading) {
        match on {
            Some(emitter) => _ = self.own.insert((emitter, id), reading),
            None => {
                if let Some(shared) = self.shared.get_mut(id.index()) {
                    *shared = reading;
                    self.moved.insert(id);
                }
            }
        }
    }

    /// Moves what is on its way on by `seconds`.
    pub(super) fn advance(&mut self, bank: &Bank, seconds: f32) {
        for (on, id) in std::mem::take(&mut self.moving) {
            let (Some(parameter), Some(mut reading)) =
                (bank.parameters.get(id.index()), self.between(on, id))
            else {
                continue;
            };
            let range = parameter.max - parameter.min;
            let step = |time: f32| if time > 0.0 { range * seconds / time } else { f32::INFINITY };
            reading.now = if reading.set > reading.now {
                (reading.now + step(parameter.attack.get())).min(reading.set)
            } else {
                (reading.now - step(parameter.release.get())).max(reading.set)
            };
            if reading.now != reading.set {
                self.moving.push((on, id));
            }
            self.put(on, id, reading);
        }
    }

    /// Whether any label has changed since the last call.
    pub(super) fn take_relabelled(&mut self) -> bool {
        std::mem::take(&mut self.relabelled)
    }

    /// Those for everything that have changed since the last call, and what they are.
    pub(super) fn take_moved(&mut self) -> Vec<(ParameterId, f32)> {
        let moved = std::mem::take(&mut self.moved).into_iter();
        moved.map(|id| (id, self.value(None, id))).collect()
    }

    /// Forgets what an emitter has of its own.
    pub(super) fn forget(&mut self, emitter: EmitterKey) {
        self.keep(emitter, &[]);
    }

    /// Forgets what an emitter has of its own, but for these.
    pub(super) fn keep(&mut self, emitter: EmitterKey, keep: &[ParameterId]) {
        let before = self.own.len();
        let (first, last) = (ParameterId(0), ParameterId(u32::MAX));
        let own = (emitter, first)..=(emitter, last);
        self.own.extract_if(own, |(_, id), _| !keep.contains(id)).for_each(drop);
        self.moving.retain(|(own, id)| *own != Some(emitter) || keep.contains(id));
        self.relabelled |= self.own.len() != before;
    }

    /// Carries all values over to another bank, by the parameters' names and, where they have them, the labels'.
    pub(super) fn follow(&mut self, old: &Bank, new: &Bank) {
        let before = std::mem::replace(self, Self::new(new));
        self.relabelled = true;
        let passage = |id: ParameterId| {
            let old = old.parameters.get(id.index())?;
            new.parameter(&old.name).map(|id| (old, id))
        };
        let carried = |old: &Parameter, id: ParameterId, reading: ParameterReading| {
            let new = &new.parameters[id.index()];
            let carry = |value: f32| match old.labels.get(value as usize) {
                Some(label) => {
                    new.labels.iter().position(|now| now == label).map_or(new.default, |place| place as f32)
                }
                None => value.clamp(new.min, new.max),
            };
            // What no game has touched follows the bank's default.
            let touched = reading.set != old.default || reading.now != old.default;
            if touched {
                ParameterReading { set: carry(reading.set), now: carry(reading.now) }
            } else {
                fresh(new)
            }
        };
        for (index, reading) in before.shared.into_iter().enumerate() {
            if let Some((old, id)) = passage(ParameterId(index as u32)) {
                self.put(None, id, carried(old, id, reading));
            }
        }
        for ((emitter, id), reading) in before.own {
            if let Some((old, id)) = passage(id) {
                self.put(Some(emitter), id, carried(old, id, reading));
            }
        }
        let moving = before.moving.into_iter().filter_map(|(on, id)| Some((on, passage(id)?.1)));
        self.moving = moving.collect();
    }
}

impl Director {
    /// Sets a parameter for everything or, on an emitter that is there, for what plays on it alone. Values outside the
    /// parameter's range are brought to its ends; what is no number is ignored.
    pub fn set_parameter(&mut self, on: Option<EmitterKey>, parameter: ParameterId, value: f32) {
        if on.is_none_or(|emitter| self.world.position(emitter).is_some()) {
            self.parameters.set(&self.bank, on, parameter, value);
        }
    }

    /// Parameters for everything that are another value than at the last call.
    pub fn take_moved_parameters(&mut self) -> Vec<(ParameterId, f32)> {
        self.parameters.take_moved()
    }

    /// Lets an emitter have only these parameters of its own; for the others those for everything count again.
    pub fn keep_parameters(&mut self, emitter: EmitterKey, keep: &[ParameterId]) {
        self.parameters.keep(emitter, keep);
    }

    /// A parameter as an emitter, or everything, has it.
    pub fn parameter(&self, on: Option<EmitterKey>, parameter: ParameterId) -> Option<ParameterReading> {
        self.parameters.reading(on, parameter)
    }
}
