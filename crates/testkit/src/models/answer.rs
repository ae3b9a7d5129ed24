//! Answers in the form of the Messages interface.

use std::{
    convert::Infallible,
    sync::atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use serde_json::{Value, json};

use super::Act;

/// How many characters of a text come in one event.
const PIECE_CHARS: usize = 12;

static LAST_ID: AtomicU64 = AtomicU64::new(0);

fn id(kind: &str) -> String {
    format!(
        "{kind}_scripted{:08}",
        LAST_ID.fetch_add(1, Ordering::Relaxed)
    )
}

fn usage(output: usize) -> Value {
    json!({
        "input_tokens": 100,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": output,
    })
}

fn stop_reason(acts: &[Act]) -> &'static str {
    let calls = acts.iter().any(|act| matches!(act, Act::Call { .. }));
    if calls { "tool_use" } else { "end_turn" }
}

/// The answer in one piece.
pub(super) fn whole(model: &str, acts: &[Act]) -> Value {
    let content: Vec<Value> = acts
        .iter()
        .filter_map(|act| match act {
            Act::Say(text) => Some(json!({"type": "text", "text": text})),
            Act::Think(text) => {
                Some(json!({"type": "thinking", "thinking": text, "signature": "c2ln"}))
            }
            Act::Call { tool, input } => {
                Some(json!({"type": "tool_use", "id": id("toolu"), "name": tool, "input": input}))
            }
            Act::Hang | Act::Refuse { .. } => None,
        })
        .collect();
    json!({
        "id": id("msg"),
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content,
        "stop_reason": stop_reason(acts),
        "stop_sequence": null,
        "usage": usage(10),
    })
}

/// The answer as events, as they come.
pub(super) fn events(
    model: &str,
    acts: &[Act],
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + use<> {
    let mut events = vec![json!({"type": "message_start", "message": {
        "id": id("msg"),
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": null,
        "stop_sequence": null,
        "usage": usage(1),
    }})];
    let mut hangs = false;
    for (index, act) in acts.iter().enumerate() {
        if matches!(act, Act::Hang) {
            hangs = true;
            break;
        }
        events.extend(block(index, act));
    }
    if !hangs {
        events.push(json!({
            "type": "message_delta",
            "delta": {"stop_reason": stop_reason(acts), "stop_sequence": null},
            "usage": {"output_tokens": 10},
        }));
        events.push(json!({"type": "message_stop"}));
    }
    let events = stream::iter(events).map(|event| Ok(Bytes::from(line(&event))));
    if hangs {
        events.chain(stream::pending()).left_stream()
    } else {
        events.right_stream()
    }
}

fn line(event: &Value) -> String {
    let kind = event["type"].as_str().unwrap_or_default();
    format!("event: {kind}\ndata: {event}\n\n")
}

/// The events of one block.
fn block(index: usize, act: &Act) -> Vec<Value> {
    let (start, deltas): (Value, Vec<Value>) = match act {
        Act::Say(text) => (
            json!({"type": "text", "text": ""}),
            pieces(text, |piece| json!({"type": "text_delta", "text": piece})),
        ),
        Act::Think(text) => {
            let mut deltas = pieces(
                text,
                |piece| json!({"type": "thinking_delta", "thinking": piece}),
            );
            deltas.push(json!({"type": "signature_delta", "signature": "c2ln"}));
            (
                json!({"type": "thinking", "thinking": "", "signature": ""}),
                deltas,
            )
        }
        Act::Call { tool, input } => (
            json!({"type": "tool_use", "id": id("toolu"), "name": tool, "input": {}}),
            vec![json!({"type": "input_json_delta", "partial_json": input.to_string()})],
        ),
        Act::Hang | Act::Refuse { .. } => return Vec::new(),
    };
    let mut events =
        vec![json!({"type": "content_block_start", "index": index, "content_block": start})];
    events.extend(
        deltas
            .into_iter()
            .map(|delta| json!({"type": "content_block_delta", "index": index, "delta": delta})),
    );
    events.push(json!({"type": "content_block_stop", "index": index}));
    events
}

fn pieces(text: &str, delta: impl Fn(&str) -> Value) -> Vec<Value> {
    let signs: Vec<char> = text.chars().collect();
    signs
        .chunks(PIECE_CHARS)
        .map(|piece| delta(&piece.iter().collect::<String>()))
        .collect()
}
