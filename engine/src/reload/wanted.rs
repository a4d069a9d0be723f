//! Whose sounds are to be in memory.

use std::collections::BTreeSet;

/// The bank files whose sounds are to be in memory, by their paths relative to the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Those of every file but these, of files that are yet to come, too.
    AllBut(BTreeSet<String>),
    /// Those of these files alone.
    Only(BTreeSet<String>),
}

impl Wanted {
    /// Those of every file.
    pub fn all() -> Self {
        Self::AllBut(BTreeSet::new())
    }

    /// Whether a file's are among them.
    pub fn wants(&self, file: &str) -> bool {
        match self {
            Self::AllBut(files) => !files.contains(file),
            Self::Only(files) => files.contains(file),
        }
    }
}

impl Default for Wanted {
    fn default() -> Self {
        Self::all()
    }
}
