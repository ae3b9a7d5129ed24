//! The runner's data directory, used by one service at a time.

use std::{
    fs::{File, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use crate::{
    filesystem::{self, Kind},
    private_file,
};

/// Why the data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// It cannot be made or written to.
    #[error(
        "cannot use the data directory {path}; choose another with `--data`, or make it writable"
    )]
    Unusable {
        /// Which.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It is on another machine.
    #[error(
        "the data directory {path} is on a network file system, where the runner's journal is not safe; choose one on this machine with `--data`"
    )]
    Network {
        /// Which.
        path: String,
    },
    /// Another service has it.
    #[error(
        "another runner service{} uses the data directory {path}; stop it with `coord runner stop`, or choose another directory with `--data`",
        .pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    InUse {
        /// Which.
        path: String,
        /// The service's process, where it says so.
        pid: Option<u32>,
    },
}

/// A data directory that this process alone uses, until it is dropped.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    // Closing the file gives the lock back, also after a crash.
    _lock: File,
}

impl DataDir {
    /// Makes the directory where it is missing, and locks it.
    pub fn open(path: &Path) -> Result<Self, DataDirError> {
        let unusable = |source| DataDirError::Unusable {
            path: path.display().to_string(),
            source,
        };
        if filesystem::kind_of(path) == Kind::Network {
            return Err(DataDirError::Network {
                path: path.display().to_string(),
            });
        }
        private_file::make_folder(path).map_err(unusable)?;
        let path = path.canonicalize().map_err(unusable)?;
        let mut lock = private_file::open_lock(&path.join("lock")).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(DataDirError::InUse {
                    path: path.display().to_string(),
                    pid: pid_in(&mut lock),
                });
            }
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        write_pid(&mut lock).map_err(unusable)?;
        Ok(Self { path, _lock: lock })
    }

    /// Where it is, without links.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn pid_in(lock: &mut File) -> Option<u32> {
    let mut text = String::new();
    lock.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn write_pid(lock: &mut File) -> io::Result<()> {
    lock.set_len(0)?;
    lock.rewind()?;
    writeln!(lock, "{}", std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_service_at_a_time_and_the_next_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/runner");
        let first = DataDir::open(&path).unwrap();
        let error = DataDir::open(&path).unwrap_err();
        assert!(
            matches!(error, DataDirError::InUse { pid: Some(pid), .. } if pid == std::process::id())
        );
        drop(first);
        DataDir::open(&path).unwrap();
    }

    #[test]
    fn a_directory_that_cannot_be_made_is_an_error_that_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = DataDir::open(&file.join("runner")).unwrap_err();
        assert!(error.to_string().contains("--data"), "{error}");
    }
}
