//! Grants: one signed-in device each, with rotating tokens.

use protocol::{
    api::ClientKind,
    ids::{AccountId, RunnerId, SessionId},
    time::Timestamp,
};

use crate::{Account, Error, Result, Store};

/// What a grant lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GrantKind {
    /// A command line, with the account's rights.
    CommandLine,
    /// A runner that may register itself, or, bound to a runner, the runner itself.
    Runner,
}

impl From<ClientKind> for GrantKind {
    fn from(client: ClientKind) -> Self {
        match client {
            ClientKind::Runner => Self::Runner,
            ClientKind::CommandLine => Self::CommandLine,
        }
    }
}

/// A grant to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGrant {
    /// Whose.
    pub account_id: AccountId,
    /// What for.
    pub kind: GrantKind,
    /// The runner that it is bound to.
    pub runner_id: Option<RunnerId>,
    /// The machine's name, as it says.
    pub machine: String,
    /// The machine's system, as it says.
    pub system: String,
}

/// Hashes of a fresh pair of tokens, with their lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenHashes {
    /// SHA-256 of the access token, in hexadecimal.
    pub access: String,
    /// When the access token ends.
    pub access_expires_at: Timestamp,
    /// SHA-256 of the refresh token, in hexadecimal.
    pub refresh: String,
    /// When the refresh token ends.
    pub refresh_expires_at: Timestamp,
}

/// One signed-in device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Which.
    pub id: SessionId,
    /// Whose.
    pub account_id: AccountId,
    /// What for.
    pub kind: GrantKind,
    /// The runner that it is bound to.
    pub runner_id: Option<RunnerId>,
    /// The machine's name, as it said.
    pub machine: String,
    /// The machine's system, as it said.
    pub system: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

/// Who stands behind an access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The grant; when it has a runner, the bearer is that runner and not the person.
    pub grant: Grant,
    /// The account.
    pub account: Account,
    /// Whether the bound runner has been removed.
    pub runner_removed: bool,
}

/// What came of trading a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refreshed {
    /// The new pair is good; the old refresh token stays good until the pair is first used.
    Renewed(Grant),
    /// It has been used before and its successor too: the grant is revoked now.
    Reused,
    /// It is unknown, has ended, or its grant is revoked.
    Invalid,
}

impl Store {
    /// Makes a grant with its first tokens.
    pub async fn create_grant(
        &self,
        new: NewGrant,
        tokens: TokenHashes,
        now: Timestamp,
    ) -> Result<Grant> {
        let _ = (new, tokens, now);
        Err(Error::Closed)
    }

    /// Who stands behind an access token, unless it has ended or its grant is revoked.
    ///
    /// Its first use makes the refresh token before it worthless.
    pub async fn bearer(&self, access_hash: &str, now: Timestamp) -> Result<Option<Bearer>> {
        let _ = (access_hash, now);
        Err(Error::Closed)
    }

    /// Trades a refresh token for a new pair.
    pub async fn refresh_grant(
        &self,
        refresh_hash: &str,
        tokens: TokenHashes,
        now: Timestamp,
    ) -> Result<Refreshed> {
        let _ = (refresh_hash, tokens, now);
        Err(Error::Closed)
    }

    /// Takes a grant back, with all its tokens.
    pub async fn revoke_grant(&self, id: SessionId, now: Timestamp) -> Result<()> {
        let _ = (id, now);
        Err(Error::Closed)
    }

    /// Removes tokens that have ended by themselves; says how many.
    pub async fn sweep_tokens(&self, now: Timestamp) -> Result<u64> {
        let _ = now;
        Err(Error::Closed)
    }
}
