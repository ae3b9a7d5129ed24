//! Signing in with the identity provider: pages that send the browser on.

use axum::{
    extract::State,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{LOCATION, SET_COOKIE},
    },
    response::{IntoResponse as _, Response},
};
use axum_extra::extract::cookie::CookieJar;
use protocol::error::Problem;
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::page::Asked;
use crate::{
    address::ClientAddress,
    app::App,
    auth,
    error::{ApiError, ApiResult},
    oidc::{self, Returned},
};

/// Name of the cookie with which the browser comes back.
const COOKIE: &str = "coord_provider";

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(start))
        .routes(routes!(callback))
}

/// Where somebody wants to be once signed in.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct StartAsked {
    /// An address within the app.
    next: Option<String>,
}

/// Go to the identity provider; the browser opens this as a page.
#[utoipa::path(get, path = "/api/v1/auth/oidc/start", operation_id = "oidc_start", tag = "sign-in",
    params(StartAsked),
    responses(
        (status = 303, description = "To the identity provider, or back to the sign-in page with `problem` set to the code of a `Problem`"),
        (status = 404, description = "No identity provider is configured", body = Problem)))]
async fn start(
    State(app): State<App>,
    address: ClientAddress,
    Asked(asked): Asked<StartAsked>,
) -> ApiResult<Response> {
    if app.provider.is_none() {
        return Err(ApiError::not_found("way to sign in"));
    }
    match oidc::depart(&app, asked.next.as_deref(), &address.to_string()).await {
        Ok(departure) => {
            let cookie = auth::cookie(&app, COOKIE, &departure.secret, departure.life_s)?;
            redirect(&departure.url, [Some(cookie), None])
        }
        Err(error) => back(&error, None),
    }
}

/// Come back from the identity provider.
#[utoipa::path(get, path = "/auth/oidc/callback", operation_id = "oidc_callback", tag = "sign-in",
    params(
        ("code" = Option<String>, Query, description = "The provider's code"),
        ("state" = Option<String>, Query, description = "What the browser left with"),
        ("error" = Option<String>, Query, description = "Why the provider refused")),
    responses(
        (status = 303, description = "Into the app, signed in; or back to the sign-in page with `problem` set to the code of a `Problem`")))]
async fn callback(
    State(app): State<App>,
    address: ClientAddress,
    headers: HeaderMap,
    Asked(returned): Asked<Returned>,
) -> ApiResult<Response> {
    let jar = CookieJar::from_headers(&headers);
    let name = auth::cookie_name(&app, COOKIE);
    let secret = jar
        .get(&name)
        .map(axum_extra::extract::cookie::Cookie::value);
    let spent = auth::cookie(&app, COOKIE, "", 0)?;
    let address = address.to_string();
    match oidc::arrive(&app, returned, secret, &address, &headers).await {
        Ok(arrived) => redirect(&arrived.next, [Some(arrived.signed_in.cookie), Some(spent)]),
        Err(error) => back(&error, Some(spent)),
    }
}

/// To the sign-in page, which says what the code means.
fn back(error: &ApiError, cookie: Option<HeaderValue>) -> ApiResult<Response> {
    let code =
        serde_json::to_value(error.problem().code).map_err(|error| ApiError::internal(&error))?;
    let code = code.as_str().unwrap_or_default();
    redirect(&format!("/sign-in?problem={code}"), [cookie, None])
}

fn redirect(to: &str, cookies: [Option<HeaderValue>; 2]) -> ApiResult<Response> {
    let to = HeaderValue::from_str(to).map_err(|error| ApiError::internal(&error))?;
    let mut response = (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response();
    for cookie in cookies.into_iter().flatten() {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}
