//! Workers that are started before there is a job for them, or while its lease is not confirmed yet.

use std::fs;

use control::message::Request;
use libtest_mimic::Trial;
use process::Identity;
use protocol::{
    agent::AgentStatus, ids::AttemptId, job::OutcomeKind, record::Event, runner::Assignment,
};

use super::{Machine, assert_whole, assignment, hand_out, outcome};
use crate::{
    fake::{Fake, Running},
    trial,
    worker::until,
};

pub(super) fn trials() -> Vec<Trial> {
    // Whose worker a process is stands in a place of its own on each system.
    if !cfg!(target_os = "linux") {
        return Vec::new();
    }
    vec![
        trial(
            "service::a_worker_waits_for_the_next_job",
            a_worker_waits_for_the_next_job,
        ),
        trial(
            "service::no_worker_waits_where_no_job_may_come",
            no_worker_waits_where_no_job_may_come,
        ),
        trial(
            "service::what_never_began_leaves_nothing",
            what_never_began_leaves_nothing,
        ),
        trial(
            "service::a_worker_that_dies_ahead_is_replaced",
            a_worker_that_dies_ahead_is_replaced,
        ),
        trial(
            "service::what_was_never_written_down_leaves_nothing",
            what_was_never_written_down_leaves_nothing,
        ),
        trial(
            "service::a_worker_ahead_goes_with_its_service",
            a_worker_ahead_goes_with_its_service,
        ),
    ]
}

/// A coordinator that confirms no lease, and an attempt that waits for one.
async fn waiting_for_a_lease(coordinator: &Running, machine: &Machine) -> AttemptId {
    coordinator.fake.change(|facts| facts.withhold = true);
    // A worker is started ahead for an agent that is known.
    machine
        .state(|state| {
            state
                .agents
                .iter()
                .any(AgentStatus::is_usable)
                .then_some(())
        })
        .await;
    let id = hand_out(coordinator, "say once");
    until(|| coordinator.fake.facts().confirmed.contains(&id)).await;
    id
}

/// The one worker that there is, once there is one.
async fn only_worker() -> Identity {
    until(|| !workers().is_empty()).await;
    let workers = workers();
    assert_eq!(workers.len(), 1, "{workers:?}");
    workers[0]
}

/// The workers of this process, which has one test to itself.
fn workers() -> Vec<Identity> {
    let own = Identity::own().unwrap();
    let mut found = process::descendants(own);
    found.retain(|started| {
        let said = fs::read_to_string(format!("/proc/{}/cmdline", started.pid));
        said.is_ok_and(|said| said.contains("worker")) && process::is_alive(*started)
    });
    found
}

/// Who worked on the attempt.
fn worked(machine: &Machine, id: AttemptId) -> Identity {
    let written = machine.data().join(format!("attempts/{id}/worker.json"));
    let written: serde_json::Value = serde_json::from_slice(&fs::read(written).unwrap()).unwrap();
    serde_json::from_value(written["process"].clone()).unwrap()
}

async fn a_worker_waits_for_the_next_job() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let service = machine.start();
    let first = only_worker().await;
    assert!(machine.data().join("standby.log").exists());
    let id = hand_out(&coordinator, "say once");
    it_ran_once(&coordinator, &machine, id).await;
    assert_eq!(worked(&machine, id), first, "who waited did it");
    // Others run at once; they are not of this attempt.
    assert!(
        machine
            .data()
            .join(format!("attempts/{id}/worker.log"))
            .exists()
    );
    until(|| !process::is_alive(first)).await;
    let second = only_worker().await;
    let id = hand_out(&coordinator, "say once");
    it_ran_once(&coordinator, &machine, id).await;
    assert_eq!(worked(&machine, id), second);
    service.detach().await;
    assert_eq!(workers(), [], "they went before the service did");
    assert!(!machine.data().join("standby.log").exists());
}

async fn no_worker_waits_where_no_job_may_come() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let _service = machine.start();
    let waits = only_worker().await;
    let client = machine.client().await;
    let pause = Request::Pause {
        for_ms: None,
        note: None,
    };
    client.call(pause).await.unwrap();
    until(|| !process::is_alive(waits)).await;
    client.call(Request::Resume).await.unwrap();
    only_worker().await;
}

async fn it_ran_once(coordinator: &Running, machine: &Machine, id: AttemptId) {
    coordinator.fake.change(|facts| facts.withhold = false);
    let kept = outcome(coordinator, id).await;
    assert_eq!(kept.outcome().unwrap().kind, OutcomeKind::Succeeded);
    assert_whole(machine, id, &kept);
    let starts = kept
        .events
        .iter()
        .filter(|entry| matches!(entry.event, Event::SessionStarted { .. }))
        .count();
    assert_eq!(starts, 1);
}

async fn what_never_began_leaves_nothing() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let _service = machine.start();
    let id = waiting_for_a_lease(&coordinator, &machine).await;
    let worker = only_worker().await;
    let folder = machine.data().join("attempts").join(id.to_string());
    for written_at_work in [
        "events.ndjson",
        "launch.json",
        "worker.json",
        "session.json",
    ] {
        let file = folder.join(written_at_work);
        assert!(!file.exists(), "{written_at_work} without a lease");
    }
    coordinator.fake.change(|facts| facts.moved_on.push(id));
    until(|| !process::is_alive(worker)).await;
    until(|| !folder.exists()).await;
    machine
        .state(|state| state.attempts.is_empty().then_some(()))
        .await;
    let jobs = machine.folder.path().join("work/team");
    until(|| std::fs::read_dir(&jobs).is_ok_and(|mut jobs| jobs.next().is_none())).await;
}

/// As after a service that died between the start of a worker and its journal's commit.
async fn what_was_never_written_down_leaves_nothing() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let attempts = machine.data().join("attempts");
    let made = |assignment: &Assignment, files: &[(&str, &str)]| {
        let folder = attempts.join(assignment.attempt_id.to_string());
        fs::create_dir_all(&folder).unwrap();
        let text = serde_json::to_string(assignment).unwrap();
        fs::write(folder.join("assignment.json"), text).unwrap();
        for (name, text) in files {
            fs::write(folder.join(name), text).unwrap();
        }
        folder
    };
    let never_begun = made(&assignment(1, "say once"), &[("worker.log", "")]);
    let worked = made(&assignment(2, "say once"), &[("events.ndjson", "")]);
    let only_a_folder = attempts.join(AttemptId(uuid::Uuid::now_v7()).to_string());
    fs::create_dir_all(&only_a_folder).unwrap();
    let _service = machine.start();
    until(|| !never_begun.exists() && !only_a_folder.exists()).await;
    assert!(worked.join("assignment.json").exists());
}

async fn a_worker_that_dies_ahead_is_replaced() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let _service = machine.start();
    let id = waiting_for_a_lease(&coordinator, &machine).await;
    let worker = only_worker().await;
    process::end_all(worker, None).await;
    until(|| !process::is_alive(worker)).await;
    it_ran_once(&coordinator, &machine, id).await;
}

async fn a_worker_ahead_goes_with_its_service() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let service = machine.start();
    let id = waiting_for_a_lease(&coordinator, &machine).await;
    let worker = only_worker().await;
    service.kill().await;
    until(|| !process::is_alive(worker)).await;
    let _service = machine.start();
    it_ran_once(&coordinator, &machine, id).await;
}
