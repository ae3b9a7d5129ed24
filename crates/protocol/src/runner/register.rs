//! Registration: an account's token becomes a runner's own credentials.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    agent::Platform,
    ids::{InstallationId, RunnerId},
    version::VersionRange,
};

/// `POST register`, with the account's access token.
///
/// The same installation of the same account gets the same runner again, also
/// after it was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RegisterRequest {
    /// Versions of the runner protocol that the runner speaks.
    pub protocol: VersionRange,
    /// The runner's data directory.
    pub installation_id: InstallationId,
    /// Wished name; a number is added when the account has one of this name already.
    pub name: String,
    /// The machine.
    pub platform: Platform,
    /// Version of the runner.
    pub runner_version: String,
    /// SHA-256 of the machine's id, for recognising a copied disk.
    pub machine_key: String,
}

/// Tokens as the OAuth token endpoint gives them (RFC 6749 §5.1).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenSet {
    /// Goes into the Authorization header.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Life of the access token in seconds.
    pub expires_in: u64,
    /// Good for one new set; stays good until that set is first used.
    pub refresh_token: String,
}

impl std::fmt::Debug for TokenSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenSet")
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

/// The answer to a registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RegisterResponse {
    /// The runner's id.
    pub runner_id: RunnerId,
    /// Its short id, for people.
    pub short_id: String,
    /// The name that it got.
    pub name: String,
    /// The account's name and e-mail address, for showing who is signed in.
    pub account: crate::api::PersonRef,
    /// The runner's own credentials.
    pub tokens: TokenSet,
}
