//! What goes after a while, and what never does.

use std::collections::BTreeMap;

use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use protocol::{
    api::{NotificationKind, Surface},
    ids::JobId,
    job::OutcomeKind,
    time::Timestamp,
};
use store::{Actor, Audit, AuditFilter, AuditLog, NewJob, Store, Subject};

use super::world::{Machine, START, World, ended, listed, log_entry, new_job};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// Jobs of one history, and histories.
const JOBS: usize = 12;
const HISTORIES: usize = 8;

/// How far a job comes.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Backlog,
    Ready,
    Assigned,
    Held,
    Interrupted,
    CancelRequested,
    Cancelled,
    Failed,
    Done,
    /// Its log has not been moved yet.
    DoneWithLog,
}

fn any_fate() -> impl Strategy<Value = Fate> {
    prop::sample::select(vec![
        Fate::Backlog,
        Fate::Ready,
        Fate::Assigned,
        Fate::Held,
        Fate::Interrupted,
        Fate::CancelRequested,
        Fate::Cancelled,
        Fate::Failed,
        Fate::Done,
        Fate::DoneWithLog,
    ])
}

/// Lets a job come as far as `fate` says.
async fn live(world: &World<'_>, machine: &mut Machine, fate: Fate, now: Timestamp) -> JobId {
    let store = world.store;
    let new = NewJob {
        // None ends by itself.
        deadline_ms: Some(1_000 * DAY_MS),
        ..new_job(
            world.workspace,
            world.owner,
            "one of many",
            !matches!(fate, Fate::Backlog),
        )
    };
    let job = store.create_job(new, Actor::system(), now).await.unwrap();
    let cancel = async || {
        store
            .request_cancel(job.id, Actor::system(), now)
            .await
            .unwrap();
    };
    if matches!(fate, Fate::Backlog | Fate::Ready) {
        return job.id;
    }
    if matches!(fate, Fate::Cancelled) {
        cancel().await;
        return job.id;
    }
    world.sync(machine, &[], now).await;
    let at = world.claimed(machine, job.id, now).await;
    if matches!(fate, Fate::Assigned) {
        return job.id;
    }
    let fence = world.fence(at.attempt_id).await;
    world
        .sync(machine, &[listed(at.attempt_id, fence)], now)
        .await;
    let outcome = match fate {
        Fate::CancelRequested => {
            cancel().await;
            return job.id;
        }
        Fate::Interrupted => OutcomeKind::Interrupted,
        Fate::Failed => OutcomeKind::Failed,
        Fate::Done | Fate::DoneWithLog => OutcomeKind::Succeeded,
        _ => return job.id,
    };
    let entries = u64::from(matches!(fate, Fate::DoneWithLog));
    let log = (1..=entries).map(log_entry).collect();
    store
        .append_log(machine.id, at.attempt_id, fence, log, now)
        .await
        .unwrap();
    let end = ended(1, outcome, entries);
    let accepted = store.accept_outcome(machine.id, at.attempt_id, fence, end, now);
    accepted.await.unwrap().unwrap();
    job.id
}

/// Over any history, whatever the settings: a job goes only when it is over, older than
/// that, and its log has been dealt with.
pub(crate) async fn whatever_happened_nothing_that_is_not_over_is_erased(store: &Store) {
    let world = World::new(store).await;
    let mut runner = TestRunner::deterministic();
    let history = prop::collection::vec((any_fate(), 0..60_u64), JOBS);
    let mut installation = 0;
    for _ in 0..HISTORIES {
        let history = history.new_tree(&mut runner).unwrap().current();
        let mut lived = BTreeMap::new();
        for (fate, day) in history {
            installation += 1;
            let mut machine = world.machine(installation).await;
            let now = START.plus_millis(day * DAY_MS);
            let id = live(&world, &mut machine, fate, now).await;
            lived.insert(id, (fate, now));
        }
        for day in [0, 20, 40, 100] {
            let before = START.plus_millis(day * DAY_MS);
            let found = store.jobs_over_before(before, None, 1_000).await.unwrap();
            assert!(found.poisoned.is_empty());
            // Also what was not found: whoever asks to erase is not simply believed.
            for id in lived.keys() {
                store.erase_job_over_before(*id, before).await.unwrap();
            }
            let mut erased = Vec::new();
            for (id, (fate, at)) in &lived {
                let is_there = store.job(*id).await.unwrap().is_some();
                let is_over = matches!(fate, Fate::Cancelled | Fate::Failed | Fate::Done);
                let goes = is_over && *at < before;
                let listed = found.rows.iter().any(|job| job.job_id == *id);
                assert_eq!(
                    (listed, is_there),
                    (goes, !goes),
                    "{fate:?} at {at:?} before {before:?}"
                );
                if !is_there {
                    erased.push(*id);
                }
            }
            lived.retain(|id, _| !erased.contains(id));
        }
    }
}

pub(crate) async fn lines_of_the_audit_log_go_by_their_age(store: &Store) {
    let world = World::new(store).await;
    let actor = Actor {
        surface: Surface::CommandLine,
        ..Actor::system()
    };
    let subject = || Subject::new("runner", 7, "box");
    let later = START.plus_millis(DAY_MS);
    for (action, at) in [("runner.shared", START), ("runner.removed", later)] {
        let line = Audit::in_workspace(world.workspace, actor.clone(), action, subject());
        store.audit(line, at).await.unwrap();
    }
    let log = AuditLog::Workspace(world.workspace);
    let left = async || {
        let filter = AuditFilter {
            limit: 50,
            ..AuditFilter::default()
        };
        let page = store.audit_page(log, filter).await.unwrap();
        let lines = page.entries.iter().map(|line| line.at);
        lines.collect::<Vec<_>>()
    };
    let before = left().await;
    store.erase_audit(START).await.unwrap();
    assert_eq!(left().await, before, "nothing is older");
    while store.erase_audit(later).await.unwrap() > 0 {}
    assert_eq!(left().await, [later]);
    assert_eq!(store.erase_audit(later).await.unwrap(), 0);
}

pub(crate) async fn only_notifications_that_were_read_go_by_their_age(store: &Store) {
    let world = World::new(store).await;
    for installation in 1..=2 {
        world.machine(installation).await;
    }
    let silent = store.silent_runners(START, None, 9).await.unwrap().rows;
    assert_eq!(silent.len(), 2);
    for runner in silent {
        store.tell_of_silence(runner, START).await.unwrap();
    }
    let kept = async || {
        let list = store.notifications(world.owner, None, 9).await.unwrap();
        let kinds = list.notifications.iter().map(|one| (one.kind, one.read));
        kinds.collect::<Vec<_>>()
    };
    let offline = NotificationKind::RunnerOffline;
    let read_at = START.plus_millis(DAY_MS);
    let list = store.notifications(world.owner, None, 9).await.unwrap();
    let first = list.notifications[0].id;
    store
        .read_notifications(world.owner, vec![first], read_at)
        .await
        .unwrap();
    assert_eq!(store.erase_read_notifications(read_at).await.unwrap(), 0);
    assert_eq!(kept().await.len(), 2, "it was read a moment ago");
    let after = read_at.plus_millis(1);
    assert_eq!(store.erase_read_notifications(after).await.unwrap(), 1);
    let far = START.plus_millis(1_000 * DAY_MS);
    assert_eq!(store.erase_read_notifications(far).await.unwrap(), 0);
    assert_eq!(kept().await, [(offline, false)], "nobody has read it");
}
