//! Answers in the form of the Messages interface.

use serde_json::{Value, json};

use super::{
    Act,
    interface::{Answer, id},
    stream::pieces,
};

/// An answer that is being put together.
pub(super) struct MessagesAnswer {
    id: String,
    model: String,
    content: Vec<Value>,
    calls: bool,
}

impl MessagesAnswer {
    pub(super) fn new(model: &str) -> Self {
        Self {
            id: id("msg"),
            model: model.to_owned(),
            content: Vec::new(),
            calls: false,
        }
    }

    fn message(&self, content: &Value, stop_reason: Option<&str>, output: usize) -> Value {
        json!({
            "id": self.id,
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": content,
            "stop_reason": stop_reason,
            "stop_sequence": null,
            "usage": {
                "input_tokens": 100,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 0,
                "output_tokens": output,
            },
        })
    }

    fn stop_reason(&self) -> &'static str {
        if self.calls { "tool_use" } else { "end_turn" }
    }
}

impl Answer for MessagesAnswer {
    fn opening(&mut self) -> Vec<Value> {
        let message = self.message(&json!([]), None, 1);
        vec![json!({"type": "message_start", "message": message})]
    }

    fn act(&mut self, act: &Act) -> Vec<Value> {
        let index = self.content.len();
        let Some((whole, start, deltas)) = block(act) else {
            return Vec::new();
        };
        self.calls |= whole["type"] == "tool_use";
        self.content.push(whole);
        let mut events =
            vec![json!({"type": "content_block_start", "index": index, "content_block": start})];
        events.extend(
            deltas.into_iter().map(
                |delta| json!({"type": "content_block_delta", "index": index, "delta": delta}),
            ),
        );
        events.push(json!({"type": "content_block_stop", "index": index}));
        events
    }

    fn closing(&mut self) -> Vec<Value> {
        vec![
            json!({
                "type": "message_delta",
                "delta": {"stop_reason": self.stop_reason(), "stop_sequence": null},
                "usage": {"output_tokens": 10},
            }),
            json!({"type": "message_stop"}),
        ]
    }

    fn whole(self: Box<Self>) -> Value {
        self.message(
            &Value::from(self.content.clone()),
            Some(self.stop_reason()),
            10,
        )
    }
}

/// A block as a whole, as it begins, and what is added to it.
fn block(act: &Act) -> Option<(Value, Value, Vec<Value>)> {
    match act {
        Act::Say(text) => Some((
            json!({"type": "text", "text": text}),
            json!({"type": "text", "text": ""}),
            pieces(text)
                .into_iter()
                .map(|piece| json!({"type": "text_delta", "text": piece}))
                .collect(),
        )),
        Act::Think(text) => {
            let mut deltas: Vec<Value> = pieces(text)
                .into_iter()
                .map(|piece| json!({"type": "thinking_delta", "thinking": piece}))
                .collect();
            deltas.push(json!({"type": "signature_delta", "signature": "c2ln"}));
            Some((
                json!({"type": "thinking", "thinking": text, "signature": "c2ln"}),
                json!({"type": "thinking", "thinking": "", "signature": ""}),
                deltas,
            ))
        }
        Act::Call { tool, input } => {
            let id = id("toolu");
            Some((
                json!({"type": "tool_use", "id": id, "name": tool, "input": input}),
                json!({"type": "tool_use", "id": id, "name": tool, "input": {}}),
                vec![json!({"type": "input_json_delta", "partial_json": input.to_string()})],
            ))
        }
        Act::CallWithText { .. } | Act::WaitFor(_) | Act::Hang | Act::Cut | Act::Refuse { .. } => {
            None
        }
    }
}
