//! Lines of dialogue: who speaks, who waits, and from which frame on.

use super::*;
use proptest::prelude::*;

const BANK: &str = r#"Bank(
    queues: {"story": (gap: 0.1, most: 2), "barks": (scope: Emitter)},
    events: {
        "low": (play: "low.ogg", line: (queue: "story", priority: 20)),
        "mid": (play: "mid.ogg", line: (queue: "story", priority: 50)),
        "high": (play: "high.ogg", line: (queue: "story", priority: 80)),
        "drop": (play: "drop.ogg", line: (queue: "story", when_busy: Drop)),
        "cut": (play: "cut.ogg", fade_out: 0.02, line: (queue: "story", priority: 50, when_busy: Interrupt)),
        "soon": (play: "soon.ogg", line: (queue: "story", patience: 0.5)),
        "bark": (play: "bark.ogg", line: (queue: "barks")),
        "scene": (actions: [Post("low"), Post("high")]),
        "steps": (play: "steps.ogg", line: (queue: "story"), cooldown: (time: 60)),
    },
)"#;

/// A director and a mixer that does nothing but end voices on their frame.
struct Stage {
    director: Director,
    now: u64,
    playing: BTreeMap<VoiceId, (String, u64, u64, bool)>,
    /// What was started, the frame of its start and the frame of its end.
    said: Vec<(String, u64, u64)>,
    ended: Vec<(PlaybackId, Ended)>,
}

impl Stage {
    fn new(bank: &str) -> Self {
        let director = director(bank, 16, 1);
        Self { director, now: 0, playing: BTreeMap::new(), said: Vec::new(), ended: Vec::new() }
    }

    fn post(&mut self, name: &str, at: u64) -> PlaybackId {
        let event = event(&self.director, name);
        self.director.post(event, None, at)
    }

    /// An update every 10 ms.
    fn run(&mut self, until: u64) {
        while self.now < until {
            self.step();
        }
    }

    fn step(&mut self) {
        self.director.update(self.now, 0, 480);
        let bank = self.director.bank().clone();
        for order in self.director.take_orders().collect::<Vec<_>>() {
            match order.command {
                Command::Start(start) => {
                    let name = bank.sounds[start.sample as usize].name.trim_end_matches(".ogg").to_owned();
                    let at = start.at.max(self.now);
                    self.playing.insert(start.voice, (name, at, at + u64::from(RATE), false));
                }
                Command::Stop { voice, at, fade } => {
                    if let Some((_, _, end, stopped)) = self.playing.get_mut(&voice) {
                        let cut = at.max(self.now) + u64::from(fade);
                        (*end, *stopped) = ((*end).min(cut), true);
                    }
                }
                _ => {}
            }
        }
        self.now += 480;
        let over: Vec<_> =
            self.playing.iter().filter(|(_, one)| one.2 <= self.now).map(|(voice, _)| *voice).collect();
        for voice in over {
            let (name, start, end, stopped) = self.playing.remove(&voice).unwrap();
            if end > start {
                self.said.push((name, start, end));
            }
            self.director.report(Report::Ended { voice, stopped });
        }
        self.ended.extend(ended(&mut self.director));
    }

    fn why(&self, id: PlaybackId) -> Option<Ended> {
        self.ended.iter().find(|(ended, _)| *ended == id).map(|(_, why)| *why)
    }

    fn told(&self) -> Vec<(&str, u64)> {
        self.said.iter().map(|(name, start, _)| (name.as_str(), *start)).collect()
    }
}

const SECOND: u64 = RATE as u64;
const GAP: u64 = 4800;

#[test]
fn lines_follow_one_another_by_priority_on_the_exact_frame() {
    let mut stage = Stage::new(BANK);
    let first = stage.post("mid", 1003);
    stage.run(9600);
    let low = stage.post("low", 0);
    let high = stage.post("high", 0);
    stage.run(9600 + 960);
    assert_eq!(stage.director.state(low), Some(State::Waiting));
    let queue = stage.director.bank().queue("story").unwrap();
    let ids = |lines: Vec<QueueLine>| -> Vec<_> { lines.into_iter().map(|line| line.playback).collect() };
    let (speaking, waiting) = stage.director.queue(queue);
    assert_eq!((ids(speaking), ids(waiting)), (vec![first], vec![high, low]));
    stage.run(4 * SECOND);
    let second = 1003 + SECOND + GAP;
    assert_eq!(stage.told(), [("mid", 1003), ("high", second), ("low", second + SECOND + GAP)]);
    assert_eq!(stage.why(low), Some(Ended::Finished));
    // After the gap an idle queue is as new: what comes is spoken on its frame.
    stage.post("low", 5 * SECOND + 7);
    stage.run(7 * SECOND);
    assert_eq!(stage.told().last(), Some(&("low", 5 * SECOND + 7)));
}

#[test]
fn what_is_not_to_wait_goes_with_its_reason() {
    let mut stage = Stage::new(BANK);
    stage.post("mid", 0);
    stage.run(4800);
    let (drop, soon, low) = (stage.post("drop", 0), stage.post("soon", 0), stage.post("low", 0));
    let mid = stage.post("mid", 0);
    stage.run(9600);
    assert_eq!(stage.why(drop), Some(Ended::Busy));
    assert_eq!(stage.why(low), Some(Ended::QueueFull), "three wait where two may, and it matters least");
    assert_eq!((stage.why(soon), stage.why(mid)), (None, None));
    stage.run(4800 + SECOND / 2);
    assert_eq!(stage.why(soon), None);
    stage.run(4800 + SECOND / 2 + 960);
    assert_eq!(stage.why(soon), Some(Ended::TooLate));
    // An idle queue speaks what drops itself.
    stage.run(4 * SECOND);
    let alone = stage.post("drop", 0);
    stage.run(6 * SECOND);
    assert_eq!(stage.why(alone), Some(Ended::Finished));
}

#[test]
fn an_interruption_begins_when_the_other_has_faded_out() {
    let mut stage = Stage::new(BANK);
    let (cut, high) = (stage.post("cut", 0), stage.post("low", 200));
    stage.run(9600);
    // It comes before what waits, and a frame is a frame.
    let other = stage.post("cut", 12_345);
    stage.run(3 * SECOND);
    let start = 12_345 + 960;
    assert_eq!(stage.told()[..2], [("cut", 0), ("cut", start)]);
    assert_eq!(stage.said[0].2, start, "20 ms of fade");
    assert_eq!(stage.why(cut), Some(Ended::Interrupted));
    assert_eq!(stage.told()[2], ("low", start + SECOND + GAP));
    stage.run(4 * SECOND);
    assert_eq!((stage.why(other), stage.why(high)), (Some(Ended::Finished), Some(Ended::Finished)));
    // Near its own end it is over before it has faded out.
    let mut stage = Stage::new(&BANK.replace("fade_out: 0.02", "fade_out: 0.5"));
    stage.post("cut", 0);
    stage.run(SECOND - 9600);
    stage.post("cut", SECOND - 4800);
    stage.run(3 * SECOND);
    assert_eq!(stage.told(), [("cut", 0), ("cut", SECOND)]);
    // What matters more is not interrupted: the other waits.
    let mut stage = Stage::new(BANK);
    let high = stage.post("high", 0);
    stage.run(4800);
    stage.post("cut", 0);
    stage.run(3 * SECOND);
    assert_eq!(stage.why(high), Some(Ended::Finished));
    assert_eq!(stage.told(), [("high", 0), ("cut", SECOND + GAP)]);
}

#[test]
fn each_character_has_a_mouth_of_its_own() {
    let mut stage = Stage::new(BANK);
    let bark = event(&stage.director, "bark");
    let emitters = [0.0, 1.0].map(|x| stage.director.add_emitter(Vec3::new(x, 0.0, 0.0), Decibels::UNITY));
    for on in [emitters[0], emitters[0], emitters[1]] {
        stage.director.post(bark, Some(on), 0);
    }
    stage.run(480);
    assert_eq!(stage.playing.len(), 2);
    // Who is gone says nothing more.
    assert_eq!(stage.director.on_emitter(emitters[0]).len(), 2);
    stage.director.remove_emitter(emitters[0]);
    stage.run(3 * SECOND);
    assert_eq!(stage.said.len(), 2);
}

#[test]
fn what_is_held_holds_the_others_and_what_is_stopped_lets_them_come() {
    let mut stage = Stage::new(&BANK.replace("gap: 0.1", "gap: 0"));
    let (first, second) = (stage.post("mid", 0), stage.post("mid", 0));
    // The next one is given out already when the one before it is held.
    stage.run(SECOND - 960);
    assert_eq!(stage.playing.len(), 2);
    stage.director.pause(first, true);
    for voice in stage.playing.values_mut().filter(|one| one.1 == 0) {
        voice.2 = u64::MAX;
    }
    stage.run(2 * SECOND);
    assert_eq!(stage.director.state(second), Some(State::Waiting), "it was taken back");
    stage.director.stop(first, Some(0), 0);
    stage.run(4 * SECOND);
    let next: Vec<_> = stage.said.iter().filter(|one| one.1 > 0).collect();
    assert_eq!(next.len(), 1);
    assert!((2 * SECOND..2 * SECOND + GAP + 960).contains(&next[0].1), "{next:?}");
    // A line that is held before its turn lets others pass and keeps its patience.
    let mut stage = Stage::new(BANK);
    stage.post("mid", 0);
    let soon = stage.post("soon", 0);
    stage.run(480);
    stage.director.pause(soon, true);
    stage.run(3 * SECOND);
    assert_eq!(stage.director.state(soon), Some(State::Waiting));
    stage.director.pause(soon, false);
    stage.run(5 * SECOND);
    assert_eq!(stage.why(soon), Some(Ended::Finished));
    let (waits, all) = (stage.post("mid", 0), stage.post("low", 0));
    stage.run(5 * SECOND + 960);
    stage.director.stop_all(None, 0);
    stage.run(6 * SECOND);
    assert_eq!((stage.why(waits), stage.why(all)), (Some(Ended::Stopped), Some(Ended::Stopped)));
}

#[test]
fn actions_post_lines_and_their_playback_lasts_as_long() {
    let mut stage = Stage::new(BANK);
    let scene = stage.post("scene", 0);
    stage.run(480);
    assert!(matches!(stage.director.state(scene), Some(State::Real(_))));
    stage.run(4 * SECOND);
    assert_eq!(stage.told(), [("high", 0), ("low", SECOND + GAP)]);
    assert_eq!(stage.why(scene), Some(Ended::Finished));
    // Cooldown is asked when it is its turn, and what it keeps out leaves no gap.
    stage.post("steps", 0);
    let (again, mid) = (stage.post("steps", 0), stage.post("low", 0));
    stage.run(8 * SECOND);
    assert_eq!((stage.why(again), stage.why(mid)), (Some(Ended::Cooldown), Some(Ended::Finished)));
    assert_eq!(stage.told()[2..], [("steps", 4 * SECOND), ("low", 5 * SECOND + GAP)]);
}

#[test]
fn a_reload_goes_on_by_names() {
    let mut stage = Stage::new(BANK);
    let (low, high) = (stage.post("mid", 0), stage.post("high", 0));
    let lost = stage.post("low", 0);
    stage.run(9600);
    // Another queue comes first by name, an event goes, the gap is longer.
    let text = BANK.replace("queues: {", r#"queues: {"a": (), "#).replace("gap: 0.1", "gap: 0.3");
    let text = text.replace(r#""low": (play: "low.ogg", line: (queue: "story", priority: 20)),"#, "");
    let (bank, facts) = compiled(&text.replace(r#"Post("low"), "#, ""));
    stage.director.adopt(bank, facts, 0);
    stage.run(4 * SECOND);
    assert_eq!(stage.why(lost), Some(Ended::Removed));
    assert_eq!(stage.told(), [("high", 0), ("mid", SECOND + 14_400)]);
    assert_eq!((stage.why(low), stage.why(high)), (Some(Ended::Finished), Some(Ended::Finished)));
}

#[test]
fn a_line_that_is_none_any_more_is_spoken_at_once_whatever_was_added_to_the_bank() {
    let mut stage = Stage::new(BANK);
    stage.post("mid", 0);
    stage.run(9600);
    let (high, bark) = (stage.post("high", 0), stage.post("low", 0));
    stage.run(14_400);
    let text = BANK.replace("events: {", r#"events: {"aaa": (play: "aaa.ogg"), "aab": (play: "aab.ogg"),"#);
    let (bank, facts) =
        compiled(&text.replace(r#""high.ogg", line: (queue: "story", priority: 80)"#, r#""high.ogg""#));
    stage.director.adopt(bank, facts, 0);
    stage.run(4 * SECOND);
    assert_eq!(stage.told(), [("mid", 0), ("high", 14_400), ("low", SECOND + GAP)]);
    assert_eq!((stage.why(high), stage.why(bark)), (Some(Ended::Finished), Some(Ended::Finished)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn never_two_at_once_and_always_by_priority(
        posts in prop::collection::vec((0_u64..4 * SECOND, 0_usize..3, any::<bool>()), 1..12),
    ) {
        let mut stage = Stage::new(&BANK.replace("most: 2", "most: 100"));
        let names = ["low", "mid", "high"];
        let mut ids = Vec::new();
        let mut posts = posts;
        posts.sort_unstable();
        // Some are posted at their time, some ahead of it.
        for &(at, which, ahead) in posts.iter().filter(|post| post.2) {
            ids.push((stage.post(names[which], at), names[which], at, ahead));
        }
        for &(at, which, ahead) in posts.iter().filter(|post| !post.2) {
            stage.run(at);
            ids.push((stage.post(names[which], 0), names[which], stage.now, ahead));
        }
        stage.run(20 * SECOND);
        prop_assert_eq!(stage.said.len(), posts.len(), "every one is spoken");
        for pair in stage.said.windows(2) {
            prop_assert_eq!(pair[1].1.max(pair[0].2 + GAP), pair[1].1, "the gap is kept: {:?}", pair);
        }
        // Whoever was there when a turn was given, a tenth of a second ahead, came no later than what matters less.
        let rank = |name: &str| names.iter().position(|known| *known == name).unwrap();
        for (place, (name, start, _)) in stage.said.iter().enumerate() {
            for (later, ..) in &stage.said[place + 1..] {
                if rank(later) > rank(name) {
                    let before = |of: &str| ids.iter().filter(|id| id.1 == of && id.2 + 5760 <= *start).count();
                    let spoken = stage.said[..place].iter().filter(|said| said.0 == *later).count();
                    prop_assert!(before(later) <= spoken, "{later} waited while {name} spoke: {:?}", stage.said);
                }
            }
        }
    }
}
