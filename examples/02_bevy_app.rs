//! A walker on gravel comes up to a camp fire, passes it and walks on, in a Bevy `App`.
//!
//! ```sh
//! cargo run --example 02_bevy_app                # without a device: reads what one would hear, in a blink
//! cargo run --example 02_bevy_app -- --device    # to the sound device, eight seconds
//! ```

use bevy_app::{App, AppExit, Startup, Update};
use bevy_ecs::prelude::*;
use bevy_transform::TransformPlugin;
use bevy_transform::components::Transform;
use std::path::Path;
use std::time::Duration;
use tonmeister::prelude::*;

const SECONDS: u32 = 8;
const UPDATES_PER_SECOND: u32 = 60;

#[derive(Resource, Default)]
struct Tick(u32);

#[derive(Component)]
struct Walker;
#[derive(Component)]
struct Feet;

fn spawn(mut commands: Commands) {
    commands.spawn((Emitter::new("camp/fire"), Transform::from_xyz(0.0, 0.3, -2.0)));
    // The feet are the walker's child, so that Bevy's own transforms carry them along.
    let feet = (Feet, Emitter::silent(), Transform::from_xyz(0.0, -1.6, 0.0));
    let walker = (Walker, Listener::default(), Transform::from_xyz(-6.0, 1.7, 0.0));
    commands.spawn(walker).with_child(feet);
}

/// Walks east at 1.5 m/s, and puts a foot down every half second.
fn walk(
    mut tick: ResMut<Tick>,
    mut walker: Single<&mut Transform, With<Walker>>,
    feet: Single<Entity, With<Feet>>,
    mut tonmeister: ResMut<Tonmeister>,
) {
    if tick.0.is_multiple_of(UPDATES_PER_SECOND / 2) {
        tonmeister.post_on(*feet, "steps/gravel");
    }
    walker.translation.x += 1.5 / UPDATES_PER_SECOND as f32;
    tick.0 += 1;
}

/// Once a second: what is heard of the fire where the walker is.
fn look(
    tick: Res<Tick>,
    walker: Single<&Transform, With<Walker>>,
    emitters: Query<(&Emitter, &EmitterStatus)>,
) {
    for (emitter, status) in &emitters {
        if let (Some(event), true) = (&emitter.event, tick.0.is_multiple_of(UPDATES_PER_SECOND)) {
            let gain = Decibels::from_amplitude(status.gain).get();
            println!("at x {:4.1} m: {event} at {gain:5.1} dB", walker.translation.x);
        }
    }
}

/// Every playback tells when it has ended, and why.
fn end(tick: Res<Tick>, mut ended: MessageReader<PlaybackEnded>, feet: Single<Entity, With<Feet>>) {
    for end in ended.read().filter(|end| end.entity == Some(*feet)) {
        let seconds = tick.0 as f32 / UPDATES_PER_SECOND as f32;
        println!("    {seconds:4.2} s: a footstep ended: {:?}", end.why);
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let device = std::env::args().any(|argument| argument == "--device");
    let output = if device { Output::Device } else { Output::Offline };
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo");
    let engine = Engine::builder(project).output(output).build()?;

    App::new()
        .add_plugins((TransformPlugin, TonmeisterPlugin::new(engine)))
        .init_resource::<Tick>()
        .add_systems(Startup, spawn)
        .add_systems(Update, (walk, look, end).chain())
        .set_runner(run)
        .run();
    Ok(())
}

/// A game with a window has Bevy's runner; this one counts.
fn run(mut app: App) -> AppExit {
    for _ in 0..SECONDS * UPDATES_PER_SECOND {
        app.update();
        let mut tonmeister = app.world_mut().resource_mut::<Tonmeister>();
        let frames = tonmeister.engine().sample_rate() / UPDATES_PER_SECOND;
        // An offline engine's sound is pulled; that of a device plays by itself, and `render` says so.
        if !tonmeister.engine().render(&mut vec![0.0; frames as usize * 2]) {
            std::thread::sleep(Duration::from_secs(1) / UPDATES_PER_SECOND);
        }
    }
    AppExit::Success
}
