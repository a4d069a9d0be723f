//! One segment on its way: its grid in frames of the mixer's clock.

use super::super::{ClipFacts, PlaybackId};
use super::playlist::Cursor;
use crate::bank::{Destination, Music, Segment, SyncPoint};
use crate::units::Seconds;

/// A segment that is given out.
#[derive(Debug, Clone)]
pub(super) struct Pass {
    /// Its place among the segments; `None` once a reload took it away.
    pub(super) segment: Option<usize>,
    /// The part that it is of; `None` once a reload took that away.
    pub(super) part: Option<usize>,
    /// The frame at which its sounds' first frame is, which may be before they are heard.
    pub(super) zero: i64,
    /// The frame from which on it is heard.
    pub(super) begin: u64,
    /// The frame from which on its own turn is: that of its entry, or of where it was entered.
    pub(super) turn: u64,
    /// The frame of its entry.
    pub(super) entry: i64,
    /// The frame of its exit.
    pub(super) exit: u64,
    /// Frames of a beat.
    pub(super) beat: f64,
    /// The beats of a bar.
    pub(super) beats: u32,
    /// The frames of its markers, with their places in the segment.
    pub(super) markers: Vec<(u64, usize)>,
    /// Its sounds.
    pub(super) members: Vec<PlaybackId>,
    /// When it is left, over which fade (at its exit none), and whether that is ordered.
    pub(super) left: Option<(u64, Option<u32>, bool)>,
    /// What follows a segment in between.
    pub(super) then: Option<Then>,
}

/// What follows a segment in between.
#[derive(Debug, Clone)]
pub(super) struct Then {
    pub(super) cursor: Cursor,
    pub(super) segment: usize,
    pub(super) into: Destination,
    pub(super) fade_in: u32,
}

/// A segment's places, in frames from its sounds' first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Measures {
    pub(super) entry: u64,
    pub(super) exit: u64,
}

impl Measures {
    /// The measures of a segment whose sounds last so many frames.
    pub(super) fn of(segment: &Segment, frames: u64, sample_rate: u32) -> Self {
        let entry = u64::from(segment.entry.frames(sample_rate));
        let exit = segment.exit.map_or(frames, |exit| u64::from(exit.frames(sample_rate)));
        // What lasts no time at all would never let go of the update.
        Self { entry, exit: exit.max(entry + u64::from(sample_rate) / 10) }
    }
}

impl Pass {
    /// A segment whose sounds' first frame is at `zero`, heard from `begin` on.
    pub(super) fn new(
        segment: (usize, &Segment),
        part: usize,
        measures: Measures,
        zero: i64,
        begin: u64,
        sample_rate: u32,
    ) -> Self {
        let (place, segment) = segment;
        let at = |frames: u64| (zero + frames as i64).max(0) as u64;
        let marker = |(place, (_, time)): (usize, &(String, Seconds))| {
            (at(u64::from(time.frames(sample_rate))), place)
        };
        let mut markers: Vec<_> = segment.markers.iter().enumerate().map(marker).collect();
        markers.sort_unstable();
        Self {
            segment: Some(place),
            part: Some(part),
            zero,
            begin,
            turn: begin.max(at(measures.entry)),
            entry: zero + measures.entry as i64,
            exit: at(measures.exit),
            beat: 60.0 * f64::from(sample_rate) / f64::from(segment.tempo),
            beats: segment.beats.max(1),
            markers,
            members: Vec::new(),
            left: None,
            then: None,
        }
    }

    /// The frame of the grid's beat of that number, from its entry on.
    pub(super) fn beat_at(&self, number: u64) -> u64 {
        (self.entry + libm::round(self.beat * number as f64) as i64).max(0) as u64
    }

    /// The number of the first beat at or after a frame.
    pub(super) fn first_beat(&self, from: u64) -> u64 {
        let passed = (from as i64 - self.entry).max(0) as f64 / self.beat;
        let near = libm::floor(passed) as u64;
        (near..near + 3).find(|&number| self.beat_at(number) >= from).unwrap_or(near + 2)
    }

    /// The first moment from frame `from` on at which it may be left.
    pub(super) fn sync(&self, at: &SyncPoint, from: u64, music: &Music) -> Option<u64> {
        let from = from.max(self.turn);
        let found = match at {
            SyncPoint::Immediate => from,
            SyncPoint::Exit => self.exit,
            // The exit is a beat and a bar, too.
            SyncPoint::Beat => self.beat_at(self.first_beat(from)).min(self.exit),
            SyncPoint::Bar => {
                let bar = u64::from(self.beats);
                self.beat_at(self.first_beat(from).div_ceil(bar) * bar).min(self.exit)
            }
            SyncPoint::Marker(name) => self.marker_from(name.as_deref(), from, music)?,
        };
        (from..=self.exit).contains(&found).then_some(found)
    }

    fn marker_from(&self, name: Option<&str>, from: u64, music: &Music) -> Option<u64> {
        let segment = music.segments.get(self.segment?)?;
        let called = |place: usize| segment.markers.get(place).map(|(name, _)| name.as_str());
        let fits = |&&(at, place): &&(u64, usize)| at >= from && (name.is_none() || called(place) == name);
        self.markers.iter().find(fits).map(|&(at, _)| at)
    }

    /// Takes on what is written of it now, as far as that is still to come.
    pub(super) fn follow(&mut self, segment: &Segment, sample_rate: u32, now: u64) {
        let at = |frames: u32| (self.zero + i64::from(frames)).max(0) as u64;
        if let Some(exit) = segment.exit.map(|exit| at(exit.frames(sample_rate)))
            && exit > now
            && self.left.is_none()
        {
            self.exit = exit.max(self.turn);
        }
        let marker = |(place, (_, time)): (usize, &(String, Seconds))| (at(time.frames(sample_rate)), place);
        self.markers = segment.markers.iter().enumerate().map(marker).collect();
        self.markers.sort_unstable();
        (self.beat, self.beats) =
            (60.0 * f64::from(sample_rate) / f64::from(segment.tempo), segment.beats.max(1));
    }

    /// Whether it was left by a frame.
    pub(super) fn is_left_by(&self, frame: u64) -> bool {
        self.left.is_some_and(|(at, ..)| at <= frame)
    }

    /// Everything of it that came after frame `since` comes so many frames later.
    pub(super) fn shift(&mut self, by: u64, since: u64) {
        self.zero += by as i64;
        self.entry += by as i64;
        self.exit += by;
        for at in [&mut self.begin, &mut self.turn].into_iter().filter(|at| **at > since) {
            *at += by;
        }
        self.markers.iter_mut().for_each(|(at, _)| *at += by);
        if let Some((at, ..)) = &mut self.left {
            *at += by;
        }
    }
}

/// How many frames a take's clip lasts.
pub(super) fn frames(facts: Option<ClipFacts>) -> u64 {
    facts.map_or(0, |facts| u64::from(facts.frames))
}
