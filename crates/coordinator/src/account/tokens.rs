//! Tokens for scripts.

use protocol::{
    api::{ApiTokenMade, NewApiToken},
    error::ErrorCode,
    ids::ApiTokenId,
};
use store::{Audit, Subject};

use super::name;
use crate::{
    app::App,
    auth::{API_TOKEN_PREFIX, Person, Secret, after_s},
    error::{ApiError, ApiResult},
};

/// How much of the secret is kept for recognising it: the prefix and six of 43 characters.
const SHOWN_CHARS: usize = 10;
/// Longest life.
const LIFE_DAYS_MAX: u32 = 366;
const DAY_S: u64 = 24 * 60 * 60;

/// Makes a token; its secret is in the answer and nowhere else.
pub(crate) async fn create(
    app: &App,
    person: &Person,
    new: NewApiToken,
) -> ApiResult<ApiTokenMade> {
    let name = name::checked(&new.name)?;
    let mut scopes = Vec::with_capacity(new.scopes.len().min(4));
    for scope in new.scopes {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    if scopes.is_empty() {
        return Err(ApiError::new(
            ErrorCode::Invalid,
            "A token without a scope is good for nothing.",
        )
        .hint("Name at least one of read, jobs, runners and members."));
    }
    if !(1..=LIFE_DAYS_MAX).contains(&new.expires_in_days) {
        return Err(ApiError::new(
            ErrorCode::Invalid,
            format!("A token lives 1 to {LIFE_DAYS_MAX} days."),
        ));
    }
    let workspace = match new.workspace_id {
        None => None,
        Some(id) => Some(person.member_of(app, &id.to_string()).await?.0.workspace),
    };
    let (secret, now) = (Secret::new(API_TOKEN_PREFIX), app.now());
    let (token_hash, token) = (secret.sha256(), secret.reveal());
    let row = store::NewApiToken {
        token_hash,
        account_id: person.account.id,
        name: name.clone(),
        scopes,
        workspace,
        prefix: token.chars().take(SHOWN_CHARS).collect(),
        expires_at: after_s(now, u64::from(new.expires_in_days) * DAY_S),
    };
    let subject = Subject::new("api_token", &row.prefix, name);
    let line = Audit::of_account(person.account.id, person.actor(), "api_token.made", subject);
    let view = app
        .store
        .create_api_token(row, line, now)
        .await?
        .ok_or_else(|| {
            ApiError::new(
                ErrorCode::LimitReached,
                "The account has as many tokens as it may have.",
            )
            .hint("Revoke one that is not needed any more.")
        })?;
    Ok(ApiTokenMade { token, view })
}

/// Ends a token at once.
pub(crate) async fn revoke(app: &App, person: &Person, id: ApiTokenId) -> ApiResult<()> {
    let account_id = person.account.id;
    let missing = || ApiError::not_found("token");
    let token = app
        .store
        .api_tokens_of(account_id)
        .await?
        .into_iter()
        .find(|token| token.id == id)
        .ok_or_else(missing)?;
    let subject = Subject::new("api_token", &token.prefix, token.name);
    let line = Audit::of_account(account_id, person.actor(), "api_token.revoked", subject);
    let revoked = app
        .store
        .revoke_api_token(account_id, id, line, app.now())
        .await?;
    revoked.then_some(()).ok_or_else(missing)
}
