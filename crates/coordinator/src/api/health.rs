//! For operators: is it up, does it work, what has it done.

use std::time::Duration;

use axum::{
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use protocol::error::{ErrorCode, Problem};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    error::{ApiError, ApiResult},
    metrics as counted,
};

/// How long the database may take to answer.
const DATABASE_ANSWER_MAX: Duration = Duration::from_secs(2);

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(healthz))
        .routes(routes!(readyz))
        .routes(routes!(metrics))
}

/// Whether the process answers.
#[utoipa::path(get, path = "/healthz", operation_id = "healthz", tag = "operation",
    responses((status = 200, body = String, content_type = "text/plain")))]
async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether the coordinator can do its work: the database answers, and it is not stopping.
/// Background work that has not succeeded for two minutes is named.
#[utoipa::path(get, path = "/readyz", operation_id = "readyz", tag = "operation",
    responses(
        (status = 200, body = String, content_type = "text/plain"),
        (status = 503, body = Problem)))]
async fn readyz(State(app): State<App>) -> ApiResult<String> {
    if app.stopping.is_cancelled() {
        return Err(unready("The coordinator is stopping."));
    }
    match app.store.ping(DATABASE_ANSWER_MAX).await {
        Ok(()) => Ok(details(&counted::late_reconcilers())),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not ready");
            Err(unready("The database does not answer."))
        }
    }
}

/// It can serve, whatever else is late; that is for whoever operates it.
fn details(late: &[(&'static str, u64)]) -> String {
    let mut text = "ready\n".to_owned();
    for (name, seconds) in late {
        text.push_str("late: ");
        text.push_str(name);
        text.push_str(" last succeeded ");
        text.push_str(&seconds.to_string());
        text.push_str(" s ago; the log says why\n");
    }
    text
}

/// Measurements in the Prometheus text format.
#[utoipa::path(get, path = "/metrics", operation_id = "metrics", tag = "operation",
    responses((status = 200, body = String, content_type = "text/plain")))]
async fn metrics(State(app): State<App>) -> Response {
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(CONTENT_TYPE, kind)], app.metrics.render()).into_response()
}

fn unready(why: &str) -> ApiError {
    ApiError::new(ErrorCode::Unavailable, why).retry_after(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_late_is_named_and_does_not_make_it_unready() {
        assert_eq!(details(&[]), "ready\n");
        assert_eq!(
            details(&[("attempts", 300)]),
            "ready\nlate: attempts last succeeded 300 s ago; the log says why\n"
        );
    }
}
