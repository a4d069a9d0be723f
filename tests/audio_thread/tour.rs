//! The guard over the whole tour, with reloads on the way that touch every kind of change.

use crate::guard::watched;
use std::path::Path;
use tonmeister::reload::Project;
use tonmeister::runtime::Output;
use tonmeister::scene::{Player, Scene};

#[test]
fn the_tour_renders_without_allocating_or_freeing() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/scenes/tour.scene.ron");
    let scene = Scene::load(&path).unwrap();
    let folder = scene.project();
    let engine = scene.engine().output(Output::Offline).voices(64).build().unwrap_or_else(|e| panic!("{e}"));
    let mut player = Player::new(scene, engine).unwrap_or_else(|e| panic!("{e}"));

    // Reloads at these seconds: effects come, change and go; a bus goes and comes back; ducking changes.
    let mix = std::fs::read_to_string(folder.join("mix.bank.ron")).unwrap();
    let edits: [(f64, String); 4] = [
        (5.0, mix.replace("rt60: 3.2", "rt60: 1.2").replace("gain: -4.0", "gain: -10.0")),
        (10.0, mix.replace("Limiter(", "Reverb(rt60: 2), Delay(time: 0.2), Gain(-2), Limiter(")),
        (
            20.0,
            mix.replace(
                "\"wood\": (parent: \"ambience\", effects",
                "\"forest\": (parent: \"ambience\", effects",
            ),
        ),
        (30.0, mix.replace("depth: 9", "depth: 12").replace("Eq([HighPass(freq: 35), ", "Eq([")),
    ];
    let mut edits = edits.into_iter().peekable();
    let mut broken = 0;
    let mut rendered = 0_u64;
    let mut stretch = [0.0; 512];
    while rendered < player.frames() {
        if let Some((_, mix)) = edits.next_if(|(at, _)| rendered as f64 / 48_000.0 >= *at) {
            let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
            let mut camp = read("camp.bank.ron");
            if !mix.contains("\"wood\"") {
                camp = camp.replace("bus: \"wood\"", "bus: \"forest\"");
            }
            let texts = [
                ("mix.bank.ron", mix),
                ("camp.bank.ron", camp),
                ("cave.bank.ron", read("cave.bank.ron")),
                ("story.bank.ron", read("story.bank.ron")),
            ];
            let mut sources = tonmeister::bank::Sources::from_texts(texts);
            sources.root = folder.clone();
            let store = player.engine().project().store.clone();
            let project = Project::from_sources(sources, 48_000, 1, &store, &|_, _| {})
                .unwrap_or_else(|e| panic!("{e}"));
            assert!(!player.engine().reload(project).is_empty(), "every edit changes something");
        }
        player.follow_mixer();
        let engine = player.engine();
        broken += watched(|| assert!(engine.render(&mut stretch)));
        rendered += 256;
    }
    assert_eq!(broken, 0, "allocations or frees while the mixer rendered");
}
