//! The stream of JSON lines and the control protocol of one turn.

mod hooks;
mod requests;

use std::{collections::BTreeMap, path::PathBuf};

use protocol::{
    approval::Decision,
    job::{Failure, FailureClass},
    question::ItemAnswer,
    record::{ToolKind, ToolStatus},
    time::Timestamp,
};
use serde_json::Value;

use super::{
    TITLE,
    errors::{self, Known},
    messages::{self, INITIALIZE, allow, blocks, deny, interrupt, words_of},
    tools, usage,
};
use crate::{
    bounds::{NAME_BYTES_MAX, Names, TOOLS_OPEN_MAX, Waiting},
    driver::{AgentEvent, ApprovalReply, Launch, SessionPlan, TurnEnd},
    failure, reset, text,
    wire::{Closed, Refusal, RequestKey, Step, Wire},
};
use hooks::Looks;
use requests::Request;

/// How the program says that it does not know a session.
const SESSION_GONE: &str = "No conversation found";

/// How far the session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The program was greeted.
    Begun,
    /// It answered, and was given the prompt.
    Ready,
    /// The session was told of.
    Told,
}

/// Our side of one process with one prompt.
pub(super) struct ClaudeWire {
    folder: PathBuf,
    words: String,
    /// Told once the session stands.
    notice: Option<String>,
    stage: Stage,
    waiting: Waiting<Request>,
    looks: Looks,
    open_tools: BTreeMap<String, ToolKind>,
    denied: Names,
    /// Messages whose text came in pieces already.
    streamed: Names,
    /// How to tell the end of a line that the block under way has left open.
    open_line: Option<fn(String) -> AgentEvent>,
    /// The kind of the last error, in the program's own word.
    error: Option<String>,
    /// Why the turn is being broken off by us.
    verdict: Option<Failure>,
    interrupted: bool,
    counter: usage::Counter,
    new_session: bool,
    /// When the quota is there again, as the program said beside its messages.
    resets_at: Option<Timestamp>,
}

impl ClaudeWire {
    pub(super) fn new(launch: &Launch, notice: Option<&str>) -> Self {
        Self {
            folder: launch.folder.clone(),
            words: launch.prompt.clone(),
            notice: notice.map(str::to_owned),
            stage: Stage::Begun,
            waiting: Waiting::default(),
            looks: Looks::default(),
            open_tools: BTreeMap::new(),
            denied: Names::default(),
            streamed: Names::default(),
            open_line: None,
            error: None,
            verdict: None,
            interrupted: false,
            counter: usage::Counter::default(),
            new_session: matches!(launch.session, SessionPlan::New { .. }),
            resets_at: None,
        }
    }

    fn control_response(&mut self, response: &Value) -> Vec<Step> {
        if let Some(steps) = self.looked(response) {
            return steps;
        }
        if self.stage != Stage::Begun || response["request_id"] != INITIALIZE {
            return Vec::new();
        }
        if response["subtype"] != "success" {
            let words = response["error"].as_str().unwrap_or("no reason given");
            return vec![Step::Refuse(Refusal::Failed(failure::of(
                FailureClass::Config,
                format!("{TITLE} did not accept the way it is driven: {words}"),
            )))];
        }
        self.stage = Stage::Ready;
        vec![Step::Ready, messages::prompt(&self.words)]
    }

    fn system(&mut self, message: &Value) -> Vec<Step> {
        match message["subtype"].as_str().unwrap_or_default() {
            "init" if self.stage != Stage::Told => {
                self.stage = Stage::Told;
                let text = |name: &str| message[name].as_str().map(str::to_owned);
                let mut steps = vec![Step::Emit(AgentEvent::Started {
                    version: text("claude_code_version"),
                    session: text("session_id"),
                    model: text("model"),
                })];
                steps.extend(self.notice.take().map(Step::notice));
                steps
            }
            "api_retry" => self.retry(message),
            _ => Vec::new(),
        }
    }

    /// The program tries again by itself. A refused sign-in will not get better by it.
    fn retry(&mut self, message: &Value) -> Vec<Step> {
        let known = Known {
            kind: message["error"].as_str(),
            status: message["error_status"].as_u64(),
            words: "",
            resets_at: self.resets_at,
        };
        let failure = errors::failure_of(known);
        if failure.class != FailureClass::Auth {
            let message = match message["attempt"].as_u64() {
                Some(attempt) => format!("{} (try {attempt} failed)", failure.message),
                None => failure.message,
            };
            return vec![Step::Emit(AgentEvent::Retrying {
                class: failure.class,
                message,
            })];
        }
        if self.verdict.is_some() {
            return Vec::new();
        }
        self.verdict = Some(failure);
        vec![interrupt()]
    }

    /// Counts what a message under way has used.
    fn counted(&mut self, message: &Value) -> Vec<Step> {
        let event = &message["event"];
        let whose = &message["parent_tool_use_id"];
        let usage = match event["type"].as_str().unwrap_or_default() {
            "message_start" => self.counter.message(whose, &event["message"]),
            "message_delta" => self.counter.grown(whose, &event["usage"]),
            _ => None,
        };
        // A message is told of once, when it is over.
        let over = event["type"] == "message_delta";
        let told = usage.filter(|_| over).map(AgentEvent::TurnUsage);
        told.map(Step::Emit).into_iter().collect()
    }

    /// The program says how the account's limits stand.
    fn limits(&mut self, info: &Value) {
        let rejected = info["status"] == "rejected";
        let (now, _) = reset::here_and_now();
        let at = info["resetsAt"].as_i64();
        self.resets_at = at
            .filter(|_| rejected)
            .and_then(|at| reset::at_seconds(at, now));
    }

    fn stream_event(&mut self, message: &Value) -> Vec<Step> {
        // A helper of the agent talks to it, not to us; its tools are told all the same.
        if !message["parent_tool_use_id"].is_null() {
            return Vec::new();
        }
        let event = &message["event"];
        let delta = &event["delta"];
        match event["type"].as_str().unwrap_or_default() {
            "message_start" => {
                if let Some(id) = event["message"]["id"].as_str() {
                    self.streamed.insert(id);
                }
                Vec::new()
            }
            "content_block_delta" => match delta["type"].as_str().unwrap_or_default() {
                "text_delta" => self.piece(&delta["text"], AgentEvent::Text),
                "thinking_delta" => self.piece(&delta["thinking"], AgentEvent::Thinking),
                _ => Vec::new(),
            },
            // Blocks follow each other without a line feed between them.
            "content_block_stop" => self.end_line(),
            _ => Vec::new(),
        }
    }

    fn piece(&mut self, words: &Value, event: fn(String) -> AgentEvent) -> Vec<Step> {
        let words = words.as_str().unwrap_or_default();
        if words.is_empty() {
            return Vec::new();
        }
        self.open_line = (!words.ends_with('\n')).then_some(event);
        vec![Step::Emit(event(words.to_owned()))]
    }

    fn end_line(&mut self) -> Vec<Step> {
        let event = self.open_line.take();
        event
            .map(|event| Step::Emit(event("\n".to_owned())))
            .into_iter()
            .collect()
    }

    fn assistant(&mut self, message: &Value) -> Vec<Step> {
        let answer = &message["message"];
        if let Some(error) = message["error"].as_str() {
            self.error = Some(text::title(error));
        }
        let whose = &message["parent_tool_use_id"];
        // Those that came in pieces are counted by them.
        let usage = self.counter.message(whose, answer);
        let ours = whose.is_null();
        let id = answer["id"].as_str().unwrap_or_default();
        // Made up by the program itself to carry an error, which the result repeats.
        let synthetic = answer["model"] == "<synthetic>";
        let whole = ours && !synthetic && !self.streamed.contains(id);
        let mut steps = Vec::new();
        if !ours || whole {
            steps.extend(usage.map(|usage| Step::Emit(AgentEvent::TurnUsage(usage))));
        }
        for block in blocks(&answer["content"]) {
            match block["type"].as_str().unwrap_or_default() {
                "tool_use" => steps.extend(self.tool_started(block)),
                "text" if whole => {
                    steps.extend(self.piece(&block["text"], AgentEvent::Text));
                    steps.extend(self.end_line());
                }
                "thinking" if whole => {
                    steps.extend(self.piece(&block["thinking"], AgentEvent::Thinking));
                    steps.extend(self.end_line());
                }
                _ => {}
            }
        }
        steps
    }

    fn tool_started(&mut self, block: &Value) -> Option<Step> {
        let id = block["id"].as_str()?;
        let name = block["name"].as_str()?;
        let input = &block["input"];
        let kind = tools::kind_of(name);
        // A question is told as a question.
        if name == tools::ASK || self.open_tools.contains_key(id) {
            return None;
        }
        if id.len() > NAME_BYTES_MAX || self.open_tools.len() == TOOLS_OPEN_MAX {
            return None;
        }
        self.open_tools.insert(id.to_owned(), kind);
        Some(Step::started(
            id,
            kind,
            tools::title_of(name, input),
            tools::detail_of(name, input),
        ))
    }

    fn user(&mut self, message: &Value) -> Vec<Step> {
        blocks(&message["message"]["content"])
            .iter()
            .filter(|block| block["type"] == "tool_result")
            .flat_map(|block| self.tool_ended(block))
            .collect()
    }

    fn tool_ended(&mut self, block: &Value) -> Vec<Step> {
        let id = block["tool_use_id"].as_str().unwrap_or_default();
        let Some(kind) = self.open_tools.remove(id) else {
            return Vec::new();
        };
        let result = words_of(&block["content"]);
        let failed = block["is_error"] == true;
        let status = if self.denied.contains(id) {
            ToolStatus::Declined
        } else if failed && (self.interrupted || self.verdict.is_some()) {
            ToolStatus::Cancelled
        } else if failed {
            ToolStatus::Failed
        } else {
            ToolStatus::Completed
        };
        let mut steps = Vec::new();
        let ran = matches!(status, ToolStatus::Completed | ToolStatus::Failed);
        if kind == ToolKind::Run && ran && !result.is_empty() {
            steps.push(Step::Emit(AgentEvent::ToolOutput {
                tool_call: id.to_owned(),
                text: format!("{}\n", result.trim_end_matches('\n')),
            }));
        }
        let result = (!result.is_empty()).then(|| text::shortened(&result));
        steps.push(Step::ended(id, status, result));
        steps
    }

    /// The result ends the turn. Its subtype says "success" also when it failed.
    fn result(&mut self, result: &Value) -> Vec<Step> {
        let gone = blocks(&result["errors"])
            .iter()
            .filter_map(Value::as_str)
            .any(|error| error.contains(SESSION_GONE));
        if gone && self.stage == Stage::Begun {
            return vec![Step::Refuse(Refusal::SessionGone)];
        }
        let end = self.end_of(result);
        if let (Stage::Begun, TurnEnd::Failed(failure)) = (self.stage, &end) {
            return vec![Step::Refuse(Refusal::Failed(failure.clone()))];
        }
        let mut steps = self.withdraw_all();
        let left = match &end {
            TurnEnd::Completed { .. } => ToolStatus::Completed,
            TurnEnd::Interrupted | TurnEnd::Failed(_) => ToolStatus::Cancelled,
        };
        let open = std::mem::take(&mut self.open_tools);
        steps.extend(open.into_keys().map(|id| Step::ended(&id, left, None)));
        let usage = usage::of_result(result, self.new_session);
        steps.extend(usage.map(|usage| Step::Emit(AgentEvent::TurnUsage(usage))));
        steps.push(Step::End(end));
        steps
    }

    fn end_of(&mut self, result: &Value) -> TurnEnd {
        let words = result["result"].as_str().unwrap_or_default();
        if result["is_error"] != true {
            let summary = text::shortened(words.trim());
            return TurnEnd::Completed {
                summary: (!summary.is_empty()).then_some(summary),
            };
        }
        if let Some(verdict) = self.verdict.take() {
            return TurnEnd::Failed(verdict);
        }
        let reason = result["terminal_reason"].as_str().unwrap_or_default();
        if self.interrupted || reason.starts_with("aborted") {
            return TurnEnd::Interrupted;
        }
        let errors: Vec<&str> = blocks(&result["errors"])
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let told = if words.is_empty() {
            errors.join("; ")
        } else {
            words.to_owned()
        };
        if reason == "max_turns" {
            let message = format!("{TITLE} reached its limit of turns");
            return TurnEnd::Failed(failure::of(FailureClass::Permanent, message));
        }
        TurnEnd::Failed(errors::failure_of(Known {
            kind: self.error.as_deref(),
            status: result["api_error_status"].as_u64(),
            words: &told,
            resets_at: self.resets_at,
        }))
    }
}

impl Wire for ClaudeWire {
    fn begin(&mut self) -> Vec<Step> {
        vec![messages::initialize()]
    }

    fn line(&mut self, line: &str) -> Vec<Step> {
        let Ok(message) = serde_json::from_str::<Value>(line) else {
            return Vec::new();
        };
        match message["type"].as_str().unwrap_or_default() {
            "control_response" => self.control_response(&message["response"]),
            "control_request" => self.control_request(&message),
            "control_cancel_request" => self.withdrawn(&message),
            "system" => self.system(&message),
            "stream_event" => {
                let mut steps = self.stream_event(&message);
                steps.extend(self.counted(&message));
                steps
            }
            "rate_limit_event" => {
                self.limits(&message["rate_limit_info"]);
                Vec::new()
            }
            "assistant" => self.assistant(&message),
            "user" => self.user(&message),
            "result" => self.result(&message),
            // What comes with a newer version changes nothing here.
            _ => Vec::new(),
        }
    }

    fn approved(&mut self, key: &RequestKey, reply: Option<ApprovalReply>) -> Vec<Step> {
        let Some(waiting) = self.waiting.remove(key) else {
            return Vec::new();
        };
        let Some(reply) = reply else {
            self.denied.insert(&waiting.tool_call);
            return vec![deny(key, "Nobody answered, so it is not allowed.")];
        };
        match reply.decision {
            Decision::AllowOnce | Decision::AllowForJob | Decision::AllowAlways => {
                vec![allow(key, &waiting.input)]
            }
            Decision::Deny => {
                self.denied.insert(&waiting.tool_call);
                let note = reply.note.unwrap_or_default();
                let words = if note.trim().is_empty() {
                    "This was not allowed. Go on without it."
                } else {
                    note.trim()
                };
                vec![deny(key, words)]
            }
        }
    }

    fn answered(&mut self, key: &RequestKey, answers: Option<Vec<ItemAnswer>>) -> Vec<Step> {
        let Some(waiting) = self.waiting.remove(key) else {
            return Vec::new();
        };
        match answers {
            Some(answers) => vec![allow(key, &tools::answered(&waiting.input, &answers))],
            None => vec![deny(
                key,
                "Nobody answered. Decide yourself, and say how you decided.",
            )],
        }
    }

    fn interrupt(&mut self) -> Vec<Step> {
        self.interrupted = true;
        // It withdraws by itself what it asks for; nobody has to wait for that.
        let mut steps = self.withdraw_all();
        steps.push(interrupt());
        steps
    }

    fn is_at_work(&self) -> bool {
        !self.open_tools.is_empty()
    }

    fn closed(&mut self, closed: &Closed) -> Failure {
        failure::of_closed(TITLE, closed)
    }

    #[cfg(test)]
    fn held(&self) -> usize {
        let tools: usize = self.open_tools.keys().map(String::len).sum();
        let error = self.error.as_ref().map_or(0, String::len);
        let names = self.denied.bytes() + self.streamed.bytes() + self.counter.bytes();
        self.waiting.bytes() + self.looks.bytes() + tools + error + names
    }
}
