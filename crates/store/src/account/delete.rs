//! The end of an account.

use protocol::{
    api::{Role, WorkspaceRef},
    ids::{AccountId, RunnerId, WorkspaceId},
    time::Timestamp,
};

use super::Account;
use crate::{
    Actor, AttemptRef, Audit, Result, Store, Subject, audit,
    engine::{Conn, sql, sql_for_update},
    membership, runner, workspace,
};

/// What came of deleting an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountDeleted {
    /// It has ended.
    Done {
        /// Where it belonged.
        workspaces: Vec<WorkspaceId>,
        /// The attempts that ended with it.
        attempts: Vec<AttemptRef>,
    },
    /// It owns these, to which others belong; nothing changed.
    OwnsWorkspaces(Vec<WorkspaceRef>),
    /// There is no such account any more.
    Unknown,
}

/// One workspace of the account.
struct Place {
    workspace: WorkspaceRef,
    role: Role,
    others: u64,
}

impl Store {
    /// The runners of an account that are in view.
    pub async fn runner_ids_of(&self, id: AccountId) -> Result<Vec<RunnerId>> {
        let mut conn = self.reader().await?;
        conn.all(sql!(
            "SELECT id FROM runners WHERE account_id = $1 AND removed_at IS NULL",
            id
        ))
        .await?
        .iter()
        .map(|row| row.parsed("id"))
        .collect()
    }

    /// Ends an account for good; what it did stays, under a name that says that it is gone.
    pub async fn delete_account(
        &self,
        id: AccountId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<AccountDeleted> {
        self.write((id, actor, now), |tx, (id, actor, now)| {
            Box::pin(delete(tx, *id, actor, *now))
        })
        .await
    }
}

async fn delete(
    tx: &mut Conn,
    id: AccountId,
    actor: &Actor,
    now: Timestamp,
) -> Result<AccountDeleted> {
    let Some(account) = Account::by_id(tx, id).await? else {
        return Ok(AccountDeleted::Unknown);
    };
    let places = places_of(tx, id).await?;
    let owned: Vec<_> = places
        .iter()
        .filter(|place| place.role == Role::Owner && place.others > 0)
        .map(|place| place.workspace.clone())
        .collect();
    if !owned.is_empty() {
        return Ok(AccountDeleted::OwnsWorkspaces(owned));
    }
    let mut attempts = Vec::new();
    for row in tx
        .all(sql_for_update!(
            "SELECT id FROM runners WHERE account_id = $1 AND removed_at IS NULL",
            id
        ))
        .await?
    {
        let runner_id: RunnerId = row.parsed("id")?;
        let ended = runner::remove::remove(tx, runner_id, &account.name, now).await?;
        attempts.extend(ended.unwrap_or_default());
    }
    for place in &places {
        attempts.extend(leave(tx, &account, place, actor, now).await?);
    }
    erase(tx, id, now).await?;
    let subject = Subject::new("account", id, &account.name);
    let line = Audit::of_account(id, actor.clone(), "account.deleted", subject);
    audit::write(tx, &line, now).await?;
    Ok(AccountDeleted::Done {
        workspaces: places.iter().map(|place| place.workspace.id).collect(),
        attempts,
    })
}

async fn places_of(tx: &mut Conn, id: AccountId) -> Result<Vec<Place>> {
    let rows = tx
        .all(sql!(
            "SELECT w.id, w.slug, w.name, m.role,
                    (SELECT COUNT(*) FROM members o
                     WHERE o.workspace_id = w.id AND o.account_id <> $1) AS others
             FROM members m JOIN workspaces w ON w.id = m.workspace_id
             WHERE m.account_id = $1 ORDER BY w.name, w.id",
            id
        ))
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Place {
                workspace: WorkspaceRef {
                    id: row.parsed("id")?,
                    slug: row.text("slug")?,
                    name: row.text("name")?,
                },
                role: row.word("role")?,
                others: row.count("others")?,
            })
        })
        .collect()
}

/// Leaves a workspace; one in which the account is alone goes with it.
async fn leave(
    tx: &mut Conn,
    account: &Account,
    place: &Place,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<AttemptRef>> {
    let workspace_id = place.workspace.id;
    if place.role == Role::Owner {
        return workspace::delete(tx, workspace_id, account.id, actor, now).await;
    }
    let ended = membership::end(tx, workspace_id, account.id, now).await?;
    let subject = Subject::new("member", account.id, &account.email);
    let line = Audit::in_workspace(workspace_id, actor.clone(), "member.left", subject)
        .detail("account", "deleted");
    audit::write(tx, &line, now).await?;
    Ok(match ended {
        membership::MembershipEnded::Done(attempts) => attempts,
        membership::MembershipEnded::IsOwner | membership::MembershipEnded::NotAMember => {
            Vec::new()
        }
    })
}

/// Takes away whatever could sign in, and everything that says who it was.
async fn erase(tx: &mut Conn, id: AccountId, now: Timestamp) -> Result<()> {
    for statement in [
        sql!("DELETE FROM sessions WHERE account_id = $1", id),
        sql!("DELETE FROM api_tokens WHERE account_id = $1", id),
        sql!("DELETE FROM reset_links WHERE account_id = $1", id),
        sql!("DELETE FROM identities WHERE account_id = $1", id),
        sql!("DELETE FROM setup_tokens WHERE account_id = $1", id),
        sql!("DELETE FROM device_codes WHERE account_id = $1", id),
        sql!("DELETE FROM notifications WHERE account_id = $1", id),
        sql!(
            "DELETE FROM notification_settings WHERE account_id = $1",
            id
        ),
        sql!(
            "UPDATE grants SET revoked_at = $2 WHERE account_id = $1 AND revoked_at IS NULL",
            id,
            now
        ),
        // The address is free for others; the row stays, since jobs name who submitted them.
        sql!(
            "UPDATE accounts SET email = $2, name = 'Deleted account', password_hash = '',
                 email_verified_at = NULL, deleted_at = $3
             WHERE id = $1",
            id,
            format!("{id}@deleted.invalid"),
            now
        ),
    ] {
        tx.run(statement).await?;
    }
    Ok(())
}
