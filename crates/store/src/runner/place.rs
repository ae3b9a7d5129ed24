//! What a workspace makes of a runner: shared or private, enabled or disabled.

use protocol::{
    api::Sharing,
    ids::{RunnerId, WorkspaceId},
    time::Timestamp,
};

use super::moment::{self, Where, who};
use crate::{
    Audit, Result, Store, audit,
    engine::{Conn, Row, Value, sql, sql_for_update},
    notification,
};

/// What came of changing a runner's place in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceChanged {
    /// It is so now.
    Done,
    /// It was so before.
    AsBefore,
    /// The runner is not in view of the workspace.
    NotInView,
}

/// A runner in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunnerPlace {
    /// Which workspace.
    pub workspace_id: WorkspaceId,
    /// Which runner.
    pub runner_id: RunnerId,
}

impl Store {
    /// Says who beside its owner may use the runner in a workspace.
    pub async fn set_sharing(
        &self,
        at: RunnerPlace,
        sharing: Sharing,
        line: Audit,
        now: Timestamp,
    ) -> Result<PlaceChanged> {
        let args = (at, sharing, line, now);
        self.write(args, |tx, (at, sharing, line, now)| {
            Box::pin(share(tx, *at, *sharing, line, *now))
        })
        .await
    }

    /// Gives the runner no new job of the workspace; what it works on there goes on.
    ///
    /// Disabling it once more changes the reason.
    pub async fn disable_runner(
        &self,
        at: RunnerPlace,
        reason: String,
        line: Audit,
        now: Timestamp,
    ) -> Result<PlaceChanged> {
        let args = (at, reason, line, now);
        self.write(args, |tx, (at, reason, line, now)| {
            Box::pin(disable(tx, *at, reason, line, *now))
        })
        .await
    }

    /// Gives the runner jobs of the workspace again.
    pub async fn enable_runner(
        &self,
        at: RunnerPlace,
        line: Audit,
        now: Timestamp,
    ) -> Result<PlaceChanged> {
        let args = (at, line, now);
        self.write(args, |tx, (at, line, now)| {
            Box::pin(enable(tx, *at, line, *now))
        })
        .await
    }
}

async fn share(
    tx: &mut Conn,
    at: RunnerPlace,
    sharing: Sharing,
    line: &Audit,
    now: Timestamp,
) -> Result<PlaceChanged> {
    let Some(row) = place(tx, at).await? else {
        return Ok(PlaceChanged::NotInView);
    };
    if row.word::<Sharing>("sharing")? == sharing {
        return Ok(PlaceChanged::AsBefore);
    }
    tx.run(sql!(
        "UPDATE runner_places SET sharing = $3 WHERE workspace_id = $1 AND runner_id = $2",
        at.workspace_id,
        at.runner_id,
        Value::word(&sharing)
    ))
    .await?;
    let (kind, text) = match sharing {
        Sharing::Shared => ("shared", "shared it with the members of this workspace."),
        Sharing::Private => ("unshared", "ended its sharing in this workspace."),
    };
    changed(tx, at, kind, text, line, now).await
}

async fn disable(
    tx: &mut Conn,
    at: RunnerPlace,
    reason: &str,
    line: &Audit,
    now: Timestamp,
) -> Result<PlaceChanged> {
    let Some(row) = place(tx, at).await? else {
        return Ok(PlaceChanged::NotInView);
    };
    if row.text_option("disabled_reason")?.as_deref() == Some(reason) {
        return Ok(PlaceChanged::AsBefore);
    }
    tx.run(sql!(
        "UPDATE runner_places SET disabled_by = $3, disabled_at = $4, disabled_reason = $5
         WHERE workspace_id = $1 AND runner_id = $2",
        at.workspace_id,
        at.runner_id,
        line.actor().person.as_ref().map(|person| person.id),
        now,
        reason
    ))
    .await?;
    notification::runner_disabled(tx, at, reason, line.actor(), now).await?;
    let text = format!("disabled it in this workspace: {reason}");
    changed(tx, at, "disabled", &text, line, now).await
}

async fn enable(
    tx: &mut Conn,
    at: RunnerPlace,
    line: &Audit,
    now: Timestamp,
) -> Result<PlaceChanged> {
    let Some(row) = place(tx, at).await? else {
        return Ok(PlaceChanged::NotInView);
    };
    if row.time_option("disabled_at")?.is_none() {
        return Ok(PlaceChanged::AsBefore);
    }
    tx.run(sql!(
        "UPDATE runner_places
         SET disabled_by = NULL, disabled_at = NULL, disabled_reason = NULL
         WHERE workspace_id = $1 AND runner_id = $2",
        at.workspace_id,
        at.runner_id
    ))
    .await?;
    changed(
        tx,
        at,
        "enabled",
        "enabled it in this workspace.",
        line,
        now,
    )
    .await
}

/// Writes down what was done and by whom.
async fn changed(
    tx: &mut Conn,
    at: RunnerPlace,
    kind: &str,
    text: &str,
    line: &Audit,
    now: Timestamp,
) -> Result<PlaceChanged> {
    let text = format!("{} {text}", who(line));
    let place = Where::In(at.workspace_id);
    moment::add(tx, at.runner_id, place, now, kind, &text).await?;
    audit::write(tx, line, now).await?;
    Ok(PlaceChanged::Done)
}

/// The runner's row in the workspace, made when it is missing, and held until the
/// transaction ends; none when its owner is not a member there.
async fn place(tx: &mut Conn, at: RunnerPlace) -> Result<Option<Row>> {
    // A claim that looks whether the runner is disabled holds it as well.
    tx.one(sql_for_update!(
        "SELECT id FROM runners WHERE id = $1",
        at.runner_id
    ))
    .await?;
    tx.run(sql!(
        "INSERT INTO runner_places (runner_id, workspace_id)
         SELECT r.id, m.workspace_id
         FROM runners r JOIN members m ON m.account_id = r.account_id
         WHERE m.workspace_id = $1 AND r.id = $2 AND r.removed_at IS NULL
         ON CONFLICT (runner_id, workspace_id) DO NOTHING",
        at.workspace_id,
        at.runner_id
    ))
    .await?;
    // The owner may have left while this waited: a row alone does not put it in view.
    let in_view = tx
        .one(sql!(
            "SELECT 1 AS seen FROM runners r JOIN members m ON m.account_id = r.account_id
             WHERE m.workspace_id = $1 AND r.id = $2 AND r.removed_at IS NULL",
            at.workspace_id,
            at.runner_id
        ))
        .await?;
    if in_view.is_none() {
        return Ok(None);
    }
    tx.one(sql_for_update!(
        "SELECT sharing, disabled_at, disabled_reason FROM runner_places
         WHERE workspace_id = $1 AND runner_id = $2",
        at.workspace_id,
        at.runner_id
    ))
    .await
}
