//! What a game may read of the mix, by names.

use super::engine::Engine;
use crate::bank;
use crate::link::BusReading;

/// A bus's name and readings.
#[derive(Debug, Clone, PartialEq)]
pub struct BusMeter {
    /// The bus's name in the bank.
    pub name: String,
    /// Its readings.
    pub reading: BusReading,
}

/// A ducking rule at work.
#[derive(Debug, Clone, PartialEq)]
pub struct DuckMeter {
    /// The bus that sets it off.
    pub trigger: String,
    /// How far it has come: 0 not at all, 1 its full depth.
    pub amount: f32,
    /// The buses that step back, and by how many dB they do now.
    pub targets: Vec<(String, f32)>,
}

impl Engine {
    /// The readings of every bus, in the bank's order: the master first.
    pub fn buses(&self) -> Vec<BusMeter> {
        let board = self.control.board();
        let buses = self.bank().buses.iter().enumerate();
        buses.map(|(index, bus)| BusMeter { name: bus.name.clone(), reading: board.bus(index) }).collect()
    }

    /// The readings of one bus; `None` if the bank has no such bus.
    pub fn bus(&self, name: &str) -> Option<BusReading> {
        self.bank().bus(name).map(|bus| self.control.board().bus(bus.index()))
    }

    /// How far each ducking rule has come, in the bank's order.
    pub fn ducking(&self) -> Vec<DuckMeter> {
        let (bank, board) = (self.bank(), self.control.board());
        let mut numbers = 0..;
        let mut target = |target: &bank::DuckTarget| {
            let reduction = numbers.next().map_or(0.0, |number| board.target(number));
            (bank.buses[target.bus.index()].name.clone(), reduction)
        };
        let meter = |(index, rule): (usize, &bank::DuckRule)| DuckMeter {
            trigger: bank.buses[rule.trigger.index()].name.clone(),
            amount: board.rule(index),
            targets: rule.targets.iter().map(&mut target).collect(),
        };
        bank.ducking.iter().enumerate().map(meter).collect()
    }

    /// A level of the bank, in dB (LUFS for a loudness); silence is -120. `None` if the bank has no such level.
    pub fn level(&self, name: &str) -> Option<f32> {
        self.bank().level(name).map(|level| self.control.board().level(level.index()))
    }

    /// The reverbs that the listener hears by the zones around it, each with its share of power from 0 to 1.
    pub fn reverbs(&self) -> Vec<(String, f32)> {
        self.director.reverbs()
    }

    /// How many voices sound.
    pub fn voices(&self) -> u32 {
        self.control.board().voices()
    }
}
