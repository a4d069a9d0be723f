//! Where the rendered sound goes: kira's `Backend` trait, implemented for a PulseAudio server, for no device at
//! all, and for rendering faster than time; and the choice between them.
//!
//! May be named here: `kira` and the protocol crate. Each backend runs one thread of its own, the audio thread;
//! [`DeviceBackend`] itself belongs to the game's side.

pub mod device;
pub mod offline;
#[cfg(target_os = "linux")]
pub mod pulse;
#[cfg(target_os = "linux")]
mod pulse_stream;
pub mod silent;

#[cfg(test)]
mod tests;

pub use device::{Change, DeviceBackend, DeviceProblem, DeviceSettings};
