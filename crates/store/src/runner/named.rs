//! Runners by what people call them, and by whose they are.

use std::collections::HashMap;

use protocol::{
    api::{RunnerRef, WorkspaceRef},
    ids::{AccountId, RunnerId, WorkspaceId},
    limits::TOMBSTONE_LIFE_MS,
    time::Timestamp,
};

use super::Runner;
use crate::{
    Result, Store,
    engine::{Row, sql},
};

/// Most runners that are told apart when a name stands for several.
const ALIKE_MAX: u32 = 20;

/// A runner of an account, with where it is shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRunner {
    /// The runner, which may have been removed.
    pub runner: Runner,
    /// Workspaces in which it is shared, by name.
    pub shared_in: Vec<WorkspaceRef>,
}

impl Store {
    /// The runners in view of a workspace that `called` may stand for: a short id, or a name.
    ///
    /// A name in exactly these letters counts more than the same in others.
    pub async fn runners_called(
        &self,
        workspace_id: WorkspaceId,
        called: &str,
    ) -> Result<Vec<RunnerRef>> {
        let mut conn = self.reader().await?;
        let rows = conn
            .all(sql!(
                "SELECT r.id, r.short_id, r.name
                 FROM members m JOIN runners r ON r.account_id = m.account_id
                 WHERE m.workspace_id = $1 AND r.removed_at IS NULL
                   AND (r.short_id = LOWER($2) OR r.name = $2 OR LOWER(r.name) = LOWER($2))
                 ORDER BY r.name, r.id LIMIT $3",
                workspace_id,
                called,
                ALIKE_MAX
            ))
            .await?;
        let alike = rows.iter().map(named).collect::<Result<Vec<_>>>()?;
        let is_exact = |runner: &&RunnerRef| {
            runner.name == called || runner.short_id.eq_ignore_ascii_case(called)
        };
        let exact: Vec<RunnerRef> = alike.iter().filter(is_exact).cloned().collect();
        Ok(if exact.is_empty() { alike } else { exact })
    }

    /// The runners of an account by name, those last that were removed not long ago.
    pub async fn runners_of(
        &self,
        account_id: AccountId,
        now: Timestamp,
    ) -> Result<Vec<AccountRunner>> {
        let mut conn = self.snapshot().await?;
        let rows = conn
            .all(sql!(
                "SELECT * FROM runners
                 WHERE account_id = $1 AND (removed_at IS NULL OR removed_at > $2)
                 ORDER BY CASE WHEN removed_at IS NULL THEN 0 ELSE 1 END, name, id",
                account_id,
                Timestamp(now.0.saturating_sub_unsigned(TOMBSTONE_LIFE_MS))
            ))
            .await?;
        let places = conn
            .all(sql!(
                "SELECT p.runner_id, w.id, w.slug, w.name
                 FROM runners r
                 JOIN runner_places p ON p.runner_id = r.id AND p.sharing = 'shared'
                 JOIN members m ON m.workspace_id = p.workspace_id AND m.account_id = r.account_id
                 JOIN workspaces w ON w.id = p.workspace_id
                 WHERE r.account_id = $1 ORDER BY w.name, w.id",
                account_id
            ))
            .await?;
        conn.end_snapshot().await?;
        let mut shared: HashMap<RunnerId, Vec<WorkspaceRef>> = HashMap::new();
        for row in places {
            let workspace = WorkspaceRef {
                id: row.parsed("id")?,
                slug: row.text("slug")?,
                name: row.text("name")?,
            };
            shared
                .entry(row.parsed("runner_id")?)
                .or_default()
                .push(workspace);
        }
        rows.iter()
            .map(|row| {
                let runner = Runner::read(row)?;
                Ok(AccountRunner {
                    shared_in: shared.remove(&runner.id).unwrap_or_default(),
                    runner,
                })
            })
            .collect()
    }
}

fn named(row: &Row) -> Result<RunnerRef> {
    Ok(RunnerRef {
        id: row.parsed("id")?,
        short_id: row.text("short_id")?,
        name: row.text("name")?,
    })
}
