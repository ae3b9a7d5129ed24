//! What happens around every request: its id, its trace, its measure, and what every answer carries.

use std::{
    any::Any,
    time::{Duration, Instant},
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use protocol::{error::ErrorCode, ids::RequestId};
use tracing::Instrument as _;
use uuid::Uuid;

use crate::{
    app::App,
    auth,
    error::{ApiError, REQUEST_ID},
    metrics,
};

const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// How long an ordinary request may take.
const ORDINARY_MAX: Duration = Duration::from_secs(30);
/// Pages load nothing from elsewhere, and nobody puts them into a frame.
const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'",
);

/// Names, traces and measures a request.
pub(crate) async fn observe(request: Request, next: Next) -> Response {
    let id = RequestId(Uuid::now_v7());
    let method = method_label(&request);
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "web".to_owned(), |path| path.as_str().to_owned());
    // The route and not the address: codes and names stand in addresses.
    let span = tracing::info_span!("request", %id, method, %route);
    let began = Instant::now();
    let mut response = REQUEST_ID
        .scope(id, next.run(request))
        .instrument(span.clone())
        .await;
    let (status, took) = (response.status().as_u16(), began.elapsed());
    span.in_scope(|| tracing::debug!(status, ms = took.as_secs_f64() * 1_000.0, "answered"));
    metrics::answered(&route, method, status, took.as_secs_f64());
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(REQUEST_ID_HEADER, value);
    }
    response
}

/// Puts the headers on that no answer goes without.
pub(crate) async fn harden(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(CONTENT_SECURITY_POLICY);
    response
}

/// Answers are made for one reader at one moment, unless they say otherwise.
pub(crate) async fn uncached(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Refuses what another site makes a browser send.
pub(crate) async fn same_site(State(app): State<App>, request: Request, next: Next) -> Response {
    match auth::refuse_cross_site(request.method(), request.headers(), &app.public_url) {
        Ok(()) => next.run(request).await,
        Err(refused) => refused.into_response(),
    }
}

/// Gives up on a request that takes longer than any of its kind should.
pub(crate) async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(ORDINARY_MAX, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::new(
            ErrorCode::Unavailable,
            format!("The request took longer than {} s.", ORDINARY_MAX.as_secs()),
        )
        .hint("Try again in a moment.")
        .retry_after(1)
        .into_response(),
    }
}

/// The answer to a request whose handler broke.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the layer hands the panic over"
)]
pub(crate) fn broken(panic: Box<dyn Any + Send>) -> Response {
    let words = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no words");
    tracing::error!(panic = words, "a handler panicked");
    ApiError::new(ErrorCode::Internal, "Something broke inside the server.")
        .hint("Try again. If it stays, look for the request id in the server's log.")
        .into_response()
}

fn method_label(request: &Request) -> &'static str {
    // A fixed set: a client chooses the word, and each new one would be kept for ever.
    match request.method().as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
