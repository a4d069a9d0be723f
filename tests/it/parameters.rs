//! Parameters, heard: over buses, on entities, in scenes, through reloads.

use crate::common::{Studio, envelope_1k, level, near, run};
use bevy_ecs::prelude::*;
use bevy_transform::components::GlobalTransform;
use tonmeister::dsp::measure::find_clicks;
use tonmeister::ecs::Parameters;
use tonmeister::prelude::*;
use tonmeister::scene::{Player, Scene};

/// Two surfaces told apart by their level, an engine by a blend of two tones, a bus under a parameter.
fn bank(extra: &str) -> String {
    format!(
        r#"Bank(
            parameters: {{
                "surface": (labels: ["wood", "grass"]),
                "tension": (max: 10, attack: 0.5),
                "rpm": (max: 8000),
            }},
            buses: {{"music": ()}},
            curves: [(from: "tension", to: "music", property: "gain", points: [(0, -20), (10, {extra})])],
            sounds: {{
                "tone": Clip(file: "tone.wav", looping: true),
                "soft": Clip(file: "tone.wav", looping: true, gain: -12),
                "step": Switch(on: "surface", cases: {{"wood": "tone", "grass": "soft"}}, crossfade: 0.05),
                "engine": Blend(on: "rpm", of: [(play: "tone", to: 3000, fade: 2000), (play: "soft", from: 5000, fade: 2000)]),
            }},
            events: {{
                "music": (play: "tone", bus: "music"),
                "step": (play: "step"),
                "engine": (play: "engine"),
            }},
        )"#
    )
}

fn studio() -> Studio {
    Studio::new(&bank("0")).tone("tone.wav", 1000.0, 0.25, 1.0)
}

/// The tone's level in the middle: -15.05 dB, 3.01 less by the pan's law.
const TONE: f64 = -18.06;

#[test]
fn a_parameter_moves_a_bus_by_its_curve_in_its_time_and_without_a_click() {
    let mut engine = studio().engine();
    engine.post("music", None);
    let mut out = run(&mut engine, 0.5)[0].clone();
    near(level(&out, 12_000..24_000), TONE - 20.0, 0.05, "at its default");
    engine.set_parameter("tension", 10.0).unwrap();
    out.extend(&run(&mut engine, 1.0)[0]);
    let steps = envelope_1k(&out);
    // Half a second for the whole range: a quarter of one later it is half way.
    near(steps[750] - steps[400], 10.0, 0.6, "half way");
    near(level(&out, 60_000..72_000), TONE, 0.05, "at the top");
    let steepest = steps[450..].windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f64::max);
    assert!(steepest < 0.2, "{steepest} dB in a millisecond");
    assert_eq!(find_clicks(&out[4800..], 48_000), []);
    assert_eq!(engine.level("tension"), None, "it is no level");
}

#[test]
fn a_reload_keeps_a_parameter_where_the_game_put_it() {
    let studio = studio();
    let mut engine = studio.engine();
    engine.set_parameter("tension", 10.0).unwrap();
    engine.post("music", None);
    run(&mut engine, 1.0);
    studio.save(
        &bank("-6")
            .replace("\"rpm\": (max", "\"a\": (), \"rpm\": (max")
            .replace("parameters: {", "levels: {\"l\": (bus: \"music\")}, parameters: {"),
    );
    let project = studio.load(&engine.project().store.clone());
    engine.reload(project);
    let out = run(&mut engine, 1.0);
    near(level(&out[0], 24_000..48_000), TONE - 6.0, 0.05, "by the new curve");
    assert_eq!(find_clicks(&out[0], 48_000), []);
    assert_eq!(engine.parameter("tension").unwrap().now, 10.0);
}

#[test]
fn what_a_game_sets_wrongly_is_told_with_what_to_do() {
    let mut engine = studio().engine();
    let error = |told: Result<(), tonmeister::runtime::ParameterError>| told.unwrap_err().to_string();
    assert_eq!(
        error(engine.set_parameter("surfaces", "wood")),
        "no parameter is called \"surfaces\"; did you mean \"surface\"?"
    );
    assert_eq!(
        error(engine.set_parameter("surface", "mud")),
        "\"mud\" is no label of \"surface\": it has wood, grass"
    );
    assert_eq!(
        error(engine.set_parameter("rpm", "wood")),
        "\"wood\" is no label of \"rpm\": set it to a number"
    );
    assert!(engine.set_parameter("rpm", f32::NAN).is_err());
    engine.set_parameter("rpm", f32::INFINITY).unwrap();
    assert_eq!(engine.parameter("rpm").unwrap().set, 8000.0);
}

#[test]
fn an_entity_brings_its_own_parameters_and_a_loop_goes_over_when_they_change() {
    let (mut world, mut schedule) = (World::new(), Schedule::default());
    tonmeister::ecs::install(&mut world, &mut schedule, studio().engine());
    let own = Parameters::new().with("surface", "grass");
    let entity = world.spawn((Emitter::new("step"), own, GlobalTransform::IDENTITY)).id();
    let mut seconds = |world: &mut World, seconds: f64| {
        let mut out = Vec::new();
        for _ in 0..(seconds * 100.0) as usize {
            schedule.run(world);
            let mut stretch = [0.0; 960];
            world.resource_mut::<Tonmeister>().engine().render(&mut stretch);
            out.extend(stretch.chunks(2).map(|frame| frame[0]));
        }
        out
    };
    let mut out = seconds(&mut world, 0.5);
    near(level(&out, 12_000..24_000), TONE - 12.0, 0.05, "grass from the start on");
    world.get_mut::<Parameters>(entity).unwrap().set("surface", "wood");
    out.extend(seconds(&mut world, 0.5));
    near(level(&out, 36_000..48_000), TONE, 0.05, "wood");
    // Both are the same tone, begun at another time: within the crossfade they may cancel, but never jump.
    assert_eq!(find_clicks(&out[4800..], 48_000), []);
}

#[test]
fn an_entitys_parameters_follow_reloads_and_go_with_their_component() {
    let studio = studio();
    let known = bank("0");
    studio.save(
        &known
            .replace("\"surface\": (labels", "\"ground\": (labels")
            .replace("on: \"surface\"", "on: \"ground\""),
    );
    let (mut world, mut schedule) = (World::new(), Schedule::default());
    tonmeister::ecs::install(&mut world, &mut schedule, studio.engine());
    let own = Parameters::new().with("surface", "grass");
    let entity = world.spawn((Emitter::new("step"), own, GlobalTransform::IDENTITY)).id();
    let mut seconds = |world: &mut World, seconds: f64| {
        let mut out = Vec::new();
        for _ in 0..(seconds * 100.0) as usize {
            schedule.run(world);
            world.clear_trackers();
            let mut stretch = [0.0; 960];
            world.resource_mut::<Tonmeister>().engine().render(&mut stretch);
            out.extend(stretch.chunks(2).map(|frame| frame[0]));
        }
        level(&out, out.len() / 2..out.len())
    };
    near(seconds(&mut world, 0.4), TONE, 0.05, "the bank doesn't know the parameter yet");
    studio.save(&known);
    let mut tonmeister = world.resource_mut::<Tonmeister>();
    let project = studio.load(&tonmeister.engine().project().store.clone());
    tonmeister.engine().reload(project);
    near(seconds(&mut world, 0.6), TONE - 12.0, 0.05, "now it does");
    world.entity_mut(entity).remove::<Parameters>();
    near(seconds(&mut world, 0.6), TONE, 0.05, "what is gone counts no more");
}

#[test]
fn a_scene_sets_parameters_for_all_and_for_one() {
    let text = r#"Scene(
        project: ".", duration: 2,
        emitters: {"feet": (event: "step"), "car": ()},
        post: [(event: "engine", on: "car", at: 0.0)],
        set: [
            (parameter: "surface", to: "grass", on: "feet"),
            (parameter: "rpm", to: 8000, at: 1.0),
        ],
    )"#;
    let studio = studio();
    let render = |text: &str| {
        let scene = Scene::parse("test.scene.ron", text, studio.path()).unwrap();
        let engine = scene.engine().output(Output::Offline).build().unwrap();
        let mut player = Player::new(scene, engine).unwrap();
        let mut out = Vec::new();
        while player.seconds() < 2.0 {
            player.follow_mixer();
            let mut stretch = [0.0; 256];
            player.engine().render(&mut stretch);
            out.extend(stretch.chunks(2).map(|frame| frame[0]));
        }
        out
    };
    let alone = render(&text.replace("(event: \"engine\", on: \"car\", at: 0.0)", ""));
    near(level(&alone, 24_000..48_000), TONE - 12.0, 0.05, "the feet on grass");
    let car = render(&text.replace("event: \"step\"", ""));
    near(level(&car, 24_000..48_000), TONE, 0.05, "the car at rest");
    near(level(&car, 60_000..90_000), TONE - 12.0, 0.05, "and at full speed");
    assert!(render(text) == render(text), "to the bit");

    let wrong = text.replace("\"grass\"", "\"gras\"").replace("\"rpm\"", "\"rmp\"");
    let scene = Scene::parse("test.scene.ron", &wrong, studio.path()).unwrap();
    let findings = scene.check(studio.engine().bank()).to_string();
    assert!(
        findings.contains("did you mean \"grass\"?") && findings.contains("did you mean \"rpm\"?"),
        "{findings}"
    );
}

#[test]
fn a_parameter_with_steps_has_no_value_between_them() {
    let bank = r#"Bank(
        parameters: {"gear": (min: 1, max: 6.5, step: 2, release: 1), "night": (max: 1, step: 0.1)},
        events: {"engine": (play: "tone.wav", curves: [(from: "gear", property: "gain", points: [(1, 0), (5, -40)])])},
    )"#;
    let studio = Studio::new(bank).tone("tone.wav", 1000.0, 0.25, 2.0);
    let mut engine = studio.engine();
    let read = |engine: &Engine, name: &str| {
        let reading = engine.parameter(name).unwrap();
        (reading.set, reading.now)
    };
    for (set, is) in [(2.1, 3.0), (1.9, 1.0), (6.5, 5.0), (-4.0, 1.0), (5.2, 5.0)] {
        engine.set_parameter("gear", set).unwrap();
        assert_eq!(engine.parameter("gear").unwrap().set, is, "set to {set}");
    }
    engine.set_parameter("night", 1.0).unwrap();
    run(&mut engine, 0.02);
    assert_eq!(
        read(&engine, "night"),
        (1.0, 1.0),
        "the last step is there, though a tenth is no binary number"
    );
    // On its way down it stays on each step for its share of the time, and the sound with it.
    engine.post("engine", None);
    engine.set_parameter("gear", 1.0).unwrap();
    let mut seen = Vec::new();
    for _ in 0..80 {
        run(&mut engine, 0.01);
        let (_, now) = read(&engine, "gear");
        if seen.last() != Some(&now) {
            seen.push(now);
        }
    }
    assert_eq!(seen, [5.0, 3.0, 1.0]);
    let out = run(&mut engine, 0.2);
    near(level(&out[0], 4800..9600), TONE, 0.05, "on the lowest step");
}
