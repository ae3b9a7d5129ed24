//! What goes wrong on the way, and what must hold then.

use std::time::Duration;

use control::{message::Request, state::Connection};
use libtest_mimic::Trial;
use protocol::{job::OutcomeKind, record::Event};

use super::{Machine, assert_whole, hand_out, outcome};
use crate::{fake::Fake, trial, worker::until};

pub(super) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "service::lost_answers_cost_nothing",
            lost_answers_cost_nothing,
        ),
        trial(
            "service::an_outage_does_not_stop_the_work",
            an_outage_does_not_stop_the_work,
        ),
        trial(
            "service::a_restart_finds_the_worker_again",
            a_restart_finds_the_worker_again,
        ),
        trial(
            "service::a_dead_worker_is_interrupted_with_its_log",
            a_dead_worker_is_interrupted_with_its_log,
        ),
        trial(
            "service::a_fence_that_moved_on_stops_and_keeps",
            a_fence_that_moved_on_stops_and_keeps,
        ),
    ]
}

async fn lost_answers_cost_nothing() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let _service = machine.start();
    coordinator.fake.change(|facts| facts.lose_answers = 2);
    let id = hand_out(&coordinator, "say once");
    let kept = outcome(&coordinator, id).await;
    assert_eq!(kept.outcome().unwrap().kind, OutcomeKind::Succeeded);
    assert_whole(&machine, id, &kept);
    let starts = kept
        .events
        .iter()
        .filter(|entry| matches!(entry.event, Event::SessionStarted { .. }))
        .count();
    assert_eq!(starts, 1, "it ran once");
}

async fn an_outage_does_not_stop_the_work() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let _service = machine.start();
    let id = hand_out(
        &coordinator,
        "say before\nwait 300ms\nsay after\noutput late.txt late",
    );
    machine
        .state(|state| {
            state
                .attempts
                .first()
                .and_then(|attempt| attempt.worker_answers.then_some(()))
        })
        .await;
    coordinator.fake.change(|facts| facts.away = true);
    machine
        .state(|state| matches!(state.connection, Connection::Offline { .. }).then_some(()))
        .await;
    // The agent finishes without the coordinator.
    until(|| {
        machine
            .data()
            .join("attempts")
            .join(id.to_string())
            .join("result.json")
            .exists()
    })
    .await;
    assert!(
        coordinator
            .fake
            .facts()
            .kept
            .get(&id)
            .is_none_or(|kept| kept.outcome().is_none())
    );
    coordinator.fake.change(|facts| facts.away = false);
    let kept = outcome(&coordinator, id).await;
    assert_eq!(kept.outcome().unwrap().kind, OutcomeKind::Succeeded);
    assert_whole(&machine, id, &kept);
    assert!(kept.manifest.is_some());
}

async fn a_restart_finds_the_worker_again() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let service = machine.start();
    let id = hand_out(
        &coordinator,
        "say before\nrun true\nflood 2000 50\nsay after",
    );
    let approval = machine
        .state(|state| state.approvals.first().cloned())
        .await;
    service.kill().await;
    let service = machine.start();
    let again = machine
        .state(|state| state.approvals.first().cloned())
        .await;
    assert_eq!(
        again.approval, approval.approval,
        "it still waits for the same"
    );
    machine
        .client()
        .await
        .call(Request::AnswerApproval {
            approval_id: again.approval.id,
            answer: protocol::approval::ApprovalAnswer {
                decision: protocol::approval::Decision::AllowOnce,
                digest: again.approval.digest.clone(),
                note: None,
                rule: None,
            },
            surface: protocol::approval::Surface::Window,
        })
        .await
        .unwrap();
    let kept = outcome(&coordinator, id).await;
    assert_eq!(
        kept.outcome().unwrap().kind,
        OutcomeKind::Succeeded,
        "{kept:?}"
    );
    assert_whole(&machine, id, &kept);
    let boots: Vec<u64> = coordinator
        .fake
        .facts()
        .syncs
        .iter()
        .map(|sync| sync.boot_number)
        .collect();
    assert_eq!((boots.first(), boots.last()), (Some(&1), Some(&2)));
    service.detach().await;
}

async fn a_dead_worker_is_interrupted_with_its_log() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let service = machine.start();
    let id = hand_out(&coordinator, "say before\nrun sleep 1000\nsay never");
    machine
        .state(|state| state.approvals.first().cloned())
        .await;
    service.kill().await;
    let known: serde_json::Value = serde_json::from_str(&machine.disk(id, "worker.json")).unwrap();
    let process: process::Identity = serde_json::from_value(known["process"].clone()).unwrap();
    // The worker alone, as an out-of-memory killer does it.
    let killed = process::Program::new("/bin/kill")
        .argument("-9")
        .argument(process.pid.to_string());
    killed.run_briefly(Duration::from_secs(5)).await.unwrap();
    until(|| !process::is_alive(process)).await;
    let _service = machine.start();
    let kept = outcome(&coordinator, id).await;
    let outcome = kept.outcome().unwrap();
    assert_eq!(outcome.kind, OutcomeKind::Interrupted);
    assert!(kept.log.iter().any(|entry| entry.text.contains("before")));
    assert_whole(&machine, id, &kept);
    let mark = process::Mark {
        name: agents::MARK_VARIABLE.to_owned(),
        value: id.to_string(),
    };
    assert_eq!(process::marked(&mark), []);
}

async fn a_fence_that_moved_on_stops_and_keeps() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let _service = machine.start();
    let id = hand_out(&coordinator, "say before\nwrite kept.txt x\nwait 1000s");
    until(|| {
        let facts = coordinator.fake.facts();
        facts
            .kept
            .get(&id)
            .is_some_and(|kept| kept.log.iter().any(|entry| entry.text.contains("before")))
    })
    .await;
    coordinator.fake.change(|facts| facts.moved_on.push(id));
    machine
        .state(|state| state.attempts.is_empty().then_some(()))
        .await;
    let kept = coordinator.fake.facts().kept[&id].clone();
    assert!(kept.outcome().is_none());
    assert!(kept.manifest.is_none());
    assert!(kept.events.iter().any(|entry| matches!(&entry.event, Event::Notice { message, .. } if message.contains("kept in"))), "{:?}", kept.events);
    assert_eq!(
        kept.log.len(),
        machine.disk(id, "log.ndjson").lines().count(),
        "the late log is there"
    );
    assert!(
        machine
            .folder
            .path()
            .join("work/team/1-a-job/attempt-1")
            .is_dir()
    );
}
