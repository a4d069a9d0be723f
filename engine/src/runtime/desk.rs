//! The game's hand on the mixing desk: what it moves of faders, groups, mutes, solos, bypasses and parameters.
//!
//! It is kept by names, beside the bank, so that a reload of the bank leaves it where it is.

use super::engine::Engine;
use crate::bank::{Bank, Bus, BusId, Effect, EffectKind, Property, Settable};
use crate::director::Request;
use crate::link::{BusOrder, Command};
use crate::mixer::{GLIDE_SECONDS, Gates};
use crate::units::Decibels;
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// What the game has moved.
#[derive(Debug, Default)]
pub(super) struct Desk {
    buses: BTreeMap<String, Moved>,
    vcas: BTreeMap<String, Decibels>,
    /// Values that were out of range and were clamped, or were no numbers and were left out.
    clamped: u64,
}

/// What of a bus.
#[derive(Debug, Default)]
struct Moved {
    gain: Decibels,
    mute: Option<bool>,
    solo: Option<bool>,
    /// By the effect's place in the bank.
    bypass: BTreeMap<usize, bool>,
    /// By the effect's place in the bank and the parameter's in its table.
    parameters: BTreeMap<(usize, usize), f32>,
}

/// Why something on the desk could not be moved.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DeskError {
    /// The bank has no such bus.
    #[error("no bus is called \"{0}\"")]
    UnknownBus(String),
    /// The bank has no such VCA.
    #[error("no VCA is called \"{0}\"")]
    UnknownVca(String),
    /// The bus has fewer effects.
    #[error("bus \"{bus}\" has no effect {effect}: it has {count}")]
    UnknownEffect {
        /// The bus.
        bus: String,
        /// The effect's place asked for, the first being 1.
        effect: usize,
        /// How many there are.
        count: usize,
    },
    /// The effect has no such parameter.
    #[error("`{effect}` has no parameter called `{parameter}`; it has {known}")]
    UnknownParameter {
        /// The effect.
        effect: String,
        /// The name asked for.
        parameter: String,
        /// Those it has.
        known: String,
    },
    /// The parameter is one that an effect keeps while it runs.
    #[error(
        "`{parameter}` of `{effect}` can't change while it runs; change it in the bank, then a new one fades in"
    )]
    FixedParameter {
        /// The effect.
        effect: String,
        /// The parameter.
        parameter: String,
    },
}

impl Desk {
    /// Each bus's fader, linear, with its groups and what the game added.
    pub(super) fn faders(&self, bank: &Bank) -> Vec<f32> {
        let mut sums: Vec<f32> = bank.buses.iter().map(|bus| bus.gain.get()).collect();
        // What may be raised from nothing stands at -120 dB instead.
        let nothing = |gain: Decibels, what: Settable| gain == Decibels::SILENCE && !bank.moves(what);
        let own = |bus: usize| Settable::Bus(BusId(bus as u32), Property::Gain);
        let mut silent: Vec<bool> =
            bank.buses.iter().enumerate().map(|(index, bus)| nothing(bus.gain, own(index))).collect();
        let mut add = |bus: usize, gain: Decibels, is_nothing: bool| {
            sums[bus] += gain.get();
            silent[bus] |= is_nothing;
        };
        for (index, bus) in bank.buses.iter().enumerate() {
            if let Some(moved) = self.buses.get(&bus.name) {
                add(index, moved.gain, moved.gain == Decibels::SILENCE);
            }
        }
        for (place, vca) in bank.vcas.iter().enumerate() {
            let moved = self.vcas.get(&vca.name).copied().unwrap_or_default();
            for bus in &vca.buses {
                add(bus.index(), vca.gain, nothing(vca.gain, Settable::Vca(place)));
                add(bus.index(), moved, moved == Decibels::SILENCE);
            }
        }
        let linear = |(sum, silent): (&f32, &bool)| {
            if *silent { 0.0 } else { Decibels::clamped(*sum).amplitude() }
        };
        sums.iter().zip(&silent).map(linear).collect()
    }

    /// What each bus lets through. A muted bus takes those below it along. Of soloed buses, they and all below
    /// them are heard; buses above them and returns that they send to are kept open for them; and what sends to
    /// a soloed bus goes on doing so, but is not heard itself.
    pub(super) fn gates(&self, bank: &Bank) -> Vec<Gates> {
        let state = |bus: &Bus, of: fn(&Moved) -> Option<bool>, default: bool| {
            self.buses.get(&bus.name).and_then(of).unwrap_or(default)
        };
        let count = bank.buses.len();
        let under = |set: &BTreeSet<usize>| -> BTreeSet<usize> {
            let below = |&bus: &usize| ancestors(bank, bus).any(|above| set.contains(&above));
            (0..count).filter(below).collect()
        };
        let marked = |of: fn(&Moved) -> Option<bool>, default: fn(&Bus) -> bool| -> BTreeSet<usize> {
            let marked = |&(_, bus): &(usize, &Bus)| state(bus, of, default(bus));
            bank.buses.iter().enumerate().filter(marked).map(|(index, _)| index).collect()
        };
        let muted = under(&marked(|moved| moved.mute, |bus| bus.mute));
        let solos = marked(|moved| moved.solo, |bus| bus.solo);
        let mut gates = vec![Gates::OPEN; count];
        if !solos.is_empty() {
            let heard = under(&solos);
            let passing: BTreeSet<usize> = heard.iter().flat_map(|&bus| ancestors(bank, bus)).collect();
            let targets = |from: &BTreeSet<usize>| -> BTreeSet<usize> {
                from.iter().flat_map(|&bus| &bank.buses[bus].sends).map(|send| send.to.index()).collect()
            };
            // Returns of returns, too.
            let mut returns = targets(&heard);
            loop {
                let more: BTreeSet<usize> =
                    returns.iter().flat_map(|&bus| ancestors(bank, bus)).chain(targets(&returns)).collect();
                if more.is_subset(&returns) {
                    break;
                }
                returns.extend(more);
            }
            let reverbs: BTreeSet<usize> = bank.reverbs.iter().map(|reverb| reverb.bus.index()).collect();
            let solo_reverb = heard.iter().any(|bus| reverbs.contains(bus));
            let feeding: BTreeSet<usize> = under(
                &(0..count)
                    .filter(|&bus| bank.buses[bus].sends.iter().any(|send| heard.contains(&send.to.index())))
                    .collect(),
            );
            for (bus, gates) in gates.iter_mut().enumerate() {
                let is_heard = heard.contains(&bus);
                // The zones' reverbs answer for whatever is heard.
                let open =
                    is_heard || passing.contains(&bus) || returns.contains(&bus) || reverbs.contains(&bus);
                *gates = Gates {
                    open: open || feeding.contains(&bus),
                    parent: open,
                    voices: is_heard || feeding.contains(&bus),
                    voice_sends: is_heard || solo_reverb,
                };
            }
        }
        for bus in muted {
            gates[bus] = Gates { open: false, voices: false, voice_sends: false, ..gates[bus] };
        }
        gates
    }

    /// A bus's effects as they are to run.
    pub(super) fn effects(&self, bus: &Bus) -> Vec<Effect> {
        let mut effects = bus.effects.clone();
        let Some(moved) = self.buses.get(&bus.name) else { return effects };
        for (&place, &bypass) in &moved.bypass {
            if let Some(effect) = effects.get_mut(place) {
                effect.bypass = bypass;
            }
        }
        for (&(place, parameter), &value) in &moved.parameters {
            if let Some(Effect { kind: EffectKind::Own(effect), .. }) = effects.get_mut(place) {
                effect.set(parameter, value);
            }
        }
        effects
    }

    fn bus(&mut self, name: &str) -> &mut Moved {
        self.buses.entry(name.to_owned()).or_default()
    }
}

/// A bus and all above it.
fn ancestors(bank: &Bank, bus: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(bus), |&bus| bank.buses[bus].parent.map(|parent| parent.index()))
}

impl Engine {
    /// Moves a bus's fader by so much beside what the bank says. Glides; stays through reloads.
    ///
    /// # Errors
    /// If the bank has no such bus.
    pub fn set_bus_gain(&mut self, bus: &str, gain: Decibels) -> Result<(), DeskError> {
        self.known_bus(bus)?;
        self.desk.bus(bus).gain = gain;
        self.move_faders();
        Ok(())
    }

    /// Moves a VCA's fader by so much beside what the bank says, and with it the faders of its buses.
    ///
    /// # Errors
    /// If the bank has no such VCA.
    pub fn set_vca_gain(&mut self, vca: &str, gain: Decibels) -> Result<(), DeskError> {
        if !self.bank().vcas.iter().any(|known| known.name == vca) {
            return Err(DeskError::UnknownVca(vca.to_owned()));
        }
        self.desk.vcas.insert(vca.to_owned(), gain);
        self.move_faders();
        Ok(())
    }

    /// Mutes a bus and all below it, with their sends; or lets it be heard, whatever the bank says.
    ///
    /// # Errors
    /// If the bank has no such bus.
    pub fn set_mute(&mut self, bus: &str, mute: bool) -> Result<(), DeskError> {
        self.known_bus(bus)?;
        self.desk.bus(bus).mute = Some(mute);
        self.move_gates();
        Ok(())
    }

    /// Solos a bus: of all that are not soloed nothing is heard but what these need, the buses above them and the
    /// returns they send to. Of a soloed return only its own sound is heard.
    ///
    /// # Errors
    /// If the bank has no such bus.
    pub fn set_solo(&mut self, bus: &str, solo: bool) -> Result<(), DeskError> {
        self.known_bus(bus)?;
        self.desk.bus(bus).solo = Some(solo);
        self.move_gates();
        Ok(())
    }

    /// Sends a bus's signal past one of its effects, the first being 0, or through it again.
    ///
    /// # Errors
    /// If there is no such bus or effect.
    pub fn set_bypass(&mut self, bus: &str, effect: usize, bypass: bool) -> Result<(), DeskError> {
        let index = self.known_effect(bus, effect)?;
        self.desk.bus(bus).bypass.insert(effect, bypass);
        if let Some(place) = self.layout.place_of(index, effect) {
            self.order_bus(index, BusOrder::Bypass { effect: place, on: bypass });
        }
        Ok(())
    }

    /// Gives a parameter of one of a bus's effects, the first being 0, another value in the parameter's unit. What
    /// is out of its range is clamped, what is no number is left out; both are counted
    /// ([`Engine::clamped_values`]). Glides; stays through reloads.
    ///
    /// # Errors
    /// If there is no such bus, effect or parameter, or a running effect keeps the parameter.
    pub fn set_effect_parameter(
        &mut self,
        bus: &str,
        effect: usize,
        parameter: &str,
        value: f32,
    ) -> Result<(), DeskError> {
        let index = self.known_effect(bus, effect)?;
        let unknown = |name: String, known: &[crate::effects::table::Field]| DeskError::UnknownParameter {
            effect: name,
            parameter: parameter.to_owned(),
            known: known.iter().map(|field| format!("`{}`", field.name)).collect::<Vec<_>>().join(", "),
        };
        let mut own = match &self.bank().buses[index].effects[effect].kind {
            EffectKind::Own(own) => own.clone(),
            EffectKind::Custom(custom) => return Err(unknown(custom.name.clone(), &[])),
        };
        let Some(place) = own.place_of(parameter) else {
            return Err(unknown(own.name().to_owned(), own.fields()));
        };
        if own.field_at(place).is_some_and(|field| field.rule.fixed) {
            return Err(DeskError::FixedParameter {
                effect: own.name().to_owned(),
                parameter: parameter.to_owned(),
            });
        }
        if !own.set(place, value) {
            self.desk.clamped += 1;
        }
        let Some(value) = own.get(place).filter(|_| !value.is_nan()) else { return Ok(()) };
        self.desk.bus(bus).parameters.insert((effect, place), value);
        if let Some(effect) = self.layout.place_of(index, effect) {
            self.order_bus(index, BusOrder::Parameter { effect, place: place as u16, value });
        }
        Ok(())
    }

    /// How many values given at run time were out of range and clamped, or no numbers and left out.
    pub fn clamped_values(&self) -> u64 {
        self.desk.clamped
    }

    /// How many times orders found the way to the mixer full and had to wait for the next update.
    pub fn overflows(&self) -> u64 {
        self.control.overflows()
    }

    /// Does what an event's action asked for.
    pub(super) fn carry_out(&mut self, request: Request) {
        match request {
            Request::Mute { bus, on } => {
                let Some(name) = self.bank().buses.get(bus.index()).map(|bus| bus.name.clone()) else {
                    return;
                };
                self.desk.bus(&name).mute = Some(on);
                self.move_gates();
            }
        }
    }

    fn known_bus(&self, bus: &str) -> Result<usize, DeskError> {
        self.bank().bus(bus).map(|bus| bus.index()).ok_or_else(|| DeskError::UnknownBus(bus.to_owned()))
    }

    fn known_effect(&self, bus: &str, effect: usize) -> Result<usize, DeskError> {
        let index = self.known_bus(bus)?;
        let count = self.bank().buses[index].effects.len();
        if effect < count {
            return Ok(index);
        }
        Err(DeskError::UnknownEffect { bus: bus.to_owned(), effect: effect + 1, count })
    }

    fn order_bus(&mut self, bus: usize, order: BusOrder) {
        let stamp = self.stamp();
        self.control.order(stamp, Command::Bus { bus: bus as u16, order });
    }

    fn move_faders(&mut self) {
        let glide = (GLIDE_SECONDS * self.rate as f32) as u32;
        for (bus, gain) in self.desk.faders(&self.bank().clone()).into_iter().enumerate() {
            self.order_bus(bus, BusOrder::Fader { gain, glide });
        }
    }

    fn move_gates(&mut self) {
        for (bus, gates) in self.desk.gates(&self.bank().clone()).into_iter().enumerate() {
            let Gates { open, parent, voices, voice_sends } = gates;
            self.order_bus(bus, BusOrder::Gates { open, parent, voices, voice_sends });
        }
    }
}
