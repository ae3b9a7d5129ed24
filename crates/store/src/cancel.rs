//! Calling a job off.

use lifecycle::{
    attempt::{Event, Stage},
    job as rules,
};
use protocol::{ids::JobId, job::JobState, runner::OrderKind, time::Timestamp};

use crate::{
    Actor, AttemptRef, CancelRequested, Result, Store,
    engine::{Conn, sql, sql_for_update},
    job,
    order::add_order,
    transition,
};

impl Store {
    /// Cancels a job, or orders its attempt to end; none when there is no such job.
    pub async fn request_cancel(
        &self,
        id: JobId,
        by: Actor,
        now: Timestamp,
    ) -> Result<Option<CancelRequested>> {
        self.write((id, by, now), |tx, (id, by, now)| {
            Box::pin(async move {
                let asked = request_cancel(tx, *id, by.name(), *now).await?;
                if matches!(
                    asked,
                    Some(CancelRequested::Cancelled | CancelRequested::Ordered(_))
                ) {
                    job::cancelled(tx, *id, by, *now).await?;
                }
                Ok(asked)
            })
        })
        .await
    }
}

async fn request_cancel(
    tx: &mut Conn,
    id: JobId,
    by: &str,
    now: Timestamp,
) -> Result<Option<CancelRequested>> {
    let Some(row) = tx
        .one(sql_for_update!(
            "SELECT state, fence FROM jobs WHERE id = $1",
            id
        ))
        .await?
    else {
        return Ok(None);
    };
    let state: JobState = row.parsed("state")?;
    let Ok(after) = rules::next(state, rules::Event::CancelRequested) else {
        return Ok(Some(CancelRequested::AlreadyFinal(state)));
    };
    tx.run(sql!(
        "UPDATE jobs SET state = $2, cancel_requested_at = COALESCE(cancel_requested_at, $3),
             updated_at = $3
         WHERE id = $1",
        id,
        after,
        now
    ))
    .await?;
    if after == JobState::Cancelled {
        return Ok(Some(CancelRequested::Cancelled));
    }
    cancel_attempt(tx, id, row.count("fence")?, by, now)
        .await
        .map(Some)
}

/// Cancels a job within a transaction; says which attempt has an order to end.
pub(crate) async fn cancel_in(
    tx: &mut Conn,
    id: JobId,
    by: &str,
    now: Timestamp,
) -> Result<Option<AttemptRef>> {
    Ok(match request_cancel(tx, id, by, now).await? {
        Some(CancelRequested::Ordered(at)) => Some(at),
        Some(CancelRequested::Cancelled | CancelRequested::AlreadyFinal(_)) | None => None,
    })
}

/// The job is in progress: its attempt gets a deadline and an order, or goes back at once.
async fn cancel_attempt(
    tx: &mut Conn,
    id: JobId,
    fence: u64,
    by: &str,
    now: Timestamp,
) -> Result<CancelRequested> {
    let attempt = tx
        .one(sql!(
            "SELECT id FROM attempts WHERE job_id = $1 AND fence = $2",
            id,
            fence
        ))
        .await?
        .ok_or(sqlx::Error::RowNotFound)?
        .parsed("id")?;
    let standing = transition::load(tx, attempt)
        .await?
        .ok_or(sqlx::Error::RowNotFound)?;
    let at = standing.at;
    let applied = transition::apply(tx, standing, Event::CancelRequested, now, now).await?;
    let Ok(applied) = applied else {
        return Ok(CancelRequested::AlreadyFinal(standing.job_state));
    };
    if matches!(applied.standing.attempt.stage, Stage::Held { .. }) {
        let order = OrderKind::Cancel {
            // What is left is reckoned when the order is read.
            deadline_ms: 0,
            by: by.to_owned(),
        };
        add_order(tx, at, &at.attempt_id.to_string(), &order, now).await?;
        return Ok(CancelRequested::Ordered(at));
    }
    Ok(CancelRequested::Cancelled)
}
