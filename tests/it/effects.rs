//! Effects in a bus's chain, against theory.

use crate::common::{RATE, Studio, level, near, run, stem, tone};
use tonmeister::dsp::eq::{EqBand, EqShape, EqSlope};
use tonmeister::dsp::measure;
use tonmeister::runtime::{EffectFault, Fault};
use tonmeister::units::{Decibels, Hertz};

#[test]
fn an_equaliser_does_what_the_formula_says_at_five_frequencies() {
    let band = |shape, freq, gain, q| EqBand {
        shape,
        freq: Hertz::new(freq).unwrap(),
        gain: Decibels::new(gain).unwrap(),
        q,
        ..EqBand::default()
    };
    let bands = [
        EqBand { slope: EqSlope::Db24, ..band(EqShape::HighPass, 120.0, 0.0, 0.707) },
        band(EqShape::Peak, 1000.0, 6.0, 1.4),
        band(EqShape::HighShelf, 6000.0, -4.0, 0.707),
        band(EqShape::Notch, 400.0, 0.0, 0.5),
    ];
    let bank = r#"Bank(
        buses: {"eq": (effects: [Eq([
            HighPass(freq: 120, slope: 24), Peak(freq: 1000, gain: 6, q: 1.4), HighShelf(freq: 6000, gain: -4),
            Notch(freq: 400, q: 0.5),
        ])])},
        sounds: {"tone": Clip(file: "tone.wav", looping: true)},
        events: {"tone": (play: "tone", bus: "eq"), "dry": (play: "tone")},
    )"#;
    for hertz in [60.0, 300.0, 1000.0, 5000.0, 14_000.0] {
        let studio = Studio::new(bank).tone("tone.wav", hertz, 0.25, 1.0);
        let measured = ["tone", "dry"].map(|event| {
            let mut engine = studio.builder().stems(true).build().unwrap();
            engine.post(event, None);
            run(&mut engine, 2.0);
            let stems = engine.take_stems().unwrap();
            level(&stem(&stems, if event == "dry" { "master" } else { "eq" }), 48_000..96_000)
        });
        let expected: f32 = bands.iter().map(|band| band.response_db(hertz as f32, RATE)).sum();
        near(measured[0] - measured[1], f64::from(expected), 0.05, &format!("the response at {hertz} Hz"));
    }
}

#[test]
fn a_dynamic_band_steps_aside_for_its_key() {
    let bank = r#"Bank(
        buses: {
            "music": (effects: [Eq(
                bands: [HighPass(freq: 30, slope: 18), Peak(freq: 1000, q: 1.2, range: -6, threshold: -40, attack: 0.01)],
                key: "dialogue",
            )]),
            "dialogue": (),
        },
        sounds: {"tone": Clip(file: "tone.wav", looping: true), "word": Clip(file: "word.wav", looping: true)},
        events: {"tone": (play: "tone", bus: "music"), "word": (play: "word", bus: "dialogue")},
    )"#;
    let studio = Studio::new(bank).tone("tone.wav", 1000.0, 0.25, 1.0).tone("word.wav", 1100.0, 0.25, 1.0);
    let measured = [false, true].map(|spoken| {
        let mut engine = studio.builder().stems(true).build().unwrap();
        engine.post("tone", None);
        if spoken {
            engine.post("word", None);
        }
        run(&mut engine, 2.0);
        level(&stem(&engine.take_stems().unwrap(), "music"), 48_000..96_000)
    });
    near(measured[0] - measured[1], 6.0, 0.1, "the music's band under the word");
}

#[test]
fn an_echo_comes_at_its_time_and_fades_by_its_feedback() {
    let mut click = vec![0.0; 480];
    click[0] = 0.5;
    let studio = Studio::new(
        r#"Bank(
            buses: {"echo": (effects: [Delay(time: 0.1, feedback: 0.5, mix: 0.5)])},
            events: {"click": (play: "click.wav", bus: "echo")},
        )"#,
    )
    .sound("click.wav", &[&click]);
    let mut engine = studio.builder().stems(true).build().unwrap();
    engine.post("click", None);
    run(&mut engine, 0.5);
    let echo = stem(&engine.take_stems().unwrap(), "echo");
    let peaks: Vec<usize> = (0..echo.len()).filter(|&n| echo[n].abs() > 0.01).collect();
    assert_eq!(peaks, [0, 4800, 9600, 14_400, 19_200], "frames of the click and its echoes");
    near(f64::from(echo[9600] / echo[4800]), 0.5, 1e-3, "each echo against the one before");
}

#[test]
fn a_file_of_a_room_makes_a_sound_ring_in_it() {
    // A click through a response of a step right now, one after 50 ms on the left, and one after 0.5 s on the right.
    let (mut left, mut right) = (vec![0.0; 30_000], vec![0.0; 30_000]);
    (left[0], left[2400], right[0], right[24_000]) = (1.0, 0.5, 1.0, -0.25);
    let mut click = vec![0.0; 480];
    click[0] = 0.5;
    let bank = r#"Bank(
        buses: {"room": (effects: [Convolution(file: "room.wav", gain: -6.0206, predelay: 0.01)])},
        events: {"click": (play: "click.wav", bus: "room")},
    )"#;
    let studio = Studio::new(bank).sound("click.wav", &[&click]).sound("room.wav", &[&left, &right]);
    let mut engine = studio.builder().stems(true).build().unwrap();
    engine.post("click", None);
    run(&mut engine, 0.7);
    let stems = engine.take_stems().unwrap();
    let (_, _, room) = stems.buses.iter().find(|(name, _, _)| name == "room").unwrap();
    let heard = |side: usize| -> Vec<(usize, f32)> {
        let samples = room.iter().skip(side).step_by(2).copied().enumerate();
        samples.filter(|(_, sample)| sample.abs() > 1e-4).collect()
    };
    let (left, right) = (heard(0), heard(1));
    let dry = left[0].1;
    assert_eq!(left.iter().map(|(frame, _)| *frame).collect::<Vec<_>>(), [480, 2880]);
    assert_eq!(right.iter().map(|(frame, _)| *frame).collect::<Vec<_>>(), [480, 24_480]);
    near(f64::from(left[1].1 / dry), 0.5, 1e-4, "the left echo");
    near(f64::from(right[1].1 / dry), -0.25, 1e-4, "the right echo");
    // A missing file is told with its place.
    let lost = Studio::new(&bank.replace("room.wav", "hall.wav")).sound("click.wav", &[&click]);
    let error = lost.builder().build().err().expect("an error").to_string();
    assert!(error.contains("hall.wav") && error.contains("test.bank.ron:2"), "{error}");
}

#[test]
fn a_file_of_four_channels_is_a_room_in_true_stereo() {
    // Left to left, left to right, right to left, right to right: each an echo of its own.
    let echo = |frame: usize, gain: f32| {
        let mut response = vec![0.0; 5000];
        response[frame] = gain;
        response
    };
    let room = [echo(1000, 0.5), echo(2000, 0.25), echo(3000, -0.5), echo(4000, -0.25)];
    let click = [0.5, 0.0, 0.0, 0.0];
    let bank = r#"Bank(
        buses: {"room": (effects: [Convolution(file: "room.wav")])},
        events: {"left": (play: "left.wav", bus: "room"), "right": (play: "right.wav", bus: "room")},
    )"#;
    let room: Vec<&[f32]> = room.iter().map(Vec::as_slice).collect();
    let silent = [0.0; 4];
    let studio = Studio::new(bank)
        .sound("room.wav", &room)
        .sound("left.wav", &[&click, &silent])
        .sound("right.wav", &[&silent, &click]);
    for (event, frames, gains) in
        [("left", [1000, 2000], [0.5, 0.25]), ("right", [3000, 4000], [-0.5, -0.25])]
    {
        let mut engine = studio.builder().stems(true).build().unwrap();
        engine.post(event, None);
        run(&mut engine, 0.2);
        let stems = engine.take_stems().unwrap();
        let (_, _, out) = stems.buses.iter().find(|(name, _, _)| name == "room").unwrap();
        for side in 0..2 {
            let heard: Vec<_> =
                out.iter().skip(side).step_by(2).enumerate().filter(|(_, x)| x.abs() > 1e-4).collect();
            assert_eq!(heard.len(), 1, "{event}, side {side}: {heard:?}");
            assert_eq!(heard[0].0, frames[side], "{event}, side {side}");
            near(f64::from(*heard[0].1), 0.5 * gains[side], 1e-4, event);
        }
    }
    let clip = Studio::new(r#"Bank(events: {"a": (play: "room.wav")})"#).sound("room.wav", &room);
    let error = clip.builder().build().err().expect("no sound to play").to_string();
    assert!(error.contains("4 channels"), "{error}");
}

#[test]
fn nothing_ever_exceeds_the_masters_ceiling() {
    let studio = Studio::new(
        r#"Bank(
            buses: {"master": (effects: [Limiter(ceiling: -3)])},
            sounds: {"loud": Clip(file: "loud.wav", looping: true, gain: 12)},
            events: {"loud": (play: "loud")},
        )"#,
    )
    .tone("loud.wav", 777.0, 0.9, 1.0);
    let mut engine = studio.engine();
    for _ in 0..4 {
        engine.post("loud", None);
    }
    let out = run(&mut engine, 1.0);
    let ceiling = Decibels::new(-3.0).unwrap().amplitude();
    let peak = out.iter().flatten().fold(0.0_f32, |peak, s| peak.max(s.abs()));
    assert!(peak <= ceiling && peak > ceiling * 0.9, "peak {peak}, ceiling {ceiling}");
}

#[test]
fn a_bus_rings_out_and_then_costs_nothing_more() {
    let mut click = vec![0.0; 480];
    click[0] = 0.5;
    let studio = Studio::new(
        r#"Bank(
            buses: {"hall": (effects: [Reverb(rt60: 0.5, mix: 1)])},
            events: {"click": (play: "click.wav", bus: "hall")},
        )"#,
    )
    .sound("click.wav", &[&click]);
    let mut engine = studio.builder().stems(true).build().unwrap();
    engine.post("click", None);
    run(&mut engine, 6.0);
    let hall = stem(&engine.take_stems().unwrap(), "hall");
    assert!(level(&hall, 9_600..14_400) > -80.0, "the tail is heard after the click");
    assert!(hall[5 * 48_000..].iter().all(|&s| s == 0.0), "and is exactly silent in the end");
}

/// A plug-in that rings-modulates, and one that goes mad after a while.
struct Ring(f32);

impl kira::effect::Effect for Ring {
    fn process(&mut self, input: &mut [kira::Frame], _dt: f64, _info: &kira::info::Info<'_>) {
        for frame in input {
            frame.left *= self.0;
            frame.right *= self.0;
        }
    }
}

#[test]
fn a_games_own_kira_effect_runs_in_a_bank_and_a_mad_one_is_silenced() {
    let bank = r#"Bank(
        buses: {"toy": (effects: [Custom(name: "times", params: {"factor": FACTOR})])},
        sounds: {"tone": Clip(file: "tone.wav", looping: true)},
        events: {"tone": (play: "tone", bus: "toy")},
    )"#;
    let render = |factor: &str, make: fn(f32) -> f32| {
        let studio = Studio::new(&bank.replace("FACTOR", factor)).tone("tone.wav", 1000.0, 0.5, 1.0);
        let mut engine = studio
            .builder()
            .plugin("times", move |params| Box::new(Ring(make(params["factor"]))))
            .stems(true)
            .build()
            .unwrap();
        engine.post("tone", None);
        run(&mut engine, 0.5);
        level(&stem(&engine.take_stems().unwrap(), "toy"), 4800..9600)
    };
    let full = render("1", |factor| factor);
    near(render("0.5", |factor| factor) - full, -6.0206, 0.001, "half the amplitude");
    near(render("1", |_| f32::NAN), full, 0.001, "a plug-in that gives NaN is bypassed");
    near(render("1", |_| 1e30), full, 0.001, "as is one that runs away");
    assert!(render("1", |_| 1e-40) < -190.0, "and denormals are taken as silence");
}

#[test]
fn a_mad_plugin_is_named_once() {
    for (factor, fault) in
        [(f32::NAN, Fault::Wild), (f32::INFINITY, Fault::Wild), (1e30, Fault::Wild), (1e-40, Fault::Denormal)]
    {
        let studio = Studio::new(
            r#"Bank(buses: {"toy": (effects: [Gain(-1), Custom(name: "times")])},
                events: {"tone": (play: "tone.wav", bus: "toy")})"#,
        )
        .tone("tone.wav", 1000.0, 0.5, 1.0);
        let mut engine = studio.builder().plugin("times", move |_| Box::new(Ring(factor))).build().unwrap();
        engine.post("tone", None);
        let out = run(&mut engine, 0.5);
        assert!(out.iter().flatten().all(|sample| sample.is_finite() && !sample.is_subnormal()));
        let fault = EffectFault { bus: "toy".to_owned(), effect: "times".to_owned(), place: 1, fault };
        assert_eq!(engine.take_faults(), [fault]);
    }
}

#[test]
fn a_plugin_that_is_not_registered_is_an_error_that_names_it() {
    let studio = Studio::new(r#"Bank(buses: {"toy": (effects: [Custom(name: "times")])})"#);
    let error = studio.builder().build().err().expect("an error").to_string();
    assert!(error.contains("\"toy\"") && error.contains("\"times\""), "{error}");
}

#[test]
fn our_effects_run_on_anybodys_kira_track() {
    use kira::sound::static_sound::StaticSoundData;
    use kira::track::TrackBuilder;
    use kira::{AudioManager, AudioManagerSettings, Frame};
    use tonmeister::dsp::gain::{Gain, GainParams};
    use tonmeister::mixer::backend::offline::OfflineBackend;

    let frames: Vec<Frame> = tone(1000.0, 0.5, 48_000).into_iter().map(Frame::from_mono).collect();
    let sound = StaticSoundData {
        sample_rate: RATE,
        frames: frames.into(),
        settings: Default::default(),
        slice: None,
    };
    let mut manager: AudioManager<OfflineBackend> =
        AudioManager::new(AudioManagerSettings::default()).unwrap();
    let mut track = TrackBuilder::new();
    track.add_effect(tonmeister::mixer::OnTrack::<Gain>::new(GainParams { gain: Decibels::clamped(-12.0) }));
    let mut track = manager.add_sub_track(track).unwrap();
    track.play(sound).unwrap();
    let mut out = vec![0.0; 48_000];
    manager.backend_mut().render(&mut out);
    near(f64::from(measure::rms_db(&out[9600..])), -12.0 - 9.03, 0.05, "a 0.5 sine at -12 dB");
}

#[test]
fn what_turned_down_a_loud_sound_does_not_wait_for_a_soft_one() {
    // The bus falls silent in between; what holds it down must come back all the same.
    for effect in [
        "Compressor(threshold: -40, ratio: 20, release: 0.5)",
        "Multiband(low_threshold: -40, mid_threshold: -40, high_threshold: -40, mid_ratio: 20, mid_release: 0.5)",
        "Limiter(ceiling: -40, release: 0.5)",
        "Eq([Peak(freq: 1000, range: -20, threshold: -50, ratio: 20, release: 0.5)])",
    ] {
        let bank = format!(
            r#"Bank(
                buses: {{"b": (effects: [{effect}])}},
                events: {{"loud": (play: "loud.wav", bus: "b"), "soft": (play: "soft.wav", bus: "b")}},
            )"#
        );
        let soft_alone = |before: bool| {
            let studio =
                Studio::new(&bank).tone("loud.wav", 1000.0, 0.9, 0.5).tone("soft.wav", 1000.0, 0.002, 0.5);
            let mut engine = studio.builder().stems(true).build().unwrap();
            if before {
                engine.post("loud", None);
            }
            run(&mut engine, 6.0);
            engine.post("soft", None);
            run(&mut engine, 0.5);
            let out = stem(&engine.take_stems().unwrap(), "b");
            level(&out, 48_000 * 6 + 960..48_000 * 6 + 4800)
        };
        near(soft_alone(true), soft_alone(false), 0.1, effect);
    }
}
