//! One more attempt at what was over.

use protocol::{
    job::{JobState, OutcomeKind},
    limits::{LEASE_GRACE_MS, LEASE_MS},
    runner::Assignment,
    time::Timestamp,
};
use store::{Retried, Store};

use super::world::{Machine, START, World, ada, ended, listed};

/// Longer than a lease with its grace.
const SILENCE_MS: u64 = LEASE_MS + LEASE_GRACE_MS + 1;

/// The assignment that the machine is handed next.
async fn handed_out(store: &Store, machine: &Machine, now: Timestamp) -> Assignment {
    let assignments = store
        .undelivered_assignments(machine.id, now)
        .await
        .unwrap();
    assignments.into_iter().next().expect("one is there")
}

pub(crate) async fn what_is_over_is_tried_again_and_hears_what_was_said(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let at = world.held(&mut machine, START).await;
    let id = at.job_id;
    store
        .accept_outcome(
            machine.id,
            at.attempt_id,
            1,
            ended(1, OutcomeKind::Failed, 0),
            START,
        )
        .await
        .unwrap()
        .unwrap();
    let again = START.plus_millis(5);
    let retry = |text: Option<String>| store.retry_job(id, text, ada(), again);
    let Some(Retried::Ready(job)) = retry(Some("Mind the tests.".to_owned())).await.unwrap() else {
        panic!("not tried again")
    };
    assert_eq!((job.state, job.ready_at), (JobState::Ready, Some(again)));
    // Called off before anybody took it, and wanted once more.
    store.request_cancel(id, ada(), again).await.unwrap();
    assert_eq!(world.job(id).await.state, JobState::Cancelled);
    retry(Some("And the documents.".to_owned())).await.unwrap();
    let job = world.job(id).await;
    assert_eq!(
        (job.state, job.cancel_requested_at),
        (JobState::Ready, None)
    );
    world.sync(&mut machine, &[], again).await;
    let next = world.claimed(&machine, id, again).await;
    let assignment = handed_out(store, &machine, again).await;
    assert_eq!(assignment.attempt_id, next.attempt_id);
    assert_eq!(assignment.attempt_number, 2);
    let heard = "Mind the tests.\n\nAnd the documents.";
    assert_eq!(assignment.earlier.len(), 1);
    assert_eq!(assignment.earlier[0].feedback.as_deref(), Some(heard));
    let seen = store.attempts_of(id, again).await.unwrap();
    assert_eq!(seen[0].feedback.as_deref(), Some(heard));
}

pub(crate) async fn bad_luck_is_counted_anew(store: &Store) {
    let world = World::new(store).await;
    let id = world.ready_job("unlucky", START).await.id;
    let mut now = START;
    let mut installation = 0;
    let mut lose = async || {
        installation += 1;
        let mut machine = world.machine(installation).await;
        let at = world.claimed(&machine, id, now).await;
        let fence = world.fence(at.attempt_id).await;
        world
            .sync(&mut machine, &[listed(at.attempt_id, fence)], now)
            .await;
        now = now.plus_millis(SILENCE_MS);
        world.look_at_the_clock(now).await;
        (world.job(id).await.state, now)
    };
    assert_eq!(lose().await.0, JobState::Ready);
    assert_eq!(lose().await.0, JobState::Ready);
    let (state, over) = lose().await;
    assert_eq!(state, JobState::Failed);
    store.retry_job(id, None, ada(), over).await.unwrap();
    assert_eq!(lose().await.0, JobState::Ready);
    assert_eq!(lose().await.0, JobState::Ready);
    assert_eq!(lose().await.0, JobState::Failed);
}

pub(crate) async fn what_waits_or_runs_is_not_tried_again(store: &Store) {
    let world = World::new(store).await;
    let job = world.ready_job("waits", START).await;
    let retry = |text: Option<String>| store.retry_job(job.id, text, ada(), START);
    let wrong = |state| Some(Retried::WrongState(state));
    assert_eq!(retry(None).await.unwrap(), wrong(JobState::Ready));
    store.request_cancel(job.id, ada(), START).await.unwrap();
    assert_eq!(
        retry(Some("Of nothing.".to_owned())).await.unwrap(),
        Some(Retried::NobodyToHear)
    );
    assert_eq!(world.job(job.id).await.state, JobState::Cancelled);
    assert!(matches!(
        retry(None).await.unwrap(),
        Some(Retried::Ready(_))
    ));
    let machine = world.machine(1).await;
    world.claimed(&machine, job.id, START).await;
    assert_eq!(retry(None).await.unwrap(), wrong(JobState::InProgress));
    let nowhere = protocol::ids::JobId(uuid::Uuid::now_v7());
    let none = store.retry_job(nowhere, None, ada(), START).await;
    assert_eq!(none.unwrap(), None);
}
