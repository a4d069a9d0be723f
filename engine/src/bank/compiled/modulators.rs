//! Modulators as they are run.

use super::{BusId, Gauge};
use crate::modulators::{Envelope, Lfo, Walk};
use crate::units::{Decibels, Seconds};

/// A number that moves by itself, for curves to go by.
#[derive(Debug, Clone, PartialEq)]
pub struct Modulator {
    /// The name in the bank.
    pub name: String,
    /// How it moves.
    pub kind: ModulatorKind,
}

/// How a modulator moves.
#[derive(Debug, Clone, PartialEq)]
pub enum ModulatorKind {
    /// It swings between -1 and 1.
    Lfo(Lfo),
    /// It rises and falls with a playback, between 0 and 1.
    Envelope(Envelope),
    /// It wanders between 0 and 1.
    Walk(Walk),
    /// It follows the level of a bus, between 0 and 1.
    Follow(Follow),
}

/// What follows the level of a bus.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Follow {
    /// The bus, after its fader.
    pub bus: BusId,
    /// What is measured.
    pub by: Gauge,
    /// The level up to which it is 0.
    pub threshold: Decibels,
    /// The level from which on it is 1; above the threshold.
    pub full: Decibels,
    /// The time constant of rising.
    pub attack: Seconds,
    /// How long it stays before it falls.
    pub hold: Seconds,
    /// The time constant of falling.
    pub release: Seconds,
}
