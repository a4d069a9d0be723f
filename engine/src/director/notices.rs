//! What is told of playbacks: that they start, sleep, wake, pass a marker and end, each once and with its frame.
//!
//! What is decided ahead of its time, such as the start of something scheduled, is told by the update whose span covers it.

use super::playback::Playback;
use super::{Director, EmitterKey, Ended, PlaybackId};
use std::sync::Arc;

/// Something that happened to a playback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Which playback: the one that was posted, whatever its event's actions posted in turn.
    pub playback: PlaybackId,
    /// The emitter it was posted on.
    pub emitter: Option<EmitterKey>,
    /// When, as a frame of the mixer's clock: that of [`Engine::post_at`](crate::runtime::Engine::post_at). A start, a
    /// return and a marker have the frame in which they are heard; the rest the one at which it was found out. It is less
    /// than an update ahead.
    pub at: u64,
    /// What happened.
    pub what: Happened,
}

/// What happens to playbacks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Happened {
    /// It is heard for the first time.
    Started,
    /// It has no voice, or none any more: it goes on unheard, as its event's `virtual` says.
    Virtual {
        /// Why: it is out of earshot, was stolen from, was limited or found no voice.
        why: Ended,
    },
    /// It is heard again.
    Real,
    /// A voice has come to a marker of its clip, in every lap of a loop; what is not heard comes to none. Or its music has
    /// come to a marker of a segment.
    Marker(Arc<str>),
    /// A segment of its music has its turn from now on.
    Segment(Arc<str>),
    /// A beat of its music; the first of a bar is 1, and so is the first bar of a segment.
    Beat {
        /// The bar.
        bar: u32,
        /// The beat in it.
        beat: u32,
    },
    /// It has ended; nothing more is told of it.
    Ended(Ended),
}

/// What was told of a playback so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stage {
    started: bool,
    /// Whether it was last told to be heard.
    heard: Option<bool>,
}

impl Director {
    /// The frame before which things are told.
    pub(super) fn span_end(&self) -> u64 {
        self.now + u64::from(self.glide.max(1))
    }

    pub(super) fn tell(
        &mut self,
        playback: PlaybackId,
        emitter: Option<EmitterKey>,
        at: u64,
        what: Happened,
    ) {
        let notice = Notice { playback, emitter, at, what };
        if at < self.span_end() { self.notices.push(notice) } else { self.upcoming.push(notice) }
    }

    /// Tells what has come due, of playbacks that are still there.
    pub(super) fn tell_upcoming(&mut self) {
        if self.upcoming.is_empty() {
            return;
        }
        let end = self.span_end();
        let due: Vec<_> = self.upcoming.extract_if(.., |notice| notice.at < end).collect();
        let there = due.into_iter().filter(|notice| self.state(notice.playback).is_some());
        let there: Vec<_> = there.collect();
        self.notices.extend(there);
    }

    fn stage_mut(&mut self, root: PlaybackId) -> Option<&mut Stage> {
        if self.stages.contains_key(&root) {
            return self.stages.get_mut(&root);
        }
        self.playbacks.get_mut(root).map(|playback| &mut playback.stage)
    }

    /// Tells whether a playback is heard, if that is new; `id` is one of its sounds.
    pub(super) fn retell(&mut self, id: PlaybackId, at: u64, why: Ended) {
        let Some(playback) = self.playbacks.get(id) else { return };
        let (root, emitter) = (self.root_of(playback.owner), playback.emitter);
        let state = |playback: &Playback| (playback.voice.is_some(), !playback.is_fresh());
        let (voiced, begun) = if root == id && !self.stages.contains_key(&root) {
            state(playback)
        } else {
            let sounds = self.family(root);
            let sounds = sounds.iter().filter_map(|&id| self.playbacks.get(id)).map(state);
            sounds.fold((false, false), |(voiced, begun), one| (voiced | one.0, begun | one.1))
        };
        let Some(stage) = self.stage_mut(root).filter(|stage| stage.heard != Some(voiced)) else { return };
        let what = match (voiced, begun, stage.started) {
            (true, _, false) => Happened::Started,
            (true, ..) => Happened::Real,
            (false, true, _) => Happened::Virtual { why },
            (false, false, _) => return,
        };
        stage.heard = Some(voiced);
        stage.started |= voiced;
        if !voiced {
            // What was to start and gave way before has not started.
            let before = self.upcoming.len();
            self.upcoming.retain(|notice| notice.playback != root);
            if self.upcoming.len() < before
                && let Some(stage) = self.stage_mut(root)
            {
                stage.started = false;
            }
        }
        self.tell(root, emitter, at, what);
    }
}
