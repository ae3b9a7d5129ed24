//! An attempt's record: events, log, and the log as plain text.

use axum::{
    Json,
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use protocol::{
    api::{EventPage, LogMatches, LogPage},
    error::{ErrorCode, Problem},
    ids::JobId,
};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::page::{Address, Asked, ENTRIES_PER_PAGE_MAX, EntriesAsked};
use crate::{
    app::App,
    auth::Person,
    error::{ApiError, ApiResult},
    records::{self, Matches, Page},
};

/// Longest words that a log is searched for.
const SEARCH_BYTES_MAX: usize = 1000;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(events))
        .routes(routes!(log))
        .routes(routes!(search))
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
    let entries = records::log_entries(&app, attempt, asked.after, limit).await?;
    Page::of_log(entries.ok_or_else(|| ApiError::not_found("attempt"))?).map(Json)
}

/// What to look for in a log.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct SearchAsked {
    /// The words, in any case.
    #[serde(default)]
    words: String,
    /// In entries after this number.
    #[serde(default)]
    after: u64,
    /// At most so many.
    #[serde(default = "a_page_of_matches")]
    limit: u32,
}

const fn a_page_of_matches() -> u32 {
    100
}

/// Log entries of an attempt that hold some words, in order. One call reads a part of a
/// long log: ask again after `reached` while that is less than `last`.
#[utoipa::path(get, path = "/api/v1/jobs/{id}/attempts/{number}/log/search", operation_id = "search_attempt_log", tag = "jobs",
    security(("session" = []), ("token" = [])),
    params(
        ("id" = JobId, Path, description = "The job's id"),
        ("number" = u32, Path, description = "The attempt's number"),
        SearchAsked),
    responses(
        (status = 200, body = LogMatches),
        (status = 400, body = Problem),
        (status = 404, body = Problem)))]
async fn search(
    State(app): State<App>,
    person: Person,
    Address((id, number)): Address<(JobId, u32)>,
    Asked(asked): Asked<SearchAsked>,
) -> ApiResult<Json<Matches>> {
    let attempt = records::find(&app, &person, id, number)
        .await?
        .at
        .attempt_id;
    if asked.words.is_empty() || asked.words.len() > SEARCH_BYTES_MAX {
        let message = format!("Look for 1 to {SEARCH_BYTES_MAX} bytes of text.");
        return Err(ApiError::new(ErrorCode::Invalid, message));
    }
    let limit = asked.limit.clamp(1, ENTRIES_PER_PAGE_MAX) as usize;
    let found = records::search(&app, attempt, &asked.words, asked.after, limit).await?;
    found
        .map(Json)
        .ok_or_else(|| ApiError::not_found("attempt"))
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
