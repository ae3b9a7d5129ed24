//! One job: looking at it, letting it go, calling it off, attaching files.

use axum::{
    Json,
    extract::{Request, State},
};
use protocol::{
    api::{AttachmentView, JobUpdate, JobView, RetryRequest, TargetPreview, TeamRoleChange},
    error::Problem,
    ids::{AccountId, JobId},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::page::Address;
use crate::{app::App, auth::Person, body::Body, error::ApiResult, jobs};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show, change))
        .routes(routes!(ready))
        .routes(routes!(backlog))
        .routes(routes!(runners))
        .routes(routes!(put_into_team, take_out_of_team))
        .routes(routes!(cancel))
        .routes(routes!(retry))
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
    let seen = jobs::find(&app, &person, id).await?;
    Ok(Json(jobs::view(&app, seen).await?))
}

/// Change a job: its text in Backlog, its target, agent and priority until somebody works on it.
#[utoipa::path(patch, path = "/api/v1/jobs/{id}", operation_id = "change_job", tag = "jobs",
    security(("session" = []), ("token" = [])),
    params(("id" = JobId, Path, description = "The job's id")),
    request_body = JobUpdate,
    responses(
        (status = 200, body = JobView),
        (status = 400, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, description = "Its state does not allow this change", body = Problem)))]
async fn change(
    State(app): State<App>,
    person: Person,
    Address(id): Address<JobId>,
    Body(update): Body<JobUpdate>,
) -> ApiResult<Json<JobView>> {
    Ok(Json(jobs::change(&app, &person, id, update).await?))
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

/// Take a Ready job back to Backlog, to change it or to let it wait.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/backlog", operation_id = "set_job_aside", tag = "jobs",
    security(("session" = []), ("token" = [])),
    params(("id" = JobId, Path, description = "The job's id")),
    responses(
        (status = 200, body = JobView),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, description = "The job is not Ready", body = Problem)))]
async fn backlog(
    State(app): State<App>,
    person: Person,
    Address(id): Address<JobId>,
) -> ApiResult<Json<JobView>> {
    Ok(Json(jobs::set_aside(&app, &person, id).await?))
}

/// Which runners can take a job now, and for each that cannot, why.
#[utoipa::path(get, path = "/api/v1/jobs/{id}/runners", operation_id = "job_runners", tag = "jobs",
    security(("session" = []), ("token" = [])),
    params(("id" = JobId, Path, description = "The job's id")),
    responses((status = 200, body = TargetPreview), (status = 404, body = Problem)))]
async fn runners(
    State(app): State<App>,
    person: Person,
    Address(id): Address<JobId>,
) -> ApiResult<Json<TargetPreview>> {
    Ok(Json(jobs::runners(&app, &person, id).await?))
}

/// Give a member of the workspace a part in a job.
#[utoipa::path(put, path = "/api/v1/jobs/{id}/team/{account}", operation_id = "put_into_team", tag = "jobs",
    security(("session" = []), ("token" = [])),
    params(
        ("id" = JobId, Path, description = "The job's id"),
        ("account" = AccountId, Path, description = "Whom")),
    request_body = TeamRoleChange,
    responses(
        (status = 200, body = JobView),
        (status = 400, description = "A viewer of the workspace can only be a viewer", body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, description = "The submitter leads, always", body = Problem)))]
async fn put_into_team(
    State(app): State<App>,
    person: Person,
    Address((id, account)): Address<(JobId, AccountId)>,
    Body(part): Body<TeamRoleChange>,
) -> ApiResult<Json<JobView>> {
    Ok(Json(
        jobs::put_into_team(&app, &person, id, account, part.role).await?,
    ))
}

/// Take somebody out of a job's team.
#[utoipa::path(delete, path = "/api/v1/jobs/{id}/team/{account}", operation_id = "take_out_of_team", tag = "jobs",
    security(("session" = []), ("token" = [])),
    params(
        ("id" = JobId, Path, description = "The job's id"),
        ("account" = AccountId, Path, description = "Whom")),
    responses(
        (status = 200, body = JobView),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, description = "The submitter leads, always", body = Problem)))]
async fn take_out_of_team(
    State(app): State<App>,
    person: Person,
    Address((id, account)): Address<(JobId, AccountId)>,
) -> ApiResult<Json<JobView>> {
    Ok(Json(
        jobs::take_out_of_team(&app, &person, id, account).await?,
    ))
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

/// One more attempt at a job that is over; it hears the feedback about the last one.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/retry", operation_id = "retry_job", tag = "jobs",
    security(("session" = []), ("token" = [])),
    params(("id" = JobId, Path, description = "The job's id")),
    request_body = RetryRequest,
    responses(
        (status = 200, body = JobView),
        (status = 400, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, description = "The job is not over yet", body = Problem),
        (status = 413, body = Problem)))]
async fn retry(
    State(app): State<App>,
    person: Person,
    Address(id): Address<JobId>,
    Body(request): Body<RetryRequest>,
) -> ApiResult<Json<JobView>> {
    Ok(Json(
        jobs::retry(&app, &person, id, request.feedback).await?,
    ))
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
