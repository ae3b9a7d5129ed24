//! Attempts that ended on this machine.

use protocol::{
    agent::AgentName,
    ids::{AttemptId, JobId},
    job::OutcomeKind,
    record::Usage,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::{Error, Journal, database::run};

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
        self.write(|transaction| {
        run(transaction, "DELETE FROM held_attempt WHERE attempt_id = ?1", (&id,))?;
        run(transaction, "INSERT INTO ended_attempt (attempt_id, ended_at, content) VALUES (?1, ?2, ?3) \
             ON CONFLICT DO NOTHING", (&id, ended.ended_at.0, content))?;
        run(transaction, "DELETE FROM ended_attempt WHERE attempt_id IN (SELECT attempt_id FROM ended_attempt \
             ORDER BY ended_at DESC, attempt_id DESC LIMIT -1 OFFSET ?1)", (ENDED_ATTEMPTS_MAX,))?;
        Ok(())
        }).await
    }

    /// Attempts that ended here, newest first.
    pub async fn ended_attempts(&self, limit: u32) -> Result<Vec<EndedAttempt>, Error> {
        let words =
            "SELECT content FROM ended_attempt ORDER BY ended_at DESC, attempt_id DESC LIMIT ?1";
        self.rows(words, (limit,), |row| {
            let content: String = row.get(0)?;
            serde_json::from_str(&content)
                .map_err(|error| Error::content("an ended attempt", error))
        })
        .await
    }
}
