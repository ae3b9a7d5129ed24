//! Conversations with agents of different habits.

use protocol::{job::FailureClass, question::ItemAnswer, runner::PermissionLevel};
use serde_json::{Value, json};

use super::wire::{AcpWire, Habits};
use crate::{
    driver::{AgentEvent, Launch, SessionPlan, TurnEnd},
    wire::{Refusal, Step, Wire as _},
};

const OFFER: &str = r#"{"sessionId": "s-1", "modes": {"currentModeId": "auto", "availableModes":
    [{"id": "auto"}, {"id": "default"}, {"id": "plan"}]}}"#;

struct Talk {
    wire: AcpWire,
    last: Vec<Step>,
}

impl Talk {
    fn begin(session: SessionPlan, habits: Habits) -> Self {
        Self::begin_with(session, habits, PermissionLevel::Ask)
    }

    fn begin_with(session: SessionPlan, habits: Habits, level: PermissionLevel) -> Self {
        let launch = Launch {
            program: "/bin/agent".into(),
            folder: "/job".into(),
            environment: Vec::new(),
            model: None,
            extra_arguments: Vec::new(),
            level,
            session,
            prompt: "Do it.".to_owned(),
        };
        let mut wire = AcpWire::new("Agent", &launch, habits);
        let last = wire.begin();
        Self { wire, last }
    }

    /// With a session that was begun, and its first prompt sent.
    fn at_work(habits: Habits) -> Self {
        let mut talk = Self::begin(
            SessionPlan::New {
                id: uuid::Uuid::nil(),
            },
            habits,
        );
        talk.answers(json!({"protocolVersion": 1}));
        talk.answers(serde_json::from_str(OFFER).unwrap());
        talk.answers(json!({}));
        talk
    }

    /// The agent answers what it was asked last.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "reads better where it is called"
    )]
    fn answers(&mut self, result: Value) {
        let id = self.sent()["id"].clone();
        let line = json!({"jsonrpc": "2.0", "id": id, "result": result}).to_string();
        self.last = self.wire.line(&line);
    }

    fn fails(&mut self, code: i64) {
        let id = self.sent()["id"].clone();
        let error = json!({"code": code, "message": "no"});
        let line = json!({"jsonrpc": "2.0", "id": id, "error": error}).to_string();
        self.last = self.wire.line(&line);
    }

    fn says(&mut self, words: &str) {
        let update = json!({
            "sessionUpdate": "agent_message_chunk",
            "content": {"type": "text", "text": words},
        });
        let call = json!({
            "method": "session/update",
            "params": {"sessionId": "s-1", "update": update},
        });
        drop(self.wire.line(&call.to_string()));
    }

    fn ends_its_turn(&mut self) {
        self.answers(json!({
            "stopReason": "end_turn",
            "_meta": {"quota": {"token_count": {"input_tokens": 10, "output_tokens": 1}}},
        }));
    }

    fn sent(&self) -> &Value {
        let sent = self.last.iter().rev().find_map(|step| match step {
            Step::Send(message) => Some(message),
            _ => None,
        });
        sent.expect("something was sent")
    }

    fn asked(&self) -> Option<String> {
        self.last.iter().find_map(|step| match step {
            Step::Ask { key, .. } => Some(key.clone()),
            _ => None,
        })
    }

    fn end(&self) -> Option<&TurnEnd> {
        self.last.iter().find_map(|step| match step {
            Step::End(end) => Some(end),
            _ => None,
        })
    }

    fn refusal(&self) -> Option<&Refusal> {
        self.last.iter().find_map(|step| match step {
            Step::Refuse(refusal) => Some(refusal),
            _ => None,
        })
    }
}

fn asks_at_the_end() -> Habits {
    Habits {
        ends_with_questions: true,
        ..Habits::default()
    }
}

fn again() -> SessionPlan {
    SessionPlan::Resume {
        session: "s-1".to_owned(),
        begun_at: None,
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "reads better where it is called"
)]
fn able(more: Value) -> Value {
    json!({"protocolVersion": 1, "agentCapabilities": more})
}

#[test]
fn a_turn_that_ends_in_a_question_goes_on_with_its_answer() {
    let mut talk = Talk::at_work(asks_at_the_end());
    talk.says("Which database?\n- SQLite\n- PostgreSQL\n");
    talk.ends_its_turn();
    let key = talk.asked().unwrap();
    assert!(talk.end().is_none());
    let answer = ItemAnswer {
        key: "answer".to_owned(),
        values: vec!["SQLite".to_owned()],
    };
    talk.last = talk.wire.answered(&key, Some(vec![answer]));
    assert_eq!(talk.sent()["method"], "session/prompt");
    assert_eq!(talk.sent()["params"]["prompt"][0]["text"], "SQLite");
    talk.says("Made it.");
    talk.ends_its_turn();
    let usage = format!("{:?}", talk.last);
    assert!(usage.contains("input_tokens: 20"), "{usage}");
    let expected = TurnEnd::Completed {
        summary: Some("Made it.".to_owned()),
    };
    assert_eq!(talk.end(), Some(&expected));
}

#[test]
fn a_question_that_nobody_answers_is_not_asked_twice() {
    let mut talk = Talk::at_work(asks_at_the_end());
    talk.says("Shall I?");
    talk.ends_its_turn();
    let key = talk.asked().unwrap();
    talk.last = talk.wire.answered(&key, None);
    talk.says("But shall I?");
    talk.ends_its_turn();
    assert!(matches!(talk.end(), Some(TurnEnd::Completed { .. })));
}

#[test]
fn a_question_at_the_end_can_be_broken_off() {
    let mut talk = Talk::at_work(asks_at_the_end());
    talk.says("Shall I?");
    talk.ends_its_turn();
    talk.last = talk.wire.interrupt();
    assert_eq!(talk.end(), Some(&TurnEnd::Interrupted));
}

#[test]
fn others_may_end_with_a_question_mark() {
    let mut talk = Talk::at_work(Habits::default());
    talk.says("Done. Nice, is it not?");
    talk.ends_its_turn();
    assert!(matches!(talk.end(), Some(TurnEnd::Completed { .. })));
}

#[test]
fn the_mode_is_set_before_the_first_prompt() {
    for (chosen, expected) in [(None, "default"), (Some("plan"), "plan")] {
        let habits = Habits {
            mode: chosen.map(str::to_owned),
            ..Habits::default()
        };
        let new = SessionPlan::New {
            id: uuid::Uuid::nil(),
        };
        let mut talk = Talk::begin(new, habits);
        talk.answers(json!({"protocolVersion": 1}));
        talk.answers(serde_json::from_str(OFFER).unwrap());
        assert_eq!(talk.sent()["method"], "session/set_mode");
        assert_eq!(talk.sent()["params"]["modeId"], expected);
        talk.answers(json!({}));
        assert_eq!(talk.sent()["method"], "session/prompt");
    }
}

fn reads_only() -> Talk {
    let habits = Habits {
        mode: Some("auto".to_owned()),
        reading_mode: Some("plan".to_owned()),
        ..Habits::default()
    };
    let new = SessionPlan::New {
        id: uuid::Uuid::nil(),
    };
    let mut talk = Talk::begin_with(new, habits, PermissionLevel::ReadOnly);
    talk.answers(json!({"protocolVersion": 1}));
    talk
}

#[test]
fn one_that_may_only_read_is_set_so_or_else_made_to_ask() {
    let mut talk = reads_only();
    talk.answers(serde_json::from_str(OFFER).unwrap());
    assert_eq!(talk.sent()["params"]["modeId"], "plan");
    talk.fails(-32603);
    assert_eq!(talk.sent()["method"], "session/set_mode");
    assert_eq!(talk.sent()["params"]["modeId"], "default");
    talk.answers(json!({}));
    assert_eq!(talk.sent()["method"], "session/prompt");
}

#[test]
fn one_without_modes_that_may_only_read_says_what_is_not_held_back() {
    let mut talk = reads_only();
    talk.answers(json!({"sessionId": "s-1"}));
    assert_eq!(talk.sent()["method"], "session/prompt");
    let told = format!("{:?}", talk.last);
    assert!(told.contains("not held back"), "{told}");
}

#[test]
fn an_agent_that_would_not_ask_is_refused() {
    let new = SessionPlan::New {
        id: uuid::Uuid::nil(),
    };
    let mut talk = Talk::begin(new, Habits::default());
    talk.answers(json!({"protocolVersion": 1}));
    talk.answers(json!({"sessionId": "s-1", "modes": {"availableModes": [{"id": "yolo"}]}}));
    match talk.refusal() {
        Some(Refusal::Failed(failure)) => assert_eq!(failure.class, FailureClass::Config),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_session_is_taken_up_without_its_story_where_that_is_offered() {
    let mut talk = Talk::begin(again(), Habits::default());
    let both = able(json!({"loadSession": true, "sessionCapabilities": {"resume": {}}}));
    talk.answers(both);
    assert_eq!(talk.sent()["method"], "session/resume");
    // It names no modes, and has them all the same.
    talk.answers(json!({}));
    assert_eq!(talk.sent()["params"]["modeId"], "default");
    talk.answers(json!({}));
    assert_eq!(talk.sent()["method"], "session/prompt");
    let started = talk.last.iter().any(|step| {
        matches!(step, Step::Emit(AgentEvent::Started { session: Some(id), .. }) if id == "s-1")
    });
    assert!(started);
}

#[test]
fn what_cannot_be_taken_up_is_loaded_and_else_begun_anew() {
    let mut talk = Talk::begin(again(), Habits::default());
    let both = able(json!({"loadSession": true, "sessionCapabilities": {"resume": {}}}));
    talk.answers(both);
    talk.fails(-32603);
    assert_eq!(talk.sent()["method"], "session/load");
    talk.fails(-32603);
    assert_eq!(talk.sent()["method"], "session/new");
}

#[test]
fn what_is_not_understood_is_answered_so() {
    let mut talk = Talk::at_work(Habits::default());
    let request = json!({"jsonrpc": "2.0", "id": "x", "method": "fs/read_text_file", "params": {}});
    talk.last = talk.wire.line(&request.to_string());
    assert_eq!(talk.sent()["error"]["code"], -32601);
    assert_eq!(talk.sent()["id"], "x");
}
