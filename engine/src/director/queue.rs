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

use super::playback::Playback;
use super::{Director, EmitterKey, Ended, PlaybackId};
use crate::bank::{Bank, EventId, Line, QueueId, Scope, Virtual, WhenBusy};
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

    /// Gives turns to whoever has one.
    pub(super) fn run_queues(&mut self) {
        if self.queues.lines.is_empty() && self.queues.turns.is_empty() {
            return;
        }
        self.look_at_turns();
        let horizon = self.horizon();
        let lines = self.queues.lines.iter().map(|(_, line)| line);
        let coming = lines.filter(|line| line.came.is_none() && line.held.is_none() && line.at < horizon);
        let mut coming: Vec<_> = coming.map(|line| (line.at, line.id)).collect();
        coming.sort_unstable();
        // Of those that come at one frame the one that matters most is first, whoever was posted first.
        let now = self.now;
        for together in coming.chunk_by(|one, other| one.0.max(now) == other.0.max(now)) {
            let came = together[0].0.max(now);
            for &(_, id) in together {
                if let Some(line) = self.queues.lines.get_mut(id) {
                    line.came = Some(came);
                }
            }
            together.iter().for_each(|(_, id)| self.let_come(*id, came));
        }
        for mouth in self.queues.lines.mouths().copied().collect::<Vec<_>>() {
            self.give_turns(mouth);
        }
        self.lose_patience();
    }

    /// Brings what is known of those that speak up to date.
    fn look_at_turns(&mut self) {
        let now = self.now;
        let mut turns = std::mem::take(&mut self.queues.turns);
        for turn in turns.values_mut() {
            turn.before = turn.before.filter(|said| self.state(said.line.id).is_some());
            let Some(said) = &mut turn.says else { continue };
            if self.state(said.line.id).is_some() {
                let sounds = self.family(said.line.id);
                let heard = |&id: &PlaybackId| self.playbacks.get(id).is_some_and(|one| one.voice.is_some());
                said.heard |= sounds.iter().any(heard);
                said.end = self.end_of_line(said);
                continue;
            }
            // What was not let in has not been spoken.
            if said.heard || said.end.is_some_and(|end| end <= now) {
                turn.free = Some(said.end.map_or(now, |end| end.min(now)));
            }
            turn.says = None;
        }
        // Nobody need be remembered whose gap is over.
        let gaps = &self.bank.queues;
        let rate = self.config.sample_rate;
        turns.retain(|(queue, _), turn| {
            let gap = gaps.get(queue.index()).map_or(0, |queue| u64::from(queue.gap.frames(rate)));
            turn.says.is_some() || turn.free.is_some_and(|free| free + gap > now)
        });
        self.queues.turns = turns;
    }

    /// The frame at which a line has been spoken; `None` while that is not known.
    fn end_of_line(&self, said: &Said) -> Option<u64> {
        let mut end = None;
        for owner in self.owners(said.line.id) {
            if self.players.contains_key(&owner) {
                return None;
            }
            for strand in self.strands.of(owner) {
                let strand = self.strands.get(strand).filter(|strand| strand.held.is_none())?;
                end = end.max(Some(self.end_of_all(strand)?));
            }
            for playback in self.members(owner).into_iter().filter_map(|member| self.playbacks.get(member)) {
                end = end.max(Some(self.end_of_sound(playback)?));
            }
        }
        // Only actions are left of it.
        end.or(said.end).or(Some(self.now))
    }

    fn end_of_sound(&self, playback: &Playback) -> Option<u64> {
        let asleep = playback.voice.is_none() && !playback.is_fresh();
        let stands = playback.paused || playback.held.is_some() || playback.waits;
        if let Some(silent) = playback.silent {
            // It may come to its own end before it has faded out.
            let end = if stands { None } else { self.end_of(playback) };
            return Some(end.map_or(silent, |end| end.min(silent)));
        }
        if stands || (asleep && self.policy(playback) == Virtual::Restart) {
            return None;
        }
        self.end_of(playback)
    }

    /// Says what becomes of a line that has come, at this frame.
    fn let_come(&mut self, id: PlaybackId, came: u64) {
        let Some((mouth, line)) = self.queues.lines.get(id) else { return };
        let Some(written) = self.line(line.event) else { return };
        let interrupts = written.when_busy == WhenBusy::Interrupt;
        if let Some(before) = self.turn(mouth).still_says(came).filter(|_| interrupts) {
            // Whoever is to follow has not begun: it is the one before who may be interrupted.
            self.take_back_line(before.line.id);
        }
        if !interrupts || !self.turn(mouth).is_busy(came) {
            self.give_turns(mouth);
            if !self.queues.waits(id) {
                return;
            }
        }
        let turn = self.turn(mouth);
        let busy = turn.is_busy(came);
        let others: Vec<_> = self.others(mouth, id).map(|other| self.rank(other)).collect();
        match written.when_busy {
            WhenBusy::Drop if busy || !others.is_empty() => return self.drop_line(id, Ended::Busy),
            WhenBusy::Interrupt if busy => {
                let highest = others.iter().map(|(.., Reverse(priority), _, _)| *priority);
                let spoken = turn.says.into_iter().chain(turn.still_says(came));
                let highest = highest.chain(spoken.map(|said| said.priority)).max();
                if highest <= Some(written.priority) {
                    self.interrupt(mouth, id, came);
                }
            }
            _ => {}
        }
        let Some(queue) = self.bank.queues.get(mouth.0.index()) else { return };
        let cut = self.turn(mouth).cut;
        // Whoever's turn is next does not count while nobody speaks.
        let most = queue.most as usize + usize::from(!busy || cut);
        if others.len() + 1 > most {
            let lines = self.queues.lines.of(mouth).iter().filter(|one| one.came.is_some());
            if let Some(last) = lines.max_by_key(|one| self.rank(one)).map(|line| line.id) {
                self.drop_line(last, Ended::QueueFull);
            }
        }
    }

    fn turn(&self, mouth: Mouth) -> Turn {
        self.queues.turns.get(&mouth).copied().unwrap_or_default()
    }

    fn others(&self, mouth: Mouth, id: PlaybackId) -> impl Iterator<Item = &Posted> {
        self.queues.lines.of(mouth).iter().filter(move |line| line.id != id && line.came.is_some())
    }

    /// Stops what is spoken at a frame, for a line that comes next.
    fn interrupt(&mut self, mouth: Mouth, id: PlaybackId, at: u64) {
        if let Some(line) = self.queues.lines.get_mut(id) {
            line.next = true;
        }
        let Some(turn) = self.queues.turns.get_mut(&mouth) else { return };
        turn.cut = true;
        let mut left = None;
        // With what can't be taken back, the one before it is stopped too.
        for mut said in turn.says.into_iter().chain(turn.still_says(at)) {
            self.queues.interrupted.insert(said.line.id);
            self.stop(said.line.id, None, at);
            if self.state(said.line.id).is_some() {
                said.end = self.end_of_line(&said);
                left = Some(said);
            }
        }
        if let Some(turn) = self.queues.turns.get_mut(&mouth) {
            turn.says = left;
            if left.is_none() {
                turn.free = Some(at);
            }
        }
        self.give_turns(mouth);
    }

    /// Lets lines be spoken whose turn comes soon.
    fn give_turns(&mut self, mouth: Mouth) {
        let Some(queue) = self.bank.queues.get(mouth.0.index()) else { return };
        let gap = u64::from(queue.gap.frames(self.config.sample_rate));
        loop {
            let turn = self.turn(mouth);
            let gap = if turn.cut { 0 } else { gap };
            let silent = match turn.says {
                Some(said) => match said.end {
                    Some(end) => end + gap,
                    None => return,
                },
                None => turn.free.map_or(0, |free| free + gap),
            };
            let waiting = || self.queues.lines.of(mouth).iter().filter(|line| line.held.is_none());
            let Some(first) = waiting().filter_map(|line| line.came).min() else { return };
            let start = silent.max(first).max(self.now);
            if start >= self.horizon() {
                return;
            }
            let ready = waiting().filter(|line| line.came.is_some_and(|came| came <= start));
            let Some(line) = ready.min_by_key(|line| self.rank(line)).copied() else { return };
            self.speak(mouth, line, start, turn);
        }
    }

    /// It is a line's turn.
    fn speak(&mut self, mouth: Mouth, line: Posted, start: u64, before: Turn) {
        let priority = self.priority_of(&line);
        let Posted { id, event, on, .. } = line;
        self.withdraw(id);
        self.post_in_turn(id, event, on, start);
        if self.state(id).is_none() {
            return;
        }
        let mut said =
            Said { line: Posted { next: false, ..line }, priority, start, end: None, heard: false };
        said.end = self.end_of_line(&said);
        // Should it not be let in, the one before it counts.
        let free = before.says.and_then(|said| said.end).or(before.free);
        let turn = Turn { says: Some(said), before: before.says, free, cut: false };
        self.queues.turns.insert(mouth, turn);
    }

    /// Drops what has waited too long.
    fn lose_patience(&mut self) {
        let (now, rate) = (self.now, self.config.sample_rate);
        let lost = self.queues.lines.iter().filter(|(_, line)| {
            let patience = self.line(line.event).and_then(|line| line.patience);
            let until = line.came.zip(patience).map(|(came, time)| came + u64::from(time.frames(rate)));
            line.held.is_none() && until.is_some_and(|until| until < now)
        });
        let lost: Vec<_> = lost.map(|(_, line)| line.id).collect();
        lost.into_iter().for_each(|id| self.drop_line(id, Ended::TooLate));
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
