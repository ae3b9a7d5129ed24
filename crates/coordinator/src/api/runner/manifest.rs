//! `POST attempts/{id}/artifacts`: the list of everything that an attempt hands back.

use axum::{Json, extract::State};
use protocol::{
    error::Problem,
    ids::AttemptId,
    runner::{ArtifactManifest, ManifestStored},
};

use crate::{
    api::page::Address,
    app::App,
    artifacts,
    auth::RunnerCaller,
    body::{Body, BodyLimit},
    error::ApiResult,
};

impl BodyLimit for ArtifactManifest {
    const BYTES_MAX: usize = 16 * 1024 * 1024;
}

/// Store the list of files, under the attempt's fence, once their parts are there.
#[utoipa::path(post, path = "/api/runner/v1/attempts/{id}/artifacts",
    operation_id = "runner_store_manifest", tag = "runner protocol", security(("token" = [])),
    params(("id" = AttemptId, Path, description = "The attempt")),
    request_body = ArtifactManifest,
    responses(
        (status = 200, body = ManifestStored),
        (status = 400, body = Problem, description = "A path, size or digest is wrong"),
        (status = 404, body = Problem, description = "The runner has no such attempt"),
        (status = 410, body = Problem, description = "The fence has moved on, or the attempt has ended")))]
pub(super) async fn store(
    State(app): State<App>,
    caller: RunnerCaller,
    Address(id): Address<AttemptId>,
    Body(manifest): Body<ArtifactManifest>,
) -> ApiResult<Json<ManifestStored>> {
    let stored = artifacts::store_manifest(&app, caller.runner_id, id, manifest).await?;
    failpoints::reached("coordinator.manifest.stored");
    Ok(Json(stored))
}
