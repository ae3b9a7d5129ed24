//! The service's end of the link.

use std::{collections::HashMap, time::Duration};

use futures::{SinkExt as _, StreamExt as _};
use protocol::error::Problem;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{mpsc, oneshot, watch},
};
use tokio_util::{
    codec::{Framed, LinesCodec},
    task::TaskTracker,
};

use super::{Ask, Call, LINE_BYTES_MAX, Say, WorkerStatus, socket::Address};

/// Time for a worker to say its first status, and to answer a call.
const PATIENCE: Duration = Duration::from_secs(10);
/// Calls that may wait for the worker at once.
const CALLS_WAITING_MAX: usize = 32;

/// Why a worker did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LinkError {
    /// It refused, and says why.
    #[error(transparent)]
    Refused(#[from] Problem),
    /// It is gone.
    #[error("the worker does not answer: its connection is closed")]
    Closed,
    /// It takes too long.
    #[error("the worker does not answer in time")]
    Slow,
    /// There is nobody at the address.
    #[error("the worker cannot be reached")]
    Unreachable(#[source] std::io::Error),
}

type Waiting = oneshot::Sender<Result<(), Problem>>;

/// A connection to one worker; it closes with its last clone.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    calls: mpsc::Sender<(Ask, Waiting)>,
}

impl Link {
    /// Connects to the worker at `address`; its status follows in the second value until the link breaks.
    pub(crate) async fn connect(
        address: &Address,
        tasks: &TaskTracker,
    ) -> Result<(Self, watch::Receiver<WorkerStatus>), LinkError> {
        let stream = tokio::time::timeout(PATIENCE, address.connect())
            .await
            .map_err(|_| LinkError::Slow)?
            .map_err(LinkError::Unreachable)?;
        Self::over(stream, tasks).await
    }

    /// Talks over `stream`.
    pub(super) async fn over<S>(
        stream: S,
        tasks: &TaskTracker,
    ) -> Result<(Self, watch::Receiver<WorkerStatus>), LinkError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut lines = Framed::new(stream, LinesCodec::new_with_max_length(LINE_BYTES_MAX));
        let first = tokio::time::timeout(PATIENCE, lines.next())
            .await
            .map_err(|_| LinkError::Slow)?;
        let Some(Say::Status { status }) = understood(first) else {
            return Err(LinkError::Closed);
        };
        let (status_tx, status_rx) = watch::channel(*status);
        let (calls, calls_rx) = mpsc::channel(CALLS_WAITING_MAX);
        tasks.spawn(converse(lines, calls_rx, status_tx));
        Ok((Self { calls }, status_rx))
    }

    /// Asks, and waits for the reply.
    pub(crate) async fn ask(&self, ask: Ask) -> Result<(), LinkError> {
        let (reply, answer) = oneshot::channel();
        let asked = async {
            self.calls
                .send((ask, reply))
                .await
                .map_err(|_| LinkError::Closed)?;
            answer.await.map_err(|_| LinkError::Closed)
        };
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(answer) => Ok(answer??),
            Err(_) => Err(LinkError::Slow),
        }
    }
}

fn understood<E>(line: Option<Result<String, E>>) -> Option<Say> {
    serde_json::from_str(&line?.ok()?).ok()
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    mut lines: Framed<S, LinesCodec>,
    mut calls: mpsc::Receiver<(Ask, Waiting)>,
    status: watch::Sender<WorkerStatus>,
) {
    let mut waiting: HashMap<u64, Waiting> = HashMap::new();
    let mut id = 0;
    loop {
        tokio::select! {
            call = calls.recv() => {
                let Some((ask, reply)) = call else { return };
                id += 1;
                // A caller that has given up leaves its entry; it goes here.
                waiting.retain(|_, caller| !caller.is_closed());
                waiting.insert(id, reply);
                let Ok(line) = serde_json::to_string(&Call { id, ask }) else { return };
                if lines.send(line).await.is_err() {
                    return;
                }
            }
            line = lines.next() => match understood(line) {
                None => return,
                Some(Say::Status { status: new }) => {
                    status.send_replace(*new);
                }
                Some(Say::Reply { id, refused }) => {
                    if let Some(caller) = waiting.remove(&id) {
                        caller.send(refused.map_or(Ok(()), Err)).ok();
                    }
                }
            }
        }
    }
}
