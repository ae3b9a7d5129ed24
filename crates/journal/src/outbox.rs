//! How far each attempt's record and artifacts have reached the coordinator.

use protocol::ids::AttemptId;
use sqlx::Row as _;

use crate::{
    Error, Journal,
    attempt::{found, number},
};

/// Numbers of the last entries that the coordinator has acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Positions {
    /// Of the event stream.
    pub events: u64,
    /// Of the log.
    pub log: u64,
}

impl Journal {
    /// Writes down what has been acknowledged; an older acknowledgement changes nothing.
    pub async fn set_acked(&self, id: AttemptId, acked: Positions) -> Result<(), Error> {
        let done = sqlx::query(
            "UPDATE held_attempt SET events_acked = max(events_acked, $2), \
             log_acked = max(log_acked, $3) WHERE attempt_id = $1",
        )
        .bind(id.to_string())
        .bind(number(acked.events))
        .bind(number(acked.log))
        .execute(&self.pool)
        .await?;
        found(id, done.rows_affected())
    }

    /// Writes down that the coordinator has stored a part of an artifact.
    pub async fn part_uploaded(&self, id: AttemptId, sha256: &str) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO uploaded_part (attempt_id, sha256) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        )
        .bind(id.to_string())
        .bind(sha256)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Parts of artifacts that the coordinator has stored.
    pub async fn uploaded_parts(&self, id: AttemptId) -> Result<Vec<String>, Error> {
        let rows = sqlx::query("SELECT sha256 FROM uploaded_part WHERE attempt_id = $1")
            .bind(id.to_string())
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// Forgets which parts are stored, since the coordinator says that some are missing.
    pub async fn forget_parts(&self, id: AttemptId) -> Result<(), Error> {
        sqlx::query("DELETE FROM uploaded_part WHERE attempt_id = $1")
            .bind(id.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Writes down that the coordinator has every artifact.
    pub async fn set_manifest_done(&self, id: AttemptId) -> Result<(), Error> {
        let done = sqlx::query("UPDATE held_attempt SET manifest_done = 1 WHERE attempt_id = $1")
            .bind(id.to_string())
            .execute(&self.pool)
            .await?;
        found(id, done.rows_affected())
    }
}
