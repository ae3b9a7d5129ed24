//! A runner as the machine that it is, in whatever workspaces.

use axum::{Json, extract::State, http::StatusCode};
use protocol::{
    api::{OwnRunnerList, PauseRequest, RunnerUpdate, RunnerView},
    error::Problem,
    ids::RunnerId,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Address;
use crate::{
    app::App,
    auth::Person,
    body::{Body, BodyLimit},
    error::ApiResult,
    fleet,
};

impl BodyLimit for RunnerUpdate {}
impl BodyLimit for PauseRequest {}

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(own))
        .routes(routes!(show, rename, remove))
        .routes(routes!(pause))
        .routes(routes!(resume))
}

/// The account's runners by name, and after them those that were removed in the last 90 days.
#[utoipa::path(get, path = "/api/v1/account/runners", operation_id = "own_runners", tag = "runners",
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = OwnRunnerList), (status = 401, body = Problem)))]
async fn own(State(app): State<App>, person: Person) -> ApiResult<Json<OwnRunnerList>> {
    let runners = fleet::list_own(&app, &person).await?;
    Ok(Json(OwnRunnerList { runners }))
}

/// One runner, as a workspace sees it that has it in view.
#[utoipa::path(get, path = "/api/v1/runners/{runner}", operation_id = "runner", tag = "runners",
    security(("session" = []), ("token" = [])),
    params(("runner" = RunnerId, Path, description = "The runner's id")),
    responses((status = 200, body = RunnerView), (status = 404, body = Problem)))]
async fn show(
    State(app): State<App>,
    person: Person,
    Address(id): Address<RunnerId>,
) -> ApiResult<Json<RunnerView>> {
    Ok(Json(fleet::find(&app, &person, id).await?))
}

/// Give one of your runners another name, everywhere.
#[utoipa::path(patch, path = "/api/v1/runners/{runner}", operation_id = "rename_runner", tag = "runners",
    security(("session" = []), ("token" = [])),
    params(("runner" = RunnerId, Path, description = "The runner's id")),
    request_body = RunnerUpdate,
    responses(
        (status = 204, description = "It has the name"),
        (status = 400, body = Problem),
        (status = 403, description = "It belongs to somebody else", body = Problem),
        (status = 404, body = Problem),
        (status = 409, description = "Another runner of yours has the name", body = Problem)))]
async fn rename(
    State(app): State<App>,
    person: Person,
    Address(id): Address<RunnerId>,
    Body(update): Body<RunnerUpdate>,
) -> ApiResult<StatusCode> {
    fleet::rename(&app, &person, id, &update.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deregister one of your runners everywhere: its credentials die, and its attempts end.
#[utoipa::path(delete, path = "/api/v1/runners/{runner}", operation_id = "remove_runner", tag = "runners",
    security(("session" = []), ("token" = [])),
    params(("runner" = RunnerId, Path, description = "The runner's id")),
    responses(
        (status = 204, description = "Removed"),
        (status = 403, description = "It belongs to somebody else", body = Problem),
        (status = 404, body = Problem)))]
async fn remove(
    State(app): State<App>,
    person: Person,
    Address(id): Address<RunnerId>,
) -> ApiResult<StatusCode> {
    fleet::remove(&app, &person, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ask one of your runners to take no new job for a while; it says itself when it does.
#[utoipa::path(post, path = "/api/v1/runners/{runner}/pause", operation_id = "pause_runner", tag = "runners",
    security(("session" = []), ("token" = [])),
    params(("runner" = RunnerId, Path, description = "The runner's id")),
    request_body = PauseRequest,
    responses(
        (status = 204, description = "It is asked"),
        (status = 400, body = Problem),
        (status = 403, description = "It belongs to somebody else", body = Problem),
        (status = 404, body = Problem)))]
async fn pause(
    State(app): State<App>,
    person: Person,
    Address(id): Address<RunnerId>,
    Body(request): Body<PauseRequest>,
) -> ApiResult<StatusCode> {
    fleet::pause(&app, &person, id, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ask one of your runners to take jobs again.
#[utoipa::path(post, path = "/api/v1/runners/{runner}/resume", operation_id = "resume_runner", tag = "runners",
    security(("session" = []), ("token" = [])),
    params(("runner" = RunnerId, Path, description = "The runner's id")),
    responses(
        (status = 204, description = "It is asked"),
        (status = 403, description = "It belongs to somebody else", body = Problem),
        (status = 404, body = Problem)))]
async fn resume(
    State(app): State<App>,
    person: Person,
    Address(id): Address<RunnerId>,
) -> ApiResult<StatusCode> {
    fleet::resume(&app, &person, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
