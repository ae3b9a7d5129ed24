//! The web app, from inside of the program.
//!
//! Files whose names carry a hash are kept by browsers for good; every address
//! of the app itself is answered with its page.

pub(crate) mod docs;

use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderValue, Method, StatusCode, Uri,
        header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH},
    },
    response::{IntoResponse, Response},
};
use protocol::error::ErrorCode;
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::error::ApiError;

/// The built web app.
#[derive(RustEmbed)]
#[folder = "$COORD_WEB_FOLDER"]
struct WebApp;

/// Where files stand whose names carry a hash of their content.
const HASHED_FOLDER: &str = "assets/";
/// The page that every address of the app begins with.
const INDEX: &str = "index.html";

/// Answers whatever no other route answers.
pub(crate) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") {
        return ApiError::not_found("API call")
            .hint("The API is described at /api/docs.")
            .into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return ApiError::new(ErrorCode::Invalid, "This address can only be read.")
            .status(StatusCode::METHOD_NOT_ALLOWED)
            .into_response();
    }
    answer::<WebApp>(path, &headers)
}

fn answer<App: RustEmbed>(path: &str, headers: &HeaderMap) -> Response {
    if let Some(file) = App::get(path) {
        return with_tag(path, file, headers);
    }
    // What looks like a file and is not there must not be answered with a page.
    let last = path.rsplit('/').next().unwrap_or(path);
    if path.starts_with(HASHED_FOLDER) || last.contains('.') {
        return ApiError::not_found("file").into_response();
    }
    match App::get(INDEX) {
        Some(page) => with_tag(INDEX, page, headers),
        None => not_built(),
    }
}

fn with_tag(path: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let tag = format!("W/\"{}\"", &hex::encode(file.metadata.sha256_hash())[..32]);
    let known = headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim() == tag);
    let cache = if path.starts_with(HASHED_FOLDER) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let kind = with_charset(file.metadata.mimetype());
        ([(CONTENT_TYPE, kind)], Body::from(file.data)).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    response
}

fn with_charset(kind: &str) -> String {
    if kind.starts_with("text/") || kind == "application/javascript" {
        format!("{kind}; charset=utf-8")
    } else {
        kind.to_owned()
    }
}

/// Said instead of the app where the program was built without it.
fn not_built() -> Response {
    let page = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Coord</title>\
        <h1>The web app is not part of this build</h1>\
        <p>Run <code>cargo xtask build</code> and start the coordinator again. \
        The <a href=\"/api/docs\">API</a> works as it is.</p></html>";
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
    ];
    (StatusCode::SERVICE_UNAVAILABLE, headers, page).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder as the web app's build leaves it.
    #[derive(RustEmbed)]
    #[folder = "tests/web"]
    struct Sample;

    fn get(path: &str, headers: &HeaderMap) -> Response {
        answer::<Sample>(path, headers)
    }

    fn header(response: &Response, name: axum::http::HeaderName) -> String {
        response.headers()[name].to_str().unwrap().to_owned()
    }

    #[test]
    fn addresses_of_the_app_get_its_page_and_missing_files_do_not() {
        let none = HeaderMap::new();
        for path in ["", "device", "w/team/jobs/7"] {
            let page = get(path, &none);
            assert_eq!(page.status(), StatusCode::OK, "{path}");
            assert_eq!(header(&page, CONTENT_TYPE), "text/html; charset=utf-8");
            assert_eq!(header(&page, CACHE_CONTROL), "no-cache");
        }
        assert_eq!(
            get("assets/gone-1234.js", &none).status(),
            StatusCode::NOT_FOUND
        );
        assert_eq!(get("favicon.ico", &none).status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn hashed_files_are_kept_for_good_and_known_ones_not_sent_again() {
        let file = get("assets/app-1234.js", &HeaderMap::new());
        assert!(header(&file, CACHE_CONTROL).contains("immutable"));
        assert!(header(&file, CONTENT_TYPE).starts_with("text/javascript"));
        let mut knows = HeaderMap::new();
        knows.insert(IF_NONE_MATCH, header(&file, ETAG).parse().unwrap());
        assert_eq!(
            get("assets/app-1234.js", &knows).status(),
            StatusCode::NOT_MODIFIED
        );
    }

    #[tokio::test]
    async fn unknown_calls_of_the_api_are_refused_as_json() {
        let response = serve(
            Method::GET,
            Uri::from_static("/api/v1/nothing"),
            HeaderMap::new(),
        )
        .await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert_eq!(header(&response, CONTENT_TYPE), "application/json");
        let response = serve(Method::POST, Uri::from_static("/jobs"), HeaderMap::new()).await;
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    }
}
