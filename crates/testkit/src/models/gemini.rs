//! Answers in the form of Google's interface.

use serde_json::{Value, json};

use super::{
    Act,
    interface::{Answer, id},
    stream::pieces,
};

/// An answer that is being put together.
pub(super) struct GeminiAnswer {
    id: String,
    model: String,
    parts: Vec<Value>,
}

impl GeminiAnswer {
    pub(super) fn new(model: &str) -> Self {
        Self {
            id: id("answer"),
            model: model.to_owned(),
            parts: Vec::new(),
        }
    }

    fn chunk(&self, parts: &Value, finish: Option<&str>) -> Value {
        let mut candidate = json!({"index": 0, "content": {"role": "model", "parts": parts}});
        if let Some(finish) = finish {
            candidate["finishReason"] = Value::from(finish);
        }
        json!({
            "candidates": [candidate],
            "modelVersion": self.model,
            "responseId": self.id,
            "usageMetadata": {
                "promptTokenCount": 100,
                "candidatesTokenCount": 10,
                "totalTokenCount": 110,
            },
        })
    }
}

impl Answer for GeminiAnswer {
    fn opening(&mut self) -> Vec<Value> {
        Vec::new()
    }

    fn act(&mut self, act: &Act) -> Vec<Value> {
        let parts: Vec<Value> = match act {
            Act::Say(text) => pieces(text)
                .into_iter()
                .map(|piece| json!({"text": piece}))
                .collect(),
            Act::Think(text) => pieces(text)
                .into_iter()
                .map(|piece| json!({"text": piece, "thought": true}))
                .collect(),
            Act::Call { tool, input } => vec![json!({
                "functionCall": {"name": tool, "args": input},
                "thoughtSignature": "c2ln",
            })],
            Act::CallWithText { .. }
            | Act::WaitFor(_)
            | Act::Hang
            | Act::Cut
            | Act::Refuse { .. } => Vec::new(),
        };
        self.parts.extend(parts.iter().cloned());
        parts
            .into_iter()
            .map(|part| self.chunk(&json!([part]), None))
            .collect()
    }

    fn closing(&mut self) -> Vec<Value> {
        vec![self.chunk(&json!([{"text": ""}]), Some("STOP"))]
    }

    fn whole(self: Box<Self>) -> Value {
        let parts = if self.parts.is_empty() {
            json!([{"text": ""}])
        } else {
            Value::from(self.parts.clone())
        };
        self.chunk(&parts, Some("STOP"))
    }
}
