//! Everything moves from one database to another and back, and stays the same.

use proptest::{
    strategy::{Strategy as _, ValueTree as _},
    test_runner::TestRunner,
};
use protocol::{
    job::{OutcomeKind, Phase},
    record::Event,
};
use store::{Options, SealedLog, Source, Store, TableDigest, Target, TransferError, copy_database};

use super::world::{START, World, ended, event, log_entry, new_job};

fn embedded(folder: &tempfile::TempDir, name: &str) -> Options {
    Options::Sqlite {
        path: folder.path().join(name),
    }
}

/// Some of everything: texts of any kind, late entries, a sealed part, ends and none.
async fn fill(store: &Store) {
    let world = World::new(store).await;
    let mut runner = TestRunner::deterministic();
    for _ in 0..60 {
        let text = "(\\PC|[\"\\\\\n\t']){0,60}".new_tree(&mut runner).unwrap();
        let mut job = new_job(world.workspace, world.owner, &text.current(), false);
        job.instructions = text.current();
        store
            .create_job(job, super::world::ada(), START)
            .await
            .unwrap();
    }
    let mut machine = world.machine(1).await;
    let at = world.held(&mut machine, START).await;
    let entries = (1..=700).map(log_entry).collect();
    store
        .append_log(machine.id, at.attempt_id, 1, entries, START)
        .await
        .unwrap();
    let phase = Event::PhaseChanged {
        phase: Phase::Packaging,
    };
    store
        .append_events(machine.id, at.attempt_id, 1, vec![event(1, phase)], START)
        .await
        .unwrap();
    let end = ended(2, OutcomeKind::Succeeded, 700);
    store
        .accept_outcome(machine.id, at.attempt_id, 1, end, START)
        .await
        .unwrap()
        .unwrap();
    let piece = SealedLog {
        first: 1,
        last: 3,
        sha256: "a".repeat(64),
    };
    assert!(store.log_sealed(at.attempt_id, piece, START).await.unwrap());
    let mut other = world.machine(2).await;
    world.held(&mut other, START).await;
}

async fn digests(options: &Options) -> Vec<TableDigest> {
    let mut source = Source::open(options).await.unwrap();
    let mut digests = Vec::new();
    for table in Source::tables() {
        digests.push(source.digest_of(table).await.unwrap());
    }
    source.close().await;
    digests
}

async fn move_all(from: &Options, to: &Options) -> Vec<TableDigest> {
    let mut source = Source::open(from).await.unwrap();
    let target = Target::open(to, source.version()).await.unwrap();
    let moved = copy_database(&mut source, target).await.unwrap();
    source.close().await;
    moved
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_and_back_everything_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let from = embedded(&folder, "from.db");
    let store = Store::open(from.clone()).await.unwrap();
    fill(&store).await;
    let before = digests(&from).await;
    let rows = |name: &str| {
        let found = before.iter().find(|table| table.name == name);
        found.unwrap().rows
    };
    assert_eq!((rows("jobs"), rows("log_entries")), (62, 700));
    let server = testkit::postgres::Postgres::start().unwrap();
    let url = server.database().unwrap();
    let there = Options::Postgres { url };
    assert_eq!(move_all(&from, &there).await, before);
    assert_eq!(digests(&there).await, before);
    let back = embedded(&folder, "back.db");
    assert_eq!(move_all(&there, &back).await, before);
    assert_eq!(digests(&back).await, before);
    // It is not only the same: a store works on it.
    for options in [there, back] {
        let moved = Store::open(options).await.unwrap();
        let world = World {
            store: &moved,
            owner: store
                .account_by_email("ada@example.com")
                .await
                .unwrap()
                .unwrap()
                .id,
            workspace: only_workspace(&store).await,
        };
        world.ready_job("one more", START).await;
        assert_eq!(world.queue(9).await.len(), 1);
        moved.close().await;
    }
    store.close().await;
}

async fn only_workspace(store: &Store) -> protocol::ids::WorkspaceId {
    let account = store.account_by_email("ada@example.com").await;
    let id = account.unwrap().unwrap().id;
    store.workspace_ids_of(id).await.unwrap()[0]
}

#[tokio::test]
async fn a_target_that_is_not_empty_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (embedded(&folder, "from.db"), embedded(&folder, "to.db"));
    for options in [&from, &to] {
        let store = Store::open(options.clone()).await.unwrap();
        World::new(&store).await;
        store.close().await;
    }
    let before = digests(&to).await;
    let source = Source::open(&from).await.unwrap();
    let refused = Target::open(&to, source.version()).await.unwrap_err();
    let named = matches!(&refused, TransferError::NotEmpty { table } if table == "accounts");
    assert!(named, "{refused}");
    assert_eq!(digests(&to).await, before);
}

#[tokio::test]
async fn what_breaks_off_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (embedded(&folder, "from.db"), embedded(&folder, "to.db"));
    let store = Store::open(from.clone()).await.unwrap();
    World::new(&store).await;
    let mut source = Source::open(&from).await.unwrap();
    let mut target = Target::open(&to, source.version()).await.unwrap();
    let columns = source.begin("accounts").await.unwrap();
    target.begin("accounts", &columns).await.unwrap();
    let rows = source.next().await.unwrap();
    target.insert(&rows).await.unwrap();
    let mut expected = source.digest_of("accounts").await.unwrap();
    expected.sha256 = "0".repeat(64);
    let differs = target.finish(&[expected]).await.unwrap_err();
    assert!(
        matches!(differs, TransferError::Differs { .. }),
        "{differs}"
    );
    assert!(digests(&to).await.iter().all(|table| table.rows == 0));
    // And so it can be done again.
    assert_eq!(move_all(&from, &to).await, digests(&from).await);
    store.close().await;
}

#[tokio::test]
async fn what_is_written_meanwhile_is_not_half_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let from = embedded(&folder, "from.db");
    let store = Store::open(from.clone()).await.unwrap();
    let world = World::new(&store).await;
    let mut source = Source::open(&from).await.unwrap();
    world.ready_job("too late", START).await;
    assert_eq!(source.digest_of("jobs").await.unwrap().rows, 0);
    let numbers = source.digest_of("workspaces").await.unwrap();
    source.close().await;
    assert_ne!(digests(&from).await[1], numbers);
    store.close().await;
}

#[tokio::test]
async fn every_table_is_moved() {
    use sqlx::Connection as _;
    let folder = tempfile::tempdir().unwrap();
    let options = embedded(&folder, "coord.db");
    Store::open(options).await.unwrap().close().await;
    let url = format!("sqlite://{}", folder.path().join("coord.db").display());
    let mut database = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let mut there: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_master WHERE type = 'table'
           AND name NOT LIKE 'sqlite%' AND name NOT LIKE '_sqlx%' ORDER BY name",
    )
    .fetch_all(&mut database)
    .await
    .unwrap();
    there.sort_unstable();
    let mut moved: Vec<_> = Source::tables().collect();
    moved.sort_unstable();
    assert_eq!(
        moved, there,
        "add new tables to store/src/transfer/tables.rs"
    );
}

#[tokio::test]
async fn what_is_no_database_of_ours_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Source::open(&embedded(&folder, "missing.db")).await;
    assert!(matches!(missing, Err(TransferError::NothingThere)));
    let to = embedded(&folder, "to.db");
    let newer = Target::open(&to, 9_999).await;
    assert!(matches!(
        newer,
        Err(TransferError::Newer { found: 9_999, .. })
    ));
}
