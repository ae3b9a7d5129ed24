//! How attempts end: by their runner's word, or by a deadline.

use protocol::{
    ids::{AttemptId, RunnerId},
    job::JobState,
    record::EventEntry,
    time::Timestamp,
};

use crate::{AttemptRef, Entry, Error, Result, Store};

/// An outcome that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutcomeAccepted {
    /// Which attempt ended.
    pub at: AttemptRef,
    /// Where the job stands now.
    pub job_state: JobState,
    /// Number of the last event that is kept.
    pub last: u64,
    /// Whether this call, and not an earlier one, ended it.
    pub new: bool,
}

/// An outcome that does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutcomeRefused {
    /// Another claim has replaced this one, or the attempt was given up.
    FenceMovedOn,
    /// Events before it are missing; the last one kept is this.
    EventsMissing {
        /// Number of the last event that is kept.
        last: u64,
    },
    /// Log entries that it counts are missing; the last one kept is this.
    LogMissing {
        /// Number of the last log entry that is kept.
        last: u64,
    },
    /// The runner does not have such an attempt.
    NotYours,
}

impl Store {
    /// Accepts the end of an attempt, once, with its last event, under the current fence.
    pub async fn accept_outcome(
        &self,
        runner_id: RunnerId,
        attempt_id: AttemptId,
        fence: u64,
        ended: Entry<EventEntry>,
        now: Timestamp,
    ) -> Result<std::result::Result<OutcomeAccepted, OutcomeRefused>> {
        let _ = (runner_id, attempt_id, fence, ended, now);
        Err(Error::Closed)
    }

    /// Gives up attempts whose lease ended longer ago than the grace; says which.
    ///
    /// `alive_since` is what [`Store::touch_alive`] said.
    pub async fn expire_leases(
        &self,
        alive_since: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<AttemptRef>> {
        let _ = (alive_since, now);
        Err(Error::Closed)
    }

    /// Takes back assignments that no sync listed in time; says which.
    pub async fn withdraw_unconfirmed(&self, now: Timestamp) -> Result<Vec<AttemptRef>> {
        let _ = now;
        Err(Error::Closed)
    }

    /// Cancels jobs whose attempts did not end within their deadline; says which.
    pub async fn expire_cancels(&self, now: Timestamp) -> Result<Vec<AttemptRef>> {
        let _ = now;
        Err(Error::Closed)
    }
}
