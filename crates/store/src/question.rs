//! Questions, and at most one web answer for each.

use lifecycle::attempt::Stage;
use protocol::{
    api::{AnswerStatus, QuestionView},
    approval::AnsweredBy,
    ids::{AccountId, JobId, QuestionId, WorkspaceId},
    question::QuestionAnswer,
    runner::OrderKind,
    time::Timestamp,
};

use crate::{
    Answered, AttemptRef, Result, Store,
    approval::status,
    engine::{Conn, Row, Value, sql},
    notification,
    order::add_order,
    transition,
};

/// A question with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionRecord {
    /// Of which attempt.
    pub at: AttemptRef,
    /// As people see it.
    pub view: QuestionView,
}

/// The columns of a question with its job, its attempt and its answer.
macro_rules! select_question {
    ($rest:literal) => {
        concat!(
            "SELECT q.*, t.runner_id, t.stage, j.number AS job_number, j.title AS job_title,
                    x.answer, x.answered_by, x.answered_at
             FROM questions q
             JOIN attempts t ON t.id = q.attempt_id
             JOIN jobs j ON j.id = q.job_id
             LEFT JOIN question_answers x ON x.question_id = q.id ",
            $rest
        )
    };
}

impl Store {
    /// The question.
    pub async fn question(&self, id: QuestionId) -> Result<Option<QuestionRecord>> {
        let mut conn = self.reader().await?;
        conn.one(sql!(select_question!("WHERE q.id = $1"), id))
            .await?
            .map(|row| {
                Ok(QuestionRecord {
                    at: AttemptRef::read(&row)?,
                    view: view(&row)?,
                })
            })
            .transpose()
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
        self.write(
            (id, account_id, answer, by, now),
            |tx, (id, account_id, answer, by, now)| {
                Box::pin(answer_question(tx, *id, *account_id, answer, by, *now))
            },
        )
        .await
    }

    /// Questions of the newest attempt of a job, newest first.
    pub async fn questions_of(&self, job_id: JobId) -> Result<Vec<QuestionView>> {
        let mut conn = self.reader().await?;
        conn.all(sql!(
            select_question!(
                "WHERE q.job_id = $1
                   AND t.fence = (SELECT MAX(n.fence) FROM attempts n
                                  WHERE n.job_id = $1 AND n.number IS NOT NULL)
                 ORDER BY q.event_n DESC"
            ),
            job_id
        ))
        .await?
        .iter()
        .map(view)
        .collect()
    }

    /// Questions of a workspace that wait for a person, oldest first.
    pub async fn pending_questions(&self, workspace_id: WorkspaceId) -> Result<Vec<QuestionView>> {
        let mut conn = self.reader().await?;
        conn.all(sql!(
            select_question!(
                "WHERE q.workspace_id = $1 AND q.state = 'waiting' AND t.stage = 'held'
                   AND x.question_id IS NULL
                 ORDER BY q.id"
            ),
            workspace_id
        ))
        .await?
        .iter()
        .map(view)
        .collect()
    }
}

fn view(row: &Row) -> Result<QuestionView> {
    let answer: Option<QuestionAnswer> = row.json_option("answer")?;
    let held = row.text("stage")? == "held";
    let status = status(&row.text("state")?, held, answer.is_some());
    let sent = status == AnswerStatus::Sent;
    let (answers, by, answered_at) = if sent {
        (
            answer.map(|answer| answer.answers),
            row.json_option("answered_by")?,
            row.time_option("answered_at")?,
        )
    } else {
        (
            row.json_option("answers")?,
            row.json_option("settled_by")?,
            row.time_option("settled_at")?,
        )
    };
    Ok(QuestionView {
        job_id: row.parsed("job_id")?,
        job_number: row.count("job_number")?,
        job_title: row.text("job_title")?,
        question: row.json("question")?,
        status,
        answers: answers.unwrap_or_default(),
        by,
        answered_at,
    })
}

async fn answer_question(
    tx: &mut Conn,
    id: QuestionId,
    account_id: AccountId,
    answer: &QuestionAnswer,
    by: &AnsweredBy,
    now: Timestamp,
) -> Result<Option<Answered>> {
    let Some(row) = tx
        .one(sql!("SELECT attempt_id FROM questions WHERE id = $1", id))
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
            "SELECT state, digest, settled_by FROM questions WHERE id = $1",
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
            "INSERT INTO question_answers
             (question_id, account_id, answer, answered_by, answered_at)
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (question_id) DO NOTHING",
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
                "SELECT answered_by FROM question_answers WHERE question_id = $1",
                id
            ))
            .await?;
        let by = match before {
            Some(row) => row.json_option("answered_by")?,
            None => None,
        };
        return Ok(Some(Answered::AlreadyAnswered(by)));
    }
    let order = OrderKind::AnswerQuestion {
        question_id: id,
        answer: answer.clone(),
        by: by.clone(),
    };
    add_order(tx, standing.at, &id.to_string(), &order, now).await?;
    notification::settled(tx, &id.to_string(), now).await?;
    Ok(Some(Answered::Sent(standing.at)))
}
