//! Runners in view.

use axum::{Json, extract::State};
use protocol::{
    api::{RunnerList, RunnerView},
    error::Problem,
    ids::RunnerId,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::page::Address;
use crate::{app::App, auth::Person, error::ApiResult, fleet};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
}

/// The runners in view of a workspace, by name.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/runners", operation_id = "list_runners", tag = "runners",
    security(("session" = []), ("token" = [])),
    params(("workspace" = String, Path, description = "Id or slug")),
    responses((status = 200, body = RunnerList), (status = 404, body = Problem)))]
async fn list(
    State(app): State<App>,
    person: Person,
    Address(workspace): Address<String>,
) -> ApiResult<Json<RunnerList>> {
    let member = person.member_of(&app, &workspace).await?;
    let runners = fleet::list(&app, &member).await?;
    Ok(Json(RunnerList { runners }))
}

/// One runner.
#[utoipa::path(get, path = "/api/v1/runners/{id}", operation_id = "runner", tag = "runners",
    security(("session" = []), ("token" = [])),
    params(("id" = RunnerId, Path, description = "The runner's id")),
    responses((status = 200, body = RunnerView), (status = 404, body = Problem)))]
async fn show(
    State(app): State<App>,
    person: Person,
    Address(id): Address<RunnerId>,
) -> ApiResult<Json<RunnerView>> {
    Ok(Json(fleet::find(&app, &person, id).await?))
}
