//! The queue: the heads of its lanes, with everything that decides about them.
//!
//! One look answers a whole round of giving jobs out, in a handful of statements
//! however many jobs and runners there are.

mod heads;

use std::collections::{BTreeMap, HashMap};

use lifecycle::limits::JobUse;
use protocol::{
    agent::AgentName,
    api::{PersonRef, Sharing},
    ids::{AccountId, JobId, RunnerId, WorkspaceId},
    job::{JobContext, JobState, Priority, Target},
    time::Timestamp,
};
use serde::Serialize;

use crate::{
    Job, Result, Store,
    engine::{Conn, Value, sql, sql_pair},
};

/// Which jobs to look at, and for which runners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueAsk {
    /// Runners that could be given something.
    pub runners: Vec<RunnerId>,
    /// At most so many jobs of each lane.
    pub of_a_lane: u32,
    /// How many jobs a submitter may submit in this month.
    pub quotas: MonthlyQuotas,
    /// Whether storage has a limit, so that it has to be counted.
    pub counts_storage: bool,
}

/// How many jobs people may submit in a month; none where there is no limit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MonthlyQuotas {
    /// Whoever is not named.
    pub default: Option<u64>,
    /// By e-mail address, in small letters.
    pub by_email: BTreeMap<String, Option<u64>>,
}

/// A Ready job near the head of its lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedJob {
    /// Which.
    pub id: JobId,
    /// In which workspace.
    pub workspace_id: WorkspaceId,
    /// Who submitted it.
    pub created_by: AccountId,
    /// Their e-mail address.
    pub submitter_email: String,
    /// Who owns the workspace.
    pub owner: AccountId,
    /// Their e-mail address.
    pub owner_email: String,
    /// How soon it is taken.
    pub priority: Priority,
    /// Jobs with the same word are the same to every runner.
    pub lane: String,
    /// What it works on.
    pub context: JobContext,
    /// Who may take it.
    pub target: Target,
    /// The agent that it asks for.
    pub agent: Option<AgentName>,
    /// Since when it has been Ready.
    pub ready_at: Timestamp,
    /// Accounts in its team, the submitter among them.
    pub team: Vec<AccountId>,
}

/// A runner's place in a workspace of its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Who beside its owner may use it there.
    pub sharing: Sharing,
    /// Whether it takes no new job there.
    pub disabled: bool,
}

/// What a look at the queue found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QueueLook {
    /// Jobs that may be given out, as far as quotas and membership go.
    pub jobs: Vec<QueuedJob>,
    /// Jobs under way, by submitter; who has none is left out.
    pub under_way: HashMap<AccountId, u64>,
    /// Bytes of files in the workspaces that these accounts own, where they are counted.
    pub storage_bytes: HashMap<AccountId, u64>,
    /// Where the runners are in view.
    pub places: HashMap<(RunnerId, WorkspaceId), Place>,
    /// Jobs of others than its owner that a runner works on; who has none is left out.
    pub others_under_way: HashMap<RunnerId, u32>,
}

impl Store {
    /// Looks at the queue for runners that wait.
    pub async fn look_at_queue(&self, ask: &QueueAsk, now: Timestamp) -> Result<QueueLook> {
        let mut conn = self.snapshot().await?;
        let jobs = heads::read(&mut conn, ask, now).await?;
        let mut look = QueueLook {
            jobs,
            ..QueueLook::default()
        };
        if !look.jobs.is_empty() {
            look.read_around(&mut conn, ask).await?;
        }
        conn.end_snapshot().await?;
        Ok(look)
    }

    /// What of the plans' limits a job uses.
    pub async fn use_for(&self, job: &Job) -> Result<JobUse> {
        let mut conn = self.snapshot().await?;
        let used = JobUse {
            under_way: under_way(&mut conn, job.created_by.id).await?,
            submitted_at: job.created_at,
            number_in_month: job.number_in_month,
            storage_bytes: owners_storage(&mut conn, job.workspace_id).await?,
        };
        conn.end_snapshot().await?;
        Ok(used)
    }

    /// Who owns a workspace.
    pub async fn workspace_owner(&self, id: WorkspaceId) -> Result<Option<PersonRef>> {
        let mut conn = self.reader().await?;
        conn.one(sql!(
            "SELECT a.id, a.name, a.email FROM members m JOIN accounts a ON a.id = m.account_id
             WHERE m.workspace_id = $1 AND m.role = 'owner'",
            id
        ))
        .await?
        .map(|row| {
            Ok(PersonRef {
                id: row.parsed("id")?,
                name: row.text("name")?,
                email: row.text("email")?,
            })
        })
        .transpose()
    }
}

impl QueueLook {
    async fn read_around(&mut self, conn: &mut Conn, ask: &QueueAsk) -> Result<()> {
        let rows = conn
            .all(sql!(
                "SELECT created_by, COUNT(*) AS jobs FROM jobs
                 WHERE state = 'in_progress' AND NOT EXISTS (
                     SELECT 1 FROM attempts t
                     WHERE t.job_id = jobs.id AND t.stage = 'held' AND t.phase = 'parked')
                 GROUP BY created_by"
            ))
            .await?;
        for row in rows {
            self.under_way
                .insert(row.parsed("created_by")?, row.count("jobs")?);
        }
        let rows = conn
            .all(sql!(
                "SELECT t.runner_id, COUNT(*) AS jobs
                 FROM attempts t
                 JOIN jobs j ON j.id = t.job_id
                 JOIN runners r ON r.id = t.runner_id
                 WHERE t.stage IN ('assigned', 'held') AND t.phase <> 'parked'
                   AND j.created_by <> r.account_id
                 GROUP BY t.runner_id"
            ))
            .await?;
        for row in rows {
            self.others_under_way
                .insert(row.parsed("runner_id")?, row.small("jobs")?);
        }
        if ask.counts_storage {
            self.read_storage(conn).await?;
        }
        self.read_places(conn, &ask.runners).await?;
        self.read_teams(conn).await
    }

    async fn read_storage(&mut self, conn: &mut Conn) -> Result<()> {
        let owners = list(self.jobs.iter().map(|job| job.owner));
        let rows = conn
            .all(sql_pair!(
                sqlite: "SELECT m.account_id, SUM(w.storage_bytes) AS bytes
                         FROM members m JOIN workspaces w ON w.id = m.workspace_id
                         WHERE m.role = 'owner'
                           AND m.account_id IN (SELECT value FROM json_each($1))
                         GROUP BY m.account_id",
                postgres: "SELECT m.account_id, CAST(SUM(w.storage_bytes) AS BIGINT) AS bytes
                           FROM members m JOIN workspaces w ON w.id = m.workspace_id
                           WHERE m.role = 'owner'
                             AND m.account_id IN
                                 (SELECT json_array_elements_text(CAST($1 AS json)))
                           GROUP BY m.account_id",
                owners
            ))
            .await?;
        for row in rows {
            self.storage_bytes
                .insert(row.parsed("account_id")?, row.count("bytes")?);
        }
        Ok(())
    }

    async fn read_places(&mut self, conn: &mut Conn, runners: &[RunnerId]) -> Result<()> {
        let workspaces = list(self.jobs.iter().map(|job| job.workspace_id));
        let runners = list(runners.iter().copied());
        let rows = conn
            .all(sql_pair!(
                sqlite: "SELECT r.id, m.workspace_id, p.sharing, p.disabled_at
                         FROM runners r
                         JOIN members m ON m.account_id = r.account_id
                         LEFT JOIN runner_places p
                                ON p.runner_id = r.id AND p.workspace_id = m.workspace_id
                         WHERE r.id IN (SELECT value FROM json_each($1))
                           AND m.workspace_id IN (SELECT value FROM json_each($2))",
                postgres: "SELECT r.id, m.workspace_id, p.sharing, p.disabled_at
                           FROM runners r
                           JOIN members m ON m.account_id = r.account_id
                           LEFT JOIN runner_places p
                                  ON p.runner_id = r.id AND p.workspace_id = m.workspace_id
                           WHERE r.id IN (SELECT json_array_elements_text(CAST($1 AS json)))
                             AND m.workspace_id IN
                                 (SELECT json_array_elements_text(CAST($2 AS json)))",
                runners,
                workspaces
            ))
            .await?;
        for row in rows {
            let place = Place {
                sharing: row.word_option("sharing")?.unwrap_or_default(),
                disabled: row.time_option("disabled_at")?.is_some(),
            };
            self.places
                .insert((row.parsed("id")?, row.parsed("workspace_id")?), place);
        }
        Ok(())
    }

    async fn read_teams(&mut self, conn: &mut Conn) -> Result<()> {
        let teams = self.jobs.iter().filter(|job| job.target == Target::Team);
        let jobs: Vec<JobId> = teams.map(|job| job.id).collect();
        if jobs.is_empty() {
            return Ok(());
        }
        let rows = conn
            .all(sql_pair!(
                sqlite: "SELECT job_id, account_id FROM job_team
                         WHERE job_id IN (SELECT value FROM json_each($1))",
                postgres: "SELECT job_id, account_id FROM job_team
                           WHERE job_id IN (SELECT json_array_elements_text(CAST($1 AS json)))",
                list(jobs.into_iter())
            ))
            .await?;
        let mut teams: HashMap<JobId, Vec<AccountId>> = HashMap::new();
        for row in rows {
            teams
                .entry(row.parsed("job_id")?)
                .or_default()
                .push(row.parsed("account_id")?);
        }
        for job in &mut self.jobs {
            job.team.extend(teams.remove(&job.id).unwrap_or_default());
        }
        Ok(())
    }
}

/// How many jobs of the account are under way; one that is parked is not.
pub(crate) async fn under_way(conn: &mut Conn, id: AccountId) -> Result<u64> {
    let row = conn
        .one(sql!(
            "SELECT COUNT(*) AS jobs FROM jobs
             WHERE created_by = $1 AND state = $2 AND NOT EXISTS (
                 SELECT 1 FROM attempts t
                 WHERE t.job_id = jobs.id AND t.stage = 'held' AND t.phase = 'parked')",
            id,
            JobState::InProgress
        ))
        .await?;
    row.map_or(Ok(0), |row| row.count("jobs"))
}

/// Bytes of files in all workspaces of the owner of this one.
pub(crate) async fn owners_storage(conn: &mut Conn, id: WorkspaceId) -> Result<u64> {
    let row = conn
        .one(sql!(
            "SELECT CAST(COALESCE(SUM(w.storage_bytes), 0) AS BIGINT) AS bytes
             FROM members o
             JOIN members m ON m.account_id = o.account_id AND m.role = 'owner'
             JOIN workspaces w ON w.id = m.workspace_id
             WHERE o.workspace_id = $1 AND o.role = 'owner'",
            id
        ))
        .await?;
    row.map_or(Ok(0), |row| row.count("bytes"))
}

/// Ids as one JSON list, each once.
fn list<T: Serialize + Ord>(ids: impl Iterator<Item = T>) -> Value {
    Value::json(&ids.collect::<std::collections::BTreeSet<T>>())
}
