//! What runners say to the coordinator, a file a call.
//!
//! Every call can be repeated; each carries the runner's own token.

mod entries;
mod events;
mod input;
mod log;
mod manifest;
mod part;
mod register;
mod sign_out;
mod sync;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// Calls that are answered at once.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(register::register))
        .routes(routes!(sign_out::sign_out))
        .routes(routes!(events::append))
        .routes(routes!(log::append))
}

/// Calls that wait or stream, and keep their own time.
pub(super) fn waiting_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sync::sync))
        .routes(routes!(part::store))
        .routes(routes!(manifest::store))
        .routes(routes!(input::fetch))
}
