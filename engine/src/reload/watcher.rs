//! Watching a project's folder: every burst of saves becomes one load on a worker.
//!
//! Editors save in many ways (in place, by renaming a new file over the old, by deleting first), and notify
//! tells of each step. So any change below the folder starts a short wait that further changes prolong; then
//! the whole project is read. A save caught half-written gives errors and changes nothing; its second half is
//! another change.

use super::{LoadError, Loading, Project, Wanted};
use crate::bank::Sources;
use crate::media::{Request, Store};
use notify::{Event, EventKind, RecursiveMode, Watcher as _};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use thiserror::Error;

/// How long the folder must be still before it is read.
const STILL: Duration = Duration::from_millis(12);
/// How long a burst of changes may put off the reading.
const AT_MOST: Duration = Duration::from_millis(200);

/// How often to look whether the folder is still the one that is watched.
const LOOK: Duration = Duration::from_millis(250);

/// Why a folder can't be watched.
#[derive(Debug, Error)]
#[error("can't watch {}: {source}; saves will not be heard until the engine is built again", folder.display())]
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
    notices: Sender<Notice>,
    running: Arc<Mutex<Running>>,
}

/// What runs, as the game thread last told. The watcher holds no sounds of its own, so that unloading them frees them.
#[derive(Default)]
struct Running {
    wanted: Wanted,
    store: Store,
}

enum Notice {
    Changed(Instant),
    Stop,
}

impl Watcher {
    /// Watches the folder and all below it. `running` is what was loaded from it: what was saved since is the
    /// first thing to be noticed.
    ///
    /// # Errors
    /// If the system can't watch the folder.
    pub fn new(
        folder: &Path,
        sample_rate: u32,
        threads: usize,
        running: &Project,
        wanted: Wanted,
    ) -> Result<Self, WatchError> {
        let (notices, inbox) = channel();
        let (outbox, saves) = channel();
        let notify_me = notices.clone();
        let failed = |source| WatchError { folder: folder.to_path_buf(), source };
        let mut notify = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // An error may mean that something was missed.
            if event.map_or(true, |event| matters(&event)) {
                // The worker may be gone already; then nobody wants to know.
                let _ = notify_me.send(Notice::Changed(Instant::now()));
            }
        })
        .map_err(failed)?;
        notify.watch(folder, RecursiveMode::Recursive).map_err(failed)?;
        let folder = folder.to_path_buf();
        let known = Known::of(running);
        let running = Arc::new(Mutex::new(Running { wanted, store: running.store.clone() }));
        let mut worker = Worker {
            identity: identity(&folder),
            folder,
            sample_rate,
            threads,
            known,
            running: running.clone(),
            notify,
            outbox,
        };
        std::thread::Builder::new()
            .name("tonmeister reload".into())
            .spawn(move || worker.work(&inbox))
            .map_err(|error| WatchError { folder: PathBuf::new(), source: notify::Error::io(error) })?;
        Ok(Self { saves, notices, running })
    }

    /// The next save that was loaded, if there is one.
    pub fn poll(&self) -> Option<Saved> {
        self.saves.try_recv().ok()
    }

    /// Says what runs now: whose sounds are wanted, and what is loaded. The next load goes by it.
    pub fn tell(&self, wanted: Wanted, store: Store) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Running { wanted, store };
    }

    /// Has the project loaded once more: what came of a save lacks something that is wanted since.
    pub fn load_again(&self, noticed: Instant) {
        // A worker that is gone has nothing to load.
        let _ = self.notices.send(Notice::Changed(noticed));
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // The worker ends by itself, after the load it may be in; nobody waits for it.
        let _ = self.notices.send(Notice::Stop);
    }
}

/// Reading a file is no change.
fn matters(event: &Event) -> bool {
    !matches!(event.kind, EventKind::Access(_))
}

/// What tells a folder from another that has come into its place.
fn identity(folder: &Path) -> Option<u64> {
    let metadata = std::fs::metadata(folder).ok()?;
    #[cfg(unix)]
    return Some(std::os::unix::fs::MetadataExt::ino(&metadata));
    #[cfg(not(unix))]
    return metadata
        .created()
        .ok()?
        .duration_since(std::time::UNIX_EPOCH)
        .ok()
        .map(|since| since.as_millis() as u64);
}

/// What tells two versions of a project apart, without its sounds.
struct Known {
    sources: Sources,
    editions: BTreeMap<Request, u64>,
}

impl Known {
    fn of(project: &Project) -> Self {
        let editions = project.store.iter().map(|(request, sample)| (request.clone(), sample.edition()));
        Self { sources: project.sources.clone(), editions: editions.collect() }
    }

    /// Whether the text is the same, and every sound that both have is.
    fn is_like(&self, other: &Self) -> bool {
        let changed = |(request, edition): (&Request, &u64)| {
            other.editions.get(request).is_some_and(|other| other != edition)
        };
        self.sources == other.sources && !self.editions.iter().any(changed)
    }
}

struct Worker {
    folder: PathBuf,
    identity: Option<u64>,
    sample_rate: u32,
    threads: usize,
    /// What was sent last.
    known: Known,
    running: Arc<Mutex<Running>>,
    notify: notify::RecommendedWatcher,
    outbox: Sender<Saved>,
}

impl Worker {
    fn work(&mut self, inbox: &Receiver<Notice>) {
        // What was saved while the project was first loaded came before any notice.
        let mut first = Some(Instant::now());
        loop {
            let mut saved = first.is_none();
            let noticed = match first.take() {
                Some(now) => now,
                None => match inbox.recv_timeout(LOOK) {
                    Ok(Notice::Changed(at)) => at,
                    Ok(Notice::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                    Err(RecvTimeoutError::Timeout) if self.moved() => Instant::now(),
                    Err(RecvTimeoutError::Timeout) => continue,
                },
            };
            let latest = noticed + AT_MOST;
            loop {
                match inbox.recv_timeout(STILL.min(latest.saturating_duration_since(Instant::now()))) {
                    Ok(Notice::Changed(_)) => saved = true,
                    Ok(Notice::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                    Err(RecvTimeoutError::Timeout) => break,
                }
            }
            if self.is_half_written() && !self.wait_for_rest(inbox) {
                return;
            }
            if !self.load(noticed, saved) {
                return;
            }
        }
    }

    /// Whether a bank file is empty: whoever saves it in place has begun and not ended.
    fn is_half_written(&self) -> bool {
        Sources::read(&self.folder)
            .is_ok_and(|sources| sources.files().iter().any(|file| file.text().is_empty()))
    }

    /// Waits until no bank file is empty, or for as long as a burst may last; `false` if nobody listens any more.
    fn wait_for_rest(&self, inbox: &Receiver<Notice>) -> bool {
        let latest = Instant::now() + AT_MOST;
        while self.is_half_written() && Instant::now() < latest {
            if let Ok(Notice::Stop) | Err(RecvTimeoutError::Disconnected) = inbox.recv_timeout(STILL) {
                return false;
            }
        }
        // What came meanwhile belongs to the same save.
        while let Ok(notice) = inbox.recv_timeout(STILL) {
            if matches!(notice, Notice::Stop) {
                return false;
            }
        }
        true
    }

    /// Whether another folder has come into the place of the one that is watched; then that is watched.
    fn moved(&mut self) -> bool {
        let now = identity(&self.folder);
        if now == self.identity || now.is_none() {
            return false;
        }
        // The old watch may be gone with its folder.
        let _ = self.notify.unwatch(&self.folder);
        if self.notify.watch(&self.folder, RecursiveMode::Recursive).is_ok() {
            self.identity = now;
        }
        true
    }

    /// Loads and sends the project; one that is as it was is only sent if it was saved. Says whether anybody
    /// still listens.
    fn load(&mut self, noticed: Instant, saved: bool) -> bool {
        let project = {
            let (wanted, previous) = {
                let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
                (running.wanted.clone(), running.store.clone())
            };
            let loading = Loading {
                sample_rate: self.sample_rate,
                threads: self.threads,
                previous: &previous,
                wanted: &wanted,
                progress: &|_, _| {},
            };
            Project::load_parts(&self.folder, &loading)
        };
        if let Ok(project) = &project {
            let known = Known::of(project);
            let same = known.is_like(&self.known);
            self.known = known;
            if same && !saved {
                return true;
            }
        }
        self.outbox.send(Saved { project, noticed }).is_ok()
    }
}
