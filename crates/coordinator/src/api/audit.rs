//! The audit log of a workspace.

use axum::{
    Json,
    extract::State,
    http::{HeaderName, header},
    response::{IntoResponse as _, Response},
};
use protocol::{
    api::{AuditEntry, AuditPage},
    error::Problem,
    ids::{AccountId, AuditId},
};
use serde::Deserialize;
use store::AuditFilter;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::page::{Address, Asked};
use crate::{
    app::App,
    auth::Person,
    error::ApiResult,
    team::{self, Export},
};

/// Lines on one page, unless another number is asked for.
const PAGE_LINES: u32 = 50;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(page))
}

/// Routes that take as long as the reader needs.
pub(super) fn streaming_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(csv))
        .routes(routes!(ndjson))
}

/// Which lines are asked for.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Lines {
    /// Older than the line with this id.
    before: Option<AuditId>,
    /// At most so many; 50 when left out, 500 at most.
    limit: Option<u32>,
    /// Done by the account with this id.
    actor: Option<AccountId>,
    /// This action, or all that begin with this word: `member` finds `member.removed`.
    action: Option<String>,
}

impl From<Lines> for AuditFilter {
    fn from(asked: Lines) -> Self {
        Self {
            actor: asked.actor,
            action: asked.action,
            before: asked.before,
            limit: asked.limit.unwrap_or(PAGE_LINES),
        }
    }
}

/// Who did what, newest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/audit", operation_id = "audit", tag = "workspaces",
    security(("session" = []), ("token" = [])),
    params(("workspace" = String, Path, description = "Id or slug"), Lines),
    responses(
        (status = 200, body = AuditPage),
        (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn page(
    State(app): State<App>,
    person: Person,
    Address(workspace): Address<String>,
    Asked(asked): Asked<Lines>,
) -> ApiResult<Json<AuditPage>> {
    let member = person.member_of(&app, &workspace).await?;
    Ok(Json(team::audit_page(&app, &member, asked.into()).await?))
}

/// The whole log as values with commas, newest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/audit.csv", operation_id = "audit_csv", tag = "workspaces",
    security(("session" = []), ("token" = [])),
    params(("workspace" = String, Path, description = "Id or slug"), Lines),
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn csv(
    State(app): State<App>,
    person: Person,
    Address(workspace): Address<String>,
    Asked(asked): Asked<Lines>,
) -> ApiResult<Response> {
    file(&app, &person, &workspace, asked, Export::Csv).await
}

/// The whole log with one JSON object a line, newest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/audit.ndjson", operation_id = "audit_ndjson", tag = "workspaces",
    security(("session" = []), ("token" = [])),
    params(("workspace" = String, Path, description = "Id or slug"), Lines),
    responses(
        (status = 200, description = "Each line is an `AuditEntry`", body = AuditEntry, content_type = "application/x-ndjson"),
        (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn ndjson(
    State(app): State<App>,
    person: Person,
    Address(workspace): Address<String>,
    Asked(asked): Asked<Lines>,
) -> ApiResult<Response> {
    file(&app, &person, &workspace, asked, Export::Ndjson).await
}

async fn file(
    app: &App,
    person: &Person,
    workspace: &str,
    asked: Lines,
    form: Export,
) -> ApiResult<Response> {
    let member = person.member_of(app, workspace).await?;
    let body = team::export(app, person, &member, asked.into(), form).await?;
    let (kind, name) = match form {
        Export::Csv => ("text/csv; charset=utf-8", "audit.csv"),
        Export::Ndjson => ("application/x-ndjson", "audit.ndjson"),
    };
    let headers: [(HeaderName, String); 2] = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    Ok((headers, body).into_response())
}
