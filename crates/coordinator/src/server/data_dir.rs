//! The data directory: for its owner alone, and for one coordinator at a time.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::Path,
    time::Duration,
};

use super::StartError;

/// Makes the directory, readable by its owner alone; one that exists is left as it is.
pub(crate) fn prepare(path: &Path) -> Result<(), StartError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|source| failed(path, source))
}

/// Removes what an earlier coordinator had begun to receive when it ended, but not what
/// another one may be receiving right now.
pub(super) fn clear_old(folder: &Path, age: Duration) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let changed = entry.metadata().and_then(|file| file.modified());
        let is_old = changed.is_ok_and(|at| at.elapsed().is_ok_and(|passed| passed >= age));
        if is_old && let Err(error) = fs::remove_file(entry.path()) {
            tracing::warn!(%error, "a leftover of a broken upload stays");
        }
    }
}

/// The right to use a data directory; the system takes it back when the process ends.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Lock {
    /// Takes the lock, or says that another coordinator has it.
    pub(crate) fn take(data: &Path) -> Result<Self, StartError> {
        let path = data.join("coordinator.lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|source| failed(&path, source))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(StartError::Locked(data.to_owned())),
            Err(TryLockError::Error(source)) => Err(failed(&path, source)),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file lets go as well; this only does so at once.
        if let Err(error) = self.0.unlock() {
            tracing::debug!(%error, "the data directory's lock was not given back");
        }
    }
}

fn failed(path: &Path, source: io::Error) -> StartError {
    StartError::DataDir {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_has_one_coordinator_at_a_time() {
        let data = tempfile::tempdir().unwrap();
        let first = Lock::take(data.path()).unwrap();
        assert!(matches!(
            Lock::take(data.path()),
            Err(StartError::Locked(_))
        ));
        drop(first);
        assert!(Lock::take(data.path()).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_new_directory_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let parent = tempfile::tempdir().unwrap();
        let data = parent.path().join("a/b");
        prepare(&data).unwrap();
        prepare(&data).unwrap();
        assert_eq!(
            fs::metadata(&data).unwrap().permissions().mode() & 0o777,
            0o700
        );
        File::create(parent.path().join("file")).unwrap();
        assert!(matches!(
            prepare(&parent.path().join("file")),
            Err(StartError::DataDir { .. })
        ));
    }
}
