//! `PUT attempts/{id}/artifacts/parts/{sha256}`: one part of a file that is handed back.

use axum::{
    Json,
    extract::{Request, State},
};
use protocol::{error::Problem, ids::AttemptId, runner::PartStored};

use crate::{api::page::Address, app::App, artifacts, auth::RunnerCaller, error::ApiResult};

/// Store one part by the digest of its content.
#[utoipa::path(put, path = "/api/runner/v1/attempts/{id}/artifacts/parts/{sha256}",
    operation_id = "runner_store_part", tag = "runner protocol", security(("token" = [])),
    params(
        ("id" = AttemptId, Path, description = "The attempt"),
        ("sha256" = String, Path, description = "SHA-256 of the content, in lower-case hexadecimal")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 200, body = PartStored),
        (status = 400, body = Problem, description = "The content has another digest"),
        (status = 404, body = Problem, description = "The runner has no such attempt"),
        (status = 410, body = Problem, description = "The attempt has ended"),
        (status = 413, body = Problem)))]
pub(super) async fn store(
    State(app): State<App>,
    caller: RunnerCaller,
    Address((id, sha256)): Address<(AttemptId, String)>,
    request: Request,
) -> ApiResult<Json<PartStored>> {
    let size = artifacts::store_part(&app, caller.runner_id, id, &sha256, request).await?;
    failpoints::reached("coordinator.part.stored");
    Ok(Json(PartStored { size }))
}
