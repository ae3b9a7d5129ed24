//! Changing the password, and what a new one has to be.

use protocol::{api::PasswordChange, error::ErrorCode};

use super::audited;
use crate::{
    app::App,
    auth::{self, Person, check_new_password},
    error::{ApiError, ApiResult},
};

/// Sets a new password; every other browser is signed out.
///
/// An account that has one has to give it, however fresh the sign-in is.
pub(crate) async fn change(app: &App, person: &Person, change: PasswordChange) -> ApiResult<()> {
    checked(&change.new)?;
    if person.account.password_hash.is_some() {
        let current = change.current.as_deref().ok_or_else(|| {
            ApiError::new(
                ErrorCode::ConfirmationRequired,
                "The present password is missing.",
            )
            .hint("Send it along as `current`.")
        })?;
        auth::confirm_password(app, person, current).await?;
    } else {
        auth::confirm(app, person, None).await?;
    }
    let hash = hash(app, &change.new).await?;
    let keep = person.session.as_ref().map(|session| session.id);
    let line = audited(person, "account.password_changed");
    app.store
        .change_password(person.account.id, hash, keep, line, app.now())
        .await?;
    tracing::info!(account = %person.account.id, "changed the password");
    Ok(())
}

/// Refuses a password that is not good enough.
pub(super) fn checked(password: &str) -> ApiResult<()> {
    check_new_password(password).map_err(|refused| {
        let mut reason = refused.to_string();
        if let Some(first) = reason.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        ApiError::new(ErrorCode::Invalid, format!("{reason}.")).hint("Choose another password.")
    })
}

/// The text that is kept for a password.
pub(super) async fn hash(app: &App, password: &str) -> ApiResult<String> {
    app.passwords
        .hash(password)
        .await
        .map_err(|error| ApiError::internal(&error))
}
