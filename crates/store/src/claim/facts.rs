//! What decides about a claim, read at once and judged.

use lifecycle::{
    limits::{JobUse, held_by},
    routing::{JobFacts, RunnerFacts, why_not},
};
use protocol::{
    agent::AgentName,
    api::Sharing,
    ids::{AccountId, WorkspaceId},
    job::{Hold, JobContext, JobState, Refusal, Target},
    time::Timestamp,
};

use super::{Claim, Claimed};
use crate::{
    Result, Runner,
    engine::{Conn, Row, Statement, sql},
    queue::{owners_storage, under_way},
};

/// The job that is to be claimed.
pub(super) struct ReadyJob {
    pub(super) workspace_id: WorkspaceId,
    pub(super) fence: u64,
    submitter: AccountId,
    submitted_at: Timestamp,
    number_in_month: u64,
    context: JobContext,
    target: Target,
    agent: Option<AgentName>,
}

/// The job, when it may go to the runner now; the claim's answer when not.
pub(super) async fn judge(
    tx: &mut Conn,
    claim: Claim,
    now: Timestamp,
) -> Result<std::result::Result<ReadyJob, Claimed>> {
    let Some(row) = tx.one(about(claim)).await? else {
        return Ok(Err(Claimed::RunnerGone));
    };
    if row.parsed::<JobState>("job_state")? != JobState::Ready {
        return Ok(Err(Claimed::JobGone));
    }
    let job = ReadyJob::read(&row)?;
    if row.count("submitter_is_member")? == 0 {
        return Ok(Err(Claimed::Held(Hold::SubmitterGone)));
    }
    if let Some(hold) = hold(tx, claim, &job, now).await? {
        return Ok(Err(Claimed::Held(hold)));
    }
    Ok(match may_take(&job, &row, now)? {
        Ok(()) => Ok(job),
        Err(Refusal::Paused | Refusal::Draining | Refusal::NoFreeSlot) => Err(Claimed::RunnerGone),
        Err(refusal) => Err(Claimed::Refused(refusal)),
    })
}

impl ReadyJob {
    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            workspace_id: row.parsed("workspace_id")?,
            fence: row.count("job_fence")?,
            submitter: row.parsed("created_by")?,
            submitted_at: row.time("created_at")?,
            number_in_month: row.count("number_in_month")?,
            context: row.json("context")?,
            target: row.json("target")?,
            agent: row.text_option("agent")?.map(AgentName),
        })
    }
}

/// Everything about job and runner that decides, if the parked sync is the runner's newest.
///
/// Counted only once the runner's row is held: a statement that waited for the row would
/// count what was there before it waited.
fn about(claim: Claim) -> Statement {
    sql!(
        "SELECT r.*, j.state AS job_state, j.fence AS job_fence, j.workspace_id, j.created_by,
                j.created_at, j.number_in_month, j.context, j.target, j.agent,
                a.email AS submitter_email, p.sharing, p.disabled_at,
                (SELECT COUNT(*) FROM attempts t
                 WHERE t.runner_id = r.id AND t.stage = 'assigned') AS undelivered,
                (SELECT COUNT(*) FROM attempts t JOIN jobs o ON o.id = t.job_id
                 WHERE t.runner_id = r.id AND t.stage IN ('assigned', 'held')
                   AND t.phase <> 'parked' AND o.created_by <> r.account_id) AS others_under_way,
                (SELECT COUNT(*) FROM members m WHERE m.workspace_id = j.workspace_id
                   AND m.account_id = r.account_id) AS owner_is_member,
                (SELECT COUNT(*) FROM members m WHERE m.workspace_id = j.workspace_id
                   AND m.account_id = j.created_by) AS submitter_is_member,
                (SELECT COUNT(*) FROM job_team w
                 WHERE w.job_id = j.id AND w.account_id = r.account_id) AS owner_in_team
         FROM jobs j
         JOIN accounts a ON a.id = j.created_by
         JOIN runners r ON r.id = $2
         LEFT JOIN runner_places p ON p.runner_id = r.id AND p.workspace_id = j.workspace_id
         WHERE j.id = $1 AND r.boot_number = $3 AND r.seq = $4 AND r.removed_at IS NULL",
        claim.job_id,
        claim.runner_id,
        claim.boot_number,
        claim.seq
    )
}

/// The limit that holds the job back; what has no limit is not counted.
async fn hold(tx: &mut Conn, claim: Claim, job: &ReadyJob, now: Timestamp) -> Result<Option<Hold>> {
    let limits = claim.limits;
    let used = JobUse {
        under_way: match limits.concurrent_jobs {
            Some(_) => under_way(tx, job.submitter).await?,
            None => 0,
        },
        submitted_at: job.submitted_at,
        number_in_month: job.number_in_month,
        storage_bytes: match limits.storage_bytes {
            Some(_) => owners_storage(tx, job.workspace_id).await?,
            None => 0,
        },
    };
    Ok(held_by(&limits, &used, now))
}

fn may_take(job: &ReadyJob, row: &Row, now: Timestamp) -> Result<std::result::Result<(), Refusal>> {
    let runner = Runner::read(row)?;
    let submitter_email = row.text("submitter_email")?;
    let mut team = vec![job.submitter];
    if row.count("owner_in_team")? > 0 {
        team.push(runner.account_id);
    }
    let wanted = JobFacts {
        submitter: job.submitter,
        submitter_email: &submitter_email,
        team: &team,
        target: job.target,
        agent: job.agent.as_ref(),
        context: job.context,
    };
    let able = RunnerFacts {
        id: runner.id,
        owner: runner.account_id,
        owner_is_member: row.count("owner_is_member")? > 0,
        sharing: row.word_option::<Sharing>("sharing")?.unwrap_or_default(),
        disabled: row.time_option("disabled_at")?.is_some(),
        shared_use: runner.shared_use.as_ref(),
        others_under_way: row.small("others_under_way")?,
        // A parked sync is the best proof that its runner is online.
        online: true,
        paused: runner.paused.is_some(),
        draining: runner.draining,
        capabilities: runner.capabilities.as_ref(),
        free_slots: runner.slots.free.saturating_sub(row.small("undelivered")?),
        trouble: runner.trouble(now),
        // Whoever asked knows what the runner refused; it refuses again if it has to.
        refused: None,
    };
    Ok(why_not(&wanted, &able))
}
