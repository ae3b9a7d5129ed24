//! Runners that have been silent for a while, told to their owners.

use protocol::{api::NotificationKind, ids::RunnerId, time::Timestamp};

use super::{Notice, settled, tell};
use crate::{
    Result, Store,
    engine::{Row, sql},
};

/// Most runners that are told of in one look.
const RUNNERS_AT_ONCE: u32 = 100;

impl Store {
    /// Tells the owners of runners that were last heard of before `silent_since`, once for
    /// each silence, and takes back what was said of those that are heard of again.
    ///
    /// Says whether anything changed.
    pub async fn tell_of_silent_runners(
        &self,
        silent_since: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        let (silent, back) = self.silences(silent_since).await?;
        if silent.is_empty() && back.is_empty() {
            return Ok(false);
        }
        self.write((silent, back, now), |tx, (silent, back, now)| {
            Box::pin(async move {
                for notice in silent {
                    tell(tx, notice, *now).await?;
                }
                for about in back {
                    settled(tx, about, *now).await?;
                }
                Ok(true)
            })
        })
        .await
    }

    /// What is to be told, and what is over.
    async fn silences(&self, silent_since: Timestamp) -> Result<(Vec<Notice>, Vec<String>)> {
        let mut conn = self.snapshot().await?;
        let silent = conn
            .all(sql!(
                "SELECT r.id, r.account_id, r.name, r.last_sync_at FROM runners r
                 LEFT JOIN notification_settings s ON s.account_id = r.account_id
                 WHERE r.removed_at IS NULL AND r.last_sync_at <= $1
                   AND (s.muted IS NULL OR s.muted NOT LIKE '%\"runner_offline\"%')
                   AND NOT EXISTS (
                       SELECT 1 FROM notifications n
                       WHERE n.account_id = r.account_id AND n.kind = 'runner_offline'
                         AND n.about = r.id || ' ' || CAST(r.last_sync_at AS TEXT))
                 ORDER BY r.id LIMIT $2",
                silent_since,
                RUNNERS_AT_ONCE
            ))
            .await?;
        let back = conn
            .all(sql!(
                "SELECT n.about FROM notifications n JOIN runners r ON r.id = n.runner_id
                 WHERE n.kind = 'runner_offline' AND n.read_at IS NULL
                   AND (r.removed_at IS NOT NULL OR r.last_sync_at > $1)
                 ORDER BY n.about LIMIT $2",
                silent_since,
                RUNNERS_AT_ONCE
            ))
            .await?;
        conn.end_snapshot().await?;
        let silent = silent.iter().map(notice).collect::<Result<_>>()?;
        let back = back.iter().map(|row| row.text("about"));
        Ok((silent, back.collect::<Result<_>>()?))
    }
}

fn notice(row: &Row) -> Result<Notice> {
    let id: RunnerId = row.parsed("id")?;
    let name = row.text("name")?;
    Ok(Notice {
        account_id: row.parsed("account_id")?,
        kind: NotificationKind::RunnerOffline,
        about: format!("{id} {}", row.time("last_sync_at")?.0),
        text: format!("{name} is offline"),
        workspace_id: None,
        job_id: None,
        runner_id: Some(id),
    })
}
