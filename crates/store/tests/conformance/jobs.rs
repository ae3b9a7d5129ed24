//! Jobs, their lists and the queue.

use std::collections::BTreeSet;

use futures::future::join_all;
use protocol::job::JobState;
use store::{Actor, CancelRequested, JobFilter, Moved, Store};

use super::world::{START, World, ada, new_job};

pub(crate) async fn numbers_are_given_out_without_gaps(store: &Store) {
    let world = World::new(store).await;
    let jobs = join_all((0..20).map(|_| world.ready_job("x", START))).await;
    let numbers: BTreeSet<u64> = jobs.iter().map(|job| job.number).collect();
    assert_eq!(numbers, (1..=20).collect());
    let seventh = store
        .job_by_number(world.workspace, 7)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(store.job(seventh.id).await.unwrap(), Some(seventh));
    assert_eq!(
        store.job_by_number(world.workspace, 21).await.unwrap(),
        None
    );
}

pub(crate) async fn lists_are_filtered_and_paged(store: &Store) {
    let world = World::new(store).await;
    for n in 1..=5 {
        let title = if n == 4 { "Fix the 100%_bug" } else { "Other" };
        let job = new_job(world.workspace, world.owner, title, n % 2 == 0);
        store.create_job(job, Actor::system(), START).await.unwrap();
    }
    let list = async |filter| store.jobs(world.workspace, filter).await.unwrap();
    let numbers = |list: &protocol::api::JobList| -> Vec<u64> {
        list.jobs.iter().map(|job| job.number).collect()
    };
    let first = list(JobFilter {
        limit: 3,
        ..JobFilter::default()
    })
    .await;
    assert_eq!(numbers(&first), [5, 4, 3]);
    let rest = list(JobFilter {
        limit: 3,
        before: first.next,
        ..JobFilter::default()
    })
    .await;
    assert_eq!((numbers(&rest), rest.next), (vec![2, 1], None));
    let states = vec![JobState::Ready, JobState::Done];
    let ready = list(JobFilter {
        states,
        limit: 9,
        ..JobFilter::default()
    })
    .await;
    assert_eq!(numbers(&ready), [4, 2]);
    for (text, found) in [
        ("the 100%_B", vec![4]),
        ("0%b", vec![]),
        ("#3", vec![3]),
        (" ", vec![5, 4, 3, 2, 1]),
    ] {
        let search = Some(text.to_owned());
        let answer = list(JobFilter {
            search,
            limit: 9,
            ..JobFilter::default()
        })
        .await;
        assert_eq!(numbers(&answer), found, "{text}");
    }
}

pub(crate) async fn a_place_in_the_whole_list_is_found_by_counting(store: &Store) {
    let world = World::new(store).await;
    for n in 1..=5 {
        let title = if n == 4 { "Fix" } else { "Other" };
        let job = new_job(world.workspace, world.owner, title, n % 2 == 0);
        store.create_job(job, Actor::system(), START).await.unwrap();
    }
    let list = async |offset, states: &[JobState], search: Option<&str>| {
        let filter = JobFilter {
            states: states.to_vec(),
            search: search.map(str::to_owned),
            before: None,
            offset,
            limit: 2,
        };
        let list = store.jobs(world.workspace, filter).await.unwrap();
        let numbers: Vec<u64> = list.jobs.iter().map(|job| job.number).collect();
        (numbers, list.next.is_some(), list.total)
    };
    assert_eq!(list(None, &[], None).await, (vec![5, 4], true, None));
    assert_eq!(list(Some(0), &[], None).await, (vec![5, 4], true, Some(5)));
    assert_eq!(list(Some(3), &[], None).await, (vec![2, 1], false, Some(5)));
    assert_eq!(list(Some(9), &[], None).await, (vec![], false, Some(5)));
    let ready = [JobState::Ready];
    assert_eq!(list(Some(1), &ready, None).await, (vec![2], false, Some(2)));
    let other = Some("other");
    assert_eq!(
        list(Some(2), &[], other).await,
        (vec![2, 1], false, Some(4))
    );
}

pub(crate) async fn only_backlog_becomes_ready(store: &Store) {
    let world = World::new(store).await;
    let job = new_job(world.workspace, world.owner, "x", false);
    let job = store.create_job(job, Actor::system(), START).await.unwrap();
    assert!(world.queue(9).await.is_empty());
    let later = START.plus_millis(9);
    for _ in 0..2 {
        let made = store
            .make_job_ready(job.id, Actor::system(), later)
            .await
            .unwrap()
            .unwrap();
        let Moved::Done(job) = made else {
            panic!("not ready");
        };
        assert_eq!(job.ready_at, Some(later));
    }
    let machine = world.machine(1).await;
    world.claimed(&machine, job.id, later).await;
    let made = store
        .make_job_ready(job.id, Actor::system(), later)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(made, Moved::WrongState(JobState::InProgress));
}

pub(crate) async fn a_job_that_nobody_has_is_cancelled_at_once(store: &Store) {
    let world = World::new(store).await;
    let job = world.ready_job("x", START).await;
    let cancel = || store.request_cancel(job.id, ada(), START);
    assert_eq!(cancel().await.unwrap(), Some(CancelRequested::Cancelled));
    assert_eq!(
        cancel().await.unwrap(),
        Some(CancelRequested::AlreadyFinal(JobState::Cancelled))
    );
    let after = world.job(job.id).await;
    assert_eq!(
        (after.state, after.cancel_requested_at),
        (JobState::Cancelled, None)
    );
    assert!(world.queue(9).await.is_empty());
}
