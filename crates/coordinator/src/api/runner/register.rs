//! `POST register`: an account's token becomes a runner's own credentials.

use axum::{Json, extract::State};
use protocol::{
    error::{ErrorCode, Problem},
    runner::{RegisterRequest, RegisterResponse},
    version::VersionRange,
};
use rand::RngExt as _;
use store::{GrantKind, NewRunner, Registered};

use crate::{
    app::App,
    auth::Device,
    body::{Body, BodyLimit},
    changes,
    error::{ApiError, ApiResult},
    fleet::checked_name,
    oauth,
    scheduler::version_unsupported,
};

/// How often a short id that is taken is drawn again.
const DRAWS_MAX: usize = 8;
/// Letters and digits that people do not mix up.
const SHORT_ID_ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const SHORT_ID_CHARS: usize = 6;

impl BodyLimit for RegisterRequest {}

/// Register a runner under the account that is signed in.
#[utoipa::path(post, path = "/api/runner/v1/register", operation_id = "runner_register",
    tag = "runner protocol", security(("token" = [])),
    request_body = RegisterRequest,
    responses(
        (status = 200, body = RegisterResponse),
        (status = 400, body = Problem, description = "No common protocol version, or an unusable name"),
        (status = 401, body = Problem),
        (status = 403, body = Problem, description = "The account has as many runners as its plan allows")))]
pub(super) async fn register(
    State(app): State<App>,
    Device(bearer): Device,
    Body(request): Body<RegisterRequest>,
) -> ApiResult<Json<RegisterResponse>> {
    if VersionRange::OURS.common_with(request.protocol).is_none() {
        return Err(version_unsupported(request.protocol));
    }
    let name = checked_name(&request.name)
        .map_err(|refused| refused.hint("Choose another name with `--name`."))?;
    let now = app.now();
    let (tokens, hashes) = oauth::fresh_pair(&app, now);
    // A command line's own grant lives on; one that was made for this runner has done its work.
    let revoke = (bearer.grant.kind == GrantKind::Runner).then_some(bearer.grant.id);
    let (_, plan) = app.config.plans().of(&bearer.account.email);
    for _ in 0..DRAWS_MAX {
        let new = NewRunner {
            account_id: bearer.account.id,
            installation_id: request.installation_id,
            name: name.clone(),
            short_id: draw_short_id(),
            platform: request.platform.clone(),
            runner_version: request.runner_version.clone(),
            machine_key: request.machine_key.clone(),
            runners_max: plan.runners,
            revoke,
        };
        let runner = match app.store.register_runner(new, hashes.clone(), now).await? {
            Registered::Done(runner) => runner,
            Registered::ShortIdTaken => continue,
            Registered::LimitReached { limit } => return Err(limit_reached(limit)),
        };
        changes::runner(&app, runner.account_id, runner.id).await?;
        tracing::info!(runner = %runner.id, account = %runner.account_id, "registered a runner");
        return Ok(Json(RegisterResponse {
            runner_id: runner.id,
            short_id: runner.short_id,
            name: runner.name,
            account: bearer.account.person(),
            tokens,
        }));
    }
    Err(ApiError::new(
        ErrorCode::Unavailable,
        "No free short id was found for the runner.",
    )
    .hint("Try again.")
    .retry_after(1))
}

fn limit_reached(limit: u64) -> ApiError {
    let message = match limit {
        1 => "The account has the one runner that its plan allows.".to_owned(),
        _ => format!("The account has the {limit} runners that its plan allows."),
    };
    ApiError::new(ErrorCode::LimitReached, message)
        .hint("Remove a runner that is not needed any more, or ask the operator for another plan.")
}

fn draw_short_id() -> String {
    let mut chance = rand::rng();
    (0..SHORT_ID_CHARS)
        .map(|_| {
            let drawn = chance.random_range(0..SHORT_ID_ALPHABET.len());
            char::from(SHORT_ID_ALPHABET[drawn])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_ids_have_only_letters_that_people_do_not_mix_up() {
        let id = draw_short_id();
        assert_eq!(id.len(), SHORT_ID_CHARS);
        assert!(
            id.bytes().all(|letter| SHORT_ID_ALPHABET.contains(&letter)),
            "{id}"
        );
    }
}
