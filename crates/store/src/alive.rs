//! The row that says since when coordinators have been up.
//!
//! No lease is judged by time in which nobody could have renewed it: whoever
//! judges leases asks this row first, and so an outage of all coordinators loses
//! no attempt. The row is shared, so the restart of one of several changes nothing.

use protocol::time::Timestamp;

use crate::{Result, Store, engine::sql};

impl Store {
    /// Says that a coordinator is up; returns since when without a break.
    pub async fn touch_alive(&self, now: Timestamp) -> Result<Timestamp> {
        self.write(now, |tx, now| {
            Box::pin(async move {
                let row = tx
                    .one(sql!(
                        "INSERT INTO coordinator_alive (id, since, seen_at) VALUES (1, $1, $1)
                         ON CONFLICT (id) DO UPDATE SET
                             since = CASE WHEN $1 - coordinator_alive.seen_at > $2
                                          THEN $1 ELSE coordinator_alive.since END,
                             seen_at = $1
                         RETURNING since",
                        *now,
                        tx.terms().break_ms()
                    ))
                    .await?;
                row.map_or(Ok(*now), |row| row.time("since"))
            })
        })
        .await
    }
}
