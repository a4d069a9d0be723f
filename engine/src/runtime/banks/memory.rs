//! What samples take in memory, those on their way out included.

use crate::media::{Sample, Store};
use std::sync::{Arc, Weak};

/// What samples take in memory, in bytes, each counted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SampleMemory {
    /// Those that can be played, with all that are computed.
    pub loaded: usize,
    /// Those that were unloaded or replaced, but which a voice still plays or the mixer has not given back yet.
    pub leaving: usize,
}

/// Samples that are to go, as long as somebody holds them.
#[derive(Default)]
pub(super) struct Leaving(Vec<Weak<Sample>>);

impl Leaving {
    pub(super) fn add(&mut self, dropped: &Store) {
        self.0.extend(dropped.iter().map(|(_, sample)| Arc::downgrade(sample)));
    }

    /// What was in the one store and is not in the other; says whether there was any.
    pub(super) fn replace(&mut self, old: &Store, new: &Store) -> bool {
        let before = self.0.len();
        let gone = old.iter().filter(|(request, sample)| {
            new.get(&request.file, request.edit).is_none_or(|new| !Arc::ptr_eq(new, sample))
        });
        self.0.extend(gone.map(|(_, sample)| Arc::downgrade(sample)));
        self.0.len() > before
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.iter().filter_map(Weak::upgrade).map(|sample| sample.bytes()).sum()
    }

    pub(super) fn tidy(&mut self) {
        self.0.retain(|sample| sample.strong_count() > 0);
    }
}
