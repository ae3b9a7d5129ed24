//! What people are told: when, how often, and when it is over.

use protocol::{
    api::{NotificationKind, NotificationSettings},
    approval::{Action, Approval, ApprovalSubject},
    ids::ApprovalId,
    job::OutcomeKind,
    record::Event,
    time::Timestamp,
};
use store::{AttemptRef, Store};
use uuid::Uuid;

use super::world::{Machine, START, World, ended, event};

fn approval() -> Approval {
    let subject = ApprovalSubject {
        action: Action::Run {
            command: "make".to_owned(),
        },
        directory: "/work".to_owned(),
        inside_folder: true,
        claimed_reason: None,
        risks: Vec::new(),
    };
    Approval::new(ApprovalId(Uuid::now_v7()), subject, START)
}

async fn tell(world: &World<'_>, machine: &Machine, at: AttemptRef, n: u64, what: Event) {
    world
        .store
        .append_events(machine.id, at.attempt_id, 1, vec![event(n, what)], START)
        .await
        .unwrap();
}

async fn kinds(world: &World<'_>) -> Vec<(NotificationKind, bool)> {
    let list = world
        .store
        .notifications(world.owner, None, 50)
        .await
        .unwrap();
    let unread = list.notifications.iter().filter(|one| !one.read).count();
    assert_eq!(list.unread, unread as u64);
    list.notifications
        .iter()
        .map(|one| (one.kind, one.read))
        .collect()
}

pub(crate) async fn what_waits_is_told_once_and_over_with_its_answer(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let at = world.held(&mut machine, START).await;
    let (first, second) = (approval(), approval());
    let asked = |approval: &Approval| Event::ApprovalRequested {
        approval: approval.clone(),
    };
    tell(&world, &machine, at, 1, asked(&first)).await;
    tell(&world, &machine, at, 1, asked(&first)).await;
    tell(&world, &machine, at, 2, asked(&second)).await;
    let waiting = NotificationKind::ApprovalWaiting;
    assert_eq!(kinds(&world).await, [(waiting, false), (waiting, false)]);
    let withdrawn = Event::ApprovalWithdrawn {
        approval_id: second.id,
        reason: "over".to_owned(),
    };
    tell(&world, &machine, at, 3, withdrawn).await;
    assert_eq!(kinds(&world).await, [(waiting, true), (waiting, false)]);
    let list = store.notifications(world.owner, None, 1).await.unwrap();
    assert_eq!(list.notifications[0].job_number, Some(1));
    let next = store
        .notifications(world.owner, list.next, 1)
        .await
        .unwrap();
    assert_eq!(next.next, None);
    assert!(!next.notifications[0].read);

    let done = ended(4, OutcomeKind::Succeeded, 0);
    store
        .accept_outcome(machine.id, at.attempt_id, 1, done, START)
        .await
        .unwrap()
        .unwrap();
    let job_done = NotificationKind::JobDone;
    assert_eq!(
        kinds(&world).await,
        [(job_done, false), (waiting, true), (waiting, true)]
    );
    store
        .read_notifications(world.owner, Vec::new(), START)
        .await
        .unwrap();
    assert!(kinds(&world).await.iter().all(|(_, read)| *read));
}

pub(crate) async fn nobody_is_told_of_what_they_do_not_want_to_hear(store: &Store) {
    let world = World::new(store).await;
    let settings = NotificationSettings {
        muted: vec![NotificationKind::RunnerOffline],
    };
    store
        .set_notification_settings(world.owner, settings.clone())
        .await
        .unwrap();
    let kept = store.notification_settings(world.owner).await.unwrap();
    assert_eq!(kept, settings);
    world.machine(1).await;
    let late = START.plus_millis(600_000);
    assert!(!look(store, START, late).await);
    assert!(kinds(&world).await.is_empty());
}

/// Does what a look at silent runners does; whether anything changed.
async fn look(store: &Store, silent_since: Timestamp, now: Timestamp) -> bool {
    let silent = store.silent_runners(silent_since, None, 9).await.unwrap();
    let over = store.silences_over(silent_since, None, 9).await.unwrap();
    let changed = !silent.rows.is_empty() || !over.rows.is_empty();
    for runner in silent.rows {
        store.tell_of_silence(runner, now).await.unwrap();
    }
    for id in over.rows {
        store.settle_notification(id, now).await.unwrap();
    }
    changed
}

pub(crate) async fn a_silent_runner_is_told_of_once_for_each_silence(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let offline = NotificationKind::RunnerOffline;
    let before = Timestamp(START.0 - 1);
    assert!(!look(store, before, START).await);
    assert!(look(store, START, START).await);
    assert!(!look(store, START, START).await);
    assert_eq!(kinds(&world).await, [(offline, false)]);
    let later = START.plus_millis(1_000);
    world.sync(&mut machine, &[], later).await;
    assert!(look(store, START, later).await);
    assert_eq!(kinds(&world).await, [(offline, true)], "it is back");
    assert!(look(store, later, later).await);
    assert_eq!(kinds(&world).await, [(offline, false), (offline, true)]);
    let told = store.notified_since(START, None, 9).await.unwrap();
    assert_eq!(told.rows, [world.owner]);
    let told = store.notified_since(later, None, 9).await.unwrap();
    assert!(told.rows.is_empty());
    assert_eq!(store.sweep_notifications(later).await.unwrap(), 0);
    let gone = later.plus_millis(1);
    assert_eq!(store.sweep_notifications(gone).await.unwrap(), 2);
}
