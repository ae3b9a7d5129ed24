//! One more attempt at a job that is over.

use lifecycle::job::{self, Event};
use protocol::{ids::JobId, time::Timestamp};

use super::{Job, Retried, audit::line, lock_job};
use crate::{
    Actor, Result, audit,
    engine::{Conn, sql},
};

/// Makes the job Ready again, and keeps what is said to its last attempt.
pub(super) async fn retry(
    tx: &mut Conn,
    id: JobId,
    feedback: Option<&str>,
    by: &Actor,
    now: Timestamp,
) -> Result<Option<Retried>> {
    let Some(job) = lock_job(tx, id).await? else {
        return Ok(None);
    };
    let Ok(state) = job::next(job.state, Event::Retried) else {
        return Ok(Some(Retried::WrongState(job.state)));
    };
    if let Some(feedback) = feedback {
        // Said twice before a next attempt began, both count.
        let heard = tx
            .run(sql!(
                "UPDATE attempts
                 SET feedback = COALESCE(feedback || $2, '') || $3
                 WHERE job_id = $1 AND fence =
                   (SELECT MAX(fence) FROM attempts WHERE job_id = $1 AND number IS NOT NULL)",
                id,
                "\n\n",
                feedback
            ))
            .await?;
        if heard == 0 {
            return Ok(Some(Retried::NobodyToHear));
        }
    }
    tx.run(sql!(
        "UPDATE jobs
         SET state = $2, ready_at = $3, updated_at = $3, cancel_requested_at = NULL,
             retried_at_fence = fence
         WHERE id = $1",
        id,
        state,
        now
    ))
    .await?;
    audit::write(tx, &line(&job, by, "job.retried"), now).await?;
    Ok(Some(Retried::Ready(Box::new(Job {
        state,
        ready_at: Some(now),
        updated_at: now,
        cancel_requested_at: None,
        ..job
    }))))
}
