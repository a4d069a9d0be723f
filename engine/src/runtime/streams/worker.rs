//! The thread that decodes what plays from the disk: page by page, for whoever runs out first.

use crate::link::{PAGE_FRAMES, PageWriter};
use crate::media::{Cursor, Problem, Source};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often voices are asked where they are. The shortest way ahead that they have is many times as long.
const LOOK: Duration = Duration::from_millis(10);
/// How long a wait is before it is asked whether there still is somebody to wait for.
const PATIENCE: Duration = Duration::from_millis(100);

/// One stream, as the worker sees it.
pub(super) struct Feed {
    writer: PageWriter,
    source: Arc<Source>,
    cursor: Option<Cursor>,
    /// Whether it was told that it can't be read.
    told: bool,
}

impl Feed {
    pub(super) fn new(writer: PageWriter, source: Arc<Source>) -> Self {
        Self { writer, source, cursor: None, told: false }
    }

    /// Decodes a page and hands it over. What can't be read is silence, and told once.
    fn fill(&mut self, page: u32) {
        let sound = self.read(page as usize * PAGE_FRAMES).unwrap_or_else(|problem| {
            if !self.told {
                let path = self.source.path().display();
                tracing::error!("{path}: {problem}; what is missing of it is silent");
            }
            self.told = true;
            Vec::new()
        });
        self.writer.write(page, |sides| {
            let silence = Vec::new();
            for (side, sound) in sides.iter_mut().zip(sound.iter().chain(std::iter::repeat(&silence))) {
                let count = sound.len().min(side.len());
                side[..count].copy_from_slice(&sound[..count]);
                side[count..].fill(0.0);
            }
        });
    }

    fn read(&mut self, first: usize) -> Result<Vec<Vec<f32>>, Problem> {
        let cursor = match &mut self.cursor {
            Some(cursor) => cursor,
            none => none.insert(self.source.open()?),
        };
        cursor.read(first, PAGE_FRAMES)
    }
}

/// What both threads see.
#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    held: AtomicBool,
    /// How often it was asked whether all is there, and up to which of these it is.
    asked: AtomicU64,
    answered: Mutex<u64>,
    answer: Condvar,
}

/// The game thread's end of the worker. The thread ends with it.
pub(super) struct Worker {
    shared: Arc<Shared>,
    feeds: Sender<Feed>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts the thread. If the system gives none, that is logged, and nothing is heard beyond the heads.
    pub(super) fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let (feeds, inbox) = channel();
        let seen = Arc::clone(&shared);
        let thread =
            std::thread::Builder::new().name("tonmeister stream".into()).spawn(move || work(&seen, &inbox));
        if let Err(error) = &thread {
            tracing::error!("no thread to read what plays from the disk: {error}");
        }
        Self { shared, feeds, thread: thread.ok() }
    }

    /// Adds a stream.
    pub(super) fn feed(&self, feed: Feed) {
        // Without a thread there is nobody to take it.
        let _ = self.feeds.send(feed);
        self.wake();
    }

    pub(super) fn wake(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }

    pub(super) fn hold(&self, on: bool) {
        self.shared.held.store(on, Ordering::Release);
        self.wake();
    }

    /// Waits until nothing is missing anywhere.
    pub(super) fn settle(&self) {
        let Some(thread) = &self.thread else { return };
        let ticket = self.shared.asked.fetch_add(1, Ordering::AcqRel) + 1;
        thread.thread().unpark();
        let mut answered = self.shared.answered.lock().unwrap_or_else(PoisonError::into_inner);
        while *answered < ticket && !thread.is_finished() {
            let waited = self.shared.answer.wait_timeout(answered, PATIENCE);
            answered = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        self.wake();
        if let Some(thread) = self.thread.take() {
            // It is at most a page away from its end.
            let _ = thread.join();
        }
    }
}

fn work(shared: &Shared, inbox: &Receiver<Feed>) {
    let mut feeds: Vec<Feed> = Vec::new();
    while !shared.stop.load(Ordering::Acquire) {
        let asked = shared.asked.load(Ordering::Acquire);
        feeds.extend(inbox.try_iter());
        feeds.retain(|feed| !feed.writer.is_closed());
        let missing =
            feeds.iter_mut().filter_map(|feed| feed.writer.missing().map(|missing| (feed, missing)));
        let next = missing.min_by_key(|(_, (_, needed))| *needed);
        match next.filter(|_| !shared.held.load(Ordering::Acquire)) {
            Some((feed, (page, _))) => feed.fill(page),
            None => {
                *shared.answered.lock().unwrap_or_else(PoisonError::into_inner) = asked;
                shared.answer.notify_all();
                if feeds.is_empty() {
                    std::thread::park();
                } else {
                    std::thread::park_timeout(LOOK);
                }
            }
        }
    }
}
