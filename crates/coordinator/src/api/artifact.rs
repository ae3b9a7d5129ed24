//! Artifacts: always a download, never a page.

use axum::{
    extract::State,
    http::{
        HeaderName, HeaderValue,
        header::{
            CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY,
            CONTENT_TYPE, ETAG,
        },
    },
    response::{IntoResponse, Response},
};
use protocol::{error::Problem, ids::ArtifactId};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::page::Address;
use crate::{
    app::App,
    auth::Person,
    error::{ApiError, ApiResult},
    jobs, objects,
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(content))
}

/// Download a file that an attempt handed back.
#[utoipa::path(get, path = "/api/v1/artifacts/{id}/content", operation_id = "artifact_content", tag = "jobs",
    security(("session" = []), ("token" = [])),
    params(("id" = ArtifactId, Path, description = "The artifact's id")),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404, body = Problem)))]
async fn content(
    State(app): State<App>,
    person: Person,
    Address(id): Address<ArtifactId>,
) -> ApiResult<Response> {
    let nothing = || ApiError::not_found("artifact");
    let artifact = app.store.artifact(id).await?.ok_or_else(nothing)?;
    jobs::find(&app, &person, artifact.at.job_id)
        .await
        .map_err(|_| nothing())?;
    let attempt = artifact.at.attempt_id;
    let parts = artifact
        .parts
        .iter()
        .map(|part| objects::part(attempt, &part.sha256))
        .collect();
    let body = objects::body_of(&app, parts).await?;
    let headers: [(HeaderName, HeaderValue); 6] = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("application/octet-stream"),
        ),
        (CONTENT_LENGTH, HeaderValue::from(artifact.view.size)),
        (CONTENT_DISPOSITION, attachment(&artifact.view.path)?),
        (CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
        (
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("sandbox; default-src 'none'"),
        ),
        (ETAG, text(&format!("\"{}\"", artifact.view.sha256))?),
    ];
    Ok((headers, body).into_response())
}

/// Tells the browser to save the file under its own name (RFC 6266, RFC 8187).
fn attachment(path: &str) -> ApiResult<HeaderValue> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' {
                c
            } else {
                '_'
            }
        })
        .collect();
    let mut exact = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            exact.push(char::from(byte));
        } else {
            exact.push('%');
            exact.push_str(&hex::encode_upper([byte]));
        }
    }
    text(&format!(
        "attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}"
    ))
}

fn text(value: &str) -> ApiResult<HeaderValue> {
    HeaderValue::from_str(value).map_err(|error| ApiError::internal(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_saved_under_its_own_name_and_cannot_break_the_header() {
        let header = |path| attachment(path).unwrap().to_str().unwrap().to_owned();
        assert_eq!(
            header("reports/out.txt"),
            "attachment; filename=\"out.txt\"; filename*=UTF-8''out.txt"
        );
        assert_eq!(
            header("ä \"x\"\r\n.html"),
            "attachment; filename=\"_ _x___.html\"; filename*=UTF-8''%C3%A4%20%22x%22%0D%0A.html"
        );
    }
}
