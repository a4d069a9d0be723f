//! What containers choose: rounds, sequences, switches, and whose past counts.

use super::*;

/// Posts an event on emitters in turn; gives what was drawn on each.
fn draws_on(director: &mut Director, name: &str, on: &[EmitterKey], count: usize) -> Vec<Vec<String>> {
    let event = event(director, name);
    let mut drawn = vec![Vec::new(); on.len()];
    for turn in 0..count * on.len() {
        director.post(event, Some(on[turn % on.len()]), 0);
        director.update(turn as u64 * 100, 0, 128);
        for (sound, voice) in starts(director) {
            drawn[turn % on.len()].push(sound);
            director.report(Report::Ended { voice, stopped: false });
        }
    }
    drawn
}

#[test]
fn a_shuffle_plays_each_once_a_round_and_never_one_twice_in_a_row() {
    let bank = r#"Bank(
        sounds: {"pick": Random(of: [("a.ogg", 9), "b.ogg", "c.ogg", "d.ogg"], shuffle: true)},
        events: {"pick": (play: "pick")},
    )"#;
    let mut director = director(bank, 8, 3);
    let drawn = draws(&mut director, "pick", 4 * 200);
    let mut first = 0;
    for round in drawn.chunks(4) {
        let mut names = round.to_vec();
        names.sort();
        assert_eq!(names, ["a.ogg", "b.ogg", "c.ogg", "d.ogg"]);
        first += usize::from(round[0] == "a.ogg");
    }
    assert!(drawn.windows(2).all(|pair| pair[0] != pair[1]), "not across rounds either");
    assert!(first > 120, "what is heavy comes early: {first} of 200 rounds");
}

#[test]
fn a_sequence_steps_turns_round_and_begins_anew_after_a_rest() {
    let bank = |rest: &str| {
        format!(
            r#"Bank(
                sounds: {{"steps": Sequence(of: ["a.ogg", "b.ogg", "c.ogg"]{rest})}},
                events: {{"steps": (play: "steps")}},
            )"#
        )
    };
    let drawn =
        |rest: &str| draws(&mut director(&bank(rest), 8, 0), "steps", 8).join(" ").replace(".ogg", "");
    assert_eq!(drawn(""), "a b c a b c a b");
    assert_eq!(drawn(", at_end: PingPong"), "a b c b a b c b");

    let mut director = director(&bank(", reset: 1"), 8, 0);
    let event = event(&director, "steps");
    let mut heard = Vec::new();
    // The third comes half a second after the second, the fourth a second and a bit after that.
    for frame in [0, 24_000, 48_000, 48_000 + 48_001, 48_000 + 72_000] {
        director.update(frame, 0, 128);
        director.post(event, None, 0);
        director.update(frame, 0, 128);
        heard.extend(starts(&mut director).into_iter().map(|(sound, _)| sound));
    }
    assert_eq!(heard, ["a.ogg", "b.ogg", "c.ogg", "a.ogg", "b.ogg"]);
}

#[test]
fn a_choice_goes_by_everybodys_past_or_by_each_emitters_own() {
    let bank = |scope: &str| {
        format!(
            r#"Bank(
                sounds: {{"steps": Sequence(of: ["a.ogg", "b.ogg", "c.ogg"], scope: {scope})}},
                events: {{"steps": (play: "steps")}},
            )"#
        )
    };
    for (scope, expected) in [("Global", ["a c b", "b a c"]), ("Emitter", ["a b c", "a b c"])] {
        let mut director = director(&bank(scope), 8, 0);
        let emitters = [Vec3::X, Vec3::Y].map(|place| director.add_emitter(place, Decibels::UNITY));
        let heard = draws_on(&mut director, "steps", &emitters, 3);
        let heard: Vec<_> = heard.iter().map(|sounds| sounds.join(" ").replace(".ogg", "")).collect();
        assert_eq!(heard, expected, "{scope}");
    }
}

const SURFACES: &str = r#"Bank(
    parameters: {
        "surface": (labels: ["grass", "wood", "air"], default: "wood"),
        "rpm": (min: 0, max: 8000, default: 800, attack: 2, release: 1),
    },
    sounds: {
        "step": Switch(on: "surface", cases: {"grass": "grass", "wood": "wood.ogg", "air": "none"}),
        "grass": Random(of: ["g1.ogg", "g2.ogg"]),
        "none": Silence(),
        "bed": Switch(on: "surface", cases: {"grass": "meadow", "wood": "hall"}, default: "none", crossfade: 0.5),
        "meadow": Clip(file: "meadow.ogg", looping: true),
        "hall": Clip(file: "hall.ogg", looping: true),
    },
    events: {"step": (play: "step"), "bed": (play: "bed")},
)"#;

#[test]
fn a_switch_goes_by_its_label_and_an_emitters_own_counts_first() {
    let mut director = director(SURFACES, 8, 0);
    let surface = director.bank().parameter("surface").unwrap();
    let [own, other] = [Vec3::X, Vec3::Y].map(|place| director.add_emitter(place, Decibels::UNITY));
    assert_eq!(draws_on(&mut director, "step", &[own, other], 1), [["wood.ogg"], ["wood.ogg"]]);
    director.set_parameter(Some(own), surface, 0.0);
    let drawn = draws_on(&mut director, "step", &[own, other], 3);
    assert!(
        drawn[0].iter().all(|sound| sound.starts_with('g'))
            && drawn[1].iter().all(|sound| sound == "wood.ogg")
    );
    director.set_parameter(None, surface, 2.0);
    let drawn = draws_on(&mut director, "step", &[own, other], 2);
    assert_eq!((drawn[0].len(), drawn[1].len()), (2, 0), "air is silent");
    let told = director.take_notices().filter(|told| told.emitter == Some(other));
    let silent: Vec<Happened> = told.map(|told| told.what).collect();
    assert!(
        silent.ends_with(&[Happened::Ended(Ended::Finished), Happened::Ended(Ended::Finished)]),
        "who posted it hears of its end"
    );
    // A new tenant of the emitter's place has nothing of the old one's.
    director.remove_emitter(own);
    let fresh = director.add_emitter(Vec3::X, Decibels::UNITY);
    director.set_parameter(None, surface, 1.0);
    assert_eq!(draws_on(&mut director, "step", &[fresh], 1), [["wood.ogg"]]);
}

#[test]
fn a_running_loop_crossfades_to_the_case_of_a_new_label() {
    let mut director = director(SURFACES, 8, 0);
    let surface = director.bank().parameter("surface").unwrap();
    let bed = event(&director, "bed");
    let playback = director.post(bed, None, 0);
    director.update(0, 0, 128);
    let (sound, hall) = starts(&mut director).remove(0);
    assert_eq!(sound, "hall.ogg".replace(".ogg", ""));
    director.set_parameter(None, surface, 0.0);
    director.update(4800, 0, 128);
    let bank = director.bank().clone();
    let orders: Vec<Command> = director.take_orders().map(|order| order.command).collect();
    let started = orders.iter().find_map(|command| match command {
        Command::Start(start) => Some((bank.sounds[start.sample as usize].name.as_str(), start.fade_in)),
        _ => None,
    });
    let stopped = orders.iter().find_map(|command| match command {
        Command::Stop { voice, fade, .. } => Some((*voice, *fade)),
        _ => None,
    });
    assert_eq!((started, stopped), (Some(("meadow", 24_000)), Some((hall, 24_000))), "over half a second");
    assert!(matches!(director.state(playback), Some(State::Real(_))), "it is one playback all the time");
    director.report(Report::Ended { voice: hall, stopped: true });
    // Where there is nothing to go over to, it fades out and ends.
    director.set_parameter(None, surface, 2.0);
    director.update(9600, 0, 128);
    let stop = director.take_orders().find_map(|order| match order.command {
        Command::Stop { voice, fade, .. } => Some((voice, fade)),
        _ => None,
    });
    let (meadow, fade) = stop.unwrap();
    assert_eq!(fade, 24_000);
    director.report(Report::Ended { voice: meadow, stopped: true });
    assert_eq!(director.state(playback), None);
}

#[test]
fn a_parameter_takes_its_time_and_tells_where_it_heads_and_where_it_is() {
    let mut director = director(SURFACES, 8, 0);
    let rpm = director.bank().parameter("rpm").unwrap();
    director.update(0, 0, 128);
    director.set_parameter(None, rpm, 99_999.0);
    director.update(24_000, 0, 128);
    let reading = director.parameter(None, rpm).unwrap();
    // Half a second of two for the whole range, from 800 on.
    assert_eq!(reading.set, 8000.0);
    assert!((reading.now - 2800.0).abs() < 0.1, "{}", reading.now);
    director.update(48_000 * 3, 0, 128);
    assert_eq!(director.parameter(None, rpm).unwrap().now, 8000.0);
    director.set_parameter(None, rpm, 4000.0);
    director.update(48_000 * 3 + 12_000, 0, 128);
    assert!((director.parameter(None, rpm).unwrap().now - 6000.0).abs() < 0.1);
    director.set_parameter(None, rpm, f32::NAN);
    assert_eq!(director.parameter(None, rpm).unwrap().set, 4000.0);
}

#[test]
fn a_reload_keeps_what_was_set_by_name_and_label() {
    let mut director = director(SURFACES, 8, 0);
    let set = |director: &mut Director, name: &str, value: f32| {
        let id = director.bank().parameter(name).unwrap();
        director.set_parameter(None, id, value);
    };
    set(&mut director, "surface", 0.0);
    set(&mut director, "rpm", 0.0);
    let text = SURFACES
        .replace(r#"["grass", "wood", "air"]"#, r#"["air", "grass", "wood"]"#)
        .replace("min: 0, max: 8000", "min: 500, max: 600");
    let text =
        text.replace("\"rpm\"", "\"zoom\": (default: 0.25), \"rpm\"").replace("default: 800", "default: 550");
    let (bank, facts) = compiled(&text);
    director.adopt(bank, facts, 0);
    let now = |name: &str| director.parameter(None, director.bank().parameter(name).unwrap()).unwrap().set;
    assert_eq!((now("surface"), now("rpm"), now("zoom")), (1.0, 500.0, 0.25));
}
