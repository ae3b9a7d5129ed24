//! A runner of an older version: what a real one said over a whole job, said to this coordinator.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    support::{Client, TestServer},
    tokens::sign_in_device_as,
};

/// Recorded between a real runner and a real coordinator of that version; the tests of `protocol`
/// read both halves.
const RECORDED: &str = include_str!("../../../protocol/fixtures/older-runner.ndjson");
/// The attempt on which it worked.
const ATTEMPT: &str = "01a20774-5dae-7301-ac05-d69571ef0256";

#[derive(Deserialize)]
struct Call {
    path: String,
    asked: Value,
    answered: Value,
}

/// Whether what stands in `older` has its place in `newer`, whatever is said there.
fn has_places_of(newer: &Value, older: &Value) -> bool {
    match (newer, older) {
        (Value::Object(newer), Value::Object(older)) => older.iter().all(|(name, value)| {
            value.is_null()
                || newer
                    .get(name)
                    .is_some_and(|same| has_places_of(same, value))
        }),
        (Value::Array(newer), Value::Array(older)) => newer
            .iter()
            .zip(older)
            .all(|(one, other)| has_places_of(one, other)),
        (newer, older) => std::mem::discriminant(newer) == std::mem::discriminant(older),
    }
}

/// Says one thing as the older runner did; the first job of all is waited for, nothing else is.
async fn say(client: &Client, call: &Call, attempt: &str, is_waiting: bool) -> Value {
    let path = format!("/api/runner/v1/{}", call.path.replace(ATTEMPT, attempt));
    let mut asked = call.asked.to_string().replace(ATTEMPT, attempt);
    if let Value::String(bytes) = &call.asked {
        asked.clone_from(bytes);
        return client.put(&path, asked).await.expect(200).json();
    }
    let mut asked: Value = serde_json::from_str(&asked).unwrap();
    if asked.get("hold_ms").is_some() && !is_waiting {
        asked["hold_ms"] = json!(0);
    }
    client.post(&path, asked).await.expect(200).json()
}

#[tokio::test]
async fn an_older_runner_does_a_whole_job() {
    let server = TestServer::start().await;
    let owner = server.owner().await;
    let tokens = sign_in_device_as(&server, &owner, "coord-runner").await;
    let mut client = server
        .client()
        .with_token(tokens["access_token"].as_str().unwrap());
    let mut job = Value::Null;
    let mut attempt = ATTEMPT.to_owned();
    for line in RECORDED.lines() {
        let call: Call = serde_json::from_str(line).unwrap();
        let is_given = call.answered["assignments"][0].is_object();
        if is_given {
            let jobs = "/api/v1/workspaces/team/jobs";
            let wanted = json!({
                "title": "A job", "instructions": "say hello", "agent": "demo", "ready": true,
            });
            job = owner.post(jobs, wanted).await.expect(201).json();
        }
        let answered = say(&client, &call, &attempt, is_given).await;
        assert!(
            has_places_of(&answered, &call.answered),
            "{}: {answered} instead of {}",
            call.path,
            call.answered
        );
        if is_given {
            let given = answered["assignments"][0]["attempt_id"].as_str();
            attempt = given.expect("a job").to_owned();
        }
        if let Some(token) = answered["tokens"]["access_token"].as_str() {
            client = client.with_token(token);
        }
    }
    let path = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    let seen = owner.get(&path).await.expect(200).json();
    assert_eq!(seen["state"], "done", "{seen}");
    assert_eq!(seen["attempts"][0]["log_last"], 22, "{seen}");
    assert_eq!(seen["artifacts"][0]["path"], "a.txt", "{seen}");
    assert_eq!(seen["approvals"][0]["status"], "settled", "{seen}");
}
