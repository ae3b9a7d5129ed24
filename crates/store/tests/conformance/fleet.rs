//! What workspaces make of runners, and what is asked of runners from afar.

use protocol::{
    api::{RunnerTimeline, Sharing},
    ids::RunnerId,
    job::{JobState, Refusal, SharedUseLimit},
    limits::{TOMBSTONE_LIFE_MS, UNREACHABLE_AFTER_MS},
    runner::{Pause, PauseTerms, PermissionLevel, RefusedAssignment, SharedUse},
    time::Timestamp,
};
use store::{
    Actor, Audit, NewSetupToken, PlaceChanged, Renamed, RunnerInView, RunnerPlace, SetupMachine,
    Store, Subject,
};

use super::world::{Machine, START, World, ada, hashes, new_runner, sync_request};

const NINETY_DAYS_MS: u64 = 90 * 24 * 60 * 60 * 1000;

impl World<'_> {
    /// A line of the audit log about a runner, by Ada.
    pub(crate) async fn line(&self, id: impl ToString) -> Audit {
        let account = self.store.account(self.owner).await.unwrap().unwrap();
        let actor = Actor {
            person: Some(account.person()),
            ..Actor::system()
        };
        let subject = Subject::new("runner", id, "box");
        Audit::in_workspace(self.workspace, actor, "runner.changed", subject)
    }

    async fn seen(&self, id: RunnerId) -> RunnerInView {
        let seen = self.store.runner_in_view(self.workspace, id).await;
        seen.unwrap().expect("in view")
    }

    async fn timeline(&self, id: RunnerId, now: Timestamp) -> RunnerTimeline {
        let runner = self.store.runner(id).await.unwrap().unwrap();
        let timeline = self.store.runner_timeline(self.workspace, &runner, now);
        timeline.await.unwrap()
    }

    pub(crate) fn at(&self, runner_id: RunnerId) -> RunnerPlace {
        RunnerPlace {
            workspace_id: self.workspace,
            runner_id,
        }
    }
}

fn kinds(timeline: &RunnerTimeline) -> Vec<&str> {
    let kinds = timeline.moments.iter();
    kinds.map(|moment| moment.kind.as_str()).collect()
}

pub(crate) async fn a_runner_is_private_and_enabled_until_somebody_says_otherwise(store: &Store) {
    let world = World::new(store).await;
    let id = world.machine(1).await.id;
    let (at, line) = (world.at(id), world.line(id).await);
    let first = world.seen(id).await;
    assert_eq!((first.sharing, first.disabled), (Sharing::Private, None));
    let share = |sharing| store.set_sharing(at, sharing, line.clone(), START);
    assert_eq!(
        share(Sharing::Private).await.unwrap(),
        PlaceChanged::AsBefore
    );
    assert_eq!(share(Sharing::Shared).await.unwrap(), PlaceChanged::Done);
    assert_eq!(
        share(Sharing::Shared).await.unwrap(),
        PlaceChanged::AsBefore
    );
    let later = START.plus_millis(5);
    let disable = |reason: &str| store.disable_runner(at, reason.to_owned(), line.clone(), later);
    assert_eq!(disable("too hot").await.unwrap(), PlaceChanged::Done);
    let disabled = world.seen(id).await;
    assert_eq!(
        disabled.sharing,
        Sharing::Shared,
        "one says nothing of the other"
    );
    let why = disabled.disabled.expect("disabled");
    assert_eq!(
        (why.by.as_str(), why.at, why.reason.as_str()),
        ("Ada", later, "too hot")
    );
    assert_eq!(disable("too hot").await.unwrap(), PlaceChanged::AsBefore);
    assert_eq!(disable("too loud").await.unwrap(), PlaceChanged::Done);
    let enable = || store.enable_runner(at, line.clone(), later);
    assert_eq!(enable().await.unwrap(), PlaceChanged::Done);
    assert_eq!(enable().await.unwrap(), PlaceChanged::AsBefore);
    assert_eq!(world.seen(id).await.disabled, None);
    store.sign_runner_out(id, None, later).await.unwrap();
    assert_eq!(
        share(Sharing::Private).await.unwrap(),
        PlaceChanged::NotInView
    );
}

pub(crate) async fn a_name_is_its_owners_to_give(store: &Store) {
    let world = World::new(store).await;
    let (one, other) = (
        world.register("one", 1).await,
        world.register("two", 2).await,
    );
    let line = world.line(one.id).await;
    let rename =
        |id, name: &str| store.rename_runner(world.owner, id, name.to_owned(), line.clone(), START);
    assert_eq!(rename(one.id, "one").await.unwrap(), Renamed::AsBefore);
    assert_eq!(rename(one.id, "two").await.unwrap(), Renamed::NameTaken);
    assert_eq!(rename(one.id, "three").await.unwrap(), Renamed::Done);
    assert_eq!(world.seen(one.id).await.runner.name, "three");
    store.sign_runner_out(other.id, None, START).await.unwrap();
    assert_eq!(rename(other.id, "four").await.unwrap(), Renamed::Gone);
    assert_eq!(rename(one.id, "two").await.unwrap(), Renamed::Done);
    // The name that it had is taken meanwhile.
    let back = world.register("back", 2).await;
    assert_eq!((back.id, back.name.as_str()), (other.id, "two-2"));
    let called = |name: &'static str| store.runners_called(world.workspace, name);
    assert_eq!(called("two").await.unwrap().len(), 1);
    assert_eq!(called("TWO").await.unwrap()[0].id, one.id);
    assert_eq!(called("R00002").await.unwrap()[0].id, other.id);
    assert!(called("three").await.unwrap().is_empty());
}

pub(crate) async fn a_wish_for_a_pause_stands_until_it_is_carried_out(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let line = world.line(machine.id).await;
    let terms = PauseTerms {
        for_ms: Some(60_000),
        note: None,
    };
    let id = machine.id;
    let wish = |terms| store.wish_pause(world.owner, id, terms, line.clone(), START);
    assert!(wish(Some(terms.clone())).await.unwrap());
    let settings = store.runner_settings(machine.id).await.unwrap().unwrap();
    let first = settings.pause_wish.expect("a wish");
    assert_eq!(
        (first.revision, first.pause, first.by.as_str()),
        (1, Some(terms), "Ada")
    );
    let again = world.sync(&mut machine, &[], START).await;
    assert!(again.runner.pause_wish.is_some(), "it was not carried out");
    machine.seq += 1;
    let mut done = sync_request(&machine, &[]);
    done.pause_revision = 1;
    done.paused = Some(Pause {
        since: START,
        until: None,
        note: None,
        by: None,
    });
    let done = store.accept_sync(machine.id, done, START).await;
    let done = done.unwrap().unwrap();
    assert!(done.runner.pause_wish.is_none() && done.changed);
    assert!(wish(None).await.unwrap());
    let settings = store.runner_settings(machine.id).await.unwrap().unwrap();
    let second = settings.pause_wish.expect("another");
    assert_eq!((second.revision, second.pause), (2, None));
    let others = store.wish_pause(
        protocol::ids::AccountId(uuid::Uuid::nil()),
        machine.id,
        None,
        line.clone(),
        START,
    );
    assert!(!others.await.unwrap());
}

pub(crate) async fn a_removed_runner_is_nowhere_until_it_registers_again(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let (at, line) = (world.at(machine.id), world.line(machine.id).await);
    store
        .set_sharing(at, Sharing::Shared, line.clone(), START)
        .await
        .unwrap();
    let held = world.held(&mut machine, START).await;
    // What it runs goes on while it is disabled.
    store
        .disable_runner(at, "too hot".to_owned(), line.clone(), START)
        .await
        .unwrap();
    let ended = store.remove_runner(machine.id, line.clone(), START).await;
    assert_eq!(ended.unwrap(), Some(vec![held]));
    assert_eq!(world.job(held.job_id).await.state, JobState::Ready);
    let twice = store.remove_runner(machine.id, line.clone(), START).await;
    assert_eq!(twice.unwrap(), None);
    let seen = store.runner_in_view(world.workspace, machine.id).await;
    assert_eq!(seen.unwrap(), None);
    assert!(store.runner_settings(machine.id).await.unwrap().is_none());
    let bearer = store.bearer("access-box1-1", START).await.unwrap().unwrap();
    assert!(bearer.runner_removed);
    let own = store.runners_of(world.owner, START).await.unwrap();
    assert_eq!(own[0].runner.removed_at, Some(START));
    let much_later = START.plus_millis(TOMBSTONE_LIFE_MS + 1);
    assert!(
        store
            .runners_of(world.owner, much_later)
            .await
            .unwrap()
            .is_empty()
    );
    let back = world.register("other", 1).await;
    assert_eq!((back.id, back.name.as_str()), (machine.id, "box1"));
    let seen = world.seen(machine.id).await;
    assert_eq!(
        seen.sharing,
        Sharing::Private,
        "shared by a deliberate act alone"
    );
    assert!(seen.disabled.is_some(), "registering again undoes no admin");
}

pub(crate) async fn a_timeline_tells_what_happened_and_where(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let (id, line) = (machine.id, world.line(machine.id).await);
    assert_eq!(
        kinds(&world.timeline(id, START).await),
        ["connected", "registered"]
    );
    world.sync(&mut machine, &[], START.plus_millis(10)).await;
    assert_eq!(world.timeline(id, START).await.moments.len(), 2);
    let silent = START.plus_millis(10 + UNREACHABLE_AFTER_MS + 1);
    assert_eq!(kinds(&world.timeline(id, silent).await)[0], "went_offline");
    world.sync(&mut machine, &[], silent).await;
    let timeline = world.timeline(id, silent).await;
    assert_eq!(
        kinds(&timeline),
        ["connected", "went_offline", "connected", "registered"]
    );
    store
        .set_sharing(world.at(id), Sharing::Shared, line, silent.plus_millis(1))
        .await
        .unwrap();
    let timeline = world.timeline(id, silent).await;
    assert_eq!(timeline.moments[0].kind, "shared");
    assert!(timeline.moments[0].text.starts_with("Ada "));
    let runner = store.runner(id).await.unwrap().unwrap();
    let elsewhere = protocol::ids::WorkspaceId(uuid::Uuid::nil());
    let elsewhere = store.runner_timeline(elsewhere, &runner, silent).await;
    assert!(!kinds(&elsewhere.unwrap()).contains(&"shared"));
    let later = silent.plus_millis(NINETY_DAYS_MS);
    let kept = store.sweep_runner_moments(later).await.unwrap();
    assert_eq!(kept, 4, "all but the sharing of a moment later");
}

fn shared_use(open_now: bool) -> SharedUse {
    SharedUse {
        allowed: true,
        people: Vec::new(),
        agents: Vec::new(),
        permission: PermissionLevel::Ask,
        at_once: None,
        hours: None,
        open_now,
    }
}

/// Claims a new job for the machine, which refuses it.
async fn refuse(world: &World<'_>, machine: &mut Machine, open_now: bool) -> store::SyncAccepted {
    let at = world.assigned(machine, START).await;
    machine.seq += 1;
    let mut sync = sync_request(machine, &[]);
    sync.shared_use = Some(shared_use(open_now));
    sync.refused = vec![RefusedAssignment {
        attempt_id: at.attempt_id,
        fence: world.fence(at.attempt_id).await,
        because: Refusal::NotConsented {
            to: SharedUseLimit::Hours,
        },
    }];
    let answer = world.store.accept_sync(machine.id, sync, START).await;
    let answer = answer.unwrap().unwrap();
    assert_eq!(answer.not_taken, [at]);
    assert_eq!(world.job(at.job_id).await.state, JobState::Ready);
    answer
}

pub(crate) async fn what_a_runner_does_not_take_goes_back_at_once_and_is_remembered(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let answer = refuse(&world, &mut machine, false).await;
    let job = answer.not_taken[0].job_id;
    assert_eq!(answer.runner.shared_use, Some(shared_use(false)));
    let recent = store.recent_refusals(START).await.unwrap();
    assert_eq!((recent[0].runner_id, recent[0].job_id), (machine.id, job));
    assert_eq!(store.refusals_of(job, START).await.unwrap(), recent);
    let after_a_while = START.plus_millis(10 * 60 * 1000);
    assert!(
        store
            .recent_refusals(after_a_while)
            .await
            .unwrap()
            .is_empty()
    );
    // Said once more, and of an attempt that is over: nothing follows.
    let attempt = answer.not_taken[0].attempt_id;
    machine.seq += 1;
    let mut again = sync_request(&machine, &[]);
    again.shared_use = Some(shared_use(true));
    again.refused = vec![RefusedAssignment {
        attempt_id: attempt,
        fence: 1,
        because: Refusal::Paused,
    }];
    let again = store.accept_sync(machine.id, again, START).await;
    assert!(again.unwrap().unwrap().not_taken.is_empty());
    assert!(
        store.recent_refusals(START).await.unwrap().is_empty(),
        "it allows something else now"
    );
    let next = refuse(&world, &mut machine, true).await;
    assert_eq!(next.not_taken.len(), 1);
    assert_eq!(store.sweep_refusals(after_a_while).await.unwrap(), 1);
}

pub(crate) async fn a_history_has_what_was_begun_newest_first(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let mut begun = Vec::new();
    for _ in 0..3 {
        let at = world.held(&mut machine, START).await;
        begun.push(at.attempt_id);
        // Forgotten by the runner, so that its slot is free again.
        world.sync(&mut machine, &[], START).await;
        store.request_cancel(at.job_id, ada(), START).await.unwrap();
        world.look_at_the_clock(START.plus_millis(120_000)).await;
    }
    let page = |before| store.runner_history(world.workspace, machine.id, before, 2);
    let first = page(None).await.unwrap();
    let ids: Vec<_> = first.attempts.iter().map(|past| past.attempt_id).collect();
    assert_eq!(ids, [begun[2], begun[1]]);
    assert_eq!(first.next, Some(begun[1]));
    let rest = page(first.next).await.unwrap();
    assert_eq!(rest.attempts.len(), 1);
    assert_eq!((rest.attempts[0].attempt_id, rest.next), (begun[0], None));
    let elsewhere = protocol::ids::WorkspaceId(uuid::Uuid::nil());
    let elsewhere = store.runner_history(elsewhere, machine.id, None, 9).await;
    assert!(elsewhere.unwrap().attempts.is_empty());
}

pub(crate) async fn a_setup_token_signs_in_one_machine_once(store: &Store) {
    let world = World::new(store).await;
    let line = world.line("token").await;
    let ends = START.plus_millis(1_000);
    let new = NewSetupToken::new(world.owner, "hash".to_owned(), ends);
    let id = new.id;
    assert!(
        store
            .create_setup_token(new, line.clone(), START)
            .await
            .unwrap()
    );
    let machine = |hash: &str| SetupMachine {
        token_hash: hash.to_owned(),
        machine: "rack".to_owned(),
        system: "Debian".to_owned(),
        address: "192.0.2.1".to_owned(),
    };
    let sign_in =
        |hash: &str, now| store.use_setup_token(machine(hash), hashes("setup", START), now);
    assert!(sign_in("other", START).await.unwrap().is_none());
    assert!(
        sign_in("hash", ends).await.unwrap().is_none(),
        "it has ended"
    );
    let grant = sign_in("hash", START).await.unwrap().expect("signed in");
    assert_eq!((grant.account_id, grant.runner_id), (world.owner, None));
    assert!(sign_in("hash", START).await.unwrap().is_none(), "once");
    let seen = || async { store.setup_token(world.owner, id).await.unwrap().unwrap() };
    let used = seen().await;
    assert_eq!(
        (used.used_at, used.runner, used.connected),
        (Some(START), None, false)
    );
    let mut new = new_runner(world.owner, "rack", 7);
    new.revoke = Some(grant.id);
    let registered = store
        .register_runner(new, hashes("rack", START), START)
        .await
        .unwrap();
    let store::Registered::Done(runner) = registered else {
        panic!("not registered");
    };
    let registered = seen().await;
    assert_eq!(registered.runner.expect("named").id, runner.id);
    assert!(!registered.connected);
    let mut machine = Machine {
        id: runner.id,
        boot_id: protocol::ids::BootId(uuid::Uuid::from_u128(3)),
        boot_number: 1,
        seq: 0,
    };
    world.sync(&mut machine, &[], START).await;
    assert!(seen().await.connected);
    let nobody = protocol::ids::AccountId(uuid::Uuid::nil());
    assert!(store.setup_token(nobody, id).await.unwrap().is_none());
}
