//! Watching a project's folder: every burst of saves becomes one load on a worker.
//!
//! Editors save in many ways (in place, by renaming a new file over the old, by deleting first), and notify
//! tells of each step. So any change below the folder starts a short wait that further changes prolong; then
//! the whole project is read. A save caught half-written gives errors and changes nothing; its second half is
//! another change.

use super::{LoadError, Project};
use crate::media::Store;
use notify::{Event, EventKind, RecursiveMode, Watcher as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use thiserror::Error;

/// How long the folder must be still before it is read.
const STILL: Duration = Duration::from_millis(12);
/// How long a burst of changes may put off the reading.
const AT_MOST: Duration = Duration::from_millis(200);

/// Why a folder can't be watched.
#[derive(Debug, Error)]
#[error("can't watch {}: {source}; saves will not be heard until the engine starts again", folder.display())]
pub struct WatchError {
    folder: PathBuf,
    source: notify::Error,
}

/// What a save came to.
#[derive(Debug)]
pub struct Saved {
    /// The project as saved, or what is wrong with it.
    pub project: Result<Project, LoadError>,
    /// When the save was first noticed.
    pub noticed: Instant,
}

/// Loads the project anew after every save, on a worker of its own.
pub struct Watcher {
    saves: Receiver<Saved>,
    stop: Sender<Notice>,
    worker: Option<JoinHandle<()>>,
    _notify: notify::RecommendedWatcher,
}

enum Notice {
    Changed(Instant),
    Stop,
}

impl Watcher {
    /// Watches the folder and all below it. `store` is what is loaded now.
    pub fn new(folder: &Path, sample_rate: u32, threads: usize, store: Store) -> Result<Self, WatchError> {
        let (notices, inbox) = channel();
        let (outbox, saves) = channel();
        let stop = notices.clone();
        let failed = |source| WatchError { folder: folder.to_path_buf(), source };
        let mut notify = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| matters(&event)) {
                // The worker may be gone already; then nobody wants to know.
                let _ = notices.send(Notice::Changed(Instant::now()));
            }
        })
        .map_err(failed)?;
        notify.watch(folder, RecursiveMode::Recursive).map_err(failed)?;
        let folder = folder.to_path_buf();
        let worker = std::thread::Builder::new()
            .name("tonmeister reload".into())
            .spawn(move || work(&folder, sample_rate, threads, store, &inbox, &outbox))
            .map_err(|error| WatchError { folder: PathBuf::new(), source: notify::Error::io(error) })?;
        Ok(Self { saves, stop, worker: Some(worker), _notify: notify })
    }

    /// The next save that was loaded, if there is one.
    pub fn poll(&self) -> Option<Saved> {
        self.saves.try_recv().ok()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.stop.send(Notice::Stop);
        if let Some(worker) = self.worker.take() {
            let _ = worker.join();
        }
    }
}

/// Reading a file is no change.
fn matters(event: &Event) -> bool {
    !matches!(event.kind, EventKind::Access(_))
}

fn work(
    folder: &Path,
    sample_rate: u32,
    threads: usize,
    mut store: Store,
    inbox: &Receiver<Notice>,
    outbox: &Sender<Saved>,
) {
    while let Ok(Notice::Changed(noticed)) = inbox.recv() {
        let latest = noticed + AT_MOST;
        loop {
            let wait = STILL.min(latest.saturating_duration_since(Instant::now()));
            match inbox.recv_timeout(wait) {
                Ok(Notice::Changed(_)) => {}
                Ok(Notice::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => break,
            }
        }
        let project = Project::load(folder, sample_rate, threads, &store, &|_, _| {});
        if let Ok(project) = &project {
            store = project.store.clone();
        }
        if outbox.send(Saved { project, noticed }).is_err() {
            return;
        }
    }
}
