//! Opening the journal's file, and bringing an older one up to date.

use std::{path::Path, time::Duration};

use sqlx::{
    Row as _, Sqlite, SqlitePool, Transaction,
    sqlite::{
        SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions,
        SqliteSynchronous,
    },
};

use crate::Error;

/// Each brings the format one number further, and sets that number itself.
const MIGRATIONS: [&str; 3] = [
    include_str!("../migrations/0001_journal.sql"),
    include_str!("../migrations/0002_pause_revision.sql"),
    include_str!("../migrations/0003_breaker_and_place.sql"),
];
/// Longest wait for a connection or for another process's lock.
const BUSY_DEADLINE: Duration = Duration::from_secs(10);

/// The runner's journal; clones share one connection.
#[derive(Debug, Clone)]
pub struct Journal {
    pub(crate) pool: SqlitePool,
}

impl Journal {
    /// Opens `journal.db` in `data_dir`, which the caller has locked, and makes it where it is missing.
    pub async fn open(data_dir: &Path) -> Result<Self, Error> {
        let path = data_dir.join("journal.db");
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .auto_vacuum(SqliteAutoVacuum::Incremental)
            .foreign_keys(true)
            .busy_timeout(BUSY_DEADLINE)
            // The service is idle most of its life: half a megabyte of cache is plenty.
            .pragma("cache_size", "-512");
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(BUSY_DEADLINE)
            // A file does not go away as a server does: asking each time only costs.
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options)
            .await
            .map_err(|source| Error::open(&path, source))?;
        let journal = Self { pool };
        journal.migrate(&path).await?;
        journal.make_installation().await?;
        Ok(journal)
    }

    /// Closes the file; later calls fail.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// A transaction that writes: it takes the lock at once, so that it cannot fail half-way.
    pub(crate) async fn write(&self) -> Result<Transaction<'static, Sqlite>, Error> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }

    async fn migrate(&self, path: &Path) -> Result<(), Error> {
        let mut transaction = self
            .pool
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(|source| Error::open(path, source))?;
        let found: i64 = sqlx::query("PRAGMA user_version")
            .fetch_one(&mut *transaction)
            .await
            .map_err(|source| Error::open(path, source))?
            .try_get(0)?;
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
            sqlx::raw_sql(*migration)
                .execute(&mut *transaction)
                .await
                .map_err(|source| Error::open(path, source))?;
        }
        transaction.commit().await?;
        Ok(())
    }
}
