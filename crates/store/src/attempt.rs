//! Attempts.

use protocol::{
    agent::AgentName,
    api::AttemptView,
    ids::{AttemptId, JobId, RunnerId, WorkspaceId},
    job::{Outcome, Phase},
    record::Usage,
    time::Timestamp,
};

use crate::{Error, Result, Store};

/// Names an attempt with everything that hears of its changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AttemptRef {
    /// Which.
    pub attempt_id: AttemptId,
    /// Of which job.
    pub job_id: JobId,
    /// In which workspace.
    pub workspace_id: WorkspaceId,
    /// On which runner.
    pub runner_id: RunnerId,
}

/// One round of work on a job.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// Which, and whose.
    pub at: AttemptRef,
    /// From 1; none once it was withdrawn unconfirmed.
    pub number: Option<u32>,
    /// The claim.
    pub fence: u64,
    /// Which step is under way.
    pub phase: Phase,
    /// The agent at work, once known.
    pub agent: Option<AgentName>,
    /// When it was handed out.
    pub assigned_at: Timestamp,
    /// When the runner confirmed it.
    pub confirmed_at: Option<Timestamp>,
    /// When its lease ends.
    pub lease_ends_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Tokens and cost so far.
    pub usage: Option<Usage>,
    /// Number of the last event that is kept.
    pub events_last: u64,
    /// Number of the last log entry that is kept.
    pub log_last: u64,
}

impl Store {
    /// The attempt.
    pub async fn attempt(&self, id: AttemptId) -> Result<Option<Attempt>> {
        let _ = id;
        Err(Error::Closed)
    }

    /// The attempt of a job with this number.
    pub async fn attempt_by_number(&self, job_id: JobId, number: u32) -> Result<Option<Attempt>> {
        let _ = (job_id, number);
        Err(Error::Closed)
    }

    /// The attempts of a job, oldest first, as people see them at `now`.
    pub async fn attempts_of(&self, job_id: JobId, now: Timestamp) -> Result<Vec<AttemptView>> {
        let _ = (job_id, now);
        Err(Error::Closed)
    }
}
