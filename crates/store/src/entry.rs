//! Entries of the two streams of an attempt, kept as the JSON in which they came.

use protocol::{
    ids::{AttemptId, RunnerId},
    record::{EventEntry, LogEntry},
    time::Timestamp,
};

use crate::{AttemptRef, Error, Result, Store};

/// An entry with the exact text in which it came.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<T> {
    /// As this version understands it.
    pub value: T,
    /// As it came.
    pub json: String,
}

/// Some entries of a stream, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entries {
    /// Each entry's JSON, as it came.
    pub json: Vec<String>,
    /// Number of the last entry that is kept.
    pub last: u64,
    /// Whether the attempt has ended, so that nothing follows but late entries.
    pub ended: bool,
}

/// What came of an upload of entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// They are kept, by this or before.
    Kept {
        /// Which attempt grew.
        at: AttemptRef,
        /// Number of the last entry that is kept.
        last: u64,
        /// How many were new.
        new: u64,
        /// Whether the job's page shows something else now.
        changed: bool,
    },
    /// Entries before these are missing; the last one kept is this.
    Missing {
        /// Number of the last entry that is kept.
        last: u64,
    },
    /// The runner does not have such an attempt, or the fence was never its own.
    NotYours,
}

impl Store {
    /// Keeps log entries under the fence with which the attempt was handed out.
    pub async fn append_log(
        &self,
        runner_id: RunnerId,
        attempt_id: AttemptId,
        fence: u64,
        entries: Vec<Entry<LogEntry>>,
        now: Timestamp,
    ) -> Result<Appended> {
        let _ = (runner_id, attempt_id, fence, entries, now);
        Err(Error::Closed)
    }

    /// Keeps events, with what follows from them: phase, approvals, questions, usage.
    ///
    /// None of them may be an `ended` event: see [`Store::accept_outcome`].
    pub async fn append_events(
        &self,
        runner_id: RunnerId,
        attempt_id: AttemptId,
        fence: u64,
        entries: Vec<Entry<EventEntry>>,
        now: Timestamp,
    ) -> Result<Appended> {
        let _ = (runner_id, attempt_id, fence, entries, now);
        Err(Error::Closed)
    }

    /// Events after number `after`; none when there is no such attempt.
    pub async fn events(
        &self,
        attempt_id: AttemptId,
        after: u64,
        limit: u32,
    ) -> Result<Option<Entries>> {
        let _ = (attempt_id, after, limit);
        Err(Error::Closed)
    }

    /// Log entries after number `after`; none when there is no such attempt.
    pub async fn log(
        &self,
        attempt_id: AttemptId,
        after: u64,
        limit: u32,
    ) -> Result<Option<Entries>> {
        let _ = (attempt_id, after, limit);
        Err(Error::Closed)
    }
}
