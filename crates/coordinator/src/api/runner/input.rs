//! `GET attempts/{id}/inputs/{name}`: a file that the job brings along.

use axum::{
    extract::State,
    http::{
        HeaderValue,
        header::{CONTENT_LENGTH, CONTENT_TYPE},
    },
    response::{IntoResponse as _, Response},
};
use protocol::{error::Problem, ids::AttemptId};

use crate::{
    api::page::Address,
    app::App,
    auth::RunnerCaller,
    error::{ApiError, ApiResult},
    objects,
    refusals::not_yours,
};

/// Fetch an attachment of the attempt's job.
#[utoipa::path(get, path = "/api/runner/v1/attempts/{id}/inputs/{name}",
    operation_id = "runner_fetch_input", tag = "runner protocol", security(("token" = [])),
    params(
        ("id" = AttemptId, Path, description = "The attempt"),
        ("name" = String, Path, description = "The attachment's file name")),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404, body = Problem)))]
pub(super) async fn fetch(
    State(app): State<App>,
    caller: RunnerCaller,
    Address((id, name)): Address<(AttemptId, String)>,
) -> ApiResult<Response> {
    let attempt = app.store.attempt(id).await?.ok_or_else(not_yours)?;
    // Files of a job are only for whoever works on it, and only while they do.
    if attempt.at.runner_id != caller.runner_id || attempt.ended_at.is_some() {
        return Err(not_yours());
    }
    let job_id = attempt.at.job_id;
    let attachment = app
        .store
        .attachment(job_id, &name)
        .await?
        .ok_or_else(|| ApiError::not_found("attachment"))?;
    let path = objects::attachment(job_id, &attachment.sha256);
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("application/octet-stream"),
        ),
        (CONTENT_LENGTH, HeaderValue::from(attachment.size)),
    ];
    Ok((headers, objects::body_of(&app, vec![path]).await?).into_response())
}
