//! Modulators, heard: on events and on buses, their times, their seeds, through reloads.

use crate::common::{Studio, envelope_1k, level, near, run, stem};
use std::f64::consts::TAU;
use tonmeister::director::{Happened, Notice};
use tonmeister::dsp::measure::find_clicks;
use tonmeister::prelude::*;
use tonmeister::runtime::Engine as Running;

/// The tone's level in the middle: -15.05 dB, 3.01 less by the pan's law.
const TONE: f64 = -18.06;

fn bank(rate: &str) -> String {
    format!(
        r#"Bank(
            buses: {{"music": (), "voice": (), "plain": ()}},
            levels: {{"speech": (bus: "voice", release: 0.1)}},
            modulators: {{
                "wobble": Lfo(rate: {rate}),
                "drift": Walk(rate: 8),
                "steps": Lfo(shape: Random, rate: 8),
                "swell": Envelope(attack: 0.3, decay: 0.2, sustain: 0.75, release: 0.4),
                "pump": Follow(bus: "voice", by: Peak, threshold: -40, full: 0, attack: 0.1, hold: 0.3, release: 0.2),
            }},
            curves: [(from: "wobble", to: "music", property: "gain", points: [(-1, -6), (1, 6)])],
            sounds: {{
                "tone": Clip(file: "tone.wav", looping: true),
                "talk": Clip(file: "talk.wav", fade_in: 0.01, fade_out: 0.01),
            }},
            events: {{
                "plain": (play: "tone", bus: "plain"),
                "music": (play: "tone", bus: "music"),
                "wobble": (play: "tone", bus: "plain", curves: [(from: "wobble", property: "gain", points: [(-1, -6), (1, 6)])]),
                "drift": (play: "tone", curves: [(from: "drift", property: "gain", points: [(0, -12), (1, 0)])]),
                "steps": (play: "tone", curves: [(from: "steps", property: "pitch", points: [(-1, -3), (1, 3)])]),
                "swell": (play: "tone", curves: [(from: "swell", property: "gain", points: [(0, -60), (1, 0)])]),
                "talk": (play: "talk", bus: "voice"),
                "under": (play: "tone", bus: "plain", curves: [
                    (from: "speech", property: "gain", points: [(-60, 0), (-10, -10, Smooth), (0, -10)])]),
            }},
        )"#
    )
}

fn studio(rate: &str) -> Studio {
    Studio::new(&bank(rate)).tone("tone.wav", 1000.0, 0.25, 1.0).tone("talk.wav", 1000.0, 0.25, 1.0)
}

/// The seconds at the middle of the `n`th millisecond, the limiter's latency taken off.
fn seconds(n: usize) -> f64 {
    (n as f64 * 48.0 + 24.0 - 240.0) / 48_000.0
}

#[test]
fn an_lfo_on_an_event_swings_its_gain_at_its_rate() {
    let mut engine = studio("2").engine();
    engine.post("wobble", None);
    let envelope = envelope_1k(&run(&mut engine, 2.0)[0]);
    for n in (20..1990).step_by(7) {
        let want = TONE + 6.0 * (TAU * 2.0 * seconds(n)).sin();
        near(envelope[n], want, 0.35, &format!("{n} ms"));
    }
    let top = envelope[20..].iter().copied().fold(f64::MIN, f64::max);
    near(top, TONE + 6.0, 0.1, "the top");
}

#[test]
fn an_lfo_on_a_bus_keeps_its_shape_up_to_the_highest_rate() {
    for rate in ["2", "20"] {
        let mut engine = studio(rate).engine();
        engine.post("music", None);
        let envelope = envelope_1k(&run(&mut engine, 2.0)[0]);
        let hertz: f64 = rate.parse().unwrap();
        // A block's level acts on the next.
        let late = 128.0 / 48_000.0;
        for n in (20..1990).step_by(7) {
            let want = TONE + 6.0 * (TAU * hertz * (seconds(n) - late)).sin();
            near(envelope[n], want, 0.1 * hertz, &format!("{rate} Hz, {n} ms"));
        }
        let (low, high) = envelope[20..].iter().fold((0.0_f64, -99.0_f64), |(l, h), &e| (l.min(e), h.max(e)));
        near(high, TONE + 6.0, 0.15, "the top");
        near(low, TONE - 6.0, 0.15, "the bottom");
    }
}

#[test]
fn an_envelope_takes_its_times_and_the_stop_waits_for_its_release() {
    let mut engine = studio("2").engine();
    let playback = engine.post("swell", None).unwrap();
    let mut out = run(&mut engine, 1.0)[0].clone();
    engine.stop(playback, None);
    let mut ended = None;
    for n in 0..60 {
        out.extend(&run(&mut engine, 0.01)[0]);
        let ends = |notice: &Notice| notice.playback == playback && matches!(notice.what, Happened::Ended(_));
        if engine.take_notices().iter().any(ends) {
            ended.get_or_insert(n * 10);
        }
    }
    let envelope = envelope_1k(&out);
    let at = |ms: usize| envelope[ms + 5];
    // 200 dB a second in the attack: a millisecond is 0.2 dB.
    for (ms, value) in
        [(75, 0.25), (150, 0.5), (225, 0.75), (300, 1.0), (400, 0.875), (600, 0.75), (990, 0.75)]
    {
        near(at(ms), TONE - 60.0 + 60.0 * value, 0.8, &format!("{ms} ms"));
    }
    // 0.75 to nothing in 0.4 s: 112 dB a second.
    for (ms, value) in [(1100, 0.5625), (1200, 0.375), (1300, 0.1875)] {
        near(at(ms), TONE - 60.0 + 60.0 * value, 1.2, &format!("{ms} ms, falling"));
    }
    assert!(level(&out, 48_000 + 19_200 + 600..out.len()) < -120.0, "silent when the release is over");
    let ended = ended.expect("it has ended");
    assert!((390..=430).contains(&ended), "ended {ended} ms after the stop");
    assert_eq!(find_clicks(&out[4800..], 48_000), []);
}

#[test]
fn a_release_without_a_stop_ends_with_the_envelope() {
    let mut engine = studio("2").engine();
    let [swell, plain] = ["swell", "plain"].map(|event| engine.post(event, None).unwrap());
    run(&mut engine, 1.0);
    engine.release(swell);
    engine.release(plain);
    run(&mut engine, 0.3);
    assert!(engine.state(swell).is_some());
    run(&mut engine, 0.2);
    assert_eq!(engine.state(swell), None);
    assert!(matches!(engine.state(plain), Some(State::Real(_))), "what has no envelope goes on");
}

/// What a follower is after so many seconds: of a peak at the tone's level, times `share`.
fn followed(share: f64) -> f64 {
    ((TONE + 3.01 + 20.0 * share.log10()) + 40.0) / 40.0
}

#[test]
fn a_follower_rises_holds_and_falls_in_its_times() {
    let mut engine = studio("2").engine();
    assert_eq!(engine.modulator("pump"), Some(0.0));
    assert_eq!((engine.modulator("swell"), engine.modulator("pomp")), (None, None));
    engine.post("talk", None);
    let pump = |engine: &mut Running, seconds: f64| {
        run(engine, seconds);
        f64::from(engine.modulator("pump").unwrap())
    };
    near(pump(&mut engine, 0.1), followed(0.632), 0.02, "one time constant");
    near(pump(&mut engine, 0.85), followed(1.0), 0.01, "all of it");
    // The talk lasts a second; its last hundredth fades.
    near(pump(&mut engine, 0.3), followed(1.0), 0.01, "held");
    near(pump(&mut engine, 0.25), followed(0.368), 0.02, "one time constant after the hold");
    near(pump(&mut engine, 3.0), 0.0, 1e-6, "and back");
}

#[test]
fn an_event_falls_when_another_bus_speaks() {
    let mut engine = studio("2").builder().stems(true).build().unwrap();
    engine.post("under", None);
    run(&mut engine, 1.0);
    engine.post("talk", None);
    run(&mut engine, 3.5);
    let stems = engine.take_stems().unwrap();
    let plain = stem(&stems, "plain");
    let before = level(&plain, 24_000..48_000);
    // Its RMS on the straight line from -60 to -10 dB.
    near(level(&plain, 72_000..91_200) - before, -10.0 * (TONE + 60.0) / 50.0, 0.1, "while it speaks");
    near(level(&plain, 192_000..216_000), before, 0.05, "afterwards");
    assert_eq!(find_clicks(&plain, 48_000), []);
}

#[test]
fn the_seed_decides_what_wanders_and_nothing_else() {
    let render = |seed| {
        let mut engine = studio("2").builder().seed(seed).build().unwrap();
        engine.post("drift", None);
        engine.post("steps", None);
        run(&mut engine, 1.0)[0].clone()
    };
    let one = render(1);
    assert_eq!(render(1), one);
    assert_ne!(render(2), one);
}

#[test]
fn reloads_change_what_moves_without_a_click_or_a_leap() {
    for event in ["music", "wobble", "drift", "swell"] {
        let studio = studio("1.5");
        let mut engine = studio.engine();
        engine.post(event, None);
        let mut out = run(&mut engine, 0.4)[0].clone();
        let slower = bank("0.3").replace("decay: 0.2", "decay: 2");
        for text in [slower, bank("3"), bank("3").replace("Walk(rate: 8)", "Walk(rate: 1)")] {
            studio.save(&text);
            let project = studio.load(&engine.project().store.clone());
            engine.reload(project);
            out.extend(&run(&mut engine, 0.4)[0]);
        }
        let envelope = envelope_1k(&out[14_400..]);
        let steepest = envelope.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f64::max);
        assert!(steepest < 0.35, "{event}: {steepest} dB in a millisecond");
        assert_eq!(find_clicks(&out[4800..], 48_000), [], "{event}");
    }
}
