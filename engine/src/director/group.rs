//! Playbacks of several sounds at once: layers and blends. Who posted it sees one; each of its sounds is let in, sleeps and
//! ends on its own, and the playback ends with the last.

use super::playback::Playback;
use super::take::Take;
use super::{Director, EmitterKey, Ended, Notice, PlaybackId};
use crate::bank::{EventId, SoundKind};

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
        let runs = |take: &Take| self.bank.sounds[take.sound.index()].kind.runs();
        let (streams, takes): (Vec<Take>, Vec<Take>) = takes.into_iter().partition(runs);
        let alone = takes.len() == 1 && streams.is_empty();
        let mut members = Vec::with_capacity(takes.len());
        for take in takes {
            let member = if alone { id } else { self.playbacks.next_id() };
            self.add_one(member, id, event, on, start, take, None);
            members.push(member);
        }
        if !alone {
            self.groups.insert(id, members);
        }
        for take in streams {
            if let SoundKind::Music(_) = self.bank.sounds[take.sound.index()].kind {
                self.begin_music((id, event, on, start), take, start, None);
            } else {
                self.begin_stream((id, event, on, start), take, start);
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a sound is all of that")]
    pub(super) fn add_one(
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
        playback.begin_at((f64::from(playback.take.offset) * f64::from(self.config.sample_rate)).round());
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
        if let Some(stream) = playback.stream.filter(|_| why != Ended::Finished) {
            self.give_up(stream, why);
        }
        if let Some(members) = self.groups.get_mut(&owner) {
            members.retain(|&member| member != id);
            return self.end_if_over(owner, playback.emitter, why);
        }
        self.take_leave(owner, playback.emitter, why);
    }

    /// A playback has come to its end, and with it what it held.
    pub(super) fn take_leave(&mut self, owner: PlaybackId, on: Option<EmitterKey>, why: Ended) {
        self.touched.extend(on);
        self.states.release(owner);
        if let Some(emitter) = on {
            self.world.detach(emitter, owner);
        }
        self.notices.push(Notice { playback: owner, emitter: on, why });
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
        let Some((on, posted, paused)) = before
            .iter()
            .find_map(|&member| self.playbacks.get(member))
            .map(|playback| (playback.emitter, playback.posted, playback.paused))
            .or_else(|| {
                let stream = self.streams.get(*self.streams.of(owner).first()?)?;
                Some((stream.on, stream.posted, stream.held.is_some()))
            })
        else {
            return;
        };
        let mut takes = self.draw(event, on, self.now.max(posted));
        takes.retain(&concerns);
        let mut leaving = Vec::new();
        let (mut begun, mut judged) = (false, false);
        for &member in &before {
            let Some(playback) = self.playbacks.get_mut(member) else { continue };
            // What fades out already is not called back.
            if playback.stopping || playback.stream.is_some() || !concerns(&playback.take) {
                continue;
            }
            (begun, judged) = (begun | !playback.is_fresh(), true);
            let goes_on =
                |take: &Take| take.sound == playback.take.sound && take.layers == playback.take.layers;
            match takes.iter().position(goes_on) {
                // Its draws stay; only what it went by is another.
                Some(place) => playback.take.switches = takes.swap_remove(place).switches,
                None => leaving.push(member),
            }
        }
        let roots = self.streams.roots().filter(|(id, stream)| id.0 == owner && concerns(&stream.take));
        for id in roots.map(|(id, _)| id).collect::<Vec<_>>() {
            let Some(stream) = self.streams.get_mut(id) else { continue };
            begun = true;
            let goes_on = |take: &Take| take.sound == stream.take.sound && take.layers == stream.take.layers;
            match takes.iter().position(goes_on) {
                Some(place) => stream.take.switches = takes.swap_remove(place).switches,
                None => leaving.extend(self.remove_stream(id)),
            }
        }
        begun |= !judged && posted < self.now;
        let mut members = before;
        for mut take in takes {
            if begun {
                take.delay = 0.0;
            }
            if let SoundKind::Music(_) = self.bank.sounds[take.sound.index()].kind {
                self.begin_music((owner, event, on, posted), take, self.now.max(posted), Some(fade));
                self.hold_music(owner, paused);
                continue;
            }
            if self.bank.sounds[take.sound.index()].kind.runs() {
                let (at, now) = (self.now.max(posted), self.now);
                let id = self.begin_stream((owner, event, on, posted), take, at);
                if let Some(stream) = self.streams.get_mut(id) {
                    (stream.rise, stream.held) = (Some(fade), paused.then_some(now));
                }
                continue;
            }
            let member = self.playbacks.next_id();
            self.add_one(member, owner, event, on, posted, take, Some(fade));
            if let Some(playback) = self.playbacks.get_mut(member) {
                playback.paused = paused;
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
        self.end_if_over(owner, on, Ended::Finished);
    }
}
