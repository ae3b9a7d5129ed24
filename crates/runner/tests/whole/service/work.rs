//! Jobs that go as they should.

use control::{
    StopMark,
    message::{Reply, Request},
    state::Connection,
};
use libtest_mimic::Trial;
use protocol::{
    ids::OrderId,
    job::OutcomeKind,
    record::Event,
    runner::{Input, Order, OrderKind},
};
use runner::Exit;

use super::{Machine, assert_whole, assignment, hand_out, outcome};
use crate::{fake::Fake, trial, worker::until};

pub(super) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "service::a_job_goes_the_whole_way",
            a_job_goes_the_whole_way,
        ),
        trial("service::an_order_cancels", an_order_cancels),
        trial(
            "service::approvals_are_answered_from_the_machine",
            approvals_are_answered_from_the_machine,
        ),
        trial(
            "service::a_paused_runner_takes_nothing",
            a_paused_runner_takes_nothing,
        ),
        trial(
            "service::stop_now_ends_the_agents",
            stop_now_ends_the_agents,
        ),
        trial(
            "service::a_service_that_was_told_to_stop_leaves_word_of_it",
            a_service_that_was_told_to_stop_leaves_word_of_it,
        ),
    ]
}

async fn a_job_goes_the_whole_way() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let service = machine.start();
    let content = b"content of the input".to_vec();
    let mut assignment = assignment(7, "say hello\noutput result.txt words\nflood 500 30");
    assignment.inputs.push(Input {
        name: "data 1.txt".to_owned(),
        size: content.len() as u64,
        sha256: protocol::digest::sha256_hex(&content),
    });
    let id = assignment.attempt_id;
    coordinator.fake.change(|facts| {
        facts.inputs.insert("data 1.txt".to_owned(), content);
        facts.assignments.push(assignment);
    });
    let kept = outcome(&coordinator, id).await;
    assert_eq!(
        kept.outcome().unwrap().kind,
        OutcomeKind::Succeeded,
        "{kept:?}"
    );
    assert_whole(&machine, id, &kept);
    let manifest = kept.manifest.unwrap();
    assert_eq!(manifest.files[0].path, "result.txt");
    assert!(
        coordinator
            .fake
            .facts()
            .parts
            .contains_key(&manifest.files[0].parts[0])
    );
    let job = machine.folder.path().join("work/team/7-a-job/attempt-1");
    assert!(job.join("inputs/data 1.txt").exists());
    machine
        .state(|state| state.attempts.is_empty().then_some(()))
        .await;
    let Reply::History { attempts } = machine
        .client()
        .await
        .call(Request::History { limit: 5 })
        .await
        .unwrap()
    else {
        panic!("no history");
    };
    assert_eq!(attempts[0].attempt_id, id);
    let Reply::Log { entries, complete } = machine
        .client()
        .await
        .call(Request::ReadLog {
            attempt_id: id,
            after: 0,
            limit: 2000,
            wait_ms: 0,
        })
        .await
        .unwrap()
    else {
        panic!("no log");
    };
    assert!(complete);
    assert_eq!(entries, kept.log);
    assert_eq!(service.detach().await, Exit::Detached);
}

async fn an_order_cancels() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let _service = machine.start();
    let id = hand_out(&coordinator, "say before\nwait 1000s");
    machine
        .state(|state| {
            state
                .attempts
                .first()
                .and_then(|attempt| attempt.worker_answers.then_some(()))
        })
        .await;
    coordinator.fake.change(|facts| {
        facts.orders.push(Order {
            id: OrderId(uuid::Uuid::now_v7()),
            attempt_id: id,
            order: OrderKind::Cancel {
                deadline_ms: 60_000,
                by: "Grace".to_owned(),
            },
        });
    });
    let kept = outcome(&coordinator, id).await;
    assert_eq!(kept.outcome().unwrap().kind, OutcomeKind::Cancelled);
    assert_whole(&machine, id, &kept);
}

async fn approvals_are_answered_from_the_machine() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let _service = machine.start();
    let id = hand_out(&coordinator, "run touch no.txt\nsay end");
    let waiting = machine
        .state(|state| state.approvals.first().cloned())
        .await;
    until(|| {
        let facts = coordinator.fake.facts();
        facts.kept.get(&id).is_some_and(|kept| {
            kept.events
                .iter()
                .any(|entry| matches!(entry.event, Event::ApprovalRequested { .. }))
        })
    })
    .await;
    let answer = |digest: &str| Request::AnswerApproval {
        approval_id: waiting.approval.id,
        answer: protocol::approval::ApprovalAnswer {
            decision: protocol::approval::Decision::Deny,
            digest: digest.to_owned(),
            note: Some("not this".to_owned()),
            rule: None,
        },
        surface: protocol::approval::Surface::CommandLine,
    };
    let client = machine.client().await;
    client.call(answer("0")).await.unwrap_err();
    client.call(answer(&waiting.approval.digest)).await.unwrap();
    let kept = outcome(&coordinator, id).await;
    let by = kept.events.iter().find_map(|entry| match &entry.event {
        Event::ApprovalSettled { by, .. } => Some(by.clone()),
        _ => None,
    });
    assert_eq!(by.unwrap().name, "Ada");
    assert!(
        !machine
            .folder
            .path()
            .join("work/team/1-a-job/attempt-1/no.txt")
            .exists()
    );
}

async fn a_paused_runner_takes_nothing() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let _service = machine.start();
    machine
        .state(|state| matches!(state.connection, Connection::Online).then_some(()))
        .await;
    let client = machine.client().await;
    client
        .call(Request::Pause {
            for_ms: None,
            note: Some("lunch".to_owned()),
        })
        .await
        .unwrap();
    until(|| {
        coordinator
            .fake
            .facts()
            .syncs
            .last()
            .is_some_and(|sync| sync.paused.is_some())
    })
    .await;
    let id = hand_out(&coordinator, "say x");
    let before = coordinator.fake.facts().syncs.len();
    until(|| coordinator.fake.facts().syncs.len() > before + 1).await;
    assert!(
        coordinator
            .fake
            .facts()
            .syncs
            .iter()
            .all(|sync| sync.held.is_empty())
    );
    client.call(Request::Resume).await.unwrap();
    outcome(&coordinator, id).await;
}

async fn stop_now_ends_the_agents() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let mut service = machine.start();
    let id = hand_out(&coordinator, "say before\nwait 1000s");
    machine
        .state(|state| {
            state
                .attempts
                .first()
                .and_then(|attempt| attempt.worker_answers.then_some(()))
        })
        .await;
    machine
        .client()
        .await
        .call(Request::Stop { now: true })
        .await
        .unwrap();
    assert_eq!(service.ended().await, Exit::Stopped);
    let kept = outcome(&coordinator, id).await;
    assert_eq!(kept.outcome().unwrap().kind, OutcomeKind::Interrupted);
}

async fn a_service_that_was_told_to_stop_leaves_word_of_it() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let mark = StopMark::of(&machine.data());
    for now in [false, true] {
        let mut service = machine.start();
        let client = machine.client().await;
        assert!(!mark.is_set(), "a service that runs is wanted");
        client.call(Request::Stop { now }).await.unwrap();
        assert!(mark.is_set(), "before the answer");
        assert_eq!(service.ended().await, Exit::Stopped);
        assert!(mark.is_set(), "after the end");
    }

    let service = machine.start();
    machine.client().await;
    assert_eq!(service.detach().await, Exit::Detached);
    assert!(!mark.is_set(), "a signal means the process alone");

    let service = machine.start();
    let id = hand_out(&coordinator, "ask Go on? | Yes");
    machine
        .state(|state| state.questions.first().cloned())
        .await;
    let client = machine.client().await;
    client.call(Request::Stop { now: false }).await.unwrap();
    client.call(Request::Resume).await.unwrap();
    assert!(!mark.is_set(), "somebody changed their mind");
    client
        .call(Request::CancelAttempt { attempt_id: id })
        .await
        .unwrap();
    outcome(&coordinator, id).await;
    service.detach().await;
}
