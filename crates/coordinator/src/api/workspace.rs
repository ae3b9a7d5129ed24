//! A workspace, its jobs, and what waits in it for a person.

use axum::{
    Json,
    extract::{RawQuery, State},
    http::StatusCode,
};
use protocol::{
    api::{JobList, JobView, NewJob, PendingList, TargetPreview, TargetPreviewRequest, Workspace},
    error::Problem,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::page::Address;
use crate::{
    app::App,
    auth::Person,
    body::Body,
    error::{ApiError, ApiResult},
    job_list, jobs,
    rights::Right,
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(list_jobs, submit_job))
        .routes(routes!(job_by_number))
        .routes(routes!(pending))
        .routes(routes!(target_preview))
}

/// A workspace, by id or by its name in addresses.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}", operation_id = "workspace", tag = "workspaces",
    security(("session" = []), ("token" = [])),
    params(("workspace" = String, Path, description = "Id or slug")),
    responses((status = 200, body = Workspace), (status = 404, body = Problem)))]
async fn show(
    State(app): State<App>,
    person: Person,
    Address(workspace): Address<String>,
) -> ApiResult<Json<Workspace>> {
    let member = person.member_of(&app, &workspace).await?.0;
    let house_rules = app.store.house_rules(member.workspace.id).await?;
    Ok(Json(Workspace {
        house_rules,
        id: member.workspace.id,
        slug: member.workspace.slug,
        name: member.workspace.name,
        role: member.role,
    }))
}

/// Jobs of a workspace, newest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/jobs", operation_id = "list_jobs", tag = "jobs",
    security(("session" = []), ("token" = [])),
    params(
        ("workspace" = String, Path, description = "Id or slug"),
        ("state" = Option<String>, Query, description = "One state or several with commas; may be repeated"),
        ("search" = Option<String>, Query, description = "Part of the title, or the number"),
        ("before" = Option<String>, Query, description = "Older than the job with this id"),
        ("offset" = Option<u32>, Query, description = "Without so many of the newest; the answer then says how many there are in all"),
        ("limit" = Option<u32>, Query, description = "At most so many; 50 when left out, 200 at most")),
    responses((status = 200, body = JobList), (status = 404, body = Problem)))]
async fn list_jobs(
    State(app): State<App>,
    person: Person,
    Address(workspace): Address<String>,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<JobList>> {
    let member = person.member_of(&app, &workspace).await?;
    member.require(Right::Read)?;
    let filter = job_list::filter_of(query.as_deref().unwrap_or_default())?;
    Ok(Json(app.store.jobs(member.0.workspace.id, filter).await?))
}

/// Submit a job; it begins in Backlog unless it says that it is ready.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/jobs", operation_id = "submit_job", tag = "jobs",
    security(("session" = []), ("token" = [])),
    params(("workspace" = String, Path, description = "Id or slug")),
    request_body = NewJob,
    responses(
        (status = 201, body = JobView),
        (status = 400, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 413, description = "The instructions are too long: attach them as a file", body = Problem)))]
async fn submit_job(
    State(app): State<App>,
    person: Person,
    Address(workspace): Address<String>,
    Body(new): Body<NewJob>,
) -> ApiResult<(StatusCode, Json<JobView>)> {
    let member = person.member_of(&app, &workspace).await?;
    let view = jobs::submit(&app, &person, &member, new).await?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// A job, by its number in the workspace.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/jobs/{number}", operation_id = "job_by_number", tag = "jobs",
    security(("session" = []), ("token" = [])),
    params(
        ("workspace" = String, Path, description = "Id or slug"),
        ("number" = u64, Path, description = "The job's number")),
    responses((status = 200, body = JobView), (status = 404, body = Problem)))]
async fn job_by_number(
    State(app): State<App>,
    person: Person,
    Address((workspace, number)): Address<(String, u64)>,
) -> ApiResult<Json<JobView>> {
    let member = person.member_of(&app, &workspace).await?;
    member.require(Right::Read)?;
    let job = app
        .store
        .job_by_number(member.0.workspace.id, number)
        .await?
        .ok_or_else(|| ApiError::not_found("job"))?;
    let seen = jobs::SeenJob::new(&app, job, member).await?;
    Ok(Json(jobs::view(&app, seen).await?))
}

/// Approvals and questions that wait for a person, oldest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/pending", operation_id = "pending", tag = "answers",
    security(("session" = []), ("token" = [])),
    params(("workspace" = String, Path, description = "Id or slug")),
    responses((status = 200, body = PendingList), (status = 404, body = Problem)))]
async fn pending(
    State(app): State<App>,
    person: Person,
    Address(workspace): Address<String>,
) -> ApiResult<Json<PendingList>> {
    let member = person.member_of(&app, &workspace).await?;
    member.require(Right::Read)?;
    let id = member.0.workspace.id;
    Ok(Json(PendingList {
        approvals: app.store.pending_approvals(id).await?,
        questions: app.store.pending_questions(id).await?,
    }))
}

/// Which runners could take such a job now, and for each that cannot, why.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/target-preview", operation_id = "target_preview", tag = "runners",
    security(("session" = []), ("token" = [])),
    params(("workspace" = String, Path, description = "Id or slug")),
    request_body = TargetPreviewRequest,
    responses((status = 200, body = TargetPreview), (status = 404, body = Problem)))]
async fn target_preview(
    State(app): State<App>,
    person: Person,
    Address(workspace): Address<String>,
    Body(request): Body<TargetPreviewRequest>,
) -> ApiResult<Json<TargetPreview>> {
    let member = person.member_of(&app, &workspace).await?;
    Ok(Json(jobs::preview(&app, &person, &member, &request).await?))
}
