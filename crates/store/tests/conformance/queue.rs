//! The queue and its claims: order, limits, and what a claim judges once more.

use std::collections::BTreeMap;

use lifecycle::{job::Edit, limits::JobLimits, month::Month};
use protocol::{
    agent::AgentName,
    api::TeamRole,
    ids::{AccountId, JobId},
    job::{Hold, JobState, Priority, Refusal, Target},
};
use store::{
    Actor, Claimed, JobChange, JobChanged, MonthlyQuotas, Moved, NewAttachment, NewJob, QueueAsk,
    QueuedJob, Registered, Store, TeamChanged,
};
use uuid::Uuid;

use super::world::{START, World, hashes, new_job, new_runner};

fn ids(jobs: &[QueuedJob]) -> Vec<JobId> {
    jobs.iter().map(|job| job.id).collect()
}

pub(crate) async fn each_lane_shows_its_oldest_jobs(store: &Store) {
    let world = World::new(store).await;
    let mut plain = Vec::new();
    for n in 0..4 {
        plain.push(world.ready_job("plain", START.plus_millis(n)).await.id);
    }
    let urgent = NewJob {
        priority: Priority::Urgent,
        ..new_job(world.workspace, world.owner, "urgent", true)
    };
    let urgent = store
        .create_job(urgent, Actor::system(), START.plus_millis(9))
        .await
        .unwrap();
    let mut teams = Vec::new();
    for n in 20..22 {
        let job = NewJob {
            target: Target::Team,
            ..new_job(world.workspace, world.owner, "team", true)
        };
        let job = store
            .create_job(job, Actor::system(), START.plus_millis(n))
            .await
            .unwrap();
        teams.push(job.id);
    }
    let heads = world.queue(2).await;
    assert_eq!(
        ids(&heads),
        [plain[0], plain[1], urgent.id, teams[0], teams[1]],
        "a job for its team stands alone"
    );
    assert_eq!(heads[2].priority, Priority::Urgent);
    assert_eq!(heads[0].lane, heads[1].lane);
    assert_eq!(heads[0].team, [world.owner]);
    assert_eq!(heads[0].submitter_email, "ada@example.com");
    let machine = world.machine(1).await;
    world.claimed(&machine, plain[0], START).await;
    let ask = QueueAsk {
        runners: vec![machine.id],
        of_a_lane: 1,
        quotas: MonthlyQuotas::default(),
        counts_storage: true,
    };
    let look = store.look_at_queue(&ask, START).await.unwrap();
    assert!(
        ids(&look.jobs).contains(&plain[1]),
        "the next one is the head"
    );
    assert_eq!(look.under_way[&world.owner], 1);
    assert!(look.places.contains_key(&(machine.id, world.workspace)));
    assert_eq!(look.storage_bytes[&world.owner], 0);
    assert!(
        look.others_under_way.is_empty(),
        "it is its owner's own job"
    );
}

pub(crate) async fn who_is_beyond_the_quota_is_left_out_until_the_month_ends(store: &Store) {
    let world = World::new(store).await;
    let first = world.ready_job("first", START).await;
    let second = world.ready_job("second", START.plus_millis(1)).await;
    assert_eq!((first.number_in_month, second.number_in_month), (1, 2));
    let quotas = |default, own: &[Option<u64>]| MonthlyQuotas {
        default,
        by_email: own
            .iter()
            .map(|limit| ("ada@example.com".to_owned(), *limit))
            .collect::<BTreeMap<_, _>>(),
    };
    let seen = |quotas, now| {
        let world = &world;
        async move { ids(&world.queue_within(9, quotas, now).await) }
    };
    assert_eq!(seen(quotas(Some(1), &[]), START).await, [first.id]);
    assert_eq!(
        seen(quotas(None, &[Some(1)]), START).await,
        [first.id],
        "what is said of an account counts"
    );
    assert_eq!(
        seen(quotas(Some(0), &[None]), START).await.len(),
        2,
        "no limit of its own beats the default"
    );
    let next_month = Month::of(START).ends;
    assert_eq!(seen(quotas(Some(1), &[]), next_month).await.len(), 2);
    assert_eq!(
        store.use_of(world.owner, START).await.unwrap().monthly_jobs,
        2
    );
    let later = store.use_of(world.owner, next_month).await.unwrap();
    assert_eq!(later.monthly_jobs, 0);
    let again = world.ready_job("next month", next_month).await;
    assert_eq!(again.number_in_month, 1);
}

pub(crate) async fn a_claim_judges_once_more(store: &Store) {
    let world = World::new(store).await;
    let machine = world.machine(1).await;
    let job = world.ready_job("x", START).await;
    let claim = |id| world.claim(&machine, id, START);
    let (at, line) = (world.at(machine.id), world.line(machine.id).await);
    let why = "too hot".to_owned();
    let disable = store.disable_runner(at, why, line.clone(), START);
    disable.await.unwrap();
    assert_eq!(claim(job.id).await, Claimed::Refused(Refusal::Disabled));
    store.enable_runner(at, line, START).await.unwrap();
    let change = |target, agent: Option<&str>| JobChange {
        target: Some(target),
        agent: Some(agent.map(AgentName::new)),
        ..JobChange::default()
    };
    let update = |change| store.update_job(job.id, change, Actor::system(), START);
    update(change(Target::Team, None)).await.unwrap();
    assert_eq!(claim(job.id).await, Claimed::Refused(Refusal::NotShared));
    update(change(Target::Any, Some("nobody has it")))
        .await
        .unwrap();
    assert!(matches!(
        claim(job.id).await,
        Claimed::Refused(Refusal::AgentUnavailable { .. })
    ));
    assert_eq!(world.job(job.id).await.state, JobState::Ready);
    update(change(Target::Any, None)).await.unwrap();
    assert!(matches!(claim(job.id).await, Claimed::Done(_)));
}

pub(crate) async fn limits_hold_a_claim_back(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let other = world.machine(2).await;
    let one = JobLimits {
        concurrent_jobs: Some(1),
        ..JobLimits::default()
    };
    let at = world.held(&mut machine, START).await;
    let job = world.ready_job("x", START).await;
    let claim = |limits| world.claim_within(&other, job.id, limits, START);
    assert_eq!(
        claim(one).await,
        Claimed::Held(Hold::ConcurrentJobs { limit: 1 })
    );
    let monthly = JobLimits {
        monthly_jobs: Some(1),
        ..JobLimits::default()
    };
    let until = Month::of(START).ends;
    assert_eq!(
        claim(monthly).await,
        Claimed::Held(Hold::MonthlyQuota { limit: 1, until })
    );
    let full = JobLimits {
        storage_bytes: Some(0),
        ..JobLimits::default()
    };
    assert_eq!(
        claim(full).await,
        Claimed::Held(Hold::StorageQuota { limit: 0 })
    );
    let used = store.use_for(&world.job(job.id).await).await.unwrap();
    assert_eq!((used.under_way, used.number_in_month), (1, 2));
    store
        .sign_runner_out(machine.id, None, START)
        .await
        .unwrap();
    assert_eq!(world.job(at.job_id).await.state, JobState::Ready);
    assert!(
        matches!(claim(one).await, Claimed::Done(_)),
        "the hold lifted by itself"
    );
}

pub(crate) async fn a_job_is_changed_until_somebody_works_on_it(store: &Store) {
    let world = World::new(store).await;
    let job = new_job(world.workspace, world.owner, "x", false);
    let id = store
        .create_job(job, Actor::system(), START)
        .await
        .unwrap()
        .id;
    let text = || JobChange {
        title: Some("better".to_owned()),
        ..JobChange::default()
    };
    let routing = || JobChange {
        priority: Some(Priority::High),
        agent: Some(Some(AgentName::new(AgentName::DEMO))),
        ..JobChange::default()
    };
    let update = |change| store.update_job(id, change, Actor::system(), START.plus_millis(5));
    let Some(JobChanged::Changed(job)) = update(text()).await.unwrap() else {
        panic!("not changed")
    };
    assert_eq!(
        (job.title.as_str(), job.instructions.as_str()),
        ("better", "say hello")
    );
    store
        .make_job_ready(id, Actor::system(), START)
        .await
        .unwrap();
    let refused = |edit, state| Some(JobChanged::WrongState { edit, state });
    assert_eq!(
        update(text()).await.unwrap(),
        refused(Edit::Text, JobState::Ready)
    );
    let Some(JobChanged::Changed(job)) = update(routing()).await.unwrap() else {
        panic!("not changed")
    };
    assert_eq!(job.priority, Priority::High);
    assert_eq!(world.queue(1).await[0].priority, Priority::High);
    let aside = store
        .set_job_aside(id, Actor::system(), START)
        .await
        .unwrap();
    assert!(matches!(aside, Some(Moved::Done(job)) if job.ready_at.is_none()));
    assert!(world.queue(1).await.is_empty());
    store
        .make_job_ready(id, Actor::system(), START)
        .await
        .unwrap();
    let machine = world.machine(1).await;
    world.claimed(&machine, id, START).await;
    assert_eq!(
        update(routing()).await.unwrap(),
        refused(Edit::Routing, JobState::InProgress)
    );
    let aside = store
        .set_job_aside(id, Actor::system(), START)
        .await
        .unwrap();
    assert_eq!(aside, Some(Moved::WrongState(JobState::InProgress)));
}

pub(crate) async fn files_are_counted_for_the_owner(store: &Store) {
    let world = World::new(store).await;
    let job = new_job(world.workspace, world.owner, "x", false);
    let job_id = store
        .create_job(job, Actor::system(), START)
        .await
        .unwrap()
        .id;
    for (name, size) in [("a", 100), ("b", 50), ("a", 30)] {
        let file = NewAttachment {
            job_id,
            name: name.to_owned(),
            size,
            sha256: "0".repeat(64),
        };
        store.add_attachment(file, START).await.unwrap();
    }
    let used = store.use_of(world.owner, START).await.unwrap();
    assert_eq!(used.storage_bytes, 80, "what was replaced counts no more");
    let used = store.use_for(&world.job(job_id).await).await.unwrap();
    assert_eq!(used.storage_bytes, 80);
}

pub(crate) async fn an_account_has_no_more_runners_than_it_may(store: &Store) {
    let world = World::new(store).await;
    let first = world.machine(1).await;
    let register = |installation| {
        let mut new = new_runner(world.owner, "box", installation);
        new.runners_max = Some(1);
        store.register_runner(new, hashes(&format!("again-{installation}"), START), START)
    };
    assert_eq!(
        register(2).await.unwrap(),
        Registered::LimitReached { limit: 1 }
    );
    assert!(
        matches!(register(1).await.unwrap(), Registered::Done(_)),
        "one that is there may register again"
    );
    store.sign_runner_out(first.id, None, START).await.unwrap();
    assert!(matches!(register(2).await.unwrap(), Registered::Done(_)));
    assert_eq!(store.use_of(world.owner, START).await.unwrap().runners, 1);
}

pub(crate) async fn only_members_are_in_a_team(store: &Store) {
    let world = World::new(store).await;
    let job = world.ready_job("x", START).await;
    let stranger = AccountId(Uuid::now_v7());
    let put =
        |account| store.put_into_team(job.id, account, TeamRole::Editor, Actor::system(), START);
    assert_eq!(put(stranger).await.unwrap(), Some(TeamChanged::NotAMember));
    assert_eq!(
        put(world.owner).await.unwrap(),
        Some(TeamChanged::Submitter)
    );
    let team = store.team_of(job.id).await.unwrap();
    assert_eq!(team.len(), 1);
    assert_eq!(
        (team[0].person.id, team[0].role),
        (world.owner, TeamRole::Lead)
    );
    let nothing = store.put_into_team(
        JobId(Uuid::now_v7()),
        world.owner,
        TeamRole::Lead,
        Actor::system(),
        START,
    );
    assert_eq!(nothing.await.unwrap(), None);
}
