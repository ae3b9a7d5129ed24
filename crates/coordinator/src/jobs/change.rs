//! Changing a job that nobody works on yet.

use lifecycle::job::Edit;
use protocol::{
    api::{JobUpdate, JobView},
    error::ErrorCode,
    ids::JobId,
    job::JobState,
};
use store::{JobChange, JobChanged};

use super::{
    SeenJob, changed, check_target, find, in_words,
    texts::{check_agent, check_instructions, check_options, check_title, model_of},
    view,
};
use crate::{
    app::App,
    auth::Person,
    error::{ApiError, ApiResult},
    rights::job::JobAction,
};

/// Changes what the update names.
pub(crate) async fn change(
    app: &App,
    person: &Person,
    id: JobId,
    update: JobUpdate,
) -> ApiResult<JobView> {
    let seen = find(app, person, id).await?;
    seen.require(JobAction::Edit)?;
    let change = checked(update)?;
    if let Some(target) = change.target {
        check_target(app, &seen.member, target).await?;
    }
    match app
        .store
        .update_job(id, change, person.actor(), app.now())
        .await?
    {
        Some(JobChanged::Changed(job)) => {
            changed(app, &job);
            view(app, SeenJob { job: *job, ..seen }).await
        }
        Some(JobChanged::WrongState { edit, state }) => Err(too_late(edit, state)),
        None => Err(ApiError::not_found("job")),
    }
}

fn checked(update: JobUpdate) -> ApiResult<JobChange> {
    let title = update.title.map(|title| title.trim().to_owned());
    if let Some(title) = &title {
        check_title(title)?;
    }
    if let Some(instructions) = &update.instructions {
        check_instructions(instructions)?;
    }
    if let Some(agent) = &update.agent {
        check_agent(agent)?;
    }
    check_options(
        update.model.as_deref(),
        update.extra_arguments.as_deref().unwrap_or_default(),
    )?;
    Ok(JobChange {
        title,
        model: update.model.map(|model| model_of(Some(model))),
        extra_arguments: update.extra_arguments,
        instructions: update.instructions,
        target: update.target,
        agent: if update.any_agent {
            Some(None)
        } else {
            update.agent.map(Some)
        },
        priority: update.priority,
    })
}

fn too_late(edit: Edit, state: JobState) -> ApiError {
    let state_words = in_words(state);
    let error = |rule: &str| {
        let message = format!("The job is {state_words}; {rule}.");
        ApiError::new(ErrorCode::Conflict, message)
    };
    match edit {
        Edit::Text if state == JobState::Ready => {
            error("its title and instructions change in Backlog only")
                .hint("Take it back to Backlog first.")
        }
        Edit::Text => error("its title and instructions change in Backlog only"),
        Edit::Routing => error("target, agent and priority change until somebody works on it"),
    }
}
