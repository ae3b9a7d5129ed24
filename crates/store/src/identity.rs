//! Who an account is for an identity provider, and sign-ins that are under way there.

use protocol::{ids::AccountId, time::Timestamp};

use crate::{
    Account, Actor, Audit, NewAccount, Result, Store, Subject,
    account::{acting, sign_up},
    audit,
    engine::{Conn, sql, sql_for_update},
};

/// What a browser left with for the identity provider.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderSignIn {
    /// SHA-256 of the browser's own secret, in hexadecimal.
    pub browser_hash: String,
    /// Comes back with the answer.
    pub state: String,
    /// Stands in the identity token.
    pub nonce: String,
    /// Trades the answer's code.
    pub pkce_verifier: String,
    /// Where the browser goes afterwards, within the app.
    pub next: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for ProviderSignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProviderSignIn")
            .field("next", &self.next)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Whom an identity provider vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// The person, in the provider's words; never used for anybody else.
    pub subject: String,
    /// The e-mail address, where the provider names one, in lower case.
    pub email: Option<String>,
    /// Whether the provider says that the address is the person's own.
    pub is_email_verified: bool,
    /// The name that others see.
    pub name: String,
    /// Whether an account may be made for somebody new who is not invited.
    pub may_sign_up: bool,
}

/// What came of looking for the account of an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentityFound {
    /// It has this account.
    Account(Account),
    /// An account has the e-mail address, and it is not shown on both sides whose that is.
    EmailTaken,
    /// It has none, and none may be made.
    SignUpClosed,
    /// It has none, and the provider names no address of its own for it.
    NoEmail,
}

impl Store {
    /// Keeps a sign-in that goes to the identity provider.
    pub async fn begin_provider_sign_in(&self, new: ProviderSignIn, now: Timestamp) -> Result<()> {
        self.write((new, now), |tx, (new, now)| {
            Box::pin(async move {
                tx.run(sql!(
                    "INSERT INTO provider_sign_ins
                     (browser_hash, state, nonce, pkce_verifier, next, created_at, expires_at)
                     VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    &new.browser_hash,
                    &new.state,
                    &new.nonce,
                    &new.pkce_verifier,
                    &new.next,
                    *now,
                    new.expires_at
                ))
                .await?;
                Ok(())
            })
        })
        .await
    }

    /// Takes a sign-in out that comes back, once; none when it is unknown or has ended.
    pub async fn end_provider_sign_in(
        &self,
        browser_hash: String,
        now: Timestamp,
    ) -> Result<Option<ProviderSignIn>> {
        self.write((browser_hash, now), |tx, (browser_hash, now)| {
            Box::pin(async move {
                let row = tx
                    .one(sql!(
                        "DELETE FROM provider_sign_ins WHERE browser_hash = $1 RETURNING *",
                        &*browser_hash
                    ))
                    .await?;
                let Some(row) = row else { return Ok(None) };
                let taken = ProviderSignIn {
                    browser_hash: row.text("browser_hash")?,
                    state: row.text("state")?,
                    nonce: row.text("nonce")?,
                    pkce_verifier: row.text("pkce_verifier")?,
                    next: row.text("next")?,
                    expires_at: row.time("expires_at")?,
                };
                Ok((taken.expires_at > *now).then_some(taken))
            })
        })
        .await
    }

    /// Removes sign-ins that never came back; says how many.
    pub async fn sweep_provider_sign_ins(&self, now: Timestamp) -> Result<u64> {
        self.write(now, |tx, now| {
            Box::pin(tx.run(sql!(
                "DELETE FROM provider_sign_ins WHERE expires_at <= $1",
                *now
            )))
        })
        .await
    }

    /// The account of an identity; it is linked or made where the rules allow that.
    pub async fn account_of_identity(
        &self,
        identity: Identity,
        actor: Actor,
        now: Timestamp,
    ) -> Result<IdentityFound> {
        self.write((identity, actor, now), |tx, (identity, actor, now)| {
            Box::pin(account_of(tx, identity, actor, *now))
        })
        .await
    }
}

async fn account_of(
    tx: &mut Conn,
    identity: &Identity,
    actor: &Actor,
    now: Timestamp,
) -> Result<IdentityFound> {
    let known = tx
        .one(sql!(
            "SELECT account_id FROM identities WHERE issuer = $1 AND subject = $2",
            &identity.issuer,
            &identity.subject
        ))
        .await?;
    if let Some(row) = known
        && let Some(account) = Account::by_id(tx, row.parsed("account_id")?).await?
    {
        return Ok(IdentityFound::Account(account));
    }
    let Some(email) = &identity.email else {
        return Ok(IdentityFound::NoEmail);
    };
    let holder = tx
        .one(sql_for_update!(
            "SELECT id, email_verified_at FROM accounts WHERE email = $1",
            email
        ))
        .await?;
    if let Some(holder) = holder {
        // An address that either side merely claims could be anybody's.
        if !identity.is_email_verified || holder.time_option("email_verified_at")?.is_none() {
            return Ok(IdentityFound::EmailTaken);
        }
        let Some(account) = Account::by_id(tx, holder.parsed("id")?).await? else {
            return Ok(IdentityFound::EmailTaken);
        };
        link(tx, identity, &account, actor, now).await?;
        return Ok(IdentityFound::Account(account));
    }
    let invited = identity.is_email_verified && is_invited(tx, email, now).await?;
    if !identity.may_sign_up && !invited {
        return Ok(IdentityFound::SignUpClosed);
    }
    let new = NewAccount {
        email: email.clone(),
        name: identity.name.clone(),
        password_hash: None,
        is_email_verified: identity.is_email_verified,
    };
    let Some(account) = sign_up(tx, &new, actor, now).await? else {
        return Ok(IdentityFound::EmailTaken);
    };
    link(tx, identity, &account, actor, now).await?;
    Ok(IdentityFound::Account(account))
}

/// Whether an invitation waits for the address.
async fn is_invited(tx: &mut Conn, email: &str, now: Timestamp) -> Result<bool> {
    let waiting = tx
        .one(sql!(
            "SELECT id FROM invitations
             WHERE email = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $2
             LIMIT 1",
            email,
            now
        ))
        .await?;
    Ok(waiting.is_some())
}

async fn link(
    tx: &mut Conn,
    identity: &Identity,
    account: &Account,
    actor: &Actor,
    now: Timestamp,
) -> Result<()> {
    let id: AccountId = account.id;
    tx.run(sql!(
        "INSERT INTO identities (issuer, subject, account_id, linked_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (issuer, subject) DO UPDATE SET account_id = $3, linked_at = $4",
        &identity.issuer,
        &identity.subject,
        id,
        now
    ))
    .await?;
    let subject = Subject::new("account", id, &account.name);
    let line = Audit::of_account(
        id,
        acting(account, actor),
        "account.identity_linked",
        subject,
    )
    .detail("issuer", &identity.issuer);
    audit::write(tx, &line, now).await
}
