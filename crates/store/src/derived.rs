//! What follows from an event: phase, agent, usage, approvals and questions.
//!
//! Kept in the transaction that keeps the event, so that the two never differ.
//! An event of a newer version is kept as it came, and nothing follows from it.

use lifecycle::attempt::{self, Stage};
use protocol::{
    api::ParkedView,
    approval::Approval,
    ids::AttemptId,
    job::Phase,
    question::Question,
    record::{Event, EventEntry, TurnUsage, Usage},
    time::Timestamp,
};

use crate::{
    Result,
    engine::{Conn, Value, sql},
    notification,
    order::order_done,
    transition::Standing,
};

/// How many turns of an attempt are kept apart; the record has all.
const TURNS_KEPT_MAX: usize = 50;

/// Keeps what follows from `entry`.
pub(crate) async fn follow(
    tx: &mut Conn,
    standing: &Standing,
    entry: &EventEntry,
    now: Timestamp,
) -> Result<()> {
    let id = standing.at.attempt_id;
    match &entry.event {
        Event::PhaseChanged { phase } => phase_changed(tx, standing, *phase, now).await,
        Event::SessionStarted { agent, .. } => tx
            .run(sql!(
                "UPDATE attempts SET agent = $2 WHERE id = $1",
                id,
                agent.as_str()
            ))
            .await
            .map(drop),
        Event::UsageReported { usage, turn } => used(tx, id, usage, turn.as_ref()).await,
        Event::Parked { until, reason } => {
            let parked = ParkedView {
                until: *until,
                reason: reason.clone(),
            };
            set_parked(tx, id, Some(&parked)).await
        }
        Event::Unparked | Event::Ended { .. } => set_parked(tx, id, None).await,
        Event::ApprovalRequested { approval } => {
            approval_requested(tx, standing, entry.n, approval, now).await
        }
        Event::ApprovalSettled { .. }
        | Event::ApprovalWithdrawn { .. }
        | Event::QuestionAsked { .. }
        | Event::QuestionSettled { .. }
        | Event::QuestionWithdrawn { .. } => follow_answer(tx, standing, entry, now).await,
        Event::ToolStarted { .. }
        | Event::ToolEnded { .. }
        | Event::PlanUpdated { .. }
        | Event::Retrying { .. }
        | Event::Notice { .. }
        | Event::Unknown => Ok(()),
    }
}

/// Keeps what an attempt used, in all and by its turns.
async fn used(tx: &mut Conn, id: AttemptId, usage: &Usage, turn: Option<&TurnUsage>) -> Result<()> {
    let row = tx
        .one(sql!("SELECT turns FROM attempts WHERE id = $1", id))
        .await?;
    let mut turns: Vec<TurnUsage> = match row {
        Some(row) => row.json_option("turns")?.unwrap_or_default(),
        None => Vec::new(),
    };
    if let Some(turn) = turn {
        turns.retain(|known| known.turn != turn.turn);
        turns.push(turn.clone());
        let more = turns.len().saturating_sub(TURNS_KEPT_MAX);
        turns.drain(..more);
    }
    tx.run(sql!(
        "UPDATE attempts SET usage = $2, turns = $3 WHERE id = $1",
        id,
        Value::json(usage),
        Value::json(&turns)
    ))
    .await
    .map(drop)
}

async fn set_parked(tx: &mut Conn, id: AttemptId, parked: Option<&ParkedView>) -> Result<()> {
    tx.run(sql!(
        "UPDATE attempts SET parked = $2 WHERE id = $1",
        id,
        Value::json_option(parked)
    ))
    .await
    .map(drop)
}

/// Keeps what follows from questions, and from answers of either kind.
async fn follow_answer(
    tx: &mut Conn,
    standing: &Standing,
    entry: &EventEntry,
    now: Timestamp,
) -> Result<()> {
    let id = standing.at.attempt_id;
    let (about, change) = match &entry.event {
        Event::QuestionAsked { question } => {
            return question_asked(tx, standing, entry.n, question, now).await;
        }
        Event::ApprovalSettled {
            approval_id,
            decision,
            by,
            ..
        } => (
            approval_id.to_string(),
            sql!(
                "UPDATE approvals SET state = 'settled', decision = $3, settled_by = $4,
                     settled_at = $5
                 WHERE id = $1 AND attempt_id = $2",
                *approval_id,
                id,
                Value::word(decision),
                Value::json(by),
                entry.at
            ),
        ),
        Event::ApprovalWithdrawn { approval_id, .. } => (
            approval_id.to_string(),
            sql!(
                "UPDATE approvals SET state = 'withdrawn', settled_at = $3
                 WHERE id = $1 AND attempt_id = $2",
                *approval_id,
                id,
                entry.at
            ),
        ),
        Event::QuestionSettled {
            question_id,
            answers,
            by,
        } => (
            question_id.to_string(),
            sql!(
                "UPDATE questions SET state = 'settled', answers = $3, settled_by = $4,
                     settled_at = $5
                 WHERE id = $1 AND attempt_id = $2",
                *question_id,
                id,
                Value::json(answers),
                Value::json(by),
                entry.at
            ),
        ),
        Event::QuestionWithdrawn { question_id, .. } => (
            question_id.to_string(),
            sql!(
                "UPDATE questions SET state = 'withdrawn', settled_at = $3
                 WHERE id = $1 AND attempt_id = $2",
                *question_id,
                id,
                entry.at
            ),
        ),
        _ => return Ok(()),
    };
    tx.run(change).await?;
    notification::settled(tx, &about, now).await?;
    order_done(tx, &about, id, now).await
}

/// A late event of an attempt that is over does not bring it back to life.
async fn phase_changed(
    tx: &mut Conn,
    standing: &Standing,
    phase: Phase,
    now: Timestamp,
) -> Result<()> {
    let late = attempt::is_late(standing.attempt, standing.facts(now, now));
    if late || !matches!(standing.attempt.stage, Stage::Held { .. }) {
        return Ok(());
    }
    tx.run(sql!(
        "UPDATE attempts SET phase = $2 WHERE id = $1",
        standing.at.attempt_id,
        phase
    ))
    .await?;
    Ok(())
}

async fn approval_requested(
    tx: &mut Conn,
    standing: &Standing,
    n: u64,
    approval: &Approval,
    now: Timestamp,
) -> Result<()> {
    let new = tx
        .run(sql!(
            "INSERT INTO approvals
         (id, attempt_id, job_id, workspace_id, event_n, digest, approval, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting')
         ON CONFLICT (id) DO NOTHING",
            approval.id,
            standing.at.attempt_id,
            standing.at.job_id,
            standing.at.workspace_id,
            n,
            &approval.digest,
            Value::json(approval)
        ))
        .await?;
    // One of an attempt that is over waits for nobody.
    if new > 0 && matches!(standing.attempt.stage, Stage::Held { .. }) {
        notification::approval_waits(tx, standing.at, approval.id.to_string(), now).await?;
    }
    Ok(())
}

async fn question_asked(
    tx: &mut Conn,
    standing: &Standing,
    n: u64,
    question: &Question,
    now: Timestamp,
) -> Result<()> {
    let new = tx
        .run(sql!(
            "INSERT INTO questions
         (id, attempt_id, job_id, workspace_id, event_n, digest, question, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting')
         ON CONFLICT (id) DO NOTHING",
            question.id,
            standing.at.attempt_id,
            standing.at.job_id,
            standing.at.workspace_id,
            n,
            &question.digest,
            Value::json(question)
        ))
        .await?;
    // One of an attempt that is over waits for nobody.
    if new > 0 && matches!(standing.attempt.stage, Stage::Held { .. }) {
        notification::question_waits(tx, standing.at, question.id.to_string(), now).await?;
    }
    Ok(())
}
