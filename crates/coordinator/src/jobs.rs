//! What people do with jobs: submit, look, let go, cancel.

mod attachment;
mod view;

use lifecycle::routing::why_not;
use protocol::{
    agent::AgentName,
    api::{Change, JobView, NewJob, TargetPreview, TargetPreviewRequest},
    error::ErrorCode,
    ids::JobId,
    job::{JobContext, JobState, RunnerRefusal, Target},
    limits::{INSTRUCTIONS_BYTES_MAX, TITLE_CHARS_MAX},
};
use store::{CancelRequested, Job, MadeReady};

pub(crate) use attachment::attach;
pub(crate) use view::view;

use crate::{
    app::App,
    auth::{Membership, Person},
    body::size_in_words,
    error::{ApiError, ApiResult},
    facts,
    rights::Right,
};

/// Longest name of an agent.
const AGENT_NAME_BYTES_MAX: usize = 64;

/// Submits a job to the workspace.
pub(crate) async fn submit(app: &App, member: &Membership, new: NewJob) -> ApiResult<JobView> {
    member.require(Right::SubmitJobs)?;
    let title = new.title.trim();
    check_texts(title, &new.instructions)?;
    if let Some(agent) = &new.agent {
        check_agent(agent)?;
    }
    if let Target::Runner { runner_id } = new.target {
        let workspace = member.0.workspace.id;
        if app
            .store
            .runner_in_view(workspace, runner_id)
            .await?
            .is_none()
        {
            return Err(ApiError::not_found("runner").hint("Choose one that the workspace has."));
        }
    }
    let row = store::NewJob {
        workspace_id: member.0.workspace.id,
        created_by: member.0.account_id,
        title: title.to_owned(),
        instructions: new.instructions,
        context: new.context,
        target: new.target,
        agent: new.agent,
        ready: new.ready,
    };
    let job = app.store.create_job(row, app.now()).await?;
    changed(app, &job);
    view(app, member, job).await
}

/// The job, if the person may see it, with their place in its workspace.
pub(crate) async fn find(app: &App, person: &Person, id: JobId) -> ApiResult<(Job, Membership)> {
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
    Ok((job, member))
}

/// Lets a job out of Backlog.
pub(crate) async fn make_ready(app: &App, person: &Person, id: JobId) -> ApiResult<JobView> {
    let (job, member) = find(app, person, id).await?;
    may_change(&job, &member)?;
    match app.store.make_job_ready(id, app.now()).await? {
        Some(MadeReady::Ready(job)) => {
            changed(app, &job);
            view(app, &member, *job).await
        }
        Some(MadeReady::WrongState(state)) => Err(ApiError::new(
            ErrorCode::Conflict,
            format!(
                "The job is {}; only a job in Backlog becomes Ready.",
                in_words(state)
            ),
        )),
        None => Err(ApiError::not_found("job")),
    }
}

/// Calls a job off.
pub(crate) async fn cancel(app: &App, person: &Person, id: JobId) -> ApiResult<JobView> {
    let (job, member) = find(app, person, id).await?;
    may_change(&job, &member)?;
    let by = &person.account.name;
    match app.store.request_cancel(id, by, app.now()).await? {
        Some(CancelRequested::Cancelled) => {}
        Some(CancelRequested::Ordered(attempt)) => app.orders_for(attempt.runner_id),
        Some(CancelRequested::AlreadyFinal(state)) => {
            return Err(ApiError::new(
                ErrorCode::Conflict,
                format!("The job is {} already.", in_words(state)),
            ));
        }
        None => return Err(ApiError::not_found("job")),
    }
    changed(app, &job);
    let (job, member) = find(app, person, id).await?;
    view(app, &member, job).await
}

/// Which runners could take such a job now, and why the others could not.
pub(crate) async fn preview(
    app: &App,
    member: &Membership,
    request: &TargetPreviewRequest,
) -> ApiResult<TargetPreview> {
    member.require(Right::Read)?;
    let runners = app.store.runners_in_view(member.0.workspace.id).await?;
    let (agent, now) = (request.agent.as_ref(), app.now());
    let job = facts::of_job(
        &member.0.account_id,
        request.target,
        agent,
        JobContext::Local,
    );
    let mut preview = TargetPreview {
        can_take: Vec::new(),
        cannot_take: Vec::new(),
    };
    for runner in &runners {
        let runner = facts::of(runner, now);
        match why_not(&job, &runner.facts) {
            Ok(()) => preview.can_take.push(runner.named()),
            Err(refusal) => preview.cannot_take.push(RunnerRefusal {
                runner_id: runner.facts.id,
                name: runner.name.to_owned(),
                refusal,
            }),
        }
    }
    Ok(preview)
}

/// The refusal of instructions that are too long.
pub(crate) fn instructions_too_large() -> ApiError {
    ApiError::new(
        ErrorCode::TooLarge,
        format!(
            "The instructions are longer than {}.",
            size_in_words(INSTRUCTIONS_BYTES_MAX as u64)
        ),
    )
    .hint("Keep the instructions short and attach the rest to the job as a file.")
}

fn check_texts(title: &str, instructions: &str) -> ApiResult<()> {
    if title.is_empty() {
        return Err(invalid("The title is empty.").hint("Say in one line what the job is about."));
    }
    if title.chars().count() > TITLE_CHARS_MAX {
        return Err(invalid(&format!(
            "The title is longer than {TITLE_CHARS_MAX} characters."
        ))
        .hint("Shorten it, and say the rest in the instructions."));
    }
    if title.contains(char::is_control) {
        return Err(
            invalid("The title holds a line break or another control character.")
                .hint("A title is one line of text."),
        );
    }
    if instructions.trim().is_empty() {
        return Err(invalid("The instructions are empty.").hint("Say what is to be done."));
    }
    if instructions.len() > INSTRUCTIONS_BYTES_MAX {
        return Err(instructions_too_large());
    }
    if instructions.contains('\0') {
        return Err(invalid("The instructions hold a NUL character.")
            .hint("Remove it, or attach the text as a file."));
    }
    Ok(())
}

/// An agent's name is one word; whether any runner has such an agent shows in the hold.
fn check_agent(agent: &AgentName) -> ApiResult<()> {
    let name = agent.as_str();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if (1..=AGENT_NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(plain) {
        return Ok(());
    }
    Err(
        invalid("The agent's name is not one word of letters, digits and hyphens.")
            .hint("Leave it out when any agent will do."),
    )
}

fn may_change(job: &Job, member: &Membership) -> ApiResult<()> {
    member.require_for_job(
        job.created_by.id,
        Right::ChangeOwnJobs,
        Right::ChangeEveryJob,
    )
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_checked_with_words_that_help() {
        assert!(check_texts("A title", "say hello").is_ok());
        let code = |title: &str, instructions: &str| {
            check_texts(title, instructions).unwrap_err().problem().code
        };
        assert_eq!(code("", "x"), ErrorCode::Invalid);
        assert_eq!(code("two\nlines", "x"), ErrorCode::Invalid);
        assert_eq!(
            code(&"t".repeat(TITLE_CHARS_MAX + 1), "x"),
            ErrorCode::Invalid
        );
        assert_eq!(code("t", " \n "), ErrorCode::Invalid);
        assert_eq!(code("t", "a\0b"), ErrorCode::Invalid);
        let long = "x".repeat(INSTRUCTIONS_BYTES_MAX + 1);
        let refused = check_texts("t", &long).unwrap_err();
        assert_eq!(refused.problem().code, ErrorCode::TooLarge);
        assert!(refused.problem().hint.as_ref().unwrap().contains("attach"));
    }
}
