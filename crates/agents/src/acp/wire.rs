//! The protocol of a turn, seen from the client.

use std::{path::PathBuf, time::Duration};

use protocol::{
    approval::Decision,
    job::{Failure, FailureClass},
    question::ItemAnswer,
    record::{PlanItem, PlanStatus, ToolStatus, Usage},
    runner::PermissionLevel,
};
use serde_json::{Value, json};

use super::{
    content::text_of_block,
    ending, errors, form,
    handshake::REPLAY_QUIET,
    requests::{Request, respond},
    tools::Tools,
};
use crate::{
    bounds::{Waiting, count},
    denial::Notes,
    driver::{AgentEvent, ApprovalReply, Launch, SessionPlan, TurnEnd},
    failure, text,
    wire::{Closed, RequestKey, Step, Wire},
};

/// Which answer is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Initializing,
    Opening,
    Resuming,
    Loading,
    SettingMode,
    SettingModel,
    Settling,
    Prompting,
    /// The turn ended in a question, which waits for its answer.
    Asking,
    Over,
}

/// What was told last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    /// A text that ended with its line.
    WholeLine,
    /// A text that ended within a line.
    OpenLine,
    /// Something else; a text that follows is a new one.
    Other,
}

/// What is special about one agent.
#[derive(Debug, Clone, Default)]
pub(super) struct Habits {
    /// The mode that the owner chose.
    pub(super) mode: Option<String>,
    /// The mode in which it only reads, where that has a name of its own.
    pub(super) reading_mode: Option<String>,
    /// Whether it cannot ask but by ending its turn.
    pub(super) ends_with_questions: bool,
}

/// The client's side of one session with one prompt.
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts about a session that do not depend on each other"
)]
pub(super) struct AcpWire {
    pub(super) title: String,
    pub(super) folder: PathBuf,
    pub(super) habits: Habits,
    pub(super) level: PermissionLevel,
    /// The session that is to be taken up again.
    pub(super) earlier: Option<String>,
    pub(super) can_load: bool,
    /// Whether the agent tells the earlier session again.
    pub(super) replays: bool,
    pub(super) model: Option<String>,
    pub(super) words: String,
    pub(super) stage: Stage,
    pub(super) session: Option<String>,
    pub(super) version: Option<String>,
    pub(super) mode: Option<String>,
    pub(super) sign_ins: Vec<String>,
    /// The answer to the session's beginning: modes, models, options.
    pub(super) offer: Value,
    /// Told before the first prompt, once somebody listens.
    pub(super) before: Vec<Step>,
    last_call: i64,
    pub(super) waiting: Waiting<Request>,
    pub(super) tools: Tools,
    usage: Usage,
    /// The message that is being written, for the summary.
    pub(super) message: String,
    message_id: Option<String>,
    last: Last,
    pub(super) interrupted: bool,
    denied: bool,
    /// What people said with their denials, which the protocol has no room for.
    notes: Notes,
    pub(super) questions: u32,
}

impl AcpWire {
    pub(super) fn new(title: &str, launch: &Launch, habits: Habits) -> Self {
        Self {
            title: title.to_owned(),
            folder: launch.folder.clone(),
            habits,
            level: launch.level,
            earlier: match &launch.session {
                SessionPlan::Resume { session, .. } => Some(session.clone()),
                SessionPlan::New { .. } => None,
            },
            can_load: false,
            replays: false,
            model: launch.model.clone(),
            words: launch.prompt.clone(),
            stage: Stage::Initializing,
            session: None,
            version: None,
            mode: None,
            sign_ins: Vec::new(),
            offer: Value::Null,
            before: Vec::new(),
            last_call: 0,
            waiting: Waiting::default(),
            tools: Tools::default(),
            usage: Usage::default(),
            message: String::new(),
            message_id: None,
            last: Last::Other,
            interrupted: false,
            denied: false,
            notes: Notes::default(),
            questions: 0,
        }
    }

    pub(super) fn call(&mut self, stage: Stage, method: &str, parameters: &Value) -> Step {
        self.stage = stage;
        self.last_call += 1;
        Step::Send(json!({
            "jsonrpc": "2.0",
            "id": self.last_call,
            "method": method,
            "params": parameters,
        }))
    }

    fn response(&mut self, message: &Value) -> Vec<Step> {
        if message["id"] != self.last_call {
            return Vec::new();
        }
        let answer = match message.get("error") {
            Some(error) if !error.is_null() => Err(error),
            _ => Ok(&message["result"]),
        };
        if self.stage == Stage::Prompting {
            return self.prompted(answer);
        }
        self.shaken(self.stage, answer)
    }

    /// The answer to the prompt ends the turn.
    fn prompted(&mut self, answer: Result<&Value, &Value>) -> Vec<Step> {
        self.stage = Stage::Over;
        let mut steps = self.withdraw_all();
        let end = match answer {
            Ok(result) => {
                steps.extend(self.count(result));
                self.stopped(result["stopReason"].as_str().unwrap_or_default())
            }
            Err(_) if self.interrupted => TurnEnd::Interrupted,
            Err(error) => TurnEnd::Failed(errors::of(&self.title, error)),
        };
        let left = match end {
            TurnEnd::Completed { .. } => ToolStatus::Completed,
            TurnEnd::Interrupted | TurnEnd::Failed(_) => ToolStatus::Cancelled,
        };
        steps.extend(self.tools.end_all(left));
        if let Some(words) = self.unsaid(&end) {
            steps.push(self.say(&words));
            return steps;
        }
        let key = "ending".to_owned();
        match self.asked_by_ending(&end) {
            // Nothing else waits now, so there is room for it.
            Some(item) if self.waiting.add(&key, Request::Ending, 0).is_ok() => {
                self.stage = Stage::Asking;
                steps.push(Step::Ask {
                    key,
                    items: vec![item],
                });
            }
            Some(_) | None => steps.push(Step::End(end)),
        }
        steps
    }

    /// What people said with their denials, to be said before the work counts as done.
    fn unsaid(&mut self, end: &TurnEnd) -> Option<String> {
        let gave_up = self.denied && matches!(end, TurnEnd::Failed(_));
        let hears = gave_up || matches!(end, TurnEnd::Completed { .. });
        if self.interrupted || !hears {
            return None;
        }
        let words = self.notes.take()?;
        self.denied = false;
        self.message.clear();
        Some(words)
    }

    fn stopped(&mut self, reason: &str) -> TurnEnd {
        let title = &self.title;
        let failed =
            |message: String| TurnEnd::Failed(failure::of(FailureClass::Permanent, message));
        match reason {
            "end_turn" => {
                let summary = text::shortened(self.message.trim());
                TurnEnd::Completed {
                    summary: (!summary.is_empty()).then_some(summary),
                }
            }
            "cancelled" if self.interrupted => TurnEnd::Interrupted,
            "cancelled" if self.denied => failed(format!("{title} gave up after a denial")),
            "refusal" => failed(format!("{title} refused to do this")),
            "max_tokens" => failed(format!("{title} reached the longest answer of its model")),
            "max_turn_requests" => failed(format!("{title} reached its limit of steps")),
            other => TurnEnd::Failed(failure::transient(format!(
                "{title} stopped without being done ({other})"
            ))),
        }
    }

    fn count(&mut self, result: &Value) -> Vec<Step> {
        let told = &result["usage"];
        let counted = if told.is_object() {
            (
                &told["inputTokens"],
                &told["cachedReadTokens"],
                &told["outputTokens"],
            )
        } else {
            let counts = &result["_meta"]["quota"]["token_count"];
            (
                &counts["input_tokens"],
                &Value::Null,
                &counts["output_tokens"],
            )
        };
        // Each prompt is counted by itself.
        let usage = &mut self.usage;
        for (total, told) in [
            (&mut usage.input_tokens, counted.0),
            (&mut usage.cached_tokens, counted.1),
            (&mut usage.output_tokens, counted.2),
        ] {
            *total = total.saturating_add(count(told));
        }
        if [usage.input_tokens, usage.cached_tokens, usage.output_tokens] == [0; 3] {
            return Vec::new();
        }
        vec![Step::Emit(AgentEvent::TurnUsage(self.usage.clone()))]
    }

    fn update(&mut self, update: &Value) -> Vec<Step> {
        match update["sessionUpdate"].as_str().unwrap_or_default() {
            "agent_message_chunk" => self.said(update),
            "agent_thought_chunk" => {
                self.last = Last::Other;
                let thought = text_of_block(&update["content"]);
                vec![Step::Emit(AgentEvent::Thinking(thought))]
            }
            "tool_call" | "tool_call_update" => {
                self.last = Last::Other;
                self.tools.update(update)
            }
            "plan" => plan(&update["entries"]),
            "usage_update" => {
                // It is that of the whole session, also of what other processes did in it.
                let earlier =
                    self.is_taken_up() || (self.session.is_none() && self.earlier.is_some());
                if update["cost"]["currency"] == "USD" && !earlier {
                    self.usage.cost_usd = update["cost"]["amount"].as_f64();
                }
                Vec::new()
            }
            // What comes with a newer version of the protocol changes nothing here.
            _ => Vec::new(),
        }
    }

    /// Whether the session is one that another process began.
    pub(super) fn is_taken_up(&self) -> bool {
        self.earlier.is_some() && self.session == self.earlier
    }

    /// Something else than words happened: a text that follows is a new one.
    pub(super) const fn words_end(&mut self) {
        self.last = Last::Other;
    }

    fn said(&mut self, update: &Value) -> Vec<Step> {
        let id = update["messageId"].as_str().map(str::to_owned);
        let mut words = text_of_block(&update["content"]);
        let is_new = id.is_some() && id != self.message_id;
        if is_new || self.last == Last::Other {
            self.message.clear();
        }
        if is_new && self.last == Last::OpenLine {
            words.insert(0, '\n');
        }
        self.last = if words.ends_with('\n') {
            Last::WholeLine
        } else {
            Last::OpenLine
        };
        self.message_id = id;
        self.message.push_str(&words);
        if self.message.len() > text::PIECE_BYTES_MAX {
            // Only its end is of use as a summary.
            let tail = text::pieces(std::mem::take(&mut self.message)).last();
            self.message = tail.unwrap_or_default();
        }
        vec![Step::Emit(AgentEvent::Text(words))]
    }
}

impl Wire for AcpWire {
    fn begin(&mut self) -> Vec<Step> {
        self.initialize()
    }

    fn line(&mut self, line: &str) -> Vec<Step> {
        let Ok(message) = serde_json::from_str::<Value>(line) else {
            return Vec::new();
        };
        let Some(method) = message["method"].as_str() else {
            return self.response(&message);
        };
        let parameters = &message["params"];
        if let Some(id) = message.get("id").filter(|id| !id.is_null()) {
            return self.request(id, method, parameters);
        }
        // Before the prompt only an earlier session is told again.
        let in_turn = self.stage == Stage::Prompting;
        let ours = parameters["sessionId"].as_str() == self.session.as_deref();
        if method == "session/update" && in_turn && ours {
            return self.update(&parameters["update"]);
        }
        Vec::new()
    }

    fn approved(&mut self, key: &RequestKey, reply: Option<ApprovalReply>) -> Vec<Step> {
        let Some(Request::Permission {
            id,
            options,
            tool_call,
        }) = self.waiting.remove(key)
        else {
            return Vec::new();
        };
        let reply = reply.unwrap_or(ApprovalReply {
            decision: Decision::Deny,
            note: Some("nobody answered".to_owned()),
            by_person: false,
        });
        let mut steps = vec![respond(&id, &options.outcome(reply.decision))];
        if !reply.decision.allows() {
            self.denied = true;
            self.notes.add(&reply);
            if let Some(tool_call) = tool_call {
                steps.extend(self.tools.decline(&tool_call, reply.note));
            }
        }
        steps
    }

    fn answered(&mut self, key: &RequestKey, answers: Option<Vec<ItemAnswer>>) -> Vec<Step> {
        match self.waiting.remove(key) {
            Some(Request::Question { id, form }) => {
                let answer = answers.map_or_else(form::declined, |answers| form.fill(&answers));
                vec![respond(&id, &answer)]
            }
            Some(Request::Ending) => {
                if answers.is_none() {
                    // Asking again would only be met with silence again.
                    self.questions = ending::QUESTIONS_MAX;
                }
                self.message.clear();
                let words = ending::prompt(answers.as_deref());
                vec![self.say(&words)]
            }
            Some(Request::Permission { .. }) | None => Vec::new(),
        }
    }

    fn interrupt(&mut self) -> Vec<Step> {
        self.interrupted = true;
        if self.stage == Stage::Asking {
            // Nothing is under way that could be cancelled.
            self.stage = Stage::Over;
            let mut steps = self.withdraw_all();
            steps.push(Step::End(TurnEnd::Interrupted));
            return steps;
        }
        let mut steps = vec![Step::Send(json!({
            "jsonrpc": "2.0",
            "method": "session/cancel",
            "params": {"sessionId": self.session},
        }))];
        steps.extend(self.withdraw_all());
        steps
    }

    fn is_at_work(&self) -> bool {
        self.tools.any_open()
    }

    fn wants_quiet(&self) -> Option<Duration> {
        (self.stage == Stage::Settling).then_some(REPLAY_QUIET)
    }

    fn quiet(&mut self) -> Vec<Step> {
        self.prompt()
    }

    fn closed(&mut self, closed: &Closed) -> Failure {
        failure::of_closed(&self.title, closed)
    }

    #[cfg(test)]
    fn held(&self) -> usize {
        self.waiting.bytes() + self.tools.bytes() + self.message.len() + self.notes.bytes()
    }
}

fn plan(entries: &Value) -> Vec<Step> {
    let Some(entries) = entries.as_array() else {
        return Vec::new();
    };
    let items = entries
        .iter()
        .map(|entry| PlanItem {
            text: entry["content"].as_str().unwrap_or_default().to_owned(),
            status: match entry["status"].as_str() {
                Some("completed") => PlanStatus::Completed,
                Some("in_progress") => PlanStatus::InProgress,
                _ => PlanStatus::Pending,
            },
        })
        .collect();
    vec![Step::Emit(AgentEvent::Plan(items))]
}
