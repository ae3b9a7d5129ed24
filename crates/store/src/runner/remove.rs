//! The end of a runner's registration.

use lifecycle::attempt::Event;
use protocol::{ids::RunnerId, time::Timestamp};

use crate::{
    AttemptRef, Result, Store,
    engine::{Conn, sql, sql_for_update},
    transition,
};

impl Store {
    /// Signs a runner out: its credentials die, its attempts end, it is in view no more.
    ///
    /// Returns the attempts that ended by it.
    pub async fn sign_runner_out(&self, id: RunnerId, now: Timestamp) -> Result<Vec<AttemptRef>> {
        self.write((id, now), |tx, (id, now)| Box::pin(sign_out(tx, *id, *now)))
            .await
    }
}

async fn sign_out(tx: &mut Conn, id: RunnerId, now: Timestamp) -> Result<Vec<AttemptRef>> {
    if tx
        .one(sql_for_update!("SELECT id FROM runners WHERE id = $1", id))
        .await?
        .is_none()
    {
        return Ok(Vec::new());
    }
    tx.run(sql!(
        "UPDATE runners SET removed_at = $2 WHERE id = $1 AND removed_at IS NULL",
        id,
        now
    ))
    .await?;
    tx.run(sql!(
        "UPDATE grants SET revoked_at = $2 WHERE runner_id = $1 AND revoked_at IS NULL",
        id,
        now
    ))
    .await?;
    let rows = tx
        .all(sql!(
            "SELECT id FROM attempts
             WHERE runner_id = $1 AND stage IN ('assigned', 'held') ORDER BY id",
            id
        ))
        .await?;
    let mut ended = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(standing) = transition::load(tx, row.parsed("id")?).await? {
            let at = standing.at;
            transition::apply(tx, standing, Event::RunnerEnded, now, now)
                .await?
                .ok();
            ended.push(at);
        }
    }
    Ok(ended)
}
