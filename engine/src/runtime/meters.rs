//! What a game may read of the mix, by names.

use super::desk::DeskError;
use super::engine::Engine;
use super::plan::curves::place_of_modulator;
use crate::bank::{self, EffectKind, ModulatorKind};
use crate::link::{BusReading, Command, ProgrammeReading};
use crate::mixer::{Parcel, ProgrammeMeter};

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

/// What an effect does to the level of its bus.
#[derive(Debug, Clone, PartialEq)]
pub struct EffectMeter {
    /// The effect's name in the bank's language, or the name of a plug-in.
    pub effect: String,
    /// How far it turns down now, in dB, not below zero; zero for what is no dynamics processor.
    pub reduction_db: f32,
}

/// What the mixer costs, as shares of a core, averaged over some 50 blocks.
#[derive(Debug, Clone, PartialEq)]
pub struct CpuMeter {
    /// All of it.
    pub mixer: f32,
    /// All voices.
    pub voices: f32,
    /// Each bus by name, in the bank's order.
    pub buses: Vec<(String, f32)>,
}

impl Engine {
    /// Begins to measure the loudness and true peak of a bus, or begins anew. A measured bus costs some
    /// 10 ns a frame more. It goes on through reloads until the bus is gone.
    ///
    /// # Errors
    /// If the bank has no such bus.
    pub fn measure(&mut self, bus: &str) -> Result<(), DeskError> {
        self.exchange_meter(bus, Some(Box::new(ProgrammeMeter::new(self.rate))))?;
        self.measured.insert(bus.to_owned());
        Ok(())
    }

    /// Ends the measurement of a bus.
    ///
    /// # Errors
    /// If the bank has no such bus.
    pub fn stop_measuring(&mut self, bus: &str) -> Result<(), DeskError> {
        self.exchange_meter(bus, None)?;
        self.measured.remove(bus);
        Ok(())
    }

    fn exchange_meter(&mut self, bus: &str, meter: Option<Box<ProgrammeMeter>>) -> Result<(), DeskError> {
        let id = self.bank().bus(bus).ok_or_else(|| DeskError::UnknownBus(bus.to_owned()))?;
        let stamp = self.stamp();
        self.control.send(stamp, Box::new(Parcel::Meter { bus: id.0 as u16, meter }));
        Ok(())
    }

    /// The loudness and true peak of a bus since [`Engine::measure`]; `None` if it is not measured.
    pub fn programme(&self, bus: &str) -> Option<ProgrammeReading> {
        let measured = self.measured.contains(bus);
        self.bank().bus(bus).filter(|_| measured).map(|bus| self.control.board().programme(bus.index()))
    }

    /// How far each effect of a bus turns down, in the bank's order; of a chain's first 16. `None` if the bank
    /// has no such bus.
    pub fn reductions(&self, bus: &str) -> Option<Vec<EffectMeter>> {
        let id = self.bank().bus(bus)?.index();
        let meter = |(place, effect): (usize, &bank::Effect)| EffectMeter {
            effect: match &effect.kind {
                EffectKind::Own(own) => own.name().to_owned(),
                EffectKind::Custom(custom) => custom.name.clone(),
            },
            reduction_db: self
                .layout
                .place_of(id, place)
                .map_or(0.0, |place| self.control.board().reduction(id, usize::from(place))),
        };
        Some(self.bank().buses[id].effects.iter().enumerate().map(meter).collect())
    }

    /// Begins or ends the measuring of what the mixer's parts cost.
    pub fn profile(&mut self, on: bool) {
        let stamp = self.stamp();
        self.control.order(stamp, Command::Profile(on));
    }

    /// What the mixer's parts cost; zeros unless [`Engine::profile`] is on.
    pub fn cpu(&self) -> CpuMeter {
        let board = self.control.board();
        let [voices, mixer] = board.cpu();
        let buses = self.bank().buses.iter().enumerate();
        let buses = buses.map(|(index, bus)| (bus.name.clone(), board.bus_cpu(index))).collect();
        CpuMeter { mixer, voices, buses }
    }

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

    /// What a modulator is now, as buses have it: what swings between -1 and 1, the others between 0 and 1. `None` if the
    /// bank has no such modulator, or it is an envelope, which only playbacks have.
    pub fn modulator(&self, name: &str) -> Option<f32> {
        let bank = self.bank();
        let id = bank.modulator(name)?;
        let alone = matches!(bank.modulators.get(id.index())?.kind, ModulatorKind::Envelope(_));
        let board = self.control.board();
        // Before the first block nothing has moved.
        let now = || if board.edition() > 0 { board.level(place_of_modulator(bank, id)) } else { 0.0 };
        (!alone).then(now)
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
