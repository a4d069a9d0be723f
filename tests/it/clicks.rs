//! The proof that nothing clicks: the detector over every kind of transition. The detector itself is tested on known
//! clicks where it lives.

use crate::common::{RATE, Studio, run, stem, write_wav};
use glam::{Quat, Vec3};
use tonmeister::dsp::measure::{find_clicks, sine};
use tonmeister::effects::Effect;
use tonmeister::effects::table::Takes;
use tonmeister::prelude::*;
use tonmeister::space::{Pose, ZoneField};

const BANK: &str = r#"Bank(
    buses: {
        "music": (effects: [Eq([Peak(freq: 800, gain: 6)]), Compressor(), Reverb(rt60: 1, mix: 0.3)], sends: {"echo": -12}),
        "other": (gain: -6, effects: [Delay(time: 0.1)]),
        "echo": (effects: [Delay(time: 0.07, mix: 1)]),
    },
    vcas: {"all": (buses: ["music", "other"])},
    reverbs: {"hall": (rt60: 0.8), "cave": (rt60: 2)},
    sounds: {
        "low": Clip(file: "low.wav", looping: true), "high": Clip(file: "high.wav", looping: true),
        "once": Clip(file: "low.wav", fade_in: 0.01, fade_out: 0.05),
    },
    events: {
        "low": (play: "low", bus: "music", fade_in: 0.02, fade_out: 0.02),
        "high": (play: "high", bus: "MOVED", fade_in: 0.02, fade_out: 0.02, priority: 80),
        "once": (play: "once", bus: "other"),
        "here": (play: "low", bus: "music", fade_in: 0.02, pitch: 1.5, space: (min: 1, max: 60, air: 3000)),
    },
)"#;

fn studio() -> Studio {
    Studio::new(&BANK.replace("MOVED", "other"))
        .sound("low.wav", &[&sine(317.0, 0.2, RATE, 48_000)])
        .sound("high.wav", &[&sine(1021.0, 0.1, RATE, 48_000), &sine(1021.0, 0.1, RATE, 48_000)])
}

/// Something that is done to an engine.
type Step = Box<dyn FnMut(&mut Engine)>;

/// Lets `before` begin, then does one thing after another, and looks for clicks from the first thing on.
#[track_caller]
fn check(what: &str, voices: u16, before: &[&str], mut steps: Vec<Step>) {
    let studio = studio();
    let mut engine = studio.builder().voices(voices).stems(true).build().unwrap();
    engine.set_listener(Some(Pose::ORIGIN));
    let emitter = engine.add_emitter(Vec3::new(3.0, 0.0, -4.0), Decibels::UNITY);
    for event in before {
        engine.post(event, (*event == "here").then_some(emitter));
    }
    run(&mut engine, 0.5);
    for step in &mut steps {
        step(&mut engine);
        run(&mut engine, 0.31);
    }
    let stems = engine.take_stems().unwrap();
    let out = stem(&stems, "master");
    let mix: Vec<f32> = ["music", "other", "echo", "reverb/hall", "reverb/cave"]
        .iter()
        .map(|bus| stem(&stems, bus))
        .fold(out, |mix, stem| mix.iter().zip(&stem).map(|(a, b)| a + b).collect());
    assert!(mix[20_000..24_000].iter().any(|x| x.abs() > 0.01), "{what}: something is heard");
    assert_eq!(find_clicks(&mix[12_000..], RATE), [], "{what}");
}

macro_rules! steps {
    ($($step:expr),* $(,)?) => { vec![$(Box::new($step) as Step),*] };
}

#[test]
fn starting_stopping_and_stealing() {
    check("start and stop", 8, &["low"], {
        let cell = std::rc::Rc::new(std::cell::Cell::new(None));
        let (set, get) = (cell.clone(), cell);
        steps![
            move |e: &mut Engine| set.set(e.post("high", None)),
            move |e: &mut Engine| e.stop(get.get().unwrap(), None),
            |e: &mut Engine| assert!(e.post("once", None).is_some()),
            |e: &mut Engine| e.stop_all(Some(Seconds::clamped(0.01))),
        ]
    });
    check(
        "a voice is stolen",
        1,
        &["low"],
        steps![|e: &mut Engine| {
            e.post("high", None);
        }],
    );
}

#[test]
fn holding_and_leaping() {
    let studio = studio();
    let mut engine = studio.builder().stems(true).build().unwrap();
    let playback = engine.post("low", None).unwrap();
    run(&mut engine, 0.4);
    for round in 0..6 {
        engine.pause(playback);
        run(&mut engine, 0.013 + 0.05 * f64::from(round));
        engine.resume(playback);
        run(&mut engine, 0.2);
        engine.seek(playback, Seconds::clamped(0.137 * round as f32));
        run(&mut engine, 0.003 * f64::from(round));
        engine.seek(playback, Seconds::clamped(0.5));
        run(&mut engine, 0.2);
    }
    let out = stem(&engine.take_stems().unwrap(), "music");
    assert_eq!(find_clicks(&out[9600..], RATE), []);
}

#[test]
fn the_desk() {
    check(
        "mute and solo",
        8,
        &["low", "high"],
        steps![
            |e: &mut Engine| e.set_mute("music", true).unwrap(),
            |e: &mut Engine| e.set_mute("music", false).unwrap(),
            |e: &mut Engine| e.set_solo("other", true).unwrap(),
            |e: &mut Engine| e.set_solo("other", false).unwrap(),
        ],
    );
    check(
        "faders",
        8,
        &["low", "high"],
        steps![
            |e: &mut Engine| e.set_bus_gain("music", Decibels::clamped(-60.0)).unwrap(),
            |e: &mut Engine| e.set_bus_gain("music", Decibels::clamped(6.0)).unwrap(),
            |e: &mut Engine| e.set_vca_gain("all", Decibels::clamped(-120.0)).unwrap(),
            |e: &mut Engine| e.set_vca_gain("all", Decibels::UNITY).unwrap(),
        ],
    );
    check(
        "bypasses",
        8,
        &["low", "high"],
        steps![
            |e: &mut Engine| (0..3).for_each(|effect| e.set_bypass("music", effect, true).unwrap()),
            |e: &mut Engine| (0..3).for_each(|effect| e.set_bypass("music", effect, false).unwrap()),
            |e: &mut Engine| e.set_bypass("echo", 0, true).unwrap(),
            |e: &mut Engine| e.set_bypass("echo", 0, false).unwrap(),
        ],
    );
}

#[test]
fn the_world() {
    let zone = |zone: &'static str| {
        [ZoneField {
            zone,
            shape: Shape::Sphere { radius: 100.0 },
            position: Vec3::ZERO,
            rotation: Quat::IDENTITY,
            fade: 1.0,
            priority: 0,
        }]
    };
    let at = |x: f32| Some(Pose { position: Vec3::new(x, 0.0, 0.0), ..Pose::ORIGIN });
    check(
        "a listener who leaps, and rooms that change",
        8,
        &["here"],
        steps![
            move |e: &mut Engine| e.set_listener(at(30.0)),
            move |e: &mut Engine| e.set_zones(zone("hall")),
            move |e: &mut Engine| e.set_listener(at(3.0)),
            move |e: &mut Engine| e.set_zones(zone("cave")),
            // Out of earshot and back.
            move |e: &mut Engine| e.set_listener(at(500.0)),
            move |e: &mut Engine| e.set_listener(at(0.0)),
            move |e: &mut Engine| e.set_zones([]),
            move |e: &mut Engine| e.set_listener(None),
            move |e: &mut Engine| e.set_listener(at(1.0)),
        ],
    );
}

#[test]
fn another_bus() {
    let studio = studio();
    let mut engine = studio.builder().stems(true).build().unwrap();
    engine.post("high", None);
    run(&mut engine, 0.5);
    for bus in ["music", "other", "echo", "other"] {
        studio.save(&BANK.replace("MOVED", bus));
        let project = studio.load(&engine.project().store.clone());
        engine.reload(project);
        run(&mut engine, 0.4);
    }
    let stems = engine.take_stems().unwrap();
    let mix = ["music", "other", "echo"]
        .map(|bus| stem(&stems, bus))
        .into_iter()
        .reduce(|mix, stem| mix.iter().zip(&stem).map(|(a, b)| a + b).collect())
        .unwrap();
    assert_eq!(find_clicks(&mix[12_000..], RATE), []);
}

/// An effect as a bank writes it, with what it needs.
fn written(effect: &Effect) -> String {
    match (effect.name(), effect.takes()) {
        ("Eq", _) => "Eq([Peak(freq: 500, gain: 6), LowPass(freq: 8000)])".to_owned(),
        (name, Takes::Impulse) => format!("{name}(file: \"room.wav\")"),
        (name, _) => {
            let needed = effect.fields().iter().filter(|field| field.rule.required);
            let needed: Vec<_> = needed.map(|field| format!("{}: {}", field.name, field.default)).collect();
            format!("{name}({})", needed.join(", "))
        }
    }
}

/// The parameters that can be moved while an effect runs: name, lowest, default, highest.
fn movable(effect: &Effect) -> Vec<(String, [f32; 3])> {
    if effect.name() == "Eq" {
        let values =
            [("gain", [-30.0, 6.0, 30.0]), ("freq", [20.0, 500.0, 18_000.0]), ("q", [0.1, 1.0, 20.0])];
        let all = values.map(|(name, values)| (format!("1.{name}"), values));
        return all.into_iter().chain([("2.freq".to_owned(), [40.0, 8000.0, 20_000.0])]).collect();
    }
    let movable = |(place, field): (usize, &tonmeister::effects::table::Field)| {
        let last = field.rule.choices.len().saturating_sub(1).max(1) as f32;
        let (mut low, mut high) = field.rule.range.unwrap_or((0.0, last));
        if (effect.name(), field.name) == ("PitchShift", "pitch") {
            // Over more than an octave at once its splices may be heard.
            (low, high) = (-12.0, 12.0);
        }
        (!field.rule.fixed).then(|| (field.name.to_owned(), [low, effect.get(place).unwrap_or(low), high]))
    };
    effect.fields().iter().enumerate().filter_map(movable).collect()
}

/// The frames that a value stays.
const STAY: usize = 14_400;

#[test]
fn every_parameter_of_every_effect_may_jump_over_its_whole_range() {
    let mut rough: Vec<String> = Vec::new();
    for effect in Effect::all() {
        let bank = format!(
            r#"Bank(
                buses: {{"b": (effects: [{}])}},
                sounds: {{"it": Clip(file: "low.wav", looping: true)}}, events: {{"it": (play: "it", bus: "b", fade_in: 0.05)}},
            )"#,
            written(&effect)
        );
        let studio = Studio::new(&bank).sound("low.wav", &[&sine(317.0, 0.2, RATE, 48_000)]);
        let decay: Vec<f32> = tonmeister::dsp::measure::noise(4, 0.1, 9600)
            .iter()
            .enumerate()
            .map(|(n, x)| x * (-(n as f32) / 1500.0).exp())
            .collect();
        write_wav(&studio.path().join("room.wav"), &[&decay]);
        for (name, [low, middle, high]) in movable(&effect) {
            let mut engine = studio.builder().stems(true).build().unwrap_or_else(|e| panic!("{e}"));
            engine.post("it", None);
            let values = [middle, low, high, middle, high, low, middle];
            for value in values {
                engine.set_effect_parameter("b", 0, &name, value).unwrap();
                run(&mut engine, STAY as f64 / f64::from(RATE));
            }
            let out = stem(&engine.take_stems().unwrap(), "b");
            let clicks = find_clicks(&out, RATE);
            for (jump, pair) in values.windows(2).enumerate() {
                // What an effect does at rest is its programme: a crushed tone is full of edges. Only what clicks
                // around a jump, and neither well before nor well after it, is the jump's.
                let at = (jump + 1) * STAY;
                let within = |from: usize, to: usize| clicks.iter().any(|click| (from..to).contains(click));
                let (before, around, after) = (
                    within(at - STAY / 2, at - 480),
                    within(at - 480, at + STAY / 2),
                    within(at + STAY / 2, at + STAY - 480),
                );
                let what = format!("{} {name}: {} → {}", effect.name(), pair[0], pair[1]);
                if before || after {
                    rough.push(what);
                } else if effect.name() != "Crusher" {
                    let near: Vec<_> =
                        clicks.iter().filter(|c| (at - 480..at + STAY / 2).contains(*c)).collect();
                    assert!(!around, "{what} clicks at {near:?}, the jump is at {at}");
                }
            }
        }
    }
    // The ones that are rough by nature.
    let by_nature = ["Crusher", "Distortion", "Tremolo", "Gate"];
    let surprising: Vec<_> =
        rough.iter().filter(|what| !by_nature.iter().any(|name| what.starts_with(name))).collect();
    assert!(surprising.is_empty(), "these click at rest: {surprising:#?}");
}
