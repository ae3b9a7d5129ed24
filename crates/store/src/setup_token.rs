//! One-time tokens that sign in a machine without a screen.

use protocol::{
    api::{RunnerRef, SetupTokenView, Surface},
    ids::{AccountId, GrantId, RunnerId, SetupTokenId},
    time::Timestamp,
};
use uuid::Uuid;

use crate::{
    Account, Actor, Audit, Grant, GrantKind, NewGrant, Result, Store, Subject, TokenHashes, audit,
    engine::{Conn, Row, sql, sql_for_update},
    grant::create_grant,
};

/// Most tokens of one account that wait to be used.
const WAITING_MAX: u64 = 20;

/// A one-time token to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSetupToken {
    /// Which it will be.
    pub id: SetupTokenId,
    /// Whose machine it signs in.
    pub account_id: AccountId,
    /// SHA-256 of the token, in hexadecimal.
    pub token_hash: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A machine that wants to sign in with a one-time token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupMachine {
    /// SHA-256 of the token that it has, in hexadecimal.
    pub token_hash: String,
    /// Its name, as it says.
    pub machine: String,
    /// Its system, as it says.
    pub system: String,
    /// The network address from which it asks.
    pub address: String,
}

impl NewSetupToken {
    /// A token of this account, with a fresh id.
    pub fn new(account_id: AccountId, token_hash: String, expires_at: Timestamp) -> Self {
        Self {
            id: SetupTokenId(Uuid::now_v7()),
            account_id,
            token_hash,
            expires_at,
        }
    }
}

impl Store {
    /// Makes a one-time token; false when the account has too many that wait.
    pub async fn create_setup_token(
        &self,
        new: NewSetupToken,
        line: Audit,
        now: Timestamp,
    ) -> Result<bool> {
        self.write((new, line, now), |tx, (new, line, now)| {
            Box::pin(create(tx, new, line, *now))
        })
        .await
    }

    /// A one-time token of an account.
    pub async fn setup_token(
        &self,
        account_id: AccountId,
        id: SetupTokenId,
    ) -> Result<Option<SetupTokenView>> {
        let mut conn = self.reader().await?;
        let row = conn
            .one(sql!(
                "SELECT s.id, s.expires_at, s.used_at, r.id AS runner_id, r.short_id, r.name,
                        COALESCE(r.last_sync_at, 0) >= COALESCE(s.used_at, 1) AS connected
                 FROM setup_tokens s
                 LEFT JOIN runners r ON r.id = s.runner_id AND r.removed_at IS NULL
                 WHERE s.id = $1 AND s.account_id = $2",
                id,
                account_id
            ))
            .await?;
        row.map(|row| view(&row)).transpose()
    }

    /// Signs a machine in, once for each token; none when the token is unknown, used or has ended.
    pub async fn use_setup_token(
        &self,
        machine: SetupMachine,
        tokens: TokenHashes,
        now: Timestamp,
    ) -> Result<Option<Grant>> {
        let args = (machine, tokens, now);
        self.write(args, |tx, (machine, tokens, now)| {
            Box::pin(use_up(tx, machine, tokens, *now))
        })
        .await
    }

    /// Forgets tokens that ended without being used, and used ones whose page nobody looks at.
    pub async fn sweep_setup_tokens(&self, now: Timestamp) -> Result<u64> {
        let before = Timestamp(now.0.saturating_sub_unsigned(24 * 60 * 60 * 1000));
        self.write(before, |tx, before| {
            Box::pin(tx.run(sql!(
                "DELETE FROM setup_tokens WHERE expires_at <= $1",
                *before
            )))
        })
        .await
    }
}

async fn create(tx: &mut Conn, new: &NewSetupToken, line: &Audit, now: Timestamp) -> Result<bool> {
    tx.one(sql_for_update!(
        "SELECT id FROM accounts WHERE id = $1",
        new.account_id
    ))
    .await?;
    let row = tx
        .one(sql!(
            "SELECT COUNT(*) AS waiting FROM setup_tokens
             WHERE account_id = $1 AND used_at IS NULL AND expires_at > $2",
            new.account_id,
            now
        ))
        .await?;
    if row.map_or(Ok(0), |row| row.count("waiting"))? >= WAITING_MAX {
        return Ok(false);
    }
    tx.run(sql!(
        "INSERT INTO setup_tokens (id, token_hash, account_id, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5)",
        new.id,
        &new.token_hash,
        new.account_id,
        now,
        new.expires_at
    ))
    .await?;
    audit::write(tx, line, now).await?;
    Ok(true)
}

async fn use_up(
    tx: &mut Conn,
    machine: &SetupMachine,
    tokens: &TokenHashes,
    now: Timestamp,
) -> Result<Option<Grant>> {
    let Some(row) = tx
        .one(sql_for_update!(
            "SELECT id, account_id FROM setup_tokens
             WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2",
            &machine.token_hash,
            now
        ))
        .await?
    else {
        return Ok(None);
    };
    let id: SetupTokenId = row.parsed("id")?;
    let account_id = row.parsed("account_id")?;
    let Some(account) = Account::by_id(tx, account_id).await? else {
        return Ok(None);
    };
    let new = NewGrant {
        account_id,
        kind: GrantKind::Runner,
        runner_id: None,
        machine: machine.machine.clone(),
        system: machine.system.clone(),
    };
    let grant = create_grant(tx, &new, tokens, now).await?;
    tx.run(sql!(
        "UPDATE setup_tokens SET used_at = $2, grant_id = $3 WHERE id = $1",
        id,
        now,
        grant.id
    ))
    .await?;
    let actor = Actor {
        person: Some(account.person()),
        surface: Surface::Runner,
        address: Some(machine.address.clone()),
    };
    let subject = Subject::new("device", grant.id, machine.machine.clone());
    let line = Audit::of_account(account_id, actor, "setup_token.used", subject)
        .detail("system", &machine.system);
    audit::write(tx, &line, now).await?;
    Ok(Some(grant))
}

/// The device that a token signed in has registered as this runner.
pub(crate) async fn registered(tx: &mut Conn, device: GrantId, runner: RunnerId) -> Result<()> {
    tx.run(sql!(
        "UPDATE setup_tokens SET runner_id = $2 WHERE grant_id = $1",
        device,
        runner
    ))
    .await?;
    Ok(())
}

fn view(row: &Row) -> Result<SetupTokenView> {
    let runner = row
        .parsed_option("runner_id")?
        .map(|id| {
            Ok::<_, crate::Error>(RunnerRef {
                id,
                short_id: row.text("short_id")?,
                name: row.text("name")?,
            })
        })
        .transpose()?;
    Ok(SetupTokenView {
        id: row.parsed("id")?,
        expires_at: row.time("expires_at")?,
        used_at: row.time_option("used_at")?,
        connected: runner.is_some() && row.flag("connected")?,
        runner,
    })
}
