//! Opening the journal's file, bringing an older one up to date, and using it.

use std::{path::Path, sync::Arc, time::Duration};

use rusqlite::{Connection, Params, Row, Transaction, TransactionBehavior};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::Mutex,
};

use crate::Error;

/// Each brings the format one number further, and sets that number itself.
const MIGRATIONS: [&str; 3] = [
    include_str!("../migrations/0001_journal.sql"),
    include_str!("../migrations/0002_pause_revision.sql"),
    include_str!("../migrations/0003_breaker_and_place.sql"),
];
/// Longest wait for another process's lock.
const BUSY_DEADLINE: Duration = Duration::from_secs(10);
/// All that there are stay prepared.
const STATEMENTS_CACHED_MAX: usize = 64;

/// The runner's journal; clones share one connection.
///
/// It is used on the thread that asks: whoever waits for a write goes on at once when the disk
/// has it, and not only when another thread gets to run (`docs/decisions/0018-sqlite-in-place.md`).
#[derive(Debug, Clone)]
pub struct Journal {
    /// None once it is closed.
    connection: Arc<Mutex<Option<Connection>>>,
}

impl Journal {
    /// Opens `journal.db` in `data_dir`, which the caller has locked, and makes it where it is missing.
    pub async fn open(data_dir: &Path) -> Result<Self, Error> {
        let path = data_dir.join("journal.db");
        let opened = in_place(|| {
            let mut connection = connect(&path).map_err(|source| Error::open(&path, source))?;
            migrate(&mut connection, &path)?;
            Ok::<_, Error>(connection)
        })?;
        let journal = Self {
            connection: Arc::new(Mutex::new(Some(opened))),
        };
        journal.make_installation().await?;
        Ok(journal)
    }

    /// Closes the file; later calls fail.
    pub async fn close(&self) {
        let connection = self.connection.lock().await.take();
        in_place(|| drop(connection));
    }

    /// Does something with the database; no other call comes in between.
    pub(crate) async fn with<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut held = self.connection.lock().await;
        let connection = held.as_mut().ok_or(Error::Closed)?;
        in_place(|| work(connection))
    }

    /// Runs one statement that writes; says how many rows it changed.
    pub(crate) async fn run(&self, words: &'static str, values: impl Params) -> Result<u64, Error> {
        self.with(|connection| run(connection, words, values)).await
    }

    /// Every row of an answer.
    pub(crate) async fn rows<T>(
        &self,
        words: &'static str,
        values: impl Params,
        mut read: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(words)?;
            let mut rows = statement.query(values)?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(read(row)?);
            }
            Ok(found)
        })
        .await
    }

    /// Several statements that write, of which all are kept or none.
    pub(crate) async fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.with(|connection| {
            // It takes the lock at once, so that it cannot fail half-way.
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        })
        .await
    }
}

/// Runs one statement; says how many rows it changed.
pub(crate) fn run(
    connection: &Connection,
    words: &'static str,
    values: impl Params,
) -> Result<u64, Error> {
    let changed = connection.prepare_cached(words)?.execute(values)?;
    Ok(u64::try_from(changed).unwrap_or(u64::MAX))
}

/// Waits for the disk on this thread, after the runtime has been told to let another one go on
/// with what waits for this one.
fn in_place<T>(work: impl FnOnce() -> T) -> T {
    let others = Handle::try_current()
        .is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread);
    if others {
        tokio::task::block_in_place(work)
    } else {
        work()
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_DEADLINE)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED_MAX);
    // Before anything is in the file, or it counts for nothing.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // Each commit is on the disk before anybody is told.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // The service is idle most of its life: half a megabyte of cache is plenty.
    connection.pragma_update(None, "cache_size", -512)?;
    Ok(connection)
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), Error> {
    let open = |source| Error::open(path, source);
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(open)?;
    let found: i64 = transaction
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(open)?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(Error::TooNew {
            path: path.display().to_string(),
            found,
            known,
        });
    }
    let done = usize::try_from(found).unwrap_or(0);
    for migration in MIGRATIONS.iter().skip(done) {
        transaction.execute_batch(migration).map_err(open)?;
    }
    transaction.commit().map_err(open)?;
    Ok(())
}
