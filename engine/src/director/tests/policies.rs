//! How the everyday policies of other middleware are written, and that they do what their users expect.

use super::*;

/// A director that posts, and keeps what became of all that it posted.
struct Stage {
    director: Director,
    frame: u64,
    ended: BTreeMap<PlaybackId, Ended>,
}

impl Stage {
    fn new(bank: &str, voices: u16) -> Self {
        let mut director = director(bank, voices, 0);
        director.set_listener(Some(Pose::ORIGIN));
        Self { director, frame: 0, ended: BTreeMap::new() }
    }

    /// Posts an event and lets a hundredth of a second pass.
    fn post(&mut self, name: &str, on: Option<EmitterKey>) -> PlaybackId {
        let event = event(&self.director, name);
        let id = self.director.post(event, on, 0);
        self.pass();
        id
    }

    fn pass(&mut self) {
        self.frame += 480;
        update_and_report(&mut self.director, self.frame);
        self.ended.extend(self.director.take_notices().filter_map(|notice| match notice.what {
            Happened::Ended(why) => Some((notice.playback, why)),
            _ => None,
        }));
    }

    /// `R` for what has a voice, `v` for what is virtual, `S` for what was stolen from, `L` for what was refused by a limit,
    /// `N` for what found no voice.
    fn told(&self, ids: &[PlaybackId]) -> String {
        let letter = |id: &PlaybackId| match (self.director.state(*id), self.ended.get(id)) {
            (Some(State::Real(_)), _) => 'R',
            (Some(State::Virtual), _) => 'v',
            (_, Some(Ended::Stolen)) => 'S',
            (_, Some(Ended::Limited)) => 'L',
            (_, Some(Ended::NoVoice)) => 'N',
            other => panic!("{other:?}"),
        };
        ids.iter().map(letter).collect()
    }
}

/// Eight sounds want to play at once, and limits stand at three levels: the sound's own, its bus's, and the whole game's.
/// The order is that of other middleware: the own limit first, then each bus on the way up, the whole last; whoever is refused
/// lower down is not asked higher up, and what is virtual counts nowhere.
///
/// | there | here |
/// | --- | --- |
/// | limit on a sound object, global or per game object | `limit` of the event, `scope: Global` or `Emitter` |
/// | limit on a bus | `limit` of the bus; counts what plays below it, too |
/// | project-wide maximum of voices | `limit` on the bus `master`; beyond it the engine's own ceiling on voices |
/// | the lowest priority gives way; of equals the newest is discarded | `steal: Lowest` |
/// | of equals the oldest is discarded | `steal: Oldest`, which does not look at priorities |
/// | kill voice | a one-shot of which nothing is said, or `virtual: Kill` |
/// | use virtual voice settings | what loops, or any other `virtual` |
/// | a child that ignores its parent's limit | an event on a bus of its own beside that one |
///
/// The example: footsteps (priority 30, at most 2), gunshots (50) and explosions (80) on "sfx" (at most 4), a line of
/// dialogue (90) and a loop of wind (20) beside it, and at most 6 in all.
#[test]
fn eight_voices_under_limits_of_three_levels() {
    let bank = r#"Bank(
        buses: {
            "master": (limit: (max: 6, steal: Lowest)),
            "sfx": (limit: (max: 4, steal: Lowest)),
            "steps": (parent: "sfx"),
            "ambience": (), "dialogue": (),
        },
        sounds: {"wind": Clip(file: "wind.ogg", looping: true)},
        events: {
            "step": (play: "step.ogg", bus: "steps", priority: 30, limit: (max: 2, steal: Oldest)),
            "shot": (play: "shot.ogg", bus: "sfx", priority: 50),
            "blast": (play: "blast.ogg", bus: "sfx", priority: 80),
            "wind": (play: "wind", bus: "ambience", priority: 20),
            "line": (play: "line.ogg", bus: "dialogue", priority: 90),
        },
    )"#;
    let mut stage = Stage::new(bank, 32);
    let mut ids = Vec::new();
    // What is posted, and what has become of all of them then.
    for (name, told) in [
        ("wind", "R"),
        ("step", "RR"),
        ("step", "RRR"),
        // Its own limit of 2: the oldest step, though the bus has room.
        ("step", "RSRR"),
        ("shot", "RSRRR"),
        ("shot", "RSRRRR"),
        // The bus's 4: the lowest priority below it, of two steps the older one.
        ("blast", "RSSRRRR"),
        // The whole is at 5; the line makes 6.
        ("line", "RSSRRRRR"),
        // The whole is full: the wind matters least. It loops, so it is virtual, and does not end.
        ("line", "vSSRRRRRR"),
    ] {
        ids.push(stage.post(name, None));
        let fits: String = stage.told(&ids);
        assert_eq!(fits, told, "after {name}");
    }
    // A step may have one more by its own limit, but is the lowest on the bus: equals don't give way, so it is refused there.
    ids.push(stage.post("step", None));
    assert_eq!(stage.told(&ids), "vSSRRRRRRL");
    // What was stolen from or refused is gone; the virtual one comes back when the whole has room again.
    stage.director.stop(ids[7], Some(0), 0);
    (0..3).for_each(|_| stage.pass());
    assert_eq!(stage.director.state(ids[7]), None);
    assert!(matches!(stage.director.state(ids[0]), Some(State::Real(_))), "the wind is back");
}

#[test]
fn a_refusal_lower_down_steals_from_nobody_higher_up() {
    let bank = r#"Bank(
        buses: {"master": (limit: (max: 2, steal: Oldest)), "sfx": (limit: (max: 1, steal: Refuse))},
        events: {"line": (play: "line.ogg"), "shot": (play: "shot.ogg", bus: "sfx")},
    )"#;
    let mut stage = Stage::new(bank, 32);
    let ids = ["line", "shot", "shot"].map(|name| stage.post(name, None));
    assert_eq!(stage.told(&ids), "RRL", "the bus refuses, so the master's oldest stays");
    let more = stage.post("line", None);
    assert_eq!(stage.told(&[ids[0], ids[1], more]), "SRR");
}

#[test]
fn one_that_gives_way_on_a_bus_makes_room_in_the_whole_too() {
    let bank = r#"Bank(
        buses: {"master": (limit: (max: 3, steal: Lowest)), "sfx": (limit: (max: 2, steal: Oldest))},
        events: {"line": (play: "line.ogg", priority: 10), "shot": (play: "shot.ogg", bus: "sfx")},
    )"#;
    let mut stage = Stage::new(bank, 32);
    let ids = ["line", "shot", "shot", "shot"].map(|name| stage.post(name, None));
    assert_eq!(stage.told(&ids), "RSRR", "the shot's own victim counts no more, so the line stays");
}

#[test]
fn ties_go_to_those_that_play_by_priority_and_to_the_new_one_by_age() {
    for (steal, told) in
        [("Lowest", "RRL"), ("Oldest", "SRR"), ("Refuse", "RRL"), ("Quietest", "RRL"), ("Farthest", "RRL")]
    {
        let bank = format!(
            r#"Bank(buses: {{"sfx": (limit: (max: 2, steal: {steal}))}}, events: {{"shot": (play: "shot.ogg", bus: "sfx")}})"#
        );
        let mut stage = Stage::new(&bank, 32);
        let ids = ["shot", "shot", "shot"].map(|name| stage.post(name, None));
        assert_eq!(stage.told(&ids), told, "{steal}");
    }
}

#[test]
fn a_limit_on_the_master_holds_for_the_whole_project() {
    let bank = r#"Bank(
        buses: {"master": (limit: (max: 3, steal: Quietest)), "music": (), "sfx": (), "steps": (parent: "sfx")},
        events: {
            "soft": (play: "a.ogg", bus: "steps", gain: -12), "plain": (play: "b.ogg", bus: "music"),
            "loud": (play: "c.ogg", gain: 6),
        },
    )"#;
    let mut stage = Stage::new(bank, 32);
    let ids = ["soft", "plain", "loud", "plain", "soft"].map(|name| stage.post(name, None));
    assert_eq!(stage.told(&ids), "SRRRL");
}

#[test]
fn one_per_emitter_restarts_by_default_and_goes_on_if_it_refuses() {
    for (steal, told) in [("", ["SR", "R"]), (", steal: Refuse", ["RL", "R"])] {
        let bank = format!(
            r#"Bank(
                sounds: {{"hum": Clip(file: "hum.ogg", looping: true)}},
                events: {{"hum": (play: "hum", limit: (max: 1, scope: Emitter{steal}), virtual: Kill)}},
            )"#
        );
        let mut stage = Stage::new(&bank, 32);
        let [one, other] = [Vec3::X, Vec3::Y].map(|place| stage.director.add_emitter(place, Decibels::UNITY));
        let first = stage.post("hum", Some(one));
        let beside = stage.post("hum", Some(other));
        let again = stage.post("hum", Some(one));
        assert_eq!([stage.told(&[first, again]), stage.told(&[beside])], told, "{steal}");
    }
}

#[test]
fn a_retrigger_is_heard_from_the_beginning_and_a_refused_one_changes_nothing() {
    let orders = |steal: &str| {
        let bank = format!(
            r#"Bank(events: {{"shot": (play: "shot.ogg", limit: (max: 1, scope: Emitter{steal}))}})"#
        );
        let mut director = director(&bank, 8, 0);
        let emitter = director.add_emitter(Vec3::X, Decibels::UNITY);
        let shot = event(&director, "shot");
        director.post(shot, Some(emitter), 0);
        director.update(0, 0, 480);
        let _ = director.take_orders().count();
        director.post(shot, Some(emitter), 0);
        director.update(24_000, 0, 480);
        let orders: Vec<Command> = director.take_orders().map(|order| order.command).collect();
        let began = orders.iter().find_map(|order| match order {
            Command::Start(start) => Some((start.from, start.at)),
            _ => None,
        });
        (orders.iter().filter(|order| matches!(order, Command::Stop { .. })).count(), began)
    };
    assert_eq!(
        orders(""),
        (1, Some((StartFrom::Frame(0.0), 0))),
        "the old one fades, the new one begins at once"
    );
    assert_eq!(orders(", steal: Refuse"), (0, None));
}
