//! What events do beside playing: heard, in decibels and frames.

use crate::common::{LIMITER_LATENCY, RATE, Studio, level, near, run, tone};
use glam::Vec3;
use tonmeister::director::{Ended, Happened, PlaybackId, State};
use tonmeister::dsp::measure;
use tonmeister::prelude::*;
use tonmeister::runtime::Engine;

/// A project of a loop of 1 kHz, a click and a tone of half a second, with these events.
fn studio(events: &str) -> Studio {
    let mut click = vec![0.0; 64];
    click[0] = 0.5;
    let bank = format!(
        r#"Bank(
            buses: {{"music": (), "music/low": (parent: "music"), "sfx": ()}},
            modulators: {{"key": Envelope(release: 0.4)}},
            parameters: {{"tension": (max: 10), "floor": (labels: ["air", "wood"])}},
            sounds: {{
                "loop": Clip(file: "loop.wav", looping: true),
                "step": Switch(on: "floor", cases: {{"air": "nothing", "wood": "click.wav"}}),
                "nothing": Silence(),
            }},
            events: {{
                "loop": (play: "loop", fade_out: 0),
                "low": (play: "loop", bus: "music/low", fade_out: 0),
                "click": (play: "click.wav"),
                "step": (play: "step"),
                {events}
            }},
        )"#
    );
    let second = tone(1000.0, 0.5, RATE as usize);
    Studio::new(&bank).sound("loop.wav", &[&second]).sound("click.wav", &[&click])
}

/// The frames at which clicks are heard.
fn clicks(signal: &[f32]) -> Vec<usize> {
    (0..signal.len()).filter(|&n| signal[n].abs() > 0.2).map(|n| n - LIMITER_LATENCY).collect()
}

fn told(engine: &mut Engine, of: PlaybackId) -> Vec<Happened> {
    engine.take_notices().into_iter().filter(|told| told.playback == of).map(|told| told.what).collect()
}

#[test]
fn an_event_stops_another_over_a_fade() {
    let studio = studio(r#""fight": (actions: [Stop("loop", fade: 0.5)]),"#);
    let mut engine = studio.engine();
    let music = engine.post("loop", None).unwrap();
    run(&mut engine, 0.5);
    let fight = engine.post("fight", None).unwrap();
    let [left, _] = run(&mut engine, 0.8);
    let at = |milliseconds: usize| level(&left, milliseconds * 48..(milliseconds + 4) * 48);
    let full = -9.03 - 3.01;
    near(level(&left, 0..240), full, 0.1, "before the fade is heard");
    // The limiter looks 5 ms ahead, and the middle of a window lies 2 ms after its start.
    for (share, what) in [(0.25, "a quarter"), (0.5, "half"), (0.75, "three quarters")] {
        let milliseconds = (share * 500.0) as usize + 5 - 2 + 1;
        let gone = 20.0 * (1.0_f64 - share).log10();
        near(at(milliseconds) - full, gone, 0.15, what);
    }
    assert!(left[510 * 48..].iter().all(|&sample| sample == 0.0), "silent after the fade");
    assert_eq!(measure::find_clicks(&left, RATE), []);
    assert_eq!((engine.state(music), engine.state(fight)), (None, None));
    let told = engine.take_notices();
    let ends: Vec<_> = told.iter().filter(|told| matches!(told.what, Happened::Ended(_))).collect();
    assert_eq!((ends[0].playback, &ends[0].what), (fight, &Happened::Ended(Ended::Finished)));
    assert_eq!((ends[1].playback, &ends[1].what), (music, &Happened::Ended(Ended::Stopped)));
}

#[test]
fn delays_are_exact_to_the_frame() {
    let studio = studio(
        r#""burst": (play: "click.wav", actions: [Post("click", delay: 0.05), Post("late", delay: 0.3)]),
        "late": (actions: [Post("click"), Post("click", delay: 0.1001)]),
        "cut": (play: "loop", actions: [Stop("cut", fade: 0, delay: 0.2503)]),"#,
    );
    // Ahead of time, and in the middle of a game for now: then all counts from the frame in which the first is heard.
    for at in [4801_u64, 30_000, 0] {
        let mut engine = studio.engine();
        run(&mut engine, 0.033);
        let burst = engine.post_at("burst", None, at).unwrap();
        let begin = if at == 0 { engine.mixer_frame() } else { at } as usize;
        let before = 1584;
        let [left, _] = run(&mut engine, 1.5);
        let heard: Vec<_> = clicks(&left).into_iter().map(|frame| frame + before).collect();
        let gaps = [0, 2400, 14_400, 14_400 + 4805];
        assert_eq!(heard, gaps.map(|gap| begin + gap), "posted for {at}");
        assert_eq!(engine.state(burst), None);
    }
    let mut engine = studio.engine();
    engine.post_at("cut", None, 7777);
    let [left, _] = run(&mut engine, 1.0);
    let sounds = |n: &usize| left[*n] != 0.0;
    let (first, last) = ((0..left.len()).find(sounds).unwrap(), (0..left.len()).rfind(sounds).unwrap());
    // A sine's first sample is nothing.
    assert_eq!(first - LIMITER_LATENCY, 7777 + 1);
    assert!((last + 1 - LIMITER_LATENCY).abs_diff(7777 + 12_014) <= 1, "ends at {last}");
}

#[test]
fn a_probability_is_kept_and_the_seed_decides() {
    let studio = studio(
        r#""maybe": (actions: [Post(event: "click", probability: 0.3)]),
        "never": (actions: [Post(event: "click", probability: 0)]),"#,
    );
    let heard = |seed: u64| {
        let mut engine = studio.builder().seed(seed).build().unwrap();
        let mut heard = Vec::new();
        for post in 0..1000 {
            let id = engine.post("maybe", None).unwrap();
            engine.post("never", None);
            if engine.state(id).is_some() {
                heard.push(post);
            }
            if post % 10 == 0 {
                run(&mut engine, 0.01);
            }
        }
        heard
    };
    let (one, other) = (heard(1), heard(2));
    // Three standard deviations of 1000 draws are 43.
    assert!(one.len().abs_diff(300) < 44 && other.len().abs_diff(300) < 44, "{} {}", one.len(), other.len());
    assert_eq!(one, heard(1));
    assert_ne!(one, other);
}

#[test]
fn actions_come_in_their_order_and_before_the_sound() {
    let studio = studio(
        r#""walk": (play: "step", actions: [Set(parameter: "floor", to: "wood"), Set(parameter: "tension", to: 3), Set(parameter: "tension", to: 4)]),
        "again": (play: "loop", gain: -6, actions: [Stop("again", fade: 0)], fade_out: 0),"#,
    );
    let mut engine = studio.engine();
    engine.post("step", None);
    engine.post("walk", None);
    let [left, _] = run(&mut engine, 0.1);
    assert_eq!(clicks(&left), [0], "the label set is the label heard");
    assert_eq!(engine.parameter("tension").unwrap().set, 4.0);
    let ids: Vec<_> = (0..3)
        .map(|_| {
            let id = engine.post("again", None).unwrap();
            run(&mut engine, 0.1);
            id
        })
        .collect();
    let real: Vec<_> = ids.iter().map(|&id| engine.state(id).is_some()).collect();
    assert_eq!(real, [false, false, true], "each stops the one before and not itself");
    assert_eq!(engine.voices(), 1);
}

#[test]
fn what_it_concerns_is_the_emitters_own_unless_it_says_global() {
    let studio = studio(
        r#""hush": (actions: [Stop("loop")]),
        "hush all": (actions: [Stop(event: "loop", scope: Global)]),
        "alarm": (actions: [Set("tension", to: 7)]),
        "alarm all": (actions: [Set("tension", to: 8, scope: Global)]),"#,
    );
    let mut engine = studio.engine();
    let [one, other] = [Vec3::X, Vec3::Y].map(|place| engine.add_emitter(place, Decibels::UNITY));
    let playing = |engine: &Engine| [one, other].map(|emitter| engine.on_emitter(emitter).len());
    let start = |engine: &mut Engine| {
        engine.post("loop", Some(one));
        engine.post("loop", Some(other));
        run(engine, 0.05);
    };
    start(&mut engine);
    engine.post("hush", Some(one));
    run(&mut engine, 0.05);
    assert_eq!(playing(&engine), [0, 1]);
    engine.post("loop", Some(one));
    engine.post("hush all", Some(one));
    run(&mut engine, 0.05);
    assert_eq!(playing(&engine), [0, 0]);
    start(&mut engine);
    engine.post("hush", None);
    run(&mut engine, 0.05);
    assert_eq!(playing(&engine), [0, 0], "posted on none, it is all of them");
    engine.post("alarm", Some(one));
    let tension = |engine: &Engine| {
        [one, other].map(|emitter| engine.emitter_parameter(emitter, "tension").unwrap().set)
    };
    assert_eq!(tension(&engine), [7.0, 0.0]);
    engine.post("alarm all", Some(one));
    assert_eq!(tension(&engine), [7.0, 8.0]);
}

#[test]
fn one_playback_stands_for_all_that_its_actions_post() {
    let studio = studio(
        r#""scene": (actions: [Post("loop"), Post("deeper", delay: 0.3), Post("click", delay: 1)]),
        "deeper": (play: "loop", fade_out: 0, actions: [Post("low", delay: 0.3)]),"#,
    );
    let mut engine = studio.engine();
    let emitter = engine.add_emitter(Vec3::X, Decibels::UNITY);
    let scene = engine.post("scene", Some(emitter)).unwrap();
    run(&mut engine, 0.05);
    assert_eq!((engine.voices(), engine.on_emitter(emitter)), (1, &[scene][..]));
    assert_eq!(told(&mut engine, scene), [Happened::Started]);
    run(&mut engine, 0.3);
    assert_eq!(engine.voices(), 2);
    run(&mut engine, 0.3);
    assert_eq!(engine.voices(), 3);
    engine.stop(scene, None);
    let [left, _] = run(&mut engine, 0.5);
    assert_eq!(engine.voices(), 0);
    assert!(left[2400..].iter().all(|&sample| sample == 0.0), "the click that waited is taken back");
    assert_eq!(told(&mut engine, scene), [Happened::Ended(Ended::Stopped)], "once, for all");
    assert_eq!((engine.state(scene), engine.on_emitter(emitter)), (None, &[][..]));

    // Held, it waits; and what is held of its time comes later. A voice has its orders a tenth of a second ahead.
    let scene = engine.post("scene", Some(emitter)).unwrap();
    run(&mut engine, 0.05);
    engine.pause(scene);
    run(&mut engine, 1.0);
    assert_eq!(engine.voices(), 1);
    engine.resume(scene);
    run(&mut engine, 0.13);
    assert_eq!(engine.voices(), 1);
    run(&mut engine, 0.05);
    assert_eq!(engine.voices(), 2);
    // And it goes with its emitter.
    engine.remove_emitter(emitter);
    run(&mut engine, 0.6);
    assert_eq!((engine.voices(), engine.state(scene)), (0, None));
}

#[test]
fn an_event_that_posts_itself_goes_on_evenly_until_it_is_stopped() {
    let studio = studio(
        r#""drip": (play: "click.wav", actions: [Post("drip", delay: 0.25)]),
        "dry": (actions: [Stop("drip")]),"#,
    );
    let mut engine = studio.engine();
    let drip = engine.post_at("drip", None, 1000).unwrap();
    let [left, _] = run(&mut engine, 2.0);
    let frames: Vec<_> = (0..8).map(|n| 1000 + n * 12_000).collect();
    assert_eq!(clicks(&left), frames);
    assert!(engine.state(drip).is_some());
    engine.post("dry", None);
    let [left, _] = run(&mut engine, 1.0);
    assert_eq!(clicks(&left), []);
    assert_eq!(told(&mut engine, drip), [Happened::Started, Happened::Ended(Ended::Stopped)]);
}

#[test]
fn the_desk_and_what_plays_obey() {
    let studio = studio(
        r#""menu": (actions: [Mute("music"), Pause("loop")]),
        "back": (actions: [Unmute("music"), Resume("loop")]),
        "later": (actions: [Mute(bus: "music", delay: 0.5)]),
        "end": (actions: [StopAll(bus: "music", fade: 0.2)]),
        "wind": (actions: [Seek("loop", to: 0.9)]),
        "let go": (actions: [Release("organ")]),
        "organ": (play: "loop", fade_out: 0, curves: [(from: "key", property: "gain", points: [(0, -120, Constant), (0.001, -60), (1, 0)])]),"#,
    );
    let mut engine = studio.engine();
    engine.post("low", None);
    let held = engine.post("loop", None).unwrap();
    let [left, _] = run(&mut engine, 0.3);
    let both = level(&left, 9600..14_400);
    engine.post("menu", None);
    let [left, _] = run(&mut engine, 0.3);
    assert!(left[9600..].iter().all(|&sample| sample == 0.0), "muted and held");
    engine.post("back", None);
    let [left, _] = run(&mut engine, 0.3);
    assert!(level(&left, 9600..14_400) > both - 15.0 && matches!(engine.state(held), Some(State::Real(_))));
    engine.pause(held);
    run(&mut engine, 0.05);
    engine.post("later", None);
    let [left, _] = run(&mut engine, 1.0);
    near(level(&left, 4800..23_900), -12.04, 0.05, "until its time");
    assert!(left[26_500..].iter().all(|&sample| sample == 0.0), "muted at its time");
    engine.resume(held);
    engine.post("back", None);
    engine.post("end", None);
    run(&mut engine, 0.3);
    assert_eq!((engine.voices(), engine.state(held).is_some()), (1, true), "only what is below the bus ends");
    engine.post("wind", None);
    run(&mut engine, 0.1);
    engine.stop(held, None);
    let organ = engine.post("organ", None).unwrap();
    run(&mut engine, 0.1);
    engine.post("let go", None);
    let [left, _] = run(&mut engine, 0.6);
    // 60 dB over 0.4 s: the window's middle is 0.195 s on.
    near(level(&left, 9500..9700) - level(&left, 0..96), -29.25, 0.4, "as its envelope lets it go");
    assert_eq!(engine.state(organ), None);
}

#[test]
fn a_reload_keeps_what_waits_if_it_still_says_so() {
    let events = |wait: &str| {
        format!(
            r#""scene": (actions: [{wait}Post("click", delay: 0.5)]), "other": (actions: [Mute("sfx")]),"#
        )
    };
    let one = studio(&events(r#"Post("low", delay: 0.5), "#));
    let mut engine = one.engine();
    let scene = engine.post_at("scene", None, 100).unwrap();
    run(&mut engine, 0.1);
    // Without one of its actions, and with another at the front: the click comes, the other does not.
    let two = studio(&events(r#"Set("tension", to: 9), "#));
    std::fs::copy(two.path().join("test.bank.ron"), one.path().join("test.bank.ron")).unwrap();
    let project = one.load(&engine.project().store.clone());
    engine.reload(project);
    let [left, _] = run(&mut engine, 0.6);
    assert_eq!(clicks(&left), [100 + 24_000 - 4800]);
    assert_eq!(engine.state(scene), None);
    assert_eq!(told(&mut engine, scene), [Happened::Started, Happened::Ended(Ended::Finished)]);

    let scene = engine.post("scene", None).unwrap();
    run(&mut engine, 0.1);
    let three = studio("");
    std::fs::copy(three.path().join("test.bank.ron"), one.path().join("test.bank.ron")).unwrap();
    let project = one.load(&engine.project().store.clone());
    engine.reload(project);
    let [left, _] = run(&mut engine, 0.6);
    assert_eq!(clicks(&left), []);
    assert_eq!(told(&mut engine, scene), [Happened::Ended(Ended::Removed)]);
}

/// What an event leads over time, and sounds between one and the next: music, a scatter and a run of files.
fn led() -> Studio {
    studio(
        r#""score": (play: Music(segments: {"a": (play: "click.wav", tempo: 480, exit: 0.5)}, parts: {"all": "a"}), bus: "music/low", fade_out: 0),
        "drops": (play: Scatter(of: ["click.wav"], every: (0.2, 0.2)), bus: "music/low", fade_out: 0),
        "steps": (play: Sequence(of: ["click.wav", "click.wav"], mode: Continuous, loops: 0, transition: (time: 0.3)), bus: "music/low", fade_out: 0),
        "stop": (actions: [Stop("score"), Stop("drops"), Stop("steps")]),
        "clear": (actions: [StopAll(bus: "music")]),
        "hold": (actions: [Pause("score"), Pause("drops"), Pause("steps")]),
        "go on": (actions: [Resume("score"), Resume("drops"), Resume("steps")]),"#,
    )
}

#[test]
fn music_scatters_and_runs_are_stopped_between_two_of_their_sounds() {
    for event in ["score", "drops", "steps"] {
        for end in ["stop", "clear"] {
            let studio = led();
            let mut engine = studio.engine();
            let playback = engine.post(event, None).unwrap();
            let [before, _] = run(&mut engine, 1.14);
            assert!(clicks(&before).len() > 1, "{event} plays");
            engine.post(end, None);
            let [after, _] = run(&mut engine, 2.0);
            assert_eq!(clicks(&after), [], "{event} after {end}");
            assert_eq!(engine.state(playback), None, "{event} after {end}");
            let told = told(&mut engine, playback);
            assert_eq!(told.last(), Some(&Happened::Ended(Ended::Stopped)), "{event} after {end}");
        }
    }
}

#[test]
fn music_scatters_and_runs_are_held_and_go_on() {
    for event in ["score", "drops", "steps"] {
        let studio = led();
        let straight = {
            let mut engine = studio.engine();
            engine.post(event, None);
            clicks(&run(&mut engine, 4.0)[0])
        };
        let mut engine = studio.engine();
        let playback = engine.post(event, None).unwrap();
        let mut out = run(&mut engine, 0.84)[0].clone();
        let held = out.len();
        engine.post("hold", None);
        out.extend(&run(&mut engine, 1.0)[0]);
        assert_eq!(clicks(&out[held..]), [], "{event} is held");
        engine.post("go on", None);
        let gone = out.len() - held;
        out.extend(&run(&mut engine, 2.1)[0]);
        // What comes after the pause comes as much later as the pause was long.
        let want: Vec<_> = straight
            .iter()
            .map(|&frame| if frame < held { frame } else { frame + gone })
            .filter(|&frame| frame + LIMITER_LATENCY < out.len())
            .collect();
        assert_eq!(clicks(&out), want, "{event}");
        assert!(engine.state(playback).is_some());
    }
}

#[test]
fn a_stop_in_a_moment_takes_an_events_sound_and_not_what_it_posted() {
    let studio = studio(
        r#""scene": (play: "loop", fade_out: 0, actions: [Post("click", delay: 0.5)]),
        "hush": (actions: [Stop("scene", delay: 0.05, fade: 0)]),"#,
    );
    // In one frame, and one after the other.
    for between in [0.0, 0.02] {
        let mut engine = studio.engine();
        let scene = engine.post("scene", None).unwrap();
        let mut out = run(&mut engine, between)[0].clone();
        engine.post("hush", None);
        out.extend(&run(&mut engine, 0.3)[0]);
        assert_eq!((engine.voices(), engine.state(scene).is_some()), (0, true), "after {between}");
        out.extend(&run(&mut engine, 0.5)[0]);
        assert!(out[12_000..23_000].iter().all(|&sample| sample == 0.0), "its sound is stopped");
        assert_eq!(clicks(&out[12_000..]), [24_000 - 12_000]);
    }
}

#[test]
fn what_is_stopped_before_its_start_is_never_heard_whatever_its_envelope() {
    let studio = studio(
        r#""organ": (play: "loop", curves: [(from: "key", property: "gain", points: [(0, -60), (1, 0)])]),"#,
    );
    for for_later in [false, true] {
        let mut engine = studio.engine();
        run(&mut engine, 0.05);
        let organ = engine.post_at("organ", None, 2400 + 4000).unwrap();
        let mut out = run(&mut engine, 0.02)[0].clone();
        assert_eq!(engine.voices(), 1, "it has a voice that waits");
        if for_later {
            engine.stop_at(organ, None, 2400 + 3000);
        } else {
            engine.stop(organ, None);
        }
        out.extend(&run(&mut engine, 1.0)[0]);
        assert!(out.iter().all(|&sample| sample == 0.0));
        assert_eq!((engine.voices(), engine.state(organ)), (0, None));
    }
}
