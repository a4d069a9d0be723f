//! Device output. Without a server: a normal state, said once, with the way out. With a real PulseAudio server
//! (`TONMEISTER_PULSE_TEST=1`, which `.ci/run` sets after starting one with a null sink): what the sink plays is
//! what the offline render gives.

use crate::common::Studio;
use std::time::{Duration, Instant};
use tonmeister::prelude::*;
use tonmeister::scene::{Player, Scene, render};

#[test]
fn without_a_device_the_clock_runs_and_the_way_out_is_named() {
    // The variable is read when a backend connects; this is the only test that opens a device without a server.
    if std::env::var_os("TONMEISTER_PULSE_TEST").is_some() {
        return;
    }
    let studio =
        Studio::new(r#"Bank(events: {"tone": (play: "tone.wav")})"#).tone("tone.wav", 500.0, 0.1, 0.1);
    let mut engine = studio.builder().output(Output::Device).build().unwrap();
    let device = engine.device();
    if let Some(problem) = device.problem {
        assert!(problem.contains("PulseAudio") && problem.contains("cpal"), "{problem}");
    }
    let begin = Instant::now();
    let playback = engine.post("tone", None).unwrap();
    while engine.state(playback).is_some() {
        engine.update();
        std::thread::sleep(Duration::from_millis(5));
        assert!(begin.elapsed() < Duration::from_secs(5), "the sound never ended");
    }
    assert!(engine.mixer_frame() >= 4800, "the clock runs");
}

/// Records the null sink's monitor while `work` runs.
#[cfg(target_os = "linux")]
fn record(work: impl FnOnce()) -> Vec<f32> {
    use std::io::Read;
    use std::process::{Command, Stdio};
    let mut recorder = Command::new("parec")
        .args([
            "-d",
            "null.monitor",
            "--raw",
            "--format=float32le",
            "--rate=48000",
            "--channels=2",
            "--latency-msec=100",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .expect("parec");
    let mut pipe = recorder.stdout.take().expect("a pipe");
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).map(|_| bytes)
    });
    std::thread::sleep(Duration::from_millis(700));
    work();
    std::thread::sleep(Duration::from_millis(700));
    recorder.kill().expect("the recorder stops");
    recorder.wait().expect("the recorder ends");
    let bytes = reader.join().expect("the reader").expect("the recording");
    bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn what_the_sink_plays_is_what_the_offline_render_gives() {
    if std::env::var_os("TONMEISTER_PULSE_TEST").is_none() {
        return;
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/scenes/tour.scene.ron");
    let text = std::fs::read_to_string(&path).unwrap().replace("duration: 42", "duration: 10");
    let scene = || Scene::parse("tour.scene.ron", &text, path.parent().unwrap()).unwrap();

    let engine = scene().engine().output(Output::Offline).build().unwrap();
    let mut player = Player::new(scene(), engine).unwrap();
    let mut offline = Vec::new();
    let Ok(()) = render(&mut player, |_, stretch| {
        offline.extend_from_slice(stretch);
        Ok::<(), std::convert::Infallible>(())
    });

    // A machine that stops for a moment leaves a gap in the recording, which is nobody's fault; not three times.
    let errors: Vec<f64> = (0..3)
        .scan(false, |done, _| {
            (!*done).then(|| {
                let error = error_db(&record(|| play(scene())), &offline);
                *done = error < -90.0;
                error
            })
        })
        .collect();
    println!("largest differences: {errors:.1?} dB");
    assert!(errors.iter().any(|&db| db < -90.0), "the sink and the render differ by {errors:.1?} dB");
}

/// Plays ten seconds of the scene on the device.
#[cfg(target_os = "linux")]
fn play(scene: Scene) {
    // Safe on a machine that is busy with something else: a late block would be a gap in the recording.
    let engine = scene.engine().output(Output::Device).latency(8192).build().unwrap();
    let mut player = Player::new(scene, engine).unwrap().with_look_ahead(Seconds::new(0.5).unwrap());
    assert_eq!(player.engine().device().problem, None);
    while player.seconds() < 10.5 {
        player.follow_mixer();
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Lines both up on the first sample that is not silent, and gives the largest difference in dB.
#[cfg(target_os = "linux")]
fn error_db(recorded: &[f32], offline: &[f32]) -> f64 {
    let first = |signal: &[f32]| signal.iter().position(|&s| s != 0.0).expect("sound") & !1;
    let (recorded, offline) = (&recorded[first(recorded)..], &offline[first(offline)..]);
    let count = recorded.len().min(offline.len());
    assert!(count > 9 * 96_000, "nine seconds were recorded: {count} samples");
    let error = (0..count).map(|n| f64::from((recorded[n] - offline[n]).abs())).fold(0.0, f64::max);
    20.0 * error.max(1e-10).log10()
}
