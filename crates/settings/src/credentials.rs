//! Where tokens are kept: the operating system's keyring, or a private file where there is none.
//!
//! A keyring that is there but locked is waited for, never passed by: whoever
//! locked it did not mean the secrets to lie in a file. The same goes for one
//! that holds a secret and is not there *yet*, as when a service starts before
//! the desktop does. No connection to a keyring stays open between two uses.

mod file;
#[cfg(target_os = "linux")]
#[path = "credentials/linux.rs"]
mod keyring_store;
#[cfg(not(target_os = "linux"))]
#[path = "credentials/native.rs"]
mod keyring_store;

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use protocol::ids::InstallationId;

pub use file::FileVault;
pub use keyring_store::KeyringVault;

/// The name under which a keyring shows the product's entries.
pub const SERVICE: &str = "coord";

/// A keyring may wait for a person; then it counts as locked.
const KEYRING_DEADLINE: Duration = Duration::from_secs(20);

/// Why a secret cannot be kept or found.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// There is no keyring.
    #[error("this system has no keyring")]
    Absent,
    /// There is one, and it is locked, or does not run at this moment.
    #[error(
        "the keyring is locked or not there yet; unlock it (sign in to the desktop, or open your password manager), and it goes on by itself"
    )]
    Locked,
    /// There is one, and it does not work.
    #[error("the keyring does not work: {0}")]
    Broken(String),
    /// The file that takes its place cannot be used.
    #[error("cannot use the credentials file {path}")]
    File {
        /// Which.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file that takes its place is broken; it is left as it is.
    #[error("the credentials file {path} cannot be understood; remove it and sign in again")]
    BrokenFile {
        /// Which.
        path: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

/// A place for secrets, by name. Every call may block.
pub trait Vault: fmt::Debug + Send + Sync + 'static {
    /// The secret of that name.
    fn get(&self, name: &str) -> Result<Option<String>, VaultError>;
    /// Keeps a secret, in place of one of the same name.
    fn set(&self, name: &str, secret: &str) -> Result<(), VaultError>;
    /// Forgets a secret; one that is not there is forgotten already.
    fn delete(&self, name: &str) -> Result<(), VaultError>;
}

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeptIn {
    /// In the operating system's keyring.
    Keyring,
    /// In a file that only its owner can read.
    File(PathBuf),
}

/// Whether a keyring may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Choice {
    /// The keyring; a file where there is none.
    #[default]
    Keyring,
    /// A file, since the operator of this machine said so.
    File,
}

impl Choice {
    /// The environment variable by which an operator chooses a file: `file`.
    pub const VARIABLE: &'static str = "COORD_CREDENTIALS";

    /// What the environment says, read through `variable`.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        match variable(Self::VARIABLE) {
            Some(word) if word.trim().eq_ignore_ascii_case("file") => Self::File,
            _ => Self::Keyring,
        }
    }
}

/// The name of a runner's own credentials.
pub fn runner_entry(installation: InstallationId) -> String {
    format!("runner:{installation}")
}

/// The name of a command line's login to `server`.
pub fn login_entry(server: &str) -> String {
    format!("login:{server}")
}

/// The keyring with its honest fallback.
#[derive(Debug, Clone)]
pub struct Credentials {
    keyring: Option<Arc<dyn Vault>>,
    file: Arc<FileVault>,
    /// Names (and nothing else) of what was put into the keyring.
    in_keyring: Arc<FileVault>,
}

impl Credentials {
    /// Keeps secrets in the keyring; in `file` where there is none, or where `choice` says so.
    pub fn new(file: &Path, choice: Choice) -> Self {
        let keyring: Option<Arc<dyn Vault>> = match choice {
            Choice::Keyring => Some(Arc::new(KeyringVault)),
            Choice::File => None,
        };
        Self::over(keyring, file)
    }

    /// The same over any keyring.
    pub fn over(keyring: Option<Arc<dyn Vault>>, file: &Path) -> Self {
        Self {
            keyring,
            file: Arc::new(FileVault::new(file)),
            in_keyring: Arc::new(FileVault::new(&file.with_extension("in-keyring.json"))),
        }
    }

    /// The secret of that name, and where it is kept.
    pub async fn get(&self, name: &str) -> Result<Option<(String, KeptIn)>, VaultError> {
        let name = name.to_owned();
        self.blocking(move |keyring, file, in_keyring| {
            // What stands in the file was put there when there was no keyring, and is newer
            // than anything in one: keeping a secret in the keyring removes it from the file.
            if let Some(secret) = file.get(&name)? {
                return Ok(Some((secret, file.kept_in())));
            }
            let Some(keyring) = keyring else {
                return Ok(None);
            };
            match keyring.get(&name) {
                Ok(secret) => Ok(secret.map(|secret| (secret, KeptIn::Keyring))),
                Err(VaultError::Absent) if in_keyring.get(&name)?.is_some() => {
                    Err(VaultError::Locked)
                }
                Err(VaultError::Absent) => Ok(None),
                Err(error) => Err(error),
            }
        })
        .await
    }

    /// Keeps a secret, and says where.
    pub async fn set(&self, name: &str, secret: &str) -> Result<KeptIn, VaultError> {
        let (name, secret) = (name.to_owned(), secret.to_owned());
        self.blocking(move |keyring, file, in_keyring| {
            if let Some(keyring) = keyring {
                match keyring.set(&name, &secret) {
                    Ok(()) => {
                        file.delete(&name)?;
                        if in_keyring.get(&name)?.is_none() {
                            in_keyring.set(&name, "")?;
                        }
                        return Ok(KeptIn::Keyring);
                    }
                    Err(VaultError::Absent) => {}
                    Err(error) => return Err(error),
                }
            }
            file.set(&name, &secret)?;
            Ok(file.kept_in())
        })
        .await
    }

    /// Forgets a secret wherever it is kept.
    pub async fn delete(&self, name: &str) -> Result<(), VaultError> {
        let name = name.to_owned();
        self.blocking(move |keyring, file, in_keyring| {
            file.delete(&name)?;
            in_keyring.delete(&name)?;
            match keyring.map_or(Ok(()), |keyring| keyring.delete(&name)) {
                Err(VaultError::Absent) => Ok(()),
                other => other,
            }
        })
        .await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(Option<&dyn Vault>, &FileVault, &FileVault) -> Result<T, VaultError>
        + Send
        + 'static,
    ) -> Result<T, VaultError> {
        let Self {
            keyring,
            file,
            in_keyring,
        } = self.clone();
        let task =
            tokio::task::spawn_blocking(move || work(keyring.as_deref(), &file, &in_keyring));
        match tokio::time::timeout(KEYRING_DEADLINE, task).await {
            Ok(Ok(result)) => result,
            Ok(Err(error)) => Err(VaultError::Broken(error.to_string())),
            Err(_) => Err(VaultError::Locked),
        }
    }
}

#[cfg(test)]
mod tests;
