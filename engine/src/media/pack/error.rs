//! What can be wrong with a pack.

use super::VERSION;
use std::path::PathBuf;
use thiserror::Error;

/// Why a pack can't be used or written. The text says what to do about it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PackError {
    /// It can't be read.
    #[error("can't read {}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: std::io::Error,
    },
    /// It can't be written.
    #[error("can't write {}: {error}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: std::io::Error,
    },
    /// It is something else.
    #[error("{} is no pack; give a project's folder, or a file that `tonmeister pack` made", .0.display())]
    NotAPack(PathBuf),
    /// It was made by another version.
    #[error(
        "{} is a pack of version {found}, this engine reads version {reads}; pack it again with this version",
        path.display(),
        reads = VERSION
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// It ends too early.
    #[error("{} ends after {is} of {should} bytes; copy it again", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// How long it is, in bytes.
        is: u64,
        /// How long it says that it is.
        should: u64,
    },
    /// It is not as it was written.
    #[error("{} is damaged: {what}; copy it again, or pack it again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// Its samples are made for another rate.
    #[error(
        "{} has its sounds at {pack} Hz, and {engine} Hz are asked for; ask for {pack} Hz, or pack it again with \
         --rate {engine}",
        path.display()
    )]
    Rate {
        /// The file.
        path: PathBuf,
        /// Its rate in hertz.
        pack: u32,
        /// The engine's.
        engine: u32,
    },
    /// A sound file changed while it was packed.
    #[error("{} changed while it was packed; pack again", .0.display())]
    Changed(PathBuf),
    /// There is more than a pack can hold.
    #[error("{what}, which is more than a pack holds")]
    TooMuch {
        /// What there is too much of.
        what: String,
    },
}
