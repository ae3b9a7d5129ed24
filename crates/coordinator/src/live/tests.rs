use protocol::ids::{AttemptId, JobId};
use tokio::{sync::broadcast::Receiver, task::JoinSet};
use uuid::Uuid;

use super::*;

fn workspace(n: u128) -> WorkspaceId {
    WorkspaceId(Uuid::from_u128(n))
}

fn job(n: u128) -> Change {
    Change::Job {
        job_id: JobId(Uuid::from_u128(n)),
    }
}

/// A bus whose waiting changes are told as time goes on.
fn bus() -> (LiveBus, JoinSet<()>) {
    let bus = LiveBus::default();
    let mut running = JoinSet::new();
    running.spawn(bus.clone().tell(CancellationToken::new()));
    (bus, running)
}

async fn heard(reader: &mut Receiver<Arc<Batch>>) -> Vec<Change> {
    reader.recv().await.unwrap().changes.clone()
}

#[tokio::test(start_paused = true)]
async fn only_readers_of_the_workspace_hear_of_a_change() {
    let (bus, _running) = bus();
    let mut here = bus.subscribe(workspace(1));
    let mut elsewhere = bus.subscribe(workspace(2));
    bus.publish(workspace(1), job(9));
    assert_eq!(here.try_recv().unwrap().changes, [job(9)], "at once");
    assert!(elsewhere.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn what_follows_closely_is_told_once_a_second_to_all_at_the_same_moment() {
    let (bus, _running) = bus();
    let mut readers = [bus.subscribe(workspace(1)), bus.subscribe(workspace(1))];
    let began = Instant::now();
    let mut changes = tokio::time::interval(Duration::from_millis(10));
    let mut batches = 0;
    while began.elapsed() < Duration::from_secs(10) {
        changes.tick().await;
        bus.publish(workspace(1), job(1));
        let [one, other] = &mut readers;
        match (one.try_recv(), other.try_recv()) {
            (Ok(first), Ok(second)) => {
                assert_eq!((&first.changes, first.n), (&second.changes, second.n));
                batches += 1;
            }
            (Err(_), Err(_)) => {}
            (one, other) => panic!("only one of them heard: {one:?} {other:?}"),
        }
    }
    assert!((10..=12).contains(&batches), "{batches}");
}

#[tokio::test(start_paused = true)]
async fn the_last_change_of_a_burst_is_told_too() {
    let (bus, _running) = bus();
    let mut reader = bus.subscribe(workspace(1));
    bus.publish(workspace(1), job(1));
    bus.publish(workspace(1), job(2));
    assert_eq!(heard(&mut reader).await, [job(1)]);
    let before = Instant::now();
    assert_eq!(heard(&mut reader).await, [job(2)]);
    assert!(before.elapsed() <= TELL_EVERY);
}

#[tokio::test(start_paused = true)]
async fn logs_do_not_wait_for_other_changes() {
    let (bus, _running) = bus();
    let mut reader = bus.subscribe(workspace(1));
    bus.publish(workspace(1), job(1));
    let log = Change::Log {
        job_id: JobId(Uuid::nil()),
        attempt_id: AttemptId(Uuid::nil()),
        last: 3,
    };
    bus.publish(workspace(1), log);
    assert_eq!(heard(&mut reader).await, [job(1)]);
    assert_eq!(reader.try_recv().unwrap().changes, [log]);
    assert_eq!(
        bus.marks(workspace(1)),
        Marks {
            changed: 1,
            told: 1,
            demanded: 0
        },
        "a log changes nothing that is computed"
    );
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_falls_behind_is_told_so_and_goes_on() {
    let (bus, _running) = bus();
    let mut reader = bus.subscribe(workspace(1));
    for n in 0..=BACKLOG_BATCHES_MAX {
        bus.publish(workspace(1), job(n as u128));
        tokio::time::sleep(TELL_EVERY).await;
    }
    assert!(matches!(
        reader.recv().await,
        Err(broadcast::error::RecvError::Lagged(1))
    ));
    assert_eq!(heard(&mut reader).await, [job(1)]);
}

#[tokio::test(start_paused = true)]
async fn an_account_is_notified_wherever_it_listens() {
    let (bus, _running) = bus();
    let account = AccountId(Uuid::from_u128(5));
    let mut here = bus.subscribe(workspace(1));
    let mut there = bus.subscribe(workspace(2));
    bus.notify(account);
    for reader in [&mut here, &mut there] {
        assert!(reader.try_recv().unwrap().notified.contains(&account));
    }
}
