//! A file that only its owner can read, in place of a keyring.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use super::{KeptIn, Vault, VaultError};
use crate::private_file;

type Entries = BTreeMap<String, String>;

/// Secrets in one private file.
#[derive(Debug)]
pub struct FileVault {
    path: PathBuf,
}

impl FileVault {
    /// Secrets in `path`, which is made with the first one.
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    /// This file, as a place.
    pub fn kept_in(&self) -> KeptIn {
        KeptIn::File(self.path.clone())
    }

    fn failed(&self, source: io::Error) -> VaultError {
        VaultError::File {
            path: self.path.display().to_string(),
            source,
        }
    }

    fn read(&self) -> Result<Entries, VaultError> {
        match fs::read(&self.path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|source| VaultError::BrokenFile {
                path: self.path.display().to_string(),
                source,
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Entries::new()),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Changes the entries while no other process does.
    fn change(&self, change: impl FnOnce(&mut Entries) -> bool) -> Result<(), VaultError> {
        if let Some(folder) = self.path.parent() {
            private_file::make_folder(folder).map_err(|error| self.failed(error))?;
        }
        let mut lock_path = self.path.clone().into_os_string();
        lock_path.push(".lock");
        let lock = private_file::open_lock(Path::new(&lock_path))
            .and_then(|lock| lock.lock().map(|()| lock))
            .map_err(|error| self.failed(error))?;
        let mut entries = self.read()?;
        if change(&mut entries) {
            let text =
                serde_json::to_vec_pretty(&entries).map_err(|source| VaultError::BrokenFile {
                    path: self.path.display().to_string(),
                    source,
                })?;
            private_file::replace(&self.path, &text).map_err(|error| self.failed(error))?;
        }
        drop(lock);
        Ok(())
    }
}

impl Vault for FileVault {
    fn get(&self, name: &str) -> Result<Option<String>, VaultError> {
        Ok(self.read()?.remove(name))
    }

    fn set(&self, name: &str, secret: &str) -> Result<(), VaultError> {
        self.change(|entries| {
            entries.insert(name.to_owned(), secret.to_owned());
            true
        })
    }

    fn delete(&self, name: &str) -> Result<(), VaultError> {
        if !self.path.exists() {
            return Ok(());
        }
        self.change(|entries| entries.remove(name).is_some())
    }
}
