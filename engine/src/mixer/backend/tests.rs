//! The backends that need no device. What needs a server is tested in `tests/`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use kira::effect::{Effect, EffectBuilder};
use kira::info::Info;
use kira::track::MainTrackBuilder;
use kira::{AudioManager, AudioManagerSettings, Frame};

use super::offline::{OfflineBackend, OfflineSettings};
use super::silent::{SilentBackend, SilentSettings};

/// Counts the frames it renders, and writes the count as sound.
struct Counter(Arc<AtomicU64>);

impl EffectBuilder for Counter {
    type Handle = ();
    fn build(self) -> (Box<dyn Effect>, ()) {
        (Box::new(self), ())
    }
}

impl Effect for Counter {
    fn process(&mut self, input: &mut [Frame], _dt: f64, _info: &Info) {
        for frame in input {
            let n = self.0.fetch_add(1, Ordering::Relaxed) as f32 / 4096.0;
            (frame.left, frame.right) = (n, -n);
        }
    }
}

fn settings<B: kira::backend::Backend>(
    count: &Arc<AtomicU64>,
    backend_settings: B::Settings,
) -> AudioManagerSettings<B> {
    let mut main_track_builder = MainTrackBuilder::new();
    main_track_builder.add_effect(Counter(Arc::clone(count)));
    AudioManagerSettings {
        capacities: Default::default(),
        main_track_builder,
        internal_buffer_size: 128,
        backend_settings,
    }
}

#[test]
fn offline_renders_every_frame_once_whatever_is_asked() {
    let count = Arc::new(AtomicU64::new(0));
    let wanted = settings::<OfflineBackend>(&count, OfflineSettings { sample_rate: 44_100 });
    let mut manager = AudioManager::new(wanted).unwrap();
    let mut n = 0;
    for samples in [2, 256, 258, 1001, 4] {
        let mut out = vec![9.0; samples];
        manager.backend_mut().render(&mut out);
        for frame in out.chunks_exact(2) {
            assert_eq!(*frame, [n as f32 / 4096.0, -(n as f32) / 4096.0]);
            n += 1;
        }
        assert!(samples % 2 == 0 || out[samples - 1] == 0.0);
    }
    assert_eq!(manager.backend_mut().sample_rate(), 44_100);
}

#[test]
fn the_silent_clock_keeps_time_and_stops() {
    let count = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let wanted = settings::<SilentBackend>(&count, SilentSettings::default());
    let manager = AudioManager::new(wanted).unwrap();
    while count.load(Ordering::Relaxed) < 4800 {
        assert!(begun.elapsed() < Duration::from_secs(5), "the clock stands still");
        std::thread::sleep(Duration::from_millis(1));
    }
    // Never ahead of time; behind it only as far as this machine is busy.
    let rendered = count.load(Ordering::Relaxed);
    let due = begun.elapsed().as_secs_f64() * 48_000.0;
    assert!(rendered as f64 <= due, "{rendered} of {due}");
    drop(manager);
    let stopped = count.load(Ordering::Relaxed);
    std::thread::sleep(Duration::from_millis(30));
    assert_eq!(count.load(Ordering::Relaxed), stopped);
}
