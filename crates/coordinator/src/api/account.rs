//! One's own account: where it is signed in, its password and its log.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header::SET_COOKIE},
    response::{IntoResponse as _, Response},
};
use protocol::{
    api::{
        AccountDelete, AccountUpdate, AccountView, AuditPage, DeviceList, PasswordChange,
        SessionList,
    },
    error::Problem,
    ids::{AuditId, GrantId, SessionId},
};
use serde::Deserialize;
use store::{AuditFilter, AuditLog};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::page::{Address, Asked};
use crate::{
    account,
    app::App,
    auth::{self, Person},
    body::Body,
    error::{ApiError, ApiResult},
    plan,
};

/// Lines of the log on one page, unless another number is asked for.
const AUDIT_LINES: u32 = 50;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show, update))
        .routes(routes!(delete))
        .routes(routes!(change_password))
        .routes(routes!(sessions, end_other_sessions))
        .routes(routes!(end_session))
        .routes(routes!(devices))
        .routes(routes!(end_device))
        .routes(routes!(audit))
}

/// The account, how it signs in, and what its plan allows.
#[utoipa::path(get, path = "/api/v1/account", operation_id = "account", tag = "account",
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = AccountView), (status = 401, body = Problem)))]
async fn show(State(app): State<App>, person: Person) -> ApiResult<Json<AccountView>> {
    let account = &person.account;
    Ok(Json(AccountView {
        account: account.person(),
        created_at: account.created_at,
        has_password: account.password_hash.is_some(),
        identity_linked: app.store.has_identity(account.id).await?,
        plan: plan::of(&app, account).await?,
    }))
}

/// Change the name that others see.
#[utoipa::path(patch, path = "/api/v1/account", operation_id = "update_account", tag = "account",
    security(("session" = []), ("token" = [])),
    request_body = AccountUpdate,
    responses((status = 204, description = "It is changed"), (status = 400, body = Problem)))]
async fn update(
    State(app): State<App>,
    person: Person,
    Body(request): Body<AccountUpdate>,
) -> ApiResult<StatusCode> {
    account::rename(&app, &person, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End the account for good; its runners and sign-ins end, and its jobs stay.
#[utoipa::path(post, path = "/api/v1/account/delete", operation_id = "delete_account", tag = "account",
    security(("session" = []), ("token" = [])),
    request_body = AccountDelete,
    responses(
        (status = 204, description = "It is gone"),
        (status = 400, description = "The address typed is not its own", body = Problem),
        (status = 401, description = "The password is wrong", body = Problem),
        (status = 403, description = "The password, or a fresh sign-in, is needed", body = Problem),
        (status = 409, description = "It owns workspaces to which others belong", body = Problem),
        (status = 429, body = Problem)))]
async fn delete(
    State(app): State<App>,
    person: Person,
    Body(request): Body<AccountDelete>,
) -> ApiResult<Response> {
    account::delete(&app, &person, request).await?;
    let cookie = auth::clear_cookie(&app)?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie)]).into_response())
}

/// Change the password; every other browser is signed out.
#[utoipa::path(put, path = "/api/v1/account/password", operation_id = "change_password", tag = "account",
    security(("session" = []), ("token" = [])),
    request_body = PasswordChange,
    responses(
        (status = 204, description = "It is changed"),
        (status = 400, description = "The new one is not fit", body = Problem),
        (status = 401, description = "The present one is wrong", body = Problem),
        (status = 403, description = "The present one, or a fresh sign-in, is needed", body = Problem),
        (status = 429, body = Problem)))]
async fn change_password(
    State(app): State<App>,
    person: Person,
    Body(request): Body<PasswordChange>,
) -> ApiResult<StatusCode> {
    account::change_password(&app, &person, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The browsers in which the account is signed in, last used first.
#[utoipa::path(get, path = "/api/v1/account/sessions", operation_id = "account_sessions", tag = "account",
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = SessionList)))]
async fn sessions(State(app): State<App>, person: Person) -> ApiResult<Json<SessionList>> {
    let idle_ms = app
        .config
        .sign_in
        .session_idle_s
        .get()
        .saturating_mul(1_000);
    let current = person.session.as_ref().map(|session| session.id);
    let sessions = app
        .store
        .sessions_of(person.account.id, current, idle_ms, app.now())
        .await?;
    Ok(Json(SessionList { sessions }))
}

/// Sign one browser out.
#[utoipa::path(delete, path = "/api/v1/account/sessions/{id}", operation_id = "end_session", tag = "account",
    security(("session" = []), ("token" = [])),
    params(("id" = SessionId, Path, description = "The browser's session")),
    responses((status = 204, description = "It is signed out"), (status = 404, body = Problem)))]
async fn end_session(
    State(app): State<App>,
    person: Person,
    Address(id): Address<SessionId>,
) -> ApiResult<StatusCode> {
    let line = account::browsers_audited(&person);
    let ended = app
        .store
        .end_session_of(person.account.id, id, line, app.now())
        .await?;
    if !ended {
        return Err(ApiError::not_found("browser"));
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Sign every other browser out.
#[utoipa::path(delete, path = "/api/v1/account/sessions", operation_id = "end_other_sessions", tag = "account",
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "Only this one is signed in")))]
async fn end_other_sessions(State(app): State<App>, person: Person) -> ApiResult<StatusCode> {
    let keep = person.session.as_ref().map(|session| session.id);
    let line = account::browsers_audited(&person);
    app.store
        .end_other_sessions(person.account.id, keep, line, app.now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The devices that are signed in for the account, newest first.
#[utoipa::path(get, path = "/api/v1/account/devices", operation_id = "account_devices", tag = "account",
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = DeviceList)))]
async fn devices(State(app): State<App>, person: Person) -> ApiResult<Json<DeviceList>> {
    let devices = app
        .store
        .devices_of(person.account.id, person.grant_id, app.now())
        .await?;
    Ok(Json(DeviceList { devices }))
}

/// Sign a device out; a runner's attempts end.
#[utoipa::path(delete, path = "/api/v1/account/devices/{id}", operation_id = "end_device", tag = "account",
    security(("session" = []), ("token" = [])),
    params(("id" = GrantId, Path, description = "The device")),
    responses((status = 204, description = "It is signed out"), (status = 404, body = Problem)))]
async fn end_device(
    State(app): State<App>,
    person: Person,
    Address(id): Address<GrantId>,
) -> ApiResult<StatusCode> {
    account::revoke_device(&app, &person, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which lines of the account's log are asked for.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct LinesAsked {
    /// Those older than this line.
    before: Option<AuditId>,
    /// At most so many.
    #[serde(default = "usual_lines")]
    limit: u32,
}

const fn usual_lines() -> u32 {
    AUDIT_LINES
}

/// What happened to the account: sign-ins, passwords, devices and tokens, newest first.
#[utoipa::path(get, path = "/api/v1/account/audit", operation_id = "account_audit", tag = "account",
    security(("session" = []), ("token" = [])),
    params(LinesAsked),
    responses((status = 200, body = AuditPage)))]
async fn audit(
    State(app): State<App>,
    person: Person,
    Asked(asked): Asked<LinesAsked>,
) -> ApiResult<Json<AuditPage>> {
    let filter = AuditFilter {
        before: asked.before,
        limit: asked.limit,
        ..AuditFilter::default()
    };
    let log = AuditLog::Account(person.account.id);
    Ok(Json(app.store.audit_page(log, filter).await?))
}
