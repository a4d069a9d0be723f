//! `tonmeister new` from outside: what it writes is sound, and sounds.

mod common;

use common::{err, out, tonmeister};
use tempfile::TempDir;

/// The quietest that is still heard in a quiet room, roughly.
const AUDIBLE: f64 = -40.0;

#[test]
fn a_new_project_checks_without_a_finding_and_renders_sound() {
    let place = TempDir::new().expect("a folder");
    let made = tonmeister(place.path(), &["new", "my game"]);
    assert_eq!((made.status.code(), err(&made).as_str()), (Some(0), ""));
    assert!(out(&made).contains("tonmeister play \"my game/first.scene.ron\" --watch"), "{}", out(&made));

    for what in ["my game", "my game/first.scene.ron"] {
        let checked = tonmeister(place.path(), &["check", what, "--deny-warnings"]);
        assert_eq!((checked.status.code(), err(&checked).as_str()), (Some(0), ""), "{}", out(&checked));
        assert!(out(&checked).contains("3 events"), "{}", out(&checked));
    }

    let rendered = tonmeister(place.path(), &["render", "my game/first.scene.ron", "-o", "first.wav"]);
    assert_eq!((rendered.status.code(), err(&rendered).as_str()), (Some(0), ""));
    let mut wav = hound::WavReader::open(place.path().join("first.wav")).expect("a WAV file");
    let samples: Vec<f32> = wav.samples::<f32>().map(|sample| sample.expect("a sample")).collect();
    let level = |from: f64, to: f64| {
        let frame = |seconds: f64| (seconds * 48_000.0) as usize * 2;
        let stretch = &samples[frame(from)..frame(to)];
        let power =
            stretch.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / stretch.len() as f64;
        10.0 * power.log10()
    };
    let peak = samples.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    assert!(peak < 1.0, "it does not clip: {peak}");
    for second in 1..9 {
        let heard = level(f64::from(second), f64::from(second) + 1.0);
        assert!(heard > AUDIBLE, "second {second}: {heard} dBFS");
    }
}

#[test]
fn the_music_of_a_new_project_steps_back_for_the_robot() {
    let place = TempDir::new().expect("a folder");
    assert_eq!(tonmeister(place.path(), &["new", "game"]).status.code(), Some(0));
    let args = ["render", "game/first.scene.ron", "-o", "mix.wav", "--stems", "stems"];
    assert_eq!(tonmeister(place.path(), &args).status.code(), Some(0));
    let mut wav = hound::WavReader::open(place.path().join("stems/music.wav")).expect("a stem");
    let samples: Vec<f32> = wav.samples::<f32>().map(|sample| sample.expect("a sample")).collect();
    // The pad swings with four seconds: the same place of it a round later is as loud, but for the ducking.
    let power = |from: usize| {
        samples[from * 2..(from + 14_400) * 2].iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>()
    };
    let (speaking, after) = (power(48_000 * 9 / 2), power(48_000 * 17 / 2));
    let fell = 10.0 * (speaking / after).log10();
    assert!((fell + 10.0).abs() < 0.5, "it fell by {fell} dB");
}

#[test]
fn nothing_is_written_over() {
    let place = TempDir::new().expect("a folder");
    std::fs::create_dir(place.path().join("empty")).expect("a folder");
    assert_eq!(tonmeister(place.path(), &["new", "empty"]).status.code(), Some(0));
    std::fs::create_dir(place.path().join("full")).expect("a folder");
    std::fs::write(place.path().join("full/notes.txt"), "mine").expect("a file");
    for (folder, why) in [
        ("full", "full is not empty"),
        ("full/notes.txt", "is not a folder"),
        ("full/notes.txt/a", "can't write"),
    ] {
        let output = tonmeister(place.path(), &["new", folder]);
        assert_eq!((output.status.code(), out(&output).as_str()), (Some(2), ""), "{folder}");
        assert!(err(&output).contains(why), "{folder}: {}", err(&output));
    }
    assert_eq!(std::fs::read_dir(place.path().join("full")).expect("a folder").count(), 1);
    assert_eq!(std::fs::read_to_string(place.path().join("full/notes.txt")).expect("a file"), "mine");
}
