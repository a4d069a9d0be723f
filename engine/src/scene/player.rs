//! Acts a scene out in a world of its own.

use super::path::{along, pose};
use super::schema::Body;
use super::schema::Post;
use super::script::{Scene, SceneError};
use crate::bank::decode::Text;
use crate::bank::schema::Initial;
use crate::ecs::{
    self, Emitter, Entity, GlobalTransform, Listener, ParameterSetting, Parameters, ReverbZone, Schedule,
    Tonmeister, World,
};
use crate::mixer::BLOCK;
use crate::runtime::Engine;
use crate::units::{Amount, Decibels, Metres, Seconds};
use glam::{Affine3A, Quat};
use std::collections::BTreeMap;

/// How far a scene stays ahead of the mixer, in seconds.
pub const LOOK_AHEAD_SECONDS: f32 = 0.02;
/// Ticks in a second.
const TICKS: u32 = 100;

/// A scene on its way.
pub struct Player {
    scene: Scene,
    world: World,
    schedule: Schedule,
    listener: Entity,
    bodies: BTreeMap<String, Entity>,
    turned: Quat,
    rate: u32,
    tick_frames: u64,
    /// The frame of the mixer's clock at which the scene begins.
    base: u64,
    /// How many frames the scene stays ahead of the mixer.
    look_ahead: u64,
    /// The scene's frame at which the next tick begins.
    next: u64,
    faded: bool,
}

impl Player {
    /// Sets the stage: a world with the scene's listener, emitters and zones, and the engine in it.
    ///
    /// # Errors
    /// If the scene names what the bank does not have; all such names are listed.
    pub fn new(scene: Scene, engine: Engine) -> Result<Self, SceneError> {
        let unknown = scene.check(engine.bank());
        if unknown.has_errors() {
            return Err(SceneError::Invalid(unknown));
        }
        let rate = engine.sample_rate();
        let (mut world, mut schedule) = (World::new(), Schedule::default());
        let look_ahead = look_ahead(LOOK_AHEAD_SECONDS, rate);
        let base = begin(&engine, look_ahead);
        ecs::install(&mut world, &mut schedule, engine);
        let listener = world.spawn(Listener::default()).id();
        let bodies = spawn_bodies(&scene, &mut world);
        for (_, zone) in &scene.text.zones.0 {
            let component = ReverbZone {
                reverb: zone.reverb.value.clone(),
                shape: zone.shape.0,
                fade: Metres::clamped(zone.fade),
                priority: zone.priority as i32,
            };
            world.spawn((component, GlobalTransform::from_translation(zone.at.0)));
        }
        Ok(Self {
            world,
            schedule,
            listener,
            bodies,
            turned: Quat::IDENTITY,
            rate,
            tick_frames: u64::from(rate / TICKS).max(1),
            base,
            look_ahead,
            next: 0,
            faded: false,
            scene,
        })
    }

    /// Begins the scene again, as soon as the mixer allows: what still sounds fades out, and every emitter starts
    /// afresh. What is drawn at random goes on where it was.
    pub fn restart(&mut self) {
        let fade = Seconds::clamped(LOOK_AHEAD_SECONDS);
        self.engine().stop_all(Some(fade));
        let look_ahead = self.look_ahead;
        self.base = begin(self.engine(), look_ahead);
        (self.next, self.faded, self.turned) = (0, false, Quat::IDENTITY);
        self.reset_parameters();
        self.reset_snapshots();
        for entity in std::mem::take(&mut self.bodies).into_values() {
            self.world.despawn(entity);
        }
        self.bodies = spawn_bodies(&self.scene, &mut self.world);
    }

    /// Sets what the scene sets for everything back to what it is by default.
    fn reset_parameters(&mut self) {
        let bank = self.engine().bank().clone();
        let engine = self.world.resource_mut::<Tonmeister>().into_inner().engine();
        for set in self.scene.text.set.iter().filter(|set| set.on.is_none()) {
            let name = set.parameter.value.as_str();
            if let Some(id) = bank.parameter(name)
                && let Err(error) = engine.set_parameter(name, bank.parameters[id.index()].default)
            {
                tracing::warn!("{error}");
            }
        }
    }

    /// Lets go what the scene brought in.
    fn reset_snapshots(&mut self) {
        let engine = self.world.resource_mut::<Tonmeister>().into_inner().engine();
        for set in &self.scene.text.snapshots {
            // One that a reload took away has gone with it.
            engine.set_snapshot(&set.snapshot.value, Amount::MIN).ok();
        }
    }

    /// The same, further ahead of the mixer or nearer to it, from the beginning. A busy machine needs more; what is
    /// reloaded while the scene plays is heard that much later. [`LOOK_AHEAD_SECONDS`] by default.
    pub fn with_look_ahead(mut self, look_ahead: Seconds) -> Self {
        self.look_ahead = self::look_ahead(look_ahead.get(), self.rate);
        let frames = self.look_ahead;
        self.base = begin(self.engine(), frames);
        self
    }

    /// The scene.
    pub fn scene(&self) -> &Scene {
        &self.scene
    }

    /// The world in which the scene plays.
    pub fn world(&mut self) -> &mut World {
        &mut self.world
    }

    /// The engine that plays it.
    pub fn engine(&mut self) -> &mut Engine {
        self.world.resource_mut::<Tonmeister>().into_inner().engine()
    }

    /// The scene's length in frames.
    pub fn frames(&self) -> u64 {
        (f64::from(self.scene.duration()) * f64::from(self.rate)).round() as u64
    }

    /// How much of the scene the mixer has rendered, in seconds.
    pub fn seconds(&mut self) -> f64 {
        let done = self.engine().mixer_frame().saturating_sub(self.base);
        done as f64 / f64::from(self.rate)
    }

    /// Keeps the scene ahead of the mixer; call it at least a hundred times a second, or before each stretch
    /// that is rendered.
    pub fn follow_mixer(&mut self) {
        let until = self.engine().mixer_frame() + self.look_ahead;
        while self.base + self.next <= until {
            self.tick();
        }
    }

    /// Sets what is due from frame `now` of the scene on and before `until`.
    fn set_parameters(&mut self, now: u64, until: u64) {
        for set in &self.scene.text.set {
            let at = (f64::from(set.at) * f64::from(self.rate)).round() as u64;
            if !(now..until).contains(&at) {
                continue;
            }
            let (name, setting) = (set.parameter.value.as_str(), setting(&set.to));
            match set.on.as_ref().and_then(|on| self.bodies.get(&on.value)) {
                Some(&entity) => {
                    let mut body = self.world.entity_mut(entity);
                    let own = body.get::<Parameters>().cloned().unwrap_or_default();
                    body.insert(own.with(name, setting));
                }
                // The names were checked beforehand; after a reload some may be gone, which is told.
                None => {
                    let engine = self.world.resource_mut::<Tonmeister>().into_inner().engine();
                    let told = engine.set_parameter(name, setting.value());
                    if let Err(error) = told {
                        tracing::warn!("{error}");
                    }
                }
            }
        }
    }

    /// Brings snapshots in and lets them go that are due from frame `now` of the scene on and before `until`.
    fn set_snapshots(&mut self, now: u64, until: u64) {
        let engine = self.world.resource_mut::<Tonmeister>().into_inner().engine();
        for set in &self.scene.text.snapshots {
            let at = (f64::from(set.at) * f64::from(self.rate)).round() as u64;
            if (now..until).contains(&at)
                && let Err(error) = engine.set_snapshot(&set.snapshot.value, Amount::clamped(set.to))
            {
                tracing::warn!("{error}");
            }
        }
    }

    /// One tick: moves everything to where it is now and posts what is due before the next.
    fn tick(&mut self) {
        let (now, until) = (self.next, self.next + self.tick_frames);
        self.next = until;
        let time = now as f32 / self.rate as f32;

        let walker = &self.scene.text.listener;
        let pose = pose(&walker.path, walker.at.0, walker.look, time, self.turned);
        self.turned = pose.rotation;
        let transform = Affine3A::from_rotation_translation(pose.rotation, pose.position);
        self.world.entity_mut(self.listener).insert(GlobalTransform::from(transform));
        for (name, body) in &self.scene.text.emitters.0 {
            let Some(&entity) = self.bodies.get(&name.value) else {
                continue;
            };
            let place = match body.follow {
                Some(offset) => pose.position + pose.rotation * offset.0,
                None => along(&body.path, body.at.0, time),
            };
            let moved = GlobalTransform::from_translation(place);
            if self.world.get::<GlobalTransform>(entity) != Some(&moved) {
                self.world.entity_mut(entity).insert(moved);
            }
        }

        self.set_parameters(now, until);
        self.set_snapshots(now, until);
        let frame = |seconds: f64| (seconds * f64::from(self.rate)).round() as u64;
        let mut tonmeister = self.world.resource_mut::<Tonmeister>();
        tonmeister.engine().set_clock(self.base + now);
        for post in &self.scene.text.post {
            for at in times(post, self.scene.duration(), now as f64 / f64::from(self.rate)) {
                let at = frame(at);
                if at >= until {
                    break;
                }
                if at < now {
                    continue;
                }
                let _playback = match post.on.as_ref().and_then(|name| self.bodies.get(&name.value)) {
                    Some(&entity) => Some(tonmeister.post_on_at(entity, &post.event.value, self.base + at)),
                    None => tonmeister.engine().post_at(&post.event.value, None, self.base + at),
                };
            }
        }
        let fade = self.scene.text.fade_out;
        let fade_at = frame(f64::from(self.scene.duration() - fade));
        if fade > 0.0 && now >= fade_at && !self.faded {
            self.faded = true;
            tonmeister.engine().stop_all(Some(Seconds::clamped(fade)));
        }
        self.schedule.run(&mut self.world);
        self.world.clear_trackers();
    }
}

/// A scene's setting as a game would write it.
fn setting(written: &Initial) -> ParameterSetting {
    match written {
        Initial::Number(number, _) => ParameterSetting::Number(*number),
        Initial::Label(label) => ParameterSetting::Label(label.value.clone()),
    }
}

/// The frame at which a scene can begin: on the mixer's own grid, so that it is cut into blocks the same way every
/// time.
fn begin(engine: &Engine, look_ahead: u64) -> u64 {
    let running = engine.mixer_frame();
    // A device's mixer may begin to run at any moment: even one that stands still must be overtaken.
    let start = if running == 0 && engine.is_offline() { 0 } else { running + 2 * look_ahead };
    start.next_multiple_of(BLOCK as u64)
}

/// Spawns the scene's emitters; they get their places with the first tick.
fn spawn_bodies(scene: &Scene, world: &mut World) -> BTreeMap<String, Entity> {
    let spawn = |(name, body): &(Text, Body)| {
        let mut emitter =
            body.event.as_ref().map_or_else(Emitter::silent, |event| Emitter::new(&event.value));
        emitter.gain = Decibels::clamped(body.gain);
        (name.value.clone(), world.spawn(emitter).id())
    };
    scene.text.emitters.0.iter().map(spawn).collect()
}

/// The times at which something is posted, from about `from` on.
fn times(post: &Post, duration: f32, from: f64) -> impl Iterator<Item = f64> {
    let end = f64::from(post.until.unwrap_or(duration));
    let (at, every) = (f64::from(post.at), post.every.map(f64::from));
    // One turn early, so that no rounding skips one.
    let first = every.map_or(0.0, |every| ((from - at) / every - 1.0).max(0.0).floor()) as u64;
    (first..).map_while(move |turn| match every {
        None => (turn == 0).then_some(at),
        Some(every) => Some(at + every * turn as f64).filter(|&time| time < end),
    })
}

fn look_ahead(seconds: f32, rate: u32) -> u64 {
    (seconds * rate as f32) as u64
}
