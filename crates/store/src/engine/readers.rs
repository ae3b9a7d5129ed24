//! The connections that only read the embedded database.
//!
//! Each has a thread and a cache of its own, so the one that was used last is the
//! quickest: it is taken first. A pool for servers on a network hands them out in
//! turn, and asks each one whether it still lives; a file needs neither.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{Error, Result};

/// Most connections at once.
const READERS_MAX: u32 = 8;
/// How long a reader waits for a free connection.
const ACQUIRE_WAIT_MAX: Duration = Duration::from_secs(5);

/// Hands connections out, and makes new ones while there may be more.
#[derive(Debug)]
pub(super) struct Readers {
    options: Box<SqliteConnectOptions>,
    idle: Arc<Idle>,
    places: Arc<Semaphore>,
}

/// Connections that nobody uses; the last is the warmest.
#[derive(Debug)]
struct Idle(Mutex<Vec<SqliteConnection>>);

/// A connection in use; it goes back when dropped.
#[derive(Debug)]
pub(super) struct Reader {
    connection: Option<SqliteConnection>,
    idle: Arc<Idle>,
    _place: OwnedSemaphorePermit,
}

impl Readers {
    /// Opens a first connection, which proves that there can be more.
    pub(super) async fn open(options: SqliteConnectOptions) -> Result<Self> {
        let first = options.connect().await?;
        Ok(Self {
            options: Box::new(options),
            idle: Arc::new(Idle(Mutex::new(vec![first]))),
            places: Arc::new(Semaphore::new(READERS_MAX as usize)),
        })
    }

    /// The warmest free connection.
    pub(super) async fn acquire(&self) -> Result<Reader> {
        let place = Arc::clone(&self.places).acquire_owned();
        let place = tokio::time::timeout(ACQUIRE_WAIT_MAX, place)
            .await
            .map_err(|_| Error::Overloaded)?
            .map_err(|_| Error::Closed)?;
        let warm = self.idle.connections().pop();
        let connection = match warm {
            Some(connection) => connection,
            None => self.options.connect().await?,
        };
        Ok(Reader {
            connection: Some(connection),
            idle: Arc::clone(&self.idle),
            _place: place,
        })
    }

    /// Waits for those in use, and closes all.
    pub(super) async fn close(&self) {
        let all = self.places.acquire_many(READERS_MAX).await;
        self.places.close();
        drop(all);
        let idle = std::mem::take(&mut *self.idle.connections());
        for connection in idle {
            if let Err(error) = connection.close().await {
                tracing::debug!(%error, "a connection was not closed in order");
            }
        }
    }
}

impl Idle {
    fn connections(&self) -> MutexGuard<'_, Vec<SqliteConnection>> {
        // A push or a pop is whole at once, so a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reader {
    /// The connection itself.
    pub(super) fn connection(&mut self) -> Result<&mut SqliteConnection> {
        self.connection.as_mut().ok_or(Error::Closed)
    }

    /// It does not go back: whatever is open on it ends with it.
    pub(super) fn discard(&mut self) {
        self.connection = None;
    }

    /// Takes an answer in; a connection that failed is not used again.
    pub(super) fn judged<T>(&mut self, answer: sqlx::Result<T>) -> Result<T> {
        answer.map_err(|error| {
            self.discard();
            error.into()
        })
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.idle.connections().push(connection);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    async fn readers(folder: &Path) -> Readers {
        let options = SqliteConnectOptions::new()
            .filename(folder.join("some.db"))
            .create_if_missing(true);
        Readers::open(options).await.unwrap()
    }

    /// Leaves a table on the connection that nobody else sees.
    async fn mark(reader: &mut Reader) {
        sqlx::query("CREATE TEMP TABLE mark (id INTEGER)")
            .execute(reader.connection().unwrap())
            .await
            .unwrap();
    }

    async fn is_marked(reader: &mut Reader) -> bool {
        sqlx::query("SELECT id FROM mark")
            .fetch_all(reader.connection().unwrap())
            .await
            .is_ok()
    }

    #[tokio::test]
    async fn the_connection_that_was_used_last_is_taken_first() {
        let folder = tempfile::tempdir().unwrap();
        let readers = readers(folder.path()).await;
        let mut first = readers.acquire().await.unwrap();
        let second = readers.acquire().await.unwrap();
        mark(&mut first).await;
        drop(second);
        drop(first);
        let mut again = readers.acquire().await.unwrap();
        assert!(is_marked(&mut again).await);
        let mut other = readers.acquire().await.unwrap();
        assert!(!is_marked(&mut other).await);
    }

    #[tokio::test]
    async fn a_connection_that_failed_is_not_used_again() {
        let folder = tempfile::tempdir().unwrap();
        let readers = readers(folder.path()).await;
        let mut reader = readers.acquire().await.unwrap();
        mark(&mut reader).await;
        let answer = sqlx::query("SELECT nothing")
            .execute(reader.connection().unwrap())
            .await;
        assert!(reader.judged(answer).is_err());
        assert!(reader.connection().is_err());
        drop(reader);
        let mut next = readers.acquire().await.unwrap();
        assert!(!is_marked(&mut next).await);
    }

    #[tokio::test]
    async fn there_are_no_more_than_the_most_and_none_after_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let readers = readers(folder.path()).await;
        let mut used = Vec::new();
        for _ in 0..READERS_MAX {
            used.push(readers.acquire().await.unwrap());
        }
        let mut next = std::pin::pin!(readers.acquire());
        assert!(futures::poll!(&mut next).is_pending());
        used.pop();
        drop(next.await.unwrap());
        let closing = readers.close();
        let mut closing = std::pin::pin!(closing);
        assert!(futures::poll!(&mut closing).is_pending(), "some are in use");
        used.clear();
        closing.await;
        assert!(matches!(readers.acquire().await, Err(Error::Closed)));
    }
}
