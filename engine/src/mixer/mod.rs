//! Voices, buses, sends, sidechain keys and duckers, compiled into one flat graph; and kira's edge.
//!
//! Lives here: everything between the command ring and the device. May be named here: `link`, `dsp`, `media`'s
//! samples and kira; no names, only indices. [`Mixer`] runs on the audio thread; [`Graph`]s are built on the
//! game thread and travel to it boxed.
//!
//! The whole mixer is one [`kira::sound::Sound`]. It renders in blocks of [`BLOCK`] frames on a
//! grid of its own clock, whatever lengths the device asks for, so a device hears the same samples as an
//! offline render.
//!
//! The order of one block: orders that are due; voices into their buses and sends; then each bus after all
//! that it listens to: effects (keyed by finished buses), ducking and fader, meters, sends, parent.

#[cfg_attr(not(test), expect(clippy::disallowed_methods, reason = "a backend keeps the device's time"))]
pub mod backend;
mod buffer;
mod buffers;
mod bus;
mod duck;
mod effect;
mod envelope;
mod fader;
mod graph;
mod hold;
mod level;
mod outputs;
mod path;
mod playhead;
mod plugin;
mod profile;
mod programme;
mod render;
mod schedule;
mod sound;
mod steer;
mod stream;
mod voice;
mod voice_filter;
mod voice_gates;

pub use crate::dsp::BLOCK;
pub use duck::{Combine, Ducked, RuleSpec, TargetSpec, Trigger};
pub use effect::EffectParams;
pub use graph::{BusSpec, Gates, Graph, GraphSpec, KeySpec, Origin, SlotSpec};
pub use level::{Gauge, LevelSpec};
pub use path::{PathSpec, Tap};
pub use plugin::OnTrack;
pub use programme::ProgrammeMeter;
pub use render::{Mixer, MixerEnd, Parcel, mixer};
pub use steer::{Base, CurveSpec, HandSpec, Property, SettingHow, SettingSpec, SteerSpec};

/// How long a changed gain takes to its new value, in seconds: short enough to follow a hand on a fader, long
/// enough that no step is heard.
pub const GLIDE_SECONDS: f32 = 0.03;
/// How long a new effect is fed, then fades in, and how long a removed one fades out, in seconds.
pub const PRESENCE_SECONDS: f32 = 0.05;

fn frames(seconds: f32, sample_rate: u32) -> u32 {
    (seconds * sample_rate as f32) as u32
}
