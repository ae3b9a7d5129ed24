//! Browser sessions, kept as hashes of their cookies.

use protocol::{
    ids::{AccountId, SessionId},
    time::Timestamp,
};

use crate::{Account, Error, Result, Store};

/// A session to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// Whose.
    pub account_id: AccountId,
    /// SHA-256 of the cookie's value, in hexadecimal.
    pub token_hash: String,
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
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

impl Store {
    /// Begins a session, freshly authenticated.
    pub async fn create_session(&self, new: NewSession, now: Timestamp) -> Result<SessionId> {
        let _ = (new, now);
        Err(Error::Closed)
    }

    /// The session with this cookie hash, unless it has ended.
    pub async fn session(&self, token_hash: &str, now: Timestamp) -> Result<Option<Session>> {
        let _ = (token_hash, now);
        Err(Error::Closed)
    }

    /// Notes that the password was given again in this session.
    pub async fn session_authenticated(&self, id: SessionId, now: Timestamp) -> Result<()> {
        let _ = (id, now);
        Err(Error::Closed)
    }

    /// Ends a session.
    pub async fn end_session(&self, id: SessionId) -> Result<()> {
        let _ = id;
        Err(Error::Closed)
    }

    /// Removes sessions that have ended by themselves; says how many.
    pub async fn sweep_sessions(&self, now: Timestamp) -> Result<u64> {
        let _ = now;
        Err(Error::Closed)
    }
}
