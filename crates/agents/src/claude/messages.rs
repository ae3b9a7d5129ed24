//! What Claude Code is sent, and the parts of what it sends.

use serde_json::{Value, json};

use crate::wire::Step;

/// Names the greeting, in its answer.
pub(super) const INITIALIZE: &str = "initialize";
const INTERRUPT: &str = "interrupt";

/// The greeting. No tool is used before a hook of ours was asked.
pub(super) fn initialize() -> Step {
    request(
        INITIALIZE,
        &json!({
            "subtype": "initialize",
            "hooks": {"PreToolUse": [{"hookCallbackIds": ["before_a_tool"]}]},
        }),
    )
}

/// A question about the program itself.
pub(super) fn look(name: &str, kind: &str) -> Step {
    request(name, &json!({"subtype": kind}))
}

fn request(name: &str, request: &Value) -> Step {
    Step::Send(json!({"type": "control_request", "request_id": name, "request": request}))
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
    request(INTERRUPT, &json!({"subtype": "interrupt"}))
}

pub(super) fn allow(key: &str, input: &Value) -> Step {
    respond(key, &json!({"behavior": "allow", "updatedInput": input}))
}

pub(super) fn deny(key: &str, words: &str) -> Step {
    respond(key, &json!({"behavior": "deny", "message": words}))
}

/// The program goes by what it holds for harmless itself.
pub(super) fn pass(key: &str) -> Step {
    respond(key, &json!({}))
}

/// The program has to ask before it uses the tool, whatever its settings say.
pub(super) fn ask_first(key: &str) -> Step {
    let decision = json!({
        "hookEventName": "PreToolUse",
        "permissionDecision": "ask",
        "permissionDecisionReason": "The owner of this machine decides.",
    });
    respond(key, &json!({"hookSpecificOutput": decision}))
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
