//! Runners, as they last described themselves.

use std::collections::HashMap;

use lifecycle::attempt::Event;
use protocol::{
    agent::{Capabilities, Platform},
    api::{CurrentJob, PersonRef},
    ids::{AccountId, InstallationId, RunnerId, WorkspaceId},
    runner::{Pause, Slots, Trouble},
    time::Timestamp,
};

use crate::{
    AttemptRef, Result, Store,
    engine::{Conn, Row, sql, sql_for_update},
    transition,
};

/// A machine's registration under an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runner {
    /// Which.
    pub id: RunnerId,
    /// Whose.
    pub account_id: AccountId,
    /// Which data directory.
    pub installation_id: InstallationId,
    /// Its short id, for people.
    pub short_id: String,
    /// Its name.
    pub name: String,
    /// The machine, as it registered.
    pub platform: Platform,
    /// Version of the runner, as it registered.
    pub runner_version: String,
    /// When it was first registered.
    pub registered_at: Timestamp,
    /// When it was removed or signed out; it is in view no more.
    pub removed_at: Option<Timestamp>,
    /// When it was last heard of.
    pub last_sync_at: Option<Timestamp>,
    /// Capacity, as it last said.
    pub slots: Slots,
    /// Digest of what it can do.
    pub capabilities_digest: String,
    /// What it can do, once it has said so.
    pub capabilities: Option<Capabilities>,
    /// Set while it is paused.
    pub paused: Option<Pause>,
    /// Whether it finishes what it has and then stops.
    pub draining: bool,
    /// What keeps it from taking work.
    pub troubles: Vec<Trouble>,
    /// How many attempts it has had, over all workspaces.
    pub lifetime_attempts: u64,
}

/// A runner in view of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunnerInView {
    /// The runner.
    pub runner: Runner,
    /// Whose it is.
    pub owner: PersonRef,
    /// Its jobs of this workspace that are under way.
    pub current_jobs: Vec<CurrentJob>,
    /// Attempts, over all workspaces, that were handed out and not confirmed yet.
    pub undelivered: u32,
}

/// The columns of a runner in view of a workspace.
macro_rules! select_in_view {
    ($rest:literal) => {
        concat!(
            "SELECT r.*, a.name AS owner_name, a.email AS owner_email,
                    (SELECT COUNT(*) FROM attempts t
                     WHERE t.runner_id = r.id AND t.stage = 'assigned') AS undelivered
             FROM members m
             JOIN runners r ON r.account_id = m.account_id
             JOIN accounts a ON a.id = r.account_id
             WHERE m.workspace_id = $1 AND r.removed_at IS NULL ",
            $rest
        )
    };
}

impl Store {
    /// The runner, also when it has been removed.
    pub async fn runner(&self, id: RunnerId) -> Result<Option<Runner>> {
        let mut conn = self.reader().await?;
        conn.one(sql!("SELECT * FROM runners WHERE id = $1", id))
            .await?
            .map(|row| Runner::read(&row))
            .transpose()
    }

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

    /// A workspace of `account_id` in whose view the runner is, if there is one.
    pub async fn shared_workspace(
        &self,
        account_id: AccountId,
        runner_id: RunnerId,
    ) -> Result<Option<WorkspaceId>> {
        let mut conn = self.reader().await?;
        conn.one(sql!(
            "SELECT mine.workspace_id
             FROM runners r
             JOIN members theirs ON theirs.account_id = r.account_id
             JOIN members mine ON mine.workspace_id = theirs.workspace_id
             WHERE r.id = $1 AND mine.account_id = $2
             ORDER BY mine.workspace_id LIMIT 1",
            runner_id,
            account_id
        ))
        .await?
        .map(|row| row.parsed("workspace_id"))
        .transpose()
    }

    /// Signs a runner out: its credentials die, its attempts end, it is in view no more.
    ///
    /// Returns the attempts that ended by it.
    pub async fn sign_runner_out(&self, id: RunnerId, now: Timestamp) -> Result<Vec<AttemptRef>> {
        self.write((id, now), |tx, (id, now)| Box::pin(sign_out(tx, *id, *now)))
            .await
    }
}

impl Runner {
    pub(crate) fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.parsed("id")?,
            account_id: row.parsed("account_id")?,
            installation_id: row.parsed("installation_id")?,
            short_id: row.text("short_id")?,
            name: row.text("name")?,
            platform: row.json("platform")?,
            runner_version: row.text("runner_version")?,
            registered_at: row.time("registered_at")?,
            removed_at: row.time_option("removed_at")?,
            last_sync_at: row.time_option("last_sync_at")?,
            slots: Slots {
                total: row.small("slots_total")?,
                free: row.small("slots_free")?,
            },
            capabilities_digest: row.text("capabilities_digest")?,
            capabilities: row.json_option("capabilities")?,
            paused: row.json_option("paused")?,
            draining: row.flag("draining")?,
            troubles: row.json("troubles")?,
            lifetime_attempts: row.count("lifetime_attempts")?,
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
            current_jobs: jobs.remove(&runner.id).unwrap_or_default(),
            undelivered: row.small("undelivered")?,
            runner,
        })
    }
}

async fn current_jobs(conn: &mut Conn, workspace_id: WorkspaceId) -> Result<CurrentJobs> {
    let rows = conn
        .all(sql!(
            "SELECT t.runner_id, j.id, j.number, j.title
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
            });
    }
    Ok(jobs)
}

async fn sign_out(tx: &mut Conn, id: RunnerId, now: Timestamp) -> Result<Vec<AttemptRef>> {
    if tx
        .one(sql_for_update!("SELECT id FROM runners WHERE id = $1", id))
        .await?
        .is_none()
    {
        return Ok(Vec::new());
    }
    tx.run(sql!(
        "UPDATE runners SET removed_at = $2 WHERE id = $1 AND removed_at IS NULL",
        id,
        now
    ))
    .await?;
    tx.run(sql!(
        "UPDATE grants SET revoked_at = $2 WHERE runner_id = $1 AND revoked_at IS NULL",
        id,
        now
    ))
    .await?;
    let rows = tx
        .all(sql!(
            "SELECT id FROM attempts
             WHERE runner_id = $1 AND stage IN ('assigned', 'held') ORDER BY id",
            id
        ))
        .await?;
    let mut ended = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(standing) = transition::load(tx, row.parsed("id")?).await? {
            let at = standing.at;
            transition::apply(tx, standing, Event::RunnerEnded, now, now)
                .await?
                .ok();
            ended.push(at);
        }
    }
    Ok(ended)
}
