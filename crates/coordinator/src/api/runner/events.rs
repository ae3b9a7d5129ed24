//! `POST attempts/{id}/events`: events, the last of which ends the attempt.

use axum::{Json, extract::State};
use lifecycle::attempt::Refused;
use protocol::{
    error::{ErrorCode, Problem},
    ids::AttemptId,
    record::{Event, EventEntry},
    runner::{AppendEvents, Appended},
};
use store::{Entry, OutcomeRefused};

use super::entries::{Upload, answer};
use crate::{
    api::page::Address,
    app::App,
    auth::RunnerCaller,
    body::Body,
    changes,
    error::{ApiError, ApiResult},
    refusals::{fence_moved_on, not_yours},
};

/// Keep events; an `ended` event is the attempt's outcome, and counts once.
#[utoipa::path(post, path = "/api/runner/v1/attempts/{id}/events", operation_id = "runner_append_events",
    tag = "runner protocol", security(("token" = [])),
    params(("id" = AttemptId, Path, description = "The attempt")),
    request_body = AppendEvents,
    responses(
        (status = 200, body = Appended),
        (status = 404, body = Problem, description = "The runner has no such attempt"),
        (status = 409, body = Problem, description = "Entries before these are missing"),
        (status = 410, body = Problem, description = "An outcome under a fence that has moved on")))]
pub(super) async fn append(
    State(app): State<App>,
    caller: RunnerCaller,
    Address(id): Address<AttemptId>,
    Body(upload): Body<Upload>,
) -> ApiResult<Json<Appended>> {
    let fence = upload.fence;
    let mut entries = upload.entries::<EventEntry>()?;
    let ended = take_end(&mut entries)?;
    // What came before the end is kept, even where the end itself is refused.
    let kept = match &ended {
        Some(_) if entries.is_empty() => None,
        Some(_) | None => Some(keep(&app, caller, id, fence, entries).await?),
    };
    match (ended, kept) {
        (Some(ended), _) => end(&app, caller, id, fence, ended).await,
        (None, Some(kept)) => Ok(kept),
        (None, None) => Err(not_yours()),
    }
}

async fn keep(
    app: &App,
    caller: RunnerCaller,
    id: AttemptId,
    fence: u64,
    entries: Vec<Entry<EventEntry>>,
) -> ApiResult<Json<Appended>> {
    let now = app.store.now(app.now()).await?;
    let appended = app
        .store
        .append_events(caller.runner_id, id, fence, entries, now)
        .await?;
    failpoints::reached("coordinator.events.kept");
    if let store::Appended::Kept { at, new, .. } = appended
        && new > 0
    {
        metrics::counter!("coord_entries_total", "stream" => "events").increment(new);
        changes::events(app, at);
    }
    answer(appended)
}

/// The event that ends the attempt, if the upload has it: nothing may follow it.
fn take_end(entries: &mut Vec<Entry<EventEntry>>) -> ApiResult<Option<Entry<EventEntry>>> {
    let is_end = |entry: &Entry<EventEntry>| matches!(entry.value.event, Event::Ended { .. });
    let Some(place) = entries.iter().position(is_end) else {
        return Ok(None);
    };
    if place + 1 != entries.len() {
        return Err(ApiError::new(
            ErrorCode::Invalid,
            "Entries follow after the end of the attempt.",
        ));
    }
    Ok(entries.pop())
}

async fn end(
    app: &App,
    caller: RunnerCaller,
    id: AttemptId,
    fence: u64,
    ended: Entry<EventEntry>,
) -> ApiResult<Json<Appended>> {
    let now = app.store.now(app.now()).await?;
    let accepted = app
        .store
        .accept_outcome(caller.runner_id, id, fence, ended, now)
        .await?
        .map_err(refused)?;
    failpoints::reached("coordinator.outcome.accepted");
    if accepted.new {
        metrics::counter!("coord_entries_total", "stream" => "events").increment(1);
        changes::attempt(app, accepted.at);
        app.work_changed();
    }
    Ok(Json(Appended {
        kept: accepted.last,
    }))
}

fn refused(why: OutcomeRefused) -> ApiError {
    let mut message = why.to_string();
    message.push('.');
    match why {
        OutcomeRefused::NotYours => not_yours(),
        OutcomeRefused::Rule(Refused::NotConfirmed) => ApiError::new(ErrorCode::Conflict, message)
            .hint("List the attempt as held in a sync first."),
        OutcomeRefused::Rule(Refused::NotReportable) | OutcomeRefused::NotAnEnd => {
            ApiError::new(ErrorCode::Invalid, message)
        }
        OutcomeRefused::Rule(
            Refused::StaleFence | Refused::AlreadyEnded | Refused::Cancelled | Refused::Withdrawn,
        ) => fence_moved_on(),
        OutcomeRefused::EventsMissing { .. } | OutcomeRefused::LogMissing { .. } => {
            ApiError::new(ErrorCode::EntriesMissing, message)
        }
    }
}
