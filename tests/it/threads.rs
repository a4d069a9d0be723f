//! What may cross threads, pinned.

fn send<T: Send>() {}
fn sync<T: Sync>() {}

#[test]
fn handles_cross_threads_as_promised() {
    send::<tonmeister::runtime::Engine>();
    send::<tonmeister::mixer::Mixer>();
    send::<tonmeister::mixer::Graph>();
    send::<tonmeister::ecs::Tonmeister>();
    sync::<tonmeister::ecs::Tonmeister>();
    send::<tonmeister::media::Sample>();
    sync::<tonmeister::media::Sample>();
    sync::<tonmeister::link::Board>();
    send::<tonmeister::scene::Player>();
    send::<tonmeister::reload::Project>();
    sync::<tonmeister::bank::Bank>();
}
