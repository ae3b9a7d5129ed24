//! The browsers in which an account is signed in, for the account itself.

use protocol::{
    api::SessionView,
    ids::{AccountId, SessionId},
    time::Timestamp,
};

use crate::{Audit, Result, Store, audit, engine::sql};

impl Store {
    /// The browsers of an account that have not ended, last used first.
    pub async fn sessions_of(
        &self,
        account_id: AccountId,
        current: Option<SessionId>,
        idle_ms: u64,
        now: Timestamp,
    ) -> Result<Vec<SessionView>> {
        let mut conn = self.reader().await?;
        let rows = conn
            .all(sql!(
                "SELECT id, browser, address, created_at, last_seen_at FROM sessions
                 WHERE account_id = $1 AND expires_at > $2 AND last_seen_at + $3 > $2
                 ORDER BY last_seen_at DESC, id DESC",
                account_id,
                now,
                idle_ms
            ))
            .await?;
        rows.iter()
            .map(|row| {
                let id = row.parsed("id")?;
                Ok(SessionView {
                    id,
                    current: Some(id) == current,
                    browser: row.text("browser")?,
                    address: row.text("address")?,
                    created_at: row.time("created_at")?,
                    last_seen_at: row.time("last_seen_at")?,
                })
            })
            .collect()
    }

    /// Signs one browser of an account out; false when it has no such one.
    pub async fn end_session_of(
        &self,
        account_id: AccountId,
        id: SessionId,
        line: Audit,
        now: Timestamp,
    ) -> Result<bool> {
        self.write(
            (account_id, id, line, now),
            |tx, (account_id, id, line, now)| {
                Box::pin(async move {
                    let ended = tx
                        .run(sql!(
                            "DELETE FROM sessions WHERE id = $1 AND account_id = $2",
                            *id,
                            *account_id
                        ))
                        .await?;
                    if ended == 0 {
                        return Ok(false);
                    }
                    audit::write(tx, line, *now).await?;
                    Ok(true)
                })
            },
        )
        .await
    }

    /// Signs every browser of an account out but `keep`; says how many.
    pub async fn end_other_sessions(
        &self,
        account_id: AccountId,
        keep: Option<SessionId>,
        line: Audit,
        now: Timestamp,
    ) -> Result<u64> {
        self.write(
            (account_id, keep, line, now),
            |tx, (account_id, keep, line, now)| {
                Box::pin(async move {
                    let ended = tx
                        .run(sql!(
                            "DELETE FROM sessions WHERE account_id = $1 AND id <> $2",
                            *account_id,
                            // No session has the empty id.
                            keep.map_or_else(String::new, |keep| keep.to_string())
                        ))
                        .await?;
                    if ended > 0 {
                        audit::write(tx, line, *now).await?;
                    }
                    Ok(ended)
                })
            },
        )
        .await
    }
}
