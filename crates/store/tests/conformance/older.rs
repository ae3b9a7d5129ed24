//! A database as an older version left it, with everything in it: this version takes it
//! further, loses nothing of it, and goes on with it.
//!
//! `fixtures/step-8.sqlite.sql` is a dump of what a real coordinator of that age wrote, which
//! knew eight steps: a job that is done, one that was called off, and one that had just been
//! given out when everything was stopped.

use std::{borrow::Cow, fs, path::Path};

use protocol::{
    ids::{AccountId, JobId, WorkspaceId},
    job::{JobState, OutcomeKind},
    time::Timestamp,
};
use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection, SqlSafeStr as _, SqliteConnection,
    migrate::{Migration, MigrationType, Migrator},
};
use store::{Options, Store};

use super::world::World;

const DUMP: &str = include_str!("fixtures/step-8.sqlite.sql");
/// The newest step that the older version knew.
const STEP: i64 = 8;
const OWNER: &str = "01a20774-56ea-764e-8a12-9dfb3e56f1bd";
const WORKSPACE: &str = "01a20774-56ea-764e-8a12-9dfc3a013a2b";
const DONE: &str = "01a20774-5da4-7774-8750-ef09c445f4ac";
const CALLED_OFF: &str = "01a20774-6546-7471-89ff-0fa41b0475f6";
/// A while after the older version had stopped.
const LATER: Timestamp = Timestamp(1_795_500_000_000);

/// What was there is there, and a job goes its whole way.
async fn goes_on(options: Options) {
    let store = Store::open(options).await.expect("opened");
    let (owner, workspace): (AccountId, WorkspaceId) = (
        AccountId(OWNER.parse().unwrap()),
        WorkspaceId(WORKSPACE.parse().unwrap()),
    );
    let world = World {
        store: &store,
        owner,
        workspace,
    };
    let done = JobId(DONE.parse().unwrap());
    assert_eq!(world.job(done).await.state, JobState::Done);
    let called_off = JobId(CALLED_OFF.parse().unwrap());
    assert_eq!(world.job(called_off).await.state, JobState::Cancelled);
    let attempts = store.attempts_of(done, LATER).await.unwrap();
    assert_eq!(attempts.len(), 1);
    assert_eq!(attempts[0].outcome, Some(OutcomeKind::Succeeded));
    let log = store.log(attempts[0].id, 0, 99).await.unwrap().unwrap();
    assert_eq!(log.entries.json.len(), 22);
    // What nobody had confirmed goes back, and to whoever is here now.
    let unconfirmed = world.look_at_the_clock(LATER).await;
    assert_eq!(unconfirmed.len(), 1);
    let mut machine = world.machine(1).await;
    let at = world.held(&mut machine, LATER).await;
    assert!(at.job_id != done && at.job_id != called_off);
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_embedded_database_of_an_older_version() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("coord.db");
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let mut database = SqliteConnection::connect(&url).await.unwrap();
    let dump = AssertSqlSafe(format!("PRAGMA foreign_keys = OFF; {DUMP}"));
    sqlx::raw_sql(dump).execute(&mut database).await.unwrap();
    database.close().await.unwrap();
    goes_on(Options::Sqlite { path }).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_postgresql_database_of_an_older_version() {
    let server = testkit::postgres::Postgres::start().unwrap();
    let url = server.database().unwrap();
    let mut database = PgConnection::connect(&url).await.unwrap();
    steps().run(&mut database).await.unwrap();
    // The rows of the dump, in the order in which they stand there; its truths are numbers.
    let rows = DUMP
        .lines()
        .filter(|line| !line.contains("\"_sqlx_migrations\""))
        .fold(String::new(), |all, line| all + line + "\n");
    let rows = rows.split("INSERT INTO").skip(1).map(|row| {
        let (row, _) = row.split_once(");\n").expect("a whole row");
        format!("INSERT INTO{row});")
    });
    let all = format!(
        "SET session_replication_role = replica;
         UPDATE pg_cast SET castcontext = 'a' WHERE castsource = 'int4'::regtype AND casttarget = 'bool'::regtype;
         {}",
        rows.collect::<Vec<_>>().join("\n")
    );
    sqlx::raw_sql(AssertSqlSafe(all))
        .execute(&mut database)
        .await
        .unwrap();
    database.close().await.unwrap();
    goes_on(Options::Postgres { url }).await;
}

/// The steps that the older version knew, as they stand today: one that was changed since would
/// not be taken for the same by the embedded database, which remembers what they were.
fn steps() -> Migrator {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let steps = files.filter_map(|path| {
        let name = path.file_name()?.to_str()?.to_owned();
        let (number, title) = name.strip_suffix(".sql")?.split_once('_')?;
        let number = number.parse().ok().filter(|number| *number <= STEP)?;
        let text = fs::read_to_string(&path).ok()?;
        Some(Migration::new(
            number,
            Cow::Owned(title.to_owned()),
            MigrationType::Simple,
            AssertSqlSafe(text).into_sql_str(),
            false,
        ))
    });
    let mut steps: Vec<_> = steps.collect();
    steps.sort_by_key(|step| step.version);
    Migrator::with_migrations(steps)
}
