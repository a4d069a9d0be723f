//! Stopping, holding and leaping: of a whole playback, of what one of its events plays, of one sound.
//!
//! A playback may be several *owners*: the event that was posted and those that its actions posted. Each has sounds, what
//! goes on by itself (one after another, music), and maybe a place in a queue; all of that stops, waits and leaps together.

use super::markers::Bend;
use super::{Director, Ended, Order, PlaybackId};
use crate::link::Command;
use std::collections::BTreeSet;

/// Whom a stop is for that comes in its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whom {
    /// A whole playback.
    Playback(PlaybackId),
    /// One sound.
    Sound(PlaybackId),
}

impl Director {
    /// Stops a playback from frame `at` on, over `fade` frames or, by default, the event's own fade. What is
    /// stopped before its start is never heard.
    ///
    /// By default, envelopes are let go, and those that move the gain are heard to their ends: the stop takes as long as
    /// the longest of their releases, and the event's own fade is the last part of that. Over a `fade` that is given, they
    /// are not waited for.
    pub fn stop(&mut self, id: PlaybackId, fade: Option<u32>, at: u64) {
        if at >= self.horizon() {
            self.timed_stops.push((at, fade, Whom::Playback(id)));
            return;
        }
        self.stop_over(id, |_, _| fade, at);
    }

    /// Stops all of a playback at a frame that is near, each of its sounds over its own fade.
    pub(super) fn stop_over(
        &mut self,
        id: PlaybackId,
        fade: impl Fn(&Self, PlaybackId) -> Option<u32>,
        at: u64,
    ) {
        self.forget_waiting(id);
        let owners = self.owners(id);
        owners.iter().for_each(|&owner| self.drop_line(owner, Ended::Stopped));
        owners.into_iter().for_each(|owner| self.stop_owner(owner, &fade, at));
        self.close(id, Ended::Stopped);
    }

    /// Stops what one event of a playback plays, and lets nothing more come of it.
    pub(super) fn stop_owner(
        &mut self,
        owner: PlaybackId,
        fade: impl Fn(&Self, PlaybackId) -> Option<u32>,
        at: u64,
    ) {
        let ran = self.end_strands(owner, at).or(self.end_music(owner));
        for member in self.members(owner) {
            self.stop_one(member, fade(self, member), at);
        }
        if let Some(on) = ran {
            self.end_if_over(owner, on, Ended::Stopped);
        }
    }

    pub(super) fn stop_one(&mut self, id: PlaybackId, fade: Option<u32>, at: u64) {
        let waits = fade.is_none() && self.falls(id, at);
        let asked = fade;
        let fade = fade.unwrap_or_else(|| self.own_fade(id));
        let Some(playback) = self.playbacks.get_mut(id) else { return };
        let why = playback.stopped();
        if waits {
            return playback.stopping = true;
        }
        match playback.voice {
            Some(voice) => {
                playback.stopping = true;
                let from = at.max(self.now);
                // Before its start it is never heard.
                let silent = if from < playback.start { from } else { from + u64::from(fade) };
                playback.silent = Some(playback.silent.map_or(silent, |before| before.min(silent)));
                self.orders.push(Order { at: self.stamp, command: Command::Stop { voice, at, fade } });
                self.bend_way(id, Bend::Stop { at, fade });
            }
            // It has no voice yet, but will have begun by then.
            None if playback.is_fresh() && at > playback.start => {
                self.timed_stops.push((at, asked, Whom::Sound(id)));
            }
            None => self.end(id, why),
        }
    }

    /// Stops everything, over `fade` frames or each over its own fade.
    pub fn stop_all(&mut self, fade: Option<u32>, at: u64) {
        let playing: BTreeSet<_> = self.playing().map(|one| one.owner).collect();
        for id in self.families().into_iter().chain(self.queues.waiting()).chain(playing) {
            self.stop(id, fade, at);
        }
    }

    /// Holds a playback where it is, with what its event's actions wait to do, or lets it go on.
    pub fn pause(&mut self, id: PlaybackId, on: bool) {
        self.owners(id).into_iter().for_each(|owner| self.hold_owner(owner, on));
        self.hold(id, on);
    }

    /// Holds what one event of a playback plays and is still to play, or lets it go on.
    pub(super) fn hold_owner(&mut self, owner: PlaybackId, on: bool) {
        self.hold_line(owner, on);
        if on {
            self.take_back_line(owner);
        }
        let (now, rate) = (self.now, self.config.sample_rate);
        for strand in self.strands.of_mut(owner) {
            match strand.held {
                None if on => strand.own.hold(true, now, rate),
                Some(since) if !on => strand.own.go_on(since, now, rate),
                _ => {}
            }
        }
        self.hold_strands(owner, on);
        self.hold_music(owner, on);
        self.members(owner).into_iter().for_each(|member| self.pause_one(member, on));
    }

    fn pause_one(&mut self, id: PlaybackId, on: bool) {
        if self.is_held_in_time(id) {
            return;
        }
        let fade = self.yield_fade();
        let Some(facts) = self.playbacks.get(id).map(|playback| self.facts(playback)) else { return };
        let Some(playback) = self.playbacks.get_mut(id).filter(|playback| playback.paused != on) else {
            return;
        };
        if playback.is_fresh() && (playback.start > self.now || playback.held.is_some()) {
            // What is still to come comes as much later as it is held.
            match playback.held.take() {
                Some(since) => {
                    let held = self.now.saturating_sub(since);
                    playback.start += held;
                    playback.own.postpone(held);
                    playback.anchor.0 = playback.start;
                }
                None => playback.held = Some(self.now),
            }
            playback.paused = on;
            return;
        }
        let now = self.now.max(playback.start);
        let mut place = playback.position(now, facts);
        if on && playback.strand.is_some() && playback.voice.is_some() {
            // It runs on while it fades, and what follows it goes by its place.
            place += f64::from(fade) * f64::from(playback.rate);
        }
        playback.anchor = (now, place);
        playback.own.hold(on, self.now, self.config.sample_rate);
        playback.paused = on;
        if let Some(voice) = playback.voice {
            self.orders.push(Order { at: self.stamp, command: Command::Pause { voice, on, fade } });
            self.bend_way(id, Bend::Pause { on, fade });
        }
    }

    /// Makes a playback go on at another place of its sample, in frames. Music keeps to its grid and stays where it is.
    pub fn seek(&mut self, id: PlaybackId, to: f64) {
        self.owners(id).into_iter().for_each(|owner| self.seek_owner(owner, to));
    }

    /// Makes what one event of a playback plays go on at another place.
    pub(super) fn seek_owner(&mut self, owner: PlaybackId, to: f64) {
        self.take_back_line(owner);
        self.take_back(owner);
        self.members(owner).into_iter().for_each(|member| self.seek_one(member, to));
    }

    fn seek_one(&mut self, id: PlaybackId, to: f64) {
        let fade = self.leap_fade();
        let Some(playback) = self.playbacks.get_mut(id).filter(|playback| !playback.keeps_time) else {
            return;
        };
        // It leaps when it has faded out, and what follows it goes by that.
        let faded = if playback.strand.is_some() && playback.voice.is_some() { u64::from(fade) } else { 0 };
        playback.anchor = (self.now.max(playback.start) + faded, to.max(0.0));
        if let Some(voice) = playback.voice {
            self.orders.push(Order { at: self.stamp, command: Command::Seek { voice, to, fade } });
            self.bend_way(id, Bend::Seek { to, fade });
        }
    }
}
