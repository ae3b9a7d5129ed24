//! Members of a workspace: who they are, their roles, and the end of a membership.

mod end;

use protocol::{
    api::{NotificationKind, PersonRef, Role},
    ids::{AccountId, WorkspaceId},
    time::Timestamp,
};

pub(crate) use end::end;

use crate::{
    AttemptRef, Audit, Result, Store, audit,
    engine::{Conn, Row, Value, sql, sql_for_update},
    notification::{self, Notice},
};

/// A member, as the others see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRow {
    /// Who.
    pub person: PersonRef,
    /// What they may do.
    pub role: Role,
    /// Since when.
    pub joined_at: Timestamp,
    /// How many runners they bring.
    pub runners: u32,
}

/// What came of giving somebody another role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleChanged {
    /// They have it now.
    Done,
    /// They are the owner, whose role is transferred.
    IsOwner,
    /// They are no member.
    NotAMember,
}

/// What came of ending a membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MembershipEnded {
    /// It is over; these attempts of their runners ended with it.
    Done(Vec<AttemptRef>),
    /// They are the owner, who transfers or deletes the workspace first.
    IsOwner,
    /// They are no member.
    NotAMember,
}

/// What came of giving a workspace to another member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transferred {
    /// It has another owner now.
    Done,
    /// The one who gives it is not the owner any more.
    NotTheOwner,
    /// The one who should get it is no member.
    NotAMember,
}

impl Store {
    /// The members of a workspace, by name.
    pub async fn members(&self, workspace_id: WorkspaceId) -> Result<Vec<MemberRow>> {
        let mut conn = self.reader().await?;
        conn.all(sql!(
            "SELECT a.id, a.name, a.email, m.role, m.created_at,
                    (SELECT COUNT(*) FROM runners r
                     WHERE r.account_id = a.id AND r.removed_at IS NULL) AS runners
             FROM members m JOIN accounts a ON a.id = m.account_id
             WHERE m.workspace_id = $1 ORDER BY a.name, a.id",
            workspace_id
        ))
        .await?
        .iter()
        .map(read)
        .collect()
    }

    /// Gives a member another role, which is not that of the owner.
    pub async fn change_role(
        &self,
        workspace_id: WorkspaceId,
        account_id: AccountId,
        role: Role,
        line: Audit,
        now: Timestamp,
    ) -> Result<RoleChanged> {
        self.write(
            (workspace_id, account_id, role, line, now),
            |tx, (workspace_id, account_id, role, line, now)| {
                Box::pin(change_role(
                    tx,
                    *workspace_id,
                    *account_id,
                    *role,
                    line,
                    *now,
                ))
            },
        )
        .await
    }

    /// Ends a membership with all that comes of it; `told` is what the person is told, if anything.
    pub async fn end_membership(
        &self,
        workspace_id: WorkspaceId,
        account_id: AccountId,
        line: Audit,
        told: Option<String>,
        now: Timestamp,
    ) -> Result<MembershipEnded> {
        self.write(
            (workspace_id, account_id, line, told, now),
            |tx, (workspace_id, account_id, line, told, now)| {
                Box::pin(async move {
                    let ended = end(tx, *workspace_id, *account_id, *now).await?;
                    if matches!(ended, MembershipEnded::Done(_)) {
                        audit::write(tx, line, *now).await?;
                        if let Some(text) = told {
                            tell(tx, *account_id, None, text, *now).await?;
                        }
                    }
                    Ok(ended)
                })
            },
        )
        .await
    }

    /// Makes another member the owner; the former one stays as an admin.
    pub async fn transfer_workspace(
        &self,
        workspace_id: WorkspaceId,
        from: AccountId,
        to: AccountId,
        line: Audit,
        now: Timestamp,
    ) -> Result<Transferred> {
        self.write(
            (workspace_id, from, to, line, now),
            |tx, (workspace_id, from, to, line, now)| {
                Box::pin(transfer(tx, *workspace_id, *from, *to, line, *now))
            },
        )
        .await
    }
}

fn read(row: &Row) -> Result<MemberRow> {
    Ok(MemberRow {
        person: PersonRef {
            id: row.parsed("id")?,
            name: row.text("name")?,
            email: row.text("email")?,
        },
        role: row.word("role")?,
        joined_at: row.time("created_at")?,
        runners: row.small("runners")?,
    })
}

/// The role of a member, whose row is held until the transaction ends.
pub(crate) async fn role_of(
    tx: &mut Conn,
    workspace_id: WorkspaceId,
    account_id: AccountId,
) -> Result<Option<Role>> {
    tx.one(sql_for_update!(
        "SELECT role FROM members WHERE workspace_id = $1 AND account_id = $2",
        workspace_id,
        account_id
    ))
    .await?
    .map(|row| row.word("role"))
    .transpose()
}

/// Makes somebody a member; false when they are one already.
pub(crate) async fn add(
    tx: &mut Conn,
    workspace_id: WorkspaceId,
    account_id: AccountId,
    role: Role,
    now: Timestamp,
) -> Result<bool> {
    let added = tx
        .run(sql!(
            "INSERT INTO members (workspace_id, account_id, role, created_at)
             VALUES ($1, $2, $3, $4) ON CONFLICT (workspace_id, account_id) DO NOTHING",
            workspace_id,
            account_id,
            Value::word(&role),
            now
        ))
        .await?;
    Ok(added > 0)
}

async fn set_role(
    tx: &mut Conn,
    workspace_id: WorkspaceId,
    account_id: AccountId,
    role: Role,
) -> Result<()> {
    tx.run(sql!(
        "UPDATE members SET role = $3 WHERE workspace_id = $1 AND account_id = $2",
        workspace_id,
        account_id,
        Value::word(&role)
    ))
    .await?;
    Ok(())
}

async fn change_role(
    tx: &mut Conn,
    workspace_id: WorkspaceId,
    account_id: AccountId,
    role: Role,
    line: &Audit,
    now: Timestamp,
) -> Result<RoleChanged> {
    match role_of(tx, workspace_id, account_id).await? {
        None => return Ok(RoleChanged::NotAMember),
        Some(Role::Owner) => return Ok(RoleChanged::IsOwner),
        Some(before) if before == role => return Ok(RoleChanged::Done),
        Some(Role::Admin | Role::Member | Role::Viewer) => {}
    }
    set_role(tx, workspace_id, account_id, role).await?;
    audit::write(tx, line, now).await?;
    let workspace = name_of(tx, workspace_id).await?;
    let text = format!("Your role in {workspace} is {} now.", role.as_str());
    tell(tx, account_id, Some(workspace_id), &text, now).await?;
    Ok(RoleChanged::Done)
}

async fn transfer(
    tx: &mut Conn,
    workspace_id: WorkspaceId,
    from: AccountId,
    to: AccountId,
    line: &Audit,
    now: Timestamp,
) -> Result<Transferred> {
    if role_of(tx, workspace_id, from).await? != Some(Role::Owner) {
        return Ok(Transferred::NotTheOwner);
    }
    if role_of(tx, workspace_id, to).await?.is_none() || from == to {
        return Ok(Transferred::NotAMember);
    }
    // In this order, since a workspace never has two owners.
    set_role(tx, workspace_id, from, Role::Admin).await?;
    set_role(tx, workspace_id, to, Role::Owner).await?;
    audit::write(tx, line, now).await?;
    let workspace = name_of(tx, workspace_id).await?;
    let text = format!("You are the owner of {workspace} now.");
    tell(tx, to, Some(workspace_id), &text, now).await?;
    Ok(Transferred::Done)
}

/// Tells a person of their membership, each time anew.
pub(crate) async fn tell(
    tx: &mut Conn,
    account_id: AccountId,
    workspace_id: Option<WorkspaceId>,
    text: &str,
    now: Timestamp,
) -> Result<()> {
    let notice = Notice {
        account_id,
        kind: NotificationKind::MembershipChanged,
        about: uuid::Uuid::now_v7().to_string(),
        text: text.to_owned(),
        workspace_id,
        job_id: None,
        runner_id: None,
    };
    notification::tell(tx, &notice, now).await
}

pub(crate) async fn name_of(tx: &mut Conn, workspace_id: WorkspaceId) -> Result<String> {
    tx.one(sql!(
        "SELECT name FROM workspaces WHERE id = $1",
        workspace_id
    ))
    .await?
    .ok_or(sqlx::Error::RowNotFound)?
    .text("name")
}
