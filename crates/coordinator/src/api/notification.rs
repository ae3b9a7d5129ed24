//! What a person is told in the app.

use axum::{Json, extract::State, http::StatusCode};
use protocol::{
    api::{NotificationList, NotificationSettings, NotificationsRead},
    error::{ErrorCode, Problem},
    ids::NotificationId,
};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::page::Asked;
use crate::{
    app::App,
    auth::Person,
    body::{Body, BodyLimit},
    changes,
    error::{ApiError, ApiResult},
};

/// Notifications on one page, unless another number is asked for.
const PAGE: u32 = 30;
/// Most that are marked as read by one call, unless it is all of them.
const IDS_MAX: usize = 200;

impl BodyLimit for NotificationsRead {}
impl BodyLimit for NotificationSettings {}

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read))
        .routes(routes!(settings, set_settings))
}

/// Which notifications are asked for.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Page {
    /// Older than the one with this id.
    before: Option<NotificationId>,
    /// At most so many; 30 when left out, 100 at most.
    limit: Option<u32>,
}

/// What the caller is told, newest first, over all workspaces.
#[utoipa::path(get, path = "/api/v1/notifications", operation_id = "notifications", tag = "account",
    security(("session" = []), ("token" = [])),
    params(Page),
    responses((status = 200, body = NotificationList), (status = 401, body = Problem)))]
async fn list(
    State(app): State<App>,
    person: Person,
    Asked(page): Asked<Page>,
) -> ApiResult<Json<NotificationList>> {
    let limit = page.limit.unwrap_or(PAGE);
    let list = app
        .store
        .notifications(person.account.id, page.before, limit)
        .await?;
    Ok(Json(list))
}

/// Mark notifications as read, all of them when none is named.
#[utoipa::path(post, path = "/api/v1/notifications/read", operation_id = "read_notifications", tag = "account",
    security(("session" = []), ("token" = [])),
    request_body = NotificationsRead,
    responses((status = 204, description = "They are read"), (status = 400, body = Problem)))]
async fn read(
    State(app): State<App>,
    person: Person,
    Body(request): Body<NotificationsRead>,
) -> ApiResult<StatusCode> {
    if request.ids.len() > IDS_MAX {
        return Err(ApiError::new(
            ErrorCode::Invalid,
            format!("More than {IDS_MAX} notifications are named."),
        )
        .hint("Name none, and all are marked."));
    }
    let now = app.store.now(app.now()).await?;
    app.store
        .read_notifications(person.account.id, request.ids, now)
        .await?;
    changes::notifications(&app, person.account.id);
    Ok(StatusCode::NO_CONTENT)
}

/// What the caller does not want to be told of.
#[utoipa::path(get, path = "/api/v1/account/notification-settings", operation_id = "notification_settings", tag = "account",
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = NotificationSettings), (status = 401, body = Problem)))]
async fn settings(State(app): State<App>, person: Person) -> ApiResult<Json<NotificationSettings>> {
    Ok(Json(
        app.store.notification_settings(person.account.id).await?,
    ))
}

/// Say what the caller does not want to be told of.
#[utoipa::path(put, path = "/api/v1/account/notification-settings", operation_id = "set_notification_settings", tag = "account",
    security(("session" = []), ("token" = [])),
    request_body = NotificationSettings,
    responses((status = 200, body = NotificationSettings), (status = 400, body = Problem)))]
async fn set_settings(
    State(app): State<App>,
    person: Person,
    Body(mut wished): Body<NotificationSettings>,
) -> ApiResult<Json<NotificationSettings>> {
    wished.muted.sort_unstable();
    wished.muted.dedup();
    app.store
        .set_notification_settings(person.account.id, wished.clone())
        .await?;
    Ok(Json(wished))
}
