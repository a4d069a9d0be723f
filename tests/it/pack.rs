//! A project in one file: the same sound, and parts of it loaded and unloaded as from a folder.

use crate::common::{Studio, run, tone, write_wav};
use std::fs;
use std::path::{Path, PathBuf};
use tonmeister::media::{PackError, Problem, Store};
use tonmeister::reload::{LoadError, PackSettings, PackSummary, Project, pack};
use tonmeister::runtime::{BankState, BuildError, Engine, Output};
use tonmeister::scene::{Player, Scene, render};

fn packed(project: &Path, output: &Path, rate: u32, pcm_below: f32) -> PackSummary {
    let project = Project::load(project, rate, 0, &Store::default(), &|_, _| {}).unwrap();
    let mut steps = Vec::new();
    let mut told = |done, of| steps.push((done, of));
    let summary = pack(&project, rate, output, PackSettings { pcm_below }, &mut told).unwrap();
    let of = steps.len();
    assert_eq!(steps, (1..=of).map(|done| (done, of)).collect::<Vec<_>>());
    summary
}

/// The first seconds of the demo's tour, of the project there.
fn tour(project: &Path, seconds: f32) -> Vec<f32> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/scenes/tour.scene.ron");
    let text = fs::read_to_string(path).unwrap().replace("duration: 42", &format!("duration: {seconds}"));
    let text = text.replace("\"../demo\"", &format!("{:?}", project.display().to_string()));
    let scene = Scene::parse("tour.scene.ron", &text, Path::new("/")).unwrap_or_else(|e| panic!("{e}"));
    let engine = scene.engine().output(Output::Offline).build().unwrap_or_else(|e| panic!("{e}"));
    let mut player = Player::new(scene, engine).unwrap_or_else(|e| panic!("{e}"));
    let mut mix = Vec::new();
    let Ok(()) = render(&mut player, |_, stretch| {
        mix.extend_from_slice(stretch);
        Ok::<(), std::convert::Infallible>(())
    });
    mix
}

#[test]
fn a_render_from_a_pack_is_the_same_to_the_byte_as_from_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo");
    let own = tour(&demo, 12.0);
    assert!(own.iter().any(|sample| sample.abs() > 0.05));
    // All of it ready, all of it as files, and as it is by default.
    for (name, pcm_below) in [("ready", 1e6), ("files", 0.0), ("both", 5.0)] {
        let file = folder.path().join(format!("{name}.tmpack"));
        let summary = packed(&demo, &file, 48_000, pcm_below);
        assert_eq!(summary.banks, 4);
        assert_eq!(summary.bytes, fs::metadata(&file).unwrap().len());
        let (ready, kept) = (summary.pcm > 0, summary.vorbis > 0);
        assert_eq!((ready, kept, summary.wav), (name != "files", name != "ready", 0), "{summary:?}");
        assert!(own == tour(&file, 12.0), "{name}");
    }
}

const STREAMED: &str = r#"Bank(
    sounds: {
        "wind": Clip(file: "forest.ogg", stream: true, start: 1, pitch: 2),
        "drone": Clip(file: "drone.wav", stream: true, looping: true, loop_start: 1, loop_end: 2, crossfade: 0.3),
        "hum": Clip(file: "hum.wav", looping: true, loop_start: 0.3, loop_end: 0.6, crossfade: 0.1),
        "beep": Tone(freq: 700, gain: -20, length: 0.5),
    },
    events: {
        "wind": (play: "wind"), "drone": (play: "drone"), "hum": (play: "hum"), "beep": (play: "beep"),
    },
)"#;

/// All of these, and two loops that are left.
fn streamed(project: &Path) -> Vec<f32> {
    let mut engine = Engine::builder(project).output(Output::Offline).build().unwrap();
    let [_, drone, hum, _] = ["wind", "drone", "hum", "beep"].map(|event| engine.post(event, None).unwrap());
    let mut all = run(&mut engine, 0.9);
    assert_eq!((engine.streams(), engine.voices()), (2, 3));
    engine.break_loop(drone);
    engine.break_loop(hum);
    for (side, more) in all.iter_mut().zip(run(&mut engine, 2.5)) {
        side.extend(more);
    }
    assert_eq!((engine.streams(), engine.starved()), (1, 0), "the wind goes on");
    all.concat()
}

#[test]
fn what_plays_from_the_disk_plays_from_the_pack_and_loops_are_left_alike() {
    let studio = Studio::new(STREAMED);
    let forest = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/amb/forest.ogg");
    fs::copy(forest, studio.path().join("forest.ogg")).unwrap();
    let noise = |seed: u64, frames: usize| tonmeister::dsp::measure::noise(seed, 0.2, frames);
    write_wav(&studio.path().join("drone.wav"), &[&noise(1, 144_000), &noise(2, 144_000)]);
    write_wav(&studio.path().join("hum.wav"), &[&noise(3, 48_000)]);
    let own = streamed(studio.path());
    assert!(own.iter().any(|sample| sample.abs() > 0.05));
    let file = studio.path().join("game.tmpack");
    let summary = packed(studio.path(), &file, 48_000, 1e6);
    // Whatever lies ready, of what is streamed the file is kept.
    assert_eq!((summary.pcm, summary.vorbis, summary.wav), (1, 1, 1));
    for name in ["forest.ogg", "drone.wav", "hum.wav"] {
        fs::remove_file(studio.path().join(name)).unwrap();
    }
    let packed = streamed(&file);
    let first = own.iter().zip(&packed).position(|(a, b)| a.to_bits() != b.to_bits());
    assert_eq!((first, own.len()), (None, packed.len()), "the first frame that differs");
}

/// Two bank files, of a short sound and of one of two seconds.
fn studio() -> (Studio, PathBuf) {
    let studio = Studio::new(r#"Bank(events: {"short": (play: "short.wav")})"#);
    let level =
        r#"Bank(sounds: {"l": Clip(file: "long.wav", looping: true)}, events: {"long": (play: "l")})"#;
    fs::write(studio.path().join("level.bank.ron"), level).unwrap();
    write_wav(&studio.path().join("short.wav"), &[&tone(300.0, 0.25, 4800)]);
    write_wav(&studio.path().join("long.wav"), &[&tone(400.0, 0.25, 96_000)]);
    let file = studio.path().join("game.tmpack");
    let summary = packed(studio.path(), &file, 48_000, 1.0);
    assert_eq!((summary.banks, summary.pcm, summary.vorbis, summary.wav), (2, 1, 0, 1));
    assert_eq!((summary.pcm_bytes, summary.source_bytes > 96_000 * 4), ((4800 + 16) * 4, true));
    (studio, file)
}

#[test]
fn parts_of_a_pack_are_loaded_and_unloaded_like_those_of_a_folder() {
    let (studio, file) = studio();
    // All that is needed is in the pack.
    for name in ["short.wav", "long.wav", "test.bank.ron", "level.bank.ron"] {
        fs::remove_file(studio.path().join(name)).unwrap();
    }
    let mut engine =
        Engine::builder(&file).output(Output::Offline).start_with(["test.bank.ron"]).build().unwrap();
    assert_eq!(engine.sample_memory().loaded, (4800 + 16) * 4);
    engine.load_bank("level.bank.ron").unwrap();
    engine.finish_loading();
    engine.post("long", None);
    engine.post("short", None);
    run(&mut engine, 0.05);
    assert_eq!(engine.voices(), 2);
    assert!(engine.banks().iter().all(|bank| bank.state == BankState::Loaded));
    engine.unload_bank("level.bank.ron").unwrap();
    engine.unload_bank("test.bank.ron").unwrap();
    run(&mut engine, 0.3);
    let memory = engine.sample_memory();
    assert_eq!((memory.loaded, memory.leaving, engine.voices()), (0, 0, 0));

    // A later version of the game's pack goes live under what plays, as a folder would.
    engine.load_bank("level.bank.ron").unwrap();
    engine.finish_loading();
    engine.post("long", None);
    run(&mut engine, 0.1);
    let project = Project::load(&file, 48_000, 0, &Store::default(), &|_, _| {}).unwrap();
    assert_eq!(engine.reload(project), [""; 0]);
    run(&mut engine, 0.1);
    let memory = engine.sample_memory();
    assert_eq!(memory.loaded, (96_000 + 16) * 4);
    assert_eq!(memory.leaving, (96_000 + 16) * 4, "the voice plays what it has");
    assert_eq!(engine.voices(), 1);
}

#[test]
fn a_pack_of_a_project_without_a_languages_file_opens_and_falls_back_as_the_folder_does() {
    let bank = r#"Bank(
        languages: (of: ["en", "de"]),
        events: {"halt": (play: "{language}/halt.wav"), "go": (play: "{language}/go.wav")},
    )"#;
    let studio = Studio::new(bank);
    for language in ["en", "de"] {
        fs::create_dir(studio.path().join(language)).unwrap();
    }
    for (name, hertz) in [("en/halt.wav", 300.0), ("de/halt.wav", 500.0), ("en/go.wav", 700.0)] {
        write_wav(&studio.path().join(name), &[&tone(hertz, 0.25, 4800)]);
    }
    // What is heard of both in German, and what is told.
    let heard = |project: &Path| {
        let mut engine =
            Engine::builder(project).output(Output::Offline).build().unwrap_or_else(|e| panic!("{e}"));
        engine.set_parameter("language", "de").unwrap();
        let mut all = Vec::new();
        for event in ["halt", "go"] {
            engine.post(event, None).unwrap();
            all.extend(run(&mut engine, 0.2).concat());
        }
        (all, engine.project().warnings.to_string())
    };
    let (own, told) = heard(studio.path());
    assert!(
        told.contains("there is no file \"de/go.wav\"") && told.contains("\"en\" is heard instead"),
        "{told}"
    );
    // Ready, and as files.
    for pcm_below in [1e6, 0.0] {
        let file = studio.path().join("game.tmpack");
        packed(studio.path(), &file, 48_000, pcm_below);
        let (packed, as_well) = heard(&file);
        assert!(own == packed, "ready below {pcm_below} s");
        assert!(as_well.contains("\"en\" is heard instead"), "{as_well}");
    }
}

#[test]
fn an_engine_takes_a_packs_rate_and_a_render_at_another_is_refused() {
    let (studio, _) = studio();
    let file = studio.path().join("low.tmpack");
    packed(studio.path(), &file, 44_100, 1.0);
    let engine = Engine::builder(&file).output(Output::Offline).build().unwrap();
    assert_eq!(engine.sample_rate(), 44_100);
    let error = Engine::builder(&file).output(Output::Offline).sample_rate(48_000).build().err().unwrap();
    let BuildError::Project(LoadError::Pack(PackError::Rate { pack: 44_100, engine: 48_000, .. })) = &error
    else {
        panic!("{error}")
    };
    assert!(error.to_string().ends_with("or pack it again with --rate 48000"), "{error}");
    // Without ready samples all is decoded for any rate.
    packed(studio.path(), &file, 44_100, 0.0);
    let engine = Engine::builder(&file).output(Output::Offline).sample_rate(48_000).build().unwrap();
    assert_eq!(engine.sample_rate(), 48_000);
}

#[test]
fn a_damaged_sound_fails_the_bank_that_needs_it() {
    let (_studio, file) = studio();
    let mut bytes = fs::read(&file).unwrap();
    // The long file lies last before the index, and its samples are most of it.
    let at = bytes.len() - 10_000;
    bytes[at] ^= 4;
    fs::remove_file(&file).unwrap();
    fs::write(&file, bytes).unwrap();
    let error = Engine::builder(&file).output(Output::Offline).build().err().unwrap().to_string();
    assert!(
        error.contains("\"long.wav\" can't be played: is damaged in its pack; copy the pack again"),
        "{error}"
    );
    let mut engine =
        Engine::builder(&file).output(Output::Offline).start_with(["test.bank.ron"]).build().unwrap();
    engine.load_bank("level.bank.ron").unwrap();
    engine.finish_loading();
    let state = engine.banks().into_iter().find(|bank| bank.file == "level.bank.ron").unwrap().state;
    assert!(matches!(&state, BankState::Failed(error) if error.problem == Problem::Damaged), "{state:?}");
}
