//! The demo project as a whole: loading it, from its folder and from a pack, and rendering its tour of 42 s.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::path::Path;
use tonmeister::bank::{Sources, compile};
use tonmeister::media::Store;
use tonmeister::prelude::*;
use tonmeister::reload::{PackSettings, Project, pack};
use tonmeister::scene::{Player, Scene, render};
use tonmeister_benches::Folder;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// One element is a second of sound, so elements per second read as times real time.
fn tour(c: &mut Criterion) {
    let scene = Scene::load(&root().join("assets/scenes/tour.scene.ron")).expect("the tour");
    let mut group = c.benchmark_group("tour");
    group.sample_size(10).throughput(Throughput::Elements(scene.duration() as u64));
    group.bench_function("render", |b| {
        let player = || {
            let engine = scene.engine().output(Output::Offline).build().expect("an engine");
            Player::new(scene.clone(), engine).expect("a player")
        };
        b.iter_batched_ref(
            player,
            |player| {
                let mut last = 0.0;
                let Ok(()) = render(player, |_, stretch| {
                    last = stretch[0];
                    Ok::<(), std::convert::Infallible>(())
                });
                black_box(last)
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn load(c: &mut Criterion) {
    let mut group = c.benchmark_group("load");
    group.sample_size(10);
    group.bench_function("demo project, decoded and resampled", |b| {
        b.iter(|| {
            let project =
                Project::load(&root().join("assets/demo"), 48_000, 0, &Store::default(), &|_, _| {});
            black_box(project.expect("the demo project"))
        });
    });
    let folder = Folder::new("load").expect("a folder");
    let file = folder.path().join("demo.tmpack");
    let demo = Project::load(&root().join("assets/demo"), 48_000, 0, &Store::default(), &|_, _| {});
    pack(&demo.expect("the demo project"), 48_000, &file, PackSettings::default(), &mut |_, _| {})
        .expect("a pack");
    group.bench_function("demo project, from a pack", |b| {
        b.iter(|| {
            let project = Project::load(&file, 48_000, 0, &Store::default(), &|_, _| {});
            black_box(project.expect("the demo project"))
        });
    });
    let events: String = (0..1000)
        .map(|i| {
            format!("\"set/{i}\": (play: \"s{i}\", bus: \"sfx\", gain: -{}, space: (max: 40)),\n", i % 20)
        })
        .collect();
    let sounds: String = (0..1000)
        .map(|i| format!("\"s{i}\": Random(of: [\"a.ogg\", \"b.ogg\", \"c.ogg\"], avoid: 1),\n"))
        .collect();
    let text = format!("Bank(buses: {{\"sfx\": ()}}, sounds: {{{sounds}}}, events: {{{events}}})");
    group.bench_function("bank of 1000 events, parsed, checked and compiled", |b| {
        b.iter(|| {
            let checked = compile(&Sources::from_texts([("big.bank.ron", text.as_str())]));
            black_box(checked.bank.expect("a sound bank"))
        });
    });
    group.finish();
}

criterion_group!(benches, tour, load);
criterion_main!(benches);
