//! Distance, panning and zones, heard.

use crate::common::{RATE, Studio, level, near, run, stem};
use glam::{Quat, Vec3};
use tonmeister::dsp::measure;
use tonmeister::prelude::*;
use tonmeister::space::{Pose, ZoneField};

const BANK: &str = r#"Bank(
    sounds: {"tone": Clip(file: "tone.wav", looping: true)},
    events: {
        "near": (play: "tone", space: (min: 2, max: 80)),
        "linear": (play: "tone", space: (min: 2, max: 22, curve: Linear)),
        "even": (play: "tone", space: (min: 10, max: 70, curve: Exponential)),
    },
)"#;

fn studio() -> Studio {
    Studio::new(BANK).tone("tone.wav", 1000.0, 0.5, 1.0)
}

/// The levels on the left and right with the source at `place` and the listener at the origin.
fn heard(event: &str, place: Vec3) -> [f64; 2] {
    let mut engine = studio().engine();
    engine.set_listener(Some(Pose::ORIGIN));
    let emitter = engine.add_emitter(place, Decibels::UNITY);
    engine.post(event, Some(emitter));
    let out = run(&mut engine, 0.5);
    out.map(|channel| level(&channel, 12_000..24_000))
}

fn power(levels: [f64; 2]) -> f64 {
    10.0 * levels.iter().map(|level| 10_f64.powf(level / 10.0)).sum::<f64>().log10()
}

#[test]
fn loudness_falls_with_distance_as_the_laws_say() {
    let ahead = |distance: f32| Vec3::new(0.0, 0.0, -distance);
    let full = power(heard("near", ahead(1.0)));
    near(power(heard("near", ahead(4.0))) - full, -6.02, 0.05, "inverse, twice the minimum");
    near(power(heard("near", ahead(16.0))) - full, -18.06, 0.05, "inverse, eight times the minimum");
    near(power(heard("linear", ahead(12.0))) - full, -6.02, 0.05, "linear, half way");
    near(power(heard("even", ahead(40.0))) - full, -30.0, 0.05, "exponential, half way");
    assert!(power(heard("near", ahead(81.0))) < -150.0, "silent beyond the maximum");
}

#[test]
fn panning_keeps_the_power_and_finds_the_sides() {
    let at = |degrees: f32| {
        let (sin, cos) = degrees.to_radians().sin_cos();
        heard("near", Vec3::new(sin, 0.0, -cos) * 1.5)
    };
    let middle = at(0.0);
    near(middle[0] - middle[1], 0.0, 0.01, "ahead is in the middle");
    let right = at(90.0);
    assert!(right[0] < -150.0, "the far right leaves the left silent");
    near(right[1] - middle[1], 3.01, 0.02, "and is 3 dB up on the right");
    for degrees in [-60.0, -30.0, 30.0, 60.0, 150.0] {
        near(power(at(degrees)), power(middle), 0.02, &format!("power at {degrees}°"));
    }
}

const CAVE: &str = r#"Bank(
    reverbs: {"cave": (rt60: 1.6, damping: 0.0, predelay: 0.0), "hall": (rt60: 0.6, damping: 0.0)},
    events: {"burst": (play: "burst.wav", space: (min: 5, max: 100))},
)"#;

/// A burst beside the listener at `place`, with a cave of 10 m around the origin that fades over 4 m. Gives the
/// cave's return.
fn cave_return(place: f32) -> Vec<f32> {
    let noise: Vec<f32> = measure::noise(1, 0.5, 2400);
    let studio = Studio::new(CAVE).sound("burst.wav", &[&noise]);
    let mut engine = studio.builder().stems(true).build().unwrap();
    let listener = Pose { position: Vec3::new(place, 0.0, 0.0), rotation: Quat::IDENTITY };
    engine.set_listener(Some(listener));
    engine.set_zones([ZoneField {
        zone: "cave",
        shape: Shape::Sphere { radius: 10.0 },
        position: Vec3::ZERO,
        rotation: Quat::IDENTITY,
        fade: 4.0,
        priority: 0,
    }]);
    let emitter = engine.add_emitter(Vec3::new(place, 0.0, -2.0), Decibels::UNITY);
    engine.post("burst", Some(emitter));
    run(&mut engine, 3.0);
    stem(&engine.take_stems().unwrap(), "reverb/cave")
}

#[test]
fn inside_a_zone_its_reverb_rings_for_its_time_and_outside_not_at_all() {
    let inside = cave_return(0.0);
    let rt60 = measure::rt60(&inside[2400..], RATE, Some(1000.0)).expect("a decay");
    near(f64::from(rt60), 1.6, 0.16, "RT60 of the 1 kHz octave in seconds");
    assert!(cave_return(20.0).iter().all(|&s| s == 0.0), "outside, the return is silent");
    let edge = cave_return(12.0);
    let drop = level(&edge, 4800..24_000) - level(&inside, 4800..24_000);
    near(drop, -3.01, 0.1, "half way out, half the power");
}

#[test]
fn without_a_listener_nothing_in_space_is_heard() {
    let mut engine = studio().engine();
    let emitter = engine.add_emitter(Vec3::ZERO, Decibels::UNITY);
    engine.post("near", Some(emitter));
    let out = run(&mut engine, 0.2);
    assert!(out.iter().flatten().all(|&s| s == 0.0));
}
