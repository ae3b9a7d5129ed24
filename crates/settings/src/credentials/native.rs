//! Keychain on macOS, Credential Manager on Windows.

use keyring::{Entry, Error};

use super::{SERVICE, Vault, VaultError};

/// The operating system's keyring.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeyringVault;

impl Vault for KeyringVault {
    fn get(&self, name: &str) -> Result<Option<String>, VaultError> {
        let found = entry(name)?.get_password();
        match found {
            Ok(secret) => Ok(Some(secret)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(explain(&error)),
        }
    }

    fn set(&self, name: &str, secret: &str) -> Result<(), VaultError> {
        entry(name)?
            .set_password(secret)
            .map_err(|error| explain(&error))
    }

    fn delete(&self, name: &str) -> Result<(), VaultError> {
        match entry(name)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(explain(&error)),
        }
    }
}

fn entry(name: &str) -> Result<Entry, VaultError> {
    Entry::new(SERVICE, name).map_err(|error| explain(&error))
}

fn explain(error: &Error) -> VaultError {
    match error {
        Error::NoDefaultStore => VaultError::Absent,
        Error::NoStorageAccess(_) => VaultError::Locked,
        other => VaultError::Broken(other.to_string()),
    }
}
