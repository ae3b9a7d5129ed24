//! The runner keeps itself: what it does when its machine, its disk or its directory is not as it should be.

use std::{fs, path::Path};

use control::{
    message::Request,
    state::{ConfigPatch, Connection, SpaceConfig},
};
use libtest_mimic::Trial;
use protocol::{agent::AgentName, ids::AttemptId, job::OutcomeKind};

use super::{Machine, assert_whole, assignment, hand_out, outcome};
use crate::{
    fake::{Fake, Running},
    trial,
    worker::until,
};

pub(super) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "service::a_machine_that_fails_everything_pauses_itself",
            a_machine_that_fails_everything_pauses_itself,
        ),
        trial(
            "service::below_the_floor_nothing_is_taken",
            below_the_floor_nothing_is_taken,
        ),
        trial(
            "service::a_copy_explains_itself_and_the_older_goes_on",
            a_copy_explains_itself_and_the_older_goes_on,
        ),
        trial(
            "service::a_directory_that_was_moved_goes_on_when_told",
            a_directory_that_was_moved_goes_on_when_told,
        ),
        #[cfg(target_os = "linux")]
        trial(
            "service::a_flood_while_the_coordinator_is_away_stays_on_the_disk",
            a_flood_while_the_coordinator_is_away_stays_on_the_disk,
        ),
    ]
}

/// Hands out a job for an agent that this machine does not have.
fn hand_out_what_fails(coordinator: &Running, number: u64) -> AttemptId {
    let mut assignment = assignment(number, "say never");
    assignment.agent = Some(AgentName::new("absent"));
    let id = assignment.attempt_id;
    coordinator
        .fake
        .change(|facts| facts.assignments.push(assignment));
    id
}

async fn online(machine: &Machine) {
    machine
        .state(|state| matches!(state.connection, Connection::Online).then_some(()))
        .await;
}

async fn a_machine_that_fails_everything_pauses_itself() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let service = machine.start();
    for number in 1..=3 {
        let id = hand_out_what_fails(&coordinator, number);
        let kept = outcome(&coordinator, id).await;
        assert_eq!(kept.outcome().unwrap().kind, OutcomeKind::Failed);
    }
    let note = machine
        .state(|state| state.paused.clone())
        .await
        .note
        .unwrap();
    assert!(note.starts_with("by itself: 3 jobs in a row"), "{note}");
    assert!(note.contains("`absent` cannot be used here"), "{note}");
    until(|| {
        let facts = coordinator.fake.facts();
        facts.syncs.last().is_some_and(|sync| sync.paused.is_some())
    })
    .await;
    // It survives a start, and takes nothing.
    service.detach().await;
    let _service = machine.start();
    online(&machine).await;
    let waits = hand_out(&coordinator, "say hello");
    let paused = machine.state(|state| state.paused.clone()).await;
    assert_eq!(paused.note.as_deref(), Some(note.as_str()));
    assert!(!coordinator.fake.facts().confirmed.contains(&waits));
    machine.client().await.call(Request::Resume).await.unwrap();
    let kept = outcome(&coordinator, waits).await;
    assert_eq!(kept.outcome().unwrap().kind, OutcomeKind::Succeeded);
    // Counting has begun anew: two more are not enough.
    for number in 5..=6 {
        let id = hand_out_what_fails(&coordinator, number);
        outcome(&coordinator, id).await;
    }
    machine
        .state(|state| state.attempts.is_empty().then_some(()))
        .await;
    assert!(machine.state(|state| Some(state.paused.is_none())).await);
}

async fn below_the_floor_nothing_is_taken() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    fs::create_dir_all(machine.data()).unwrap();
    // More than any disk has.
    fs::write(
        machine.data().join("config.toml"),
        "disk_floor_mb = 4000000000\n",
    )
    .unwrap();
    let _service = machine.start();
    let id = hand_out(&coordinator, "say hello");
    let said = machine
        .state(|state| {
            let low = state.troubles.iter().find(|one| one.code == "disk_low");
            low.map(|one| one.message.clone())
        })
        .await;
    assert!(said.contains("disk_floor_mb"), "{said}");
    until(|| {
        let facts = coordinator.fake.facts();
        let said = |sync: &protocol::runner::SyncRequest| {
            sync.troubles.iter().any(|one| one.code == "disk_low")
        };
        facts.syncs.last().is_some_and(said)
    })
    .await;
    assert!(!coordinator.fake.facts().confirmed.contains(&id));
    let patch = ConfigPatch {
        space: Some(SpaceConfig {
            disk_floor_mb: 1,
            keep_days: 0,
            aside_days: 7,
        }),
        ..ConfigPatch::default()
    };
    machine
        .client()
        .await
        .call(Request::Configure { patch })
        .await
        .unwrap();
    let kept = outcome(&coordinator, id).await;
    assert_eq!(kept.outcome().unwrap().kind, OutcomeKind::Succeeded);
    let text = fs::read_to_string(machine.data().join("config.toml")).unwrap();
    assert!(
        text.contains("disk_floor_mb = 1\n") && text.contains("keep_days = 0\n"),
        "{text}"
    );
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A machine whose data directory is a copy of `machine`'s.
fn copied(machine: &Machine, coordinator: &Running) -> Machine {
    let other = Machine::new(coordinator);
    copy(&machine.data(), &other.data());
    fs::remove_file(other.data().join("control.address")).ok();
    other
}

fn explained(connection: &Connection) -> Option<()> {
    let Connection::SignedOut {
        because: Some(because),
    } = connection
    else {
        return None;
    };
    (because.contains("copied") && because.contains("coord runner moved")).then_some(())
}

async fn a_copy_explains_itself_and_the_older_goes_on() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let _service = machine.start();
    let id = hand_out(&coordinator, "say before\nrun true\nsay after");
    let approval = machine
        .state(|state| state.approvals.first().cloned())
        .await;
    let before = coordinator.fake.facts().refreshes;
    let other = copied(&machine, &coordinator);
    let _copy = other.start();
    other.state(|state| explained(&state.connection)).await;
    assert!(other.state(|state| Some(state.attempts.is_empty())).await);
    {
        let facts = coordinator.fake.facts();
        assert_eq!(
            (facts.refreshes, facts.registrations),
            (before, 1),
            "the tokens are the older one's"
        );
        assert!(facts.syncs.iter().all(|sync| sync.boot_number == 1));
    }
    // Signing in makes it a runner of its own; it does not know the other's job.
    let own = |data: &Path| {
        let credentials = fs::read_to_string(data.join("credentials.json")).unwrap();
        serde_json::from_str::<serde_json::Value>(&credentials).unwrap()
    };
    let kept_before = own(&other.data());
    machine
        .client()
        .await
        .call(Request::AnswerApproval {
            approval_id: approval.approval.id,
            answer: protocol::approval::ApprovalAnswer {
                decision: protocol::approval::Decision::AllowOnce,
                digest: approval.approval.digest.clone(),
                note: None,
                rule: None,
            },
            surface: protocol::approval::Surface::Window,
        })
        .await
        .unwrap();
    let kept = outcome(&coordinator, id).await;
    assert_eq!(kept.outcome().unwrap().kind, OutcomeKind::Succeeded);
    assert_whole(&machine, id, &kept);
    other.client().await.call(Request::SignIn).await.unwrap();
    online(&other).await;
    assert_eq!(coordinator.fake.facts().registrations, 2);
    assert_ne!(own(&other.data()), kept_before, "tokens of its own");
    assert!(other.state(|state| Some(state.attempts.is_empty())).await);
}

async fn a_directory_that_was_moved_goes_on_when_told() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let service = machine.start();
    let id = hand_out(&coordinator, "say before\nrun true\nsay after");
    machine
        .state(|state| state.approvals.first().cloned())
        .await;
    service.detach().await;
    let mut other = copied(&machine, &coordinator);
    // The worker lives where it was started, as on a disk that was mounted elsewhere.
    fs::remove_dir_all(other.data().join("attempts")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(
        machine.data().join("attempts"),
        other.data().join("attempts"),
    )
    .unwrap();
    other.login = false;
    let _service = other.start();
    other.state(|state| explained(&state.connection)).await;
    other.client().await.call(Request::Moved).await.unwrap();
    let approval = other.state(|state| state.approvals.first().cloned()).await;
    online(&other).await;
    other
        .client()
        .await
        .call(Request::AnswerApproval {
            approval_id: approval.approval.id,
            answer: protocol::approval::ApprovalAnswer {
                decision: protocol::approval::Decision::AllowOnce,
                digest: approval.approval.digest.clone(),
                note: None,
                rule: None,
            },
            surface: protocol::approval::Surface::Window,
        })
        .await
        .unwrap();
    let kept = outcome(&coordinator, id).await;
    assert_eq!(kept.outcome().unwrap().kind, OutcomeKind::Succeeded);
    assert_eq!(coordinator.fake.facts().registrations, 1, "the same runner");
}

/// The most memory that a process has ever used, in megabytes.
#[cfg(target_os = "linux")]
fn peak_mb(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kb = line.and_then(|line| line.split_whitespace().nth(1));
    kb.unwrap().parse::<u64>().unwrap() / 1024
}

#[cfg(target_os = "linux")]
async fn a_flood_while_the_coordinator_is_away_stays_on_the_disk() {
    /// By how much either process may grow, and much less than what is printed.
    const GROWTH_MB_MAX: u64 = 24;
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let _service = machine.start();
    let id = hand_out(
        &coordinator,
        "say before\nrun true\nflood 60000 1000\nrun true\nsay after",
    );
    let first = machine
        .state(|state| state.approvals.first().cloned())
        .await;
    coordinator.fake.change(|facts| facts.away = true);
    let known: serde_json::Value = serde_json::from_str(&machine.disk(id, "worker.json")).unwrap();
    let worker: process::Identity = serde_json::from_value(known["process"].clone()).unwrap();
    let peaks = || [peak_mb(worker.pid), peak_mb(std::process::id())];
    let before = peaks();
    let allow = |approval: &control::state::WaitingApproval| Request::AnswerApproval {
        approval_id: approval.approval.id,
        answer: protocol::approval::ApprovalAnswer {
            decision: protocol::approval::Decision::AllowOnce,
            digest: approval.approval.digest.clone(),
            note: None,
            rule: None,
        },
        surface: protocol::approval::Surface::Window,
    };
    machine.client().await.call(allow(&first)).await.unwrap();
    // The second request comes after the whole flood.
    machine
        .state(|state| {
            let next = state.approvals.first();
            next.filter(|next| next.approval.id != first.approval.id)
                .map(|_| ())
        })
        .await;
    let printed = fs::metadata(
        machine
            .data()
            .join("attempts")
            .join(id.to_string())
            .join("log.ndjson"),
    )
    .unwrap()
    .len();
    assert!(printed > 60_000_000, "{printed} bytes are on the disk");
    let after = peaks();
    for (before, after) in before.into_iter().zip(after) {
        assert!(
            after < before + GROWTH_MB_MAX,
            "from {before} MB to {after} MB"
        );
    }
    machine
        .client()
        .await
        .call(Request::CancelAttempt { attempt_id: id })
        .await
        .unwrap();
}
