//! What plays from the disk: the same bytes as from memory, whatever happens to it; and what is heard when the disk is late.

use crate::common::{RATE, Studio, run, stem};
use glam::Vec3;
use std::path::Path;
use tonmeister::director::{Ended, Happened, State};
use tonmeister::dsp::measure;
use tonmeister::prelude::*;
use tonmeister::reload::Project;
use tonmeister::space::Pose;

/// Writes noise in stereo, of 16 bits and any rate.
fn noise(path: &Path, seed: u64, rate: u32, seconds: f64) {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    let noise = measure::noise(seed, 0.2, (seconds * f64::from(rate)) as usize * 2);
    noise.iter().for_each(|x| writer.write_sample((x * 32_767.0) as i16).unwrap());
    writer.finalize().unwrap();
}

/// A studio with two files of noise, and a bank in which `STREAM` says whether they play from the disk.
fn studio(bank: &str, stream: bool) -> Studio {
    let studio = Studio::new(&bank.replace("STREAM", &format!("stream: {stream}")));
    noise(&studio.path().join("own.wav"), 1, RATE, 5.0);
    noise(&studio.path().join("other.wav"), 2, 44_100, 4.0);
    std::fs::copy(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/amb/forest.ogg"),
        studio.path().join("forest.ogg"),
    )
    .unwrap();
    studio
}

/// What `play` makes an engine render, from memory and from the disk; they must be the same.
#[track_caller]
fn same(bank: &str, play: impl Fn(&mut Engine) -> Vec<f32>) -> Vec<f32> {
    let mut heard = [false, true].map(|stream| {
        let studio = studio(bank, stream);
        let mut engine = studio.builder().stems(true).build().unwrap_or_else(|e| panic!("{e}"));
        let out = play(&mut engine);
        assert_eq!(engine.starved(), 0);
        out
    });
    let streamed = std::mem::take(&mut heard[1]);
    let first = heard[0].iter().zip(&streamed).position(|(a, b)| a.to_bits() != b.to_bits());
    assert_eq!(first, None, "the first frame that differs");
    assert!(streamed.iter().filter(|x| x.abs() > 1e-4).count() > 10_000, "something is heard");
    streamed
}

fn master(engine: &mut Engine) -> Vec<f32> {
    stem(&engine.take_stems().unwrap(), "master")
}

#[test]
fn every_clip_sounds_the_same_from_disk_and_from_memory() {
    for (file, clip) in [
        ("own.wav", ""),
        ("own.wav", "pitch: 5.3, fade_in: 0.2, fade_out: 0.7, fade_shape: Smooth"),
        ("own.wav", "looping: true, pitch: 24"),
        ("other.wav", "looping: true"),
        ("other.wav", "pitch: -7.1, interpolation: Fine, start: 0.6, end: 3.1"),
        ("other.wav", "looping: true, loop_start: 0.9, loop_end: 2.2, crossfade: 0.4, pitch: 1.7"),
        ("other.wav", "looping: true, reverse: true, loop_start: 0.3, loop_end: 2.9, crossfade: 0.2"),
        ("own.wav", "looping: true, loop_start: 3.0, loop_end: 3.0004, pitch: -1, interpolation: Cubic"),
        ("forest.ogg", "looping: true, pitch: 12"),
        ("forest.ogg", "start: 1.3, reverse: true"),
    ] {
        let bank = format!(
            r#"Bank(sounds: {{"it": Clip(file: "{file}", STREAM, {clip})}}, events: {{"it": (play: "it", pitch: 0.1)}})"#
        );
        same(&bank, |engine| {
            engine.post("it", None);
            run(engine, 4.5);
            master(engine)
        });
    }
}

const STEMS: &str = r#"Bank(
    sounds: {
        "a": Clip(file: "own.wav", looping: true, STREAM),
        "b": Clip(file: "own.wav", looping: true, pitch: 0, reverse: true, STREAM),
        "c": Clip(file: "other.wav", looping: true, loop_start: 1.5, crossfade: 0.5, STREAM),
    },
    events: {"a": (play: "a"), "b": (play: "b"), "c": (play: "c")},
)"#;

#[test]
fn stems_stay_together_through_pauses_and_leaps() {
    same(STEMS, |engine| {
        let stems = ["a", "b", "c"].map(|stem| engine.post(stem, None).unwrap());
        run(engine, 0.7);
        stems.iter().for_each(|&stem| engine.seek(stem, Seconds::clamped(3.9)));
        run(engine, 0.5);
        stems.iter().for_each(|&stem| engine.pause(stem));
        run(engine, 0.1);
        // Held, a leap is not heard; and it may go on in the same moment.
        stems.iter().for_each(|&stem| engine.seek(stem, Seconds::clamped(1.2)));
        run(engine, 0.1);
        stems.iter().for_each(|&stem| engine.resume(stem));
        run(engine, 0.3);
        stems.iter().for_each(|&stem| engine.pause(stem));
        run(engine, 0.1);
        stems.iter().for_each(|&stem| engine.seek(stem, Seconds::clamped(2.7)));
        stems.iter().for_each(|&stem| engine.resume(stem));
        run(engine, 0.3);
        // Leap upon leap, and one before the beginning is heard.
        for second in 0..8 {
            stems.iter().for_each(|&stem| engine.seek(stem, Seconds::clamped(second as f32 * 0.61)));
            run(engine, 0.02);
        }
        // Another one before the first is heard: with the next block, or in the same.
        for frames in [128, 0, 256, 128] {
            for to in [3.4, 4.4, 1.1] {
                stems.iter().for_each(|&stem| engine.seek(stem, Seconds::clamped(to)));
                run(engine, f64::from(frames) / f64::from(RATE));
            }
            run(engine, 0.02);
        }
        let later = engine.post_at("a", None, engine.now() + 3000).unwrap();
        engine.update();
        engine.seek(later, Seconds::clamped(4.2));
        run(engine, 0.5);
        master(engine)
    });
}

#[test]
fn what_comes_back_into_earshot_is_where_it_would_be() {
    let bank = r#"Bank(
        sounds: {"river": Clip(file: "own.wav", looping: true, STREAM)},
        events: {"river": (play: "river", space: (min: 1, max: 20))},
    )"#;
    same(bank, |engine| {
        engine.set_listener(Some(Pose::ORIGIN));
        let emitter = engine.add_emitter(Vec3::new(2.0, 0.0, 0.0), Decibels::UNITY);
        engine.post("river", Some(emitter));
        run(engine, 0.4);
        engine.move_emitter(emitter, Vec3::new(200.0, 0.0, 0.0));
        run(engine, 2.9);
        assert_eq!((engine.voices(), engine.streams()), (0, 0), "what is not heard is not read");
        engine.move_emitter(emitter, Vec3::new(-2.0, 0.0, 0.0));
        run(engine, 0.6);
        master(engine)
    });
}

#[test]
fn it_starts_at_once_and_plays_its_head_without_the_disk() {
    let bank = r#"Bank(sounds: {"it": Clip(file: "other.wav", STREAM)}, events: {"it": (play: "it")})"#;
    let heard = [false, true].map(|stream| {
        let studio = studio(bank, stream);
        let mut engine = studio.builder().stems(true).build().unwrap();
        engine.hold_streams(true);
        run(&mut engine, 0.1);
        engine.post("it", None);
        run(&mut engine, 1.0);
        (master(&mut engine), engine.starved())
    });
    let [(memory, none), (disk, starved)] = heard;
    // The first block that begins after it was posted has the sound.
    let begin = 4864;
    assert!(memory[begin - 1] == 0.0 && memory[begin..begin + 128].iter().any(|x| x.abs() > 0.01));
    // All of the head but what is kept to fade with.
    assert!(memory[..begin + 23_400] == disk[..begin + 23_400]);
    assert!(disk[begin + 24_000..].iter().all(|&x| x == 0.0), "and then there is nothing");
    assert_eq!((none, starved), (0, 1));
}

#[test]
fn a_late_disk_is_a_short_silence_in_which_time_goes_on() {
    let run_held = |stream: bool| {
        let studio = studio(STEMS, stream);
        let mut engine = studio.builder().stems(true).build().unwrap();
        engine.post("a", None);
        engine.post("c", None);
        run(&mut engine, 1.0);
        engine.hold_streams(true);
        run(&mut engine, 3.0);
        engine.hold_streams(false);
        run(&mut engine, 1.0);
        (master(&mut engine), engine.starved())
    };
    let ((memory, _), (disk, starved)) = (run_held(false), run_held(true));
    assert_eq!(starved, 2, "each of both, once");
    let differs = |n: &usize| memory[*n].to_bits() != disk[*n].to_bits();
    let (first, last) = ((0..memory.len()).find(differs).unwrap(), (0..memory.len()).rfind(differs).unwrap());
    // Two seconds were there, but for the page on which it stood.
    let held = (first - RATE as usize) as f64 / f64::from(RATE);
    assert!((1.8..2.3).contains(&held), "what was read ahead lasts {held} s");
    assert!((4 * RATE as usize..4 * RATE as usize + 1000).contains(&last), "it is back in 20 ms: {last}");
    let silent = disk.iter().skip(first).take_while(|&&x| x != 0.0).count();
    assert!(silent < 20_000, "the first fades, the other follows: {silent}");
    assert!(disk[first + 20_000..4 * RATE as usize - 100].iter().all(|&x| x == 0.0));
    // Of noise no click can be told, but a step would stand out of its neighbours.
    let fades = &disk[first..first + 230];
    assert!(fades.iter().zip(&memory[first..]).all(|(a, b)| a.abs() <= b.abs() + 1e-6), "it only gets less");
}

#[test]
fn a_leap_is_heard_when_it_is_read_and_in_time() {
    let leap = |stream: bool| {
        let studio = studio(STEMS, stream);
        let mut engine = studio.builder().stems(true).build().unwrap();
        let playback = engine.post("a", None).unwrap();
        run(&mut engine, 0.2);
        engine.hold_streams(true);
        engine.seek(playback, Seconds::clamped(3.0));
        run(&mut engine, 0.2);
        let soon = engine.starved();
        run(&mut engine, 0.2);
        let later = engine.starved();
        engine.hold_streams(false);
        run(&mut engine, 0.5);
        (master(&mut engine), soon, later)
    };
    let ((memory, ..), (disk, soon, later)) = (leap(false), leap(true));
    assert_eq!((soon, later), (0, 1), "it is awaited for a quarter of a second");
    assert!(memory[..9600] == disk[..9600]);
    assert!(disk[10_200..28_800].iter().all(|&x| x == 0.0), "nothing is there");
    assert!(memory[29_800..] == disk[29_800..], "20 ms later it is where it would be");
}

#[test]
fn a_loop_that_is_left_at_the_last_moment_fades_in_what_is_there() {
    // The loop ends with a page, and what follows it was not asked for before.
    let bank = r#"Bank(
        buses: {"sfx": ()},
        sounds: {"it": Clip(file: "tone.wav", stream: true, looping: true, loop_end: 2.218667)},
        events: {"it": (play: "it", bus: "sfx")},
    )"#;
    let studio = Studio::new(bank).tone("tone.wav", 100.0, 0.25, 5.0);
    let mut engine = studio.builder().stems(true).build().unwrap();
    let it = engine.post("it", None).unwrap();
    // One block before that.
    run(&mut engine, 2.216);
    engine.hold_streams(true);
    engine.break_loop(it);
    run(&mut engine, 0.5);
    let (out, end) = (stem(&engine.take_stems().unwrap(), "sfx"), 106_496);
    assert_eq!(engine.starved(), 1);
    assert!(out[end - 2000..end - 200].iter().any(|x| x.abs() > 0.15));
    assert!(out[end..].iter().all(|&x| x == 0.0), "nothing is there");
    let step = out.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
    assert!(step < 0.01, "a step of {step}");
}

#[test]
fn what_streams_take_is_bounded() {
    let bank = r#"Bank(
        sounds: {"it": Clip(file: "long.wav", looping: true), "once": Clip(file: "long.wav")},
        events: {
            "it": (play: "it"),
            "once": (play: "once"),
            "line": (play: "once", priority: 90),
            "beep": (play: Tone(freq: 700, length: 0.5)),
        },
    )"#;
    let studio = Studio::new(bank);
    noise(&studio.path().join("long.wav"), 3, 8_000, 61.0);
    let mut engine = studio.builder().sample_rate(8_000).voices(100).build().unwrap();
    assert!(engine.project().store.bytes() < 100_000, "by itself: it is longer than a minute");
    let playbacks: Vec<_> = (0..80).map(|_| engine.post("it", None).unwrap()).collect();
    engine.update();
    assert_eq!(engine.streams(), tonmeister::runtime::MOST_STREAMS);
    assert!(engine.stream_bytes() <= engine.streams() * 1_200_000, "{}", engine.stream_bytes());
    run(&mut engine, 0.1);
    let count = |engine: &Engine, real: bool| {
        let real = |state| matches!(state, State::Real(_)) == real;
        playbacks.iter().filter(|&&id| engine.state(id).is_some_and(real)).count()
    };
    assert_eq!((count(&engine, true), count(&engine, false)), (64, 16), "what is too much sleeps");
    assert_eq!(engine.streams(), 64);
    // A one-shot has no voice, nor takes one from what matters as much; what plays from memory is not concerned.
    let (one, other) = (engine.post("once", None).unwrap(), engine.post("beep", None).unwrap());
    engine.update();
    let ended = engine.take_notices().into_iter().filter(|told| told.playback == one).map(|told| told.what);
    assert_eq!(ended.collect::<Vec<_>>(), [Happened::Ended(Ended::NoVoice)]);
    assert!(matches!(engine.state(other), Some(State::Real(_))));
    // What matters more takes the place of another, and what sleeps comes back when there is room.
    engine.post("line", None).unwrap();
    run(&mut engine, 0.1);
    assert_eq!((count(&engine, true), count(&engine, false), engine.streams()), (63, 17, 64));
    playbacks.iter().take(30).for_each(|&id| engine.stop(id, Some(Seconds::ZERO)));
    run(&mut engine, 0.1);
    assert_eq!((count(&engine, true), count(&engine, false)), (50, 0));
    engine.stop_all(Some(Seconds::ZERO));
    run(&mut engine, 0.1);
    engine.update();
    assert_eq!((engine.streams(), engine.stream_bytes()), (0, 0), "all of it is free again");
}

/// Loads the project as it lies in its folder now, and takes it live.
fn reload(engine: &mut Engine) -> Vec<String> {
    let (root, store) = (engine.project().sources.root.clone(), engine.project().store.clone());
    let project = Project::load(&root, RATE, 0, &store, &|_, _| {}).unwrap_or_else(|error| panic!("{error}"));
    engine.reload(project)
}

#[test]
fn a_file_that_is_replaced_or_cut_otherwise_crossfades_at_the_same_place() {
    same(STEMS, |engine| {
        ["a", "b", "c"].iter().for_each(|stem| assert!(engine.post(stem, None).is_some()));
        run(engine, 2.0);
        let root = engine.project().sources.root.clone();
        noise(&root.join("new.wav"), 9, RATE, 4.5);
        std::fs::rename(root.join("new.wav"), root.join("own.wav")).unwrap();
        let text = std::fs::read_to_string(root.join("test.bank.ron")).unwrap();
        let text = text.replace("loop_start: 1.5, crossfade: 0.5", "loop_start: 1.8, end: 3.5");
        std::fs::write(root.join("test.bank.ron"), text).unwrap();
        assert!(reload(engine).contains(&"own.wav replaced".to_owned()));
        run(engine, 3.0);
        master(engine)
    });
}

#[test]
fn a_loop_in_memory_goes_over_into_one_from_the_disk_where_it_is() {
    let [memory, disk] = [false, true].map(|stream| {
        let studio = studio(STEMS, false);
        let mut engine = studio.builder().stems(true).build().unwrap();
        ["a", "c"].iter().for_each(|stem| assert!(engine.post(stem, None).is_some()));
        // In the second lap.
        run(&mut engine, 8.6);
        noise(&studio.path().join("own.wav"), 9, RATE, 5.0);
        noise(&studio.path().join("other.wav"), 8, 44_100, 4.0);
        studio.save(&STEMS.replace("STREAM", &format!("stream: {stream}")));
        assert!(reload(&mut engine).contains(&"own.wav replaced".to_owned()));
        run(&mut engine, 1.0);
        assert_eq!((engine.streams(), engine.starved()), (if stream { 2 } else { 0 }, 0));
        master(&mut engine)
    });
    let first = memory.iter().zip(&disk).position(|(a, b)| a.to_bits() != b.to_bits());
    assert_eq!(first, None, "the first frame that differs");
}

#[test]
fn a_file_that_is_replaced_while_the_old_bank_stays_is_heard_as_it_was() {
    let studio = studio(STEMS, true);
    let play = |engine: &mut Engine| {
        let playback = engine.post("a", None).unwrap();
        let heard = run(engine, 2.0).concat();
        engine.stop(playback, Some(Seconds::ZERO));
        // Whole blocks.
        run(engine, 0.16);
        assert_eq!(engine.streams(), 0);
        heard
    };
    let mut engine = studio.engine();
    let before = play(&mut engine);
    noise(&studio.path().join("new.wav"), 9, RATE, 5.0);
    std::fs::rename(studio.path().join("new.wav"), studio.path().join("own.wav")).unwrap();
    studio.save("Bank(events: {");
    let store = engine.project().store.clone();
    assert!(Project::load(studio.path(), RATE, 0, &store, &|_, _| {}).is_err(), "the save is refused");
    let after = play(&mut engine);
    assert!(before.iter().any(|x| x.abs() > 0.05) && before == after);
}

#[test]
fn streaming_may_be_switched_while_it_plays() {
    let [on, off] = [true, false].map(|first| {
        let studio = studio(STEMS, first);
        let mut engine = studio.builder().stems(true).build().unwrap();
        engine.post("a", None);
        run(&mut engine, 1.0);
        studio.save(&STEMS.replace("STREAM", &format!("stream: {}", !first)));
        assert!(!reload(&mut engine).is_empty(), "it is told");
        // What plays goes on as it is; what starts now plays the other way.
        run(&mut engine, 1.0);
        assert_eq!(engine.streams(), usize::from(first));
        engine.post("b", None);
        run(&mut engine, 1.0);
        assert_eq!((engine.streams(), engine.starved()), (1, 0));
        master(&mut engine)
    });
    assert!(on == off, "and nothing of it is heard");
}

#[test]
fn a_loop_that_is_left_plays_out_the_same_from_the_disk() {
    for (file, clip, at) in [
        ("own.wav", "", 2.0),
        ("own.wav", "loop_end: 2.2", 1.5),
        ("own.wav", "loop_end: 2.2, pitch: 3.3", 3.1),
        ("other.wav", "loop_start: 0.9, loop_end: 2.2, crossfade: 0.4", 1.0),
        // Within the crossfade, so it takes a lap more; and just before it.
        ("other.wav", "loop_start: 0.9, loop_end: 2.2, crossfade: 0.4", 1.9),
        ("other.wav", "loop_start: 0.9, loop_end: 2.2, crossfade: 0.4, pitch: 1.7", 1.63),
        ("other.wav", "reverse: true, loop_start: 1.8, loop_end: 3.1, crossfade: 0.5", 0.7),
    ] {
        let bank = format!(
            r#"Bank(sounds: {{"it": Clip(file: "{file}", looping: true, STREAM, {clip})}}, events: {{"it": (play: "it")}})"#
        );
        same(&bank, |engine| {
            let it = engine.post("it", None).unwrap();
            run(engine, at);
            engine.break_loop(it);
            run(engine, 7.0);
            assert_eq!((engine.voices(), engine.streams()), (0, 0), "{bank}");
            master(engine)
        });
    }
}
