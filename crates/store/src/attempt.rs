//! Attempts.

use protocol::{
    agent::AgentName,
    api::AttemptView,
    ids::{AttemptId, JobId, RunnerId, WorkspaceId},
    job::{Outcome, OutcomeKind, Phase},
    limits::UNREACHABLE_AFTER_MS,
    record::Usage,
    time::Timestamp,
};

use crate::{
    Result, Store,
    engine::{Row, sql},
};

/// Names an attempt with everything that hears of its changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AttemptRef {
    /// Which.
    pub attempt_id: AttemptId,
    /// Of which job.
    pub job_id: JobId,
    /// In which workspace.
    pub workspace_id: WorkspaceId,
    /// On which runner.
    pub runner_id: RunnerId,
}

/// One round of work on a job.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// Which, and whose.
    pub at: AttemptRef,
    /// From 1; none once it was withdrawn unconfirmed.
    pub number: Option<u32>,
    /// The claim.
    pub fence: u64,
    /// Which step is under way.
    pub phase: Phase,
    /// The agent at work, once known.
    pub agent: Option<AgentName>,
    /// When it was handed out.
    pub assigned_at: Timestamp,
    /// When the runner confirmed it.
    pub confirmed_at: Option<Timestamp>,
    /// When its lease ends.
    pub lease_ends_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How it ended.
    pub outcome: Option<OutcomeKind>,
    /// How it ended, in its runner's words.
    pub outcome_detail: Option<Outcome>,
    /// Tokens and cost so far.
    pub usage: Option<Usage>,
    /// Number of the last event that is kept.
    pub events_last: u64,
    /// Number of the last log entry that is kept.
    pub log_last: u64,
}

impl Store {
    /// The attempt.
    pub async fn attempt(&self, id: AttemptId) -> Result<Option<Attempt>> {
        let mut conn = self.reader().await?;
        conn.one(sql!(
            "SELECT t.*, t.id AS attempt_id FROM attempts t WHERE t.id = $1",
            id
        ))
        .await?
        .map(|row| Attempt::read(&row))
        .transpose()
    }

    /// The attempt of a job with this number.
    pub async fn attempt_by_number(&self, job_id: JobId, number: u32) -> Result<Option<Attempt>> {
        let mut conn = self.reader().await?;
        conn.one(sql!(
            "SELECT t.*, t.id AS attempt_id FROM attempts t
             WHERE t.job_id = $1 AND t.number = $2",
            job_id,
            number
        ))
        .await?
        .map(|row| Attempt::read(&row))
        .transpose()
    }

    /// The attempts of a job, oldest first, as people see them at `now`.
    ///
    /// One that was withdrawn unconfirmed never was.
    pub async fn attempts_of(&self, job_id: JobId, now: Timestamp) -> Result<Vec<AttemptView>> {
        let mut conn = self.reader().await?;
        conn.all(sql!(
            "SELECT t.*, t.id AS attempt_id, r.name AS runner_name, r.last_sync_at
             FROM attempts t JOIN runners r ON r.id = t.runner_id
             WHERE t.job_id = $1 AND t.number IS NOT NULL
             ORDER BY t.fence",
            job_id
        ))
        .await?
        .iter()
        .map(|row| view(row, now))
        .collect()
    }
}

impl AttemptRef {
    /// Reads the columns `attempt_id`, `job_id`, `workspace_id` and `runner_id`.
    pub(crate) fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            attempt_id: row.parsed("attempt_id")?,
            job_id: row.parsed("job_id")?,
            workspace_id: row.parsed("workspace_id")?,
            runner_id: row.parsed("runner_id")?,
        })
    }
}

impl Attempt {
    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            at: AttemptRef::read(row)?,
            number: row.small_option("number")?,
            fence: row.count("fence")?,
            phase: row.word("phase")?,
            agent: row.text_option("agent")?.map(AgentName),
            assigned_at: row.time("assigned_at")?,
            confirmed_at: row.time_option("confirmed_at")?,
            lease_ends_at: row.time_option("lease_ends_at")?,
            ended_at: row.time_option("ended_at")?,
            outcome: row.word_option("outcome")?,
            outcome_detail: row.json_option("outcome_detail")?,
            usage: row.json_option("usage")?,
            events_last: row.count("events_last")?,
            log_last: row.count("log_last")?,
        })
    }
}

fn view(row: &Row, now: Timestamp) -> Result<AttemptView> {
    let attempt = Attempt::read(row)?;
    let heard_of = row.time_option("last_sync_at")?;
    let silent = heard_of.is_none_or(|at| now.millis_since(at) > UNREACHABLE_AFTER_MS);
    Ok(AttemptView {
        id: attempt.at.attempt_id,
        number: attempt.number.unwrap_or_default(),
        state: attempt.phase,
        outcome: attempt.outcome,
        outcome_detail: attempt.outcome_detail,
        runner: row.text("runner_name")?,
        runner_id: attempt.at.runner_id,
        agent: attempt.agent,
        started_at: attempt.confirmed_at.unwrap_or(attempt.assigned_at),
        ended_at: attempt.ended_at,
        unreachable: attempt.ended_at.is_none() && silent,
        events_last: attempt.events_last,
        log_last: attempt.log_last,
        feedback: row.text_option("feedback")?,
        parked: row.json_option("parked")?,
        usage: attempt.usage,
        turns: row.json_option("turns")?.unwrap_or_default(),
    })
}
