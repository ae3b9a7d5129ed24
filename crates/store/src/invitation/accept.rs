//! Accepting an invitation, by somebody who has an account or is just making one.

use protocol::{
    api::{InvitationState, PersonRef, Role, Workspace, WorkspaceRef},
    ids::AccountId,
    time::Timestamp,
};

use super::{select_invitation, state, workspace_of};
use crate::{
    Actor, Audit, Result, Store, Subject, audit,
    engine::{Conn, Row, sql, sql_for_update},
    membership,
};

/// What came of accepting an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvitationAccepted {
    /// The person is a member now.
    Done(Workspace),
    /// It is for somebody else, with this e-mail address.
    ForSomebodyElse(String),
    /// It cannot be accepted any more.
    Over(InvitationState),
    /// There is no such invitation.
    Unknown,
}

impl Store {
    /// Accepts the invitation whose link has this token, for a person who is signed in.
    pub async fn accept_invitation(
        &self,
        token_hash: &str,
        person: PersonRef,
        actor: Actor,
        now: Timestamp,
    ) -> Result<InvitationAccepted> {
        self.write(
            (token_hash.to_owned(), person, actor, now),
            |tx, (token_hash, person, actor, now)| {
                Box::pin(accept(tx, token_hash, person, actor, *now))
            },
        )
        .await
    }
}

/// Accepts an invitation for `person`, whose account exists in this transaction.
pub(crate) async fn accept(
    tx: &mut Conn,
    token_hash: &str,
    person: &PersonRef,
    actor: &Actor,
    now: Timestamp,
) -> Result<InvitationAccepted> {
    // Two who accept at once follow one another.
    let held = tx
        .one(sql_for_update!(
            "SELECT id FROM invitations WHERE token_hash = $1",
            token_hash
        ))
        .await?;
    let row = tx
        .one(sql!(
            select_invitation!("WHERE i.token_hash = $1"),
            token_hash
        ))
        .await?;
    let (Some(_), Some(row)) = (held, row) else {
        return Ok(InvitationAccepted::Unknown);
    };
    let email = row.text("email")?;
    if email != person.email {
        return Ok(InvitationAccepted::ForSomebodyElse(email));
    }
    let role: Role = row.word("role")?;
    let workspace = workspace_of(&row)?;
    match state(&row, now)? {
        InvitationState::Pending => {}
        // Pressed twice: they are where they wanted to be.
        InvitationState::Accepted => {
            let place = membership::role_of(tx, workspace.id, person.id).await?;
            return Ok(match place {
                Some(role) => InvitationAccepted::Done(as_seen(workspace, role)),
                None => InvitationAccepted::Over(InvitationState::Accepted),
            });
        }
        over @ (InvitationState::Revoked | InvitationState::Expired) => {
            return Ok(InvitationAccepted::Over(over));
        }
    }
    join(tx, &row, workspace, person.id, role, actor, now).await
}

async fn join(
    tx: &mut Conn,
    row: &Row,
    workspace: WorkspaceRef,
    account_id: AccountId,
    role: Role,
    actor: &Actor,
    now: Timestamp,
) -> Result<InvitationAccepted> {
    tx.run(sql!(
        "UPDATE invitations SET accepted_at = $2 WHERE id = $1",
        row.text("id")?,
        now
    ))
    .await?;
    if !membership::add(tx, workspace.id, account_id, role, now).await? {
        let role = membership::role_of(tx, workspace.id, account_id).await?;
        return Ok(InvitationAccepted::Done(as_seen(
            workspace,
            role.unwrap_or(Role::Viewer),
        )));
    }
    let subject = Subject::new("member", account_id, row.text("email")?);
    let line = Audit::in_workspace(workspace.id, actor.clone(), "member.joined", subject)
        .detail("role", role.as_str())
        .detail("invited_by", row.text("inviter_email")?);
    audit::write(tx, &line, now).await?;
    Ok(InvitationAccepted::Done(as_seen(workspace, role)))
}

fn as_seen(workspace: WorkspaceRef, role: Role) -> Workspace {
    Workspace {
        id: workspace.id,
        slug: workspace.slug,
        name: workspace.name,
        role,
        house_rules: None,
    }
}
