//! Questions, and at most one web answer for each.

use protocol::{
    api::QuestionView,
    approval::AnsweredBy,
    ids::{AccountId, JobId, QuestionId, WorkspaceId},
    question::QuestionAnswer,
    time::Timestamp,
};

use crate::{Answered, AttemptRef, Error, Result, Store};

/// A question with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionRecord {
    /// Of which attempt.
    pub at: AttemptRef,
    /// As people see it.
    pub view: QuestionView,
}

impl Store {
    /// The question.
    pub async fn question(&self, id: QuestionId) -> Result<Option<QuestionRecord>> {
        let _ = id;
        Err(Error::Closed)
    }

    /// Keeps a person's answer and orders the runner to apply it; none when there is no such question.
    pub async fn answer_question(
        &self,
        id: QuestionId,
        account_id: AccountId,
        answer: QuestionAnswer,
        by: AnsweredBy,
        now: Timestamp,
    ) -> Result<Option<Answered>> {
        let _ = (id, account_id, answer, by, now);
        Err(Error::Closed)
    }

    /// Questions of the newest attempt of a job, newest first.
    pub async fn questions_of(&self, job_id: JobId) -> Result<Vec<QuestionView>> {
        let _ = job_id;
        Err(Error::Closed)
    }

    /// Questions of a workspace that wait for a person, oldest first.
    pub async fn pending_questions(&self, workspace_id: WorkspaceId) -> Result<Vec<QuestionView>> {
        let _ = workspace_id;
        Err(Error::Closed)
    }
}
