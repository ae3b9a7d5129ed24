//! Requests, answers and notifications of one turn.

mod handshake;
mod steer;

use std::path::PathBuf;

use protocol::{
    approval::Decision,
    job::Failure,
    question::ItemAnswer,
    record::{PlanItem, PlanStatus, ToolStatus},
};
use serde_json::{Value, json};

use super::{
    command, errors,
    errors::Tries,
    messages::{
        ConfigWarning, Delta, ErrorEvent, Item, ItemEvent, PlanEvent, Resolved, TurnEvent,
        UsageEvent, Warning, read,
    },
    requests::{self, Asked, Form},
    tools::Tools,
    usage,
};
use steer::Steers;

use crate::{
    bounds::{Names, Waiting, weight},
    driver::{AgentEvent, ApprovalReply, Launch, TurnEnd},
    failure, text,
    wire::{Closed, RequestKey, Step, Wire},
};

/// How far the turn is; the answer to the last call is waited for in all but one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The program was greeted.
    Greeting,
    /// The thread is being opened.
    Opening,
    /// The turn is being begun.
    Beginning,
    /// It works.
    Working,
    /// The turn was broken off, and its commands are being ended.
    Cleaning,
    /// It is over.
    Over,
}

/// A request that waits for an answer.
#[derive(Debug)]
struct Request {
    id: Value,
    form: Form,
}

/// Our side of one process with one turn.
pub(super) struct CodexWire {
    folder: PathBuf,
    words: String,
    /// Opens the thread.
    open: (&'static str, Value),
    resumes: bool,
    /// Told once the session stands.
    notices: Vec<String>,
    stage: Stage,
    last_call: i64,
    version: Option<String>,
    thread: Option<String>,
    turn: Option<String>,
    waiting: Waiting<Request>,
    tools: Tools,
    /// Items whose text came in pieces already.
    streamed: Names,
    /// The last message, for the summary.
    message: String,
    tries: Tries,
    /// Why the turn is being broken off by us.
    verdict: Option<Failure>,
    interrupted: bool,
    /// Words that came with denials, until it has taken them.
    steers: Steers,
    /// How the turn ended, while its commands are being ended.
    end: Option<TurnEnd>,
}

impl CodexWire {
    pub(super) fn new(launch: &Launch, notices: Vec<String>) -> Self {
        let open = command::open(launch);
        Self {
            folder: launch.folder.clone(),
            words: launch.prompt.clone(),
            resumes: open.0 == "thread/resume",
            open,
            notices,
            stage: Stage::Greeting,
            last_call: 0,
            version: None,
            thread: None,
            turn: None,
            waiting: Waiting::default(),
            tools: Tools::default(),
            streamed: Names::default(),
            message: String::new(),
            tries: Tries::default(),
            verdict: None,
            interrupted: false,
            steers: Steers::default(),
            end: None,
        }
    }

    /// A call whose answer is waited for.
    fn call(&mut self, stage: Stage, method: &str, parameters: &Value) -> Step {
        self.stage = stage;
        self.aside(method, parameters)
    }

    /// A call whose answer changes nothing, unless its stage was set before.
    fn aside(&mut self, method: &str, parameters: &Value) -> Step {
        self.last_call += 1;
        Step::Send(json!({"id": self.last_call, "method": method, "params": parameters}))
    }

    fn is_breaking(&self) -> bool {
        self.interrupted || self.verdict.is_some()
    }

    /// Breaks the turn off, as soon as it is known by name.
    fn stop_turn(&mut self) -> Vec<Step> {
        let (Some(thread), Some(turn)) = (&self.thread, &self.turn) else {
            return Vec::new();
        };
        let parameters = json!({"threadId": thread, "turnId": turn});
        vec![self.aside("turn/interrupt", &parameters)]
    }

    fn notified(&mut self, method: &str, parameters: &Value) -> Vec<Step> {
        // An agent within the agent talks to it, not to us; its tools are told all the same.
        let thread = parameters["threadId"].as_str();
        let ours = thread.is_none() || thread == self.thread.as_deref();
        match method {
            "item/agentMessage/delta" if ours => self.piece(parameters, AgentEvent::Text),
            "item/reasoning/summaryTextDelta" | "item/reasoning/textDelta" if ours => {
                self.piece(parameters, AgentEvent::Thinking)
            }
            "item/commandExecution/outputDelta" => {
                let delta: Delta = read(parameters);
                let step = self.tools.printed(&delta.item_id, delta.delta);
                step.into_iter().collect()
            }
            "item/started" => {
                self.tries.forget();
                let event: ItemEvent = read(parameters);
                self.tools.started(event.item).into_iter().collect()
            }
            "item/completed" => self.completed(&read::<ItemEvent>(parameters).item, ours),
            "serverRequest/resolved" => self.resolved(&read(parameters)),
            "thread/tokenUsage/updated" if ours && self.stage != Stage::Opening => {
                let used: UsageEvent = read(parameters);
                let usage = usage::of_total(&used.token_usage.total);
                let step = usage.map(|usage| Step::Emit(AgentEvent::Usage(usage)));
                step.into_iter().collect()
            }
            "turn/plan/updated" if ours => plan(&read(parameters)),
            "turn/started" if ours => self.begun(read::<TurnEvent>(parameters).turn.id),
            "turn/completed" if ours => self.turn_ended(&read(parameters)),
            "error" if ours => self.erred(&read(parameters)),
            "warning" => self.noticed(read::<Warning>(parameters).message),
            "configWarning" => {
                let warning: ConfigWarning = read(parameters);
                let details = warning.details.unwrap_or_default();
                self.noticed(format!("{} {details}", warning.summary))
            }
            // What comes with a newer version changes nothing here.
            _ => Vec::new(),
        }
    }

    fn noticed(&self, words: String) -> Vec<Step> {
        // Nobody listens before the turn has begun; what matters then is told as a refusal.
        let listens = matches!(self.stage, Stage::Beginning | Stage::Working);
        let tell = listens && !words.trim().is_empty();
        tell.then(|| Step::notice(words)).into_iter().collect()
    }

    fn piece(&mut self, parameters: &Value, event: fn(String) -> AgentEvent) -> Vec<Step> {
        self.tries.forget();
        let delta: Delta = read(parameters);
        if delta.delta.is_empty() {
            return Vec::new();
        }
        self.streamed.insert(&delta.item_id);
        vec![Step::Emit(event(delta.delta))]
    }

    fn completed(&mut self, item: &Item, ours: bool) -> Vec<Step> {
        match item.kind.as_str() {
            "agentMessage" if ours => {
                let words = item.text.as_deref().unwrap_or_default();
                self.message = text::shortened(words.trim());
                self.end_of_text(item, words, AgentEvent::Text)
            }
            "reasoning" if ours => self.end_of_text(item, "", AgentEvent::Thinking),
            _ => {
                let breaking = self.is_breaking();
                self.tools.ended(item, breaking)
            }
        }
    }

    /// Items follow each other without a line feed between them.
    fn end_of_text(
        &mut self,
        item: &Item,
        words: &str,
        event: fn(String) -> AgentEvent,
    ) -> Vec<Step> {
        let streamed = self.streamed.contains(&item.id);
        let rest = if streamed { "" } else { words };
        if rest.is_empty() && !streamed || words.ends_with('\n') && streamed {
            return Vec::new();
        }
        vec![Step::Emit(event(format!("{rest}\n")))]
    }

    fn erred(&mut self, event: &ErrorEvent) -> Vec<Step> {
        // Without another try it is told with the turn's end.
        if !event.will_retry || self.is_breaking() {
            return Vec::new();
        }
        let failure = errors::failure_of(&errors::with_details(&event.error));
        if errors::is_in_vain(&event.error) || self.tries.again(&event.error) {
            self.verdict = Some(failure);
            return self.stop_turn();
        }
        vec![Step::Emit(AgentEvent::Retrying {
            class: failure.class,
            message: failure.message,
        })]
    }

    fn turn_ended(&mut self, event: &TurnEvent) -> Vec<Step> {
        let turn = &event.turn;
        if self.stage != Stage::Working || self.turn.as_ref() != Some(&turn.id) {
            return Vec::new();
        }
        let mut steps = self.withdraw_all();
        let end = match (turn.status.as_str(), &turn.error) {
            ("completed", _) => {
                let summary = std::mem::take(&mut self.message);
                TurnEnd::Completed {
                    summary: (!summary.is_empty()).then_some(summary),
                }
            }
            (_, _) if self.verdict.is_some() => {
                TurnEnd::Failed(self.verdict.take().unwrap_or_else(|| {
                    failure::transient("Codex was interrupted, and nobody knows why")
                }))
            }
            ("interrupted", _) => TurnEnd::Interrupted,
            (_, Some(error)) => TurnEnd::Failed(errors::failure_of(error)),
            (status, None) => TurnEnd::Failed(failure::transient(format!(
                "Codex stopped without being done ({status})"
            ))),
        };
        if matches!(end, TurnEnd::Completed { .. }) {
            if let Some(further) = self.further_turn() {
                steps.push(further);
                return steps;
            }
            steps.extend(self.over(end));
            return steps;
        }
        // An interrupt leaves commands running; only this ends them.
        self.end = Some(end);
        let parameters = json!({"threadId": self.thread});
        steps.push(self.call(
            Stage::Cleaning,
            "thread/backgroundTerminals/clean",
            &parameters,
        ));
        steps
    }

    fn over(&mut self, end: TurnEnd) -> Vec<Step> {
        self.stage = Stage::Over;
        let left = match end {
            TurnEnd::Completed { .. } => ToolStatus::Completed,
            TurnEnd::Interrupted | TurnEnd::Failed(_) => ToolStatus::Cancelled,
        };
        let mut steps = self.tools.end_all(left);
        steps.push(Step::End(end));
        steps
    }

    fn asked(&mut self, id: &Value, method: &str, parameters: &Value) -> Vec<Step> {
        let key = id.to_string();
        let (step, form) =
            match requests::read_request(&self.folder, &self.tools, method, parameters) {
                Asked::Unknown => {
                    let error = requests::unsupported(method);
                    return vec![Step::Send(json!({"id": id, "error": error}))];
                }
                Asked::Answered(answer) => {
                    return vec![
                        respond(id, &answer),
                        Step::notice(
                            "Codex asked something that is no plain question; it was declined",
                        ),
                    ];
                }
                Asked::Permission { form, .. } if self.is_breaking() => {
                    return vec![respond(id, &requests::decided(&form, Decision::Deny))];
                }
                Asked::Questions(_) if self.is_breaking() => {
                    return vec![respond(id, &requests::answers(&[]))];
                }
                Asked::Permission {
                    subject,
                    tool_call,
                    form,
                } => (
                    Step::Approve {
                        key: key.clone(),
                        subject,
                        tool_call,
                    },
                    form,
                ),
                Asked::Questions(items) => (
                    Step::Ask {
                        key: key.clone(),
                        items,
                    },
                    Form::Questions,
                ),
            };
        let waits = Request {
            id: id.clone(),
            form,
        };
        match self.waiting.add(&key, waits, weight(parameters)) {
            Ok(()) => vec![step],
            // Too many wait already.
            Err(Request { id, form }) => {
                vec![respond(&id, &requests::decided(&form, Decision::Deny))]
            }
        }
    }

    fn resolved(&mut self, event: &Resolved) -> Vec<Step> {
        let key = event.request_id.to_string();
        let known = self.waiting.remove(&key).is_some();
        known.then_some(Step::Withdraw(key)).into_iter().collect()
    }

    fn withdraw_all(&mut self) -> Vec<Step> {
        let waiting = self.waiting.take_all();
        waiting.map(|(key, _)| Step::Withdraw(key)).collect()
    }
}

impl Wire for CodexWire {
    fn begin(&mut self) -> Vec<Step> {
        let (method, parameters) = command::initialize();
        vec![self.call(Stage::Greeting, method, &parameters)]
    }

    fn line(&mut self, line: &str) -> Vec<Step> {
        let Ok(message) = serde_json::from_str::<Value>(line) else {
            return Vec::new();
        };
        let Some(method) = message["method"].as_str() else {
            return self.answered_call(&message);
        };
        let parameters = &message["params"];
        match message.get("id").filter(|id| !id.is_null()) {
            Some(id) => self.asked(id, method, parameters),
            None => self.notified(method, parameters),
        }
    }

    fn approved(&mut self, key: &RequestKey, reply: Option<ApprovalReply>) -> Vec<Step> {
        let Some(waiting) = self.waiting.remove(key) else {
            return Vec::new();
        };
        let (decision, note) =
            reply.map_or((Decision::Deny, None), |reply| (reply.decision, reply.note));
        let answer = requests::decided(&waiting.form, decision);
        let mut steps = vec![respond(&waiting.id, &answer)];
        let note = note.filter(|note| !decision.allows() && !note.trim().is_empty());
        steps.extend(note.and_then(|note| self.steer(&note)));
        steps
    }

    fn answered(&mut self, key: &RequestKey, answers: Option<Vec<ItemAnswer>>) -> Vec<Step> {
        let Some(waiting) = self.waiting.remove(key) else {
            return Vec::new();
        };
        let answers = answers.unwrap_or_default();
        vec![respond(&waiting.id, &requests::answers(&answers))]
    }

    fn interrupt(&mut self) -> Vec<Step> {
        self.interrupted = true;
        // It withdraws by itself what it asks for; nobody has to wait for that.
        let mut steps = self.withdraw_all();
        steps.extend(self.stop_turn());
        steps
    }

    fn is_at_work(&self) -> bool {
        self.tools.any_open()
    }

    fn closed(&mut self, closed: &Closed) -> Failure {
        errors::of_closed(closed)
    }

    #[cfg(test)]
    fn held(&self) -> usize {
        let names = [&self.thread, &self.turn, &self.version];
        let names: usize = names.into_iter().flatten().map(String::len).sum();
        self.waiting.bytes()
            + self.tools.held()
            + self.streamed.bytes()
            + self.message.len()
            + self.steers.bytes()
            + names
    }
}

fn respond(id: &Value, result: &Value) -> Step {
    Step::Send(json!({"id": id, "result": result}))
}

fn plan(event: &PlanEvent) -> Vec<Step> {
    let items = event.plan.iter().map(|step| PlanItem {
        text: step.step.clone(),
        status: match step.status.as_str() {
            "completed" => PlanStatus::Completed,
            "inProgress" => PlanStatus::InProgress,
            _ => PlanStatus::Pending,
        },
    });
    vec![Step::Emit(AgentEvent::Plan(items.collect()))]
}
