//! The systems, in the order of a frame.

use super::resource::Tonmeister;
use super::{Emitter, EmitterStatus, Listener, PlaybackEnded, ReverbZone};
use crate::director::{EmitterKey, PlaybackId, State};
use crate::space::{Pose, ZoneField};
use bevy_ecs::change_detection::DetectChangesMut;
use bevy_ecs::prelude::*;
use bevy_transform::components::GlobalTransform;

/// The director's side of an emitter, with the playback of its own event.
#[derive(Component, Debug)]
pub(super) struct Placed {
    key: EmitterKey,
    event: Option<String>,
    playback: Option<PlaybackId>,
}

pub(super) fn receive(mut tonmeister: ResMut<Tonmeister>, mut ended: MessageWriter<PlaybackEnded>) {
    tonmeister.engine().receive();
    for notice in tonmeister.engine().take_notices() {
        let entity = notice.emitter.and_then(|key| tonmeister.entities.get(&key).copied());
        ended.write(PlaybackEnded { playback: notice.playback, entity, why: notice.why });
    }
}

/// Emitters whose component or entity is gone.
pub(super) fn remove_emitters(
    mut commands: Commands,
    mut tonmeister: ResMut<Tonmeister>,
    mut removed: RemovedComponents<Emitter>,
    left: Query<&Placed>,
) {
    if removed.is_empty() {
        return;
    }
    let gone: std::collections::BTreeSet<Entity> = removed.read().collect();
    let keys: Vec<EmitterKey> =
        tonmeister.entities.iter().filter(|(_, entity)| gone.contains(entity)).map(|(&key, _)| key).collect();
    for key in keys {
        if let Some(entity) = tonmeister.entities.remove(&key)
            && left.contains(entity)
        {
            // Only the component went; the entity may get another one.
            commands.entity(entity).remove::<Placed>();
        }
        tonmeister.engine().remove_emitter(key);
    }
}

pub(super) fn add_emitters(
    mut commands: Commands,
    mut tonmeister: ResMut<Tonmeister>,
    added: Query<(Entity, &Emitter, &GlobalTransform), Without<Placed>>,
) {
    for (entity, emitter, transform) in &added {
        let engine = tonmeister.engine();
        let key = engine.add_emitter(transform.translation(), emitter.gain);
        let playback = emitter.event.as_deref().and_then(|event| engine.post(event, Some(key)));
        tonmeister.entities.insert(key, entity);
        commands.entity(entity).insert(Placed { key, event: emitter.event.clone(), playback });
    }
}

pub(super) fn change_emitters(
    mut tonmeister: ResMut<Tonmeister>,
    mut changed: Query<(&Emitter, &mut Placed), Changed<Emitter>>,
) {
    for (emitter, mut placed) in &mut changed {
        let engine = tonmeister.engine();
        engine.set_emitter_gain(placed.key, emitter.gain);
        if emitter.event != placed.event {
            if let Some(playback) = placed.playback.take() {
                engine.stop(playback, None);
            }
            placed.playback = emitter.event.as_deref().and_then(|event| engine.post(event, Some(placed.key)));
            placed.event.clone_from(&emitter.event);
        }
    }
}

pub(super) fn move_emitters(
    mut tonmeister: ResMut<Tonmeister>,
    moved: Query<(&Placed, &GlobalTransform), Changed<GlobalTransform>>,
) {
    let engine = tonmeister.engine();
    for (placed, transform) in &moved {
        engine.move_emitter(placed.key, transform.translation());
    }
}

pub(super) fn place_listener(
    mut tonmeister: ResMut<Tonmeister>,
    listeners: Query<(Entity, &Listener, &GlobalTransform)>,
) {
    let first =
        listeners.iter().min_by_key(|(entity, listener, _)| (std::cmp::Reverse(listener.priority), *entity));
    let pose = first.map(|(_, _, transform)| {
        let (_, rotation, position) = transform.to_scale_rotation_translation();
        Pose { position, rotation }
    });
    tonmeister.engine().set_listener(pose);
}

pub(super) fn place_zones(
    mut tonmeister: ResMut<Tonmeister>,
    zones: Query<(Entity, &ReverbZone, &GlobalTransform)>,
) {
    let mut zones: Vec<_> = zones.iter().collect();
    // Entities, not archetypes, give the order, so that it never depends on what else they carry.
    zones.sort_unstable_by_key(|(entity, _, _)| *entity);
    let fields = zones.iter().map(|(_, zone, transform)| {
        let (_, rotation, position) = transform.to_scale_rotation_translation();
        ZoneField {
            zone: zone.reverb.as_str(),
            shape: zone.shape,
            position,
            rotation,
            fade: zone.fade.get(),
            priority: zone.priority,
        }
    });
    tonmeister.engine().set_zones(fields);
}

pub(super) fn post_events(mut tonmeister: ResMut<Tonmeister>, placed: Query<&Placed>) {
    for post in std::mem::take(&mut tonmeister.posts) {
        match placed.get(post.on) {
            Ok(placed) => {
                tonmeister.engine().post_as(post.playback, &post.event, Some(placed.key), post.at);
            }
            Err(_) => tracing::warn!("\"{}\" was posted on {}, which has no Emitter", post.event, post.on),
        }
    }
}

pub(super) fn decide(mut tonmeister: ResMut<Tonmeister>) {
    tonmeister.engine().decide();
}

pub(super) fn flush(mut tonmeister: ResMut<Tonmeister>) {
    tonmeister.engine().flush();
}

pub(super) fn write_status(mut tonmeister: ResMut<Tonmeister>, mut emitters: Query<&mut EmitterStatus>) {
    for key in tonmeister.engine().take_touched() {
        let Some(&entity) = tonmeister.entities.get(&key) else { continue };
        let Ok(mut status) = emitters.get_mut(entity) else { continue };
        let engine = tonmeister.engine();
        let mut new = EmitterStatus::default();
        for &playback in engine.on_emitter(key) {
            match engine.state(playback) {
                Some(State::Real(gain)) => {
                    new.real += 1;
                    new.gain = new.gain.max(gain);
                }
                Some(State::Virtual) => new.virtual_ += 1,
                Some(State::Waiting) | None => {}
            }
        }
        status.set_if_neq(new);
    }
}
