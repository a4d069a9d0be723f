//! What plays one after another: continuous sequences and draws, and scatters.

use super::*;

/// A director and a stand-in for the mixer: it tells of each sound's end when it has come to it.
struct Stage {
    director: Director,
    now: u64,
    sounding: Vec<(VoiceId, u64)>,
    /// What began: the sound, and the frame.
    begun: Vec<(String, u64)>,
    mixes: Vec<VoiceMix>,
    rises: Vec<(u32, u32)>,
}

impl Stage {
    fn new(bank: &str, seed: u64) -> Self {
        Self::of(director(bank, 32, seed))
    }

    fn of(director: Director) -> Self {
        Self {
            director,
            now: 0,
            sounding: Vec::new(),
            begun: Vec::new(),
            mixes: Vec::new(),
            rises: Vec::new(),
        }
    }

    fn post(&mut self, on: Option<EmitterKey>) -> PlaybackId {
        let event = event(&self.director, "e");
        self.director.post(event, on, self.now)
    }

    /// Goes on to a frame, with an update each `step` frames.
    fn run(&mut self, to: u64, step: u64) {
        while self.now < to {
            let now = self.now;
            self.sounding.retain(|&(voice, end)| {
                if end <= now {
                    self.director.report(Report::Ended { voice, stopped: false });
                }
                end > now
            });
            self.director.update(now, 0, 480);
            self.take_orders();
            self.now += step;
        }
    }

    fn take_orders(&mut self) {
        let bank = self.director.bank().clone();
        let orders: Vec<Command> = self.director.take_orders().map(|order| order.command).collect();
        for command in orders {
            match command {
                Command::Start(start) => {
                    let frames = self.director.facts[start.sample as usize].unwrap().frames;
                    let (StartFrom::Frame(from) | StartFrom::Running(from)) = start.from else { panic!() };
                    let left = (f64::from(frames) - from) / f64::from(start.mix.rate);
                    let end = if start.looping { u64::MAX } else { start.at + left.ceil() as u64 };
                    self.sounding.push((start.voice, end));
                    let name = bank.sounds[start.sample as usize].name.replace(".ogg", "");
                    self.begun.push((name, start.at));
                    self.mixes.push(start.mix);
                    self.rises.push((start.fade_in, start.fade_out));
                }
                Command::Stop { voice, at, fade } => {
                    let end = at.max(self.now) + u64::from(fade);
                    self.sounding.retain(|&(other, _)| other != voice);
                    // Whether it was stopped is told with the next report; here at once.
                    let _ = end;
                    self.director.report(Report::Ended { voice, stopped: true });
                }
                _ => {}
            }
        }
    }

    fn names(&self) -> String {
        self.begun.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn times(&self) -> Vec<u64> {
        self.begun.iter().map(|(_, at)| *at).collect()
    }

    fn told(&mut self) -> Vec<Ended> {
        {
            let notices = self.director.take_notices();
            notices
                .filter_map(|told| match told.what {
                    Happened::Ended(why) => Some(why),
                    _ => None,
                })
                .collect()
        }
    }
}

fn of(play: &str) -> String {
    format!(
        r#"Bank(
            parameters: {{"surface": (labels: ["wood", "grass"]), "tension": ()}},
            events: {{"e": (play: {play})}},
        )"#
    )
}

fn heard(play: &str, seconds: u64) -> Stage {
    let mut stage = Stage::new(&of(play), 3);
    stage.post(None);
    stage.run(seconds * 48_000, 480);
    stage
}

#[test]
fn a_continuous_sequence_plays_all_of_it_without_a_gap_and_ends_once() {
    let mut stage = heard(r#"Sequence(of: ["a.ogg", "b.ogg", "c.ogg"], mode: Continuous)"#, 5);
    assert_eq!(stage.names(), "a b c");
    assert_eq!(stage.times(), [0, 48_000, 96_000]);
    assert_eq!(stage.told(), [Ended::Finished]);
    let ping = heard(
        r#"Sequence(of: ["a.ogg", "b.ogg", "c.ogg"], mode: Continuous, at_end: PingPong, loops: 2)"#,
        12,
    );
    assert_eq!(ping.names(), "a b c b a b c b");
    let endless = heard(r#"Sequence(of: ["a.ogg", "b.ogg"], mode: Continuous, loops: 0)"#, 9);
    assert_eq!(endless.names(), "a b a b a b a b a b");
    // Each playback begins with the first, and has its own place.
    let mut twice = Stage::new(&of(r#"Sequence(of: ["a.ogg", "b.ogg"], mode: Continuous)"#), 0);
    twice.post(None);
    twice.run(24_000, 480);
    twice.post(None);
    twice.run(200_000, 480);
    assert_eq!((twice.names(), twice.times()), ("a a b b".to_owned(), vec![0, 24_000, 48_000, 72_000]));
}

#[test]
fn gaps_crossfades_and_triggers_set_the_next_ones_beginning() {
    let play = |transition: &str| {
        let of = r#"["a.ogg", "b.ogg", "c.ogg"]"#;
        heard(&format!("Sequence(of: {of}, mode: Continuous, transition: ({transition}))"), 6)
    };
    assert_eq!(play("time: 0.25").times(), [0, 60_000, 120_000]);
    assert_eq!(play("kind: Trigger, time: 0.1").times(), [0, 4800, 9600]);
    let crossed = play("kind: Crossfade, time: 0.25");
    assert_eq!(crossed.times(), [0, 36_000, 72_000]);
    // The first rises and the last falls as they are; between them both take a quarter of a second.
    assert_eq!(crossed.rises, [(0, 12_000), (12_000, 12_000), (12_000, 0)]);
    // They never overlap by more than half of one.
    assert_eq!(play("kind: Crossfade, time: 9").times(), [0, 24_000, 48_000]);
}

#[test]
fn each_item_draws_anew_and_one_of_several_sounds_lasts_as_long_as_the_longest() {
    let stage = heard(
        r#"Sequence(mode: Continuous, loops: 0, pitch: (-3, 3), of: [
            Layer(of: ["a.ogg", (play: Random(of: ["b.ogg", "c.ogg"], avoid: 1), delay: 0.5)], pitch: 0),
        ])"#,
        20,
    );
    let mut pitches: Vec<f32> = stage.mixes.iter().map(|mix| mix.rate).collect();
    pitches.sort_by(f32::total_cmp);
    pitches.dedup();
    assert!(pitches.len() > 8, "{pitches:?}");
    let late: Vec<_> = stage.begun.iter().filter(|(name, _)| name != "a").collect();
    assert!(late.windows(2).all(|pair| pair[0].0 != pair[1].0), "drawn in turn: {late:?}");
    let (firsts, rates): (Vec<u64>, Vec<f32>) = stage
        .begun
        .iter()
        .zip(&stage.mixes)
        .filter(|(one, _)| one.0 == "a")
        .map(|(one, mix)| (one.1, mix.rate))
        .unzip();
    for (pair, rate) in firsts.windows(2).zip(rates) {
        assert_eq!(pair[1] - pair[0], 24_000 + (48_000.0 / f64::from(rate)).ceil() as u64);
    }
}

#[test]
fn a_continuous_draw_avoids_and_shuffles_as_ever() {
    let stage =
        heard(r#"Random(of: [("a.ogg", 9), "b.ogg", "c.ogg"], mode: Continuous, loops: 20, avoid: 1)"#, 70);
    assert_eq!(stage.begun.len(), 60);
    assert!(stage.begun.windows(2).all(|pair| pair[0].0 != pair[1].0));
    let stage =
        heard(r#"Random(of: ["a.ogg", "b.ogg", "c.ogg"], mode: Continuous, loops: 20, shuffle: true)"#, 70);
    for round in stage.begun.chunks(3) {
        let mut names: Vec<_> = round.iter().map(|one| one.0.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["a", "b", "c"]);
    }
}

#[test]
fn strands_run_within_strands_and_beside_each_other() {
    let stage = heard(
        r#"Sequence(mode: Continuous, loops: 2, of: ["a.ogg", Sequence(mode: Continuous, of: ["b.ogg", "c.ogg"])])"#,
        8,
    );
    assert_eq!(stage.names(), "a b c a b c");
    assert_eq!(stage.times(), [0, 48_000, 96_000, 144_000, 192_000, 240_000]);
    let mut stage = heard(
        r#"Layer(of: ["a.ogg", (play: Sequence(mode: Continuous, of: ["b.ogg", "c.ogg"]), delay: 0.5)])"#,
        5,
    );
    assert_eq!((stage.names(), stage.times()), ("a b c".to_owned(), vec![0, 24_000, 72_000]));
    assert_eq!(stage.told(), [Ended::Finished]);
}

#[test]
fn a_stop_in_the_middle_is_the_end_even_between_two() {
    let bank = of(r#"Sequence(of: ["a.ogg", "b.ogg"], mode: Continuous, loops: 0, transition: (time: 0.5))"#);
    for stop_at in [24_000, 60_000, 71_520] {
        let mut stage = Stage::new(&bank, 0);
        let id = stage.post(None);
        stage.run(stop_at, 480);
        stage.director.stop(id, Some(0), 0);
        stage.take_orders();
        assert_eq!(stage.director.state(id), None, "at {stop_at}");
        assert_eq!(stage.told(), [Ended::Stopped]);
        let begun = stage.begun.len();
        stage.run(300_000, 480);
        assert_eq!(stage.begun.len(), begun, "nothing begins after a stop at {stop_at}");
    }
    // A stop to come lets begin what begins before it.
    let mut stage = Stage::new(&of(r#"Sequence(of: ["a.ogg", "b.ogg"], mode: Continuous, loops: 0)"#), 0);
    let id = stage.post(None);
    stage.run(1000, 480);
    stage.director.stop(id, Some(0), 100_000);
    stage.run(300_000, 480);
    assert_eq!(stage.names(), "a b a", "the third is stopped as soon as it has begun");
    let mut all = Stage::new(&bank, 0);
    all.post(None);
    all.run(60_000, 480);
    all.director.stop_all(Some(0), 0);
    assert_eq!(all.told(), [Ended::Stopped]);
}

#[test]
fn what_is_held_goes_on_with_the_next_as_much_later() {
    let bank = of(r#"Sequence(of: ["a.ogg", "b.ogg"], mode: Continuous, loops: 0, transition: (time: 0.5))"#);
    // In the silence between two; and when the next was given out, but had not begun.
    for hold in [57_600, 71_040] {
        let mut stage = Stage::new(&bank, 0);
        let id = stage.post(None);
        stage.run(hold, 480);
        stage.director.pause(id, true);
        stage.take_orders();
        stage.run(hold + 96_000, 480);
        stage.director.pause(id, false);
        stage.run(hold + 200_000, 480);
        let b = stage.begun.iter().rev().find(|(name, _)| name == "b").unwrap();
        assert_eq!(b.1, 72_000 + 96_000, "held at {hold}: {:?}", stage.begun);
    }
}

const FAR: &str =
    r#"Sequence(of: ["a.ogg", "b.ogg", "c.ogg"], mode: Continuous, loops: 0), space: (max: 10)"#;

#[test]
fn out_of_earshot_it_goes_on_and_comes_back_with_what_would_be_heard() {
    let mut stage = Stage::new(&of(FAR), 0);
    stage.director.set_listener(Some(Pose::ORIGIN));
    let emitter = stage.director.add_emitter(Vec3::X * 50.0, Decibels::UNITY);
    let id = stage.post(Some(emitter));
    stage.run(110_000, 480);
    assert!(stage.begun.is_empty() && stage.director.state(id) == Some(State::Virtual));
    stage.director.move_emitter(emitter, Vec3::X);
    stage.run(150_000, 480);
    // The third began at 96 000 and is joined where it is; the fourth follows it exactly.
    assert_eq!(stage.names(), "c a");
    assert_eq!(stage.times()[1], 144_000);
    let waiting = of(&FAR.replace("space:", "virtual: Resume, space:"));
    let mut stage = Stage::new(&waiting, 0);
    stage.director.set_listener(Some(Pose::ORIGIN));
    let emitter = stage.director.add_emitter(Vec3::X * 50.0, Decibels::UNITY);
    stage.post(Some(emitter));
    stage.run(480_000, 480);
    stage.director.move_emitter(emitter, Vec3::X);
    stage.run(600_000, 480);
    assert_eq!((stage.names(), stage.times()), ("a b c".to_owned(), vec![480_000, 528_000, 576_000]));
    let ending = of(&FAR.replace("space:", "virtual: Kill, space:"));
    let mut stage = Stage::new(&ending, 0);
    stage.director.set_listener(Some(Pose::ORIGIN));
    let emitter = stage.director.add_emitter(Vec3::X, Decibels::UNITY);
    stage.post(Some(emitter));
    stage.run(60_000, 480);
    stage.director.move_emitter(emitter, Vec3::X * 50.0);
    stage.run(200_000, 480);
    assert_eq!((stage.names().as_str(), stage.told()), ("a b", vec![Ended::OutOfEarshot]));
    assert!(stage.director.on_emitter(emitter).is_empty());
}

#[test]
fn a_reload_in_the_middle_goes_on_with_the_next_of_the_new_list() {
    let mut stage = Stage::new(&of(r#"Sequence(of: ["a.ogg", "b.ogg", "c.ogg"], mode: Continuous)"#), 0);
    let id = stage.post(None);
    stage.run(20_000, 480);
    let (bank, facts) = compiled(&of(
        r#"Sequence(of: ["a.ogg", "x.ogg", "c.ogg", "d.ogg"], mode: Continuous, transition: (time: 0.1))"#,
    ));
    stage.director.adopt(bank, facts, 0);
    stage.run(400_000, 480);
    assert_eq!((stage.names(), stage.times()), ("a x c d".to_owned(), vec![0, 52_800, 105_600, 158_400]));
    assert_eq!((stage.told(), stage.director.state(id)), (vec![Ended::Finished], None));
    // When the event plays something else, that begins, and the old one fades out.
    let mut stage = Stage::new(&of(r#"Sequence(of: ["a.ogg", "b.ogg"], mode: Continuous)"#), 0);
    let id = stage.post(None);
    stage.run(20_160, 480);
    let (bank, facts) = compiled(&of(r#"Clip(file: "z.ogg", looping: true)"#));
    stage.director.adopt(bank, facts, 0);
    stage.run(200_000, 480);
    assert_eq!(stage.times(), [0, 19_680], "with the last update");
    assert!(matches!(stage.director.state(id), Some(State::Real(_))) && stage.told().is_empty());
    // An event that is gone takes it along.
    let (bank, facts) = compiled(r#"Bank(events: {"other": (play: "a.ogg")})"#);
    stage.director.adopt(bank, facts, 0);
    stage.run(300_000, 480);
    assert_eq!((stage.told(), stage.director.state(id)), (vec![Ended::Removed], None));
}

#[test]
fn a_strand_under_a_switch_crosses_over_with_it() {
    let play = r#"Switch(on: "surface", crossfade: 0.1, cases: {
        "wood": Sequence(of: ["a.ogg", "b.ogg"], mode: Continuous, loops: 0),
        "grass": Sequence(of: ["g.ogg", "h.ogg"], mode: Continuous, loops: 0),
    })"#;
    let mut stage = Stage::new(&of(play), 0);
    let id = stage.post(None);
    stage.run(60_000, 480);
    let surface = stage.director.bank().parameter("surface").unwrap();
    stage.director.set_parameter(None, surface, 1.0);
    stage.run(130_000, 480);
    assert_eq!((stage.names(), stage.times()), ("a b g h".to_owned(), vec![0, 48_000, 60_000, 108_000]));
    assert_eq!((stage.rises[2].0, stage.told()), (4800, vec![]));
    assert!(matches!(stage.director.state(id), Some(State::Real(_))));
}

#[test]
fn the_seed_decides_what_comes() {
    let play = r#"Random(of: ["a.ogg", "b.ogg", "c.ogg"], mode: Continuous, loops: 0, pitch: (-2, 2))"#;
    let played = |seed| {
        let mut stage = Stage::new(&of(play), seed);
        stage.post(None);
        stage.run(960_000, 480);
        stage.begun
    };
    assert_eq!(played(4), played(4));
    assert_ne!(played(4), played(5));
}

#[test]
fn what_lasts_no_time_holds_nobody_up() {
    let mut stage = heard(r#"Sequence(of: [Silence(), Silence()], mode: Continuous, loops: 0)"#, 1);
    assert!(stage.begun.is_empty() && stage.told().is_empty());
    let mut stage = heard(r#"Sequence(of: [Silence(), "a.ogg", Silence()], mode: Continuous)"#, 2);
    assert_eq!((stage.times(), stage.told()), (vec![0], vec![Ended::Finished]));
}

const BIRDS: &str = r#"Scatter(of: ["a.ogg", "b.ogg", "c.ogg"], every: (0.5, 3), around: (min: 2, max: 15, height: (1, 4)), max: 4), space: (max: 40)"#;

/// A stage with a scatter at a distance from the listener.
fn birds(text: &str, distance: f32, seed: u64) -> (Stage, EmitterKey, PlaybackId) {
    let mut stage = Stage::new(&of(text), seed);
    stage.director.set_listener(Some(Pose::ORIGIN));
    let emitter = stage.director.add_emitter(Vec3::X * distance, Decibels::UNITY);
    let id = stage.post(Some(emitter));
    (stage, emitter, id)
}

#[test]
fn a_scatter_goes_on_by_chance_within_its_times_and_its_ring() {
    let (mut stage, _, id) = birds(BIRDS, 0.0, 7);
    let mut places: BTreeMap<PlaybackId, Vec3> = BTreeMap::new();
    while stage.now < 48_000 * 200 {
        let next = stage.now + 4800;
        stage.run(next, 4800);
        let members = stage.director.members(id);
        for (member, playback) in
            members.iter().filter_map(|id| Some((*id, stage.director.playbacks.get(*id)?)))
        {
            places.insert(member, playback.take.away);
        }
    }
    let between: Vec<u64> = stage.times().windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(stage.times()[0] < 144_000, "the first comes within one time");
    assert!(between.iter().all(|time| (24_000..=144_000).contains(time)), "{between:?}");
    let mean = between.iter().sum::<u64>() as f64 / between.len() as f64 / 48_000.0;
    assert!((1.5..2.0).contains(&mean), "a mean of {mean} s");
    assert!(stage.begun.windows(2).all(|pair| pair[0].0 != pair[1].0), "avoid holds");
    let rings: Vec<f32> = places.values().map(|away| Vec3::new(away.x, 0.0, away.z).length()).collect();
    assert!(rings.iter().all(|ring| (1.99..15.01).contains(ring)), "{rings:?}");
    assert!(places.values().all(|away| (1.0..=4.0).contains(&away.y)));
    // Evenly over the ring's area: half of it lies beyond 10.7 m.
    let outer = rings.iter().filter(|ring| **ring > 10.7).count() as f32 / rings.len() as f32;
    assert!((0.35..0.65).contains(&outer), "{outer} of {}", rings.len());
    // They are heard from where they are.
    let sides = stage.mixes.iter().filter(|mix| mix.left > mix.right).count();
    assert!(sides > 20 && stage.mixes.len() - sides > 20);
    assert!(stage.told().is_empty());
    stage.director.stop(id, Some(0), 0);
    stage.take_orders();
    assert_eq!((stage.told(), stage.director.state(id)), (vec![Ended::Stopped], None));
}

#[test]
fn a_scatter_ends_after_its_count_and_keeps_to_its_most() {
    let (mut stage, ..) = birds(r#"Scatter(of: ["a.ogg"], every: 0.5, count: 5)"#, 0.0, 1);
    stage.run(480_000, 480);
    assert_eq!((stage.begun.len(), stage.told()), (5, vec![Ended::Finished]));
    // Each lasts a second and one comes every tenth of one, so three are always there and the others left out.
    let (mut stage, ..) = birds(r#"Scatter(of: ["a.ogg"], every: 0.1, max: 3)"#, 0.0, 1);
    let mut most = 0;
    while stage.now < 480_000 {
        let next = stage.now + 480;
        stage.run(next, 480);
        most = most.max(stage.sounding.len());
    }
    assert_eq!(most, 3);
    assert!((24..=31).contains(&stage.begun.len()), "{}", stage.begun.len());
}

#[test]
fn a_scatter_out_of_earshot_draws_nothing_and_begins_when_one_comes_near() {
    let (mut stage, emitter, id) = birds(BIRDS, 500.0, 7);
    let before = stage.director.rng.clone().next();
    stage.run(4_800_000, 48_000);
    assert_eq!(stage.director.state(id), Some(State::Virtual));
    assert!(stage.begun.is_empty() && stage.director.playbacks.ids().is_empty());
    assert_eq!(stage.director.rng.clone().next(), before, "no chance was used up");
    stage.director.move_emitter(emitter, Vec3::X);
    stage.run(4_800_000 + 480_000, 480);
    assert!(stage.begun.len() >= 3, "{:?}", stage.begun);
    // What it has begun moves with it, and goes on being its own playback.
    stage.director.move_emitter(emitter, Vec3::X * 500.0);
    let begun = stage.begun.len();
    stage.run(4_800_000 + 960_000, 480);
    assert_eq!((stage.begun.len(), stage.told()), (begun, vec![]));
}

#[test]
fn a_scatter_is_held_and_survives_a_reload() {
    let (mut stage, _, id) = birds(BIRDS, 0.0, 7);
    stage.run(480_000, 480);
    stage.director.pause(id, true);
    stage.take_orders();
    let begun = stage.begun.len();
    stage.run(960_000, 480);
    assert_eq!(stage.begun.len(), begun);
    stage.director.pause(id, false);
    let (bank, facts) = compiled(&of(&BIRDS.replace("\"b.ogg\"", "\"x.ogg\"")));
    stage.director.adopt(bank, facts, 0);
    stage.run(1_920_000, 480);
    let after: Vec<_> = stage.begun[begun..].iter().map(|one| one.0.as_str()).collect();
    assert!(after.contains(&"x") && !after.contains(&"b"), "{after:?}");
    assert!(stage.told().is_empty());
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 40, failure_persistence: None, ..Default::default() })]

    /// Whatever the lengths, pitches and steps of time, the next begins on the very frame after the end and the gap.
    #[test]
    fn the_next_begins_exactly_where_the_one_before_ends(
        lengths in proptest::collection::vec(1_u32..30_000, 1..5), pitch in -12.0_f32..12.0, gap in 0_u32..200,
        step in 100_u64..4000, seed: u64,
    ) {
        let names: Vec<String> = (0..lengths.len()).map(|index| format!("\"{index}.ogg\"")).collect();
        let gap = gap as f32 / 1000.0;
        let play = format!("Sequence(of: [{}], mode: Continuous, loops: 2, pitch: {pitch}, transition: (time: {gap}))", names.join(", "));
        let (bank, mut facts) = compiled(&of(&play));
        for (index, &length) in lengths.iter().enumerate() {
            let sound = bank.sound(&format!("{index}.ogg")).unwrap();
            facts[sound.index()].as_mut().unwrap().frames = length;
        }
        let mut stage = Stage::of(Director::new(Config { sample_rate: RATE, voices: 8, seed }, bank, facts));
        stage.post(None);
        stage.run(900_000, step);
        proptest::prop_assert_eq!(stage.begun.len(), lengths.len() * 2);
        let rate = f64::from(stage.mixes[0].rate);
        let gap = (f64::from(gap) * 48_000.0) as u64;
        let mut at = 0;
        for (index, (_, begun)) in stage.begun.iter().enumerate() {
            proptest::prop_assert_eq!(*begun, at, "the {}. of {:?}", index, &stage.begun);
            at += (f64::from(lengths[index % lengths.len()]) / rate).ceil() as u64 + gap;
        }
        proptest::prop_assert_eq!(stage.told(), vec![Ended::Finished]);
    }
}

#[test]
fn a_pause_leaves_nothing_of_what_it_takes_back() {
    let bank = r#"Bank(
        sounds: {
            "a": Clip(file: "a.ogg", markers: {"m": 0.1}),
            "run": Sequence(of: ["a", "a"], mode: Continuous, loops: 0),
        },
        events: {"e": (play: "run")},
    )"#;
    let mut stage = Stage::new(bank, 1);
    let run = stage.post(None);
    let end = stage.now + 48_000;
    stage.run(end, 480);
    for _ in 0..300 {
        stage.director.pause(run, true);
        stage.run(stage.now + 480, 480);
        stage.director.pause(run, false);
        stage.run(stage.now + 4320, 480);
    }
    assert!(stage.director.ways.len() <= 2, "{} ways", stage.director.ways.len());
}
