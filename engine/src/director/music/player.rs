//! What is known of music that plays, and how it goes on in another bank.

use super::super::modulation::OwnTime;
use super::super::rng::Rng;
use super::super::take::Take;
use super::super::{EmitterKey, PlaybackId};
use super::pass::{Pass, Then};
use super::playlist::Cursor;
use crate::bank::{EventId, Music, SoundId};
use std::collections::VecDeque;

/// Music that plays.
#[derive(Debug, Clone)]
pub(in crate::director) struct Player {
    /// `None` once a reload removed the event.
    pub(in crate::director) event: Option<EventId>,
    pub(in crate::director) on: Option<EmitterKey>,
    pub(in crate::director) posted: u64,
    /// The frame at which it begins.
    pub(super) start: u64,
    /// Whether it has nothing to play yet.
    pub(super) waits: bool,
    /// The way to the music.
    pub(in crate::director) take: Take,
    /// The fade of its first segment, should it not be the event's.
    pub(super) rise: Option<u32>,
    pub(super) passes: VecDeque<Pass>,
    /// Where the list of the last pass's part has come to.
    pub(super) cursor: Option<(usize, Cursor)>,
    /// What comes next if a part is to come next.
    pub(super) ahead: Option<Ahead>,
    /// The part whose list has come to its end.
    pub(super) done: Option<usize>,
    /// Whether it is to be held.
    pub(super) holds: bool,
    /// Since when it is held.
    pub(super) held: Option<u64>,
    /// Whether any of it sounded then, and ran on while it faded.
    pub(super) runs_on: bool,
    /// The sounds that lost their voices when it was held.
    pub(super) cut: Vec<PlaybackId>,
    /// The stingers that are asked for, and when they come.
    pub(super) asked: Vec<(usize, Option<u64>)>,
    /// When stingers were played last.
    pub(super) stung: Vec<(usize, u64)>,
    /// The playback's time for modulators, for what comes when nothing sounds.
    pub(in crate::director) own: OwnTime,
    /// The frame up to which its segments, beats and markers are told.
    pub(super) told: u64,
}

#[derive(Debug, Clone)]
pub(super) struct Ahead {
    pub(super) part: usize,
    pub(super) cursor: Cursor,
    pub(super) segment: Option<usize>,
}

impl Player {
    /// Music that begins at once.
    pub(super) fn new(event: Option<EventId>, take: Take) -> Self {
        Self {
            event,
            on: None,
            posted: 0,
            start: 0,
            waits: false,
            take,
            rise: None,
            passes: VecDeque::new(),
            cursor: None,
            ahead: None,
            done: None,
            holds: false,
            held: None,
            runs_on: false,
            cut: Vec::new(),
            asked: Vec::new(),
            stung: Vec::new(),
            own: OwnTime::new(0),
            told: 0,
        }
    }

    /// No music at all.
    pub(super) fn vacant() -> Self {
        Self::new(None, Take::of(SoundId(u32::MAX)))
    }

    /// Whether anything of it was given out.
    pub(in crate::director) fn has_begun(&self) -> bool {
        !self.passes.is_empty()
    }

    /// Whether it waits to be let go on.
    pub(in crate::director) fn is_held(&self) -> bool {
        self.holds
    }

    /// The pass whose turn it is or comes.
    pub(super) fn last(&self) -> Option<&Pass> {
        self.passes.back().filter(|pass| pass.left.is_none())
    }

    /// The next segment of a part, drawn once; `None` at the end of its list.
    pub(super) fn look_ahead(&mut self, music: &Music, part: usize, rng: &mut Rng) -> Option<usize> {
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
    pub(super) fn take_ahead(&mut self) {
        if let Some(Ahead { part, cursor, .. }) = self.ahead.take() {
            self.cursor = Some((part, cursor));
        }
    }

    /// Lets it go on: all that came after frame `since` comes so many frames later.
    pub(super) fn shift(&mut self, by: u64, since: u64) {
        self.held = None;
        if self.start > since {
            self.start += by;
        }
        self.passes.iter_mut().for_each(|pass| pass.shift(by, since));
        self.asked.iter_mut().flat_map(|(_, at)| at).for_each(|at| *at += by);
        self.stung.iter_mut().filter(|(_, at)| *at > since).for_each(|(_, at)| *at += by);
        self.told += by;
    }

    /// Goes on in another version of the music, as far as segments and parts are still there.
    pub(super) fn follow(&mut self, old: &Music, new: &Music, sample_rate: u32, now: u64) {
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
            for pass in &mut self.passes {
                // What follows a segment in between has a list of its own, which begins anew, too.
                let list = pass.part.and_then(|part| new.parts.get(part)).map(|(_, list)| *list);
                let then = pass.then.take().zip(list);
                pass.then = then.map(|(then, list)| Then { cursor: Cursor::at(new, list), ..then });
            }
        }
        let stinger = |place: usize| {
            let name = &old.stingers.get(place)?.name;
            new.stingers.iter().position(|stinger| stinger.name == *name)
        };
        self.asked.retain_mut(|(place, _)| stinger(*place).map(|now| *place = now).is_some());
        self.stung.retain_mut(|(place, _)| stinger(*place).map(|now| *place = now).is_some());
    }
}
