//! What is kept of a registration, as one secret.

use std::fmt;

use protocol::{
    api::PersonRef,
    ids::RunnerId,
    runner::{RegisterResponse, TokenSet},
};
use serde::{Deserialize, Serialize};

/// This machine as a runner of somebody's account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Registration {
    /// At which coordinator.
    pub(crate) server: String,
    pub(crate) runner_id: RunnerId,
    pub(crate) short_id: String,
    pub(crate) name: String,
    pub(crate) account: PersonRef,
    /// The newest one.
    pub(crate) refresh_token: String,
}

impl Registration {
    /// The registration that `server` has answered, and its tokens.
    pub(super) fn of(server: &str, response: RegisterResponse) -> (Self, TokenSet) {
        let registration = Self {
            server: server.to_owned(),
            runner_id: response.runner_id,
            short_id: response.short_id,
            name: response.name,
            account: response.account,
            refresh_token: response.tokens.refresh_token.clone(),
        };
        (registration, response.tokens)
    }

    /// As it is kept in the vault.
    pub(super) fn secret(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads back what [`Registration::secret`] gave.
    pub(super) fn from_secret(secret: &str) -> Option<Self> {
        serde_json::from_str(secret).ok()
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration")
            .field("server", &self.server)
            .field("runner_id", &self.runner_id)
            .finish_non_exhaustive()
    }
}
