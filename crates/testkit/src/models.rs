//! A scripted model server on loopback, with which real agents work offline and do
//! the same every time. It answers at the interfaces of Anthropic (Messages), `OpenAI`
//! (Responses) and Google (Gemini).
//!
//! What it answers is decided by rules, in their order: the first one that fits a
//! request and is not used up. Requests that offer no tools (titles, summaries)
//! are answered with a plain text, and use up no rule.

mod gemini;
mod interface;
mod messages;
mod request;
mod responses;
mod stream;

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Notify, task::JoinSet};

pub use interface::Interface;
pub use request::{Request, Speaker};

/// What the model does next.
#[derive(Debug, Clone)]
pub enum Act {
    /// Says a text.
    Say(String),
    /// Thinks a text.
    Think(String),
    /// Calls a tool.
    Call {
        /// Its name, as the agent calls it.
        tool: String,
        /// Its input.
        input: Value,
    },
    /// Calls a tool whose input is plain text; only at the Responses interface.
    CallWithText {
        /// Its name, as the agent calls it.
        tool: String,
        /// Its input.
        input: String,
    },
    /// Goes on once it is told to.
    WaitFor(Arc<Notify>),
    /// Says nothing more, and does not end.
    Hang,
    /// The connection is cut.
    Cut,
    /// Answers with an error instead; only as the first act.
    Refuse {
        /// The status.
        status: u16,
        /// The kind of error; what the interface calls it where none is given.
        kind: Option<String>,
        /// In words.
        message: String,
    },
}

impl Act {
    /// Says `text`.
    pub fn say(text: impl Into<String>) -> Self {
        Self::Say(text.into())
    }

    /// Calls `tool` with `input`.
    pub fn call(tool: impl Into<String>, input: Value) -> Self {
        Self::Call {
            tool: tool.into(),
            input,
        }
    }

    /// Calls `tool` with plain text.
    pub fn call_with_text(tool: impl Into<String>, input: impl Into<String>) -> Self {
        Self::CallWithText {
            tool: tool.into(),
            input: input.into(),
        }
    }

    /// Answers with an error.
    pub fn refuse(status: u16, kind: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Refuse {
            status,
            kind: Some(kind.into()),
            message: message.into(),
        }
    }

    /// Answers with an error of that status, as the interface words it.
    pub fn refuse_as(status: u16) -> Self {
        Self::Refuse {
            status,
            kind: None,
            message: format!("The script refuses with {status}."),
        }
    }
}

/// When something is answered, and what.
#[derive(Debug, Clone)]
pub struct Rule {
    speaker: Speaker,
    words: Option<String>,
    acts: Vec<Act>,
    left: Option<usize>,
}

impl Rule {
    /// Answers once when the person spoke last, and said `words` among others.
    pub fn when_asked(words: impl Into<String>, acts: Vec<Act>) -> Self {
        Self {
            speaker: Speaker::Person,
            words: Some(words.into()),
            acts,
            left: Some(1),
        }
    }

    /// Answers once when a tool's result came last.
    pub fn after_tool(acts: Vec<Act>) -> Self {
        Self {
            speaker: Speaker::Tool,
            words: None,
            acts,
            left: Some(1),
        }
    }

    /// Fits only when `words` are among what was said last.
    #[must_use]
    pub fn saying(mut self, words: impl Into<String>) -> Self {
        self.words = Some(words.into());
        self
    }

    /// Answers as often as it fits.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.left = None;
        self
    }

    fn fits(&self, request: &Request) -> bool {
        self.left != Some(0)
            && self.speaker == request.speaker
            && self
                .words
                .as_ref()
                .is_none_or(|words| request.words.contains(words))
    }
}

/// A running server; it ends when it is dropped.
pub struct Models {
    address: SocketAddr,
    script: Arc<Mutex<Script>>,
    _serving: JoinSet<()>,
}

#[derive(Default)]
struct Script {
    rules: Vec<Rule>,
    requests: Vec<Request>,
}

impl Models {
    /// Starts with `rules`, on a free port of loopback.
    pub async fn start(rules: Vec<Rule>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let script = Arc::new(Mutex::new(Script {
            rules,
            requests: Vec::new(),
        }));
        let routes = Router::new()
            .route("/v1/messages", post(messages))
            .route("/v1/messages/count_tokens", post(count_tokens))
            .route("/v1/responses", post(responses))
            .route("/v1/models", get(models))
            .route("/v1beta/models/{call}", post(gemini))
            .route("/", get(|| async { StatusCode::OK }))
            .with_state(Arc::clone(&script));
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            // It only ends with the listener, which lives as long as this task.
            drop(axum::serve(listener, routes).await);
        });
        Ok(Self {
            address,
            script,
            _serving: serving,
        })
    }

    /// Its address, for `ANTHROPIC_BASE_URL` and the like.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The environment that makes Claude Code use it, with its settings in `home`.
    pub fn claude_environment(&self, home: &std::path::Path) -> Vec<(String, String)> {
        let home = home.display().to_string();
        [
            ("ANTHROPIC_BASE_URL", self.url()),
            ("ANTHROPIC_API_KEY", "dummy".to_owned()),
            ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1".to_owned()),
            ("DISABLE_AUTOUPDATER", "1".to_owned()),
            ("CLAUDE_CONFIG_DIR", home.clone()),
            ("HOME", home),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }

    /// Goes by `rules` from now on.
    pub fn play(&self, rules: Vec<Rule>) {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        script.rules = rules;
    }

    /// All requests so far that used a rule or found none.
    pub fn requests(&self) -> Vec<Request> {
        let script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        script.requests.clone()
    }
}

type SharedScript = State<Arc<Mutex<Script>>>;

async fn messages(script: SharedScript, Json(body): Json<Value>) -> Response {
    let model = body["model"].as_str().unwrap_or("scripted").to_owned();
    answer(&script, Interface::Messages, &model, &body)
}

async fn responses(script: SharedScript, Json(body): Json<Value>) -> Response {
    let model = body["model"].as_str().unwrap_or("scripted").to_owned();
    answer(&script, Interface::Responses, &model, &body)
}

async fn gemini(
    script: SharedScript,
    Path(call): Path<String>,
    Json(mut body): Json<Value>,
) -> Response {
    let (model, verb) = call.split_once(':').unwrap_or((&call, ""));
    if verb == "countTokens" {
        return Json(json!({"totalTokens": 100})).into_response();
    }
    body["stream"] = Value::from(verb == "streamGenerateContent");
    answer(&script, Interface::Gemini, model, &body)
}

/// Answers as the next rule says.
fn answer(script: &SharedScript, interface: Interface, model: &str, body: &Value) -> Response {
    let request = Request::read(interface, body);
    let acts = if request.is_aside {
        vec![Act::say("A title")]
    } else {
        let mut script = script.lock().unwrap_or_else(PoisonError::into_inner);
        script.requests.push(request.clone());
        next_acts(&mut script.rules, &request)
    };
    if let Some(Act::Refuse {
        status,
        kind,
        message,
    }) = acts.first()
    {
        let error = interface.error(*status, kind.as_deref(), message);
        let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        return (status, Json(error)).into_response();
    }
    if body["stream"] != true {
        return Json(interface.whole(model, &acts)).into_response();
    }
    let events = stream::of(interface, model, acts);
    let kind = [(header::CONTENT_TYPE, "text/event-stream")];
    (kind, Body::from_stream(events)).into_response()
}

fn next_acts(rules: &mut [Rule], request: &Request) -> Vec<Act> {
    match rules.iter_mut().find(|rule| rule.fits(request)) {
        Some(rule) => {
            rule.left = rule.left.map(|left| left - 1);
            rule.acts.clone()
        }
        None => vec![Act::say("(no rule is left for this request)")],
    }
}

async fn count_tokens(body: Bytes) -> Json<Value> {
    Json(json!({"input_tokens": body.len() / 4 + 1}))
}

async fn models() -> Json<Value> {
    Json(
        json!({"object": "list", "has_more": false, "models": [], "data": [{
            "id": "scripted",
            "object": "model",
            "type": "model",
            "display_name": "Scripted",
            "created": 0,
            "created_at": "2025-01-01T00:00:00Z",
            "owned_by": "script",
        }]}),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(words: &str) -> Request {
        Request::read(
            Interface::Messages,
            &json!({
                "tools": [{"name": "Write"}],
                "messages": [{"role": "user", "content": words}],
            }),
        )
    }

    #[test]
    fn the_first_rule_that_fits_and_is_not_used_up_answers() {
        let mut rules = vec![
            Rule::when_asked("write", vec![Act::say("once")]),
            Rule::when_asked("write", vec![Act::say("always")]).always(),
            Rule::after_tool(vec![Act::say("after")]),
        ];
        let mut said = |request: &Request| match next_acts(&mut rules, request).remove(0) {
            Act::Say(text) => text,
            other => panic!("{other:?}"),
        };
        assert_eq!(said(&asked("please write")), "once");
        assert_eq!(said(&asked("please write")), "always");
        assert_eq!(said(&asked("please write")), "always");
        let tool = Request::read(
            Interface::Messages,
            &json!({
                "tools": [{"name": "Write"}],
                "messages": [{"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": "t", "content": "ok"},
                ]}],
            }),
        );
        assert_eq!(said(&tool), "after");
        assert_eq!(said(&tool), "(no rule is left for this request)");
    }

    #[test]
    fn a_request_without_tools_is_an_aside() {
        assert!(Request::read(Interface::Messages, &json!({"messages": []})).is_aside);
        assert!(!asked("x").is_aside);
    }
}
