//! One connected face: its calls in, replies and states out.

use std::{sync::Arc, time::Duration};

use futures::{SinkExt as _, StreamExt as _, stream::SplitSink};
use protocol::error::{ErrorCode, Problem};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    task::JoinSet,
};
use tokio_util::{
    codec::{Framed, LinesCodec, LinesCodecError},
    sync::CancellationToken,
};

use super::{Handler, Limits};
use crate::{
    message::{Answer, Call, Reply, Request},
    transport::Stream,
};

/// Lines that wait for a slow reader.
const LINES_WAITING_MAX: usize = 8;
/// A face that takes no line for this long has hung.
const WRITE_DEADLINE: Duration = Duration::from_secs(30);
/// Calls under way get this long to finish once the service ends.
const LAST_REPLIES: Duration = Duration::from_secs(2);
/// Calls of a face that has left are not broken off half-way, but get no longer than this.
const ORPHANED_CALLS: Duration = Duration::from_mins(1);

type Lines = Framed<Stream, LinesCodec>;

/// Serves one connection until either side ends it.
///
/// With a `refusal`, every call is answered by it.
pub(super) async fn serve<H: Handler>(
    stream: Stream,
    handler: Arc<H>,
    limits: Limits,
    refusal: Option<Problem>,
    stop: CancellationToken,
) {
    let codec = LinesCodec::new_with_max_length(limits.line_bytes_max);
    let (sink, mut lines) = Lines::new(stream, codec).split();
    let (replies, waiting) = mpsc::channel(LINES_WAITING_MAX);
    let mut tasks = JoinSet::new();
    let gone = CancellationToken::new();
    let writer = write_all(sink, waiting, gone.clone());
    let reader = async {
        let places = Arc::new(Semaphore::new(limits.calls_per_connection_max));
        loop {
            let line = tokio::select! {
                () = stop.cancelled() => break,
                () = gone.cancelled() => break,
                Some(_) = tasks.join_next() => continue,
                line = next_line(&mut lines, &places) => line,
            };
            let Some((line, place)) = line else { break };
            let call = match read_call(line) {
                Ok(call) => call,
                Err(answer) => {
                    send(&replies, *answer).await;
                    break;
                }
            };
            if let Some(problem) = &refusal {
                let problem = problem.clone();
                let reply = Reply::Refused { problem };
                send(&replies, Answer { id: call.id, reply }).await;
                continue;
            }
            let (handler, replies) = (Arc::clone(&handler), replies.clone());
            let gone = gone.clone();
            tasks.spawn(async move {
                carry_out(call, handler.as_ref(), &replies, &gone).await;
                drop(place);
            });
        }
        drop(replies);
        gone.cancel();
        finish(tasks, &stop).await;
    };
    tokio::join!(reader, writer);
}

/// Lets the calls under way end, in bounds.
async fn finish(mut tasks: JoinSet<()>, stop: &CancellationToken) {
    let ended = async { while tasks.join_next().await.is_some() {} };
    let patience = async {
        tokio::select! {
            () = tokio::time::sleep(ORPHANED_CALLS) => {}
            () = async { stop.cancelled().await; tokio::time::sleep(LAST_REPLIES).await } => {}
        }
    };
    tokio::select! {
        () = ended => return,
        () = patience => {}
    }
    tasks.shutdown().await;
}

/// The next call's line, once there is a place for the call.
async fn next_line(
    lines: &mut futures::stream::SplitStream<Lines>,
    places: &Arc<Semaphore>,
) -> Option<(Result<String, LinesCodecError>, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    lines.next().await.map(|line| (line, place))
}

fn read_call(line: Result<String, LinesCodecError>) -> Result<Call, Box<Answer>> {
    let problem = match line {
        Ok(line) => match serde_json::from_str(&line) {
            Ok(call) => return Ok(call),
            Err(error) => Problem::new(
                ErrorCode::Invalid,
                format!("the runner service does not understand this request: {error}"),
            )
            .hint("command line, app and service may have different versions; update both"),
        },
        Err(LinesCodecError::MaxLineLengthExceeded) => {
            Problem::new(ErrorCode::TooLarge, "the request is too long")
        }
        Err(LinesCodecError::Io(error)) => Problem::new(
            ErrorCode::Invalid,
            format!("the request could not be read: {error}"),
        ),
    };
    Err(Box::new(Answer {
        id: 0,
        reply: Reply::Refused { problem },
    }))
}

async fn carry_out<H: Handler>(
    call: Call,
    handler: &H,
    replies: &mpsc::Sender<Answer>,
    gone: &CancellationToken,
) {
    let id = call.id;
    let reply = match call.request {
        Request::Watch => return send_states(id, handler, replies, gone).await,
        Request::State => {
            let state = Arc::clone(&handler.states().borrow());
            Reply::State {
                state: Box::new(state.as_ref().clone()),
            }
        }
        request => handler.handle(request).await,
    };
    send(replies, Answer { id, reply }).await;
}

/// The state now, and then the newest whenever it has changed.
async fn send_states<H: Handler>(
    id: u64,
    handler: &H,
    replies: &mpsc::Sender<Answer>,
    gone: &CancellationToken,
) {
    let mut states = handler.states();
    states.mark_changed();
    loop {
        tokio::select! {
            () = gone.cancelled() => return,
            changed = states.changed() => if changed.is_err() { return },
        }
        let state = Arc::clone(&states.borrow_and_update());
        let reply = Reply::State {
            state: Box::new(state.as_ref().clone()),
        };
        if !send(replies, Answer { id, reply }).await {
            return;
        }
    }
}

async fn send(replies: &mpsc::Sender<Answer>, answer: Answer) -> bool {
    replies.send(answer).await.is_ok()
}

/// Writes replies until there are no more; says by `gone` when the face has left.
async fn write_all(
    mut sink: SplitSink<Lines, String>,
    mut replies: mpsc::Receiver<Answer>,
    gone: CancellationToken,
) {
    while let Some(answer) = replies.recv().await {
        let line = match serde_json::to_string(&answer) {
            Ok(line) => line,
            Err(error) => {
                tracing::error!(%error, "a control reply cannot be written as JSON");
                continue;
            }
        };
        match tokio::time::timeout(WRITE_DEADLINE, sink.send(line)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => break,
        }
    }
    gone.cancel();
}
