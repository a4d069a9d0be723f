//! The reference scene, and what idle things cost.
//!
//! The scene: 256 spatial voices on 12 buses, each with an equaliser of four bands and a compressor; 4 reverb zones
//! heard at once; 3 ducking rules at work; the master's limiter. The listener moves sixty times a second, so gains
//! glide all the time. Beside criterion's figures it prints the share of one core in real time, and the worst block
//! of a minute beside the median: for each of several passes, and for the best that each block took in any of them.
//! The passes are the same to the bit, so what a block took longer in one of them was the machine's doing.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use glam::{Quat, Vec3};
use std::time::Duration;
use tonmeister::prelude::*;
use tonmeister::space::Pose;
use tonmeister_benches::{
    BLOCK, CHAIN, Folder, RATE, buses_bank, engine, event_of, place_of, quantile, settle, start, timed,
    voices_bank, zone,
};

const VOICES: usize = 256;
const BUSES: usize = 12;
const ZONES: [&str; 4] = ["cave", "chapel", "hall", "street"];
/// Blocks between two of the game's frames, some sixty a second.
const FRAME_BLOCKS: usize = 6;
/// How often the minute is played.
const PASSES: usize = 4;

fn bank() -> String {
    let buses = (0..BUSES).map(|bus| format!("\"b{bus}\": (effects: [{CHAIN}]), "));
    let sounds = (0..16).map(|i| format!("\"{i}\": Clip(file: \"{i}.wav\", looping: true), "));
    let events = (0..VOICES).map(|i| {
        let (bus, pitch) = (i % BUSES, (i % 23) as f32 * 0.2 - 2.1);
        let sound = event_of(i);
        format!("\"v{i}\": (play: \"{sound}\", bus: \"b{bus}\", gain: -20, pitch: {pitch:.2}, space: (max: 200)), ")
    });
    let rules = (0..3).map(|rule| {
        let (trigger, one, other) = (rule, rule + 3, rule + 6);
        format!("(trigger: \"b{trigger}\", by: Level(-70), targets: {{\"b{one}\": (depth: 9), \"b{other}\": (depth: 6)}}), ")
    });
    let reverbs =
        ZONES.iter().enumerate().map(|(i, zone)| format!("\"{zone}\": (rt60: {}), ", 0.8 + i as f32));
    format!(
        "Bank(buses: {{{} \"master\": (effects: [Limiter()])}}, sounds: {{{}}}, events: {{{}}}, ducking: [{}], reverbs: {{{}}})",
        buses.collect::<String>(),
        sounds.collect::<String>(),
        events.collect::<String>(),
        rules.collect::<String>(),
        reverbs.collect::<String>(),
    )
}

struct Reference {
    engine: Engine,
    blocks: usize,
}

impl Reference {
    fn new(folder: &Folder) -> Self {
        folder.bank(&bank()).expect("a bank");
        let mut engine = engine(folder, VOICES).expect("an engine");
        for voice in 0..VOICES {
            let emitter = engine.add_emitter(place_of(voice), Decibels::UNITY);
            engine.post(&format!("v{voice}"), Some(emitter));
        }
        let mut scene = Self { engine, blocks: 0 };
        for _ in 0..800 {
            scene.block();
        }
        assert_eq!(scene.engine.voices() as usize, VOICES, "every voice sounds");
        assert_eq!(scene.engine.reverbs().len(), ZONES.len(), "every zone is heard");
        assert!(scene.engine.ducking().iter().all(|rule| rule.amount > 0.9), "every rule is at work");
        scene
    }

    /// A block of the mixer, and now and then a game's frame, which is not timed.
    fn block(&mut self) -> Duration {
        if self.blocks.is_multiple_of(FRAME_BLOCKS) {
            let time = (self.blocks * BLOCK) as f32 / RATE as f32;
            let position = Vec3::new(time.sin(), 0.0, (time * 0.7).cos()) * 4.0;
            let rotation = Quat::from_rotation_y(time * 0.5);
            self.engine.set_listener(Some(Pose { position, rotation }));
            self.engine.receive();
            self.engine.set_zones(ZONES.map(zone));
            self.engine.decide();
            self.engine.flush();
        }
        self.blocks += 1;
        timed(&mut self.engine)
    }
}

fn reference(c: &mut Criterion) {
    let folder = Folder::new("scene").expect("a folder for the bench's sounds");
    let mut scene = Reference::new(&folder);
    let mut group = c.benchmark_group("reference scene");
    group.sample_size(20).throughput(Throughput::Elements(BLOCK as u64));
    group.bench_function("a block", |b| {
        b.iter_custom(|blocks| (0..blocks).map(|_| scene.block()).sum::<Duration>());
    });
    group.finish();

    drop(scene);
    let seconds = if std::env::args().any(|argument| argument == "--test") { 1 } else { 60 };
    let blocks = seconds * RATE as usize / BLOCK;
    let mut best = vec![Duration::MAX; blocks];
    for pass in 1..=PASSES {
        let mut scene = Reference::new(&folder);
        let mut times: Vec<Duration> = (0..blocks).map(|_| scene.block()).collect();
        best.iter_mut().zip(&times).for_each(|(best, time)| *best = (*best).min(*time));
        tell(&format!("pass {pass}"), &mut times);
    }
    tell(&format!("each block's best of {PASSES}"), &mut best);
}

/// The share of real time, and how far the worst blocks are from the median.
fn tell(name: &str, blocks: &mut [Duration]) {
    let all: Duration = blocks.iter().sum();
    let seconds = (blocks.len() * BLOCK) as f64 / f64::from(RATE);
    let [median, late, worst] = [0.5, 0.999, 1.0].map(|share| quantile(blocks, share));
    let times = |block: Duration| block.as_secs_f64() / median.as_secs_f64();
    println!(
        "reference scene, {name}: {:.2} % of real time; median block {:.1} µs, of a thousand the worst {:.2} times \
         that, of {seconds} s {:.2} times",
        all.as_secs_f64() / seconds * 100.0,
        median.as_secs_f64() * 1e6,
        times(late),
        times(worst),
    );
}

/// A block of a mixer in which nothing sounds, or nothing but sixteen voices.
fn idle(c: &mut Criterion) {
    let folder = Folder::new("idle").expect("a folder for the bench's sounds");
    let mut group = c.benchmark_group("idle");
    group
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .throughput(Throughput::Elements(BLOCK as u64));
    let mut measure = |name: String, mut engine: Engine| {
        group.bench_function(&name, |b| {
            b.iter_custom(|blocks| (0..blocks).map(|_| timed(&mut engine)).sum::<Duration>());
        });
        let mut blocks: Vec<Duration> = (0..RATE as usize / BLOCK).map(|_| timed(&mut engine)).collect();
        let second = quantile(&mut blocks, 0.5).as_secs_f64() * blocks.len() as f64;
        println!("idle/{name}: {:.3} ms of a core for a second", second * 1e3);
    };
    for buses in [0, 12, 64, 256] {
        folder.bank(&buses_bank(buses, CHAIN)).expect("a bank");
        let mut engine = engine(&folder, 16).expect("an engine");
        settle(&mut engine);
        measure(format!("{buses} buses with effects"), engine);
    }
    folder.bank(&voices_bank("", "space: (max: 200)")).expect("a bank");
    for sleepers in [0, 1_000, 10_000] {
        let mut engine = engine(&folder, 16).expect("an engine");
        start(&mut engine, 16, true);
        for index in 0..sleepers {
            let far = Vec3::new(1000.0 + index as f32, 0.0, 0.0);
            let emitter = engine.add_emitter(far, Decibels::UNITY);
            engine.post(&event_of(index), Some(emitter));
        }
        settle(&mut engine);
        assert_eq!(engine.voices(), 16, "the others are out of earshot");
        measure(format!("{sleepers} virtual voices beside 16"), engine);
    }
    group.finish();
}

criterion_group!(benches, reference, idle);
criterion_main!(benches);
