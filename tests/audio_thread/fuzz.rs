//! A hundred thousand random orders with random banks between them: every effect, every order, wild values. Nothing
//! is allocated on the audio thread, nothing is not finite, no voice is stuck, all memory comes home.

use crate::guard::watched;
use glam::{Quat, Vec3};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use tonmeister::director::{EmitterKey, PlaybackId};
use tonmeister::effects::table::{Field, Params, Takes};
use tonmeister::effects::{Effect, EqBand, EqShape, EqSlope};
use tonmeister::reload::Project;
use tonmeister::runtime::{Engine, Output};
use tonmeister::space::{Pose, Shape, ZoneField};
use tonmeister::units::{Decibels, Seconds};

const ORDERS: usize = 100_000;
const ORDERS_AT_ONCE: usize = 64;
const RELOAD_EVERY: usize = 50;

/// A small generator of numbers (Marsaglia's xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, count: usize) -> usize {
        (self.roll() % count.max(1) as u64) as usize
    }

    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * (self.roll() >> 40) as f32 / (1 << 24) as f32
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }
}

/// One field with a value from all over its range.
fn field(dice: &mut Dice, field: &Field) -> String {
    let value = match (field.rule.range, field.rule.choices) {
        (Some((low, high)), _) => {
            let value = match dice.below(4) {
                0 => low,
                1 => high,
                _ => dice.between(low, high),
            };
            format!("{value:?}")
        }
        (None, []) => dice.chance(2).to_string(),
        (None, choices) => choices[dice.below(choices.len())].to_owned(),
    };
    format!("{}: {value}", field.name)
}

fn effect(dice: &mut Dice, effect: &Effect) -> String {
    let mut fields: Vec<String> = Vec::new();
    for of in effect.fields() {
        if of.rule.required || dice.chance(2) {
            fields.push(field(dice, of));
        }
    }
    match effect.takes() {
        Takes::Key if dice.chance(2) => {
            fields.push(
                ["key: \"key\"", "key: Pre(\"key\")", "key: Delayed(\"b3\")"][dice.below(3)].to_owned(),
            );
        }
        Takes::Impulse => fields.push("file: \"noise.wav\"".to_owned()),
        _ => {}
    }
    if dice.chance(4) {
        fields.push("bypass: true".to_owned());
    }
    match effect.name() {
        "Eq" => {
            let bands: Vec<_> = (0..dice.below(6)).map(|_| band(dice)).collect();
            // What it takes beside its bands: a key, a bypass.
            let more: String = fields.iter().map(|field| format!(", {field}")).collect();
            if more.is_empty() && dice.chance(2) {
                return format!("Eq([{}])", bands.join(", "));
            }
            format!("Eq(bands: [{}]{more})", bands.join(", "))
        }
        name => format!("{name}({})", fields.join(", ")),
    }
}

/// A band of an equaliser: any shape and slope; some peaks and shelves are dynamic.
fn band(dice: &mut Dice) -> String {
    let shape = EqShape::NAMES[dice.below(EqShape::NAMES.len())];
    let mut fields = vec![format!("freq: {:?}", dice.between(10.0, 20_000.0))];
    fields.push(format!("q: {:?}", dice.between(0.1, 20.0)));
    match shape {
        "HighPass" | "LowPass" => {
            let slope = EqSlope::ALL[dice.below(EqSlope::ALL.len())];
            fields.push(format!("slope: {}", slope.db_per_octave()));
        }
        "Peak" | "LowShelf" | "HighShelf" => {
            fields.push(format!("gain: {:?}", dice.between(-24.0, 24.0)));
            if dice.chance(2) {
                let dynamic = EqBand::FIELDS.iter().filter(|of| DYNAMIC.contains(&of.name));
                fields.extend(dynamic.map(|of| field(dice, of)));
            }
        }
        _ => {}
    }
    format!("{shape}({})", fields.join(", "))
}

const DYNAMIC: [&str; 5] = ["range", "threshold", "ratio", "attack", "release"];

/// A bank with every effect somewhere, and everything drawn anew.
fn bank(dice: &mut Dice) -> String {
    let mut chains: Vec<Vec<String>> = vec![Vec::new(); 8];
    for kind in Effect::all() {
        let chain = dice.below(chains.len());
        chains[chain].push(effect(dice, &kind));
    }
    let mut text = String::from("Bank(buses: {\n\"key\": (), \"master\": (effects: [Limiter()]),\n");
    for (index, chain) in chains.iter().enumerate() {
        if index > 3 && dice.chance(5) {
            continue; // A bus that comes and goes.
        }
        let parent = if index > 0 && dice.chance(2) {
            format!("b{}", dice.below(index.min(4)))
        } else {
            "master".to_owned()
        };
        let sends = if dice.chance(3) {
            format!(
                "{{\"b{}\": (gain: -30, delayed: true), \"return\": (gain: -6, pre: {})}}",
                dice.below(4),
                dice.chance(2)
            )
        } else {
            "{}".to_owned()
        };
        let gain = dice.between(-40.0, 0.0);
        writeln!(
            text,
            "\"b{index}\": (parent: \"{parent}\", gain: {gain:?}, sends: {sends}, effects: [{}]),",
            chain.join(", ")
        )
        .unwrap();
    }
    text.push_str("\"return\": (effects: [Delay(time: 0.1)]),\n},\nvcas: {\"all\": (buses: [\"b0\", \"b1\", \"return\"])},\nducking: [");
    for _ in 0..dice.below(4) {
        let by = ["Activity", "Level(-30)"][dice.below(2)];
        let what = ["", ", band: (300, 4000)", ", voices: true", ", curve: Smooth"][dice.below(4)];
        let combine = ["Deepest", "Sum"][dice.below(2)];
        let depth = dice.between(0.0, 30.0);
        write!(text, "(trigger: \"key\", by: {by}, combine: {combine}, attack: 0.01, release: 0.1, targets: {{\"b{}\": (depth: {depth:?}{what})}}), ", dice.below(4)).unwrap();
    }
    text.push_str("],\nlevels: {\"peak\": (bus: \"b0\", by: Peak), \"rms\": (bus: \"key\"), \"loud\": (bus: \"b1\", by: Loudness)},\n");
    text.push_str(&modulators(dice));
    text.push_str("curves: [");
    for _ in 0..dice.below(5) {
        let from = ["peak", "rms", "loud", "wobble", "drift", "pump"][dice.below(6)];
        let (to, property) =
            [("b2", "gain"), ("return", "Delay.mix"), ("master", "Limiter.release"), ("b0", "gain")]
                [dice.below(4)];
        let (low, high) = (dice.between(-30.0, 10.0), dice.between(-30.0, 10.0));
        write!(text, "(from: \"{from}\", to: \"{to}\", property: \"{property}\", points: [(-60, 0), (-1, {low:?}, {}), (1, {high:?})]), ", shape(dice)).unwrap();
    }
    text.push_str("],\nreverbs: {\"hall\": (rt60: 1.0)},\nevents: {\n");
    for index in 0..12 {
        let bus = ["key", "b0", "b1", "b2", "b3", "master"][dice.below(6)];
        let space = ["", ", space: (max: 60)"][dice.below(2)];
        let sound = ["tone", "noise", "loop"][index % 3];
        let curves = event_curves(dice);
        writeln!(
            text,
            "\"e{index}\": (play: \"{sound}\", bus: \"{bus}\", gain: -20, pitch: {:?}{space}, curves: [{curves}]),",
            dice.between(-12.0, 12.0)
        )
        .unwrap();
    }
    text.push_str("}, sounds: {\"tone\": Clip(file: \"tone.wav\"), \"noise\": Clip(file: \"noise.wav\", fade_out: 0.01), \"loop\": Clip(file: \"tone.wav\", looping: true)})");
    text
}

fn shape(dice: &mut Dice) -> &'static str {
    ["Linear", "Smooth", "Exponential", "Logarithmic", "Constant"][dice.below(5)]
}

fn modulators(dice: &mut Dice) -> String {
    let wave = ["Sine", "Triangle", "Square", "Saw", "SawDown", "Random"][dice.below(6)];
    let [rate, steps] = [dice.between(0.01, 20.0), dice.between(0.01, 20.0)];
    let [attack, release] = [dice.between(0.0, 0.1), dice.between(0.0, 0.3)];
    format!(
        "modulators: {{\"wobble\": Lfo(shape: {wave}, rate: {rate:?}, spread: 360), \"drift\": Walk(rate: {steps:?}),
         \"swell\": Envelope(attack: {attack:?}, sustain: 0.5, release: {release:?}, curve: {}),
         \"pump\": Follow(bus: \"key\", attack: {attack:?}, hold: {release:?}, release: {release:?})}},\n",
        shape(dice)
    )
}

fn event_curves(dice: &mut Dice) -> String {
    let one = |dice: &mut Dice| {
        let from = ["wobble", "drift", "swell", "pump", "rms", "speed", "approach", "angle"][dice.below(8)];
        let (property, low, high) =
            [("gain", -90.0, 6.0), ("pitch", -12.0, 12.0), ("cutoff", 100.0, 20_000.0)][dice.below(3)];
        format!(
            "(from: \"{from}\", property: \"{property}\", points: [(-1, {low:?}, {}), (1, {high:?})]), ",
            shape(dice)
        )
    };
    (0..dice.below(3)).map(|_| one(dice)).collect()
}

fn load(folder: &Path, text: &str, before: Option<&Project>) -> Project {
    std::fs::write(folder.join("fuzz.bank.ron"), text).unwrap();
    let store = before.map(|project| project.store.clone()).unwrap_or_default();
    Project::load(folder, 48_000, 1, &store, &|_, _| {}).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[derive(Default)]
struct World {
    emitters: Vec<EmitterKey>,
    playbacks: Vec<PlaybackId>,
}

fn order(dice: &mut Dice, engine: &mut Engine, world: &mut World) {
    let place = |dice: &mut Dice| Vec3::new(dice.between(-80.0, 80.0), 0.0, dice.between(-80.0, 80.0));
    let buses: Vec<String> = engine.bank().buses.iter().map(|bus| bus.name.clone()).collect();
    let bus = buses[dice.below(buses.len())].as_str();
    let playback =
        |dice: &mut Dice, world: &World| world.playbacks.get(dice.below(world.playbacks.len())).copied();
    match dice.below(18) {
        0..=4 => {
            let on = if dice.chance(2) {
                None
            } else {
                world.emitters.get(dice.below(world.emitters.len())).copied()
            };
            let at = if dice.chance(3) { engine.now() + dice.below(4000) as u64 } else { 0 };
            world.playbacks.extend(engine.post_at(&format!("e{}", dice.below(12)), on, at));
        }
        5 | 6 => {
            let fade = if dice.chance(2) { None } else { Some(Seconds::clamped(dice.between(0.0, 0.1))) };
            if let Some(playback) = playback(dice, world) {
                engine.stop_at(playback, fade, engine.now() + dice.below(2000) as u64);
            }
        }
        7 => world.emitters.push(engine.add_emitter(place(dice), Decibels::UNITY)),
        8 if world.emitters.len() > 20 => {
            let emitter = world.emitters.swap_remove(dice.below(world.emitters.len()));
            engine.remove_emitter(emitter);
        }
        9 | 8 => {
            if let Some(&emitter) = world.emitters.get(dice.below(world.emitters.len())) {
                engine.move_emitter(emitter, place(dice));
                engine.set_emitter_gain(emitter, Decibels::clamped(dice.between(-60.0, 6.0)));
            }
        }
        10 => engine.set_listener(if dice.chance(8) {
            None
        } else {
            Some(Pose { position: place(dice), ..Pose::ORIGIN })
        }),
        11 => drop(engine.set_bus_gain(bus, Decibels::clamped(dice.between(-120.0, 12.0)))),
        12 => drop(if dice.chance(2) {
            engine.set_mute(bus, dice.chance(3))
        } else {
            engine.set_solo(bus, dice.chance(6))
        }),
        13 => drop(engine.set_vca_gain("all", Decibels::clamped(dice.between(-120.0, 12.0)))),
        15 => drop(match dice.below(4) {
            0 => engine.stop_measuring(bus),
            1 => {
                engine.profile(dice.chance(2));
                Ok(())
            }
            _ => engine.measure(bus),
        }),
        16 => {
            if let Some(playback) = playback(dice, world) {
                engine.release(playback);
            }
        }
        14 => drop(engine.set_bypass(bus, dice.below(5), dice.chance(2))),
        _ => {
            let effect = dice.below(5);
            let known = engine
                .bank()
                .buses
                .iter()
                .find(|known| known.name == bus)
                .and_then(|bus| bus.effects.get(effect));
            let fields: Vec<&str> = match known.map(|known| &known.kind) {
                Some(tonmeister::bank::EffectKind::Own(Effect::Eq(_))) => {
                    vec!["1.gain", "2.freq", "1.range", "1.slope", "2.slope", "1.shape", "9.q"]
                }
                Some(tonmeister::bank::EffectKind::Own(own)) => {
                    own.fields().iter().map(|field| field.name).collect()
                }
                _ => vec!["x"],
            };
            let value = match dice.below(6) {
                0 => f32::NAN,
                1 => f32::INFINITY,
                2 => -1e30,
                3 => 0.0,
                _ => dice.between(-100.0, 20_000.0),
            };
            drop(engine.set_effect_parameter(
                bus,
                effect,
                fields.get(dice.below(fields.len())).unwrap_or(&"x"),
                value,
            ));
        }
    }
}

/// How many hold each sample, by name of its sound.
fn holders(engine: &Engine) -> BTreeMap<String, usize> {
    let project = engine.project();
    let sounds = project.bank.sounds.iter().zip(&project.samples);
    sounds
        .filter_map(|(sound, sample)| Some((sound.name.clone(), Arc::strong_count(sample.as_ref()?))))
        .collect()
}

#[test]
fn a_hundred_thousand_random_orders_break_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (name, hertz) in [("tone.wav", 440.0), ("noise.wav", 3177.0)] {
        let spec = hound::WavSpec {
            channels: 2,
            sample_rate: 48_000,
            bits_per_sample: 32,
            sample_format: hound::SampleFormat::Float,
        };
        let mut writer = hound::WavWriter::create(folder.path().join(name), spec).unwrap();
        for frame in 0..9000 {
            writer.write_sample(0.3 * (frame as f32 * hertz * 0.000_130_9).sin()).unwrap();
            writer.write_sample(0.3 * (frame as f32 * hertz * 0.000_131).cos()).unwrap();
        }
        writer.finalize().unwrap();
    }
    let mut dice = Dice(0x5eed_1234_5678_9abc);
    std::fs::write(folder.path().join("fuzz.bank.ron"), bank(&mut dice)).unwrap();
    let mut engine = Engine::builder(folder.path())
        .output(Output::Offline)
        .voices(24)
        .build()
        .unwrap_or_else(|e| panic!("{e}"));
    let mut world = World::default();
    let (mut broken, mut stretch) = (0, [0.0_f32; 512]);
    let (mut most, mut heard) = (0, 0);
    for round in 0..ORDERS / ORDERS_AT_ONCE {
        if round % RELOAD_EVERY == RELOAD_EVERY - 1 {
            let text = bank(&mut dice);
            let project = load(folder.path(), &text, Some(engine.project()));
            engine.reload(project);
            world.playbacks.clear();
        }
        for _ in 0..ORDERS_AT_ONCE {
            order(&mut dice, &mut engine, &mut world);
        }
        engine.receive();
        engine.set_zones([ZoneField {
            zone: "hall",
            shape: Shape::Sphere { radius: 40.0 },
            position: Vec3::ZERO,
            rotation: Quat::IDENTITY,
            fade: 5.0,
            priority: 0,
        }]);
        engine.decide();
        engine.flush();
        broken += watched(|| assert!(engine.render(&mut stretch)));
        most = most.max(engine.voices());
        heard += usize::from(stretch.iter().any(|sample| sample.abs() > 1e-3));
        assert!(stretch.iter().all(|sample| sample.is_finite() && sample.abs() <= 1.0), "round {round}");
    }
    assert_eq!(broken, 0, "allocations or frees while the mixer rendered");
    assert!(
        most >= 24 && heard > 200,
        "it was a session worth the name: {most} voices, {heard} rounds heard"
    );
    assert!(engine.clamped_values() > 100, "wild values were counted: {}", engine.clamped_values());

    // All quiet: no voice is left, and nobody but the project and the graph holds a sample.
    engine.stop_all(Some(Seconds::ZERO));
    for _ in 0..400 {
        engine.update();
        engine.render(&mut stretch);
    }
    assert_eq!(engine.voices(), 0, "no stuck voice");
    let quiet = holders(&engine);
    let fresh = Engine::builder(folder.path()).output(Output::Offline).voices(24).build().unwrap();
    assert_eq!(quiet, holders(&fresh), "every sample came home");
}

#[test]
fn orders_that_find_the_ring_full_are_counted_and_arrive_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.bank.ron"), "Bank(buses: {\"a\": (effects: [Gain(0)])})").unwrap();
    let mut engine = Engine::builder(folder.path()).output(Output::Offline).voices(1).build().unwrap();
    let mut stretch = [0.0_f32; 512];
    for step in 0..5000 {
        engine.set_effect_parameter("a", 0, "gain", -(step as f32) / 100.0).unwrap();
    }
    engine.update();
    assert!(engine.overflows() > 0, "the overflow is counted");
    for _ in 0..50 {
        engine.update();
        engine.render(&mut stretch);
    }
    let before = engine.overflows();
    engine.set_mute("a", true).unwrap();
    engine.update();
    assert_eq!(engine.overflows(), before, "and the ring has recovered");
}
