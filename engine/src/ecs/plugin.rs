//! The engine as a Bevy plugin.

use super::{TonmeisterSet, add_systems};
use crate::runtime::Engine;
use bevy_app::{App, Plugin, PostUpdate};
use bevy_ecs::message::MessageRegistry;
use bevy_ecs::schedule::{IntoScheduleConfigs, Schedules};
use bevy_transform::TransformSystems;
use std::sync::Mutex;

/// Puts an engine into a Bevy app. Its systems run in `PostUpdate`, after transforms are propagated.
///
/// ```
/// use bevy_app::App;
/// use tonmeister::prelude::*;
///
/// # let banks = Sources::from_texts([("demo.bank.ron", "Bank()")]);
/// let engine = Engine::from_sources(banks).output(Output::Offline).build()?;
/// App::new().add_plugins(TonmeisterPlugin::new(engine)).update();
/// # Ok::<(), tonmeister::runtime::BuildError>(())
/// ```
pub struct TonmeisterPlugin {
    engine: Mutex<Option<Engine>>,
}

impl TonmeisterPlugin {
    /// Takes the engine that the app will play.
    pub fn new(engine: Engine) -> Self {
        Self { engine: Mutex::new(Some(engine)) }
    }
}

impl Plugin for TonmeisterPlugin {
    fn build(&self, app: &mut App) {
        let engine = self.engine.lock().map(|mut engine| engine.take());
        let Ok(Some(engine)) = engine else { return };
        let world = app.world_mut();
        let mut schedule = world
            .get_resource_or_init::<Schedules>()
            .remove(PostUpdate)
            .unwrap_or_else(|| bevy_ecs::schedule::Schedule::new(PostUpdate));
        if add_systems(world, &mut schedule, engine) {
            MessageRegistry::register_message::<super::PlaybackStarted>(world);
            MessageRegistry::register_message::<super::PlaybackVirtual>(world);
            MessageRegistry::register_message::<super::PlaybackReal>(world);
            MessageRegistry::register_message::<super::PlaybackMarker>(world);
            MessageRegistry::register_message::<super::PlaybackSegment>(world);
            MessageRegistry::register_message::<super::PlaybackBeat>(world);
            MessageRegistry::register_message::<super::PlaybackEnded>(world);
            MessageRegistry::register_message::<super::BankChanged>(world);
            schedule.configure_sets(TonmeisterSet::Receive.after(TransformSystems::Propagate));
        }
        world.get_resource_or_init::<Schedules>().insert(schedule);
    }
}
