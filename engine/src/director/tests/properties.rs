//! What holds for any containers: drawn at random, small, and by every seed.

use super::*;
use crate::units::{Seconds, Semitones};
use proptest::prelude::*;

/// Nothing is drawn.
const AS_IT_IS: bank::Spread = bank::Spread {
    gain: bank::Range { low: Decibels::UNITY, high: Decibels::UNITY },
    pitch: bank::Range { low: Semitones::UNISON, high: Semitones::UNISON },
    delay: bank::Range { low: Seconds::ZERO, high: Seconds::ZERO },
    cutoff: None,
};

const NAMES: [&str; 6] = ["a.ogg", "b.ogg", "c.ogg", "d.ogg", "e.ogg", "f.ogg"];

/// A bank with one event that plays one container.
fn one(sound: &str) -> String {
    format!(r#"Bank(sounds: {{"pick": {sound}}}, events: {{"pick": (play: "pick")}})"#)
}

/// A `Random` of files with these weights.
fn random(weights: &[f32], more: &str) -> String {
    let of: Vec<_> =
        weights.iter().zip(NAMES).map(|(weight, name)| format!("(\"{name}\", {weight})")).collect();
    one(&format!("Random(of: [{}]{more})", of.join(", ")))
}

fn place(name: &str) -> usize {
    NAMES.iter().position(|known| *known == name).unwrap()
}

/// What is drawn of `count` posts, as places in [`NAMES`].
fn drawn(bank: &str, seed: u64, count: usize) -> Vec<usize> {
    draws(&mut director(bank, 8, seed), "pick", count).iter().map(|name| place(name)).collect()
}

/// Two to six weights, up to a hundred times as heavy as one another.
fn weights() -> impl Strategy<Value = Vec<f32>> {
    proptest::collection::vec(prop_oneof![Just(1.0_f32), 0.1_f32..10.0], 2..=6)
}

/// The same cases in every run.
fn few(cases: u32) -> ProptestConfig {
    let rng_seed = proptest::test_runner::RngSeed::Fixed(7);
    ProptestConfig { cases, rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(few(48))]

    #[test]
    fn frequencies_follow_any_weights(weights in weights(), seed in 0_u64..1000) {
        const COUNT: usize = 1500;
        let drawn = drawn(&random(&weights, ", avoid: 0"), seed, COUNT);
        let total: f32 = weights.iter().sum();
        for (place, weight) in weights.iter().enumerate() {
            let share = f64::from(weight / total);
            let got = drawn.iter().filter(|&&drawn| drawn == place).count() as f64;
            // Five standard deviations, and half a draw for the rounding.
            let within = 5.0 * (COUNT as f64 * share * (1.0 - share)).sqrt() + 0.5;
            let expected = COUNT as f64 * share;
            prop_assert!((got - expected).abs() <= within, "{weights:?}: {got} of {}, not {expected:.0}", NAMES[place]);
        }
    }

    #[test]
    fn what_is_avoided_does_not_come_again(weights in weights(), avoid in 0_usize..6, shuffle: bool, seed: u64) {
        let avoid = avoid.min(weights.len() - 1);
        let drawn = drawn(&random(&weights, &format!(", avoid: {avoid}, shuffle: {shuffle}")), seed, 120);
        for at in 0..drawn.len() {
            let lately = &drawn[at.saturating_sub(avoid)..at];
            prop_assert!(!lately.contains(&drawn[at]), "{} again within {avoid}: {drawn:?}", NAMES[drawn[at]]);
        }
    }

    #[test]
    fn a_shuffle_plays_each_once_a_round(weights in weights(), seed: u64) {
        let drawn = drawn(&random(&weights, ", shuffle: true"), seed, weights.len() * 12);
        for round in drawn.chunks(weights.len()) {
            let mut each = round.to_vec();
            each.sort_unstable();
            prop_assert_eq!(each, (0..weights.len()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_same_seed_takes_the_same_and_another_one_another(seed: u64, other: u64) {
        prop_assume!(seed != other);
        let bank = one(&format!("Random(of: {:?}, gain: (-6, 0), pitch: (-3, 3))", &NAMES[..4]));
        // What is started, and how: gains and rates to the last bit.
        let takes = |seed: u64| {
            let mut director = director(&bank, 8, seed);
            let pick = event(&director, "pick");
            let mut takes = Vec::new();
            for frame in 0..40 {
                director.post(pick, None, 0);
                director.update(frame * 100, 0, 128);
                for order in director.take_orders().collect::<Vec<_>>() {
                    if let Command::Start(start) = order.command {
                        takes.push((start.sample, start.mix.left.to_bits(), start.mix.rate.to_bits()));
                        director.report(Report::Ended { voice: start.voice, stopped: false });
                    }
                }
            }
            takes
        };
        let first = takes(seed);
        prop_assert_eq!(first.len(), 40);
        prop_assert_eq!(&first, &takes(seed));
        prop_assert_ne!(&first, &takes(other));
    }

    #[test]
    fn a_sequence_goes_round_or_to_and_fro(count in 1_usize..=6, ping_pong: bool, posts in 1_usize..30) {
        let at_end = if ping_pong { "PingPong" } else { "Restart" };
        let bank = one(&format!("Sequence(of: {:?}, at_end: {at_end})", &NAMES[..count]));
        let expected = |post: usize| {
            let round = if ping_pong && count > 1 { 2 * count - 2 } else { count };
            let step = post % round;
            if step < count { step } else { round - step }
        };
        prop_assert_eq!(drawn(&bank, 0, posts), (0..posts).map(expected).collect::<Vec<_>>());
    }

    #[test]
    fn a_sequence_begins_anew_after_its_rest_and_not_before(gaps in proptest::collection::vec(1_u64..96_000, 1..12)) {
        let bank = one(&format!("Sequence(of: {:?}, reset: 1)", &NAMES[..5]));
        let mut director = director(&bank, 64, 0);
        let pick = event(&director, "pick");
        let (mut frame, mut step) = (0, 0);
        for gap in std::iter::once(0).chain(gaps) {
            frame += gap;
            step = if gap > u64::from(RATE) { 0 } else { step };
            director.update(frame, 0, 128);
            director.post(pick, None, 0);
            director.update(frame, 0, 128);
            let heard: Vec<_> = starts(&mut director).into_iter().map(|(sound, _)| place(&sound)).collect();
            prop_assert_eq!(heard, [step % 5], "at frame {}", frame);
            step += 1;
        }
    }

    #[test]
    fn a_scope_of_emitters_gives_each_its_own_past(turns in proptest::collection::vec(0_usize..3, 1..40), own: bool) {
        let scope = if own { "Emitter" } else { "Global" };
        let bank = one(&format!("Sequence(of: {:?}, scope: {scope})", &NAMES[..4]));
        let mut director = director(&bank, 64, 0);
        let emitters = [Vec3::X, Vec3::Y, Vec3::Z].map(|place| director.add_emitter(place, Decibels::UNITY));
        let pick = event(&director, "pick");
        let mut steps = [0; 3];
        for (frame, turn) in turns.into_iter().enumerate() {
            director.post(pick, Some(emitters[turn]), 0);
            director.update(frame as u64 * 100, 0, 128);
            let counter = &mut steps[if own { turn } else { 0 }];
            let heard: Vec<_> = starts(&mut director).into_iter().map(|(sound, _)| place(&sound)).collect();
            prop_assert_eq!(heard, [*counter % 4]);
            *counter += 1;
        }
    }

    #[test]
    fn avoiding_with_a_scope_of_emitters_looks_at_each_ones_own_past(turns in proptest::collection::vec(0_usize..2, 20..40), seed: u64) {
        let bank = one(&format!("Random(of: {:?}, avoid: 2, scope: Emitter)", &NAMES[..3]));
        let mut director = director(&bank, 64, seed);
        let emitters = [Vec3::X, Vec3::Y].map(|place| director.add_emitter(place, Decibels::UNITY));
        let pick = event(&director, "pick");
        let mut pasts = [Vec::new(), Vec::new()];
        for (frame, turn) in turns.into_iter().enumerate() {
            director.post(pick, Some(emitters[turn]), 0);
            director.update(frame as u64 * 100, 0, 128);
            pasts[turn].extend(starts(&mut director).into_iter().map(|(sound, _)| place(&sound)));
        }
        // Of three of which the last two are avoided, only one is ever open: each emitter has its own fixed round.
        for past in pasts {
            prop_assert!(past.iter().enumerate().skip(3).all(|(at, sound)| past[at - 3] == *sound), "{past:?}");
        }
    }

    #[test]
    fn a_switch_plays_the_case_of_the_label(labels in proptest::collection::vec(0_usize..4, 1..20), has_default: bool) {
        let default = if has_default { r#", default: "d.ogg""# } else { "" };
        let bank = format!(
            r#"Bank(
                parameters: {{"surface": (labels: ["one", "two", "three", "four"])}},
                sounds: {{"pick": Switch(on: "surface", cases: {{"two": "b.ogg", "one": "a.ogg", "three": "c.ogg"}}{default})}},
                events: {{"pick": (play: "pick")}},
            )"#
        );
        let mut director = director(&bank, 64, 0);
        let surface = director.bank().parameter("surface").unwrap();
        for label in labels {
            director.set_parameter(None, surface, label as f32);
            let heard: Vec<_> = draws(&mut director, "pick", 1).iter().map(|name| place(name)).collect();
            let expected: &[usize] = if label < 3 || has_default { &[label] } else { &[] };
            prop_assert_eq!(heard.as_slice(), expected);
        }
    }

    #[test]
    fn a_layer_plays_all_of_its_parts_each_at_its_time(delays in proptest::collection::vec(0_u16..90, 1..6)) {
        // In thousandths of a second, so that all of them come within what is looked at ahead.
        let parts = delays.iter().zip(NAMES).map(|(delay, name)| format!("(play: \"{name}\", delay: {})", f32::from(*delay) / 1000.0));
        let bank = one(&format!("Layer(of: [{}])", parts.collect::<Vec<_>>().join(", ")));
        let mut director = director(&bank, 64, 0);
        let pick = event(&director, "pick");
        director.post(pick, None, 0);
        director.update(0, 0, 128);
        let bank = director.bank().clone();
        let mut heard: Vec<_> = director
            .take_orders()
            .filter_map(|order| match order.command {
                Command::Start(start) => Some((place(&bank.sounds[start.sample as usize].name), start.at)),
                _ => None,
            })
            .collect();
        heard.sort_unstable();
        prop_assert_eq!(heard.len(), delays.len());
        for (&(place, at), (expected, delay)) in heard.iter().zip(delays.iter().enumerate()) {
            prop_assert_eq!(place, expected);
            // To the frame, but for what a delay of so many milliseconds is short of a whole one.
            prop_assert!(at.abs_diff(u64::from(*delay) * 48) <= 1, "{at} for {delay} ms");
        }
    }
}

proptest! {
    #![proptest_config(few(200))]

    #[test]
    fn a_blend_keeps_its_power_in_every_crossfade(
        edges in proptest::collection::vec(1.0_f32..100.0, 1..5),
        share in 0.0_f32..=1.0,
        reach in 0.05_f32..=1.0,
    ) {
        // Neighbours fade across the same stretch: one leaves where the other comes in.
        let (mut layers, mut from, mut stretches) = (Vec::new(), -1e6_f32, Vec::new());
        let mut at = 0.0;
        for (n, edge) in edges.iter().enumerate() {
            let fade = edge * reach;
            layers.push((NAMES[n], from, at, fade));
            stretches.push((at, fade));
            from = at + fade;
            at = from + edge;
        }
        layers.push((NAMES[edges.len()], from, 1e6, stretches.last().unwrap().1));
        // A fade is one number for both ends of a layer, so each stretch is tried with its own two layers alone.
        for ((&(start, fade), one), other) in stretches.iter().zip(&layers).zip(&layers[1..]) {
            let blended = |&(_, from, to, _): &(&str, f32, f32, f32)| bank::Blended { sound: SoundId(0), from, to, fade, spread: AS_IT_IS };
            let x = start + fade * share;
            let power: f32 = [one, other].map(|layer| blended(layer).gain(x)).iter().map(|gain| gain * gain).sum();
            prop_assert!((power - 1.0).abs() < 1e-3, "{power} at {x}");
        }
    }
}

#[test]
fn a_played_blend_has_the_same_power_all_the_way() {
    let bank = r#"Bank(
        parameters: {"rpm": (max: 4000)},
        sounds: {
            "low": Clip(file: "a.ogg", looping: true), "high": Clip(file: "b.ogg", looping: true),
            "pick": Blend(on: "rpm", of: [(play: "low", to: 1500, fade: 1000), (play: "high", from: 2500, fade: 1000)]),
        },
        events: {"pick": (play: "pick")},
    )"#;
    let mut director = director(bank, 8, 0);
    let (rpm, pick) = (director.bank().parameter("rpm").unwrap(), event(&director, "pick"));
    let id = director.post(pick, None, 0);
    for step in 0..=80_u16 {
        director.set_parameter(None, rpm, f32::from(step) * 50.0);
        // One more, for what the first lets wake.
        director.update(u64::from(step) * 960, 0, 480);
        director.update(u64::from(step) * 960 + 480, 0, 480);
        let members = director.members(id).into_iter().filter_map(|id| director.playbacks.get(id));
        let power: f32 = members.filter(|one| one.voice.is_some()).map(|one| one.gain * one.gain).sum();
        // What is 80 dB down has no voice.
        assert!((power - 1.0).abs() < 1e-3, "{power} at {} rpm", step * 50);
    }
}
