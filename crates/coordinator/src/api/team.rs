//! Workspaces themselves: made, renamed, given away, left, deleted; and who belongs to them.

use axum::{Json, extract::State, http::StatusCode};
use protocol::{
    api::{
        MemberList, MemberView, NewWorkspace, RoleChange, Transfer, Workspace, WorkspaceDelete,
        WorkspaceUpdate,
    },
    error::Problem,
    ids::AccountId,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::page::Address;
use crate::{
    app::App,
    auth::Person,
    body::{Body, BodyLimit},
    error::ApiResult,
    team,
};

impl BodyLimit for NewWorkspace {}
impl BodyLimit for WorkspaceUpdate {}
impl BodyLimit for WorkspaceDelete {}
impl BodyLimit for Transfer {}
impl BodyLimit for RoleChange {}

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create))
        .routes(routes!(update))
        .routes(routes!(delete))
        .routes(routes!(leave))
        .routes(routes!(transfer))
        .routes(routes!(members))
        .routes(routes!(change_role, remove_member))
}

/// Make a workspace that belongs to the caller.
#[utoipa::path(post, path = "/api/v1/workspaces", operation_id = "create_workspace", tag = "workspaces",
    security(("session" = []), ("token" = [])),
    request_body = NewWorkspace,
    responses(
        (status = 201, body = Workspace),
        (status = 400, body = Problem),
        (status = 403, description = "The caller owns as many as possible", body = Problem),
        (status = 409, description = "Another one has this name in addresses", body = Problem)))]
async fn create(
    State(app): State<App>,
    person: Person,
    Body(new): Body<NewWorkspace>,
) -> ApiResult<(StatusCode, Json<Workspace>)> {
    let made = team::create(&app, &person, new).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Rename a workspace; what is left out stays.
#[utoipa::path(patch, path = "/api/v1/workspaces/{workspace}", operation_id = "update_workspace", tag = "workspaces",
    security(("session" = []), ("token" = [])),
    params(("workspace" = String, Path, description = "Id or slug")),
    request_body = WorkspaceUpdate,
    responses(
        (status = 200, body = Workspace),
        (status = 400, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, description = "Another one has this name in addresses", body = Problem)))]
async fn update(
    State(app): State<App>,
    person: Person,
    Address(workspace): Address<String>,
    Body(update): Body<WorkspaceUpdate>,
) -> ApiResult<Json<Workspace>> {
    let member = person.member_of(&app, &workspace).await?;
    Ok(Json(team::rename(&app, &person, &member, update).await?))
}

/// Delete a workspace with everything in it, for good.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/delete", operation_id = "delete_workspace", tag = "workspaces",
    security(("session" = []), ("token" = [])),
    params(("workspace" = String, Path, description = "Id or slug")),
    request_body = WorkspaceDelete,
    responses(
        (status = 204, description = "It is gone"),
        (status = 400, description = "The name is another one", body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn delete(
    State(app): State<App>,
    person: Person,
    Address(workspace): Address<String>,
    Body(request): Body<WorkspaceDelete>,
) -> ApiResult<StatusCode> {
    let member = person.member_of(&app, &workspace).await?;
    team::delete(&app, &person, &member, &request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Leave a workspace; the caller's runners go along, and what they do there is cancelled.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/leave", operation_id = "leave_workspace", tag = "workspaces",
    security(("session" = []), ("token" = [])),
    params(("workspace" = String, Path, description = "Id or slug")),
    responses(
        (status = 204, description = "The caller is no member any more"),
        (status = 404, body = Problem),
        (status = 409, description = "The caller is its owner", body = Problem)))]
async fn leave(
    State(app): State<App>,
    person: Person,
    Address(workspace): Address<String>,
) -> ApiResult<StatusCode> {
    let member = person.member_of(&app, &workspace).await?;
    team::leave(&app, &person, &member).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give a workspace to another member; the caller stays as an admin.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/transfer", operation_id = "transfer_workspace", tag = "workspaces",
    security(("session" = []), ("token" = [])),
    params(("workspace" = String, Path, description = "Id or slug")),
    request_body = Transfer,
    responses(
        (status = 204, description = "It has another owner"),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem)))]
async fn transfer(
    State(app): State<App>,
    person: Person,
    Address(workspace): Address<String>,
    Body(request): Body<Transfer>,
) -> ApiResult<StatusCode> {
    let member = person.member_of(&app, &workspace).await?;
    team::transfer(&app, &person, &member, request.account_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The members of a workspace, by name.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/members", operation_id = "members", tag = "workspaces",
    security(("session" = []), ("token" = [])),
    params(("workspace" = String, Path, description = "Id or slug")),
    responses((status = 200, body = MemberList), (status = 404, body = Problem)))]
async fn members(
    State(app): State<App>,
    person: Person,
    Address(workspace): Address<String>,
) -> ApiResult<Json<MemberList>> {
    let member = person.member_of(&app, &workspace).await?;
    Ok(Json(team::members(&app, &member).await?))
}

/// Give a member another role.
#[utoipa::path(put, path = "/api/v1/workspaces/{workspace}/members/{account}", operation_id = "change_role", tag = "workspaces",
    security(("session" = []), ("token" = [])),
    params(
        ("workspace" = String, Path, description = "Id or slug"),
        ("account" = AccountId, Path, description = "The member's account")),
    request_body = RoleChange,
    responses(
        (status = 200, body = MemberView),
        (status = 400, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn change_role(
    State(app): State<App>,
    person: Person,
    Address((workspace, account)): Address<(String, AccountId)>,
    Body(change): Body<RoleChange>,
) -> ApiResult<Json<MemberView>> {
    let member = person.member_of(&app, &workspace).await?;
    let view = team::change_role(&app, &person, &member, account, change.role).await?;
    Ok(Json(view))
}

/// Take a member out; their runners go with them, and what these do there is cancelled.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/members/{account}", operation_id = "remove_member", tag = "workspaces",
    security(("session" = []), ("token" = [])),
    params(
        ("workspace" = String, Path, description = "Id or slug"),
        ("account" = AccountId, Path, description = "The member's account")),
    responses(
        (status = 204, description = "They are no member any more"),
        (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn remove_member(
    State(app): State<App>,
    person: Person,
    Address((workspace, account)): Address<(String, AccountId)>,
) -> ApiResult<StatusCode> {
    let member = person.member_of(&app, &workspace).await?;
    team::remove_member(&app, &person, &member, account).await?;
    Ok(StatusCode::NO_CONTENT)
}
