//! Answers of people to approvals and questions: at most one each, and an order to the runner.

mod check;

use lifecycle::permission::rule::{self, NotARule};
use protocol::{
    api::{ApprovalView, Change, QuestionView},
    approval::{AnsweredBy, ApprovalAnswer, Decision, Surface},
    error::ErrorCode,
    ids::{ApprovalId, QuestionId},
    question::QuestionAnswer,
    time::Timestamp,
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
    if answer.decision == Decision::AllowAlways {
        may_allow_always(person, &record.view, &answer, app.now())?;
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

/// A rule outlives the job and concerns the machine, so it is for the machine's owner.
///
/// The runner asks the same again: it keeps no rule on this side's word alone.
fn may_allow_always(
    person: &Person,
    view: &ApprovalView,
    answer: &ApprovalAnswer,
    now: Timestamp,
) -> ApiResult<()> {
    if view.owner_id != Some(person.account.id) {
        let text = "Only the owner of the machine may allow something always.";
        return Err(ApiError::new(ErrorCode::Forbidden, text)
            .hint("Allow it for this job instead, or ask the machine's owner."));
    }
    let Some(draft) = &answer.rule else {
        let text = "Allowing always needs the rule that is to be kept.";
        return Err(ApiError::new(ErrorCode::Invalid, text));
    };
    let not_a_rule =
        |why| ApiError::new(ErrorCode::Invalid, format!("This cannot be a rule: {why}."));
    rule::accept(draft, now).map_err(not_a_rule)?;
    // The runner would keep no such rule either, and allow what is asked for the job alone.
    let approval = &view.approval;
    let (action, proposed) = (&approval.subject.action, approval.proposed.as_ref());
    if rule::is_for_something_else(&draft.matches, action, proposed) {
        return Err(not_a_rule(NotARule::CoversOther));
    }
    Ok(())
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
        Some(Answered::AlreadyAnswered(Some(by))) => {
            conflict(&format!("It has been answered already, by {by}."))
        }
        Some(Answered::AlreadyAnswered(None)) => conflict("Somebody has answered already."),
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
