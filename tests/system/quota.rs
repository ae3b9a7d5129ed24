//! A quota that is used up: the attempt waits without a slot, says until when, and goes on by itself.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use whole::{Job, Runner, Stage, until};

/// Long enough for another job to get the slot, also on a busy machine.
const AWAY: Duration = Duration::from_secs(20);

/// How the newest attempt is parked; none while it is not.
fn parked(job: &Job<'_>) -> Option<Value> {
    let parked = job.show()["attempts"][0]["parked"].clone();
    (!parked.is_null()).then_some(parked)
}

#[test]
fn a_used_up_quota_frees_the_slot_and_the_job_goes_on_by_itself() {
    let stage = Stage::ready();
    let soon = vec![("COORD_PARK_MIN_MS".to_owned(), "50".to_owned())];
    let mut runner = Runner::prepared(&stage, "box").with(soon).with_slots(1);
    runner.start();
    runner.wait_for_state("online");
    let back = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + AWAY;
    let script = format!(
        "say before\nfail transient usage limit reached|{}\nsay after\n",
        back.as_secs()
    );
    let waits = Job::submit(&stage, &script);
    let told = until("the attempt is parked", || parked(&waits));
    assert!(told["until"].as_u64().unwrap() >= back.as_secs() * 1000);
    let reason = told["reason"].as_str().unwrap();
    assert!(reason.contains("usage limit"), "{reason}");
    until("the slot is free", || {
        let slots = &runner.status()["slots"];
        (*slots == json!({"total": 1, "free": 1})).then_some(())
    });

    // It is somebody else's now, also beyond the moment at which the quota is back.
    let other = Job::submit(&stage, "ask Which? | One | Two\n");
    let question = other.question();
    assert!(parked(&waits).is_some());

    // A service that dies meanwhile finds it parked, and gives it the slot once it is free.
    runner.end("KILL");
    runner.start();
    runner.wait_for_state("online");
    let id = question["id"].as_str().unwrap();
    stage.coord(["questions", "answer", id, "One"]).run().ok();
    other.wait().ok();
    waits.wait().ok();
    let said = waits.said();
    assert!(said.contains(&"before".to_owned()) && said.contains(&"after".to_owned()));
    let show = waits.show();
    assert_eq!(show["attempts"].as_array().unwrap().len(), 1);
    assert_eq!(parked(&waits), None);
}
