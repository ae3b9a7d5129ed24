//! What is over: by a deadline, and after it has been kept for long enough.

use protocol::{
    digest::sha256_hex,
    job::{JobState, OutcomeKind},
    runner::StopReason,
};
use store::{Appended, NewJob, SealedLog, Store};

use super::world::{DEADLINE_MS, START, World, ended, listed, log_entry, new_job};

pub(crate) async fn a_deadline_ends_an_attempt_without_its_runner(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let short = NewJob {
        deadline_ms: Some(600_000),
        ..new_job(world.workspace, world.owner, "short", true)
    };
    let job = store
        .create_job(short, super::world::ada(), START)
        .await
        .unwrap();
    assert_eq!(job.deadline_ms, Some(600_000));
    let at = world.claimed(&machine, job.id, START).await;
    let (due, late) = (START.plus_millis(600_000), START.plus_millis(600_001));
    // It reports in all the time, and that moves nothing.
    for now in [START, due] {
        let lists = [listed(at.attempt_id, 1)];
        assert_eq!(world.sync(&mut machine, &lists, now).await.leases.len(), 1);
        assert!(world.look_at_the_clock(now).await.is_empty());
    }
    assert_eq!(world.look_at_the_clock(late).await, [at]);
    assert!(world.look_at_the_clock(late).await.is_empty());
    assert_eq!(world.job(job.id).await.state, JobState::Failed);
    let seen = store.attempts_of(job.id, late).await.unwrap().remove(0);
    let outcome = seen.outcome_detail.unwrap();
    assert_eq!(outcome.kind, OutcomeKind::Failed);
    assert!(outcome.failure.unwrap().message.contains("deadline"));
    let lists = [listed(at.attempt_id, 1)];
    let answer = world.sync(&mut machine, &lists, late).await;
    assert_eq!(answer.stop[0].reason, StopReason::Finished);
    // What it had not sent yet is kept, and there is nothing to compare it with.
    let entries = vec![log_entry(1)];
    let kept = store.append_log(machine.id, at.attempt_id, 1, entries, late);
    assert!(matches!(
        kept.await.unwrap(),
        Appended::Kept { last: 1, .. }
    ));
    assert!(store.unchecked_logs(None, 9).await.unwrap().rows.is_empty());
    assert!(
        store
            .sealable_logs(None, 9, late)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
}

pub(crate) async fn a_job_that_says_no_deadline_has_the_default(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let at = world.held(&mut machine, START).await;
    let due = START.plus_millis(DEADLINE_MS);
    world
        .sync(&mut machine, &[listed(at.attempt_id, 1)], due)
        .await;
    assert!(world.look_at_the_clock(due).await.is_empty());
    assert_eq!(world.look_at_the_clock(due.plus_millis(1)).await, [at]);
}

pub(crate) async fn only_what_is_over_and_old_and_dealt_with_is_erased(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let ready = world.ready_job("still waits", START).await;
    let mut done = Vec::new();
    for entries in [0, 1, 2] {
        let at = world.held(&mut machine, START).await;
        let fence = world.fence(at.attempt_id).await;
        let log = (1..=entries).map(log_entry).collect();
        store
            .append_log(machine.id, at.attempt_id, fence, log, START)
            .await
            .unwrap();
        let end = ended(1, OutcomeKind::Succeeded, entries);
        store
            .accept_outcome(machine.id, at.attempt_id, fence, end, START)
            .await
            .unwrap()
            .unwrap();
        world.sync(&mut machine, &[], START).await;
        done.push(at);
    }
    let held = world.held(&mut machine, START).await;
    // The log of the second one is sealed, that of the third is not.
    let piece = SealedLog {
        first: 1,
        last: 1,
        sha256: sha256_hex(b""),
    };
    assert!(
        store
            .log_sealed(done[1].attempt_id, piece, START)
            .await
            .unwrap()
    );
    let old = |before| store.jobs_over_before(before, None, 9);
    assert!(old(START).await.unwrap().rows.is_empty(), "not old enough");
    let before = START.plus_millis(1);
    let found = old(before).await.unwrap().rows;
    let ids: Vec<_> = found.iter().map(|job| job.job_id).collect();
    assert_eq!(ids, [done[0].job_id, done[1].job_id]);
    assert_eq!(found[1].attempts, [done[1].attempt_id]);
    for (job, goes) in [
        (done[0].job_id, true),
        (done[1].job_id, true),
        (done[1].job_id, false),
        (ready.id, false),
        (held.job_id, false),
    ] {
        let went = store.erase_job_over_before(job, before).await.unwrap();
        assert_eq!(went, goes);
    }
    for (job, is_there) in [
        (done[0].job_id, false),
        (done[2].job_id, true),
        (ready.id, true),
        (held.job_id, true),
    ] {
        assert_eq!(store.job(job).await.unwrap().is_some(), is_there);
    }
    assert!(store.log(done[1].attempt_id, 0, 9).await.unwrap().is_none());
}
