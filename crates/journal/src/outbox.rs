//! How far each attempt's record and artifacts have reached the coordinator.

use protocol::ids::AttemptId;

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
        let done = self
            .run(
                "UPDATE held_attempt SET events_acked = max(events_acked, ?2), \
             log_acked = max(log_acked, ?3) WHERE attempt_id = ?1",
                (id.to_string(), number(acked.events), number(acked.log)),
            )
            .await?;
        found(id, done)
    }

    /// Writes down that the coordinator has stored a part of an artifact.
    pub async fn part_uploaded(&self, id: AttemptId, sha256: &str) -> Result<(), Error> {
        self.run(
            "INSERT INTO uploaded_part (attempt_id, sha256) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            (id.to_string(), sha256),
        )
        .await?;
        Ok(())
    }

    /// Parts of artifacts that the coordinator has stored.
    pub async fn uploaded_parts(&self, id: AttemptId) -> Result<Vec<String>, Error> {
        let words = "SELECT sha256 FROM uploaded_part WHERE attempt_id = ?1";
        self.rows(words, (id.to_string(),), |row| Ok(row.get(0)?))
            .await
    }

    /// Forgets which parts are stored, since the coordinator says that some are missing.
    pub async fn forget_parts(&self, id: AttemptId) -> Result<(), Error> {
        self.run(
            "DELETE FROM uploaded_part WHERE attempt_id = ?1",
            (id.to_string(),),
        )
        .await?;
        Ok(())
    }

    /// Writes down that the coordinator has every artifact.
    pub async fn set_manifest_done(&self, id: AttemptId) -> Result<(), Error> {
        let done = self
            .run(
                "UPDATE held_attempt SET manifest_done = 1 WHERE attempt_id = ?1",
                (id.to_string(),),
            )
            .await?;
        found(id, done)
    }
}
