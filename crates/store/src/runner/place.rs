//! What a workspace makes of a runner: shared or private, enabled or disabled.

use protocol::{
    api::Sharing,
    ids::{AccountId, RunnerId, WorkspaceId},
    time::Timestamp,
};

use crate::{
    Result, Store,
    engine::{Conn, Row, Value, sql, sql_for_update},
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

/// Who disables a runner, and why.
#[derive(Debug, Clone)]
struct Disabling {
    by: AccountId,
    reason: String,
}

impl Store {
    /// Says who beside its owner may use the runner in a workspace.
    pub async fn set_sharing(
        &self,
        workspace_id: WorkspaceId,
        runner_id: RunnerId,
        sharing: Sharing,
    ) -> Result<PlaceChanged> {
        let args = (workspace_id, runner_id, sharing);
        self.write(args, |tx, (workspace, runner, sharing)| {
            Box::pin(share(tx, *workspace, *runner, *sharing))
        })
        .await
    }

    /// Gives the runner no new job of the workspace; what it works on there goes on.
    ///
    /// Disabling it once more changes the reason.
    pub async fn disable_runner(
        &self,
        workspace_id: WorkspaceId,
        runner_id: RunnerId,
        by: AccountId,
        reason: String,
        now: Timestamp,
    ) -> Result<PlaceChanged> {
        let disabling = Disabling { by, reason };
        let args = (workspace_id, runner_id, disabling, now);
        self.write(args, |tx, (workspace, runner, disabling, now)| {
            Box::pin(disable(tx, *workspace, *runner, disabling, *now))
        })
        .await
    }

    /// Gives the runner jobs of the workspace again.
    pub async fn enable_runner(
        &self,
        workspace_id: WorkspaceId,
        runner_id: RunnerId,
    ) -> Result<PlaceChanged> {
        let args = (workspace_id, runner_id);
        self.write(args, |tx, (workspace, runner)| {
            Box::pin(enable(tx, *workspace, *runner))
        })
        .await
    }
}

async fn share(
    tx: &mut Conn,
    workspace: WorkspaceId,
    runner: RunnerId,
    sharing: Sharing,
) -> Result<PlaceChanged> {
    let Some(row) = place(tx, workspace, runner).await? else {
        return Ok(PlaceChanged::NotInView);
    };
    if row.word::<Sharing>("sharing")? == sharing {
        return Ok(PlaceChanged::AsBefore);
    }
    tx.run(sql!(
        "UPDATE runner_places SET sharing = $3 WHERE workspace_id = $1 AND runner_id = $2",
        workspace,
        runner,
        Value::word(&sharing)
    ))
    .await?;
    Ok(PlaceChanged::Done)
}

async fn disable(
    tx: &mut Conn,
    workspace: WorkspaceId,
    runner: RunnerId,
    disabling: &Disabling,
    now: Timestamp,
) -> Result<PlaceChanged> {
    let Some(row) = place(tx, workspace, runner).await? else {
        return Ok(PlaceChanged::NotInView);
    };
    if row.text_option("disabled_reason")?.as_ref() == Some(&disabling.reason) {
        return Ok(PlaceChanged::AsBefore);
    }
    tx.run(sql!(
        "UPDATE runner_places SET disabled_by = $3, disabled_at = $4, disabled_reason = $5
         WHERE workspace_id = $1 AND runner_id = $2",
        workspace,
        runner,
        disabling.by,
        now,
        &disabling.reason
    ))
    .await?;
    Ok(PlaceChanged::Done)
}

async fn enable(tx: &mut Conn, workspace: WorkspaceId, runner: RunnerId) -> Result<PlaceChanged> {
    let Some(row) = place(tx, workspace, runner).await? else {
        return Ok(PlaceChanged::NotInView);
    };
    if row.time_option("disabled_at")?.is_none() {
        return Ok(PlaceChanged::AsBefore);
    }
    tx.run(sql!(
        "UPDATE runner_places
         SET disabled_by = NULL, disabled_at = NULL, disabled_reason = NULL
         WHERE workspace_id = $1 AND runner_id = $2",
        workspace,
        runner
    ))
    .await?;
    Ok(PlaceChanged::Done)
}

/// The runner's row in the workspace, made when it is missing, and held until the
/// transaction ends; none when its owner is not a member there.
async fn place(tx: &mut Conn, workspace: WorkspaceId, runner: RunnerId) -> Result<Option<Row>> {
    tx.run(sql!(
        "INSERT INTO runner_places (runner_id, workspace_id)
         SELECT r.id, m.workspace_id
         FROM runners r JOIN members m ON m.account_id = r.account_id
         WHERE m.workspace_id = $1 AND r.id = $2 AND r.removed_at IS NULL
         ON CONFLICT (runner_id, workspace_id) DO NOTHING",
        workspace,
        runner
    ))
    .await?;
    // The owner may have left while this waited: a row alone does not put it in view.
    let in_view = tx
        .one(sql!(
            "SELECT 1 AS seen FROM runners r JOIN members m ON m.account_id = r.account_id
             WHERE m.workspace_id = $1 AND r.id = $2 AND r.removed_at IS NULL",
            workspace,
            runner
        ))
        .await?;
    if in_view.is_none() {
        return Ok(None);
    }
    tx.one(sql_for_update!(
        "SELECT sharing, disabled_at, disabled_reason FROM runner_places
         WHERE workspace_id = $1 AND runner_id = $2",
        workspace,
        runner
    ))
    .await
}
