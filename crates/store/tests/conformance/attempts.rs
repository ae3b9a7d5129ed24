//! How attempts end, and what that means for their jobs.

use lifecycle::attempt::Refused;
use protocol::{
    job::{JobState, OutcomeKind, Phase},
    limits::{CANCEL_DEADLINE_MS, LEASE_GRACE_MS, LEASE_MS},
    record::Event,
    runner::{OrderKind, StopReason},
    time::Timestamp,
};
use store::{Appended, CancelRequested, OutcomeRefused, Store};

use super::world::{START, World, ada, ended, event, listed, log_entry};

/// A moment at which a lease granted at the start is past its grace.
const LOST: Timestamp = START.plus_millis(LEASE_MS + LEASE_GRACE_MS + 1);

pub(crate) async fn from_claim_to_done(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let at = world.held(&mut machine, START).await;
    let view = store.attempts_of(at.job_id, START).await.unwrap().remove(0);
    assert_eq!(
        (view.number, view.state, view.unreachable),
        (1, Phase::Running, false)
    );
    let accepted = store
        .accept_outcome(
            machine.id,
            at.attempt_id,
            1,
            ended(1, OutcomeKind::Succeeded, 0),
            LOST,
        )
        .await
        .unwrap()
        .unwrap();
    assert!(accepted.new);
    assert_eq!(accepted.job_state, JobState::Done);
    assert_eq!(world.job(at.job_id).await.state, JobState::Done);
    let view = store.attempts_of(at.job_id, LOST).await.unwrap().remove(0);
    assert_eq!(view.outcome, Some(OutcomeKind::Succeeded));
    assert_eq!(
        view.outcome_detail.unwrap().summary.as_deref(),
        Some("done")
    );
    assert_eq!(
        (view.ended_at, view.state, view.unreachable),
        (Some(LOST), Phase::Ended, false)
    );
    let runner = store.runner(machine.id).await.unwrap().unwrap();
    assert_eq!(runner.lifetime_attempts, 1);
}

pub(crate) async fn an_outcome_counts_once(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let at = world.held(&mut machine, START).await;
    let end = |kind| store.accept_outcome(machine.id, at.attempt_id, 1, ended(1, kind, 0), START);
    let first = end(OutcomeKind::Failed).await.unwrap().unwrap();
    let again = end(OutcomeKind::Failed).await.unwrap().unwrap();
    assert!(first.new && !again.new);
    assert_eq!((again.job_state, again.last), (JobState::Failed, 1));
    let other = end(OutcomeKind::Succeeded).await.unwrap();
    assert_eq!(
        other.unwrap_err(),
        OutcomeRefused::Rule(Refused::AlreadyEnded)
    );
    assert_eq!(world.job(at.job_id).await.state, JobState::Failed);
    let answer = world
        .sync(&mut machine, &[listed(at.attempt_id, 1)], START)
        .await;
    assert_eq!(answer.stop[0].reason, StopReason::Finished);
}

pub(crate) async fn an_outcome_waits_for_everything_that_it_counts(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let at = world.held(&mut machine, START).await;
    let end = |n, log_last| {
        let entry = ended(n, OutcomeKind::Succeeded, log_last);
        store.accept_outcome(machine.id, at.attempt_id, 1, entry, START)
    };
    assert_eq!(
        end(2, 0).await.unwrap().unwrap_err(),
        OutcomeRefused::EventsMissing { last: 0 }
    );
    assert_eq!(
        end(1, 2).await.unwrap().unwrap_err(),
        OutcomeRefused::LogMissing { last: 0 }
    );
    assert_eq!(world.job(at.job_id).await.state, JobState::InProgress);
    let entries = vec![log_entry(1), log_entry(2)];
    store
        .append_log(machine.id, at.attempt_id, 1, entries, START)
        .await
        .unwrap();
    assert!(end(1, 2).await.unwrap().is_ok());
    let unconfirmed = world.machine(2).await;
    let at = world.assigned(&unconfirmed, START).await;
    let refused = store
        .accept_outcome(
            unconfirmed.id,
            at.attempt_id,
            1,
            ended(1, OutcomeKind::Succeeded, 0),
            START,
        )
        .await
        .unwrap();
    assert_eq!(
        refused.unwrap_err(),
        OutcomeRefused::Rule(Refused::NotConfirmed)
    );
}

pub(crate) async fn a_lost_runner_that_comes_back_first_goes_on(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let at = world.held(&mut machine, START).await;
    assert!(
        world
            .look_at_the_clock(START.plus_millis(LEASE_MS + LEASE_GRACE_MS))
            .await
            .is_empty()
    );
    assert_eq!(world.look_at_the_clock(LOST).await, [at]);
    assert_eq!(world.job(at.job_id).await.state, JobState::Ready);
    let answer = world
        .sync(&mut machine, &[listed(at.attempt_id, 1)], LOST)
        .await;
    assert_eq!((answer.leases.len(), answer.stop.len()), (1, 0));
    assert_eq!(world.job(at.job_id).await.state, JobState::InProgress);
    let accepted = store
        .accept_outcome(
            machine.id,
            at.attempt_id,
            1,
            ended(1, OutcomeKind::Succeeded, 0),
            LOST,
        )
        .await
        .unwrap();
    assert_eq!(accepted.unwrap().job_state, JobState::Done);
}

pub(crate) async fn after_the_next_claim_only_late_entries_are_kept(store: &Store) {
    let world = World::new(store).await;
    let mut lost = world.machine(1).await;
    let old = world.held(&mut lost, START).await;
    world.look_at_the_clock(LOST).await;
    let mut other = world.machine(2).await;
    let new = world.claimed(&other, old.job_id, LOST).await;
    world
        .sync(&mut other, &[listed(new.attempt_id, 2)], LOST)
        .await;
    let answer = world
        .sync(&mut lost, &[listed(old.attempt_id, 1)], LOST)
        .await;
    assert_eq!(answer.stop[0].reason, StopReason::FenceMovedOn);
    let late = vec![event(
        1,
        Event::PhaseChanged {
            phase: Phase::Packaging,
        },
    )];
    let kept = store
        .append_events(lost.id, old.attempt_id, 1, late, LOST)
        .await
        .unwrap();
    assert!(
        matches!(
            kept,
            Appended::Kept {
                last: 1,
                new: 1,
                ..
            }
        ),
        "{kept:?}"
    );
    let attempt = store.attempt(old.attempt_id).await.unwrap().unwrap();
    assert_eq!(
        attempt.phase,
        Phase::Ended,
        "a late event brings nothing back to life"
    );
    let refused = store
        .accept_outcome(
            lost.id,
            old.attempt_id,
            1,
            ended(2, OutcomeKind::Succeeded, 0),
            LOST,
        )
        .await
        .unwrap();
    assert_eq!(
        refused.unwrap_err(),
        OutcomeRefused::Rule(Refused::StaleFence)
    );
    let accepted = store
        .accept_outcome(
            other.id,
            new.attempt_id,
            2,
            ended(1, OutcomeKind::Failed, 0),
            LOST,
        )
        .await
        .unwrap();
    assert_eq!(accepted.unwrap().job_state, JobState::Failed);
}

pub(crate) async fn an_outage_of_the_coordinator_loses_nothing(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let at = world.held(&mut machine, START).await;
    assert_eq!(store.touch_alive(START).await.unwrap(), START);
    let soon = START.plus_millis(10_000);
    assert_eq!(store.touch_alive(soon).await.unwrap(), START, "no break");
    let back = START.plus_millis(3_600_000);
    let up_since = store.touch_alive(back).await.unwrap();
    assert_eq!(up_since, back, "it was away for an hour");
    let judged_at = |now| store.check_attempt(at.attempt_id, up_since, now);
    assert_eq!(judged_at(back).await.unwrap(), None);
    let patient = back.plus_millis(LEASE_MS + LEASE_GRACE_MS);
    assert_eq!(judged_at(patient).await.unwrap(), None);
    assert_eq!(judged_at(patient.plus_millis(1)).await.unwrap(), Some(at));
}

pub(crate) async fn bad_luck_three_times_fails_the_job(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let job = world.ready_job("x", START).await;
    for (fence, after) in [
        (1, JobState::Ready),
        (2, JobState::Ready),
        (3, JobState::Failed),
    ] {
        let at = world.claimed(&machine, job.id, START).await;
        world
            .sync(&mut machine, &[listed(at.attempt_id, fence)], START)
            .await;
        let end = ended(1, OutcomeKind::Interrupted, 0);
        let accepted = store
            .accept_outcome(machine.id, at.attempt_id, fence, end, START)
            .await;
        assert_eq!(
            accepted.unwrap().unwrap().job_state,
            after,
            "attempt {fence}"
        );
        world.sync(&mut machine, &[], START).await;
    }
    assert_eq!(store.attempts_of(job.id, START).await.unwrap().len(), 3);
}

pub(crate) async fn a_cancel_has_a_deadline_of_its_own(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let at = world.held(&mut machine, START).await;
    let cancel = |now| store.request_cancel(at.job_id, ada(), now);
    assert_eq!(
        cancel(START).await.unwrap(),
        Some(CancelRequested::Ordered(at))
    );
    let later = START.plus_millis(10_000);
    assert_eq!(
        cancel(later).await.unwrap(),
        Some(CancelRequested::Ordered(at))
    );
    let orders = store.pending_orders(machine.id, later).await.unwrap();
    assert_eq!(orders.len(), 1, "asked twice, ordered once: {orders:?}");
    assert_eq!(
        orders[0].order,
        OrderKind::Cancel {
            deadline_ms: CANCEL_DEADLINE_MS - 10_000,
            by: "Ada".to_owned()
        }
    );
    let job = world.job(at.job_id).await;
    assert_eq!(
        (job.state, job.cancel_requested_at),
        (JobState::InProgress, Some(START))
    );
    let due = START.plus_millis(CANCEL_DEADLINE_MS + 1);
    // Reporting in does not move the deadline.
    world
        .sync(&mut machine, &[listed(at.attempt_id, 1)], due)
        .await;
    assert_eq!(world.look_at_the_clock(due).await, [at]);
    assert_eq!(world.job(at.job_id).await.state, JobState::Cancelled);
    assert!(
        store
            .pending_orders(machine.id, due)
            .await
            .unwrap()
            .is_empty()
    );
    let answer = world
        .sync(&mut machine, &[listed(at.attempt_id, 1)], due)
        .await;
    assert_eq!(answer.stop[0].reason, StopReason::Cancelled);
}

pub(crate) async fn cancelling_an_unconfirmed_attempt_takes_it_back(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let at = world.assigned(&machine, START).await;
    let cancelled = store.request_cancel(at.job_id, ada(), START).await.unwrap();
    assert_eq!(cancelled, Some(CancelRequested::Cancelled));
    assert_eq!(world.job(at.job_id).await.state, JobState::Cancelled);
    assert!(
        store
            .undelivered_assignments(machine.id, START)
            .await
            .unwrap()
            .is_empty()
    );
    let answer = world
        .sync(&mut machine, &[listed(at.attempt_id, 1)], START)
        .await;
    assert_eq!(answer.stop[0].reason, StopReason::Cancelled);
}
