//! Where things of this app and its service stand on the machine.

use std::{
    io,
    path::{Path, PathBuf},
};

/// The folders that this app uses.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    data: PathBuf,
    runtime: PathBuf,
}

/// Why the folders cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlaceError {
    /// The system names no home.
    #[error(
        "this user has no home directory, so there is nowhere to keep data; set COORD_DATA to a directory"
    )]
    NoHome,
    /// A folder cannot be made or is not one's own.
    #[error("{} cannot be used: {source}; make it a directory that belongs to you alone, or set COORD_DATA to another one", .path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no folder for sockets.
    #[error("{0}")]
    Runtime(#[from] control::RuntimeDirError),
}

impl Place {
    /// The folders of this user, or those under `COORD_DATA`.
    pub(crate) fn find() -> Result<Self, PlaceError> {
        let data = match std::env::var_os("COORD_DATA") {
            Some(data) if !data.is_empty() => PathBuf::from(data),
            _ => directories::ProjectDirs::from("dev", "coord", "coord")
                .ok_or(PlaceError::NoHome)?
                .data_dir()
                .join("runner"),
        };
        Self::at(&data)
    }

    /// The folders that go with the service's data directory.
    pub(crate) fn at(data: &Path) -> Result<Self, PlaceError> {
        let refused = |source| PlaceError::Folder {
            path: data.to_owned(),
            source,
        };
        std::fs::create_dir_all(data).map_err(refused)?;
        let data = data.canonicalize().map_err(refused)?;
        let runtime = control::runtime_dir(&data)?;
        Ok(Self { data, runtime })
    }

    /// The service's data directory.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// A short folder of the user's own, for sockets and locks.
    pub(crate) fn runtime(&self) -> &Path {
        &self.runtime
    }

    /// Where versions of the `coord` program are installed.
    pub(crate) fn programs(&self) -> PathBuf {
        self.data.join("bin")
    }

    /// Where this app remembers what it has shown.
    pub(crate) fn memory(&self) -> PathBuf {
        self.data.join("desktop.json")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_of_a_directory_are_one_place() {
        let dir = tempfile::tempdir().unwrap();
        let plain = Place::at(&dir.path().join("data")).unwrap();
        let odd = Place::at(&dir.path().join("data/../data/.")).unwrap();
        assert_eq!(plain.runtime(), odd.runtime());
        let other = Place::at(&dir.path().join("other")).unwrap();
        assert_ne!(plain.runtime(), other.runtime());
    }
}
