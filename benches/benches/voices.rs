//! The price of a voice: flat and spatial, beside the tight loop, in one run. Read the ratios.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use glam::{Quat, Vec3};
use std::hint::black_box;
use tonmeister::prelude::*;
use tonmeister::space::{Pose, ZoneField};
use tonmeister_benches::{BLOCK, Folder, TightLoop, engine, event_of, voices_bank};

const COUNTS: [usize; 3] = [16, 256, 4096];

fn voices(c: &mut Criterion) {
    let folder = Folder::new("voices").expect("a folder for the bench's sounds");
    let mut group = c.benchmark_group("voices");
    for count in COUNTS {
        group.throughput(Throughput::Elements((count * BLOCK) as u64));

        let mut tight = TightLoop::new(count);
        group.bench_function(format!("tight loop/{count}"), |b| b.iter(|| black_box(tight.block(count))));

        folder.bank(&voices_bank("", "")).expect("a bank");
        let mut flat = engine(&folder, count).expect("an engine");
        for voice in 0..count {
            flat.post(&event_of(voice), None);
        }
        measure(&mut group, &format!("flat/{count}"), &mut flat, count);

        // Pitched, panned, attenuated, and sent into a zone's reverb.
        folder.bank(&voices_bank("pitch: 1.3", "space: (min: 1, max: 200)")).expect("a bank");
        let mut spatial = engine(&folder, count).expect("an engine");
        spatial.set_listener(Some(Pose::ORIGIN));
        spatial.receive();
        spatial.set_zones([ZoneField {
            zone: "hall",
            shape: Shape::Sphere { radius: 500.0 },
            position: Vec3::ZERO,
            rotation: Quat::IDENTITY,
            fade: 1.0,
            priority: 0,
        }]);
        for voice in 0..count {
            let angle = voice as f32 * 0.37;
            let place = Vec3::new(angle.sin(), 0.0, angle.cos()) * (3.0 + voice as f32 * 0.02);
            let emitter = spatial.add_emitter(place, Decibels::UNITY);
            spatial.post(&event_of(voice), Some(emitter));
        }
        measure(&mut group, &format!("spatial/{count}"), &mut spatial, count);
    }
    group.finish();
}

/// Lets all voices start, then measures blocks of the mixer alone.
fn measure<M: criterion::measurement::Measurement>(
    group: &mut criterion::BenchmarkGroup<'_, M>,
    name: &str,
    engine: &mut Engine,
    count: usize,
) {
    let mut block = [0.0; BLOCK * 2];
    for _ in 0..20 {
        engine.decide();
        engine.flush();
        engine.render(&mut block);
    }
    assert_eq!(engine.voices() as usize, count, "every voice sounds");
    assert!(block.iter().any(|&sample| sample != 0.0), "and is heard");
    group.bench_function(name, |b| {
        b.iter(|| {
            engine.render(&mut block);
            black_box(block[0])
        });
    });
}

criterion_group!(benches, voices);
criterion_main!(benches);
