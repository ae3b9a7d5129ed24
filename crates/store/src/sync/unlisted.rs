//! Attempts that a runner held and has forgotten: over with the first sync that leaves them out.
//!
//! Only a sync that counts gets here, so one that comes late and out of order ends
//! nothing. An assignment that no sync has listed yet is on its way, and waits for
//! its own deadline.

use lifecycle::attempt::Event;
use protocol::{
    ids::{AttemptId, RunnerId},
    time::Timestamp,
};

use crate::{
    AttemptRef, Result,
    engine::{Conn, sql},
    transition,
};

/// Ends what the runner held and does not list; returns what ended.
pub(super) async fn end(
    tx: &mut Conn,
    runner_id: RunnerId,
    is_listed: impl Fn(AttemptId) -> bool,
    now: Timestamp,
) -> Result<Vec<AttemptRef>> {
    let rows = tx
        .all(sql!(
            "SELECT id FROM attempts WHERE runner_id = $1 AND stage = 'held' ORDER BY id",
            runner_id
        ))
        .await?;
    let mut ended = Vec::new();
    for row in rows {
        let id: AttemptId = row.parsed("id")?;
        if is_listed(id) {
            continue;
        }
        let Some(standing) = transition::load(tx, id).await? else {
            continue;
        };
        let applied = transition::apply(tx, standing, Event::Unlisted, now, now).await?;
        if applied.is_ok_and(|applied| applied.announced) {
            tracing::info!(attempt = %id, runner = %runner_id, "a runner does not hold an attempt any more");
            ended.push(standing.at);
        }
    }
    Ok(ended)
}
