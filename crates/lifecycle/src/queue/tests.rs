//! Nobody starves, and nobody waits behind another's whole queue.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn account(n: u128) -> AccountId {
    AccountId(Uuid::from_u128(n))
}

fn waiting(n: u128, submitter: u128, priority: Priority, lane: u32) -> Waiting {
    Waiting {
        id: JobId(Uuid::from_u128(n)),
        submitter: account(submitter),
        priority,
        since: Timestamp(i64::try_from(n).unwrap()),
        lane: format!("{submitter} {priority:?} {lane}"),
    }
}

fn priority() -> impl Strategy<Value = Priority> {
    prop_oneof![
        Just(Priority::Low),
        Just(Priority::Normal),
        Just(Priority::High),
        Just(Priority::Urgent),
    ]
}

/// Up to five submitters with jobs in up to three lanes each, in the order of their waiting.
fn jobs(priority: impl Strategy<Value = Priority>) -> impl Strategy<Value = Vec<Waiting>> {
    proptest::collection::vec((0..5_u128, priority, 0..3_u32), 1..60).prop_map(|all| {
        let numbered = all.into_iter().zip(1_u128..);
        numbered
            .map(|((submitter, priority, lane), n)| waiting(n, submitter, priority, lane))
            .collect()
    })
}

fn submitters() -> impl Strategy<Value = BTreeMap<AccountId, Submitter>> {
    let one = (0..4_u64, proptest::option::of(0..6_u64));
    proptest::collection::vec(one, 5).prop_map(|all| {
        let numbered = all.into_iter().zip(0_u128..);
        numbered
            .map(|((under_way, limit), n)| (account(n), Submitter { under_way, limit }))
            .collect()
    })
}

/// Gives out everything that `can` be taken; returns what was taken, in turn.
fn give_out(mut queue: Queue, can: impl Fn(&Waiting) -> bool) -> Vec<Waiting> {
    let mut taken = Vec::new();
    while let Some(job) = queue.next().cloned() {
        let came = if can(&job) { Came::Taken } else { Came::Passed };
        queue.came(&job, came);
        if came == Came::Taken {
            taken.push(job);
        }
    }
    taken
}

proptest! {
    #[test]
    fn every_job_that_can_be_taken_gets_its_turn(
        all in jobs(priority()), can in proptest::collection::vec(any::<bool>(), 60),
    ) {
        // A lane can be taken or not as a whole.
        let lanes: Vec<_> = all.iter().map(|job| job.lane.clone()).collect();
        let open = |lane: &str| can[lanes.iter().position(|other| other == lane).unwrap()];
        let taken = give_out(Queue::new(all.clone(), BTreeMap::new()), |job| open(&job.lane));
        let mut ids: Vec<_> = taken.iter().map(|job| job.id).collect();
        ids.sort_unstable();
        let wanted: Vec<_> = all.iter().filter(|job| open(&job.lane)).map(|job| job.id).collect();
        prop_assert_eq!(ids, wanted);
    }

    #[test]
    fn a_higher_priority_goes_first(all in jobs(priority())) {
        let taken = give_out(Queue::new(all, BTreeMap::new()), |_| true);
        prop_assert!(taken.is_sorted_by(|one, next| one.priority >= next.priority));
    }

    /// Between two turns of somebody who still waits, nobody gets ahead by more than one.
    #[test]
    fn nobody_waits_behind_the_whole_queue_of_another(
        all in jobs(Just(Priority::Normal)), before in submitters(),
    ) {
        let free: BTreeMap<_, _> = before
            .into_iter()
            .map(|(account, submitter)| (account, Submitter { limit: None, ..submitter }))
            .collect();
        let mut queue = Queue::new(all, free.clone());
        let mut under_way = free;
        while let Some(job) = queue.next().cloned() {
            let mine = under_way[&job.submitter].under_way;
            for (account, submitter) in &under_way {
                let waits = queue.waiting.values().any(|by| by.contains_key(account));
                prop_assert!(!waits || mine <= submitter.under_way);
            }
            queue.came(&job, Came::Taken);
            under_way.get_mut(&job.submitter).unwrap().under_way += 1;
        }
    }

    #[test]
    fn of_one_submitter_the_job_that_has_waited_longest_is_next(all in jobs(priority())) {
        let taken = give_out(Queue::new(all, BTreeMap::new()), |_| true);
        for submitter in 0..5 {
            let own = taken.iter().filter(|job| job.submitter == account(submitter));
            prop_assert!(own.is_sorted_by_key(|job| (std::cmp::Reverse(job.priority), job.since)));
        }
    }

    #[test]
    fn nobody_has_more_under_way_than_their_limit(all in jobs(priority()), before in submitters()) {
        let taken = give_out(Queue::new(all.clone(), before.clone()), |_| true);
        for (account, submitter) in before {
            let of = |jobs: &[Waiting]| {
                jobs.iter().filter(|job| job.submitter == account).count() as u64
            };
            let room = submitter.limit.map_or(u64::MAX, |limit| limit.saturating_sub(submitter.under_way));
            prop_assert_eq!(of(&taken), of(&all).min(room), "all that the limit leaves room for");
        }
    }
}

#[test]
fn one_job_among_a_thousand_of_another_is_second_at_the_latest() {
    let mut all: Vec<_> = (1..=1000)
        .map(|n| waiting(n, 1, Priority::Normal, 0))
        .collect();
    all.push(waiting(2000, 2, Priority::Normal, 0));
    let taken = give_out(Queue::new(all, BTreeMap::new()), |_| true);
    assert_eq!(taken[1].submitter, account(2));
}

#[test]
fn jobs_that_nobody_can_take_cost_their_submitter_no_turn() {
    let mut all: Vec<_> = (1..=50)
        .map(|n| waiting(n, 1, Priority::Normal, 0))
        .collect();
    all.push(waiting(51, 1, Priority::Normal, 1));
    all.extend((52..=60).map(|n| waiting(n, 2, Priority::Normal, 0)));
    let stuck = all[0].lane.clone();
    let taken = give_out(Queue::new(all, BTreeMap::new()), |job| job.lane != stuck);
    assert_eq!(taken[0].submitter, account(1));
    assert_eq!(taken.len(), 10);
}

#[test]
fn a_job_that_is_gone_counts_for_nobody() {
    let all = vec![
        waiting(1, 1, Priority::Normal, 0),
        waiting(2, 1, Priority::Normal, 0),
        waiting(3, 2, Priority::Normal, 0),
    ];
    let mut queue = Queue::new(all, BTreeMap::new());
    let gone = queue.next().cloned().unwrap();
    queue.came(&gone, Came::Gone);
    assert_eq!(queue.next().unwrap().submitter, account(1));
}
