//! Playbacks of several sounds at once: layers and blends. Who posted it sees one; each of its sounds is let in, sleeps and
//! ends on its own, and the playback ends with the last.

use super::modulation::OwnTime;
use super::music::{LEFT_FADE_SECONDS, Player};
use super::playback::Playback;
use super::strand::Strand;
use super::take::Take;
use super::{Director, EmitterKey, Ended, Happened, PlaybackId};
use crate::bank::{EventId, SoundId, SoundKind};

/// How what plays makes place for what is chosen anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// In a crossfade of so many frames.
    Within(u32),
    /// At the end of the lap that it is in.
    AtEnd,
}

/// How long before a lap's end it must be known that it is the last, in seconds: the order has to reach the mixer.
const LEAD_SECONDS: f32 = 0.02;

/// Something that plays, and the playback whose it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Playing<'a> {
    pub(super) owner: PlaybackId,
    pub(super) event: Option<EventId>,
    pub(super) on: Option<EmitterKey>,
    /// The frame from which on the playback was to sound.
    pub(super) posted: u64,
    pub(super) take: &'a Take,
    /// Whether it goes on by itself until something else takes its place.
    pub(super) lasts: bool,
}

impl<'a> Playing<'a> {
    fn sound(playback: &'a Playback) -> Self {
        let Playback { owner, event, emitter: on, posted, take, .. } = playback;
        // What strands and music give out goes with them.
        let own = playback.strand.is_none() && !playback.keeps_time;
        let lasts = own && take.looping && !playback.stopping;
        Self { owner: *owner, event: *event, on: *on, posted: *posted, take, lasts }
    }

    fn strand(owner: PlaybackId, strand: &'a Strand) -> Self {
        let Strand { event, on, posted, take, .. } = strand;
        Self { owner, event: *event, on: *on, posted: *posted, take, lasts: true }
    }

    fn music(owner: PlaybackId, player: &'a Player) -> Self {
        let Player { event, on, posted, take, .. } = player;
        Self { owner, event: *event, on: *on, posted: *posted, take, lasts: true }
    }
}

impl Director {
    /// All that plays: sounds, what plays one after another, and music.
    pub(super) fn playing(&self) -> impl Iterator<Item = Playing<'_>> {
        let sounds = self.playbacks.all().map(Playing::sound);
        let strands = self.strands.roots().map(|(id, strand)| Playing::strand(id.0, strand));
        let music = self.players.iter().map(|(&owner, player)| Playing::music(owner, player));
        sounds.chain(strands).chain(music)
    }

    /// What plays of one event of a playback.
    pub(super) fn playing_of(&self, owner: PlaybackId) -> impl Iterator<Item = Playing<'_>> {
        let sounds = self.members(owner).into_iter().filter_map(|member| self.playbacks.get(member));
        let strands = self.strands.of(owner).into_iter().filter_map(|id| self.strands.get(id));
        let strands = strands.map(move |strand| Playing::strand(owner, strand));
        let music = self.players.get(&owner).map(|player| Playing::music(owner, player));
        sounds.map(Playing::sound).chain(strands).chain(music)
    }

    /// The frame at which a loop comes to the end of a lap, the first that can still be its last.
    fn end_of_lap(&self, playback: &Playback) -> Option<u64> {
        let (start, end) = self.facts(playback)?.lap?;
        let soonest = self.now + (LEAD_SECONDS * self.config.sample_rate as f32) as u64;
        let (since, place) = playback.anchor;
        let rate = f64::from(playback.rate).max(1e-3);
        let lap = f64::from((end - start).max(1));
        let first = f64::from(end) - place;
        // Laps that are over by then, from where it was last known to be.
        let passed = soonest.saturating_sub(since) as f64 * rate - first;
        let laps = if passed > 0.0 { libm::ceil(passed / lap) } else { 0.0 };
        Some(since + libm::ceil((first + laps * lap).max(0.0) / rate) as u64)
    }

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
        let (strands, takes): (Vec<Take>, Vec<Take>) = takes.into_iter().partition(runs);
        let alone = takes.len() == 1 && strands.is_empty();
        let mut members = Vec::with_capacity(takes.len());
        for take in takes {
            let member = if alone { id } else { self.playbacks.next_id() };
            self.add_one(member, id, event, on, start, take, None);
            members.push(member);
        }
        if !alone {
            self.groups.insert(id, members);
            self.stages.entry(id).or_default();
        }
        for take in strands {
            if let SoundKind::Music(_) = self.bank.sounds[take.sound.index()].kind {
                self.begin_music((id, event, on, start), take, start, None);
            } else {
                self.begin_strand((id, event, on, start), take, start);
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
        let late = start + self.frames(take.delay);
        let mut playback = Playback::new(&self.bank, owner, event, on, take, late);
        (playback.posted, playback.rise) = (start, rise);
        playback.begin_at((f64::from(playback.take.offset) * f64::from(self.config.sample_rate)).round());
        playback.own = self.own_time(owner, start);
        if playback.own.released.is_some() {
            self.falling.insert(member);
        }
        self.playbacks.add(member, playback);
    }

    /// A playback's time for modulators: that of what it plays already, or its own from its beginning on.
    pub(super) fn own_time(&mut self, owner: PlaybackId, start: u64) -> OwnTime {
        let others = self.groups.get(&owner).into_iter().flatten();
        let mut known =
            others.filter_map(|&member| self.playbacks.get(member)).map(|member| member.own.clone());
        if let Some(known) = known.next_back() {
            return known;
        }
        let now = self.now;
        let kept = self.lasting_times(owner).next().map(|own| {
            own.see(now);
            own.clone()
        });
        kept.unwrap_or_else(|| OwnTime::new(start))
    }

    /// The times for modulators that what goes on by itself keeps for a playback.
    pub(super) fn lasting_times(&mut self, owner: PlaybackId) -> impl Iterator<Item = &mut OwnTime> {
        let Self { strands, players, .. } = self;
        let music = players.get_mut(&owner).map(|player| &mut player.own);
        strands.of_mut(owner).map(|strand| &mut strand.own).chain(music)
    }

    /// The sounds of a playback: several, or it is its own.
    pub(super) fn members(&self, id: PlaybackId) -> Vec<PlaybackId> {
        self.groups.get(&id).cloned().unwrap_or_else(|| vec![id])
    }

    /// Ends one sound, and its playback with the last.
    pub(super) fn end(&mut self, id: PlaybackId, why: Ended) {
        let Some(playback) = self.playbacks.remove(id) else { return };
        self.touched.extend(playback.emitter);
        self.ways.remove(&id);
        let owner = playback.owner;
        if let Some(strand) = playback.strand.filter(|_| why != Ended::Finished) {
            self.give_up(strand, why);
        }
        if let Some(members) = self.groups.get_mut(&owner) {
            members.retain(|&member| member != id);
            if let Some(&left) = members.first() {
                if owner == id {
                    // It was alone once; what was told of it counts for those that came.
                    self.stages.entry(owner).or_insert(playback.stage);
                }
                return self.retell(left, self.now, Ended::OutOfEarshot);
            }
            return self.end_if_over(owner, playback.emitter, why);
        }
        self.take_leave(owner, playback.emitter, why);
    }

    /// A playback has come to its end, and with it what it held.
    pub(super) fn take_leave(&mut self, owner: PlaybackId, on: Option<EmitterKey>, why: Ended) {
        let why = if self.is_family(owner) { why } else { self.queues.why(owner, why) };
        self.touched.extend(on);
        self.states.release(owner);
        if self.end_in_family(owner, why) {
            return;
        }
        self.stages.remove(&owner);
        if let Some(emitter) = on {
            self.world.detach(emitter, owner);
        }
        self.tell(owner, on, self.now, Happened::Ended(why));
    }

    /// Chooses anew what a playback of `event` plays, as far as it `concerns`. What it plays already goes on; the rest
    /// crossfades. All choices of the event are made for that, so what chooses beside it steps on, too.
    pub(super) fn redraw(
        &mut self,
        owner: PlaybackId,
        event: EventId,
        over: Over,
        concerns: impl Fn(&Take) -> bool,
    ) {
        let before = self.members(owner);
        let Some((on, posted, paused, own)) = before
            .iter()
            .find_map(|&member| self.playbacks.get(member))
            .map(|playback| (playback.emitter, playback.posted, playback.paused, playback.own.clone()))
            .or_else(|| {
                let strand = self.strands.get(*self.strands.of(owner).first()?)?;
                Some((strand.on, strand.posted, strand.held.is_some(), strand.own.clone()))
            })
            .or_else(|| {
                let player = self.players.get(&owner)?;
                Some((player.on, player.posted, player.is_held(), player.own.clone()))
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
            let given_out = playback.strand.is_some() || playback.keeps_time;
            if playback.stopping || given_out || !concerns(&playback.take) {
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
        let roots = self.strands.roots().filter(|(id, strand)| id.0 == owner && concerns(&strand.take));
        for id in roots.map(|(id, _)| id).collect::<Vec<_>>() {
            let Some(strand) = self.strands.get_mut(id) else { continue };
            begun = true;
            let goes_on = |take: &Take| take.sound == strand.take.sound && take.layers == strand.take.layers;
            match takes.iter().position(goes_on) {
                Some(place) => strand.take.switches = takes.swap_remove(place).switches,
                None => leaving.extend(self.remove_strand(id)),
            }
        }
        let mut music = Vec::new();
        if let Some(player) = self.players.get_mut(&owner).filter(|player| concerns(&player.take)) {
            begun |= player.has_begun();
            let is_music =
                |sound: SoundId| matches!(self.bank.sounds[sound.index()].kind, SoundKind::Music(_));
            let goes_on = |take: &Take| {
                take.sound == player.take.sound && take.layers == player.take.layers && is_music(take.sound)
            };
            match takes.iter().position(goes_on) {
                Some(place) => player.take.switches = takes.swap_remove(place).switches,
                None => {
                    self.players.remove(&owner);
                    let keeps_time =
                        |id: &PlaybackId| self.playbacks.get(*id).is_some_and(|playback| playback.keeps_time);
                    music.extend(before.iter().copied().filter(keeps_time));
                }
            }
        }
        begun |= !judged && posted < self.now;
        // What comes begins where the last of those that go has come to the end of its lap.
        let ends = before.iter().filter_map(|&member| {
            let playback = self.playbacks.get(member)?;
            match playback.leaves {
                Some(at) => Some(at),
                None if playback.is_fresh() => Some(playback.start),
                None if leaving.contains(&member) => self.end_of_lap(playback),
                None => None,
            }
        });
        let now = self.now.max(posted);
        let (fade, at) = match over {
            Over::Within(fade) => (fade, now),
            Over::AtEnd => (0, ends.max().unwrap_or(now).max(now)),
        };
        // What waits for a lap's end has not begun, but what it follows has.
        begun |= at > now;
        let mut members = before;
        for mut take in takes {
            if begun {
                take.delay = 0.0;
            }
            if let SoundKind::Music(_) = self.bank.sounds[take.sound.index()].kind {
                self.begin_music((owner, event, on, posted), take, at, Some(fade));
                self.hold_music(owner, paused);
                continue;
            }
            if self.bank.sounds[take.sound.index()].kind.runs() {
                let id = self.begin_strand((owner, event, on, posted), take, at);
                let held = paused.then_some(self.now);
                if let Some(strand) = self.strands.get_mut(id) {
                    (strand.rise, strand.held) = (Some(fade), held);
                }
                continue;
            }
            let member = self.playbacks.next_id();
            let own_fade =
                take.clip(&self.bank).map_or(0, |clip| clip.fade_in.frames(self.config.sample_rate));
            let rise = if over == Over::AtEnd { own_fade } else { fade };
            self.add_one(member, owner, event, on, posted, take, Some(rise));
            if let Some(playback) = self.playbacks.get_mut(member) {
                playback.paused = paused;
                playback.own = own.clone();
                if begun {
                    playback.start = at;
                    playback.anchor.0 = at;
                }
            }
            members.push(member);
        }
        // Now it has several sounds, until the old ones have faded out.
        self.groups.insert(owner, members);
        for member in leaving {
            let end =
                self.playbacks.get(member).filter(|_| over == Over::AtEnd).filter(|one| !one.is_fresh());
            let end = end.and_then(|playback| self.end_of_lap(playback));
            if let Some(playback) = self.playbacks.get_mut(member) {
                playback.leaves = end;
            }
            self.stop_one(member, Some(fade), end.unwrap_or(0));
        }
        let fade = fade.max((LEFT_FADE_SECONDS * self.config.sample_rate as f32) as u32);
        music.into_iter().for_each(|member| self.stop_one(member, Some(fade), 0));
        self.end_if_over(owner, on, Ended::Finished);
    }
}
