//! The end of a membership, in the transaction of whatever ends it.

use lifecycle::attempt::Event;
use protocol::{
    api::Role,
    ids::{AccountId, WorkspaceId},
    time::Timestamp,
};

use super::{MembershipEnded, role_of};
use crate::{
    AttemptRef, Result,
    engine::{Conn, sql},
    transition,
};

/// Ends a membership: the account's runners leave with it and their attempts here are
/// cancelled, while its jobs stay.
pub(crate) async fn end(
    tx: &mut Conn,
    workspace_id: WorkspaceId,
    account_id: AccountId,
    now: Timestamp,
) -> Result<MembershipEnded> {
    match role_of(tx, workspace_id, account_id).await? {
        None => return Ok(MembershipEnded::NotAMember),
        Some(Role::Owner) => return Ok(MembershipEnded::IsOwner),
        Some(Role::Admin | Role::Member | Role::Viewer) => {}
    }
    let attempts = cancel_attempts_of(tx, workspace_id, account_id, now).await?;
    for statement in [
        sql!(
            "DELETE FROM runner_places WHERE workspace_id = $1
               AND runner_id IN (SELECT id FROM runners WHERE account_id = $2)",
            workspace_id,
            account_id
        ),
        sql!(
            "DELETE FROM job_team WHERE account_id = $2
               AND job_id IN (SELECT id FROM jobs WHERE workspace_id = $1)",
            workspace_id,
            account_id
        ),
        sql!(
            "DELETE FROM notifications WHERE workspace_id = $1 AND account_id = $2",
            workspace_id,
            account_id
        ),
        sql!(
            "DELETE FROM members WHERE workspace_id = $1 AND account_id = $2",
            workspace_id,
            account_id
        ),
    ] {
        tx.run(statement).await?;
    }
    Ok(MembershipEnded::Done(attempts))
}

/// Cancels what the account's runners have in the workspace; the jobs go back for others.
async fn cancel_attempts_of(
    tx: &mut Conn,
    workspace_id: WorkspaceId,
    account_id: AccountId,
    now: Timestamp,
) -> Result<Vec<AttemptRef>> {
    // Those that were lost count as well: until the next claim they could still come back.
    let rows = tx
        .all(sql!(
            "SELECT t.id FROM attempts t
             JOIN runners r ON r.id = t.runner_id
             JOIN jobs j ON j.id = t.job_id
             WHERE r.account_id = $2 AND t.workspace_id = $1
               AND (t.stage IN ('assigned', 'held')
                    OR (t.stage = 'ended' AND t.outcome = 'lost'
                        AND j.state = 'ready' AND j.fence = t.fence))
             ORDER BY t.id",
            workspace_id,
            account_id
        ))
        .await?;
    let mut ended = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(standing) = transition::load(tx, row.parsed("id")?).await? {
            let at = standing.at;
            let applied = transition::apply(tx, standing, Event::OwnerLeft, now, now).await?;
            if applied.is_ok_and(|applied| applied.announced) {
                ended.push(at);
            }
        }
    }
    Ok(ended)
}
