//! Tonmeister: game-audio middleware that is text-first, testable and at home in an ECS.
//!
//! A game spawns [`Emitter`](ecs::Emitter)s, a [`Listener`](ecs::Listener) and
//! [`ReverbZone`](ecs::ReverbZone)s as entities and posts events; a sound designer says in RON banks what they
//! sound like, and hears every save while the game runs.
//!
//! ```
//! use bevy_ecs::prelude::*;
//! use bevy_transform::components::GlobalTransform;
//! use tonmeister::prelude::*;
//!
//! let banks = Sources::from_texts([("demo.bank.ron", r#"Bank(
//!     buses: {"music": (gain: -6), "dialogue": ()},
//!     ducking: [(trigger: "dialogue", targets: {"music": (depth: 9)})],
//! )"#)]);
//! let engine = Engine::from_sources(banks).output(Output::Offline).build()?;
//!
//! let mut world = World::new();
//! let mut schedule = Schedule::default();
//! tonmeister::ecs::install(&mut world, &mut schedule, engine);
//! world.spawn((Listener::default(), GlobalTransform::IDENTITY));
//! schedule.run(&mut world);
//! # Ok::<(), tonmeister::runtime::BuildError>(())
//! ```
//!
//! Sound designers begin with the [`guide`].
//!
//! # The rooms
//! Data flows one way: [`bank`] → [`director`] → [`link`] → [`mixer`] → [`dsp`] → device. [`ecs`] and [`scene`]
//! stand before it, [`runtime`] puts it together, [`reload`] brings new banks in. Each room's page says what
//! lives there, what it may name and on which thread it runs.
#![deny(unsafe_code)]
#![deny(missing_docs)]

pub mod bank;
#[cfg_attr(not(test), deny(clippy::disallowed_methods))]
pub mod director;
#[cfg_attr(not(test), deny(clippy::disallowed_methods))]
pub mod dsp;
pub mod ecs;
#[cfg_attr(not(test), deny(clippy::disallowed_methods))]
pub mod effects;
#[doc = include_str!("guide.md")]
pub mod guide {
    /// The guide as Markdown, as `tonmeister reference guide` shows it.
    pub const TEXT: &str = include_str!("guide.md");
}
#[cfg_attr(not(test), deny(clippy::disallowed_methods))]
pub mod link;
pub mod media;
#[cfg_attr(not(test), deny(clippy::disallowed_methods))]
pub mod mixer;
#[cfg_attr(not(test), deny(clippy::disallowed_methods))]
pub mod modulators;
pub mod reload;
pub mod runtime;
#[cfg_attr(not(test), deny(clippy::disallowed_methods))]
pub mod scene;
#[cfg_attr(not(test), deny(clippy::disallowed_methods))]
pub mod space;
#[cfg_attr(not(test), deny(clippy::disallowed_methods))]
pub mod units;

/// What a game usually needs.
pub mod prelude {
    pub use crate::bank::Sources;
    pub use crate::director::{Ended, PlaybackId, State};
    #[cfg(feature = "bevy")]
    pub use crate::ecs::TonmeisterPlugin;
    pub use crate::ecs::{
        BankChanged, Emitter, EmitterNotice, EmitterStatus, Listener, Parameters, PlaybackBeat,
        PlaybackEnded, PlaybackMarker, PlaybackReal, PlaybackSegment, PlaybackStarted, PlaybackVirtual,
        ReverbZone, Snapshot, Tonmeister, TonmeisterSet,
    };
    pub use crate::reload::Reload;
    pub use crate::runtime::{BankState, Engine, Output};
    pub use crate::space::Shape;
    pub use crate::units::{Amount, Decibels, Hertz, Metres, Seconds, Semitones};
}
