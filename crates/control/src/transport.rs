//! The stream beneath: a Unix socket, or a named pipe on Windows.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use unix::{Listener, Stream, connect, peer_of};
#[cfg(windows)]
pub(crate) use windows::{Listener, Stream, connect, peer_of};

/// Who is at the other end of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Peer {
    /// Whether it is a process of the same user.
    pub(crate) same_user: bool,
    /// Its process id, where the system says so.
    pub(crate) pid: Option<u32>,
}
