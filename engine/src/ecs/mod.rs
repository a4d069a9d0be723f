//! The engine in a `bevy_ecs` world: components, systems in [`TonmeisterSet`], and the runtime as a resource.
//!
//! Lives here: everything that knows entities. May be named here: `runtime`, `director`, `space`, `units` and
//! `bevy_ecs`. Runs on the game thread. It works in any `World`; with the feature `bevy` it is a plugin for a
//! Bevy `App`.
//!
//! The world is the source of truth: systems read components and tell the engine what changed, and write back
//! what a game may want to know ([`EmitterStatus`], and messages such as
//! [`PlaybackStarted`], [`PlaybackMarker`], [`PlaybackEnded`] and [`BankChanged`]).

mod components;
#[cfg(feature = "bevy")]
mod plugin;
mod resource;
mod systems;

pub use bevy_ecs::entity::Entity;
pub use bevy_ecs::schedule::Schedule;
pub use bevy_ecs::world::World;
pub use bevy_transform::components::GlobalTransform;
pub use components::{Emitter, EmitterStatus, Listener, ParameterSetting, Parameters, ReverbZone, Snapshot};
#[cfg(feature = "bevy")]
pub use plugin::TonmeisterPlugin;
pub use resource::{
    BankChanged, EmitterNotice, PlaybackBeat, PlaybackEnded, PlaybackMarker, PlaybackReal, PlaybackSegment,
    PlaybackStarted, PlaybackVirtual, Tonmeister,
};

use crate::runtime::Engine;
use bevy_ecs::schedule::{IntoScheduleConfigs, SystemSet};

/// The phases of a frame. Post events and move things before [`TonmeisterSet::Receive`]; transforms must be
/// propagated by then. Only the last phase touches the mixer.
#[derive(SystemSet, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TonmeisterSet {
    /// Takes what the mixer reported and what was saved.
    Receive,
    /// Tells the engine what changed in the world.
    Collect,
    /// Decides what plays, where and how loud.
    Decide,
    /// Hands the frame's orders to the mixer as one group, and writes back what a game may want to know.
    Flush,
}

/// Puts an engine into a world and its systems into a schedule. Run the schedule once a frame, after
/// `GlobalTransform`s are up to date: the systems read nothing else, so in a world without Bevy's
/// `TransformPlugin` set `GlobalTransform` yourself.
///
/// A bare world must be told when its frame is over, as any `bevy_ecs` world: call `World::clear_trackers` once a
/// frame, or removed components pile up.
///
/// A second engine in the same world takes the place of the first, in the schedule of the first.
pub fn install(world: &mut World, schedule: &mut Schedule, engine: Engine) {
    if add_systems(world, schedule, engine) {
        schedule.add_systems(systems::age_messages.before(TonmeisterSet::Receive));
    }
}

/// Puts the engine into the world, and the systems into the schedule unless they are there; says whether they
/// are new.
fn add_systems(world: &mut World, schedule: &mut Schedule, engine: Engine) -> bool {
    if world.contains_resource::<Tonmeister>() {
        systems::forget(world);
        world.insert_resource(Tonmeister::new(engine));
        return false;
    }
    world.insert_resource(Tonmeister::new(engine));
    systems::add_messages(world);
    schedule.configure_sets(
        (TonmeisterSet::Receive, TonmeisterSet::Collect, TonmeisterSet::Decide, TonmeisterSet::Flush).chain(),
    );
    schedule.add_systems((
        (systems::receive, systems::tell).chain().in_set(TonmeisterSet::Receive),
        (
            systems::remove_emitters,
            systems::add_emitters,
            systems::set_parameters,
            systems::change_emitters,
            systems::retry_emitters,
            systems::move_emitters,
            systems::hold_snapshots,
        )
            .chain()
            .in_set(TonmeisterSet::Collect),
        systems::place_listener.in_set(TonmeisterSet::Collect).after(systems::move_emitters),
        systems::place_zones.in_set(TonmeisterSet::Collect).after(systems::place_listener),
        systems::post_events.in_set(TonmeisterSet::Collect).after(systems::place_zones),
        systems::decide.in_set(TonmeisterSet::Decide),
        (systems::flush, systems::tell, systems::write_status).chain().in_set(TonmeisterSet::Flush),
    ));
    true
}
