//! Carrying out what `lifecycle` decides about an attempt, in one transaction.
//!
//! Every change of an attempt's stage and of its job's state goes through
//! [`apply`]; nothing else in this crate writes these columns, but for the claim
//! that makes an attempt.

use lifecycle::{
    attempt::{self, Attempt, Effect, Event, Facts, Refused, Stage},
    job::{self, End},
    lease::LeaseTerms,
};
use protocol::{
    ids::AttemptId,
    job::{JobState, OutcomeKind, Phase},
    time::Timestamp,
};

use crate::{
    AttemptRef, Error, Result,
    engine::{Conn, Row, sql, sql_pair},
    notification,
};

/// An attempt and its job, as the rules see them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    /// Which attempt.
    pub(crate) at: AttemptRef,
    /// The attempt.
    pub(crate) attempt: Attempt,
    /// The job's newest claim.
    pub(crate) job_fence: u64,
    /// Where the job stands.
    pub(crate) job_state: JobState,
    /// Whether somebody asked to cancel the job.
    pub(crate) cancel_requested: bool,
    /// Number of the last event that is kept.
    pub(crate) events_last: u64,
    /// Number of the last log entry that is kept.
    pub(crate) log_last: u64,
    /// For how long silence is borne.
    pub(crate) terms: LeaseTerms,
}

/// What an event did.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Applied {
    /// The attempt and its job, as they stand now.
    pub(crate) standing: Standing,
    /// Whether the runner holds the lease anew.
    pub(crate) granted: bool,
    /// Whether this confirmed the claim.
    pub(crate) confirmed: bool,
    /// Whether people see something else now.
    pub(crate) announced: bool,
}

impl Standing {
    /// What the rules need to know beside the attempt.
    pub(crate) const fn facts(&self, up_since: Timestamp, now: Timestamp) -> Facts {
        Facts {
            now,
            up_since,
            job_fence: self.job_fence,
            job_state: self.job_state,
            terms: self.terms,
        }
    }

    fn read(row: &Row, terms: LeaseTerms) -> Result<Self> {
        Ok(Self {
            at: AttemptRef::read(row)?,
            attempt: Attempt {
                fence: row.count("fence")?,
                stage: read_stage(row)?,
                cancel_by: row.time_option("cancel_by")?,
            },
            job_fence: row.count("job_fence")?,
            job_state: row.parsed("job_state")?,
            cancel_requested: row.time_option("cancel_requested_at")?.is_some(),
            events_last: row.count("events_last")?,
            log_last: row.count("log_last")?,
            terms,
        })
    }
}

fn read_stage(row: &Row) -> Result<Stage> {
    Ok(match row.text("stage")?.as_str() {
        "assigned" => Stage::Assigned {
            accept_by: row.time("accept_by")?,
        },
        "held" => Stage::Held {
            phase: row.word("phase")?,
            lease_ends: row.time("lease_ends_at")?,
        },
        "ended" => Stage::Ended(row.word("outcome")?),
        "withdrawn" => Stage::Withdrawn,
        other => {
            return Err(Error::Corrupt {
                column: "stage",
                reason: format!("`{other}` is not a stage"),
            });
        }
    })
}

/// What is read of an attempt `t` and its job `j`.
macro_rules! standing {
    () => {
        "SELECT t.id AS attempt_id, t.job_id, t.workspace_id, t.runner_id, t.fence, t.stage,
                t.phase, t.accept_by, t.lease_ends_at, t.cancel_by, t.outcome,
                t.events_last, t.log_last,
                j.fence AS job_fence, j.state AS job_state, j.cancel_requested_at"
    };
}

/// Reads an attempt and its job in order to change them: first the job is held, and then
/// the attempt, as by whoever begins with the job.
pub(crate) async fn load(tx: &mut Conn, id: AttemptId) -> Result<Option<Standing>> {
    let terms = tx.terms();
    tx.one(sql_pair!(
        sqlite: concat!(
            standing!(),
            " FROM attempts t JOIN jobs j ON j.id = t.job_id WHERE t.id = $1"
        ),
        postgres: concat!(
            "WITH j AS (SELECT id, fence, state, cancel_requested_at FROM jobs
                        WHERE id = (SELECT job_id FROM attempts WHERE id = $1)
                        FOR NO KEY UPDATE) ",
            standing!(),
            " FROM j JOIN attempts t ON t.job_id = j.id WHERE t.id = $1
              FOR NO KEY UPDATE OF t"
        ),
        id
    ))
    .await?
    .map(|row| Standing::read(&row, terms))
    .transpose()
}

/// Applies `event`, and keeps what comes of it.
pub(crate) async fn apply(
    tx: &mut Conn,
    before: Standing,
    event: Event,
    up_since: Timestamp,
    now: Timestamp,
) -> Result<std::result::Result<Applied, Refused>> {
    let facts = before.facts(up_since, now);
    let (attempt, effects) = match attempt::apply(before.attempt, event, facts) {
        Ok(done) => done,
        Err(refused) => return Ok(Err(refused)),
    };
    let mut applied = Applied {
        standing: Standing { attempt, ..before },
        granted: false,
        confirmed: false,
        announced: false,
    };
    let confirmed = effects.contains(&Effect::KeepNumber);
    if attempt != before.attempt || confirmed {
        write_attempt(tx, &applied.standing, confirmed.then_some(now), now).await?;
    }
    if attempt.stage != before.attempt.stage && !matches!(attempt.stage, Stage::Held { .. }) {
        notification::asks_are_over(tx, before.at, now).await?;
    }
    for effect in effects {
        carry_out(tx, &mut applied, effect, now).await?;
    }
    if applied.standing.job_state != before.job_state {
        write_job_state(tx, &applied.standing, now).await?;
        let state = applied.standing.job_state;
        notification::job_is_over(tx, before.at, state, now).await?;
    }
    Ok(Ok(applied))
}

async fn carry_out(
    tx: &mut Conn,
    applied: &mut Applied,
    effect: Effect,
    now: Timestamp,
) -> Result<()> {
    match effect {
        Effect::KeepNumber => {
            applied.confirmed = true;
            confirm(tx, applied.standing.at).await
        }
        Effect::Grant => {
            applied.granted = true;
            Ok(())
        }
        Effect::TakeBack => {
            move_job(&mut applied.standing, job::Event::TakenBack);
            Ok(())
        }
        Effect::GiveBack => {
            move_job(&mut applied.standing, job::Event::Withdrawn);
            give_number_back(tx, applied.standing.at.attempt_id).await
        }
        Effect::Release => {
            move_job(&mut applied.standing, job::Event::Withdrawn);
            end_orders(tx, applied.standing.at.attempt_id, now).await
        }
        Effect::Settle(outcome) => settle(tx, &mut applied.standing, outcome, now).await,
        Effect::CancelJob => {
            move_job(&mut applied.standing, job::Event::CancelRequested);
            Ok(())
        }
        Effect::Announce => {
            applied.announced = true;
            Ok(())
        }
    }
}

/// Moves the job by the rules; a move that they refuse leaves it where it is.
fn move_job(standing: &mut Standing, event: job::Event) {
    match job::next(standing.job_state, event) {
        Ok(state) => standing.job_state = state,
        Err(refused) => {
            tracing::warn!(job = %standing.at.job_id, ?event, %refused, "a job did not move");
        }
    }
}

async fn settle(
    tx: &mut Conn,
    standing: &mut Standing,
    outcome: OutcomeKind,
    now: Timestamp,
) -> Result<()> {
    let row = tx
        .one(sql!(
            "SELECT COUNT(*) AS unlucky FROM attempts
             WHERE job_id = $1 AND id <> $2 AND stage = 'ended'
               AND outcome IN ('lost', 'interrupted')
               AND fence > (SELECT retried_at_fence FROM jobs WHERE id = $1)",
            standing.at.job_id,
            standing.at.attempt_id
        ))
        .await?;
    let unlucky_before = row.map_or(Ok(0), |row| row.small("unlucky"))?;
    move_job(
        standing,
        job::Event::Ended(End {
            outcome,
            unlucky_before,
            cancel_requested: standing.cancel_requested,
        }),
    );
    if outcome == OutcomeKind::Lost {
        // Its runner may come back before the next claim, and then its orders still count.
        return Ok(());
    }
    end_orders(tx, standing.at.attempt_id, now).await
}

async fn end_orders(tx: &mut Conn, id: AttemptId, now: Timestamp) -> Result<()> {
    tx.run(sql!(
        "UPDATE orders SET done_at = $2 WHERE attempt_id = $1 AND done_at IS NULL",
        id,
        now
    ))
    .await?;
    Ok(())
}

async fn confirm(tx: &mut Conn, at: AttemptRef) -> Result<()> {
    tx.run(sql!(
        "UPDATE runners SET lifetime_attempts = lifetime_attempts + 1, unanswered = 0
         WHERE id = $1",
        at.runner_id
    ))
    .await?;
    Ok(())
}

async fn give_number_back(tx: &mut Conn, id: AttemptId) -> Result<()> {
    tx.run(sql!("UPDATE attempts SET number = NULL WHERE id = $1", id))
        .await?;
    Ok(())
}

async fn write_attempt(
    tx: &mut Conn,
    standing: &Standing,
    confirmed_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<()> {
    let (stage, phase, lease_ends, outcome, ended_at) = match standing.attempt.stage {
        Stage::Assigned { .. } => ("assigned", Phase::Assigned, None, None, None),
        Stage::Held { phase, lease_ends } => ("held", phase, Some(lease_ends), None, None),
        Stage::Ended(outcome) => ("ended", Phase::Ended, None, Some(outcome), Some(now)),
        Stage::Withdrawn => ("withdrawn", Phase::Ended, None, None, Some(now)),
    };
    tx.run(sql!(
        "UPDATE attempts SET stage = $2, phase = $3, lease_ends_at = $4, cancel_by = $5,
             outcome = $6, ended_at = $7, confirmed_at = COALESCE($8, confirmed_at)
         WHERE id = $1",
        standing.at.attempt_id,
        stage,
        phase,
        lease_ends,
        standing.attempt.cancel_by,
        outcome.map(OutcomeKind::as_str),
        ended_at,
        confirmed_at
    ))
    .await?;
    Ok(())
}

async fn write_job_state(tx: &mut Conn, standing: &Standing, now: Timestamp) -> Result<()> {
    tx.run(sql!(
        "UPDATE jobs SET state = $2, updated_at = $3 WHERE id = $1",
        standing.at.job_id,
        standing.job_state,
        now
    ))
    .await?;
    Ok(())
}
