//! A clock without a device: a thread that renders in real time and throws the sound away, so that music goes on,
//! voices end and events fire on a machine with no sound.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use kira::backend::{Backend, Renderer};

/// How long the thread sleeps between two turns.
const NAP: Duration = Duration::from_millis(5);
/// What it makes up for at most after it was held up; time beyond is lost, not rushed through.
const MAX_CATCH_UP: Duration = Duration::from_millis(200);

/// Settings of the [`SilentBackend`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SilentSettings {
    /// Frames per second.
    pub sample_rate: u32,
}

impl Default for SilentSettings {
    /// 48 000 Hz.
    fn default() -> Self {
        Self { sample_rate: 48_000 }
    }
}

/// A kira backend that keeps time and makes no sound. Its thread ends when it is dropped.
pub struct SilentBackend {
    sample_rate: u32,
    running: Option<(Arc<AtomicBool>, JoinHandle<Renderer>)>,
}

impl SilentBackend {
    /// A clock that does not run yet.
    pub(super) fn new(sample_rate: u32) -> Self {
        Self { sample_rate, running: None }
    }

    /// Stops the thread, within about 5 ms, and hands back the renderer as it stands.
    pub(super) fn stop(&mut self) -> Option<Renderer> {
        let (stop, thread) = self.running.take()?;
        stop.store(true, Ordering::Release);
        thread.thread().unpark();
        thread.join().ok()
    }

    /// Starts the thread. If the system gives none, there is no clock, and the sound stands still.
    pub(super) fn run(&mut self, renderer: Renderer) {
        let stop = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&stop);
        let sample_rate = self.sample_rate;
        let body = move || keep_time(renderer, sample_rate, &seen);
        match std::thread::Builder::new().name("tonmeister-silent".to_owned()).spawn(body) {
            Ok(thread) => self.running = Some((stop, thread)),
            Err(error) => tracing::error!(%error, "no thread for the silent clock"),
        }
    }
}

fn keep_time(mut renderer: Renderer, sample_rate: u32, stop: &AtomicBool) -> Renderer {
    let mut scratch = [0.0; 256];
    let mut start = Instant::now();
    let mut rendered = 0_u64;
    let frames_in = |time: Duration| (time.as_nanos() * u128::from(sample_rate) / 1_000_000_000) as u64;
    let most = frames_in(MAX_CATCH_UP);
    while !stop.load(Ordering::Acquire) {
        let due = frames_in(start.elapsed());
        if due - rendered > most {
            (start, rendered) = (Instant::now(), 0);
            continue;
        }
        while rendered < due {
            let frames = (due - rendered).min(scratch.len() as u64 / 2);
            renderer.on_start_processing();
            renderer.process(&mut scratch[..frames as usize * 2], 2);
            rendered += frames;
        }
        std::thread::park_timeout(NAP);
    }
    renderer
}

impl Backend for SilentBackend {
    type Settings = SilentSettings;
    type Error = Infallible;

    fn setup(settings: Self::Settings, _block: usize) -> Result<(Self, u32), Self::Error> {
        Ok((Self::new(settings.sample_rate), settings.sample_rate))
    }

    fn start(&mut self, renderer: Renderer) -> Result<(), Self::Error> {
        self.run(renderer);
        Ok(())
    }
}

impl Drop for SilentBackend {
    fn drop(&mut self) {
        drop(self.stop());
    }
}
