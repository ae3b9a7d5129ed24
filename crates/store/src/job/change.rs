//! Making jobs and letting them out of Backlog, each within a transaction.

use lifecycle::job;
use protocol::{ids::JobId, job::JobState, time::Timestamp};
use uuid::Uuid;

use super::{Job, MadeReady, NewJob, lock_job, read_job};
use crate::{
    Result,
    engine::{Conn, Value, sql},
};

pub(super) async fn create(tx: &mut Conn, new: &NewJob, now: Timestamp) -> Result<Job> {
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
    let (state, ready_at) = if new.ready {
        (JobState::Ready, Some(now))
    } else {
        (JobState::Backlog, None)
    };
    tx.run(sql!(
        "INSERT INTO jobs
         (id, workspace_id, number, title, instructions, context, target, agent, state,
          created_by, created_at, updated_at, ready_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12)",
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
        ready_at
    ))
    .await?;
    Ok(read_job(tx, id).await?.ok_or(sqlx::Error::RowNotFound)?)
}

pub(super) async fn make_ready(
    tx: &mut Conn,
    id: JobId,
    now: Timestamp,
) -> Result<Option<MadeReady>> {
    let Some(job) = lock_job(tx, id).await? else {
        return Ok(None);
    };
    let Ok(state) = job::next(job.state, job::Event::MadeReady) else {
        return Ok(Some(MadeReady::WrongState(job.state)));
    };
    if state == job.state {
        return Ok(Some(MadeReady::Ready(Box::new(job))));
    }
    tx.run(sql!(
        "UPDATE jobs SET state = $2, ready_at = $3, updated_at = $3 WHERE id = $1",
        id,
        state,
        now
    ))
    .await?;
    Ok(Some(MadeReady::Ready(Box::new(Job {
        state,
        ready_at: Some(now),
        updated_at: now,
        ..job
    }))))
}
