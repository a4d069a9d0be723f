//! What curves do to an event that plays.

use super::*;
use glam::Quat;

const BANK: &str = r#"Bank(
    parameters: {"rpm": (max: 8000), "damage": (default: 1)},
    sounds: {"engine": Clip(file: "engine.ogg", looping: true, gain: -6, pitch: 2)},
    events: {
        "engine": (play: "engine", curves: [
            (from: "rpm", property: "pitch", points: [(0, -12), (4000, 0), (8000, 4)]),
            (from: "rpm", property: "gain", points: [(0, -10), (8000, 0)]),
            (from: "damage", property: "gain", points: [(0, -4), (1, 0)]),
            (from: "damage", property: "cutoff", points: [(0, 500), (1, 20000)]),
        ]),
        "beacon": (play: "engine", space: (min: 10, max: 1000, curve: Linear), curves: [
            (from: "distance", property: "gain", points: [(0, 0), (10, -10)]),
            (from: "azimuth", property: "pitch", points: [(-180, -18), (180, 18)]),
            (from: "elevation", property: "cutoff", points: [(-90, 1000), (90, 19000)]),
        ]),
        "rise": (play: "engine", curves: [(from: "time", property: "gain", points: [(0, -40), (2, 0)])]),
    },
)"#;

/// The mix that the director gives a voice now: gain before pan in dB, semitones, cut-off.
fn mix(director: &mut Director, frame: u64) -> Option<(f32, f32, f32)> {
    director.update(frame, 0, 480);
    let mix = director.take_orders().find_map(|order| match order.command {
        Command::Start(start) => Some(start.mix),
        Command::Mix { mix, .. } => Some(mix),
        _ => None,
    })?;
    let gain = (mix.left * mix.left + mix.right * mix.right).sqrt();
    Some((20.0 * gain.log10(), 12.0 * mix.rate.log2(), mix.cutoff))
}

#[track_caller]
fn near(found: Option<(f32, f32, f32)>, gain: f32, pitch: f32, cutoff: f32) {
    let (g, p, c) = found.unwrap();
    let same = (g - gain).abs() < 0.01
        && (p - pitch).abs() < 0.01
        && (c == cutoff || (c / cutoff - 1.0).abs() < 1e-3);
    assert!(same, "{g} dB, {p} st, {c} Hz, not {gain} dB, {pitch} st, {cutoff} Hz");
}

#[test]
fn parameters_move_gain_pitch_and_cut_off_and_several_curves_add_up() {
    let mut director = director(BANK, 8, 0);
    let [rpm, damage] = ["rpm", "damage"].map(|name| director.bank().parameter(name).unwrap());
    let engine = event(&director, "engine");
    director.post(engine, None, 0);
    near(mix(&mut director, 0), -16.0, -10.0, 20_000.0);
    director.set_parameter(None, rpm, 6000.0);
    near(mix(&mut director, 480), -8.5, 4.0, 20_000.0);
    director.set_parameter(None, damage, 0.5);
    near(mix(&mut director, 960), -10.5, 4.0, 10_250.0);
    director.set_parameter(None, rpm, 1e9);
    director.set_parameter(None, damage, 0.0);
    near(mix(&mut director, 1440), -10.0, 6.0, 500.0);
    assert_eq!(mix(&mut director, 1920), None, "what rests needs no orders");
}

#[test]
fn place_moves_it_as_the_listener_sees_it() {
    let mut director = director(BANK, 8, 0);
    // The listener looks along +X: what is at +Z is to the right.
    let rotation = Quat::from_rotation_y(-std::f32::consts::FRAC_PI_2);
    director.set_listener(Some(Pose { position: Vec3::ZERO, rotation }));
    let emitter = director.add_emitter(Vec3::Z * 5.0, Decibels::UNITY);
    let beacon = event(&director, "beacon");
    director.post(beacon, Some(emitter), 0);
    near(mix(&mut director, 0), -11.0, 2.0 + 9.0, 10_000.0);
    director.move_emitter(emitter, Vec3::new(0.0, 4.0, -4.0));
    near(mix(&mut director, 480), -6.0 - 5.657, 2.0 - 9.0, 14_500.0);
}

#[test]
fn time_moves_it_from_its_start_on() {
    let mut director = director(BANK, 8, 0);
    let rise = event(&director, "rise");
    director.update(4800, 0, 480);
    director.post(rise, None, 0);
    near(mix(&mut director, 4800), -46.0, 2.0, f32::INFINITY);
    near(mix(&mut director, 4800 + 48_000), -26.0, 2.0, f32::INFINITY);
}

#[test]
fn an_emitters_own_parameter_moves_it_alone() {
    let mut director = director(BANK, 8, 0);
    let rpm = director.bank().parameter("rpm").unwrap();
    let engine = event(&director, "engine");
    let [one, other] = [Vec3::X, Vec3::Y].map(|place| director.add_emitter(place, Decibels::UNITY));
    for emitter in [one, other] {
        director.post(engine, Some(emitter), 0);
    }
    director.update(0, 0, 480);
    director.take_orders().for_each(drop);
    director.set_parameter(Some(other), rpm, 4000.0);
    director.update(480, 0, 480);
    assert_eq!(director.take_orders().count(), 1);
}
