//! Claims: a Ready job becomes an attempt of one runner, in one transaction.

use lifecycle::{
    attempt::{self, Attempt, Stage},
    job,
};
use protocol::{
    ids::{AttemptId, JobId, RunnerId, WorkspaceId},
    job::{JobState, Phase},
    time::Timestamp,
};

use uuid::Uuid;

use crate::{
    AttemptRef, Result, Store,
    engine::{Conn, sql, sql_for_update, sql_pair},
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

/// The claim itself, with each engine's way of passing over what others hold.
macro_rules! take_job {
    ($lock:literal) => {
        concat!(
            "WITH picked AS (
                 SELECT id FROM jobs WHERE id = $1 AND state = 'ready' ",
            $lock,
            ")
             UPDATE jobs SET state = $2, updated_at = $3
             WHERE id IN (SELECT id FROM picked)
             RETURNING fence, workspace_id"
        )
    };
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
    if !runner_can_take(tx, claim).await? {
        return Ok(Claimed::RunnerGone);
    }
    let Some((job_fence, workspace_id)) = take_job(tx, claim.job_id, now).await? else {
        return Ok(Claimed::JobGone);
    };
    let made = attempt::claimed(job_fence, now);
    let at = AttemptRef {
        attempt_id: AttemptId(Uuid::now_v7()),
        job_id: claim.job_id,
        workspace_id,
        runner_id: claim.runner_id,
    };
    tx.run(sql!(
        "UPDATE jobs SET fence = $2 WHERE id = $1",
        claim.job_id,
        made.fence
    ))
    .await?;
    add_attempt(tx, at, made, now).await?;
    Ok(Claimed::Done(at))
}

/// Whether the parked sync is still the runner's newest, and a slot is free with
/// everything undelivered counted.
async fn runner_can_take(tx: &mut Conn, claim: Claim) -> Result<bool> {
    let Some(runner) = tx
        .one(sql_for_update!(
            "SELECT slots_free FROM runners
             WHERE id = $1 AND boot_number = $2 AND seq = $3 AND removed_at IS NULL
               AND paused IS NULL AND NOT draining",
            claim.runner_id,
            claim.boot_number,
            claim.seq
        ))
        .await?
    else {
        return Ok(false);
    };
    // Counted only once the runner's row is held: a statement that waited for the row
    // would count what was there before it waited.
    let count = tx
        .one(sql!(
            "SELECT COUNT(*) AS undelivered FROM attempts
             WHERE runner_id = $1 AND stage = 'assigned'",
            claim.runner_id
        ))
        .await?;
    let undelivered = count.map_or(Ok(0), |row| row.count("undelivered"))?;
    Ok(undelivered < runner.count("slots_free")?)
}

/// Moves the job on if it still waits; says its fence and workspace.
async fn take_job(tx: &mut Conn, id: JobId, now: Timestamp) -> Result<Option<(u64, WorkspaceId)>> {
    let Ok(state) = job::next(JobState::Ready, job::Event::Claimed) else {
        return Ok(None);
    };
    // Another coordinator may be at the same job: whoever comes second passes it over.
    let row = tx
        .one(sql_pair!(
            sqlite: take_job!(""),
            postgres: take_job!("FOR UPDATE SKIP LOCKED"),
            id,
            state,
            now
        ))
        .await?;
    row.map(|row| Ok((row.count("fence")?, row.parsed("workspace_id")?)))
        .transpose()
}

async fn add_attempt(tx: &mut Conn, at: AttemptRef, made: Attempt, now: Timestamp) -> Result<()> {
    let accept_by = match made.stage {
        Stage::Assigned { accept_by } => accept_by,
        Stage::Held { .. } | Stage::Ended(_) | Stage::Withdrawn => now,
    };
    tx.run(sql!(
        "INSERT INTO attempts
         (id, job_id, workspace_id, runner_id, number, fence, stage, phase, assigned_at, accept_by)
         VALUES ($1, $2, $3, $4,
                 (SELECT COALESCE(MAX(n.number), 0) + 1 FROM attempts n WHERE n.job_id = $2),
                 $5, 'assigned', $6, $7, $8)",
        at.attempt_id,
        at.job_id,
        at.workspace_id,
        at.runner_id,
        made.fence,
        Phase::Assigned,
        now,
        accept_by
    ))
    .await?;
    Ok(())
}
