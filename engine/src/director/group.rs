//! Playbacks of several sounds at once: layers and blends. Who posted it sees one; each of its sounds is let in, sleeps and
//! ends on its own, and the playback ends with the last.

use super::draw::Take;
use super::modulation::OwnTime;
use super::playback::Playback;
use super::{Director, EmitterKey, Ended, Notice, PlaybackId};
use crate::bank::EventId;

impl Director {
    /// Adds what a playback's choices came to.
    pub(super) fn add(
        &mut self,
        id: PlaybackId,
        event: EventId,
        on: Option<EmitterKey>,
        start: u64,
        takes: Vec<Take>,
    ) {
        let alone = takes.len() == 1;
        let mut members = Vec::with_capacity(takes.len());
        for take in takes {
            let member = if alone { id } else { self.playbacks.next_id() };
            self.add_one(member, id, event, on, start, take, None);
            members.push(member);
        }
        if !alone {
            self.groups.insert(id, members);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a sound is all of that")]
    fn add_one(
        &mut self,
        member: PlaybackId,
        owner: PlaybackId,
        event: EventId,
        on: Option<EmitterKey>,
        start: u64,
        take: Take,
        rise: Option<u32>,
    ) {
        let late = start + (f64::from(take.delay) * f64::from(self.config.sample_rate)) as u64;
        let mut playback = Playback::new(&self.bank, owner, event, on, take, late);
        (playback.posted, playback.rise) = (start, rise);
        playback.own = OwnTime::new(start);
        self.playbacks.add(member, playback);
    }

    /// The sounds of a playback: several, or it is its own.
    pub(super) fn members(&self, id: PlaybackId) -> Vec<PlaybackId> {
        self.groups.get(&id).cloned().unwrap_or_else(|| vec![id])
    }

    /// Ends one sound, and its playback with the last.
    pub(super) fn end(&mut self, id: PlaybackId, why: Ended) {
        let Some(playback) = self.playbacks.remove(id) else { return };
        self.touched.extend(playback.emitter);
        let owner = playback.owner;
        if let Some(members) = self.groups.get_mut(&owner) {
            members.retain(|&member| member != id);
            if !members.is_empty() {
                return;
            }
            self.groups.remove(&owner);
        }
        if let Some(emitter) = playback.emitter {
            self.world.detach(emitter, owner);
        }
        self.notices.push(Notice { playback: owner, emitter: playback.emitter, why });
    }

    /// Chooses anew what a playback of `event` plays, as far as it `concerns`. What it plays already goes on; the rest
    /// crossfades. All choices of the event are made for that, so what chooses beside it steps on, too.
    pub(super) fn redraw(
        &mut self,
        owner: PlaybackId,
        event: EventId,
        fade: u32,
        concerns: impl Fn(&Take) -> bool,
    ) {
        let before = self.members(owner);
        let Some((on, posted, paused, own)) = before
            .iter()
            .find_map(|&member| self.playbacks.get(member))
            .map(|playback| (playback.emitter, playback.posted, playback.paused, playback.own.clone()))
        else {
            return;
        };
        let mut takes = self.draw(event, on, self.now.max(posted));
        takes.retain(&concerns);
        let mut leaving = Vec::new();
        let mut begun = false;
        for &member in &before {
            let Some(playback) = self.playbacks.get_mut(member) else { continue };
            // What fades out already is not called back.
            if playback.stopping || !concerns(&playback.take) {
                continue;
            }
            begun |= !playback.is_fresh();
            let goes_on =
                |take: &Take| take.sound == playback.take.sound && take.layers == playback.take.layers;
            match takes.iter().position(goes_on) {
                // Its draws stay; only what it went by is another.
                Some(place) => playback.take.switches = takes.swap_remove(place).switches,
                None => leaving.push(member),
            }
        }
        let mut members = before;
        for mut take in takes {
            if begun {
                take.delay = 0.0;
            }
            let member = self.playbacks.next_id();
            self.add_one(member, owner, event, on, posted, take, Some(fade));
            if let Some(playback) = self.playbacks.get_mut(member) {
                playback.paused = paused;
                playback.own = own.clone();
                if begun {
                    playback.start = self.now.max(posted);
                    playback.anchor.0 = playback.start;
                }
            }
            members.push(member);
        }
        // Now it has several sounds, until the old ones have faded out.
        self.groups.insert(owner, members);
        for member in leaving {
            self.stop_one(member, Some(fade), 0);
        }
    }
}
