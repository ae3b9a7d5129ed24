//! What Claude Code is sent, and the parts of what it sends.

use serde_json::{Value, json};

use crate::wire::Step;

/// Names the greeting, in its answer.
pub(super) const INITIALIZE: &str = "initialize";
const INTERRUPT: &str = "interrupt";

/// The greeting.
pub(super) fn initialize() -> Step {
    Step::Send(json!({
        "type": "control_request",
        "request_id": INITIALIZE,
        "request": {"subtype": "initialize", "hooks": null},
    }))
}

/// What the person wants.
pub(super) fn prompt(words: &str) -> Step {
    Step::Send(json!({
        "type": "user",
        "message": {"role": "user", "content": [{"type": "text", "text": words}]},
    }))
}

/// The answer to a request that is not understood.
pub(super) fn unsupported(key: &str, kind: &str) -> Step {
    Step::Send(json!({
        "type": "control_response",
        "response": {
            "subtype": "error",
            "request_id": key,
            "error": format!("{kind} is not supported"),
        },
    }))
}

/// The turn is to be broken off.
pub(super) fn interrupt() -> Step {
    Step::Send(json!({
        "type": "control_request",
        "request_id": INTERRUPT,
        "request": {"subtype": "interrupt"},
    }))
}

pub(super) fn allow(key: &str, input: &Value) -> Step {
    respond(key, &json!({"behavior": "allow", "updatedInput": input}))
}

pub(super) fn deny(key: &str, words: &str) -> Step {
    respond(key, &json!({"behavior": "deny", "message": words}))
}

fn respond(key: &str, response: &Value) -> Step {
    Step::Send(json!({
        "type": "control_response",
        "response": {"subtype": "success", "request_id": key, "response": response},
    }))
}

pub(super) fn blocks(content: &Value) -> &[Value] {
    content.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The text of a tool's result, which comes as text or as blocks.
pub(super) fn words_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => blocks
            .iter()
            .map(|block| match block["text"].as_str() {
                Some(text) => text.to_owned(),
                None => format!("[{}]", block["type"].as_str().unwrap_or("data")),
            })
            .collect::<Vec<_>>()
            .join("\n"),
        _ => String::new(),
    }
}
