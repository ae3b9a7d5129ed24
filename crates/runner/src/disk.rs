//! Whether the disk has room, by what it does.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
    time::Duration,
};

/// How much is written to find out whether there is room again.
const PROBE_BYTES: usize = 64 * 1024;

/// Time between two tries to write on a full disk.
const TRY_EVERY: Duration = Duration::from_millis(500);

/// Whether an error says that there is no room, which may pass.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

/// Writes something in `folder`, and takes it away again: only this shows whether writing works.
pub(crate) fn probe(folder: &Path) -> io::Result<()> {
    let path = folder.join(".room");
    let written = File::create(&path).and_then(|mut file| {
        file.write_all(&vec![0; PROBE_BYTES])?;
        file.sync_all()
    });
    let removed = fs::remove_file(&path);
    written.and(removed)
}

/// Writes, over and over until there is room for it.
pub(crate) async fn when_there_is_room<T>(
    mut write: impl FnMut() -> io::Result<T>,
) -> io::Result<T> {
    loop {
        match write() {
            Err(error) if is_full(&error) => {
                tracing::warn!(%error, "the disk is full; it is tried again");
                tokio::time::sleep(TRY_EVERY).await;
            }
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_can_be_written_to_is_left_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        probe(folder.path()).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        probe(&folder.path().join("missing")).unwrap_err();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_told_apart() {
        let mut full = File::options().write(true).open("/dev/full").unwrap();
        let error = full.write_all(b"x").unwrap_err();
        assert!(is_full(&error), "{error:?}");
        assert!(!is_full(&io::ErrorKind::PermissionDenied.into()));
    }
}
