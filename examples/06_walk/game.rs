//! The world, and what happens in it. The places are those of `assets/scenes/tour.scene.ron`.

use bevy_ecs::prelude::*;
use bevy_transform::components::{GlobalTransform, Transform};
use glam::{Quat, Vec3};
use std::collections::VecDeque;
use std::f32::consts::PI;
use tonmeister::director::PlaybackId;
use tonmeister::prelude::*;
use tonmeister::reload::Reload;

/// Metres for each key press, metres per second, and metres from one footstep to the next.
const STRIDE: f32 = 0.8;
const SPEED: f32 = 3.5;
const FOOTFALL: f32 = 0.8;
/// Radians for each key press, and per second.
const TURN: f32 = PI / 12.0;
const TURN_SPEED: f32 = PI;
/// Where gravel turns to stone.
const STONE_FROM: f32 = 40.0;
/// How many messages are kept.
const MESSAGES: usize = 4;
const LINES: [(&str, &str); 5] = [
    ("narrator/welcome", "Welcome to the camp. Sit by the fire; listen to how it sits in the mix."),
    ("narrator/stream", "Walk east, and the stream comes up on your left."),
    ("narrator/ducking", "When I speak, the music and the forest step back, and return when I am done."),
    ("narrator/cave", "Now the cave. Every footstep takes on the room around it."),
    ("narrator/end", "And that is the tour. Change the bank while it plays, and hear it at once."),
];

/// What a key press asks for.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    Forward,
    Back,
    Left,
    Right,
    Narrate,
    Owl,
    Music,
}

/// A place with the letter that stands for it on the map.
#[derive(Component)]
pub struct Landmark(pub char);

/// Something that lets itself be heard again and again.
#[derive(Component)]
struct Calls {
    event: &'static str,
    every: f32,
    next: f32,
}

pub struct Game {
    pub world: World,
    schedule: Schedule,
    listener: Entity,
    feet: Entity,
    oak: Entity,
    pub place: Vec3,
    /// Radians from north, clockwise.
    pub heading: f32,
    /// What is still to be walked in metres and turned in radians.
    walk: f32,
    turn: f32,
    since_footfall: f32,
    time: f32,
    line: usize,
    music: Vec<PlaybackId>,
    pub messages: VecDeque<String>,
}

impl Game {
    pub fn new(engine: Engine) -> Self {
        let (mut world, mut schedule) = (World::new(), Schedule::default());
        tonmeister::ecs::install(&mut world, &mut schedule, engine);
        let at = GlobalTransform::from_xyz;

        let zone = |name, half, fade| ReverbZone::cuboid(name, half).with_fade(fade);
        world.spawn((zone("forest", Vec3::new(60.0, 20.0, 60.0), 6.0), at(-20.0, 0.0, 0.0)));
        world.spawn((zone("mouth", Vec3::new(4.0, 4.0, 5.0), 5.0).with_priority(1), at(42.0, 2.0, 0.0)));
        world.spawn((zone("cave", Vec3::new(9.0, 6.0, 10.0), 6.0).with_priority(1), at(56.0, 2.0, 0.0)));

        world.spawn((Landmark('F'), Emitter::new("camp/fire"), at(1.0, 0.3, -1.0)));
        world.spawn((Landmark('~'), Emitter::new("forest/stream"), at(22.0, 0.2, -9.0)));
        world.spawn(Emitter::new("forest/wind"));
        world.spawn((Emitter::new("cave/air"), at(56.0, 2.0, 0.0)));
        world.spawn((Emitter::new("music/cave"), at(58.0, 2.0, 0.0)));
        let calls = |event, every, next| Calls { event, every, next };
        world.spawn((Landmark('T'), Emitter::silent(), calls("forest/bird", 5.3, 0.4), at(-8.0, 6.0, -12.0)));
        world.spawn((Landmark('T'), Emitter::silent(), calls("forest/bird", 7.1, 2.9), at(12.0, 8.0, 14.0)));
        world.spawn((Landmark('d'), Emitter::silent(), calls("cave/drip", 1.7, 1.0), at(52.0, 0.2, -5.0)));
        world.spawn((Landmark('d'), Emitter::silent(), calls("cave/drip", 2.3, 1.5), at(60.0, 3.0, 4.0)));
        let oak = world.spawn((Landmark('O'), Emitter::silent(), at(-20.0, 9.0, 25.0))).id();

        let mut game = Self {
            listener: world.spawn(Listener::default()).id(),
            feet: world.spawn(Emitter::silent()).id(),
            oak,
            world,
            schedule,
            place: Vec3::new(-2.0, 1.7, 3.0),
            heading: PI / 2.0,
            walk: 0.0,
            turn: 0.0,
            since_footfall: 0.0,
            time: 0.0,
            line: 0,
            music: Vec::new(),
            messages: VecDeque::new(),
        };
        game.act(Step::Music);
        game
    }

    pub fn engine(&mut self) -> &mut Engine {
        self.world.resource_mut::<Tonmeister>().into_inner().engine()
    }

    pub fn act(&mut self, step: Step) {
        match step {
            // A held key repeats; what is asked for never runs far ahead of the feet.
            Step::Forward => self.walk = (self.walk + STRIDE).min(2.0 * STRIDE),
            Step::Back => self.walk = (self.walk - STRIDE).max(-2.0 * STRIDE),
            Step::Left => self.turn = (self.turn - TURN).max(-3.0 * TURN),
            Step::Right => self.turn = (self.turn + TURN).min(3.0 * TURN),
            Step::Narrate => {
                let (event, words) = LINES[self.line % LINES.len()];
                self.line += 1;
                self.engine().post(event, None);
                self.say(format!("“{words}”"));
            }
            Step::Owl => {
                let oak = self.oak;
                self.world.resource_mut::<Tonmeister>().post_on(oak, "forest/owl");
                self.say("an owl calls from the oak in the south-west".into());
            }
            Step::Music if self.music.is_empty() => {
                let layers = ["music/pad", "music/pluck", "music/drum"];
                self.music = layers.iter().filter_map(|layer| self.engine().post(layer, None)).collect();
            }
            Step::Music => {
                for playback in std::mem::take(&mut self.music) {
                    self.engine().stop(playback, None);
                }
            }
        }
    }

    /// One turn of the game's loop.
    pub fn update(&mut self, seconds: f32) {
        self.time += seconds;
        self.move_on(seconds);
        let time = self.time;
        let mut due = Vec::new();
        for (entity, mut calls) in self.world.query::<(Entity, &mut Calls)>().iter_mut(&mut self.world) {
            if time >= calls.next {
                calls.next += calls.every;
                due.push((entity, calls.event));
            }
        }
        for (entity, event) in due {
            self.world.resource_mut::<Tonmeister>().post_on(entity, event);
        }
        self.schedule.run(&mut self.world);
        for reload in self.engine().take_reloads() {
            match reload {
                Reload::Live(changes) => changes.lines.into_iter().for_each(|line| self.say(line)),
                Reload::Refused(why) => {
                    self.say("the save has errors, the bank before it plays on:".into());
                    why.to_string().lines().take(2).for_each(|line| self.say(line.into()));
                }
            }
        }
    }

    fn move_on(&mut self, seconds: f32) {
        let turn = self.turn.clamp(-TURN_SPEED * seconds, TURN_SPEED * seconds);
        self.turn -= turn;
        self.heading = (self.heading + turn).rem_euclid(2.0 * PI);
        let step = self.walk.clamp(-SPEED * seconds, SPEED * seconds);
        self.walk -= step;
        let (x, z) = (self.heading.sin() * step, -self.heading.cos() * step);
        self.place = (self.place + Vec3::new(x, 0.0, z))
            .clamp(Vec3::new(-34.0, 0.0, -28.0), Vec3::new(66.0, 2.0, 28.0));

        let look = Quat::from_rotation_y(-self.heading);
        let ears = Transform::from_translation(self.place).with_rotation(look);
        self.world.entity_mut(self.listener).insert(GlobalTransform::from(ears));
        let feet = self.place + look * Vec3::new(0.0, -1.6, -0.2);
        self.world.entity_mut(self.feet).insert(GlobalTransform::from_translation(feet));
        self.since_footfall += step.abs();
        if self.since_footfall >= FOOTFALL {
            self.since_footfall -= FOOTFALL;
            let ground = if self.place.x > STONE_FROM { "steps/stone" } else { "steps/gravel" };
            let feet = self.feet;
            self.world.resource_mut::<Tonmeister>().post_on(feet, ground);
        }
    }

    fn say(&mut self, message: String) {
        self.messages.push_back(message);
        while self.messages.len() > MESSAGES {
            self.messages.pop_front();
        }
    }
}
