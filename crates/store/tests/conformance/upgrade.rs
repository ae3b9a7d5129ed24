//! A coordinator of this version on a database that the next version has taken further:
//! while it runs, and when it is started again.

use protocol::{job::OutcomeKind, time::Timestamp};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use store::{Options, Source, Store, TransferError};

use super::world::{Machine, START, World, ended, log_entry};

/// What the next version's first step may do: see `docs/decisions/0016-upgrades.md`.
async fn take_further(url: &str) {
    let mut steps: Vec<String> = Source::tables()
        .flat_map(|table| {
            [
                format!("ALTER TABLE {table} ADD COLUMN from_the_future TEXT"),
                format!("ALTER TABLE {table} ADD COLUMN counted BIGINT NOT NULL DEFAULT 7"),
            ]
        })
        .collect();
    steps.push("CREATE TABLE future_things (id TEXT PRIMARY KEY NOT NULL)".to_owned());
    steps.push("CREATE INDEX jobs_of_the_future ON jobs (counted)".to_owned());
    steps.push(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         SELECT 9999, 'future', success, checksum, execution_time
         FROM _sqlx_migrations WHERE version = 1"
            .to_owned(),
    );
    let steps = AssertSqlSafe(steps.join(";"));
    if url.starts_with("sqlite") {
        let mut database = SqliteConnection::connect(url).await.unwrap();
        sqlx::raw_sql(steps).execute(&mut database).await.unwrap();
        database.close().await.unwrap();
    } else {
        let mut database = PgConnection::connect(url).await.unwrap();
        sqlx::raw_sql(steps).execute(&mut database).await.unwrap();
        database.close().await.unwrap();
    }
}

/// A job's whole way, and what pages and reconcilers read of it.
async fn work(world: &World<'_>, machine: &mut Machine, now: Timestamp) {
    let store = world.store;
    let at = world.held(machine, now).await;
    let fence = world.fence(at.attempt_id).await;
    let entries = (1..=3).map(log_entry).collect();
    store
        .append_log(machine.id, at.attempt_id, fence, entries, now)
        .await
        .unwrap();
    let end = ended(1, OutcomeKind::Succeeded, 3);
    store
        .accept_outcome(machine.id, at.attempt_id, fence, end, now)
        .await
        .unwrap()
        .unwrap();
    world.sync(machine, &[], now).await;
    assert_eq!(store.attempts_of(at.job_id, now).await.unwrap().len(), 1);
    let log = store.log(at.attempt_id, 0, 9).await.unwrap().unwrap();
    assert_eq!(log.entries.json.len(), 3);
    assert!(store.runner(machine.id).await.unwrap().is_some());
    assert!(store.account(world.owner).await.unwrap().is_some());
    assert!(
        !store
            .unchecked_logs(None, 99)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    let overdue = store.overdue_attempts(None, 9, now).await.unwrap();
    assert!(overdue.rows.is_empty() && overdue.poisoned.is_empty());
}

async fn runs_on(options: Options, url: &str) {
    let store = Store::open(options.clone()).await.unwrap();
    let world = World::new(&store).await;
    let mut machine = world.machine(1).await;
    work(&world, &mut machine, START).await;
    if store.is_shared() {
        take_further(url).await;
        for _ in 0..3 {
            work(&world, &mut machine, START).await;
        }
        store.close().await;
    } else {
        // The embedded database has one coordinator: the next version's was here in between.
        store.close().await;
        take_further(url).await;
    }
    let again = Store::open(options.clone()).await.unwrap();
    let world = World {
        store: &again,
        ..world
    };
    work(&world, &mut machine, START).await;
    again.close().await;
    // A copy of this version would leave out what it does not know.
    let refused = Source::open(&options).await;
    assert!(matches!(
        refused,
        Err(TransferError::Newer { found: 9_999, .. })
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_embedded_database_of_the_next_version() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("coord.db");
    let url = format!("sqlite://{}", path.display());
    runs_on(Options::Sqlite { path }, &url).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_postgresql_database_of_the_next_version() {
    let server = testkit::postgres::Postgres::start().unwrap();
    let url = server.database().unwrap();
    runs_on(Options::Postgres { url: url.clone() }, &url).await;
}
