//! `coord approvals`: on the coordinator.

use protocol::{
    api::{AnswerStatus, ApprovalView},
    approval::{ApprovalAnswer, Decision},
    rule::RuleDraft,
};

use super::{always::decided, pick::pick};
use crate::{
    arguments::{Approvals, ApprovalsCommand},
    client::Client,
    context::Context,
    exit::Done,
    format,
};

/// Shows or answers what waits.
pub(crate) async fn run(context: &Context, arguments: Approvals) -> Done {
    let client = Client::signed_in(context, arguments.remote.server.as_deref()).await?;
    let workspace = client.workspace(arguments.workspace.as_deref()).await?;
    let waiting = client.pending(&workspace).await?.approvals;
    match arguments.command.unwrap_or_default() {
        ApprovalsCommand::List => context.output.result(&waiting, || listed(&waiting)),
        ApprovalsCommand::Allow {
            id,
            for_job,
            always,
        } => {
            let view = pick(&waiting, |view| view.approval.id, &id, "approval")?;
            let (decision, rule) = decided(&view.approval, for_job, always)?;
            answer(context, &client, view, decision, None, rule).await
        }
        ApprovalsCommand::Deny { id, note } => {
            let view = pick(&waiting, |view| view.approval.id, &id, "approval")?;
            answer(context, &client, view, Decision::Deny, note, None).await
        }
    }
}

async fn answer(
    context: &Context,
    client: &Client,
    view: &ApprovalView,
    decision: Decision,
    note: Option<String>,
    rule: Option<RuleDraft>,
) -> Done {
    let answer = ApprovalAnswer {
        decision,
        digest: view.approval.digest.clone(),
        note,
        rule,
    };
    let answered = client.answer_approval(view.approval.id, &answer).await?;
    context.output.result(&answered, || {
        said(decision, &format::action(&view.approval.subject.action))
    })
}

/// What was done, in words.
pub(crate) fn said(decision: Decision, action: &str) -> String {
    match decision {
        Decision::AllowOnce => format!("Allowed once: {action}"),
        Decision::AllowForJob => format!("Allowed until the job ends: {action}"),
        Decision::AllowAlways => format!("Allowed, and from now on by a rule: {action}"),
        Decision::Deny => format!("Denied: {action}"),
    }
}

fn listed(waiting: &[ApprovalView]) -> String {
    if waiting.is_empty() {
        return "Nothing waits for permission.".to_owned();
    }
    let one = |view: &ApprovalView| {
        let lines = format::approval_lines(view.job_number, &view.job_title, &view.approval);
        match view.status {
            AnswerStatus::Sent => format!("{lines}  an answer is on its way\n"),
            AnswerStatus::Waiting | AnswerStatus::Settled | AnswerStatus::Withdrawn => lines,
        }
    };
    waiting.iter().map(one).collect::<Vec<_>>().join("\n")
}
