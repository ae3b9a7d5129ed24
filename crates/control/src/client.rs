//! A face's end of the socket.
//!
//! A client holds no connection while nothing is asked, except for the few that
//! it keeps for the next call; it can be shared, and calls do not wait for one
//! another.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Mutex,
    time::Duration,
};

use futures::{SinkExt as _, StreamExt as _, stream::BoxStream};
use protocol::error::Problem;
use tokio::time::timeout;
use tokio_util::codec::{Framed, LinesCodec};

use crate::{
    address,
    message::{Answer, Call, LINE_BYTES_MAX, Reply, Request},
    state::ServiceState,
    transport::{self, Stream},
};

const CONNECT_DEADLINE: Duration = Duration::from_secs(5);
const CALL_DEADLINE: Duration = Duration::from_mins(1);
/// Idle connections that are kept for the next call.
const IDLE_CONNECTIONS_MAX: usize = 4;
/// The id of every call: a connection carries one at a time.
const CALL_ID: u64 = 1;

/// States of the service: the one now, and every new one as it comes.
pub type States = BoxStream<'static, Result<ServiceState, ClientError>>;

/// Why a request was not answered.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No service runs.
    #[error(
        "no runner service runs for the data directory {data_dir}; start one with `coord runner start`"
    )]
    NotRunning {
        /// Which.
        data_dir: String,
    },
    /// A service runs, but cannot be reached.
    #[error("cannot reach the runner service at {address}")]
    Unreachable {
        /// Its socket.
        address: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The service ended while the request was under way.
    #[error(
        "the runner service closed the connection; look with `coord runner status` whether it still runs"
    )]
    Closed,
    /// It takes too long.
    #[error(
        "the runner service has not answered in time; it may be overloaded or stuck, see its service.log"
    )]
    TimedOut,
    /// The answer makes no sense.
    #[error(
        "the runner service answered something that this program does not understand; update both to the same version"
    )]
    NotUnderstood {
        /// Why.
        #[source]
        source: Option<serde_json::Error>,
    },
    /// The service refuses.
    #[error(transparent)]
    Refused(Problem),
}

/// Speaks to the service of one data directory.
#[derive(Debug)]
pub struct Client {
    data_dir: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Client {
    /// Connects to the service that works in `data_dir`.
    pub async fn connect(data_dir: &Path) -> Result<Self, ClientError> {
        let client = Self {
            data_dir: data_dir.to_owned(),
            idle: Mutex::default(),
        };
        let connection = client.open().await?;
        client.keep(connection);
        Ok(client)
    }

    /// Asks once; a refusal is an error.
    ///
    /// `Watch` has no single reply: use [`Client::watch`].
    pub async fn call(&self, request: Request) -> Result<Reply, ClientError> {
        let patience = CALL_DEADLINE + wait_of(&request);
        let (mut connection, kept) = match self.take_idle() {
            Some(connection) => (connection, true),
            None => (self.open().await?, false),
        };
        let mut sent = connection.send(&request).await;
        if kept && sent.is_err() {
            // The service has been started anew since; nothing of the call has arrived.
            connection = self.open().await?;
            sent = connection.send(&request).await;
        }
        sent?;
        let reply = timeout(patience, connection.receive())
            .await
            .map_err(|_| ClientError::TimedOut)??;
        self.keep(connection);
        match reply {
            Reply::Refused { problem } => Err(ClientError::Refused(problem)),
            reply => Ok(reply),
        }
    }

    /// The service's state, once.
    pub async fn state(&self) -> Result<ServiceState, ClientError> {
        match self.call(Request::State).await? {
            Reply::State { state } => Ok(*state),
            _ => Err(ClientError::NotUnderstood { source: None }),
        }
    }

    /// The service's state now, and every new one, until an error ends the stream.
    pub async fn watch(&self) -> Result<States, ClientError> {
        let mut connection = self.open().await?;
        connection.send(&Request::Watch).await?;
        let states = futures::stream::unfold(Some(connection), |connection| async {
            let mut connection = connection?;
            let state = match connection.receive().await {
                Ok(Reply::State { state }) => return Some((Ok(*state), Some(connection))),
                Ok(Reply::Refused { problem }) => Err(ClientError::Refused(problem)),
                Ok(_) => Err(ClientError::NotUnderstood { source: None }),
                Err(error) => Err(error),
            };
            Some((state, None))
        });
        Ok(states.boxed())
    }

    /// A new connection; the address is read each time, since a new start may have another.
    async fn open(&self) -> Result<Connection, ClientError> {
        let not_running = || ClientError::NotRunning {
            data_dir: self.data_dir.display().to_string(),
        };
        let address = address::read(&self.data_dir)
            .map_err(|source| unreachable(&self.data_dir, source))?
            .ok_or_else(not_running)?;
        let connected = timeout(CONNECT_DEADLINE, transport::connect(&address))
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        let stream = connected.map_err(|source| match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => not_running(),
            _ => unreachable(&address, source),
        })?;
        let peer = transport::peer_of(&stream).map_err(|source| unreachable(&address, source))?;
        if !peer.same_user {
            let stranger = io::Error::new(
                io::ErrorKind::PermissionDenied,
                "the process that listens there belongs to another user",
            );
            return Err(unreachable(&address, stranger));
        }
        Ok(Connection(Framed::new(
            stream,
            LinesCodec::new_with_max_length(LINE_BYTES_MAX),
        )))
    }

    fn take_idle(&self) -> Option<Connection> {
        self.idle.lock().ok()?.pop()
    }

    fn keep(&self, connection: Connection) {
        if let Ok(mut idle) = self.idle.lock()
            && idle.len() < IDLE_CONNECTIONS_MAX
        {
            idle.push(connection);
        }
    }
}

fn unreachable(address: &Path, source: io::Error) -> ClientError {
    ClientError::Unreachable {
        address: address.display().to_string(),
        source,
    }
}

/// How long a request lets the service wait by itself.
fn wait_of(request: &Request) -> Duration {
    match request {
        Request::ReadLog { wait_ms, .. } | Request::ReadEvents { wait_ms, .. } => {
            Duration::from_millis(*wait_ms)
        }
        _ => Duration::ZERO,
    }
}

#[derive(Debug)]
struct Connection(Framed<Stream, LinesCodec>);

impl Connection {
    async fn send(&mut self, request: &Request) -> Result<(), ClientError> {
        let call = Call {
            id: CALL_ID,
            request: request.clone(),
        };
        let line = serde_json::to_string(&call).map_err(|error| ClientError::NotUnderstood {
            source: Some(error),
        })?;
        timeout(CALL_DEADLINE, self.0.send(line))
            .await
            .map_err(|_| ClientError::TimedOut)?
            .map_err(|_| ClientError::Closed)
    }

    async fn receive(&mut self) -> Result<Reply, ClientError> {
        let Some(Ok(line)) = self.0.next().await else {
            return Err(ClientError::Closed);
        };
        let answer: Answer =
            serde_json::from_str(&line).map_err(|error| ClientError::NotUnderstood {
                source: Some(error),
            })?;
        Ok(answer.reply)
    }
}

#[cfg(test)]
mod tests;
