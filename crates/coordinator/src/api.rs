//! Every address of the coordinator, with its OpenAPI description made from the code.

mod account;
mod answer;
mod api_token;
mod artifact;
mod attempt;
mod audit;
mod device;
mod download;
mod fleet;
mod health;
mod invitation;
mod job;
mod limits;
mod live;
mod notification;
mod oidc;
mod page;
mod plan;
mod runner;
mod session;
mod setup_token;
mod sign_up;
mod team;
mod token;
mod workspace;

use axum::{Router, middleware};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer, DefaultPredicate, Predicate as _, predicate::NotForContentType,
    },
};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::router::OpenApiRouter;

use crate::{app::App, error::ApiError, layers, web};

/// The document's own words.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Coord",
        description = "Jobs for AI coding agents on your own machines. Everything that the web app and the command line do goes through these calls. Refusals are `Problem` objects; act on their `code`."
    ),
    tags(
        (name = "sign-in", description = "Who is signed in."),
        (name = "account", description = "One's own account."),
        (name = "devices", description = "Signing in devices: device authorization and tokens."),
        (name = "workspaces", description = "Workspaces and what happens in them."),
        (name = "jobs", description = "Jobs, their attempts and results."),
        (name = "answers", description = "What waits for a person."),
        (name = "runners", description = "Runners in view."),
        (name = "runner protocol", description = "What runners and the coordinator say to each other."),
        (name = "operation", description = "Health and measurements.")
    ),
    modifiers(&SecuritySchemes)
)]
struct Document;

/// How callers show who they are.
struct SecuritySchemes;

impl Modify for SecuritySchemes {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        components.add_security_scheme(
            "session",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("coord_session"))),
        );
    }
}

/// The OpenAPI document, without a server.
pub fn openapi() -> utoipa::openapi::OpenApi {
    routes().split_for_parts().1
}

/// Everything that the coordinator answers.
pub(crate) fn router(app: &App) -> Router {
    let (api, _) = routes().split_for_parts();
    let same_site = middleware::from_fn_with_state(app.clone(), layers::same_site);
    let compressed =
        DefaultPredicate::new().and(NotForContentType::const_new("application/octet-stream"));
    api.fallback(web::serve)
        .method_not_allowed_fallback(no_such_method)
        .layer(same_site)
        .layer(CompressionLayer::new().compress_when(compressed))
        .layer(middleware::from_fn(layers::harden))
        .layer(CatchPanicLayer::custom(layers::broken))
        .layer(middleware::from_fn(layers::observe))
        .with_state(app.clone())
}

/// Every described route. Those that wait or stream keep their own time.
fn routes() -> OpenApiRouter<App> {
    let ordinary = OpenApiRouter::with_openapi(Document::openapi())
        .merge(session::routes())
        .merge(sign_up::routes())
        .merge(oidc::routes())
        .merge(account::routes())
        .merge(api_token::routes())
        .merge(device::routes())
        .merge(token::routes())
        .merge(workspace::routes())
        .merge(team::routes())
        .merge(invitation::routes())
        .merge(audit::routes())
        .merge(notification::routes())
        .merge(job::routes())
        .merge(attempt::routes())
        .merge(answer::routes())
        .merge(fleet::routes())
        .merge(setup_token::routes())
        .merge(download::routes())
        .merge(plan::routes())
        .merge(health::routes())
        .merge(runner::routes())
        .layer(middleware::from_fn(layers::in_time));
    ordinary
        .merge(attempt::streaming_routes())
        .merge(audit::streaming_routes())
        .merge(artifact::routes())
        .merge(download::streaming_routes())
        .merge(job::upload_routes())
        .merge(live::routes())
        .merge(runner::waiting_routes())
        .merge(web::docs::routes())
        .layer(middleware::from_fn(layers::uncached))
}

async fn no_such_method() -> ApiError {
    ApiError::new(
        protocol::error::ErrorCode::Invalid,
        "This address does not take requests of this kind.",
    )
    .hint("The API is described at /api/docs.")
    .status(axum::http::StatusCode::METHOD_NOT_ALLOWED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_names_every_call_once_and_reads_back() {
        let text = openapi().to_json().unwrap();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let paths = document["paths"].as_object().unwrap();
        let mut operations = Vec::new();
        for (path, item) in paths {
            for (method, operation) in item.as_object().unwrap() {
                let id = operation["operationId"]
                    .as_str()
                    .unwrap_or_else(|| panic!("{method} {path}"));
                assert!(
                    operation["tags"][0].is_string(),
                    "{method} {path} has no tag"
                );
                operations.push(id.to_owned());
            }
        }
        operations.sort();
        let count = operations.len();
        operations.dedup();
        assert_eq!(operations.len(), count, "an operation id is used twice");
        for path in [
            "/api/v1/me",
            "/api/oauth/token",
            "/api/v1/jobs/{id}",
            "/healthz",
        ] {
            assert!(paths.contains_key(path), "{path}");
        }
    }
}
