//! Writing to an agent without ever waiting for it in the wrong place.

use std::time::Duration;

use serde_json::Value;
use tokio::{
    io::{AsyncWrite, AsyncWriteExt as _},
    sync::mpsc,
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

/// How many lines may wait to be written.
const LINES_WAITING_MAX: usize = 64;
/// How long an agent may leave its input unread.
const UNREAD_PATIENCE: Duration = Duration::from_secs(20);

/// The agent does not read what it is sent.
#[derive(Debug)]
pub(super) struct Unread;

/// An agent's input.
pub(super) struct Input {
    lines: mpsc::Sender<String>,
    _task: JoinSet<()>,
}

impl Input {
    /// Writes to `pipe` until `close`, or until this is dropped.
    pub(super) fn new<W>(mut pipe: W, close: CancellationToken) -> Self
    where
        W: AsyncWrite + Unpin + Send + 'static,
    {
        let (lines, mut waiting) = mpsc::channel::<String>(LINES_WAITING_MAX);
        let mut task = JoinSet::new();
        task.spawn(async move {
            let write = async {
                while let Some(line) = waiting.recv().await {
                    // A closed pipe shows as the agent's end soon enough.
                    if pipe.write_all(line.as_bytes()).await.is_err() || pipe.flush().await.is_err()
                    {
                        break;
                    }
                }
            };
            tokio::select! {
                () = write => {}
                () = close.cancelled() => {}
            }
        });
        Self { lines, _task: task }
    }

    /// Sends one line.
    pub(super) async fn send(&self, message: &Value) -> Result<(), Unread> {
        match self
            .lines
            .send_timeout(format!("{message}\n"), UNREAD_PATIENCE)
            .await
        {
            // Nobody reads any more: the agent's end is on its way.
            Ok(()) | Err(mpsc::error::SendTimeoutError::Closed(_)) => Ok(()),
            Err(mpsc::error::SendTimeoutError::Timeout(_)) => Err(Unread),
        }
    }
}
