//! Assignments that a runner did not take, by its owner's policy.
//!
//! The attempt is withdrawn at once, and the job is not offered to this runner
//! again until a while has passed or the runner describes itself otherwise.

use lifecycle::attempt::Event;
use protocol::{
    ids::{JobId, RunnerId},
    job::Refusal,
    runner::RefusedAssignment,
    time::Timestamp,
};

use crate::{
    AttemptRef, Result, Store,
    engine::{Conn, Row, Value, sql},
    transition,
};

/// How long a refusal counts.
const LIFE_MS: u64 = 10 * 60 * 1000;

/// A runner's refusal of a job that still counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecentRefusal {
    /// Whose.
    pub runner_id: RunnerId,
    /// Of which job.
    pub job_id: JobId,
    /// Why.
    pub refusal: Refusal,
}

impl Store {
    /// Every refusal that still counts, for the scheduler.
    pub async fn recent_refusals(&self, now: Timestamp) -> Result<Vec<RecentRefusal>> {
        let mut conn = self.reader().await?;
        let rows = conn
            .all(sql!(
                "SELECT runner_id, job_id, refusal FROM runner_refusals WHERE refused_at > $1",
                oldest(now)
            ))
            .await?;
        rows.iter().map(read).collect()
    }

    /// The refusals of one job that still count.
    pub async fn refusals_of(&self, job_id: JobId, now: Timestamp) -> Result<Vec<RecentRefusal>> {
        let mut conn = self.reader().await?;
        let rows = conn
            .all(sql!(
                "SELECT runner_id, job_id, refusal FROM runner_refusals
                 WHERE job_id = $1 AND refused_at > $2",
                job_id,
                oldest(now)
            ))
            .await?;
        rows.iter().map(read).collect()
    }

    /// Forgets refusals that count no more.
    pub async fn sweep_refusals(&self, now: Timestamp) -> Result<u64> {
        self.write(oldest(now), |tx, oldest| {
            Box::pin(tx.run(sql!(
                "DELETE FROM runner_refusals WHERE refused_at <= $1",
                *oldest
            )))
        })
        .await
    }
}

/// Takes in what a sync refuses; returns the attempts that went back.
pub(crate) async fn take_in(
    tx: &mut Conn,
    runner_id: RunnerId,
    refused: &[RefusedAssignment],
    now: Timestamp,
) -> Result<Vec<AttemptRef>> {
    let mut back = Vec::new();
    for refusal in refused {
        let standing = transition::load(tx, refusal.attempt_id).await?;
        let Some(standing) = standing.filter(|standing| standing.at.runner_id == runner_id) else {
            continue;
        };
        let event = Event::NotTaken {
            fence: refusal.fence,
        };
        let Ok(applied) = transition::apply(tx, standing, event, now, now).await? else {
            continue;
        };
        if applied.announced {
            remember(tx, standing.at, &refusal.because, now).await?;
            back.push(standing.at);
        }
    }
    Ok(back)
}

/// The runner describes itself otherwise: what it refused before may suit it now.
pub(crate) async fn forget(tx: &mut Conn, runner_id: RunnerId) -> Result<()> {
    tx.run(sql!(
        "DELETE FROM runner_refusals WHERE runner_id = $1",
        runner_id
    ))
    .await?;
    Ok(())
}

async fn remember(tx: &mut Conn, at: AttemptRef, why: &Refusal, now: Timestamp) -> Result<()> {
    tx.run(sql!(
        "INSERT INTO runner_refusals (runner_id, job_id, refusal, refused_at)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (runner_id, job_id) DO UPDATE
         SET refusal = excluded.refusal, refused_at = excluded.refused_at",
        at.runner_id,
        at.job_id,
        Value::json(why),
        now
    ))
    .await?;
    Ok(())
}

fn oldest(now: Timestamp) -> Timestamp {
    Timestamp(now.0.saturating_sub_unsigned(LIFE_MS))
}

fn read(row: &Row) -> Result<RecentRefusal> {
    Ok(RecentRefusal {
        runner_id: row.parsed("runner_id")?,
        job_id: row.parsed("job_id")?,
        refusal: row.json("refusal")?,
    })
}
