//! What Codex leaves behind: empty folders in the job's folder, on which its sandbox
//! had mounted something when a command was cut off.

use std::path::{Path, PathBuf};

use crate::{driver::Session, tidy};

const NAMES: [&str; 3] = [".codex", ".agents", ".aws"];

/// The folders that were not there before.
pub(super) struct StrayFolders {
    missing: Vec<PathBuf>,
}

impl StrayFolders {
    /// Looks at a folder before Codex works in it.
    pub(super) fn before(folder: &Path) -> Self {
        let paths = NAMES.map(|name| folder.join(name));
        Self {
            missing: paths
                .into_iter()
                .filter(|path| path.symlink_metadata().is_err())
                .collect(),
        }
    }

    /// The session, after whose end the folders are gone again.
    pub(super) fn removed_after(self, session: Session) -> Session {
        tidy::after(session, move || self.remove())
    }

    fn remove(&self) {
        for path in &self.missing {
            // Only an empty folder can be removed so; anything else is somebody's.
            if std::fs::remove_dir(path).is_ok() {
                tracing::debug!(path = %path.display(), "removed what the sandbox left behind");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_what_is_new_and_empty_is_removed() {
        let job = tempfile::tempdir().unwrap();
        let [own, filled, stray] = NAMES.map(|name| job.path().join(name));
        fs::create_dir(&own).unwrap();
        let strays = StrayFolders::before(job.path());
        fs::create_dir(&filled).unwrap();
        fs::write(filled.join("file"), "text").unwrap();
        fs::create_dir(&stray).unwrap();
        strays.remove();
        assert!(own.exists() && filled.join("file").exists() && !stray.exists());
    }
}
