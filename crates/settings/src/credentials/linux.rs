//! The Secret Service, asked anew for each use.
//!
//! `keyring`'s own entries look for a store once in a process's life, which is
//! wrong for a service that may start before the desktop does; so its entry type
//! is filled from a store of this very moment, which closes its connection after.

use keyring::{Entry, Error};
use keyring_core::api::CredentialStoreApi as _;
use secret_service::{EncryptionType, blocking::SecretService};
use zbus_secret_service_keyring_store::Store;

use super::{SERVICE, Vault, VaultError};

/// The operating system's keyring.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeyringVault;

impl Vault for KeyringVault {
    fn get(&self, name: &str) -> Result<Option<String>, VaultError> {
        match open(name)?.get_password() {
            Ok(secret) => Ok(Some(secret)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(explain(&error)),
        }
    }

    fn set(&self, name: &str, secret: &str) -> Result<(), VaultError> {
        open(name)?
            .set_password(secret)
            .map_err(|error| explain(&error))
    }

    fn delete(&self, name: &str) -> Result<(), VaultError> {
        match open(name)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(explain(&error)),
        }
    }
}

fn open(name: &str) -> Result<Entry, VaultError> {
    look()?;
    let inner = Store::new()
        .and_then(|store| store.build(SERVICE, name, None))
        .map_err(|error| explain(&error))?;
    Ok(Entry { inner })
}

/// Whether there is a keyring that can be used now, without asking anybody to unlock it.
fn look() -> Result<(), VaultError> {
    use secret_service::Error as Secret;

    // Nothing secret is said on this connection.
    let service = SecretService::connect(EncryptionType::Plain).map_err(|error| match error {
        Secret::Unavailable | Secret::Zbus(_) => VaultError::Absent,
        other => VaultError::Broken(other.to_string()),
    })?;
    match service.get_default_collection() {
        Ok(collection) => match collection.is_locked() {
            Ok(false) => Ok(()),
            Ok(true) | Err(Secret::Locked | Secret::Prompt) => Err(VaultError::Locked),
            Err(error) => Err(VaultError::Broken(error.to_string())),
        },
        // A service without any collection makes one when a person first signs in to it.
        Err(Secret::NoResult | Secret::Locked | Secret::Prompt) => Err(VaultError::Locked),
        Err(error) => Err(VaultError::Broken(error.to_string())),
    }
}

fn explain(error: &Error) -> VaultError {
    match error {
        Error::NoDefaultStore => VaultError::Absent,
        Error::NoStorageAccess(_) => VaultError::Locked,
        other => VaultError::Broken(other.to_string()),
    }
}
