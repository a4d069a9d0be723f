//! The mixer's voice slots as the game thread sees them: who has which, and which are free.
//!
//! A slot is handed out again only after the mixer reported its end, so an order can never meet a stranger.

use super::PlaybackId;
use crate::link::VoiceId;

#[derive(Debug)]
pub(super) struct Voices {
    slots: Vec<Slot>,
    free: Vec<u16>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    generation: u32,
    tenant: Option<PlaybackId>,
}

impl Voices {
    pub(super) fn new(count: u16) -> Self {
        // Handed out from the low end, so that what is in use stays together.
        Self { slots: vec![Slot::default(); usize::from(count)], free: (0..count).rev().collect() }
    }

    pub(super) fn any_free(&self) -> bool {
        !self.free.is_empty()
    }

    pub(super) fn take(&mut self, tenant: PlaybackId) -> Option<VoiceId> {
        let slot = self.free.pop()?;
        let entry = &mut self.slots[usize::from(slot)];
        entry.generation = entry.generation.wrapping_add(1);
        entry.tenant = Some(tenant);
        Some(VoiceId { slot, generation: entry.generation })
    }

    /// Takes a slot back after its end was reported; says who had it.
    pub(super) fn free(&mut self, voice: VoiceId) -> Option<PlaybackId> {
        let entry = self.slots.get_mut(usize::from(voice.slot))?;
        if entry.generation != voice.generation {
            return None;
        }
        let tenant = entry.tenant.take()?;
        self.free.push(voice.slot);
        Some(tenant)
    }
}
