//! `POST sign-out`: the runner's credentials die, and its attempts end.

use axum::{extract::State, http::StatusCode};
use protocol::error::Problem;

use crate::{app::App, auth::RunnerCaller, changes, error::ApiResult};

/// Sign this runner out.
#[utoipa::path(post, path = "/api/runner/v1/sign-out", operation_id = "runner_sign_out",
    tag = "runner protocol", security(("token" = [])),
    responses(
        (status = 204, description = "Signed out"),
        (status = 401, body = Problem),
        (status = 410, body = Problem, description = "The runner has been removed already")))]
pub(super) async fn sign_out(
    State(app): State<App>,
    caller: RunnerCaller,
) -> ApiResult<StatusCode> {
    let ended = app
        .store
        .sign_runner_out(caller.runner_id, None, app.now())
        .await?;
    for at in &ended {
        changes::attempt(&app, *at);
    }
    changes::runner(&app, caller.account_id, caller.runner_id).await?;
    if !ended.is_empty() {
        app.work_changed();
    }
    Ok(StatusCode::NO_CONTENT)
}
