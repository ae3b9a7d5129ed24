//! A process that stands still for longer than its lease, and then goes on as if nothing were.

use serde_json::Value;
use whole::{processes, until};

use super::size;
use crate::{
    checks,
    field::{Field, client::in_workspace},
    work::Work,
};

fn long_work() -> Work {
    let mut work = Work::empty(0);
    work.say("begin 0");
    work.silent("wait 6s");
    work.flood(500);
    work.hand_back();
    work.say("end 0");
    work
}

/// The machine that works on it, among those of a field with two.
fn worker_of(field: &Field, job: &Value) -> usize {
    let runner = &job["attempts"][0]["runner"];
    let at = field.machines.iter().position(|one| *runner == one.name);
    at.unwrap()
}

/// Waits until a second attempt has done it.
fn taken_over(field: &Field, id: &str) {
    until("another attempt to have done it", || {
        let job = field.client.job(id);
        let attempts = job["attempts"].as_array()?;
        (attempts.len() == 2 && job["state"] == "done").then_some(())
    });
    let attempts = field.client.job(id)["attempts"].clone();
    assert_eq!(attempts[0]["outcome"], "lost");
}

/// Waits until the machine that was suspended has nothing in its hands any more.
fn has_let_go(field: &Field, machine: usize) {
    until("the late machine to have let go", || {
        let status = field.machines[machine].status(&field.stage)?;
        let idle = status["attempts"].as_array()?.is_empty();
        (idle && status["state"] == "online").then_some(())
    });
}

#[test]
fn a_service_that_stood_still_beyond_its_lease_stops_and_keeps_the_record() {
    let mut field = Field::ready(size(2, 2));
    let work = long_work();
    let id = field.client.give(&work);
    field.client.wait_for_log(&id, 1);
    let late = worker_of(&field, &field.client.job(&id));
    field.machines[late].signal("STOP");
    taken_over(&field, &id);
    let attempts = field.client.job(&id)["attempts"].clone();
    assert_ne!(attempts[0]["runner"], attempts[1]["runner"]);
    field.machines[late].signal("CONT");
    has_let_go(&field, late);
    assert_eq!(checks::job_is_well(&field, &work, &id), 2);
    assert_eq!(checks::nothing_is_left(&mut field), []);
}

#[test]
fn a_worker_that_stood_still_beyond_its_lease_is_not_believed() {
    let mut field = Field::ready(size(2, 2));
    let work = long_work();
    let id = field.client.give(&work);
    field.client.wait_for_log(&id, 1);
    let late = worker_of(&field, &field.client.job(&id));
    let mut workers = field.machines[late].processes(" worker");
    workers.retain(processes::Process::is_worker);
    assert_eq!(workers.len(), 1, "{workers:?}");
    processes::signal(workers[0].id, "STOP");
    taken_over(&field, &id);
    processes::signal(workers[0].id, "CONT");
    has_let_go(&field, late);
    assert_eq!(checks::job_is_well(&field, &work, &id), 2);
    assert_eq!(checks::nothing_is_left(&mut field), []);
}

#[test]
fn a_coordinator_whose_database_stands_still_ends_when_it_is_told_to() {
    let mut field = Field::ready(size(1, 1));
    let work = long_work();
    let id = field.client.give(&work);
    field.client.wait_for_log(&id, 1);
    field.postgres.suspend();
    // Whoever asks waits in vain, and leaves a connection behind that waits, too.
    assert!(field.client.get(&in_workspace("jobs")).is_err());
    field.coordinators[0].end("TERM");
    assert_eq!(checks::nobody_stayed(&field), []);
    field.postgres.resume();
    field.start_coordinator(0);
    field.client.wait_until_over(&id);
    assert_eq!(checks::job_is_well(&field, &work, &id), 1);
}
