//! What the director orders, without a mixer: draws, determinism, who gets a voice.

use super::*;
use crate::bank::{self, Sources, compile};
use crate::link::{StartFrom, VoiceId, VoiceMix};
use std::collections::BTreeMap;

mod changes;
mod containers;
mod curves;
mod layers;
mod limits;
mod modulators;
mod nodes;
mod policies;
mod properties;
mod queue;
mod reloads;
mod strands;

const RATE: u32 = 48_000;

fn director(bank: &str, voices: u16, seed: u64) -> Director {
    let (bank, facts) = compiled(bank);
    Director::new(Config { sample_rate: RATE, voices, seed }, bank, facts)
}

/// A bank whose files are all a second long.
fn compiled(bank: &str) -> (Arc<Bank>, Vec<Option<ClipFacts>>) {
    let checked = compile(&Sources::from_texts([("test.bank.ron", bank)]));
    let bank = checked.bank.unwrap_or_else(|| panic!("{}", checked.diagnostics));
    let facts = |sound: &bank::Sound| {
        let looping = matches!(&sound.kind, bank::SoundKind::Clip(clip) if clip.cut.looping);
        Some(ClipFacts {
            frames: RATE,
            stereo: false,
            streamed: false,
            content: 1,
            lap: looping.then_some((0, RATE)),
            exit: RATE - 8,
        })
    };
    let facts = bank.sounds.iter().map(facts).collect();
    (Arc::new(bank), facts)
}

fn event(director: &Director, name: &str) -> EventId {
    director.bank().event(name).unwrap()
}

/// The sounds started by the orders since the last look, by name, and their voices.
fn starts(director: &mut Director) -> Vec<(String, VoiceId)> {
    let bank = director.bank().clone();
    director
        .take_orders()
        .filter_map(|order| match order.command {
            Command::Start(start) => Some((bank.sounds[start.sample as usize].name.clone(), start.voice)),
            _ => None,
        })
        .collect()
}

/// Which playbacks ended since the last look, and why.
fn ended(director: &mut Director) -> Vec<(PlaybackId, Ended)> {
    let told = director.take_notices();
    told.filter_map(|told| match told.what {
        Happened::Ended(why) => Some((told.playback, why)),
        _ => None,
    })
    .collect()
}

/// Posts an event `count` times, each ending before the next; gives what was drawn.
fn draws(director: &mut Director, name: &str, count: usize) -> Vec<String> {
    let event = event(director, name);
    let mut drawn = Vec::new();
    for frame in 0..count as u64 {
        director.post(event, None, 0);
        director.update(frame * 100, 0, 128);
        for (sound, voice) in starts(director) {
            drawn.push(sound);
            director.report(Report::Ended { voice, stopped: false });
        }
    }
    drawn
}

const CHOICES: &str = r#"Bank(
    sounds: {"pick": Random(of: [("a.ogg", 4), ("b.ogg", 2), ("c.ogg", 1), ("d.ogg", 1)], avoid: AVOID)},
    events: {"pick": (play: "pick")},
)"#;

/// One update at a frame, after which all that it stopped has ended; how many that were.
fn update_and_report(director: &mut Director, frame: u64) -> usize {
    director.update(frame, 0, 480);
    let stopped: Vec<VoiceId> = director
        .take_orders()
        .filter_map(|order| match order.command {
            Command::Stop { voice, .. } => Some(voice),
            _ => None,
        })
        .collect();
    for &voice in &stopped {
        director.report(Report::Ended { voice, stopped: true });
    }
    stopped.len()
}

#[test]
fn weights_are_kept_when_nothing_is_avoided() {
    let mut director = director(&CHOICES.replace("AVOID", "0"), 8, 1);
    let mut counts: BTreeMap<String, f64> = BTreeMap::new();
    for sound in draws(&mut director, "pick", 8000) {
        *counts.entry(sound).or_default() += 1.0;
    }
    for (sound, share) in [("a.ogg", 0.5), ("b.ogg", 0.25), ("c.ogg", 0.125), ("d.ogg", 0.125)] {
        let got = counts[sound] / 8000.0;
        // Three standard deviations of a binomial share.
        let within = 3.0 * (share * (1.0 - share) / 8000.0_f64).sqrt();
        assert!((got - share).abs() < within, "{sound}: {got}, not {share} ± {within:.4}");
    }
}

#[test]
fn the_last_ones_are_never_drawn_again_weights_or_not() {
    for avoid in 1..=3 {
        let mut director = director(&CHOICES.replace("AVOID", &avoid.to_string()), 8, 7);
        let drawn = draws(&mut director, "pick", 500);
        for at in avoid..drawn.len() {
            assert!(!drawn[at - avoid..at].contains(&drawn[at]), "{} again within {avoid}", drawn[at]);
        }
        if avoid < 3 {
            let heavy = drawn.iter().filter(|sound| *sound == "a.ogg").count();
            let light = drawn.iter().filter(|sound| *sound == "d.ogg").count();
            assert!(heavy > light, "weights still count: {heavy} to {light}");
        }
    }
}

#[test]
fn the_seed_decides_and_nothing_else() {
    let drawn = |seed| draws(&mut director(&CHOICES.replace("AVOID", "1"), 8, seed), "pick", 100);
    assert_eq!(drawn(5), drawn(5));
    assert_ne!(drawn(5), drawn(6));
}

#[test]
fn a_drawn_range_stays_inside_itself() {
    let bank = r#"Bank(
        sounds: {"pick": Random(of: ["a.ogg"], gain: (-6, -2), pitch: (-12, 12))},
        events: {"pick": (play: "pick")},
    )"#;
    let mut director = director(bank, 8, 3);
    let pick = event(&director, "pick");
    let mut gains = Vec::new();
    for frame in 0..300 {
        director.post(pick, None, 0);
        director.update(frame * 100, 0, 128);
        let orders: Vec<Order> = director.take_orders().collect();
        for order in orders {
            if let Command::Start(start) = order.command {
                // A mono file without a place is in the middle: 3 dB down on either side.
                gains.push(20.0 * libm::log10f(start.mix.left * std::f32::consts::SQRT_2));
                assert!((0.4999..2.0001).contains(&start.mix.rate), "a rate of {}", start.mix.rate);
                director.report(Report::Ended { voice: start.voice, stopped: false });
            }
        }
    }
    let (low, high) = gains.iter().fold((f32::MAX, f32::MIN), |(l, h), &g| (l.min(g), h.max(g)));
    assert!((-6.001..-5.8).contains(&low) && (-2.2..-1.999).contains(&high), "from {low} to {high} dB");
}

const WORLD: &str = r#"Bank(
    sounds: {"loop": Clip(file: "loop.ogg", looping: true)},
    events: {"loop": (play: "loop", space: (min: 1, max: 10))},
)"#;

#[test]
fn of_many_loops_in_earshot_the_nearest_get_the_voices_and_keep_them() {
    let mut director = director(WORLD, 4, 0);
    director.set_listener(Some(Pose::ORIGIN));
    let the_loop = event(&director, "loop");
    let playbacks: Vec<PlaybackId> = (1..=8)
        .rev()
        .map(|distance| {
            let emitter = director.add_emitter(Vec3::X * distance as f32, Decibels::UNITY);
            director.post(the_loop, Some(emitter), 0)
        })
        .collect();
    for frame in 0..20 {
        let stopped = update_and_report(&mut director, frame * 480);
        assert!(frame < 8 || stopped == 0, "it settles");
    }
    let real = |id: &PlaybackId| matches!(director.state(*id), Some(State::Real(_)));
    let heard: Vec<bool> = playbacks.iter().map(real).collect();
    assert_eq!(heard, [false, false, false, false, true, true, true, true]);
}

#[test]
fn a_sleeping_loop_wakes_at_the_place_it_would_have_reached() {
    let mut director = director(WORLD, 4, 0);
    director.set_listener(Some(Pose::ORIGIN));
    let emitter = director.add_emitter(Vec3::X * 50.0, Decibels::UNITY);
    let the_loop = event(&director, "loop");
    let playback = director.post(the_loop, Some(emitter), 0);
    director.update(1000, 0, 480);
    assert_eq!(director.state(playback), Some(State::Virtual));
    assert_eq!(director.take_orders().count(), 0, "asleep it costs no order");
    director.move_emitter(emitter, Vec3::X * 2.0);
    director.update(1000 + 100_000, 0, 480);
    let woken = director.take_orders().find_map(|order| match order.command {
        Command::Start(start) => Some((start.from, start.at)),
        _ => None,
    });
    // Posted at frame 0, in a loop of 48 000 frames.
    assert_eq!(woken, Some((StartFrom::Running(5000.0), 101_000)));
}

#[test]
fn removing_an_emitter_ends_what_plays_on_it_real_or_virtual() {
    let mut director = director(WORLD, 4, 0);
    director.set_listener(Some(Pose::ORIGIN));
    let the_loop = event(&director, "loop");
    let near = director.add_emitter(Vec3::X, Decibels::UNITY);
    let far = director.add_emitter(Vec3::X * 99.0, Decibels::UNITY);
    let playbacks = [near, far].map(|emitter| director.post(the_loop, Some(emitter), 0));
    director.update(0, 0, 480);
    let voice = starts(&mut director)[0].1;
    director.remove_emitter(near);
    director.remove_emitter(far);
    director.report(Report::Ended { voice, stopped: true });
    assert!(playbacks.iter().all(|&id| director.state(id).is_none()));
    assert_eq!(ended(&mut director).iter().filter(|(_, why)| *why == Ended::Stopped).count(), 2);
    director.move_emitter(near, Vec3::ZERO);
    assert!(director.on_emitter(near).is_empty(), "an old key reaches nothing");
}

#[test]
fn places_that_are_no_numbers_are_ignored() {
    let mut director = director(WORLD, 4, 0);
    director.set_listener(Some(Pose::ORIGIN));
    let emitter = director.add_emitter(Vec3::NAN, Decibels::UNITY);
    let the_loop = event(&director, "loop");
    director.post(the_loop, Some(emitter), 0);
    director.move_emitter(emitter, Vec3::splat(f32::INFINITY));
    director.update(0, 0, 480);
    for order in director.take_orders() {
        if let Command::Start(start) = order.command {
            assert!(start.mix.left.is_finite() && start.mix.right.is_finite());
        }
    }
}
