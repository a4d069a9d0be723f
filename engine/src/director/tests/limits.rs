//! Who is let in: limits, cooldowns, and what becomes of what is not heard.

use super::*;

fn bank(event: &str) -> String {
    format!(
        r#"Bank(
            buses: {{"guns": (parent: "sfx"), "sfx": (limit: (max: 3, steal: Oldest))}},
            sounds: {{"loop": Clip(file: "loop.ogg", looping: true)}},
            events: {{
                "shot": (play: "shot.ogg", space: (min: 1, max: 100), {event}),
                "loop": (play: "loop", space: (min: 1, max: 100), {event}),
                "gun": (play: "gun.ogg", bus: "guns"),
                "door": (play: "door.ogg", bus: "sfx"),
                "voice": (play: "voice.ogg"),
            }},
        )"#
    )
}

/// A director with a listener at the origin, its event posted once at each distance, one update after another.
struct Range {
    director: Director,
    frame: u64,
}

impl Range {
    fn new(event: &str) -> Self {
        let mut director = director(&bank(event), 16, 0);
        director.set_listener(Some(Pose::ORIGIN));
        Self { director, frame: 0 }
    }

    /// Posts an event at a place, and lets a hundredth of a second pass.
    fn post(&mut self, name: &str, place: Vec3) -> PlaybackId {
        let emitter = self.director.add_emitter(place, Decibels::UNITY);
        self.post_on(name, Some(emitter))
    }

    fn post_on(&mut self, name: &str, on: Option<EmitterKey>) -> PlaybackId {
        let event = event(&self.director, name);
        let id = self.director.post(event, on, 0);
        self.pass(480);
        id
    }

    fn pass(&mut self, frames: u64) {
        self.frame += frames;
        update_and_report(&mut self.director, self.frame);
    }

    fn is_real(&self, id: PlaybackId) -> bool {
        matches!(self.director.state(id), Some(State::Real(_)))
    }

    fn ends(&mut self) -> Vec<(PlaybackId, Ended)> {
        ended(&mut self.director)
    }
}

#[test]
fn at_its_limit_an_event_gives_up_the_one_that_its_rule_names() {
    // Distances in the order of posting; who is left of the first three when the fourth has come, or that it was refused.
    for (rule, distances, left) in [
        ("Oldest", [4, 2, 8, 6], "0111"),
        ("Quietest", [4, 2, 8, 6], "1101"),
        ("Quietest", [4, 2, 5, 6], "1110"),
        ("Farthest", [4, 2, 8, 6], "1101"),
        ("Farthest", [4, 2, 5, 6], "1110"),
        ("Lowest", [4, 2, 8, 6], "1110"),
        ("Refuse", [4, 2, 8, 6], "1110"),
    ] {
        let mut range = Range::new(&format!("limit: (max: 3, steal: {rule})"));
        let ids = distances.map(|distance| range.post("shot", Vec3::X * distance as f32));
        let real: String = ids.iter().map(|&id| if range.is_real(id) { '1' } else { '0' }).collect();
        assert_eq!(real, left, "{rule} at {distances:?}");
        let gone = left.find('0').unwrap();
        let why = if gone == 3 { Ended::Limited } else { Ended::Stolen };
        assert_eq!(range.ends(), [(ids[gone], why)], "{rule}");
    }
}

#[test]
fn priority_may_fall_with_distance_and_decides_who_gives_way() {
    let mut range = Range::new("priority: 80, far_priority: 10, limit: (max: 2, steal: Lowest)");
    let [near, far] = [1.0, 60.0].map(|distance| range.post("shot", Vec3::X * distance));
    let middle = range.post("shot", Vec3::X * 30.0);
    assert_eq!([near, far, middle].map(|id| range.is_real(id)), [true, false, true]);
    let farther = range.post("shot", Vec3::X * 40.0);
    assert!(!range.is_real(farther), "it matters less than both");
}

#[test]
fn a_limit_may_count_within_a_radius_or_on_one_emitter() {
    let mut range = Range::new("limit: (max: 1, steal: Refuse, radius: 5)");
    let here = range.post("shot", Vec3::X * 10.0);
    let beside = range.post("shot", Vec3::X * 14.0);
    let yonder = range.post("shot", Vec3::X * 16.0);
    assert_eq!([here, beside, yonder].map(|id| range.is_real(id)), [true, false, true]);

    let mut range = Range::new("limit: (max: 1, steal: Oldest, scope: Emitter)");
    let [one, other] = [Vec3::X, Vec3::Y].map(|place| range.director.add_emitter(place, Decibels::UNITY));
    let [first, second] = [one, other].map(|emitter| range.post_on("shot", Some(emitter)));
    let third = range.post_on("shot", Some(one));
    assert_eq!([first, second, third].map(|id| range.is_real(id)), [false, true, true]);
}

#[test]
fn a_buss_limit_counts_what_plays_below_it_and_nothing_else() {
    let mut range = Range::new("");
    let voices: Vec<_> = (0..4).map(|_| range.post_on("voice", None)).collect();
    let guns: Vec<_> = ["gun", "door", "gun"].map(|name| range.post_on(name, None)).into();
    let door = range.post_on("door", None);
    assert!(voices.iter().all(|&id| range.is_real(id)));
    assert_eq!(guns.iter().map(|&id| range.is_real(id)).collect::<Vec<_>>(), [false, true, true]);
    assert!(range.is_real(door));
}

#[test]
fn what_comes_too_soon_is_dropped_but_only_if_it_is_near() {
    let mut range = Range::new("cooldown: (time: 0.1, radius: 5)");
    let first = range.post("shot", Vec3::X * 10.0);
    let near = range.post("shot", Vec3::X * 12.0);
    let far = range.post("shot", Vec3::X * 20.0);
    range.pass(4800);
    let later = range.post("shot", Vec3::X * 12.0);
    assert_eq!([first, near, far, later].map(|id| range.is_real(id)), [true, false, true, true]);
    assert_eq!(range.ends(), [(near, Ended::Cooldown)]);
}

#[test]
fn what_nobody_heard_starts_no_cooldown() {
    let mut range = Range::new("cooldown: (time: 10)");
    range.post("shot", Vec3::X * 500.0);
    let near = range.post("shot", Vec3::X);
    assert!(range.is_real(near));
}

/// Where a playback comes back after being out of earshot from frame 24 000 to 36 000 of its life; `None` if it doesn't.
fn comes_back(name: &str, policy: &str) -> Option<f64> {
    let mut range = Range::new(policy);
    let emitter = range.director.add_emitter(Vec3::X, Decibels::UNITY);
    let id = range.post_on(name, Some(emitter));
    let begin = range.director.now;
    range.pass(24_000);
    range.director.move_emitter(emitter, Vec3::X * 500.0);
    range.pass(0);
    assert!(!range.is_real(id));
    range.pass(12_000);
    range.director.move_emitter(emitter, Vec3::X);
    range.director.update(range.frame, 0, 480);
    let from = range.director.take_orders().find_map(|order| match order.command {
        Command::Start(start) => Some(start.from),
        _ => None,
    })?;
    let StartFrom::Running(place) = from else { panic!("{from:?}") };
    assert!(range.is_real(id));
    // And from there its time goes on.
    let started = range.director.playbacks.get(id)?;
    assert_eq!(started.position(range.frame + 1000, range.director.facts(started)) - place, 1000.0);
    assert_eq!(begin, 480);
    Some(place)
}

#[test]
fn what_was_not_heard_comes_back_as_its_event_says() {
    for name in ["loop", "shot"] {
        assert_eq!(comes_back(name, "virtual: Elapsed"), Some(36_480.0 - 0.0), "{name}");
        assert_eq!(comes_back(name, "virtual: Resume"), Some(24_480.0), "{name}");
        assert_eq!(comes_back(name, "virtual: Restart"), Some(0.0), "{name}");
        assert_eq!(comes_back(name, "virtual: Kill"), None, "{name}");
    }
    assert_eq!(comes_back("loop", ""), Some(36_480.0), "a loop of which nothing is said");
}

#[test]
fn what_waits_unheard_goes_on_waiting_when_it_is_held_and_let_go() {
    let mut range = Range::new("virtual: Resume");
    let emitter = range.director.add_emitter(Vec3::X, Decibels::UNITY);
    let id = range.post_on("loop", Some(emitter));
    range.pass(24_000);
    range.director.move_emitter(emitter, Vec3::X * 500.0);
    range.pass(0);
    for on in [true, false] {
        range.pass(4800);
        range.director.pause(id, on);
    }
    range.pass(4800);
    range.director.move_emitter(emitter, Vec3::X);
    range.director.update(range.frame, 0, 480);
    let from = range.director.take_orders().find_map(|order| match order.command {
        Command::Start(start) => Some(start.from),
        _ => None,
    });
    assert_eq!(from, Some(StartFrom::Running(24_480.0)));
}

#[test]
fn a_one_shot_whose_time_passes_unheard_ends_on_its_own() {
    let mut range = Range::new("virtual: Elapsed");
    let id = range.post("shot", Vec3::X * 500.0);
    range.pass(47_000);
    assert_eq!(range.director.state(id), Some(State::Virtual));
    range.pass(1_100);
    assert_eq!(range.ends(), [(id, Ended::Finished)]);
}

#[test]
fn what_is_too_quiet_to_hear_needs_no_voice_and_wakes_when_it_is_louder() {
    let mut range = Range::new("");
    let emitter = range.director.add_emitter(Vec3::X, Decibels::UNITY);
    let id = range.post_on("loop", Some(emitter));
    for (db, real) in [(-79.0, true), (-81.0, false), (-79.0, false), (-77.0, true)] {
        range.director.set_emitter_gain(emitter, Decibels::clamped(db));
        range.pass(480);
        assert_eq!(range.is_real(id), real, "at {db} dB");
    }
}

#[test]
fn a_sleeper_takes_nobodys_place_by_age_and_gets_the_first_that_is_free() {
    let mut range = Range::new("limit: (max: 2)");
    let emitters =
        [2.0, 3.0, 4.0].map(|distance| range.director.add_emitter(Vec3::X * distance, Decibels::UNITY));
    let ids = emitters.map(|emitter| range.post_on("loop", Some(emitter)));
    for _ in 0..20 {
        range.pass(480);
        assert_eq!(ids.map(|id| range.is_real(id)), [false, true, true], "the oldest gave way, and stays so");
    }
    range.director.stop(ids[1], Some(0), 0);
    range.pass(480);
    range.pass(480);
    assert_eq!(ids.map(|id| range.is_real(id)), [true, false, true]);
}
