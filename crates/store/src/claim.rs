//! Claims: a Ready job becomes an attempt of one runner, in one transaction.

use lifecycle::{
    attempt::{self, Attempt, Stage},
    job,
};
use protocol::{
    ids::{AttemptId, JobId, RunnerId},
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
///
/// The slots are counted here and not before: a statement that waited for the
/// runner's row would count what was there before it waited.
macro_rules! take_job {
    ($lock:literal) => {
        concat!(
            "WITH picked AS (
                 SELECT id FROM jobs WHERE id = $1 AND state = 'ready' AND fence = $2 ",
            $lock,
            ")
             UPDATE jobs SET state = $3, fence = $4, updated_at = $5
             WHERE id IN (SELECT id FROM picked)
               AND (SELECT COUNT(*) FROM attempts
                    WHERE runner_id = $6 AND stage = 'assigned') < $7
             RETURNING workspace_id"
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
    let Some(facts) = look(tx, claim).await? else {
        return Ok(Claimed::RunnerGone);
    };
    let (Some(job_fence), Ok(state)) = (
        facts.job_fence,
        job::next(JobState::Ready, job::Event::Claimed),
    ) else {
        return Ok(Claimed::JobGone);
    };
    let made = attempt::claimed(job_fence, now);
    // Another coordinator may be at the same job: whoever comes second passes it over.
    let taken = tx
        .one(sql_pair!(
            sqlite: take_job!(""),
            postgres: take_job!("FOR UPDATE SKIP LOCKED"),
            claim.job_id,
            job_fence,
            state,
            made.fence,
            now,
            claim.runner_id,
            facts.slots_free
        ))
        .await?;
    let Some(taken) = taken else {
        return not_taken(tx, claim.runner_id, facts.slots_free).await;
    };
    let at = AttemptRef {
        attempt_id: AttemptId(Uuid::now_v7()),
        job_id: claim.job_id,
        workspace_id: taken.parsed("workspace_id")?,
        runner_id: claim.runner_id,
    };
    add_attempt(tx, at, made, now).await?;
    Ok(Claimed::Done(at))
}

/// What a claim goes by.
struct Facts {
    slots_free: u64,
    /// None when the job is Ready no more.
    job_fence: Option<u64>,
}

/// Looks at runner and job, and holds the runner's row; none when the parked sync
/// is not the runner's newest, or it takes nothing now.
async fn look(tx: &mut Conn, claim: Claim) -> Result<Option<Facts>> {
    tx.one(sql_for_update!(
        "SELECT slots_free,
                (SELECT fence FROM jobs WHERE id = $4 AND state = 'ready') AS job_fence
         FROM runners
         WHERE id = $1 AND boot_number = $2 AND seq = $3 AND removed_at IS NULL
           AND paused IS NULL AND NOT draining",
        claim.runner_id,
        claim.boot_number,
        claim.seq,
        claim.job_id
    ))
    .await?
    .map(|row| {
        Ok(Facts {
            slots_free: row.count("slots_free")?,
            job_fence: row.count_option("job_fence")?,
        })
    })
    .transpose()
}

/// Why the job was not taken: no slot is free with everything undelivered counted,
/// or somebody else has it.
async fn not_taken(tx: &mut Conn, runner_id: RunnerId, slots_free: u64) -> Result<Claimed> {
    let row = tx
        .one(sql!(
            "SELECT COUNT(*) AS undelivered FROM attempts
             WHERE runner_id = $1 AND stage = 'assigned'",
            runner_id
        ))
        .await?;
    let undelivered = row.map_or(Ok(0), |row| row.count("undelivered"))?;
    Ok(if undelivered < slots_free {
        Claimed::JobGone
    } else {
        Claimed::RunnerGone
    })
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
