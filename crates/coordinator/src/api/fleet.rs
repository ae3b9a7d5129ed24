//! Runners in view of a workspace, and what is done with them there.

mod machine;
mod tagged;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use protocol::{
    api::{
        DisableRequest, RunnerHistory, RunnerList, RunnerRef, RunnerTimeline, RunnerUse,
        RunnerView, SharingChange,
    },
    error::{ErrorCode, Problem},
    ids::{AttemptId, RunnerId},
};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::page::{Address, Asked};
use crate::{
    app::App,
    auth::Person,
    body::{Body, BodyLimit},
    error::{ApiError, ApiResult},
    fleet,
};

impl BodyLimit for SharingChange {}
impl BodyLimit for DisableRequest {}

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(resolve))
        .routes(routes!(show))
        .routes(routes!(history))
        .routes(routes!(timeline))
        .routes(routes!(usage))
        .routes(routes!(share))
        .routes(routes!(disable))
        .routes(routes!(enable))
        .merge(machine::routes())
}

/// Which runners of a list are asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ListAsked {
    /// `me` for the reader's own alone.
    owner: Option<String>,
}

/// The runners in view of a workspace, by name; without what only a runner's own page shows.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/runners", operation_id = "list_runners", tag = "runners",
    security(("session" = []), ("token" = [])),
    params(("workspace" = String, Path, description = "Id or slug"), ListAsked),
    responses(
        (status = 200, body = RunnerList),
        (status = 304, description = "Nothing has changed since the answer with the tag in `If-None-Match`"),
        (status = 400, body = Problem),
        (status = 404, body = Problem)))]
async fn list(
    State(app): State<App>,
    person: Person,
    Address(workspace): Address<String>,
    Asked(asked): Asked<ListAsked>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let member = person.member_of(&app, &workspace).await?;
    let own_only = match asked.owner.as_deref() {
        None => false,
        Some("me") => true,
        Some(_) => {
            return Err(
                ApiError::new(ErrorCode::Invalid, "`owner` can only be `me`.")
                    .hint("Leave it out for every runner in view."),
            );
        }
    };
    let answer = fleet::list(&app, &member, own_only).await?;
    Ok(tagged::answer(&answer, &headers))
}

/// A runner called so: by its short id, or by its name when only one has it.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/runners/resolve", operation_id = "resolve_runner", tag = "runners",
    security(("session" = []), ("token" = [])),
    params(
        ("workspace" = String, Path, description = "Id or slug"),
        ("name" = String, Query, description = "Name or short id")),
    responses(
        (status = 200, body = RunnerRef),
        (status = 404, body = Problem),
        (status = 409, description = "`ambiguous`: several runners have the name", body = Problem)))]
async fn resolve(
    State(app): State<App>,
    person: Person,
    Address(workspace): Address<String>,
    Asked(asked): Asked<Called>,
) -> ApiResult<Json<RunnerRef>> {
    let member = person.member_of(&app, &workspace).await?;
    Ok(Json(fleet::resolve(&app, &member, &asked.name).await?))
}

#[derive(Debug, Deserialize)]
struct Called {
    name: String,
}

/// One runner in view of a workspace.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/runners/{runner}", operation_id = "workspace_runner", tag = "runners",
    security(("session" = []), ("token" = [])),
    params(
        ("workspace" = String, Path, description = "Id or slug"),
        ("runner" = RunnerId, Path, description = "The runner's id")),
    responses((status = 200, body = RunnerView), (status = 404, body = Problem)))]
async fn show(
    State(app): State<App>,
    person: Person,
    Address((workspace, runner)): Address<(String, RunnerId)>,
) -> ApiResult<Json<RunnerView>> {
    let member = person.member_of(&app, &workspace).await?;
    Ok(Json(fleet::find_in(&app, &member, runner).await?))
}

#[derive(Debug, Deserialize)]
struct HistoryAsked {
    before: Option<AttemptId>,
    limit: Option<u32>,
}

/// Attempts that a runner began for a workspace, newest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/runners/{runner}/history", operation_id = "runner_history", tag = "runners",
    security(("session" = []), ("token" = [])),
    params(
        ("workspace" = String, Path, description = "Id or slug"),
        ("runner" = RunnerId, Path, description = "The runner's id"),
        ("before" = Option<AttemptId>, Query, description = "Older than this attempt"),
        ("limit" = Option<u32>, Query, description = "At most so many; 50 when left out, 200 at most")),
    responses((status = 200, body = RunnerHistory), (status = 404, body = Problem)))]
async fn history(
    State(app): State<App>,
    person: Person,
    Address((workspace, runner)): Address<(String, RunnerId)>,
    Asked(asked): Asked<HistoryAsked>,
) -> ApiResult<Json<RunnerHistory>> {
    let member = person.member_of(&app, &workspace).await?;
    fleet::history(&app, &member, runner, asked.before, asked.limit)
        .await
        .map(Json)
}

/// What happened to a runner in the last 90 days, newest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/runners/{runner}/timeline", operation_id = "runner_timeline", tag = "runners",
    security(("session" = []), ("token" = [])),
    params(
        ("workspace" = String, Path, description = "Id or slug"),
        ("runner" = RunnerId, Path, description = "The runner's id")),
    responses((status = 200, body = RunnerTimeline), (status = 404, body = Problem)))]
async fn timeline(
    State(app): State<App>,
    person: Person,
    Address((workspace, runner)): Address<(String, RunnerId)>,
) -> ApiResult<Json<RunnerTimeline>> {
    let member = person.member_of(&app, &workspace).await?;
    Ok(Json(fleet::timeline(&app, &member, runner).await?))
}

/// How busy a runner was in each hour of the last seven days, wherever it worked.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/runners/{runner}/use", operation_id = "runner_use", tag = "runners",
    security(("session" = []), ("token" = [])),
    params(
        ("workspace" = String, Path, description = "Id or slug"),
        ("runner" = RunnerId, Path, description = "The runner's id")),
    responses((status = 200, body = RunnerUse), (status = 404, body = Problem)))]
async fn usage(
    State(app): State<App>,
    person: Person,
    Address((workspace, runner)): Address<(String, RunnerId)>,
) -> ApiResult<Json<RunnerUse>> {
    let member = person.member_of(&app, &workspace).await?;
    Ok(Json(fleet::usage(&app, &member, runner).await?))
}

/// Share a runner with the other members of a workspace, or end that.
#[utoipa::path(put, path = "/api/v1/workspaces/{workspace}/runners/{runner}/sharing", operation_id = "share_runner", tag = "runners",
    security(("session" = []), ("token" = [])),
    params(
        ("workspace" = String, Path, description = "Id or slug"),
        ("runner" = RunnerId, Path, description = "The runner's id")),
    request_body = SharingChange,
    responses(
        (status = 204, description = "It is so"),
        (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn share(
    State(app): State<App>,
    person: Person,
    Address((workspace, runner)): Address<(String, RunnerId)>,
    Body(change): Body<SharingChange>,
) -> ApiResult<StatusCode> {
    let member = person.member_of(&app, &workspace).await?;
    fleet::set_sharing(&app, &person, &member, runner, change.sharing).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give a runner no new job of a workspace; what it works on there goes on.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/runners/{runner}/disable", operation_id = "disable_runner", tag = "runners",
    security(("session" = []), ("token" = [])),
    params(
        ("workspace" = String, Path, description = "Id or slug"),
        ("runner" = RunnerId, Path, description = "The runner's id")),
    request_body = DisableRequest,
    responses(
        (status = 204, description = "Disabled"),
        (status = 400, description = "No reason, or too long a one", body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn disable(
    State(app): State<App>,
    person: Person,
    Address((workspace, runner)): Address<(String, RunnerId)>,
    Body(request): Body<DisableRequest>,
) -> ApiResult<StatusCode> {
    let member = person.member_of(&app, &workspace).await?;
    fleet::disable(&app, &person, &member, runner, &request.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give a runner jobs of a workspace again.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/runners/{runner}/enable", operation_id = "enable_runner", tag = "runners",
    security(("session" = []), ("token" = [])),
    params(
        ("workspace" = String, Path, description = "Id or slug"),
        ("runner" = RunnerId, Path, description = "The runner's id")),
    responses(
        (status = 204, description = "Enabled"),
        (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn enable(
    State(app): State<App>,
    person: Person,
    Address((workspace, runner)): Address<(String, RunnerId)>,
) -> ApiResult<StatusCode> {
    let member = person.member_of(&app, &workspace).await?;
    fleet::enable(&app, &person, &member, runner).await?;
    Ok(StatusCode::NO_CONTENT)
}
