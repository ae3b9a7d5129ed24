//! Answers of people to approvals and questions: at most one each, and an order to the runner.

mod check;

use protocol::{
    api::{ApprovalView, Change, QuestionView},
    approval::{AnsweredBy, ApprovalAnswer, Surface},
    error::ErrorCode,
    ids::{ApprovalId, QuestionId},
    question::QuestionAnswer,
};
use store::{Answered, AttemptRef};

use crate::{
    app::App,
    auth::Person,
    error::{ApiError, ApiResult},
    jobs,
    rights::job::JobAction,
};

/// Longest note to the agent.
const NOTE_CHARS_MAX: usize = 4_000;

/// Answers an approval.
pub(crate) async fn answer_approval(
    app: &App,
    person: &Person,
    id: ApprovalId,
    answer: ApprovalAnswer,
) -> ApiResult<ApprovalView> {
    let nothing = || ApiError::not_found("approval");
    let record = app.store.approval(id).await?.ok_or_else(nothing)?;
    may_answer(app, person, &record.at, nothing).await?;
    if answer
        .note
        .as_ref()
        .is_some_and(|note| note.chars().count() > NOTE_CHARS_MAX)
    {
        return Err(ApiError::new(
            ErrorCode::Invalid,
            format!("The note is longer than {NOTE_CHARS_MAX} characters."),
        ));
    }
    let (by, now) = (by(person), app.now());
    let answered = app
        .store
        .answer_approval(id, person.account.id, answer, by, now)
        .await?;
    settle(app, answered.as_ref(), nothing)?;
    Ok(app.store.approval(id).await?.ok_or_else(nothing)?.view)
}

/// Answers a question.
pub(crate) async fn answer_question(
    app: &App,
    person: &Person,
    id: QuestionId,
    answer: QuestionAnswer,
) -> ApiResult<QuestionView> {
    let nothing = || ApiError::not_found("question");
    let record = app.store.question(id).await?.ok_or_else(nothing)?;
    may_answer(app, person, &record.at, nothing).await?;
    // What was seen decides first: other items need other answers.
    if answer.digest == record.view.question.digest {
        check::fits(&record.view.question, &answer)?;
    }
    let (by, now) = (by(person), app.now());
    let answered = app
        .store
        .answer_question(id, person.account.id, answer, by, now)
        .await?;
    settle(app, answered.as_ref(), nothing)?;
    Ok(app.store.question(id).await?.ok_or_else(nothing)?.view)
}

async fn may_answer(
    app: &App,
    person: &Person,
    at: &AttemptRef,
    nothing: impl Fn() -> ApiError,
) -> ApiResult<()> {
    jobs::find(app, person, at.job_id)
        .await
        .map_err(|error| match error.problem().code {
            ErrorCode::NotFound => nothing(),
            _ => error,
        })?
        .require(JobAction::Answer)
}

/// Tells the runner and everybody who looks, or says why the answer does not count.
fn settle(app: &App, answered: Option<&Answered>, nothing: impl Fn() -> ApiError) -> ApiResult<()> {
    let conflict = |message: &str| Err(ApiError::new(ErrorCode::Conflict, message));
    match answered {
        Some(Answered::Sent(at)) => {
            app.live
                .publish(at.workspace_id, Change::Job { job_id: at.job_id });
            app.orders_for(at.runner_id);
            Ok(())
        }
        Some(Answered::AlreadyAnswered) => conflict("Somebody has answered already."),
        Some(Answered::Withdrawn) => conflict("No answer is needed any more."),
        Some(Answered::DigestDiffers) => {
            conflict("What is asked is not what you saw. Look at it again and answer then.")
        }
        None => Err(nothing()),
    }
}

fn by(person: &Person) -> AnsweredBy {
    AnsweredBy {
        surface: if person.session.is_some() {
            Surface::Web
        } else {
            Surface::CommandLine
        },
        name: person.account.name.clone(),
    }
}
