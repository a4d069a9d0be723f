//! The lines that wait, by who is to speak them.

use super::{Mouth, Posted};
use crate::director::PlaybackId;
use std::collections::BTreeMap;

/// Lines that wait, those of one mouth beside each other: each update asks for them by their mouth.
#[derive(Debug, Default)]
pub(super) struct Lines {
    by_mouth: BTreeMap<Mouth, Vec<Posted>>,
    mouths: BTreeMap<PlaybackId, Mouth>,
}

impl Lines {
    pub(super) fn is_empty(&self) -> bool {
        self.mouths.is_empty()
    }

    pub(super) fn waits(&self, id: PlaybackId) -> bool {
        self.mouths.contains_key(&id)
    }

    /// The lines' playbacks, the oldest first.
    pub(super) fn ids(&self) -> impl Iterator<Item = PlaybackId> {
        self.mouths.keys().copied()
    }

    /// Those for whom lines wait.
    pub(super) fn mouths(&self) -> impl Iterator<Item = &Mouth> {
        self.by_mouth.keys()
    }

    /// The lines that wait for one mouth.
    pub(super) fn of(&self, mouth: Mouth) -> &[Posted] {
        self.by_mouth.get(&mouth).map_or(&[], Vec::as_slice)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Mouth, &Posted)> {
        self.by_mouth.iter().flat_map(|(mouth, lines)| lines.iter().map(move |line| (mouth, line)))
    }

    pub(super) fn get_mut(&mut self, id: PlaybackId) -> Option<&mut Posted> {
        let lines = self.by_mouth.get_mut(self.mouths.get(&id)?)?;
        lines.iter_mut().find(|line| line.id == id)
    }

    pub(super) fn get(&self, id: PlaybackId) -> Option<(Mouth, Posted)> {
        let mouth = *self.mouths.get(&id)?;
        self.of(mouth).iter().find(|line| line.id == id).map(|line| (mouth, *line))
    }

    pub(super) fn put(&mut self, mouth: Mouth, line: Posted) {
        self.mouths.insert(line.id, mouth);
        self.by_mouth.entry(mouth).or_default().push(line);
    }

    pub(super) fn remove(&mut self, id: PlaybackId) -> Option<Posted> {
        let mouth = self.mouths.remove(&id)?;
        let lines = self.by_mouth.get_mut(&mouth)?;
        let place = lines.iter().position(|line| line.id == id)?;
        let line = lines.remove(place);
        if lines.is_empty() {
            self.by_mouth.remove(&mouth);
        }
        Some(line)
    }

    /// All lines, which wait no more.
    pub(super) fn take(&mut self) -> Vec<Posted> {
        self.mouths.clear();
        let mut all: Vec<_> = std::mem::take(&mut self.by_mouth).into_values().flatten().collect();
        all.sort_by_key(|line| line.id);
        all
    }
}
