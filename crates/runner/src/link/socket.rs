//! The socket itself: in a short owner-only directory, or a named pipe.

use std::{
    io,
    path::{Path, PathBuf},
};

use interprocess::local_socket::{
    GenericFilePath, ListenerOptions, Name, ToFsName as _,
    tokio::{Listener as Socket, Stream, prelude::*},
};
use serde::{Deserialize, Serialize};

/// Where a worker listens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Address(PathBuf);

impl Address {
    /// The address that `path` names: a file, or a pipe on Windows.
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The folder in which the socket is.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.0.parent()
    }

    /// Connects to whoever listens.
    pub(super) async fn connect(&self) -> io::Result<Stream> {
        Stream::connect(self.name()?).await
    }

    #[cfg(not(windows))]
    fn name(&self) -> io::Result<Name<'_>> {
        self.0.as_path().to_fs_name::<GenericFilePath>()
    }

    #[cfg(windows)]
    fn name(&self) -> io::Result<Name<'_>> {
        let digest = protocol::digest::sha256_hex(self.0.as_os_str().as_encoded_bytes());
        format!(r"\\.\pipe\coord-worker-{digest}").to_fs_name::<GenericFilePath>()
    }
}

/// Takes connections of the same user that do not come from the agent itself.
#[derive(Debug)]
pub(super) struct Listener(Socket);

impl Listener {
    pub(super) fn bind(address: &Address) -> io::Result<Self> {
        remove(address);
        // The service removes the file; a worker that is killed could not.
        let options = ListenerOptions::new()
            .name(address.name()?)
            .reclaim_name(false);
        Ok(Self(options.create_tokio()?))
    }

    pub(super) async fn accept(&self) -> io::Result<Stream> {
        let stream = self.0.accept().await?;
        if let Some(reason) = refusal(&stream) {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, reason));
        }
        Ok(stream)
    }
}

/// Removes what is left of a socket; a missing one is fine.
pub(crate) fn remove(address: &Address) {
    if cfg!(unix)
        && let Err(error) = std::fs::remove_file(&address.0)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "a worker's old socket could not be removed");
    }
}

/// Why the peer of `stream` may not talk to the worker.
#[cfg(unix)]
fn refusal(stream: &Stream) -> Option<&'static str> {
    let Ok(peer) = stream.peer_creds() else {
        return Some("the peer's identity is unknown");
    };
    if peer.euid() != Some(rustix::process::geteuid().as_raw()) {
        return Some("the peer belongs to another user");
    }
    // An agent must not answer its own approvals.
    let pid = peer.pid().and_then(|pid| u32::try_from(pid).ok());
    let own = process::Identity::own();
    match (pid, own) {
        (Some(pid), Some(own)) => {
            process::is_descendant(pid, own).then_some("the peer belongs to the attempt itself")
        }
        _ => Some("the peer's process is unknown"),
    }
}

/// Why the peer of `stream` may not talk to the worker.
#[cfg(not(unix))]
fn refusal(stream: &Stream) -> Option<&'static str> {
    stream
        .peer_creds()
        .is_err()
        .then_some("the peer's identity is unknown")
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_own_process_is_turned_away() {
        let folder = tempfile::tempdir().unwrap();
        let address = Address::new(folder.path().join("s"));
        let listener = Listener::bind(&address).unwrap();
        let (accepted, _connected) = tokio::join!(listener.accept(), address.connect());
        let error = accepted.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    }
}
