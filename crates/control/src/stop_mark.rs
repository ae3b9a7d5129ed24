//! The mark of a service that was told to stop.
//!
//! A face that keeps the service running cannot always hear why it went: the
//! last state may be lost, or the service gone again before anybody connected.
//! So the service leaves a file in its data directory when it is told to stop,
//! and the next start takes it away.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

const FILE_NAME: &str = "control.stopped";
/// For a person who finds the file.
const WORDS: &str = "The runner service was told to stop. Its next start removes this file.\n";

/// Where a data directory's service says that it was told to stop.
#[derive(Debug, Clone)]
pub struct StopMark(PathBuf);

impl StopMark {
    /// The mark of the service that works in `data_dir`.
    pub fn of(data_dir: &Path) -> Self {
        Self(data_dir.join(FILE_NAME))
    }

    /// Leaves the mark: whoever looks after the service must not start it again unasked.
    pub fn set(&self) -> io::Result<()> {
        fs::write(&self.0, WORDS)
    }

    /// Takes the mark away, where there is one.
    pub fn clear(&self) -> io::Result<()> {
        match fs::remove_file(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Whether the service was told to stop, and nobody has wanted it since.
    pub fn is_set(&self) -> bool {
        self.0.exists()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_stands_until_it_is_cleared_and_twice_is_as_good_as_once() {
        let folder = tempfile::tempdir().unwrap();
        let (service, face) = (StopMark::of(folder.path()), StopMark::of(folder.path()));
        assert!(!face.is_set());
        face.clear().unwrap();
        service.set().unwrap();
        service.set().unwrap();
        assert!(face.is_set());
        face.clear().unwrap();
        assert!(!service.is_set());
    }

    #[test]
    fn a_mark_that_cannot_be_left_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = StopMark::of(&folder.path().join("missing"));
        assert!(nowhere.set().is_err());
        assert!(!nowhere.is_set());
    }
}
