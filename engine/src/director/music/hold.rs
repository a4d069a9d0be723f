//! Music that is held goes on at the frame at which it was.
//!
//! A voice that is held runs on while it fades. So time stands still for music a fade later than it was told to, if anything
//! of it sounds, and all that was still to come, though it may be with the mixer already, comes as much later as time stood
//! still. What had been told to leave is told again.

use super::super::halt::Whom;
use super::super::markers::Bend;
use super::super::{Director, Ended, Order, PlaybackId};
use super::player::Player;
use crate::link::{Command, StartFrom};

impl Director {
    /// Holds what a playback's music plays and is still to play, or lets it go on: with the next update, whose frame is the
    /// one at which the mixer does so.
    pub(in crate::director) fn hold_music(&mut self, owner: PlaybackId, on: bool) {
        if let Some(player) = self.players.get_mut(&owner) {
            player.holds = on;
        }
    }

    /// Whether a sound is held with the music that it is of.
    pub(in crate::director) fn is_held_in_time(&self, id: PlaybackId) -> bool {
        let playback = self.playbacks.get(id);
        playback.is_some_and(|playback| playback.keeps_time && self.players.contains_key(&playback.owner))
    }

    /// Holds music, or lets it go on, if that was asked for.
    pub(super) fn settle(&mut self, owner: PlaybackId, player: &mut Player) {
        match (player.held, player.holds) {
            (None, true) => self.hold_in_time(owner, player),
            (Some(since), false) => self.go_on_in_time(owner, player, since),
            _ => {}
        }
    }

    fn sounds_in_time(&self, owner: PlaybackId) -> Vec<PlaybackId> {
        let mut members = self.members(owner);
        members.retain(|&id| self.playbacks.get(id).is_some_and(|playback| playback.keeps_time));
        members
    }

    fn hold_in_time(&mut self, owner: PlaybackId, player: &mut Player) {
        let now = self.now;
        player.held = Some(now);
        player.own.hold(true, now, self.config.sample_rate);
        player.runs_on = false;
        for id in self.sounds_in_time(owner) {
            player.runs_on |= self.playbacks.get(id).is_some_and(|playback| playback.start <= now);
            let mut leaves = false;
            for pass in player.passes.iter_mut().filter(|pass| pass.members.contains(&id)) {
                leaves = pass.left.is_some_and(|(at, _, ordered)| ordered && at > now);
            }
            if self.hold_one_in_time(id, leaves) {
                player.cut.push(id);
            }
        }
        let leaving = player.passes.iter_mut().filter_map(|pass| pass.left.as_mut());
        leaving.filter(|(at, ..)| *at > now).for_each(|(_, _, ordered)| *ordered = false);
    }

    /// Holds one sound; says whether its voice was taken from it.
    fn hold_one_in_time(&mut self, id: PlaybackId, leaves: bool) -> bool {
        let (now, rate, fade) = (self.now, self.config.sample_rate, self.yield_fade());
        let Some(facts) = self.playbacks.get(id).map(|playback| self.facts(playback)) else { return false };
        let Some(playback) = self.playbacks.get_mut(id).filter(|playback| !playback.paused) else {
            return false;
        };
        let place = playback.position(now, facts);
        playback.paused = true;
        let told = leaves && playback.stopping;
        if leaves {
            (playback.stopping, playback.silent) = (false, None);
            self.timed_stops.retain(|(_, _, of)| *of != Whom::Sound(id));
        }
        let comes = playback.start > now;
        if comes {
            playback.held = Some(now);
        } else {
            playback.anchor = (now, place + f64::from(fade));
            playback.own.hold(true, now, rate);
        }
        let Some(voice) = playback.voice else {
            if comes {
                self.playbacks.defer(id);
            }
            return false;
        };
        if !comes && !told {
            self.orders.push(Order { at: self.stamp, command: Command::Pause { voice, on: true, fade } });
            self.bend_way(id, Bend::Pause { on: true, fade });
            return false;
        }
        // The mixer begins or stops it at its time, held or not: so it gets another voice when it goes on.
        let fade = if comes { 0 } else { fade };
        self.orders.push(Order { at: self.stamp, command: Command::Stop { voice, at: 0, fade } });
        self.playbacks.unvoice(id);
        self.ways.remove(&id);
        if comes {
            self.playbacks.defer(id);
        }
        !comes
    }

    fn go_on_in_time(&mut self, owner: PlaybackId, player: &mut Player, since: u64) {
        let gone = self.now.saturating_sub(since);
        let fade = if player.runs_on { u64::from(self.yield_fade()) } else { 0 };
        let by = gone.saturating_sub(fade);
        player.shift(by, since);
        player.own.go_on(since, self.now, self.config.sample_rate);
        let cut = std::mem::take(&mut player.cut);
        for id in self.sounds_in_time(owner) {
            self.go_on_one_in_time(id, (gone, by), cut.contains(&id));
        }
    }

    fn go_on_one_in_time(&mut self, id: PlaybackId, (gone, by): (u64, u64), cut: bool) {
        let (now, rate, fade) = (self.now, self.config.sample_rate, self.yield_fade());
        let Some(playback) = self.playbacks.get_mut(id).filter(|playback| playback.paused) else { return };
        playback.paused = false;
        if playback.held.take().is_some() {
            playback.start += by;
            playback.anchor.0 = playback.start;
            playback.own.postpone(gone);
            if let Some(late) = now.checked_sub(playback.start).filter(|late| *late > 0) {
                // It was to begin while the others faded: it rises with them.
                let left = u64::from(playback.rise.unwrap_or(0)).saturating_sub(late);
                playback.rise = Some(fade.max(u32::try_from(left).unwrap_or(0)));
            }
            return;
        }
        // Let go on before it was silent, it has run on all the time.
        let early = u64::from(fade).saturating_sub(gone);
        let place = playback.anchor.1 - early as f64;
        playback.anchor = (now, place);
        playback.own.hold(false, now, rate);
        if let Some(voice) = playback.voice {
            self.orders.push(Order { at: self.stamp, command: Command::Pause { voice, on: false, fade } });
            self.bend_way(id, Bend::Pause { on: false, fade });
        } else if cut && !self.start_voice(id, StartFrom::Running(place), now, fade) {
            self.lay_down(id, Ended::NoVoice);
        }
    }
}
