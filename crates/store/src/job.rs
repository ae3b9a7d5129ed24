//! Jobs.

mod change;

use change::{create, make_ready};
use protocol::{
    agent::AgentName,
    api::PersonRef,
    ids::{AccountId, JobId, WorkspaceId},
    job::{JobContext, JobState, Target},
    time::Timestamp,
};
use uuid::Uuid;

use crate::{
    AttemptRef, Result, Store,
    engine::{Conn, Row, sql, sql_pair},
};

/// A job to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// In which workspace.
    pub workspace_id: WorkspaceId,
    /// Who submits it.
    pub created_by: AccountId,
    /// One line.
    pub title: String,
    /// What is to be done.
    pub instructions: String,
    /// What it works on.
    pub context: JobContext,
    /// Who may take it.
    pub target: Target,
    /// The agent that it asks for.
    pub agent: Option<AgentName>,
    /// Whether it is Ready at once; else it begins in Backlog.
    pub ready: bool,
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Which.
    pub id: JobId,
    /// In which workspace.
    pub workspace_id: WorkspaceId,
    /// Its number in the workspace.
    pub number: u64,
    /// One line.
    pub title: String,
    /// What is to be done.
    pub instructions: String,
    /// What it works on.
    pub context: JobContext,
    /// Who may take it.
    pub target: Target,
    /// The agent that it asks for.
    pub agent: Option<AgentName>,
    /// Where it stands.
    pub state: JobState,
    /// The newest claim; it rises with each.
    pub fence: u64,
    /// Who submitted it.
    pub created_by: PersonRef,
    /// When it was submitted.
    pub created_at: Timestamp,
    /// When it last changed its state.
    pub updated_at: Timestamp,
    /// When it last became Ready: its place in the queue.
    pub ready_at: Option<Timestamp>,
    /// Set when somebody asked to cancel it and it has not ended yet.
    pub cancel_requested_at: Option<Timestamp>,
}

/// Which jobs of a workspace to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JobFilter {
    /// In one of these states; all when empty.
    pub states: Vec<JobState>,
    /// Whose title holds this, in any case, or whose number it is.
    pub search: Option<String>,
    /// Older than this job.
    pub before: Option<JobId>,
    /// At most so many.
    pub limit: u32,
}

/// A Ready job, as the scheduler sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadyJob {
    /// Which.
    pub id: JobId,
    /// In which workspace.
    pub workspace_id: WorkspaceId,
    /// Who submitted it.
    pub created_by: AccountId,
    /// What it works on.
    pub context: JobContext,
    /// Who may take it.
    pub target: Target,
    /// The agent that it asks for.
    pub agent: Option<AgentName>,
    /// Its place in the queue.
    pub ready_at: Timestamp,
}

/// What came of making a job Ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MadeReady {
    /// It is Ready, by this or before.
    Ready(Box<Job>),
    /// Its state does not allow it.
    WrongState(JobState),
}

/// What came of asking to cancel a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CancelRequested {
    /// It was not under way and is Cancelled now.
    Cancelled,
    /// An attempt has an order to end, and a deadline.
    Ordered(AttemptRef),
    /// It has ended before.
    AlreadyFinal(JobState),
}

/// The columns of a job with those of its submitter.
macro_rules! select_job {
    ($rest:literal) => {
        concat!(
            "SELECT j.*, a.name AS creator_name, a.email AS creator_email
             FROM jobs j JOIN accounts a ON a.id = j.created_by ",
            $rest
        )
    };
}

impl Store {
    /// Makes a job with the next number of its workspace.
    pub async fn create_job(&self, new: NewJob, now: Timestamp) -> Result<Job> {
        self.write((new, now), |tx, (new, now)| Box::pin(create(tx, new, *now)))
            .await
    }

    /// The job.
    pub async fn job(&self, id: JobId) -> Result<Option<Job>> {
        read_job(&mut self.reader().await?, id).await
    }

    /// The job with this number in its workspace.
    pub async fn job_by_number(
        &self,
        workspace_id: WorkspaceId,
        number: u64,
    ) -> Result<Option<Job>> {
        let mut conn = self.reader().await?;
        conn.one(sql!(
            select_job!("WHERE j.workspace_id = $1 AND j.number = $2"),
            workspace_id,
            number
        ))
        .await?
        .map(|row| Job::read(&row))
        .transpose()
    }

    /// Moves a job from Backlog to Ready; none when there is no such job.
    pub async fn make_job_ready(&self, id: JobId, now: Timestamp) -> Result<Option<MadeReady>> {
        self.write((id, now), |tx, (id, now)| {
            Box::pin(make_ready(tx, *id, *now))
        })
        .await
    }

    /// Ready jobs in the order of the queue, after the one given.
    pub async fn ready_jobs(
        &self,
        after: Option<(Timestamp, JobId)>,
        limit: u32,
    ) -> Result<Vec<ReadyJob>> {
        let (moment, id) = after.unwrap_or((Timestamp(i64::MIN), JobId(Uuid::nil())));
        let mut conn = self.reader().await?;
        let rows = conn
            .all(sql!(
                "SELECT id, workspace_id, created_by, context, target, agent, ready_at
                 FROM jobs
                 WHERE state = 'ready' AND (ready_at > $1 OR (ready_at = $1 AND id > $2))
                 ORDER BY ready_at, id LIMIT $3",
                moment,
                id,
                limit
            ))
            .await?;
        rows.iter().map(ReadyJob::read).collect()
    }
}

impl Job {
    fn read(row: &Row) -> Result<Self> {
        let state: JobState = row.parsed("state")?;
        let cancel_requested_at = row.time_option("cancel_requested_at")?;
        Ok(Self {
            id: row.parsed("id")?,
            workspace_id: row.parsed("workspace_id")?,
            number: row.count("number")?,
            title: row.text("title")?,
            instructions: row.text("instructions")?,
            context: row.json("context")?,
            target: row.json("target")?,
            agent: row.text_option("agent")?.map(AgentName),
            state,
            fence: row.count("fence")?,
            created_by: PersonRef {
                id: row.parsed("created_by")?,
                name: row.text("creator_name")?,
                email: row.text("creator_email")?,
            },
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
            ready_at: row.time_option("ready_at")?,
            cancel_requested_at: cancel_requested_at.filter(|_| !state.is_final()),
        })
    }
}

impl ReadyJob {
    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.parsed("id")?,
            workspace_id: row.parsed("workspace_id")?,
            created_by: row.parsed("created_by")?,
            context: row.json("context")?,
            target: row.json("target")?,
            agent: row.text_option("agent")?.map(AgentName),
            ready_at: row.time("ready_at")?,
        })
    }
}

pub(crate) async fn read_job(conn: &mut Conn, id: JobId) -> Result<Option<Job>> {
    conn.one(sql!(select_job!("WHERE j.id = $1"), id))
        .await?
        .map(|row| Job::read(&row))
        .transpose()
}

/// As [`read_job`], in order to change it.
async fn lock_job(tx: &mut Conn, id: JobId) -> Result<Option<Job>> {
    tx.one(sql_pair!(
        sqlite: select_job!("WHERE j.id = $1"),
        postgres: select_job!("WHERE j.id = $1 FOR UPDATE OF j"),
        id
    ))
    .await?
    .map(|row| Job::read(&row))
    .transpose()
}
