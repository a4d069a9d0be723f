//! The systems, in the order of a frame.

use super::resource::{Post, Tonmeister};
use super::{
    BankChanged, Emitter, EmitterNotice, EmitterStatus, Listener, Parameters, PlaybackBeat, PlaybackEnded,
    PlaybackMarker, PlaybackReal, PlaybackSegment, PlaybackStarted, PlaybackVirtual, ReverbZone, Snapshot,
};
use crate::director::{EmitterKey, Ended, Happened, Notice, PlaybackId, State};
use crate::runtime::{BankChange, BankState};
use crate::space::{Pose, ZoneField};
use bevy_ecs::change_detection::DetectChangesMut;
use bevy_ecs::message::Messages;
use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemParam;
use bevy_transform::components::GlobalTransform;

/// The director's side of an emitter, with the playback of its own event.
#[derive(Component, Debug)]
pub(super) struct Placed {
    key: EmitterKey,
    event: Option<String>,
    playback: Option<PlaybackId>,
}

/// What is told of playbacks, a message for each kind.
#[derive(SystemParam)]
pub(super) struct Messengers<'w> {
    started: MessageWriter<'w, PlaybackStarted>,
    virtuals: MessageWriter<'w, PlaybackVirtual>,
    reals: MessageWriter<'w, PlaybackReal>,
    markers: MessageWriter<'w, PlaybackMarker>,
    segments: MessageWriter<'w, PlaybackSegment>,
    beats: MessageWriter<'w, PlaybackBeat>,
    ended: MessageWriter<'w, PlaybackEnded>,
}

pub(super) fn receive(mut tonmeister: ResMut<Tonmeister>) {
    tonmeister.engine().receive();
}

/// Tells what happened: once before the world is looked at, once for what was decided.
pub(super) fn tell(
    mut commands: Commands,
    mut tonmeister: ResMut<Tonmeister>,
    mut placed: Query<&mut Placed>,
    mut messengers: Messengers,
    mut banks: MessageWriter<BankChanged>,
) {
    let Messengers { started, virtuals, reals, markers, segments, beats, ended } = &mut messengers;
    for Notice { playback, emitter, at, what } in tonmeister.engine().take_notices() {
        let entity = emitter.and_then(|key| tonmeister.entities.get(&key).copied());
        if let Some(entity) = entity {
            commands.trigger(EmitterNotice { entity, playback, at, what: what.clone() });
        }
        let why = match what {
            Happened::Started => {
                started.write(PlaybackStarted { playback, entity, at });
                continue;
            }
            Happened::Virtual { why } => {
                virtuals.write(PlaybackVirtual { playback, entity, why });
                continue;
            }
            Happened::Real => {
                reals.write(PlaybackReal { playback, entity, at });
                continue;
            }
            Happened::Marker(marker) => {
                markers.write(PlaybackMarker { playback, entity, marker, at });
                continue;
            }
            Happened::Segment(segment) => {
                segments.write(PlaybackSegment { playback, entity, segment, at });
                continue;
            }
            Happened::Beat { bar, beat } => {
                beats.write(PlaybackBeat { playback, entity, bar, beat, at });
                continue;
            }
            Happened::Ended(why) => why,
        };
        if matches!(why, Ended::Removed | Ended::Unloaded | Ended::NotLoaded)
            && let Some(entity) = entity
            && let Ok(mut placed) = placed.get_mut(entity)
            && placed.playback == Some(playback)
        {
            // It plays again when its event is back, or its sounds.
            placed.playback = None;
            tonmeister.unplayed.insert(entity);
            // What was not there a frame ago need not be asked for again before a bank comes.
            if why != Ended::NotLoaded {
                tonmeister.bank_seen = None;
            }
        }
        ended.write(PlaybackEnded { playback, entity, why });
    }
    ended.write_batch(std::mem::take(&mut tonmeister.refused));
    for BankChange { file, state } in tonmeister.engine().take_bank_changes() {
        if state == BankState::Loaded {
            tonmeister.bank_seen = None;
        }
        banks.write(BankChanged { file, state });
    }
}

/// Puts the messages of playbacks and banks into a world.
pub(super) fn add_messages(world: &mut World) {
    world.init_resource::<Messages<PlaybackStarted>>();
    world.init_resource::<Messages<PlaybackVirtual>>();
    world.init_resource::<Messages<PlaybackReal>>();
    world.init_resource::<Messages<PlaybackMarker>>();
    world.init_resource::<Messages<PlaybackSegment>>();
    world.init_resource::<Messages<PlaybackBeat>>();
    world.init_resource::<Messages<PlaybackEnded>>();
    world.init_resource::<Messages<BankChanged>>();
}

/// Forgets what belongs to an engine that is to be replaced.
pub(super) fn forget(world: &mut World) {
    let placed: Vec<Entity> = world.query_filtered::<Entity, With<Placed>>().iter(world).collect();
    for entity in placed {
        world.entity_mut(entity).remove::<Placed>();
    }
}

/// Emitters whose component or entity is gone.
pub(super) fn remove_emitters(
    mut commands: Commands,
    mut tonmeister: ResMut<Tonmeister>,
    mut removed: RemovedComponents<Emitter>,
    mut left: Query<(&Placed, Option<&mut EmitterStatus>)>,
) {
    for entity in removed.read() {
        let Some(key) = tonmeister.keys.remove(&entity) else { continue };
        tonmeister.entities.remove(&key);
        tonmeister.unplayed.remove(&entity);
        tonmeister.engine().remove_emitter(key);
        if let Ok((_, status)) = left.get_mut(entity) {
            // Only the component went; the entity may get another one.
            commands.entity(entity).remove::<Placed>();
            if let Some(mut status) = status {
                status.set_if_neq(EmitterStatus::default());
            }
        }
    }
}

pub(super) fn add_emitters(
    mut commands: Commands,
    mut tonmeister: ResMut<Tonmeister>,
    added: Query<(Entity, &Emitter, &GlobalTransform, Option<&Parameters>), Without<Placed>>,
) {
    for (entity, emitter, transform, parameters) in &added {
        let key = tonmeister.engine().add_emitter(transform.translation(), emitter.gain);
        tonmeister.engine().set_emitter_occlusion(key, emitter.occlusion);
        // Before its event plays, which may go by them.
        tonmeister.set_parameters(key, parameters);
        tonmeister.entities.insert(key, entity);
        tonmeister.keys.insert(entity, key);
        let playback = tonmeister.play(entity, key, emitter.event.as_deref());
        commands.entity(entity).insert(Placed { key, event: emitter.event.clone(), playback });
    }
}

/// Emitters' own parameters: those that changed or went, and all of them for another bank, which may know more of them.
pub(super) fn set_parameters(
    mut tonmeister: ResMut<Tonmeister>,
    changed: Query<(&Placed, &Parameters), Changed<Parameters>>,
    all: Query<(&Placed, &Parameters)>,
    mut removed: RemovedComponents<Parameters>,
    placed: Query<&Placed, Without<Parameters>>,
) {
    for entity in removed.read() {
        if let Ok(placed) = placed.get(entity) {
            tonmeister.set_parameters(placed.key, None);
        }
    }
    let version = tonmeister.engine().bank_version();
    if tonmeister.bank_set.replace(version) == Some(version) {
        for (placed, parameters) in &changed {
            tonmeister.set_parameters(placed.key, Some(parameters));
        }
    } else {
        for (placed, parameters) in &all {
            tonmeister.set_parameters(placed.key, Some(parameters));
        }
    }
}

/// Snapshots that entities bring in: those that changed or went, and all of them for another bank, which may know more of
/// them.
pub(super) fn hold_snapshots(
    mut tonmeister: ResMut<Tonmeister>,
    changed: Query<(Entity, &Snapshot), Changed<Snapshot>>,
    all: Query<(Entity, &Snapshot)>,
    mut removed: RemovedComponents<Snapshot>,
) {
    for entity in removed.read().filter(|&entity| !all.contains(entity)) {
        tonmeister.hold_snapshot(entity, None);
    }
    let version = tonmeister.engine().bank_version();
    if tonmeister.bank_held.replace(version) == Some(version) {
        for (entity, snapshot) in &changed {
            tonmeister.hold_snapshot(entity, Some(snapshot));
        }
    } else {
        for (entity, snapshot) in &all {
            tonmeister.hold_snapshot(entity, Some(snapshot));
        }
    }
}

pub(super) fn change_emitters(
    mut tonmeister: ResMut<Tonmeister>,
    mut changed: Query<(Entity, &Emitter, &mut Placed), Changed<Emitter>>,
) {
    for (entity, emitter, mut placed) in &mut changed {
        tonmeister.engine().set_emitter_gain(placed.key, emitter.gain);
        tonmeister.engine().set_emitter_occlusion(placed.key, emitter.occlusion);
        if emitter.event != placed.event {
            if let Some(playback) = placed.playback.take() {
                tonmeister.engine().stop(playback, None);
            }
            placed.playback = tonmeister.play(entity, placed.key, emitter.event.as_deref());
            placed.event.clone_from(&emitter.event);
        }
    }
}

/// Emitters whose event the bank did not have, or whose sounds were not loaded, try again when there is another bank or
/// more of it.
pub(super) fn retry_emitters(mut tonmeister: ResMut<Tonmeister>, mut placed: Query<&mut Placed>) {
    let version = tonmeister.engine().bank_version();
    if tonmeister.bank_seen == Some(version) {
        return;
    }
    tonmeister.bank_seen = Some(version);
    for entity in std::mem::take(&mut tonmeister.unplayed) {
        let Ok(mut placed) = placed.get_mut(entity) else { continue };
        let Some(event) = placed.event.clone().filter(|_| placed.playback.is_none()) else { continue };
        if tonmeister.engine().bank().event(&event).is_some() {
            placed.playback = tonmeister.play(entity, placed.key, Some(&event));
        } else {
            tonmeister.unplayed.insert(entity);
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
    let first = listeners
        .iter()
        .min_by_key(|(entity, listener, _)| (std::cmp::Reverse(listener.priority), entity.index_u32()));
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
    zones.sort_unstable_by_key(|(entity, _, _)| entity.index_u32());
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
    for Post { playback, event, on, at } in std::mem::take(&mut tonmeister.posts) {
        let why = match placed.get(on) {
            Ok(placed) if tonmeister.engine().post_as(playback, &event, Some(placed.key), at) => continue,
            Ok(_) => Ended::NoEvent,
            Err(_) => {
                tracing::warn!("\"{event}\" was posted on {on}, which has no Emitter");
                Ended::NoEmitter
            }
        };
        tonmeister.refused.push(PlaybackEnded { playback, entity: Some(on), why });
    }
}

/// Keeps messages for two frames, where no Bevy app does so.
#[expect(clippy::too_many_arguments, reason = "each kind of message ages on its own")]
pub(super) fn age_messages(
    mut started: ResMut<Messages<PlaybackStarted>>,
    mut virtuals: ResMut<Messages<PlaybackVirtual>>,
    mut reals: ResMut<Messages<PlaybackReal>>,
    mut markers: ResMut<Messages<PlaybackMarker>>,
    mut segments: ResMut<Messages<PlaybackSegment>>,
    mut beats: ResMut<Messages<PlaybackBeat>>,
    mut ended: ResMut<Messages<PlaybackEnded>>,
    mut banks: ResMut<Messages<BankChanged>>,
) {
    started.update();
    virtuals.update();
    reals.update();
    markers.update();
    segments.update();
    beats.update();
    ended.update();
    banks.update();
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
