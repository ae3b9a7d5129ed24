//! Making, renaming and deleting workspaces.

use protocol::{
    api::{Role, WorkspaceRef},
    ids::{AccountId, WorkspaceId},
    job::JobState,
    time::Timestamp,
};
use uuid::Uuid;

use crate::{
    Actor, AttemptRef, Audit, Result, Store, Subject, audit,
    cancel::cancel_in,
    engine::{Conn, sql, sql_for_update},
    membership::{self, role_of},
};

/// A workspace to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWorkspace {
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub owner: AccountId,
    /// Most workspaces that one account may own.
    pub owned_max: u32,
}

/// What came of making a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkspaceCreated {
    /// It exists now.
    Done(WorkspaceRef),
    /// Another one has this name in addresses.
    SlugTaken,
    /// The account owns as many as it may.
    TooMany,
}

/// What came of renaming a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkspaceRenamed {
    /// It is called this now.
    Done(WorkspaceRef),
    /// Another one has this name in addresses.
    SlugTaken,
}

/// What came of deleting a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkspaceDeleted {
    /// Nobody sees it any more; these attempts have orders to end.
    Done(Vec<AttemptRef>),
    /// The account is not its owner any more.
    NotTheOwner,
}

impl Store {
    /// Makes a workspace with its owner.
    pub async fn create_workspace(
        &self,
        new: NewWorkspace,
        actor: Actor,
        now: Timestamp,
    ) -> Result<WorkspaceCreated> {
        self.write((new, actor, now), |tx, (new, actor, now)| {
            Box::pin(create(tx, new, actor, *now))
        })
        .await
    }

    /// Gives a workspace other names.
    pub async fn rename_workspace(
        &self,
        to: WorkspaceRef,
        line: Audit,
        now: Timestamp,
    ) -> Result<WorkspaceRenamed> {
        self.write((to, line, now), |tx, (to, line, now)| {
            Box::pin(rename(tx, to, line, *now))
        })
        .await
    }

    /// Deletes a workspace: all memberships end, its jobs are called off, and its name in
    /// addresses is free; [`Store::erase_workspace`] does away with what is left.
    pub async fn delete_workspace(
        &self,
        id: WorkspaceId,
        owner: AccountId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<WorkspaceDeleted> {
        self.write((id, owner, actor, now), |tx, (id, owner, actor, now)| {
            Box::pin(async move {
                if role_of(tx, *id, *owner).await? != Some(Role::Owner) {
                    return Ok(WorkspaceDeleted::NotTheOwner);
                }
                let ended = delete(tx, *id, *owner, actor, *now).await?;
                Ok(WorkspaceDeleted::Done(ended))
            })
        })
        .await
    }
}

async fn create(
    tx: &mut Conn,
    new: &NewWorkspace,
    actor: &Actor,
    now: Timestamp,
) -> Result<WorkspaceCreated> {
    let owned = tx
        .one(sql!(
            "SELECT COUNT(*) AS owned FROM members WHERE account_id = $1 AND role = 'owner'",
            new.owner
        ))
        .await?
        .map_or(Ok(0), |row| row.count("owned"))?;
    if owned >= u64::from(new.owned_max) {
        return Ok(WorkspaceCreated::TooMany);
    }
    let workspace = WorkspaceRef {
        id: WorkspaceId(Uuid::now_v7()),
        slug: new.slug.clone(),
        name: new.name.clone(),
    };
    let made = tx
        .run(sql!(
            "INSERT INTO workspaces (id, slug, name, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (slug) DO NOTHING",
            workspace.id,
            &workspace.slug,
            &workspace.name,
            now
        ))
        .await?;
    if made == 0 {
        return Ok(WorkspaceCreated::SlugTaken);
    }
    membership::add(tx, workspace.id, new.owner, Role::Owner, now).await?;
    let subject = Subject::new("workspace", workspace.id, &workspace.name);
    let line = Audit::in_workspace(workspace.id, actor.clone(), "workspace.created", subject);
    audit::write(tx, &line, now).await?;
    Ok(WorkspaceCreated::Done(workspace))
}

async fn rename(
    tx: &mut Conn,
    to: &WorkspaceRef,
    line: &Audit,
    now: Timestamp,
) -> Result<WorkspaceRenamed> {
    let taken = tx
        .one(sql!(
            "SELECT id FROM workspaces WHERE slug = $1 AND id <> $2",
            &to.slug,
            to.id
        ))
        .await?;
    if taken.is_some() {
        return Ok(WorkspaceRenamed::SlugTaken);
    }
    tx.run(sql!(
        "UPDATE workspaces SET slug = $2, name = $3 WHERE id = $1 AND deleted_at IS NULL",
        to.id,
        &to.slug,
        &to.name
    ))
    .await?;
    audit::write(tx, line, now).await?;
    Ok(WorkspaceRenamed::Done(to.clone()))
}

/// Takes a workspace out of everybody's view, within a transaction.
pub(crate) async fn delete(
    tx: &mut Conn,
    id: WorkspaceId,
    owner: AccountId,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<AttemptRef>> {
    let name = membership::name_of(tx, id).await?;
    let by = actor.person.as_ref().map_or("", |person| &person.name);
    for member in others(tx, id, owner).await? {
        let text = format!("{by} deleted the workspace {name}.");
        membership::tell(tx, member, None, &text, now).await?;
    }
    let ended = call_off(tx, id, by, now).await?;
    for statement in [
        sql!("DELETE FROM members WHERE workspace_id = $1", id),
        sql!("DELETE FROM invitations WHERE workspace_id = $1", id),
        sql!("DELETE FROM notifications WHERE workspace_id = $1", id),
        sql!("DELETE FROM runner_places WHERE workspace_id = $1", id),
        // Its name in addresses is free for others from now on.
        sql!(
            "UPDATE workspaces SET deleted_at = $2, slug = id WHERE id = $1",
            id,
            now
        ),
    ] {
        tx.run(statement).await?;
    }
    let subject = Subject::new("workspace", id, name);
    let line = Audit::of_account(owner, actor.clone(), "workspace.deleted", subject);
    audit::write(tx, &line, now).await?;
    Ok(ended)
}

async fn others(tx: &mut Conn, id: WorkspaceId, owner: AccountId) -> Result<Vec<AccountId>> {
    tx.all(sql!(
        "SELECT account_id FROM members WHERE workspace_id = $1 AND account_id <> $2",
        id,
        owner
    ))
    .await?
    .iter()
    .map(|row| row.parsed("account_id"))
    .collect()
}

/// Cancels every job of the workspace that is not over.
async fn call_off(
    tx: &mut Conn,
    id: WorkspaceId,
    by: &str,
    now: Timestamp,
) -> Result<Vec<AttemptRef>> {
    tx.run(sql!(
        "UPDATE jobs SET state = $2, cancel_requested_at = $3, updated_at = $3
         WHERE workspace_id = $1 AND state IN ('backlog', 'ready', 'awaiting_review')",
        id,
        JobState::Cancelled,
        now
    ))
    .await?;
    let rows = tx
        .all(sql_for_update!(
            "SELECT id FROM jobs WHERE workspace_id = $1 AND state = 'in_progress'",
            id
        ))
        .await?;
    let mut ended = Vec::new();
    for row in rows {
        ended.extend(cancel_in(tx, row.parsed("id")?, by, now).await?);
    }
    Ok(ended)
}
