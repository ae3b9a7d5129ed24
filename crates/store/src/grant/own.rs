//! The devices that are signed in for an account, for the account itself.

use protocol::{
    api::{DeviceView, RunnerRef},
    ids::{AccountId, GrantId, RunnerId},
    time::Timestamp,
};

use super::revoke_grant;
use crate::{Audit, Result, Store, audit, engine::sql};

impl Store {
    /// The devices of an account that are signed in, newest first.
    pub async fn devices_of(
        &self,
        account_id: AccountId,
        current: Option<GrantId>,
        now: Timestamp,
    ) -> Result<Vec<DeviceView>> {
        let mut conn = self.reader().await?;
        let rows = conn
            .all(sql!(
                "SELECT g.id, g.kind, g.machine, g.system, g.created_at, g.last_used_at,
                        g.runner_id, r.short_id AS runner_short_id, r.name AS runner_name
                 FROM grants g LEFT JOIN runners r ON r.id = g.runner_id
                 WHERE g.account_id = $1 AND g.revoked_at IS NULL
                   AND EXISTS (SELECT 1 FROM tokens t
                               WHERE t.grant_id = g.id AND t.expires_at > $2)
                 ORDER BY g.created_at DESC, g.id DESC",
                account_id,
                now
            ))
            .await?;
        rows.iter()
            .map(|row| {
                let id = row.parsed("id")?;
                let runner = row
                    .parsed_option::<RunnerId>("runner_id")?
                    .map(|id| {
                        Ok::<_, crate::Error>(RunnerRef {
                            id,
                            short_id: row.text("runner_short_id")?,
                            name: row.text("runner_name")?,
                        })
                    })
                    .transpose()?;
                Ok(DeviceView {
                    id,
                    client: row.word("kind")?,
                    machine: row.text("machine")?,
                    system: row.text("system")?,
                    runner,
                    current: Some(id) == current,
                    created_at: row.time("created_at")?,
                    last_used_at: row.time_option("last_used_at")?,
                })
            })
            .collect()
    }

    /// Signs a device of an account out, with all its tokens.
    pub async fn revoke_device(&self, id: GrantId, line: Audit, now: Timestamp) -> Result<()> {
        self.write((id, line, now), |tx, (id, line, now)| {
            Box::pin(async move {
                revoke_grant(tx, *id, *now).await?;
                audit::write(tx, line, *now).await
            })
        })
        .await
    }

    /// Notes that a grant is in use.
    pub(super) async fn grant_used(&self, id: GrantId, now: Timestamp) -> Result<()> {
        self.write((id, now), |tx, (id, now)| {
            Box::pin(async move {
                tx.run(sql!(
                    "UPDATE grants SET last_used_at = $2 WHERE id = $1",
                    *id,
                    *now
                ))
                .await?;
                Ok(())
            })
        })
        .await
    }
}
