//! One frame of the game's side: the systems over many placed emitters, the listener on its way.

use bevy_ecs::prelude::*;
use bevy_transform::components::GlobalTransform;
use criterion::{Criterion, criterion_group, criterion_main};
use std::time::{Duration, Instant};
use tonmeister::prelude::*;
use tonmeister_benches::{BLOCK, Folder, engine, event_of, voices_bank};

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

criterion_group!(benches, update);
criterion_main!(benches);
