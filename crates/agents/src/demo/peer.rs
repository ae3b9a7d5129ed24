//! The other side of the pipes: what is sent to it, and what it answers.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncWrite, AsyncWriteExt as _},
    sync::{mpsc, oneshot},
};

/// How many messages may wait to be written; a reader that is slow slows the agent.
const MESSAGES_WAITING_MAX: usize = 32;

/// The other side is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gone;

enum Outgoing {
    Message(Value),
    /// Answered when everything before it is written.
    Mark(oneshot::Sender<()>),
}

/// A handle to the other side.
#[derive(Clone)]
pub(super) struct Peer {
    outgoing: mpsc::Sender<Outgoing>,
    calls: Arc<Mutex<Calls>>,
}

#[derive(Default)]
struct Calls {
    last: u64,
    open: HashMap<u64, oneshot::Sender<Result<Value, Value>>>,
}

/// A handle, and the work of writing to `pipe` what is sent through it.
pub(super) fn connect<W>(mut pipe: W) -> (Peer, impl Future<Output = ()> + Send)
where
    W: AsyncWrite + Unpin + Send,
{
    let (outgoing, mut waiting) = mpsc::channel(MESSAGES_WAITING_MAX);
    let write = async move {
        while let Some(next) = waiting.recv().await {
            match next {
                Outgoing::Message(message) => {
                    if pipe
                        .write_all(format!("{message}\n").as_bytes())
                        .await
                        .is_err()
                    {
                        return;
                    }
                }
                Outgoing::Mark(reached) => drop(reached.send(())),
            }
            if pipe.flush().await.is_err() {
                return;
            }
        }
    };
    let peer = Peer {
        outgoing,
        calls: Arc::default(),
    };
    (peer, write)
}

impl Peer {
    async fn send(&self, message: Value) -> Result<(), Gone> {
        let sent = self.outgoing.send(Outgoing::Message(message)).await;
        sent.map_err(|_| Gone)
    }

    /// Tells something.
    pub(super) async fn notify(&self, method: &str, parameters: Value) -> Result<(), Gone> {
        self.send(json!({"jsonrpc": "2.0", "method": method, "params": parameters}))
            .await
    }

    /// Answers a request.
    pub(super) async fn respond(
        &self,
        id: &Value,
        answer: Result<Value, Value>,
    ) -> Result<(), Gone> {
        let message = match answer {
            Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
            Err(error) => json!({"jsonrpc": "2.0", "id": id, "error": error}),
        };
        self.send(message).await
    }

    /// Asks something, and waits for as long as it takes to answer.
    pub(super) async fn request(
        &self,
        method: &str,
        parameters: Value,
    ) -> Result<Result<Value, Value>, Gone> {
        let (reply, answer) = oneshot::channel();
        let id = {
            let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
            calls.last += 1;
            let id = calls.last;
            calls.open.insert(id, reply);
            id
        };
        self.send(json!({"jsonrpc": "2.0", "id": id, "method": method, "params": parameters}))
            .await?;
        answer.await.map_err(|_| Gone)
    }

    /// The other side answered one of our requests.
    pub(super) fn settle(&self, message: &Value) {
        let Some(id) = message["id"].as_u64() else {
            return;
        };
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let call = calls.open.remove(&id);
        drop(calls);
        if let Some(call) = call {
            let answer = match message.get("error") {
                Some(error) => Err(error.clone()),
                None => Ok(message["result"].clone()),
            };
            // Whoever asked may have been cancelled.
            drop(call.send(answer));
        }
    }

    /// Waits until everything that was sent is written.
    pub(super) async fn flushed(&self) {
        let (reached, mark) = oneshot::channel();
        if self.outgoing.send(Outgoing::Mark(reached)).await.is_ok() {
            drop(mark.await);
        }
    }
}
