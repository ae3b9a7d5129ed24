//! One job: looking at it, letting it go, calling it off, attaching files.

use axum::{
    Json,
    extract::{Request, State},
};
use protocol::{
    api::{AttachmentView, JobView},
    error::Problem,
    ids::JobId,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::page::Address;
use crate::{app::App, auth::Person, error::ApiResult, jobs};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(ready))
        .routes(routes!(cancel))
}

/// Routes that take as long as the sender needs.
pub(super) fn upload_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(attach))
}

/// A job, whole.
#[utoipa::path(get, path = "/api/v1/jobs/{id}", operation_id = "job", tag = "jobs",
    security(("session" = []), ("token" = [])),
    params(("id" = JobId, Path, description = "The job's id")),
    responses((status = 200, body = JobView), (status = 404, body = Problem)))]
async fn show(
    State(app): State<App>,
    person: Person,
    Address(id): Address<JobId>,
) -> ApiResult<Json<JobView>> {
    let (job, member) = jobs::find(&app, &person, id).await?;
    Ok(Json(jobs::view(&app, &member, job).await?))
}

/// Move a job from Backlog to Ready, so that a runner may take it.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/ready", operation_id = "make_job_ready", tag = "jobs",
    security(("session" = []), ("token" = [])),
    params(("id" = JobId, Path, description = "The job's id")),
    responses(
        (status = 200, body = JobView),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, description = "The job is not in Backlog", body = Problem)))]
async fn ready(
    State(app): State<App>,
    person: Person,
    Address(id): Address<JobId>,
) -> ApiResult<Json<JobView>> {
    Ok(Json(jobs::make_ready(&app, &person, id).await?))
}

/// Cancel a job; one that is under way gets a minute to end.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/cancel", operation_id = "cancel_job", tag = "jobs",
    security(("session" = []), ("token" = [])),
    params(("id" = JobId, Path, description = "The job's id")),
    responses(
        (status = 200, body = JobView),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, description = "The job has ended already", body = Problem)))]
async fn cancel(
    State(app): State<App>,
    person: Person,
    Address(id): Address<JobId>,
) -> ApiResult<Json<JobView>> {
    Ok(Json(jobs::cancel(&app, &person, id).await?))
}

/// Attach a file to a job in Backlog; the body is the file.
#[utoipa::path(put, path = "/api/v1/jobs/{id}/attachments/{name}", operation_id = "attach_file", tag = "jobs",
    security(("session" = []), ("token" = [])),
    params(
        ("id" = JobId, Path, description = "The job's id"),
        ("name" = String, Path, description = "The file's name")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 200, body = AttachmentView),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, description = "The job has left Backlog", body = Problem),
        (status = 413, body = Problem)))]
async fn attach(
    State(app): State<App>,
    person: Person,
    Address((id, name)): Address<(JobId, String)>,
    request: Request,
) -> ApiResult<Json<AttachmentView>> {
    Ok(Json(jobs::attach(&app, &person, id, name, request).await?))
}
