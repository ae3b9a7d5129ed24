//! Making an account.

use axum::http::HeaderMap;
use protocol::{
    api::{SignUpRequest, Surface},
    error::ErrorCode,
};
use store::{Actor, InvitationAccepted, NewAccount, SignedUp};

use super::{name, password};
use crate::{
    app::App,
    auth::{self, SignedIn, sha256_of},
    email,
    error::{ApiError, ApiResult},
    team,
};

/// Makes an account and signs it in.
pub(crate) async fn sign_up(
    app: &App,
    request: SignUpRequest,
    address: &str,
    headers: &HeaderMap,
) -> ApiResult<SignedIn> {
    let now = app.now();
    app.rates.sign_up.take_or_refuse(address, now)?;
    if !app.store.is_bootstrapped().await? {
        return Err(auth::not_bootstrapped());
    }
    if request.invitation.is_none() && !app.config.sign_up.open {
        return Err(closed());
    }
    if request.invitation.is_some() {
        // Guesses of tokens count; a sign-up that succeeds gives its try back.
        app.rates.link.take_or_refuse(address, now)?;
    }
    let email = email::parse(&request.email).ok_or_else(|| {
        ApiError::new(ErrorCode::Invalid, "This is no e-mail address.")
            .hint("Give one like name@example.com.")
    })?;
    let name = name::checked(&request.name)?;
    password::checked(&request.password)?;
    let new = NewAccount {
        email,
        name,
        password_hash: Some(password::hash(app, &request.password).await?),
        is_email_verified: false,
    };
    let actor = Actor {
        person: None,
        surface: Surface::Web,
        address: Some(address.to_owned()),
    };
    let invitation = request.invitation.as_deref().map(sha256_of);
    match app.store.sign_up(new, invitation, actor, now).await? {
        SignedUp::Done(account) => {
            tracing::info!(account = %account.id, "signed up");
            if request.invitation.is_some() {
                app.rates.link.give_back(address);
                for workspace in app.store.workspace_ids_of(account.id).await? {
                    team::joined(app, workspace);
                }
            }
            auth::begin(app, account, "sign-up", address, headers).await
        }
        SignedUp::NotInvited(InvitationAccepted::ForSomebodyElse(_)) => Err(ApiError::new(
            ErrorCode::LinkInvalid,
            "The invitation is for another e-mail address.",
        )
        .hint("Sign up with the address to which it was sent.")),
        SignedUp::NotInvited(_) => Err(ApiError::new(
            ErrorCode::LinkInvalid,
            "This invitation is unknown, has been used or taken back, or has expired.",
        )
        .hint("Ask whoever invited you for a new one.")),
        SignedUp::EmailTaken => Err(ApiError::new(
            ErrorCode::EmailTaken,
            "There is an account with this e-mail address.",
        )
        .hint("Sign in with it, or ask for a new password.")),
    }
}

/// The refusal where accounts are made by invitation only.
pub(crate) fn closed() -> ApiError {
    ApiError::new(
        ErrorCode::SignUpClosed,
        "Accounts are made by invitation only here.",
    )
    .hint("Ask an admin of the workspace that you want to join for an invitation.")
}
