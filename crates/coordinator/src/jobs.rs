//! What people do with jobs: submit, look, change, let go, cancel.

mod attachment;
mod change;
mod moves;
mod preview;
mod submit;
mod team;
mod texts;
mod view;

use protocol::{
    api::{Change, TeamMember, TeamRole},
    error::ErrorCode,
    ids::{AccountId, JobId},
    job::{JobState, Target},
};
use store::Job;

pub(crate) use attachment::attach;
pub(crate) use change::change;
pub(crate) use moves::{cancel, make_ready, retry, set_aside};
pub(crate) use preview::{preview, runners};
pub(crate) use submit::submit;
pub(crate) use team::{put_into_team, take_out_of_team};
pub(crate) use texts::{feedback_too_large, instructions_too_large};
pub(crate) use view::view;

use crate::{
    app::App,
    auth::{Membership, Person},
    error::{ApiError, ApiResult},
    rights::{
        Right,
        job::{self, JobAction},
    },
};

/// A job, as one member of its workspace stands to it.
#[derive(Debug, Clone)]
pub(crate) struct SeenJob {
    /// The job.
    pub(crate) job: Job,
    /// The reader's place in its workspace.
    pub(crate) member: Membership,
    /// Who works on it: the submitter first, then by name.
    pub(crate) team: Vec<TeamMember>,
}

impl SeenJob {
    /// The job, as `member` of its workspace sees it.
    pub(crate) async fn new(app: &App, job: Job, member: Membership) -> ApiResult<Self> {
        let team = app.store.team_of(job.id).await?;
        Ok(Self { job, member, team })
    }

    /// Whether the reader may do it.
    pub(crate) fn allows(&self, action: JobAction) -> bool {
        job::allows(self.member.0.role, self.part(), action)
    }

    /// Refuses with words unless the reader may do it.
    pub(crate) fn require(&self, action: JobAction) -> ApiResult<()> {
        job::require(self.member.0.role, self.part(), action)
    }

    /// The accounts of its team.
    pub(crate) fn team_accounts(&self) -> Vec<AccountId> {
        self.team.iter().map(|member| member.person.id).collect()
    }

    /// The reader's own part in its team.
    pub(crate) fn part(&self) -> Option<TeamRole> {
        let me = self.member.0.account_id;
        let mine = self.team.iter().find(|member| member.person.id == me);
        mine.map(|member| member.role)
    }
}

/// The job, if the person may see it.
pub(crate) async fn find(app: &App, person: &Person, id: JobId) -> ApiResult<SeenJob> {
    let job = app
        .store
        .job(id)
        .await?
        .ok_or_else(|| ApiError::not_found("job"))?;
    let member = person
        .member_of(app, &job.workspace_id.to_string())
        .await
        .map_err(|error| match error.problem().code {
            ErrorCode::NotFound => ApiError::not_found("job"),
            _ => error,
        })?;
    member.require(Right::Read)?;
    SeenJob::new(app, job, member).await
}

/// A runner that is chosen has to be one that the workspace has.
async fn check_target(app: &App, member: &Membership, target: Target) -> ApiResult<()> {
    let Target::Runner { runner_id } = target else {
        return Ok(());
    };
    let workspace = member.0.workspace.id;
    app.store
        .runner_in_view(workspace, runner_id)
        .await?
        .map(drop)
        .ok_or_else(|| ApiError::not_found("runner").hint("Choose one that the workspace has."))
}

fn changed(app: &App, job: &Job) {
    app.live
        .publish(job.workspace_id, Change::Job { job_id: job.id });
    if job.state == JobState::Ready {
        app.work_changed();
    }
}

fn invalid(message: &str) -> ApiError {
    ApiError::new(ErrorCode::Invalid, message)
}

/// A state as people read it.
pub(crate) const fn in_words(state: JobState) -> &'static str {
    match state {
        JobState::Backlog => "in Backlog",
        JobState::Ready => "Ready",
        JobState::InProgress => "In Progress",
        JobState::AwaitingReview => "Awaiting Review",
        JobState::Done => "Done",
        JobState::Failed => "Failed",
        JobState::Cancelled => "Cancelled",
    }
}
