//! What was used is counted once, whoever counts: the agent anew in each turn, or a session over
//! all of its processes. The sum over turns and attempts is made by who drives the agent.

use serde_json::{Value, json};

use super::{
    again, anew, launch_for,
    play::{Entry, Play, recording},
};
use crate::{acp, claude, codex, driver::Launch, wire::Wire};

/// Every figure that was told: whether it is the turn's own, and the tokens that went in.
fn told(entries: Vec<Entry>, wire: impl Wire) -> (Vec<(bool, u64)>, String) {
    let mut play = Play::new(Box::new(wire));
    for entry in entries {
        play.play(&entry);
    }
    let figures = play.told.lines().filter_map(|line| {
        let of_turn = line.starts_with("TurnUsage(");
        let usage = of_turn || line.starts_with("Usage(");
        let (_, rest) = line.split_once("input_tokens: ").filter(|_| usage)?;
        let digits = rest.split(|sign: char| !sign.is_ascii_digit()).next()?;
        Some((of_turn, digits.parse().unwrap()))
    });
    (figures.collect(), play.told.clone())
}

#[test]
fn claude_code_counts_each_turn_anew_also_in_a_session_that_was_killed() {
    let of = |name: &str| {
        let (figures, _) = told(recording(name), claude::wire_for(&launch_for(name)));
        assert!(figures.iter().all(|(of_turn, _)| *of_turn), "{figures:?}");
        figures
            .into_iter()
            .map(|(_, tokens)| tokens)
            .collect::<Vec<_>>()
    };
    let killed = of("claude-kill9-a");
    let resumed = of("claude-kill9-b-resume");
    // What its messages said in the process that was killed does not come again.
    assert_eq!(killed, [13031]);
    assert_eq!(resumed, [13238, 26604, 26604]);
}

#[test]
fn codex_counts_a_session_on_over_its_processes() {
    let name = "codex-kill9-b-resume";
    let (figures, _) = told(recording(name), codex::wire_for(&launch_for(name)));
    // The first is what the process before had used: totals, of which only the rise counts.
    assert_eq!(figures, [(false, 9718), (false, 19621), (false, 29629)]);
}

/// A turn of an agent of the protocol, whose session has cost so much by its end.
fn turn(launch: &Launch, opening: &str) -> (Vec<(bool, u64)>, String) {
    let answer = |method: &str, result: Value| {
        let answer = json!({ "result": result });
        Entry::Answer {
            method: method.to_owned(),
            answer: answer.as_object().unwrap().clone(),
        }
    };
    let cost = json!({"method": "session/update", "params": {"sessionId": "id-1", "update": {
        "sessionUpdate": "usage_update", "used": 1, "size": 2,
        "cost": {"amount": 9.0, "currency": "USD"},
    }}});
    let greeting = json!({"protocolVersion": 1, "agentCapabilities": {
        "sessionCapabilities": {"resume": {}},
    }});
    let offer = json!({"sessionId": "id-1", "modes": {
        "currentModeId": "default", "availableModes": [{"id": "default", "name": "Ask"}],
    }});
    let end = json!({"stopReason": "end_turn", "usage": {"inputTokens": 40, "outputTokens": 2}});
    let entries = vec![
        answer("initialize", greeting),
        answer(opening, offer),
        answer("session/set_mode", json!({})),
        Entry::Line(cost.to_string()),
        answer("session/prompt", end),
    ];
    told(entries, acp::wire_for("Agent", launch))
}

#[test]
fn the_cost_of_a_session_is_that_of_a_turn_only_where_it_was_begun() {
    let (figures, words) = turn(&anew(), "session/new");
    assert_eq!(figures, [(true, 40)]);
    assert!(words.contains("cost_usd: Some(9.0)"), "{words}");
    let (figures, words) = turn(&again(), "session/resume");
    assert_eq!(figures, [(true, 40)]);
    assert!(words.contains("cost_usd: None"), "{words}");
}
