//! Modulators: from what is written to what is run.

use super::{Names, db, gauge, seconds};
use crate::bank::compiled::{Follow, Modulator, ModulatorId, ModulatorKind};
use crate::bank::schema;
use crate::modulators::{Envelope, Lfo, Walk};

impl Names<'_> {
    /// The modulators by name.
    pub(super) fn modulators(&self) -> Vec<Modulator> {
        let modulators = self.project.modulators.iter().filter_map(|(name, item)| Some((*name, item.value?)));
        modulators
            .map(|(name, written)| Modulator { name: name.to_owned(), kind: self.modulator_kind(written) })
            .collect()
    }

    /// The id of the modulator of that name.
    pub(super) fn modulator(&self, name: &str) -> Option<ModulatorId> {
        let mut known = self.project.modulators.iter().filter(|(_, item)| item.value.is_some());
        known.position(|(known, _)| *known == name).map(|place| ModulatorId(place as u32))
    }

    fn modulator_kind(&self, written: &schema::Modulator) -> ModulatorKind {
        match written {
            schema::Modulator::Lfo(lfo) => ModulatorKind::Lfo(Lfo {
                shape: lfo.shape,
                rate: lfo.rate,
                phase: lfo.phase / 360.0,
                spread: lfo.spread / 360.0,
                fade_in: lfo.fade_in,
            }),
            schema::Modulator::Envelope(envelope) => {
                let schema::Envelope { delay, attack, hold, decay, sustain, release, curve } = *envelope;
                ModulatorKind::Envelope(Envelope { delay, attack, hold, decay, sustain, release, curve })
            }
            schema::Modulator::Walk(walk) => ModulatorKind::Walk(Walk { rate: walk.rate }),
            schema::Modulator::Follow(follow) => ModulatorKind::Follow(Follow {
                bus: self.bus(Some(&follow.bus)),
                by: gauge(follow.by),
                threshold: db(follow.threshold),
                full: db(follow.full),
                attack: seconds(follow.attack),
                hold: seconds(follow.hold),
                release: seconds(follow.release),
            }),
        }
    }
}
