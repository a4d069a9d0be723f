//! Scripted scenes: a world without a game, played by an offline clock or live.
//!
//! Lives here: the language of `*.scene.ron`, the player that acts a scene out in a world of its own, and
//! rendering. May be named here: `ecs` and everything below it; the language is read with `bank`'s tools. Runs on
//! the game thread.
//!
//! A scene moves in ticks of a hundredth of a second, kept a little ahead of the mixer, and every order carries
//! the frame at which it is due. So a scene sounds the same, to the bit, whether it is rendered or played.

mod path;
mod player;
mod render;
mod schema;
mod script;

pub use player::{LOOK_AHEAD_SECONDS, Player};
pub use render::render;
pub use script::{Scene, SceneError};
