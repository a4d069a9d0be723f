//! Scenes: what is wrong with one is said with its place.

use crate::common::Studio;
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
