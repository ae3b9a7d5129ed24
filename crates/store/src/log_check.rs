//! Whether the log that arrived is the log that was written.

use protocol::{ids::AttemptId, job::Outcome};

use crate::{Page, Result, Store, engine::sql, poisoned::read_each};

/// A log to be compared with the checksum that its outcome named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UncheckedLog {
    /// Of which attempt.
    pub attempt_id: AttemptId,
    /// Number of the last entry that the checksum covers.
    pub last: u64,
    /// The checksum, as the runner made it.
    pub sha256: String,
}

impl Store {
    /// Logs of ended attempts that nobody has compared yet, in the order of the attempts,
    /// after that of `after`.
    pub async fn unchecked_logs(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<UncheckedLog>> {
        let mut conn = self.reader().await?;
        let rows = conn
            .all(sql!(
                "SELECT id, outcome_detail FROM attempts
                 WHERE stage = 'ended' AND outcome_detail IS NOT NULL AND log_check IS NULL
                   AND id > $1
                 ORDER BY id LIMIT $2",
                after.unwrap_or_default(),
                limit
            ))
            .await?;
        read_each(&rows, "id", limit, |row| {
            let outcome: Outcome = row.json("outcome_detail")?;
            Ok(UncheckedLog {
                attempt_id: row.parsed("id")?,
                last: outcome.log_last,
                sha256: outcome.log_sha256,
            })
        })
    }

    /// Keeps what the comparison said.
    pub async fn log_checked(&self, attempt_id: AttemptId, matches: bool) -> Result<()> {
        let word = if matches { "matches" } else { "differs" };
        self.write((attempt_id, word), |tx, (attempt_id, word)| {
            Box::pin(async move {
                tx.run(sql!(
                    "UPDATE attempts SET log_check = $2 WHERE id = $1",
                    *attempt_id,
                    *word
                ))
                .await?;
                Ok(())
            })
        })
        .await
    }
}
