//! Approvals, and at most one web answer for each.

use protocol::{
    api::ApprovalView,
    approval::{AnsweredBy, ApprovalAnswer},
    ids::{AccountId, ApprovalId, JobId, WorkspaceId},
    time::Timestamp,
};

use crate::{AttemptRef, Error, Result, Store};

/// An approval with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalRecord {
    /// Of which attempt.
    pub at: AttemptRef,
    /// As people see it.
    pub view: ApprovalView,
}

/// What came of a person's answer to an approval or a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// It is on its way to the runner.
    Sent(AttemptRef),
    /// Somebody has answered before, here or at the machine.
    AlreadyAnswered,
    /// No answer is needed any more.
    Withdrawn,
    /// What was seen is not what is asked.
    DigestDiffers,
}

impl Store {
    /// The approval.
    pub async fn approval(&self, id: ApprovalId) -> Result<Option<ApprovalRecord>> {
        let _ = id;
        Err(Error::Closed)
    }

    /// Keeps a person's answer and orders the runner to apply it; none when there is no such approval.
    pub async fn answer_approval(
        &self,
        id: ApprovalId,
        account_id: AccountId,
        answer: ApprovalAnswer,
        by: AnsweredBy,
        now: Timestamp,
    ) -> Result<Option<Answered>> {
        let _ = (id, account_id, answer, by, now);
        Err(Error::Closed)
    }

    /// Approvals of the newest attempt of a job, newest first.
    pub async fn approvals_of(&self, job_id: JobId) -> Result<Vec<ApprovalView>> {
        let _ = job_id;
        Err(Error::Closed)
    }

    /// Approvals of a workspace that wait for a person, oldest first.
    pub async fn pending_approvals(&self, workspace_id: WorkspaceId) -> Result<Vec<ApprovalView>> {
        let _ = workspace_id;
        Err(Error::Closed)
    }
}
