//! The connections that only read the embedded database.
//!
//! Each has a cache of its own, so the one that was used last is the quickest: it is
//! taken first. A pool for servers on a network hands them out in turn, and asks each
//! one whether it still lives; a file needs neither.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    TURN_WAIT_MAX,
    embedded::{Access, Embedded},
    slow::Slow,
    statement::Statement,
};
use crate::{Error, Result};

/// Most connections at once.
const READERS_MAX: u32 = 8;

/// Hands connections out, and makes new ones while there may be more.
#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    shared: Arc<Shared>,
    places: Arc<Semaphore>,
}

/// What all connections share.
#[derive(Debug, Default)]
struct Shared {
    /// Those that nobody uses; the last is the warmest.
    idle: Mutex<Vec<Embedded>>,
    slow: Slow,
}

/// A connection in use; it goes back when dropped.
#[derive(Debug)]
pub(super) struct Reader {
    connection: Option<Embedded>,
    shared: Arc<Shared>,
    _place: OwnedSemaphorePermit,
}

impl Readers {
    /// Opens a first connection, which proves that there can be more.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let first = Embedded::open(path, Access::Read)?;
        let shared = Shared::default();
        shared.idle().push(first);
        Ok(Self {
            path: path.to_owned(),
            shared: Arc::new(shared),
            places: Arc::new(Semaphore::new(READERS_MAX as usize)),
        })
    }

    /// The warmest free connection.
    pub(super) async fn acquire(&self) -> Result<Reader> {
        let place = Arc::clone(&self.places).acquire_owned();
        let place = tokio::time::timeout(TURN_WAIT_MAX, place)
            .await
            .map_err(|_| Error::Overloaded)?
            .map_err(|_| Error::Closed)?;
        let warm = self.shared.idle().pop();
        let connection = match warm {
            Some(connection) => connection,
            None => Embedded::open(&self.path, Access::Read)?,
        };
        Ok(Reader {
            connection: Some(connection),
            shared: Arc::clone(&self.shared),
            _place: place,
        })
    }

    /// Waits for those in use, and closes all.
    pub(super) async fn close(&self) {
        let all = self.places.acquire_many(READERS_MAX).await;
        self.places.close();
        drop(all);
        self.shared.idle().clear();
    }
}

impl Shared {
    fn idle(&self) -> MutexGuard<'_, Vec<Embedded>> {
        // A push or a pop is whole at once, so a panic elsewhere leaves nothing half done.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reader {
    /// Runs a statement on this thread; a connection that failed is not used again.
    pub(super) fn ask<T>(
        &mut self,
        statement: &Statement,
        work: impl FnOnce(&Embedded) -> Result<T>,
    ) -> Result<T> {
        let connection = self.connection.as_ref().ok_or(Error::Closed)?;
        let answer = self.shared.slow.run(statement.sqlite, || work(connection));
        self.judged(answer)
    }

    /// Runs words that steer transactions.
    pub(super) fn steer(&mut self, words: &str) -> Result<()> {
        let connection = self.connection.as_ref().ok_or(Error::Closed)?;
        let done = connection.control(words);
        self.judged(done)
    }

    /// It does not go back: whatever is open on it ends with it.
    pub(super) fn discard(&mut self) {
        self.connection = None;
    }

    fn judged<T>(&mut self, answer: Result<T>) -> Result<T> {
        answer.inspect_err(|_| self.discard())
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.shared.idle().push(connection);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::sql;

    fn readers(folder: &Path) -> Readers {
        let path = folder.join("some.db");
        rusqlite::Connection::open(&path).unwrap();
        Readers::open(&path).unwrap()
    }

    /// Leaves a table on the connection that nobody else sees.
    fn mark(reader: &mut Reader) {
        reader.steer("CREATE TEMP TABLE mark (id INTEGER)").unwrap();
    }

    fn is_marked(reader: &mut Reader) -> bool {
        let look = sql!("SELECT id FROM mark");
        reader.ask(&look, |link| link.rows(&look, 1)).is_ok()
    }

    #[tokio::test]
    async fn the_connection_that_was_used_last_is_taken_first() {
        let folder = tempfile::tempdir().unwrap();
        let readers = readers(folder.path());
        let mut first = readers.acquire().await.unwrap();
        let second = readers.acquire().await.unwrap();
        mark(&mut first);
        drop(second);
        drop(first);
        let mut again = readers.acquire().await.unwrap();
        assert!(is_marked(&mut again));
        let mut other = readers.acquire().await.unwrap();
        assert!(!is_marked(&mut other));
    }

    #[tokio::test]
    async fn a_connection_that_failed_is_not_used_again() {
        let folder = tempfile::tempdir().unwrap();
        let readers = readers(folder.path());
        let mut reader = readers.acquire().await.unwrap();
        mark(&mut reader);
        let broken = sql!("SELECT nothing");
        assert!(reader.ask(&broken, |link| link.run(&broken)).is_err());
        assert!(matches!(reader.steer("BEGIN"), Err(Error::Closed)));
        drop(reader);
        let mut next = readers.acquire().await.unwrap();
        assert!(!is_marked(&mut next));
    }

    #[tokio::test]
    async fn there_are_no_more_than_the_most_and_none_after_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let readers = readers(folder.path());
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
