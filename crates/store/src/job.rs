//! Jobs.

mod audit;
mod change;
mod lane;
mod retry;
mod team;
mod update;

pub(crate) use audit::cancelled;
use change::{create, move_job};
use lifecycle::job::Event;
use protocol::{
    agent::AgentName,
    api::{PersonRef, TeamRole},
    ids::{AccountId, JobId, WorkspaceId},
    job::{JobContext, JobState, Priority, Target},
    time::Timestamp,
};

pub use team::TeamChanged;
pub use update::{JobChange, JobChanged};

use crate::{
    Actor, AttemptRef, Result, Store,
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
    /// The model that it asks for.
    pub model: Option<String>,
    /// Arguments for the agent's program that it asks for.
    pub extra_arguments: Vec<String>,
    /// How soon it is taken.
    pub priority: Priority,
    /// How long an attempt may take, in milliseconds.
    pub deadline_ms: Option<u64>,
    /// Who works on it beside the submitter; whoever is no member is left out.
    pub team: Vec<(AccountId, TeamRole)>,
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
    /// The model that it asks for.
    pub model: Option<String>,
    /// Arguments for the agent's program that it asks for.
    pub extra_arguments: Vec<String>,
    /// How soon it is taken.
    pub priority: Priority,
    /// How long an attempt may take, in milliseconds.
    pub deadline_ms: Option<u64>,
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
    /// The how many-th it was of its submitter's in the month in which it was submitted.
    pub number_in_month: u64,
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
    /// Without so many of the newest; the answer then says how many there are in all.
    pub offset: Option<u32>,
    /// At most so many.
    pub limit: u32,
}

/// What came of moving a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moved {
    /// It is there, by this or before.
    Done(Box<Job>),
    /// Its state does not allow it.
    WrongState(JobState),
}

/// What came of wanting one more attempt at a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Retried {
    /// It is Ready.
    Ready(Box<Job>),
    /// Its state does not allow it.
    WrongState(JobState),
    /// There was feedback, and no attempt that it could be about.
    NobodyToHear,
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
    pub async fn create_job(&self, new: NewJob, by: Actor, now: Timestamp) -> Result<Job> {
        self.write((new, by, now), |tx, (new, by, now)| {
            Box::pin(create(tx, new, by, *now))
        })
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
    pub async fn make_job_ready(
        &self,
        id: JobId,
        by: Actor,
        now: Timestamp,
    ) -> Result<Option<Moved>> {
        self.write((id, by, now), |tx, (id, by, now)| {
            Box::pin(move_job(tx, *id, Event::MadeReady, by, *now))
        })
        .await
    }

    /// Makes a job that is over Ready again, with what its next attempt is to hear of the last
    /// one; none when there is no such job.
    pub async fn retry_job(
        &self,
        id: JobId,
        feedback: Option<String>,
        by: Actor,
        now: Timestamp,
    ) -> Result<Option<Retried>> {
        self.write((id, feedback, by, now), |tx, (id, feedback, by, now)| {
            Box::pin(retry::retry(tx, *id, feedback.as_deref(), by, *now))
        })
        .await
    }

    /// Takes a Ready job back to Backlog; none when there is no such job.
    pub async fn set_job_aside(
        &self,
        id: JobId,
        by: Actor,
        now: Timestamp,
    ) -> Result<Option<Moved>> {
        self.write((id, by, now), |tx, (id, by, now)| {
            Box::pin(move_job(tx, *id, Event::SetAside, by, *now))
        })
        .await
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
            model: row.text_option("model")?,
            extra_arguments: row.json_option("extra_arguments")?.unwrap_or_default(),
            priority: row.priority("priority")?,
            deadline_ms: row
                .int_option("deadline_ms")?
                .and_then(|ms| u64::try_from(ms).ok()),
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
            number_in_month: row.count("number_in_month")?,
            cancel_requested_at: cancel_requested_at.filter(|_| !state.is_final()),
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
        postgres: select_job!("WHERE j.id = $1 FOR NO KEY UPDATE OF j"),
        id
    ))
    .await?
    .map(|row| Job::read(&row))
    .transpose()
}
