//! You walk from a wood into a cave, and water drips beside you: a short, dull answer gives way to a long tail.
//!
//! ```sh
//! cargo run --example 04_zones                   # to the sound device, nine seconds
//! cargo run --example 04_zones out.wav           # into a file, in a blink
//! ```

mod common;

use bevy_ecs::prelude::*;
use bevy_transform::components::GlobalTransform;
use common::{Speaker, demo};
use glam::Vec3;
use tonmeister::prelude::*;

const SECONDS: u32 = 9;
const UPDATES_PER_SECOND: u32 = 50;
const RETURNS: [&str; 3] = ["reverb/forest", "reverb/mouth", "reverb/cave"];

/// A box of a zone that reaches 6 m beyond its walls.
fn zone(reverb: &str, half: Vec3) -> ReverbZone {
    ReverbZone::cuboid(reverb, half).with_fade(6.0)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut speaker = Speaker::from_args();
    let engine = Engine::builder(demo()).output(speaker.output()).build()?;

    let mut world = World::new();
    let mut schedule = Schedule::default();
    tonmeister::ecs::install(&mut world, &mut schedule, engine);

    // The wood is everywhere; where the cave and its mouth are, they come first.
    let at = GlobalTransform::from_xyz;
    world.spawn((zone("forest", Vec3::splat(60.0)), at(-20.0, 0.0, 0.0)));
    let mouth = zone("mouth", Vec3::new(4.0, 4.0, 5.0)).with_priority(1);
    world.spawn((mouth, at(42.0, 2.0, 0.0)));
    let cave = zone("cave", Vec3::new(9.0, 6.0, 10.0)).with_priority(1);
    world.spawn((cave, at(56.0, 2.0, 0.0)));
    let listener = world.spawn(Listener::default()).id();
    let water = world.spawn(Emitter::silent()).id();

    println!("            {:<21}{:<21}{:<21}", RETURNS[0], RETURNS[1], RETURNS[2]);
    for update in 1..=SECONDS * UPDATES_PER_SECOND {
        // The water goes along with the listener, so that nothing changes but the room.
        let x = 26.0 + 30.0 * update as f32 / (SECONDS * UPDATES_PER_SECOND) as f32;
        world.entity_mut(listener).insert(at(x, 1.7, 0.0));
        world.entity_mut(water).insert(at(x + 3.0, 0.2, -4.0));
        if update.is_multiple_of(20) {
            world.resource_mut::<Tonmeister>().post_on(water, "cave/drip");
        }
        schedule.run(&mut world);

        let mut tonmeister = world.resource_mut::<Tonmeister>();
        let engine = tonmeister.engine();
        speaker.play(engine, 1.0 / UPDATES_PER_SECOND as f32);
        if update.is_multiple_of(25) {
            // Each reverb of the bank returns on a bus of its own.
            let [forest, mouth, cave] =
                RETURNS.map(|name| bar(engine.bus(name).unwrap_or_default().rms_db()));
            println!("x {x:4.1} m  {forest}{mouth}{cave}");
        }
    }
    speaker.finish(world.resource_mut::<Tonmeister>().engine())
}

/// A level in dB, and from -90 dB up as a bar.
fn bar(level: f32) -> String {
    let length = ((level + 90.0) / 5.0).clamp(0.0, 12.0) as usize;
    format!("{level:6.1} {:<14}", "█".repeat(length))
}
