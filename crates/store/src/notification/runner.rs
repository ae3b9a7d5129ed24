//! What happens to runners, told to their owners: silence, and being disabled by others.

use protocol::{api::NotificationKind, ids::RunnerId, time::Timestamp};

use super::{Notice, settled, tell};
use crate::{
    Actor, Result, RunnerPlace, Store,
    engine::{Conn, Row, sql},
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

/// Somebody else disabled the runner in a workspace.
pub(crate) async fn runner_disabled(
    tx: &mut Conn,
    at: RunnerPlace,
    reason: &str,
    by: &Actor,
    now: Timestamp,
) -> Result<()> {
    let Some(row) = tx
        .one(sql!(
            "SELECT account_id, name FROM runners WHERE id = $1",
            at.runner_id
        ))
        .await?
    else {
        return Ok(());
    };
    let account_id = row.parsed("account_id")?;
    if by.person.as_ref().is_some_and(|by| by.id == account_id) {
        return Ok(());
    }
    let notice = Notice {
        account_id,
        kind: NotificationKind::RunnerDisabled,
        about: format!("{} {} {}", at.runner_id, at.workspace_id, now.0),
        text: format!("{} is disabled: {reason}", row.text("name")?),
        workspace_id: Some(at.workspace_id),
        job_id: None,
        runner_id: Some(at.runner_id),
    };
    tell(tx, &notice, now).await
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
