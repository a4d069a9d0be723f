//! Where things are: emitters with what plays on them, and the listener.

use super::PlaybackId;
use super::motion::Motion;
use crate::space::Pose;
use glam::Vec3;

/// An emitter's place in the director, with a count that tells its successive tenants apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EmitterKey {
    index: u32,
    generation: u32,
}

#[derive(Debug, Default)]
struct Emitter {
    generation: u32,
    live: bool,
    position: Vec3,
    gain: f32,
    occlusion: f32,
    motion: Motion,
    playbacks: Vec<PlaybackId>,
}

#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) listener: Option<Pose>,
    listener_motion: Motion,
    emitters: Vec<Emitter>,
    free: Vec<u32>,
}

impl World {
    pub(super) fn add(&mut self, position: Vec3, gain: f32) -> EmitterKey {
        let position = if position.is_finite() { position } else { Vec3::ZERO };
        let index = self.free.pop().unwrap_or_else(|| {
            self.emitters.push(Emitter::default());
            self.emitters.len() as u32 - 1
        });
        let emitter = &mut self.emitters[index as usize];
        emitter.live = true;
        emitter.position = position;
        emitter.gain = gain;
        emitter.occlusion = 0.0;
        emitter.motion = Motion::default();
        EmitterKey { index, generation: emitter.generation }
    }

    fn get(&self, key: EmitterKey) -> Option<&Emitter> {
        let emitter = self.emitters.get(key.index as usize)?;
        (emitter.live && emitter.generation == key.generation).then_some(emitter)
    }

    fn get_mut(&mut self, key: EmitterKey) -> Option<&mut Emitter> {
        let emitter = self.emitters.get_mut(key.index as usize)?;
        (emitter.live && emitter.generation == key.generation).then_some(emitter)
    }

    /// Moves an emitter; says whether it was there.
    pub(super) fn place(&mut self, key: EmitterKey, position: Vec3) -> bool {
        self.get_mut(key).map(|emitter| emitter.position = position).is_some()
    }

    pub(super) fn set_gain(&mut self, key: EmitterKey, gain: f32) {
        if let Some(emitter) = self.get_mut(key) {
            emitter.gain = gain;
        }
    }

    pub(super) fn set_occlusion(&mut self, key: EmitterKey, occlusion: f32) {
        if let Some(emitter) = self.get_mut(key) {
            emitter.occlusion = occlusion;
        }
    }

    /// How far something stands before it, from 0 to 1.
    pub(super) fn occlusion(&self, key: EmitterKey) -> f32 {
        self.get(key).map_or(0.0, |emitter| emitter.occlusion)
    }

    pub(super) fn position(&self, key: EmitterKey) -> Option<Vec3> {
        self.get(key).map(|emitter| emitter.position)
    }

    /// Learns how fast everything moves, `seconds` after the last time.
    pub(super) fn follow_motion(&mut self, seconds: f32) {
        for emitter in self.emitters.iter_mut().filter(|emitter| emitter.live) {
            emitter.motion.advance(emitter.position, seconds);
        }
        match self.listener {
            Some(listener) => self.listener_motion.advance(listener.position, seconds),
            None => self.listener_motion = Motion::default(),
        }
    }

    /// Looks no longer at how things move: where they were is no beginning of a step any more.
    pub(super) fn forget_motion(&mut self) {
        self.emitters.iter_mut().for_each(|emitter| emitter.motion = Motion::default());
        self.listener_motion = Motion::default();
    }

    /// How fast an emitter moves, in metres a second.
    pub(super) fn velocity(&self, key: EmitterKey) -> Vec3 {
        self.get(key).map_or(Vec3::ZERO, |emitter| emitter.motion.velocity())
    }

    /// How fast the listener moves, in metres a second.
    pub(super) fn listener_velocity(&self) -> Vec3 {
        self.listener_motion.velocity()
    }

    pub(super) fn gain(&self, key: EmitterKey) -> Option<f32> {
        self.get(key).map(|emitter| emitter.gain)
    }

    pub(super) fn playbacks(&self, key: EmitterKey) -> &[PlaybackId] {
        self.get(key).map_or(&[], |emitter| &emitter.playbacks)
    }

    pub(super) fn attach(&mut self, key: EmitterKey, playback: PlaybackId) {
        if let Some(emitter) = self.get_mut(key) {
            emitter.playbacks.push(playback);
        }
    }

    pub(super) fn detach(&mut self, key: EmitterKey, playback: PlaybackId) {
        if let Some(emitter) = self.get_mut(key) {
            emitter.playbacks.retain(|&other| other != playback);
        }
    }

    /// Frees the emitter's place and gives what played on it.
    pub(super) fn remove(&mut self, key: EmitterKey) -> Vec<PlaybackId> {
        let Some(emitter) = self.get_mut(key) else {
            return Vec::new();
        };
        emitter.live = false;
        emitter.generation = emitter.generation.wrapping_add(1);
        let playbacks = std::mem::take(&mut emitter.playbacks);
        self.free.push(key.index);
        playbacks
    }
}
