//! The worker's end of the link.

use std::io;

use futures::{SinkExt as _, StreamExt as _};
use protocol::error::{ErrorCode, Problem};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
};
use tokio_util::codec::{Framed, LinesCodec};

use super::{
    Ask, Call, LINE_BYTES_MAX, Say, WorkerStatus,
    socket::{Address, Listener},
};

/// Connections at once; the service needs one, and one more while it takes over.
const CONNECTIONS_MAX: usize = 4;

/// Something that the service wants, with the way to answer it.
#[derive(Debug)]
pub(crate) struct Asked {
    /// What.
    pub(crate) ask: Ask,
    /// Takes the answer.
    pub(crate) reply: oneshot::Sender<Result<(), Problem>>,
}

/// Listens for the service.
#[derive(Debug)]
pub(crate) struct Server {
    listener: Listener,
}

impl Server {
    /// Listens at `address`, for the same user alone.
    pub(crate) fn bind(address: &Address) -> io::Result<Self> {
        Ok(Self {
            listener: Listener::bind(address)?,
        })
    }

    /// Serves connections until dropped.
    pub(crate) async fn serve(
        self,
        status: watch::Receiver<WorkerStatus>,
        asked: mpsc::Sender<Asked>,
    ) {
        let mut connections = JoinSet::new();
        loop {
            while connections.len() >= CONNECTIONS_MAX {
                connections.join_next().await;
            }
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok(stream) => {
                        connections.spawn(converse(stream, status.clone(), asked.clone()));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a connection to the worker was turned away");
                        // Out of file handles, for example: the next try may work.
                        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                    }
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    mut status: watch::Receiver<WorkerStatus>,
    asked: mpsc::Sender<Asked>,
) {
    let mut lines = Framed::new(stream, LinesCodec::new_with_max_length(LINE_BYTES_MAX));
    status.mark_changed();
    loop {
        let say = tokio::select! {
            changed = status.changed() => {
                if changed.is_err() {
                    return;
                }
                Say::Status { status: Box::new(status.borrow_and_update().clone()) }
            }
            line = lines.next() => {
                let Some(Ok(line)) = line else { return };
                match serde_json::from_str::<Call>(&line) {
                    Ok(call) => answer(call, &asked).await,
                    Err(error) => {
                        tracing::warn!(%error, "a line on the worker's socket was not understood");
                        return;
                    }
                }
            }
        };
        let Ok(line) = serde_json::to_string(&say) else {
            return;
        };
        if lines.send(line).await.is_err() {
            return;
        }
    }
}

async fn answer(call: Call, asked: &mpsc::Sender<Asked>) -> Say {
    let (reply, answer) = oneshot::channel();
    let ask = call.ask;
    let refused = if asked.send(Asked { ask, reply }).await.is_ok() {
        answer.await.unwrap_or_else(|_| Err(over())).err()
    } else {
        Some(over())
    };
    Say::Reply {
        id: call.id,
        refused,
    }
}

fn over() -> Problem {
    Problem::new(
        ErrorCode::Conflict,
        "The attempt is over: its agent has ended.",
    )
}

#[cfg(test)]
mod tests {
    use protocol::{agent::AgentName, job::Phase};
    use tokio_util::task::TaskTracker;

    use super::super::client::Link;
    use super::*;

    pub(super) fn status() -> WorkerStatus {
        WorkerStatus {
            phase: Phase::Running,
            agent: AgentName::new("demo"),
            last_action: None,
            events: 0,
            log: 0,
            approvals: vec![],
            questions: vec![],
            settled: vec![],
            ending: false,
            parked: None,
        }
    }

    #[tokio::test]
    async fn status_comes_first_and_calls_are_answered() {
        let (ours, theirs) = tokio::io::duplex(1024);
        let (status_tx, status_rx) = watch::channel(status());
        let (asked_tx, mut asked_rx) = mpsc::channel(1);
        let tasks = TaskTracker::new();
        tasks.spawn(converse(theirs, status_rx, asked_tx));
        let (link, mut seen) = Link::over(ours, &tasks).await.unwrap();
        assert_eq!(seen.borrow_and_update().events, 0);

        status_tx.send_modify(|status| status.events = 5);
        seen.changed().await.unwrap();
        assert_eq!(seen.borrow().events, 5);

        tasks.spawn(async move {
            while let Some(asked) = asked_rx.recv().await {
                let answer = match asked.ask {
                    Ask::Ping => Ok(()),
                    _ => Err(Problem::new(ErrorCode::Conflict, "no")),
                };
                asked.reply.send(answer).ok();
            }
        });
        link.ask(Ask::Ping).await.unwrap();
        let why = super::super::EndReason::ServiceStopped;
        let refused = link.ask(Ask::End { why }).await.unwrap_err();
        assert_eq!(refused.to_string(), "no");

        drop(status_tx);
        assert!(seen.changed().await.is_err(), "the end of the link is seen");
        assert!(link.ask(Ask::Ping).await.is_err());
    }
}
