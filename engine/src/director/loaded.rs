//! Sounds that are not in memory: what asks for them ends, and what plays them when they go fades out.

use super::{ClipFacts, Director, Ended, PlaybackId};
use crate::bank::{Bank, Sound, SoundId, SoundKind};
use std::collections::BTreeSet;

/// What can't be played, since sounds are not loaded: clips without their sound, what chooses between such alone, and
/// music that lacks any, for its grid goes by all.
pub(super) fn absent(bank: &Bank, facts: &[Option<ClipFacts>]) -> BTreeSet<SoundId> {
    let lacks = |index: usize| facts.get(index).copied().flatten().is_none();
    let of = |index: usize, sound: &Sound| match &sound.kind {
        SoundKind::Clip(_) => lacks(index),
        kind => {
            let clips = bank.clips(SoundId(index as u32));
            let mut lacking = clips.iter().map(|clip| lacks(clip.index()));
            match kind {
                SoundKind::Music(_) => lacking.any(|lacks| lacks),
                _ => !clips.is_empty() && lacking.all(|lacks| lacks),
            }
        }
    };
    let sounds = bank.sounds.iter().enumerate().filter(|(index, sound)| of(*index, sound));
    sounds.map(|(index, _)| SoundId(index as u32)).collect()
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
        self.end_absent();
        for id in self.playbacks.ids() {
            let Some(playback) = self.playbacks.get(id) else { continue };
            // What is yet to come is asked when its time has come; it may be loaded again by then.
            if !self.absent.contains(&playback.take.sound) || playback.is_fresh() || playback.stopping {
                continue;
            }
            // What comes after it does not come any more, and what plays beside it in its turn goes with it.
            let strand = playback.strand.filter(|&strand| !self.is_scatter(strand));
            let with = strand.map_or_else(Vec::new, |strand| self.remove_whole_strand(strand));
            self.fade_unloaded(id);
            with.into_iter().filter(|&other| other != id).for_each(|other| self.fade_unloaded(other));
        }
    }

    /// Ends what plays one after another and has nothing to play any more, and music that lacks some of its sounds.
    pub(super) fn end_absent(&mut self) {
        if self.absent.is_empty() {
            return;
        }
        let why = |begun: bool| if begun { Ended::Unloaded } else { Ended::NotLoaded };
        let strands = self.strands.roots().filter(|(_, strand)| self.absent.contains(&strand.take.sound));
        let strands = strands.map(|(id, strand)| (id, strand.on, why(strand.count > 0)));
        for (id, on, why) in strands.collect::<Vec<_>>() {
            self.remove_strand(id).into_iter().for_each(|sound| self.fade_unloaded(sound));
            self.end_if_over(id.0, on, why);
        }
        let music = self.players.iter().filter(|(_, player)| self.absent.contains(&player.take.sound));
        let music = music.map(|(owner, player)| (*owner, player.on, why(player.has_begun())));
        for (owner, on, why) in music.collect::<Vec<_>>() {
            self.end_music(owner);
            for member in self.members(owner) {
                if self.playbacks.get(member).is_some_and(|playback| playback.keeps_time) {
                    self.fade_unloaded(member);
                }
            }
            self.end_if_over(owner, on, why);
        }
    }

    /// Fades out what can't go on.
    fn fade_unloaded(&mut self, id: PlaybackId) {
        let Some(playback) = self.playbacks.get_mut(id) else { return };
        playback.unloaded = true;
        playback.strand = None;
        if playback.stopping {
            return;
        }
        if playback.voice.is_none() {
            return self.end(id, Ended::Unloaded);
        }
        let own = playback.event.map(|event| self.bank.events[event.index()].fade_out);
        let own = own.map_or(0, |fade| fade.frames(self.config.sample_rate));
        self.stop_one(id, Some(own.max(self.yield_fade())), 0);
    }
}
