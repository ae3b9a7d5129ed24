//! One-time tokens: a person makes one, and a machine without a screen signs in with it.

use protocol::{
    api::{SetupTokenMade, SetupTokenView},
    error::ErrorCode,
    ids::SetupTokenId,
    limits::SETUP_TOKEN_LIFE_MS,
};
use store::{Audit, NewSetupToken, Subject};

use crate::{
    app::App,
    auth::{Person, Secret},
    error::{ApiError, ApiResult},
};

/// Makes a token that signs in one machine.
pub(crate) async fn make(app: &App, person: &Person) -> ApiResult<SetupTokenMade> {
    if person.scopes.is_some() {
        return Err(ApiError::new(
            ErrorCode::Forbidden,
            "A token for scripts cannot sign in machines.",
        )
        .hint("Make the setup token in the web app."));
    }
    let now = app.now();
    let secret = Secret::new("cos_");
    let expires_at = now.plus_millis(SETUP_TOKEN_LIFE_MS);
    let new = NewSetupToken::new(person.account.id, secret.sha256(), expires_at);
    let id = new.id;
    let subject = Subject::new("setup_token", id, "Setup token");
    let line = Audit::of_account(
        person.account.id,
        person.actor(),
        "setup_token.made",
        subject,
    );
    if !app.store.create_setup_token(new, line, now).await? {
        return Err(ApiError::new(
            ErrorCode::RateLimited,
            "You have many setup tokens that nobody has used yet.",
        )
        .hint("Use one of them, or wait: each ends an hour after it was made."));
    }
    Ok(SetupTokenMade {
        id,
        token: secret.reveal(),
        expires_at,
    })
}

/// What has become of a token.
pub(crate) async fn find(
    app: &App,
    person: &Person,
    id: SetupTokenId,
) -> ApiResult<SetupTokenView> {
    app.store
        .setup_token(person.account.id, id)
        .await?
        .ok_or_else(|| ApiError::not_found("setup token"))
}
