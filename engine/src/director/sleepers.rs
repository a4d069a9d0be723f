//! Virtual playbacks in space, packed so that one pass over plain arrays finds those the listener can hear.

use super::PlaybackId;
use glam::Vec3;
use std::collections::HashMap;

#[derive(Debug, Default)]
pub(super) struct Sleepers {
    x: Vec<f32>,
    y: Vec<f32>,
    z: Vec<f32>,
    /// The square of the distance within which the playback is heard.
    reach: Vec<f32>,
    ids: Vec<PlaybackId>,
    at: HashMap<PlaybackId, u32>,
}

impl Sleepers {
    pub(super) fn insert(&mut self, id: PlaybackId, position: Vec3, reach: f32) {
        self.remove(id);
        self.at.insert(id, self.ids.len() as u32);
        self.x.push(position.x);
        self.y.push(position.y);
        self.z.push(position.z);
        self.reach.push(reach * reach);
        self.ids.push(id);
    }

    pub(super) fn place(&mut self, id: PlaybackId, position: Vec3) {
        if let Some(&at) = self.at.get(&id) {
            let at = at as usize;
            (self.x[at], self.y[at], self.z[at]) = (position.x, position.y, position.z);
        }
    }

    pub(super) fn remove(&mut self, id: PlaybackId) {
        let Some(at) = self.at.remove(&id) else { return };
        let at = at as usize;
        for column in [&mut self.x, &mut self.y, &mut self.z, &mut self.reach] {
            column.swap_remove(at);
        }
        self.ids.swap_remove(at);
        if let Some(&moved) = self.ids.get(at) {
            self.at.insert(moved, at as u32);
        }
    }

    /// Those within reach of `place`, in the order of their ids.
    pub(super) fn heard_at(&self, place: Vec3) -> Vec<PlaybackId> {
        let mut heard = Vec::new();
        let columns = self.x.iter().zip(&self.y).zip(&self.z).zip(&self.reach).zip(&self.ids);
        for ((((x, y), z), reach), &id) in columns {
            let (dx, dy, dz) = (x - place.x, y - place.y, z - place.z);
            if dx * dx + dy * dy + dz * dz < *reach {
                heard.push(id);
            }
        }
        heard.sort_unstable();
        heard
    }
}
