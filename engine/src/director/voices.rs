//! The mixer's voice slots as the game thread sees them: who has which, and which are free.
//!
//! A slot is handed out again only after the mixer reported its end, so an order can never meet a stranger.

use super::PlaybackId;
use crate::link::{STREAM_SLOTS, VoiceId};

#[derive(Debug)]
pub(super) struct Voices {
    slots: Vec<Slot>,
    free: Vec<u16>,
    /// How many slots play from the disk.
    streams: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    generation: u32,
    tenant: Option<PlaybackId>,
    /// Whether it plays from the disk.
    streams: bool,
}

impl Voices {
    pub(super) fn new(count: u16) -> Self {
        // Handed out from the low end, so that what is in use stays together.
        Self {
            slots: vec![Slot::default(); usize::from(count)],
            free: (0..count).rev().collect(),
            streams: 0,
        }
    }

    /// Whether there is a slot, for what plays from memory or from the disk.
    pub(super) fn any_free(&self, streams: bool) -> bool {
        !self.free.is_empty() && (!streams || self.streams < STREAM_SLOTS)
    }

    pub(super) fn take(&mut self, tenant: PlaybackId, streams: bool) -> Option<VoiceId> {
        if !self.any_free(streams) {
            return None;
        }
        let slot = self.free.pop()?;
        self.streams += usize::from(streams);
        let entry = &mut self.slots[usize::from(slot)];
        entry.generation = entry.generation.wrapping_add(1);
        (entry.tenant, entry.streams) = (Some(tenant), streams);
        Some(VoiceId { slot, generation: entry.generation })
    }

    /// Whether a voice plays from the disk.
    pub(super) fn streams(&self, voice: VoiceId) -> bool {
        self.slots.get(usize::from(voice.slot)).is_some_and(|slot| slot.streams)
    }

    /// Takes a slot back after its end was reported; says who had it.
    pub(super) fn free(&mut self, voice: VoiceId) -> Option<PlaybackId> {
        let entry = self.slots.get_mut(usize::from(voice.slot))?;
        if entry.generation != voice.generation {
            return None;
        }
        let tenant = entry.tenant.take()?;
        self.streams -= usize::from(std::mem::take(&mut entry.streams));
        self.free.push(voice.slot);
        Some(tenant)
    }
}
