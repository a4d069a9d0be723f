//! What every container says of gain, pitch, delay and filter, and where a clip begins.

use super::*;

/// What a playback's first sound was started with: when, in dB, at which rate, with which cut-off, and from which frame.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Begun {
    at: u64,
    gain: f32,
    rate: f32,
    cutoff: f32,
    from: StartFrom,
    voice: VoiceId,
}

fn begun(director: &mut Director) -> Vec<Begun> {
    let begun = |order: Order| match order.command {
        Command::Start(start) => Some(Begun {
            at: start.at,
            gain: 20.0 * libm::log10f(start.mix.left * std::f32::consts::SQRT_2),
            rate: start.mix.rate,
            cutoff: start.mix.cutoff,
            from: start.from,
            voice: start.voice,
        }),
        _ => None,
    };
    director.take_orders().filter_map(begun).collect()
}

/// Posts the event `"e"` at frame 0 and goes on until all of it has begun.
fn post(director: &mut Director) -> Vec<Begun> {
    director.post(event(director, "e"), None, 0);
    let mut all = Vec::new();
    for step in 0..20 {
        director.update(step * 4800, 0, 480);
        all.extend(begun(director));
    }
    all
}

fn of(play: &str) -> String {
    format!(
        r#"Bank(
            parameters: {{"rpm": (), "surface": (labels: ["wood"])}},
            events: {{"e": (play: {play})}},
        )"#
    )
}

#[test]
fn every_container_turns_down_pitches_delays_and_filters_what_it_plays() {
    let says = "gain: -6, pitch: 12, delay: 0.25, cutoff: 900";
    let choice = format!(r#"Random(of: [(play: "a.ogg", {says})])"#);
    let part = format!(r#"Layer(of: [(play: "a.ogg", {says})])"#);
    let blended = r#"Blend(on: "rpm", of: [(play: "a.ogg", gain: -6, pitch: 12, cutoff: 900)], delay: 0.25)"#;
    for play in [
        format!(r#"Random(of: ["a.ogg"], {says})"#),
        format!(r#"Sequence(of: ["a.ogg"], {says})"#),
        format!(r#"Switch(on: "surface", cases: {{"wood": "a.ogg"}}, {says})"#),
        format!(r#"Layer(of: ["a.ogg"], {says})"#),
        format!(r#"Blend(on: "rpm", of: [(play: "a.ogg")], {says})"#),
        choice,
        part,
        blended.to_owned(),
    ] {
        let heard = post(&mut director(&of(&play), 8, 0));
        let [one] = heard.as_slice() else { panic!("{play}: {heard:?}") };
        assert_eq!((one.at, one.cutoff), (12_000, 900.0), "{play}");
        assert!((one.gain + 6.0).abs() < 1e-3 && (one.rate - 2.0).abs() < 1e-5, "{play}: {one:?}");
    }
}

#[test]
fn on_the_way_down_gains_pitches_and_delays_add_up_and_the_lowest_cutoff_counts() {
    let play = r#"Sequence(gain: -1, pitch: 3, delay: 0.1, cutoff: 3000, of: [
        Random(gain: -2, pitch: 4, delay: 0.2, cutoff: 1000, of: [
            (play: Layer(gain: -3, pitch: 5, delay: 0.3, cutoff: 2000, of: ["a.ogg", (play: "b.ogg", delay: 0.05)]), gain: -4),
        ]),
    ])"#;
    let heard = post(&mut director(&of(play), 8, 0));
    let [a, b] = heard.as_slice() else { panic!("{heard:?}") };
    assert_eq!((a.at, a.cutoff, b.at), (28_800, 1000.0, 31_200));
    assert!((a.gain + 10.0).abs() < 1e-3 && (a.rate - 2.0).abs() < 1e-5, "{a:?}");
}

#[test]
fn ranges_are_filled_evenly_a_cutoff_in_octaves() {
    let play = r#"Random(of: ["a.ogg"], delay: (0, 0.5), cutoff: (500, 8000), pitch: (-2, 2))"#;
    let mut director = director(&of(play), 8, 5);
    let (mut delays, mut cutoffs) = (Vec::new(), Vec::new());
    for turn in 0..400 {
        director.post(event(&director, "e"), None, turn * 48_000);
        director.update(turn * 48_000, 0, 480);
        let mut heard = begun(&mut director);
        director.update(turn * 48_000 + 24_000, 0, 480);
        heard.extend(begun(&mut director));
        let [one] = heard.as_slice() else { panic!("{heard:?}") };
        delays.push((one.at - turn * 48_000) as f32 / 24_000.0);
        cutoffs.push(libm::log2f(one.cutoff / 500.0) / 4.0);
        director.report(Report::Ended { voice: one.voice, stopped: false });
    }
    for drawn in [delays, cutoffs] {
        assert!(drawn.iter().all(|share| (0.0..=1.0).contains(share)));
        for quarter in 0..4 {
            let within = |share: &&f32| (**share * 4.0) as usize == quarter;
            let count = drawn.iter().filter(within).count();
            assert!((70..130).contains(&count), "{count} of 400 in quarter {quarter}");
        }
    }
}

#[test]
fn a_reload_moves_what_plays_within_the_new_ranges() {
    let bank = |gain: &str, cutoff: &str| {
        of(&format!(r#"Random(of: [Clip(file: "a.ogg", looping: true)], gain: {gain}, cutoff: {cutoff})"#))
    };
    let mut director = director(&bank("(-10, 0)", "1000"), 8, 3);
    let first = post(&mut director)[0];
    let (text, facts) = compiled(&bank("(-30, -20)", "500"));
    director.adopt(text, facts, 0);
    director.update(200_000, 0, 480);
    let mix = director.take_orders().find_map(|order| match order.command {
        Command::Mix { mix, .. } => Some(mix),
        _ => None,
    });
    let mix = mix.unwrap();
    let gain = 20.0 * libm::log10f(mix.left * std::f32::consts::SQRT_2);
    assert!((gain - (first.gain - 20.0)).abs() < 1e-3, "{gain} after {}", first.gain);
    assert_eq!(mix.cutoff, 500.0);
}

#[test]
fn a_clip_begins_somewhere_within_its_offset_and_loops_count_on_from_there() {
    let play = r#"Clip(file: "a.ogg", looping: true, offset: (0.25, 2.5))"#;
    let bank = of(play).replace(
        r#"looping: true, offset: (0.25, 2.5))"#,
        r#"looping: true, offset: (0.25, 2.5)), space: (max: 10)"#,
    );
    let mut director = director(&bank, 64, 9);
    director.set_listener(Some(Pose::ORIGIN));
    let e = event(&director, "e");
    let far = director.add_emitter(Vec3::X * 50.0, Decibels::UNITY);
    let torches: Vec<_> = (0..20).map(|_| director.post(e, Some(far), 0)).collect();
    director.update(0, 0, 480);
    assert_eq!(begun(&mut director), [], "all of them sleep");
    let begins: Vec<f64> = torches.iter().map(|id| director.playbacks.get(*id).unwrap().begins).collect();
    assert!(begins.iter().all(|begin| (12_000.0..=120_000.0).contains(begin) && begin.fract() == 0.0));
    let mut sorted = begins.clone();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup();
    assert_eq!(sorted.len(), 20, "none in step with another");
    // They wake where they would be by then, in a loop of a second.
    director.move_emitter(far, Vec3::X);
    director.update(72_000, 0, 480);
    let woken: Vec<f64> = begun(&mut director)
        .iter()
        .map(|one| match one.from {
            StartFrom::Running(place) => place,
            other => panic!("{other:?}"),
        })
        .collect();
    let mut expected: Vec<f64> = begins.iter().map(|begin| (begin + 72_000.0).rem_euclid(48_000.0)).collect();
    let mut got = woken.clone();
    expected.sort_by(f64::total_cmp);
    got.sort_by(f64::total_cmp);
    assert_eq!(got, expected);
}

#[test]
fn a_loop_that_comes_back_at_its_beginning_begins_at_its_offset() {
    let bank = of(r#"Clip(file: "a.ogg", looping: true, offset: 0.5), virtual: Restart, space: (max: 10)"#);
    let mut director = director(&bank, 8, 9);
    director.set_listener(Some(Pose::ORIGIN));
    let emitter = director.add_emitter(Vec3::X, Decibels::UNITY);
    director.post(event(&director, "e"), Some(emitter), 0);
    director.update(0, 0, 480);
    assert_eq!(begun(&mut director)[0].from, StartFrom::Frame(24_000.0));
    director.move_emitter(emitter, Vec3::X * 50.0);
    director.update(7000, 0, 480);
    director.move_emitter(emitter, Vec3::X);
    director.update(9000, 0, 480);
    assert_eq!(begun(&mut director)[0].from, StartFrom::Running(24_000.0));
}

#[test]
fn what_is_written_in_place_keeps_its_memory_and_what_plays_through_a_reload() {
    let bank = |more: &str| {
        format!(
            r#"Bank(
                parameters: {{"surface": (labels: ["wood"])}},
                events: {{
                    {more}
                    "e": (play: Switch(on: "surface", cases: {{"wood": Layer(of: [
                        Sequence(of: ["a.ogg", "b.ogg", "c.ogg"]), Clip(file: "bed.ogg", looping: true),
                    ])}})),
                }},
            )"#
        )
    };
    let mut director = director(&bank(""), 8, 0);
    let names =
        |director: &mut Director| -> Vec<String> { starts(director).into_iter().map(|one| one.0).collect() };
    let e = event(&director, "e");
    let id = director.post(e, None, 0);
    director.update(0, 0, 480);
    assert_eq!(names(&mut director), ["a.ogg", "e/(play)/wood/2"]);
    let (text, facts) = compiled(&bank(r#""another": (play: Random(of: ["q.ogg", Silence()])),"#));
    director.adopt(text, facts, 0);
    director.update(4800, 0, 480);
    assert_eq!(names(&mut director), [] as [&str; 0], "what plays goes on");
    assert!(matches!(director.state(id), Some(State::Real(_))));
    director.post(event(&director, "e"), None, 4800);
    director.update(9600, 0, 480);
    assert_eq!(names(&mut director), ["b.ogg", "e/(play)/wood/2"], "and the sequence with its next");
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 48, failure_persistence: None, ..Default::default() })]

    /// Whatever is written, what is drawn lies within the sums of the ranges, and the same seed draws the same.
    #[test]
    fn what_is_drawn_stays_within_what_is_written(
        low in -40.0_f32..0.0, wide in 0.0_f32..20.0, inner in -20.0_f32..0.0, wider in 0.0_f32..20.0,
        delay in 0.0_f32..0.2, later in 0.0_f32..0.3, seed: u64,
    ) {
        let (high, outer) = (low + wide, inner + wider);
        let bank = of(&format!(
            r#"Layer(gain: ({low}, {high}), delay: ({delay}, {}), of: [Random(of: [("a.ogg", 2), "b.ogg"], gain: ({inner}, {outer}))])"#,
            delay + later
        ));
        let mut one = director(&bank, 8, seed);
        let heard = post(&mut one);
        proptest::prop_assert_eq!(heard.len(), 1);
        let (sum, most) = (low + inner, high + outer);
        proptest::prop_assert!((sum - 0.01..=most + 0.01).contains(&heard[0].gain), "{:?}", heard);
        let start = heard[0].at as f32 / 48_000.0;
        proptest::prop_assert!((delay - 1e-4..=delay + later + 1e-4).contains(&start));
        proptest::prop_assert_eq!(post(&mut director(&bank, 8, seed)), heard);
    }
}
