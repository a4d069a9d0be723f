//! Scenes: what is wrong with one is said with its place.

use crate::common::{LIMITER_LATENCY, Studio};
use std::path::Path;
use tonmeister::scene::{Player, Scene};

fn error(scene: &str) -> String {
    let studio = Studio::new(r#"Bank(reverbs: {"cave": (rt60: 1)}, events: {"camp/fire": (play: "t.wav")})"#)
        .tone("t.wav", 500.0, 0.1, 0.1);
    match Scene::parse("test.scene.ron", scene, studio.path()) {
        Err(error) => error.to_string(),
        Ok(scene) => {
            Player::new(scene, studio.engine()).err().map_or("no error".into(), |error| error.to_string())
        }
    }
}

#[test]
fn all_mistakes_of_a_scene_are_shown_with_their_places() {
    insta::assert_snapshot!(error(
        r#"Scene(
    project: ".", duration: -3, lisener: (),
    emitters: {"fire": (event: "camp/fire", at: (1, 2))},
    zones: {"cave": (reverb: "cave", shape: Cube(3))},
    post: [(at: 1, event: "camp/fire", until: 3)],
)"#
    ), @r#"
    error[out-of-range]: `duration` of -3 s is out of range
     --> test.scene.ron:2:29
      |
    2 |     project: ".", duration: -3, lisener: (),
      |                             ^^
      = help: it goes from 0.01 s to 3600 s

    error[unknown-field]: `Scene` has no field called `lisener`
     --> test.scene.ron:2:33
      |
    2 |     project: ".", duration: -3, lisener: (),
      |                                 ^^^^^^^
      = help: did you mean `listener`?

    error[wrong-type]: `at` must be a place such as `(3, 0, -2)`, not a group
     --> test.scene.ron:3:49
      |
    3 |     emitters: {"fire": (event: "camp/fire", at: (1, 2))},
      |                                                 ^^^^^^

    error[wrong-type]: `shape` must be `Sphere(radius)` or `Box((half x, half y, half z))`, not a group
     --> test.scene.ron:4:45
      |
    4 |     zones: {"cave": (reverb: "cave", shape: Cube(3))},
      |                                             ^^^^^^^

    error[missing-field]: `until` has a meaning only with `every`
     --> test.scene.ron:5:12
      |
    5 |     post: [(at: 1, event: "camp/fire", until: 3)],
      |            ^
      = help: add `every`, or leave `until` out

    5 errors
    "#);
}

#[test]
fn names_that_are_not_in_the_bank_are_shown_with_the_nearest() {
    insta::assert_snapshot!(error(
        r#"Scene(
    project: ".", duration: 3,
    emitters: {"fire": (event: "camp/fier")},
    zones: {"hole": (reverb: "cavern", shape: Sphere(3))},
    post: [(event: "camp/fire", on: "fir")],
)"#
    ), @r#"
    error[unknown-event]: no event is called "camp/fier"
     --> test.scene.ron:3:32
      |
    3 |     emitters: {"fire": (event: "camp/fier")},
      |                                ^^^^^^^^^^^
      = help: did you mean "camp/fire"?

    error[unknown-reverb]: no reverb is called "cavern"
     --> test.scene.ron:4:30
      |
    4 |     zones: {"hole": (reverb: "cavern", shape: Sphere(3))},
      |                              ^^^^^^^^
      = help: did you mean "cave"?

    error[unknown-emitter]: no emitter is called "fir"
     --> test.scene.ron:5:37
      |
    5 |     post: [(event: "camp/fire", on: "fir")],
      |                                     ^^^^^
      = help: did you mean "fire"?

    3 errors
    "#);
}

#[test]
fn a_scene_that_is_not_there_is_an_error_that_names_it() {
    let error = Scene::load(Path::new("no/such.scene.ron")).unwrap_err().to_string();
    assert!(error.contains("no/such.scene.ron"), "{error}");
}

#[test]
fn a_scene_that_begins_again_sounds_from_its_new_beginning_on() {
    let studio =
        Studio::new(r#"Bank(events: {"hit": (play: "hit.wav")})"#).sound("hit.wav", &[&[0.25; 24_000]]);
    let text = r#"Scene(project: ".", duration: 2, post: [(event: "hit", at: 0.1)])"#;
    let scene = Scene::parse("hit.scene.ron", text, studio.path()).unwrap();
    let mut player = Player::new(scene, studio.engine()).unwrap();
    let render = |player: &mut Player| {
        let mut left = Vec::new();
        while left.len() < 12_800 {
            let mut stretch = [0.0; 256];
            player.follow_mixer();
            player.engine().render(&mut stretch);
            left.extend(stretch.iter().copied().step_by(2));
        }
        left
    };
    let onset = |sound: &[f32]| sound.iter().position(|&sample| sample > 0.01);
    let first = onset(&render(&mut player)).unwrap();
    assert_eq!(first, 4800 + LIMITER_LATENCY);

    // The hit still sounds: it fades, and comes again a tenth of a second after the new beginning.
    player.restart();
    let second = render(&mut player);
    assert!(second[0] > 0.1, "it fades, it is not cut");
    let silence = second.iter().position(|&sample| sample == 0.0).unwrap();
    assert!(silence < 2500, "silent after {silence} frames");
    let again = silence + onset(&second[silence..]).unwrap();
    let latest = 2 * 960 + 128 + first;
    assert!((first..=latest).contains(&again), "heard again after {again} frames, not {first} to {latest}");
    assert!(player.seconds() < 0.3);
}
