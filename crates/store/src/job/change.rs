//! Making jobs, letting them out of Backlog and back, each within a transaction.

use lifecycle::{job, month::Month};
use protocol::{
    ids::{AccountId, JobId},
    job::JobState,
    time::Timestamp,
};
use uuid::Uuid;

use super::{Job, Moved, NewJob, audit::line, lane::Lane, lock_job, read_job, team::add_to_team};
use crate::{
    Actor, Result, audit,
    engine::{Conn, Value, sql},
};

pub(super) async fn create(tx: &mut Conn, new: &NewJob, by: &Actor, now: Timestamp) -> Result<Job> {
    let id = JobId(Uuid::now_v7());
    // The workspace's row gives the numbers out one after another.
    let number = tx
        .one(sql!(
            "UPDATE workspaces SET last_job_number = last_job_number + 1
             WHERE id = $1 RETURNING last_job_number",
            new.workspace_id
        ))
        .await?
        .ok_or(sqlx::Error::RowNotFound)?
        .count("last_job_number")?;
    let number_in_month = count_submission(tx, new.created_by, now).await?;
    let (state, ready_at) = if new.ready {
        (JobState::Ready, Some(now))
    } else {
        (JobState::Backlog, None)
    };
    let lane = Lane {
        id,
        workspace_id: new.workspace_id,
        created_by: new.created_by,
        priority: new.priority,
        context: new.context,
        target: new.target,
        agent: new.agent.as_ref(),
    };
    tx.run(sql!(
        "INSERT INTO jobs
         (id, workspace_id, number, title, instructions, context, target, agent, state,
          created_by, created_at, updated_at, ready_at, priority, lane, number_in_month,
          deadline_ms, model, extra_arguments)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12, $13, $14, $15, $16, $17,
                 $18)",
        id,
        new.workspace_id,
        number,
        &new.title,
        &new.instructions,
        Value::json(&new.context),
        Value::json(&new.target),
        new.agent.as_ref(),
        state,
        new.created_by,
        now,
        ready_at,
        new.priority,
        lane.word(),
        number_in_month,
        new.deadline_ms
            .map(|ms| i64::try_from(ms).unwrap_or(i64::MAX)),
        new.model.as_deref(),
        Value::json(&new.extra_arguments)
    ))
    .await?;
    for (account_id, role) in &new.team {
        if *account_id != new.created_by {
            add_to_team(tx, id, *account_id, *role).await?;
        }
    }
    let job = read_job(tx, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    let line = line(&job, by, "job.submitted").detail("state", state);
    audit::write(tx, &line, now).await?;
    Ok(job)
}

/// Counts one more submission of this month; says the how many-th it is.
async fn count_submission(tx: &mut Conn, account_id: AccountId, now: Timestamp) -> Result<u64> {
    tx.one(sql!(
        "INSERT INTO submissions (account_id, month, jobs) VALUES ($1, $2, 1)
         ON CONFLICT (account_id, month) DO UPDATE SET jobs = submissions.jobs + 1
         RETURNING jobs",
        account_id,
        Month::of(now).begins
    ))
    .await?
    .ok_or(sqlx::Error::RowNotFound)?
    .count("jobs")
}

/// Moves a job between Backlog and Ready.
pub(super) async fn move_job(
    tx: &mut Conn,
    id: JobId,
    event: job::Event,
    by: &Actor,
    now: Timestamp,
) -> Result<Option<Moved>> {
    let Some(job) = lock_job(tx, id).await? else {
        return Ok(None);
    };
    let Ok(state) = job::next(job.state, event) else {
        return Ok(Some(Moved::WrongState(job.state)));
    };
    if state == job.state {
        return Ok(Some(Moved::Done(Box::new(job))));
    }
    let ready_at = (state == JobState::Ready).then_some(now);
    tx.run(sql!(
        "UPDATE jobs SET state = $2, ready_at = $3, updated_at = $4 WHERE id = $1",
        id,
        state,
        ready_at,
        now
    ))
    .await?;
    let action = if state == JobState::Ready {
        "job.made_ready"
    } else {
        "job.set_aside"
    };
    audit::write(tx, &line(&job, by, action), now).await?;
    Ok(Some(Moved::Done(Box::new(Job {
        state,
        ready_at,
        updated_at: now,
        ..job
    }))))
}
