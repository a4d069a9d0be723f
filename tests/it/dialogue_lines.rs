//! Dialogue: which file is heard in which language, and lines one after another, to the frame.

use crate::common::{Studio, run, stem};
use std::fs;
use tonmeister::director::{Happened, State};
use tonmeister::mixer::BLOCK;
use tonmeister::prelude::*;

const LANGUAGES: &str = r#"languages: (of: ["en", "de", "fr"], fallback: {"fr": "de"})"#;

/// Each file is told by what every frame of it is.
fn studio(bank: &str) -> Studio {
    let studio = Studio::new(bank);
    for language in ["en", "de", "fr"] {
        fs::create_dir(studio.path().join(language)).unwrap();
    }
    let lines = [
        ("en/halt.wav", 0.125, 4801),
        ("de/halt.wav", -0.125, 3333),
        ("en/go.wav", 0.25, 2400),
        ("de/go.wav", -0.25, 2400),
    ];
    lines.into_iter().fold(studio, |studio, (name, level, frames)| {
        studio.sound(name, &[&vec![level * std::f32::consts::SQRT_2; frames]])
    })
}

/// The frames at which what is heard changes, and to how many eighths of full scale.
fn changes(samples: &[f32]) -> Vec<(usize, i32)> {
    let mut last = 0;
    let mut changes = Vec::new();
    for (frame, sample) in samples.iter().enumerate() {
        let level = (sample * 8.0).round() as i32;
        if level != last {
            changes.push((frame, level));
            last = level;
        }
    }
    changes
}

/// What is posted for now is heard from the next block on.
fn block(frame: usize) -> usize {
    frame.next_multiple_of(BLOCK)
}

fn heard(mut engine: Engine) -> Vec<(usize, i32)> {
    changes(&stem(&engine.take_stems().unwrap(), "master"))
}

#[test]
fn the_next_line_speaks_the_new_language_and_a_missing_file_its_fallback() {
    let bank = format!(
        r#"Bank({LANGUAGES}, events: {{"halt": (play: "{{language}}/halt.wav"), "go": (play: Clip(file: "{{language}}/go.wav", gain: 0))}})"#
    );
    let studio = studio(&bank);
    let mut engine = studio.builder().stems(true).build().unwrap();
    // Nothing is there in French.
    let warnings = engine.project().warnings.to_string();
    let told = "there is no file \"fr/halt.wav\" in the project's folder: in \"fr\", \"de\" is heard instead";
    assert!(warnings.contains(told), "{warnings}");
    assert!(!engine.project().warnings.has_errors());
    let post = |engine: &mut Engine, language: &str, event: &str| {
        engine.set_parameter("language", language).unwrap();
        engine.post(event, None).unwrap();
        run(engine, 0.05);
    };
    post(&mut engine, "en", "halt");
    // It is still spoken while the language changes, and finishes in its own.
    engine.set_parameter("language", "de").unwrap();
    run(&mut engine, 0.1);
    post(&mut engine, "de", "halt");
    run(&mut engine, 0.1);
    post(&mut engine, "fr", "go");
    run(&mut engine, 0.1);
    let at = |milliseconds: usize| block(milliseconds * 48);
    let want = [(0, 1), (4801, 0), (at(150), -1), (at(150) + 3333, 0), (at(300), -2), (at(300) + 2400, 0)];
    assert_eq!(heard(engine), want);
    // The default language may not miss one.
    fs::remove_file(studio.path().join("en/go.wav")).unwrap();
    let error = studio.builder().build().err().unwrap().to_string();
    assert!(error.contains("error[missing-file]: there is no file \"en/go.wav\""), "{error}");
}

#[test]
fn a_file_that_appears_is_heard_after_the_reload() {
    let bank = format!(r#"Bank({LANGUAGES}, events: {{"halt": (play: "{{language}}/halt.wav")}})"#);
    let studio = studio(&bank);
    let mut engine = studio.builder().stems(true).build().unwrap();
    engine.set_parameter("language", "fr").unwrap();
    engine.post("halt", None).unwrap();
    run(&mut engine, 0.1);
    let studio = studio.sound("fr/halt.wav", &[&vec![0.5 * std::f32::consts::SQRT_2; 2400]]);
    let project = studio.load(&engine.project().store);
    assert!(project.warnings.to_string().is_empty() || !project.warnings.has_errors());
    engine.reload(project);
    engine.post("halt", None).unwrap();
    run(&mut engine, 0.1);
    assert_eq!(heard(engine), [(0, -1), (3333, 0), (block(4800), 4), (block(4800) + 2400, 0)]);
}

#[test]
fn lines_are_spoken_one_after_another_and_known_for_subtitles() {
    let bank = r#"Bank(
        queues: {"story": (gap: 0.0125, most: 4)},
        events: {
            "halt": (play: "en/halt.wav", line: (queue: "story")),
            "low": (play: "en/go.wav", fade_out: 0, line: (queue: "story", priority: 10)),
            "high": (play: "de/halt.wav", line: (queue: "story", priority: 90)),
            "now": (play: "de/go.wav", line: (queue: "story", priority: 90, when_busy: Interrupt)),
        },
    )"#;
    let studio = studio(bank);
    let mut engine = studio.builder().stems(true).build().unwrap();
    let halt = engine.post_at("halt", None, 777).unwrap();
    let low = engine.post_at("low", None, 778).unwrap();
    let high = engine.post_at("high", None, 779).unwrap();
    run(&mut engine, 0.03);
    let reading = engine.queue("story").unwrap();
    let names = |lines: &[tonmeister::runtime::SpokenLine]| -> Vec<String> {
        lines.iter().map(|line| line.event.clone()).collect()
    };
    assert_eq!(
        (names(&reading.speaking), names(&reading.waiting)),
        (vec!["halt".into()], vec!["high".into(), "low".into()])
    );
    assert_eq!(reading.speaking[0].playback, halt);
    assert_eq!(engine.state(low), Some(State::Waiting));
    assert!(engine.queue("stories").is_none());
    let last = 777 + 4801 + 600 + 3333 + 600;
    engine.post_at("now", None, last as u64 + 1000).unwrap();
    run(&mut engine, 0.4);
    let ended: Vec<_> = engine.take_notices();
    let why = |id| {
        ended.iter().find_map(|notice| match notice.what {
            Happened::Ended(why) if notice.playback == id => Some(why),
            _ => None,
        })
    };
    assert_eq!(
        (why(halt), why(high), why(low)),
        (Some(Ended::Finished), Some(Ended::Finished), Some(Ended::Interrupted))
    );
    let second = 777 + 4801 + 600;
    let want = [
        (777, 1),
        (777 + 4801, 0),
        (second, -1),
        (second + 3333, 0),
        (last, 2),
        (last + 1000, -2),
        (last + 3400, 0),
    ];
    assert_eq!(heard(engine), want);
}

#[test]
fn whoever_interrupts_asks_the_one_who_speaks_and_not_who_is_to_follow() {
    let bank = |priority: u32| {
        format!(
            r#"Bank(
                queues: {{"story": ()}},
                events: {{
                    "halt": (play: "en/halt.wav", fade_out: 0, line: (queue: "story", priority: 60)),
                    "low": (play: "en/go.wav", fade_out: 0, line: (queue: "story", priority: 10)),
                    "now": (play: "de/go.wav", line: (queue: "story", priority: {priority}, when_busy: Interrupt)),
                }},
            )"#
        )
    };
    // The next one has been given its turn, 33 ms before it begins.
    let order = 4801 - 1600;
    for (priority, want) in [
        // It cuts the one who speaks off, and the one who waited comes after it.
        (70, vec![(0, 1), (order, -2), (order + 2400, 2), (order + 4800, 0)]),
        // It may not interrupt, and comes before the one who matters less.
        (50, vec![(0, 1), (4801, -2), (7201, 2), (9601, 0)]),
    ] {
        let mut engine = studio(&bank(priority)).builder().stems(true).build().unwrap();
        let halt = engine.post("halt", None).unwrap();
        let low = engine.post("low", None).unwrap();
        run(&mut engine, (order - 240) as f64 / 48_000.0);
        engine.post_at("now", None, order as u64).unwrap();
        run(&mut engine, 0.3);
        let told: Vec<_> = engine.take_notices();
        let why = |id| {
            told.iter().find_map(|told| match told.what {
                Happened::Ended(why) if told.playback == id => Some(why),
                _ => None,
            })
        };
        let first = if priority > 60 { Ended::Interrupted } else { Ended::Finished };
        assert_eq!((why(halt), why(low)), (Some(first), Some(Ended::Finished)), "priority {priority}");
        assert_eq!(heard(engine), want, "priority {priority}");
    }
}
