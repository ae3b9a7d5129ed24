//! Recordings of real agents, played to the protocols: contract tests that need no
//! agent. A recording holds what the agent sent, and what was done in between.

use std::{fmt::Write as _, path::Path};

use proptest::prelude::*;
use protocol::{approval::Decision, question::ItemAnswer};
use serde_json::Value;

use crate::{
    acp, claude,
    driver::{AgentEvent, ApprovalReply, Launch, SessionPlan},
    wire::{RequestKey, Step, Wire},
};

/// A protocol at play, and what it did.
struct Play {
    wire: Box<dyn Wire>,
    asked: Option<(RequestKey, Vec<String>)>,
    told: String,
}

impl Play {
    fn new(wire: impl Wire) -> Self {
        let mut play = Self {
            wire: Box::new(wire),
            asked: None,
            told: String::new(),
        };
        let steps = play.wire.begin();
        play.take(steps);
        play
    }

    fn take(&mut self, steps: Vec<Step>) {
        for step in steps {
            match &step {
                Step::Approve { key, .. } => self.asked = Some((key.clone(), Vec::new())),
                Step::Ask { key, items } => {
                    let keys = items.iter().map(|item| item.key.clone()).collect();
                    self.asked = Some((key.clone(), keys));
                }
                _ => {}
            }
            let line = match step {
                Step::Send(message) => format!("-> {message}"),
                Step::Emit(AgentEvent::Text(text)) => format!("Text {text:?}"),
                Step::Emit(event) => format!("{event:?}"),
                step => format!("{step:?}"),
            };
            writeln!(self.told, "{line}").unwrap();
        }
    }

    fn play(&mut self, entry: &Value) {
        if !entry["in"].is_null() {
            let steps = self.wire.line(&entry["in"].to_string());
            return self.take(steps);
        }
        let done = entry["do"].as_str().unwrap();
        writeln!(self.told, "== {done}").unwrap();
        let reply = |decision| {
            Some(ApprovalReply {
                decision,
                note: entry["note"].as_str().map(str::to_owned),
            })
        };
        let steps = match done {
            "interrupt" => self.wire.interrupt(),
            "quiet" => {
                assert!(self.wire.wants_quiet().is_some());
                self.wire.quiet()
            }
            _ => {
                let (key, items) = self.asked.take().expect("something was asked");
                match done {
                    "allow" => self.wire.approved(&key, reply(Decision::AllowOnce)),
                    "deny" => self.wire.approved(&key, reply(Decision::Deny)),
                    "answer" => {
                        let values = entry["values"].as_array().unwrap();
                        let answers =
                            items
                                .into_iter()
                                .zip(values)
                                .map(|(key, value)| ItemAnswer {
                                    key,
                                    values: vec![value.as_str().unwrap().to_owned()],
                                });
                        self.wire.answered(&key, Some(answers.collect()))
                    }
                    other => panic!("{other} is nothing to do"),
                }
            }
        };
        self.take(steps);
    }
}

fn launch(session: SessionPlan) -> Launch {
    Launch {
        program: "/bin/agent".into(),
        folder: "/job".into(),
        environment: Vec::new(),
        model: None,
        extra_arguments: Vec::new(),
        session,
        prompt: "Do it.".to_owned(),
    }
}

fn anew() -> Launch {
    launch(SessionPlan::New {
        id: uuid::Uuid::nil(),
    })
}

fn again() -> Launch {
    launch(SessionPlan::Resume {
        session: "id-1".to_owned(),
    })
}

fn played(name: &str, wire: impl Wire) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/{name}.ndjson"));
    let recording = std::fs::read_to_string(path).unwrap();
    let mut play = Play::new(wire);
    for line in recording.lines() {
        play.play(&serde_json::from_str(line).unwrap());
    }
    play.told
}

#[test]
fn claude_code() {
    for name in [
        "claude-approve",
        "claude-deny",
        "claude-question",
        "claude-cancel-tool",
        "claude-cancel-pending-approval",
        "claude-err-401",
        "claude-err-429",
        "claude-err-529-then-ok",
        "claude-err-drop",
        "claude-err-noauth",
        "claude-kill9-b-resume",
        "claude-plan-mode",
        "claude-resume-missing",
    ] {
        let launch = if name.contains("resume") {
            again()
        } else {
            anew()
        };
        insta::assert_snapshot!(name, played(name, claude::wire_for(&launch)));
    }
}

#[test]
fn agent_client_protocol() {
    for name in [
        "acp-approve-then-deny",
        "acp-question",
        "acp-cancel",
        "acp-cancel-tool",
        "acp-late-tool-call",
        "acp-silent-denial",
        "acp-error-401",
        "acp-not-signed-in",
        "acp-load",
    ] {
        let launch = if name == "acp-load" { again() } else { anew() };
        insta::assert_snapshot!(name, played(name, acp::wire_for("Agent", &launch)));
    }
}

const WORDS: &[&str] = &[
    "text",
    "assistant",
    "tool_use",
    "can_use_tool",
    "Bash",
    "init",
    "result",
    "user",
    "tool_result",
    "initialize",
    "session/update",
    "tool_call",
    "diff",
    "content",
    "success",
    "session/request_permission",
    "elicitation/create",
    "system",
    "control_request",
    "control_response",
    "stream_event",
    "id-1",
];
const KEYS: &[&str] = &[
    "type",
    "subtype",
    "message",
    "content",
    "request",
    "id",
    "request_id",
    "tool_name",
    "input",
    "params",
    "method",
    "update",
    "sessionUpdate",
    "sessionId",
    "toolCall",
    "toolCallId",
    "options",
    "result",
    "error",
    "code",
    "requestedSchema",
    "properties",
    "response",
    "event",
    "delta",
    "questions",
    "command",
];

/// Lines that are nearly messages, with values where others are expected.
fn nearly_a_message() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        proptest::sample::select(WORDS).prop_map(Value::from),
    ];
    let key = proptest::sample::select(KEYS);
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((key.clone(), inner), 0..6).prop_map(|fields| {
                Value::Object(
                    fields
                        .into_iter()
                        .map(|(key, value)| (key.to_owned(), value))
                        .collect(),
                )
            }),
        ]
    })
    .prop_map(|value| value.to_string())
}

proptest! {
    #[test]
    fn nothing_that_an_agent_prints_breaks_a_protocol(
        lines in proptest::collection::vec(prop_oneof![nearly_a_message(), "\\PC{0,40}"], 0..30),
        skip in 0..8_usize,
    ) {
        for (name, wire) in [
            ("claude-approve", Box::new(claude::wire_for(&anew())) as Box<dyn Wire>),
            ("acp-approve-then-deny", Box::new(acp::wire_for("Agent", &anew()))),
        ] {
            let mut wire = wire;
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/{name}.ndjson"));
            let recording = std::fs::read_to_string(path).unwrap();
            drop(wire.begin());
            // Some way into a real turn, so that what comes meets every stage.
            for line in recording.lines().take(skip) {
                let entry: Value = serde_json::from_str(line).unwrap();
                drop(wire.line(&entry["in"].to_string()));
            }
            for line in &lines {
                drop(wire.line(line));
            }
        }
    }
}
