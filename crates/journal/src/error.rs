//! What can go wrong with the journal.

use std::path::Path;

/// Why the journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be opened.
    #[error("cannot open the runner's journal {path}")]
    Open {
        /// Which.
        path: String,
        /// Why.
        #[source]
        source: rusqlite::Error,
    },
    /// A newer version of the runner has written it.
    #[error(
        "the runner's journal {path} was written by a newer version (format {found}, this version knows {known}); update this installation"
    )]
    TooNew {
        /// Which.
        path: String,
        /// The format that was found.
        found: i64,
        /// The newest format that this version knows.
        known: i64,
    },
    /// The database refuses.
    #[error("the runner's journal could not be read or written; see that its disk is not full")]
    Database(#[from] rusqlite::Error),
    /// It was closed before.
    #[error("the runner's journal is closed")]
    Closed,
    /// An entry makes no sense.
    #[error("the runner's journal holds {what} that cannot be understood")]
    Content {
        /// What kind of entry.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The attempt is not held.
    #[error("the runner's journal knows no held attempt {0}")]
    NotHeld(protocol::ids::AttemptId),
}

impl Error {
    pub(crate) fn open(path: &Path, source: rusqlite::Error) -> Self {
        Self::Open {
            path: path.display().to_string(),
            source,
        }
    }

    pub(crate) fn content(
        what: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Content {
            what,
            source: source.into(),
        }
    }
}
