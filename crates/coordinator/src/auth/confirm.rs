//! Actions that a browser left open must not be able to do: they need a fresh sign-in.

use protocol::error::ErrorCode;

use super::{Person, after_s, check_password};
use crate::{
    app::App,
    error::{ApiError, ApiResult},
};

/// Whether the person showed lately, in this browser, who they are.
pub(crate) fn is_fresh(app: &App, person: &Person) -> bool {
    person.session.as_ref().is_some_and(|session| {
        app.now() < after_s(session.authenticated_at, app.config.sign_in.fresh_s.get())
    })
}

/// Refuses unless the sign-in is fresh or `password` is the account's.
pub(crate) async fn confirm(app: &App, person: &Person, password: Option<&str>) -> ApiResult<()> {
    if is_fresh(app, person) {
        return Ok(());
    }
    match password {
        Some(password) => confirm_password(app, person, password).await,
        None if person.account.password_hash.is_none() => Err(ApiError::new(
            ErrorCode::ConfirmationRequired,
            "This needs a fresh sign-in.",
        )
        .hint("Sign out, sign in again, and repeat it within a few minutes.")),
        None => Err(ApiError::new(
            ErrorCode::ConfirmationRequired,
            "This needs your password again.",
        )
        .hint("Send the password along.")),
    }
}

/// Refuses unless `password` is the account's; the sign-in is fresh from then on.
pub(crate) async fn confirm_password(app: &App, person: &Person, password: &str) -> ApiResult<()> {
    check_password(app, &person.account.email, password, &person.address).await?;
    if let Some(session) = &person.session {
        app.store
            .session_authenticated(session.id, app.now())
            .await?;
    }
    Ok(())
}
