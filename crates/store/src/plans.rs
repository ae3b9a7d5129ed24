//! The plans of what every job costs, on tables that were filled a moment ago and have no
//! statistics: no large table is read from end to end.

use futures::FutureExt as _;
use lifecycle::limits::JobLimits;
use protocol::{job::OutcomeKind, time::Timestamp};

use crate::{
    Claim, Options, Result, Store,
    engine::{Conn, Statement, recorded, sql, sql_pair},
};

#[path = "../tests/conformance/world.rs"]
#[expect(
    dead_code,
    reason = "shared with the conformance suite, which uses all of it"
)]
mod world;

use world::{START, World, ended, listed, log_entry};

/// Tables that grow with the jobs, and the short names that they have in statements.
const LARGE: &[&str] = &[
    "jobs",
    "attempts",
    "events",
    "log_entries",
    "orders",
    "approvals",
];
const LARGE_IN_SHORT: &[&str] = &["j", "t", "n", "e", "q", "p"];

/// Many jobs that wait, that are under way and that are over, each with a little of a record.
async fn many(tx: &mut Conn, world: &(String, String, String)) -> Result<()> {
    let (owner, workspace, runner) = world;
    tx.run(sql_pair!(
        sqlite: "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 12000)
                 INSERT INTO jobs (id, workspace_id, number, title, instructions, context, target,
                                   state, fence, created_by, created_at, updated_at, ready_at, lane)
                 SELECT printf('00000000-0000-7000-8000-%012d', n), $2, 1000 + n, 't', 'i',
                        '\"local\"', '{\"kind\":\"my\"}',
                        CASE n % 3 WHEN 0 THEN 'ready' WHEN 1 THEN 'done' ELSE 'cancelled' END,
                        1, $1, 1, 1, n, 'lane' || (n % 40) FROM n",
        postgres: "INSERT INTO jobs (id, workspace_id, number, title, instructions, context, target,
                                     state, fence, created_by, created_at, updated_at, ready_at, lane)
                   SELECT '00000000-0000-7000-8000-' || LPAD(CAST(n AS TEXT), 12, '0'), $2, 1000 + n,
                          't', 'i', '\"local\"', '{\"kind\":\"my\"}',
                          CASE n % 3 WHEN 0 THEN 'ready' WHEN 1 THEN 'done' ELSE 'cancelled' END,
                          1, $1, 1, 1, n, 'lane' || (n % 40) FROM generate_series(1, 12000) n",
        owner,
        workspace
    ))
    .await?;
    tx.run(sql!(
        "INSERT INTO attempts (id, job_id, workspace_id, runner_id, number, fence, stage, phase,
                               assigned_at, accept_by, ended_at, outcome, log_check)
         SELECT id, id, workspace_id, $1, 1, 1, 'ended', 'ended', 1, 1, 1, 'failed', 'matches'
         FROM jobs WHERE id < '00000000-0000-7000-9'",
        runner
    ))
    .await?;
    tx.run(sql!(
        "INSERT INTO log_entries (attempt_id, n, body, late)
         SELECT id, 1, '{}', FALSE FROM attempts WHERE id < '00000000-0000-7000-9'
         UNION ALL SELECT id, 2, '{}', FALSE FROM attempts WHERE id < '00000000-0000-7000-9'"
    ))
    .await?;
    tx.run(sql!(
        "INSERT INTO events (attempt_id, n, body, late, kept_at)
         SELECT id, 1, '{}', FALSE, 1 FROM attempts WHERE id < '00000000-0000-7000-9'"
    ))
    .await?;
    tx.run(sql!(
        "INSERT INTO orders (id, attempt_id, runner_id, about, body, created_at, done_at)
         SELECT id, id, $1, id, '{}', 1, 1 FROM attempts WHERE id < '00000000-0000-7000-9'",
        runner
    ))
    .await?;
    Ok(())
}

/// Without this the server gathers statistics by itself, sooner or later.
async fn without_statistics(tx: &mut Conn) -> Result<()> {
    for table in [
        "ALTER TABLE jobs SET (autovacuum_enabled = false)",
        "ALTER TABLE attempts SET (autovacuum_enabled = false)",
        "ALTER TABLE log_entries SET (autovacuum_enabled = false)",
        "ALTER TABLE events SET (autovacuum_enabled = false)",
        "ALTER TABLE orders SET (autovacuum_enabled = false)",
    ] {
        tx.run(sql!(table)).await?;
    }
    Ok(())
}

/// Everything that the way of a job asks of the database, and every look of a reconciler
/// that comes every few seconds.
async fn a_jobs_way(world: &World<'_>) -> Vec<Statement> {
    let store = world.store;
    let mut machine = world.machine(7).await;
    let job = world.ready_job("one among many", START).await;
    recorded::begin();
    world.queue(4).await;
    let claim = Claim {
        job_id: job.id,
        runner_id: machine.id,
        boot_number: machine.boot_number,
        seq: machine.seq,
        limits: JobLimits::default(),
        deadline_ms: world::DEADLINE_MS,
    };
    store.claim(claim, START).await.unwrap();
    let waiting = store.undelivered_assignments(machine.id, START).await;
    let id = waiting.unwrap()[0].attempt_id;
    world.sync(&mut machine, &[listed(id, 1)], START).await;
    store.pending_orders(machine.id, START).await.unwrap();
    store
        .append_log(machine.id, id, 1, vec![log_entry(1)], START)
        .await
        .unwrap();
    let end = ended(1, OutcomeKind::Succeeded, 1);
    let accepted = store.accept_outcome(machine.id, id, 1, end, START).await;
    accepted.unwrap().unwrap();
    let late = Timestamp(START.0 + 1);
    store.overdue_attempts(None, 9, late).await.unwrap();
    store.unchecked_logs(None, 9).await.unwrap();
    store.sealable_logs(None, 9, late).await.unwrap();
    store.logs_with_rows_left(None, 9).await.unwrap();
    store.log(id, 0, 9).await.unwrap();
    recorded::end()
}

async fn plan_of(store: &Store, statement: &Statement) -> Vec<String> {
    let explain =
        |word: &str, text: &str| -> &'static str { String::leak(format!("{word} {text}")) };
    let asked = Statement {
        sqlite: explain("EXPLAIN QUERY PLAN", statement.sqlite),
        postgres: explain("EXPLAIN", statement.postgres),
        values: statement.values.clone(),
    };
    let rows = store.reader().await.unwrap().all(asked).await.unwrap();
    let column = if store.is_shared() {
        "QUERY PLAN"
    } else {
        "detail"
    };
    rows.iter().map(|row| row.text(column).unwrap()).collect()
}

fn reads_all_of_a_large_table(line: &str) -> bool {
    let line = line.trim();
    if let Some((_, rest)) = line.split_once("Seq Scan on ") {
        return LARGE
            .iter()
            .any(|table| rest.split(' ').next() == Some(table));
    }
    line.strip_prefix("SCAN ").is_some_and(|rest| {
        let name = rest.split(' ').next().unwrap_or_default();
        !rest.contains("USING") && (LARGE.contains(&name) || LARGE_IN_SHORT.contains(&name))
    })
}

async fn no_large_table_is_read_whole(store: Store) {
    let world = World::new(&store).await;
    let runner = world.register("full", 99).await.id.to_string();
    let ids = (world.owner.to_string(), world.workspace.to_string(), runner);
    if store.is_shared() {
        store
            .write((), |tx, ()| without_statistics(tx).boxed())
            .await
            .unwrap();
    }
    store
        .write(ids, |tx, ids| many(tx, ids).boxed())
        .await
        .unwrap();
    let mut looked_at = 0;
    for statement in a_jobs_way(&world).await {
        if statement.sqlite.trim_start().starts_with("ALTER") {
            continue;
        }
        let plan = plan_of(&store, &statement).await;
        looked_at += 1;
        let bad = plan.iter().find(|line| reads_all_of_a_large_table(line));
        assert_eq!(bad, None, "{}\n{}", statement.sqlite, plan.join("\n"));
    }
    assert!(looked_at > 20, "{looked_at} statements are not a job's way");
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_large_table_is_read_whole_on_either_engine() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("coord.db");
    no_large_table_is_read_whole(Store::open(Options::Sqlite { path }).await.unwrap()).await;
    #[cfg(unix)]
    {
        let server = tokio::task::spawn_blocking(testkit::postgres::Postgres::start)
            .await
            .unwrap()
            .unwrap();
        let url = server.database().unwrap();
        no_large_table_is_read_whole(Store::open(Options::Postgres { url }).await.unwrap()).await;
        drop(server);
    }
}
