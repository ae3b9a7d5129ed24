//! An attempt's record: events, log, and the log as plain text.

use axum::{
    Json,
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use protocol::{
    api::{EventPage, LogPage},
    error::Problem,
    ids::JobId,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::page::{Address, Asked, ENTRIES_PER_PAGE_MAX, EntriesAsked};
use crate::{
    app::App,
    auth::Person,
    error::{ApiError, ApiResult},
    records::{self, Page},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(events))
        .routes(routes!(log))
}

/// Routes that take as long as the reader needs.
pub(super) fn streaming_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(log_text))
}

/// Events of an attempt, in order.
#[utoipa::path(get, path = "/api/v1/jobs/{id}/attempts/{number}/events", operation_id = "attempt_events", tag = "jobs",
    security(("session" = []), ("token" = [])),
    params(
        ("id" = JobId, Path, description = "The job's id"),
        ("number" = u32, Path, description = "The attempt's number"),
        EntriesAsked),
    responses((status = 200, body = EventPage), (status = 404, body = Problem)))]
async fn events(
    State(app): State<App>,
    person: Person,
    Address((id, number)): Address<(JobId, u32)>,
    Asked(asked): Asked<EntriesAsked>,
) -> ApiResult<Json<Page>> {
    let attempt = records::find(&app, &person, id, number)
        .await?
        .at
        .attempt_id;
    let limit = asked.limit.clamp(1, ENTRIES_PER_PAGE_MAX);
    let entries = app.store.events(attempt, asked.after, limit).await?;
    Page::of_events(entries.ok_or_else(|| ApiError::not_found("attempt"))?).map(Json)
}

/// Log entries of an attempt, in order.
#[utoipa::path(get, path = "/api/v1/jobs/{id}/attempts/{number}/log", operation_id = "attempt_log", tag = "jobs",
    security(("session" = []), ("token" = [])),
    params(
        ("id" = JobId, Path, description = "The job's id"),
        ("number" = u32, Path, description = "The attempt's number"),
        EntriesAsked),
    responses((status = 200, body = LogPage), (status = 404, body = Problem)))]
async fn log(
    State(app): State<App>,
    person: Person,
    Address((id, number)): Address<(JobId, u32)>,
    Asked(asked): Asked<EntriesAsked>,
) -> ApiResult<Json<Page>> {
    let attempt = records::find(&app, &person, id, number)
        .await?
        .at
        .attempt_id;
    let limit = asked.limit.clamp(1, ENTRIES_PER_PAGE_MAX);
    let entries = app.store.log(attempt, asked.after, limit).await?;
    Page::of_log(entries.ok_or_else(|| ApiError::not_found("attempt"))?).map(Json)
}

/// The log of an attempt so far, as plain text.
#[utoipa::path(get, path = "/api/v1/jobs/{id}/attempts/{number}/log.txt", operation_id = "attempt_log_text", tag = "jobs",
    security(("session" = []), ("token" = [])),
    params(
        ("id" = JobId, Path, description = "The job's id"),
        ("number" = u32, Path, description = "The attempt's number")),
    responses(
        (status = 200, body = String, content_type = "text/plain"),
        (status = 404, body = Problem)))]
async fn log_text(
    State(app): State<App>,
    person: Person,
    Address((id, number)): Address<(JobId, u32)>,
) -> ApiResult<Response> {
    let attempt = records::find(&app, &person, id, number).await?;
    let text = records::plain_text(&app, &attempt);
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}
