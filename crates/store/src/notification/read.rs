//! Reading notifications, newest first.

use protocol::{
    api::{NotificationList, NotificationView, RunnerRef, WorkspaceRef},
    ids::{AccountId, NotificationId},
    time::Timestamp,
};

use crate::{
    Page, Result, Store,
    engine::{Row, sql},
    poisoned::read_each,
};

/// Most notifications on one page.
const PAGE_MAX: u32 = 100;

impl Store {
    /// Notifications of an account, newest first, and how many it has not read.
    pub async fn notifications(
        &self,
        account_id: AccountId,
        before: Option<NotificationId>,
        limit: u32,
    ) -> Result<NotificationList> {
        let limit = limit.clamp(1, PAGE_MAX);
        let mut conn = self.snapshot().await?;
        // Nothing of a workspace is shown to somebody who is no member of it.
        let rows = conn
            .all(sql!(
                "SELECT n.id, n.kind, n.text, n.created_at, n.read_at,
                        w.id AS workspace_id, w.slug, w.name AS workspace_name,
                        j.id AS job_id, j.number AS job_number,
                        r.id AS runner_id, r.short_id, r.name AS runner_name
                 FROM notifications n
                 LEFT JOIN members m
                   ON m.workspace_id = n.workspace_id AND m.account_id = n.account_id
                 LEFT JOIN workspaces w ON w.id = m.workspace_id
                 LEFT JOIN jobs j ON j.id = n.job_id
                 LEFT JOIN runners r ON r.id = n.runner_id
                 WHERE n.account_id = $1 AND ($2 IS NULL OR n.id < $2)
                   AND (n.workspace_id IS NULL OR w.id IS NOT NULL)
                 ORDER BY n.id DESC LIMIT $3",
                account_id,
                before,
                limit + 1
            ))
            .await?;
        let unread = conn
            .one(sql!(
                "SELECT COUNT(*) AS unread FROM notifications n
                 WHERE n.account_id = $1 AND n.read_at IS NULL
                   AND (n.workspace_id IS NULL OR EXISTS (
                       SELECT 1 FROM members m
                       WHERE m.workspace_id = n.workspace_id AND m.account_id = n.account_id))",
                account_id
            ))
            .await?
            .map_or(Ok(0), |row| row.count("unread"))?;
        conn.end_snapshot().await?;
        let more = rows.len() > limit as usize;
        let notifications = rows
            .iter()
            .take(limit as usize)
            .map(read)
            .collect::<Result<Vec<_>>>()?;
        let next = notifications.last().filter(|_| more).map(|last| last.id);
        Ok(NotificationList {
            notifications,
            unread,
            next,
        })
    }

    /// The accounts whose notifications changed since `since`, after that of `after`.
    pub async fn notified_since(
        &self,
        since: Timestamp,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<AccountId>> {
        let mut conn = self.reader().await?;
        let rows = conn
            .all(sql!(
                "SELECT DISTINCT account_id FROM notifications
                 WHERE changed_at > $1 AND account_id > $2 ORDER BY account_id LIMIT $3",
                since,
                after.unwrap_or_default(),
                limit
            ))
            .await?;
        read_each(&rows, "account_id", limit, |row| row.parsed("account_id"))
    }
}

fn read(row: &Row) -> Result<NotificationView> {
    let workspace = row.text_option("workspace_id")?.map(|_| {
        Ok::<_, crate::Error>(WorkspaceRef {
            id: row.parsed("workspace_id")?,
            slug: row.text("slug")?,
            name: row.text("workspace_name")?,
        })
    });
    let runner = row.text_option("runner_id")?.map(|_| {
        Ok::<_, crate::Error>(RunnerRef {
            id: row.parsed("runner_id")?,
            short_id: row.text("short_id")?,
            name: row.text("runner_name")?,
        })
    });
    let job_number = row.int_option("job_number")?;
    Ok(NotificationView {
        id: row.parsed("id")?,
        kind: row.word("kind")?,
        text: row.text("text")?,
        workspace: workspace.transpose()?,
        job_id: row.parsed_option("job_id")?,
        job_number: job_number.and_then(|number| u64::try_from(number).ok()),
        runner: runner.transpose()?,
        at: row.time("created_at")?,
        read: row.time_option("read_at")?.is_some(),
    })
}
