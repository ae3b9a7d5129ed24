//! Errors as they travel: a code to act on, and words for a person.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::RequestId;

/// What went wrong, for programs; a code exists only if somebody acts on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Nobody is signed in, or the sign-in has ended.
    NotSignedIn,
    /// E-mail address or password do not match.
    WrongCredentials,
    /// The action needs the password again.
    ConfirmationRequired,
    /// Signed in, but without the right to do this.
    Forbidden,
    /// It does not exist, or is not in view.
    NotFound,
    /// The request is not well-formed or breaks a limit.
    Invalid,
    /// What is sent is larger than allowed.
    TooLarge,
    /// It has changed or ended meanwhile.
    Conflict,
    /// Too many tries; wait.
    RateLimited,
    /// The instance has no owner yet.
    NotBootstrapped,
    /// The device code is unknown, used or expired.
    DeviceCodeInvalid,
    /// A name stands for several things.
    Ambiguous,
    /// Accounts are made by invitation only.
    SignUpClosed,
    /// An account with this e-mail address exists.
    EmailTaken,
    /// An invitation or another link in a mail is unknown, used, taken back or expired.
    LinkInvalid,
    /// A plan's limit is reached.
    LimitReached,
    /// The identity provider refused, or could not be reached.
    ProviderFailed,
    /// A newer sync has been seen; this one changed nothing.
    StaleSync,
    /// The runner has been removed; its credentials are dead.
    RunnerRemoved,
    /// Another start of the same runner has taken over.
    RunnerSuperseded,
    /// The fence has moved on; the attempt belongs to somebody else or has ended.
    FenceMovedOn,
    /// Entries before these are missing; send from the number given.
    EntriesMissing,
    /// The two sides speak no common protocol version.
    VersionUnsupported,
    /// The server is overloaded or shutting down; try again.
    Unavailable,
    /// Something broke inside the server.
    Internal,
    /// A code from a newer version.
    #[serde(other)]
    Unknown,
}

/// The body of every refused request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// What programs act on.
    pub code: ErrorCode,
    /// What happened and why, for a person.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Finds the request in the server's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<RequestId>,
}

impl Problem {
    /// A problem without a hint.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: None,
            request_id: None,
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// The error answer of the OAuth endpoints (RFC 6749 §5.2, RFC 8628 §3.5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OAuthError {
    /// `authorization_pending`, `slow_down`, `access_denied`, `expired_token`, `invalid_grant`, …
    pub error: String,
    /// Words for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_description: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_a_newer_version_is_understood_as_unknown() {
        let code: ErrorCode = serde_json::from_str("\"something_new\"").unwrap();
        assert_eq!(code, ErrorCode::Unknown);
    }
}
