//! The engine as a resource, and what a game asks of it.

use super::components::{Parameters, Snapshot};
use crate::director::{EmitterKey, Ended, Happened, Holder, PlaybackId};
use crate::runtime::{BankState, Engine};
use crate::units::Amount;
use bevy_ecs::entity::Entity;
use bevy_ecs::event::EntityEvent;
use bevy_ecs::message::Message;
use bevy_ecs::resource::Resource;
use bevy_platform::cell::SyncCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The engine in a world. Systems take it as `ResMut<Tonmeister>`.
#[derive(Resource)]
pub struct Tonmeister {
    /// The engine holds ends of rings that one thread at a time may use; `&mut` is the proof of that.
    engine: SyncCell<Engine>,
    pub(super) posts: Vec<Post>,
    pub(super) entities: BTreeMap<EmitterKey, Entity>,
    pub(super) keys: BTreeMap<Entity, EmitterKey>,
    /// Emitters whose event the bank does not have or whose sounds are not loaded, and the bank for which that was found out.
    pub(super) unplayed: BTreeSet<Entity>,
    pub(super) bank_seen: Option<u64>,
    /// The bank for which emitters' parameters were set.
    pub(super) bank_set: Option<u64>,
    /// The snapshots that entities hold, and the bank for which that was found out.
    pub(super) held: BTreeMap<Entity, String>,
    pub(super) bank_held: Option<u64>,
    /// Posts that came to nothing, to be told with the next frame.
    pub(super) refused: Vec<PlaybackEnded>,
}

/// An event posted on an entity; the entity's emitter is found when the frame is collected.
pub(super) struct Post {
    pub(super) playback: PlaybackId,
    pub(super) event: String,
    pub(super) on: Entity,
    pub(super) at: u64,
}

/// A playback is heard for the first time.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaybackStarted {
    /// Which playback.
    pub playback: PlaybackId,
    /// The entity it was posted on.
    pub entity: Option<Entity>,
    /// The frame of the mixer's clock at which it begins: less than a frame of the game ahead.
    pub at: u64,
}

/// A playback goes on unheard: out of earshot, or for want of a voice.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaybackVirtual {
    /// Which playback.
    pub playback: PlaybackId,
    /// The entity it was posted on.
    pub entity: Option<Entity>,
    /// Why it is not heard.
    pub why: Ended,
}

/// A playback that was virtual is heard again.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaybackReal {
    /// Which playback.
    pub playback: PlaybackId,
    /// The entity it was posted on.
    pub entity: Option<Entity>,
    /// The frame of the mixer's clock from which on it is.
    pub at: u64,
}

/// A voice of a playback has come to a marker of its clip.
#[derive(Message, Debug, Clone, PartialEq, Eq)]
pub struct PlaybackMarker {
    /// Which playback.
    pub playback: PlaybackId,
    /// The entity it was posted on.
    pub entity: Option<Entity>,
    /// The marker's name.
    pub marker: Arc<str>,
    /// The frame of the mixer's clock at which it is heard: less than a frame of the game ahead.
    pub at: u64,
}

/// A segment of a playback's music has its turn.
#[derive(Message, Debug, Clone, PartialEq, Eq)]
pub struct PlaybackSegment {
    /// Which playback.
    pub playback: PlaybackId,
    /// The entity it was posted on.
    pub entity: Option<Entity>,
    /// The segment's name.
    pub segment: Arc<str>,
    /// The frame of the mixer's clock from which on: less than a frame of the game ahead.
    pub at: u64,
}

/// A beat of a playback's music.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaybackBeat {
    /// Which playback.
    pub playback: PlaybackId,
    /// The entity it was posted on.
    pub entity: Option<Entity>,
    /// The bar of the segment, the first being 1.
    pub bar: u32,
    /// The beat of the bar, the first being 1.
    pub beat: u32,
    /// The frame of the mixer's clock at which it is heard: less than a frame of the game ahead.
    pub at: u64,
}

/// Any of these, for observers of the entity that it was posted on; the messages tell the same for all.
///
/// ```
/// use bevy_ecs::prelude::*;
/// use tonmeister::director::Happened;
/// use tonmeister::ecs::{Emitter, EmitterNotice};
///
/// let mut world = World::new();
/// world.spawn(Emitter::new("forge/hammer")).observe(|notice: On<EmitterNotice>| {
///     if let Happened::Marker(name) = &notice.what {
///         println!("{name} at frame {}", notice.at);
///     }
/// });
/// ```
#[derive(EntityEvent, Debug, Clone, PartialEq, Eq)]
pub struct EmitterNotice {
    /// The emitter's entity.
    pub entity: Entity,
    /// Which playback.
    pub playback: PlaybackId,
    /// The frame of the mixer's clock, as [`Notice::at`](crate::director::Notice::at) says.
    pub at: u64,
    /// What happened.
    pub what: Happened,
}

/// A playback has ended.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaybackEnded {
    /// Which playback.
    pub playback: PlaybackId,
    /// The entity it was posted on.
    pub entity: Option<Entity>,
    /// Why it ended.
    pub why: Ended,
}

/// A bank file's sounds were loaded or unloaded, or could not be loaded.
#[derive(Message, Debug, Clone, PartialEq, Eq)]
pub struct BankChanged {
    /// The file's path in the project's folder.
    pub file: String,
    /// Its new state.
    pub state: BankState,
}

impl Tonmeister {
    pub(super) fn new(engine: Engine) -> Self {
        Self {
            engine: SyncCell::new(engine),
            posts: Vec::new(),
            entities: BTreeMap::new(),
            keys: BTreeMap::new(),
            unplayed: BTreeSet::new(),
            bank_seen: None,
            bank_set: None,
            held: BTreeMap::new(),
            bank_held: None,
            refused: Vec::new(),
        }
    }

    /// Sets what an emitter has of its own. What the bank does not know is told in the log and passed over.
    pub(super) fn set_parameters(&mut self, key: EmitterKey, parameters: Option<&Parameters>) {
        for (name, setting) in parameters.iter().flat_map(|parameters| &parameters.0) {
            if let Err(error) = self.engine().set_emitter_parameter(key, name, setting.value()) {
                tracing::warn!("{error}");
            }
        }
        let names = parameters.iter().flat_map(|parameters| parameters.0.keys());
        self.engine().keep_emitter_parameters(key, names.map(String::as_str));
    }

    /// Plays an emitter's own event, now or as soon as the bank has it.
    pub(super) fn play(
        &mut self,
        entity: Entity,
        key: EmitterKey,
        event: Option<&str>,
    ) -> Option<PlaybackId> {
        let playback = self.engine().post(event?, Some(key));
        if playback.is_none() {
            self.unplayed.insert(entity);
        }
        playback
    }

    /// Lets an entity hold a snapshot instead of the one before, or none. What the bank does not know is told in the log.
    pub(super) fn hold_snapshot(&mut self, entity: Entity, snapshot: Option<&Snapshot>) {
        let holder = Holder::Entity(entity.to_bits());
        if let Some(before) = self.held.remove(&entity)
            && snapshot.is_none_or(|snapshot| snapshot.name != before)
        {
            // One that another bank does not have any more has gone with it.
            self.engine().hold_snapshot(holder, &before, Amount::MIN, None).ok();
        }
        let Some(snapshot) = snapshot else { return };
        match self.engine().hold_snapshot(holder, &snapshot.name, snapshot.amount, None) {
            Ok(()) => _ = self.held.insert(entity, snapshot.name.clone()),
            Err(error) => tracing::warn!("{error}"),
        }
    }

    /// The engine.
    pub fn engine(&mut self) -> &mut Engine {
        self.engine.get()
    }

    /// Posts an event that belongs to no entity: music, narration, an interface sound. `None`, and a line in
    /// the log, if the bank has no such event.
    pub fn post(&mut self, event: &str) -> Option<PlaybackId> {
        self.engine().post(event, None)
    }

    /// Posts an event on an entity with an [`Emitter`](super::Emitter), in this frame even if the entity was
    /// spawned in it. An entity without one, or an event
    /// that the bank does not have, is told by [`PlaybackEnded`] and a line in the log.
    pub fn post_on(&mut self, on: Entity, event: impl Into<String>) -> PlaybackId {
        self.post_on_at(on, event, 0)
    }

    /// As [`Tonmeister::post_on`], to sound exactly at frame `at` of the mixer's clock; the past means now.
    pub fn post_on_at(&mut self, on: Entity, event: impl Into<String>, at: u64) -> PlaybackId {
        let playback = self.engine().reserve();
        self.posts.push(Post { playback, event: event.into(), on, at });
        playback
    }
}
