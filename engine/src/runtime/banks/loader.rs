//! One bank file's sounds on their way into memory, on a thread of its own.

use crate::media::{Files, LoadOutcome, MediaError, Problem, Request, Store};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::sync::{Mutex, PoisonError};

/// A file that is being loaded.
pub(super) struct Loader {
    pub(super) file: String,
    /// The bank in force when it began.
    pub(super) version: u64,
    done: Arc<AtomicUsize>,
    // Locked by nobody: only the game thread asks. `Sync` needs the mutex.
    outcome: Mutex<Receiver<LoadOutcome>>,
}

impl Loader {
    /// Begins to load what a file lacks.
    pub(super) fn start(
        (file, files): (String, Files),
        lacks: Vec<Request>,
        sample_rate: u32,
        threads: usize,
        version: u64,
    ) -> Result<Self, MediaError> {
        let (send, receive) = channel();
        let done = Arc::new(AtomicUsize::new(0));
        let count = done.clone();
        let work = move || {
            let progress = |done: usize, _| count.store(done, Ordering::Relaxed);
            let outcome = files.load(&lacks, sample_rate, threads, &Store::default(), &progress);
            // The engine may be gone; then nobody wants it.
            let _ = send.send(outcome);
        };
        let refused = |error: std::io::Error| {
            Problem::Unreadable(format!("no thread to load it on: {error}")).of(file.clone())
        };
        std::thread::Builder::new().name("tonmeister load".into()).spawn(work).map_err(refused)?;
        Ok(Self { file, version, done, outcome: Mutex::new(receive) })
    }

    /// How many of a file's sounds it has done.
    pub(super) fn done(&self, file: &str) -> usize {
        if self.file == file { self.done.load(Ordering::Relaxed) } else { 0 }
    }

    /// What came of it, if it is done.
    pub(super) fn poll(&self) -> Option<LoadOutcome> {
        let outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome.try_recv() {
            Ok(outcome) => Some(outcome),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(self.broken()),
        }
    }

    /// Waits for what comes of it.
    pub(super) fn wait(&self) -> LoadOutcome {
        let outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        outcome.recv().unwrap_or_else(|_| self.broken())
    }

    /// Decoding is guarded; should a worker end early all the same, that is told and not waited for.
    fn broken(&self) -> LoadOutcome {
        let problem = Problem::Unreadable("its loading broke off".to_owned());
        LoadOutcome { store: Store::default(), samples: vec![Err(problem.of(self.file.clone()))], reused: 0 }
    }
}
