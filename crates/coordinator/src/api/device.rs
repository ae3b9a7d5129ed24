//! The person's side of device authorization: see what asks, confirm or refuse it.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use protocol::{
    api::{DeviceConfirmRequest, DeviceFacts},
    error::Problem,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, auth::Person, body::Body, error::ApiResult, oauth};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(facts, decide))
}

/// What a person sees before confirming a device.
#[utoipa::path(get, path = "/api/v1/device/{user_code}", operation_id = "device_facts", tag = "devices",
    security(("session" = [])),
    params(("user_code" = String, Path, description = "The code that the device shows, in any case, with or without its hyphen")),
    responses(
        (status = 200, body = DeviceFacts),
        (status = 404, description = "The code is unknown, used or expired", body = Problem),
        (status = 429, body = Problem)))]
async fn facts(
    State(app): State<App>,
    person: Person,
    Path(user_code): Path<String>,
) -> ApiResult<Json<DeviceFacts>> {
    Ok(Json(oauth::device_facts(&app, &person, &user_code).await?))
}

/// Confirm or refuse a device.
#[utoipa::path(post, path = "/api/v1/device/{user_code}", operation_id = "decide_device", tag = "devices",
    security(("session" = [])),
    params(("user_code" = String, Path, description = "The code that the device shows")),
    request_body = DeviceConfirmRequest,
    responses(
        (status = 204, description = "It is decided"),
        (status = 401, description = "The password is wrong", body = Problem),
        (status = 403, description = "The password is needed again", body = Problem),
        (status = 404, description = "The code is unknown, used or expired", body = Problem),
        (status = 429, body = Problem)))]
async fn decide(
    State(app): State<App>,
    person: Person,
    Path(user_code): Path<String>,
    Body(request): Body<DeviceConfirmRequest>,
) -> ApiResult<StatusCode> {
    oauth::decide_device(&app, &person, &user_code, request).await?;
    Ok(StatusCode::NO_CONTENT)
}
