//! Attempts that ended on this machine.

use protocol::{
    agent::AgentName,
    ids::{AttemptId, JobId},
    job::OutcomeKind,
    record::Usage,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use sqlx::Row as _;

use crate::{Error, Journal};

/// Ended attempts that are remembered; older ones are forgotten.
pub const ENDED_ATTEMPTS_MAX: u32 = 1000;

/// An attempt that ended on this machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EndedAttempt {
    /// Which.
    pub attempt_id: AttemptId,
    /// Of which job.
    pub job_id: JobId,
    /// The job's number.
    pub job_number: u64,
    /// The attempt's number, from 1.
    pub attempt_number: u32,
    /// The job's title.
    pub title: String,
    /// The workspace's name.
    pub workspace: String,
    /// The agent that did it.
    pub agent: Option<AgentName>,
    /// How it ended.
    pub outcome: OutcomeKind,
    /// Why it failed, or the agent's last words.
    pub summary: Option<String>,
    /// Tokens and cost, where known.
    pub usage: Option<Usage>,
    /// When it began here.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// The job's folder.
    pub folder: Option<String>,
    /// Where people see the job.
    pub url: String,
}

impl Journal {
    /// Moves an attempt from the held ones to the history, in one step.
    pub async fn end(&self, ended: &EndedAttempt) -> Result<(), Error> {
        let id = ended.attempt_id.to_string();
        let content = serde_json::to_string(ended)
            .map_err(|error| Error::content("an ended attempt", error))?;
        let mut transaction = self.write().await?;
        sqlx::query("DELETE FROM held_attempt WHERE attempt_id = $1")
            .bind(&id)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "INSERT INTO ended_attempt (attempt_id, ended_at, content) VALUES ($1, $2, $3) \
             ON CONFLICT DO NOTHING",
        )
        .bind(&id)
        .bind(ended.ended_at.0)
        .bind(content)
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "DELETE FROM ended_attempt WHERE attempt_id IN (SELECT attempt_id FROM ended_attempt \
             ORDER BY ended_at DESC, attempt_id DESC LIMIT -1 OFFSET $1)",
        )
        .bind(ENDED_ATTEMPTS_MAX)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Attempts that ended here, newest first.
    pub async fn ended_attempts(&self, limit: u32) -> Result<Vec<EndedAttempt>, Error> {
        let rows = sqlx::query(
            "SELECT content FROM ended_attempt ORDER BY ended_at DESC, attempt_id DESC LIMIT $1",
        )
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let content: String = row.try_get(0)?;
                serde_json::from_str(&content)
                    .map_err(|error| Error::content("an ended attempt", error))
            })
            .collect()
    }
}
