//! How a segment is given out, sound by sound, and how it is left.

use super::super::draw::Circumstances;
use super::super::take::Take;
use super::super::{Director, EmitterKey, PlaybackId};
use super::LEFT_FADE_SECONDS;
use super::pass::{Measures, Pass, Then, frames};
use super::player::Player;
use crate::bank::{Destination, EventId, Music, MusicTransition, SoundId};

/// A pass to be given out.
pub(super) struct Next {
    pub(super) segment: usize,
    pub(super) part: usize,
    pub(super) zero: i64,
    pub(super) begin: u64,
    pub(super) rise: Option<u32>,
    pub(super) then: Option<Then>,
}

impl Director {
    /// Gives out a segment that is entered at frame `at`.
    pub(super) fn enter(
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
    pub(super) fn give_pass(&mut self, owner: PlaybackId, player: &mut Player, music: &Music, next: Next) {
        let Some(event) = player.event else { return };
        let Next { segment, part, zero, begin, rise, then } = next;
        let written = &music.segments[segment];
        let takes = self.draw_on(player, written.play, begin);
        let rate = self.config.sample_rate;
        let lasts = |take: &Take| self.frames(take.delay) + frames(self.facts_of(take));
        let length = takes.iter().map(lasts).max().unwrap_or(0);
        let measures = Measures::of(written, length, rate);
        let mut pass = Pass::new((segment, written), part, measures, zero, begin, rate);
        pass.then = then;
        for take in takes {
            let own = zero + self.frames(take.delay) as i64;
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
    pub(super) fn add_in_time(
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
    pub(super) fn draw_on(&mut self, player: &Player, sound: SoundId, at: u64) -> Vec<Take> {
        let mut take = player.take.clone();
        take.sound = sound;
        let Self { drawer, bank, parameters, rng, config, .. } = self;
        let sample_rate = config.sample_rate;
        drawer.draw_from(&Circumstances { bank, parameters, on: player.on, at, sample_rate }, take, rng)
    }

    /// Lets the last pass be left at frame `at`.
    pub(super) fn leave_at(&self, player: &mut Player, at: u64, way: &MusicTransition) {
        let rate = self.config.sample_rate;
        let Some(last) = player.passes.back_mut() else { return };
        // What comes after its exit is heard out, unless the way says otherwise.
        let short = (at < last.exit).then_some((LEFT_FADE_SECONDS * rate as f32) as u32);
        last.left = Some((at, way.fade_out.map(|fade| fade.frames(rate)).or(short), false));
    }

    /// Fades out what is left soon. At an exit only what would go on for ever.
    pub(super) fn leave(&mut self, player: &mut Player) {
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
}
