//! What there is to say of a bank file at run time.

use crate::bank;
use crate::media::MediaError;
use thiserror::Error;

/// Why a bank file can't be loaded or unloaded.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BankError {
    /// The project has no such file.
    #[error("no bank file is called \"{file}\"{}", advice(.near.as_deref()))]
    Unknown {
        /// What was asked for.
        file: String,
        /// The file of the nearest name.
        near: Option<String>,
    },
    /// It was unloaded more often than loaded.
    #[error("the bank file \"{0}\" is not loaded; unload it once for each time that it was loaded")]
    NotLoaded(String),
}

fn advice(near: Option<&str>) -> String {
    match near {
        Some(near) => format!("; did you mean \"{near}\"?"),
        None => "; give its path in the project's folder, such as \"levels/forest.bank.ron\"".to_owned(),
    }
}

impl BankError {
    /// A file that is not there, with the nearest one that is.
    pub(in crate::runtime) fn unknown<'a>(file: &str, files: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Unknown { file: file.to_owned(), near: bank::nearest(file, files).map(str::to_owned) }
    }
}

/// How far a bank file's sounds are in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BankState {
    /// Nobody asks for it.
    Unloaded,
    /// A worker loads it, or will when it is done with others.
    Loading {
        /// How many of its sounds are done.
        done: usize,
        /// How many it has.
        of: usize,
    },
    /// All of its sounds are there.
    Loaded,
    /// A sound could not be loaded. It is tried again with the next reload, or if it is unloaded and loaded again.
    Failed(MediaError),
}

/// A bank file at run time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankStatus {
    /// Its path in the project's folder.
    pub file: String,
    /// How far its sounds are in memory.
    pub state: BankState,
    /// How often it was loaded and not unloaded since; what the engine loads at the start counts once.
    pub references: u32,
    /// Bytes of samples that only this of all loaded files needs: what unloading it frees.
    pub own_bytes: usize,
    /// Bytes of samples that other loaded files need as well. They are in memory once, and counted here for each of those.
    pub shared_bytes: usize,
}

/// What has become of a bank file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankChange {
    /// Its path in the project's folder.
    pub file: String,
    /// Its new state; never [`BankState::Loading`].
    pub state: BankState,
}
