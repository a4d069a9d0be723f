//! From saved files to a project that can go live: loading, watching, and what a reload has to tell.
//!
//! Lives here: [`Project`] (a bank and its samples, whole or not at all, of all its files or of some), the [`Watcher`] over notify,
//! and [`pack()`], which makes one file of a project. May be
//! named here: `bank`, `media`, `units`. Loading runs on a worker; the result is taken live on the game
//! thread, by the runtime.

mod packing;
mod project;
mod requests;
mod wanted;
mod watcher;

pub use packing::{PackSettings, PackSummary, pack};
pub use project::{LoadError, Loading, Progress, Project, sources};
pub use wanted::Wanted;
pub use watcher::{Saved, WatchError, Watcher};

/// What a save came to.
#[derive(Debug)]
pub enum Reload {
    /// It is live, or will be with the next block.
    Live(Changes),
    /// It has errors; what ran before runs on.
    Refused(LoadError),
}

/// What a reload changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// A line for each change, in the designer's words; empty when nothing changed.
    pub lines: Vec<String>,
    /// From the first notice of the save to the hand-over to the mixer.
    pub took: std::time::Duration,
}
