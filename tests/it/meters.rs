//! What a game reads of the mix while it runs.

use crate::common::{RATE, Studio, near, run};
use ebur128::{EbuR128, Mode};
use tonmeister::runtime::DeskError;

const BANK: &str = r#"Bank(
    buses: {
        "music": (gain: -3, effects: [Gain(0), Compressor(threshold: -30, ratio: 4, knee: 0), Limiter(ceiling: -20)]),
        "loud": (gain: 12), "idle": (),
    },
    sounds: {"a": Clip(file: "a.wav", looping: true), "b": Clip(file: "b.wav", looping: true)},
    events: {"music": (play: "a", bus: "music"), "second": (play: "b", bus: "music"), "loud": (play: "a", bus: "loud")},
)"#;

fn studio() -> Studio {
    Studio::new(BANK).tone("a.wav", 997.0, 0.7, 1.0).tone("b.wav", 3000.0, 0.2, 1.0)
}

#[test]
fn a_measured_bus_reads_its_loudness_and_true_peak_as_ebur128_does() {
    let mut engine = studio().builder().stems(true).build().unwrap();
    assert_eq!(engine.programme("master"), None, "nobody asked");
    assert_eq!(engine.measure("nobody"), Err(DeskError::UnknownBus("nobody".to_owned())));
    engine.measure("master").unwrap();
    engine.post("music", None);
    let mut out = run(&mut engine, 3.0);
    engine.post("second", None);
    for (all, more) in out.iter_mut().zip(run(&mut engine, 4.0)) {
        all.extend(more);
    }
    let got = engine.programme("master").unwrap();

    let mut reference = EbuR128::new(2, RATE, Mode::all()).unwrap();
    reference.add_frames_planar_f32(&[&out[0], &out[1]]).unwrap();
    near(got.integrated.unwrap().into(), reference.loudness_global().unwrap(), 0.05, "integrated");
    near(got.momentary.into(), reference.loudness_momentary().unwrap(), 0.05, "momentary");
    near(got.short_term.into(), reference.loudness_shortterm().unwrap(), 0.05, "short-term");
    near(got.range.unwrap().into(), reference.loudness_range().unwrap(), 0.15, "range");
    let peak = reference.true_peak(0).unwrap().max(reference.true_peak(1).unwrap());
    near(got.true_peak_db().into(), 20.0 * peak.log10(), 0.2, "true peak");

    engine.stop_measuring("master").unwrap();
    assert_eq!(engine.programme("master"), None);
    engine.measure("master").unwrap();
    run(&mut engine, 0.1);
    assert_eq!(engine.programme("master").unwrap().integrated, None, "a new measurement begins anew");
}

#[test]
fn a_measurement_goes_on_through_a_reload_and_through_silence() {
    let studio = studio();
    let mut engine = studio.engine();
    engine.measure("music").unwrap();
    let playback = engine.post("music", None).unwrap();
    run(&mut engine, 2.0);
    let before = engine.programme("music").unwrap();
    // Another bus before it in the order: the index of the measured one changes.
    studio.save(&BANK.replace("\"music\": (gain", "\"a new one\": (), \"music\": (gain"));
    let project = studio.load(&engine.project().store.clone());
    engine.reload(project);
    engine.stop(playback, None);
    run(&mut engine, 5.0);
    let after = engine.programme("music").unwrap();
    near(after.integrated.unwrap().into(), before.integrated.unwrap().into(), 0.3, "what was heard counts");
    assert_eq!(after.true_peak, before.true_peak);
    assert!(before.momentary > -40.0 && after.momentary < -100.0, "{before:?} {after:?}");
}

#[test]
fn reductions_are_told_for_each_effect() {
    let mut engine = studio().engine();
    engine.post("music", None);
    run(&mut engine, 1.0);
    let meters = engine.reductions("music").unwrap();
    let names: Vec<_> = meters.iter().map(|meter| meter.effect.as_str()).collect();
    assert_eq!(names, ["Gain", "Compressor", "Limiter"]);
    assert_eq!(meters[0].reduction_db, 0.0);
    // A sine of 0.7 through the centre pan is at -6.1 dB: 23.9 dB above the threshold at 4:1.
    near(meters[1].reduction_db.into(), 0.75 * 23.9, 0.3, "the compressor");
    let level = -6.1 - 0.75 * 23.9;
    near(meters[2].reduction_db.into(), f64::max(level + 20.0, 0.0), 0.3, "the limiter");
    assert_eq!(engine.reductions("nobody"), None);
}

#[test]
fn clips_and_voices_are_counted() {
    let mut engine = studio().engine();
    engine.post("music", None);
    run(&mut engine, 0.5);
    assert_eq!(engine.bus("music").map(|bus| (bus.voices, bus.clips)), Some((1, 0)));
    assert_eq!(engine.bus("master").map(|bus| bus.voices), Some(0), "only those on the bus itself");
    engine.post("second", None);
    let loud = engine.post("loud", None).unwrap();
    run(&mut engine, 0.5);
    assert_eq!(engine.bus("music").unwrap().voices, 2);
    // 0.7 at +12 dB and -3 dB of pan: 1.97, above full scale for 66 % of each period, on both channels.
    let clips = engine.bus("loud").unwrap().clips;
    near(f64::from(clips), 2.0 * 24_000.0 * 0.662, 700.0, "samples above full scale");
    assert_eq!(engine.bus("master").unwrap().clips, 0, "the limiter holds them");
    engine.stop(loud, None);
    run(&mut engine, 0.5);
    assert_eq!(engine.bus("loud").unwrap().voices, 0);
}

#[test]
fn costs_are_measured_while_asked_for() {
    let mut engine = studio().engine();
    engine.post("music", None);
    run(&mut engine, 0.3);
    assert_eq!(engine.cpu().mixer, 0.0);
    engine.profile(true);
    run(&mut engine, 1.0);
    let cpu = engine.cpu();
    let of = |name: &str| cpu.buses.iter().find(|(bus, _)| bus == name).unwrap().1;
    assert!(cpu.mixer > cpu.voices && cpu.voices > 0.0, "{cpu:?}");
    assert!(of("music") > of("idle"), "a bus with effects at work costs more than an idle one: {cpu:?}");
    engine.profile(false);
    run(&mut engine, 0.1);
    assert_eq!(engine.cpu().mixer, 0.0);
}
