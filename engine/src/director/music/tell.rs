//! What a game learns of music: where it is, and what of its grid it comes to.

use super::super::{Director, Happened, PlaybackId};
use super::music;
use super::player::Player;
use crate::bank::Music;

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

impl Director {
    /// Where the music of a playback is; `None` if it has none, or none of it plays.
    pub fn music(&self, id: PlaybackId) -> Option<MusicPosition> {
        let player = self.players.get(&id)?;
        let music = music(&self.bank, player.take.sound)?;
        let now = player.held.unwrap_or(self.now);
        let pass = player.passes.iter().rev().find(|pass| pass.turn <= now && !pass.is_left_by(now))?;
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

    /// Tells of the segments, beats and markers of the next update's span.
    pub(super) fn tell_grid(&mut self, owner: PlaybackId, player: &mut Player, music: &Music) {
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
}
