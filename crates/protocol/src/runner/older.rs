//! What a real runner and a real coordinator of an older version said to each other over a job:
//! this version understands all of it, and still says all that the older one was told.
//!
//! `fixtures/older-runner.ndjson` was recorded between the two; the tests of `coordinator` play
//! the runner's half of it.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    AppendEvents, AppendLog, Appended, ArtifactManifest, ManifestStored, PartStored,
    RegisterRequest, RegisterResponse, SyncRequest, SyncResponse,
};

const RECORDED: &str = include_str!("../../fixtures/older-runner.ndjson");

/// One call: the path below the runner's calls, what was asked and what was answered.
#[derive(Deserialize)]
struct Call {
    path: String,
    asked: Value,
    answered: Value,
}

fn calls() -> Vec<Call> {
    let calls = RECORDED.lines().map(serde_json::from_str);
    calls.collect::<Result<_, _>>().unwrap()
}

/// What is left of it once this version has read it and says it again.
fn said_again<T: Serialize + DeserializeOwned>(said: &Value) -> Value {
    let understood: T = serde_json::from_value(said.clone()).unwrap();
    serde_json::to_value(understood).unwrap()
}

/// Whether everything that stands in `older` stands in `newer`, too; what says nothing may go.
fn has_all_of(newer: &Value, older: &Value) -> bool {
    match (newer, older) {
        (Value::Object(newer), Value::Object(older)) => older.iter().all(|(name, value)| {
            let says_nothing = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
            newer
                .get(name)
                .map_or(says_nothing, |same| has_all_of(same, value))
        }),
        (Value::Array(newer), Value::Array(older)) => {
            newer.len() == older.len()
                && newer
                    .iter()
                    .zip(older)
                    .all(|(one, other)| has_all_of(one, other))
        }
        (newer, older) => newer == older,
    }
}

#[test]
fn what_an_older_runner_asked_is_understood_whole() {
    for call in calls() {
        let again = match call.path.rsplit('/').next().unwrap() {
            "register" => said_again::<RegisterRequest>(&call.asked),
            "sync" => said_again::<SyncRequest>(&call.asked),
            "events" => said_again::<AppendEvents>(&call.asked),
            "log" => said_again::<AppendLog>(&call.asked),
            "artifacts" => said_again::<ArtifactManifest>(&call.asked),
            // The bytes of a part.
            _ => continue,
        };
        assert!(has_all_of(&again, &call.asked), "{}: {again}", call.path);
    }
}

#[test]
fn what_an_older_coordinator_answered_is_understood_and_still_said() {
    for call in calls() {
        let again = match call.path.rsplit('/').next().unwrap() {
            "register" => said_again::<RegisterResponse>(&call.answered),
            "sync" => said_again::<SyncResponse>(&call.answered),
            "events" | "log" => said_again::<Appended>(&call.answered),
            "artifacts" => said_again::<ManifestStored>(&call.answered),
            _ => said_again::<PartStored>(&call.answered),
        };
        assert!(has_all_of(&again, &call.answered), "{}: {again}", call.path);
    }
}

#[test]
fn what_is_left_out_is_seen() {
    let older = serde_json::json!({"a": 1, "b": [{"c": 2}], "none": null});
    assert!(has_all_of(
        &serde_json::json!({"a": 1, "b": [{"c": 2, "d": 3}]}),
        &older
    ));
    assert!(!has_all_of(&serde_json::json!({"a": 1, "b": [{}]}), &older));
    assert!(!has_all_of(&serde_json::json!({"b": [{"c": 2}]}), &older));
}
