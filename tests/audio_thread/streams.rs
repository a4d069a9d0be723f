//! The guard over voices that play from the disk: starts, leaps, pauses, ends, reloads, and a disk that is late.

use crate::guard::watched;
use tonmeister::prelude::*;
use tonmeister::reload::Project;
use tonmeister::runtime::Output;

const BANK: &str = r#"Bank(
    sounds: {
        "a": Clip(file: "long.wav", looping: true, stream: true),
        "b": Clip(file: "long.wav", pitch: 7.3, stream: true),
        "c": Clip(file: "long.wav", looping: true, loop_start: 1.0, crossfade: 0.3, reverse: true, stream: true),
    },
    events: {"a": (play: "a"), "b": (play: "b", gain: -6), "c": (play: "c")},
)"#;

#[test]
fn streams_render_without_allocating_or_freeing() {
    let folder = tempfile::tempdir().unwrap();
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 44_100,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(folder.path().join("long.wav"), spec).unwrap();
    (0..200_000).for_each(|n| writer.write_sample(((n * 37) % 4001) as i16 * 4).unwrap());
    writer.finalize().unwrap();
    let bank = folder.path().join("a.bank.ron");
    std::fs::write(&bank, BANK).unwrap();
    let mut engine = Engine::builder(folder.path()).output(Output::Offline).voices(12).build().unwrap();
    let (mut broken, mut most) = (0, 0);
    let mut stretch = [0.0_f32; 960];
    let mut playing = Vec::new();
    for round in 0..600_usize {
        if round % 7 == 0 {
            playing.extend(engine.post(["a", "b", "c"][round % 3], None));
        }
        if let Some(&one) = playing.get(round * 5 % playing.len()) {
            match round % 5 {
                0 => engine.seek(one, Seconds::clamped((round % 40) as f32 * 0.05)),
                1 => engine.pause(one),
                2 => engine.resume(one),
                _ if round % 11 == 0 => engine.stop(one, None),
                _ => {}
            }
        }
        // What is held is late; what is not is waited for.
        engine.hold_streams(round % 300 > 100);
        if round % 250 == 249 {
            std::fs::write(&bank, BANK.replace("gain: -6", &format!("gain: -{}", round % 13))).unwrap();
            let store = engine.project().store.clone();
            let project = Project::load(folder.path(), 48_000, 1, &store, &|_, _| {}).unwrap();
            engine.reload(project);
        }
        engine.update();
        broken += watched(|| assert!(engine.render(&mut stretch)));
        most = most.max(engine.streams());
    }
    assert_eq!(broken, 0, "allocations or frees while the mixer rendered");
    assert!(most >= 12 && engine.starved() > 0, "{most} streams, starved {} times", engine.starved());
}
