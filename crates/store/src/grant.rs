//! Grants: one signed-in device each, with rotating tokens.

mod own;
mod rotation;

use protocol::{
    api::ClientKind,
    ids::{AccountId, GrantId, RequestId, RunnerId},
    time::Timestamp,
};
use serde::Deserialize;

pub(crate) use rotation::{create_grant, revoke_grant};
use rotation::{family_of, refresh_grant, token_of};

use crate::{
    Account, Result, Store,
    engine::{Row, sql},
    token_rule::{self, AccessUse},
};

/// How exactly it is noted that a grant is in use, in milliseconds.
const USED_EVERY_MS: u64 = 60 * 60 * 1000;

/// What a grant lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantKind {
    /// A command line, with the account's rights.
    CommandLine,
    /// A runner that may register itself, or, bound to a runner, the runner itself.
    Runner,
}

impl GrantKind {
    /// The word in the store.
    const fn as_str(self) -> &'static str {
        match self {
            Self::CommandLine => "command_line",
            Self::Runner => "runner",
        }
    }
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
    pub id: GrantId,
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
    Renewed(Box<Grant>),
    /// The very request was answered before, and nothing has changed.
    Repeated,
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
        self.write((new, tokens, now), |tx, (new, tokens, now)| {
            Box::pin(create_grant(tx, new, tokens, *now))
        })
        .await
    }

    /// Who stands behind an access token, unless it has ended or its grant is revoked.
    ///
    /// Its first use makes the refresh token before it worthless.
    pub async fn bearer(&self, access_hash: &str, now: Timestamp) -> Result<Option<Bearer>> {
        let mut conn = self.reader().await?;
        let Some(row) = conn
            .one(sql!(
                "SELECT g.*, t.generation AS token_generation, t.replaced AS token_replaced,
                        t.expires_at AS token_expires_at, t.traded_by AS token_traded_by,
                        a.name AS account_name, a.email AS account_email,
                        a.password_hash AS account_password_hash,
                        a.created_at AS account_created_at,
                        (SELECT r.removed_at FROM runners r WHERE r.id = g.runner_id)
                            AS runner_removed_at
                 FROM tokens t
                 JOIN grants g ON g.id = t.grant_id
                 JOIN accounts a ON a.id = g.account_id
                 WHERE t.hash = $1 AND t.kind = 'access'
                   AND (g.revoked_at IS NULL OR g.runner_id IS NOT NULL)",
                access_hash
            ))
            .await?
        else {
            return Ok(None);
        };
        let bearer = Bearer {
            grant: Grant::read(&row)?,
            account: Account::read_joined(&row)?,
            runner_removed: row.time_option("runner_removed_at")?.is_some(),
        };
        // A removed runner is still told so; any other revoked grant is worth nothing.
        if bearer.grant.revoked_at.is_some() && !bearer.runner_removed {
            return Ok(None);
        }
        // Whoever waits for a write keeps nobody from reading.
        drop(conn);
        let (family, token) = (family_of(&row)?, token_of(&row)?);
        match token_rule::use_access(family, token, now) {
            AccessUse::Refused => Ok(None),
            AccessUse::Good(used) => {
                if used != family {
                    self.pair_used(bearer.grant.id, used.current).await?;
                }
                let noted = row.time_option("last_used_at")?;
                if noted.is_none_or(|at| now.millis_since(at) >= USED_EVERY_MS) {
                    self.grant_used(bearer.grant.id, now).await?;
                }
                Ok(Some(bearer))
            }
        }
    }

    async fn pair_used(&self, grant_id: GrantId, generation: u64) -> Result<()> {
        self.write((grant_id, generation), |tx, (grant_id, generation)| {
            Box::pin(async move {
                tx.run(sql!(
                    "UPDATE grants SET generation = $2, pair_pending = FALSE
                     WHERE id = $1 AND generation < $2",
                    *grant_id,
                    *generation
                ))
                .await?;
                Ok(())
            })
        })
        .await
    }

    /// Trades a refresh token for a new pair; the same `request` does so once.
    pub async fn refresh_grant(
        &self,
        refresh_hash: &str,
        tokens: TokenHashes,
        request: Option<RequestId>,
        now: Timestamp,
    ) -> Result<Refreshed> {
        self.write(
            (refresh_hash.to_owned(), tokens, request, now),
            |tx, (hash, tokens, request, now)| {
                Box::pin(refresh_grant(tx, hash, tokens, *request, *now))
            },
        )
        .await
    }

    /// Takes a grant back, with all its tokens.
    pub async fn revoke_grant(&self, id: GrantId, now: Timestamp) -> Result<()> {
        self.write((id, now), |tx, (id, now)| {
            Box::pin(revoke_grant(tx, *id, *now))
        })
        .await
    }

    /// Removes tokens that have ended by themselves; says how many.
    pub async fn sweep_tokens(&self, now: Timestamp) -> Result<u64> {
        self.write(now, |tx, now| {
            Box::pin(tx.run(sql!("DELETE FROM tokens WHERE expires_at <= $1", *now)))
        })
        .await
    }
}

impl Grant {
    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.parsed("id")?,
            account_id: row.parsed("account_id")?,
            kind: row.word("kind")?,
            runner_id: row.parsed_option("runner_id")?,
            machine: row.text("machine")?,
            system: row.text("system")?,
            created_at: row.time("created_at")?,
            revoked_at: row.time_option("revoked_at")?,
        })
    }
}
