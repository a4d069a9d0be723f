//! Modulators: numbers that move by themselves, for curves to go by.
//!
//! Lives here: what an [`Lfo`], a [`Walk`] and an [`Envelope`] are at any time, each in closed form: what it is follows
//! from how far it has gone and a seed, and from nothing that happened on the way. So a modulator that nobody looks at
//! costs nothing, and is where it should be when somebody does.
//! May be named here: `effects`' macro of choices, `units`. Runs on any thread: the director asks for each playback, the
//! mixer for each block.
//!
//! How far one has gone is counted in turns for what swings and in seconds for envelopes. Whoever runs it keeps that
//! count, so that another speed goes on from where it was.

mod draw;
mod envelope;
mod lfo;
mod walk;

pub use draw::seed_of;
pub use envelope::{Envelope, Fall};
pub use lfo::{Lfo, LfoShape};
pub use walk::Walk;

/// The highest rate of what swings, in turns per second.
///
/// What moves a playback goes in straight lines from one update of the engine to the next: at 60 updates a second there
/// are three of them to a turn of 20 Hz, and a sine keeps its shape up to some 8 Hz. What moves a bus is worked out every
/// block of 128 frames, and keeps its shape up to this rate.
pub const MAX_RATE: f32 = 20.0;
