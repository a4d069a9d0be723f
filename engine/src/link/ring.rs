//! The rings between the threads and their overflow policy.
//!
//! Orders that find the ring full wait on the game thread, in order, and are counted: nothing is lost and
//! nobody blocks. Reports that find it full wait on the audio thread with whoever had to report.

use super::{Board, Command, Message, PageReader, Report, command::Body};
use rtrb::{Consumer, Producer, RingBuffer};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// Memory on its way home to be freed.
pub enum Retired<P, S> {
    /// A parcel that was replaced.
    Parcel(Box<P>),
    /// A sample that no voice plays any more.
    Sample(Arc<S>),
    /// The pages of a stream that no voice reads any more.
    Pages(Box<PageReader>),
}

/// The game thread's end.
pub struct Control<P, S> {
    orders: Producer<Message<P>>,
    waiting: VecDeque<Message<P>>,
    reports: Consumer<Report>,
    retired: Consumer<Retired<P, S>>,
    board: Arc<Board>,
    overflows: u64,
    full: bool,
}

/// The audio thread's end.
pub struct Audio<P, S> {
    orders: Consumer<Message<P>>,
    reports: Producer<Report>,
    retired: Producer<Retired<P, S>>,
    board: Arc<Board>,
}

/// Makes both ends. `capacity` is how many orders fit in one flush; returns get as many.
pub fn channel<P, S>(capacity: usize) -> (Control<P, S>, Audio<P, S>) {
    let (orders_in, orders_out) = RingBuffer::new(capacity);
    let (reports_in, reports_out) = RingBuffer::new(capacity);
    let (retired_in, retired_out) = RingBuffer::new(capacity);
    let board = Arc::new(Board::new());
    let control = Control {
        orders: orders_in,
        waiting: VecDeque::with_capacity(capacity),
        reports: reports_out,
        retired: retired_out,
        board: board.clone(),
        overflows: 0,
        full: false,
    };
    (control, Audio { orders: orders_out, reports: reports_in, retired: retired_in, board })
}

impl<P, S> Control<P, S> {
    /// Queues an order for the next [`Control::flush`].
    pub fn order(&mut self, at: u64, command: Command) {
        self.waiting.push_back(Message { at, body: Body::Command(command) });
    }

    /// Queues something with memory of its own for the next [`Control::flush`].
    pub fn send(&mut self, at: u64, parcel: Box<P>) {
        self.waiting.push_back(Message { at, body: Body::Parcel(parcel) });
    }

    /// Hands over all that is queued as one group, which lands in one block. What does not fit stays queued,
    /// in order, for the next flush.
    pub fn flush(&mut self) {
        let mut room = self.orders.slots().min(self.waiting.len());
        if room < self.waiting.len() {
            if !self.full {
                tracing::warn!("the audio thread's command ring is full; orders wait for the next update");
            }
            self.overflows += 1;
            self.merge();
            room = self.orders.slots().min(self.waiting.len());
        }
        self.full = room < self.waiting.len();
        if let Ok(chunk) = self.orders.write_chunk_uninit(room) {
            chunk.fill_from_iter(self.waiting.drain(..room));
        }
    }

    /// Of several gains that wait for the same voice, only the last is of use: so a mixer that stands still, as
    /// with a stalled device, does not make the queue grow without end.
    fn merge(&mut self) {
        let mut seen = BTreeSet::new();
        let mut kept = VecDeque::with_capacity(self.waiting.len());
        while let Some(message) = self.waiting.pop_back() {
            let outdated = match &message.body {
                Body::Command(Command::Mix { voice, .. }) => !seen.insert(*voice),
                Body::Command(_) => false,
                // Indices change their meaning with a graph.
                Body::Parcel(_) => {
                    seen.clear();
                    false
                }
            };
            if !outdated {
                kept.push_front(message);
            }
        }
        self.waiting = kept;
    }

    /// How many flushes found the ring full.
    pub fn overflows(&self) -> u64 {
        self.overflows
    }

    /// The next fact from the audio thread.
    pub fn report(&mut self) -> Option<Report> {
        self.reports.pop().ok()
    }

    /// Frees what came home.
    pub fn free_retired(&mut self) {
        while let Ok(retired) = self.retired.pop() {
            drop(retired);
        }
    }

    /// The latest readings.
    pub fn board(&self) -> &Arc<Board> {
        &self.board
    }
}

impl<P, S> Audio<P, S> {
    /// The next order that is due before `end`, a frame of the mixer's clock.
    pub fn due(&mut self, end: u64) -> Option<Message<P>> {
        match self.orders.peek() {
            Ok(message) if message.at < end => self.orders.pop().ok(),
            _ => None,
        }
    }

    /// Whether a report and what a voice held both have room now: its sample and the pages of its stream.
    pub fn has_room(&self) -> bool {
        self.reports.slots() > 0 && self.retired.slots() > 1
    }

    /// Reports a fact; gives it back when the ring is full.
    pub fn report(&mut self, report: Report) -> Result<(), Report> {
        self.reports.push(report).map_err(|rtrb::PushError::Full(report)| report)
    }

    /// Sends memory home; gives it back when the ring is full.
    pub fn retire(&mut self, retired: Retired<P, S>) -> Result<(), Retired<P, S>> {
        self.retired.push(retired).map_err(|rtrb::PushError::Full(retired)| retired)
    }

    /// The latest readings, to be written.
    pub fn board(&self) -> &Board {
        &self.board
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::VoiceId;

    fn stop(slot: u16) -> Command {
        Command::Stop { voice: VoiceId { slot, generation: 0 }, at: 0, fade: 0 }
    }

    fn slot_of(message: Message<()>) -> u16 {
        match message.body {
            Body::Command(Command::Stop { voice, .. }) => voice.slot,
            _ => u16::MAX,
        }
    }

    #[test]
    fn a_full_ring_keeps_every_order_in_its_order() {
        let (mut control, mut audio) = channel::<(), ()>(4);
        (0..10).for_each(|slot| control.order(0, stop(slot)));
        let mut got = Vec::new();
        for _ in 0..3 {
            control.flush();
            while let Some(message) = audio.due(1) {
                got.push(slot_of(message));
            }
        }
        assert_eq!(got, (0..10).collect::<Vec<_>>());
        assert_eq!(control.overflows(), 2);
    }

    #[test]
    fn an_order_waits_for_its_block_and_holds_back_those_behind_it() {
        let (mut control, mut audio) = channel::<(), ()>(4);
        control.order(200, stop(1));
        control.order(0, stop(2));
        control.flush();
        assert!(audio.due(128).is_none());
        assert_eq!(audio.due(256).map(slot_of), Some(1));
        assert_eq!(audio.due(256).map(slot_of), Some(2));
    }
}
