//! Making, renewing and revoking grants, each within a transaction.

use protocol::{
    ids::{GrantId, RequestId},
    time::Timestamp,
};
use uuid::Uuid;

use super::{Grant, NewGrant, Refreshed, TokenHashes};
use crate::{
    Result,
    engine::{Conn, Row, sql, sql_for_update},
    token_rule::{self, Family, RefreshUse, Token},
};

pub(crate) async fn create_grant(
    tx: &mut Conn,
    new: &NewGrant,
    tokens: &TokenHashes,
    now: Timestamp,
) -> Result<Grant> {
    let grant = Grant {
        id: GrantId(Uuid::now_v7()),
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

pub(crate) async fn revoke_grant(tx: &mut Conn, id: GrantId, now: Timestamp) -> Result<()> {
    tx.run(sql!(
        "UPDATE grants SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
        id,
        now
    ))
    .await?;
    Ok(())
}

pub(super) async fn refresh_grant(
    tx: &mut Conn,
    hash: &str,
    tokens: &TokenHashes,
    request: Option<RequestId>,
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
    let grant_id: GrantId = found.parsed("grant_id")?;
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
                    expires_at AS token_expires_at, traded_by AS token_traded_by
             FROM tokens WHERE hash = $1",
            hash
        ))
        .await?
    else {
        return Ok(Refreshed::Invalid);
    };
    let family = match token_rule::use_refresh(family_of(&row)?, token_of(&token)?, request, now) {
        RefreshUse::Renew(family) => family,
        RefreshUse::Repeated => return Ok(Refreshed::Repeated),
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
    tx.run(sql!(
        "UPDATE tokens SET traded_by = $2 WHERE hash = $1",
        hash,
        request.map(|request| request.to_string())
    ))
    .await?;
    add_pair(tx, grant_id, fresh, tokens, now).await?;
    Ok(Refreshed::Renewed(Box::new(grant)))
}

/// The generations of a grant, as the rule wants them.
pub(super) fn family_of(grant: &Row) -> Result<Family> {
    let current = grant.count("generation")?;
    Ok(Family {
        current,
        pending: grant.flag("pair_pending")?.then_some(current + 1),
    })
}

/// A presented token, as the rule wants it.
pub(super) fn token_of(token: &Row) -> Result<Token> {
    Ok(Token {
        generation: token.count("token_generation")?,
        replaced: token.flag("token_replaced")?,
        expires_at: token.time("token_expires_at")?,
        traded_by: token.parsed_option("token_traded_by")?,
    })
}

async fn add_pair(
    tx: &mut Conn,
    grant_id: GrantId,
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
