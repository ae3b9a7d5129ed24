//! Answers as they come, event by event.

use std::{io, sync::Arc};

use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use serde_json::Value;
use tokio::sync::Notify;

use super::{Act, Interface};

/// How many characters of a text come in one event.
const PIECE_CHARS: usize = 12;

/// One thing that happens on the way.
enum Moment {
    Event(Value),
    WaitFor(Arc<Notify>),
    Hang,
    Cut,
}

/// The answer's bytes.
pub(super) fn of(
    interface: Interface,
    model: &str,
    acts: Vec<Act>,
) -> impl Stream<Item = io::Result<Bytes>> + Send + use<> {
    stream::iter(moments(interface, model, acts)).filter_map(move |moment| async move {
        match moment {
            Moment::Event(event) => Some(Ok(Bytes::from(interface.line(&event)))),
            Moment::WaitFor(word) => {
                // Nothing is sent for it: not every client takes a comment in a stream.
                word.notified().await;
                None
            }
            Moment::Hang => std::future::pending().await,
            Moment::Cut => Some(Err(io::Error::other("the script cuts the connection"))),
        }
    })
}

fn moments(interface: Interface, model: &str, acts: Vec<Act>) -> Vec<Moment> {
    let mut answer = interface.begin(model);
    let mut moments: Vec<Moment> = answer.opening().into_iter().map(Moment::Event).collect();
    for act in acts {
        match act {
            Act::WaitFor(word) => moments.push(Moment::WaitFor(word)),
            Act::Hang => {
                moments.push(Moment::Hang);
                return moments;
            }
            Act::Cut => {
                moments.push(Moment::Cut);
                return moments;
            }
            act => moments.extend(answer.act(&act).into_iter().map(Moment::Event)),
        }
    }
    moments.extend(answer.closing().into_iter().map(Moment::Event));
    moments
}

/// A text in the pieces in which it comes.
pub(super) fn pieces(text: &str) -> Vec<String> {
    let signs: Vec<char> = text.chars().collect();
    signs
        .chunks(PIECE_CHARS)
        .map(|piece| piece.iter().collect())
        .collect()
}
