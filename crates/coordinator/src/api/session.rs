//! Signing in and out of the web app, and who is signed in.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header::SET_COOKIE},
    response::{IntoResponse, Response},
};
use protocol::{
    api::{Instance, Me, SignInRequest},
    error::Problem,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    address::ClientAddress,
    app::App,
    auth::{self, Person, SignedIn},
    body::Body,
    error::ApiResult,
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(instance))
        .routes(routes!(sign_in))
        .routes(routes!(sign_out))
        .routes(routes!(me))
}

/// What anybody may know of this instance.
#[utoipa::path(get, path = "/api/v1/instance", operation_id = "instance", tag = "sign-in",
    responses((status = 200, body = Instance)))]
async fn instance(State(app): State<App>) -> ApiResult<Json<Instance>> {
    Ok(Json(Instance {
        product: "coord".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        bootstrapped: app.store.is_bootstrapped().await?,
        open_sign_up: app.config.sign_up.open,
        mail: app.mail.is_configured(),
        identity_provider: app
            .config
            .oidc
            .as_ref()
            .map(|provider| provider.name.clone()),
    }))
}

/// Sign in with a password; the answer sets the session's cookie.
#[utoipa::path(post, path = "/api/v1/auth/sign-in", operation_id = "sign_in", tag = "sign-in",
    request_body = SignInRequest,
    responses(
        (status = 200, body = Me),
        (status = 401, description = "E-mail address or password is wrong", body = Problem),
        (status = 409, description = "The instance has no owner yet", body = Problem),
        (status = 429, description = "Too many wrong tries", body = Problem)))]
async fn sign_in(
    State(app): State<App>,
    address: ClientAddress,
    headers: HeaderMap,
    Body(request): Body<SignInRequest>,
) -> ApiResult<Response> {
    let signed_in = auth::sign_in(&app, request, &address.to_string(), &headers).await?;
    signed_in_answer(&app, StatusCode::OK, signed_in).await
}

/// Sign out of this browser, or end the sign-in of the device whose token this is.
#[utoipa::path(post, path = "/api/v1/auth/sign-out", operation_id = "sign_out", tag = "sign-in",
    responses((status = 204, description = "Nobody is signed in here any more")))]
async fn sign_out(State(app): State<App>, headers: HeaderMap) -> ApiResult<Response> {
    auth::sign_out(&app, &headers).await?;
    let cookie = auth::clear_cookie(&app)?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie)]).into_response())
}

/// Who is signed in, and their workspaces.
#[utoipa::path(get, path = "/api/v1/me", operation_id = "me", tag = "sign-in",
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = Me), (status = 401, body = Problem)))]
async fn me(State(app): State<App>, person: Person) -> ApiResult<Json<Me>> {
    let mut me = me_of(&app, &person.account).await?;
    me.workspaces
        .retain(|workspace| person.reaches(workspace.id));
    Ok(Json(me))
}

/// Who is signed in now, with the cookie that says so.
pub(super) async fn signed_in_answer(
    app: &App,
    status: StatusCode,
    signed_in: SignedIn,
) -> ApiResult<Response> {
    let me = me_of(app, &signed_in.account).await?;
    Ok((status, [(SET_COOKIE, signed_in.cookie)], Json(me)).into_response())
}

async fn me_of(app: &App, account: &store::Account) -> ApiResult<Me> {
    Ok(Me {
        account: account.person(),
        workspaces: app.store.workspaces_of(account.id).await?,
    })
}
