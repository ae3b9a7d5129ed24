//! Approvals, and at most one web answer for each.

use lifecycle::attempt::Stage;
use protocol::{
    api::{AnswerStatus, ApprovalView},
    approval::{AnsweredBy, ApprovalAnswer},
    ids::{AccountId, ApprovalId, JobId, WorkspaceId},
    runner::OrderKind,
    time::Timestamp,
};

use crate::{
    AttemptRef, Result, Store,
    engine::{Conn, Row, Value, sql},
    notification,
    order::add_order,
    transition,
};

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
    /// Somebody has answered before, here or at the machine; who and where, when it is known.
    AlreadyAnswered(Option<AnsweredBy>),
    /// No answer is needed any more.
    Withdrawn,
    /// What was seen is not what is asked.
    DigestDiffers,
}

/// The columns of an approval with its job, its attempt and its answer.
macro_rules! select_approval {
    ($rest:literal) => {
        concat!(
            "SELECT p.*, t.runner_id, t.stage, j.number AS job_number, j.title AS job_title,
                    x.answer, x.answered_by, x.answered_at, r.account_id AS owner_id
             FROM approvals p
             JOIN attempts t ON t.id = p.attempt_id
             LEFT JOIN runners r ON r.id = t.runner_id
             JOIN jobs j ON j.id = p.job_id
             LEFT JOIN approval_answers x ON x.approval_id = p.id ",
            $rest
        )
    };
}

impl Store {
    /// The approval.
    pub async fn approval(&self, id: ApprovalId) -> Result<Option<ApprovalRecord>> {
        let mut conn = self.reader().await?;
        conn.one(sql!(select_approval!("WHERE p.id = $1"), id))
            .await?
            .map(|row| {
                Ok(ApprovalRecord {
                    at: AttemptRef::read(&row)?,
                    view: view(&row)?,
                })
            })
            .transpose()
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
        self.write(
            (id, account_id, answer, by, now),
            |tx, (id, account_id, answer, by, now)| {
                Box::pin(answer_approval(tx, *id, *account_id, answer, by, *now))
            },
        )
        .await
    }

    /// Approvals of the newest attempt of a job, newest first.
    pub async fn approvals_of(&self, job_id: JobId) -> Result<Vec<ApprovalView>> {
        let mut conn = self.reader().await?;
        conn.all(sql!(
            select_approval!(
                "WHERE p.job_id = $1
                   AND t.fence = (SELECT MAX(n.fence) FROM attempts n
                                  WHERE n.job_id = $1 AND n.number IS NOT NULL)
                 ORDER BY p.event_n DESC"
            ),
            job_id
        ))
        .await?
        .iter()
        .map(view)
        .collect()
    }

    /// Approvals of a workspace that wait for a person, oldest first.
    pub async fn pending_approvals(&self, workspace_id: WorkspaceId) -> Result<Vec<ApprovalView>> {
        let mut conn = self.reader().await?;
        conn.all(sql!(
            select_approval!(
                "WHERE p.workspace_id = $1 AND p.state = 'waiting' AND t.stage = 'held'
                   AND x.approval_id IS NULL
                 ORDER BY p.id"
            ),
            workspace_id
        ))
        .await?
        .iter()
        .map(view)
        .collect()
    }
}

/// How far the answer to something is that is kept as waiting, settled or withdrawn.
pub(crate) fn status(state: &str, held: bool, answered: bool) -> AnswerStatus {
    match (state, held, answered) {
        ("settled", _, _) => AnswerStatus::Settled,
        ("waiting", true, false) => AnswerStatus::Waiting,
        ("waiting", true, true) => AnswerStatus::Sent,
        // With its attempt, what it asked is over too.
        _ => AnswerStatus::Withdrawn,
    }
}

fn view(row: &Row) -> Result<ApprovalView> {
    let answer: Option<ApprovalAnswer> = row.json_option("answer")?;
    let held = row.text("stage")? == "held";
    let status = status(&row.text("state")?, held, answer.is_some());
    let sent = status == AnswerStatus::Sent;
    let (decision, by, answered_at) = if sent {
        (
            answer.map(|answer| answer.decision),
            row.json_option("answered_by")?,
            row.time_option("answered_at")?,
        )
    } else {
        (
            row.word_option("decision")?,
            row.json_option("settled_by")?,
            row.time_option("settled_at")?,
        )
    };
    Ok(ApprovalView {
        job_id: row.parsed("job_id")?,
        job_number: row.count("job_number")?,
        job_title: row.text("job_title")?,
        approval: row.json("approval")?,
        status,
        decision,
        by,
        answered_at,
        owner_id: row.parsed_option("owner_id")?,
    })
}

async fn answer_approval(
    tx: &mut Conn,
    id: ApprovalId,
    account_id: AccountId,
    answer: &ApprovalAnswer,
    by: &AnsweredBy,
    now: Timestamp,
) -> Result<Option<Answered>> {
    let Some(row) = tx
        .one(sql!("SELECT attempt_id FROM approvals WHERE id = $1", id))
        .await?
    else {
        return Ok(None);
    };
    let Some(standing) = transition::load(tx, row.parsed("attempt_id")?).await? else {
        return Ok(None);
    };
    // Read only once the attempt's row is held, since its record may settle it meanwhile.
    let Some(row) = tx
        .one(sql!(
            "SELECT state, digest, settled_by FROM approvals WHERE id = $1",
            id
        ))
        .await?
    else {
        return Ok(None);
    };
    let held = matches!(standing.attempt.stage, Stage::Held { .. });
    match (row.text("state")?.as_str(), held) {
        ("settled", _) => {
            let by = row.json_option("settled_by")?;
            return Ok(Some(Answered::AlreadyAnswered(by)));
        }
        ("waiting", true) => {}
        _ => return Ok(Some(Answered::Withdrawn)),
    }
    if row.text("digest")? != answer.digest {
        return Ok(Some(Answered::DigestDiffers));
    }
    let first = tx
        .run(sql!(
            "INSERT INTO approval_answers
             (approval_id, account_id, answer, answered_by, answered_at)
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (approval_id) DO NOTHING",
            id,
            account_id,
            Value::json(answer),
            Value::json(by),
            now
        ))
        .await?;
    if first == 0 {
        let before = tx
            .one(sql!(
                "SELECT answered_by FROM approval_answers WHERE approval_id = $1",
                id
            ))
            .await?;
        let by = match before {
            Some(row) => row.json_option("answered_by")?,
            None => None,
        };
        return Ok(Some(Answered::AlreadyAnswered(by)));
    }
    let order = OrderKind::AnswerApproval {
        approval_id: id,
        answer: answer.clone(),
        by: by.clone(),
        account_id: Some(account_id),
    };
    add_order(tx, standing.at, &id.to_string(), &order, now).await?;
    notification::settled(tx, &id.to_string(), now).await?;
    Ok(Some(Answered::Sent(standing.at)))
}
