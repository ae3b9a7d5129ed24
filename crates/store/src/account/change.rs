//! Making an account, and changing what belongs to it.

use protocol::{
    ids::{AccountId, SessionId},
    time::Timestamp,
};
use uuid::Uuid;

use super::Account;
use crate::{
    Actor, Audit, InvitationAccepted, Result, Store, Subject, audit,
    engine::{Conn, sql},
    invitation,
};

/// An account to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// The e-mail address, in lower case.
    pub email: String,
    /// The name that others see.
    pub name: String,
    /// The password's hash; none for an account that signs in elsewhere.
    pub password_hash: Option<String>,
    /// Whether it is shown that the e-mail address is the account's own.
    pub is_email_verified: bool,
}

/// What came of signing up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignedUp {
    /// The account exists now.
    Done(Account),
    /// Another account has the e-mail address; nothing changed.
    EmailTaken,
    /// The invitation cannot be accepted, for this reason; nothing changed.
    NotInvited(InvitationAccepted),
}

impl Store {
    /// Makes an account; with the hash of an invitation's token it is accepted as well.
    pub async fn sign_up(
        &self,
        new: NewAccount,
        invitation: Option<String>,
        actor: Actor,
        now: Timestamp,
    ) -> Result<SignedUp> {
        self.write(
            (new, invitation, actor, now),
            |tx, (new, invitation, actor, now)| {
                Box::pin(sign_up_invited(tx, new, invitation.as_deref(), actor, *now))
            },
        )
        .await
    }

    /// Changes the name that others see.
    pub async fn rename_account(
        &self,
        id: AccountId,
        name: String,
        line: Audit,
        now: Timestamp,
    ) -> Result<()> {
        self.write((id, name, line, now), |tx, (id, name, line, now)| {
            Box::pin(async move {
                tx.run(sql!(
                    "UPDATE accounts SET name = $2 WHERE id = $1 AND deleted_at IS NULL",
                    *id,
                    &*name
                ))
                .await?;
                audit::write(tx, line, *now).await
            })
        })
        .await
    }

    /// Changes the password; every browser but `keep` is signed out.
    pub async fn change_password(
        &self,
        id: AccountId,
        password_hash: String,
        keep: Option<SessionId>,
        line: Audit,
        now: Timestamp,
    ) -> Result<()> {
        self.write(
            (id, password_hash, keep, line, now),
            |tx, (id, password_hash, keep, line, now)| {
                Box::pin(async move {
                    set_password(tx, *id, password_hash, *keep).await?;
                    audit::write(tx, line, *now).await
                })
            },
        )
        .await
    }

    /// Whether an identity provider knows the account.
    pub async fn has_identity(&self, id: AccountId) -> Result<bool> {
        let mut conn = self.reader().await?;
        let row = conn
            .one(sql!(
                "SELECT account_id FROM identities WHERE account_id = $1",
                id
            ))
            .await?;
        Ok(row.is_some())
    }
}

async fn sign_up_invited(
    tx: &mut Conn,
    new: &NewAccount,
    invitation: Option<&str>,
    actor: &Actor,
    now: Timestamp,
) -> Result<SignedUp> {
    let Some(account) = add(tx, new, now).await? else {
        return Ok(SignedUp::EmailTaken);
    };
    let actor = acting(&account, actor);
    if let Some(token_hash) = invitation {
        let person = account.person();
        let accepted = invitation::accept(tx, token_hash, &person, &actor, now).await?;
        if !matches!(accepted, InvitationAccepted::Done(_)) {
            tx.run(sql!("DELETE FROM accounts WHERE id = $1", account.id))
                .await?;
            return Ok(SignedUp::NotInvited(accepted));
        }
    }
    tell_made(tx, &account, actor, now).await?;
    Ok(SignedUp::Done(account))
}

/// Makes an account, unless its e-mail address is taken.
pub(crate) async fn sign_up(
    tx: &mut Conn,
    new: &NewAccount,
    actor: &Actor,
    now: Timestamp,
) -> Result<Option<Account>> {
    let Some(account) = add(tx, new, now).await? else {
        return Ok(None);
    };
    tell_made(tx, &account, acting(&account, actor), now).await?;
    Ok(Some(account))
}

async fn add(tx: &mut Conn, new: &NewAccount, now: Timestamp) -> Result<Option<Account>> {
    let account = Account {
        id: AccountId(Uuid::now_v7()),
        name: new.name.clone(),
        email: new.email.trim().to_lowercase(),
        password_hash: new.password_hash.clone(),
        created_at: now,
    };
    let made = tx
        .run(sql!(
            "INSERT INTO accounts (id, email, name, password_hash, created_at, email_verified_at)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (email) DO NOTHING",
            account.id,
            &account.email,
            &account.name,
            account.password_hash.as_deref().unwrap_or_default(),
            now,
            new.is_email_verified.then_some(now)
        ))
        .await?;
    Ok((made == 1).then_some(account))
}

/// The actor, who is the account itself.
pub(crate) fn acting(account: &Account, actor: &Actor) -> Actor {
    Actor {
        person: Some(account.person()),
        ..actor.clone()
    }
}

async fn tell_made(tx: &mut Conn, account: &Account, actor: Actor, now: Timestamp) -> Result<()> {
    let subject = Subject::new("account", account.id, &account.name);
    let line = Audit::of_account(account.id, actor, "account.made", subject);
    audit::write(tx, &line, now).await
}

/// Sets the password; every browser but `keep` is signed out, and links for a new password end.
pub(crate) async fn set_password(
    tx: &mut Conn,
    id: AccountId,
    password_hash: &str,
    keep: Option<SessionId>,
) -> Result<()> {
    tx.run(sql!(
        "UPDATE accounts SET password_hash = $2 WHERE id = $1 AND deleted_at IS NULL",
        id,
        password_hash
    ))
    .await?;
    tx.run(sql!(
        "DELETE FROM sessions WHERE account_id = $1 AND id <> $2",
        id,
        // No session has the empty id.
        keep.map_or_else(String::new, |keep| keep.to_string())
    ))
    .await?;
    tx.run(sql!("DELETE FROM reset_links WHERE account_id = $1", id))
        .await?;
    Ok(())
}
