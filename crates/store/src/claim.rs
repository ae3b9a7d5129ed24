//! Claims: a Ready job becomes an attempt of one runner, in one transaction.

use protocol::{
    ids::{JobId, RunnerId},
    runner::Assignment,
    time::Timestamp,
};

use crate::{AttemptRef, Error, Result, Store};

/// Which job is to go to which parked sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The job.
    pub job_id: JobId,
    /// The runner.
    pub runner_id: RunnerId,
    /// The start of its service whose sync is parked.
    pub boot_number: u64,
    /// The parked sync.
    pub seq: u64,
}

/// What came of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// The job is the runner's.
    Done(AttemptRef),
    /// Somebody else has the job, or it is Ready no more.
    JobGone,
    /// The runner has a newer sync, takes nothing now, or has no free slot.
    RunnerGone,
}

impl Store {
    /// Claims a job for a parked sync.
    pub async fn claim(&self, claim: Claim, now: Timestamp) -> Result<Claimed> {
        let _ = (claim, now);
        Err(Error::Closed)
    }

    /// Assignments that no sync of the runner has listed yet.
    pub async fn undelivered_assignments(&self, runner_id: RunnerId) -> Result<Vec<Assignment>> {
        let _ = runner_id;
        Err(Error::Closed)
    }
}
