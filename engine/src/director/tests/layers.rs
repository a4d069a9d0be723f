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
    assert_eq!(director.take_notices().count(), 0);
    director.report(Report::Ended { voice: tail.4, stopped: false });
    assert_eq!(director.state(id), None);
    let told: Vec<_> = director.take_notices().map(|told| (told.playback, told.why)).collect();
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
    let told: Vec<_> = director.take_notices().map(|told| (told.playback, told.why)).collect();
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
    let checked = compile(&Sources::from_texts([("test.bank.ron", text.as_str())]));
    let bank = Arc::new(checked.bank.unwrap_or_else(|| panic!("{}", checked.diagnostics)));
    let facts = bank
        .sounds
        .iter()
        .map(|_| Some(ClipFacts { frames: RATE, stereo: false, content: 1, lap: Some((0, RATE)) }))
        .collect();
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
