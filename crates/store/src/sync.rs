//! The runner's sync, written down.

use protocol::{
    ids::RunnerId,
    runner::{LeaseGrant, StopAttempt, SyncRequest},
    time::Timestamp,
};

use crate::{AttemptRef, Error, Result, Runner, Store};

/// What the coordinator makes of one held attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeldState {
    /// Its lease is renewed.
    Renewed(LeaseGrant),
    /// It goes on without a renewed lease, since its worker has not answered lately.
    Silent,
    /// It has to stop.
    Stop(StopAttempt),
}

/// A sync that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncAccepted {
    /// The runner, as it stands now.
    pub runner: Runner,
    /// Leases that this sync renewed.
    pub leases: Vec<LeaseGrant>,
    /// Attempts to stop.
    pub stop: Vec<StopAttempt>,
    /// Attempts that this sync confirmed.
    pub confirmed: Vec<AttemptRef>,
    /// Whether the runner's capabilities in full are wanted.
    pub send_capabilities: bool,
    /// Whether people see something else of the runner now.
    pub changed: bool,
}

/// A sync that does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SyncRefused {
    /// A newer sync has been seen.
    Stale,
    /// Another start of the same runner has taken over.
    Superseded,
    /// The runner has been removed.
    Removed,
}

impl Store {
    /// Takes a sync in, if it is the newest of its runner.
    pub async fn accept_sync(
        &self,
        runner_id: RunnerId,
        sync: SyncRequest,
        now: Timestamp,
    ) -> Result<std::result::Result<SyncAccepted, SyncRefused>> {
        let _ = (runner_id, sync, now);
        Err(Error::Closed)
    }
}
