//! What modulators do to an event that plays.

use super::*;
use crate::bank::EventId;

const BANK: &str = r#"Bank(
    parameters: {"level": ()},
    buses: {"voice": ()},
    levels: {"speech": (bus: "voice")},
    modulators: {
        "wobble": Lfo(rate: 2),
        "apart": Lfo(rate: 2, spread: 360),
        "gate": Lfo(rate: 1, shape: Square),
        "drift": Walk(rate: 5),
        "swell": Envelope(delay: 0.1, attack: 0.2, decay: 0.4, sustain: 0.5, release: 0.5),
        "bright": Envelope(attack: 0.1, release: 1),
        "pump": Follow(bus: "voice"),
    },
    sounds: {"hum": Clip(file: "hum.ogg", looping: true), "both": Layer(of: ["hum", "other"]),
             "other": Clip(file: "other.ogg", looping: true), "once": Clip(file: "once.ogg")},
    events: {
        "wobble": (play: "hum", curves: [(from: "wobble", property: "gain", points: [(-1, -6), (1, 6)])]),
        "apart": (play: "hum", curves: [(from: "apart", property: "gain", points: [(-1, -6), (1, 6)])]),
        "both": (play: "both", curves: [(from: "apart", property: "gain", points: [(-1, -6), (1, 6)])]),
        "gate": (play: "hum", virtual: Kill, curves: [(from: "gate", property: "gain", points: [(-1, -120), (1, 0)])]),
        "drift": (play: "hum", curves: [(from: "drift", property: "pitch", points: [(0, -2), (1, 2)])]),
        "swell": (play: "hum", fade_out: 0.2, curves: [(from: "swell", property: "gain", points: [(0, -40), (1, 0)])]),
        "bright": (play: "hum", curves: [(from: "bright", property: "cutoff", points: [(0, 500), (1, 8000)])]),
        "under": (play: "hum", curves: [(from: "speech", property: "gain", points: [(-60, 0), (-20, -12)]),
                                        (from: "pump", property: "pitch", points: [(0, 0), (1, 7)])]),
    },
)"#;

/// Frames between two updates.
const STEP: u64 = 480;

/// The mix that voices head for with an update, the last that each was given, in the order of their starts.
fn update(director: &mut Director, frame: u64) -> Vec<VoiceMix> {
    director.update(frame, 0, STEP as u32);
    let mut mixes: Vec<(VoiceId, VoiceMix)> = Vec::new();
    for order in director.take_orders() {
        let (voice, mix) = match order.command {
            Command::Start(start) => (start.voice, start.mix),
            Command::Mix { voice, mix, .. } => (voice, mix),
            _ => continue,
        };
        match mixes.iter_mut().find(|(other, _)| *other == voice) {
            Some((_, last)) => *last = mix,
            None => mixes.push((voice, mix)),
        }
    }
    mixes.into_iter().map(|(_, mix)| mix).collect()
}

fn db(mix: &VoiceMix) -> f32 {
    10.0 * (mix.left * mix.left + mix.right * mix.right).log10()
}

fn semitones(mix: &VoiceMix) -> f32 {
    12.0 * mix.rate.log2()
}

fn post(director: &mut Director, name: &str) -> PlaybackId {
    let event: EventId = event(director, name);
    director.post(event, None, 0)
}

/// The gains of one voice over so many updates from `frame` on; where nothing was ordered, the last.
fn gains(director: &mut Director, frame: u64, updates: u64) -> Vec<f32> {
    let mut last = f32::NAN;
    let one = |n| {
        last = update(director, frame + n * STEP).first().map_or(last, db);
        last
    };
    (0..updates).map(one).collect()
}

#[track_caller]
fn near(got: f32, want: f32, within: f32, what: impl std::fmt::Display) {
    assert!((got - want).abs() <= within, "{what}: {got}, not {want} ± {within}");
}

#[test]
fn an_lfo_swings_from_the_playbacks_start_on_and_is_there_when_each_glide_ends() {
    let mut director = director(BANK, 8, 0);
    post(&mut director, "wobble");
    for (n, gain) in gains(&mut director, 1000, 100).into_iter().enumerate() {
        let seconds = (n + 1) as f32 * 0.01;
        let want = 6.0 * (std::f32::consts::TAU * 2.0 * seconds).sin();
        near(gain, want, 0.01, format_args!("after {seconds} s"));
    }
}

#[test]
fn playbacks_swing_from_their_own_starts_alike_or_apart_and_the_sounds_of_one_together() {
    let mut director = director(BANK, 8, 3);
    post(&mut director, "wobble");
    update(&mut director, 0);
    post(&mut director, "wobble");
    let [first, second] = update(&mut director, 12_000)[..] else { panic!("two voices") };
    // A quarter of a second later: half a turn.
    near(db(&first), -db(&second), 0.01, "half a turn apart");
    let begin = |name: &str, seed| {
        let mut director = super::director(BANK, 8, seed);
        (0..4).for_each(|_| _ = post(&mut director, name));
        update(&mut director, 0).iter().map(db).collect::<Vec<_>>()
    };
    let apart = begin("apart", 3);
    assert!((1..4).all(|n| (apart[n] - apart[0]).abs() > 0.1), "{apart:?}");
    assert_eq!(begin("apart", 3), apart, "the same seed");
    assert_ne!(begin("apart", 4), apart, "another seed");
    let both = begin("both", 3);
    assert!((0..4).all(|n| both[2 * n] == both[2 * n + 1]), "the layers of a playback: {both:?}");
}

#[test]
fn a_walk_stays_within_its_curve_and_the_seed_decides_its_way() {
    let path = |seed| {
        let mut director = director(BANK, 8, seed);
        post(&mut director, "drift");
        (0..500).map(|n| semitones(&update(&mut director, n * STEP)[0])).collect::<Vec<_>>()
    };
    let one = path(1);
    assert!(one.iter().all(|pitch| (-2.001..=2.001).contains(pitch)));
    assert!(one.iter().any(|pitch| *pitch > 1.5) && one.iter().any(|pitch| *pitch < -1.5));
    assert_eq!(path(1), one);
    assert_ne!(path(2), one);
}

/// What an envelope of the event "swell" comes to in dB.
fn swell(value: f32) -> f32 {
    -40.0 + 40.0 * value
}

#[test]
fn an_envelope_goes_through_its_stages_and_a_stop_waits_for_its_release() {
    let mut director = director(BANK, 8, 0);
    let playback = post(&mut director, "swell");
    let rise = gains(&mut director, 0, 100);
    for (n, value) in [(0, 0.0), (9, 0.0), (19, 0.5), (29, 1.0), (49, 0.75), (69, 0.5), (99, 0.5)] {
        near(rise[n], swell(value), 0.02, format_args!("{} ms", (n + 1) * 10));
    }
    // A second after the start.
    director.stop(playback, None, 0);
    director.update(48_000, 0, STEP as u32);
    assert!(
        matches!(director.state(playback), Some(State::Real(_))),
        "it is heard until the release is over"
    );
    let mut stop = None;
    let mut fall = Vec::new();
    for n in 0..60 {
        director.update(48_000 + n * STEP, 0, STEP as u32);
        for order in director.take_orders() {
            match order.command {
                Command::Stop { at, fade, .. } => stop = Some((at, fade)),
                Command::Mix { mix, .. } => fall.push(db(&mix)),
                _ => {}
            }
        }
    }
    near(fall[24], swell(0.25), 0.5, "half the release");
    near(*fall.last().unwrap(), swell(0.0), 0.02, "and all of it");
    // The release takes half a second, the event's fade the last 0.2 s of it.
    assert_eq!(stop, Some((48_000 + 24_000 - 9600, 9600)));
}

#[test]
fn a_stop_at_its_frame_and_one_with_a_fade_do_as_they_are_told() {
    let stops = |fade, at| {
        let mut director = director(BANK, 8, 0);
        let playback = post(&mut director, "swell");
        let mut stops = Vec::new();
        for n in 0..200 {
            if n == 50 {
                director.stop(playback, fade, at);
                director.stop(playback, fade, at);
            }
            director.update(n * STEP, 0, STEP as u32);
            stops.extend(director.take_orders().filter_map(|order| match order.command {
                Command::Stop { at, fade, .. } => Some((at, fade)),
                _ => None,
            }));
        }
        stops
    };
    assert_eq!(stops(None, 30_123), [(30_123 + 24_000 - 9600, 9600)]);
    assert_eq!(stops(None, 60_001), [(60_001 + 24_000 - 9600, 9600)]);
    assert!(stops(Some(100), 0).iter().all(|stop| *stop == (0, 100)), "{:?}", stops(Some(100), 0));
}

#[test]
fn a_release_lets_envelopes_go_and_ends_only_what_they_silence() {
    let mut director = director(BANK, 8, 0);
    let [swell_id, bright] = ["swell", "bright"].map(|name| post(&mut director, name));
    (0..100).for_each(|n| director.update(n * STEP, 0, STEP as u32));
    director.take_orders().for_each(drop);
    director.release(swell_id);
    director.release(bright);
    let mut stopped = 0;
    let mut cutoffs = Vec::new();
    for n in 100..300 {
        director.update(n * STEP, 0, STEP as u32);
        let orders: Vec<Order> = director.take_orders().collect();
        for order in orders {
            match order.command {
                Command::Stop { voice, at, fade } => {
                    assert_eq!((at, fade), (48_000 + 24_000 - 9600, 9600));
                    stopped += 1;
                    director.report(Report::Ended { voice, stopped: true });
                }
                Command::Mix { mix, .. } if mix.cutoff < 9000.0 => cutoffs.push(mix.cutoff),
                _ => {}
            }
        }
    }
    assert_eq!(stopped, 1);
    assert_eq!(director.state(swell_id), None);
    assert!(matches!(director.state(bright), Some(State::Real(_))), "it goes on");
    near(cutoffs[49], 500.0 + 7500.0 / 2.0, 100.0, "half of the release of a second");
    near(*cutoffs.last().unwrap(), 500.0, 1.0, "and all of it");
}

#[test]
fn a_release_on_time_is_not_made_longer_by_a_later_stop() {
    let mut director = director(BANK, 8, 0);
    let playback = post(&mut director, "swell");
    (0..100).for_each(|n| director.update(n * STEP, 0, STEP as u32));
    director.release(playback);
    director.update(48_000, 0, STEP as u32);
    (101..110).for_each(|n| director.update(n * STEP, 0, STEP as u32));
    director.stop(playback, None, 0);
    director.take_orders().for_each(drop);
    let mut stops = Vec::new();
    for n in 110..200 {
        director.update(n * STEP, 0, STEP as u32);
        stops.extend(director.take_orders().filter_map(|order| match order.command {
            Command::Stop { at, .. } => Some(at),
            _ => None,
        }));
    }
    assert_eq!(stops, [48_000 + 24_000 - 9600]);
}

#[test]
fn what_is_held_holds_its_modulators_and_its_release() {
    let mut director = director(BANK, 8, 0);
    let playback = post(&mut director, "swell");
    // The last update before is at 0.19 s, so that is where it is held.
    let before = gains(&mut director, 0, 20)[19];
    director.pause(playback, true);
    let held = gains(&mut director, 20 * STEP, 50);
    near(held[0], swell(0.45), 0.02, "held where it was");
    assert!(held.iter().all(|gain| gain.is_nan() || *gain == held[0]), "{before}, then {held:?}");
    director.pause(playback, false);
    let after = gains(&mut director, 70 * STEP, 40);
    near(
        after[10],
        swell(1.0 - 0.5 * 0.01 / 0.4),
        0.02,
        "0.12 s later the attack is over, and 0.01 s of the decay",
    );
    director.stop(playback, None, 0);
    director.update(110 * STEP, 0, STEP as u32);
    director.pause(playback, true);
    (111..300).for_each(|n| director.update(n * STEP, 0, STEP as u32));
    let stops = |director: &mut Director| {
        director.take_orders().filter(|order| matches!(order.command, Command::Stop { .. })).count()
    };
    assert_eq!(stops(&mut director), 0, "a held release goes no farther");
    director.pause(playback, false);
    (300..400).for_each(|n| director.update(n * STEP, 0, STEP as u32));
    assert_eq!(stops(&mut director), 1);
}

#[test]
fn what_swings_to_silence_is_not_asleep_for_that() {
    let mut director = director(BANK, 8, 0);
    let playback = post(&mut director, "gate");
    let gains = gains(&mut director, 0, 300);
    assert!(gains[20] == 0.0 || gains[20].abs() < 0.01, "{}", gains[20]);
    assert!(gains[70] < -100.0, "half a second later: {}", gains[70]);
    near(gains[120], 0.0, 0.01, "and back");
    assert!(matches!(director.state(playback), Some(State::Real(gain)) if gain == 1.0));
}

#[test]
fn what_sleeps_goes_on_swinging_at_no_cost() {
    let mut director = director(
        &BANK.replace(
            r#"(from: "wobble", property: "gain", points: [(-1, -6), (1, 6)])"#,
            r#"(from: "wobble", property: "gain", points: [(-1, -6), (1, 6)]),
               (from: "level", property: "gain", points: [(0, -120), (1, 0)])"#,
        ),
        8,
        0,
    );
    let level = director.bank().parameter("level").unwrap();
    director.set_parameter(None, level, 1.0);
    post(&mut director, "wobble");
    update(&mut director, 0);
    director.set_parameter(None, level, 0.0);
    assert_eq!((1..100).map(|n| update(&mut director, n * STEP).len()).sum::<usize>(), 0, "asleep");
    director.set_parameter(None, level, 1.0);
    // At 1.02 s, with the glide's end at 1.03 s.
    let woken = update(&mut director, 102 * STEP);
    near(db(&woken[0]), 6.0 * (std::f32::consts::TAU * 2.0 * 1.03).sin(), 0.01, "where it would be");
}

fn reload(director: &mut Director, bank: &str) {
    let (bank, facts) = compiled(bank);
    director.adopt(bank, facts, 0);
}

#[test]
fn a_reload_changes_speeds_and_stages_without_a_leap() {
    let mut director = director(BANK, 8, 0);
    post(&mut director, "wobble");
    let before = gains(&mut director, 0, 108);
    reload(&mut director, &BANK.replace("Lfo(rate: 2)", "Lfo(rate: 0.5)"));
    let after = gains(&mut director, 108 * STEP, 100);
    let step = (after[0] - before[107]).abs();
    assert!(step < 0.4, "a leap of {step} dB");
    // It went at 2 Hz up to 1.08 s, where the last glide before the reload ended, and at half a hertz from there.
    let turns = 2.0 * 1.08 + 0.5 * (2.08 - 1.08);
    near(after[99], 6.0 * (std::f32::consts::TAU * turns).sin(), 0.02, "from where it was");
    // Other names, other places: nothing moves.
    let moved = BANK
        .replace("Lfo(rate: 2)", "Lfo(rate: 0.5)")
        .replace("\"apart\": Lfo", "\"a\": Lfo(), \"apart\": Lfo");
    reload(&mut director, &moved);
    let turns = turns + 0.5 * 0.01;
    near(gains(&mut director, 208 * STEP, 1)[0], 6.0 * (std::f32::consts::TAU * turns).sin(), 0.02, "and on");
}

#[test]
fn a_reload_leaves_an_envelope_in_its_stage_and_a_release_where_it_was() {
    let slow = BANK.replace("attack: 0.2, decay", "attack: 2, decay").replace("release: 0.5", "release: 5");
    let mut director = director(BANK, 8, 0);
    let playback = post(&mut director, "swell");
    let before = gains(&mut director, 0, 21)[20];
    reload(&mut director, &slow);
    let after = gains(&mut director, 21 * STEP, 91);
    // 0.11 s of the attack are gone, 0.45 of it are left, and those take 0.9 s now.
    near(after[0], before, 0.3, "no leap");
    near(after[79], swell(0.95), 0.05, "0.8 s of those");
    near(after[89], swell(1.0), 0.05, "all of them");
    (112..400).for_each(|n| director.update(n * STEP, 0, STEP as u32));
    director.stop(playback, None, 0);
    let falling = gains(&mut director, 400 * STEP, 100)[99];
    near(falling, swell(0.4), 0.2, "a second of five");
    reload(&mut director, BANK);
    let fall = gains(&mut director, 500 * STEP, 60);
    assert!((fall[0] - falling).abs() < 0.4, "{} after {falling}", fall[0]);
    near(fall[24], swell(0.2), 0.05, "and on from there in half a second");
    near(fall[55], swell(0.0), 0.02, "to its end");
}

#[test]
fn levels_and_followers_of_buses_move_events_from_the_next_update_on() {
    let mut director = director(BANK, 8, 0);
    assert!(director.listens());
    post(&mut director, "under");
    let quiet = update(&mut director, 0)[0];
    near(db(&quiet), 0.0, 0.01, "nobody has spoken");
    // The levels come first, then the modulators by name.
    let place = 1 + director.bank().modulator("pump").unwrap().index();
    director.hear(|at| {
        if at == 0 {
            -40.0
        } else if at == place {
            0.5
        } else {
            f32::NAN
        }
    });
    let [heard] = update(&mut director, STEP)[..] else { panic!("one voice") };
    near(db(&heard), -6.0, 0.01, "halfway to -20 dB");
    near(semitones(&heard), 3.5, 0.01, "half of seven semitones");
    // A reload puts another level before it: what was heard stays with its name.
    reload(&mut director, &BANK.replace(r#"levels: {"#, r#"levels: {"a": (bus: "master"), "#));
    assert!(update(&mut director, 2 * STEP).iter().all(|mix| (db(mix) + 6.0).abs() < 0.01));
}

const WORLD: &str = r#"Bank(
    sounds: {"hum": Clip(file: "hum.ogg", looping: true)},
    reverbs: {"cave": (rt60: 1)},
    events: {
        "fly": (play: "hum", curves: [(from: "speed", property: "pitch", points: [(0, 0), (20, 20)]),
                                      (from: "approach", property: "gain", points: [(-20, -20), (20, 20)])]),
        "behind": (play: "hum", curves: [(from: "angle", property: "pitch", points: [(0, 0), (180, 18)])]),
        "far": (play: "hum", space: (min: 1, max: 100, reverb: -3), curves: [
            (from: "distance", property: "reverb", points: [(1, 0), (11, -20)])]),
    },
)"#;

#[test]
fn speed_and_approach_are_what_the_moves_come_to() {
    let mut director = director(WORLD, 8, 0);
    director.set_listener(Some(Pose { position: Vec3::new(100.0, 0.0, 0.0), ..Pose::ORIGIN }));
    let emitter = director.add_emitter(Vec3::ZERO, Decibels::UNITY);
    let fly = event(&director, "fly");
    director.post(fly, Some(emitter), 0);
    let mut place = 0.0;
    let mut go = |director: &mut Director, from: u64, metres: f32| {
        let mut last = None;
        for n in 0..50 {
            place += metres;
            director.move_emitter(emitter, Vec3::X * place);
            last = update(director, (from + n) * STEP).pop().or(last);
        }
        last
    };
    // 10 m/s towards the listener, updated a hundred times a second.
    let towards = go(&mut director, 0, 0.1).unwrap();
    near(semitones(&towards), 10.0, 0.1, "10 m/s");
    near(db(&towards), 10.0, 0.1, "nearer by 10 m/s");
    let away = go(&mut director, 50, -0.05).unwrap();
    near(semitones(&away), 5.0, 0.1, "5 m/s");
    near(db(&away), -5.0, 0.1, "farther by 5 m/s");
    // The listener runs along: nothing comes nearer any more.
    for n in 0..50 {
        place -= 0.05;
        director.move_emitter(emitter, Vec3::X * place);
        director.set_listener(Some(Pose { position: Vec3::X * (100.0 + place), ..Pose::ORIGIN }));
        director.update((100 + n) * STEP, 0, STEP as u32);
    }
    let mut gains = director.take_orders().filter_map(|order| match order.command {
        Command::Mix { mix, .. } => Some(db(&mix)),
        _ => None,
    });
    near(gains.next_back().unwrap(), 0.0, 0.1, "side by side");
}

#[test]
fn the_angle_is_from_where_the_listener_looks() {
    let mut director = director(WORLD, 8, 0);
    director.set_listener(Some(Pose::ORIGIN));
    let emitter = director.add_emitter(-Vec3::Z, Decibels::UNITY);
    let behind = event(&director, "behind");
    director.post(behind, Some(emitter), 0);
    let (up, down) = (Vec3::new(0.0, 1.0, -1.0), Vec3::new(0.0, -3.0, 0.0));
    for (n, (place, degrees)) in
        [(-Vec3::Z, 0.0), (Vec3::X, 90.0), (up, 45.0), (Vec3::Z, 180.0), (down, 90.0)].into_iter().enumerate()
    {
        director.move_emitter(emitter, place);
        let mix = update(&mut director, n as u64 * STEP)[0];
        near(semitones(&mix), degrees / 10.0, 0.01, place);
    }
}

#[test]
fn curves_move_the_sends_into_reverbs_alone() {
    use crate::space::{Shape, ZoneField};
    let mut director = director(WORLD, 8, 0);
    director.set_listener(Some(Pose::ORIGIN));
    let zone = director.bank().reverb("cave").unwrap();
    let (shape, rotation) = (Shape::Sphere { radius: 500.0 }, glam::Quat::IDENTITY);
    director.set_zones(&[ZoneField { zone, shape, position: Vec3::ZERO, rotation, fade: 1.0, priority: 0 }]);
    let emitter = director.add_emitter(Vec3::X * 6.0, Decibels::UNITY);
    let far = event(&director, "far");
    director.post(far, Some(emitter), 0);
    let with = update(&mut director, 0)[0];
    let plain = WORLD.replace("points: [(1, 0), (11, -20)]", "points: [(1, 0)]");
    let (bank, facts) = compiled(&plain);
    director.adopt(bank, facts, 0);
    director.set_zones(&[ZoneField { zone, shape, position: Vec3::ZERO, rotation, fade: 1.0, priority: 0 }]);
    let without = update(&mut director, STEP)[0];
    assert_eq!((with.left, with.right), (without.left, without.right));
    near(20.0 * (with.sends[0].gain / without.sends[0].gain).log10(), -10.0, 0.01, "half of -20 dB");
}

/// Sounds of a second with two seconds between them.
const GAPS: &str = r#"Bank(
    modulators: {
        "swell": Envelope(attack: 4, sustain: 1, release: 0.5),
        "drift": Walk(rate: 5),
    },
    sounds: {"run": Sequence(of: ["a.ogg", "b.ogg"], mode: Continuous, loops: 0, transition: (time: 2)),
             "score": Music(segments: {"a": (play: "a.ogg", exit: 3)})},
    events: {
        "run": (play: "run", curves: CURVES),
        "score": (play: "score", curves: CURVES),
    },
)"#;

/// Plays to a frame and gives the mixes with which sounds began, with their frames; a sound has ended after a second.
fn begun(
    director: &mut Director,
    now: &mut u64,
    to: u64,
    voices: &mut Vec<(VoiceId, u64)>,
) -> Vec<(u64, VoiceMix)> {
    let mut begun = Vec::new();
    while *now < to {
        voices.retain(|&(voice, end)| {
            if end <= *now {
                director.report(Report::Ended { voice, stopped: false });
            }
            end > *now
        });
        director.update(*now, 0, STEP as u32);
        for order in director.take_orders().collect::<Vec<_>>() {
            match order.command {
                Command::Start(start) => {
                    begun.push((start.at, start.mix));
                    voices.push((start.voice, start.at + u64::from(RATE)));
                }
                Command::Stop { voice, .. } => {
                    // Before its start it was not heard.
                    begun.retain(|&(at, _)| at <= *now || !voices.contains(&(voice, at + u64::from(RATE))));
                    voices.retain(|&(other, _)| other != voice);
                    director.report(Report::Ended { voice, stopped: true });
                }
                _ => {}
            }
        }
        *now += STEP;
    }
    begun
}

#[test]
fn what_comes_after_a_gap_goes_on_in_the_playbacks_own_time() {
    let curves = r#"[(from: "swell", property: "gain", points: [(0, -40), (1, 0)]),
                     (from: "drift", property: "cutoff", points: [(0, 500), (1, 8000)])]"#;
    for name in ["run", "score"] {
        let mut director = director(&GAPS.replace("CURVES", curves), 8, 3);
        post(&mut director, name);
        let (mut now, mut voices) = (0, Vec::new());
        let begun = begun(&mut director, &mut now, 400_000, &mut voices);
        let first = db(&begun[0].1);
        assert_eq!(begun.iter().map(|one| one.0).collect::<Vec<_>>(), [0, 144_000, 288_000], "{name}");
        // Three quarters of the attack, and all of it.
        near(db(&begun[1].1) - first, 30.0, 0.2, name);
        near(db(&begun[2].1) - first, 40.0, 0.2, name);
        assert!(begun[0].1.cutoff != begun[1].1.cutoff, "{name}: a walk goes on, too");
    }
}

#[test]
fn a_release_between_two_sounds_is_not_lost() {
    let curves = r#"[(from: "swell", property: "gain", points: [(0, -40), (1, 0)])]"#;
    for name in ["run", "score"] {
        let mut director = director(&GAPS.replace("CURVES", curves), 8, 3);
        let id = post(&mut director, name);
        let (mut now, mut voices) = (0, Vec::new());
        assert_eq!(begun(&mut director, &mut now, 96_000, &mut voices).len(), 1);
        director.release(id);
        assert_eq!(begun(&mut director, &mut now, 300_000, &mut voices), [], "{name} is silent by then");
        assert_eq!(director.state(id), None, "{name}");
        assert_eq!(ended(&mut director), [(id, Ended::Stopped)], "{name}");
    }
}
