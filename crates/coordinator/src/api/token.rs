//! The device's side of device authorization (RFC 8628) and the token endpoint.

use axum::{
    Form, Json,
    extract::{DefaultBodyLimit, State, rejection::FormRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use protocol::{
    api::{DeviceAuthorization, DeviceAuthorizationRequest, TokenRequest},
    error::{OAuthError, Problem},
    runner::TokenSet,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    address::ClientAddress,
    app::App,
    oauth::{self, Refused},
};

/// Largest form of either call.
const FORM_BYTES_MAX: usize = 16 * 1024;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(device_authorization))
        .routes(routes!(token))
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
}

/// A device asks for a code that a person can confirm.
#[utoipa::path(post, path = "/api/oauth/device_authorization", operation_id = "device_authorization", tag = "devices",
    request_body(content = DeviceAuthorizationRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = DeviceAuthorization),
        (status = 400, body = OAuthError),
        (status = 429, body = Problem)))]
async fn device_authorization(
    State(app): State<App>,
    address: ClientAddress,
    form: Result<Form<DeviceAuthorizationRequest>, FormRejection>,
) -> Result<Json<DeviceAuthorization>, Refused> {
    let request = read(form)?;
    oauth::authorize_device(&app, request, address.to_string())
        .await
        .map(Json)
}

/// Trade a confirmed device code, a refresh token, or a one-time setup token, for tokens.
#[utoipa::path(post, path = "/api/oauth/token", operation_id = "token", tag = "devices",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = TokenSet),
        (status = 400, description = "`authorization_pending`, `slow_down`, `access_denied`, `expired_token`, `invalid_grant`, …", body = OAuthError)))]
async fn token(
    State(app): State<App>,
    address: ClientAddress,
    form: Result<Form<TokenRequest>, FormRejection>,
) -> Result<Json<TokenSet>, Refused> {
    let request = read(form)?;
    oauth::tokens(&app, request, address.to_string())
        .await
        .map(Json)
}

fn read<T>(form: Result<Form<T>, FormRejection>) -> Result<T, Refused> {
    form.map(|Form(request)| request).map_err(|rejection| {
        Refused::OAuth(OAuthError {
            error: "invalid_request".to_owned(),
            error_description: Some(format!(
                "The form cannot be read: {}.",
                rejection.body_text()
            )),
        })
    })
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::OAuth(error) => (StatusCode::BAD_REQUEST, Json(error)).into_response(),
            Self::Api(error) => error.into_response(),
        }
    }
}
