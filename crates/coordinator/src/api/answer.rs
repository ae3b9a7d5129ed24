//! Answering what waits for a person.

use axum::{Json, extract::State};
use protocol::{
    api::{ApprovalView, QuestionView},
    approval::ApprovalAnswer,
    error::Problem,
    ids::{ApprovalId, QuestionId},
    question::QuestionAnswer,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::page::Address;
use crate::{answers, app::App, auth::Person, body::Body, error::ApiResult};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(approval))
        .routes(routes!(question))
}

/// Allow or deny what an agent wants to do.
#[utoipa::path(post, path = "/api/v1/approvals/{id}/answer", operation_id = "answer_approval", tag = "answers",
    security(("session" = []), ("token" = [])),
    params(("id" = ApprovalId, Path, description = "The approval's id")),
    request_body = ApprovalAnswer,
    responses(
        (status = 200, description = "The answer is on its way to the runner", body = ApprovalView),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, description = "It was answered before, needs none any more, or is not what was seen", body = Problem)))]
async fn approval(
    State(app): State<App>,
    person: Person,
    Address(id): Address<ApprovalId>,
    Body(answer): Body<ApprovalAnswer>,
) -> ApiResult<Json<ApprovalView>> {
    Ok(Json(
        answers::answer_approval(&app, &person, id, answer).await?,
    ))
}

/// Answer an agent's question.
#[utoipa::path(post, path = "/api/v1/questions/{id}/answer", operation_id = "answer_question", tag = "answers",
    security(("session" = []), ("token" = [])),
    params(("id" = QuestionId, Path, description = "The question's id")),
    request_body = QuestionAnswer,
    responses(
        (status = 200, description = "The answer is on its way to the runner", body = QuestionView),
        (status = 400, description = "The answer does not fit the question", body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, description = "It was answered before, needs none any more, or is not what was seen", body = Problem)))]
async fn question(
    State(app): State<App>,
    person: Person,
    Address(id): Address<QuestionId>,
    Body(answer): Body<QuestionAnswer>,
) -> ApiResult<Json<QuestionView>> {
    Ok(Json(
        answers::answer_question(&app, &person, id, answer).await?,
    ))
}
