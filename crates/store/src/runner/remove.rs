//! The end of a runner's registration.

use lifecycle::attempt::Event;
use protocol::{api::Surface, ids::RunnerId, time::Timestamp};

use super::moment::{self, Where, who};
use crate::{
    Actor, AttemptRef, Audit, Result, Store, audit,
    engine::{Conn, sql, sql_for_update},
    transition,
};

impl Store {
    /// Signs a runner out: its credentials die, its attempts end, it is in view no more.
    ///
    /// `by` is who did it from elsewhere; nobody when it was done at the machine.
    /// Returns the attempts that ended by it.
    pub async fn sign_runner_out(
        &self,
        id: RunnerId,
        by: Option<Actor>,
        now: Timestamp,
    ) -> Result<Vec<AttemptRef>> {
        self.write((id, by, now), |tx, (id, by, now)| {
            Box::pin(async move {
                let Some(ended) = end(tx, *id, Event::RunnerEnded, *now).await? else {
                    return Ok(Vec::new());
                };
                let text = signed_out(by.as_ref());
                moment::add(tx, *id, Where::Everywhere, *now, "signed_out", &text).await?;
                Ok(ended)
            })
        })
        .await
    }

    /// Deregisters a runner everywhere: as signing it out, and it is shared nowhere any more.
    ///
    /// Returns the attempts that ended by it; none when it was gone before.
    pub async fn remove_runner(
        &self,
        id: RunnerId,
        line: Audit,
        now: Timestamp,
    ) -> Result<Option<Vec<AttemptRef>>> {
        self.write((id, line, now), |tx, (id, line, now)| {
            Box::pin(async move {
                let Some(ended) = remove(tx, *id, who(line), *now).await? else {
                    return Ok(None);
                };
                audit::write(tx, line, *now).await?;
                Ok(Some(ended))
            })
        })
        .await
    }
}

/// Deregisters a runner within a transaction that may do more.
pub(crate) async fn remove(
    tx: &mut Conn,
    id: RunnerId,
    by: &str,
    now: Timestamp,
) -> Result<Option<Vec<AttemptRef>>> {
    let Some(ended) = end(tx, id, Event::RunnerRemoved, now).await? else {
        return Ok(None);
    };
    // Who disabled it somewhere meant the machine: registering again does not undo that.
    tx.run(sql!(
        "UPDATE runner_places SET sharing = 'private' WHERE runner_id = $1",
        id
    ))
    .await?;
    let text = format!("{by} removed it.");
    moment::add(tx, id, Where::Everywhere, now, "removed", &text).await?;
    Ok(Some(ended))
}

/// Who signed it out, and from where.
fn signed_out(by: Option<&Actor>) -> String {
    let Some(by) = by else {
        return "Signed out at the machine.".to_owned();
    };
    let surface = match by.surface {
        Surface::Web => "in the web app",
        Surface::CommandLine => "with the command line",
        Surface::ApiToken => "with an API token",
        Surface::Runner => "at the machine",
        Surface::System => "by itself",
    };
    let name = by.name();
    match &by.address {
        Some(address) => format!("{name} signed it out {surface}, from {address}."),
        None => format!("{name} signed it out {surface}."),
    }
}

/// Ends a registration; none when it had ended before.
async fn end(
    tx: &mut Conn,
    id: RunnerId,
    event: Event,
    now: Timestamp,
) -> Result<Option<Vec<AttemptRef>>> {
    if tx
        .one(sql_for_update!(
            "SELECT id FROM runners WHERE id = $1 AND removed_at IS NULL",
            id
        ))
        .await?
        .is_none()
    {
        return Ok(None);
    }
    tx.run(sql!(
        "UPDATE runners SET removed_at = $2, pause_wish = NULL WHERE id = $1",
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
    tx.run(sql!("DELETE FROM runner_refusals WHERE runner_id = $1", id))
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
            transition::apply(tx, standing, event, now, now).await?.ok();
            ended.push(at);
        }
    }
    Ok(Some(ended))
}
