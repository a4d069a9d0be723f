//! What each effect costs for a stereo frame of noise, and kira's of the same kind beside it.
//!
//! A block is 128 frames: a time in µs times 7.8 is ns per frame. An effect that is new in the engine appears by
//! itself, at its defaults. Copying the noise into place is part of every figure; `nothing` is that alone.

use criterion::{
    BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};
use kira::effect::compressor::CompressorBuilder;
use kira::effect::delay::DelayBuilder;
use kira::effect::distortion::DistortionBuilder;
use kira::effect::eq_filter::{EqFilterBuilder, EqFilterKind};
use kira::effect::filter::FilterBuilder;
use kira::effect::panning_control::PanningControlBuilder;
use kira::effect::reverb::ReverbBuilder;
use kira::effect::volume_control::VolumeControlBuilder;
use kira::effect::{Effect as KiraEffect, EffectBuilder};
use kira::info::MockInfoBuilder;
use kira::{Decibels as KiraDecibels, Frame, Panning, Value};
use std::hint::black_box;
use std::time::Duration;
use tonmeister::dsp::{Eq, Processor, StereoMut, measure};
use tonmeister::effects::table::Takes;
use tonmeister::effects::{DistortionParams, Effect, EqBand, EqParams, EqShape, Oversampling};
use tonmeister::units::{Decibels, Hertz};
use tonmeister_benches::{BLOCK, RATE};

/// Blocks of noise that go round.
const BLOCKS: usize = 64;

/// An effect at work, ours: processes one block in place.
type Run = Box<dyn FnMut(&mut StereoMut<'_>)>;

fn run<P: Processor + 'static>(mut processor: P, takes: Takes) -> Run {
    if takes == Takes::Impulse {
        // A room of a second.
        let fall = |(frame, sample): (usize, f32)| sample * (-6.9 * frame as f32 / RATE as f32).exp();
        let side =
            |seed| measure::noise(seed, 0.1, RATE as usize).into_iter().enumerate().map(fall).collect();
        let [left, right]: [Vec<f32>; 2] = [side(5), side(6)];
        processor.load(&[&left, &right]);
    }
    Box::new(move |block| processor.process(block, None))
}

macro_rules! declare {
    ($($name:ident($params:ident) in $module:ident,)*) => {
        fn build(effect: &Effect) -> Run {
            match effect {
                $(Effect::$name(params) => {
                    run(tonmeister::dsp::$module::$name::new(params, RATE), effect.takes())
                })*
            }
        }
    };
}
tonmeister::for_each_effect!(declare);

/// The effect with some of its parameters at other values.
fn with(effect: &Effect, parameters: &[(&str, f32)]) -> Effect {
    let mut effect = effect.clone();
    for (name, value) in parameters {
        let place = effect.place_of(name);
        assert!(
            place.is_some_and(|place| effect.set(place, *value)),
            "{} has a {name} of {value}",
            effect.name()
        );
    }
    effect
}

/// Settings beside the defaults that cost something else.
fn more(effect: &Effect) -> Vec<(&'static str, Effect)> {
    match effect.name() {
        "Gain" => vec![("-6 dB", with(effect, &[("gain", -6.0)]))],
        "Eq" => {
            let low_pass = EqBand { shape: EqShape::LowPass, ..EqBand::default() };
            vec![
                ("a low-pass", equaliser(1, |_| low_pass).into()),
                ("1 band", equaliser(1, peak).into()),
                ("4 bands", equaliser(4, peak).into()),
                ("16 bands", equaliser(16, peak).into()),
            ]
        }
        "Compressor" => vec![("at work", with(effect, &[("threshold", -50.0), ("knee", 12.0)]))],
        "Limiter" => vec![("at work", with(effect, &[("ceiling", -24.0)]))],
        "Distortion" => {
            let Effect::Distortion(params) = effect else { return Vec::new() };
            let plain = DistortionParams { oversampling: Oversampling::X1, ..**params };
            vec![("not oversampled, as kira's", plain.into())]
        }
        "Delay" => vec![("feedback 0.9", with(effect, &[("feedback", 0.9)]))],
        "Reverb" => vec![("8 s", with(effect, &[("rt60", 8.0)]))],
        _ => Vec::new(),
    }
}

fn peak(index: usize) -> EqBand {
    EqBand {
        freq: Hertz::clamped(100.0 * 1.35_f32.powi(index as i32)),
        gain: Decibels::clamped(if index.is_multiple_of(2) { 3.0 } else { -3.0 }),
        ..EqBand::default()
    }
}

fn equaliser(bands: usize, band: impl Fn(usize) -> EqBand) -> EqParams {
    let mut params = EqParams::default();
    for (index, slot) in params.bands.iter_mut().take(bands).enumerate() {
        *slot = Some(band(index));
    }
    params
}

/// kira's effects, each after ours of that name, or after all.
fn kiras() -> Vec<(&'static str, &'static str, Box<dyn KiraEffect>)> {
    let minus_6 = Value::Fixed(KiraDecibels(-6.0));
    let bell = EqFilterBuilder::new(EqFilterKind::Bell, 1000.0, KiraDecibels(3.0), 1.0);
    vec![
        ("Gain", "VolumeControl, -6 dB", VolumeControlBuilder(minus_6).build().0),
        ("Eq", "Filter, a low-pass", FilterBuilder::new().cutoff(1000.0).build().0),
        ("Eq", "EqFilter, 1 band", bell.build().0),
        ("Compressor", "Compressor at work", CompressorBuilder::new().threshold(-50.0).ratio(3.0).build().0),
        ("Delay", "Delay", DelayBuilder::new().build().0),
        ("Reverb", "Reverb", ReverbBuilder::new().build().0),
        ("Distortion", "Distortion", DistortionBuilder::new().drive(KiraDecibels(12.0)).build().0),
        ("Pan", "PanningControl", PanningControlBuilder(Value::Fixed(Panning(0.3))).build().0),
    ]
}

fn effects(c: &mut Criterion) {
    let noise = [1, 2].map(|seed| measure::noise(seed, 0.3, BLOCKS * BLOCK));
    let mut group = c.benchmark_group("effects");
    group
        .sample_size(15)
        .warm_up_time(Duration::from_millis(150))
        .measurement_time(Duration::from_millis(400))
        .throughput(Throughput::Elements(BLOCK as u64));
    ours(&mut group, "nothing", Box::new(|_| ()), &noise);
    let mut kiras = kiras();
    for effect in Effect::all() {
        ours(&mut group, effect.name(), build(&effect), &noise);
        for (what, effect) in more(&effect) {
            ours(&mut group, &format!("{}, {what}", effect.name()), build(&effect), &noise);
        }
        if effect.name() == "Eq" {
            gliding(&mut group, &noise);
        }
        for (_, name, unit) in kiras.extract_if(.., |(like, ..)| *like == effect.name()) {
            theirs(&mut group, name, unit, &noise);
        }
    }
    for (_, name, unit) in kiras {
        theirs(&mut group, name, unit, &noise);
    }
    group.finish();
}

/// Noise without end, copied into two channels block by block.
struct Feed<'a> {
    noise: &'a [Vec<f32>; 2],
    at: usize,
}

impl Feed<'_> {
    fn fill(&mut self, left: &mut [f32; BLOCK], right: &mut [f32; BLOCK]) {
        let range = self.at * BLOCK..(self.at + 1) * BLOCK;
        left.copy_from_slice(&self.noise[0][range.clone()]);
        right.copy_from_slice(&self.noise[1][range]);
        self.at = (self.at + 1) % BLOCKS;
    }
}

fn ours(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, mut run: Run, noise: &[Vec<f32>; 2]) {
    let mut feed = Feed { noise, at: 0 };
    let [mut left, mut right] = [[0.0; BLOCK]; 2];
    group.bench_function(name, |b| {
        b.iter(|| {
            feed.fill(&mut left, &mut right);
            run(&mut StereoMut { left: &mut left, right: &mut right });
            black_box((left[0], right[BLOCK - 1]))
        });
    });
}

/// Four bands that get new targets with every block, as curves give them.
fn gliding(group: &mut BenchmarkGroup<'_, WallTime>, noise: &[Vec<f32>; 2]) {
    let [one, other] = [0, 1].map(|shift| equaliser(4, |index| peak(index + shift)));
    let mut eq = Eq::new(&one, RATE);
    let mut forth = false;
    let run: Run = Box::new(move |block| {
        forth = !forth;
        eq.set(if forth { &other } else { &one });
        eq.process(block, None);
    });
    ours(group, "Eq, 4 bands, gliding", run, noise);
}

fn theirs(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    mut unit: Box<dyn KiraEffect>,
    noise: &[Vec<f32>; 2],
) {
    let frames: Vec<Frame> =
        noise[0].iter().zip(&noise[1]).map(|(&left, &right)| Frame { left, right }).collect();
    let info = MockInfoBuilder::new().build();
    unit.init(RATE, BLOCK);
    let (mut block, mut at) = ([Frame::ZERO; BLOCK], 0);
    group.bench_function(format!("kira's {name}"), |b| {
        b.iter(|| {
            block.copy_from_slice(&frames[at * BLOCK..(at + 1) * BLOCK]);
            at = (at + 1) % BLOCKS;
            unit.on_start_processing();
            unit.process(&mut block, 1.0 / f64::from(RATE), &info);
            black_box(block[0])
        });
    });
}

criterion_group!(benches, effects);
criterion_main!(benches);
