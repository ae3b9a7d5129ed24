//! Reading the record of an attempt on this machine, for faces.

use std::{
    collections::VecDeque,
    io,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use protocol::{
    error::{ErrorCode, Problem},
    ids::AttemptId,
    job::Phase,
    record::{EventEntry, LogEntry},
};
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::{
    attempts::{Entry, Numbers},
    shared::Shared,
};
use crate::{folder::AttemptFolder, record::StreamReader};

/// Records whose places are remembered at once.
const READERS_MAX: usize = 8;
/// Most bytes in one answer.
const ANSWER_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Longest wait for the first entry.
const WAIT_MS_MAX: u64 = 60_000;

/// Reads records, and remembers the places that it has passed.
pub(crate) struct Reading {
    shared: Arc<Shared>,
    readers: Mutex<VecDeque<(PathBuf, StreamReader)>>,
}

impl Reading {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            readers: Mutex::default(),
        }
    }

    /// Log entries after `after`, and whether none will follow them.
    pub(crate) async fn log(
        &self,
        attempt: AttemptId,
        after: u64,
        limit: u32,
        wait_ms: u64,
    ) -> Result<(Vec<LogEntry>, bool), Problem> {
        let path = AttemptFolder::of(&self.shared.data, attempt).log();
        self.read(attempt, path, after, limit, wait_ms, |numbers| numbers.log)
            .await
    }

    /// Events after `after`, and whether none will follow them.
    pub(crate) async fn events(
        &self,
        attempt: AttemptId,
        after: u64,
        limit: u32,
        wait_ms: u64,
    ) -> Result<(Vec<EventEntry>, bool), Problem> {
        let path = AttemptFolder::of(&self.shared.data, attempt).events();
        self.read(attempt, path, after, limit, wait_ms, |numbers| {
            numbers.events
        })
        .await
    }

    async fn read<T: DeserializeOwned + Send + 'static>(
        &self,
        attempt: AttemptId,
        path: PathBuf,
        after: u64,
        limit: u32,
        wait_ms: u64,
        number: impl Fn(Numbers) -> u64,
    ) -> Result<(Vec<T>, bool), Problem> {
        let entry = self.shared.attempts.get(attempt);
        if entry.is_none()
            && !AttemptFolder::of(&self.shared.data, attempt)
                .path()
                .is_dir()
        {
            return Err(Problem::new(
                ErrorCode::NotFound,
                "No attempt of this id has been on this machine.",
            ));
        }
        if let Some(entry) = &entry {
            wait_for(entry, after, wait_ms, number).await;
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let entries: Vec<T> = self.entries(path, after, limit).map_err(|error| {
            Problem::new(
                ErrorCode::Internal,
                format!("The record could not be read: {error}."),
            )
        })?;
        // Nobody writes any more once it has been let go.
        let complete = entries.len() < limit && self.shared.attempts.get(attempt).is_none();
        Ok((entries, complete && entry.is_none()))
    }

    fn entries<T: DeserializeOwned>(
        &self,
        path: PathBuf,
        after: u64,
        limit: usize,
    ) -> io::Result<Vec<T>> {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        let known = readers.iter().position(|(known, _)| *known == path);
        let mut reader = known
            .and_then(|place| readers.remove(place))
            .map_or_else(|| StreamReader::new(&path), |(_, reader)| reader);
        let entries = reader.after(after, limit, ANSWER_BYTES_MAX);
        readers.push_back((path, reader));
        if readers.len() > READERS_MAX {
            readers.pop_front();
        }
        entries
    }
}

/// Waits until there is an entry after `after`, the attempt is over, or the time is up.
async fn wait_for(entry: &Entry, after: u64, wait_ms: u64, number: impl Fn(Numbers) -> u64) {
    let mut written = entry.written.subscribe();
    let mut lease = entry.lease();
    let deadline = Instant::now() + Duration::from_millis(wait_ms.min(WAIT_MS_MAX));
    tokio::select! {
        _ = written.wait_for(|written| number(*written) > after) => {}
        _ = lease.wait_for(|held| held.phase == Phase::Ended) => {}
        () = tokio::time::sleep_until(deadline) => {}
    }
}
