//! What plays one after another within one playback: continuous sequences and draws, and scatters.
//!
//! A *strand* is a container that runs: it draws an *item*, the take or takes that sound at once, a little before its time,
//! and gives each to the mixer with the exact frame of its start. So the next begins on the frame after the last one of the
//! one before. The game sees one playback.

use super::modulation::OwnTime;
use super::take::Take;
use super::{EmitterKey, PlaybackId};
use crate::bank::EventId;
use std::collections::{BTreeMap, VecDeque};

/// The playback that a strand is of, and a number in it.
pub(super) type StrandId = (PlaybackId, u32);

/// A container that runs.
#[derive(Debug, Clone)]
pub(super) struct Strand {
    /// The one whose item it is, if it is one's.
    pub(super) parent: Option<StrandId>,
    /// `None` once a reload removed the event.
    pub(super) event: Option<EventId>,
    pub(super) on: Option<EmitterKey>,
    /// The frame from which on the playback was to sound.
    pub(super) posted: u64,
    /// The way to the container.
    pub(super) take: Take,
    /// The fade of its first item, should it not be as new.
    pub(super) rise: Option<u32>,
    /// How many items it has given out.
    pub(super) count: u64,
    /// When the next one begins, where that does not follow from the one before. A scatter that rests has none.
    pub(super) next: Option<u64>,
    /// The items given out that are not over, and the last one.
    pub(super) items: VecDeque<Item>,
    /// What was drawn for items that were taken back.
    pub(super) again: VecDeque<Vec<Take>>,
    /// Since when it is held.
    pub(super) held: Option<u64>,
    /// The playback's time for modulators, for what comes when nothing sounds.
    pub(super) own: OwnTime,
}

/// What sounds at once.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// The frame at which it begins.
    pub(super) start: u64,
    /// How many frames before its end the next begins.
    pub(super) overlap: u64,
    pub(super) parts: Vec<Part>,
    /// What was drawn for it.
    pub(super) takes: Vec<Take>,
}

/// One of the sounds of an item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) what: What,
    /// The frame at which it ends, as far as that is known.
    pub(super) end: Option<u64>,
    /// Whether it is gone.
    pub(super) over: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum What {
    Sound(PlaybackId),
    Strand(StrandId),
}

impl Part {
    pub(super) fn of(what: What) -> Self {
        Self { what, end: None, over: false }
    }
}

impl Item {
    /// The frame at which all of it has ended; `None` while that is not known, or never comes.
    pub(super) fn end(&self) -> Option<u64> {
        self.parts.iter().try_fold(self.start, |end, part| Some(end.max(part.end?)))
    }

    pub(super) fn is_over(&self) -> bool {
        self.parts.iter().all(|part| part.over)
    }
}

impl Strand {
    /// The sounds of all its items that are not over.
    pub(super) fn parts(&self) -> impl Iterator<Item = &Part> {
        self.items.iter().flat_map(|item| &item.parts).filter(|part| !part.over)
    }

    /// Lets go of items that are over; the last one is kept, for the next goes by it.
    pub(super) fn prune(&mut self) {
        while self.items.len() > 1 && self.items.front().is_some_and(Item::is_over) {
            self.items.pop_front();
        }
    }

    /// Holds it, or lets it go on; what is still to come comes as much later.
    pub(super) fn hold(&mut self, on: bool, now: u64) {
        if on {
            self.held.get_or_insert(now);
            return;
        }
        let Some(since) = self.held.take() else { return };
        let by = now.saturating_sub(since);
        if let Some(next) = &mut self.next {
            *next = (*next).max(since) + by;
        }
        for item in &mut self.items {
            item.start += by;
            // Where the others end is told by where they are.
            for end in item.parts.iter_mut().filter(|part| part.over).filter_map(|part| part.end.as_mut()) {
                *end += by;
            }
        }
    }
}

/// All strands.
#[derive(Debug, Default)]
pub(super) struct Strands {
    all: BTreeMap<StrandId, Strand>,
    made: u32,
}

impl Strands {
    pub(super) fn add(&mut self, owner: PlaybackId, strand: Strand) -> StrandId {
        self.made = self.made.wrapping_add(1);
        let id = (owner, self.made);
        self.all.insert(id, strand);
        id
    }

    pub(super) fn put(&mut self, id: StrandId, strand: Strand) {
        self.all.insert(id, strand);
    }

    pub(super) fn get(&self, id: StrandId) -> Option<&Strand> {
        self.all.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: StrandId) -> Option<&mut Strand> {
        self.all.get_mut(&id)
    }

    pub(super) fn remove(&mut self, id: StrandId) -> Option<Strand> {
        self.all.remove(&id)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn ids(&self) -> Vec<StrandId> {
        self.all.keys().copied().collect()
    }

    /// Those of a playback, in the order in which they began.
    pub(super) fn of(&self, owner: PlaybackId) -> Vec<StrandId> {
        self.all.range((owner, 0)..=(owner, u32::MAX)).map(|(id, _)| *id).collect()
    }

    /// Those of a playback, to change them.
    pub(super) fn of_mut(&mut self, owner: PlaybackId) -> impl Iterator<Item = &mut Strand> {
        self.all.range_mut((owner, 0)..=(owner, u32::MAX)).map(|(_, strand)| strand)
    }

    pub(super) fn any_of(&self, owner: PlaybackId) -> bool {
        self.all.range((owner, 0)..=(owner, u32::MAX)).next().is_some()
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut Strand> {
        self.all.values_mut()
    }

    /// Those that are no part of others.
    pub(super) fn roots(&self) -> impl Iterator<Item = (StrandId, &Strand)> {
        self.all.iter().filter(|(_, strand)| strand.parent.is_none()).map(|(id, strand)| (*id, strand))
    }
}
