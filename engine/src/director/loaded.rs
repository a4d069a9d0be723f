//! Sounds that are not in memory: what asks for them ends, and what plays them when they go fades out.

use super::{ClipFacts, Director, Ended};
use crate::bank::{Bank, SoundId, SoundKind};
use std::collections::BTreeSet;

/// The clips of which nothing is known, since their sound is not loaded.
pub(super) fn absent(bank: &Bank, facts: &[Option<ClipFacts>]) -> BTreeSet<SoundId> {
    let is_absent = |&(index, sound): &(usize, &crate::bank::Sound)| {
        matches!(sound.kind, SoundKind::Clip(_)) && facts.get(index).copied().flatten().is_none()
    };
    bank.sounds.iter().enumerate().filter(is_absent).map(|(index, _)| SoundId(index as u32)).collect()
}

impl Director {
    /// Takes note of what of the same bank is loaded now. What plays a sound that is not any more fades out over its
    /// event's own fade, but never at once, and ends as [`Ended::Unloaded`]; what is posted ends as
    /// [`Ended::NotLoaded`]. The mixer must have the sounds that came before the orders of the next
    /// [`Director::update`], and may give up those that went after the orders that this call leaves.
    pub fn load(&mut self, facts: Vec<Option<ClipFacts>>, stamp: u64) {
        self.stamp = stamp;
        self.absent = absent(&self.bank, &facts);
        // A voice that fades out is still heard from where it is: its sound's facts stay.
        let old = std::mem::take(&mut self.facts);
        let known = |(index, new): (usize, Option<ClipFacts>)| new.or(old.get(index).copied().flatten());
        self.facts = facts.into_iter().enumerate().map(known).collect();
        for id in self.playbacks.ids() {
            let Some(playback) = self.playbacks.get_mut(id) else { continue };
            // What is yet to come is asked when its time has come; it may be loaded again by then.
            if !self.absent.contains(&playback.take.sound) || playback.is_fresh() || playback.stopping {
                continue;
            }
            playback.unloaded = true;
            if playback.voice.is_none() {
                self.end(id, Ended::Unloaded);
                continue;
            }
            let own = playback.event.map(|event| self.bank.events[event.index()].fade_out);
            let own = own.map_or(0, |fade| fade.frames(self.config.sample_rate));
            self.stop_one(id, Some(own.max(self.yield_fade())), 0);
        }
    }
}
