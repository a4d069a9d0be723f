//! A camp fire circles around your head: from ahead to the right, behind you, to the left, and again.
//!
//! ```sh
//! cargo run --example 01_first_sound             # to the sound device, six seconds
//! cargo run --example 01_first_sound out.wav     # into a file, in a blink
//! ```
//!
//! This is all that a game on an engine of its own needs: a `bevy_ecs` world, a schedule, one call of `install`.

mod common;

use bevy_ecs::prelude::*;
use bevy_transform::components::GlobalTransform;
use common::{Speaker, demo};
use glam::Vec3;
use std::f32::consts::TAU;
use tonmeister::prelude::*;

const SECONDS: u32 = 6;
const UPDATES_PER_SECOND: u32 = 50;

/// Something that circles the listener.
#[derive(Component)]
struct Circling {
    metres: f32,
    turns_per_second: f32,
    seconds: f32,
}

/// The game's own system. It moves things; the engine's systems, which run after it, hear where they are.
fn circle(mut things: Query<(&mut Circling, &mut GlobalTransform)>) {
    for (mut thing, mut transform) in &mut things {
        thing.seconds += 1.0 / UPDATES_PER_SECOND as f32;
        let angle = TAU * thing.turns_per_second * thing.seconds;
        // -Z is ahead of the listener, +X to its right.
        let place = Vec3::new(angle.sin(), 0.0, -angle.cos()) * thing.metres;
        *transform = GlobalTransform::from_translation(place);
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut speaker = Speaker::from_args();
    let engine = Engine::builder(demo()).output(speaker.output()).build()?;

    let mut world = World::new();
    let mut schedule = Schedule::default();
    schedule.add_systems(circle.before(TonmeisterSet::Receive));
    tonmeister::ecs::install(&mut world, &mut schedule, engine);

    world.spawn(Listener::default());
    world.spawn((Emitter::new("camp/fire"), Circling { metres: 2.0, turns_per_second: 0.5, seconds: 0.0 }));

    for update in 1..=SECONDS * UPDATES_PER_SECOND {
        schedule.run(&mut world);

        let mut tonmeister = world.resource_mut::<Tonmeister>();
        let engine = tonmeister.engine();
        speaker.play(engine, 1.0 / UPDATES_PER_SECOND as f32);
        if update.is_multiple_of(UPDATES_PER_SECOND / 2) {
            let seconds = update as f32 / UPDATES_PER_SECOND as f32;
            let place = ["ahead", "to the right", "behind", "to the left"][(seconds * 2.0) as usize % 4];
            let peaks = engine.bus("sfx").unwrap_or_default().peak;
            let [left, right] = peaks.map(|peak| Decibels::from_amplitude(peak).get());
            println!("{seconds:.1} s  {place:<13} left {left:6.1} dB  right {right:6.1} dB");
        }
    }
    speaker.finish(world.resource_mut::<Tonmeister>().engine())
}
