//! Who is signed in, what a call needs for that, and how it ends.

use std::sync::{Arc, Mutex, PoisonError};

use protocol::{
    error::{ErrorCode, OAuthError, Problem},
    runner::TokenSet,
};
use tokio::sync::watch;

use super::Registration;
use crate::service::api::{Api, CallError};

/// How a sign-in ended that was not ended by the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The runner was removed in the web app.
    Removed,
    /// Another start of this runner has taken over.
    Superseded,
    /// The two sides speak no common version.
    VersionUnsupported { message: String },
    /// The coordinator does not take the tokens any more.
    SignedOut { because: String },
}

/// What a face wishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Begin a sign-in.
    SignIn,
    /// Break a sign-in off.
    CancelSignIn,
    /// End the registration.
    SignOut,
    /// Take up the registration that is kept.
    Load,
}

/// Whether somebody is signed in.
#[derive(Debug, Clone)]
pub(super) enum Standing {
    /// Not known yet.
    Loading,
    /// Nobody is.
    Out,
    /// This runner is.
    In(Arc<Registration>),
}

/// The tokens in use.
#[derive(Debug)]
pub(super) struct Tokens {
    pub(super) api: Api,
    pub(super) registration: Registration,
    pub(super) access: Option<Access>,
}

#[derive(Debug, Clone)]
pub(super) struct Access {
    pub(super) token: String,
    pub(super) ends_ms: u64,
}

/// A sign-in that holds.
pub(crate) struct SignedIn(pub(super) watch::Receiver<Standing>);

impl SignedIn {
    /// Whether it still holds.
    pub(crate) fn holds(&self) -> bool {
        matches!(*self.0.borrow(), Standing::In(_))
    }

    /// Waits until it holds no more.
    pub(crate) async fn over(&self) {
        let mut standing = self.0.clone();
        // An error means that the session itself is gone.
        standing
            .wait_for(|standing| !matches!(standing, Standing::In(_)))
            .await
            .ok();
    }
}

/// What one call needs.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The coordinator.
    pub(crate) api: Api,
    /// The access token.
    pub(crate) token: String,
    pub(super) refused: Arc<Mutex<Option<String>>>,
}

impl Call {
    /// Looks at what came of the call: a token that was refused is not used again.
    pub(crate) fn judged(&self, error: CallError) -> CallError {
        if error.code() == Some(ErrorCode::NotSignedIn) {
            let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
            *refused = Some(self.token.clone());
        }
        error
    }
}

pub(super) fn access_of(set: &TokenSet, sent_ms: u64) -> Access {
    Access {
        token: set.access_token.clone(),
        ends_ms: sent_ms.saturating_add(set.expires_in.saturating_mul(1000)),
    }
}

/// Whether a failed renewal ends the sign-in; anything else may pass.
pub(super) fn end_of(error: &CallError) -> Option<Ended> {
    match error {
        CallError::OAuth(OAuthError { error, .. }) if error == "invalid_grant" => {
            Some(Ended::SignedOut {
                because: "The coordinator has ended this runner's sign-in. Sign in again."
                    .to_owned(),
            })
        }
        _ => match error.code() {
            Some(ErrorCode::RunnerRemoved) => Some(Ended::Removed),
            Some(ErrorCode::RunnerSuperseded) => Some(Ended::Superseded),
            Some(ErrorCode::NotSignedIn) => Some(Ended::SignedOut {
                because: "The coordinator has ended this runner's sign-in. Sign in again."
                    .to_owned(),
            }),
            _ => None,
        },
    }
}

pub(super) fn signed_out_now() -> CallError {
    CallError::Refused {
        problem: Problem::new(
            ErrorCode::Unavailable,
            "Nobody is signed in on this runner.",
        ),
        retry_after_ms: None,
    }
}
