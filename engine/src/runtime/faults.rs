//! What plug-ins do wrong, by names.

use super::engine::Engine;
use crate::bank::EffectKind;
use crate::link::Fault;

/// A plug-in that gave numbers nobody can hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectFault {
    /// The bus's name.
    pub bus: String,
    /// The name the plug-in was registered under.
    pub effect: String,
    /// Its place in the bus's chain, the first being 0.
    pub place: usize,
    /// What was wrong, and what became of it.
    pub fault: Fault,
}

impl Engine {
    /// What plug-ins did wrong since the last call; each is told once.
    pub fn take_faults(&mut self) -> Vec<EffectFault> {
        std::mem::take(&mut self.faults)
    }

    pub(super) fn name_fault(&mut self, bus: usize, place: u16, fault: Fault) {
        // An effect on its way out has no name any more, and nobody to mend it.
        let Some(place) = self.layout.effect_at(bus, place) else { return };
        let Some(bus) = self.bank().buses.get(bus) else { return };
        let effect = match bus.effects.get(place).map(|effect| &effect.kind) {
            Some(EffectKind::Custom(custom)) => custom.name.clone(),
            Some(EffectKind::Own(own)) => own.name().to_owned(),
            None => return,
        };
        let fault = EffectFault { bus: bus.name.clone(), effect, place, fault };
        let EffectFault { bus, effect, .. } = &fault;
        match fault.fault {
            Fault::Wild => tracing::error!(
                "plug-in {effect} on bus {bus:?} gave numbers that are not finite or beyond +120 dB; the signal goes past it"
            ),
            Fault::Denormal => {
                tracing::warn!(
                    "plug-in {effect} on bus {bus:?} gives denormal numbers; they are taken as zero"
                );
            }
        }
        self.faults.push(fault);
    }
}
