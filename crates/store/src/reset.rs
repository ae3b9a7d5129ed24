//! Links with which somebody who forgot the password sets a new one.

use protocol::{ids::AccountId, time::Timestamp};

use crate::{
    Account, Actor, Audit, Result, Store, Subject,
    account::{acting, set_password},
    audit,
    engine::{Conn, sql, sql_for_update},
};

/// A link to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewResetLink {
    /// SHA-256 of its token, in hexadecimal.
    pub token_hash: String,
    /// Whose password it sets.
    pub account_id: AccountId,
    /// Whether it goes to the account's e-mail address.
    pub mailed: bool,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Store {
    /// Keeps a link; one that was made before ends.
    pub async fn create_reset_link(
        &self,
        new: NewResetLink,
        line: Audit,
        now: Timestamp,
    ) -> Result<()> {
        self.write((new, line, now), |tx, (new, line, now)| {
            Box::pin(async move {
                tx.run(sql!(
                    "DELETE FROM reset_links WHERE account_id = $1",
                    new.account_id
                ))
                .await?;
                tx.run(sql!(
                    "INSERT INTO reset_links (token_hash, account_id, mailed, created_at, expires_at)
                     VALUES ($1, $2, $3, $4, $5)",
                    &new.token_hash,
                    new.account_id,
                    new.mailed,
                    *now,
                    new.expires_at
                ))
                .await?;
                audit::write(tx, line, *now).await
            })
        })
        .await
    }

    /// Whether a link with this hash still works.
    pub async fn reset_link_works(&self, token_hash: &str, now: Timestamp) -> Result<bool> {
        let mut conn = self.reader().await?;
        let row = conn
            .one(sql!(
                "SELECT account_id FROM reset_links WHERE token_hash = $1 AND expires_at > $2",
                token_hash,
                now
            ))
            .await?;
        Ok(row.is_some())
    }

    /// Uses a link up: the password is set and every browser signed out. None when it does not work.
    pub async fn use_reset_link(
        &self,
        token_hash: String,
        password_hash: String,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Option<Account>> {
        self.write(
            (token_hash, password_hash, actor, now),
            |tx, (token_hash, password_hash, actor, now)| {
                Box::pin(use_up(tx, token_hash, password_hash, actor, *now))
            },
        )
        .await
    }

    /// Removes links that have ended; says how many.
    pub async fn sweep_reset_links(&self, now: Timestamp) -> Result<u64> {
        self.write(now, |tx, now| {
            Box::pin(tx.run(sql!("DELETE FROM reset_links WHERE expires_at <= $1", *now)))
        })
        .await
    }
}

async fn use_up(
    tx: &mut Conn,
    token_hash: &str,
    password_hash: &str,
    actor: &Actor,
    now: Timestamp,
) -> Result<Option<Account>> {
    let Some(link) = tx
        .one(sql_for_update!(
            "SELECT account_id, mailed FROM reset_links WHERE token_hash = $1 AND expires_at > $2",
            token_hash,
            now
        ))
        .await?
    else {
        return Ok(None);
    };
    let id: AccountId = link.parsed("account_id")?;
    let Some(account) = Account::by_id(tx, id).await? else {
        return Ok(None);
    };
    set_password(tx, id, password_hash, None).await?;
    if link.flag("mailed")? {
        tx.run(sql!(
            "UPDATE accounts SET email_verified_at = $2
             WHERE id = $1 AND email_verified_at IS NULL",
            id,
            now
        ))
        .await?;
    }
    let subject = Subject::new("account", id, &account.name);
    let line = Audit::of_account(
        id,
        acting(&account, actor),
        "account.password_reset",
        subject,
    );
    audit::write(tx, &line, now).await?;
    Ok(Some(account))
}
