//! Music on its way: which segment is next, and at which frame it begins.
//!
//! A *player* gives out *passes*: a segment each, with the frames of its entry, exit, bars and markers. The next pass is
//! given out a tenth of a second before anything of it is heard, so until then a game may change its mind; from then on
//! its frames stand, and all that follows goes by them. Its sounds are started and left at exact frames, whatever the time
//! of the update, and its pitch is left alone, so that nothing drifts.

mod hold;
mod pass;
mod passes;
mod player;
mod playlist;
mod tell;

pub(super) use player::Player;
pub use tell::MusicPosition;

use super::group::Over;
use super::take::Take;
use super::{Director, EmitterKey, Ended, PlaybackId};
use crate::bank::{Bank, Destination, EventId, Music, MusicTransition, SoundId, SoundKind, SyncPoint};
use pass::{Pass, Then};
use passes::Next;
use player::Ahead;
use std::sync::Arc;

/// How long after a decision music goes over at the soonest, in milliseconds: until then its orders are with the mixer.
const SOONEST_MILLISECONDS: u64 = 20;
/// The fade of what is left in the middle, unless the way says another, in seconds.
pub(super) const LEFT_FADE_SECONDS: f32 = 0.02;
/// How many passes a player gives out at most in one update.
const MOST_AT_ONCE: usize = 8;

fn music(bank: &Bank, sound: SoundId) -> Option<&Music> {
    match &bank.sounds.get(sound.index())?.kind {
        SoundKind::Music(music) => Some(music),
        _ => None,
    }
}

impl Director {
    /// Begins music at frame `at`.
    pub(super) fn begin_music(
        &mut self,
        (owner, event, on, posted): (PlaybackId, EventId, Option<EmitterKey>, u64),
        mut take: Take,
        at: u64,
        rise: Option<u32>,
    ) {
        let delay = std::mem::take(&mut take.delay);
        let start = at + self.frames(delay);
        let own = self.own_time(owner, posted);
        let player = Player { on, posted, start, rise, own, ..Player::new(Some(event), take) };
        self.groups.entry(owner).or_default();
        self.players.insert(owner, player);
    }

    /// Asks for a stinger in all music that plays and has one of that name. It comes at its place on the grid.
    pub fn trigger(&mut self, name: &str) {
        let Self { bank, players, now, config, .. } = self;
        for player in players.values_mut() {
            let Some(music) = music(bank, player.take.sound) else { continue };
            let Some(place) = music.stingers.iter().position(|stinger| stinger.name == name) else {
                continue;
            };
            let rest = u64::from(music.stingers[place].cooldown.frames(config.sample_rate));
            let soon = |&(own, at): &(usize, u64)| own == place && at + rest > *now;
            if player.last().is_some()
                && !player.stung.iter().any(soon)
                && !player.asked.iter().any(|&(own, _)| own == place)
            {
                player.asked.push((place, None));
            }
        }
    }

    /// Lets all music go on.
    pub(super) fn run_music(&mut self) {
        for owner in self.players.keys().copied().collect::<Vec<_>>() {
            // Something stands in its place meanwhile: a playback of which nothing sounds is not over for that.
            let Some(place) = self.players.get_mut(&owner) else { continue };
            let mut player = std::mem::replace(place, Player::vacant());
            let bank = Arc::clone(&self.bank);
            let mut over = false;
            self.settle(owner, &mut player);
            player.own.see(self.now);
            if let Some(place) = self.players.get_mut(&owner) {
                place.own.clone_from(&player.own);
            }
            if let Some(music) = music(&bank, player.take.sound).filter(|_| player.held.is_none()) {
                for _ in 0..MOST_AT_ONCE {
                    if !self.go_on(owner, &mut player, music) {
                        break;
                    }
                }
                self.sting(owner, &mut player, music);
                self.leave(&mut player);
                self.tell_grid(owner, &mut player, music);
                let left = player.passes.back().is_none_or(|pass| pass.is_left_by(self.now));
                over = player.done.is_some() && music.on.is_none() && left;
            }
            // A pass has its turn until it is left, however short its sounds are.
            let gone = |pass: &Pass| {
                pass.is_left_by(self.now) && pass.members.iter().all(|&id| self.playbacks.get(id).is_none())
            };
            while player.passes.len() > 1 && player.passes.front().is_some_and(gone) {
                player.passes.pop_front();
            }
            if over {
                self.players.remove(&owner);
                self.end_if_over(owner, player.on, Ended::Finished);
            } else if let Some(place) = self.players.get_mut(&owner) {
                *place = player;
            }
        }
    }

    /// The part that is to play now.
    fn wanted(&self, player: &Player, music: &Music) -> Option<usize> {
        match music.on {
            Some(on) => music.cases.get(self.parameters.value(player.on, on) as usize).copied().flatten(),
            None => Some(0),
        }
    }

    /// A part's name, or the label that has none.
    fn name<'m>(&self, player: &Player, music: &'m Music, bank: &'m Bank, part: Option<usize>) -> &'m str {
        if let Some((name, _)) = part.and_then(|part| music.parts.get(part)) {
            return name;
        }
        let label = music.on.map(|on| (on, self.parameters.value(player.on, on) as usize));
        label.and_then(|(on, label)| bank.parameters[on.index()].labels.get(label)).map_or("", String::as_str)
    }

    /// Gives out the next pass, if its time has come; says whether it did anything.
    fn go_on(&mut self, owner: PlaybackId, player: &mut Player, music: &Music) -> bool {
        let (horizon, soon) = (self.horizon(), self.now + self.milliseconds(SOONEST_MILLISECONDS));
        let (wanted, bank) = (self.wanted(player, music), Arc::clone(&self.bank));
        if player.done.is_some() && player.done != wanted {
            player.done = None;
        }
        let entry = |segment: usize| u64::from(music.segments[segment].entry.frames(self.config.sample_rate));
        let Some(last) = player.last() else {
            let first = player.passes.is_empty();
            let Some(part) = wanted.filter(|&part| player.done != Some(part)) else {
                player.waits |= first;
                return false;
            };
            // What is left, and has not gone yet, is heard out.
            let left = player.passes.back().and_then(|pass| pass.left).map_or(0, |(at, ..)| at);
            // What was to begin by now does so with its first frame; what had no part yet as soon as a change comes.
            let begin = match (first, player.waits) {
                (true, false) => player.start.max(self.now),
                (true, true) => player.start.max(soon),
                (false, _) => soon.max(left),
            };
            if begin >= horizon {
                return false;
            }
            let Some(segment) = player.look_ahead(music, part, &mut self.rng) else {
                player.done = Some(part);
                return false;
            };
            let to = self.name(player, music, &bank, Some(part));
            let fade_in =
                music.way("", None, to).map_or(0, |way| way.fade_in.frames(self.config.sample_rate));
            let rise = if first { player.rise } else { Some(fade_in) };
            player.take_ahead();
            self.give_pass(
                owner,
                player,
                music,
                Next { segment, part, zero: begin as i64, begin, rise, then: None },
            );
            return true;
        };
        if let Some(then) = last.then.clone() {
            return self.go_on_after(owner, player, music, then);
        }
        if wanted != last.part {
            let from = self.name(player, music, &bank, last.part);
            let way = music.way(from, last.segment, self.name(player, music, &bank, wanted));
            let plain = plain_way();
            let way = way.unwrap_or(&plain);
            if let Some(at) = last.sync(&way.at, soon, music) {
                let Some(part) = wanted else {
                    if at < horizon {
                        self.leave_at(player, at, way);
                    }
                    return at < horizon;
                };
                let Some(segment) = player.look_ahead(music, part, &mut self.rng) else { return false };
                let lead = match (way.via, &way.into) {
                    (Some(via), _) => entry(via),
                    (None, Destination::Entry) => entry(segment),
                    _ => 0,
                };
                if at.saturating_sub(lead) >= horizon {
                    return false;
                }
                self.go_over(owner, player, music, way, at);
                return true;
            }
        }
        // The list goes on; of a part that a reload took away there is none.
        let exit = last.exit;
        let Some(part) = last.part else {
            if exit < horizon
                && let Some(last) = player.passes.back_mut()
            {
                last.left = Some((exit, None, false));
            }
            return exit < horizon;
        };
        match player.look_ahead(music, part, &mut self.rng) {
            Some(segment) if exit.saturating_sub(entry(segment)) < horizon => {
                player.take_ahead();
                if let Some(last) = player.passes.back_mut() {
                    last.left = Some((exit, None, false));
                }
                self.enter(owner, player, music, (segment, part), (exit, &Destination::Entry, 0), None);
                true
            }
            None if exit < horizon => {
                if let Some(last) = player.passes.back_mut() {
                    last.left = Some((exit, None, false));
                }
                (player.done, player.cursor, player.ahead) = (Some(part), None, None);
                false
            }
            _ => false,
        }
    }

    /// Goes over to what was looked at ahead, at frame `at`.
    fn go_over(
        &mut self,
        owner: PlaybackId,
        player: &mut Player,
        music: &Music,
        way: &MusicTransition,
        at: u64,
    ) {
        let Some(Ahead { part, cursor, segment: Some(segment) }) = player.ahead.clone() else { return };
        let fade_in = way.fade_in.frames(self.config.sample_rate);
        self.leave_at(player, at, way);
        match way.via {
            Some(via) => {
                let then = Then { cursor, segment, into: way.into.clone(), fade_in };
                player.ahead = None;
                self.enter(owner, player, music, (via, part), (at, &Destination::Entry, 0), Some(then));
            }
            None => {
                player.take_ahead();
                self.enter(owner, player, music, (segment, part), (at, &way.into, fade_in), None);
            }
        }
    }

    /// Goes on after a segment in between.
    fn go_on_after(&mut self, owner: PlaybackId, player: &mut Player, music: &Music, then: Then) -> bool {
        let Some((exit, part)) = player.last().and_then(|last| Some((last.exit, last.part?))) else {
            return false;
        };
        let entry = music
            .segments
            .get(then.segment)
            .map_or(0, |segment| segment.entry.frames(self.config.sample_rate));
        if exit.saturating_sub(u64::from(entry)) >= self.horizon() {
            return false;
        }
        if let Some(last) = player.passes.back_mut() {
            last.left = Some((exit, None, false));
        }
        (player.cursor, player.ahead) = (Some((part, then.cursor)), None);
        self.enter(owner, player, music, (then.segment, part), (exit, &then.into, then.fade_in), None);
        true
    }

    fn milliseconds(&self, milliseconds: u64) -> u64 {
        u64::from(self.config.sample_rate) * milliseconds / 1000
    }

    /// Plays the stingers that are asked for when their time has come.
    fn sting(&mut self, owner: PlaybackId, player: &mut Player, music: &Music) {
        let (horizon, soon) = (self.horizon(), self.now + self.milliseconds(SOONEST_MILLISECONDS));
        for (place, at) in std::mem::take(&mut player.asked) {
            let stinger = &music.stingers[place];
            let at = at.or_else(|| player.last()?.sync(&stinger.at, soon, music));
            let Some(due) = at.filter(|&at| at < horizon) else {
                // One for which the segment has no place any more waits for the next.
                player.asked.push((place, at));
                continue;
            };
            let Some(event) = player.event else { continue };
            for take in self.draw_on(player, stinger.play, due) {
                let delay = self.frames(take.delay);
                self.add_in_time((owner, event, player.on, player.posted), take, (due + delay, 0), Some(0));
            }
            player.stung.retain(|&(own, _)| own != place);
            player.stung.push((place, due));
        }
    }

    /// Lets nothing more come of a playback's music; what it was posted on, if it had any.
    pub(super) fn end_music(&mut self, owner: PlaybackId) -> Option<Option<EmitterKey>> {
        self.players.remove(&owner).map(|player| player.on)
    }

    /// Gives music the ids of the new bank, its segments and parts those of their names.
    pub(super) fn rename_music(
        &mut self,
        old: &Bank,
        event: impl Fn(EventId) -> Option<EventId>,
        sound: impl Fn(SoundId) -> SoundId,
    ) {
        let Self { bank, players, config, now, .. } = self;
        for player in players.values_mut() {
            let before = music(old, player.take.sound);
            player.event = player.event.and_then(&event);
            player.take.follow(&sound, bank);
            if let (Some(old), Some(new)) = (before, music(bank, player.take.sound)) {
                // Held, it is still where it was.
                let now = player.held.unwrap_or(*now);
                player.follow(old, new, config.sample_rate, now);
            }
        }
    }

    /// Carries music over to the new bank. What is no music any more, or not its event's, makes room for what is.
    pub(super) fn follow_music(&mut self, reaches: impl Fn(EventId, SoundId) -> bool, fade: u32) {
        for owner in self.players.keys().copied().collect::<Vec<_>>() {
            let Some(player) = self.players.get(&owner) else { continue };
            let on = player.on;
            let Some(event) = player.event else {
                self.players.remove(&owner);
                self.end_if_over(owner, on, Ended::Removed);
                continue;
            };
            let sound = player.take.sound;
            if music(&self.bank, sound).is_some() && reaches(event, sound) {
                continue;
            }
            let layers = player.take.layers.clone();
            self.redraw(owner, event, Over::Within(fade), |take| take.layers == layers);
        }
    }
}

/// The way that is taken where none is written: at the next bar.
fn plain_way() -> MusicTransition {
    MusicTransition {
        from: None,
        segment: None,
        to: None,
        at: SyncPoint::Bar,
        into: Destination::Entry,
        via: None,
        fade_out: None,
        fade_in: crate::units::Seconds::MIN,
    }
}
