//! Invitations to a workspace: made, sent again, taken back, accepted.

mod accept;
mod change;

use protocol::{
    api::{InvitationFacts, InvitationState, InvitationView, PersonRef, Role, WorkspaceRef},
    ids::{AccountId, WorkspaceId},
    time::Timestamp,
};

pub use accept::InvitationAccepted;
pub(crate) use accept::accept;
pub use change::{InvitationCreated, InvitationRenewed};

use crate::{
    Result, Store,
    engine::{Row, sql},
};

/// How long one that has ended is still listed, in milliseconds.
const ENDED_SHOWN_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// Most that are listed.
const LISTED_MAX: u32 = 200;

/// An invitation to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInvitation {
    /// To which workspace.
    pub workspace_id: WorkspaceId,
    /// To whom, in lower case.
    pub email: String,
    /// As what.
    pub role: Role,
    /// SHA-256 of the link's token, in hexadecimal.
    pub token_hash: String,
    /// Who invites.
    pub invited_by: AccountId,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Most that may be open in a workspace at once.
    pub open_max: u32,
}

/// The columns of an invitation with those of who invited.
macro_rules! select_invitation {
    ($rest:literal) => {
        concat!(
            "SELECT i.*, a.id AS inviter_id, a.name AS inviter_name, a.email AS inviter_email,
                    w.id AS workspace_id, w.slug, w.name AS workspace_name,
                    EXISTS (SELECT 1 FROM accounts x WHERE x.email = i.email) AS account_exists
             FROM invitations i
             JOIN accounts a ON a.id = i.invited_by
             JOIN workspaces w ON w.id = i.workspace_id ",
            $rest
        )
    };
}
pub(crate) use select_invitation;

impl Store {
    /// Invitations of a workspace that wait or have lately ended, newest first.
    pub async fn invitations(
        &self,
        workspace_id: WorkspaceId,
        now: Timestamp,
    ) -> Result<Vec<InvitationView>> {
        let mut conn = self.reader().await?;
        conn.all(sql!(
            select_invitation!(
                "WHERE i.workspace_id = $1 AND i.expires_at > $2
                 ORDER BY i.created_at DESC, i.id DESC LIMIT $3"
            ),
            workspace_id,
            now.0.saturating_sub(ENDED_SHOWN_MS),
            LISTED_MAX
        ))
        .await?
        .iter()
        .map(|row| view(row, now))
        .collect()
    }

    /// What anybody who has the link may know.
    pub async fn invitation_facts(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<InvitationFacts>> {
        let mut conn = self.reader().await?;
        conn.one(sql!(
            select_invitation!("WHERE i.token_hash = $1"),
            token_hash
        ))
        .await?
        .map(|row| {
            Ok(InvitationFacts {
                workspace: workspace_of(&row)?,
                email: row.text("email")?,
                role: row.word("role")?,
                invited_by: row.text("inviter_name")?,
                expires_at: row.time("expires_at")?,
                state: state(&row, now)?,
                account_exists: row.flag("account_exists")?,
            })
        })
        .transpose()
    }
}

fn view(row: &Row, now: Timestamp) -> Result<InvitationView> {
    Ok(InvitationView {
        id: row.parsed("id")?,
        email: row.text("email")?,
        role: row.word("role")?,
        invited_by: PersonRef {
            id: row.parsed("inviter_id")?,
            name: row.text("inviter_name")?,
            email: row.text("inviter_email")?,
        },
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        state: state(row, now)?,
    })
}

fn state(row: &Row, now: Timestamp) -> Result<InvitationState> {
    Ok(if row.time_option("accepted_at")?.is_some() {
        InvitationState::Accepted
    } else if row.time_option("revoked_at")?.is_some() {
        InvitationState::Revoked
    } else if row.time("expires_at")? <= now {
        InvitationState::Expired
    } else {
        InvitationState::Pending
    })
}

fn workspace_of(row: &Row) -> Result<WorkspaceRef> {
    Ok(WorkspaceRef {
        id: row.parsed("workspace_id")?,
        slug: row.text("slug")?,
        name: row.text("workspace_name")?,
    })
}
