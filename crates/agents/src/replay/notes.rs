//! What a person says with a denial reaches every agent, on whichever way its protocol has.

use protocol::runner::PermissionLevel;
use serde_json::{Value, json};

use super::{
    acp, claude, codex, launch_for,
    play::{Entry, Play, recording},
};
use crate::wire::Wire;

const NOTE: &str = "Write it into b.txt.";

/// What was sent after the denial, with the rest of the recording changed by `then`.
fn sent(name: &str, wire: impl Wire, then: impl Fn(Entry) -> Option<Entry>) -> (Vec<Value>, bool) {
    let mut play = Play::new(Box::new(wire));
    let mut before = None;
    for entry in recording(name) {
        let denies = matches!(&entry, Entry::Do(done) if done["do"] == "deny");
        if denies {
            before = Some(play.told.len());
            play.play(&Entry::Do(json!({"do": "deny", "note": NOTE})));
        } else if let Some(entry) = then(entry) {
            play.play(&entry);
        }
    }
    let told = &play.told[before.unwrap()..];
    let sent = told.lines().filter_map(|line| line.strip_prefix("-> "));
    let sent = sent
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    (sent, play.over)
}

/// The answer to what was said into a turn, as `answer` makes it.
fn steered(answer: Value) -> impl Fn(Entry) -> Option<Entry> {
    move |entry| match entry {
        Entry::Answer { method, .. } if method == "turn/steer" => {
            let answer = answer.as_object()?.clone();
            Some(Entry::Answer { method, answer })
        }
        entry => Some(entry),
    }
}

#[test]
fn claude_code_reads_it_in_the_answer() {
    let wire = claude::wire_for(&launch_for("claude-deny"));
    let (sent, over) = sent("claude-deny", wire, Some);
    let answer = &sent[0]["response"]["response"];
    assert_eq!(answer["behavior"], "deny");
    assert_eq!(answer["message"], NOTE);
    assert!(over);
}

#[test]
fn codex_reads_it_in_the_turn_that_goes_on() {
    let wire = codex::wire_for(&launch_for("codex-deny"));
    let (sent, over) = sent("codex-deny", wire, Some);
    assert_eq!(sent[0]["result"]["decision"], "decline");
    assert_eq!(sent[1]["method"], "turn/steer");
    let words = sent[1]["params"]["input"][0]["text"].as_str().unwrap();
    assert!(words.contains(NOTE), "{words}");
    assert_eq!(sent.len(), 2, "it was taken, and is said once: {sent:?}");
    assert!(over);
}

#[test]
fn codex_reads_it_in_a_further_turn_where_it_was_not_taken() {
    let refused = json!({"error": {"code": -32600, "message": "no active turn"}});
    let wire = codex::wire_for(&launch_for("codex-deny"));
    let (sent, over) = sent("codex-deny", wire, steered(refused));
    assert_eq!(sent[2]["method"], "turn/start");
    let words = sent[2]["params"]["input"][0]["text"].as_str().unwrap();
    assert!(words.contains(NOTE), "{words}");
    assert!(!over, "the further turn is still to come");
}

#[test]
fn gemini_and_other_agents_read_it_in_a_further_prompt() {
    for name in ["acp-silent-denial", "acp-approve-then-deny"] {
        let wire = acp::wire_for("Agent", &launch_for(name));
        let (sent, over) = sent(name, wire, Some);
        assert_eq!(sent[0]["result"]["outcome"]["outcome"], "selected");
        let further = sent.last().unwrap();
        assert_eq!(further["method"], "session/prompt", "{name}");
        let words = further["params"]["prompt"][0]["text"].as_str().unwrap();
        assert!(words.contains(NOTE), "{words}");
        assert!(!over, "{name}: the further turn is still to come");
    }
}

/// The request with which each protocol begins a session, by level.
#[test]
fn codex_only_reads_at_every_level_and_asks_for_the_rest() {
    for level in [
        PermissionLevel::ReadOnly,
        PermissionLevel::Ask,
        PermissionLevel::AcceptEdits,
        PermissionLevel::Trusted,
    ] {
        let mut launch = launch_for("codex-approve");
        launch.level = level;
        let mut play = Play::new(Box::new(codex::wire_for(&launch)));
        for entry in recording("codex-approve") {
            play.play(&entry);
        }
        let mut sent = play
            .told
            .lines()
            .filter_map(|line| line.strip_prefix("-> "));
        let opened: Value = sent
            .find(|line| line.contains("thread/start"))
            .map(|line| serde_json::from_str(line).unwrap())
            .unwrap();
        let told = &opened["params"];
        assert_eq!(told["config"]["sandbox_mode"], "read-only", "{level:?}");
        assert_eq!(told["approvalPolicy"], "on-request", "{level:?}");
        assert_eq!(told["approvalsReviewer"], "user", "{level:?}");
    }
}
