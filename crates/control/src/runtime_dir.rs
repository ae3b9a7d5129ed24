//! The short owner-only folder in which a data directory's sockets live.
//!
//! Never inside an attempt's folder, where an agent could reach them, and short,
//! since a socket's path may have about a hundred bytes only.

use std::{
    io,
    path::{Path, PathBuf},
};

use protocol::{digest::sha256_hex, ids::AttemptId};

/// Why there is no folder for the sockets.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeDirError {
    /// The data directory is not there.
    #[error("cannot use the data directory {path}: it has to exist and be readable")]
    DataDir {
        /// Which.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The folder cannot be made.
    #[error("cannot make the folder {path} for the runner's sockets")]
    Create {
        /// Which.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Somebody else could reach into it.
    #[error(
        "the folder {path} for the runner's sockets belongs to another user or is open to others; remove it and start again"
    )]
    NotPrivate {
        /// Which.
        path: String,
    },
}

/// The folder for the sockets of the service that works in `data_dir`, made where it is missing.
pub fn runtime_dir(data_dir: &Path) -> Result<PathBuf, RuntimeDirError> {
    let canonical = data_dir
        .canonicalize()
        .map_err(|source| RuntimeDirError::DataDir {
            path: data_dir.display().to_string(),
            source,
        })?;
    let name = sha256_hex(canonical.as_os_str().as_encoded_bytes())
        .chars()
        .take(12)
        .collect::<String>();
    let parent = platform::parent(&canonical);
    platform::make_private(&parent)?;
    let folder = parent.join(name);
    platform::make_private(&folder)?;
    Ok(folder)
}

/// The socket of the worker that owns `attempt`, in a [`runtime_dir`].
///
/// The name takes the end of the id: ids made within a minute begin alike.
pub fn worker_socket(runtime_dir: &Path, attempt: AttemptId) -> PathBuf {
    let id = attempt.0.simple().to_string();
    let tail = id.get(24..).unwrap_or(&id);
    runtime_dir.join(format!("w-{tail}.sock"))
}

#[cfg(unix)]
mod platform {
    use std::{
        fs,
        io::ErrorKind,
        os::unix::fs::{DirBuilderExt as _, MetadataExt as _},
        path::{Path, PathBuf},
    };

    use super::RuntimeDirError;

    /// Longest parent folder that still leaves room for the names of sockets.
    const PARENT_BYTES_MAX: usize = 60;

    /// Any right of group or others.
    const OPEN_TO_OTHERS: u32 = 0o077;

    pub(super) fn parent(_data_dir: &Path) -> PathBuf {
        std::env::var_os("XDG_RUNTIME_DIR")
            .map(|folder| PathBuf::from(folder).join("coord"))
            .filter(|path| path.is_absolute())
            .filter(|path| path.as_os_str().len() <= PARENT_BYTES_MAX)
            .filter(|path| path.parent().is_some_and(is_ours))
            .unwrap_or_else(|| {
                let uid = rustix::process::geteuid().as_raw();
                PathBuf::from(format!("/tmp/coord-{uid}"))
            })
    }

    pub(super) fn make_private(path: &Path) -> Result<(), RuntimeDirError> {
        match fs::DirBuilder::new().mode(0o700).create(path) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(source) => {
                return Err(RuntimeDirError::Create {
                    path: path.display().to_string(),
                    source,
                });
            }
        }
        if is_ours(path) {
            return Ok(());
        }
        Err(RuntimeDirError::NotPrivate {
            path: path.display().to_string(),
        })
    }

    /// Whether it is a real folder (no link) of this user that is closed to all others.
    fn is_ours(path: &Path) -> bool {
        fs::symlink_metadata(path).is_ok_and(|meta| {
            meta.is_dir()
                && meta.uid() == rustix::process::geteuid().as_raw()
                && meta.mode() & OPEN_TO_OTHERS == 0
        })
    }
}

#[cfg(windows)]
mod platform {
    use std::{
        fs,
        path::{Path, PathBuf},
    };

    use super::RuntimeDirError;

    /// The user's profile is closed to other users already.
    pub(super) fn parent(data_dir: &Path) -> PathBuf {
        data_dir.join("run")
    }

    pub(super) fn make_private(path: &Path) -> Result<(), RuntimeDirError> {
        fs::create_dir_all(path).map_err(|source| RuntimeDirError::Create {
            path: path.display().to_string(),
            source,
        })
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_folder_is_private_short_and_the_same_by_any_name() {
        let data = tempfile::tempdir().unwrap();
        let link = data.path().join("link");
        let real = data.path().join("real");
        std::fs::create_dir(&real).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let folder = runtime_dir(&real).unwrap();
        assert_eq!(folder, runtime_dir(&link).unwrap());
        assert_eq!(
            folder.metadata().unwrap().permissions().mode() & 0o777,
            0o700
        );
        let socket = worker_socket(&folder, AttemptId(uuid::Uuid::from_u128(1)));
        assert!(socket.as_os_str().len() < 100, "{socket:?}");
        std::fs::remove_dir(&folder).unwrap();
    }

    #[test]
    fn a_folder_open_to_others_is_refused() {
        let data = tempfile::tempdir().unwrap();
        let folder = runtime_dir(data.path()).unwrap();
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert!(matches!(
            runtime_dir(data.path()),
            Err(RuntimeDirError::NotPrivate { .. })
        ));
        std::fs::remove_dir(&folder).unwrap();
    }

    #[test]
    fn a_missing_data_directory_is_an_error_that_names_it() {
        let error = runtime_dir(Path::new("/no/such/folder")).unwrap_err();
        assert!(error.to_string().contains("/no/such/folder"));
    }
}
