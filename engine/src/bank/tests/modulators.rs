//! Modulators, curves with shapes and what curves of events go by: from the text to what is run, compared, laid out.

use super::*;
use crate::modulators::{Envelope, Lfo, LfoShape};
use crate::units::{CurvePoint, Segment};

const TEXT: &str = r#"Bank(
    buses: {"drums": ()},
    parameters: {"speed": (max: 50)},
    levels: {"loud": (bus: "drums")},
    modulators: {
        "wobble": Lfo(shape: Saw, rate: 4, phase: 90, spread: 180, fade_in: 2),
        "swell": Envelope(attack: 0.5, sustain: 0.25, release: 1, curve: Exponential),
        "pump": Follow(bus: "drums", by: Peak, hold: 0.1),
    },
    curves: [(from: "pump", to: "drums", property: "gain", points: [(0, 0, Smooth), (1, -6)])],
    events: {"hum": (play: "hum.ogg", space: (), curves: [
        (from: "wobble", property: "gain", points: [(-1, -6, Constant), (1, 0)]),
        (from: "swell", property: "reverb", points: [(0, -60), (1, 0)]),
        (from: "loud", property: "gain", points: [(-60, 0), (-20, -6)]),
        (from: "speed", property: "pitch", points: [(0, 0), (50, 2)]),
        (from: "approach", property: "pitch", points: [(0, 0), (50, 2)]),
    ])},
)"#;

#[test]
fn names_become_what_they_mean_and_a_games_own_parameter_comes_first() {
    let bank = bank(TEXT);
    let (pump, swell, wobble) = (ModulatorId(0), ModulatorId(1), ModulatorId(2));
    let lfo = Lfo { shape: LfoShape::Saw, rate: 4.0, phase: 0.25, spread: 0.5, fade_in: 2.0 };
    assert_eq!(bank.modulators[wobble.index()].kind, ModulatorKind::Lfo(lfo));
    let ModulatorKind::Envelope(envelope) = &bank.modulators[swell.index()].kind else { panic!() };
    let Envelope { attack, sustain, release, curve, decay, .. } = *envelope;
    assert_eq!((attack, sustain, release, decay, curve), (0.5, 0.25, 1.0, 0.0, Segment::Exponential));
    assert!(
        matches!(bank.modulators[pump.index()].kind, ModulatorKind::Follow(follow) if follow.by == Gauge::Peak)
    );
    assert_eq!(bank.curves[0].from, CurveSource::Modulator(pump));
    let points = [CurvePoint { x: 0.0, y: 0.0, segment: Segment::Smooth }, (1.0, -6.0).into()];
    assert_eq!(bank.curves[0].points, points);
    let drivers: Vec<_> = bank.events[0].curves.iter().map(|curve| curve.from).collect();
    let speed = Driver::Parameter(ParameterId(0));
    let level = Driver::Level(LevelId(0));
    assert_eq!(
        drivers,
        [Driver::Modulator(wobble), Driver::Modulator(swell), level, speed, Driver::Approach]
    );
}

#[test]
fn what_changed_of_modulators_and_curves_is_told() {
    let new = TEXT
        .replace("rate: 4", "rate: 5")
        .replace("Envelope(attack: 0.5, sustain: 0.25, release: 1, curve: Exponential)", "Walk(rate: 2)")
        .replace(", hold: 0.1", "")
        .replace("(0, 0, Smooth), (1, -6)", "(0, 0), (1, -6)")
        .replace("-6, Constant", "-6, Smooth")
        .replace(r#"(from: "approach""#, r#"(from: "angle""#);
    let sources = |text: &str| Sources::from_texts([("t.bank.ron", text)]);
    assert_eq!(
        diff(&sources(TEXT), &sources(&new)),
        [
            "curve pump → drums gain: points [(0, 0, Smooth), (1, -6)] → [(0, 0), (1, -6)]",
            "modulator pump: hold 0.1 → 0.0 s",
            "modulator swell: Envelope → Walk",
            "modulator wobble: rate 4 → 5 Hz",
            "event hum: curve angle → pitch added",
            "event hum: curve approach → pitch removed",
            "event hum: curve wobble → gain points [(-1, -6, Constant), (1, 0)] → [(-1, -6, Smooth), (1, 0)]",
        ]
    );
}

#[test]
fn what_is_laid_out_means_the_same() {
    let laid_out = format(&Sources::from_texts([("t.bank.ron", TEXT)]).files()[0]).unwrap();
    assert!(laid_out.contains(", Constant)"), "{laid_out}");
    assert_eq!(bank(&laid_out), bank(TEXT));
}
