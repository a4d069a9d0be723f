//! Several sounds at once.

use super::*;
use std::f32::consts::FRAC_1_SQRT_2;

const BANK: &str = r#"Bank(
    parameters: {"rpm": (max: 8000), "surface": (labels: ["wood", "grass"])},
    sounds: {
        "shot": Layer(of: ["body.ogg", (play: "tail", delay: 0.25, gain: -6), "sweetener"], pitch: (-2, 2)),
        "tail": Random(of: ["t1.ogg", "t2.ogg"]),
        "sweetener": Silence(),
        "low": Clip(file: "low.ogg", looping: true),
        "high": Clip(file: "high.ogg", looping: true),
        "engine": Blend(on: "rpm", of: [(play: "low", to: 2000, fade: 1000), (play: "high", from: 3000, fade: 1000)]),
        "wood": Clip(file: "wood.ogg", looping: true),
        "grass": Clip(file: "grass.ogg", looping: true),
        "bed": Layer(of: ["low", "floor"]),
        "floor": Switch(on: "surface", cases: {"wood": "wood", "grass": "grass"}, crossfade: 0.1),
    },
    events: {
        "shot": (play: "shot", limit: (max: 2), cooldown: (time: 0.01)),
        "engine": (play: "engine"),
        "bed": (play: "bed"),
    },
)"#;

fn started(director: &mut Director) -> Vec<(String, u64, f32, f32, VoiceId)> {
    let bank = director.bank().clone();
    director
        .take_orders()
        .filter_map(|order| match order.command {
            Command::Start(start) => {
                let name = bank.sounds[start.sample as usize].name.replace(".ogg", "");
                let gain = 20.0 * (start.mix.left * std::f32::consts::SQRT_2).log10();
                Some((name, start.at, gain, start.mix.rate, start.voice))
            }
            _ => None,
        })
        .collect()
}

#[test]
fn layers_start_together_or_late_at_their_gains_and_end_as_one() {
    let mut director = director(BANK, 8, 1);
    let shot = event(&director, "shot");
    let id = director.post(shot, None, 4800);
    director.update(4800, 0, 480);
    let first = started(&mut director);
    director.update(4800 + 11_000, 0, 480);
    let second = started(&mut director);
    let ([body], [tail]) = (first.as_slice(), second.as_slice()) else { panic!("{first:?} {second:?}") };
    assert_eq!((body.0.as_str(), body.1, tail.1), ("body", 4800, 4800 + 12_000));
    assert!(tail.0.starts_with('t') && body.2.abs() < 0.001 && (tail.2 + 6.0).abs() < 0.001);
    assert_eq!(body.3, tail.3, "the pitch is drawn once for all");
    assert_ne!(body.3, 1.0);
    director.report(Report::Ended { voice: body.4, stopped: false });
    assert!(matches!(director.state(id), Some(State::Real(_))));
    assert_eq!(ended(&mut director), []);
    director.report(Report::Ended { voice: tail.4, stopped: false });
    assert_eq!(director.state(id), None);
    let told = ended(&mut director);
    assert_eq!(told, [(id, Ended::Finished)]);
}

#[test]
fn a_limit_and_a_cooldown_count_playbacks_not_their_sounds() {
    let mut director = director(BANK, 16, 1);
    let shot = event(&director, "shot");
    let mut ids = Vec::new();
    let mut frame = 0;
    for _ in 0..3 {
        ids.push(director.post(shot, None, 0));
        // Until the tail sounds, too.
        for _ in 0..4 {
            director.update(frame, 0, 480);
            frame += 4800;
        }
    }
    let voices = |director: &Director, id| {
        let members = director.members(id);
        members
            .iter()
            .filter(|&&id| director.playbacks.get(id).is_some_and(|one| one.voice.is_some()))
            .count()
    };
    assert_eq!(ids.iter().map(|&id| voices(&director, id)).collect::<Vec<_>>(), [0, 2, 2]);
    let told = ended(&mut director);
    assert_eq!(told, [(ids[0], Ended::Stolen)], "both of its sounds, and told once");
}

#[test]
fn stop_and_pause_reach_every_sound_and_an_emitter_has_one_playback() {
    let mut director = director(BANK, 8, 1);
    let shot = event(&director, "shot");
    let emitter = director.add_emitter(Vec3::X, Decibels::UNITY);
    let id = director.post(shot, Some(emitter), 0);
    assert_eq!(director.on_emitter(emitter), [id]);
    director.update(12_000, 0, 480);
    let voices: Vec<_> = started(&mut director).into_iter().map(|start| start.4).collect();
    assert_eq!(voices.len(), 2);
    director.pause(id, true);
    director.stop(id, Some(100), 0);
    let orders: Vec<_> = director.take_orders().map(|order| order.command).collect();
    for &voice in &voices {
        assert!(
            orders.iter().any(|command| matches!(command, Command::Pause { voice: v, .. } if *v == voice))
        );
        assert!(orders.contains(&Command::Stop { voice, at: 0, fade: 100 }));
        director.report(Report::Ended { voice, stopped: true });
    }
    assert!(director.on_emitter(emitter).is_empty() && director.state(id).is_none());
}

/// The gains of the sounds that have voices now, by name.
fn gains(director: &Director, id: PlaybackId) -> Vec<(String, f32)> {
    let members = director.members(id).into_iter().filter_map(|id| director.playbacks.get(id));
    let real = members.filter(|playback| playback.voice.is_some());
    real.map(|playback| (director.bank().sounds[playback.take.sound.index()].name.clone(), playback.gain))
        .collect()
}

#[test]
fn a_blend_crossfades_by_equal_power_and_what_is_silent_has_no_voice() {
    let mut director = director(BANK, 8, 1);
    let rpm = director.bank().parameter("rpm").unwrap();
    let engine = event(&director, "engine");
    let id = director.post(engine, None, 0);
    for (frame, (value, low, high)) in [
        (1000.0, 1.0, 0.0),
        (2500.0, FRAC_1_SQRT_2, FRAC_1_SQRT_2),
        (2200.0, 0.9511, 0.309),
        (4000.0, 0.0, 1.0),
    ]
    .into_iter()
    .enumerate()
    {
        director.set_parameter(None, rpm, value);
        // One more, for what the first lets wake.
        director.update(frame as u64 * 4800, 0, 480);
        director.update(frame as u64 * 4800 + 480, 0, 480);
        let expected = [("low", low), ("high", high)].into_iter().filter(|(_, gain)| *gain > 0.0);
        let gains = gains(&director, id);
        for ((name, gain), (expected_name, expected)) in gains.iter().zip(expected.clone()) {
            assert!(name == expected_name && (gain - expected).abs() < 1e-3, "at {value}: {gains:?}");
        }
        assert_eq!(gains.len(), expected.count(), "at {value}: {gains:?}");
    }
}

#[test]
fn a_switch_within_a_layer_changes_alone_and_a_reload_keeps_all_of_it() {
    let mut director = director(BANK, 8, 1);
    let surface = director.bank().parameter("surface").unwrap();
    let bed = event(&director, "bed");
    let id = director.post(bed, None, 0);
    director.update(0, 0, 480);
    let first = started(&mut director);
    assert_eq!(first.iter().map(|start| start.0.as_str()).collect::<Vec<_>>(), ["low", "wood"]);
    director.set_parameter(None, surface, 1.0);
    director.update(480, 0, 480);
    let second = started(&mut director);
    assert_eq!(second.iter().map(|start| start.0.as_str()).collect::<Vec<_>>(), ["grass"]);
    director.report(Report::Ended { voice: first[1].4, stopped: true });

    // Other ids for all sounds, and nothing else.
    let text = BANK
        .replace("sounds: {", r#"sounds: {"a": Clip(file: "a.ogg"), "#)
        .replace("\"shot\": (play", "\"a\": (play: \"a\"), \"shot\": (play");
    let (bank, facts) = compiled(&text);
    director.adopt(bank, facts, 0);
    director.update(960, 0, 480);
    let touched =
        director.take_orders().filter(|order| !matches!(order.command, Command::Mix { .. })).count();
    assert_eq!(touched, 0, "nothing stops and nothing starts");
    let names: Vec<_> = gains(&director, id).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["low", "grass"]);
    // And the switch still works.
    director.set_parameter(None, surface, 0.0);
    director.update(1440, 0, 480);
    assert_eq!(started(&mut director).len(), 1);
}

/// A director and the names of all sounds whose voices aren't told to stop, after each step of a tenth of a second.
struct Stage {
    director: Director,
    frame: u64,
    sounding: Vec<(VoiceId, String)>,
}

impl Stage {
    fn new(bank: &str) -> Self {
        Self { director: director(bank, 16, 1), frame: 0, sounding: Vec::new() }
    }

    fn post(&mut self, name: &str) -> PlaybackId {
        let event = event(&self.director, name);
        self.director.post(event, None, 0)
    }

    fn set(&mut self, name: &str, value: f32) {
        let id = self.director.bank().parameter(name).unwrap();
        self.director.set_parameter(None, id, value);
    }

    /// Lets tenths of a second pass, at whose ends voices that were told to stop have done so.
    fn pass(&mut self, tenths: usize) -> String {
        for _ in 0..tenths {
            self.frame += 4800;
            self.director.update(self.frame, 0, 480);
            let bank = self.director.bank().clone();
            for order in self.director.take_orders().collect::<Vec<_>>() {
                match order.command {
                    Command::Start(start) => {
                        let name = bank.sounds[start.sample as usize].name.replace(".ogg", "");
                        self.sounding.push((start.voice, name));
                    }
                    Command::Stop { voice, .. } => self.sounding.retain(|(other, _)| *other != voice),
                    _ => {}
                }
            }
        }
        let mut names: Vec<&str> = self.sounding.iter().map(|(_, name)| name.as_str()).collect();
        names.sort_unstable();
        names.join(" ")
    }
}

#[test]
fn a_label_that_flips_back_within_the_crossfade_brings_its_loop_back() {
    let mut stage = Stage::new(&BANK.replace("crossfade: 0.1", "crossfade: 5"));
    let id = stage.post("bed");
    assert_eq!(stage.pass(1), "low wood");
    for (label, expected) in [(1.0, "grass low"), (0.0, "low wood"), (1.0, "grass low")] {
        stage.set("surface", label);
        // The one before has not faded out yet: nobody reported its end.
        assert_eq!(stage.pass(1), expected);
    }
    assert!(matches!(stage.director.state(id), Some(State::Real(_))));
}

#[test]
fn a_switch_leaves_alone_what_plays_beside_it_or_has_played() {
    let bank = r#"Bank(
        parameters: {"surface": (labels: ["wood", "grass"])},
        sounds: {
            "a": Clip(file: "a.ogg", looping: true), "b": Clip(file: "b.ogg", looping: true),
            "wood": Clip(file: "wood.ogg", looping: true), "grass": Clip(file: "grass.ogg", looping: true),
            "beds": Random(of: ["a", "b"]),
            "floor": Switch(on: "surface", cases: {"wood": "wood", "grass": "grass"}, crossfade: 0.1),
            "all": Layer(of: ["intro.ogg", "beds", (play: "floor", delay: 0.2)]),
        },
        events: {"all": (play: "all", cooldown: (time: 100))},
    )"#;
    let mut stage = Stage::new(bank);
    stage.post("all");
    let names = stage.pass(4);
    let bed = if names.contains('a') && names.starts_with("a ") { "a" } else { "b" };
    assert_eq!(names, format!("{bed} intro wood"));
    let (intro, _) = stage.sounding.iter().find(|(_, name)| name == "intro").cloned().unwrap();
    stage.sounding.retain(|(voice, _)| *voice != intro);
    stage.director.report(Report::Ended { voice: intro, stopped: false });
    stage.set("surface", 1.0);
    let mut expected = [bed, "grass"];
    expected.sort_unstable();
    // At once, though it is a late layer, and whatever the cooldown says; the intro isn't played again.
    assert_eq!(stage.pass(1), expected.join(" "));
}

#[test]
fn a_cooldown_takes_a_playback_whole_or_not_at_all() {
    let bank = r#"Bank(
        sounds: {"shot": Layer(of: ["body.ogg", (play: "tail.ogg", delay: 0.3)])},
        events: {"shot": (play: "shot", cooldown: (time: 0.4))},
    )"#;
    let mut stage = Stage::new(bank);
    stage.post("shot");
    assert_eq!(stage.pass(3), "body tail");
    let dropped = stage.post("shot");
    let kept = {
        assert_eq!(stage.pass(1), "body tail");
        stage.post("shot")
    };
    assert_eq!(stage.pass(6), "body body tail tail");
    let told = ended(&mut stage.director);
    assert_eq!(told, [(dropped, Ended::Cooldown)]);
    assert!(stage.director.state(kept).is_some());
}

#[test]
fn what_was_stolen_does_not_come_back_by_a_late_layer() {
    let bank = r#"Bank(
        sounds: {"shot": Layer(of: ["body.ogg", (play: "tail.ogg", delay: 0.5)])},
        events: {"shot": (play: "shot", limit: (max: 1))},
    )"#;
    let mut stage = Stage::new(bank);
    let first = stage.post("shot");
    stage.pass(1);
    let second = stage.post("shot");
    assert_eq!(stage.pass(2), "body");
    assert_eq!(stage.pass(8), "body tail");
    assert!(stage.director.state(first).is_none() && stage.director.state(second).is_some());
}

#[test]
fn holding_a_playback_holds_what_is_still_to_come_of_it() {
    let bank = r#"Bank(
        sounds: {"shot": Layer(of: ["body.ogg", (play: "tail.ogg", delay: 0.5)])},
        events: {"shot": (play: "shot")},
    )"#;
    let mut stage = Stage::new(bank);
    let id = stage.post("shot");
    stage.pass(2);
    stage.director.pause(id, true);
    assert_eq!(stage.pass(10), "body");
    stage.director.pause(id, false);
    assert_eq!(stage.pass(1), "body");
    let event_start =
        stage.director.members(id).into_iter().filter_map(|id| stage.director.playbacks.get(id));
    // Posted at 0 and held from the second tenth of a second to the twelfth.
    assert!(event_start.map(|playback| playback.start).any(|start| start == 24_000 + 48_000));
    assert_eq!(stage.pass(3), "body tail");
}

#[test]
fn a_one_shot_may_begin_too_quiet_to_hear_and_rise() {
    let bank = r#"Bank(events: {
        "rise": (play: "rise.ogg", curves: [(from: "time", property: "gain", points: [(0, -110), (1, 0)])]),
    })"#;
    let mut stage = Stage::new(bank);
    let id = stage.post("rise");
    assert_eq!(stage.pass(12), "rise");
    assert!(matches!(stage.director.state(id), Some(State::Real(gain)) if gain > 0.9));
}

#[test]
fn a_reload_that_moves_ids_down_and_takes_all_clips_crossfades_to_the_new_ones() {
    let bank = r#"Bank(
        sounds: {
            "x": Clip(file: "x.ogg", looping: true), "y": Clip(file: "y.ogg", looping: true),
            "z": Layer(of: ["x", "y"]),
        },
        events: {"a": (play: "a.ogg"), "b": (play: "b.ogg"), "z": (play: "z")},
    )"#;
    let mut stage = Stage::new(bank);
    let id = stage.post("z");
    assert_eq!(stage.pass(1), "x y");
    let text = bank
        .replace("\"a\": (play: \"a.ogg\"), \"b\": (play: \"b.ogg\"), ", "")
        .replace("\"x\"", "\"v\"")
        .replace("\"y\"", "\"w\"");
    let (bank, facts) = compiled(&text);
    stage.director.adopt(bank, facts, 0);
    assert_eq!(stage.pass(1), "v w");
    assert!(matches!(stage.director.state(id), Some(State::Real(_))));
}
