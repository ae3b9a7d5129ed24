//! A recording at play: what the agent sent, and what was done in between.

use std::{
    collections::{BTreeSet, VecDeque},
    fmt::Write as _,
    path::{Path, PathBuf},
};

use protocol::{approval::Decision, question::ItemAnswer};
use serde_json::{Map, Value};

use crate::{
    driver::{AgentEvent, ApprovalReply},
    wire::{Closed, RequestKey, Step, Wire},
};

/// One step of a recording: a line of its file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Entry {
    /// `{"in": MESSAGE}`: the agent sent this.
    Line(String),
    /// `{"to": METHOD, "result": …}`: it answered our last call of this method.
    Answer {
        /// The method of the call.
        method: String,
        /// Result or error.
        answer: Map<String, Value>,
    },
    /// `{"do": …}`: we did this.
    Do(Value),
    /// `{"ends": …}`: its program ended in this way.
    Ends(String),
}

/// Where the recordings stand.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// The recording of this name.
pub(crate) fn recording(name: &str) -> Vec<Entry> {
    let path = folder().join(format!("{name}.ndjson"));
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(entry).collect()
}

fn entry(line: &str) -> Entry {
    let mut fields: Map<String, Value> = serde_json::from_str(line).unwrap();
    if let Some(message) = fields.get("in") {
        return Entry::Line(message.to_string());
    }
    if let Some(Value::String(method)) = fields.remove("to") {
        let answer = fields;
        return Entry::Answer { method, answer };
    }
    if let Some(Value::String(how)) = fields.remove("ends") {
        return Entry::Ends(how);
    }
    Entry::Do(Value::Object(fields))
}

/// A protocol at play, and what it did.
pub(crate) struct Play {
    pub(crate) wire: Box<dyn Wire>,
    /// Calls of ours without an answer: id and method.
    calls: VecDeque<(Value, String)>,
    /// What the agent asked last, with the keys of what is to be filled in.
    asked: Option<(RequestKey, Vec<String>)>,
    /// Tool calls that have begun and not ended.
    tools: BTreeSet<String>,
    /// Everything that it did, for people.
    pub(crate) told: String,
    /// Whether the turn is over, or never began.
    pub(crate) over: bool,
}

impl Play {
    /// Begins.
    pub(crate) fn new(wire: Box<dyn Wire>) -> Self {
        let mut play = Self {
            wire,
            calls: VecDeque::new(),
            asked: None,
            tools: BTreeSet::new(),
            told: String::new(),
            over: false,
        };
        let steps = play.wire.begin();
        play.take(steps);
        play
    }

    /// Plays one step of a recording.
    pub(crate) fn play(&mut self, entry: &Entry) {
        let steps = match entry {
            Entry::Line(line) => self.wire.line(line),
            Entry::Answer { method, answer } => {
                let call = self.calls.iter().position(|(_, called)| called == method);
                let Some((id, _)) = call.and_then(|at| self.calls.remove(at)) else {
                    return self.say(&format!("== an answer to {method}, which was not called"));
                };
                let mut message = answer.clone();
                message.insert("id".to_owned(), id);
                message.insert("jsonrpc".to_owned(), Value::from("2.0"));
                self.wire.line(&Value::Object(message).to_string())
            }
            Entry::Do(done) => self.act(done),
            Entry::Ends(how) => {
                self.say(&format!("== ends, {how}"));
                let closed = Closed {
                    exit: Some(how.clone()),
                    stderr: Vec::new(),
                };
                let failure = self.wire.closed(&closed);
                self.over = true;
                return self.say(&format!("{failure:?}"));
            }
        };
        self.take(steps);
    }

    fn act(&mut self, entry: &Value) -> Vec<Step> {
        let done = entry["do"].as_str().unwrap_or_default();
        self.say(&format!("== {done}"));
        if done == "interrupt" {
            return self.wire.interrupt();
        }
        if done == "quiet" {
            let wanted = self.wire.wants_quiet().is_some();
            return if wanted {
                self.wire.quiet()
            } else {
                Vec::new()
            };
        }
        let Some((key, items)) = self.asked.take() else {
            self.say("nothing is asked");
            return Vec::new();
        };
        let decision = match done {
            "allow" => Decision::AllowOnce,
            "deny" => Decision::Deny,
            _ => {
                let values = entry["values"].as_array().map(Vec::as_slice);
                let answers =
                    items
                        .into_iter()
                        .zip(values.unwrap_or_default())
                        .map(|(key, value)| ItemAnswer {
                            key,
                            values: vec![value.as_str().unwrap_or_default().to_owned()],
                        });
                return self.wire.answered(&key, Some(answers.collect()));
            }
        };
        let reply = ApprovalReply {
            decision,
            note: entry["note"].as_str().map(str::to_owned),
            by_person: true,
        };
        self.wire.approved(&key, Some(reply))
    }

    fn take(&mut self, steps: Vec<Step>) {
        for step in steps {
            match &step {
                Step::Approve { key, .. } => self.asked = Some((key.clone(), Vec::new())),
                Step::Ask { key, items } => {
                    let keys = items.iter().map(|item| item.key.clone()).collect();
                    self.asked = Some((key.clone(), keys));
                }
                Step::Send(message) => {
                    if let (Some(method), id) = (message["method"].as_str(), &message["id"]) {
                        self.calls.push_back((id.clone(), method.to_owned()));
                    }
                }
                Step::Emit(AgentEvent::ToolStarted { tool_call, .. }) => {
                    assert!(
                        self.tools.insert(tool_call.clone()),
                        "begins twice: {step:?}"
                    );
                }
                Step::Emit(AgentEvent::ToolEnded { tool_call, .. }) => {
                    assert!(self.tools.remove(tool_call), "never began: {step:?}");
                }
                Step::End(_) => {
                    assert!(
                        self.tools.is_empty(),
                        "goes on after the end: {:?}",
                        self.tools
                    );
                    self.over = true;
                }
                Step::Refuse(_) => self.over = true,
                _ => {}
            }
            let line = match step {
                Step::Send(message) => format!("-> {message}"),
                Step::Emit(AgentEvent::Text(text)) => format!("Text {text:?}"),
                Step::Emit(event) => format!("{event:?}"),
                step => format!("{step:?}"),
            };
            self.say(&line);
        }
    }

    fn say(&mut self, line: &str) {
        // What is said of a moment depends on when the test is run.
        let mut parts = line.split("Timestamp(");
        self.told.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let rest = part.trim_start_matches(|sign: char| sign.is_ascii_digit());
            write!(self.told, "Timestamp(…{rest}").unwrap();
        }
        self.told.push('\n');
    }
}
