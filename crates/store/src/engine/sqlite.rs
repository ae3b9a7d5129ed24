//! The embedded database.

use std::{path::Path, time::Duration};

use lifecycle::lease::LeaseTerms;
use sqlx::{
    ConnectOptions as _, Connection as _,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::{
    sync::{Mutex, mpsc},
    task::JoinSet,
};

use super::{
    Conn, Work,
    grouped::{Command, Pending, write_in_groups},
    migrations::{self, Dialect},
    readers::Readers,
};
use crate::{Error, Result};

/// Most writes that wait for the writer.
const QUEUE_WRITES_MAX: usize = 4096;
/// How long a write waits for its place in the queue.
const QUEUE_WAIT_MAX: Duration = Duration::from_secs(5);
/// How long a connection waits for another program's lock on the file.
const BUSY_WAIT_MAX: Duration = Duration::from_secs(5);
const STATEMENTS_CACHED_MAX: usize = 512;

/// The embedded database: one connection that writes, some that read.
#[derive(Debug)]
pub(crate) struct Sqlite {
    queue: mpsc::Sender<Command>,
    readers: Readers,
    terms: LeaseTerms,
    writer: Mutex<JoinSet<()>>,
}

fn options_of(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_WAIT_MAX)
        .statement_cache_capacity(STATEMENTS_CACHED_MAX)
        .disable_statement_logging()
}

/// Brings a database's structure to step `version`, and no further.
pub(super) async fn bring_to_step(path: &Path, version: i64) -> Result<()> {
    let mut connection = options_of(path).connect().await?;
    migrations::up_to(Dialect::Sqlite, version)?
        .run(&mut connection)
        .await?;
    connection.close().await?;
    Ok(())
}

impl Sqlite {
    pub(super) async fn open(path: &Path, terms: LeaseTerms) -> Result<Self> {
        let options = options_of(path);
        let mut connection = options.connect().await?;
        migrations::of(Dialect::Sqlite)?
            .run(&mut connection)
            .await?;
        let readers = Readers::open(options.create_if_missing(false).read_only(true)).await?;
        let (queue, waiting) = mpsc::channel(QUEUE_WRITES_MAX);
        let mut writer = JoinSet::new();
        writer.spawn(write_in_groups(Conn::writer(connection, terms), waiting));
        Ok(Self {
            queue,
            readers,
            terms,
            writer: Mutex::new(writer),
        })
    }

    pub(super) async fn write<A, T>(&self, args: A, work: Work<A, T>) -> Result<T>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        let (pending, result) = Pending::new(args, work);
        self.queue
            .send_timeout(Command::Write(Box::new(pending)), QUEUE_WAIT_MAX)
            .await
            .map_err(|error| match error {
                mpsc::error::SendTimeoutError::Timeout(_) => Error::Overloaded,
                mpsc::error::SendTimeoutError::Closed(_) => Error::Closed,
            })?;
        result.await.unwrap_or(Err(Error::Closed))
    }

    pub(super) async fn reader(&self) -> Result<Conn> {
        Ok(Conn::reader(self.readers.acquire().await?, self.terms))
    }

    pub(super) async fn close(&self) {
        // The queue may be gone already when the store is closed twice.
        let _ = self.queue.send(Command::Close).await;
        let mut writer = self.writer.lock().await;
        while writer.join_next().await.is_some() {}
        self.readers.close().await;
    }
}
