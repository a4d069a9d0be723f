//! Whose turn it is: who is spoken, who is interrupted, who waits no longer.

use super::{Mouth, Posted, Said, Turn};
use crate::bank::{Virtual, WhenBusy};
use crate::director::playback::Playback;
use crate::director::{Director, Ended, PlaybackId};
use std::cmp::Reverse;

impl Director {
    /// Gives turns to whoever has one.
    pub(in crate::director) fn run_queues(&mut self) {
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
}
