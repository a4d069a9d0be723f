//! The guard over banks that come and go under what plays, from a folder and from a mapped pack.

use crate::guard::watched;
use std::path::{Path, PathBuf};
use tonmeister::media::Store;
use tonmeister::reload::{PackSettings, Project, pack};
use tonmeister::runtime::{Engine, Output};

/// Posts everything that the demo has, while its banks come and go.
fn broken(project: &Path) -> usize {
    let mut engine = Engine::builder(project).output(Output::Offline).voices(32).build().unwrap();
    let files: Vec<String> = engine.banks().into_iter().map(|bank| bank.file).collect();
    let events: Vec<String> = engine.bank().events.iter().map(|event| event.name.clone()).collect();
    let mut stretch = [0.0; 960];
    let mut broken = 0;
    for frame in 0..300 {
        let file = &files[frame / 12 % files.len()];
        match frame % 12 {
            3 => engine.unload_bank(file).unwrap(),
            9 => {
                engine.load_bank(file).unwrap();
                engine.finish_loading();
            }
            _ => {}
        }
        engine.post(&events[frame % events.len()], None);
        engine.update();
        broken += watched(|| assert!(engine.render(&mut stretch)));
    }
    assert!(engine.voices() > 3, "something plays");
    broken
}

#[test]
fn banks_come_and_go_without_an_allocation_or_a_free_on_the_audio_thread() {
    let demo: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("demo.tmpack");
    let project = Project::load(&demo, 48_000, 0, &Store::default(), &|_, _| {}).unwrap();
    pack(&project, 48_000, &file, PackSettings::default(), &mut |_, _| {}).unwrap();
    assert_eq!(broken(&demo), 0, "from its folder");
    assert_eq!(broken(&file), 0, "from a pack");
}
