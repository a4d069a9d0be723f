//! Snapshots by name: what a game brings in, and how much of it there is.

use super::Engine;
use crate::bank::{self, SnapshotId};
use crate::director::Holder;
use crate::units::{Amount, Seconds};
use thiserror::Error;

/// Why a snapshot can't be brought in.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no snapshot is called \"{name}\"{}", near(nearest))]
pub struct UnknownSnapshot {
    /// The name.
    pub name: String,
    /// The nearest one that the bank has.
    pub nearest: Option<String>,
}

fn near(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(
        || "; declare it under `snapshots`".to_owned(),
        |near| format!("; did you mean \"{near}\"?"),
    )
}

impl Engine {
    /// Brings so much of a snapshot in, or with [`Amount::MIN`] lets it go, in the snapshot's own time. Any number may be
    /// in at once; when they have gone, everything is exactly where it was.
    ///
    /// # Errors
    /// If the bank has no such snapshot; nothing is changed then.
    ///
    /// ```
    /// use tonmeister::prelude::*;
    ///
    /// let banks = Sources::from_texts([("mix.bank.ron", r#"Bank(
    ///     buses: {"music": ()},
    ///     snapshots: {"paused": (set: {"music": {"gain": -18}}, fade_in: 0.3)},
    /// )"#)]);
    /// let mut engine = Engine::from_sources(banks).output(Output::Offline).build()?;
    /// engine.set_snapshot("paused", Amount::MAX)?;
    /// engine.update();
    /// assert!(engine.set_snapshot("pause", Amount::MAX).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_snapshot(&mut self, name: &str, amount: Amount) -> Result<(), UnknownSnapshot> {
        self.hold_snapshot(Holder::Game, name, amount, None)
    }

    /// As [`Engine::set_snapshot`], for one of several holders, each of which lets go on its own: who wants most of the
    /// snapshot has it. In `fade` from nothing to all of it, or in the snapshot's own time.
    ///
    /// # Errors
    /// As for [`Engine::set_snapshot`].
    pub fn hold_snapshot(
        &mut self,
        holder: Holder,
        name: &str,
        amount: Amount,
        fade: Option<Seconds>,
    ) -> Result<(), UnknownSnapshot> {
        let id = self.known_snapshot(name)?;
        self.director.hold_snapshot(holder, id, amount, fade);
        Ok(())
    }

    /// How much there is of a snapshot, from 0 to 1; `None` if the bank has no such snapshot.
    pub fn snapshot(&self, name: &str) -> Option<f32> {
        self.director.snapshot(self.bank().snapshot(name)?)
    }

    /// How much there is of each state of a group, by name; on the way from one to another there is some of both. Nothing
    /// if the bank has no such group.
    pub fn states(&self, group: &str) -> Vec<(String, f32)> {
        let bank = self.bank();
        let Some(place) = bank.states.iter().position(|known| known.name == group) else { return Vec::new() };
        let labels = &bank.parameters[bank.states[place].parameter.index()].labels;
        labels.iter().cloned().zip(self.director.states(place).iter().copied()).collect()
    }

    fn known_snapshot(&self, name: &str) -> Result<SnapshotId, UnknownSnapshot> {
        let bank = self.bank();
        bank.snapshot(name).ok_or_else(|| UnknownSnapshot {
            name: name.to_owned(),
            nearest: bank::nearest(name, bank.snapshots.iter().map(|snapshot| snapshot.name.as_str()))
                .map(str::to_owned),
        })
    }
}
