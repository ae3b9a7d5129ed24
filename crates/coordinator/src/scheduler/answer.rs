//! A sync, from its arrival to its answer.
//!
//! What it says is written down first; then it is answered at once when there is
//! something to answer, and parked until there is when not. A lost answer costs
//! nothing, since the next sync reads the same assignments and orders again.

use std::{sync::Arc, time::Duration};

use lifecycle::sync_order::{self, Position};
use protocol::{
    error::ErrorCode,
    ids::{OrderId, RunnerId},
    limits::SYNC_HOLD_MS,
    runner::{Order, PauseWish, RunnerSettings, SyncRequest, SyncResponse},
    time::Timestamp,
    version::VersionRange,
};
use store::{Runner, SyncAccepted, SyncRefused};
use tokio::time::Instant;

use super::parked::Woken;
use crate::{
    app::App,
    changes,
    error::{ApiError, ApiResult},
};

/// Takes a sync in, and answers it when there is something to say or its time is over.
pub(crate) async fn sync(
    app: &App,
    runner_id: RunnerId,
    request: SyncRequest,
) -> ApiResult<SyncResponse> {
    check_version(request.protocol)?;
    let hold_max = SYNC_HOLD_MS.min(app.store.terms().hold_ms_max());
    let ends = Instant::now() + Duration::from_millis(request.hold_ms.min(hold_max));
    let position = Position::of(&request);
    let hold = request.hold_ms > 0;
    let kept = request.orders_kept.clone();
    let now = app.store.now(app.now()).await?;
    let accepted = app
        .store
        .accept_sync(runner_id, request, now)
        .await?
        .map_err(refused)?;
    failpoints::reached("coordinator.sync.accepted");
    announce(app, &accepted).await?;
    let runner = Arc::new(accepted.runner.clone());
    let Some(parked) = app.scheduler.park(runner, position) else {
        return Err(refused(SyncRefused::Order(sync_order::Refused::Stale)));
    };
    // Parked before it looks, so that whatever comes in between wakes it. One that is
    // not held may go by what its own transaction saw.
    let mut answer = if hold || accepted.awaited {
        look(app, &accepted).await?
    } else {
        nothing_waits(&accepted, now)
    };
    if hold && !says_something(app, &accepted.runner, position, &answer, &kept) {
        app.scheduler.poke();
    }
    while hold && !says_something(app, &accepted.runner, position, &answer, &kept) {
        tokio::select! {
            woken = parked.woken() => match woken {
                Woken::Look => answer = look(app, &accepted).await?,
                Woken::Replaced => {
                    return Err(refused(SyncRefused::Order(sync_order::Refused::Stale)));
                }
            },
            () = tokio::time::sleep_until(ends) => break,
            () = app.stopping.cancelled() => break,
        }
    }
    let wish = answer.settings.pause_wish.as_ref();
    app.scheduler
        .tell_wish(runner_id, position.boot_id, wish.map(|wish| wish.revision));
    answer.now = app.store.now(app.now()).await?;
    metrics::counter!("coord_syncs_total", "outcome" => "answered").increment(1);
    Ok(answer)
}

/// What there is to say now.
async fn look(app: &App, accepted: &SyncAccepted) -> ApiResult<SyncResponse> {
    let id = accepted.runner.id;
    let now = app.store.now(app.now()).await?;
    let (mut assignments, orders, settings) = tokio::try_join!(
        app.store.undelivered_assignments(id, now),
        app.store.pending_orders(id, now),
        app.store.runner_settings(id)
    )?;
    let settings = settings.ok_or_else(|| refused(SyncRefused::Removed))?;
    for assignment in &mut assignments {
        assignment.url.insert_str(0, &app.public_url);
    }
    Ok(SyncResponse {
        assignments,
        orders,
        settings,
        ..nothing_waits(accepted, now)
    })
}

/// What there is to say when nothing waits for the runner.
fn nothing_waits(accepted: &SyncAccepted, now: Timestamp) -> SyncResponse {
    SyncResponse {
        leases: accepted.leases.clone(),
        stop: accepted.stop.clone(),
        assignments: Vec::new(),
        orders: Vec::new(),
        send_capabilities: accepted.send_capabilities,
        settings: RunnerSettings {
            name: accepted.runner.name.clone(),
            pause_wish: accepted.runner.pause_wish.clone(),
        },
        now,
    }
}

/// Whether the answer changes anything for a runner that has written `kept` down.
fn says_something(
    app: &App,
    runner: &Runner,
    position: Position,
    answer: &SyncResponse,
    kept: &[OrderId],
) -> bool {
    let is_new = |order: &Order| !kept.contains(&order.id);
    // A wish is told at once when it is new to this start, and with every answer until it is done.
    let is_news = |wish: &PauseWish| {
        let told = app.scheduler.told_wish(runner.id, position.boot_id);
        told < wish.revision
    };
    answer.send_capabilities
        || answer.settings.name != runner.name
        || answer.settings.pause_wish.as_ref().is_some_and(is_news)
        || !answer.stop.is_empty()
        || !answer.assignments.is_empty()
        || answer.orders.iter().any(is_new)
}

async fn announce(app: &App, accepted: &SyncAccepted) -> ApiResult<()> {
    let back = || accepted.not_taken.iter().chain(&accepted.forgotten);
    for at in accepted.announced.iter().chain(back()) {
        changes::attempt(app, *at);
    }
    if back().next().is_some() {
        app.work_changed();
    }
    if accepted.changed {
        changes::runner(app, accepted.runner.account_id, accepted.runner.id).await?;
    }
    Ok(())
}

fn check_version(version: u32) -> ApiResult<()> {
    let theirs = VersionRange {
        min: version,
        max: version,
    };
    if VersionRange::OURS.common_with(theirs).is_some() {
        return Ok(());
    }
    Err(version_unsupported(theirs))
}

/// The refusal of a runner that is too old or too new.
pub(crate) fn version_unsupported(theirs: VersionRange) -> ApiError {
    let ours = VersionRange::OURS;
    let hint = if theirs.max < ours.min {
        "Update the runner."
    } else {
        "Update the coordinator."
    };
    ApiError::new(
        ErrorCode::VersionUnsupported,
        format!(
            "The runner speaks versions {} to {} of the protocol, this coordinator {} to {}.",
            theirs.min, theirs.max, ours.min, ours.max
        ),
    )
    .hint(hint)
}

fn refused(why: SyncRefused) -> ApiError {
    let (code, outcome, hint) = match why {
        SyncRefused::Order(order) => (
            order.code(),
            match order {
                sync_order::Refused::Stale => "stale",
                sync_order::Refused::Superseded => "superseded",
            },
            "Only the newest sync of a runner's newest start counts.",
        ),
        SyncRefused::Removed => (
            ErrorCode::RunnerRemoved,
            "removed",
            "Sign the runner in again to register it anew.",
        ),
    };
    metrics::counter!("coord_syncs_total", "outcome" => outcome).increment(1);
    let mut message = why.to_string();
    message.push('.');
    ApiError::new(code, message).hint(hint)
}
