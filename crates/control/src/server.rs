//! The service's end of the socket.
//!
//! Only processes of the same user are let in, and none that belongs to an
//! attempt: an agent must not approve itself. Connections, calls and lines are
//! bounded; a face that reads slowly gets the newest state, not every one.

mod connection;

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use protocol::error::{ErrorCode, Problem};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    address, ancestry,
    message::{Reply, Request},
    runtime_dir::{RuntimeDirError, runtime_dir},
    state::ServiceState,
    transport::{Listener, Stream, peer_of},
};

/// Pause after an accept that failed, so that a full table of files is no busy loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Bounds of the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most faces connected at once; a further one waits.
    pub connections_max: usize,
    /// Most calls of one connection that are under way at once.
    pub calls_per_connection_max: usize,
    /// Longest line in either direction.
    pub line_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 64,
            calls_per_connection_max: 16,
            line_bytes_max: crate::message::LINE_BYTES_MAX,
        }
    }
}

/// What the service does behind the socket.
pub trait Handler: Send + Sync + 'static {
    /// The service's state, for `State` and `Watch`.
    fn states(&self) -> watch::Receiver<Arc<ServiceState>>;

    /// Process ids of the workers; nothing that descends from one is let in.
    fn workers(&self) -> Vec<u32>;

    /// Carries out any other request.
    fn handle(&self, request: Request) -> impl Future<Output = Reply> + Send;
}

/// Why the socket cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// There is no folder for it.
    #[error(transparent)]
    RuntimeDir(#[from] RuntimeDirError),
    /// Another service has it.
    #[error(
        "a runner service runs for this data directory already; stop it with `coord runner stop`"
    )]
    InUse,
    /// The system refuses it.
    #[error("cannot open the control socket in {folder}")]
    Socket {
        /// Where.
        folder: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Its address cannot be written down.
    #[error("cannot write the control socket's address into the data directory {data_dir}")]
    Address {
        /// Which.
        data_dir: String,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// The open socket.
#[derive(Debug)]
pub struct Server {
    listener: Listener,
    limits: Limits,
}

impl Server {
    /// Opens the socket for `data_dir` and writes its address down there.
    pub async fn bind(data_dir: &Path, limits: Limits) -> Result<Self, BindError> {
        let folder = runtime_dir(data_dir)?;
        let listener = Listener::bind(&folder).await.map_err(|source| {
            if source.kind() == io::ErrorKind::AddrInUse {
                return BindError::InUse;
            }
            BindError::Socket {
                folder: folder.display().to_string(),
                source,
            }
        })?;
        address::write(data_dir, listener.address()).map_err(|source| BindError::Address {
            data_dir: data_dir.display().to_string(),
            source,
        })?;
        Ok(Self { listener, limits })
    }

    /// Where it listens.
    pub fn address(&self) -> PathBuf {
        self.listener.address().to_owned()
    }

    /// Serves faces until `stop`, and returns when the last connection has closed.
    pub async fn serve<H: Handler>(self, handler: Arc<H>, stop: CancellationToken) {
        let places = Arc::new(Semaphore::new(self.limits.connections_max));
        let tracker = TaskTracker::new();
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = self.accept(&places) => accepted,
            };
            let Some((stream, place)) = accepted else {
                continue;
            };
            let (handler, limits, stop) = (Arc::clone(&handler), self.limits, stop.clone());
            tracker.spawn(async move {
                let refusal = refusal_of(&stream, handler.as_ref());
                connection::serve(stream, handler, limits, refusal, stop).await;
                drop(place);
            });
        }
        // The socket closes first, so that nobody waits for an answer that will not come.
        drop(self.listener);
        tracker.close();
        tracker.wait().await;
    }

    async fn accept(&self, places: &Arc<Semaphore>) -> Option<(Stream, OwnedSemaphorePermit)> {
        let place = Arc::clone(places).acquire_owned().await.ok()?;
        match self.listener.accept().await {
            Ok(stream) => Some((stream, place)),
            Err(error) => {
                tracing::warn!(%error, "the control socket could not accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                None
            }
        }
    }
}

/// Why the peer of `stream` may ask nothing; none when it may.
fn refusal_of<H: Handler>(stream: &Stream, handler: &H) -> Option<Problem> {
    let peer = match peer_of(stream) {
        Ok(peer) if peer.same_user => peer,
        Ok(_) => {
            return Some(Problem::new(
                ErrorCode::Forbidden,
                "this runner belongs to another user of the machine",
            ));
        }
        Err(error) => {
            tracing::warn!(%error, "the peer of a control connection is not known");
            return Some(Problem::new(
                ErrorCode::Forbidden,
                "the system does not say which process is asking",
            ));
        }
    };
    let workers = handler.workers();
    let of_an_attempt = match peer.pid {
        Some(pid) => ancestry::descends_from_any(pid, &workers),
        // Without an id its descent is unknown: let in only while there is no attempt.
        None => !workers.is_empty(),
    };
    of_an_attempt.then(|| {
        tracing::warn!(pid = peer.pid, "a process of an attempt asked for control");
        Problem::new(
            ErrorCode::Forbidden,
            "a program that belongs to a job may not control the runner",
        )
        .hint(
            "answer approvals in the runner's window, in the web app or in a terminal of your own",
        )
    })
}
