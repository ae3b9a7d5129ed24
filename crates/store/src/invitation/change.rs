//! Making invitations, sending them again, and taking them back.

use protocol::{
    api::{InvitationState, InvitationView, Role},
    ids::{InvitationId, WorkspaceId},
    time::Timestamp,
};
use uuid::Uuid;

use super::{NewInvitation, select_invitation, state, view};
use crate::{
    Actor, Audit, Result, Store, Subject, audit,
    engine::{Conn, Value, sql, sql_for_update},
};

/// What came of inviting somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvitationCreated {
    /// They are invited.
    Done(Box<InvitationView>),
    /// They are a member already.
    AlreadyMember,
    /// An invitation waits for them already.
    AlreadyInvited,
    /// As many wait as may.
    TooMany,
}

/// What came of sending an invitation again, or of taking it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvitationRenewed {
    /// It stands like this now.
    Done(Box<InvitationView>),
    /// It was accepted or taken back before.
    Over(InvitationState),
    /// There is no such invitation.
    Unknown,
}

impl Store {
    /// Invites somebody; an invitation of theirs that has expired goes.
    pub async fn create_invitation(
        &self,
        new: NewInvitation,
        actor: Actor,
        now: Timestamp,
    ) -> Result<InvitationCreated> {
        self.write((new, actor, now), |tx, (new, actor, now)| {
            Box::pin(create(tx, new, actor, *now))
        })
        .await
    }

    /// Gives an invitation another link, and time anew; the link before it is dead.
    pub async fn renew_invitation(
        &self,
        workspace_id: WorkspaceId,
        id: InvitationId,
        token_hash: String,
        expires_at: Timestamp,
        actor: Actor,
        now: Timestamp,
    ) -> Result<InvitationRenewed> {
        let change = Change::Renew {
            token_hash,
            expires_at,
        };
        self.write(
            (workspace_id, id, change, actor, now),
            |tx, (workspace_id, id, change, actor, now)| {
                Box::pin(change_open(tx, *workspace_id, *id, change, actor, *now))
            },
        )
        .await
    }

    /// Takes an invitation back.
    pub async fn revoke_invitation(
        &self,
        workspace_id: WorkspaceId,
        id: InvitationId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<InvitationRenewed> {
        self.write(
            (workspace_id, id, actor, now),
            |tx, (workspace_id, id, actor, now)| {
                Box::pin(change_open(
                    tx,
                    *workspace_id,
                    *id,
                    &Change::Revoke,
                    actor,
                    *now,
                ))
            },
        )
        .await
    }
}

/// What happens to an open invitation.
enum Change {
    Renew {
        token_hash: String,
        expires_at: Timestamp,
    },
    Revoke,
}

async fn create(
    tx: &mut Conn,
    new: &NewInvitation,
    actor: &Actor,
    now: Timestamp,
) -> Result<InvitationCreated> {
    // The workspace's row makes two invitations at once follow one another.
    tx.one(sql_for_update!(
        "SELECT id FROM workspaces WHERE id = $1",
        new.workspace_id
    ))
    .await?;
    let member = tx
        .one(sql!(
            "SELECT a.id FROM members m JOIN accounts a ON a.id = m.account_id
             WHERE m.workspace_id = $1 AND a.email = $2",
            new.workspace_id,
            &new.email
        ))
        .await?;
    if member.is_some() {
        return Ok(InvitationCreated::AlreadyMember);
    }
    tx.run(sql!(
        "UPDATE invitations SET revoked_at = expires_at
         WHERE workspace_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL
           AND expires_at <= $2",
        new.workspace_id,
        now
    ))
    .await?;
    let open = tx
        .all(sql!(
            "SELECT email FROM invitations
             WHERE workspace_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL",
            new.workspace_id
        ))
        .await?;
    for row in &open {
        if row.text("email")? == new.email {
            return Ok(InvitationCreated::AlreadyInvited);
        }
    }
    if open.len() >= new.open_max as usize {
        return Ok(InvitationCreated::TooMany);
    }
    let id = insert(tx, new, now).await?;
    write_line(tx, new.workspace_id, id, "invitation.made", actor, now).await?;
    let view = read(tx, new.workspace_id, id, now).await?;
    Ok(InvitationCreated::Done(Box::new(
        view.ok_or(sqlx::Error::RowNotFound)?,
    )))
}

async fn insert(tx: &mut Conn, new: &NewInvitation, now: Timestamp) -> Result<InvitationId> {
    let id = InvitationId(Uuid::now_v7());
    tx.run(sql!(
        "INSERT INTO invitations
         (id, workspace_id, email, role, token_hash, invited_by, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        id,
        new.workspace_id,
        &new.email,
        Value::word(&new.role),
        &new.token_hash,
        new.invited_by,
        now,
        new.expires_at
    ))
    .await?;
    Ok(id)
}

async fn change_open(
    tx: &mut Conn,
    workspace_id: WorkspaceId,
    id: InvitationId,
    change: &Change,
    actor: &Actor,
    now: Timestamp,
) -> Result<InvitationRenewed> {
    let Some(row) = tx
        .one(sql_for_update!(
            "SELECT * FROM invitations WHERE workspace_id = $1 AND id = $2",
            workspace_id,
            id
        ))
        .await?
    else {
        return Ok(InvitationRenewed::Unknown);
    };
    match state(&row, now)? {
        InvitationState::Pending | InvitationState::Expired => {}
        over @ (InvitationState::Accepted | InvitationState::Revoked) => {
            return Ok(InvitationRenewed::Over(over));
        }
    }
    let action = match change {
        Change::Renew {
            token_hash,
            expires_at,
        } => {
            tx.run(sql!(
                "UPDATE invitations SET token_hash = $2, created_at = $3, expires_at = $4
                 WHERE id = $1",
                id,
                token_hash,
                now,
                *expires_at
            ))
            .await?;
            "invitation.resent"
        }
        Change::Revoke => {
            tx.run(sql!(
                "UPDATE invitations SET revoked_at = $2 WHERE id = $1",
                id,
                now
            ))
            .await?;
            "invitation.revoked"
        }
    };
    write_line(tx, workspace_id, id, action, actor, now).await?;
    let view = read(tx, workspace_id, id, now).await?;
    Ok(InvitationRenewed::Done(Box::new(
        view.ok_or(sqlx::Error::RowNotFound)?,
    )))
}

async fn read(
    tx: &mut Conn,
    workspace_id: WorkspaceId,
    id: InvitationId,
    now: Timestamp,
) -> Result<Option<InvitationView>> {
    tx.one(sql!(
        select_invitation!("WHERE i.workspace_id = $1 AND i.id = $2"),
        workspace_id,
        id
    ))
    .await?
    .map(|row| view(&row, now))
    .transpose()
}

async fn write_line(
    tx: &mut Conn,
    workspace_id: WorkspaceId,
    id: InvitationId,
    action: &'static str,
    actor: &Actor,
    now: Timestamp,
) -> Result<()> {
    let row = tx
        .one(sql!(
            "SELECT email, role FROM invitations WHERE id = $1",
            id
        ))
        .await?
        .ok_or(sqlx::Error::RowNotFound)?;
    let role: Role = row.word("role")?;
    let subject = Subject::new("invitation", id, row.text("email")?);
    let line = Audit::in_workspace(workspace_id, actor.clone(), action, subject)
        .detail("role", role.as_str());
    audit::write(tx, &line, now).await
}
