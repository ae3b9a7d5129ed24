//! What of its plan an account uses.

use lifecycle::month::Month;
use protocol::{ids::AccountId, time::Timestamp};

use crate::{Result, Store, engine::sql, queue::under_way};

/// What an account uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountUse {
    /// Its runners.
    pub runners: u64,
    /// Its jobs that are under way.
    pub concurrent_jobs: u64,
    /// Jobs that it submitted this month.
    pub monthly_jobs: u64,
    /// Bytes of files in the workspaces that it owns.
    pub storage_bytes: u64,
}

impl Store {
    /// What of its plan an account uses at `now`.
    pub async fn use_of(&self, id: AccountId, now: Timestamp) -> Result<AccountUse> {
        let mut conn = self.snapshot().await?;
        let row = conn
            .one(sql!(
                "SELECT (SELECT COUNT(*) FROM runners r
                         WHERE r.account_id = $1 AND r.removed_at IS NULL) AS runners,
                        COALESCE((SELECT s.jobs FROM submissions s
                                  WHERE s.account_id = $1 AND s.month = $2), 0) AS monthly,
                        (SELECT CAST(COALESCE(SUM(w.storage_bytes), 0) AS BIGINT)
                         FROM members m JOIN workspaces w ON w.id = m.workspace_id
                         WHERE m.account_id = $1 AND m.role = 'owner') AS bytes",
                id,
                Month::of(now).begins
            ))
            .await?
            .ok_or(sqlx::Error::RowNotFound)?;
        let used = AccountUse {
            runners: row.count("runners")?,
            concurrent_jobs: under_way(&mut conn, id).await?,
            monthly_jobs: row.count("monthly")?,
            storage_bytes: row.count("bytes")?,
        };
        conn.end_snapshot().await?;
        Ok(used)
    }
}
