//! Jobs.

use protocol::{
    agent::AgentName,
    api::{JobList, PersonRef},
    ids::{AccountId, JobId, WorkspaceId},
    job::{JobContext, JobState, Target},
    time::Timestamp,
};

use crate::{AttemptRef, Error, Result, Store};

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

impl Store {
    /// Makes a job with the next number of its workspace.
    pub async fn create_job(&self, new: NewJob, now: Timestamp) -> Result<Job> {
        let _ = (new, now);
        Err(Error::Closed)
    }

    /// The job.
    pub async fn job(&self, id: JobId) -> Result<Option<Job>> {
        let _ = id;
        Err(Error::Closed)
    }

    /// The job with this number in its workspace.
    pub async fn job_by_number(
        &self,
        workspace_id: WorkspaceId,
        number: u64,
    ) -> Result<Option<Job>> {
        let _ = (workspace_id, number);
        Err(Error::Closed)
    }

    /// Jobs of a workspace, newest first.
    pub async fn jobs(&self, workspace_id: WorkspaceId, filter: JobFilter) -> Result<JobList> {
        let _ = (workspace_id, filter);
        Err(Error::Closed)
    }

    /// Moves a job from Backlog to Ready; none when there is no such job.
    pub async fn make_job_ready(&self, id: JobId, now: Timestamp) -> Result<Option<MadeReady>> {
        let _ = (id, now);
        Err(Error::Closed)
    }

    /// Cancels a job, or orders its attempt to end; none when there is no such job.
    pub async fn request_cancel(
        &self,
        id: JobId,
        by: &str,
        now: Timestamp,
    ) -> Result<Option<CancelRequested>> {
        let _ = (id, by, now);
        Err(Error::Closed)
    }

    /// Ready jobs in the order of the queue, after the one given.
    pub async fn ready_jobs(
        &self,
        after: Option<(Timestamp, JobId)>,
        limit: u32,
    ) -> Result<Vec<ReadyJob>> {
        let _ = (after, limit);
        Err(Error::Closed)
    }
}
