//! The shared word of game and audio thread: orders in, reports out, and what becomes of a full ring.
//!
//! Lives here: the `Copy` commands, the rings that carry them, the board of latest readings, the taps
//! that carry stems out of an offline render, and the pages that carry streams in. May be named here: ids only, so the heap-carrying parcels are
//! type parameters. Runs on both threads: [`Control`] on the game's, [`Audio`] on the audio thread.
//!
//! Each seam is chosen by meaning. Ordered facts go through bounded rings; the latest value of a meter goes
//! through an atomic. Whatever owns memory is boxed by the game thread and comes home by the return ring, so
//! that the audio thread never frees.

mod board;
mod command;
mod pages;
mod ring;
mod tap;

pub use board::{
    Board, BusReading, MAX_BUSES, MAX_EFFECTS, MAX_LEVELS, MAX_RULES, MAX_TARGETS, ProgrammeReading,
};
pub use command::{
    Body, BusOrder, Command, Fault, MAX_SENDS, Message, Report, SendGain, Start, StartFrom, VoiceId, VoiceMix,
};
pub use pages::{
    AHEAD_PAGES, Course, LEAP_PAGES, MOST_STREAMS, PAGE_FRAMES, Page, PageControl, PageReader, PageWriter,
    REACH, STREAM_SLOTS, pages,
};
pub use ring::{Audio, Control, Retired, channel};
pub use tap::{TapReader, TapWriter, taps};
