//! Music on its way: which segment is next, and at which frame it begins.
//!
//! A *player* gives out *passes*: a segment each, with the frames of its entry, exit, bars and markers. The next pass is
//! given out a tenth of a second before anything of it is heard, so until then a game may change its mind; from then on
//! its frames stand, and all that follows goes by them. Its sounds are started and left at exact frames, whatever the time
//! of the update, and its pitch is left alone, so that nothing drifts.

mod pass;
mod playlist;

use super::draw::Circumstances;
use super::group::Over;
use super::take::Take;
use super::{ClipFacts, Director, EmitterKey, Ended, Happened, PlaybackId};
use crate::bank::{Bank, Destination, EventId, Music, MusicTransition, SoundId, SoundKind, SyncPoint};
use pass::{Measures, Pass, Then, frames};
use playlist::Cursor;
use std::collections::VecDeque;
use std::sync::Arc;

/// How long after a decision music goes over at the soonest, in milliseconds: until then its orders are with the mixer.
const SOONEST_MILLISECONDS: u64 = 20;
/// The fade of what is left in the middle, unless the way says another, in seconds.
const LEFT_FADE_SECONDS: f32 = 0.02;
/// How many passes a player gives out at most in one update.
const MOST_AT_ONCE: usize = 8;

/// Where music is.
#[derive(Debug, Clone, PartialEq)]
pub struct MusicPosition {
    /// The segment.
    pub segment: String,
    /// The part that it is of; empty if the music has none.
    pub part: String,
    /// The bar, from 1 on.
    pub bar: u64,
    /// The beat in the bar, from 1 on.
    pub beat: u64,
    /// The frame of the mixer's clock at which the segment's entry was.
    pub entry: u64,
}

/// Music that plays.
#[derive(Debug, Clone)]
pub(super) struct Player {
    /// `None` once a reload removed the event.
    pub(super) event: Option<EventId>,
    pub(super) on: Option<EmitterKey>,
    posted: u64,
    /// The frame at which it begins.
    start: u64,
    /// The way to the music.
    pub(super) take: Take,
    /// The fade of its first segment, should it not be the event's.
    rise: Option<u32>,
    passes: VecDeque<Pass>,
    /// Where the list of the last pass's part has come to.
    cursor: Option<(usize, Cursor)>,
    /// What comes next if a part is to come next.
    ahead: Option<Ahead>,
    /// The part whose list has come to its end.
    done: Option<usize>,
    held: Option<u64>,
    /// The stingers that are asked for, and when they come.
    asked: Vec<(usize, Option<u64>)>,
    /// When stingers were played last.
    stung: Vec<(usize, u64)>,
    /// The frame up to which its segments, beats and markers are told.
    told: u64,
}

#[derive(Debug, Clone)]
struct Ahead {
    part: usize,
    cursor: Cursor,
    segment: Option<usize>,
}

/// A pass to be given out.
struct Next {
    segment: usize,
    part: usize,
    zero: i64,
    begin: u64,
    rise: Option<u32>,
    then: Option<Then>,
}

fn music(bank: &Bank, sound: SoundId) -> Option<&Music> {
    match &bank.sounds.get(sound.index())?.kind {
        SoundKind::Music(music) => Some(music),
        _ => None,
    }
}

impl Player {
    /// Whether anything of it was given out.
    pub(super) fn has_begun(&self) -> bool {
        !self.passes.is_empty()
    }

    /// The pass whose turn it is or comes.
    fn last(&self) -> Option<&Pass> {
        self.passes.back().filter(|pass| pass.left.is_none())
    }

    /// The next segment of a part, drawn once; `None` at the end of its list.
    fn look_ahead(&mut self, music: &Music, part: usize, rng: &mut super::Rng) -> Option<usize> {
        if self.ahead.as_ref().is_none_or(|ahead| ahead.part != part) {
            let list = music.parts.get(part)?.1;
            let mut cursor = match &self.cursor {
                Some((own, cursor)) if *own == part => cursor.clone(),
                _ => Cursor::at(music, list),
            };
            let segment = cursor.next(music, rng);
            self.ahead = Some(Ahead { part, cursor, segment });
        }
        self.ahead.as_ref()?.segment
    }

    /// Takes what was looked at ahead as what comes now.
    fn take_ahead(&mut self) {
        if let Some(Ahead { part, cursor, .. }) = self.ahead.take() {
            self.cursor = Some((part, cursor));
        }
    }

    fn hold(&mut self, on: bool, now: u64) {
        if on {
            self.held.get_or_insert(now);
            return;
        }
        let Some(since) = self.held.take() else { return };
        let by = now.saturating_sub(since);
        if self.start > since {
            self.start += by;
        }
        self.passes.iter_mut().for_each(|pass| pass.shift(by, since));
        self.asked.iter_mut().flat_map(|(_, at)| at).for_each(|at| *at += by);
    }

    /// Goes on in another version of the music, as far as segments and parts are still there.
    fn follow(&mut self, old: &Music, new: &Music, sample_rate: u32, now: u64) {
        let segment = |place: usize| {
            let name = &old.segments.get(place)?.name;
            new.segments.iter().position(|segment| segment.name == *name)
        };
        let part = |place: usize| {
            let name = &old.parts.get(place)?.0;
            new.parts.iter().position(|(part, _)| part == name)
        };
        for pass in &mut self.passes {
            pass.segment = pass.segment.and_then(segment);
            pass.part = pass.part.and_then(part);
            pass.then =
                pass.then.take().and_then(|then| Some(Then { segment: segment(then.segment)?, ..then }));
            if let Some(written) = pass.segment.map(|place| &new.segments[place]) {
                pass.follow(written, sample_rate, now);
            }
        }
        let names =
            |music: &Music| music.segments.iter().map(|segment| segment.name.clone()).collect::<Vec<_>>();
        let same = old.lists == new.lists && old.parts == new.parts && names(old) == names(new);
        if !same {
            (self.cursor, self.ahead, self.done) = (None, None, None);
        }
        let stinger = |place: usize| {
            let name = &old.stingers.get(place)?.name;
            new.stingers.iter().position(|stinger| stinger.name == *name)
        };
        self.asked.retain_mut(|(place, _)| stinger(*place).map(|now| *place = now).is_some());
        self.stung.retain_mut(|(place, _)| stinger(*place).map(|now| *place = now).is_some());
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
        let start = at + (f64::from(delay) * f64::from(self.config.sample_rate)) as u64;
        let player = Player {
            event: Some(event),
            on,
            posted,
            start,
            take,
            rise,
            passes: VecDeque::new(),
            cursor: None,
            ahead: None,
            done: None,
            held: None,
            asked: Vec::new(),
            stung: Vec::new(),
            told: 0,
        };
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

    /// Where the music of a playback is; `None` if it has none, or none of it plays.
    pub fn music(&self, id: PlaybackId) -> Option<MusicPosition> {
        let player = self.players.get(&id)?;
        let music = music(&self.bank, player.take.sound)?;
        let now = player.held.unwrap_or(self.now);
        let over = |pass: &&Pass| pass.left.is_some_and(|(at, ..)| at <= now);
        let pass = player.passes.iter().rev().find(|pass| pass.turn <= now && !over(pass))?;
        let beat = pass.first_beat(now + 1).saturating_sub(1);
        let beats = u64::from(pass.beats);
        Some(MusicPosition {
            segment: music.segments.get(pass.segment?)?.name.clone(),
            part: pass
                .part
                .and_then(|part| music.parts.get(part))
                .map_or_else(String::new, |(name, _)| name.clone()),
            bar: beat / beats + 1,
            beat: beat % beats + 1,
            entry: pass.entry.max(0) as u64,
        })
    }

    /// Lets all music go on.
    pub(super) fn run_music(&mut self) {
        for owner in self.players.keys().copied().collect::<Vec<_>>() {
            let Some(mut player) = self.players.remove(&owner) else { continue };
            let bank = Arc::clone(&self.bank);
            let mut over = false;
            if let Some(music) = music(&bank, player.take.sound).filter(|_| player.held.is_none()) {
                for _ in 0..MOST_AT_ONCE {
                    if !self.go_on(owner, &mut player, music) {
                        break;
                    }
                }
                self.sting(owner, &mut player, music);
                self.leave(&mut player);
                self.tell_grid(owner, &mut player, music);
                over = player.done.is_some() && music.on.is_none();
            }
            let gone = |members: &[PlaybackId]| members.iter().all(|&id| self.playbacks.get(id).is_none());
            while player.passes.len() > 1 && player.passes.front().is_some_and(|pass| gone(&pass.members)) {
                player.passes.pop_front();
            }
            let on = player.on;
            if over {
                self.end_if_over(owner, on, Ended::Finished);
            } else {
                self.players.insert(owner, player);
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
            let Some(part) = wanted.filter(|&part| player.done != Some(part)) else { return false };
            let begin = if first { player.start } else { soon.max(self.now) };
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
        // The list goes on.
        let Some(part) = last.part else { return false };
        let exit = last.exit;
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

    /// Gives out a segment that is entered at frame `at`.
    fn enter(
        &mut self,
        owner: PlaybackId,
        player: &mut Player,
        music: &Music,
        (segment, part): (usize, usize),
        (at, into, fade_in): (u64, &Destination, u32),
        then: Option<Then>,
    ) {
        let written = &music.segments[segment];
        let rate = self.config.sample_rate;
        let entry = u64::from(written.entry.frames(rate));
        let place = match into {
            Destination::Entry => None,
            Destination::SameTime => {
                let before = player.passes.iter().rev().find(|pass| pass.then.is_none());
                before.map(|pass| entry + (at as i64 - pass.entry).max(0) as u64)
            }
            Destination::Marker(name) => {
                let fits = |(marker, _): &&(String, _)| name.as_ref().is_none_or(|name| name == marker);
                let known: Vec<_> = written.markers.iter().filter(fits).collect();
                let drawn = (self.rng.unit() * known.len() as f32) as usize;
                known
                    .get(drawn.min(known.len().saturating_sub(1)))
                    .map(|(_, time)| u64::from(time.frames(rate)))
            }
        };
        // Before its entry it is heard as far as there is time; entered elsewhere, it begins there.
        let zero = at as i64 - place.unwrap_or(entry) as i64;
        let begin = if place.is_some() { at } else { (zero.max(self.now as i64)) as u64 };
        self.give_pass(owner, player, music, Next { segment, part, zero, begin, rise: Some(fade_in), then });
    }

    /// Gives out a pass with its sounds.
    fn give_pass(&mut self, owner: PlaybackId, player: &mut Player, music: &Music, next: Next) {
        let Some(event) = player.event else { return };
        let Next { segment, part, zero, begin, rise, then } = next;
        let written = &music.segments[segment];
        let takes = self.draw_on(player, written.play, begin);
        let rate = self.config.sample_rate;
        let delay = |take: &Take| (f64::from(take.delay) * f64::from(rate)) as u64;
        let lasts = |take: &Take| delay(take) + frames(self.facts_of(take));
        let length = takes.iter().map(lasts).max().unwrap_or(0);
        let measures = Measures::of(written, length, rate);
        let mut pass = Pass::new((segment, written), part, measures, zero, begin, rate);
        pass.then = then;
        for take in takes {
            let own = zero + delay(&take) as i64;
            let place = (begin as i64 - own).max(0) as u64;
            if !take.looping && place > 0 && place >= frames(self.facts_of(&take)) {
                continue;
            }
            let start = (own.max(begin as i64)) as u64;
            pass.members.push(self.add_in_time(
                (owner, event, player.on, player.posted),
                take,
                (start, place),
                rise,
            ));
        }
        player.passes.push_back(pass);
    }

    /// Adds a sound that begins at a place of its sample at an exact frame.
    fn add_in_time(
        &mut self,
        (owner, event, on, posted): (PlaybackId, EventId, Option<EmitterKey>, u64),
        mut take: Take,
        (start, place): (u64, u64),
        rise: Option<u32>,
    ) -> PlaybackId {
        let own_fade = take.clip(&self.bank).map_or(0, |clip| clip.fade_in.frames(self.config.sample_rate));
        let rise = rise.map(|rise| if rise > 0 { rise } else { own_fade });
        let member = self.playbacks.next_id();
        take.delay = 0.0;
        self.add_one(member, owner, event, on, start, take, rise);
        if let Some(playback) = self.playbacks.get_mut(member) {
            playback.keep_time(place as f64);
            playback.posted = posted;
        }
        self.groups.entry(owner).or_default().push(member);
        member
    }

    /// Makes the choices of a sound that music plays.
    fn draw_on(&mut self, player: &Player, sound: SoundId, at: u64) -> Vec<Take> {
        let mut take = player.take.clone();
        take.sound = sound;
        let Self { drawer, bank, parameters, rng, config, .. } = self;
        let sample_rate = config.sample_rate;
        drawer.draw_from(&Circumstances { bank, parameters, on: player.on, at, sample_rate }, take, rng)
    }

    fn facts_of(&self, take: &Take) -> Option<ClipFacts> {
        self.facts.get(take.sound.index()).copied().flatten()
    }

    fn milliseconds(&self, milliseconds: u64) -> u64 {
        u64::from(self.config.sample_rate) * milliseconds / 1000
    }

    /// Lets the last pass be left at frame `at`.
    fn leave_at(&self, player: &mut Player, at: u64, way: &MusicTransition) {
        let rate = self.config.sample_rate;
        let Some(last) = player.passes.back_mut() else { return };
        // What comes after its exit is heard out, unless the way says otherwise.
        let short = (at < last.exit).then_some((LEFT_FADE_SECONDS * rate as f32) as u32);
        last.left = Some((at, way.fade_out.map(|fade| fade.frames(rate)).or(short), false));
    }

    /// Fades out what is left soon. At an exit only what would go on for ever.
    fn leave(&mut self, player: &mut Player) {
        let horizon = self.horizon();
        for pass in &mut player.passes {
            let Some((at, fade, false)) = pass.left.filter(|&(at, ..)| at < horizon) else { continue };
            pass.left = Some((at, fade, true));
            for &member in &pass.members {
                let loops = self.playbacks.get(member).is_some_and(|playback| playback.take.looping);
                if fade.is_some() || loops {
                    let fade = fade.unwrap_or_else(|| self.leap_fade());
                    self.stop_one(member, Some(fade), at);
                }
            }
        }
    }

    /// Tells of the segments, beats and markers of the next update's span.
    fn tell_grid(&mut self, owner: PlaybackId, player: &mut Player, music: &Music) {
        let (from, until) = (player.told, self.span_end());
        let mut due = Vec::new();
        for pass in &player.passes {
            let Some(segment) = pass.segment.and_then(|segment| music.segments.get(segment)) else {
                continue;
            };
            let end = pass.left.map_or(pass.exit, |(at, ..)| at).min(until);
            if (from..end).contains(&pass.turn) {
                due.push((pass.turn, Happened::Segment(segment.name.as_str().into())));
            }
            let (begin, beats) = (from.max(pass.turn), u64::from(pass.beats));
            let count = |number: u64| u32::try_from(number + 1).unwrap_or(u32::MAX);
            let mut number = pass.first_beat(begin);
            while pass.beat_at(number) < end {
                let beat = Happened::Beat { bar: count(number / beats), beat: count(number % beats) };
                due.push((pass.beat_at(number), beat));
                number += 1;
            }
            let passed = pass.markers.iter().filter(|(at, _)| (begin..end).contains(at));
            for &(at, place) in passed {
                let name = segment.markers.get(place).map_or("", |(name, _)| name);
                due.push((at, Happened::Marker(name.into())));
            }
        }
        player.told = from.max(until);
        due.sort_by_key(|&(at, _)| at);
        let root = self.root_of(owner);
        due.into_iter().for_each(|(at, what)| self.tell(root, player.on, at, what));
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
                let delay = (f64::from(take.delay) * f64::from(self.config.sample_rate)) as u64;
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

    /// Holds what is still to come of a playback's music, or lets it come.
    pub(super) fn hold_music(&mut self, owner: PlaybackId, on: bool) {
        let now = self.now;
        if let Some(player) = self.players.get_mut(&owner) {
            player.hold(on, now);
        }
    }

    /// Carries music over to the new bank. What is no music any more, or not its event's, makes room for what is.
    pub(super) fn follow_music(
        &mut self,
        old: &Bank,
        event: impl Fn(EventId) -> Option<EventId>,
        sound: impl Fn(SoundId) -> SoundId,
        reaches: impl Fn(EventId, SoundId) -> bool,
        fade: u32,
    ) {
        for owner in self.players.keys().copied().collect::<Vec<_>>() {
            let Some(mut player) = self.players.remove(&owner) else { continue };
            let before = player.take.sound;
            player.event = player.event.and_then(&event);
            player.take.follow(&sound, &self.bank);
            let Some(now) = player.event else {
                self.end_if_over(owner, player.on, Ended::Removed);
                continue;
            };
            let bank = Arc::clone(&self.bank);
            match (music(old, before), music(&bank, player.take.sound)) {
                (Some(old), Some(new)) if reaches(now, player.take.sound) => {
                    player.follow(old, new, self.config.sample_rate, self.now);
                    self.players.insert(owner, player);
                }
                _ => {
                    let members = self.members(owner);
                    let layers = player.take.layers.clone();
                    for &member in &members {
                        if let Some(playback) = self.playbacks.get_mut(member) {
                            playback.stopping = true;
                        }
                    }
                    self.redraw(owner, now, Over::Within(fade), |take| take.layers == layers);
                    members.into_iter().for_each(|member| self.stop_one(member, Some(fade), 0));
                    self.end_if_over(owner, player.on, Ended::Finished);
                }
            }
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
