//! `POST sync`: everything that the runner holds, answered with everything it should do.

use axum::{Json, extract::State};
use protocol::{
    error::Problem,
    runner::{SyncRequest, SyncResponse},
};

use crate::{
    app::App,
    auth::RunnerCaller,
    body::{Body, BodyLimit},
    error::ApiResult,
    scheduler,
};

impl BodyLimit for SyncRequest {
    const BYTES_MAX: usize = 1024 * 1024;
}

/// Say what the runner holds, hear what it should do; held open while there is nothing to hear.
#[utoipa::path(post, path = "/api/runner/v1/sync", operation_id = "runner_sync",
    tag = "runner protocol", security(("token" = [])),
    request_body = SyncRequest,
    responses(
        (status = 200, body = SyncResponse),
        (status = 409, body = Problem, description = "A newer sync has been seen"),
        (status = 410, body = Problem, description = "The runner has been removed or superseded")))]
pub(super) async fn sync(
    State(app): State<App>,
    caller: RunnerCaller,
    Body(request): Body<SyncRequest>,
) -> ApiResult<Json<SyncResponse>> {
    scheduler::sync(&app, caller.runner_id, request)
        .await
        .map(Json)
}
