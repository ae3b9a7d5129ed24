//! Moving a job by hand: out of Backlog, back into it, calling it off, and one more attempt.

use protocol::{api::JobView, error::ErrorCode, ids::JobId, job::JobState};
use store::{CancelRequested, Moved, Retried};

use super::{SeenJob, changed, find, in_words, texts::feedback_of, view};
use crate::{
    app::App,
    auth::Person,
    error::{ApiError, ApiResult},
    rights::job::JobAction,
};

/// Lets a job out of Backlog.
pub(crate) async fn make_ready(app: &App, person: &Person, id: JobId) -> ApiResult<JobView> {
    let seen = find(app, person, id).await?;
    seen.require(JobAction::Start)?;
    let moved = app
        .store
        .make_job_ready(id, person.actor(), app.now())
        .await?;
    let wrong = "only a job in Backlog becomes Ready";
    after_move(app, seen, moved, wrong).await
}

/// Takes a Ready job back to Backlog.
pub(crate) async fn set_aside(app: &App, person: &Person, id: JobId) -> ApiResult<JobView> {
    let seen = find(app, person, id).await?;
    seen.require(JobAction::Start)?;
    let moved = app
        .store
        .set_job_aside(id, person.actor(), app.now())
        .await?;
    let wrong = "only a Ready job goes back to Backlog";
    after_move(app, seen, moved, wrong).await
}

/// Lets a job that is over have one more attempt, which hears the feedback.
pub(crate) async fn retry(
    app: &App,
    person: &Person,
    id: JobId,
    feedback: Option<String>,
) -> ApiResult<JobView> {
    let seen = find(app, person, id).await?;
    seen.require(JobAction::Start)?;
    let feedback = feedback_of(feedback)?;
    let retried = app
        .store
        .retry_job(id, feedback, person.actor(), app.now())
        .await?;
    let moved = match retried {
        Some(Retried::Ready(job)) => Some(Moved::Done(job)),
        Some(Retried::WrongState(state)) => Some(Moved::WrongState(state)),
        Some(Retried::NobodyToHear) => {
            return Err(conflict(
                "No attempt at this job has begun yet, so there is none to speak about.",
            )
            .hint("Try it again without feedback, or submit a new job that says it."));
        }
        None => None,
    };
    let wrong = "only one that is over, or waits for review, is tried again";
    after_move(app, seen, moved, wrong).await
}

async fn after_move(
    app: &App,
    seen: SeenJob,
    moved: Option<Moved>,
    wrong: &str,
) -> ApiResult<JobView> {
    match moved {
        Some(Moved::Done(job)) => {
            changed(app, &job);
            // Whoever was woken goes first: a runner that waits is worth more than this answer.
            tokio::task::yield_now().await;
            view(app, SeenJob { job: *job, ..seen }).await
        }
        Some(Moved::WrongState(state)) => Err(conflict(&format!(
            "The job is {}; {wrong}.",
            in_words(state)
        ))),
        None => Err(ApiError::not_found("job")),
    }
}

/// Calls a job off.
pub(crate) async fn cancel(app: &App, person: &Person, id: JobId) -> ApiResult<JobView> {
    let seen = find(app, person, id).await?;
    seen.require(JobAction::Cancel)?;
    match app
        .store
        .request_cancel(id, person.actor(), app.now())
        .await?
    {
        Some(CancelRequested::Cancelled) => {}
        Some(CancelRequested::Ordered(attempt)) => app.orders_for(attempt.runner_id),
        Some(CancelRequested::AlreadyFinal(state)) => {
            return Err(conflict(&already(state)));
        }
        None => return Err(ApiError::not_found("job")),
    }
    changed(app, &seen.job);
    view(app, find(app, person, id).await?).await
}

fn already(state: JobState) -> String {
    format!("The job is {} already.", in_words(state))
}

fn conflict(message: &str) -> ApiError {
    ApiError::new(ErrorCode::Conflict, message)
}
