//! `coord runner approvals`: on this machine, also while the coordinator is away.

use std::path::Path;

use control::{message::Request, state::WaitingApproval};
use protocol::{
    approval::{ApprovalAnswer, Decision, Surface},
    rule::RuleDraft,
};
use serde_json::json;

use super::client;
use crate::{
    answers::{always::decided, approvals::said, pick::pick},
    arguments::{ApprovalsCommand, LocalAnswers},
    context::Context,
    exit::Done,
    format,
};

/// Shows or answers what waits.
pub(super) async fn run(
    context: &Context,
    data: &Path,
    arguments: LocalAnswers<ApprovalsCommand>,
) -> Done {
    let state = client::running_state(data).await?;
    match arguments.command.unwrap_or_default() {
        ApprovalsCommand::List => context
            .output
            .result(&state.approvals, || listed(&state.approvals)),
        ApprovalsCommand::Allow {
            id,
            for_job,
            always,
        } => {
            let waiting = pick(&state.approvals, |one| one.approval.id, &id, "approval")?;
            let (decision, rule) = decided(&waiting.approval, for_job, always)?;
            answer(context, data, waiting, decision, None, rule).await
        }
        ApprovalsCommand::Deny { id, note } => {
            let waiting = pick(&state.approvals, |one| one.approval.id, &id, "approval")?;
            answer(context, data, waiting, Decision::Deny, note, None).await
        }
    }
}

async fn answer(
    context: &Context,
    data: &Path,
    waiting: &WaitingApproval,
    decision: Decision,
    note: Option<String>,
    rule: Option<RuleDraft>,
) -> Done {
    let request = Request::AnswerApproval {
        approval_id: waiting.approval.id,
        answer: ApprovalAnswer {
            decision,
            digest: waiting.approval.digest.clone(),
            note,
            rule,
        },
        surface: Surface::CommandLine,
    };
    client::call(data, request).await?;
    let result = json!({"approval_id": waiting.approval.id, "decision": decision});
    let action = format::action(&waiting.approval.subject.action);
    context.output.result(&result, || said(decision, &action))
}

fn listed(waiting: &[WaitingApproval]) -> String {
    if waiting.is_empty() {
        return "Nothing waits for permission.".to_owned();
    }
    let one =
        |one: &WaitingApproval| format::approval_lines(one.job_number, &one.title, &one.approval);
    waiting.iter().map(one).collect::<Vec<_>>().join("\n")
}
