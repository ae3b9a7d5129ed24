//! Many at the same rows at once.

use futures::future::join_all;
use protocol::{job::Phase, record::Event};
use store::{Actor, Appended, AttemptRef, Store};

use super::world::{Machine, START, World, event, listed, sync_request};

/// How many jobs the runner has at once, and how often each of them is written to.
const JOBS: u32 = 4;
const TIMES: u64 = 25;

pub(crate) async fn whoever_syncs_writes_or_cancels_never_waits_in_a_circle(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let mut held = Vec::new();
    for _ in 0..JOBS {
        let free = |request: &mut protocol::runner::SyncRequest| request.slots.free = 1;
        world.sync_with(&mut machine, free).await;
        let at = world.assigned(&machine, START).await;
        held.push(at);
        let listing: Vec<_> = held.iter().map(|at| listed(at.attempt_id, 1)).collect();
        world.sync(&mut machine, &listing, START).await;
    }
    let (first, rest) = held.split_first().expect("there are some");
    let writing = join_all(rest.iter().map(|at| write(store, &machine, *at)));
    tokio::join!(sync(&world, machine.clone(), &held), writing, async {
        let cancelled = store
            .request_cancel(first.job_id, Actor::system(), START)
            .await;
        cancelled.expect("written");
    });
    for at in rest {
        let attempt = store.attempt(at.attempt_id).await.expect("read");
        assert_eq!(attempt.expect("there").events_last, 2 * TIMES);
    }
}

/// The runner says again and again what it has.
async fn sync(world: &World<'_>, mut machine: Machine, held: &[AttemptRef]) {
    let listing: Vec<_> = held.iter().map(|at| listed(at.attempt_id, 1)).collect();
    for _ in 0..2 * TIMES {
        machine.seq += 1;
        let request = sync_request(&machine, &listing);
        let answer = world.store.accept_sync(machine.id, request, START).await;
        answer.expect("written").expect("accepted");
    }
}

/// Entries that change what the coordinator knows of the attempt, one pair after the other.
async fn write(store: &Store, machine: &Machine, at: AttemptRef) {
    for time in 0..TIMES {
        let phases = [Phase::Preparing, Phase::Running];
        let entries = (1..).zip(phases).map(|(n, phase)| {
            let n = 2 * time + n;
            event(n, Event::PhaseChanged { phase })
        });
        let entries = entries.collect();
        let kept = store.append_events(machine.id, at.attempt_id, 1, entries, START);
        let kept = kept.await.expect("written");
        assert!(matches!(kept, Appended::Kept { .. }), "{kept:?}");
    }
}
