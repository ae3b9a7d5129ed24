//! Attempts that a runner does not list any more.

use protocol::{
    ids::BootId,
    job::{JobState, OutcomeKind, Phase},
};
use store::{Store, SyncRefused};
use uuid::Uuid;

use super::world::{START, World, ada, listed, sync_request};

pub(crate) async fn what_a_runner_has_forgotten_is_over_with_that_sync(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let at = world.held(&mut machine, START).await;
    let listing = sync_request(&machine, &[listed(at.attempt_id, 1)]);
    let answer = world.sync(&mut machine, &[], START).await;
    assert_eq!(answer.forgotten, [at]);
    assert_eq!((answer.leases.len(), answer.stop.len()), (0, 0));
    assert_eq!(
        world.job(at.job_id).await.state,
        JobState::Ready,
        "at once, and not with the lease"
    );
    let view = store.attempts_of(at.job_id, START).await.unwrap().remove(0);
    assert_eq!(
        (view.state, view.outcome, view.number),
        (Phase::Ended, Some(OutcomeKind::Interrupted), 1)
    );
    // A sync from before that arrives only now brings nothing back.
    let late = store.accept_sync(machine.id, listing, START).await.unwrap();
    assert!(matches!(late, Err(SyncRefused::Order(_))), "{late:?}");
    assert_eq!(world.job(at.job_id).await.state, JobState::Ready);
    let again = world.sync(&mut machine, &[], START).await;
    assert_eq!(again.forgotten, [], "once");
}

pub(crate) async fn only_a_sync_that_counts_forgets_and_only_what_was_confirmed(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let assigned = world.assigned(&machine, START).await;
    let answer = world.sync(&mut machine, &[], START).await;
    assert_eq!(answer.forgotten, [], "an assignment is on its way");
    let without = sync_request(&machine, &[]);
    let held = [listed(assigned.attempt_id, 1)];
    let answer = world.sync(&mut machine, &held, START).await;
    assert_eq!(answer.leases.len(), 1);
    for older in [without.clone(), {
        let mut copy = without;
        copy.boot_id = BootId(Uuid::from_u128(77));
        copy.seq = 99;
        copy
    }] {
        let refused = store.accept_sync(machine.id, older, START).await.unwrap();
        assert!(refused.is_err(), "{refused:?}");
    }
    assert_eq!(world.job(assigned.job_id).await.state, JobState::InProgress);
    // A start that knows of it goes on with it, whatever its number.
    machine.boot_number += 1;
    machine.boot_id = BootId(Uuid::from_u128(78));
    let answer = world.sync(&mut machine, &held, START).await;
    assert_eq!((answer.leases.len(), answer.forgotten.len()), (1, 0));
    // One that lost its memory does not.
    machine.boot_number += 1;
    machine.boot_id = BootId(Uuid::from_u128(79));
    let answer = world.sync(&mut machine, &[], START).await;
    assert_eq!(answer.forgotten, [assigned]);
}

pub(crate) async fn what_was_called_off_and_forgotten_is_cancelled(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let at = world.held(&mut machine, START).await;
    store.request_cancel(at.job_id, ada(), START).await.unwrap();
    let answer = world.sync(&mut machine, &[], START).await;
    assert_eq!(answer.forgotten, [at]);
    assert_eq!(world.job(at.job_id).await.state, JobState::Cancelled);
}
