//! Named pipes with a random name, for their owner alone and never for remote clients.

use std::{
    io,
    path::{Path, PathBuf},
};

use interprocess::{
    local_socket::{
        GenericFilePath, ListenerOptions,
        tokio::{self as local, prelude::*},
    },
    os::windows::{local_socket::ListenerOptionsExt as _, security_descriptor::SecurityDescriptor},
};
use widestring::u16cstr;

use super::Peer;

/// A connected stream.
pub(crate) type Stream = local::Stream;

/// A pipe that accepts streams.
#[derive(Debug)]
pub(crate) struct Listener {
    inner: local::Listener,
    path: PathBuf,
}

impl Listener {
    /// Listens under a new name, which only the data directory's readers learn.
    #[expect(
        clippy::unused_async,
        reason = "the other systems have to ask whether somebody answers"
    )]
    pub(crate) async fn bind(_runtime_dir: &Path) -> io::Result<Self> {
        let path = PathBuf::from(format!(r"\\.\pipe\coord-{}", uuid::Uuid::new_v4().simple()));
        // Full access for the pipe's owner, and no entry for anybody else.
        let owner_only = SecurityDescriptor::deserialize(u16cstr!("D:P(A;;GA;;;OW)"))?;
        let inner = ListenerOptions::new()
            .name(path.as_path().to_fs_name::<GenericFilePath>()?)
            .security_descriptor(owner_only)
            .create_tokio()?;
        Ok(Self { inner, path })
    }

    pub(crate) fn address(&self) -> &Path {
        &self.path
    }

    pub(crate) async fn accept(&self) -> io::Result<Stream> {
        self.inner.accept().await
    }
}

/// Connects to `address`.
pub(crate) async fn connect(address: &Path) -> io::Result<Stream> {
    local::Stream::connect(address.to_fs_name::<GenericFilePath>()?).await
}

/// Who is at the other end; the pipe's own access list keeps other users out.
pub(crate) fn peer_of(stream: &Stream) -> io::Result<Peer> {
    Ok(Peer {
        same_user: true,
        pid: stream.peer_creds()?.pid(),
    })
}
