//! Envelopes let go: by a release, or by a stop that waits for those that move the gain.
//!
//! A playback falls from the moment at which it was let go, in its own time. When the last envelope on its gain has come to
//! its end, so has the playback; its event's fade is the last part of that.

use super::playback::{Playback, REMOVED_FADE_FRAMES};
use super::{Director, PlaybackId};
use crate::bank::{Bank, Driver, Event, EventProperty, ModulatorId, ModulatorKind};
use crate::modulators::Envelope;

/// The envelopes by which an event's gain moves.
fn gain_envelopes<'a>(
    bank: &'a Bank,
    event: &'a Event,
) -> impl Iterator<Item = (ModulatorId, &'a Envelope)> + use<'a> {
    event.curves.iter().filter(|curve| curve.property == EventProperty::Gain).filter_map(|curve| {
        let Driver::Modulator(id) = curve.from else { return None };
        match &bank.modulators.get(id.index())?.kind {
            ModulatorKind::Envelope(envelope) => Some((id, envelope)),
            _ => None,
        }
    })
}

impl Director {
    /// The frames of fade of a playback that is stopped.
    pub(super) fn own_fade(&self, id: PlaybackId) -> u32 {
        let event = self.playbacks.get(id).and_then(|playback| playback.event);
        event.map_or(REMOVED_FADE_FRAMES, |event| {
            self.bank.events[event.index()].fade_out.frames(self.config.sample_rate)
        })
    }

    /// Lets go what a playback's envelopes hold, from the next update on; nothing else is stopped. Where one of them moves
    /// the gain, the playback ends with it.
    pub fn release(&mut self, id: PlaybackId) {
        for member in self.family(id) {
            if self.playbacks.get(member).is_some_and(|playback| playback.own.released.is_none()) {
                self.let_go.push(member);
            }
        }
        // What comes later is let go as well, though nothing sounds just now.
        self.let_go.extend(self.owners(id));
    }

    /// Lets go from frame `at` on what is still to come of what goes on by itself.
    pub(super) fn let_go_lasting(&mut self, owner: PlaybackId, at: u64) {
        if at <= self.now {
            return self.let_go.push(owner);
        }
        let rate = self.config.sample_rate;
        for own in self.lasting_times(owner) {
            own.released.get_or_insert(own.at(at, rate));
        }
    }

    /// When the last envelope on a playback's gain comes to its end, in its own seconds; `None` if there is none, or it
    /// was not let go.
    fn fallen(&self, playback: &Playback) -> Option<f64> {
        let event = playback.event.map(|event| &self.bank.events[event.index()])?;
        let released = playback.own.released?;
        let end = |(id, envelope): (ModulatorId, &Envelope)| {
            let fall = playback.own.fall(id, envelope, released);
            fall.map_or(released, |fall| fall.since) + f64::from(envelope.release)
        };
        gain_envelopes(&self.bank, event).map(end).reduce(f64::max)
    }

    /// Whether a stop of a playback waits for an envelope; lets it go then.
    pub(super) fn falls(&mut self, id: PlaybackId, at: u64) -> bool {
        let Some(playback) = self.playbacks.get(id) else { return false };
        let event = playback.event.map(|event| &self.bank.events[event.index()]);
        let long =
            |event: &Event| gain_envelopes(&self.bank, event).any(|(_, envelope)| envelope.release > 0.0);
        // Before its start there is nothing to wait for: it is never heard.
        let begun = playback.start < at.max(self.now);
        if playback.paused || playback.voice.is_none() || !begun || !event.is_some_and(long) {
            return false;
        }
        self.let_go_at(id, at);
        true
    }

    /// Lets go what a sound's envelopes hold from frame `at` on; what is past is from the next update on.
    pub(super) fn let_go_at(&mut self, id: PlaybackId, at: u64) {
        let Some(playback) = self.playbacks.get_mut(id) else { return };
        if playback.own.released.is_none() && at <= self.now {
            return self.let_go.push(id);
        }
        let seconds = playback.own.at(at, self.config.sample_rate);
        playback.own.released.get_or_insert(seconds);
        self.falling.insert(id);
    }

    /// Lets envelopes go whose time it is, and stops what they have brought to its end.
    pub(super) fn let_fall(&mut self) {
        let rate = self.config.sample_rate;
        for id in std::mem::take(&mut self.let_go) {
            let (now, owner) = (self.now, self.playbacks.get(id).map_or(id, |playback| playback.owner));
            for own in self.lasting_times(owner) {
                own.see(now);
                own.released.get_or_insert(own.at(now, rate));
            }
            if let Some(playback) = self.playbacks.get_mut(id) {
                let seconds = playback.own.at(self.now, rate);
                playback.own.released.get_or_insert(seconds);
                self.falling.insert(id);
            }
        }
        if self.falling.is_empty() {
            return;
        }
        let horizon = self.horizon();
        for id in std::mem::take(&mut self.falling) {
            let Some(playback) = self.playbacks.get(id) else { continue };
            // What moves no gain of it is no reason to end.
            let stopped = playback.own.released.filter(|_| playback.stopping);
            let Some(end) = self.fallen(playback).or(stopped) else { continue };
            let event =
                playback.event.map_or(0, |event| self.bank.events[event.index()].fade_out.frames(rate));
            let own = &playback.own;
            let begun = own.released.map_or(0, |released| own.frame_of(released, rate));
            let end = own.frame_of(end, rate);
            // The event's own fade is the last part of it.
            let at = end.saturating_sub(u64::from(event)).max(begun);
            if own.held || at >= horizon {
                self.falling.insert(id);
                continue;
            }
            if playback.keeps_time {
                // Nothing more is heard of it.
                self.players.remove(&playback.owner);
            }
            self.stop_one(id, Some(event), at);
        }
    }
}
