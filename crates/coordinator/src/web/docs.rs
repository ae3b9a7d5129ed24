//! The page on which the API is read, and the document that it shows.
//!
//! It is our own, small, and loads nothing from elsewhere, so that it works
//! without the internet and under the same content policy as the web app.

use std::sync::OnceLock;

use axum::{
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

const PAGE: &str = include_str!("../../assets/docs/index.html");
const STYLE: &str = include_str!("../../assets/docs/docs.css");
const SCRIPT: &str = include_str!("../../assets/docs/docs.js");

/// The document, the page, and the two files that the page needs.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(document))
        .routes(routes!(page))
        .route("/api/docs/docs.css", axum::routing::get(style))
        .route("/api/docs/docs.js", axum::routing::get(script))
}

/// This document.
#[utoipa::path(get, path = "/api/openapi.json", operation_id = "openapi", tag = "operation",
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json")))]
async fn document() -> Response {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    let json = DOCUMENT.get_or_init(|| crate::openapi().to_json().unwrap_or_default());
    ([(CONTENT_TYPE, "application/json")], json.as_str()).into_response()
}

/// A page to read this document on.
#[utoipa::path(get, path = "/api/docs", operation_id = "docs", tag = "operation",
    responses((status = 200, body = String, content_type = "text/html")))]
async fn page() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/html; charset=utf-8")], PAGE)
}

async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

async fn script() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT)
}
