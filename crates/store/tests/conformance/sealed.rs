//! Logs that move into the object store.

use protocol::job::OutcomeKind;
use store::{AttemptRef, SealableLog, SealedLog, Store};

use super::world::{Machine, START, World, ended, log_entry};

fn piece(first: u64, last: u64) -> SealedLog {
    SealedLog {
        first,
        last,
        sha256: "a".repeat(64),
    }
}

/// An attempt that ended after so many log entries, and was compared.
async fn ended_with(world: &World<'_>, machine: &mut Machine, entries: u64) -> AttemptRef {
    let at = world.held(machine, START).await;
    append(world, machine, at, 1, entries).await;
    let end = ended(1, OutcomeKind::Succeeded, entries);
    world
        .store
        .accept_outcome(machine.id, at.attempt_id, 1, end, START)
        .await
        .unwrap()
        .unwrap();
    world.store.log_checked(at.attempt_id, true).await.unwrap();
    at
}

async fn append(world: &World<'_>, machine: &Machine, at: AttemptRef, from: u64, to: u64) {
    let mut from = from;
    while from <= to {
        let until = to.min(from + 999);
        let entries = (from..=until).map(log_entry).collect();
        world
            .store
            .append_log(machine.id, at.attempt_id, 1, entries, START)
            .await
            .unwrap();
        from = until + 1;
    }
}

async fn sealable(store: &Store) -> Vec<SealableLog> {
    store.sealable_logs(None, 9, START).await.unwrap().rows
}

pub(crate) async fn a_sealed_part_leaves_the_rows_that_follow_it(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let at = ended_with(&world, &mut machine, 4500).await;
    let part = SealableLog {
        attempt_id: at.attempt_id,
        first: 1,
        last: 4500,
    };
    assert_eq!(sealable(store).await, [part]);
    let rows = store.rows_to_seal(part, 4499).await.unwrap();
    assert_eq!(rows, [log_entry(4500).json]);
    assert!(
        store
            .log_sealed(at.attempt_id, piece(1, 4500), START)
            .await
            .unwrap()
    );
    assert!(sealable(store).await.is_empty());
    append(&world, &machine, at, 4501, 4503).await;
    let expected: Vec<_> = (4502..=4503).map(|n| log_entry(n).json).collect();
    // While the rows of the sealed part are there, and when they are gone.
    for rows_are_left in [true, false] {
        let page = store.log(at.attempt_id, 4501, 9).await.unwrap().unwrap();
        assert_eq!(
            (page.entries.json, page.entries.last),
            (expected.clone(), 4503)
        );
        assert!(page.sealed.is_empty());
        let page = store.log(at.attempt_id, 4400, 1).await.unwrap().unwrap();
        assert_eq!(page.entries.json, [log_entry(4501).json]);
        assert_eq!(page.sealed, [piece(1, 4500)]);
        let left = store.logs_with_rows_left(None, 9).await.unwrap().rows;
        assert_eq!(left.len(), usize::from(rows_are_left));
        while store.delete_sealed_rows(at.attempt_id).await.unwrap() {}
    }
    assert!(store.rows_to_seal(part, 0).await.unwrap().is_empty());
    assert_eq!(
        sealable(store).await,
        [SealableLog {
            first: 4501,
            last: 4503,
            ..part
        }],
        "what came late makes a piece of its own"
    );
}

pub(crate) async fn pieces_leave_no_gap_and_are_written_down_once(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let at = ended_with(&world, &mut machine, 9).await;
    let seal = |first, last| store.log_sealed(at.attempt_id, piece(first, last), START);
    assert!(!seal(2, 5).await.unwrap(), "a gap before it");
    assert!(!seal(1, 10).await.unwrap(), "more than there is");
    assert!(seal(1, 5).await.unwrap());
    assert!(!seal(1, 5).await.unwrap(), "written down already");
    assert!(!seal(1, 9).await.unwrap(), "it overlaps");
    assert!(seal(6, 9).await.unwrap());
    let page = store.log(at.attempt_id, 5, 9).await.unwrap().unwrap();
    assert_eq!(page.sealed, [piece(6, 9)]);
    let page = store.log(at.attempt_id, 0, 9).await.unwrap().unwrap();
    assert_eq!(page.sealed, [piece(1, 5), piece(6, 9)]);
    assert!(page.entries.json.is_empty());
}
