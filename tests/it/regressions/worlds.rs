//! Entities that come, go and change around the engine.

use super::{bank, peak, studio};
use crate::common::Studio;
use bevy_ecs::message::Messages;
use bevy_ecs::prelude::*;
use bevy_transform::components::GlobalTransform;
use glam::Vec3;
use tonmeister::director::Ended;
use tonmeister::prelude::*;

struct Game {
    world: World,
    schedule: Schedule,
    ended: Vec<Ended>,
}

impl Game {
    fn new(studio: &Studio) -> Self {
        let (mut world, mut schedule) = (World::new(), Schedule::default());
        tonmeister::ecs::install(&mut world, &mut schedule, studio.engine());
        Self { world, schedule, ended: Vec::new() }
    }

    fn engine(&mut self) -> &mut Engine {
        self.world.resource_mut::<Tonmeister>().into_inner().engine()
    }

    /// Runs frames of 10 ms; gives the peak over all of them.
    fn frames(&mut self, count: usize) -> f32 {
        let mut left = Vec::new();
        for _ in 0..count {
            self.schedule.run(&mut self.world);
            let messages = self.world.resource::<Messages<PlaybackEnded>>();
            self.ended.extend(messages.iter_current_update_messages().map(|message| message.why));
            let mut stretch = [0.0; 960];
            self.engine().render(&mut stretch);
            left.extend(stretch.iter().copied().step_by(2));
        }
        peak(&left)
    }

    fn reload(&mut self, studio: &Studio, bank: &str) {
        super::reload(studio, self.engine(), bank);
        self.frames(50);
    }
}

#[test]
fn an_emitter_plays_on_when_its_sound_is_renamed() {
    let named = |name: &str| {
        format!(
            r#"Bank(sounds: {{"{name}": Clip(file: "tone.wav", looping: true)}}, events: {{"e": (play: "{name}")}})"#
        )
    };
    let studio = studio(&named("fire"));
    let mut game = Game::new(&studio);
    game.world.spawn(Emitter::new("e"));
    assert!(game.frames(20) > 0.1);
    game.reload(&studio, &named("campfire"));
    assert!(game.frames(20) > 0.1);
}

#[test]
fn an_emitter_plays_as_soon_as_the_bank_has_its_event() {
    let named = |name: &str| {
        format!(
            r#"Bank(sounds: {{"s": Clip(file: "tone.wav", looping: true)}}, events: {{"{name}": (play: "s")}})"#
        )
    };
    let studio = studio(&named("other"));
    let mut game = Game::new(&studio);
    game.world.spawn(Emitter::new("e"));
    assert_eq!(game.frames(20), 0.0);
    for _ in 0..2 {
        game.reload(&studio, &named("e"));
        assert!(game.frames(20) > 0.1, "added, and restored");
        game.reload(&studio, &named("other"));
        assert_eq!(game.frames(20), 0.0, "removed");
    }
    assert_eq!(game.ended, [Ended::Removed, Ended::Removed]);
}

#[test]
fn a_second_engine_takes_the_place_of_the_first() {
    let studio = studio(&bank("", "looping: true", ""));
    let mut game = Game::new(&studio);
    let emitter = game.world.spawn(Emitter::new("e")).id();
    game.frames(10);
    tonmeister::ecs::install(&mut game.world, &mut game.schedule, studio.engine());
    assert!(game.frames(20) > 0.1);
    game.world.despawn(emitter);
    game.frames(20);
    assert_eq!(game.frames(5), 0.0);
}

#[test]
fn of_equal_listeners_the_lowest_entity_hears() {
    let studio = studio(&bank("", "looping: true", "space: (min: 1, max: 10)"));
    let mut game = Game::new(&studio);
    game.world.spawn(Listener::default());
    game.world.spawn((Listener::default(), GlobalTransform::from_xyz(1000.0, 0.0, 0.0)));
    game.world.spawn(Emitter::new("e"));
    assert!(game.frames(20) > 0.1);
}

#[test]
fn every_post_is_told_its_end() {
    let studio = studio(&bank("", "", ""));
    let mut game = Game::new(&studio);
    let [kept, gone] = [(); 2].map(|()| game.world.spawn(Emitter::silent()).id());
    game.frames(5);
    game.world.resource_mut::<Tonmeister>().post_on(kept, "typo");
    game.world.resource_mut::<Tonmeister>().post_on(gone, "e");
    game.world.despawn(gone);
    game.frames(5);
    assert_eq!(game.ended, [Ended::NoEvent, Ended::NoEmitter]);
}

#[test]
fn messages_do_not_pile_up_in_a_bare_world() {
    let studio = Studio::new(&bank("", "", "")).tone("tone.wav", 1000.0, 0.1, 0.001);
    let mut game = Game::new(&studio);
    for _ in 0..100 {
        game.world.resource_mut::<Tonmeister>().post("e");
        game.frames(1);
    }
    assert!(game.world.resource::<Messages<PlaybackEnded>>().len() < 10);
}

#[test]
fn the_status_of_a_removed_emitter_says_so() {
    let studio = studio(&bank("", "looping: true", ""));
    let mut game = Game::new(&studio);
    let emitter = game.world.spawn(Emitter::new("e")).id();
    game.frames(5);
    game.world.entity_mut(emitter).remove::<Emitter>();
    game.frames(20);
    assert_eq!(game.world.get::<EmitterStatus>(emitter), Some(&EmitterStatus::default()));
}

#[test]
fn a_far_zone_is_heard_after_a_jump_out_of_four_others() {
    let presets: String = (0..5).map(|i| format!(r#""r{i}": (rt60: 2), "#)).collect();
    let bank = format!(
        r#"Bank(reverbs: {{{presets}}}, sounds: {{"s": Clip(file: "tone.wav", looping: true)}},
        events: {{"e": (play: "s", space: (min: 1, max: 1000))}})"#
    );
    let mut game = Game::new(&studio(&bank));
    let listener = game.world.spawn(Listener::default()).id();
    game.world.spawn((Emitter::new("e"), GlobalTransform::from_xyz(0.0, 50.0, 0.0)));
    for i in 0..4 {
        game.world.spawn(ReverbZone::sphere(format!("r{i}"), 5.0));
    }
    game.world.spawn((ReverbZone::sphere("r4", 5.0), GlobalTransform::from_xyz(100.0, 0.0, 0.0)));
    game.frames(50);
    game.world.entity_mut(listener).insert(GlobalTransform::from_translation(Vec3::X * 100.0));
    game.frames(100);
    assert_eq!(game.engine().reverbs(), [("r4".to_owned(), 1.0)]);
    assert!(game.engine().bus("reverb/r4").unwrap().peak_db() > -60.0);
}
