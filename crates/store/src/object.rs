//! Which objects the rows name, for whoever compares them with what is stored.

use protocol::ids::{AttemptId, JobId};

use crate::{Page, Result, SealedLog, Store, engine::sql, poisoned::read_each};

impl Store {
    /// Jobs with attachments, after that of `after`.
    pub async fn jobs_with_attachments(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<JobId>> {
        let mut conn = self.reader().await?;
        let rows = conn
            .all(sql!(
                "SELECT DISTINCT job_id FROM attachments WHERE job_id > $1
                 ORDER BY job_id LIMIT $2",
                after.unwrap_or_default(),
                limit
            ))
            .await?;
        read_each(&rows, "job_id", limit, |row| row.parsed("job_id"))
    }

    /// Attempts with parts of artifacts or a sealed log, after that of `after`.
    pub async fn attempts_with_objects(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<AttemptId>> {
        let mut conn = self.reader().await?;
        let rows = conn
            .all(sql!(
                "SELECT attempt_id FROM (
                     SELECT attempt_id FROM parts WHERE attempt_id > $1
                     UNION SELECT attempt_id FROM sealed_logs WHERE attempt_id > $1
                 ) AS named ORDER BY attempt_id LIMIT $2",
                after.unwrap_or_default(),
                limit
            ))
            .await?;
        read_each(&rows, "attempt_id", limit, |row| row.parsed("attempt_id"))
    }

    /// The pieces of an attempt's log that stand in the object store, the first one first.
    pub async fn sealed_pieces(&self, attempt_id: AttemptId) -> Result<Vec<SealedLog>> {
        let mut conn = self.reader().await?;
        conn.all(sql!(
            "SELECT first_n, last_n, sha256 FROM sealed_logs WHERE attempt_id = $1 ORDER BY first_n",
            attempt_id
        ))
        .await?
        .iter()
        .map(SealedLog::read)
        .collect()
    }
}
