//! Runners, as a workspace sees them.

use std::collections::HashMap;

use protocol::{
    api::{CurrentJob, Disabled, PersonRef, Sharing},
    ids::{AccountId, RunnerId, WorkspaceId},
    time::Timestamp,
};

use super::Runner;
use crate::{
    Page, Result, Store,
    engine::{Conn, Row, sql},
    poisoned::read_each,
};

/// A runner in view of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunnerInView {
    /// The runner.
    pub runner: Runner,
    /// Whose it is.
    pub owner: PersonRef,
    /// Who beside its owner may use it in this workspace.
    pub sharing: Sharing,
    /// Set while it is disabled in this workspace.
    pub disabled: Option<Disabled>,
    /// Its jobs of this workspace that are under way.
    pub current_jobs: Vec<CurrentJob>,
    /// Attempts, over all workspaces, that were handed out and not confirmed yet.
    pub undelivered: u32,
    /// Jobs of others than its owner that it works on, over all workspaces.
    pub others_under_way: u32,
}

/// The columns of a runner in view of a workspace.
macro_rules! select_in_view {
    ($rest:literal) => {
        concat!(
            "SELECT r.*, a.name AS owner_name, a.email AS owner_email,
                    p.sharing, p.disabled_at, p.disabled_reason, d.name AS disabled_by_name,
                    (SELECT COUNT(*) FROM attempts t
                     WHERE t.runner_id = r.id AND t.stage = 'assigned') AS undelivered,
                    (SELECT COUNT(*) FROM attempts t JOIN jobs j ON j.id = t.job_id
                     WHERE t.runner_id = r.id AND t.stage IN ('assigned', 'held')
                       AND j.created_by <> r.account_id) AS others_under_way
             FROM members m
             JOIN runners r ON r.account_id = m.account_id
             JOIN accounts a ON a.id = r.account_id
             LEFT JOIN runner_places p
                    ON p.runner_id = r.id AND p.workspace_id = m.workspace_id
             LEFT JOIN accounts d ON d.id = p.disabled_by
             WHERE m.workspace_id = $1 AND r.removed_at IS NULL ",
            $rest
        )
    };
}

impl Store {
    /// The runners in view of a workspace, by name: those of its members.
    pub async fn runners_in_view(&self, workspace_id: WorkspaceId) -> Result<Vec<RunnerInView>> {
        let mut conn = self.snapshot().await?;
        let rows = conn
            .all(sql!(select_in_view!("ORDER BY r.name, r.id"), workspace_id))
            .await?;
        let mut jobs = current_jobs(&mut conn, workspace_id).await?;
        conn.end_snapshot().await?;
        rows.iter()
            .map(|row| RunnerInView::read(row, &mut jobs))
            .collect()
    }

    /// One runner, as a workspace sees it; none when it is not in view.
    pub async fn runner_in_view(
        &self,
        workspace_id: WorkspaceId,
        id: RunnerId,
    ) -> Result<Option<RunnerInView>> {
        let mut conn = self.snapshot().await?;
        let row = conn
            .one(sql!(select_in_view!("AND r.id = $2"), workspace_id, id))
            .await?;
        let mut jobs = current_jobs(&mut conn, workspace_id).await?;
        conn.end_snapshot().await?;
        row.map(|row| RunnerInView::read(&row, &mut jobs))
            .transpose()
    }

    /// The workspaces of `account_id` that have the runner in view.
    pub async fn common_workspaces(
        &self,
        account_id: AccountId,
        runner_id: RunnerId,
    ) -> Result<Vec<WorkspaceId>> {
        let mut conn = self.reader().await?;
        conn.all(sql!(
            "SELECT mine.workspace_id
             FROM runners r
             JOIN members theirs ON theirs.account_id = r.account_id
             JOIN members mine ON mine.workspace_id = theirs.workspace_id
             WHERE r.id = $1 AND r.removed_at IS NULL AND mine.account_id = $2
             ORDER BY mine.workspace_id",
            runner_id,
            account_id
        ))
        .await?
        .iter()
        .map(|row| row.parsed("workspace_id"))
        .collect()
    }

    /// Runners that have been silent for longer than `silent_ms`, but not for `within_ms` more,
    /// with their owners, after that of `after`.
    pub async fn runners_fallen_silent(
        &self,
        (silent_ms, within_ms): (u64, u64),
        now: Timestamp,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<(RunnerId, AccountId)>> {
        let until = now.0.saturating_sub_unsigned(silent_ms);
        let mut conn = self.reader().await?;
        let rows = conn
            .all(sql!(
                "SELECT id, account_id FROM runners
                 WHERE last_sync_at > $1 AND last_sync_at <= $2 AND removed_at IS NULL AND id > $3
                 ORDER BY id LIMIT $4",
                Timestamp(until.saturating_sub_unsigned(within_ms)),
                Timestamp(until),
                after.unwrap_or_default(),
                limit
            ))
            .await?;
        read_each(&rows, "id", limit, |row| {
            Ok((row.parsed("id")?, row.parsed("account_id")?))
        })
    }
}

/// Jobs under way in a workspace, each with the runner that works on it.
type CurrentJobs = HashMap<RunnerId, Vec<CurrentJob>>;

impl RunnerInView {
    fn read(row: &Row, jobs: &mut CurrentJobs) -> Result<Self> {
        let runner = Runner::read(row)?;
        Ok(Self {
            owner: PersonRef {
                id: runner.account_id,
                name: row.text("owner_name")?,
                email: row.text("owner_email")?,
            },
            sharing: row.word_option("sharing")?.unwrap_or_default(),
            disabled: disabled(row)?,
            current_jobs: jobs.remove(&runner.id).unwrap_or_default(),
            undelivered: row.small("undelivered")?,
            others_under_way: row.small("others_under_way")?,
            runner,
        })
    }
}

fn disabled(row: &Row) -> Result<Option<Disabled>> {
    let Some(at) = row.time_option("disabled_at")? else {
        return Ok(None);
    };
    Ok(Some(Disabled {
        by: row.text("disabled_by_name")?,
        at,
        reason: row.text("disabled_reason")?,
    }))
}

async fn current_jobs(conn: &mut Conn, workspace_id: WorkspaceId) -> Result<CurrentJobs> {
    let rows = conn
        .all(sql!(
            "SELECT t.runner_id, t.confirmed_at, t.number AS attempt_number,
                    j.id, j.number, j.title
             FROM jobs j JOIN attempts t ON t.job_id = j.id
             WHERE j.workspace_id = $1 AND j.state = 'in_progress'
               AND t.stage IN ('assigned', 'held')
             ORDER BY j.number",
            workspace_id
        ))
        .await?;
    let mut jobs = CurrentJobs::new();
    for row in rows {
        jobs.entry(row.parsed("runner_id")?)
            .or_default()
            .push(CurrentJob {
                job_id: row.parsed("id")?,
                number: row.count("number")?,
                title: row.text("title")?,
                attempt_number: match row.time_option("confirmed_at")? {
                    Some(_) => row.small_option("attempt_number")?,
                    None => None,
                },
            });
    }
    Ok(jobs)
}
