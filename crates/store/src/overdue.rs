//! How attempts end by a deadline.
//!
//! A look finds what may be overdue; each is then judged by the rules in a
//! transaction of its own, so that one that cannot be judged holds nobody up.

use lifecycle::attempt::Event;
use protocol::{ids::AttemptId, limits::LEASE_GRACE_MS, time::Timestamp};

use crate::{AttemptRef, Result, Store, engine::sql, transition};

/// Most attempts that one look finds.
const LOOK_ATTEMPTS_MAX: u32 = 500;

impl Store {
    /// Attempts that may be overdue at `now`: an assignment that nobody confirmed, a
    /// lease past its grace, a cancel past its deadline.
    pub async fn overdue_attempts(&self, now: Timestamp) -> Result<Vec<AttemptId>> {
        let mut conn = self.reader().await?;
        conn.all(sql!(
            "SELECT id FROM attempts WHERE stage = 'assigned' AND accept_by < $1
             UNION SELECT id FROM attempts WHERE stage = 'held' AND lease_ends_at < $1 - $2
             UNION SELECT id FROM attempts
                   WHERE stage = 'held' AND cancel_by IS NOT NULL AND cancel_by < $1
             ORDER BY id LIMIT $3",
            now,
            LEASE_GRACE_MS,
            LOOK_ATTEMPTS_MAX
        ))
        .await?
        .iter()
        .map(|row| row.parsed("id"))
        .collect()
    }

    /// Judges an attempt by the clock; says which it was when that ended it.
    ///
    /// `up_since` is what [`Store::touch_alive`] said.
    pub async fn check_attempt(
        &self,
        id: AttemptId,
        up_since: Timestamp,
        now: Timestamp,
    ) -> Result<Option<AttemptRef>> {
        self.write((id, up_since, now), |tx, (id, up_since, now)| {
            Box::pin(async move {
                let Some(standing) = transition::load(tx, *id).await? else {
                    return Ok(None);
                };
                let applied =
                    transition::apply(tx, standing, Event::Checked, *up_since, *now).await?;
                let ended = applied.is_ok_and(|applied| applied.announced);
                Ok(ended.then_some(standing.at))
            })
        })
        .await
    }
}
