//! What happens to runners, told to their owners: silence, and being disabled by others.

use protocol::{
    api::NotificationKind,
    ids::{NotificationId, RunnerId},
    time::Timestamp,
};

use super::{Notice, tell};
use crate::{
    Actor, Page, Result, RunnerPlace, Store,
    engine::{Conn, Row, sql},
    poisoned::read_each,
};

/// A runner that fell silent, of which its owner has not been told.
#[derive(Debug, Clone)]
pub struct SilentRunner {
    /// Which.
    pub id: RunnerId,
    notice: Notice,
}

impl Store {
    /// Runners that were last heard of before `silent_since`, after that of `after`, whose
    /// owners have not been told of this silence.
    pub async fn silent_runners(
        &self,
        silent_since: Timestamp,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<SilentRunner>> {
        let mut conn = self.reader().await?;
        let rows = conn
            .all(sql!(
                "SELECT r.id, r.account_id, r.name, r.last_sync_at FROM runners r
                 LEFT JOIN notification_settings s ON s.account_id = r.account_id
                 WHERE r.removed_at IS NULL AND r.last_sync_at <= $1 AND r.id > $3
                   AND (s.muted IS NULL OR s.muted NOT LIKE '%\"runner_offline\"%')
                   AND NOT EXISTS (
                       SELECT 1 FROM notifications n
                       WHERE n.account_id = r.account_id AND n.kind = 'runner_offline'
                         AND n.about = r.id || ' ' || CAST(r.last_sync_at AS TEXT))
                 ORDER BY r.id LIMIT $2",
                silent_since,
                limit,
                after.unwrap_or_default()
            ))
            .await?;
        read_each(&rows, "id", limit, silent)
    }

    /// Tells the owner of a runner that it fell silent.
    pub async fn tell_of_silence(&self, runner: SilentRunner, now: Timestamp) -> Result<()> {
        self.write((runner.notice, now), |tx, (notice, now)| {
            Box::pin(tell(tx, notice, *now))
        })
        .await
    }

    /// What was told of silences that are over, after that of `after`.
    pub async fn silences_over(
        &self,
        silent_since: Timestamp,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<NotificationId>> {
        let mut conn = self.reader().await?;
        let rows = conn
            .all(sql!(
                "SELECT n.id FROM notifications n JOIN runners r ON r.id = n.runner_id
                 WHERE n.kind = 'runner_offline' AND n.read_at IS NULL AND n.id > $3
                   AND (r.removed_at IS NOT NULL OR r.last_sync_at > $1)
                 ORDER BY n.id LIMIT $2",
                silent_since,
                limit,
                after.unwrap_or_default()
            ))
            .await?;
        read_each(&rows, "id", limit, |row| row.parsed("id"))
    }

    /// Nobody needs to read this any more.
    pub async fn settle_notification(&self, id: NotificationId, now: Timestamp) -> Result<()> {
        self.write((id, now), |tx, (id, now)| {
            Box::pin(async move {
                tx.run(sql!(
                    "UPDATE notifications SET read_at = $2, changed_at = $2
                     WHERE id = $1 AND read_at IS NULL",
                    *id,
                    *now
                ))
                .await?;
                Ok(())
            })
        })
        .await
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

fn silent(row: &Row) -> Result<SilentRunner> {
    let id: RunnerId = row.parsed("id")?;
    let name = row.text("name")?;
    let notice = Notice {
        account_id: row.parsed("account_id")?,
        kind: NotificationKind::RunnerOffline,
        about: format!("{id} {}", row.time("last_sync_at")?.0),
        text: format!("{name} is offline"),
        workspace_id: None,
        job_id: None,
        runner_id: Some(id),
    };
    Ok(SilentRunner { id, notice })
}
