//! What can be downloaded, and the files themselves.

use axum::{
    Json,
    extract::{Request, State},
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::{IntoResponse as _, Response},
};
use protocol::{
    api::DownloadList,
    error::{ErrorCode, Problem},
};
use tower::ServiceExt as _;
use tower_http::services::ServeFile;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::page::Address;
use crate::{
    app::App,
    error::{ApiError, ApiResult},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Those that send for as long as it takes.
pub(super) fn streaming_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(file))
}

/// The files that this coordinator offers to everybody.
#[utoipa::path(get, path = "/api/v1/downloads", operation_id = "downloads", tag = "runners",
    responses((status = 200, body = DownloadList)))]
async fn list(State(app): State<App>) -> ApiResult<Json<DownloadList>> {
    let files = app.downloads.list().await.map_err(|error| {
        tracing::warn!(%error, "the folder of downloads cannot be read");
        ApiError::new(
            ErrorCode::Internal,
            "The coordinator's folder of downloads cannot be read.",
        )
        .hint("Its operator finds the reason in the log.")
    })?;
    Ok(Json(DownloadList {
        server: app.public_url.clone(),
        files,
    }))
}

/// One file, whole or the part that `Range` names; for everybody, since installers ask for it.
#[utoipa::path(get, path = "/downloads/{name}", operation_id = "download", tag = "runners",
    params(("name" = String, Path, description = "The file's name")),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream"),
        (status = 206, description = "Part of it", content_type = "application/octet-stream"),
        (status = 404, body = Problem),
        (status = 416, description = "There is no such part")))]
async fn file(
    State(app): State<App>,
    Address(name): Address<String>,
    request: Request,
) -> ApiResult<Response> {
    let path = app
        .downloads
        .path_of(&name)
        .await
        .ok_or_else(|| ApiError::not_found("file"))?;
    let Ok(served) = ServeFile::new(path).oneshot(request).await;
    let mut response = served.into_response();
    let headers = response.headers_mut();
    let octets = HeaderValue::from_static("application/octet-stream");
    headers.insert(CONTENT_TYPE, octets);
    // Its letters were checked: none of them ends the quotes.
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}
