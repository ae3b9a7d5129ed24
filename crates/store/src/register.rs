//! Registration: an account's token becomes a runner's own credentials.

use std::collections::HashSet;

use protocol::{
    agent::Platform,
    ids::{AccountId, GrantId, InstallationId, RunnerId},
    time::Timestamp,
};

use uuid::Uuid;

use crate::{
    GrantKind, NewGrant, Result, Runner, Store, TokenHashes,
    engine::{Conn, Value, sql, sql_for_update},
    grant::{create_grant, revoke_grant},
    runner::moment,
    setup_token,
};

/// A runner that registers itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRunner {
    /// Whose.
    pub account_id: AccountId,
    /// Which data directory; the same one gets the same runner again.
    pub installation_id: InstallationId,
    /// Wished name, for one that is not known yet.
    pub name: String,
    /// A random short id, used when the runner is new.
    pub short_id: String,
    /// The machine.
    pub platform: Platform,
    /// Version of the runner.
    pub runner_version: String,
    /// SHA-256 of the machine's id.
    pub machine_key: String,
    /// How many runners the account may have; none when there is no limit.
    pub runners_max: Option<u64>,
    /// The account's grant that ends by this, where it was for this runner alone.
    pub revoke: Option<GrantId>,
}

/// What came of a registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registered {
    /// The runner, with the tokens handed in as its own.
    Done(Box<Runner>),
    /// The short id is taken; try with another.
    ShortIdTaken,
    /// The account has as many runners as it may.
    LimitReached {
        /// How many that is.
        limit: u64,
    },
}

impl Store {
    /// Registers a runner, or takes up its earlier registration.
    pub async fn register_runner(
        &self,
        new: NewRunner,
        tokens: TokenHashes,
        now: Timestamp,
    ) -> Result<Registered> {
        self.write((new, tokens, now), |tx, (new, tokens, now)| {
            Box::pin(register(tx, new, tokens, *now))
        })
        .await
    }
}

async fn register(
    tx: &mut Conn,
    new: &NewRunner,
    tokens: &TokenHashes,
    now: Timestamp,
) -> Result<Registered> {
    // One registration of an account at a time, so that two cannot choose the same name.
    tx.one(sql_for_update!(
        "SELECT id FROM accounts WHERE id = $1",
        new.account_id
    ))
    .await?;
    let known = tx
        .one(sql!(
            "SELECT id, name FROM runners WHERE account_id = $1 AND installation_id = $2",
            new.account_id,
            new.installation_id
        ))
        .await?
        .map(|row| Ok::<_, crate::Error>((row.parsed("id")?, row.text("name")?)))
        .transpose()?;
    let again = known.is_some();
    if let Some(limit) = new.runners_max
        && others(tx, new, known.as_ref().map(|(id, _)| *id)).await? >= limit
    {
        return Ok(Registered::LimitReached { limit });
    }
    let id = if let Some((id, own_name)) = known {
        // Its owner may have named it otherwise than the machine wishes.
        let name = free_name(tx, new.account_id, &own_name, Some(id)).await?;
        take_up(tx, id, new, &name, now).await?;
        id
    } else {
        let name = free_name(tx, new.account_id, &new.name, None).await?;
        match add(tx, new, &name, now).await? {
            Some(id) => id,
            None => return Ok(Registered::ShortIdTaken),
        }
    };
    moment::registered(tx, id, again, now).await?;
    if let Some(grant) = new.revoke {
        revoke_grant(tx, grant, now).await?;
        setup_token::registered(tx, grant, id).await?;
    }
    let grant = NewGrant {
        account_id: new.account_id,
        kind: GrantKind::Runner,
        runner_id: Some(id),
        machine: new.platform.hostname.clone(),
        system: new.platform.os_version.clone(),
    };
    create_grant(tx, &grant, tokens, now).await?;
    let row = tx
        .one(sql!("SELECT * FROM runners WHERE id = $1", id))
        .await?
        .ok_or(sqlx::Error::RowNotFound)?;
    Ok(Registered::Done(Box::new(Runner::read(&row)?)))
}

async fn add(
    tx: &mut Conn,
    new: &NewRunner,
    name: &str,
    now: Timestamp,
) -> Result<Option<RunnerId>> {
    let id = RunnerId(Uuid::now_v7());
    let added = tx
        .run(sql!(
            "INSERT INTO runners
             (id, account_id, installation_id, short_id, name, platform, runner_version,
              machine_key, registered_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (short_id) DO NOTHING",
            id,
            new.account_id,
            new.installation_id,
            &new.short_id,
            name,
            Value::json(&new.platform),
            &new.runner_version,
            &new.machine_key,
            now
        ))
        .await?;
    Ok((added == 1).then_some(id))
}

/// How many runners the account has beside this one.
async fn others(tx: &mut Conn, new: &NewRunner, own: Option<RunnerId>) -> Result<u64> {
    let row = tx
        .one(sql!(
            "SELECT COUNT(*) AS others FROM runners
             WHERE account_id = $1 AND removed_at IS NULL AND ($2 IS NULL OR id <> $2)",
            new.account_id,
            own
        ))
        .await?;
    row.map_or(Ok(0), |row| row.count("others"))
}

/// The runner is in view again; credentials of earlier registrations die.
async fn take_up(
    tx: &mut Conn,
    id: RunnerId,
    new: &NewRunner,
    name: &str,
    now: Timestamp,
) -> Result<()> {
    tx.run(sql!(
        "UPDATE runners SET name = $2, platform = $3, runner_version = $4, machine_key = $5,
             removed_at = NULL
         WHERE id = $1",
        id,
        name,
        Value::json(&new.platform),
        &new.runner_version,
        &new.machine_key
    ))
    .await?;
    tx.run(sql!(
        "UPDATE grants SET revoked_at = $2 WHERE runner_id = $1 AND revoked_at IS NULL",
        id,
        now
    ))
    .await?;
    Ok(())
}

/// The wished name, with a number when another runner of the account has it.
async fn free_name(
    tx: &mut Conn,
    account_id: AccountId,
    wished: &str,
    own: Option<RunnerId>,
) -> Result<String> {
    let rows = tx
        .all(sql!(
            "SELECT id, name FROM runners WHERE account_id = $1 AND removed_at IS NULL",
            account_id
        ))
        .await?;
    let mut taken = HashSet::new();
    for row in rows {
        let id: RunnerId = row.parsed("id")?;
        if Some(id) != own {
            taken.insert(row.text("name")?);
        }
    }
    let numbered = (2_u32..).map(|n| format!("{wished}-{n}"));
    let free = std::iter::once(wished.to_owned())
        .chain(numbered)
        .find(|name| !taken.contains(name));
    Ok(free.unwrap_or_else(|| wished.to_owned()))
}
