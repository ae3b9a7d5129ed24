//! The command line's logins, one a coordinator.
//!
//! Several commands may run at once, and a refresh token is good only once: who
//! refreshes holds the lock, reads the login again, and writes the new one down
//! before using it.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use protocol::{api::PersonRef, digest::sha256_hex, runner::TokenSet, time::Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    credentials::{Choice, Credentials, KeptIn, VaultError, login_entry},
    places, private_file,
};

/// Another command refreshes for no longer than this.
const LOCK_DEADLINE: Duration = Duration::from_mins(1);

/// A login to one coordinator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// The coordinator's address, in one form.
    pub server: String,
    /// Who is signed in.
    pub account: PersonRef,
    /// The tokens.
    pub tokens: TokenSet,
    /// When the access token ends, on this machine's clock.
    pub access_ends_at: Timestamp,
}

/// Why a login cannot be kept or found.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The keyring or the file in its place.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// What is kept makes no sense.
    #[error(
        "the login for {server} cannot be understood; sign in again with `coord login --server {server}`"
    )]
    Broken {
        /// For which coordinator.
        server: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The folder cannot be used.
    #[error("cannot use the folder {folder} for logins")]
    Folder {
        /// Which.
        folder: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Another command holds the lock.
    #[error("another command is renewing the login and does not finish; end it, then try again")]
    Busy,
}

/// Which coordinators a login is kept for; nothing secret.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Index {
    last: Option<String>,
    #[serde(default)]
    servers: Vec<String>,
}

/// Held while a login is renewed or changed.
#[derive(Debug)]
pub struct Renewal {
    _lock: File,
}

/// The logins of one user.
#[derive(Debug, Clone)]
pub struct Logins {
    folder: PathBuf,
    credentials: Credentials,
}

impl Logins {
    /// The logins in `folder`, see [`crate::places::config_dir`].
    pub fn new(folder: &Path, choice: Choice) -> Self {
        Self {
            folder: folder.to_owned(),
            credentials: Credentials::new(&folder.join("logins.json"), choice),
        }
    }

    /// The login to `server`.
    pub async fn get(&self, server: &str) -> Result<Option<Login>, LoginError> {
        let Some((text, _)) = self.credentials.get(&self.entry(server)).await? else {
            return Ok(None);
        };
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|source| LoginError::Broken {
                server: server.to_owned(),
                source,
            })
    }

    /// Keeps a login, and remembers its coordinator as the last one.
    pub async fn set(&self, login: &Login) -> Result<KeptIn, LoginError> {
        let text = serde_json::to_string(login).map_err(|source| LoginError::Broken {
            server: login.server.clone(),
            source,
        })?;
        let kept_in = self
            .credentials
            .set(&self.entry(&login.server), &text)
            .await?;
        self.change_index(|index| {
            index.last = Some(login.server.clone());
            if !index.servers.contains(&login.server) {
                index.servers.push(login.server.clone());
            }
        })?;
        Ok(kept_in)
    }

    /// Forgets the login to `server`.
    pub async fn delete(&self, server: &str) -> Result<(), LoginError> {
        self.credentials.delete(&self.entry(server)).await?;
        self.change_index(|index| {
            index.servers.retain(|known| known != server);
            if index.last.as_deref() == Some(server) {
                index.last = index.servers.last().cloned();
            }
        })
    }

    /// The coordinator that was last signed in to, for commands that name none.
    pub fn last_server(&self) -> Result<Option<String>, LoginError> {
        Ok(self.index()?.last)
    }

    /// Every coordinator that a login is kept for.
    pub fn servers(&self) -> Result<Vec<String>, LoginError> {
        Ok(self.index()?.servers)
    }

    /// Waits until no other command renews a login, and keeps others waiting until it is dropped.
    pub async fn renew(&self) -> Result<Renewal, LoginError> {
        private_file::make_folder(&self.folder).map_err(|source| self.failed(source))?;
        let path = self.folder.join("renew.lock");
        let task = tokio::task::spawn_blocking(move || {
            let lock = private_file::open_lock(&path)?;
            lock.lock()?;
            Ok::<_, io::Error>(lock)
        });
        match tokio::time::timeout(LOCK_DEADLINE, task).await {
            Ok(Ok(Ok(lock))) => Ok(Renewal { _lock: lock }),
            Ok(Ok(Err(source))) => Err(self.failed(source)),
            Ok(Err(error)) => Err(self.failed(io::Error::other(error))),
            Err(_) => Err(LoginError::Busy),
        }
    }

    /// The name of the login to `server`: one keyring may serve several folders.
    fn entry(&self, server: &str) -> String {
        let entry = login_entry(server);
        if places::config_dir(None).is_ok_and(|usual| usual == self.folder) {
            return entry;
        }
        let folder = std::path::absolute(&self.folder).unwrap_or_else(|_| self.folder.clone());
        let mut which = sha256_hex(folder.as_os_str().as_encoded_bytes());
        which.truncate(12);
        format!("{entry}#{which}")
    }

    fn index_file(&self) -> PathBuf {
        self.folder.join("servers.json")
    }

    fn index(&self) -> Result<Index, LoginError> {
        match fs::read(self.index_file()) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map_err(|error| self.failed(io::Error::other(error)))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Index::default()),
            Err(error) => Err(self.failed(error)),
        }
    }

    fn change_index(&self, change: impl FnOnce(&mut Index)) -> Result<(), LoginError> {
        let mut index = self.index()?;
        change(&mut index);
        private_file::make_folder(&self.folder)
            .and_then(|()| serde_json::to_vec_pretty(&index).map_err(io::Error::other))
            .and_then(|text| private_file::replace(&self.index_file(), &text))
            .map_err(|source| self.failed(source))
    }

    fn failed(&self, source: io::Error) -> LoginError {
        LoginError::Folder {
            folder: self.folder.display().to_string(),
            source,
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::ids::AccountId;

    use super::*;

    fn login(server: &str, access: &str) -> Login {
        Login {
            server: server.to_owned(),
            account: PersonRef {
                id: AccountId(uuid::Uuid::from_u128(1)),
                name: "Ada".to_owned(),
                email: "ada@example.com".to_owned(),
            },
            tokens: TokenSet {
                access_token: access.to_owned(),
                token_type: "Bearer".to_owned(),
                expires_in: 3600,
                refresh_token: "r".to_owned(),
            },
            access_ends_at: Timestamp(1),
        }
    }

    #[tokio::test]
    async fn logins_are_kept_by_coordinator_and_the_last_one_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let logins = Logins::new(&folder.path().join("config"), Choice::File);
        assert_eq!(logins.last_server().unwrap(), None);
        let (one, two) = (login("http://one", "a"), login("http://two", "b"));
        logins.set(&one).await.unwrap();
        logins.set(&two).await.unwrap();
        assert_eq!(logins.get("http://one").await.unwrap(), Some(one));
        assert_eq!(logins.last_server().unwrap().as_deref(), Some("http://two"));
        logins.delete("http://two").await.unwrap();
        assert_eq!(logins.get("http://two").await.unwrap(), None);
        assert_eq!(logins.servers().unwrap(), ["http://one"]);
        assert_eq!(logins.last_server().unwrap().as_deref(), Some("http://one"));
    }

    #[test]
    fn folders_of_one_user_do_not_share_a_login() {
        let entry = |folder: &str| Logins::new(Path::new(folder), Choice::File).entry("http://one");
        assert_ne!(entry("/srv/one"), entry("/srv/two"));
        assert_eq!(entry("/srv/one"), entry("/srv/one"));
        let usual = places::config_dir(None).unwrap();
        assert_eq!(entry(&usual.display().to_string()), "login:http://one");
    }

    #[tokio::test]
    async fn one_command_at_a_time_renews() {
        let folder = tempfile::tempdir().unwrap();
        let logins = Logins::new(folder.path(), Choice::File);
        let first = logins.renew().await.unwrap();
        let second = logins.renew();
        tokio::pin!(second);
        tokio::select! {
            biased;
            _ = &mut second => panic!("both hold the lock"),
            () = tokio::task::yield_now() => {}
        }
        drop(first);
        second.await.unwrap();
    }

    #[test]
    fn tokens_do_not_show_when_a_login_is_printed() {
        let shown = format!("{:?}", login("http://one", "coa_secret"));
        assert!(!shown.contains("coa_secret"), "{shown}");
    }
}
