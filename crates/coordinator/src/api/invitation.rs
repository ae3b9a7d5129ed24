//! Invitations, as admins make them and as invited people answer them.

use axum::{Json, extract::State, http::StatusCode};
use protocol::{
    api::{InvitationAccepted, InvitationFacts, InvitationList, InvitationMade, NewInvitation},
    error::Problem,
    ids::InvitationId,
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

impl BodyLimit for NewInvitation {}

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, invite))
        .routes(routes!(resend))
        .routes(routes!(revoke))
        .routes(routes!(facts))
        .routes(routes!(accept))
}

/// Invitations that wait or have lately ended, newest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/invitations", operation_id = "invitations", tag = "workspaces",
    security(("session" = []), ("token" = [])),
    params(("workspace" = String, Path, description = "Id or slug")),
    responses(
        (status = 200, body = InvitationList),
        (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn list(
    State(app): State<App>,
    person: Person,
    Address(workspace): Address<String>,
) -> ApiResult<Json<InvitationList>> {
    let member = person.member_of(&app, &workspace).await?;
    Ok(Json(team::invitations(&app, &member).await?))
}

/// Invite somebody by e-mail address and role; the answer holds the link, this once.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/invitations", operation_id = "invite", tag = "workspaces",
    security(("session" = []), ("token" = [])),
    params(("workspace" = String, Path, description = "Id or slug")),
    request_body = NewInvitation,
    responses(
        (status = 201, body = InvitationMade),
        (status = 400, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, description = "They are a member, or invited already", body = Problem)))]
async fn invite(
    State(app): State<App>,
    person: Person,
    Address(workspace): Address<String>,
    Body(new): Body<NewInvitation>,
) -> ApiResult<(StatusCode, Json<InvitationMade>)> {
    let member = person.member_of(&app, &workspace).await?;
    let made = team::invite(&app, &person, &member, new).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Send an invitation again, with a new link and 7 days anew; the old link is dead.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/invitations/{id}/resend",
    operation_id = "resend_invitation", tag = "workspaces",
    security(("session" = []), ("token" = [])),
    params(
        ("workspace" = String, Path, description = "Id or slug"),
        ("id" = InvitationId, Path, description = "The invitation")),
    responses(
        (status = 200, body = InvitationMade),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, description = "It was accepted or taken back", body = Problem)))]
async fn resend(
    State(app): State<App>,
    person: Person,
    Address((workspace, id)): Address<(String, InvitationId)>,
) -> ApiResult<Json<InvitationMade>> {
    let member = person.member_of(&app, &workspace).await?;
    let made = team::resend_invitation(&app, &person, &member, id).await?;
    Ok(Json(made))
}

/// Take an invitation back.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/invitations/{id}",
    operation_id = "revoke_invitation", tag = "workspaces",
    security(("session" = []), ("token" = [])),
    params(
        ("workspace" = String, Path, description = "Id or slug"),
        ("id" = InvitationId, Path, description = "The invitation")),
    responses(
        (status = 204, description = "Its link is dead"),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, description = "It was accepted or taken back", body = Problem)))]
async fn revoke(
    State(app): State<App>,
    person: Person,
    Address((workspace, id)): Address<(String, InvitationId)>,
) -> ApiResult<StatusCode> {
    let member = person.member_of(&app, &workspace).await?;
    team::revoke_invitation(&app, &person, &member, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What anybody who has the link of an invitation may know.
#[utoipa::path(get, path = "/api/v1/invitations/{token}", operation_id = "invitation", tag = "sign-in",
    params(("token" = String, Path, description = "What stands after the # of the link")),
    responses(
        (status = 200, body = InvitationFacts),
        (status = 404, description = "There is no such invitation", body = Problem)))]
async fn facts(
    State(app): State<App>,
    Address(token): Address<String>,
) -> ApiResult<Json<InvitationFacts>> {
    Ok(Json(team::invitation_facts(&app, &token).await?))
}

/// Accept an invitation, as the account with its e-mail address.
#[utoipa::path(post, path = "/api/v1/invitations/{token}/accept", operation_id = "accept_invitation", tag = "workspaces",
    security(("session" = []), ("token" = [])),
    params(("token" = String, Path, description = "What stands after the # of the link")),
    responses(
        (status = 200, body = InvitationAccepted),
        (status = 403, description = "It is for another e-mail address", body = Problem),
        (status = 404, description = "It is unknown, used, taken back or expired", body = Problem)))]
async fn accept(
    State(app): State<App>,
    person: Person,
    Address(token): Address<String>,
) -> ApiResult<Json<InvitationAccepted>> {
    Ok(Json(team::accept_invitation(&app, &person, &token).await?))
}
