//! Back-ups: everything of a coordinator in one folder or one file, made while it works, and put
//! back into an empty place; and the way from the embedded database to PostgreSQL.
//!
//! A back-up holds the database's tables as they were at one moment, and the files that
//! were there after it: files never change, so none that a row names is missing. Its
//! manifest is written last; a folder without one is not a back-up.

mod archive;
mod copy;
mod files;
mod make;
mod manifest;
mod restore;

use std::{
    io,
    path::{Path, PathBuf},
};

pub use copy::{CopyOptions, copy_database};
pub use make::{BackupOptions, backup};
pub use manifest::Manifest;
pub use restore::{RestoreOptions, restore};

use crate::{ConfigError, StartError};

/// Name of the manifest within a back-up.
const MANIFEST: &str = "manifest.json";
/// Name of the list of files within a back-up.
const FILES: &str = "objects.list";
/// Name of the settings, here and in the data directory.
const SETTINGS: &str = "coordinator.toml";

/// Why nothing was backed up, restored or copied.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The data directory cannot be used.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Its settings cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A database cannot be read or written.
    #[error(transparent)]
    Transfer(#[from] store::TransferError),
    /// A file cannot be read or written.
    #[error("{} cannot be used", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// There is something where everything is to be put.
    #[error("{} is not empty; name a folder that is, or that does not exist", .0.display())]
    NotEmpty(PathBuf),
    /// There is a file where one is to be made.
    #[error("{} is there already; name a file that is not", .0.display())]
    Exists(PathBuf),
    /// It is not a back-up, or one that was not finished.
    #[error("{} is not a back-up: it has no {MANIFEST}, which is written last", .0.display())]
    NoBackup(PathBuf),
    /// The manifest is not understood.
    #[error("the back-up's manifest is not understood: {0}")]
    Manifest(String),
    /// A file of the back-up is not as it was written.
    #[error("{} is not as it was written: the back-up is damaged, and nothing was restored", .0.display())]
    Damaged(PathBuf),
}

/// Turns an error of a file into one that names it.
fn of_file(path: &Path) -> impl FnOnce(io::Error) -> BackupError + '_ {
    |source| BackupError::File {
        path: path.to_owned(),
        source,
    }
}

/// Fails unless the folder is empty or missing.
fn check_empty(folder: &Path) -> Result<(), BackupError> {
    match std::fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(BackupError::NotEmpty(folder.to_owned())),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(of_file(folder)(error)),
    }
}
