//! `POST attempts/{id}/log`: entries of the log.

use axum::{Json, extract::State};
use protocol::{
    error::Problem,
    ids::AttemptId,
    runner::{AppendLog, Appended},
};

use super::entries::{Upload, answer};
use crate::{
    api::page::Address, app::App, auth::RunnerCaller, body::Body, changes, error::ApiResult,
};

/// Keep log entries.
#[utoipa::path(post, path = "/api/runner/v1/attempts/{id}/log", operation_id = "runner_append_log",
    tag = "runner protocol", security(("token" = [])),
    params(("id" = AttemptId, Path, description = "The attempt")),
    request_body = AppendLog,
    responses(
        (status = 200, body = Appended),
        (status = 404, body = Problem, description = "The runner has no such attempt"),
        (status = 409, body = Problem, description = "Entries before these are missing")))]
pub(super) async fn append(
    State(app): State<App>,
    caller: RunnerCaller,
    Address(id): Address<AttemptId>,
    Body(upload): Body<Upload>,
) -> ApiResult<Json<Appended>> {
    let fence = upload.fence;
    let entries = upload.entries()?;
    let now = app.store.now(app.now()).await?;
    let appended = app
        .store
        .append_log(caller.runner_id, id, fence, entries, now)
        .await?;
    failpoints::reached("coordinator.log.kept");
    if let store::Appended::Kept { at, last, new } = appended
        && new > 0
    {
        metrics::counter!("coord_entries_total", "stream" => "log").increment(new);
        changes::log(&app, at, last);
    }
    answer(appended)
}
