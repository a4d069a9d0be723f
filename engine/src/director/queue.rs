//! Lines of dialogue: one at a time in each queue, and the others wait for their turn.
//!
//! What becomes of a line that comes is decided here, in this order:
//!
//! | | asked | if so |
//! | --- | --- | --- |
//! | 1 | is nothing spoken, and does nobody wait? | it is its turn, after the queue's `gap` |
//! | 2 | is it `when_busy: Drop`? | dropped: [`Ended::Busy`] |
//! | 3 | is it `when_busy: Interrupt`, and does nothing that is spoken or waits have a higher priority? | what is spoken fades over its event's `fade_out` and ends ([`Ended::Interrupted`]); then, without a gap, it is its turn |
//! | 4 | do more wait than the queue's `most`? | the one of the lowest priority goes, of several the latest: [`Ended::QueueFull`] |
//! | 5 | has it waited longer than its `patience`? | dropped: [`Ended::TooLate`] |
//!
//! Turns go by priority, then by who came first. When it is a line's turn its event is posted: its actions are carried out, its
//! sound is drawn (in the language of that moment), and `admit` asks of it what it asks of any other. A turn is given a
//! tenth of a second ahead, so that the line begins on the exact frame; if what it follows is held or leaps in that time, it is
//! taken back. What is held does not lose its patience.

mod lines;
mod turns;

use super::{Director, EmitterKey, Ended, PlaybackId};
use crate::bank::{Bank, EventId, Line, QueueId, Scope};
use lines::Lines;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// A queue, or one emitter's own.
type Mouth = (QueueId, Option<EmitterKey>);

/// A line of a queue, for a game that shows subtitles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueLine {
    /// The playback.
    pub playback: PlaybackId,
    /// Its event.
    pub event: EventId,
    /// The emitter it was posted on.
    pub emitter: Option<EmitterKey>,
}

/// A line that was posted.
#[derive(Debug, Clone, Copy)]
struct Posted {
    id: PlaybackId,
    event: EventId,
    on: Option<EmitterKey>,
    /// The frame from which on it may be spoken.
    at: u64,
    /// Since when it waits; `None` until then.
    came: Option<u64>,
    /// Since when it is held.
    held: Option<u64>,
    /// Whether it interrupted another one, and comes before all others.
    next: bool,
}

/// A line that is spoken, or is about to be.
#[derive(Debug, Clone, Copy)]
struct Said {
    line: Posted,
    priority: u8,
    start: u64,
    /// The frame at which it ends, as far as that is known.
    end: Option<u64>,
    /// Whether it got a voice.
    heard: bool,
}

/// Who speaks, and since when nobody does.
#[derive(Debug, Clone, Copy, Default)]
struct Turn {
    says: Option<Said>,
    /// The one before, while it may still be heard.
    before: Option<Said>,
    free: Option<u64>,
    /// Whether what is spoken was interrupted.
    cut: bool,
}

impl Turn {
    /// Whether somebody speaks at a frame, as far as that is known.
    fn is_busy(&self, at: u64) -> bool {
        self.says.is_some_and(|said| said.end.is_none_or(|end| end > at))
    }

    /// Who is still spoken at a frame, while the turn is already given to who follows.
    fn still_says(&self, at: u64) -> Option<Said> {
        self.before.filter(|_| self.says.is_some_and(|said| said.start > at))
    }
}

/// All lines.
#[derive(Debug, Default)]
pub(super) struct Queues {
    lines: Lines,
    /// Those whose events have no `line` any more, while a bank is taken.
    plain: Vec<Posted>,
    turns: BTreeMap<Mouth, Turn>,
    interrupted: BTreeSet<PlaybackId>,
}

impl Queues {
    pub(super) fn waits(&self, id: PlaybackId) -> bool {
        self.lines.waits(id)
    }

    /// Those that wait, the oldest first.
    pub(super) fn waiting(&self) -> Vec<PlaybackId> {
        self.lines.ids().collect()
    }

    /// Why a playback has really ended.
    pub(super) fn why(&mut self, id: PlaybackId, why: Ended) -> Ended {
        let cut = !self.interrupted.is_empty() && self.interrupted.remove(&id);
        if cut && why == Ended::Stopped { Ended::Interrupted } else { why }
    }
}

impl Director {
    /// The lines of a queue that are spoken, and those that wait in the order in which they would be.
    pub fn queue(&self, queue: QueueId) -> (Vec<QueueLine>, Vec<QueueLine>) {
        let told = |line: &Posted| QueueLine { playback: line.id, event: line.event, emitter: line.on };
        let there = |said: &&Said| said.start <= self.now && self.state(said.line.id).is_some();
        let (mut spoken, mut waiting) = (Vec::new(), Vec::new());
        for (_, turn) in self.queues.turns.iter().filter(|((of, _), _)| *of == queue) {
            spoken.extend(turn.says.iter().chain(&turn.before).find(there).map(|said| told(&said.line)));
            let to_come = turn.says.iter().filter(|said| said.start > self.now);
            waiting.extend(to_come.map(|said| told(&said.line)));
        }
        let lines = self.queues.lines.iter().filter(|((of, _), line)| *of == queue && line.came.is_some());
        let mut lines: Vec<_> = lines.map(|(_, line)| line).collect();
        lines.sort_by_key(|line| self.rank(line));
        waiting.extend(lines.into_iter().map(told));
        (spoken, waiting)
    }

    fn line(&self, event: EventId) -> Option<Line> {
        self.bank.events.get(event.index())?.line
    }

    fn mouth(&self, line: &Posted) -> Option<Mouth> {
        let queue = self.line(line.event)?.queue;
        let scope = self.bank.queues.get(queue.index())?.scope;
        Some((queue, line.on.filter(|_| scope == Scope::Emitter)))
    }

    fn priority_of(&self, line: &Posted) -> u8 {
        self.line(line.event).map_or(0, |line| line.priority)
    }

    /// Who comes first: the lowest.
    fn rank(&self, line: &Posted) -> (bool, Reverse<u8>, u64, PlaybackId) {
        (!line.next, Reverse(self.priority_of(line)), line.came.unwrap_or(line.at), line.id)
    }

    /// Lets a line come; `false` if the event is none.
    pub(super) fn post_line(
        &mut self,
        id: PlaybackId,
        event: EventId,
        on: Option<EmitterKey>,
        at: u64,
    ) -> bool {
        let line = Posted { id, event, on, at, came: None, held: None, next: false };
        let Some(mouth) = self.mouth(&line) else { return false };
        if on.is_some_and(|emitter| self.world.position(emitter).is_none()) {
            self.take_leave(id, on, Ended::Stopped);
            return true;
        }
        self.await_turn(mouth, line);
        true
    }

    fn await_turn(&mut self, mouth: Mouth, line: Posted) {
        if let Some(emitter) = line.on.filter(|_| !self.deeds.is_child(line.id)) {
            self.world.attach(emitter, line.id);
            self.touched.insert(emitter);
        }
        self.queues.lines.put(mouth, line);
    }

    /// Takes a line out of those that wait.
    fn withdraw(&mut self, id: PlaybackId) -> Option<Posted> {
        let line = self.queues.lines.remove(id)?;
        if let Some(emitter) = line.on {
            self.world.detach(emitter, id);
        }
        Some(line)
    }

    /// Ends a line that waits.
    pub(super) fn drop_line(&mut self, id: PlaybackId, why: Ended) {
        if let Some(line) = self.withdraw(id) {
            self.take_leave(id, line.on, why);
        }
    }

    /// Ends the lines that wait to play one of these events.
    pub(super) fn drop_lines_of(&mut self, events: &BTreeSet<EventId>, only: Option<EmitterKey>) {
        for id in self.lines_of(events, only) {
            self.drop_line(id, Ended::Stopped);
        }
    }

    fn lines_of(&self, events: &BTreeSet<EventId>, only: Option<EmitterKey>) -> Vec<PlaybackId> {
        let lines = self.queues.lines.iter().map(|(_, line)| line);
        let lines = lines.filter(|line| events.contains(&line.event) && (only.is_none() || line.on == only));
        lines.map(|line| line.id).collect()
    }

    /// Holds the lines that wait to play an event, or lets them go on.
    pub(super) fn hold_lines_of(&mut self, event: EventId, only: Option<EmitterKey>, on: bool) {
        for id in self.lines_of(&BTreeSet::from([event]), only) {
            self.hold_line(id, on);
        }
    }

    /// Holds a line that waits, or lets it go on.
    pub(super) fn hold_line(&mut self, id: PlaybackId, on: bool) {
        let now = self.now;
        let Some(line) = self.queues.lines.get_mut(id) else { return };
        if on {
            line.held.get_or_insert(now);
        } else if let Some(since) = line.held.take() {
            let time = now.saturating_sub(since);
            line.came = line.came.map(|came| came + time);
            if line.came.is_none() {
                line.at += time;
            }
        }
    }

    /// Takes back the line that was to follow one of which the end is no longer known.
    pub(super) fn take_back_line(&mut self, before: PlaybackId) {
        let follows = |turn: &Turn| turn.before.is_some_and(|said| said.line.id == before);
        let Some((&mouth, turn)) = self.queues.turns.iter_mut().find(|(_, turn)| follows(turn)) else {
            return;
        };
        let Some(said) = turn.says.filter(|said| said.start > self.now) else { return };
        let (id, on) = (said.line.id, said.line.on);
        // What its actions did can't be undone.
        if self.deeds.families.contains_key(&id) || self.deeds.is_child(id) {
            return;
        }
        (turn.says, turn.before) = (turn.before, None);
        for strand in self.strands.of(id) {
            self.remove_strand(strand);
        }
        self.players.remove(&id);
        for member in self.members(id) {
            self.unmake(member);
        }
        self.groups.remove(&id);
        self.stages.remove(&id);
        self.states.release(id);
        self.upcoming.retain(|notice| notice.playback != id);
        if let Some(emitter) = on {
            self.world.detach(emitter, id);
        }
        self.await_turn(mouth, said.line);
    }

    /// Takes another bank: queues and events by name. A line whose event has no `line` any more waits for
    /// [`Director::speak_plain_lines`].
    pub(super) fn follow_queues(&mut self, old: &Bank) {
        let new = self.bank.clone();
        let named = |event: EventId| new.event(&old.events[event.index()].name);
        let turns = std::mem::take(&mut self.queues.turns);
        for ((queue, on), mut turn) in turns {
            let Some(queue) = new.queue(&old.queues[queue.index()].name) else { continue };
            let follow = |said: Said| {
                Some(Said { line: Posted { event: named(said.line.event)?, ..said.line }, ..said })
            };
            (turn.says, turn.before) = (turn.says.and_then(follow), turn.before.and_then(follow));
            self.queues.turns.insert((queue, on), turn);
        }
        for line in self.queues.lines.take() {
            let Some(event) = named(line.event) else {
                if let Some(emitter) = line.on {
                    self.world.detach(emitter, line.id);
                }
                self.take_leave(line.id, line.on, Ended::Removed);
                continue;
            };
            let line = Posted { event, ..line };
            match self.mouth(&line) {
                Some(mouth) => self.queues.lines.put(mouth, line),
                None => self.queues.plain.push(line),
            }
        }
    }

    /// Lets lines be spoken at once whose events have no `line` any more.
    pub(super) fn speak_plain_lines(&mut self) {
        for line in std::mem::take(&mut self.queues.plain) {
            if let Some(emitter) = line.on {
                self.world.detach(emitter, line.id);
            }
            self.post_in_turn(line.id, line.event, line.on, line.at.max(self.now));
        }
    }
}
