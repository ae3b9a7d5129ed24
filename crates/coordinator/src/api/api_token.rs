//! Tokens for scripts, for the account that they act for.

use axum::{Json, extract::State, http::StatusCode};
use protocol::{
    api::{ApiTokenList, ApiTokenMade, NewApiToken},
    error::Problem,
    ids::ApiTokenId,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::page::Address;
use crate::{account, app::App, auth::Person, body::Body, error::ApiResult};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(revoke))
}

/// The account's tokens for scripts, newest first.
#[utoipa::path(get, path = "/api/v1/account/tokens", operation_id = "api_tokens", tag = "account",
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = ApiTokenList)))]
async fn list(State(app): State<App>, person: Person) -> ApiResult<Json<ApiTokenList>> {
    let tokens = app.store.api_tokens_of(person.account.id).await?;
    Ok(Json(ApiTokenList { tokens }))
}

/// Make a token for scripts; its secret is shown this once.
#[utoipa::path(post, path = "/api/v1/account/tokens", operation_id = "create_api_token", tag = "account",
    security(("session" = []), ("token" = [])),
    request_body = NewApiToken,
    responses(
        (status = 201, body = ApiTokenMade),
        (status = 400, body = Problem),
        (status = 403, description = "The account has as many as it may have", body = Problem),
        (status = 404, description = "The workspace is not in view", body = Problem)))]
async fn create(
    State(app): State<App>,
    person: Person,
    Body(request): Body<NewApiToken>,
) -> ApiResult<(StatusCode, Json<ApiTokenMade>)> {
    let made = account::create_token(&app, &person, request).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// End a token for scripts at once.
#[utoipa::path(delete, path = "/api/v1/account/tokens/{id}", operation_id = "revoke_api_token", tag = "account",
    security(("session" = []), ("token" = [])),
    params(("id" = ApiTokenId, Path, description = "The token")),
    responses((status = 204, description = "It has ended"), (status = 404, body = Problem)))]
async fn revoke(
    State(app): State<App>,
    person: Person,
    Address(id): Address<ApiTokenId>,
) -> ApiResult<StatusCode> {
    account::revoke_token(&app, &person, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
