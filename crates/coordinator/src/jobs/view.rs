//! A job, whole, as people see it.

use lifecycle::{
    holds::{Standing, hold_of},
    limits::JobLimits,
};
use protocol::{
    api::{JobRights, JobView},
    job::{Hold, JobState},
};
use store::WorkspaceKey;

use super::SeenJob;
use crate::{app::App, error::ApiResult, facts, rights::job::JobAction};

/// Everything about a job that its page shows.
pub(crate) async fn view(app: &App, seen: SeenJob) -> ApiResult<JobView> {
    let (store, now) = (&app.store, app.now());
    let hold = hold(app, &seen).await?;
    let rights = rights(&seen);
    let SeenJob { job, team, .. } = seen;
    let attempts = store.attempts_of(job.id, now).await?;
    let attachments = store.attachments_of(job.id).await?;
    // All of these come from an attempt.
    let (artifacts, approvals, questions) = if attempts.is_empty() {
        Default::default()
    } else {
        (
            store.artifacts_of(job.id).await?,
            store.approvals_of(job.id).await?,
            store.questions_of(job.id).await?,
        )
    };
    Ok(JobView {
        hold,
        rights,
        priority: job.priority,
        deadline_s: job.deadline_ms.map(|ms| ms / 1_000),
        team,
        attempts,
        attachments,
        artifacts,
        approvals,
        questions,
        id: job.id,
        workspace_id: job.workspace_id,
        number: job.number,
        title: job.title,
        instructions: job.instructions,
        state: job.state,
        context: job.context,
        target: job.target,
        agent: job.agent,
        model: job.model,
        extra_arguments: job.extra_arguments,
        created_by: job.created_by,
        created_at: job.created_at,
        updated_at: job.updated_at,
        cancel_requested_at: job.cancel_requested_at,
    })
}

/// What the reader may do with the job, whatever its state.
fn rights(seen: &SeenJob) -> JobRights {
    JobRights {
        edit: seen.allows(JobAction::Edit),
        change_team: seen.allows(JobAction::ChangeTeam),
        start: seen.allows(JobAction::Start),
        cancel: seen.allows(JobAction::Cancel),
        answer: seen.allows(JobAction::Answer),
    }
}

/// Why a Ready job waits.
async fn hold(app: &App, seen: &SeenJob) -> ApiResult<Option<Hold>> {
    let job = &seen.job;
    if job.state != JobState::Ready {
        return Ok(None);
    }
    let workspace = WorkspaceKey::Id(job.workspace_id);
    let submitter = app.store.member(&workspace, job.created_by.id).await?;
    let standing = Standing {
        submitter_is_member: submitter.is_some(),
        // Files can be added in Backlog only, so none is on its way to a Ready job.
        uploads_pending: false,
        limits: limits(app, seen).await?,
        used: app.store.use_for(job).await?,
    };
    let runners = app.store.runners_in_view(job.workspace_id).await?;
    let now = app.now();
    let refusals = app.store.refusals_of(job.id, now).await?;
    let runners: Vec<_> = runners
        .iter()
        .map(|runner| facts::of_refusing(runner, &refusals, now))
        .collect();
    let team = seen.team_accounts();
    let facts = facts::of_job(job, &team);
    Ok(hold_of(&facts, &standing, &runners, now))
}

/// What plans allow: the submitter's for jobs, the workspace owner's for storage.
async fn limits(app: &App, seen: &SeenJob) -> ApiResult<JobLimits> {
    let owner = app.store.workspace_owner(seen.job.workspace_id).await?;
    let owner = owner.map(|owner| owner.email).unwrap_or_default();
    let submitter = &seen.job.created_by.email;
    Ok(app.config.plans().job_limits(submitter, &owner))
}
