//! Claims: who gets a job, and what happens when nobody confirms it.

use futures::future::join_all;
use lifecycle::unanswered::{MESSAGE, REST_FIRST_MS, TIMES_MAX};
use protocol::{
    api::Sharing,
    ids::JobId,
    job::{Hold, JobState, Refusal, SharedUseLimit, Target},
    limits::ASSIGNMENT_ACCEPT_MS,
    runner::{PermissionLevel, SharedUse, StopReason},
    time::Timestamp,
};
use store::{Actor, Claimed, MembershipEnded, NewJob, PlaceChanged, RunnerPlace, Store};

use super::world::{Machine, START, World, line, listed, new_job};

pub(crate) async fn a_job_is_claimed_once(store: &Store) {
    let world = World::new(store).await;
    let mut machines = Vec::new();
    for n in 1..=6 {
        machines.push(world.machine(n).await);
    }
    for _ in 0..4 {
        let job = world.ready_job("contended", START).await;
        let claims = machines
            .iter()
            .map(|machine| world.claim(machine, job.id, START));
        let claims = join_all(claims).await;
        let won: Vec<_> = claims
            .iter()
            .filter_map(|claim| match claim {
                Claimed::Done(at) => Some(*at),
                Claimed::JobGone | Claimed::RunnerGone | Claimed::Held(_) | Claimed::Refused(_) => {
                    None
                }
            })
            .collect();
        assert_eq!(won.len(), 1, "{claims:?}");
        let job = world.job(job.id).await;
        assert_eq!((job.state, job.fence), (JobState::InProgress, 1));
    }
}

pub(crate) async fn a_runner_gets_no_more_than_its_free_slots(store: &Store) {
    let world = World::new(store).await;
    let machine = world.machine(1).await;
    let jobs = join_all((0..5).map(|_| world.ready_job("x", START))).await;
    let claims = join_all(jobs.iter().map(|job| world.claim(&machine, job.id, START))).await;
    let won = claims
        .iter()
        .filter(|claim| matches!(claim, Claimed::Done(_)))
        .count();
    assert_eq!(won, 1, "{claims:?}");
    assert_eq!(
        store
            .undelivered_assignments(machine.id, START)
            .await
            .unwrap()
            .len(),
        1
    );
    let view = store
        .runner_in_view(world.workspace, machine.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((view.undelivered, view.current_jobs.len()), (1, 1));
    assert_eq!(world.queue(9).await.len(), 4);
}

/// Ada's job, which any runner may take.
async fn job_for_any(world: &World<'_>) -> JobId {
    let job = NewJob {
        target: Target::Any,
        ..new_job(world.workspace, world.owner, "for any", true)
    };
    let made = world.store.create_job(job, Actor::system(), START).await;
    made.unwrap().id
}

/// What a machine says whose owner has not limited it.
fn everybody() -> SharedUse {
    SharedUse {
        allowed: true,
        people: Vec::new(),
        agents: Vec::new(),
        permission: PermissionLevel::Ask,
        at_once: None,
        hours: None,
        open_now: true,
    }
}

async fn share(world: &World<'_>, machine: &Machine) {
    let place = RunnerPlace {
        workspace_id: world.workspace,
        runner_id: machine.id,
    };
    let line = line(world.owner, "runner.shared");
    let shared = world
        .store
        .set_sharing(place, Sharing::Shared, line, START)
        .await
        .unwrap();
    assert_eq!(shared, PlaceChanged::Done);
}

pub(crate) async fn a_claim_for_anothers_runner_needs_that_it_is_shared(store: &Store) {
    let world = World::new(store).await;
    let bob = world.joined_by("bob").await;
    let mut machine = bob.machine(1).await;
    let job = job_for_any(&world).await;
    assert_eq!(
        world.claim(&machine, job, START).await,
        Claimed::Refused(Refusal::NotShared)
    );
    share(&world, &machine).await;
    let to = SharedUseLimit::Off;
    // Until the machine has said what its owner allows, nothing is allowed.
    assert_eq!(
        world.claim(&machine, job, START).await,
        Claimed::Refused(Refusal::NotConsented { to })
    );
    bob.sync_with(&mut machine, |sync| sync.shared_use = Some(everybody()))
        .await;
    assert!(matches!(
        world.claim(&machine, job, START).await,
        Claimed::Done(_)
    ));
    // His own jobs need no sharing.
    let own = bob.machine(2).await;
    let job = bob.ready_job("his own", START).await;
    let claimed = world.claim(&own, job.id, START).await;
    assert!(matches!(claimed, Claimed::Done(_)), "{claimed:?}");
}

pub(crate) async fn a_claim_needs_the_consent_of_the_machines_owner(store: &Store) {
    let world = World::new(store).await;
    let bob = world.joined_by("bob").await;
    let mut machine = bob.machine(1).await;
    share(&world, &machine).await;
    let job = job_for_any(&world).await;
    let nobody = SharedUse {
        allowed: false,
        ..everybody()
    };
    bob.sync_with(&mut machine, |sync| sync.shared_use = Some(nobody))
        .await;
    let to = SharedUseLimit::Off;
    assert_eq!(
        world.claim(&machine, job, START).await,
        Claimed::Refused(Refusal::NotConsented { to })
    );
    let others = SharedUse {
        people: vec!["grace@example.com".to_owned()],
        ..everybody()
    };
    bob.sync_with(&mut machine, |sync| sync.shared_use = Some(others))
        .await;
    let to = SharedUseLimit::Person;
    assert_eq!(
        world.claim(&machine, job, START).await,
        Claimed::Refused(Refusal::NotConsented { to })
    );
    let her = SharedUse {
        people: vec!["ada@example.com".to_owned()],
        ..everybody()
    };
    bob.sync_with(&mut machine, |sync| sync.shared_use = Some(her))
        .await;
    let claimed = world.claim(&machine, job, START).await;
    assert!(matches!(claimed, Claimed::Done(_)), "{claimed:?}");
}

pub(crate) async fn whoever_has_left_claims_nothing_and_is_claimed_from_no_more(store: &Store) {
    let world = World::new(store).await;
    let bob = world.joined_by("bob").await;
    let machine = bob.machine(1).await;
    share(&world, &machine).await;
    let wanted = job_for_any(&world).await;
    let his = bob.ready_job("his own", START).await;
    let gone = line(bob.owner, "member.left");
    let left = store.end_membership(world.workspace, bob.owner, gone, None, START);
    assert_eq!(left.await.unwrap(), MembershipEnded::Done(Vec::new()));
    // The sync that was parked before is still its newest.
    let claimed = world.claim(&machine, wanted, START).await;
    assert!(matches!(claimed, Claimed::Refused(_)), "{claimed:?}");
    let hers = world.machine(2).await;
    let claimed = world.claim(&hers, his.id, START).await;
    assert_eq!(claimed, Claimed::Held(Hold::SubmitterGone));
    assert_eq!(world.job(wanted).await.state, JobState::Ready);
}

pub(crate) async fn a_claim_needs_the_newest_sync(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let parked = machine.clone();
    world.sync(&mut machine, &[], START).await;
    let job = world.ready_job("x", START).await;
    assert_eq!(
        world.claim(&parked, job.id, START).await,
        Claimed::RunnerGone
    );
    assert_eq!(world.job(job.id).await.state, JobState::Ready);
    assert!(matches!(
        world.claim(&machine, job.id, START).await,
        Claimed::Done(_)
    ));
    let other = world.machine(2).await;
    assert_eq!(world.claim(&other, job.id, START).await, Claimed::JobGone);
}

pub(crate) async fn an_unconfirmed_claim_goes_back_and_frees_its_number(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let at = world.assigned(&machine, START).await;
    let due = START.plus_millis(ASSIGNMENT_ACCEPT_MS);
    assert!(
        world.look_at_the_clock(due).await.is_empty(),
        "its time is not over yet"
    );
    let late = due.plus_millis(1);
    assert!(
        store
            .undelivered_assignments(machine.id, late)
            .await
            .unwrap()
            .is_empty(),
        "what is about to go back is not handed out any more"
    );
    assert_eq!(world.look_at_the_clock(late).await, [at]);
    assert_eq!(world.job(at.job_id).await.state, JobState::Ready);
    assert!(store.attempts_of(at.job_id, late).await.unwrap().is_empty());
    let next = world.claimed(&machine, at.job_id, late).await;
    let attempt = store.attempt(next.attempt_id).await.unwrap().unwrap();
    assert_eq!((attempt.number, attempt.fence), (Some(1), 2));
    let answer = world
        .sync(&mut machine, &[listed(at.attempt_id, 1)], late)
        .await;
    assert_eq!(
        answer.stop[0].reason,
        StopReason::FenceMovedOn,
        "the old one is not taken up"
    );
}

/// The machine is given the job again and again, and never answers; when it was given back last.
async fn never_answered(world: &World<'_>, machine: &mut Machine, job: JobId) -> Timestamp {
    let mut now = START;
    for _ in 0..TIMES_MAX {
        world.sync(machine, &[], now).await;
        let at = world.claimed(machine, job, now).await;
        now = now.plus_millis(ASSIGNMENT_ACCEPT_MS + 1);
        assert_eq!(world.look_at_the_clock(now).await, [at]);
    }
    world.sync(machine, &[], now).await;
    now
}

pub(crate) async fn a_runner_that_never_answers_rests_and_is_tried_again(store: &Store) {
    let world = World::new(store).await;
    let mut deaf = world.machine(1).await;
    let job = world.ready_job("x", START).await;
    let back = never_answered(&world, &mut deaf, job.id).await;
    let resting = Claimed::Refused(Refusal::Unhealthy {
        message: MESSAGE.to_owned(),
    });
    assert_eq!(world.claim(&deaf, job.id, back).await, resting);
    let mut other = world.machine(2).await;
    let at = world.claimed(&other, job.id, back).await;
    let fence = world.fence(at.attempt_id).await;
    let held = [listed(at.attempt_id, fence)];
    let answer = world.sync(&mut other, &held, back).await;
    assert_eq!(answer.leases.len(), 1, "others go on");
    let rested = back.plus_millis(REST_FIRST_MS);
    let again = world.held(&mut deaf, rested).await;
    assert!(store.attempt(again.attempt_id).await.unwrap().is_some());
    let runner = store.runner(deaf.id).await.unwrap().unwrap();
    assert_eq!(runner.unanswered.times, 0, "it hears again");
}

pub(crate) async fn another_start_of_a_runner_that_rested_is_tried_at_once(store: &Store) {
    let world = World::new(store).await;
    let mut deaf = world.machine(1).await;
    let job = world.ready_job("x", START).await;
    let back = never_answered(&world, &mut deaf, job.id).await;
    deaf.boot_number += 1;
    world.sync(&mut deaf, &[], back).await;
    world.claimed(&deaf, job.id, back).await;
}
