//! The engine in a bare world and in a Bevy app.

use crate::common::{Studio, level, near};
use bevy_ecs::message::Messages;
use bevy_ecs::prelude::*;
use bevy_transform::components::{GlobalTransform, Transform};
use tonmeister::director::Ended;
use tonmeister::prelude::*;

const BANK: &str = r#"Bank(
    reverbs: {"cave": (rt60: 1)},
    sounds: {"tone": Clip(file: "tone.wav", looping: true)},
    events: {
        "tone": (play: "tone", space: (min: 2, max: 40)),
        "other": (play: "tone", gain: -6, space: (min: 2, max: 40)),
        "shot": (play: "shot.wav", space: (min: 2, max: 40)),
        "ui": (play: "shot.wav"),
    },
)"#;

fn studio() -> Studio {
    Studio::new(BANK).tone("tone.wav", 1000.0, 0.5, 1.0).tone("shot.wav", 500.0, 0.5, 0.1)
}

#[derive(Resource, Default)]
struct Seen(Vec<Entity>);

struct Game {
    world: World,
    schedule: Schedule,
    ended: Vec<PlaybackEnded>,
}

impl Game {
    fn new() -> Self {
        let (mut world, mut schedule) = (World::new(), Schedule::default());
        tonmeister::ecs::install(&mut world, &mut schedule, studio().engine());
        world.spawn(Listener::default());
        Self { world, schedule, ended: Vec::new() }
    }

    /// Runs frames of 10 ms; gives the left and right level over the last half of them.
    fn frames(&mut self, count: usize) -> [f64; 2] {
        let mut out = [Vec::new(), Vec::new()];
        for _ in 0..count {
            self.schedule.run(&mut self.world);
            self.ended.extend(self.world.resource_mut::<Messages<PlaybackEnded>>().drain());
            let mut stretch = [0.0; 960];
            self.world.resource_mut::<Tonmeister>().engine().render(&mut stretch);
            stretch.chunks(2).for_each(|frame| (0..2).for_each(|side| out[side].push(frame[side])));
        }
        out.map(|channel| level(&channel, channel.len() / 2..channel.len()))
    }

    fn status(&self, entity: Entity) -> EmitterStatus {
        *self.world.get::<EmitterStatus>(entity).unwrap()
    }
}

fn at(x: f32, z: f32) -> GlobalTransform {
    GlobalTransform::from_xyz(x, 0.0, z)
}

#[test]
fn an_emitter_sounds_where_its_entity_is_and_stops_with_it() {
    let mut game = Game::new();
    let emitter = game.world.spawn((Emitter::new("tone"), at(2.0, 0.0))).id();
    let [left, right] = game.frames(40);
    assert!(left < -150.0 && right > -15.0, "to the right: {left} / {right}");
    assert_eq!(game.status(emitter), EmitterStatus { real: 1, virtual_: 0, gain: 1.0 });

    game.world.entity_mut(emitter).insert(at(-8.0, 0.0));
    let [left, right_now] = game.frames(40);
    assert!(right_now < -100.0, "now to the left: {left} / {right_now}");
    near(left - right, -12.04, 0.05, "and four times as far");
    near(f64::from(game.status(emitter).gain), 0.25, 1e-4, "its status");

    game.world.entity_mut(emitter).insert(at(100.0, 0.0));
    game.frames(4);
    assert_eq!(game.status(emitter), EmitterStatus { real: 0, virtual_: 1, gain: 0.0 });

    game.world.entity_mut(emitter).insert(at(0.0, -2.0));
    game.frames(4);
    game.world.despawn(emitter);
    let [left, right] = game.frames(40);
    assert!(left < -150.0 && right < -150.0, "silent after despawning: {left} / {right}");
    assert_eq!(game.world.resource_mut::<Tonmeister>().engine().voices(), 0);
}

#[test]
fn changing_the_component_changes_what_is_heard() {
    let mut game = Game::new();
    let emitter = game.world.spawn((Emitter::new("tone"), at(0.0, -1.0))).id();
    let [full, _] = game.frames(40);
    game.world.get_mut::<Emitter>(emitter).unwrap().gain = Decibels::clamped(-10.0);
    near(game.frames(40)[0] - full, -10.0, 0.05, "the emitter's own gain");
    *game.world.get_mut::<Emitter>(emitter).unwrap() = Emitter::new("other");
    near(game.frames(40)[0] - full, -6.0, 0.05, "another event");
    game.world.entity_mut(emitter).remove::<Emitter>();
    assert!(game.frames(40)[0] < -150.0, "removed");
    game.world.entity_mut(emitter).insert(Emitter::new("tone"));
    near(game.frames(40)[0], full, 0.05, "and back");
}

#[test]
fn events_posted_on_an_entity_spawned_in_the_same_frame_are_heard_and_reported() {
    let mut game = Game::new();
    let entity = game.world.spawn((Emitter::silent(), at(0.0, -1.0))).id();
    game.world.resource_mut::<Tonmeister>().post_on(entity, "shot");
    let ui = game.world.resource_mut::<Tonmeister>().post("ui").unwrap();
    let [left, _] = game.frames(4);
    assert!(left > -15.0, "both are heard at once: {left}");
    game.frames(20);
    let ended = &game.ended;
    assert_eq!(ended.len(), 2);
    assert!(ended.iter().any(|end| end.entity == Some(entity) && end.why == Ended::Finished));
    assert!(ended.iter().any(|end| end.entity.is_none() && end.playback == ui));
    assert!(game.world.resource_mut::<Tonmeister>().post("no such event").is_none());
}

#[test]
fn actions_and_notices_reach_entities_as_messages_and_observers() {
    use std::sync::{Arc, Mutex};
    use tonmeister::director::Happened;
    let bank = r#"Bank(
        sounds: {"hit": Clip(file: "shot.wav", markers: {"peak": 0.03})},
        events: {
            "hit": (play: "hit", space: (max: 40)),
            "forge": (actions: [Post("hit"), Post("hit", delay: 0.05)]),
        },
    )"#;
    let studio = Studio::new(bank).tone("shot.wav", 500.0, 0.5, 0.1);
    let (mut world, mut schedule) = (World::new(), Schedule::default());
    tonmeister::ecs::install(&mut world, &mut schedule, studio.engine());
    world.spawn(Listener::default());
    let (smith, far) = (Emitter::silent(), Emitter::new("hit"));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let notes = seen.clone();
    let smith = world
        .spawn((smith, at(0.0, -1.0)))
        .observe(move |notice: On<EmitterNotice>| {
            notes.lock().unwrap().push((notice.at, notice.what.clone()))
        })
        .id();
    world.spawn((far, at(0.0, -500.0)));
    let mut game = Game { world, schedule, ended: Vec::new() };
    let playback = game.world.resource_mut::<Tonmeister>().post_on(smith, "forge");
    game.frames(1);
    let started: Vec<_> = game.world.resource_mut::<Messages<PlaybackStarted>>().drain().collect();
    assert_eq!(started, [PlaybackStarted { playback, entity: Some(smith), at: 0 }], "in the very frame");
    let mut markers = Vec::new();
    for _ in 0..36 {
        game.frames(1);
        markers.extend(game.world.resource_mut::<Messages<PlaybackMarker>>().drain());
    }
    let first = PlaybackMarker { playback, entity: Some(smith), marker: "peak".into(), at: 1440 };
    assert_eq!(markers[0], first);
    let ended: Vec<_> = game.ended.iter().map(|end| (end.entity == Some(smith), end.why)).collect();
    assert_eq!(ended, [(false, Ended::OutOfEarshot), (true, Ended::Finished)], "one end for both hits");
    let peak = |at: u64| (at, Happened::Marker("peak".into()));
    let seen = seen.lock().unwrap();
    assert_eq!(seen[..3], [(0, Happened::Started), peak(1440), peak(1440 + 2400)]);
    assert_eq!((seen.len(), &seen[3].1), (4, &Happened::Ended(Ended::Finished)));
}

#[test]
fn of_several_listeners_the_highest_priority_hears() {
    let mut game = Game::new();
    game.world.spawn((Emitter::new("tone"), at(0.0, -1.0)));
    let [here, _] = game.frames(40);
    let second = game.world.spawn((Listener { priority: 1 }, at(0.0, -9.0))).id();
    near(game.frames(40)[0] - here, -12.04, 0.05, "heard from 8 m away");
    game.world.despawn(second);
    near(game.frames(40)[0], here, 0.05, "and from here again");
}

#[test]
fn many_entities_come_and_go_without_a_leak() {
    let mut game = Game::new();
    for round in 0..20 {
        let entities: Vec<Entity> = (0..200)
            .map(|i| game.world.spawn((Emitter::new("tone"), at(i as f32 * 0.1, round as f32))).id())
            .collect();
        game.frames(3);
        for entity in entities {
            game.world.despawn(entity);
        }
    }
    game.frames(40);
    let engine = game.world.resource_mut::<Tonmeister>().into_inner().engine();
    assert_eq!(engine.voices(), 0);
}

#[test]
fn it_is_a_plugin_for_a_bevy_app() {
    use bevy_app::App;
    use bevy_transform::TransformPlugin;
    let mut app = App::new();
    app.add_plugins((TransformPlugin, TonmeisterPlugin::new(studio().engine())));
    app.world_mut().spawn((Listener::default(), Transform::default()));
    // The emitter hangs on a parent: its place is known only after transforms are propagated.
    let parent = app.world_mut().spawn(Transform::from_xyz(2.0, 0.0, 0.0)).id();
    let child = app.world_mut().spawn((Emitter::new("tone"), Transform::default(), ChildOf(parent))).id();
    let mut out = Vec::new();
    for _ in 0..30 {
        app.update();
        let mut stretch = [0.0; 960];
        app.world_mut().resource_mut::<Tonmeister>().engine().render(&mut stretch);
        out.extend(stretch);
    }
    let side = |side: usize| out.iter().copied().skip(side + 9600).step_by(2).collect::<Vec<f32>>();
    assert!(
        level(&side(0), 0..4800) < -100.0 && level(&side(1), 0..4800) > -15.0,
        "the parent's place is heard"
    );
    assert_eq!(app.world().get::<EmitterStatus>(child).unwrap().real, 1);
    // What is told is a message of the app, and for observers of the app.
    app.init_resource::<Seen>();
    app.add_observer(|notice: On<EmitterNotice>, mut seen: ResMut<Seen>| seen.0.push(notice.entity));
    app.add_systems(bevy_app::Update, |mut far: MessageReader<PlaybackVirtual>, mut seen: ResMut<Seen>| {
        seen.0.extend(far.read().filter_map(|told| told.entity));
    });
    app.world_mut().entity_mut(parent).insert(Transform::from_xyz(500.0, 0.0, 0.0));
    (0..3).for_each(|_| app.update());
    assert_eq!(app.world().resource::<Seen>().0, [child, child], "by the observer, then by the system");
}

#[test]
fn what_stands_before_an_emitter_lowers_it_and_goes_away_again() {
    let mut game = Game::new();
    let emitter = game.world.spawn((Emitter::new("tone"), at(0.0, -1.0))).id();
    let [free, _] = game.frames(40);
    game.world.get_mut::<Emitter>(emitter).unwrap().occlusion = Amount::MAX;
    let [hidden, _] = game.frames(40);
    // 12 dB by the default of `occluded`, and at 1 kHz some 3.5 more by its low-pass of 900 Hz.
    near(hidden - free, -15.5, 0.5, "behind something");
    game.world.get_mut::<Emitter>(emitter).unwrap().occlusion = Amount::MIN;
    let [again, _] = game.frames(40);
    near(again, free, 0.05, "and free again");
}
