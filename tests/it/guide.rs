//! What the designer's guide shows is true: its files make one project, step by step, are laid out as `fmt` lays them out,
//! and its scenes are heard.

use crate::common::{RATE, level, near, stem};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;
use tonmeister::bank::{Source, Sources, compile, format};
use tonmeister::runtime::{Output, Stems};
use tonmeister::scene::{Player, Scene, render};

/// A file of the guide.
struct Piece {
    /// The step it belongs to.
    step: &'static str,
    name: &'static str,
    text: &'static str,
}

/// The files in the guide's order: each is named by its first line.
fn pieces() -> Vec<Piece> {
    let mut pieces = Vec::new();
    for chapter in tonmeister::guide::TEXT.split("\n# ") {
        let step = chapter.lines().next().unwrap();
        for rest in chapter.split("```ron\n").skip(1) {
            let text = &rest[..rest.find("```").unwrap()];
            let name = text.lines().next().and_then(|line| line.strip_prefix("// "));
            pieces.push(Piece { step, name: name.unwrap_or_else(|| panic!("{step}: no name")), text });
        }
    }
    pieces
}

/// The guide's project, as it is when all has been written so far as the scene of that name.
struct Camp(TempDir);

impl Camp {
    fn until(scene: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo");
        for sub in ["amb", "music", "sfx", "voice"] {
            fs::create_dir(folder.path().join(sub)).unwrap();
            for file in fs::read_dir(demo.join(sub)).unwrap().map(|file| file.unwrap()) {
                fs::copy(file.path(), folder.path().join(sub).join(file.file_name())).unwrap();
            }
        }
        for piece in pieces() {
            fs::write(folder.path().join(piece.name), piece.text).unwrap();
            if piece.name == scene {
                return Self(folder);
            }
        }
        panic!("the guide has no {scene}");
    }

    /// Writes something else into a file.
    fn change(&self, name: &str, from: &str, to: &str) {
        let path = self.0.path().join(name);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{from} in {name}");
        fs::write(path, text.replace(from, to)).unwrap();
    }

    /// Renders a scene: the mix's left side, and the stems.
    fn hear(&self, scene: &str) -> (Vec<f32>, Stems) {
        let scene = Scene::load(&self.0.path().join(scene)).unwrap_or_else(|error| panic!("{error}"));
        let engine = scene.engine().output(Output::Offline).stems(true).build();
        let engine = engine.unwrap_or_else(|error| panic!("{error}"));
        let mut player = Player::new(scene, engine).unwrap_or_else(|error| panic!("{error}"));
        let mut left = Vec::new();
        let sink = |_: &mut Player, stretch: &[f32]| {
            left.extend(stretch.iter().step_by(2));
            Ok::<(), std::convert::Infallible>(())
        };
        let Ok(()) = render(&mut player, sink);
        (left, player.engine().take_stems().unwrap())
    }
}

fn second(at: f64) -> usize {
    (at * f64::from(RATE)) as usize
}

#[test]
fn the_guides_banks_make_one_project_step_by_step() {
    let mut project = BTreeMap::new();
    let mut steps = Vec::new();
    for piece in pieces() {
        if !piece.name.ends_with(".bank.ron") {
            assert!(piece.name.ends_with(".scene.ron"), "{}", piece.name);
            continue;
        }
        project.insert(piece.name, piece.text);
        let checked = compile(&Sources::from_texts(project.clone()));
        // A bus may wait for a later step.
        let mut findings = checked.diagnostics.iter().filter(|found| found.code != "unused-bus");
        assert!(findings.next().is_none(), "{}:\n{}", piece.step, checked.diagnostics);
        steps.push(piece.step);
    }
    let numbers: Vec<_> = steps.iter().map(|step| step.split('.').next().unwrap()).collect();
    assert_eq!(numbers, ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
}

#[test]
fn the_guides_files_are_laid_out_as_fmt_does() {
    for piece in pieces() {
        let laid_out = format(&Source::new(piece.name, piece.text)).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(laid_out, piece.text, "{}", piece.name);
    }
}

#[test]
fn every_scene_of_the_guide_is_heard() {
    let scenes: Vec<_> = pieces().into_iter().filter(|piece| piece.name.ends_with(".scene.ron")).collect();
    assert_eq!(scenes.len(), 10);
    for scene in scenes {
        let (mix, _) = Camp::until(scene.name).hear(scene.name);
        let loudest = (0..mix.len() / 4800)
            .map(|tenth| level(&mix, tenth * 4800..(tenth + 1) * 4800))
            .fold(f64::MIN, f64::max);
        assert!((-40.0..-6.0).contains(&loudest), "{}: {loudest} dB at the loudest", scene.name);
    }
}

/// The level of a stem between two times.
fn stem_level(stems: &Stems, bus: &str, from: f64, to: f64) -> f64 {
    level(&stem(stems, bus), second(from)..second(to))
}

#[test]
fn the_narrator_turns_the_music_down_as_the_guide_says() {
    let camp = Camp::until("voice.scene.ron");
    let (_, ducked) = camp.hear("voice.scene.ron");
    camp.change("voice.bank.ron", "{\"music\": (depth: 9)", "{\"music\": (depth: 0)");
    let (_, plain) = camp.hear("voice.scene.ron");
    let depth = |from, to| stem_level(&ducked, "music", from, to) - stem_level(&plain, "music", from, to);
    near(depth(0.5, 2.4), 0.0, 0.01, "before the narrator");
    near(depth(3.5, 4.5), -9.0, 0.05, "while the narrator speaks");
    near(depth(9.0, 10.0), 0.0, 0.05, "afterwards");
    // With the key there, the harp breathes: without, it is louder.
    camp.change("voice.bank.ron", ", key: \"music/drum\"", ", bypass: true");
    let (_, open) = camp.hear("voice.scene.ron");
    let breath = stem_level(&plain, "music/pluck", 0.5, 6.0) - stem_level(&open, "music/pluck", 0.5, 6.0);
    assert!((-12.0..-1.0).contains(&breath), "the drum takes {breath} dB of the harp");
}

/// From where on two signals differ, in seconds.
fn parting(one: &[f32], other: &[f32]) -> f64 {
    let at = one.iter().zip(other).position(|(one, other)| one != other);
    at.map_or(f64::INFINITY, |frame| frame as f64 / f64::from(RATE))
}

#[test]
fn the_score_goes_over_at_the_times_that_the_guide_tells() {
    let camp = Camp::until("score.scene.ron");
    let music = |camp: &Camp| stem(&camp.hear("score.scene.ron").1, "music");
    let whole = music(&camp);
    camp.change("score.scene.ron", "(parameter: \"mood\", to: \"calm\", at: 11)", "");
    let fight = music(&camp);
    camp.change("score.scene.ron", "(parameter: \"mood\", to: \"fight\", at: 5),", "");
    let calm = music(&camp);
    near(parting(&fight, &calm), 5.25, 0.005, "the drum comes in on the next beat");
    near(parting(&whole, &fight), 12.0, 0.005, "the calm waits for the bar");
}

#[test]
fn a_pause_leaves_no_trace_as_the_guide_says() {
    let camp = Camp::until("pause.scene.ron");
    let (_, paused) = camp.hear("pause.scene.ron");
    camp.change("pause.scene.ron", "(snapshot: \"paused\", at: 3), ", "");
    let (_, plain) = camp.hear("pause.scene.ron");
    let depth = |from, to| stem_level(&paused, "music", from, to) - stem_level(&plain, "music", from, to);
    // From a fader of -4 dB to one of -14.
    near(depth(3.6, 5.4), -10.0, 0.05, "behind the curtain");
    let (before, after) = (stem(&paused, "music"), stem(&plain, "music"));
    assert!(before[second(6.5)..] == after[second(6.5)..], "and then all is as it was, to the bit");
}
