//! Grants: one signed-in device each, with rotating tokens.

use protocol::{
    api::ClientKind,
    ids::{AccountId, RunnerId, SessionId},
    time::Timestamp,
};

use serde::Deserialize;
use uuid::Uuid;

use crate::{
    Account, Result, Store,
    engine::{Conn, Row, sql, sql_for_update},
    token_rule::{self, AccessUse, Family, RefreshUse, Token},
};

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
    Renewed(Box<Grant>),
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
                        t.expires_at AS token_expires_at,
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
        let (family, token) = (family_of(&row)?, token_of(&row)?);
        match token_rule::use_access(family, token, now) {
            AccessUse::Refused => Ok(None),
            AccessUse::Good(used) => {
                if used != family {
                    self.pair_used(bearer.grant.id, used.current).await?;
                }
                Ok(Some(bearer))
            }
        }
    }

    async fn pair_used(&self, grant_id: SessionId, generation: u64) -> Result<()> {
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

    /// Trades a refresh token for a new pair.
    pub async fn refresh_grant(
        &self,
        refresh_hash: &str,
        tokens: TokenHashes,
        now: Timestamp,
    ) -> Result<Refreshed> {
        self.write(
            (refresh_hash.to_owned(), tokens, now),
            |tx, (hash, tokens, now)| Box::pin(refresh_grant(tx, hash, tokens, *now)),
        )
        .await
    }

    /// Takes a grant back, with all its tokens.
    pub async fn revoke_grant(&self, id: SessionId, now: Timestamp) -> Result<()> {
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

pub(crate) async fn create_grant(
    tx: &mut Conn,
    new: &NewGrant,
    tokens: &TokenHashes,
    now: Timestamp,
) -> Result<Grant> {
    let grant = Grant {
        id: SessionId(Uuid::now_v7()),
        account_id: new.account_id,
        kind: new.kind,
        runner_id: new.runner_id,
        machine: new.machine.clone(),
        system: new.system.clone(),
        created_at: now,
        revoked_at: None,
    };
    tx.run(sql!(
        "INSERT INTO grants
         (id, account_id, kind, runner_id, machine, system, created_at, generation, pair_pending)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        grant.id,
        grant.account_id,
        grant.kind.as_str(),
        grant.runner_id,
        &grant.machine,
        &grant.system,
        now,
        Family::NEW.current,
        Family::NEW.pending.is_some()
    ))
    .await?;
    add_pair(tx, grant.id, Family::NEW.current + 1, tokens, now).await?;
    Ok(grant)
}

pub(crate) async fn revoke_grant(tx: &mut Conn, id: SessionId, now: Timestamp) -> Result<()> {
    tx.run(sql!(
        "UPDATE grants SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
        id,
        now
    ))
    .await?;
    Ok(())
}

async fn refresh_grant(
    tx: &mut Conn,
    hash: &str,
    tokens: &TokenHashes,
    now: Timestamp,
) -> Result<Refreshed> {
    let Some(found) = tx
        .one(sql!(
            "SELECT grant_id FROM tokens WHERE hash = $1 AND kind = 'refresh'",
            hash
        ))
        .await?
    else {
        return Ok(Refreshed::Invalid);
    };
    let grant_id: SessionId = found.parsed("grant_id")?;
    let Some(row) = tx
        .one(sql_for_update!(
            "SELECT * FROM grants WHERE id = $1",
            grant_id
        ))
        .await?
    else {
        return Ok(Refreshed::Invalid);
    };
    let grant = Grant::read(&row)?;
    if grant.revoked_at.is_some() {
        return Ok(Refreshed::Invalid);
    }
    // Read only once the grant's row is held: another trade may have replaced the token.
    let Some(token) = tx
        .one(sql!(
            "SELECT generation AS token_generation, replaced AS token_replaced,
                    expires_at AS token_expires_at
             FROM tokens WHERE hash = $1",
            hash
        ))
        .await?
    else {
        return Ok(Refreshed::Invalid);
    };
    let family = match token_rule::use_refresh(family_of(&row)?, token_of(&token)?, now) {
        RefreshUse::Renew(family) => family,
        RefreshUse::Ended => return Ok(Refreshed::Invalid),
        RefreshUse::Reused => {
            revoke_grant(tx, grant_id, now).await?;
            return Ok(Refreshed::Reused);
        }
    };
    let fresh = family.current + 1;
    tx.run(sql!(
        "UPDATE tokens SET replaced = TRUE WHERE grant_id = $1 AND generation = $2",
        grant_id,
        fresh
    ))
    .await?;
    tx.run(sql!(
        "UPDATE grants SET generation = $2, pair_pending = TRUE WHERE id = $1",
        grant_id,
        family.current
    ))
    .await?;
    add_pair(tx, grant_id, fresh, tokens, now).await?;
    Ok(Refreshed::Renewed(Box::new(grant)))
}

/// The generations of a grant, as the rule wants them.
fn family_of(grant: &Row) -> Result<Family> {
    let current = grant.count("generation")?;
    Ok(Family {
        current,
        pending: grant.flag("pair_pending")?.then_some(current + 1),
    })
}

/// A presented token, as the rule wants it.
fn token_of(token: &Row) -> Result<Token> {
    Ok(Token {
        generation: token.count("token_generation")?,
        replaced: token.flag("token_replaced")?,
        expires_at: token.time("token_expires_at")?,
    })
}

async fn add_pair(
    tx: &mut Conn,
    grant_id: SessionId,
    generation: u64,
    tokens: &TokenHashes,
    now: Timestamp,
) -> Result<()> {
    tx.run(sql!(
        "INSERT INTO tokens (hash, grant_id, kind, generation, created_at, expires_at)
         VALUES ($1, $3, 'access', $4, $5, $6), ($2, $3, 'refresh', $4, $5, $7)",
        &tokens.access,
        &tokens.refresh,
        grant_id,
        generation,
        now,
        tokens.access_expires_at,
        tokens.refresh_expires_at
    ))
    .await?;
    Ok(())
}
