//! One frame of the game's side: the systems over many placed emitters, the listener on its way; and many posts at once.

use bevy_ecs::prelude::*;
use bevy_transform::components::GlobalTransform;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::time::{Duration, Instant};
use tonmeister::prelude::*;
use tonmeister::space::Pose;
use tonmeister_benches::{BLOCK, Folder, engine, event_of, place_of, voices_bank};

/// Emitters 4 m apart on a square; each is heard for `reach` metres.
fn world(folder: &Folder, emitters: usize) -> (World, Schedule, Entity) {
    let (mut world, mut schedule) = (World::new(), Schedule::default());
    tonmeister::ecs::install(&mut world, &mut schedule, engine(folder, 256).expect("an engine"));
    let listener = world.spawn(Listener::default()).id();
    let side = (emitters as f32).sqrt().ceil() as usize;
    for index in 0..emitters {
        let place = GlobalTransform::from_xyz((index % side) as f32 * 4.0, 0.0, (index / side) as f32 * 4.0);
        world.spawn((Emitter::new(event_of(index)), place));
    }
    (world, schedule, listener)
}

fn update(c: &mut Criterion) {
    let folder = Folder::new("ecs").expect("a folder for the bench's sounds");
    let mut group = c.benchmark_group("ecs update");
    // In a radius of 71 m on a grid of 4 m there are about a thousand.
    folder.bank(&voices_bank("", "space: (min: 1, max: 71)")).expect("a bank");
    for emitters in [1_000, 100_000] {
        let (mut world, mut schedule, listener) = world(&folder, emitters);
        let middle = (emitters as f32).sqrt() * 2.0;
        let mut block = [0.0; BLOCK * 2];
        let mut step = 0_u32;
        let mut frame = || {
            step += 1;
            let place = GlobalTransform::from_xyz(middle + (step as f32 * 0.01).sin() * 20.0, 0.0, middle);
            world.entity_mut(listener).insert(place);
            let begin = Instant::now();
            schedule.run(&mut world);
            let took = begin.elapsed();
            // The mixer takes the orders, outside the clock.
            for _ in 0..4 {
                world.resource_mut::<Tonmeister>().engine().render(&mut block);
            }
            took
        };
        for _ in 0..20 {
            frame();
        }
        group.bench_function(format!("{emitters} emitters"), |b| {
            b.iter_custom(|frames| (0..frames).map(|_| frame()).sum::<Duration>());
        });
    }
    group.finish();
}

/// Posts of an event with choices in choices and limits: 167 in a frame of a game, ten thousand a second, on 200
/// emitters, with 256 voices to be had.
fn posts(c: &mut Criterion) {
    const POSTS: u32 = 167;
    let folder = Folder::new("posts").expect("a folder for the bench's sounds");
    let sounds = (0..16).map(|i| format!("\"{i}.wav\""));
    let half = |from: usize| sounds.clone().skip(from).take(8).collect::<Vec<_>>().join(", ");
    let bank = format!(
        r#"Bank(
            parameters: {{"surface": (labels: ["wood", "grass"])}},
            buses: {{"sfx": (limit: (max: 128, steal: Quietest))}},
            sounds: {{
                "step": Switch(on: "surface", cases: {{"wood": "wood", "grass": "grass"}}),
                "wood": Random(of: [{}], avoid: 3, gain: (-3, 0), pitch: (-1, 1)),
                "grass": Random(of: [{}], shuffle: true, scope: Emitter),
            }},
            events: {{"step": (play: "step", bus: "sfx", space: (max: 100), limit: (max: 96),
                              cooldown: (time: 0.01, scope: Emitter))}},
        )"#,
        half(0),
        half(8),
    );
    folder.bank(&bank).expect("a bank");
    let mut engine = engine(&folder, 256).expect("an engine");
    engine.set_listener(Some(Pose::ORIGIN));
    let emitters: Vec<_> =
        (0..200).map(|index| engine.add_emitter(place_of(index), Decibels::UNITY)).collect();
    for emitter in emitters.iter().step_by(2) {
        engine.set_emitter_parameter(*emitter, "surface", "grass").expect("a label");
    }
    let mut block = [0.0; BLOCK * 2];
    let mut next = 0;
    let mut frame = || {
        let begin = Instant::now();
        for _ in 0..POSTS {
            next = (next + 1) % emitters.len();
            engine.post("step", Some(emitters[next]));
        }
        engine.update();
        let took = begin.elapsed();
        for _ in 0..6 {
            engine.render(&mut block);
        }
        took
    };
    for _ in 0..60 {
        frame();
    }
    let mut group = c.benchmark_group("posts");
    group.throughput(Throughput::Elements(u64::from(POSTS)));
    group.bench_function("a frame of 167", |b| {
        b.iter_custom(|frames| (0..frames).map(|_| frame()).sum::<Duration>());
    });
    group.finish();
}

criterion_group!(benches, update, posts);
criterion_main!(benches);
