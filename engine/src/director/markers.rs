//! Markers: at which frame a voice comes to a named place of its clip.
//!
//! Of each voice whose clip has markers the director keeps a straight line, on which frame of the mixer's clock it is at which
//! place of its sample; every order that bends its way bends the line. An update tells the markers of its own span, which
//! reaches as far ahead as the update before it lies back: so a marker is told before it is heard, by less than an update, and
//! what bends the way meanwhile comes too late for it. While a pitch glides, the frame is right to a part of the glide. Clips
//! without markers cost nothing.

use super::playback::Playback;
use super::{ClipFacts, Director, Happened, PlaybackId};
use crate::bank::{Bank, Clip, SoundKind};
use crate::link::StartFrom;
use std::sync::Arc;

/// The most that one voice tells in one update: a loop of a few frames is a tone.
const MOST: usize = 64;

/// What rounding may take away between two frames.
const EPSILON: f64 = 1e-6;

/// For frames that never come.
const NEVER: u64 = u64::MAX;

/// A voice's way through a sample with markers.
#[derive(Debug)]
pub(super) struct Way {
    /// A frame of the clock, and the place at it, counted on through the laps.
    since: u64,
    place: f64,
    rate: f64,
    /// The frame before which all was told.
    told: u64,
    /// From which frame on it stands, or is silent.
    stands: u64,
    ends: u64,
    /// How many laps more it takes of its loop, from `place` on.
    laps: f64,
    /// Orders that take effect with the next update: when, unless with its frame, and what.
    bends: Vec<(Option<u64>, Bend)>,
}

/// An order that bends a way.
#[derive(Debug, Clone, Copy)]
pub(super) enum Bend {
    Pause { on: bool, fade: u32 },
    Seek { to: f64, fade: u32 },
    Stop { at: u64, fade: u32 },
    Break,
}

impl Way {
    fn at(&self, frame: u64) -> f64 {
        let frame = frame.min(self.stands);
        self.place + (frame as f64 - self.since as f64) * self.rate
    }

    fn set_rate(&mut self, rate: f64, now: u64, glide: u32) {
        if rate == self.rate {
            return;
        }
        if self.since < now {
            // As if it had been halfway between the two all the time.
            let glide = if self.stands > now { glide } else { 0 };
            let way = f64::from(glide) * 0.5 * (self.rate + rate);
            (self.place, self.since) = (self.at(now) + way, now.min(self.stands) + u64::from(glide));
        }
        self.rate = rate;
    }

    fn bend(&mut self, bend: Bend, at: u64, facts: ClipFacts, exit: f64) {
        let lap = facts.lap.filter(|_| self.laps > 0.0);
        match bend {
            Bend::Pause { on: true, fade } => {
                let stands = if self.since > at { self.since } else { at + u64::from(fade) };
                self.stands = self.stands.min(stands);
            }
            Bend::Pause { on: false, .. } => {
                if at >= self.stands {
                    (self.place, self.since) = (self.at(at), at);
                    self.told = self.told.max(at);
                }
                self.stands = NEVER;
            }
            Bend::Seek { to, fade } => {
                self.place = fold(to, lap);
                if self.laps < f64::INFINITY {
                    self.laps = f64::from(u8::from(lap.is_some() && self.place >= exit));
                }
                let begun = self.since <= at;
                if self.stands <= at {
                    (self.since, self.stands) = (at, at);
                } else if begun {
                    self.since = at + u64::from(fade);
                    self.told = self.told.max(self.since);
                    if self.stands < NEVER {
                        self.stands = self.since;
                    }
                }
            }
            Bend::Stop { at: from, fade } => self.ends = self.ends.min(from.max(at) + u64::from(fade)),
            Bend::Break => {
                self.laps = 0.0;
                if lap.is_some() {
                    self.place = fold(self.at(at.max(self.since)), lap);
                    self.since = at.max(self.since).min(self.stands);
                    self.laps = f64::from(u8::from(self.place >= exit));
                }
            }
        }
    }

    /// The markers that it comes to before frame `end`, each with its frame.
    fn pass<'m>(
        &mut self,
        end: u64,
        markers: &[(f64, &'m Arc<str>)],
        facts: ClipFacts,
    ) -> Vec<(u64, &'m Arc<str>)> {
        let end = end.min(self.stands).min(self.ends);
        let mut passed = Vec::new();
        if end <= self.told {
            return passed;
        }
        let lap = facts.lap.filter(|_| self.laps > 0.0);
        for &(place, name) in markers.iter().filter(|_| self.rate > 0.0) {
            let (first, length) = match lap {
                Some((_, end)) if place >= f64::from(end) && self.laps == f64::INFINITY => continue,
                // What lies behind the loop is heard once, after the last lap.
                Some((start, end)) if place >= f64::from(end) => (self.laps, f64::from((end - start).max(1))),
                Some((start, end)) if place >= f64::from(start) => {
                    let length = f64::from((end - start).max(1));
                    (libm::floor((self.at(self.told) - place) / length).max(0.0), length)
                }
                _ => (0.0, 0.0),
            };
            let (mut place, mut laps) = (place + first * length, first);
            while passed.len() < MOST && laps <= self.laps {
                let frame = self.since as f64 + libm::ceil((place - self.place) / self.rate - EPSILON);
                if frame >= end as f64 {
                    break;
                }
                if frame >= self.told as f64 {
                    passed.push((frame as u64, name));
                }
                if length == 0.0 {
                    break;
                }
                (place, laps) = (place + length, laps + 1.0);
            }
        }
        self.told = end;
        passed.sort_by_key(|&(frame, _)| frame);
        passed
    }
}

/// Where a place that counts on through the laps is.
fn fold(place: f64, lap: Option<(u32, u32)>) -> f64 {
    match lap {
        Some((start, end)) if place >= f64::from(end) => {
            let start = f64::from(start);
            start + (place - start).rem_euclid((f64::from(end) - start).max(1.0))
        }
        _ => place.max(0.0),
    }
}

/// The frame of the cut sample on which each of a clip's markers lies.
fn places(clip: &Clip, facts: ClipFacts, sample_rate: u32) -> Vec<(f64, &Arc<str>)> {
    let frame = |seconds: f32| libm::round(f64::from(seconds) * f64::from(sample_rate));
    let start = frame(clip.cut.start.get());
    let place = |at: f32| {
        let place = frame(at) - start;
        if clip.cut.reverse { f64::from(facts.frames) - 1.0 - place } else { place }
    };
    let inside = |&(place, _): &(f64, &Arc<str>)| place >= 0.0 && place < f64::from(facts.frames);
    clip.markers.iter().map(|marker| (place(marker.at.get()), &marker.name)).filter(inside).collect()
}

/// Whether what a playback plays has markers.
fn has_markers(bank: &Bank, playback: &Playback) -> bool {
    let sound = bank.sounds.get(playback.take.sound.index()).map(|sound| &sound.kind);
    matches!(sound, Some(SoundKind::Clip(clip)) if !clip.markers.is_empty())
}

impl Director {
    /// A voice starts: follows its way, if there are markers on it.
    pub(super) fn follow_way(&mut self, id: PlaybackId, from: StartFrom, at: u64) {
        let Some(playback) = self.playbacks.get(id).filter(|playback| has_markers(&self.bank, playback))
        else {
            return;
        };
        let facts = self.facts(playback);
        let since = at.max(self.now);
        let lap = facts.and_then(|facts| facts.lap).filter(|_| playback.take.looping);
        let place = match from {
            StartFrom::Frame(place) | StartFrom::Running(place) => fold(place, lap),
            StartFrom::SameAs(..) => playback.position(since, facts),
        };
        let way = Way {
            since,
            place,
            rate: f64::from(playback.rate),
            told: since,
            stands: if playback.paused { since } else { NEVER },
            ends: NEVER,
            laps: if playback.take.looping { f64::INFINITY } else { 0.0 },
            bends: Vec::new(),
        };
        self.ways.insert(id, way);
    }

    /// An order bends a voice's way.
    pub(super) fn bend_way(&mut self, id: PlaybackId, bend: Bend) {
        if let Some(way) = self.ways.get_mut(&id) {
            // An order without a time of its own reaches the mixer with the next update.
            way.bends.push(((self.stamp > 0).then_some(self.stamp), bend));
        }
    }

    /// Tells the markers that voices come to within this update's span.
    pub(super) fn tell_markers(&mut self) {
        if self.ways.is_empty() {
            return;
        }
        let (now, glide) = (self.now, self.glide);
        let mut ways = std::mem::take(&mut self.ways);
        let bank = self.bank.clone();
        for (&id, way) in &mut ways {
            let Some(playback) = self.playbacks.get(id) else { continue };
            let (Some(facts), Some(clip)) = (self.facts(playback), playback.take.clip(&bank)) else {
                continue;
            };
            let (owner, emitter, rate) = (playback.owner, playback.emitter, playback.rate);
            let exit = self.exit_of(playback).unwrap_or(f64::MAX);
            for (at, bend) in std::mem::take(&mut way.bends) {
                way.bend(bend, at.unwrap_or(now), facts, exit);
            }
            way.set_rate(f64::from(rate), now, glide);
            let root = self.root_of(owner);
            let passed =
                way.pass(now + u64::from(glide), &places(clip, facts, self.config.sample_rate), facts);
            for (frame, name) in passed {
                self.tell(root, emitter, frame, Happened::Marker(name.clone()));
            }
        }
        self.ways = ways;
    }
}
