//! A job, whole, as people see it.

use lifecycle::holds::hold_of;
use protocol::{
    api::{JobRights, JobView, TeamMember, TeamRole},
    job::{Hold, JobState, Priority},
};
use store::Job;

use crate::{app::App, auth::Membership, error::ApiResult, facts, rights::Right};

/// Everything about a job that its page shows.
pub(crate) async fn view(app: &App, reader: &Membership, job: Job) -> ApiResult<JobView> {
    let (store, now) = (&app.store, app.now());
    let hold = hold(app, &job).await?;
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
    let rights = rights(reader, &job);
    Ok(JobView {
        hold,
        rights,
        priority: Priority::default(),
        team: vec![TeamMember {
            person: job.created_by.clone(),
            role: TeamRole::Lead,
        }],
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
        created_by: job.created_by,
        created_at: job.created_at,
        updated_at: job.updated_at,
        cancel_requested_at: job.cancel_requested_at,
    })
}

/// What the reader may do with the job.
fn rights(reader: &Membership, job: &Job) -> JobRights {
    let may = |own, every| {
        reader
            .require_for_job(job.created_by.id, own, every)
            .is_ok()
    };
    let change = may(Right::ChangeOwnJobs, Right::ChangeEveryJob);
    JobRights {
        edit: change,
        change_team: change,
        start: change,
        cancel: change,
        answer: may(Right::AnswerOwnJobs, Right::AnswerEveryJob),
    }
}

/// Why a Ready job waits.
async fn hold(app: &App, job: &Job) -> ApiResult<Option<Hold>> {
    if job.state != JobState::Ready {
        return Ok(None);
    }
    let runners = app.store.runners_in_view(job.workspace_id).await?;
    let now = app.now();
    let runners: Vec<_> = runners
        .iter()
        .map(|runner| facts::of(runner, now))
        .collect();
    let agent = job.agent.as_ref();
    let facts = facts::of_job(&job.created_by.id, job.target, agent, job.context);
    // Files can be added in Backlog only, so none is on its way to a Ready job.
    Ok(hold_of(&facts, false, &runners))
}
