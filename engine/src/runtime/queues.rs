//! What is spoken and what waits for its turn, by name.

use super::Engine;
use crate::director::{EmitterKey, PlaybackId, QueueLine};

/// A line of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpokenLine {
    /// The playback.
    pub playback: PlaybackId,
    /// The name of its event.
    pub event: String,
    /// The emitter it was posted on.
    pub emitter: Option<EmitterKey>,
}

/// A queue of dialogue at this moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueReading {
    /// What is spoken: one line at the most, or one for each emitter if each has its own.
    pub speaking: Vec<SpokenLine>,
    /// What waits for its turn, the next one first; of queues of emitters those whose time is fixed come before the rest.
    pub waiting: Vec<SpokenLine>,
}

impl Engine {
    /// What is spoken in a queue of the bank, and what waits for its turn, the next one first: for subtitles. `None` if the
    /// bank has no such queue.
    pub fn queue(&self, name: &str) -> Option<QueueReading> {
        let bank = self.director.bank();
        let (speaking, waiting) = self.director.queue(bank.queue(name)?);
        let told = |line: QueueLine| SpokenLine {
            playback: line.playback,
            event: bank.events[line.event.index()].name.clone(),
            emitter: line.emitter,
        };
        let told = |lines: Vec<QueueLine>| lines.into_iter().map(told).collect();
        Some(QueueReading { speaking: told(speaking), waiting: told(waiting) })
    }
}
