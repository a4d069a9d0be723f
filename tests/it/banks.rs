//! Banks in parts: whose sounds are in memory, and what becomes of those who ask for the others.

use crate::common::{RATE, Studio, near, run, tone, write_wav};
use bevy_ecs::message::Messages;
use bevy_ecs::prelude::*;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tonmeister::director::{Ended, Happened, State};
use tonmeister::dsp::measure;
use tonmeister::ecs::{BankChanged, Emitter, Listener, PlaybackEnded, Tonmeister};
use tonmeister::reload::Reload;
use tonmeister::runtime::{BankChange, BankError, BankState, BankStatus, BuildError, Engine};

/// What a second of mono takes in memory, with the frames before and after it.
const SECOND: usize = (48_000 + 16) * 4;

const CORE: &str = r#"Bank(
    buses: {"sfx": ()},
    sounds: {"shared": Clip(file: "shared.wav")},
    events: {"step": (play: "step.wav", bus: "sfx"), "core/shared": (play: "shared")},
)"#;
/// Plays a file of its own for ever, and what two others have as well.
const FOREST: &str = r#"Bank(
    sounds: {"wind": Clip(file: "forest/wind.wav", looping: true)},
    events: {
        "wind": (play: "wind", bus: "sfx", fade_out: FADE),
        "forest/shared": (play: "shared"),
        "owl": (play: "forest/owl.wav"),
    },
)"#;
const CAVE: &str = r#"Bank(events: {"drip": (play: "shared"), "cave": (play: "cave.wav")})"#;

/// A project of three bank files, each file a second long.
fn studio(fade: &str) -> Studio {
    let studio = Studio::new(CORE);
    fs::rename(studio.path().join("test.bank.ron"), studio.path().join("core.bank.ron")).unwrap();
    fs::create_dir_all(studio.path().join("levels")).unwrap();
    fs::create_dir_all(studio.path().join("forest")).unwrap();
    fs::write(studio.path().join("levels/forest.bank.ron"), FOREST.replace("FADE", fade)).unwrap();
    fs::write(studio.path().join("levels/cave.bank.ron"), CAVE).unwrap();
    let files = ["step.wav", "shared.wav", "forest/wind.wav", "forest/owl.wav", "cave.wav"];
    for (index, file) in files.into_iter().enumerate() {
        write_wav(&studio.path().join(file), &[&tone(200.0 + 100.0 * index as f64, 0.25, RATE as usize)]);
    }
    studio
}

fn with_core(studio: &Studio) -> Engine {
    studio.builder().start_with(["core.bank.ron"]).build().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn what_is_computed_is_there_whatever_is_loaded() {
    let studio = studio("0");
    let beep = r#"Bank(events: {"beep": (play: Tone(freq: 700, length: 0.1))})"#;
    fs::write(studio.path().join("levels/beep.bank.ron"), beep).unwrap();
    let mut engine = with_core(&studio);
    engine.load_bank("levels/beep.bank.ron").unwrap();
    engine.unload_bank("levels/beep.bank.ron").unwrap();
    engine.post("beep", None).unwrap();
    assert!(run(&mut engine, 0.1)[0].iter().any(|x| x.abs() > 0.01));
    // A second each of what the core plays, and the tone.
    assert_eq!(engine.sample_memory().loaded, 2 * SECOND + (4800 + 16) * 4);
}

#[test]
fn changes_that_nobody_takes_are_bounded() {
    let studio = Studio::new(r#"Bank(events: {"beep": (play: Tone(freq: 700, length: 0.1))})"#);
    let mut engine = studio.engine();
    for _ in 0..2000 {
        engine.unload_bank("test.bank.ron").unwrap();
        engine.load_bank("test.bank.ron").unwrap();
    }
    let changes = engine.take_bank_changes();
    assert!((500..=1024).contains(&changes.len()), "{} kept", changes.len());
    assert_eq!(changes.last().unwrap().state, BankState::Loaded);
    assert!(engine.take_bank_changes().is_empty());
}

#[track_caller]
fn bank(engine: &Engine, file: &str) -> BankStatus {
    engine.banks().into_iter().find(|bank| bank.file == file).expect("a bank of that name")
}

/// Updates an engine until a bank is in that state.
#[track_caller]
fn wait_for(engine: &mut Engine, file: &str, state: &BankState) {
    let begin = Instant::now();
    while engine.bank_state(file).as_ref() != Some(state) {
        assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", bank(engine, file));
        std::thread::sleep(Duration::from_millis(1));
        engine.update();
    }
}

fn reasons(engine: &mut Engine) -> Vec<Ended> {
    let why = |what| if let Happened::Ended(why) = what { Some(why) } else { None };
    engine.take_notices().into_iter().filter_map(|notice| why(notice.what)).collect()
}

#[test]
fn what_is_not_loaded_ends_with_that_reason_and_plays_once_a_worker_has_loaded_it() {
    let studio = studio("0.05");
    let mut engine = with_core(&studio);
    engine.post("owl", None).expect("the event is known all the same");
    engine.post("step", None);
    let [left, _] = run(&mut engine, 0.1);
    assert_eq!(reasons(&mut engine), [Ended::NotLoaded]);
    assert!(measure::rms_db(&left) > -20.0, "and what is loaded plays");

    engine.load_bank("levels/forest.bank.ron").unwrap();
    // The worker may be done by now, but nothing is taken over between two frames: one of three was there before.
    let BankState::Loading { done, of: 3 } = bank(&engine, "levels/forest.bank.ron").state else {
        panic!("{:?}", bank(&engine, "levels/forest.bank.ron"))
    };
    assert!((1..=3).contains(&done), "{done}");
    assert_eq!(engine.take_bank_changes(), []);
    wait_for(&mut engine, "levels/forest.bank.ron", &BankState::Loaded);
    let file = "levels/forest.bank.ron".to_owned();
    assert_eq!(engine.take_bank_changes(), [BankChange { file, state: BankState::Loaded }]);
    run(&mut engine, 1.1);
    reasons(&mut engine);
    let owl = engine.post("owl", None).unwrap();
    let [left, _] = run(&mut engine, 0.5);
    near(f64::from(measure::rms_db(&left[4800..])), -18.06, 0.1, "the owl, on both sides at -3 dB");
    assert!(matches!(engine.state(owl), Some(State::Real(_))));
}

#[test]
fn two_loads_need_two_unloads_and_one_more_is_an_error() {
    let studio = studio("0.05");
    let mut engine = with_core(&studio);
    let cave = "levels/cave.bank.ron";
    for _ in 0..2 {
        engine.load_bank(cave).unwrap();
    }
    engine.finish_loading();
    for (references, state) in [(1, BankState::Loaded), (0, BankState::Unloaded)] {
        engine.unload_bank(cave).unwrap();
        assert_eq!((bank(&engine, cave).references, bank(&engine, cave).state), (references, state));
    }
    let error = engine.unload_bank(cave).unwrap_err();
    assert_eq!(error, BankError::NotLoaded(cave.to_owned()));
    assert_eq!(engine.bank_state("levels/forrest.bank.ron"), None);
    let error = engine.load_bank("levels/forrest.bank.ron").unwrap_err().to_string();
    assert!(error.contains("did you mean \"levels/forest.bank.ron\"?"), "{error}");
    // What the start loaded counts once.
    engine.unload_bank("core.bank.ron").unwrap();
    assert_eq!(engine.sample_memory().loaded, 0);
    let error = studio.builder().start_with(["cor.bank.ron"]).build().err().expect("no such file");
    assert!(matches!(&error, BuildError::Bank(BankError::Unknown { near: Some(_), .. })), "{error}");
}

#[test]
fn shared_sounds_are_in_memory_once_and_stay_with_the_last_that_needs_them() {
    let studio = studio("0.05");
    let mut engine = studio.engine();
    let sizes = |engine: &Engine| -> Vec<(usize, usize)> {
        let banks = engine.banks().into_iter();
        banks.map(|bank| (bank.own_bytes / SECOND, bank.shared_bytes / SECOND)).collect()
    };
    // Sorted by path: core, cave, forest.
    assert_eq!(
        engine.banks().iter().map(|bank| bank.file.as_str()).collect::<Vec<_>>(),
        ["core.bank.ron", "levels/cave.bank.ron", "levels/forest.bank.ron"]
    );
    assert_eq!(sizes(&engine), [(1, 1), (1, 1), (2, 1)]);
    assert_eq!(engine.sample_memory().loaded, 5 * SECOND);
    engine.unload_bank("core.bank.ron").unwrap();
    assert_eq!(sizes(&engine), [(0, 0), (1, 1), (2, 1)]);
    assert_eq!(engine.sample_memory().loaded, 4 * SECOND);
    engine.unload_bank("levels/forest.bank.ron").unwrap();
    assert_eq!(sizes(&engine), [(0, 0), (2, 0), (0, 0)]);
    assert_eq!(engine.sample_memory().loaded, 2 * SECOND);
    // The cave plays what the core defines, and the core's own event finds it there, too.
    engine.post("drip", None);
    engine.post("core/shared", None);
    engine.post("step", None);
    run(&mut engine, 0.1);
    assert_eq!((reasons(&mut engine), engine.voices()), (vec![Ended::NotLoaded], 2));
}

#[test]
fn unloading_what_plays_fades_it_out_without_a_click_and_frees_its_memory() {
    // A fade that is written, and none: what is unloaded never ends at once.
    for (fade, seconds) in [("0.2", 0.2), ("0", 0.01)] {
        let studio = studio(fade);
        let mut engine = studio.engine();
        engine.post("wind", None).unwrap();
        let mut left = run(&mut engine, 0.5)[0].clone();
        let steepest = left.windows(2).skip(4800).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        let wind = engine.project().store.iter().find(|(request, _)| request.file.ends_with("wind.wav"));
        let wind = Arc::downgrade(wind.unwrap().1);

        engine.unload_bank("levels/forest.bank.ron").unwrap();
        let memory = engine.sample_memory();
        assert_eq!((memory.loaded, memory.leaving), (3 * SECOND, 2 * SECOND), "nobody has given it back yet");
        left.extend(&run(&mut engine, seconds * 0.5)[0]);
        assert_eq!(engine.voices(), 1, "it is still fading");
        assert!(engine.sample_memory().leaving >= SECOND && wind.strong_count() > 0);
        left.extend(&run(&mut engine, seconds * 0.5 + 0.1)[0]);
        assert_eq!((engine.voices(), reasons(&mut engine)), (0, vec![Ended::Unloaded]));
        assert_eq!(engine.sample_memory().leaving, 0);
        assert_eq!(wind.strong_count(), 0, "the memory is free");

        assert_eq!(measure::find_clicks(&left[480..], RATE), [], "a fade of {seconds} s");
        let steps = left.windows(2).skip(24_000).map(|pair| (pair[1] - pair[0]).abs());
        assert!(steps.fold(0.0, f32::max) < steepest * 1.2, "no step is much steeper than the tone's own");
        let end = 24_000 + (seconds * 48_000.0) as usize + 480 + 240;
        assert!(left[end..].iter().all(|&sample| sample == 0.0), "silent after its fade");
    }
}

#[test]
fn what_is_virtual_or_still_to_come_when_its_bank_goes_is_told_why() {
    let studio = studio("0.05");
    let mut engine = studio.builder().voices(1).build().unwrap();
    engine.post("wind", None).unwrap();
    // Nothing is heard of a second loop for want of a voice: its time goes on without one.
    let second = engine.post("wind", None).unwrap();
    let later = engine.post_at("owl", None, 48_000).unwrap();
    run(&mut engine, 0.1);
    assert_eq!(engine.state(second), Some(State::Virtual));
    engine.unload_bank("levels/forest.bank.ron").unwrap();
    run(&mut engine, 0.2);
    assert_eq!(reasons(&mut engine), [Ended::Unloaded; 2]);
    run(&mut engine, 0.8);
    let told = engine.take_notices();
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].playback, &told[0].what), (later, &Happened::Ended(Ended::NotLoaded)));
}

#[test]
fn loaded_again_while_it_fades_out_it_can_be_posted_again() {
    let studio = studio("0.3");
    let mut engine = studio.engine();
    engine.post("wind", None).unwrap();
    run(&mut engine, 0.2);
    engine.unload_bank("levels/forest.bank.ron").unwrap();
    run(&mut engine, 0.1);
    engine.load_bank("levels/forest.bank.ron").unwrap();
    engine.finish_loading();
    let again = engine.post("wind", None).unwrap();
    let [left, _] = run(&mut engine, 0.5);
    assert_eq!(reasons(&mut engine), [Ended::Unloaded]);
    assert!(matches!(engine.state(again), Some(State::Real(_))));
    assert_eq!(measure::find_clicks(&left[480..], RATE), []);
    let memory = engine.sample_memory();
    assert_eq!((memory.loaded, memory.leaving), (5 * SECOND, 0));
}

#[test]
fn a_reload_keeps_unloaded_what_is_unloaded_and_loads_what_loaded_files_need_since() {
    let studio = studio("0.05");
    let mut engine = with_core(&studio);
    engine.post("core/shared", None);
    run(&mut engine, 0.1);
    let core = CORE.replace(r#""sfx": ()"#, r#""sfx": (gain: -6)"#);
    fs::write(studio.path().join("core.bank.ron"), &core).unwrap();
    // A tool that loads all of it hands over more than is wanted.
    let project = studio.load(&engine.project().store);
    assert_eq!(engine.reload(project), ["bus sfx: gain 0.0 → -6 dB"]);
    assert_eq!(engine.sample_memory().loaded, 2 * SECOND);
    assert_eq!(bank(&engine, "levels/forest.bank.ron").state, BankState::Unloaded);
    engine.post("wind", None);
    run(&mut engine, 0.1);
    assert_eq!(reasons(&mut engine), [Ended::NotLoaded]);

    // Now the core plays a file of the forest's folder, too.
    let more = core.replace(r#""step": "#, r#""owl2": (play: "forest/owl.wav"), "step": "#);
    fs::write(studio.path().join("core.bank.ron"), more).unwrap();
    let project = studio.load(&engine.project().store);
    engine.reload(project);
    assert_eq!(engine.sample_memory().loaded, 3 * SECOND);
    assert_eq!(bank(&engine, "core.bank.ron").state, BankState::Loaded);
    assert_eq!(engine.voices(), 1, "and what played all the time plays on");
}

#[test]
fn saves_that_are_watched_go_by_what_is_loaded_when_they_come() {
    let studio = studio("0.05");
    let mut engine = studio.builder().watch(true).start_with(["core.bank.ron"]).build().unwrap();
    let save = |engine: &mut Engine, gain: i32| {
        let core = CORE.replace(r#""sfx": ()"#, &format!(r#""sfx": (gain: {gain})"#));
        fs::write(studio.path().join("core.bank.ron"), core).unwrap();
        let begin = Instant::now();
        while engine.take_reloads().is_empty() {
            assert!(begin.elapsed() < Duration::from_secs(10), "the save was never noticed");
            std::thread::sleep(Duration::from_millis(2));
            engine.update();
        }
    };
    save(&mut engine, -3);
    assert_eq!(engine.sample_memory().loaded, 2 * SECOND);
    engine.load_bank("levels/cave.bank.ron").unwrap();
    // Whether the worker or the save comes first.
    save(&mut engine, -6);
    wait_for(&mut engine, "levels/cave.bank.ron", &BankState::Loaded);
    assert_eq!(engine.sample_memory().loaded, 3 * SECOND);
    engine.unload_bank("levels/cave.bank.ron").unwrap();
    let cave = engine.project().store.iter().find(|(request, _)| request.file.ends_with("cave.wav"));
    assert!(cave.is_none());
    run(&mut engine, 0.1);
    assert_eq!(engine.sample_memory().leaving, 0, "nor does the watcher hold anything");
    save(&mut engine, -9);
    assert_eq!(engine.sample_memory().loaded, 2 * SECOND);
    let _: Vec<Reload> = engine.take_reloads();
}

#[test]
fn a_file_that_broke_since_the_start_fails_its_bank_and_nothing_else() {
    let studio = studio("0.05");
    let mut engine = with_core(&studio);
    let owl = fs::read(studio.path().join("forest/owl.wav")).unwrap();
    fs::write(studio.path().join("forest/owl.wav"), "no sound").unwrap();
    engine.load_bank("levels/forest.bank.ron").unwrap();
    engine.finish_loading();
    let BankState::Failed(error) = bank(&engine, "levels/forest.bank.ron").state else { panic!("it loaded") };
    assert!(error.to_string().contains("owl.wav: is no known sound format"), "{error}");
    assert_eq!(engine.take_bank_changes().len(), 1);
    assert_eq!(engine.sample_memory().loaded, 2 * SECOND, "half a bank is none");
    // Mended, it is tried again.
    fs::write(studio.path().join("forest/owl.wav"), owl).unwrap();
    engine.unload_bank("levels/forest.bank.ron").unwrap();
    engine.load_bank("levels/forest.bank.ron").unwrap();
    engine.finish_loading();
    assert_eq!(bank(&engine, "levels/forest.bank.ron").state, BankState::Loaded);

    // A file that is missing is told at the start, loaded or not.
    fs::remove_file(studio.path().join("cave.wav")).unwrap();
    let error = studio.builder().start_with(["core.bank.ron"]).build().err().expect("a file is missing");
    assert!(error.to_string().contains("there is no file \"cave.wav\""), "{error}");
}

#[test]
fn loads_and_unloads_change_no_byte_of_what_else_plays() {
    let studio = studio("0.05");
    let play = |engine: &mut Engine| {
        engine.post("core/shared", None);
        let mut left = run(engine, 0.2)[0].clone();
        left.extend(&run(engine, 0.3)[0]);
        left
    };
    let plain = play(&mut with_core(&studio));
    let mut engine = with_core(&studio);
    engine.post("core/shared", None);
    let mut left = run(&mut engine, 0.1)[0].clone();
    engine.load_bank("levels/forest.bank.ron").unwrap();
    engine.finish_loading();
    left.extend(&run(&mut engine, 0.1)[0]);
    engine.unload_bank("levels/forest.bank.ron").unwrap();
    left.extend(&run(&mut engine, 0.3)[0]);
    assert!(plain == left);
}

#[test]
fn an_emitter_sounds_when_its_bank_comes_falls_silent_when_it_goes_and_a_world_is_told_of_both() {
    let studio = studio("0.05");
    let (mut world, mut schedule) = (World::new(), Schedule::default());
    tonmeister::ecs::install(&mut world, &mut schedule, with_core(&studio));
    world.spawn(Listener::default());
    world.spawn(Emitter::new("wind"));
    let (mut ended, mut banks) = (Vec::new(), Vec::new());
    // Frames of 10 ms until a bank has changed, and 20 more; the level of the last ten.
    let mut frames = |world: &mut World, change: usize| {
        let begin = Instant::now();
        let (mut left, mut heard) = (20, Vec::new());
        while left > 0 {
            schedule.run(world);
            ended.extend(world.resource_mut::<Messages<PlaybackEnded>>().drain().map(|end| end.why));
            banks.extend(world.resource_mut::<Messages<BankChanged>>().drain());
            let mut stretch = [0.0; 960];
            world.resource_mut::<Tonmeister>().engine().render(&mut stretch);
            if banks.len() < change {
                assert!(begin.elapsed() < Duration::from_secs(10), "no bank came");
                std::thread::sleep(Duration::from_millis(1));
                continue;
            }
            heard.extend(stretch);
            left -= 1;
        }
        measure::rms_db(&heard[heard.len() / 2..])
    };
    assert!(frames(&mut world, 0) < -100.0);
    for change in [1, 3] {
        world.resource_mut::<Tonmeister>().engine().load_bank("levels/forest.bank.ron").unwrap();
        let level = frames(&mut world, change);
        assert!(level > -20.0, "it sounds at {level} dB");
        world.resource_mut::<Tonmeister>().engine().unload_bank("levels/forest.bank.ron").unwrap();
        assert!(frames(&mut world, change + 1) < -100.0);
    }
    // Asked for once at the start and once after each end, and never between.
    assert_eq!(
        ended,
        [Ended::NotLoaded, Ended::Unloaded, Ended::NotLoaded, Ended::Unloaded, Ended::NotLoaded]
    );
    let states: Vec<_> = banks.iter().map(|bank| (bank.file.as_str(), &bank.state)).collect();
    let file = "levels/forest.bank.ron";
    let (came, went) = ((file, &BankState::Loaded), (file, &BankState::Unloaded));
    assert_eq!(states, [came, went, came, went]);
}

const LIVELY: &str = r#"Bank(
    sounds: {
        "chain": Sequence(of: ["forest/wind.wav", "forest/owl.wav"], mode: Continuous, loops: 0),
        "birds": Scatter(of: ["forest/owl.wav"], every: 0.05, max: 3),
        "score": Music(segments: {"a": (play: "cave.wav", tempo: 240)}, parts: {"a": "a"}),
        "half": Sequence(of: ["shared", "forest/owl.wav"], mode: Continuous),
    },
    events: {
        "chain": (play: "chain"), "birds": (play: "birds"), "score": (play: "score"), "half": (play: "half"),
    },
)"#;
const CALLS: &str = r#"Bank(
    sounds: {"beep": Tone(freq: 500)},
    events: {"call": (actions: [Post("owl", delay: 0.1)]), "beep": (play: "beep")},
)"#;

#[test]
fn what_plays_one_after_another_and_music_end_when_their_bank_goes() {
    let studio = studio("0.05");
    fs::write(studio.path().join("lively.bank.ron"), LIVELY).unwrap();
    let mut engine = with_core(&studio);
    let lively = ["chain", "birds", "score"];
    let post = |engine: &mut Engine| lively.map(|event| engine.post(event, None).unwrap());
    post(&mut engine);
    run(&mut engine, 0.2);
    assert_eq!(reasons(&mut engine), [Ended::NotLoaded; 3]);
    // Of one that can begin, what is there plays to its end.
    let half = engine.post("half", None).unwrap();
    run(&mut engine, 0.95);
    assert!(matches!(engine.state(half), Some(State::Real(_))), "{:?}", reasons(&mut engine));
    run(&mut engine, 0.2);
    assert_eq!((engine.state(half), reasons(&mut engine)), (None, vec![Ended::Finished]));

    engine.load_bank("lively.bank.ron").unwrap();
    engine.finish_loading();
    post(&mut engine);
    run(&mut engine, 2.5);
    assert_eq!(reasons(&mut engine), []);
    assert!(engine.voices() >= 4, "{}", engine.voices());
    engine.unload_bank("lively.bank.ron").unwrap();
    run(&mut engine, 0.2);
    assert_eq!(reasons(&mut engine), [Ended::Unloaded; 3]);
    run(&mut engine, 1.5);
    assert_eq!((engine.voices(), reasons(&mut engine)), (0, vec![]), "and nothing more comes");
}

#[test]
fn a_file_needs_what_its_events_post_and_computes_what_is_in_no_file() {
    let studio = studio("0.05");
    fs::write(studio.path().join("calls.bank.ron"), CALLS).unwrap();
    let mut engine = with_core(&studio);
    engine.post("beep", None).unwrap();
    let [left, _] = run(&mut engine, 0.1);
    assert!(measure::rms_db(&left) > -25.0, "what is computed needs no file");
    engine.stop_all(None);
    run(&mut engine, 0.2);
    reasons(&mut engine);
    engine.load_bank("calls.bank.ron").unwrap();
    engine.finish_loading();
    assert_eq!(bank(&engine, "calls.bank.ron").own_bytes, SECOND, "the owl");
    engine.post("call", None).unwrap();
    let [left, _] = run(&mut engine, 0.5);
    near(f64::from(measure::rms_db(&left[9600..])), -18.06, 0.1, "the owl");
}
