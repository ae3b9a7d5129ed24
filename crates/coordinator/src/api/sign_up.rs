//! Making an account, and setting a new password without the old one.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use protocol::{
    api::{Me, ResetConfirm, ResetLink, ResetRequest, SignUpRequest},
    error::Problem,
    ids::AccountId,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{page::Address, session::signed_in_answer};
use crate::{
    account, address::ClientAddress, app::App, auth::Person, body::Body, error::ApiResult,
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sign_up))
        .routes(routes!(request_reset))
        .routes(routes!(confirm_reset))
        .routes(routes!(reset_link))
}

/// Make an account, with an invitation or where sign-up is open; the answer sets the session's cookie.
#[utoipa::path(post, path = "/api/v1/auth/sign-up", operation_id = "sign_up", tag = "sign-in",
    request_body = SignUpRequest,
    responses(
        (status = 201, body = Me),
        (status = 400, description = "The address, name or password is not fit", body = Problem),
        (status = 403, description = "Accounts are made by invitation only", body = Problem),
        (status = 404, description = "The invitation is unknown, used, taken back or expired", body = Problem),
        (status = 409, description = "The e-mail address is taken", body = Problem),
        (status = 429, body = Problem)))]
async fn sign_up(
    State(app): State<App>,
    address: ClientAddress,
    headers: HeaderMap,
    Body(request): Body<SignUpRequest>,
) -> ApiResult<Response> {
    let signed_in = account::sign_up(&app, request, &address.to_string(), &headers).await?;
    signed_in_answer(&app, StatusCode::CREATED, signed_in).await
}

/// Ask for a link by mail with which a new password is set; the answer never says whether the account exists.
#[utoipa::path(post, path = "/api/v1/auth/reset", operation_id = "request_reset", tag = "sign-in",
    request_body = ResetRequest,
    responses(
        (status = 204, description = "If there is such an account, a mail is on its way"),
        (status = 429, body = Problem),
        (status = 503, description = "This coordinator cannot send mail", body = Problem)))]
async fn request_reset(
    State(app): State<App>,
    address: ClientAddress,
    Body(request): Body<ResetRequest>,
) -> ApiResult<StatusCode> {
    account::request_reset(&app, request, address.to_string()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Set a new password with the token of a link; every browser is signed out.
#[utoipa::path(post, path = "/api/v1/auth/reset/confirm", operation_id = "confirm_reset", tag = "sign-in",
    request_body = ResetConfirm,
    responses(
        (status = 204, description = "The password is set"),
        (status = 400, description = "The password is not fit", body = Problem),
        (status = 404, description = "The link is unknown, used or expired", body = Problem),
        (status = 429, body = Problem)))]
async fn confirm_reset(
    State(app): State<App>,
    address: ClientAddress,
    Body(request): Body<ResetConfirm>,
) -> ApiResult<StatusCode> {
    account::confirm_reset(&app, request, &address.to_string()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make a link with which a member sets a new password, to be handed over where no mail is configured.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/members/{account}/reset-link",
    operation_id = "member_reset_link", tag = "workspaces",
    security(("session" = []), ("token" = [])),
    params(
        ("workspace" = String, Path, description = "Id or slug"),
        ("account" = AccountId, Path, description = "The member's account")),
    responses(
        (status = 200, body = ResetLink),
        (status = 403, description = "The member does not stand below the caller everywhere", body = Problem),
        (status = 404, body = Problem),
        (status = 409, description = "Mail is configured: the link goes by mail", body = Problem)))]
async fn reset_link(
    State(app): State<App>,
    person: Person,
    Address((workspace, account)): Address<(String, AccountId)>,
) -> ApiResult<Json<ResetLink>> {
    let member = person.member_of(&app, &workspace).await?;
    let link = account::reset_link(&app, &person, &member, account).await?;
    Ok(Json(link))
}
