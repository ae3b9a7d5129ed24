//! What the engines promise to everything above them.

use std::collections::BTreeSet;

use futures::future::join_all;
use lifecycle::lease::LeaseTerms;

use super::{Conn, Engine, sql};
use crate::{Error, Options, Result};

async fn sqlite() -> (tempfile::TempDir, Engine) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("coord.db");
    let engine = Engine::open(&Options::Sqlite { path }, LeaseTerms::default())
        .await
        .unwrap();
    (folder, engine)
}

async fn add_workspace(tx: &mut Conn, n: u64) -> Result<u64> {
    tx.run(sql!(
        "INSERT INTO workspaces (id, slug, name, created_at) VALUES ($1, $1, $1, 0)",
        n.to_string()
    ))
    .await?;
    Ok(n)
}

async fn workspaces(engine: &Engine) -> BTreeSet<u64> {
    let mut conn = engine.reader().await.unwrap();
    let rows = conn.all(sql!("SELECT id FROM workspaces")).await.unwrap();
    rows.iter().map(|row| row.parsed("id").unwrap()).collect()
}

/// Writes 0 to 59 at once: every third fails after its insert, every fourth panics.
async fn mixed_writes(engine: &Engine) {
    let writes = (0..60_u64).map(|n| {
        engine.write(n, |tx, n| {
            Box::pin(async move {
                add_workspace(tx, *n).await?;
                assert!(!n.is_multiple_of(4), "a mistake in the program");
                if n.is_multiple_of(3) {
                    return Err(Error::Overloaded);
                }
                Ok(*n)
            })
        })
    });
    for (n, result) in (0..).zip(join_all(writes).await) {
        match result {
            Err(Error::Panicked) => assert!(n % 4 == 0, "{n}"),
            Err(Error::Overloaded) => assert!(n % 3 == 0, "{n}"),
            Ok(returned) => assert_eq!(returned, n),
            Err(other) => panic!("{n}: {other}"),
        }
    }
}

#[tokio::test]
async fn in_a_group_a_failing_write_takes_back_only_itself() {
    let (_folder, engine) = sqlite().await;
    mixed_writes(&engine).await;
    let expected = (0..60).filter(|n| n % 4 != 0 && n % 3 != 0).collect();
    assert_eq!(workspaces(&engine).await, expected);
    engine.close().await;
}

#[tokio::test]
async fn what_fails_before_the_first_that_is_kept_leaves_nothing() {
    let (_folder, engine) = sqlite().await;
    // All wait before the first is run, so they stand in one group.
    let writes = (0..6_u64).map(|n| {
        engine.write(n, |tx, n| {
            Box::pin(async move {
                add_workspace(tx, *n).await?;
                match *n {
                    0 => Err(Error::Overloaded),
                    1 => panic!("a mistake in the program"),
                    // As an engine does by itself when the disk is full.
                    2 => {
                        tx.control("ROLLBACK").await?;
                        Err(Error::Overloaded)
                    }
                    4 => add_workspace(tx, 3).await,
                    n => Ok(n),
                }
            })
        })
    });
    let results = join_all(writes).await;
    let kept: Vec<_> = results.iter().map(Result::is_ok).collect();
    assert_eq!(
        kept,
        [false, false, false, true, false, true],
        "{results:?}"
    );
    assert_eq!(workspaces(&engine).await, BTreeSet::from([3, 5]));
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_write_returned_is_there_for_everybody() {
    let (folder, engine) = sqlite().await;
    let writes = (0..40_u64).map(|n| {
        let engine = &engine;
        async move {
            engine
                .write(n, |tx, n| Box::pin(add_workspace(tx, *n)))
                .await
                .unwrap();
            assert!(workspaces(engine).await.contains(&n), "{n} is not seen");
        }
    });
    join_all(writes).await;
    engine.close().await;
    let late = engine
        .write(99, |tx, n| Box::pin(add_workspace(tx, *n)))
        .await;
    assert!(matches!(late, Err(Error::Closed)), "{late:?}");
    let path = folder.path().join("coord.db");
    let again = Engine::open(&Options::Sqlite { path }, LeaseTerms::default())
        .await
        .unwrap();
    assert_eq!(workspaces(&again).await, (0..40).collect());
}

#[tokio::test]
async fn a_reader_cannot_write() {
    let (_folder, engine) = sqlite().await;
    let mut reader = engine.reader().await.unwrap();
    assert!(add_workspace(&mut reader, 1).await.is_err());
}

#[tokio::test]
async fn a_snapshot_shows_one_moment() {
    let (_folder, engine) = sqlite().await;
    let mut snapshot = engine.snapshot().await.unwrap();
    let count = "SELECT COUNT(*) AS count FROM workspaces";
    let before = snapshot.one(sql!(count)).await.unwrap().unwrap();
    engine
        .write(1, |tx, n| Box::pin(add_workspace(tx, *n)))
        .await
        .unwrap();
    let after = snapshot.one(sql!(count)).await.unwrap().unwrap();
    assert_eq!(
        (
            before.count("count").unwrap(),
            after.count("count").unwrap()
        ),
        (0, 0)
    );
    snapshot.end_snapshot().await.unwrap();
    assert_eq!(workspaces(&engine).await, BTreeSet::from([1]));
}

/// Table, column and whether it may be missing, as `table.column?`.
async fn columns(engine: &Engine, statement: super::Statement) -> BTreeSet<String> {
    let mut conn = engine.reader().await.unwrap();
    let rows = conn.all(statement).await.unwrap();
    rows.iter()
        .map(|row| row.text("column_line").unwrap())
        .collect()
}

#[cfg(unix)]
#[tokio::test]
async fn both_engines_have_the_same_structure() {
    let (_folder, lite) = sqlite().await;
    let server = tokio::task::spawn_blocking(testkit::postgres::Postgres::start)
        .await
        .unwrap()
        .unwrap();
    let url = server.database().unwrap();
    let post = Engine::open(&Options::Postgres { url }, LeaseTerms::default())
        .await
        .unwrap();
    let here = columns(
        &lite,
        sql!(
            "SELECT m.name || '.' || c.name
                 || CASE WHEN c.\"notnull\" = 1 THEN '' ELSE '?' END AS column_line
             FROM sqlite_master m JOIN pragma_table_info(m.name) c
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '_sqlx%'"
        ),
    )
    .await;
    let there = columns(
        &post,
        sql!(
            "SELECT table_name || '.' || column_name
                 || CASE WHEN is_nullable = 'NO' THEN '' ELSE '?' END AS column_line
             FROM information_schema.columns
             WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%'"
        ),
    )
    .await;
    assert!(here.contains("attempts.lease_ends_at?"), "{here:?}");
    assert_eq!(here, there);
    let indexes_here = columns(
        &lite,
        sql!(
            "SELECT name AS column_line FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        ),
    )
    .await;
    let indexes_there = columns(
        &post,
        sql!(
            "SELECT indexname AS column_line FROM pg_indexes
             WHERE schemaname = 'public' AND indexname NOT LIKE '%\\_pkey'
               AND indexname NOT LIKE '%\\_key'"
        ),
    )
    .await;
    assert_eq!(indexes_here, indexes_there);
    post.close().await;
    // The server must outlive its clients.
    drop(server);
}
