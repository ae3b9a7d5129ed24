//! The embedded database.

use std::path::Path;

use lifecycle::lease::LeaseTerms;
use sqlx::{
    ConnectOptions as _, Connection as _,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::sync::{Mutex, mpsc, oneshot};

use super::{
    Conn, TURN_WAIT_MAX, Work,
    embedded::{Access, BUSY_WAIT_MAX, Embedded},
    grouped::{Command, Pending, write_in_groups},
    migrations::{self, Dialect},
    readers::Readers,
};
use crate::{Error, Result};

/// Most writes that wait for the writer.
const QUEUE_WRITES_MAX: usize = 4096;
/// The embedded database: one connection that writes, some that read.
#[derive(Debug)]
pub(crate) struct Sqlite {
    queue: mpsc::Sender<Command>,
    readers: Readers,
    terms: LeaseTerms,
    /// Says when the writing thread has ended; none when it was waited for.
    ended: Mutex<Option<oneshot::Receiver<()>>>,
}

/// For bringing the structure up to date, and what the file itself keeps.
fn options_of(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_WAIT_MAX)
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
        let mut connection = options_of(path).connect().await?;
        migrations::of(Dialect::Sqlite)?
            .run(&mut connection)
            .await?;
        connection.close().await?;
        let writer = Conn::writer(Embedded::open(path, Access::Write)?, terms);
        let readers = Readers::open(path)?;
        let (queue, waiting) = mpsc::channel(QUEUE_WRITES_MAX);
        let (end, ended) = oneshot::channel();
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || {
                futures::executor::block_on(write_in_groups(writer, waiting));
                // Nobody may want to know.
                let _ = end.send(());
            })
            .map_err(Error::Thread)?;
        Ok(Self {
            queue,
            readers,
            terms,
            ended: Mutex::new(Some(ended)),
        })
    }

    pub(super) async fn write<A, T>(&self, args: A, work: Work<A, T>) -> Result<T>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        let (pending, result) = Pending::new(args, work);
        self.queue
            .send_timeout(Command::Write(Box::new(pending)), TURN_WAIT_MAX)
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
        if let Some(ended) = self.ended.lock().await.take() {
            // A thread that broke down has ended as well.
            let _ = ended.await;
        }
        self.readers.close().await;
    }
}
