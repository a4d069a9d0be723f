//! What plays from the disk: each such voice's pages, and the one thread that fills them.
//!
//! A stream is made when its voice's start is passed on, and goes ahead of it to the mixer; it is forgotten when its pages
//! came home. Where it is needed next is known from the orders: a start in the middle, a leap. On a device nobody waits
//! for anything; an offline engine waits before each block until all that it wants is there.

mod worker;

use super::engine::Engine;
use crate::link::{Command, Course, PageControl, STREAM_SLOTS, Start, StartFrom, VoiceId, pages};
use crate::media::{Sample, Source};
use crate::mixer::Parcel;
use std::sync::Arc;
use worker::{Feed, Worker};

pub use crate::link::MOST_STREAMS;

/// Where even what goes to the mixer is refused: with what the mixer has ended, but not given back yet.
const CEILING: usize = 2 * STREAM_SLOTS;

/// So many frames before the place where the director reckons that a voice is, its pages begin: a gliding pitch may have
/// led it elsewhere.
const NEARLY: u64 = 1024;

#[derive(Default)]
pub(super) struct Streams {
    /// Started with the first stream.
    worker: Option<Worker>,
    open: Vec<Open>,
    starved: u64,
    held: bool,
}

struct Open {
    voice: VoiceId,
    control: PageControl,
    source: Arc<Source>,
    /// Whether it was told that it starved.
    told: bool,
}

impl Streams {
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Makes ready what an order needs: the stream of a voice that starts, which must reach the mixer before the order, and
    /// the place of a leap or behind a loop that is left.
    pub(super) fn prepare(
        &mut self,
        command: &mut Command,
        samples: &[Option<Arc<Sample>>],
    ) -> Option<Box<Parcel>> {
        match command {
            Command::Start(start) => {
                let sample = samples.get(start.sample as usize)?.as_ref()?;
                let source = sample.source()?;
                if self.open.len() >= CEILING {
                    tracing::warn!(
                        "{} can't play: {CEILING} sounds play from the disk or have yet to be given back",
                        source.path().display()
                    );
                    // The mixer refuses what it doesn't know, and says so.
                    start.sample = u32::MAX;
                    return None;
                }
                Some(self.open(start, source))
            }
            Command::Seek { voice, to, .. } => {
                if let Some(open) = self.open.iter().find(|open| open.voice == *voice) {
                    open.control.lead(to.max(0.0) as u64);
                    self.wake();
                }
                None
            }
            Command::Break { voice } => {
                if let Some(open) = self.open.iter().find(|open| open.voice == *voice) {
                    open.control.leave_loop();
                    self.wake();
                }
                None
            }
            _ => None,
        }
    }

    fn open(&mut self, start: &Start, source: &Arc<Source>) -> Box<Parcel> {
        let frames = source.frames() as u64;
        let lap = source.lap().filter(|_| start.looping).map(|lap| (lap.start as u64, lap.end as u64));
        let course = Course { frames, head: source.head() as u64, lap };
        let place = match start.from {
            StartFrom::Frame(frame) | StartFrom::Running(frame) => frame.max(0.0) as u64,
            // One that is streamed itself has told where it is; of one in memory the director knows it nearly.
            StartFrom::SameAs(other, share) => {
                let told = self.open.iter().find(|open| open.voice == other);
                let told = told.map(|other| other.control.place() as f64 / other.source.frames() as f64);
                let place = (told.unwrap_or(f64::from(share)) * frames as f64) as u64;
                if told.is_some() { place } else { place.saturating_sub(NEARLY) }
            }
        };
        let (control, writer, reader) = pages(course, source.channels(), place);
        let worker = self.worker.get_or_insert_with(Worker::start);
        worker.hold(self.held);
        worker.feed(Feed::new(writer, Arc::clone(source)));
        let voice = start.voice;
        self.open.push(Open { voice, control, source: Arc::clone(source), told: false });
        Box::new(Parcel::Stream { voice, pages: Some(Box::new(reader)) })
    }

    fn wake(&self) {
        if let Some(worker) = &self.worker {
            worker.wake();
        }
    }

    /// Waits until all streams have what they want.
    pub(super) fn settle(&self) {
        let hungry = self.open.iter().filter(|open| open.control.take_hungry()).count() > 0;
        if let Some(worker) = self.worker.as_ref().filter(|_| hungry && !self.held) {
            worker.settle();
        }
    }

    /// A voice fell short.
    pub(super) fn note_starved(&mut self, voice: VoiceId) {
        self.starved += 1;
        if let Some(open) = self.open.iter_mut().find(|open| open.voice == voice && !open.told) {
            open.told = true;
            tracing::warn!(
                "{} was not read in time and is silent until it is; if that happens often, give it `stream: false`",
                open.source.path().display()
            );
        }
    }

    /// Forgets streams whose pages came home.
    pub(super) fn tidy(&mut self) {
        self.open.retain(|open| !open.control.is_closed());
    }
}

impl Engine {
    /// How many sounds play from the disk now; at most [`MOST_STREAMS`], and those that fade out. What would be one more is
    /// treated as if there was no voice: by priority and gain another may give way, a loop sleeps and comes back, and a
    /// one-shot ends as [`NoVoice`](crate::director::Ended::NoVoice).
    pub fn streams(&self) -> usize {
        self.streams.open.len()
    }

    /// Memory that sounds which play from the disk take now, beside what the project keeps of them: decoded about two
    /// seconds ahead.
    pub fn stream_bytes(&self) -> usize {
        self.streams.open.iter().map(|open| PageControl::bytes(open.source.channels())).sum()
    }

    /// How often a sound that plays from the disk fell silent because it was not read in time. The first time of each is
    /// logged. What leaps, or starts in the middle, is heard as soon as it is read, and counts if that takes longer than
    /// a quarter of a second.
    pub fn starved(&self) -> u64 {
        self.streams.starved
    }

    /// Holds back all reading of what plays from the disk, as a disk does that is busy; for hearing and testing what
    /// becomes of it. An offline engine does not wait while it is held.
    pub fn hold_streams(&mut self, on: bool) {
        self.streams.held = on;
        if let Some(worker) = &self.streams.worker {
            worker.hold(on);
        }
    }
}
