//! Registration and syncs.

use lifecycle::sync_order::Refused;
use protocol::{
    ids::{AttemptId, BootId, RunnerId},
    job::{JobState, OutcomeKind},
    runner::StopReason,
    time::Timestamp,
};
use store::{Registered, Store, SyncRefused};
use uuid::Uuid;

use super::world::{START, World, ada, ended, hashes, line, listed, new_runner, sync_request};

pub(crate) async fn the_same_installation_is_the_same_runner(store: &Store) {
    let world = World::new(store).await;
    let first = world.register("box", 1).await;
    let mut again = new_runner(world.owner, "renamed", 1);
    again.short_id = "zzzzzz".to_owned();
    let registered = store
        .register_runner(again, hashes("again", START), START)
        .await
        .unwrap();
    let Registered::Done(second) = registered else {
        panic!("not registered");
    };
    assert_eq!((second.id, &second.short_id), (first.id, &first.short_id));
    assert_eq!(second.name, "box", "its owner names it, not the machine");
    assert!(
        store.bearer("access-box-1", START).await.unwrap().is_none(),
        "old credentials die"
    );
    let bearer = store.bearer("access-again", START).await.unwrap().unwrap();
    assert_eq!(bearer.grant.runner_id, Some(first.id));
    let mut taken = new_runner(world.owner, "other", 2);
    taken.short_id = first.short_id;
    let registered = store
        .register_runner(taken, hashes("t", START), START)
        .await
        .unwrap();
    assert_eq!(registered, Registered::ShortIdTaken);
}

pub(crate) async fn names_of_an_account_differ(store: &Store) {
    let world = World::new(store).await;
    assert_eq!(world.register("box", 1).await.name, "box");
    assert_eq!(world.register("box", 2).await.name, "box-2");
    assert_eq!(world.register("box", 3).await.name, "box-3");
    let names: Vec<String> = store
        .runners_in_view(world.workspace)
        .await
        .unwrap()
        .into_iter()
        .map(|view| view.runner.name)
        .collect();
    assert_eq!(names, ["box", "box-2", "box-3"]);
}

pub(crate) async fn only_the_newest_sync_counts(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    machine.seq = 5;
    let newest = sync_request(&machine, &[]);
    let accept = |request| store.accept_sync(machine.id, request, START);
    assert!(accept(newest.clone()).await.unwrap().is_ok());
    assert!(
        accept(newest.clone()).await.unwrap().is_ok(),
        "the same once more"
    );
    let mut older = newest.clone();
    older.seq = 4;
    assert_eq!(
        accept(older).await.unwrap().unwrap_err(),
        SyncRefused::Order(Refused::Stale)
    );
    let mut copy = newest.clone();
    copy.boot_id = BootId(Uuid::from_u128(9));
    copy.seq = 99;
    assert_eq!(
        accept(copy).await.unwrap().unwrap_err(),
        SyncRefused::Order(Refused::Superseded)
    );
    let mut next_boot = newest.clone();
    next_boot.boot_number = 2;
    next_boot.boot_id = BootId(Uuid::from_u128(10));
    next_boot.seq = 1;
    assert!(accept(next_boot).await.unwrap().is_ok());
    assert_eq!(
        accept(newest).await.unwrap().unwrap_err(),
        SyncRefused::Order(Refused::Superseded)
    );
}

pub(crate) async fn a_sync_says_what_is_to_be_seen(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let again = world.sync(&mut machine, &[], START).await;
    assert!(!again.changed, "a heartbeat that says nothing new");
    assert!(!again.send_capabilities);
    let unknown = listed(AttemptId(Uuid::from_u128(3)), 1);
    let later = START.plus_millis(60_000);
    let back = world.sync(&mut machine, &[unknown], later).await;
    assert!(back.changed, "it had not been heard of for a minute");
    assert_eq!(back.stop[0].reason, StopReason::Unknown);
    assert_eq!(back.runner.last_sync_at, Some(later));
    assert_eq!(
        back.runner.runner_version, "0.1.1",
        "as its capabilities say"
    );
    machine.seq += 1;
    let mut other = sync_request(&machine, &[]);
    other.capabilities = None;
    other.capabilities_digest = "another".to_owned();
    let answer = store
        .accept_sync(machine.id, other, later)
        .await
        .unwrap()
        .unwrap();
    assert!(answer.send_capabilities);
}

pub(crate) async fn a_sign_out_from_afar_is_told_as_what_it_was(store: &Store) {
    let world = World::new(store).await;
    let told = |machine: RunnerId| async move {
        let runner = store.runner(machine).await.unwrap().unwrap();
        let timeline = store.runner_timeline(world.workspace, &runner, START);
        timeline.await.unwrap().moments[0].text.clone()
    };
    let machine = world.machine(1).await.id;
    let by = Some(ada());
    store.sign_runner_out(machine, by, START).await.unwrap();
    let text = "Ada signed it out in the web app, from 192.0.2.7.";
    assert_eq!(told(machine).await, text);
    let machine = world.machine(2).await.id;
    store.sign_runner_out(machine, None, START).await.unwrap();
    assert_eq!(told(machine).await, "Signed out at the machine.");
}

pub(crate) async fn what_a_removed_runner_had_ends_for_that_reason(store: &Store) {
    let world = World::new(store).await;
    for n in 1..=4 {
        let mut machine = world.machine(n).await;
        let at = world.held(&mut machine, START).await;
        let removed = line(world.owner, "runner.removed");
        let ended = store.remove_runner(machine.id, removed, START).await;
        assert_eq!(ended.unwrap(), Some(vec![at]));
        let attempt = store.attempt(at.attempt_id).await.unwrap().unwrap();
        assert_eq!(attempt.outcome, Some(OutcomeKind::RunnerRemoved));
        // However often it happens, it is no failure of the job.
        assert_eq!(world.job(at.job_id).await.state, JobState::Ready);
        store.set_job_aside(at.job_id, ada(), START).await.unwrap();
    }
}

pub(crate) async fn signing_out_ends_credentials_and_attempts(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let at = world.held(&mut machine, START).await;
    let ended = store
        .sign_runner_out(machine.id, None, START)
        .await
        .unwrap();
    assert_eq!(ended, [at]);
    assert_eq!(world.job(at.job_id).await.state, JobState::Ready);
    assert!(
        store
            .runners_in_view(world.workspace)
            .await
            .unwrap()
            .is_empty()
    );
    let bearer = store.bearer("access-box1-1", START).await.unwrap().unwrap();
    assert!(bearer.runner_removed, "it is told why, and nothing else");
    machine.seq += 1;
    let refused = store
        .accept_sync(machine.id, sync_request(&machine, &[]), START)
        .await
        .unwrap();
    assert_eq!(refused.unwrap_err(), SyncRefused::Removed);
    assert!(
        store
            .sign_runner_out(machine.id, None, START)
            .await
            .unwrap()
            .is_empty()
    );
    let back = world.register("back", 1).await;
    assert_eq!((back.id, back.removed_at), (machine.id, None));
}

pub(crate) async fn busy_time_is_added_up_by_the_hour(store: &Store) {
    const HOUR: u64 = 60 * 60 * 1000;
    let world = World::new(store).await;
    let at = |hours: u64, minutes: u64| Timestamp(0).plus_millis(hours * HOUR + minutes * 60_000);
    let mut machine = world.machine(1).await;
    let mut other = world.machine(2).await;
    let from = at(10, 0);
    let busy = store.runner_busy_ms(machine.id, from, at(13, 30)).await;
    assert_eq!(busy.unwrap(), []);

    // From before the first hour until within the second.
    let first = world.held(&mut machine, at(9, 30)).await;
    let fence = world.fence(first.attempt_id).await;
    let end = ended(1, OutcomeKind::Succeeded, 0);
    store
        .accept_outcome(machine.id, first.attempt_id, fence, end, at(11, 15))
        .await
        .unwrap()
        .unwrap();
    world.sync(&mut machine, &[], at(11, 15)).await;
    // Within one hour, by another one.
    world.held(&mut other, at(11, 30)).await;
    // Still under way.
    world.held(&mut machine, at(13, 10)).await;
    let minutes = |minutes: u64| minutes * 60_000;
    let busy = store.runner_busy_ms(machine.id, from, at(13, 30)).await;
    assert_eq!(
        busy.unwrap(),
        [
            (at(10, 0), minutes(60)),
            (at(11, 0), minutes(15)),
            (at(13, 0), minutes(20)),
        ]
    );
}
