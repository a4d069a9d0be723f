//! The price of a voice: flat and spatial, beside the tight loop, in one run. Read the ratios, which are measured turn by
//! turn, so that a machine that slows down slows both.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::time::{Duration, Instant};
use tonmeister::prelude::*;
use tonmeister_benches::{BLOCK, Folder, TightLoop, TightSpatial, engine, enter, start, timed, voices_bank};

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
        start(&mut flat, count, false);
        measure(&mut group, &format!("flat/{count}"), &mut flat);
        ratio(&format!("flat/{count}"), &mut flat, || tight.block(count));

        let mut tight = TightSpatial::new(count);
        group.bench_function(format!("tight spatial loop/{count}"), |b| b.iter(|| black_box(tight.block())));

        // Pitched, panned, attenuated, dulled by the air, and sent into a zone's reverb.
        let space = "space: (min: 1, max: 200, air: 2000)";
        folder.bank(&voices_bank("pitch: 1.3", space)).expect("a bank");
        let mut spatial = engine(&folder, count).expect("an engine");
        enter(&mut spatial, "hall");
        start(&mut spatial, count, true);
        measure(&mut group, &format!("spatial/{count}"), &mut spatial);
        ratio(&format!("spatial/{count}"), &mut spatial, || tight.block());
    }
    group.finish();
}

/// Measures blocks of the mixer alone.
fn measure<M: criterion::measurement::Measurement>(
    group: &mut criterion::BenchmarkGroup<'_, M>,
    name: &str,
    engine: &mut Engine,
) {
    let mut block = [0.0; BLOCK * 2];
    engine.render(&mut block);
    assert!(block.iter().any(|&sample| sample != 0.0), "it is heard");
    group.bench_function(name, |b| {
        b.iter(|| {
            engine.render(&mut block);
            black_box(block[0])
        });
    });
}

/// Lets the mixer and the loop take turns, and prints how many times as long the mixer takes: the median of all turns.
fn ratio(name: &str, engine: &mut Engine, mut tight: impl FnMut() -> f32) {
    const TURNS: usize = 301;
    const BLOCKS: usize = 4;
    let mut ratios: Vec<f64> = (0..TURNS)
        .map(|_| {
            let ours: Duration = (0..BLOCKS).map(|_| timed(engine)).sum();
            let begin = Instant::now();
            (0..BLOCKS).for_each(|_| _ = black_box(tight()));
            ours.as_secs_f64() / begin.elapsed().as_secs_f64()
        })
        .collect();
    ratios.sort_unstable_by(f64::total_cmp);
    println!("voices/{name}: {:.2} times the tight loop", ratios[TURNS / 2]);
}

criterion_group!(benches, voices);
criterion_main!(benches);
