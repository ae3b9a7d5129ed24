//! Browser sessions, kept as hashes of their cookies.

mod own;

use protocol::{
    ids::{AccountId, SessionId},
    time::Timestamp,
};

use uuid::Uuid;

use crate::{Account, Audit, Result, Store, audit, engine::sql};

/// A session to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// Whose.
    pub account_id: AccountId,
    /// SHA-256 of the cookie's value, in hexadecimal.
    pub token_hash: String,
    /// The browser and system, as far as they say.
    pub browser: String,
    /// The network address from which it signs in.
    pub address: String,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// A session that has not ended, with its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Which.
    pub id: SessionId,
    /// Whose.
    pub account: Account,
    /// When it began.
    pub created_at: Timestamp,
    /// When the password was last given.
    pub authenticated_at: Timestamp,
    /// When it was last used, within a while.
    pub last_seen_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

impl Store {
    /// Begins a session, freshly authenticated.
    pub async fn create_session(
        &self,
        new: NewSession,
        line: Audit,
        now: Timestamp,
    ) -> Result<SessionId> {
        self.write((new, line, now), |tx, (new, line, now)| {
            Box::pin(async move {
                let id = SessionId(Uuid::now_v7());
                tx.run(sql!(
                    "INSERT INTO sessions
                     (id, token_hash, account_id, created_at, authenticated_at, last_seen_at,
                      browser, address, expires_at)
                     VALUES ($1, $2, $3, $4, $4, $4, $5, $6, $7)",
                    id,
                    &new.token_hash,
                    new.account_id,
                    *now,
                    &new.browser,
                    &new.address,
                    new.expires_at
                ))
                .await?;
                audit::write(tx, line, *now).await?;
                Ok(id)
            })
        })
        .await
    }

    /// The session with this cookie hash, unless it has ended.
    pub async fn session(&self, token_hash: &str, now: Timestamp) -> Result<Option<Session>> {
        let mut conn = self.reader().await?;
        let row = conn
            .one(sql!(
                "SELECT s.id, s.created_at, s.authenticated_at, s.last_seen_at, s.expires_at,
                        a.id AS account_id, a.name AS account_name, a.email AS account_email,
                        a.password_hash AS account_password_hash,
                        a.created_at AS account_created_at
                 FROM sessions s JOIN accounts a ON a.id = s.account_id
                 WHERE s.token_hash = $1 AND s.expires_at > $2",
                token_hash,
                now
            ))
            .await?;
        row.map(|row| {
            Ok(Session {
                id: row.parsed("id")?,
                account: Account::read_joined(&row)?,
                created_at: row.time("created_at")?,
                authenticated_at: row.time("authenticated_at")?,
                last_seen_at: row.time("last_seen_at")?,
                expires_at: row.time("expires_at")?,
            })
        })
        .transpose()
    }

    /// Notes that the password was given again in this session.
    pub async fn session_authenticated(&self, id: SessionId, now: Timestamp) -> Result<()> {
        self.write((id, now), |tx, (id, now)| {
            Box::pin(async move {
                tx.run(sql!(
                    "UPDATE sessions SET authenticated_at = $2 WHERE id = $1",
                    *id,
                    *now
                ))
                .await?;
                Ok(())
            })
        })
        .await
    }

    /// Notes that the session is in use.
    pub async fn session_seen(&self, id: SessionId, now: Timestamp) -> Result<()> {
        self.write((id, now), |tx, (id, now)| {
            Box::pin(async move {
                tx.run(sql!(
                    "UPDATE sessions SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2",
                    *id,
                    *now
                ))
                .await?;
                Ok(())
            })
        })
        .await
    }

    /// Ends a session.
    pub async fn end_session(&self, id: SessionId) -> Result<()> {
        self.write(id, |tx, id| {
            Box::pin(async move {
                tx.run(sql!("DELETE FROM sessions WHERE id = $1", *id))
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Removes sessions that have ended by themselves; says how many.
    pub async fn sweep_sessions(&self, now: Timestamp) -> Result<u64> {
        self.write(now, |tx, now| {
            Box::pin(tx.run(sql!("DELETE FROM sessions WHERE expires_at <= $1", *now)))
        })
        .await
    }
}
