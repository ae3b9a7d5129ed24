//! What happens to jobs, told to the people whose jobs they are.

use protocol::{api::NotificationKind, ids::AccountId, job::JobState, time::Timestamp};

use super::{Notice, tell};
use crate::{
    AttemptRef, Result,
    engine::{Conn, sql},
};

/// An agent waits for permission.
pub(crate) async fn approval_waits(
    tx: &mut Conn,
    at: AttemptRef,
    about: String,
    now: Timestamp,
) -> Result<()> {
    let says = "an agent waits for permission";
    tell_all(tx, at, NotificationKind::ApprovalWaiting, about, says, now).await
}

/// An agent has a question.
pub(crate) async fn question_waits(
    tx: &mut Conn,
    at: AttemptRef,
    about: String,
    now: Timestamp,
) -> Result<()> {
    let says = "an agent has a question";
    tell_all(tx, at, NotificationKind::QuestionWaiting, about, says, now).await
}

/// The job is done or has failed, by this attempt.
pub(crate) async fn job_is_over(
    tx: &mut Conn,
    at: AttemptRef,
    state: JobState,
    now: Timestamp,
) -> Result<()> {
    let (kind, says) = match state {
        JobState::Done => (NotificationKind::JobDone, "done"),
        JobState::Failed => (NotificationKind::JobFailed, "failed"),
        JobState::Backlog
        | JobState::Ready
        | JobState::InProgress
        | JobState::AwaitingReview
        | JobState::Cancelled => return Ok(()),
    };
    tell_all(tx, at, kind, at.attempt_id.to_string(), says, now).await
}

/// With its attempt, what it asked is over.
pub(crate) async fn asks_are_over(tx: &mut Conn, at: AttemptRef, now: Timestamp) -> Result<()> {
    tx.run(sql!(
        "UPDATE notifications SET read_at = $2, changed_at = $2
         WHERE job_id = $1 AND kind IN ('approval_waiting', 'question_waiting')
           AND read_at IS NULL",
        at.job_id,
        now
    ))
    .await?;
    Ok(())
}

async fn tell_all(
    tx: &mut Conn,
    at: AttemptRef,
    kind: NotificationKind,
    about: String,
    says: &str,
    now: Timestamp,
) -> Result<()> {
    let Some(job) = tx
        .one(sql!(
            "SELECT number, title FROM jobs WHERE id = $1",
            at.job_id
        ))
        .await?
    else {
        return Ok(());
    };
    let (number, title) = (job.count("number")?, job.text("title")?);
    for account_id in people_of(tx, at).await? {
        let notice = Notice {
            account_id,
            kind,
            about: about.clone(),
            text: format!("#{number} {title}: {says}"),
            workspace_id: Some(at.workspace_id),
            job_id: Some(at.job_id),
            runner_id: None,
        };
        tell(tx, &notice, now).await?;
    }
    Ok(())
}

/// Whose job it is: its submitter, and those of its team who work on it; members all.
async fn people_of(tx: &mut Conn, at: AttemptRef) -> Result<Vec<AccountId>> {
    tx.all(sql!(
        "SELECT m.account_id FROM members m
         JOIN jobs j ON j.workspace_id = m.workspace_id
         LEFT JOIN job_team t ON t.job_id = j.id AND t.account_id = m.account_id
         WHERE j.id = $1
           AND (m.account_id = j.created_by OR t.role IN ('lead', 'editor'))",
        at.job_id
    ))
    .await?
    .iter()
    .map(|row| row.parsed("account_id"))
    .collect()
}
