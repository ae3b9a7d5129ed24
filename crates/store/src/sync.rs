//! The runner's sync, written down.

mod unlisted;

use std::collections::BTreeSet;

use lifecycle::{
    attempt::{Event, Stage},
    sync_order::{self, Position},
};
use protocol::{
    ids::{AttemptId, RunnerId},
    limits::UNREACHABLE_AFTER_MS,
    runner::{HeldAttempt, LeaseGrant, StopAttempt, StopReason, SyncRequest},
    time::Timestamp,
};

use crate::{
    AttemptRef, Result, Runner, Store,
    engine::{Conn, Row, Value, sql, sql_for_update},
    runner::{moment, refusal},
    transition,
};

/// A sync that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncAccepted {
    /// The runner, as it stands now.
    pub runner: Runner,
    /// Leases that this sync renewed.
    pub leases: Vec<LeaseGrant>,
    /// Attempts to stop.
    pub stop: Vec<StopAttempt>,
    /// Attempts of which people see something else now.
    pub announced: Vec<AttemptRef>,
    /// Attempts that went back because the runner does not take them.
    pub not_taken: Vec<AttemptRef>,
    /// Attempts that it held and has forgotten; they are over.
    pub forgotten: Vec<AttemptRef>,
    /// Whether the runner's capabilities in full are wanted.
    pub send_capabilities: bool,
    /// Whether people see something else of the runner now.
    pub changed: bool,
    /// Whether an assignment or an order waits for it.
    pub awaited: bool,
}

/// A sync that does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SyncRefused {
    /// Another one of the same runner counts more.
    #[error(transparent)]
    Order(#[from] sync_order::Refused),
    /// The runner has been removed.
    #[error("this runner has been removed")]
    Removed,
}

impl Store {
    /// Takes a sync in, if it is the newest of its runner.
    pub async fn accept_sync(
        &self,
        runner_id: RunnerId,
        sync: SyncRequest,
        now: Timestamp,
    ) -> Result<std::result::Result<SyncAccepted, SyncRefused>> {
        self.write((runner_id, sync, now), |tx, (runner_id, sync, now)| {
            Box::pin(accept(tx, *runner_id, sync, *now))
        })
        .await
    }
}

async fn accept(
    tx: &mut Conn,
    runner_id: RunnerId,
    sync: &SyncRequest,
    now: Timestamp,
) -> Result<std::result::Result<SyncAccepted, SyncRefused>> {
    let row = tx
        .one(sql_for_update!(
            "SELECT * FROM runners WHERE id = $1 AND removed_at IS NULL",
            runner_id
        ))
        .await?;
    let Some(row) = row else {
        return Ok(Err(SyncRefused::Removed));
    };
    if let Err(refused) = sync_order::judge(position(&row)?, Position::of(sync)) {
        return Ok(Err(refused.into()));
    }
    let before = Runner::read(&row)?;
    let mut accepted = SyncAccepted {
        send_capabilities: sync.capabilities.is_none()
            && before.capabilities_digest != sync.capabilities_digest,
        runner: before.clone(),
        leases: Vec::new(),
        stop: Vec::new(),
        announced: Vec::new(),
        not_taken: Vec::new(),
        forgotten: Vec::new(),
        changed: false,
        awaited: false,
    };
    // Those of the listed ones that stand as held.
    let mut standing = BTreeSet::new();
    for held in &sync.held {
        if listed(tx, runner_id, held, &mut accepted, now).await? {
            standing.insert(held.attempt_id);
        }
    }
    if before.shared_use != sync.shared_use
        || before.capabilities_digest != sync.capabilities_digest
    {
        refusal::forget(tx, runner_id).await?;
    }
    accepted.not_taken = refusal::take_in(tx, runner_id, &sync.refused, now).await?;
    let written = write_runner(tx, runner_id, sync, now).await?;
    if written.held != standing.len() as u64 {
        let is_listed = |id: AttemptId| sync.held.iter().any(|held| held.attempt_id == id);
        accepted.forgotten = unlisted::end(tx, runner_id, is_listed, now).await?;
    }
    (accepted.runner, accepted.awaited) = (written.runner, written.awaited);
    let after = &accepted.runner;
    moment::synced(tx, &before, after, now).await?;
    accepted.changed = looks_different(&before, after, now);
    Ok(Ok(accepted))
}

/// Whether people see something else of the runner than before this sync.
fn looks_different(before: &Runner, after: &Runner, now: Timestamp) -> bool {
    let came_back = before
        .last_sync_at
        .is_none_or(|at| now.millis_since(at) > UNREACHABLE_AFTER_MS);
    let as_before = Runner {
        last_sync_at: before.last_sync_at,
        ..after.clone()
    };
    came_back || as_before != *before
}

fn position(row: &Row) -> Result<Option<Position>> {
    let (Some(boot_id), Some(_)) = (row.parsed_option("boot_id")?, row.int_option("seq")?) else {
        return Ok(None);
    };
    Ok(Some(Position {
        boot_number: row.count("boot_number")?,
        boot_id,
        seq: row.count("seq")?,
    }))
}

/// A runner, as it stands once its sync was written down.
struct Written {
    runner: Runner,
    /// How many attempts it holds, as it was told.
    held: u64,
    /// Whether an assignment or an order waits for it.
    awaited: bool,
}

/// Writes down what the runner says of itself.
async fn write_runner(
    tx: &mut Conn,
    runner_id: RunnerId,
    sync: &SyncRequest,
    now: Timestamp,
) -> Result<Written> {
    if let Some(capabilities) = &sync.capabilities {
        tx.run(sql!(
            "UPDATE runners SET capabilities = $2, capabilities_digest = $3, runner_version = $4
             WHERE id = $1",
            runner_id,
            Value::json(capabilities),
            &sync.capabilities_digest,
            &capabilities.runner_version
        ))
        .await?;
    }
    let row = tx
        .one(sql!(
            "UPDATE runners SET boot_number = $2, boot_id = $3, seq = $4, last_sync_at = $5,
                 slots_total = $6, slots_free = $7, paused = $8, draining = $9, troubles = $10,
                 shared_use = $11, pause_revision = $12,
                 -- Another start may hear what the one before did not.
                 unanswered = CASE WHEN boot_number = $2 THEN unanswered ELSE 0 END
             WHERE id = $1
             RETURNING *,
                 EXISTS (SELECT 1 FROM attempts
                         WHERE runner_id = $1 AND stage = 'assigned') AS has_assignments,
                 EXISTS (SELECT 1 FROM orders
                         WHERE runner_id = $1 AND done_at IS NULL) AS has_orders,
                 (SELECT COUNT(*) FROM attempts
                  WHERE runner_id = $1 AND stage = 'held') AS held_attempts",
            runner_id,
            sync.boot_number,
            sync.boot_id,
            sync.seq,
            now,
            sync.slots.total,
            sync.slots.free,
            Value::json_option(sync.paused.as_ref()),
            sync.draining,
            Value::json(&sync.troubles),
            Value::json_option(sync.shared_use.as_ref()),
            sync.pause_revision
        ))
        .await?
        .ok_or(sqlx::Error::RowNotFound)?;
    Ok(Written {
        runner: Runner::read(&row)?,
        held: row.count("held_attempts")?,
        awaited: row.flag("has_assignments")? || row.flag("has_orders")?,
    })
}

/// One attempt that the runner says it holds; says whether it does.
async fn listed(
    tx: &mut Conn,
    runner_id: RunnerId,
    held: &HeldAttempt,
    accepted: &mut SyncAccepted,
    now: Timestamp,
) -> Result<bool> {
    let standing = transition::load(tx, held.attempt_id).await?;
    let Some(standing) = standing.filter(|standing| standing.at.runner_id == runner_id) else {
        accepted.stop.push(StopAttempt {
            attempt_id: held.attempt_id,
            reason: StopReason::Unknown,
        });
        return Ok(false);
    };
    let event = Event::Listed {
        fence: held.fence,
        phase: held.phase,
        worker_answered_ms_ago: held.worker_answered_ms_ago,
    };
    match transition::apply(tx, standing, event, now, now).await? {
        Ok(applied) => {
            if applied.granted {
                accepted.leases.push(LeaseGrant {
                    attempt_id: held.attempt_id,
                    fence: held.fence,
                    lease_ms: tx.terms().lease_ms,
                });
            }
            if applied.announced {
                accepted.announced.push(standing.at);
            }
            let stage = applied.standing.attempt.stage;
            Ok(matches!(stage, Stage::Held { .. }))
        }
        Err(refused) => {
            accepted.stop.push(StopAttempt {
                attempt_id: held.attempt_id,
                reason: refused.stop_reason(),
            });
            Ok(false)
        }
    }
}
