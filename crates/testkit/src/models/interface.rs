//! The interfaces at which models are asked.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use super::{Act, gemini::GeminiAnswer, messages::MessagesAnswer, responses::ResponsesAnswer};

static LAST_ID: AtomicU64 = AtomicU64::new(0);

/// A name that nothing else has.
pub(super) fn id(kind: &str) -> String {
    format!(
        "{kind}_scripted{:08}",
        LAST_ID.fetch_add(1, Ordering::Relaxed)
    )
}

/// An interface of a model's server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interface {
    /// Messages, of Anthropic.
    Messages,
    /// Responses, of `OpenAI`.
    Responses,
    /// Generated content, of Google.
    Gemini,
}

/// An answer that is being put together.
pub(super) trait Answer: Send {
    /// The events before all acts.
    fn opening(&mut self) -> Vec<Value>;
    /// The events of one act.
    fn act(&mut self, act: &Act) -> Vec<Value>;
    /// The events after all acts.
    fn closing(&mut self) -> Vec<Value>;
    /// All of it in one piece, after the last act.
    fn whole(self: Box<Self>) -> Value;
}

impl Interface {
    pub(super) fn begin(self, model: &str) -> Box<dyn Answer> {
        match self {
            Self::Messages => Box::new(MessagesAnswer::new(model)),
            Self::Responses => Box::new(ResponsesAnswer::new(model)),
            Self::Gemini => Box::new(GeminiAnswer::new(model)),
        }
    }

    /// The answer in one piece.
    pub(super) fn whole(self, model: &str, acts: &[Act]) -> Value {
        let mut answer = self.begin(model);
        drop(answer.opening());
        for act in acts {
            drop(answer.act(act));
        }
        answer.whole()
    }

    /// An event on its way.
    pub(super) fn line(self, event: &Value) -> String {
        match (self, event["type"].as_str()) {
            (Self::Messages | Self::Responses, Some(kind)) => {
                format!("event: {kind}\ndata: {event}\n\n")
            }
            _ => format!("data: {event}\n\n"),
        }
    }

    /// An error, as it is told at this interface.
    pub(super) fn error(self, status: u16, kind: Option<&str>, message: &str) -> Value {
        let kind = kind.unwrap_or_else(|| self.kind_of(status));
        match self {
            Self::Messages => json!({"type": "error", "error": {"type": kind, "message": message}}),
            Self::Responses => json!({"error": {
                "message": message,
                "type": kind,
                "code": kind,
                "param": null,
            }}),
            Self::Gemini => json!({"error": {"code": status, "message": message, "status": kind}}),
        }
    }

    fn kind_of(self, status: u16) -> &'static str {
        match (self, status) {
            (Self::Messages, 401) => "authentication_error",
            (Self::Messages, 429) => "rate_limit_error",
            (Self::Messages, 529) => "overloaded_error",
            (Self::Messages, _) => "api_error",
            (Self::Responses, 401) => "invalid_api_key",
            (Self::Responses, 429) => "rate_limit_exceeded",
            (Self::Responses, _) => "server_error",
            (Self::Gemini, 401) => "UNAUTHENTICATED",
            (Self::Gemini, 429) => "RESOURCE_EXHAUSTED",
            (Self::Gemini, _) => "UNAVAILABLE",
        }
    }
}
