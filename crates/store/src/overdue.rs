//! How attempts end by a deadline.
//!
//! A look finds what may be overdue; each is then judged by the rules in a
//! transaction of its own, so that one that cannot be judged holds nobody up.

use lifecycle::attempt::{Event, Stage};
use protocol::{
    digest::sha256_hex,
    ids::AttemptId,
    job::{Failure, FailureClass, Outcome, OutcomeKind},
    time::Timestamp,
};

use crate::{
    AttemptRef, Page, Result, Runner, Store,
    engine::{Conn, Value, sql, sql_for_update},
    poisoned::read_each,
    transition,
};

impl Store {
    /// Attempts that may be overdue at `now`, after that of `after`: an assignment that
    /// nobody confirmed, a lease past its grace, a cancel or work past its deadline.
    pub async fn overdue_attempts(
        &self,
        after: Option<&str>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Page<AttemptId>> {
        let mut conn = self.reader().await?;
        let rows = conn
            .all(sql!(
                "SELECT id FROM (
                     SELECT id FROM attempts WHERE stage = 'assigned' AND accept_by < $1
                     UNION SELECT id FROM attempts WHERE stage = 'held' AND lease_ends_at < $1 - $2
                     UNION SELECT id FROM attempts
                           WHERE stage = 'held' AND cancel_by IS NOT NULL AND cancel_by < $1
                     UNION SELECT id FROM attempts
                           WHERE stage = 'held' AND ends_by IS NOT NULL AND ends_by < $1
                 ) AS overdue WHERE id > $3
                 ORDER BY id LIMIT $4",
                now,
                self.terms().grace_ms,
                after.unwrap_or_default(),
                limit
            ))
            .await?;
        read_each(&rows, "id", limit, |row| row.parsed("id"))
    }

    /// Judges an attempt by the clock; says which it was when that ended it.
    ///
    /// `up_since` is what [`Store::touch_alive`] said.
    pub async fn check_attempt(
        &self,
        id: AttemptId,
        up_since: Timestamp,
        now: Timestamp,
    ) -> Result<Option<AttemptRef>> {
        self.write((id, up_since, now), |tx, (id, up_since, now)| {
            Box::pin(check_attempt(tx, *id, *up_since, *now))
        })
        .await
    }
}

async fn check_attempt(
    tx: &mut Conn,
    id: AttemptId,
    up_since: Timestamp,
    now: Timestamp,
) -> Result<Option<AttemptRef>> {
    // First the runner, then what it has, as with its syncs.
    let runner = tx
        .one(sql_for_update!(
            "SELECT * FROM runners
             WHERE id = (SELECT runner_id FROM attempts WHERE id = $1 AND stage = 'assigned')",
            id
        ))
        .await?;
    let Some(standing) = transition::load(tx, id).await? else {
        return Ok(None);
    };
    let checked = transition::apply(tx, standing, Event::Checked, up_since, now).await?;
    if let Ok(applied) = checked
        && applied.announced
    {
        let (before, after) = (standing.attempt.stage, applied.standing.attempt.stage);
        if let (Some(runner), Stage::Assigned { accept_by }, Stage::Withdrawn) =
            (runner, before, after)
        {
            unanswered(tx, &Runner::read(&runner)?, accept_by, now).await?;
        }
        return Ok(Some(standing.at));
    }
    let ends_by = tx
        .one(sql!("SELECT ends_by FROM attempts WHERE id = $1", id))
        .await?
        .map_or(Ok(None), |row| row.time_option("ends_by"))?;
    let Some(ends_by) = ends_by else {
        return Ok(None);
    };
    let overdue = Event::Overdue { ends_by };
    let ended = transition::apply(tx, standing, overdue, up_since, now).await?;
    if !ended.is_ok_and(|applied| applied.announced) {
        return Ok(None);
    }
    explain(tx, id).await?;
    Ok(Some(standing.at))
}

/// Counts an assignment that the runner never answered.
async fn unanswered(
    tx: &mut Conn,
    runner: &Runner,
    accept_by: Timestamp,
    now: Timestamp,
) -> Result<()> {
    let unanswered = runner.unanswered.and(accept_by, now);
    tx.run(sql!(
        "UPDATE runners SET unanswered = $2, unanswered_at = $3 WHERE id = $1",
        runner.id,
        unanswered.times,
        unanswered.last
    ))
    .await?;
    Ok(())
}

/// Its runner said nothing of this end, so there is no checksum to compare with.
async fn explain(tx: &mut Conn, id: AttemptId) -> Result<()> {
    let outcome = Outcome {
        kind: OutcomeKind::Failed,
        failure: Some(Failure {
            class: FailureClass::Permanent,
            message: "The job took longer than its deadline, and was ended by the coordinator."
                .to_owned(),
            hint: Some(
                "Submit it with a longer deadline, or split it. What was done so far stays in \
                 the job's folder on the machine."
                    .to_owned(),
            ),
            until: None,
        }),
        summary: None,
        usage: None,
        log_last: 0,
        log_sha256: sha256_hex(b""),
    };
    tx.run(sql!(
        "UPDATE attempts SET outcome_detail = $2, log_check = 'none' WHERE id = $1",
        id,
        Value::json(&outcome)
    ))
    .await?;
    Ok(())
}
