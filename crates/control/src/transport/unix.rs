//! Unix sockets, readable for their owner alone.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use tokio::net::{UnixListener, UnixStream};

use super::Peer;

/// A connected stream.
pub(crate) type Stream = UnixStream;

/// A socket that accepts streams; its file goes with it.
#[derive(Debug)]
pub(crate) struct Listener {
    inner: UnixListener,
    path: PathBuf,
}

impl Listener {
    /// Listens in `runtime_dir`; `AddrInUse` when another process does already.
    ///
    /// A socket file that nobody answers on was left behind by a crash, and goes.
    pub(crate) async fn bind(runtime_dir: &Path) -> io::Result<Self> {
        let path = runtime_dir.join("control.sock");
        match UnixStream::connect(&path).await {
            Ok(_) => return Err(io::ErrorKind::AddrInUse.into()),
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                fs::remove_file(&path)?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let inner = UnixListener::bind(&path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        Ok(Self { inner, path })
    }

    pub(crate) fn address(&self) -> &Path {
        &self.path
    }

    pub(crate) async fn accept(&self) -> io::Result<Stream> {
        self.inner.accept().await.map(|(stream, _)| stream)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // A file that stays behind is found out as stale by the next start.
        let _ = fs::remove_file(&self.path);
    }
}

/// Connects to `address`.
pub(crate) async fn connect(address: &Path) -> io::Result<Stream> {
    UnixStream::connect(address).await
}

/// Who is at the other end.
pub(crate) fn peer_of(stream: &Stream) -> io::Result<Peer> {
    let credentials = stream.peer_cred()?;
    Ok(Peer {
        same_user: credentials.uid() == rustix::process::geteuid().as_raw(),
        pid: credentials
            .pid()
            .and_then(|pid| u32::try_from(pid).ok())
            // Zero stands for a process of another process namespace.
            .filter(|pid| *pid != 0),
    })
}
