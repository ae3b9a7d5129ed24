//! What one's plan allows, and how much of it is used.

use axum::{Json, extract::State};
use protocol::{api::PlanUse, error::Problem};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, auth::Person, error::ApiResult, plan};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// The plan of one's account, with its use.
#[utoipa::path(get, path = "/api/v1/account/plan", operation_id = "account_plan", tag = "account",
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = PlanUse), (status = 401, body = Problem)))]
async fn show(State(app): State<App>, person: Person) -> ApiResult<Json<PlanUse>> {
    Ok(Json(plan::of(&app, &person.account).await?))
}
