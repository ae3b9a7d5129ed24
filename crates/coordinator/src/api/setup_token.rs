//! One-time tokens for machines without a screen.

use axum::{Json, extract::State, http::StatusCode};
use protocol::{
    api::{SetupTokenMade, SetupTokenView},
    error::Problem,
    ids::SetupTokenId,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::page::Address;
use crate::{app::App, auth::Person, error::ApiResult, setup_tokens};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(make))
        .routes(routes!(show))
}

/// Make a token that signs in one machine within an hour; its secret is shown this once.
#[utoipa::path(post, path = "/api/v1/account/setup-tokens", operation_id = "make_setup_token", tag = "runners",
    security(("session" = []), ("token" = [])),
    responses(
        (status = 201, body = SetupTokenMade),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 429, description = "Many wait to be used", body = Problem)))]
async fn make(
    State(app): State<App>,
    person: Person,
) -> ApiResult<(StatusCode, Json<SetupTokenMade>)> {
    let made = setup_tokens::make(&app, &person).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// What has become of a token: used, registered as a runner, connected.
#[utoipa::path(get, path = "/api/v1/account/setup-tokens/{id}", operation_id = "setup_token", tag = "runners",
    security(("session" = []), ("token" = [])),
    params(("id" = SetupTokenId, Path, description = "The token's id")),
    responses((status = 200, body = SetupTokenView), (status = 404, body = Problem)))]
async fn show(
    State(app): State<App>,
    person: Person,
    Address(id): Address<SetupTokenId>,
) -> ApiResult<Json<SetupTokenView>> {
    Ok(Json(setup_tokens::find(&app, &person, id).await?))
}
