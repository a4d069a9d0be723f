//! How loud and from where: a playback's gains, pan and sends for the listener's place.

use super::modulation::{passes, value};
use super::parameters::Parameters;
use super::playback::Playback;
use super::world::World;
use crate::bank::{
    Bank, Driver, Event, EventProperty, ModulatorId, ModulatorKind, ReverbId, Rolloff, SoundId, SoundKind,
    Space,
};
use crate::link::{MAX_SENDS, SendGain, VoiceMix};
use crate::space::{self, Pose, ZoneField};
use crate::units::{Decibels, Semitones, curve_at};
use glam::Vec3;
use std::f32::consts::FRAC_1_SQRT_2;

/// A loop sleeps only when it is this much farther than it can be heard, so that a listener on the edge does
/// not make it flicker.
pub(super) const SLEEP_BEYOND: f32 = 1.02;

/// What is quieter, -80 dB before pan and buses, is not heard.
const UNHEARD: f32 = 1e-4;

/// What sleeps for being too quiet wakes when it is this much louder, 2 dB.
const LOUDER: f32 = 1.26;

/// What a playback's mix came to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Heard {
    pub(super) mix: VoiceMix,
    /// The linear gain before pan: what counts when voices are short.
    pub(super) gain: f32,
    /// Whether the listener is too far away, or there is none.
    pub(super) far: bool,
    /// Whether the listener is too far away, or there is none, or it is too quiet anywhere.
    pub(super) out_of_earshot: bool,
}

/// The reverbs heard at the listener's place: return bus and linear gain. A zone's share is a share of power.
pub(super) fn reverbs(bank: &Bank, listener: Option<Pose>, zones: &[ZoneField<ReverbId>]) -> Vec<(u16, f32)> {
    let Some(listener) = listener else {
        return Vec::new();
    };
    let mut shares: Vec<(ReverbId, f32)> = Vec::new();
    for (reverb, share) in space::blend(zones, listener.position) {
        match shares.iter_mut().find(|(other, _)| *other == reverb) {
            Some((_, sum)) => *sum += share,
            None => shares.push((reverb, share)),
        }
    }
    let bus = |reverb: ReverbId| bank.reverbs.get(reverb.index()).map(|preset| preset.bus.0 as u16);
    shares.iter().filter_map(|&(reverb, share)| Some((bus(reverb)?, share.sqrt()))).collect()
}

fn attenuation(space: &Space, distance: f32) -> f32 {
    let (min, max) = (space.min.get(), space.max.get());
    match space.curve {
        Rolloff::Inverse => space::inverse(distance, min, max),
        Rolloff::Linear => space::linear(distance, min, max),
        Rolloff::Exponential => space::exponential(distance, min, max),
    }
}

/// The cut-off of the low-pass: by the air on the way, by what stands in it, the lower of the two. Both fall evenly in
/// octaves from 20 kHz.
fn cutoff(space: &Space, distance: f32, hidden: f32) -> f32 {
    const OPEN: f32 = 20_000.0;
    let fall =
        |to: f32, way: f32| if way > 0.0 && to < OPEN { OPEN * libm::powf(to / OPEN, way) } else { OPEN };
    let (min, max) = (space.min.get(), space.max.get());
    let way = ((distance - min) / (max - min)).clamp(0.0, 1.0);
    fall(space.air.get(), way).min(fall(space.occluded_cutoff.get(), hidden))
}

/// What a playback's mix is worked out from, beside the playback itself.
pub(super) struct Scenery<'a> {
    pub(super) bank: &'a Bank,
    pub(super) world: &'a World,
    pub(super) parameters: &'a Parameters,
    /// What levels and followers of buses are.
    pub(super) levels: &'a [f32],
    pub(super) reverbs: &'a [(u16, f32)],
    pub(super) now: u64,
    /// The frame for which modulators are asked.
    pub(super) ahead: u64,
    pub(super) seed: u64,
    pub(super) sample_rate: u32,
}

/// What an event's curves come to, and the lowest cut-off of them and of what was drawn.
struct Moved {
    gain_db: f32,
    /// What of the gain passes by itself.
    passing_db: f32,
    reverb_db: f32,
    semitones: f32,
    cutoff: f32,
}

impl Scenery<'_> {
    /// The number that a curve goes by, for a playback at `place`.
    fn drive(&self, driver: Driver, playback: &Playback, place: Option<Vec3>) -> f32 {
        let seen = || {
            let listener = self.world.listener?;
            Some(listener.rotation.inverse() * (place? - listener.position))
        };
        match driver {
            Driver::Parameter(id) => self.parameters.value(playback.emitter, id),
            Driver::Distance => seen().map_or(0.0, |way| way.length()),
            Driver::Azimuth => seen().map_or(0.0, |way| libm::atan2f(way.x, -way.z).to_degrees()),
            Driver::Elevation => seen().map_or(0.0, |way| {
                libm::atan2f(way.y, libm::sqrtf(way.x * way.x + way.z * way.z)).to_degrees()
            }),
            Driver::Occlusion => playback.emitter.map_or(0.0, |emitter| self.world.occlusion(emitter)),
            Driver::Angle => seen().map_or(0.0, |way| {
                libm::atan2f(libm::sqrtf(way.x * way.x + way.y * way.y), -way.z).to_degrees()
            }),
            Driver::Speed => playback.emitter.map_or(0.0, |emitter| self.world.velocity(emitter).length()),
            Driver::Approach => {
                let ears = self.world.listener.zip(place).zip(playback.emitter);
                ears.map_or(0.0, |((listener, place), emitter)| {
                    let towards = (listener.position - place).normalize_or_zero();
                    (self.world.velocity(emitter) - self.world.listener_velocity()).dot(towards)
                })
            }
            Driver::Level(id) => self.levels.get(id.index()).copied().unwrap_or(-120.0),
            Driver::Modulator(id) => self.modulated(id, playback),
            Driver::Time => self.now.saturating_sub(playback.posted) as f32 / self.sample_rate.max(1) as f32,
        }
    }

    /// What a modulator is: the playback's own, or one that follows a bus.
    fn modulated(&self, id: ModulatorId, playback: &Playback) -> f32 {
        let Some(modulator) = self.bank.modulators.get(id.index()) else { return 0.0 };
        match modulator.kind {
            ModulatorKind::Follow(_) => {
                self.levels.get(self.bank.levels.len() + id.index()).copied().unwrap_or(0.0)
            }
            _ => value(modulator, id, playback, self.ahead, (self.sample_rate, self.seed)),
        }
    }

    /// Whether what a curve goes by passes by itself.
    fn passes(&self, driver: Driver, playback: &Playback) -> bool {
        let Driver::Modulator(id) = driver else { return false };
        self.bank.modulators.get(id.index()).is_some_and(|modulator| passes(modulator, playback))
    }

    /// The linear gain of the layers and blends that a playback is in.
    fn layered(&self, playback: &Playback, place: Option<Vec3>) -> f32 {
        let gain = |&(sound, at): &(SoundId, usize)| match &self.bank.sounds.get(sound.index())?.kind {
            SoundKind::Layer(layer) => Some(layer.of.get(at)?.gain.amplitude()),
            SoundKind::Blend(blend) => Some(blend.of.get(at)?.gain(self.drive(blend.on, playback, place))),
            _ => None,
        };
        // A layer that a reload took away is heard as it was meant to be alone.
        playback.take.layers.iter().map(|layer| gain(layer).unwrap_or(1.0)).product()
    }

    /// What the curves of an event come to for a playback at `place`.
    fn moved(&self, event: &Event, playback: &Playback, place: Option<Vec3>) -> Moved {
        let mut moved = Moved {
            gain_db: 0.0,
            passing_db: 0.0,
            reverb_db: 0.0,
            semitones: 0.0,
            cutoff: playback.take.cutoff,
        };
        for curve in &event.curves {
            let x = self.drive(curve.from, playback, place);
            let y = curve_at(&curve.points, x);
            match curve.property {
                EventProperty::Gain => {
                    moved.gain_db += y;
                    if self.passes(curve.from, playback) {
                        moved.passing_db += y;
                    }
                }
                EventProperty::Reverb => moved.reverb_db += y,
                EventProperty::Pitch => moved.semitones += y,
                EventProperty::Cutoff => moved.cutoff = moved.cutoff.min(y),
            }
        }
        moved
    }
}

/// Works out a playback's mix. An event in space that was posted on no emitter sounds at the listener's own
/// place; a removed event or emitter keeps the last mix it had.
pub(super) fn heard(scenery: &Scenery<'_>, playback: &Playback, stereo: bool) -> Option<Heard> {
    let Scenery { bank, world, reverbs, .. } = scenery;
    let event_id = playback.event?;
    let event = &bank.events[event_id.index()];
    let place = match playback.emitter {
        Some(emitter) => Some(world.position(emitter)?),
        None => world.listener.map(|listener| listener.position),
    };
    let place = place.map(|place| playback.take.place(place));
    let moved = scenery.moved(event, playback, place);
    let gain_db = playback.take.gain_db(bank, event_id) + moved.gain_db;
    let own = Decibels::clamped(gain_db).amplitude();
    let pitch = playback.take.semitones(bank, event_id) + moved.semitones;
    let rate = if playback.keeps_time { 1.0 } else { Semitones::clamped(pitch).ratio() };
    let mut mix = VoiceMix { rate, cutoff: moved.cutoff, ..VoiceMix::UNITY };

    let emitter_gain = match playback.emitter {
        Some(emitter) => world.gain(emitter)?,
        None => 1.0,
    };
    let layered = scenery.layered(playback, place);
    // What passes by itself is heard, but neither sleeps nor gives way for it.
    let lasting = match moved.passing_db {
        0.0 => own,
        passing => Decibels::clamped(gain_db - passing).amplitude(),
    };
    let (own, lasting) = (own * emitter_gain * layered, lasting * emitter_gain * layered);
    let least = if playback.voice.is_some() { UNHEARD } else { UNHEARD * LOUDER };
    let Some(space) = &event.space else {
        // As it is: both channels of a stereo file, the middle for a mono one.
        let side = if stereo { own } else { own * FRAC_1_SQRT_2 };
        (mix.left, mix.right) = (side, side);
        return Some(Heard { mix, gain: lasting, far: false, out_of_earshot: lasting < least });
    };
    let (Some(listener), Some(place)) = (world.listener, place) else {
        (mix.left, mix.right) = (0.0, 0.0);
        return Some(Heard { mix, gain: 0.0, far: true, out_of_earshot: true });
    };
    let distance = listener.position.distance(place);
    let near = attenuation(space, distance);
    let (left, right) = space::equal_power(space::pan(listener, place));
    let hidden = playback.emitter.map_or(0.0, |emitter| world.occlusion(emitter));
    let behind =
        if hidden > 0.0 { Decibels::clamped(space.occluded_gain.get() * hidden).amplitude() } else { 1.0 };
    let (own, lasting) = (own * behind, lasting * behind);
    (mix.left, mix.right) = (own * near * left, own * near * right);
    mix.cutoff = cutoff(space, distance, hidden).min(moved.cutoff);

    // The room answers a far source longer than the source itself is heard: sends lose half as many decibels
    // with distance, and come from everywhere.
    let reverb = Decibels::clamped(space.reverb.get() + moved.reverb_db).amplitude();
    let send = own * near.sqrt() * reverb * FRAC_1_SQRT_2;
    for (slot, &(bus, share)) in mix.sends.iter_mut().zip(reverbs.iter().take(MAX_SENDS)) {
        *slot = SendGain { bus, gain: send * share };
    }
    // Its distance is looked at as such: near the edge the curve comes to nothing, which is no reason to sleep.
    let far = distance > space.max.get() * SLEEP_BEYOND;
    Some(Heard { mix, gain: lasting * near, far, out_of_earshot: far || lasting < least })
}
