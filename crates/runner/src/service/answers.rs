//! What a person at this machine says to an attempt: answers, and its end.
//!
//! Answers from the web come as orders of the sync; the worker applies whichever
//! reaches it first, and the record says whose it was.

use control::state::ServiceState;
use protocol::{
    approval::{AnsweredBy, ApprovalAnswer, Surface},
    error::{ErrorCode, Problem},
    ids::{ApprovalId, AttemptId, QuestionId},
    question::QuestionAnswer,
};
use tokio::sync::oneshot;

use super::{
    attempts::Command,
    rules::{self, Ready},
    shared::Shared,
};
use crate::link::EndReason;

/// Answers an approval that waits on this machine.
pub(crate) async fn approval(
    shared: &Shared,
    approval_id: ApprovalId,
    answer: ApprovalAnswer,
    surface: Surface,
) -> Result<(), Problem> {
    let state = shared.board.now();
    let waiting = state
        .approvals
        .iter()
        .find(|waiting| waiting.approval.id == approval_id)
        .ok_or_else(|| settled_already(&state, &approval_id.to_string()))?;
    let by = person(shared, surface);
    rules::fits(&waiting.approval, &answer)?;
    let Ready { answer, rule } = rules::of_owner(shared, answer, &by).await?;
    let made = rule.as_ref().map(|rule| rule.id);
    let told = tell(shared, waiting.attempt_id, |reply| {
        Command::AnswerApproval {
            approval_id,
            answer,
            by,
            rule,
            reply,
        }
    })
    .await;
    // A worker that does not answer may have applied it: then the rule stays, as it was wished.
    if told
        .as_ref()
        .is_err_and(|problem| problem.code != ErrorCode::Unavailable)
    {
        rules::take_back(shared, made).await;
    } else {
        rules::release(shared, made).await;
    }
    told
}

/// Answers a question that waits on this machine.
pub(crate) async fn question(
    shared: &Shared,
    question_id: QuestionId,
    answer: QuestionAnswer,
    surface: Surface,
) -> Result<(), Problem> {
    let state = shared.board.now();
    let waiting = state
        .questions
        .iter()
        .find(|waiting| waiting.question.id == question_id)
        .ok_or_else(|| settled_already(&state, &question_id.to_string()))?;
    let by = person(shared, surface);
    tell(shared, waiting.attempt_id, |reply| {
        Command::AnswerQuestion {
            question_id,
            answer,
            by,
            reply,
        }
    })
    .await
}

/// Ends one attempt, as the owner of this machine wishes.
pub(crate) fn cancel(shared: &Shared, attempt: AttemptId) -> Result<(), Problem> {
    let by = person(shared, Surface::Window).name;
    let entry = shared.attempts.get(attempt).ok_or_else(no_attempt)?;
    if entry.tell(Command::End(EndReason::Cancelled { by })) {
        return Ok(());
    }
    Err(busy())
}

async fn tell(
    shared: &Shared,
    attempt: AttemptId,
    command: impl FnOnce(oneshot::Sender<Result<(), Problem>>) -> Command,
) -> Result<(), Problem> {
    let entry = shared.attempts.get(attempt).ok_or_else(no_attempt)?;
    let (reply, answer) = oneshot::channel();
    if !entry.tell(command(reply)) {
        return Err(busy());
    }
    answer.await.unwrap_or_else(|_| Err(busy()))
}

/// Who sits at this machine: whoever signed it in.
pub(super) fn person(shared: &Shared, surface: Surface) -> AnsweredBy {
    let account = shared.board.now().account.clone();
    AnsweredBy {
        surface,
        name: account.map_or_else(
            || "somebody at the runner's machine".to_owned(),
            |account| account.name,
        ),
    }
}

fn settled_already(state: &ServiceState, id: &str) -> Problem {
    let first = state.settled.iter().find(|settled| settled.id == id);
    let why = match first {
        Some(settled) => format!("It has been answered already, by {}.", settled.by),
        None => {
            "It has been answered already, or the agent does not wait for it any more.".to_owned()
        }
    };
    Problem::new(ErrorCode::Conflict, why)
}

fn no_attempt() -> Problem {
    Problem::new(
        ErrorCode::NotFound,
        "No such attempt is under way on this machine.",
    )
}

/// More is asked than can be done at the moment.
pub(crate) fn busy() -> Problem {
    Problem::new(ErrorCode::Unavailable, "The runner is busy.").hint("Try again in a moment.")
}
