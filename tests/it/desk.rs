//! The game's hand on the desk: faders, groups, mute, solo, bypass, parameters; none of it clicks.

use crate::common::{Studio, envelope_1k, level, near, run};
use tonmeister::runtime::{DeskError, Engine};
use tonmeister::units::Decibels;

const BANK: &str = r#"Bank(
    buses: {
        "music": (gain: -6), "steps": (parent: "sfx"), "sfx": (), "echo": (gain: -3),
        "guns": (parent: "sfx", sends: {"echo": 0}, effects: [Gain(-10), Compressor(threshold: 0, ratio: 1)]),
    },
    vcas: {"all effects": (buses: ["steps", "guns"]), "world": (gain: -1, buses: ["music"])},
    sounds: {"tone": Clip(file: "tone.wav", looping: true)},
    events: {
        "music": (play: "tone", bus: "music"), "steps": (play: "tone", bus: "steps"),
        "guns": (play: "tone", bus: "guns"), "sfx": (play: "tone", bus: "sfx"),
    },
)"#;

fn studio() -> Studio {
    Studio::new(BANK).tone("tone.wav", 1000.0, 0.1, 1.0)
}

fn playing(studio: &Studio, events: &[&str]) -> Engine {
    let mut engine = studio.engine();
    for event in events {
        engine.post(event, None);
    }
    run(&mut engine, 0.5);
    engine
}

/// The level after a change has had its time, and the steepest millisecond on the way, in dB.
fn after(engine: &mut Engine) -> (f64, f64) {
    let [left, _] = run(engine, 0.5);
    let envelope = envelope_1k(&left);
    let audible = |pair: &&[f64]| pair.iter().all(|level| *level > -60.0);
    let steps = envelope.windows(2).filter(audible).map(|pair| (pair[1] - pair[0]).abs());
    (level(&left, 12_000..24_000), steps.fold(0.0, f64::max))
}

fn gain(db: f32) -> Decibels {
    Decibels::new(db).unwrap()
}

#[test]
fn faders_and_groups_add_up_and_stay_through_a_reload() {
    let studio = studio();
    let mut engine = playing(&studio, &["music"]);
    let before = after(&mut engine).0;
    engine.set_bus_gain("music", gain(-4.0)).unwrap();
    let (now, step) = after(&mut engine);
    near(now - before, -4.0, 0.02, "the fader");
    assert!(step < 0.5, "a step of {step} dB");
    engine.set_vca_gain("world", gain(-5.0)).unwrap();
    near(after(&mut engine).0 - before, -9.0, 0.02, "and its group");
    studio.save(&BANK.replace("(gain: -1, buses: [\"music\"])", "(gain: 0, buses: [\"music\", \"sfx\"])"));
    let project = studio.load(&engine.project().store.clone());
    engine.reload(project);
    let (now, step) = after(&mut engine);
    near(now - before, -8.0, 0.02, "the bank's part of the group changed, the game's stayed");
    assert!(step < 0.5, "a step of {step} dB");
    assert_eq!(engine.set_bus_gain("musik", gain(0.0)), Err(DeskError::UnknownBus("musik".to_owned())));
    assert_eq!(engine.set_vca_gain("x", gain(0.0)), Err(DeskError::UnknownVca("x".to_owned())));
}

#[test]
fn a_muted_bus_takes_its_children_and_their_sends_along() {
    let studio = studio();
    for event in ["steps", "guns", "sfx"] {
        let mut engine = playing(&studio, &[event]);
        assert!(after(&mut engine).0 > -60.0, "{event} is heard");
        engine.set_mute("sfx", true).unwrap();
        let (now, step) = after(&mut engine);
        assert!(now < -150.0, "{event} is not heard any more: {now} dB");
        assert!(step < 8.0, "{event} fades: steepest {step} dB in a millisecond");
        engine.set_mute("sfx", false).unwrap();
        assert!(after(&mut engine).0 > -60.0, "{event} is heard again");
    }
    let mut engine = playing(&studio, &["music"]);
    let before = after(&mut engine).0;
    engine.set_mute("sfx", true).unwrap();
    near(after(&mut engine).0, before, 0.001, "the others don't care");
}

#[test]
fn a_soloed_bus_is_heard_with_its_way_and_its_sends_and_nothing_else_is() {
    let studio = studio();
    let level_of = |events: &[&str], solo: &[&str]| {
        let mut engine = playing(&studio, events);
        for bus in solo {
            engine.set_solo(bus, true).unwrap();
        }
        after(&mut engine).0
    };
    for (event, solo, heard) in [
        ("music", "guns", false),
        ("steps", "guns", false),
        ("guns", "guns", true),
        ("guns", "sfx", true),
        ("steps", "sfx", true),
        ("music", "master", true),
    ] {
        let (alone, soloed) = (level_of(&[event], &[]), level_of(&[event], &[solo]));
        if heard {
            near(soloed, alone, 0.01, &format!("{event} while {solo} is soloed"));
        } else {
            assert!(soloed < -150.0, "{event} while {solo} is soloed: {soloed} dB");
        }
    }
    let both = level_of(&["guns", "music"], &["guns", "music"]);
    near(both, level_of(&["guns", "music"], &[]), 0.01, "two solos");
    // Of a soloed return, what the send brings: the guns go to it at 0 dB, and it plays at -3 dB.
    let (all, wet) = (level_of(&["guns"], &[]), level_of(&["guns"], &["echo"]));
    let share = 20.0 * (10f64.powf(-3.0 / 20.0) / (1.0 + 10f64.powf(-3.0 / 20.0))).log10();
    near(wet - all, share, 0.05, "the return alone");
}

#[test]
fn a_bypassed_effect_is_passed_by_in_a_crossfade() {
    let studio = studio();
    let mut engine = playing(&studio, &["guns"]);
    let before = after(&mut engine).0;
    engine.set_bypass("guns", 0, true).unwrap();
    let (now, step) = after(&mut engine);
    near(now - before, 10.0, 0.02, "without the gain of -10 dB");
    assert!(step < 1.5, "a step of {step} dB");
    engine.set_bypass("guns", 0, false).unwrap();
    let (now, step) = after(&mut engine);
    near(now, before, 0.02, "and with it again");
    assert!(step < 1.5, "a step of {step} dB");
    assert_eq!(
        engine.set_bypass("guns", 2, true).unwrap_err().to_string(),
        "bus \"guns\" has no effect 3: it has 2"
    );
}

#[test]
fn a_parameter_glides_is_clamped_and_counted() {
    let studio = studio();
    let mut engine = playing(&studio, &["guns"]);
    let before = after(&mut engine).0;
    engine.set_effect_parameter("guns", 0, "gain", -4.0).unwrap();
    let (now, step) = after(&mut engine);
    near(now - before, 6.0, 0.02, "the gain");
    assert!(step < 1.0, "a step of {step} dB");
    assert_eq!(engine.clamped_values(), 0);
    engine.set_effect_parameter("guns", 0, "gain", -1000.0).unwrap();
    assert!(after(&mut engine).0 < -150.0, "clamped to -120 dB, which is silence");
    engine.set_effect_parameter("guns", 0, "gain", f32::NAN).unwrap();
    assert_eq!(engine.clamped_values(), 2);
    let error = engine.set_effect_parameter("guns", 0, "gian", 0.0).unwrap_err().to_string();
    assert_eq!(error, "`Gain` has no parameter called `gian`; it has `gain`");
}

#[test]
fn mute_and_solo_can_stand_in_the_bank() {
    let studio = studio();
    studio.save(&BANK.replace("\"music\": (gain: -6)", "\"music\": (gain: -6, mute: true)"));
    let mut engine = playing(&studio, &["music"]);
    assert!(after(&mut engine).0 < -150.0);
    studio.save(&BANK.replace("\"steps\": (parent: \"sfx\")", "\"steps\": (parent: \"sfx\", solo: true)"));
    let mut engine = playing(&studio, &["music", "steps"]);
    let mut alone = playing(&self::studio(), &["steps"]);
    near(after(&mut engine).0, after(&mut alone).0, 0.01, "only the steps");
}
