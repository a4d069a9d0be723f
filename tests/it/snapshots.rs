//! Snapshots and states: settings of the mix that come, go, and leave no trace.

use crate::common::{RATE, Studio, envelope_1k, level, near, run};
use bevy_ecs::prelude::*;
use proptest::prelude::*;
use tonmeister::dsp::measure::find_clicks;
use tonmeister::ecs::Snapshot;
use tonmeister::prelude::*;
use tonmeister::runtime::Holder;
use tonmeister::scene::{Player, Scene};

const BANK: &str = r#"Bank(
    buses: {
        "music": (gain: -6, effects: [Gain(0), Eq([HighShelf(freq: 6000, gain: 0)])], sends: {"room": -120}),
        "room": (),
        "sfx": (),
    },
    vcas: {"world": (gain: -2, buses: ["music", "sfx"])},
    snapshots: {
        "paused": (set: {"music": {"gain": -26}}, fade_in: 0.2, fade_out: 0.4),
        "quiet": (mode: Blend, set: {"music": {"gain": -4}}, fade_in: 0, fade_out: 0),
        "loud": (priority: 80, set: {"music": {"gain": 0}}, fade_in: 0, fade_out: 0),
        "hall": (set: {"music": {"send.room": -6}}, fade_in: 0, fade_out: 0),
        "trim": (set: {"music": {"Gain.gain": -9}}, fade_in: 0.1, curve: Smooth),
        "far": (vcas: {"world": -12}, fade_in: 0, fade_out: 0),
        "far too": (mode: Blend, vcas: {"world": -3}, set: {"sfx": {"gain": -1}}, fade_in: 0.05),
    },
    states: {
        "mood": (
            of: {"calm": (), "tense": (set: {"music": {"gain": -16}}), "fight": (set: {"music": {"gain": -16}})},
            time: 1, transitions: [(to: "fight", time: 0.5), (from: "calm", to: "fight", time: 0.2)],
        ),
    },
    sounds: {"tone": Clip(file: "tone.wav", looping: true)},
    events: {
        "music": (play: "tone", bus: "music"),
        "line": (play: "line.wav", bus: "sfx", gain: -120, snapshot: "quiet"),
    },
)"#;

fn studio() -> Studio {
    Studio::new(BANK).tone("tone.wav", 1000.0, 0.25, 1.0).tone("line.wav", 1000.0, 0.25, 0.5)
}

/// The tone's level through the music bus as it is written: -15.05 dB, 3.01 less by the pan's law, -6, and -2 of the VCA.
const MUSIC: f64 = -18.06 - 8.0;

fn playing() -> Engine {
    let mut engine = studio().engine();
    engine.post("music", None);
    run(&mut engine, 0.5);
    engine
}

fn now(engine: &mut Engine) -> f64 {
    run(engine, 0.3);
    let out = run(engine, 0.2);
    level(&out[0], 0..9600)
}

#[test]
fn snapshots_override_blend_and_go_by_their_priority() {
    let mut engine = playing();
    let mut set = |names: &[(&str, f32)]| {
        for (name, amount) in names {
            engine.set_snapshot(name, Amount::clamped(*amount)).unwrap();
        }
        run(&mut engine, 0.5);
        now(&mut engine)
    };
    for (names, gain, what) in [
        (vec![("paused", 1.0)], MUSIC - 20.0, "the fader is set to -26"),
        (vec![("quiet", 1.0)], MUSIC - 24.0, "and 4 dB are added after it, by their names"),
        (vec![("loud", 1.0)], MUSIC + 6.0, "the highest priority has the last word"),
        (vec![("loud", 0.5)], MUSIC - 9.0, "half of it is half the way from what is below"),
        (vec![("loud", 0.0), ("paused", 0.0)], MUSIC - 4.0, "what is added alone"),
        (vec![("quiet", 0.0), ("trim", 1.0)], MUSIC - 9.0, "a number of an effect"),
        (vec![("trim", 0.0), ("far", 1.0)], MUSIC - 10.0, "a VCA from -2 to -12"),
        (vec![("far too", 1.0)], MUSIC - 13.0, "and 3 less"),
        (
            vec![("far", 0.0), ("far too", 0.0), ("hall", 1.0)],
            MUSIC + 3.53,
            "a send from nothing to -6: 1 + 0.5012",
        ),
        (vec![("hall", 0.0)], MUSIC, "as written"),
    ] {
        near(set(&names), gain, 0.02, what);
    }
}

#[test]
fn a_snapshot_takes_its_time_both_ways_without_a_click() {
    let mut engine = playing();
    engine.set_snapshot("paused", Amount::MAX).unwrap();
    let mut out = run(&mut engine, 0.5)[0].clone();
    engine.set_snapshot("paused", Amount::MIN).unwrap();
    out.extend(&run(&mut engine, 0.7)[0]);
    let steps = envelope_1k(&out);
    // Evenly in dB: half way after half the time; an update of 10 ms and the limiter's 5 ms come to it.
    near(steps[115], MUSIC - 10.0, 1.2, "half way down");
    near(steps[240], MUSIC - 20.0, 0.1, "down after 0.2 s");
    near(steps[500 + 215], MUSIC - 10.0, 0.7, "half way up");
    near(steps[500 + 440], MUSIC, 0.1, "up after 0.4 s");
    assert_eq!(find_clicks(&out, RATE), []);
    assert_eq!(engine.snapshot("paused"), Some(0.0));
    assert!(
        engine
            .set_snapshot("pause", Amount::MAX)
            .unwrap_err()
            .to_string()
            .contains("did you mean \"paused\"?")
    );
}

#[test]
fn of_several_holders_each_lets_go_on_its_own() {
    let mut engine = playing();
    let mut hold = |holder, amount: f32| {
        engine.hold_snapshot(holder, "quiet", Amount::clamped(amount), None).unwrap();
        now(&mut engine)
    };
    near(hold(Holder::Entity(7), 0.5), MUSIC - 2.0, 0.02, "half of it");
    near(hold(Holder::Game, 1.0), MUSIC - 4.0, 0.02, "who wants most has it");
    near(hold(Holder::Game, 0.0), MUSIC - 2.0, 0.02, "the other still holds it");
    near(hold(Holder::Entity(7), 0.0), MUSIC, 0.02, "nobody");
}

#[test]
fn an_event_and_an_entity_bring_a_snapshot_in_as_long_as_they_are() {
    let mut engine = playing();
    engine.post("line", None);
    let out = run(&mut engine, 1.0);
    near(level(&out[0], 12_000..21_600), MUSIC - 4.0, 0.02, "while the line plays");
    near(level(&out[0], 30_000..48_000), MUSIC, 0.02, "after it");

    let (mut world, mut schedule) = (World::new(), Schedule::default());
    tonmeister::ecs::install(&mut world, &mut schedule, engine);
    let mut after = |world: &mut World| {
        for _ in 0..3 {
            schedule.run(world);
        }
        world.clear_trackers();
        now(world.resource_mut::<Tonmeister>().into_inner().engine())
    };
    let entity = world.spawn(Snapshot::new("quiet")).id();
    near(after(&mut world), MUSIC - 4.0, 0.02, "with the entity");
    world.entity_mut(entity).insert(Snapshot::new("loud").with_amount(Amount::clamped(0.5)));
    near(after(&mut world), MUSIC + 3.0, 0.02, "another one, half of it");
    world.despawn(entity);
    near(after(&mut world), MUSIC, 0.02, "without");
}

#[test]
fn states_that_set_the_same_frequency_cross_unheard() {
    let bank = r#"Bank(
        buses: {"music": (effects: [Eq([LowPass(freq: 16000)])])},
        states: {"place": (of: {
            "hall": (set: {"music": {"Eq.1.freq": 1000}}), "cave": (set: {"music": {"Eq.1.freq": 1000}}),
        }, time: 1)},
        sounds: {"tone": Clip(file: "tone.wav", looping: true)},
        events: {"music": (play: "tone", bus: "music")},
    )"#;
    let mut engine = Studio::new(bank).tone("tone.wav", 1000.0, 0.25, 1.0).engine();
    engine.post("music", None);
    run(&mut engine, 0.5);
    engine.set_parameter("place", "cave").unwrap();
    let levels = envelope_1k(&run(&mut engine, 1.5)[0]);
    for (at, level) in levels.iter().enumerate() {
        near(*level, levels[0], 0.05, &format!("{at} ms"));
    }
}

#[test]
fn states_cross_in_the_time_of_their_way() {
    let mut engine = playing();
    let mut after = |state: &str, seconds: f64| {
        engine.set_parameter("mood", state).unwrap();
        let out = run(&mut engine, seconds);
        (envelope_1k(&out[0]), engine.states("mood"))
    };
    let (steps, states) = after("fight", 0.5);
    near(steps[115], MUSIC - 5.0, 1.2, "half way after half of 0.2 s: the exact way counts");
    near(steps[300], MUSIC - 10.0, 0.05, "there");
    assert_eq!(states.iter().map(|(_, share)| *share).collect::<Vec<_>>(), [0.0, 0.0, 1.0]);
    let (steps, _) = after("tense", 1.2);
    let off = steps[20..].iter().map(|step| (step - MUSIC + 10.0).abs()).fold(0.0, f64::max);
    assert!(off < 0.05, "both set the same, so nothing moves on the way: {off} dB");
    let (steps, states) = after("calm", 0.5);
    near(steps[490], MUSIC - 5.2, 0.3, "half of a second on its way");
    near(f64::from(states[0].1), 0.49, 0.02, "half of it");
    let (_, states) = after("fight", 0.1);
    near(
        states.iter().map(|(_, share)| f64::from(*share)).sum(),
        1.0,
        1e-5,
        "a third takes its share of both",
    );
    let (steps, _) = after("calm", 1.2);
    near(steps[1150], MUSIC, 0.01, "back");
}

#[test]
fn a_reload_in_the_middle_goes_on_where_it_was() {
    let studio = studio();
    let mut engine = studio.engine();
    engine.post("music", None);
    engine.set_snapshot("paused", Amount::MAX).unwrap();
    let mut out = run(&mut engine, 0.6)[0].clone();
    studio.save(&BANK.replace(
        r#""paused": (set: {"music": {"gain": -26}}"#,
        r#""a": (), "paused": (set: {"music": {"gain": -16}}"#,
    ));
    let project = studio.load(&engine.project().store.clone());
    let lines = engine.reload(project);
    assert!(lines.iter().any(|line| line.starts_with("snapshot paused")), "{lines:?}");
    out.extend(&run(&mut engine, 0.5)[0]);
    assert_eq!(find_clicks(&out[9600..], RATE), []);
    near(level(&out, 28_800 + 12_000..28_800 + 24_000), MUSIC - 10.0, 0.02, "its new value");
    engine.set_snapshot("paused", Amount::MIN).unwrap();
    run(&mut engine, 0.5);
    near(now(&mut engine), MUSIC, 0.02, "and back");
}

#[test]
fn a_scene_brings_them_in_and_a_bank_that_sets_what_is_not_there_is_refused() {
    let scene = r#"Scene(project: ".", duration: 1, post: [(event: "music")], set: [(parameter: "mood", to: "fight", at: 0.5)],
        snapshots: [(snapshot: "quiet", at: 0.2), (snapshot: "quiet", to: 0, at: 0.4)])"#;
    let studio = studio();
    let scene = Scene::parse("a.scene.ron", scene, studio.path()).unwrap();
    let mut player = Player::new(scene, studio.engine()).unwrap();
    let mut out = Vec::new();
    while out.len() < RATE as usize {
        player.follow_mixer();
        let mut stretch = [0.0; 256];
        player.engine().render(&mut stretch);
        out.extend(stretch.chunks(2).map(|frame| frame[0]));
    }
    for (range, gain) in [
        (4800..9000, MUSIC),
        (12_000..18_000, MUSIC - 4.0),
        (21_000..23_000, MUSIC),
        (40_000..47_000, MUSIC - 10.0),
    ] {
        near(level(&out, range.clone()), gain, 0.05, &format!("{range:?}"));
    }
}

/// The last tenth of a second after so many settings on and off, and then none.
fn after(steps: &[(usize, u8)]) -> Vec<u32> {
    let names = ["paused", "quiet", "loud", "hall", "trim", "far", "far too"];
    let mut engine = playing();
    for &(which, amount) in steps {
        match names.get(which) {
            Some(name) => engine.set_snapshot(name, Amount::clamped(f32::from(amount) / 4.0)).unwrap(),
            None => {
                engine.set_parameter("mood", ["calm", "tense", "fight"][usize::from(amount) % 3]).unwrap()
            }
        }
        run(&mut engine, 0.05);
    }
    names.iter().for_each(|name| engine.set_snapshot(name, Amount::MIN).unwrap());
    engine.set_parameter("mood", "calm").unwrap();
    // Steps of equal length, so that every order comes to the same frame.
    (steps.len()..50).for_each(|_| _ = run(&mut engine, 0.05));
    let out = run(&mut engine, 0.1);
    out.iter().flatten().map(|sample| sample.to_bits()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_on_and_off_ends_where_it_began_to_the_bit(
        steps in prop::collection::vec((0..8_usize, 0..5_u8), 0..16)
    ) {
        static UNTOUCHED: std::sync::OnceLock<Vec<u32>> = std::sync::OnceLock::new();
        prop_assert!(*UNTOUCHED.get_or_init(|| after(&[])) == after(&steps));
    }
}

#[test]
fn an_event_that_is_refused_brings_no_snapshot_in() {
    let bank = BANK.replace(
        r#""line": ("#,
        r#""gun": (play: "line.wav", bus: "sfx", gain: -120, snapshot: "quiet", space: (max: 10)),
        "rare": (play: "line.wav", bus: "sfx", gain: -120, snapshot: "quiet", limit: (max: 1, steal: Refuse)),
        "line": ("#,
    );
    let studio = Studio::new(&bank).tone("tone.wav", 1000.0, 0.25, 1.0).tone("line.wav", 1000.0, 0.25, 0.1);
    let mut engine = studio.engine();
    engine.set_listener(Some(tonmeister::space::Pose::ORIGIN));
    let far = engine.add_emitter(glam::Vec3::X * 1000.0, Decibels::UNITY);
    engine.post("music", None);
    run(&mut engine, 0.5);
    let mut out = Vec::new();
    for _ in 0..50 {
        engine.post("gun", Some(far));
        out.extend(&run(&mut engine, 0.01)[0]);
    }
    near(level(&out, 9600..24_000), MUSIC, 0.02, "out of earshot");
    assert_eq!(engine.snapshot("quiet"), Some(0.0));
    // Let in, it does; and it lasts no longer for those that are refused beside it.
    engine.post("rare", None);
    engine.post("rare", None);
    let out = run(&mut engine, 0.2);
    near(level(&out[0], 1200..4500), MUSIC - 4.0, 0.1, "while it plays");
    near(level(&out[0], 6000..9600), MUSIC, 0.02, "and after it");
}
