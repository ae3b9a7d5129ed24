//! Claims: a Ready job becomes an attempt of one runner, in one transaction.
//!
//! Whoever asks has judged already, but things change between a look and a claim. So
//! the claim holds everything that decides, judges once more by the same rules, and
//! only then takes the job: no job ever runs where it was not allowed at that moment.

mod facts;
mod hold;

use lifecycle::{
    attempt::{self, Attempt, Stage},
    job,
    limits::JobLimits,
};
use protocol::{
    ids::{AttemptId, JobId, RunnerId},
    job::{Hold, JobState, Phase, Refusal},
    time::Timestamp,
};

use uuid::Uuid;

use crate::{
    AttemptRef, Result, Store,
    engine::{Conn, sql},
};

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
    /// What plans allow.
    pub limits: JobLimits,
    /// How long an attempt may take when its job does not say so.
    pub deadline_ms: u64,
}

/// What came of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// The job is the runner's.
    Done(AttemptRef),
    /// Somebody else has the job, or it is Ready no more.
    JobGone,
    /// The job is held back, whatever the runner.
    Held(Hold),
    /// The runner has a newer sync, takes nothing now, or has no free slot.
    RunnerGone,
    /// The runner cannot take this job.
    Refused(Refusal),
}

impl Store {
    /// Claims a job for a parked sync.
    pub async fn claim(&self, claim: Claim, now: Timestamp) -> Result<Claimed> {
        self.write((claim, now), |tx, (claim, now)| {
            Box::pin(make_claim(tx, *claim, *now))
        })
        .await
    }
}

async fn make_claim(tx: &mut Conn, claim: Claim, now: Timestamp) -> Result<Claimed> {
    if !hold::everything(tx, claim).await? {
        return Ok(Claimed::JobGone);
    }
    let job = match facts::judge(tx, claim, now).await? {
        Ok(job) => job,
        Err(answer) => return Ok(answer),
    };
    let Ok(state) = job::next(JobState::Ready, job::Event::Claimed) else {
        return Ok(Claimed::JobGone);
    };
    let made = attempt::claimed(job.fence, now);
    let at = AttemptRef {
        attempt_id: AttemptId(Uuid::now_v7()),
        job_id: claim.job_id,
        workspace_id: job.workspace_id,
        runner_id: claim.runner_id,
    };
    tx.run(sql!(
        "UPDATE jobs SET state = $2, fence = $3, updated_at = $4 WHERE id = $1",
        claim.job_id,
        state,
        made.fence,
        now
    ))
    .await?;
    add_attempt(tx, at, made, claim.deadline_ms, now).await?;
    Ok(Claimed::Done(at))
}

async fn add_attempt(
    tx: &mut Conn,
    at: AttemptRef,
    made: Attempt,
    deadline_ms: u64,
    now: Timestamp,
) -> Result<()> {
    let accept_by = match made.stage {
        Stage::Assigned { accept_by } => accept_by,
        Stage::Held { .. } | Stage::Ended(_) | Stage::Withdrawn => now,
    };
    tx.run(sql!(
        "INSERT INTO attempts
         (id, job_id, workspace_id, runner_id, number, fence, stage, phase, assigned_at, accept_by,
          ends_by)
         VALUES ($1, $2, $3, $4,
                 (SELECT COALESCE(MAX(n.number), 0) + 1 FROM attempts n WHERE n.job_id = $2),
                 $5, 'assigned', $6, $7, $8,
                 $7 + (SELECT COALESCE(j.deadline_ms, $9) FROM jobs j WHERE j.id = $2))",
        at.attempt_id,
        at.job_id,
        at.workspace_id,
        at.runner_id,
        made.fence,
        Phase::Assigned,
        now,
        accept_by,
        deadline_ms
    ))
    .await?;
    Ok(())
}
